//! Gives up an upload into a space; what has come of it is removed (R072, R005).

use crate::{Nothing, companion::Sending, ending};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;
use store::Change;

pub static OPERATION: Operation = Operation::delete(
    "abandon_space_upload",
    "/spaces/{space_id}/uploads/{upload_id}",
    Action::AbandonSpaceUpload,
    Kind::SpaceUploadAbandoned,
)
.purpose(Purpose::Coordination)
.summary("Give up an upload into a space (R072)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let sending = Sending::find(&call).await?;
    let (fact, companion) = (sending.fact(), sending.companion);
    let upload = sending.upload.abandon()?;
    let change = Change::new().replace("upload", &sending.upload_key, &upload);
    let (organization, permit) = (&companion.loaded.organization, &companion.permit);
    let reply = call.commit(organization, permit, change, fact, Reply::none()).await?;
    ending::clear(&call, permit, &upload).await;
    Ok(reply)
}
