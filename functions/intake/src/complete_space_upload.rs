//! Completes an upload into a space: the file becomes a document that all members see (R072).
//!
//! Completing twice gives the same document. Inspection says what the file is, before or after this.

use crate::{
    Nothing, arrival,
    companion::{Companion, Sending},
};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{
    SpaceId, SpaceItemId, UploadId,
    purpose::Purpose,
    space::{ItemBody, SpaceItem},
    upload::UploadState,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "complete_space_upload",
    "/spaces/{space_id}/uploads/{upload_id}/completion",
    Action::CompleteSpaceUpload,
    Kind::SpaceUploadCompleted,
)
.purpose(Purpose::Coordination)
.summary("Complete an upload into a space: the file becomes a document of it (R072)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    upload_id: UploadId,
    space_id: SpaceId,
    /// The document. It is no record of anybody.
    item_id: SpaceItemId,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let sending = Sending::find(&call).await?;
    let (space_id, item_id) = (sending.companion.space.id, sending.item_id);
    let reply = Reply::with(Output { upload_id: sending.upload.id, space_id, item_id });
    if matches!(sending.upload.state, UploadState::Completed { .. }) {
        let fact = sending.fact().detail("repeated", true);
        call.witness(&sending.companion.permit, fact).await?;
        return Ok(reply);
    }
    let author = sending.companion.loaded.member.id;
    sending.companion.space.must_take(author)?;
    let object = arrival::settle(&call, &sending.companion.permit, &sending.upload).await?;
    let fact = sending.fact();
    let Sending { companion: Companion { loaded, space, permit, .. }, upload_key, upload, .. } = sending;
    let file = upload.received(object.clone());
    let fact = fact.detail("state", file.state.name());
    let body = ItemBody::Document { file: Box::new(file) };
    let item = SpaceItem::new(item_id, &space, author, upload.title.clone(), body, call.now);
    // The space is written with its item: of a document and the departure of its author one comes after the other.
    let space = space.add(author, call.now)?;
    let upload = upload.complete(object, None, call.now)?;
    let change = Change::new()
        .replace_space(&space)
        .insert("item", &keys::space_item(space_id, item_id), &item)
        .replace("upload", &upload_key, &upload);
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
