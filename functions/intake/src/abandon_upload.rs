//! Gives up an upload; what has come of it is removed (R005).

use crate::{Nothing, ending, sender::Sending};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use evidence::Kind;
use store::Change;

pub static OPERATION: Operation = Operation::delete(
    "abandon_upload",
    "/charts/{chart_id}/uploads/{upload_id}",
    Action::AbandonUpload,
    Kind::UploadAbandoned,
)
.summary("Give up an upload (R005)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let sending = Sending::find(&call).await?;
    let fact = sending.fact();
    let upload = sending.upload.abandon()?;
    let change = Change::new().replace("upload", &sending.upload_key, &upload);
    let reply =
        call.commit(&sending.loaded.organization, &sending.permit, change, fact, Reply::none()).await?;
    ending::clear(&call, &sending.permit, &upload).await;
    Ok(reply)
}
