//! Shares a whole chart with a colleague or a team (P-02, P-05, P-09, R061-R064).

use crate::access_list::{self, GrantView};
use api::{Call, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, OrganizationId,
    notice::NoticeReason,
    sharing::{AccessType, Grant, Grantee},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{AnyKey, ChartEntry, keys};

pub static OPERATION: Operation =
    Operation::post("share_chart", "/charts/{chart_id}/grants", Action::ShareChart, Kind::ChartShared)
        .summary("Share your whole chart with a colleague or a team (R061-R064)");

/// With whom and how. Nothing here says what of the chart: all of it, always.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The chart's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// A member or a team of this organization.
    pub grantee: Grantee,
    pub access: AccessType,
    /// The last day of it where the organization is; without it the share has no end.
    #[serde(default)]
    pub expires_on: Option<Date>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub grant: GrantView,
    /// The chart's revision after it: to be sent back with the next change of its access list.
    pub chart_revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let chart_id: ChartId = call.path("chart_id")?;
    let (key, grantee, organization_id) = (keys::chart(chart_id), input.grantee, call.organization_id()?);
    let loaded = call.load([key.any(), stored(organization_id, grantee)]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    access_list::must_be_free(&chart, input.expected_revision)?;
    must_be_here(&loaded, grantee)?;
    let grant = Grant {
        grantee,
        access: input.access,
        granted_by: loaded.member.id,
        granted_at: call.now,
        expires_at: access_list::expiry(input.expires_on, &loaded.organization)?,
        consent_id: None,
    };
    let chart = chart.share(grant.clone(), call.now)?;
    let (called, hearers) = tokio::try_join!(
        access_list::called(&call, &loaded, std::slice::from_ref(&grant)),
        access_list::hearers(&call, &chart, grantee)
    )?;
    let change = access_list::changed(&call, &chart, &hearers, NoticeReason::ChartShared).set(
        "share",
        &keys::shared_chart(organization_id, grantee, chart_id),
        &ChartEntry::of(&chart),
    );
    let output = Output {
        grant: GrantView::new(&grant, &called, &loaded.organization),
        chart_revision: chart.revision.saturating_add(1),
    };
    let fact = access_list::fact(&chart, &grant, &loaded.organization);
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}

/// Where whoever it is to be shared with stands: always in this organization.
fn stored(organization_id: OrganizationId, grantee: Grantee) -> AnyKey {
    match grantee {
        Grantee::Member(id) => keys::member(organization_id, id).any(),
        Grantee::Team(id) => keys::team(organization_id, id).any(),
    }
}

/// Sharing stays inside the organization; whoever is elsewhere is nobody here (P-09).
fn must_be_here(loaded: &Loaded, grantee: Grantee) -> Result<(), Problem> {
    let organization_id = loaded.organization.id;
    match grantee {
        Grantee::Member(id) => {
            let member = loaded.get(&keys::member(organization_id, id))?.ok_or_else(nobody)?;
            Ok(member.must_be_colleague()?)
        }
        Grantee::Team(id) => loaded.get(&keys::team(organization_id, id))?.map(drop).ok_or_else(nobody),
    }
}

fn nobody() -> Problem {
    Problem::unprocessable("no_such_grantee", "there is no such member or team in this organization")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn sound() -> Value {
        json!({
            "expected_revision": 1,
            "grantee": { "type": "member", "id": "0199a000-0000-7000-8000-000000000002" },
            "access": "read_only",
            "expires_on": "2026-03-31",
        })
    }

    #[test]
    fn a_share_says_with_whom_how_and_until_when() {
        assert!(serde_json::from_value::<Input>(sound()).is_ok());
        for access in ["read_and_write", "approval"] {
            let mut input = sound();
            input["access"] = json!(access);
            assert!(serde_json::from_value::<Input>(input).is_ok(), "{access}");
        }
    }

    /// Whatever could narrow a share is refused, not overlooked.
    #[test]
    fn nothing_narrows_a_share() {
        for (name, value) in [
            ("records", json!([])),
            ("exclude", json!(["0199a000-0000-7000-8000-000000000005"])),
            ("sections", json!(["progress_notes"])),
            ("types", json!(["data"])),
            ("since", json!("2026-01-01")),
            ("filter", json!({})),
        ] {
            let mut beside = sound();
            beside[name] = value.clone();
            let mut within = sound();
            within["grantee"][name] = value;
            for input in [beside, within] {
                assert!(serde_json::from_value::<Input>(input).is_err(), "{name}");
            }
        }
    }
}
