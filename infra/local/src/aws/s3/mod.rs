//! S3, with its real wire over one folder: versions, multipart uploads,
//! checksums, encryption under the embedded KMS, Object Lock, lifecycle rules
//! and events through EventBridge.
//!
//! The protocol (routes, XML, signatures) is the `s3s` crate's. Metadata is in
//! SQLite, in the database of the outbox, so that an object and its event are
//! one transaction; content is in sealed files under random names. An
//! acknowledged write survives `kill -9` at any moment, and a refused one
//! leaves no trace.
//!
//! | file | holds |
//! |---|---|
//! | `gate`, `wire`, `caller` | a request's way in |
//! | `buckets`, `objects`, `copying`, `multipart`, `listing`, `tags`, `locks` | the operations |
//! | `conditions`, `digest`, `headers`, `protect` | what requests say about content |
//! | `writer`, `reader`, `seal`, `blobs` | content on disk |
//! | `store`, `schema`, `versions`, `model`, `time` | metadata |
//! | `lifecycle`, `notices` | what happens with time, and who is told |

mod blobs;
mod buckets;
mod caller;
mod conditions;
mod copying;
mod digest;
mod error;
mod gate;
mod headers;
mod lifecycle;
mod listing;
mod locks;
mod model;
mod multipart;
mod notices;
mod objects;
mod protect;
mod reader;
mod schema;
mod seal;
mod store;
mod tags;
mod time;
mod versions;
mod wire;
mod writer;

use std::collections::BTreeSet;
use std::path::Path;

use axum::body::Body;
use http::{HeaderValue, Request, Response, StatusCode};
use jiff::Timestamp;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};

pub use error::S3Error;
pub use lifecycle::LifecycleReport;

use self::caller::Caller;
use self::store::Store;
use crate::aws::Credentials;
use crate::aws::events::Outbox;
use crate::aws::kms::Kms;

/// The object store; clones share it.
#[derive(Clone)]
pub struct S3 {
    store: Store,
    service: S3Service,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3").field("region", &self.store.region()).finish_non_exhaustive()
    }
}

impl S3 {
    /// Opens the store whose content is in `dir` and whose metadata is in the
    /// database of `events`, or begins there.
    ///
    /// # Errors
    /// When either cannot be used, or they do not belong together.
    pub async fn open(
        dir: &Path,
        kms: Kms,
        credentials: Credentials,
        region: &str,
        events: Outbox,
    ) -> Result<Self, S3Error> {
        let store = Store::open(dir, kms, region, events).await?;
        let mut builder = S3ServiceBuilder::new(store.clone());
        builder.set_auth(SimpleAuth::from_single(credentials.access_key_id, credentials.secret_access_key));
        Ok(Self { store, service: builder.build() })
    }

    /// Answers a request of the S3 wire, path-style: `/bucket/key`.
    pub async fn respond(&self, request: Request<Body>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let caller = match Caller::arriving(&parts.extensions) {
            Ok(caller) => caller,
            Err(error) => return refusal(error),
        };
        if let Err(error) = gate::pass(&mut parts, self.store.region()) {
            return with_request_id(refusal(error), &caller);
        }
        parts.extensions.insert(caller.clone());
        let request = Request::from_parts(parts, s3s::Body::http_body_unsync(body));
        let response = match self.service.call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                tracing::error!(?error, "a request for an object could not be answered");
                bare(StatusCode::INTERNAL_SERVER_ERROR)
            }
        };
        with_request_id(response, &caller)
    }

    /// The names of all buckets.
    #[must_use]
    pub fn buckets(&self) -> BTreeSet<String> {
        self.store.bucket_names()
    }

    /// Whether there is a bucket of this name.
    #[must_use]
    pub fn has_bucket(&self, name: &str) -> bool {
        self.store.has_bucket(name)
    }

    /// Carries out the buckets' lifecycle rules as of `now`.
    ///
    /// # Errors
    /// When the store cannot be used; what was done until then stays done.
    pub async fn run_lifecycle(&self, now: Timestamp) -> Result<LifecycleReport, S3Error> {
        self.store.run_lifecycle(now).await
    }
}

fn refusal(error: S3Error) -> Response<Body> {
    match s3s::S3Error::from(error).to_http_response() {
        Ok(response) => response.map(Body::new),
        Err(_) => bare(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn with_request_id(mut response: Response<Body>, caller: &Caller) -> Response<Body> {
    if let Ok(id) = HeaderValue::from_str(&caller.request_id) {
        response.headers_mut().insert("x-amz-request-id", id);
    }
    response
}
