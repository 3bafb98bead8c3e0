//! Reads an upload over an intake link, so that it is resumed where it stopped (X-9, R005).

use crate::{
    Nothing,
    bearer::Sending,
    progress::{self, Progress},
};
use api::{Access, Call, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;

pub static OPERATION: Operation = Operation::get(
    "read_intake_upload",
    "/intake/uploads/{upload_id}",
    Action::ReadIntakeUpload,
    Kind::UploadRead,
)
.access(Access::IntakeLink)
.purpose(Purpose::PatientRequest)
.summary("See what of an upload over an intake link is there, to resume it (X-9)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<Progress> {
    let sending = Sending::find(&call).await?;
    let (permit, upload) = (&sending.bearer.permit, &sending.upload);
    let file_name = sending.key.open(permit, "file/name", &upload.id, &upload.file_name)?;
    let (_, progress) = tokio::try_join!(
        call.witness(permit, sending.fact()),
        progress::of(&call, permit, file_name, upload)
    )?;
    Ok(Reply::with(progress))
}
