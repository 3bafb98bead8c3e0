//! Starts the upload of a document into a collaborative space: presigned and inspected like every file (R072, R005).

use crate::{
    announced::Announced,
    beginning::{self, Purpose as Becoming, Started},
    companion::Companion,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    SpaceItemId,
    purpose::Purpose,
    record::Title,
    upload::{Destination, Home, MediaType, Sha256},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "start_space_upload",
    "/spaces/{space_id}/uploads",
    Action::StartSpaceUpload,
    Kind::SpaceUploadStarted,
)
.purpose(Purpose::Coordination)
.summary("Start the upload of a document into a space: a presigned PUT, or a plan of parts (R072)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Kept without its folders and without anything that could mislead.
    file_name: String,
    /// Exactly as many bytes will come.
    size_bytes: u64,
    /// As the sender's system names it; what the file really is, inspection finds out.
    media_type: MediaType,
    /// Hexadecimal SHA-256 of the whole file, where the sender can compute it beforehand.
    #[serde(default)]
    sha256: Option<Sha256>,
    /// The file's name, unless given.
    #[serde(default)]
    title: Option<Title>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Started> {
    let announced = Announced::new(&input.file_name, input.size_bytes, input.media_type, input.sha256)?;
    let companion = Companion::find(&call).await?;
    // Before anything is opened in object storage: what the space does not take is not begun.
    companion.space.must_take(companion.loaded.member.id)?;
    let title = input.title.unwrap_or_else(|| announced.title());
    let becoming = document(&call, &companion, &title)?;
    let (permit, organization) = (&companion.permit, &companion.loaded.organization);
    let upload = beginning::begin(&call, permit, &announced, becoming).await?;
    let change = Change::new().insert("upload", &keys::upload(companion.space.id, upload.id), &upload);
    let fact = Fact::of_upload(&upload).detail("size_bytes", upload.size_bytes);
    let reply = Reply::with(beginning::started(&call, permit, &upload, &announced).await?);
    let outcome = call.commit(organization, permit, change, fact, reply).await;
    beginning::or_give_up(&call, permit, &upload, outcome).await
}

/// A document that will come to be, under the space's key.
fn document(call: &Call, companion: &Companion, title: &Title) -> Result<Becoming, Problem> {
    let Companion { space, key, loaded, .. } = companion;
    let item_id: SpaceItemId = call.new_id();
    Ok(Becoming {
        home: Home::Space { space_id: space.id },
        destination: Destination::SpaceItem { item_id },
        author: Some(loaded.member.id),
        key: space.key.clone(),
        title: key.seal(&call.system.vault, "item/title", &item_id, title)?,
        file_key: key.clone().into(),
    })
}
