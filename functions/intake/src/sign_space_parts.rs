//! Signs the PUTs of parts of a multipart upload into a space (R072, R005).

use crate::{
    companion::Sending,
    signing::{Parts, SignedParts},
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;

pub static OPERATION: Operation = Operation::post(
    "sign_space_parts",
    "/spaces/{space_id}/uploads/{upload_id}/parts",
    Action::SignSpaceParts,
    Kind::SpacePartsSigned,
)
.success(200)
.purpose(Purpose::Coordination)
.summary("Sign up to 100 parts of an upload into a space, each for its size and SHA-256 (R072)");

pub async fn handle(call: Call, input: Parts) -> Outcome<SignedParts> {
    input.check()?;
    let sending = Sending::find(&call).await?;
    let permit = &sending.companion.permit;
    let signed = input.sign(&call, permit, &sending.upload).await?;
    call.witness(permit, input.fact(sending.fact())).await?;
    Ok(Reply::with(signed))
}
