//! DynamoDB over one SQLite file, answered in-process by `dynoxide`.
//!
//! Every acknowledged write is on disk: the file is in WAL mode with SQLite's
//! default `synchronous = FULL`, which flushes the log at each commit (a test
//! holds this). What is forgotten at a restart is only which
//! `ClientRequestToken`s were used in the last ten minutes.

mod dispatch;
mod streams;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use dynoxide::{Database, DynoxideError, ImportOptions};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::{Semaphore, watch};

/// DynamoDB keeps the records of a stream this long.
pub const STREAM_RETENTION: SignedDuration = SignedDuration::from_hours(24);
/// The database works on one request at a time; a second thread reads and
/// writes JSON meanwhile, and more would only wait.
const WORKERS: usize = 2;

/// The database cannot be opened or swept.
#[derive(Debug, thiserror::Error)]
pub enum DynamoDbError {
    /// The engine refuses.
    #[error("the table store failed: {0}")]
    Engine(#[from] DynoxideError),
    /// What is to be imported is no item.
    #[error("that is not an item")]
    Item(#[from] serde_json::Error),
    /// The file beneath it does.
    #[error("the table store's file failed")]
    File(#[from] rusqlite::Error),
    /// The folder cannot be made.
    #[error("the folder of the table store cannot be made")]
    Folder(#[from] std::io::Error),
    /// The folder's name is not text, which SQLite needs.
    #[error("the folder `{0}` has a name that is not unicode")]
    Path(PathBuf),
    /// A worker was lost.
    #[error("the work on the table store was cut short")]
    Interrupted,
}

/// The tables; clones share them.
#[derive(Clone)]
pub struct DynamoDb {
    database: Database,
    file: PathBuf,
    arns: Arc<Arns>,
    workers: Arc<Semaphore>,
    /// Counts what may have written something.
    changes: Arc<watch::Sender<u64>>,
}

/// The answer to one request: a status and a JSON body.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// The JSON body.
    pub body: Bytes,
}

/// The engine names its own region and account in ARNs; these are put in their place.
#[derive(Debug)]
struct Arns {
    ours: String,
    engine: String,
    region: String,
}

impl Arns {
    fn new(region: &str, account: &str) -> Self {
        use dynoxide::streams::{LOCAL_ACCOUNT, LOCAL_REGION};
        Self {
            ours: format!("arn:aws:dynamodb:{region}:{account}:"),
            engine: format!("arn:aws:dynamodb:{LOCAL_REGION}:{LOCAL_ACCOUNT}:"),
            region: region.into(),
        }
    }
}

impl DynamoDb {
    /// Opens the tables in `dir`, or begins there.
    ///
    /// # Errors
    /// When the folder or file cannot be used, or comes from a newer engine.
    pub fn open(dir: &Path, region: &str, account: &str) -> Result<Self, DynamoDbError> {
        std::fs::create_dir_all(dir)?;
        let file = dir.join("tables.sqlite");
        let name = file.to_str().ok_or_else(|| DynamoDbError::Path(dir.to_path_buf()))?;
        let database = Database::new(name)?;
        streams::index(&file)?;
        let arns = Arc::new(Arns::new(region, account));
        let (workers, changes) = (Arc::new(Semaphore::new(WORKERS)), Arc::new(watch::Sender::new(0)));
        Ok(Self { database, file, arns, workers, changes })
    }

    /// Answers one request named by its `X-Amz-Target`.
    pub async fn respond(&self, target: &str, body: Bytes) -> Answer {
        let writes = dispatch::writes(target);
        let answered = self.answer(target, body).await;
        if writes {
            self.wake();
        }
        answered.unwrap_or_else(|_| dispatch::interrupted())
    }

    /// Loads items in one transaction, as an import from object storage does: no stream tells of them. Gives how many.
    ///
    /// # Errors
    /// When one of them is no item of the table, or the database fails; then none is there.
    pub async fn import(&self, table: &str, items: Vec<Value>) -> Result<usize, DynamoDbError> {
        let (database, table) = (self.database.clone(), table.to_owned());
        let imported = self.work(move || -> Result<usize, DynamoDbError> {
            let items = items.into_iter().map(serde_json::from_value).collect::<Result<_, _>>()?;
            Ok(database.import_items(&table, items, ImportOptions::default())?.items_imported)
        });
        imported.await?
    }

    async fn answer(&self, target: &str, body: Bytes) -> Result<Answer, DynamoDbError> {
        let (database, arns, target) = (self.database.clone(), Arc::clone(&self.arns), target.to_owned());
        self.work(move || dispatch::answer(&database, &arns, &target, &body)).await
    }

    /// What was written to a table after a position of its stream, oldest first, or why that cannot be read.
    pub(crate) async fn stream_records(
        &self,
        table: &str,
        after: Option<String>,
        limit: usize,
    ) -> Result<Result<Vec<Value>, String>, DynamoDbError> {
        let start = streams::iterator_request(table, after.as_deref());
        let started = self.answer("DynamoDBStreams_20120810.GetShardIterator", start).await?;
        let get = match streams::records_request(&started, limit) {
            Ok(get) => get,
            Err(why) => return Ok(Err(why)),
        };
        let got = self.answer("DynamoDBStreams_20120810.GetRecords", get).await?;
        Ok(streams::records(&got))
    }

    /// Tells of whatever may have been written.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn wake(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Deletes the items whose time to live is over; returns how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep_ttl(&self) -> Result<usize, DynamoDbError> {
        let database = self.database.clone();
        // Not one of the workers' turns: the engine lets waiting requests in between pages.
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        self.wake();
        Ok(swept.map_err(|_| DynamoDbError::Interrupted)??)
    }

    /// Forgets the stream records older than DynamoDB keeps them; returns how many. Of the tables in `delivered` only
    /// those up to a sequence number go: the rest still has to be delivered, however long nothing ran.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn trim_streams(
        &self,
        now: Timestamp,
        delivered: BTreeMap<String, String>,
    ) -> Result<usize, DynamoDbError> {
        let (file, before) = (self.file.clone(), now - STREAM_RETENTION);
        let trimmed = tokio::task::spawn_blocking(move || streams::trim(&file, before, &delivered)).await;
        Ok(trimmed.map_err(|_| DynamoDbError::Interrupted)??)
    }

    /// Runs blocking work beside the asynchronous threads, a few pieces at a time.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, DynamoDbError> {
        let turn = Arc::clone(&self.workers).acquire_owned().await;
        let turn = turn.map_err(|_| DynamoDbError::Interrupted)?;
        // The turn goes along, so that it ends with the work even when nobody waits for it any more.
        let done = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(turn);
            outcome
        });
        done.await.map_err(|_| DynamoDbError::Interrupted)
    }
}
