//! Reads a session whole: who takes part, what holds of what was recorded, and what the rules find. The facilitators and
//! the administrators of its center read the same (R104, R105, R107, R110).

use crate::{
    Nothing, checking,
    held::{self, Held},
    people,
    recorded::{self, EntryView},
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    MemberId, ParticipantId,
    facilitation::{FacilitatedSession, Finding, Person},
    member::Member,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Key, keys};

pub static OPERATION: Operation = Operation::get(
    "read_facilitation",
    "/facilitated-sessions/{facilitation_id}",
    Action::ReadFacilitation,
    Kind::FacilitationRead,
)
.summary("Read a session whole, as its facilitator or as its center (R104, R105)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub session: FacilitationView,
    /// Who takes part.
    pub persons: BTreeMap<ParticipantId, Person>,
    /// What the facilitators are called.
    pub names: BTreeMap<MemberId, String>,
    /// What holds now: the newest entry of each part.
    pub entries: Vec<EntryView>,
    /// What the rules of Oregon find, at a licensed Oregon service center.
    pub findings: Vec<Finding>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let (loaded, held) = Held::load(&call, []).await?;
    let (session, permit) = (&held.session, &held.permit);
    let (keys, names) = tokio::try_join!(held::keys_of(&call, session), names(&call, session))?;
    let persons = people::persons(session, &keys, permit)?;
    let entries = recorded::newest(&call, session, permit, &keys, |_| true).await?;
    let findings = checking::findings(&call, session, &persons, &entries, None).await?;
    held::witness(&call, &held, session.present()).await?;
    let view = FacilitationView::of(&held, &loaded).titled(session, &keys, permit)?;
    Ok(Reply::with(Output { session: view, persons, names, entries, findings }))
}

/// The facilitators' names are part of the session, to whoever reads it.
async fn names(call: &Call, session: &FacilitatedSession) -> Result<BTreeMap<MemberId, String>, Problem> {
    let members: Vec<Key<Member>> =
        session.facilitators.iter().map(|id| keys::member(session.organization_id, *id)).collect();
    let found = call.system.store.fetch(members.iter().map(Key::any)).await?;
    let mut names = BTreeMap::new();
    for key in &members {
        names.extend(found.get(key)?.map(|member| (member.id, member.name.to_string())));
    }
    Ok(names)
}
