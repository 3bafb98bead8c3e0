//! Records that a preparation session was held, that who did not hold it has reviewed the forms, or what went before
//! where no session here shows it (O-08, O-09, O-12).

use crate::{
    held::{self, Held},
    view::FacilitationView,
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{
    ParticipantId,
    facilitation::{History, Preparation},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "record_preparation",
    "/facilitated-sessions/{facilitation_id}/participants/{participant_id}/preparations",
    Action::RecordPreparation,
    Kind::PreparationRecorded,
)
.summary("Record a preparation session, or a review of the forms (R104, R110)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The session's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub preparation: Done,
}

/// What the caller did.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "done", rename_all = "snake_case", deny_unknown_fields)]
#[schemars(rename = "PreparationDone")]
pub enum Done {
    /// They held a preparation session, which ended then.
    Held {
        held_at: Timestamp,
        /// That they certify that the client completed it.
        #[serde(default)]
        certified: bool,
    },
    /// They have read the forms of a client whom somebody else has prepared.
    FormsReviewed,
    /// They attest what went before, in place of what was attested until now.
    HistoryAttested { history: History },
}

pub async fn handle(call: Call, input: Input) -> Outcome<FacilitationView> {
    let participant_id: ParticipantId = call.path("participant_id")?;
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let (session, by) = (held.session.clone(), loaded.member.id);
    let (session, done) = match input.preparation {
        Done::Held { held_at, certified } => {
            let held = Preparation { by, held_at, certified };
            (session.prepare(participant_id, held, call.now)?, "held")
        }
        Done::FormsReviewed => (session.review_forms(participant_id, by, call.now)?, "forms_reviewed"),
        Done::HistoryAttested { history } => (session.attest(participant_id, history)?, "history_attested"),
    };
    let participant = session.participant(participant_id)?;
    let fact = held::fact_of(&session, participant).detail("done", done);
    let fact = fact.detail("attested", participant.is_attested());
    let reply = Reply::with(FacilitationView::after(&session));
    call.commit(&loaded.organization, &held.permit, held::replaced(&session), fact, reply).await
}
