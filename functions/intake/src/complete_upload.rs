//! Completes an upload whose bytes are there: it becomes a record, or another version of one (R005, R006).
//!
//! Completing twice gives the same record. Inspection says what the file is, before or after this.

use crate::{Nothing, arrival, filing::Filing, sender::Sending};
use api::{Call, Operation, Outcome, Problem, Reply, view::RecordView};
use authz::Action;
use domain::{
    RecordId, UploadId,
    record::{FileVersion, Record},
    upload::{Destination, UploadState},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "complete_upload",
    "/charts/{chart_id}/uploads/{upload_id}/completion",
    Action::CompleteUpload,
    Kind::UploadCompleted,
)
.summary("Complete an upload: the file becomes a record, or a version of one (R005)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    upload_id: UploadId,
    record_id: RecordId,
    /// The number of the file among the record's versions.
    version: u32,
    record: RecordView,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let mut sending = Sending::find(&call).await?;
    if let UploadState::Completed { version: Some(number), .. } = sending.upload.state {
        return again(&call, sending, number).await;
    }
    sending.chart.must_be_open()?;
    let object = arrival::settle(&call, &sending.permit, &sending.upload).await?;
    let (record, version, change) = filed(&call, &mut sending, object.clone())?;
    let view = RecordView::new(&record, &sending.key, &sending.permit, &sending.loaded.organization)?;
    let view = if version.number > 1 { view.revised() } else { view };
    let fact = sending.fact().detail("version", version.number).detail("state", version.state.name());
    let upload = sending.upload.complete(object, Some(version.number), call.now)?;
    let change = change
        .insert("version", &keys::file_version(record.chart_id, record.id, version.number), &version)
        .replace("upload", &sending.upload_key, &upload);
    let reply = Reply::with(Output {
        upload_id: upload.id,
        record_id: record.id,
        version: version.number,
        record: view,
    });
    call.commit(&sending.loaded.organization, &sending.permit, change, fact, reply).await
}

/// The record with its new version, and the write of it.
fn filed(
    call: &Call,
    sending: &mut Sending,
    object: domain::record::ObjectRef,
) -> Result<(Record, FileVersion, Change), Problem> {
    let upload = &sending.upload;
    let author = sending.loaded.member.id;
    let file = upload.received(object);
    let record_key = keys::record(sending.chart.id, sending.record_id);
    if let Some(record) = sending.record.take() {
        let (record, version) = record.add_version(file, author, call.now)?;
        let change = Change::new().replace("record", &record_key, &record);
        let change = match sending.chart.stirred(&sending.loaded.organization, call.now) {
            Some(chart) => change.replace_chart(&chart),
            None => change,
        };
        return Ok((record, version, change));
    }
    let Destination::Record { record_id, section, direction, occurred_on, compartment } = upload.destination
    else {
        return Err(Problem::not_found());
    };
    // The chart may have changed hands since the upload was started.
    sending.chart.must_take(compartment, author)?;
    let filing = Filing {
        record_id,
        chart: &sending.chart,
        author,
        from_client: false,
        section,
        direction,
        occurred_on,
        compartment,
        key: upload.key.clone(),
        title: upload.title.clone(),
        file,
    };
    let (record, version) = filing.record(call.now);
    let change = Change::new().insert("record", &record_key, &record);
    // That there are raw data is noted in the chart (P-37), and when the sweep has to look at it (R150).
    let change = match sending.chart.filed(&record, &sending.loaded.organization) {
        Some(chart) => change.replace_chart(&chart),
        None => change,
    };
    Ok((record, version, change))
}

/// The record that an earlier call made of the upload, as it is now.
async fn again(call: &Call, sending: Sending, number: u32) -> Outcome<Output> {
    let fact = sending.fact().detail("version", number).detail("repeated", true);
    let record_key = keys::record(sending.chart.id, sending.record_id);
    let record = match sending.record {
        Some(record) => record,
        None => {
            let items = call.system.store.fetch([record_key.any()]).await?;
            items.get(&record_key)?.ok_or_else(Problem::not_found)?
        }
    };
    call.witness(&sending.permit, fact).await?;
    let view = RecordView::new(&record, &sending.key, &sending.permit, &sending.loaded.organization)?;
    Ok(Reply::with(Output {
        upload_id: sending.upload.id,
        record_id: record.id,
        version: number,
        record: view,
    }))
}
