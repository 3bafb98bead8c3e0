//! The events S3 sends through EventBridge: "Object Created" and "Object
//! Deleted", with the very fields of AWS, written with the change they tell of.

use jiff::Timestamp;
use rusqlite::Connection;
use s3s::dto::NotificationConfiguration;
use serde_json::{Map, Value, json};

use super::buckets::{self, Setting};
use super::caller::Caller;
use super::error::Result;
use super::model::Bucket;
use super::store::{Effects, Store};
use super::versions::Change;
use crate::aws::{ambient, events};

/// Where an event says it comes from.
#[derive(Debug, Clone)]
pub(super) struct Herald {
    region: String,
    account: String,
    caller: Caller,
    now: Timestamp,
}

/// What happened to an object.
pub(super) enum News<'a> {
    Created { reason: &'static str, size: u64, etag: &'a str },
    MarkerCreated { reason: &'static str, etag: &'a str },
    Removed { reason: &'static str, etag: &'a str },
}

impl Herald {
    pub(super) fn new(store: &Store, caller: Caller, now: Timestamp) -> Self {
        Self { region: store.region().to_owned(), account: store.account().to_owned(), caller, now }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Writes the event, when the bucket sends its events to EventBridge.
    pub(super) fn tell(
        &self,
        connection: &Connection,
        effects: &mut Effects,
        bucket: &Bucket,
        key: &str,
        change: &Change,
        news: &News<'_>,
    ) -> Result<()> {
        let configuration: Option<NotificationConfiguration> =
            buckets::setting(connection, bucket.id, Setting::Notification)?;
        if configuration.is_none_or(|configuration| configuration.event_bridge_configuration.is_none()) {
            return Ok(());
        }
        events::record(connection, &self.event(bucket, key, change, news)?)?;
        effects.told = true;
        Ok(())
    }

    fn event(&self, bucket: &Bucket, key: &str, change: &Change, news: &News<'_>) -> Result<Value> {
        let mut object = Map::new();
        object.insert("key".into(), key.into());
        if let News::Created { size, .. } = news {
            object.insert("size".into(), (*size).into());
        }
        object.insert("etag".into(), news.etag().into());
        if let Some(version_id) = bucket.told_version(&change.version_id) {
            object.insert("version-id".into(), version_id.into());
        }
        object.insert("sequencer".into(), format!("{:018X}", change.seq).into());
        let mut detail = json!({
            "version": "0",
            "bucket": { "name": bucket.name },
            "object": object,
            "request-id": self.caller.request_id,
            "requester": self.account,
            "source-ip-address": self.caller.source_ip,
            "reason": news.reason(),
        });
        if let (Some(detail), Some(deletion)) = (detail.as_object_mut(), news.deletion_type()) {
            detail.insert("deletion-type".into(), deletion.into());
        }
        // EventBridge names whole seconds.
        let time = self.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        Ok(json!({
            "version": "0",
            "id": ambient::new_id()?.to_string(),
            "detail-type": news.detail_type(),
            "source": "aws.s3",
            "account": self.account,
            "time": time,
            "region": self.region,
            "resources": [bucket.arn()],
            "detail": detail,
        }))
    }
}

impl News<'_> {
    fn detail_type(&self) -> &'static str {
        match self {
            Self::Created { .. } => "Object Created",
            Self::MarkerCreated { .. } | Self::Removed { .. } => "Object Deleted",
        }
    }

    fn deletion_type(&self) -> Option<&'static str> {
        match self {
            Self::Created { .. } => None,
            Self::MarkerCreated { .. } => Some("Delete Marker Created"),
            Self::Removed { .. } => Some("Permanently Deleted"),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Created { reason, .. }
            | Self::MarkerCreated { reason, .. }
            | Self::Removed { reason, .. } => reason,
        }
    }

    fn etag(&self) -> &str {
        match self {
            Self::Created { etag, .. } | Self::MarkerCreated { etag, .. } | Self::Removed { etag, .. } => {
                etag
            }
        }
    }
}
