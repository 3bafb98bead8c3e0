//! Lists a client's sessions, newest first: to a practitioner those they facilitate, to the client their own part in
//! each, with the forms that wait for them (R100, R102, A-13). At its head stands how far the client is on the whole
//!
//!
//! That follows from all sessions which these pages show to the caller, and from nothing else: who sees the same
//! sessions sees the same status, and nobody learns from it of a session that they may not see. So the boards of
//! sessions do not have it: there a center would learn how far its participants are elsewhere.

use crate::{
    held, rows,
    view::{self, ItemView},
};
use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{
    ClientId, FacilitationId, MemberId, ParticipantId,
    facilitation::{FacilitatedSession, Participant, ParticipantStatus, SessionStatus},
    limits::{FACILITATIONS_LOOKED_AT, PAGE_ITEMS},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{FacilitationEntry, Page, keys};

pub static OPERATION: Operation = Operation::get(
    "list_client_facilitations",
    "/clients/{client_id}/facilitated-sessions",
    Action::ListClientFacilitations,
    Kind::ClientFacilitationsListed,
)
.summary("List the sessions of a client that you facilitate, or your own (R100)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// How far the client is on the whole, on the first page: as far as in the session where they are least far, of
    /// all on these pages, void ones left out. Absent while there is none, and where there are too many to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ParticipantStatus>,
    pub sessions: Vec<Row>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ClientsSessionRow")]
pub struct Row {
    pub facilitation_id: FacilitationId,
    pub participant_id: ParticipantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    pub facilitator: MemberId,
    /// How far the client is.
    pub status: ParticipantStatus,
    /// How far the session is, to who facilitates it: others take part in it, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_status: Option<SessionStatus>,
    pub voided: bool,
    pub items: Vec<ItemView>,
    /// The session's, to be sent back with answers.
    pub revision: u64,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let loaded = call.load([key.any()]).await?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let page = call.system.store.facilitations_of_client(client_id, after.as_deref(), limit).await?;
    let found = rows::sessions(&call, &page.items).await?;
    let parts = visible(&call, &loaded, client_id, &found)?;
    let status =
        if after.is_none() { overall(&call, &loaded, client_id, &page, &parts).await? } else { None };
    let mut sessions = Vec::new();
    for part in &parts {
        sessions.push(row(&call, &permit, part).await?);
    }
    call.witness(&permit, Fact::new().client(client_id).detail("results", sessions.len())).await?;
    Ok(Reply::with(Output { status, sessions, next: page.next.as_deref().map(Cursor::new) }))
}

/// The client's part in a session, to who facilitates it or stands for the client.
struct Part<'a> {
    session: &'a FacilitatedSession,
    participant: &'a Participant,
    facilitates: bool,
}

/// What the caller may see of the client's sessions.
fn visible<'a>(
    call: &Call,
    loaded: &Loaded,
    client_id: ClientId,
    sessions: &'a [FacilitatedSession],
) -> Result<Vec<Part<'a>>, Problem> {
    let mut parts = Vec::new();
    let stands_for = loaded.member.stands_for(call.now).any(|client| client == client_id);
    for session in sessions {
        let Some(participant) = session.participant_of(client_id) else { continue };
        let facilitates = call.may(loaded, Action::ReadFacilitation, Resource::Facilitation(session))?;
        if facilitates || stands_for {
            parts.push(Part { session, participant, facilitates });
        }
    }
    Ok(parts)
}

/// How far the client is in each session that counts for them.
fn statuses(parts: &[Part<'_>]) -> Vec<ParticipantStatus> {
    parts.iter().filter_map(|part| part.session.status_of(part.participant.client_id)).collect()
}

/// How far the client is on the whole, as the caller may see it. The first page is at hand and has everything as a
/// rule; what is behind it is read only as long as it could change the status, and up to a limit.
async fn overall(
    call: &Call,
    loaded: &Loaded,
    client_id: ClientId,
    first: &Page<FacilitationEntry>,
    parts: &[Part<'_>],
) -> Result<Option<ParticipantStatus>, Problem> {
    let mut status = ParticipantStatus::on_the_whole(statuses(parts));
    let (mut next, mut looked_at) = (first.next.clone(), first.items.len());
    while let Some(after) = next.take_if(|_| status != Some(ParticipantStatus::LEAST)) {
        if looked_at >= FACILITATIONS_LOOKED_AT {
            return Ok(None);
        }
        let store = &call.system.store;
        let page = store.facilitations_of_client(client_id, Some(&after), PAGE_ITEMS).await?;
        let found = rows::sessions(call, &page.items).await?;
        let more = statuses(&visible(call, loaded, client_id, &found)?);
        status = ParticipantStatus::on_the_whole(status.into_iter().chain(more));
        looked_at = looked_at.saturating_add(page.items.len());
        next = page.next;
    }
    Ok(status)
}

async fn row(call: &Call, permit: &Permit, part: &Part<'_>) -> Result<Row, Problem> {
    let &Part { session, participant, facilitates } = part;
    let key = held::key_of(call, session, participant).await?;
    let mut items = view::items(participant, session.center.as_ref());
    for item in &mut items {
        item.title = view::title(participant, item.code, &key, permit)?;
    }
    Ok(Row {
        facilitation_id: session.id,
        participant_id: participant.id,
        scheduled_at: session.scheduled_at,
        facilitator: participant.facilitator,
        status: participant.status(session.center.as_ref()),
        session_status: facilitates.then(|| session.status()),
        voided: session.voided.is_some(),
        items,
        revision: session.revision,
    })
}
