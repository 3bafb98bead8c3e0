//! Names a client's circle of care, on the strength of a permission (R060).
//!
//! Naming somebody shares nothing: each chart is shared by its owner (P-08), with the whole circle in one
//! action.

use crate::{
    known,
    view::{CircleNames, CircleView},
};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    ClientId, ConsentId,
    consent::{Circle, CircleMember, ConsentPurpose},
    limits::CIRCLE_MEMBERS,
    sharing::Grantee,
};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::put("set_circle", "/clients/{client_id}/circle", Action::SetCircle, Kind::CircleSet)
        .summary("Name the circle of care of a client (R060)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The circle's revision as it was read; 0 as long as none is named.
    pub expected_revision: u64,
    /// The permission on which it stands: live, and for a circle of care.
    pub consent_id: ConsentId,
    /// Members and teams of the organization, each once. Replaces who was named before.
    #[schemars(length(max = CIRCLE_MEMBERS))]
    pub members: Vec<CircleMember>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<CircleView> {
    Circle::check(&input.members)?;
    let (client_id, organization_id): (ClientId, _) = (call.path("client_id")?, call.organization_id()?);
    let (key, circle_key) = (keys::client(client_id), keys::circle(client_id));
    let consent_key = keys::consent(client_id, input.consent_id);
    let mut wanted = vec![key.any(), circle_key.any(), consent_key.any()];
    wanted.extend(input.members.iter().map(|member| match member.grantee {
        Grantee::Member(id) => keys::member(organization_id, id).any(),
        Grantee::Team(id) => keys::team(organization_id, id).any(),
    }));
    let charts = call.system.store.charts(client_id).err_into::<Problem>();
    let (loaded, charts) = tokio::try_join!(call.load(wanted), charts)?;
    let client = loaded.require(&key)?;
    let permit = known::permit(&call, &loaded, &client, &charts)?;
    let current = loaded.get(&circle_key)?.map_or(0, |circle| circle.revision);
    Problem::unless_current(current, input.expected_revision)?;
    known::must_not_be_merged(&client)?;
    let (consent, today) = (loaded.require(&consent_key)?, call.today(&loaded.organization));
    consent.must_hold(ConsentPurpose::CircleOfCare, today)?;
    must_take_shares(&loaded, &input.members)?;
    let circle = Circle {
        organization_id,
        client_id,
        members: input.members,
        consent_id: consent.id,
        set_by: loaded.member.id,
        set_at: call.now,
        // A first one is written as it is, a later one with the next revision.
        revision: current.max(1),
    };
    let change = match current {
        0 => Change::new().insert("circle", &circle_key, &circle),
        _ => Change::new().replace("circle", &circle_key, &circle),
    };
    // The permission is written unchanged, so that of its withdrawal and this at the same moment one comes
    // after the other and sees it.
    let change = change.replace("consent", &consent_key, &consent);
    let team = |id| loaded.get(&keys::team(organization_id, id));
    let names = CircleNames::of_circle(&call, &loaded, &circle, team).await?;
    let view = CircleView {
        revision: current.saturating_add(1),
        ..CircleView::new(&circle, &consent, &names, today)
    };
    let fact = Fact::new().client(client_id).consent(consent.id).detail("members", circle.members.len());
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}

/// Those named are here, and are who charts are shared with (P-09).
fn must_take_shares(loaded: &Loaded, members: &[CircleMember]) -> Result<(), Problem> {
    let organization_id = loaded.organization.id;
    for CircleMember { grantee, .. } in members {
        let unknown = || {
            let detail = "there is no such member or team in this organization";
            Problem::unprocessable("no_such_grantee", detail).with("grantee", json!(grantee))
        };
        match grantee {
            Grantee::Team(id) => drop(loaded.get(&keys::team(organization_id, *id))?.ok_or_else(unknown)?),
            Grantee::Member(id) => {
                let member = loaded.get(&keys::member(organization_id, *id))?.ok_or_else(unknown)?;
                member.must_be_colleague()?;
            }
        }
    }
    Ok(())
}
