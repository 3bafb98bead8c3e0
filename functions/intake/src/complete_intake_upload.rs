//! Completes an upload over an intake link: the file waits in the inbox of the chart's owner (X-9, R121).
//!
//! It is no record of the chart until somebody accepts it. Completing twice gives the same receipt.

use crate::{Nothing, arrival, bearer::Sending};
use api::{Access, Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    ContributionId,
    contribution::Contribution,
    purpose::Purpose,
    record::ReceivedFile,
    upload::{Destination, UploadState},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Change, InboxEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "complete_intake_upload",
    "/intake/uploads/{upload_id}/completion",
    Action::CompleteIntakeUpload,
    Kind::UploadCompleted,
)
.access(Access::IntakeLink)
.purpose(Purpose::PatientRequest)
.summary("Complete an upload over an intake link, for a receipt (X-9, R121)");

/// What the patient keeps as proof.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Receipt {
    /// To name when asking about it.
    reference: ContributionId,
    file_name: String,
    size_bytes: u64,
    received_at: Timestamp,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Receipt> {
    let sending = Sending::find(&call).await?;
    if let UploadState::Completed { at, .. } = sending.upload.state {
        let fact = sending.fact().detail("repeated", true);
        call.witness(&sending.bearer.permit, fact).await?;
        return Ok(Reply::with(receipt(&sending, at)?));
    }
    let object = arrival::settle(&call, &sending.bearer.permit, &sending.upload).await?;
    let reply = Reply::with(receipt(&sending, call.now)?);
    let file = sending.upload.received(object.clone());
    let fact = sending.fact().detail("state", file.state.name());
    let contribution = contribution(&call, &sending, file)?;
    let Sending { bearer, upload_key, upload, .. } = sending;
    let entry = InboxEntry { chart_id: bearer.chart.id, contribution_id: contribution.id };
    let inbox_key = keys::inbox_entry(bearer.organization.id, contribution.recipient, contribution.id);
    let link = bearer.link.receive(upload.id);
    let upload = upload.complete(object, None, call.now)?;
    let change = Change::new()
        .insert("contribution", &keys::contribution(bearer.chart.id, contribution.id), &contribution)
        .insert("inbox entry", &inbox_key, &entry)
        .replace("upload", &upload_key, &upload)
        .replace("intake link", &bearer.link_key, &link);
    call.commit(&bearer.organization, &bearer.permit, change, fact, reply).await
}

fn reference(sending: &Sending) -> Result<ContributionId, Problem> {
    match sending.upload.destination {
        Destination::Contribution { contribution_id, .. } => Ok(contribution_id),
        _ => Err(Problem::not_found()),
    }
}

fn receipt(sending: &Sending, received_at: Timestamp) -> Result<Receipt, Problem> {
    let upload = &sending.upload;
    let file_name = sending.key.open(&sending.bearer.permit, "file/name", &upload.id, &upload.file_name)?;
    Ok(Receipt {
        reference: reference(sending)?,
        file_name: file_name.into(),
        size_bytes: upload.size_bytes,
        received_at,
    })
}

fn contribution(call: &Call, sending: &Sending, file: ReceivedFile) -> Result<Contribution, Problem> {
    let (chart, upload) = (&sending.bearer.chart, &sending.upload);
    Ok(Contribution {
        id: reference(sending)?,
        organization_id: chart.organization_id,
        client_id: chart.client_id,
        chart_id: chart.id,
        link_id: sending.bearer.link.id,
        key: upload.key.clone(),
        title: upload.title.clone(),
        file,
        recipient: chart.owner,
        received_at: call.now,
        decision: None,
        revision: 1,
    })
}
