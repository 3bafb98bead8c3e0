//! Signs the PUTs of parts of a multipart upload (R005).

use crate::{
    sender::Sending,
    signing::{Parts, SignedParts},
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use evidence::Kind;

pub static OPERATION: Operation = Operation::post(
    "sign_parts",
    "/charts/{chart_id}/uploads/{upload_id}/parts",
    Action::SignParts,
    Kind::PartsSigned,
)
.success(200)
.summary("Sign up to 100 parts of an upload, each for its size and SHA-256 (R005)");

pub async fn handle(call: Call, input: Parts) -> Outcome<SignedParts> {
    input.check()?;
    let sending = Sending::find(&call).await?;
    let signed = input.sign(&call, &sending.permit, &sending.upload).await?;
    call.witness(&sending.permit, input.fact(sending.fact())).await?;
    Ok(Reply::with(signed))
}
