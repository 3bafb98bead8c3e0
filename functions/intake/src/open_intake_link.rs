//! Opens an intake link: who asks for what, until when, and what has been sent already (X-9, R121).
//!
//! A phone that was reloaded finds its uploads here and goes on with them.

use crate::{Nothing, bearer::Bearer};
use api::{Access, Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Permit};
use domain::{
    UploadId,
    intake::{IntakeLimits, IntakeUpload},
    organization::Vocabulary,
    purpose::Purpose,
    upload::{Upload, UploadState},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Key, keys};
use vault::ClientKey;

pub static OPERATION: Operation =
    Operation::get("open_intake_link", "/intake/request", Action::OpenIntakeLink, Kind::IntakeLinkOpened)
        .access(Access::IntakeLink)
        .purpose(Purpose::PatientRequest)
        .summary("Open an intake link: who asks for what, and what has been sent (X-9, R121)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The organization that asks.
    organization: String,
    /// What it calls the people its records are about.
    vocabulary: Vocabulary,
    /// The member who asks, by name.
    asked_by: String,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    expires_at: Timestamp,
    /// What may still be sent.
    left: IntakeLimits,
    /// What was sent over this link, oldest first.
    uploads: Vec<Sent>,
}

/// One file that was sent, or is being sent.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sent {
    upload_id: UploadId,
    /// Missing once the upload itself is no longer remembered.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    size_bytes: u64,
    /// `open`, `completed` or `expired`.
    state: &'static str,
    /// Set when it was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    received_at: Option<Timestamp>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let bearer = Bearer::find(&call).await?;
    let Bearer { organization, chart, link, permit, client_key, .. } = &bearer;
    let member_key = keys::member(organization.id, link.created_by);
    let upload_keys: Vec<Key<Upload>> =
        link.uploads.iter().map(|upload| keys::upload(chart.id, upload.upload_id)).collect();
    // Two batches: a link's uploads alone may fill one.
    let (members, uploads) = tokio::try_join!(
        call.system.store.fetch([member_key.any()]),
        call.system.store.fetch(upload_keys.iter().map(Key::any))
    )?;
    let member = members.get(&member_key)?.ok_or_else(Problem::not_found)?;
    call.witness(permit, bearer.fact()).await?;
    let key = client_key.record_key(&link.id, &link.key)?;
    let ask = key.open(permit, "link/ask", &link.id, &link.ask)?;
    let sent = link
        .uploads
        .iter()
        .zip(&upload_keys)
        .map(|(sent, key)| view(sent, uploads.get(key)?.as_ref(), client_key, permit, call.now));
    Ok(Reply::with(Output {
        organization: organization.name.to_string(),
        vocabulary: organization.vocabulary.clone(),
        asked_by: member.name.to_string(),
        what: ask.what.into(),
        message: ask.message.map(Into::into),
        expires_at: link.expires_at,
        left: link.left(call.now),
        uploads: sent.collect::<Result<_, Problem>>()?,
    }))
}

fn view(
    sent: &IntakeUpload,
    upload: Option<&Upload>,
    client_key: &ClientKey,
    permit: &Permit,
    now: Timestamp,
) -> Result<Sent, Problem> {
    let forgotten = if sent.received { "completed" } else { "expired" };
    let file_name = match upload {
        Some(upload) if !upload.key.is_destroyed() => Some(
            client_key.upload_key(upload)?.open(permit, "file/name", &upload.id, &upload.file_name)?.into(),
        ),
        _ => None,
    };
    let received_at = match upload.map(|upload| &upload.state) {
        Some(UploadState::Completed { at, .. }) => Some(*at),
        _ => None,
    };
    Ok(Sent {
        upload_id: sent.upload_id,
        file_name,
        size_bytes: sent.size_bytes,
        state: upload.map_or(forgotten, |upload| upload.state_name(now)),
        received_at,
    })
}
