//! Sets when a session is held, whether it is a group, and who facilitates it.

use crate::{
    center,
    checking::{self, Asked},
    held::{self, Held},
    people,
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    MemberId,
    facilitation::{Act, FacilitatedSession, FacilitatorCode},
    limits::FACILITATORS,
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::{Change, FacilitationEntry, keys};

pub static OPERATION: Operation = Operation::put(
    "plan_facilitation",
    "/facilitated-sessions/{facilitation_id}/plan",
    Action::PlanFacilitation,
    Kind::FacilitationPlanned,
)
.summary("Set a session's date, its facilitators, and whether it is a group (R109)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// When it is held; without it, the session has no date.
    #[serde(default)]
    pub scheduled_at: Option<Timestamp>,
    /// Back to individual only with one participant at most.
    pub group: bool,
    /// Everybody who facilitates it.
    pub facilitators: BTreeSet<MemberId>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    if input.facilitators.len() > FACILITATORS {
        return Err(domain::facilitation::FacilitationError::Facilitators.into());
    }
    let organization_id = call.organization_id()?;
    let members: Vec<_> =
        input.facilitators.iter().map(|id| keys::member(organization_id, *id).any()).collect();
    let (loaded, held) = Held::load_current(&call, input.expected_revision, members).await?;
    people::must_be_practitioners(&loaded, &input.facilitators)?;
    let before = held.session.facilitators.clone();
    let keys = held::keys_of(&call, &held.session).await?;
    let approved = approved(&call, &held.session, &input.facilitators).await?;
    let moved = held.session.scheduled_at != input.scheduled_at;
    let session = held.session.clone().convert(input.group)?.staff(input.facilitators, &approved)?;
    let session = if moved { session.schedule(input.scheduled_at)? } else { session };
    let session = people::refreshed(&call, &held.permit, session, &keys).await?;
    if moved && session.scheduled_at.is_some() {
        let asked = Asked { act: Act::Schedule, participant_id: None, given: None };
        checking::must_be_allowed(&call, &held.permit, &session, &keys, asked).await?;
    }
    let fact = held::fact(&session)
        .detail("scheduled", session.scheduled_at.is_some())
        .detail("group", session.group)
        .detail("facilitators", session.facilitators.len());
    let change = rows(held::replaced(&session), &session, &before);
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, change, fact, reply).await
}

/// Which of the facilitators the session's center has approved.
async fn approved(
    call: &Call,
    session: &FacilitatedSession,
    facilitators: &BTreeSet<MemberId>,
) -> Result<BTreeSet<FacilitatorCode>, Problem> {
    let Some(center_id) = session.center_id() else { return Ok(BTreeSet::new()) };
    let center = center::find(call, center_id, session.organization_id, facilitators.iter().copied()).await?;
    Ok(center.map(|center| center.approved).unwrap_or_default())
}

/// Rows for who has come, none for who has gone.
fn rows(change: Change, session: &FacilitatedSession, before: &BTreeSet<MemberId>) -> Change {
    let key = |member: &MemberId| keys::facilitated(session.organization_id, *member, session.id);
    let entry = FacilitationEntry { facilitation_id: session.id };
    let change = session
        .facilitators
        .difference(before)
        .fold(change, |change, member| change.set("row", &key(member), &entry));
    before.difference(&session.facilitators).fold(change, |change, member| change.unset("row", &key(member)))
}
