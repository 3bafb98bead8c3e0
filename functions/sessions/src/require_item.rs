//! Says whether an item of a participant is required, names a document of the facilitator's own, and tells the client
//! that it waits for them.

use crate::{
    center::notice,
    held::{self, Held},
    view::{FacilitationView, title_id},
};
use api::{Call, Loaded, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    ParticipantId,
    facilitation::{ItemCode, Participant},
    limits::{NAME_CHARS, PAGE_ITEMS},
    member::ProxyScope,
    notice::{Notice, NoticeReason},
    text::Line,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::put(
    "require_item",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/items/{item_code}",
    Action::RequireItem,
    Kind::ItemRequired,
)
.summary("Say whether a form is required of a participant, or name a document (R104, R107)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub required: bool,
    /// What a document is called; a document is there once it is named.
    #[serde(default)]
    pub title: Option<Line<NAME_CHARS>>,
    /// Whether the client, and whoever may answer for them, is told that it waits for them; so is the facilitator whom
    /// they are assigned to.
    #[serde(default)]
    pub notify: bool,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let (participant_id, code): (ParticipantId, ItemCode) =
        (call.path("participant_id")?, call.path("item_code")?);
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let participant = held.session.participant(participant_id)?;
    let fact = held::fact_of(&held.session, participant)
        .detail("item", code.name())
        .detail("required", input.required);
    let title = match &input.title {
        None => None,
        Some(title) => {
            let key = held::key_of(&call, &held.session, participant).await?;
            let id = title_id(participant_id, code);
            Some(key.seal(&call.system.vault, "session/title", &id, title)?)
        }
    };
    let session = held.session.clone().require(participant_id, code, input.required, title)?;
    let mut change = held::replaced(&session);
    let mut told = 0_usize;
    if input.notify {
        for notice in notices(&call, &loaded, session.participant(participant_id)?).await? {
            change = change.notify(&notice);
            told = told.saturating_add(1);
        }
    }
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, change, fact.detail("notified", told), reply).await
}

/// A word, and nothing of what it is about, to everybody who may answer for the client, and to the facilitator whom they
/// are assigned to.
async fn notices(call: &Call, loaded: &Loaded, participant: &Participant) -> Result<Vec<Notice>, Problem> {
    let (organization_id, today) = (loaded.organization.id, call.today(&loaded.organization));
    let proxies = call.system.store.proxies(participant.client_id, None, PAGE_ITEMS).await?.items;
    let answer = proxies.iter().filter(|proxy| {
        proxy.is_live(today) && proxy.relationship.scope(proxy.scope) == ProxyScope::ReadAndAnswer
    });
    let mut notices: Vec<Notice> = answer
        .map(|proxy| notice(call, organization_id, proxy.member_id, NoticeReason::FormToAnswer))
        .collect();
    if notices.is_empty() {
        let detail =
            "nobody has an account to answer with; appoint the client, or who answers for them, first";
        return Err(Problem::conflict("nobody_to_notify", detail));
    }
    if participant.facilitator != loaded.member.id {
        let reason = NoticeReason::ParticipantNotified;
        notices.push(notice(call, organization_id, participant.facilitator, reason));
    }
    Ok(notices)
}
