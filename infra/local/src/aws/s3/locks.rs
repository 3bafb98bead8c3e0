//! Object Lock: retention and legal holds, and what they forbid.

use jiff::{Span, Timestamp};
use rusqlite::{Connection, params};
use s3s::dto::{
    DefaultRetention, GetObjectLegalHoldInput, GetObjectLegalHoldOutput, GetObjectLockConfigurationInput,
    GetObjectLockConfigurationOutput, GetObjectRetentionInput, GetObjectRetentionOutput,
    ObjectLockConfiguration, ObjectLockEnabled, ObjectLockLegalHold, ObjectLockLegalHoldStatus,
    ObjectLockRetention, ObjectLockRetentionMode, PutObjectLegalHoldInput, PutObjectLegalHoldOutput,
    PutObjectLockConfigurationInput, PutObjectLockConfigurationOutput, PutObjectRetentionInput,
    PutObjectRetentionOutput,
};
use s3s::{S3Request, s3_error};

use super::buckets::{self, Setting};
use super::error::{Result, S3Error};
use super::model::{Bucket, Lock, LockMode, Retention, Version};
use super::objects;
use super::store::Store;
use super::time;
use crate::aws::ambient;

/// What a write says about its lock, before it is checked.
#[derive(Debug, Clone, Default)]
pub(super) struct LockWish {
    pub mode: Option<String>,
    pub until: Option<s3s::dto::Timestamp>,
    pub hold: Option<String>,
}

/// The lock fields that several operations' inputs have.
macro_rules! lock_wish {
    ($input:expr) => {
        $crate::aws::s3::locks::LockWish {
            mode: $input.object_lock_mode.as_ref().map(|mode| mode.as_str().to_owned()),
            until: $input.object_lock_retain_until_date.clone(),
            hold: $input.object_lock_legal_hold_status.as_ref().map(|status| status.as_str().to_owned()),
        }
    };
}

pub(super) use lock_wish;

fn missing_configuration() -> S3Error {
    s3_error!(InvalidRequest, "Bucket is missing Object Lock Configuration").into()
}

fn malformed() -> S3Error {
    s3_error!(
        MalformedXML,
        "The XML you provided was not well-formed or did not validate against our published schema"
    )
    .into()
}

fn access_denied() -> S3Error {
    s3_error!(AccessDenied, "Access Denied because object protected by object lock.").into()
}

impl LockWish {
    /// The lock of a version written now: as wished, else the bucket's default.
    pub(super) fn settle(&self, connection: &Connection, bucket: &Bucket, now: Timestamp) -> Result<Lock> {
        let wished = self.mode.is_some() || self.until.is_some() || self.hold.is_some();
        if !bucket.lockable {
            return if wished { Err(missing_configuration()) } else { Ok(Lock::default()) };
        }
        let legal_hold = self.hold.as_deref().map(parse_hold).transpose()?;
        let retention = match (&self.mode, &self.until) {
            (Some(mode), Some(until)) => Some(parse_retention(mode, until, now)?),
            (None, None) => default_retention(connection, bucket, now)?,
            _ => {
                let told =
                    "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
                return Err(s3_error!(InvalidArgument, "{told}").into());
            }
        };
        Ok(Lock { retention, legal_hold })
    }
}

fn parse_hold(text: &str) -> Result<bool> {
    match text {
        ObjectLockLegalHoldStatus::ON => Ok(true),
        ObjectLockLegalHoldStatus::OFF => Ok(false),
        _ => Err(s3_error!(InvalidArgument, "Legal Hold must be either of 'ON' or 'OFF'").into()),
    }
}

fn parse_retention(mode: &str, until: &s3s::dto::Timestamp, now: Timestamp) -> Result<Retention> {
    let mode =
        LockMode::parse(mode).ok_or_else(|| s3_error!(InvalidArgument, "Unknown wormMode directive"))?;
    let until = time::parse(until)?;
    if until <= now {
        return Err(s3_error!(InvalidArgument, "The retain until date must be in the future!").into());
    }
    Ok(Retention { mode, until })
}

fn default_retention(connection: &Connection, bucket: &Bucket, now: Timestamp) -> Result<Option<Retention>> {
    let configuration: Option<ObjectLockConfiguration> =
        buckets::setting(connection, bucket.id, Setting::ObjectLock)?;
    let rule = configuration.and_then(|configuration| configuration.rule);
    let Some(default) = rule.and_then(|rule| rule.default_retention) else { return Ok(None) };
    let Some((mode, period)) = parse_default(&default) else { return Ok(None) };
    let until = now
        .to_zoned(jiff::tz::TimeZone::UTC)
        .checked_add(period)
        .map_err(|_| s3_error!(InvalidArgument, "The retention period is out of range."))?;
    Ok(Some(Retention { mode, until: until.timestamp() }))
}

fn parse_default(default: &DefaultRetention) -> Option<(LockMode, Span)> {
    let mode = LockMode::parse(default.mode.as_ref()?.as_str())?;
    let period = match (default.days, default.years) {
        (Some(days), None) if days > 0 => Span::new().try_days(days).ok()?,
        (None, Some(years)) if years > 0 => Span::new().try_years(years).ok()?,
        _ => return None,
    };
    Some((mode, period))
}

/// Refuses when the version's lock forbids to delete it for good.
pub(super) fn may_delete(version: &Version, bypass: bool, now: Timestamp) -> Result<()> {
    if version.lock.legal_hold == Some(true) {
        return Err(access_denied());
    }
    match version.lock.retention {
        Some(Retention { mode, until }) if until > now && !(bypass && mode == LockMode::Governance) => {
            Err(access_denied())
        }
        _ => Ok(()),
    }
}

/// Refuses when the lock in force forbids to replace its retention by `next`.
fn may_replace(
    current: Option<Retention>,
    next: Option<Retention>,
    bypass: bool,
    now: Timestamp,
) -> Result<()> {
    let Some(current) = current.filter(|retention| retention.until > now) else { return Ok(()) };
    let extends = next.is_some_and(|next| next.until >= current.until);
    let allowed = match current.mode {
        LockMode::Compliance => extends && next.is_some_and(|next| next.mode == LockMode::Compliance),
        LockMode::Governance => extends || bypass,
    };
    if allowed { Ok(()) } else { Err(access_denied()) }
}

fn lockable(connection: &Connection, bucket: &str) -> Result<Bucket> {
    let bucket = buckets::find(connection, bucket)?;
    if bucket.lockable { Ok(bucket) } else { Err(missing_configuration()) }
}

fn no_lock_configuration() -> S3Error {
    s3_error!(NoSuchObjectLockConfiguration, "The specified object does not have a ObjectLock configuration")
        .into()
}

impl Store {
    pub(super) async fn put_object_retention(
        &self,
        request: S3Request<PutObjectRetentionInput>,
    ) -> Result<PutObjectRetentionOutput> {
        let input = request.input;
        let now = ambient::now();
        let wished = input.retention.ok_or_else(malformed)?;
        let next = match (&wished.mode, &wished.retain_until_date) {
            (Some(mode), Some(until)) => Some(parse_retention(mode.as_str(), until, now)?),
            (None, None) => None,
            _ => return Err(malformed()),
        };
        let bypass = input.bypass_governance_retention.unwrap_or_default();
        self.commit(move |connection, _| {
            let bucket = lockable(connection, &input.bucket)?;
            let version =
                objects::content_version(connection, &bucket, &input.key, input.version_id.as_deref())?;
            may_replace(version.lock.retention, next, bypass, now)?;
            let update = "UPDATE versions SET lock_mode = ?2, lock_until = ?3 WHERE seq = ?1";
            let mode = next.map(|next| next.mode.as_str());
            let until = next.map(|next| next.until.as_millisecond());
            connection.execute(update, params![version.seq, mode, until])?;
            Ok(())
        })
        .await?;
        Ok(PutObjectRetentionOutput::default())
    }

    pub(super) async fn get_object_retention(
        &self,
        request: S3Request<GetObjectRetentionInput>,
    ) -> Result<GetObjectRetentionOutput> {
        let input = request.input;
        self.look(move |connection| {
            let bucket = lockable(connection, &input.bucket)?;
            let version =
                objects::content_version(connection, &bucket, &input.key, input.version_id.as_deref())?;
            let retention = version.lock.retention.ok_or_else(no_lock_configuration)?;
            let retention = ObjectLockRetention {
                mode: Some(ObjectLockRetentionMode::from_static(retention.mode.as_str())),
                retain_until_date: Some(time::wire(retention.until)),
            };
            Ok(GetObjectRetentionOutput { retention: Some(retention) })
        })
        .await
    }

    pub(super) async fn put_object_legal_hold(
        &self,
        request: S3Request<PutObjectLegalHoldInput>,
    ) -> Result<PutObjectLegalHoldOutput> {
        let input = request.input;
        let status = input.legal_hold.and_then(|hold| hold.status).ok_or_else(malformed)?;
        let hold = parse_hold(status.as_str())?;
        self.commit(move |connection, _| {
            let bucket = lockable(connection, &input.bucket)?;
            let version =
                objects::content_version(connection, &bucket, &input.key, input.version_id.as_deref())?;
            let update = "UPDATE versions SET legal_hold = ?2 WHERE seq = ?1";
            connection.execute(update, params![version.seq, hold])?;
            Ok(())
        })
        .await?;
        Ok(PutObjectLegalHoldOutput::default())
    }

    pub(super) async fn get_object_legal_hold(
        &self,
        request: S3Request<GetObjectLegalHoldInput>,
    ) -> Result<GetObjectLegalHoldOutput> {
        let input = request.input;
        self.look(move |connection| {
            let bucket = lockable(connection, &input.bucket)?;
            let version =
                objects::content_version(connection, &bucket, &input.key, input.version_id.as_deref())?;
            let hold = version.lock.legal_hold.ok_or_else(no_lock_configuration)?;
            let legal_hold = ObjectLockLegalHold { status: Some(hold_status(hold)) };
            Ok(GetObjectLegalHoldOutput { legal_hold: Some(legal_hold) })
        })
        .await
    }

    pub(super) async fn put_object_lock_configuration(
        &self,
        request: S3Request<PutObjectLockConfigurationInput>,
    ) -> Result<PutObjectLockConfigurationOutput> {
        let input = request.input;
        let configuration = input.object_lock_configuration.ok_or_else(malformed)?;
        let default = configuration.rule.as_ref().and_then(|rule| rule.default_retention.as_ref());
        if default.is_some_and(|default| parse_default(default).is_none()) {
            return Err(malformed());
        }
        self.commit(move |connection, _| {
            let bucket = buckets::find(connection, &input.bucket)?;
            if !bucket.lockable {
                let told = "Object Lock configuration cannot be enabled on existing buckets";
                return Err(s3_error!(InvalidBucketState, "{told}").into());
            }
            buckets::set_setting(connection, bucket.id, Setting::ObjectLock, &configuration)
        })
        .await?;
        Ok(PutObjectLockConfigurationOutput::default())
    }

    pub(super) async fn get_object_lock_configuration(
        &self,
        request: S3Request<GetObjectLockConfigurationInput>,
    ) -> Result<GetObjectLockConfigurationOutput> {
        let bucket = request.input.bucket;
        self.look(move |connection| {
            let bucket = buckets::find(connection, &bucket)?;
            if !bucket.lockable {
                let told = "Object Lock configuration does not exist for this bucket";
                return Err(s3_error!(ObjectLockConfigurationNotFoundError, "{told}").into());
            }
            let stored: Option<ObjectLockConfiguration> =
                buckets::setting(connection, bucket.id, Setting::ObjectLock)?;
            let mut configuration = stored.unwrap_or_default();
            configuration.object_lock_enabled =
                Some(ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED));
            Ok(GetObjectLockConfigurationOutput { object_lock_configuration: Some(configuration) })
        })
        .await
    }
}

pub(super) fn hold_status(hold: bool) -> ObjectLockLegalHoldStatus {
    ObjectLockLegalHoldStatus::from_static(if hold {
        ObjectLockLegalHoldStatus::ON
    } else {
        ObjectLockLegalHoldStatus::OFF
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn retention(mode: LockMode, until: i64) -> Option<Retention> {
        Some(Retention { mode, until: time::stored(until) })
    }

    #[test]
    fn compliance_can_only_grow() {
        let now = time::stored(1_000);
        let current = retention(LockMode::Compliance, 5_000);
        assert!(may_replace(current, retention(LockMode::Compliance, 6_000), false, now).is_ok());
        assert!(may_replace(current, retention(LockMode::Compliance, 4_000), true, now).is_err());
        assert!(may_replace(current, retention(LockMode::Governance, 6_000), true, now).is_err());
        assert!(may_replace(current, None, true, now).is_err());
        assert!(may_replace(current, None, false, time::stored(5_000)).is_ok(), "it has run out");
    }

    #[test]
    fn governance_yields_to_a_bypass() {
        let now = time::stored(1_000);
        let current = retention(LockMode::Governance, 5_000);
        assert!(may_replace(current, None, false, now).is_err());
        assert!(may_replace(current, None, true, now).is_ok());
        assert!(may_replace(current, retention(LockMode::Governance, 5_000), false, now).is_ok());
    }

    #[test]
    fn a_default_is_days_or_years() {
        let mode = Some(ObjectLockRetentionMode::from_static(ObjectLockRetentionMode::GOVERNANCE));
        let default = |days, years| DefaultRetention { days, years, mode: mode.clone() };
        assert!(parse_default(&default(Some(3), None)).is_some());
        assert!(parse_default(&default(None, Some(7))).is_some());
        assert!(parse_default(&default(Some(3), Some(7))).is_none());
        assert!(parse_default(&default(Some(0), None)).is_none());
    }
}
