//! Idempotency keys: a call that is made twice has one effect and one answer.
//!
//! The answer is remembered in the transaction of the effect, so that there is never one without the other,
//! and costs no round trip until a replay comes.

use crate::{Call, Problem, caller::sha256};
use domain::{OrganizationId, limits::IDEMPOTENCY_HOURS};
use jiff::SignedDuration;
use serde_json::Value;
use store::{Answer, Key, keys};
use vault::DirectoryKey;

impl Call {
    /// Where the answer to this call is remembered: keys of different callers, organizations or operations never
    /// meet.
    pub(crate) fn idempotency_digest(&self) -> Option<String> {
        let key = self.caller.idempotency_key.as_ref()?;
        let identity = self.caller.identity.as_ref().map(|identity| identity.digest.as_str());
        let caller = identity.or(self.caller.intake_token.as_deref())?;
        let organization = self.member.map(|(id, _)| id.to_string()).unwrap_or_default();
        let place = format!("{caller}\u{0}{organization}\u{0}{}\u{0}{key}", self.operation.id);
        Some(sha256(place.as_bytes()))
    }
}

pub(crate) fn remember(
    call: &Call,
    directory: &DirectoryKey,
    digest: &str,
    organization_id: OrganizationId,
    body: &Value,
) -> Result<(Key<Answer>, Answer), Problem> {
    let hours = SignedDuration::from_hours(IDEMPOTENCY_HOURS);
    let answer = Answer {
        organization_id,
        request_sha256: call.request_sha256.clone(),
        status: call.operation.success,
        body: directory.seal(&call.system.vault, "answer", &digest, body)?,
        forgotten_at: call.now.checked_add(hours).map_err(Problem::internal)?,
    };
    Ok((keys::answer(digest), answer))
}

/// The answer this call got before, if it was made before.
pub(crate) async fn recall(call: &Call) -> Result<Option<Value>, Problem> {
    let Some(digest) = call.idempotency_digest() else { return Ok(None) };
    let key = keys::answer(&digest);
    let Some(answer) = call.system.store.fetch([key.any()]).await?.get(&key)? else { return Ok(None) };
    // DynamoDB may forget late; we do not.
    if answer.forgotten_at <= call.now {
        return Ok(None);
    }
    if answer.request_sha256 != call.request_sha256 {
        return Err(Problem::unprocessable(
            "idempotency_key_reused",
            "this idempotency key was used for another request",
        ));
    }
    let key = keys::organization(answer.organization_id);
    let organization =
        call.system.store.fetch([key.any()]).await?.get(&key)?.ok_or_else(Problem::not_found)?;
    let directory = call.directory(&organization).await?;
    Ok(Some(directory.open_answer(&digest, &answer.body)?))
}
