//! Lists a client's sessions, newest first: to a practitioner those they facilitate, to the client their own part in
//! each, with the forms that wait for them (R100, R102, A-13).

use crate::{
    held, rows,
    view::{self, ItemView},
};
use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{
    ClientId, FacilitationId, MemberId, ParticipantId,
    facilitation::{FacilitatedSession, Participant, ParticipantStatus, SessionStatus},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "list_client_facilitations",
    "/clients/{client_id}/facilitated-sessions",
    Action::ListClientFacilitations,
    Kind::ClientFacilitationsListed,
)
.summary("List the sessions of a client that you facilitate, or your own (R100)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
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
    let mut sessions = Vec::new();
    for session in rows::sessions(&call, &page.items).await? {
        for participant in session.present().filter(|one| one.client_id == client_id) {
            sessions.extend(row(&call, &loaded, &permit, &session, participant).await?);
        }
    }
    call.witness(&permit, Fact::new().client(client_id).detail("results", sessions.len())).await?;
    Ok(Reply::with(Output { sessions, next: page.next.as_deref().map(Cursor::new) }))
}

/// The client's part in a session, to who facilitates it and to who answers for the client.
async fn row(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    session: &FacilitatedSession,
    participant: &Participant,
) -> Result<Option<Row>, Problem> {
    let facilitates = call.may(loaded, Action::ReadFacilitation, Resource::Facilitation(session))?;
    let own = Resource::Participation(session, participant);
    if !facilitates && !call.may(loaded, Action::CompleteItem, own)? {
        return Ok(None);
    }
    let key = held::key_of(call, session, participant).await?;
    let mut items = view::items(participant, session.center.as_ref());
    for item in &mut items {
        item.title = view::title(participant, item.code, &key, permit)?;
    }
    Ok(Some(Row {
        facilitation_id: session.id,
        participant_id: participant.id,
        scheduled_at: session.scheduled_at,
        facilitator: participant.facilitator,
        status: participant.status(session.center.as_ref()),
        session_status: facilitates.then(|| session.status()),
        voided: session.voided.is_some(),
        items,
        revision: session.revision,
    }))
}
