//! Starts an upload over an intake link: a file that will wait to be accepted (X-9, R121).

use crate::{
    announced::Announced,
    bearer::Bearer,
    beginning::{self, Purpose as Becoming, Started},
};
use api::{Access, Call, Fact, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    ContributionId,
    intake::IntakeUpload,
    purpose::Purpose,
    upload::{Destination, Home, MediaType, Sha256},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::post("start_intake_upload", "/intake/uploads", Action::StartIntakeUpload, Kind::UploadStarted)
        .access(Access::IntakeLink)
        .purpose(Purpose::PatientRequest)
        .summary("Start an upload over an intake link (X-9, R121)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Kept without its folders and without anything that could mislead.
    file_name: String,
    /// Exactly as many bytes will come.
    size_bytes: u64,
    media_type: MediaType,
    /// Hexadecimal SHA-256 of the whole file, where the sender can compute it beforehand.
    #[serde(default)]
    sha256: Option<Sha256>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Started> {
    let announced = Announced::new(&input.file_name, input.size_bytes, input.media_type, input.sha256)?;
    let bearer = Bearer::find(&call).await?;
    // Before anything is opened in object storage: what the link does not take is not begun.
    bearer.link.room_for(announced.size_bytes, call.now)?;
    let becoming = contribution(&call, &bearer, &announced)?;
    let upload = beginning::begin(&call, &bearer.permit, &announced, becoming).await?;
    let counted = IntakeUpload {
        upload_id: upload.id,
        size_bytes: upload.size_bytes,
        expires_at: upload.expires_at,
        received: false,
    };
    let fact = Fact::of_upload(&upload).detail("size_bytes", upload.size_bytes);
    let link = bearer.link.take(counted, call.now)?;
    let change = Change::new().insert("upload", &keys::upload(bearer.chart.id, upload.id), &upload).replace(
        "intake link",
        &bearer.link_key,
        &link,
    );
    let reply = Reply::with(beginning::started(&call, &bearer.permit, &upload, &announced).await?);
    let outcome = call.commit(&bearer.organization, &bearer.permit, change, fact, reply).await;
    beginning::or_give_up(&call, &bearer.permit, &upload, outcome).await
}

/// A contribution that will come to be, under a key of its own; its title is the file's name until a member
/// gives it another.
fn contribution(call: &Call, bearer: &Bearer, announced: &Announced) -> Result<Becoming, Problem> {
    let vault = &call.system.vault;
    let contribution_id: ContributionId = call.new_id();
    let (record_key, key) = bearer.client_key.new_record_key(vault, &contribution_id)?;
    let title = record_key.seal(vault, "contribution/title", &contribution_id, &announced.title())?;
    let destination = Destination::Contribution { contribution_id, link_id: bearer.link.id };
    let home = Home::Chart { chart_id: bearer.chart.id, client_id: bearer.chart.client_id };
    Ok(Becoming { home, destination, author: None, key, file_key: record_key.into(), title })
}
