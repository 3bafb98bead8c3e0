//! Inspects an object that has arrived (R005, R006, R017, R193).
//!
//! An event may come twice, before the upload is completed or after it, and for objects that are nobody's: a
//! second inspection changes nothing, and what is not an upload of ours is left alone. What goes wrong on the
//! way is tried again by whoever sent the event.

use crate::{
    NAME,
    judging::Judge,
    notice::{Announced, Notice},
    scratch,
    settling::settle,
    standing::{self, Standing},
};
use api::{Problem, System};
use authz::{Action, Permit};
use serde_json::Value;
use std::sync::Arc;
use vault::{Vault, VaultError};

pub async fn handle(system: Arc<System>, event: Value) -> Result<Value, Problem> {
    inspect(&system, event).await.map(|()| Value::Null)
}

async fn inspect(system: &System, event: Value) -> Result<(), Problem> {
    let Some(announced) = Announced::read(event) else {
        tracing::warn!("an event that is not of an upload was left alone");
        return Ok(());
    };
    let upload_id = announced.place.upload_id;
    let Some(upload) = standing::upload(&system.store, announced.place).await? else {
        tracing::warn!(%upload_id, "an object of an unknown upload was left to the lifecycle");
        return Ok(());
    };
    let permit = Permit::for_function(NAME, upload.organization_id, Action::InspectObject);
    let Some(notice) = announced.located(&system.vault, &permit).await? else {
        tracing::warn!(%upload_id, "the object is gone");
        return Ok(());
    };
    if let Standing::Settled = standing::of(&system.store, &upload, &notice).await? {
        return Ok(());
    }
    let now = system.now();
    let Some(judge) = Judge::new(system, &permit, &upload, now).await? else {
        tracing::warn!(%upload_id, "an upload without its chart or space was left alone");
        return Ok(());
    };
    let Some(copy) = copy(&system.vault, &permit, &notice).await? else {
        tracing::warn!(%upload_id, "the object is gone");
        return Ok(());
    };
    let judgement = judge.judge(copy).await?;
    settle(&judge, &notice, &judgement).await
}

/// The file, unless somebody has taken it away since the event was sent.
async fn copy(vault: &Vault, permit: &Permit, notice: &Notice) -> Result<Option<scratch::Copy>, Problem> {
    match vault.read(permit, &notice.object).await {
        Ok(stream) => scratch::copy(stream).await.map(Some),
        Err(VaultError::Missing) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
