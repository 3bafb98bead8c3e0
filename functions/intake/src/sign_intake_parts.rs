//! Signs the PUTs of parts of an upload over an intake link (X-9, R005).

use crate::{
    bearer::Sending,
    signing::{Parts, SignedParts},
};
use api::{Access, Call, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;

pub static OPERATION: Operation = Operation::post(
    "sign_intake_parts",
    "/intake/uploads/{upload_id}/parts",
    Action::SignIntakeParts,
    Kind::PartsSigned,
)
.access(Access::IntakeLink)
.purpose(Purpose::PatientRequest)
.success(200)
.summary("Sign up to 100 parts of an upload over an intake link (X-9)");

pub async fn handle(call: Call, input: Parts) -> Outcome<SignedParts> {
    input.check()?;
    let sending = Sending::find(&call).await?;
    let permit = &sending.bearer.permit;
    let signed = input.sign(&call, permit, &sending.upload).await?;
    call.witness(permit, input.fact(sending.fact())).await?;
    Ok(Reply::with(signed))
}
