//! The embedded AWS: DynamoDB with its streams, S3, KMS, SQS, SES, schedules, events
//! and a trail of calls, in one process and one folder, answering the real wire to
//! whoever holds its credentials. It knows nothing of records, and production knows
//! nothing of it.
//!
//! | module | stands in for |
//! |---|---|
//! | `dynamodb`, `streams` | DynamoDB, and Lambda following a table's stream |
//! | `s3`, `objects` | S3, and its front |
//! | `kms` | KMS |
//! | `sqs` | SQS, and Lambda following a queue |
//! | `ses` | SES, which keeps what it takes |
//! | `events`, `scheduler` | EventBridge: rules and schedules |
//! | `trail` | CloudTrail |
//! | `signature`, `json` | who asks, and the wire that DynamoDB, KMS and SQS share |
//! | `ambient`, `faults` | the clock and randomness; failing on purpose, for tests |
//!
//! ```text
//! <data>/lock        held while a process uses the folder
//! <data>/dynamodb/   the tables, one SQLite file
//! <data>/kms/        the keys, wrapped, and the root key that wraps them
//! <data>/events/     what is to be told to whom, queues, e-mail that was taken, and the objects' metadata, one SQLite file
//! <data>/s3/         the objects' content, sealed
//! <data>/trail/      who called what, a file a day
//! ```

pub(crate) mod ambient;
pub mod dynamodb;
pub mod events;
pub mod faults;
mod json;
pub mod kms;
mod objects;
pub mod s3;
pub mod scheduler;
pub mod ses;
pub mod signature;
pub mod sqs;
pub mod streams;
pub mod trail;

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::request::Parts;
use http::{Request, Response};
use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use self::dynamodb::{DynamoDb, DynamoDbError};
use self::events::{DatabaseError, Outbox};
use self::faults::Faults;
use self::kms::{Kms, KmsError};
use self::s3::{S3, S3Error};
use self::ses::Ses;
pub use self::signature::Credentials;
use self::sqs::{Sqs, SqsError};
use self::streams::{StreamError, Streams};
use self::trail::{Trail, describe};

/// How often what has come due is done: items and keys expire, uploads are given up.
const MAINTENANCE_PERIOD: Duration = Duration::from_secs(60);

/// Where the embedded AWS pretends to be, and who may call it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The region in ARNs and signatures.
    pub region: String,
    /// The account id in ARNs.
    pub account: String,
    /// The one access key that opens everything.
    pub credentials: Credentials,
}

/// The embedded AWS cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// The data folder cannot be made or used.
    #[error("the data folder cannot be used")]
    Folder(#[from] std::io::Error),
    /// Another process has the data folder open.
    #[error("the data folder is in use by another process")]
    InUse,
    /// The keys cannot be opened.
    #[error("the keys cannot be opened")]
    Kms(#[from] KmsError),
    /// The tables cannot be opened.
    #[error("the tables cannot be opened")]
    DynamoDb(#[from] DynamoDbError),
    /// The events cannot be opened.
    #[error("the events cannot be opened")]
    Events(#[from] DatabaseError),
    /// The objects cannot be opened.
    #[error("the objects cannot be opened")]
    S3(#[from] S3Error),
    /// Opening was cut short.
    #[error("opening was interrupted")]
    Interrupted,
}

/// What is on its way cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum IdleError {
    /// Events cannot.
    #[error(transparent)]
    Events(#[from] DatabaseError),
    /// Messages cannot.
    #[error(transparent)]
    Sqs(#[from] SqsError),
    /// Changes of tables cannot.
    #[error(transparent)]
    Streams(#[from] StreamError),
}

/// The embedded AWS; clones share it. Dropping the last one stops its timers.
#[derive(Clone)]
pub struct Aws {
    inner: Arc<Inner>,
}

struct Inner {
    services: Services,
    trail: Trail,
    faults: Faults,
    settings: Settings,
    maintenance: JoinHandle<()>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.maintenance.abort();
    }
}

/// What needs looking after.
#[derive(Clone)]
struct Services {
    dynamodb: DynamoDb,
    kms: Kms,
    s3: S3,
    events: Outbox,
    sqs: Sqs,
    ses: Ses,
    streams: Streams,
    // Last, so that the folder is free only when all above have let go of it.
    _lock: Arc<File>,
}

impl Aws {
    /// Opens everything in `data`, or begins there, and starts its timers.
    ///
    /// # Errors
    /// When the folder is in use, or something in it cannot be opened.
    pub async fn open(data: &Path, settings: Settings) -> Result<Self, AwsError> {
        let folder = data.to_path_buf();
        let (region, account) = (settings.region.clone(), settings.account.clone());
        let opening = tokio::task::spawn_blocking(move || {
            let lock = lock(&folder)?;
            let kms = Kms::open(&folder.join("kms"), &region, &account)?;
            let dynamodb = DynamoDb::open(&folder.join("dynamodb"), &region, &account)?;
            let trail = Trail::open(&folder.join("trail"))?;
            Ok::<_, AwsError>((lock, kms, dynamodb, trail))
        });
        let (lock, kms, dynamodb, trail) = opening.await.map_err(|_| AwsError::Interrupted)??;
        let events = Outbox::open(&data.join("events")).await?;
        let (credentials, region) = (settings.credentials.clone(), &settings.region);
        let s3 = S3::open(&data.join("s3"), kms.clone(), credentials, region, events.clone()).await?;
        let sqs = Sqs::open(&events, region, &settings.account).await?;
        let (ses, streams) = (Ses::open(&events).await?, Streams::open(dynamodb.clone(), &events).await?);
        let services = Services { dynamodb, kms, s3, events, sqs, ses, streams, _lock: Arc::new(lock) };
        let maintenance = tokio::spawn(maintain_forever(services.clone()));
        let faults = Faults::default();
        Ok(Self { inner: Arc::new(Inner { services, trail, faults, settings, maintenance }) })
    }

    /// Answers one request: DynamoDB, KMS or SQS when it has an `X-Amz-Target`, SES when it is signed for that, and S3
    /// otherwise.
    pub async fn respond(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let is_for_ses = ses::is_for(&parts);
        let request = Request::from_parts(parts, body);
        if request.headers().contains_key("x-amz-target") {
            json::respond(self, request).await
        } else if is_for_ses {
            ses::respond(self, request).await
        } else {
            objects::respond(self, request).await
        }
    }

    /// Whether a request is meant for AWS rather than for another service on the same port.
    #[must_use]
    pub fn claims(&self, request: &Parts) -> bool {
        let signed = request.headers.get(http::header::AUTHORIZATION);
        let signed = signed.is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256"));
        let query = request.uri.query().unwrap_or_default();
        let presigned = query.split('&').any(|pair| pair.starts_with("X-Amz-Signature="));
        if request.headers.contains_key("x-amz-target") || signed || presigned {
            return true;
        }
        let (bucket, _) = describe::bucket_and_key(request.uri.path());
        bucket.is_some_and(|bucket| self.s3().has_bucket(&bucket))
    }

    /// The keys.
    #[must_use]
    pub fn kms(&self) -> &Kms {
        &self.inner.services.kms
    }

    /// The tables.
    #[must_use]
    pub fn dynamodb(&self) -> &DynamoDb {
        &self.inner.services.dynamodb
    }

    /// The objects.
    #[must_use]
    pub fn s3(&self) -> &S3 {
        &self.inner.services.s3
    }

    /// The events that await delivery.
    #[must_use]
    pub fn events(&self) -> &Outbox {
        &self.inner.services.events
    }

    /// The queues.
    #[must_use]
    pub fn sqs(&self) -> &Sqs {
        &self.inner.services.sqs
    }

    /// The e-mail that was taken.
    #[must_use]
    pub fn ses(&self) -> &Ses {
        &self.inner.services.ses
    }

    /// The delivery of what is written to tables.
    #[must_use]
    pub fn streams(&self) -> &Streams {
        &self.inner.services.streams
    }

    /// What is to fail.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Waits until nothing is on its way to anybody: no event, no message, no change of a table.
    ///
    /// # Errors
    /// When what is on its way cannot be read.
    pub async fn idle(&self) -> Result<(), IdleError> {
        let Services { events, sqs, streams, .. } = &self.inner.services;
        loop {
            events.idle().await?;
            sqs.idle().await?;
            streams.idle().await?;
            // Each may have given the others something to do.
            if events.pending().await? == 0 && sqs.pending().await? == 0 && streams.is_idle().await? {
                return Ok(());
            }
        }
    }

    /// The record of calls.
    #[must_use]
    pub fn trail(&self) -> &Trail {
        &self.inner.trail
    }

    /// Where this AWS pretends to be, and who may call it.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Does everything that has come due by `now`, as the timers do every minute.
    pub async fn maintain(&self, now: Timestamp) {
        maintain(&self.inner.services, now).await;
    }
}

/// Takes the data folder for this process; the system gives it back however the process ends.
fn lock(data: &Path) -> Result<File, AwsError> {
    std::fs::create_dir_all(data)?;
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(data.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(AwsError::InUse),
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

async fn maintain_forever(services: Services) {
    let mut ticks = interval_at(Instant::now() + MAINTENANCE_PERIOD, MAINTENANCE_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        maintain(&services, ambient::now()).await;
    }
}

/// Does what has come due; what fails is said, and tried again the next time.
async fn maintain(services: &Services, now: Timestamp) {
    let Services { dynamodb, kms, s3, streams, .. } = services;
    said("items could not be expired", dynamodb.sweep_ttl().await);
    match streams.delivered().await {
        Ok(delivered) => {
            said("stream records could not be trimmed", dynamodb.trim_streams(now, delivered).await);
        }
        Err(error) => said("stream records could not be trimmed", Err::<(), _>(error)),
    }
    said("the lifecycle of objects could not be run", s3.run_lifecycle(now).await);
    let keys = kms.clone();
    let done = tokio::task::spawn_blocking(move || {
        said("keys could not be erased", keys.expire_keys(now));
        said("keys could not be rotated", keys.rotate_due_keys(now));
    });
    said("the care of keys was interrupted", done.await);
}

fn said<T, E: std::error::Error + 'static>(what: &'static str, outcome: Result<T, E>) {
    if let Err(error) = outcome {
        tracing::error!(error = &error as &dyn std::error::Error, "{what}");
    }
}
