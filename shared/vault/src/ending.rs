//! The end of objects: every version of one is deleted for good, and S3's own legal hold stands in the way of that as
//! long as somebody has set it (R154, R156).

use crate::{Vault, VaultError};
use authz::Permit;
use aws_sdk_s3::{
    error::{DisplayErrorContext, ProvideErrorMetadata},
    types::{ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockRetention},
};
use domain::record::ObjectRef;
use jiff::Timestamp;

/// How often what is left of an object is looked for and deleted again, before it is left to another time.
const ROUNDS: u32 = 3;

/// What became of an object that was to be destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// No version of it is left, and that was looked at.
    Gone,
    /// Object Lock keeps it: a retention that has not run out, or a legal hold.
    Locked,
}

/// One version of an object, or the mark of its deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub object: ObjectRef,
    pub is_marker: bool,
}

impl Vault {
    /// Deletes every version of an object and every mark of a deletion, and looks that none is left. What is gone
    /// already stays gone.
    pub async fn destroy_object(
        &self,
        permit: &Permit,
        key: &str,
        now: Timestamp,
    ) -> Result<Ending, VaultError> {
        for _ in 0..ROUNDS {
            let versions = self.versions(permit, key).await?;
            if versions.is_empty() {
                return Ok(Ending::Gone);
            }
            for version in &versions {
                if self.destroy_version(permit, &version.object, now).await? == Ending::Locked {
                    return Ok(Ending::Locked);
                }
            }
        }
        Err(VaultError::Conflict(format!("versions of {key} come again")))
    }

    /// Every version there is of an object, and every mark of its deletion.
    pub async fn versions(&self, _permit: &Permit, key: &str) -> Result<Vec<Version>, VaultError> {
        let (mut versions, mut markers) = (Vec::new(), (None::<String>, None::<String>));
        loop {
            let reply = self
                .s3()
                .list_object_versions()
                .bucket(self.bucket())
                .prefix(key)
                .set_key_marker(markers.0.take())
                .set_version_id_marker(markers.1.take())
                .send()
                .await
                .map_err(VaultError::from_sdk)?;
            let kept = reply.versions().iter().map(|one| (one.key(), one.version_id(), false));
            let marks = reply.delete_markers().iter().map(|one| (one.key(), one.version_id(), true));
            // A prefix finds longer keys as well; they are others'.
            let own = kept.chain(marks).filter(|(name, ..)| *name == Some(key));
            versions.extend(own.map(|(_, version_id, is_marker)| {
                let version_id = version_id.unwrap_or("null").to_owned();
                Version { object: ObjectRef { key: key.to_owned(), version_id }, is_marker }
            }));
            if !reply.is_truncated().unwrap_or(false) {
                return Ok(versions);
            }
            markers = (reply.next_key_marker, reply.next_version_id_marker);
        }
    }

    async fn destroy_version(
        &self,
        permit: &Permit,
        version: &ObjectRef,
        now: Timestamp,
    ) -> Result<Ending, VaultError> {
        let request = self.s3().delete_object().bucket(self.bucket()).key(&version.key);
        match request.version_id(&version.version_id).send().await {
            Ok(_) => Ok(Ending::Gone),
            Err(error) if error.code() == Some("AccessDenied") => {
                let refused = VaultError::Refused(DisplayErrorContext(error).to_string());
                if self.is_locked(permit, version, now).await? { Ok(Ending::Locked) } else { Err(refused) }
            }
            Err(error) => match VaultError::from_sdk(error) {
                VaultError::Missing => Ok(Ending::Gone),
                other => Err(other),
            },
        }
    }

    /// Whether it is a lock that refuses to have a version deleted: a retention that has not run out, or a legal hold.
    async fn is_locked(
        &self,
        permit: &Permit,
        version: &ObjectRef,
        now: Timestamp,
    ) -> Result<bool, VaultError> {
        if !self.locks_objects(permit).await? {
            return Ok(false);
        }
        let retained = self.retention(version).await?.is_some_and(|until| now < until);
        Ok(retained || self.is_held(permit, version).await?)
    }

    /// Until when Object Lock retains an object in any of its versions, if it does.
    pub async fn retained_until(&self, permit: &Permit, key: &str) -> Result<Option<Timestamp>, VaultError> {
        let mut until = None::<Timestamp>;
        for version in self.versions(permit, key).await?.iter().filter(|one| !one.is_marker) {
            until = until.max(self.retention(&version.object).await?);
        }
        Ok(until)
    }

    async fn retention(&self, version: &ObjectRef) -> Result<Option<Timestamp>, VaultError> {
        let request = self.s3().get_object_retention().bucket(self.bucket()).key(&version.key);
        match request.version_id(&version.version_id).send().await {
            Ok(reply) => {
                let until = reply.retention().and_then(ObjectLockRetention::retain_until_date);
                let until = until.map(|until| Timestamp::from_second(until.secs())).transpose();
                until.map_err(|_| VaultError::Corrupt("a retention that ends at no time"))
            }
            // One that never had a lock of any kind.
            Err(error) if error.code() == Some("NoSuchObjectLockConfiguration") => Ok(None),
            Err(error) => Err(VaultError::from_sdk(error)),
        }
    }

    /// Whether the bucket can lock objects at all.
    pub async fn locks_objects(&self, _permit: &Permit) -> Result<bool, VaultError> {
        let request = self.s3().get_object_lock_configuration().bucket(self.bucket());
        match request.send().await {
            Ok(reply) => Ok(reply.object_lock_configuration.is_some()),
            Err(error) if error.code() == Some("ObjectLockConfigurationNotFoundError") => Ok(false),
            Err(error) => Err(VaultError::from_sdk(error)),
        }
    }

    /// Sets or clears the legal hold of one version of an object; says whether it was otherwise before.
    pub async fn hold_version(
        &self,
        permit: &Permit,
        version: &ObjectRef,
        held: bool,
    ) -> Result<bool, VaultError> {
        if self.is_held(permit, version).await? == held {
            return Ok(false);
        }
        let status = if held { ObjectLockLegalHoldStatus::On } else { ObjectLockLegalHoldStatus::Off };
        let request = self.s3().put_object_legal_hold().bucket(self.bucket()).key(&version.key);
        let request = request.version_id(&version.version_id);
        request
            .legal_hold(ObjectLockLegalHold::builder().status(status).build())
            .send()
            .await
            .map(|_| true)
            .map_err(VaultError::from_sdk)
    }

    /// Whether the legal hold of one version of an object is set.
    pub async fn is_held(&self, _permit: &Permit, version: &ObjectRef) -> Result<bool, VaultError> {
        let request = self.s3().get_object_legal_hold().bucket(self.bucket()).key(&version.key);
        match request.version_id(&version.version_id).send().await {
            Ok(reply) => {
                let status = reply.legal_hold.and_then(|hold| hold.status);
                Ok(status == Some(ObjectLockLegalHoldStatus::On))
            }
            // One that never had a lock of any kind.
            Err(error) if error.code() == Some("NoSuchObjectLockConfiguration") => Ok(false),
            Err(error) => Err(VaultError::from_sdk(error)),
        }
    }
}
