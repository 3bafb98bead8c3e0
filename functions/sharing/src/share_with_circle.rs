//! Shares a whole chart with everybody in its client's circle of care who has none of it yet, in one action
//! (R060).
//!
//! The shares stand on the permission on which the circle stands: they end with it at the latest, and its
//! withdrawal takes them back. What somebody has already is left as the owner has set it.

use crate::access_list::{self, GrantView};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, MemberId,
    chart::Chart,
    consent::{Circle, CircleMember, CircleTerms, Consent, ConsentError, ConsentPurpose, earlier},
    limits::TRANSACTION_ITEMS,
    notice::NoticeReason,
    sharing::{Grant, Grantee},
};
use evidence::Kind;
use futures_util::future::try_join_all;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Change, ChartEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "share_with_circle",
    "/charts/{chart_id}/circle-grants",
    Action::ShareWithCircle,
    Kind::SharedWithCircle,
)
.summary("Share your whole chart with the client's circle of care (R060)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The chart's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// The circle's revision as it was read: whoever was named since gets nothing of the chart (P-08).
    #[schemars(range(min = 1))]
    pub expected_circle_revision: u64,
    /// The last day of it where the organization is, if it is to be earlier than the permission's.
    #[serde(default)]
    pub expires_on: Option<Date>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// Whom it is shared with by this; those who had it already are not among them.
    pub grants: Vec<GrantView>,
    /// The chart's revision after it: to be sent back with the next change of its access list.
    pub chart_revision: u64,
}

/// On what sharing with the circle stands.
struct Standing {
    circle: Circle,
    consent: Consent,
    /// The client's other charts, which may be shared on the same permission.
    others: Vec<Chart>,
    /// Those of the circle with whom charts are shared: who was suspended since, and teams that are gone, are
    /// not.
    takers: BTreeSet<Grantee>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    access_list::must_be_free(&chart, input.expected_revision)?;
    let standing = Standing::of(&call, &chart).await?;
    Problem::unless_current(standing.circle.revision, input.expected_circle_revision)?;
    let (chart, new) = share(&call, &loaded, &standing, chart, input.expires_on)?;
    let consent = &standing.consent;
    let fact =
        Fact::new().client(chart.client_id).chart(chart_id).consent(consent.id).detail("shares", new.len());
    let grants = grants(&call, &loaded, &chart, &new).await?;
    if new.is_empty() {
        call.witness(&permit, fact).await?;
        return Ok(Reply::with(Output { grants, chart_revision: chart.revision }));
    }
    let change = change(&call, &chart, &new)
        .await?
        // The permission is written unchanged, so that of its withdrawal and this at the same moment one
        // comes after the other and sees it.
        .replace("consent", &keys::consent(consent.client_id, consent.id), consent);
    let output = Output { grants, chart_revision: chart.revision.saturating_add(1) };
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}

impl Standing {
    async fn of(call: &Call, chart: &Chart) -> Result<Self, Problem> {
        let (store, circle_key) = (&call.system.store, keys::circle(chart.client_id));
        let (items, charts) =
            tokio::try_join!(store.fetch([circle_key.any()]), store.charts(chart.client_id))?;
        let circle: Circle = items.get(&circle_key)?.ok_or(ConsentError::NoCircle)?;
        let consent_key = keys::consent(chart.client_id, circle.consent_id);
        let place = |grantee: &Grantee| match grantee {
            Grantee::Member(id) => keys::member(chart.organization_id, *id).any(),
            Grantee::Team(id) => keys::team(chart.organization_id, *id).any(),
        };
        let named: Vec<Grantee> = circle.members.iter().map(|member| member.grantee).collect();
        let items = store.fetch(named.iter().map(place).chain([consent_key.any()])).await?;
        let mut takers = BTreeSet::new();
        for grantee in named {
            let takes = match grantee {
                Grantee::Member(id) => items
                    .get(&keys::member(chart.organization_id, id))?
                    .is_some_and(|member| member.must_be_colleague().is_ok()),
                Grantee::Team(id) => items.get(&keys::team(chart.organization_id, id))?.is_some(),
            };
            takers.extend(takes.then_some(grantee));
        }
        let consent =
            items.get(&consent_key)?.ok_or_else(|| Problem::internal("a circle without its permission"))?;
        let others = charts.into_iter().filter(|other| other.id != chart.id).collect();
        Ok(Self { circle, consent, others, takers })
    }
}

/// The chart as it is shared, and with whom anew.
fn share(
    call: &Call,
    loaded: &Loaded,
    standing: &Standing,
    chart: Chart,
    expires_on: Option<Date>,
) -> Result<(Chart, Vec<CircleMember>), Problem> {
    let (consent, organization) = (&standing.consent, &loaded.organization);
    consent.must_hold(ConsentPurpose::CircleOfCare, call.today(organization))?;
    let last_day = earlier(consent.terms.expires_on, expires_on);
    let terms = CircleTerms {
        by: loaded.member.id,
        now: call.now,
        expires_at: access_list::expiry(last_day, organization)?,
    };
    let (chart, new) = standing.circle.share(chart, |grantee| standing.takers.contains(&grantee), terms)?;
    consent.must_carry(standing.others.iter().chain([&chart]))?;
    Ok((chart, new))
}

async fn grants(
    call: &Call,
    loaded: &Loaded,
    chart: &Chart,
    new: &[CircleMember],
) -> Result<Vec<GrantView>, Problem> {
    let made: Vec<Grant> = new.iter().filter_map(|member| chart.grants.of(member.grantee).cloned()).collect();
    let called = access_list::called(call, loaded, &made).await?;
    Ok(made.iter().map(|grant| GrantView::new(grant, &called, &loaded.organization)).collect())
}

/// The chart with its new shares, each on the list of whom it is shared with, and a notice to each person
/// once.
async fn change(call: &Call, chart: &Chart, new: &[CircleMember]) -> Result<Change, Problem> {
    let of_each = new.iter().map(|member| access_list::hearers(call, chart, member.grantee));
    let hearers: BTreeSet<MemberId> = try_join_all(of_each).await?.into_iter().flatten().collect();
    let hearers: Vec<MemberId> = hearers.into_iter().collect();
    must_fit(new.len(), hearers.len())?;
    let change = access_list::changed(call, chart, &hearers, NoticeReason::ChartShared);
    Ok(new.iter().fold(change, |change, member| {
        let entry = keys::shared_chart(chart.organization_id, member.grantee, chart.id);
        change.set("share", &entry, &ChartEntry::of(chart))
    }))
}

/// Beside shares and notices: the chart in both its places, the permission, the evidence, the remembered
/// answer.
const OTHER_ITEMS: usize = 5;

/// Everybody is told in the transaction that shares the chart, or it is not shared.
fn must_fit(shares: usize, hearers: usize) -> Result<(), Problem> {
    if shares.saturating_add(hearers).saturating_add(OTHER_ITEMS) <= TRANSACTION_ITEMS {
        return Ok(());
    }
    Err(Problem::conflict(
        "too_many_at_once",
        "more people are to be told of this than are told at once; share with the largest team of the circle by \
         itself first",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::limits::CIRCLE_MEMBERS;

    #[test]
    fn a_circle_of_people_always_fits_and_large_teams_do_not() {
        assert!(must_fit(CIRCLE_MEMBERS, CIRCLE_MEMBERS).is_ok());
        assert!(must_fit(1, 90).is_ok());
        assert_eq!(must_fit(2, 180).unwrap_err().code(), "too_many_at_once");
    }
}
