//! Lets a session go: its center's administrators lose it with their next request, and the facilitators may share it
//! with another center (R105, A-04).

use crate::{
    center::notice,
    held::{self, Held, beside, elsewhere},
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply, Revision};
use authz::Action;
use domain::{notice::NoticeReason, purpose::Purpose};
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation = Operation::delete(
    "release_facilitation",
    "/facilitated-sessions/{facilitation_id}/center",
    Action::ReleaseFacilitation,
    Kind::FacilitationReleased,
)
.ends_own_right()
.purpose(Purpose::Operations)
.summary("Release a session from your center; you lose sight of it (R105)");

pub async fn handle(call: Call, input: Revision) -> Outcome<()> {
    let (loaded, held) = Held::load_current(&call, input.expected_revision, []).await?;
    let center_id = held.session.center_id().ok_or_else(Problem::not_found)?;
    let session = held.session.clone().release()?;
    let row = keys::center_facilitation(center_id, session.id);
    let mut change = held::replaced(&session).unset("board", &row);
    for facilitator in &session.facilitators {
        let told = notice(&call, session.organization_id, *facilitator, NoticeReason::SessionReleased);
        change = change.notify(&told);
    }
    let fact = if held.permit.guest_of().is_some() {
        change = beside(change, &elsewhere(&call, &held, held::fact(&session)));
        Fact::new().facilitation(session.id)
    } else {
        held::fact(&session)
    };
    call.commit(&loaded.organization, &held.permit, change, fact, Reply::none()).await
}
