//! Begins a session, alone or as a group, with or without a date, clients and a center (R100, R106, R109).

use crate::{
    center,
    checking::{self, Asked},
    held::{self, Held},
    people::{self, NewParticipant},
    view::FacilitationView,
};
use api::{Call, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    FacilitationId, MemberId, OrganizationId,
    facilitation::{Act, FacilitatedSession},
    limits::{FACILITATION_PARTICIPANTS, FACILITATORS},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::{Change, FacilitationEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "create_facilitation",
    "/facilitated-sessions",
    Action::CreateFacilitation,
    Kind::FacilitationCreated,
)
.summary("Begin a facilitated session with clients of your own (R100, R109)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Whether several clients may take part.
    #[serde(default)]
    pub group: bool,
    #[serde(default)]
    pub scheduled_at: Option<Timestamp>,
    /// Who facilitates it beside the caller.
    #[serde(default)]
    pub facilitators: BTreeSet<MemberId>,
    /// The service center it is shared with from the beginning.
    #[serde(default)]
    pub center_id: Option<OrganizationId>,
    #[serde(default)]
    pub participants: Vec<NewParticipant>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    if input.participants.len() > FACILITATION_PARTICIPANTS || input.facilitators.len() > FACILITATORS {
        let detail =
            format!("at most {FACILITATION_PARTICIPANTS} participants and {FACILITATORS} facilitators");
        return Err(Problem::unprocessable("too_many", detail));
    }
    let organization_id = call.organization_id()?;
    let mut wanted = Vec::new();
    wanted.extend(input.participants.iter().map(|new| keys::chart(new.chart_id).any()));
    wanted.extend(input.facilitators.iter().map(|id| keys::member(organization_id, *id).any()));
    let loaded = call.load(wanted).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let held = Held { session: begun(&call, &loaded, &input)?, permit };
    let joined = people::join(&call, &loaded, &held.permit, input.participants).await?;
    let session = joined.into_iter().try_fold(held.session.clone(), FacilitatedSession::admit)?;
    let session = people::remembered(&call, session).await?;
    let session = match input.center_id {
        Some(center_id) => center::associated(&call, session, center_id).await?,
        None => session,
    };
    let held = held.with(session);
    if held.session.scheduled_at.is_some() {
        let (session, keys) = (&held.session, held::keys_of(&call, &held.session).await?);
        let asked = Asked { act: Act::Schedule, participant_id: None, given: None };
        checking::must_be_allowed(&call, &held.permit, session, &keys, asked).await?;
    }
    let session = &held.session;
    let change = rows(Change::new().insert("session", &held::key(session), session), session);
    let change = center::arrival(&call, change, &held).await?;
    let fact = held::fact(session)
        .detail("participants", session.participants.len())
        .detail("center", session.center_id().is_some())
        .detail("attested", session.present().filter(|one| one.is_attested()).count());
    let reply = Reply::with(FacilitationView::begun(session));
    call.commit(&loaded.organization, &held.permit, change, fact, reply).await
}

fn begun(call: &Call, loaded: &Loaded, input: &Input) -> Result<FacilitatedSession, Problem> {
    let others = input.facilitators.iter().copied().filter(|id| *id != loaded.member.id);
    let others: BTreeSet<MemberId> = others.collect();
    people::must_be_practitioners(loaded, &others)?;
    let (id, organization_id) = (call.new_id::<FacilitationId>(), loaded.organization.id);
    let session =
        FacilitatedSession::begin(id, organization_id, loaded.member.id, others, input.group, call.now)?;
    Ok(session.schedule(input.scheduled_at)?)
}

/// Its rows in the lists of its facilitators and of its clients.
fn rows(change: Change, session: &FacilitatedSession) -> Change {
    let entry = FacilitationEntry { facilitation_id: session.id };
    let change = session.facilitators.iter().fold(change, |change, member| {
        change.insert("row", &keys::facilitated(session.organization_id, *member, session.id), &entry)
    });
    session.participants.iter().fold(change, |change, one| {
        change.insert("row", &keys::client_facilitation(one.client_id, session.id), &entry)
    })
}
