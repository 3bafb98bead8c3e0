//! Gives up an upload over an intake link; what it had taken of the link's limits is free again.

use crate::{Nothing, bearer::Sending, ending};
use api::{Access, Call, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;
use store::Change;

pub static OPERATION: Operation = Operation::delete(
    "abandon_intake_upload",
    "/intake/uploads/{upload_id}",
    Action::AbandonIntakeUpload,
    Kind::UploadAbandoned,
)
.access(Access::IntakeLink)
.purpose(Purpose::PatientRequest)
.summary("Give up an upload over an intake link (X-9)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let sending = Sending::find(&call).await?;
    let fact = sending.fact();
    let Sending { bearer, upload_key, upload, .. } = sending;
    let upload = upload.abandon()?;
    let link = bearer.link.give_back(upload.id);
    let change =
        Change::new().replace("upload", &upload_key, &upload).replace("intake link", &bearer.link_key, &link);
    let reply = call.commit(&bearer.organization, &bearer.permit, change, fact, Reply::none()).await?;
    ending::clear(&call, &bearer.permit, &upload).await;
    Ok(reply)
}
