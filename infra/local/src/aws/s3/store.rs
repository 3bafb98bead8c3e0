//! The store: metadata, blobs, keys and events behind one handle, and the way
//! every change of it is committed.

use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use rusqlite::Connection;
use serde_json::{Value, json};
use uuid::Uuid;

use super::blobs::Blobs;
use super::error::{Result, S3Error};
use super::{buckets, schema, versions};
use crate::aws::ambient;
use crate::aws::events::{Database, Outbox};
use crate::aws::kms::Kms;

const IDENTITY: &str = "identity";
const DEFAULT_KEY: &str = "default-key";

/// The object store; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    database: Database,
    outbox: Outbox,
    blobs: Blobs,
    kms: Kms,
    region: String,
    account: String,
    default_key: String,
    names: RwLock<BTreeSet<String>>,
}

/// What must follow a committed change.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Blobs that nothing names any more.
    pub doomed: Vec<Uuid>,
    /// Whether an event was written.
    pub told: bool,
    /// Whether buckets came or went.
    pub buckets_changed: bool,
}

impl Store {
    pub(super) async fn open(dir: &Path, kms: Kms, region: &str, outbox: Outbox) -> Result<Self> {
        let database = outbox.database().clone();
        let fresh = ambient::new_id()?;
        let identity = database
            .write(move |connection| {
                schema::create(connection)?;
                schema::setting_or(connection, IDENTITY, fresh.to_string())
            })
            .await?;
        let default_key = default_key(&database, &kms).await?;
        let (known, names) = database
            .read::<_, S3Error, _>(|connection| Ok((named_blobs(connection)?, buckets::names(connection)?)))
            .await?;
        let root = dir.join("blobs");
        let opening = tokio::task::spawn_blocking(move || open_blobs(root, &identity, &known));
        let blobs = opening.await??;
        let account = default_key.split(':').nth(4).unwrap_or_default().to_owned();
        let (region, names) = (region.to_owned(), RwLock::new(names));
        let inner = Inner { database, outbox, blobs, kms, region, account, default_key, names };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub(super) fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    pub(super) fn kms(&self) -> &Kms {
        &self.inner.kms
    }

    pub(super) fn region(&self) -> &str {
        &self.inner.region
    }

    pub(super) fn account(&self) -> &str {
        &self.inner.account
    }

    /// The key that protects what asks for no other.
    pub(super) fn default_key(&self) -> &str {
        &self.inner.default_key
    }

    pub(super) fn bucket_names(&self) -> BTreeSet<String> {
        self.inner.names.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn has_bucket(&self, name: &str) -> bool {
        self.inner.names.read().unwrap_or_else(PoisonError::into_inner).contains(name)
    }

    /// Looks at the metadata.
    pub(super) async fn look<T, F>(&self, look: F) -> Result<T>
    where
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.inner.database.read(look).await
    }

    /// Changes the metadata in one transaction; when this answers, the change is durable.
    ///
    /// What follows the commit happens even when the client has gone away.
    pub(super) async fn commit<T, F>(&self, change: F) -> Result<T>
    where
        F: FnOnce(&Connection, &mut Effects) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let store = self.clone();
        let committing = tokio::spawn(async move {
            let run = move |connection: &Connection| {
                let mut effects = Effects::default();
                let outcome = change(connection, &mut effects)?;
                let names = if effects.buckets_changed { Some(buckets::names(connection)?) } else { None };
                Ok::<_, S3Error>((outcome, effects, names))
            };
            let (outcome, effects, names) = store.inner.database.write(run).await?;
            if let Some(names) = names {
                *store.inner.names.write().unwrap_or_else(PoisonError::into_inner) = names;
            }
            if effects.told {
                store.inner.outbox.wake();
            }
            store.blobs().delete(effects.doomed).await;
            Ok(outcome)
        });
        committing.await?
    }
}

fn open_blobs(root: std::path::PathBuf, identity: &str, known: &HashSet<Uuid>) -> Result<Blobs> {
    let blobs = Blobs::open(root)?;
    blobs.belong_to(versions::blob_id(identity)?)?;
    let removed = blobs.remove_orphans(known)?;
    if removed > 0 {
        tracing::info!(removed, "removed what interrupted writes had left");
    }
    Ok(blobs)
}

fn named_blobs(connection: &Connection) -> Result<HashSet<Uuid>> {
    let mut statement = connection.prepare("SELECT blob FROM segments UNION ALL SELECT blob FROM parts")?;
    let mut rows = statement.query([])?;
    let mut blobs = HashSet::new();
    while let Some(row) = rows.next()? {
        blobs.insert(versions::blob_id(&row.get::<_, String>(0)?)?);
    }
    Ok(blobs)
}

/// The store's own key, made at the first opening.
async fn default_key(database: &Database, kms: &Kms) -> Result<String> {
    let known = database.read(|connection| schema::setting(connection, DEFAULT_KEY)).await?;
    if let Some(arn) = known {
        return Ok(arn);
    }
    let kms = kms.clone();
    let arn = tokio::task::spawn_blocking(move || create_key(&kms)).await??;
    database.write(move |connection| schema::setting_or(connection, DEFAULT_KEY, arn)).await
}

fn create_key(kms: &Kms) -> Result<String> {
    let order = json!({ "Description": "Default key that protects S3 objects when no other key is defined" });
    let (status, answer) = kms.respond("TrentService.CreateKey", order.to_string().as_bytes());
    let answer: Value = serde_json::from_slice(&answer)?;
    match answer.pointer("/KeyMetadata/Arn").and_then(Value::as_str) {
        Some(arn) => Ok(arn.to_owned()),
        None => Err(S3Error::Corrupt(format!("the key service made no default key (status {status})"))),
    }
}
