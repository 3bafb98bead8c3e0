//! What a function is surrounded by: settings from the environment, and the AWS clients made from them.
//!
//! One setting decides who answers: with `AWS_ENDPOINT_URL` the embedded AWS of the local runner does,
//! without it AWS does.

use crate::{Problem, meter::Meter};
use authz::Authorizer;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{behavior_version::BehaviorVersion, http::SharedHttpClient};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region};
use domain::{MemberId, OrganizationId};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    env, fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use store::Store;
use uuid::{ContextV7, Uuid};
use vault::{Vault, VaultSettings};

/// How long a call that failed waits at most before it is made again; the third time twice as long.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);

/// What a function is told.
#[derive(Clone)]
pub struct Settings {
    pub region: String,
    /// Who answers instead of AWS.
    pub endpoint: Option<String>,
    pub access_key_id: String,
    pub secret_access_key: String,
    pub session_token: Option<String>,
    pub table: String,
    /// Where the keys of what can be destroyed stand, apart from the table (R158).
    pub keys_table: String,
    pub bucket: String,
    /// The KMS key by id, ARN or alias.
    pub key_id: String,
    /// The KMS key that signs the chain of custody, likewise (R095).
    pub custody_key_id: String,
    /// Where people use the product: intake links point there.
    pub portal_origin: String,
    /// Who vouches for identities; told to functions that hear of sign-ins outside a call.
    pub issuer: Option<String>,
    /// Where work is sent; told to functions that send some.
    pub queue_url: Option<String>,
    /// The address that e-mail comes from; told to functions that send some.
    pub mail_from: Option<String>,
}

/// A setting is missing.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not set")]
pub struct SettingsError(&'static str);

impl Settings {
    /// Reads the environment as Lambda and the template make it.
    pub fn from_environment() -> Result<Self, SettingsError> {
        let required = |name: &'static str| env::var(name).map_err(|_| SettingsError(name));
        Ok(Self {
            region: required("AWS_REGION")?,
            endpoint: env::var("AWS_ENDPOINT_URL").ok().filter(|url| !url.is_empty()),
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret_access_key: required("AWS_SECRET_ACCESS_KEY")?,
            session_token: env::var("AWS_SESSION_TOKEN").ok().filter(|token| !token.is_empty()),
            table: required("STRONGROOM_TABLE")?,
            keys_table: required("STRONGROOM_KEYS_TABLE")?,
            bucket: required("STRONGROOM_BUCKET")?,
            key_id: required("STRONGROOM_KEY")?,
            custody_key_id: required("STRONGROOM_CUSTODY_KEY")?,
            portal_origin: required("STRONGROOM_PORTAL_ORIGIN")?,
            issuer: env::var("STRONGROOM_ISSUER").ok().filter(|url| !url.is_empty()),
            queue_url: env::var("STRONGROOM_QUEUE_URL").ok().filter(|url| !url.is_empty()),
            mail_from: env::var("STRONGROOM_MAIL_FROM").ok().filter(|address| !address.is_empty()),
        })
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({}, {:?})", self.region, self.endpoint)
    }
}

/// Everything a call stands on; made once when a function starts.
pub struct System {
    pub store: Store,
    pub vault: Vault,
    pub authorizer: Authorizer,
    pub settings: Settings,
    pub meter: Meter,
    http: SharedHttpClient,
    clock: Clock,
    ids: Mutex<ContextV7>,
    memberships: Memberships,
}

/// Where the time comes from; tests bring their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

#[expect(clippy::disallowed_methods, reason = "the one place where the time enters the functions")]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}

impl System {
    /// Makes the clients and parses the policies.
    pub fn new(settings: Settings) -> Result<Self, Problem> {
        Self::with_clock(settings, Arc::new(wall_clock))
    }

    pub fn with_clock(settings: Settings, clock: Clock) -> Result<Self, Problem> {
        let clients = Clients::new(&settings);
        let (meter, http) = (clients.meter.clone(), clients.http.clone());
        let store = Store::new(clients.dynamodb, &settings.table, &settings.keys_table);
        let vault_settings = VaultSettings {
            bucket: settings.bucket.clone(),
            key_id: settings.key_id.clone(),
            custody_key_id: settings.custody_key_id.clone(),
        };
        let vault = Vault::new(clients.s3, clients.kms, vault_settings);
        let (ids, memberships) = (Mutex::new(ContextV7::new()), Memberships::default());
        let authorizer = Authorizer::new()?;
        Ok(Self { store, vault, authorizer, settings, meter, http, clock, ids, memberships })
    }

    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// What clients are made from that few functions need, and that are made by nobody else (`shared/post`); they share
    /// the connections of those that every function has.
    pub fn sdk_config(&self) -> SdkConfig {
        let settings = &self.settings;
        let credentials = credentials(settings);
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(self.http.clone())
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .timeout_config(timeouts())
            .retry_config(retries());
        config.set_endpoint_url(settings.endpoint.clone());
        config.build()
    }

    /// A new UUIDv7 of this time, after every one this process has made before: what is found by the time in
    /// an id (evidence, timelines) is found by the time of the call, whatever clock it came from.
    pub(crate) fn new_uuid(&self, now: Timestamp) -> Uuid {
        let ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        Uuid::new_v7(uuid::Timestamp::from_unix(&*ids, seconds, nanos))
    }

    pub(crate) const fn memberships(&self) -> &Memberships {
        &self.memberships
    }
}

/// The official SDK's clients, all over one HTTP client.
pub struct Clients {
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub s3: aws_sdk_s3::Client,
    pub kms: aws_sdk_kms::Client,
    pub meter: Meter,
    http: SharedHttpClient,
}

macro_rules! config {
    ($sdk:ident, $settings:ident, $http:ident, $meter:ident) => {{
        use $sdk::config::{BehaviorVersion, Builder, Region};
        let mut builder = Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new($settings.region.clone()))
            .credentials_provider(credentials($settings))
            .http_client($http.clone())
            .sleep_impl(TokioSleep::new())
            .timeout_config(timeouts())
            .retry_config(retries())
            .interceptor($meter.clone());
        if let Some(endpoint) = &$settings.endpoint {
            builder = builder.endpoint_url(endpoint);
        }
        builder
    }};
}

impl Clients {
    pub fn new(settings: &Settings) -> Self {
        let http = http_client(settings.endpoint.as_deref());
        let meter = Meter::default();
        let dynamodb = config!(aws_sdk_dynamodb, settings, http, meter).build();
        let kms = config!(aws_sdk_kms, settings, http, meter).build();
        // A presigned PUT must not be bound to a checksum of bytes that are not known yet.
        let s3 = config!(aws_sdk_s3, settings, http, meter)
            .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(aws_sdk_s3::config::ResponseChecksumValidation::WhenRequired)
            .force_path_style(settings.endpoint.is_some())
            .build();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
            s3: aws_sdk_s3::Client::from_conf(s3),
            kms: aws_sdk_kms::Client::from_conf(kms),
            meter,
            http,
        }
    }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(60))
        .build()
}

/// Three attempts, as is the SDK's own; but somebody waits for the answer, so the second comes after a tenth of a second at
/// most, and not after a whole one.
fn retries() -> RetryConfig {
    RetryConfig::standard().with_initial_backoff(FIRST_BACKOFF)
}

fn credentials(settings: &Settings) -> Credentials {
    Credentials::new(
        &settings.access_key_id,
        &settings.secret_access_key,
        settings.session_token.clone(),
        None,
        "environment",
    )
}

/// TLS with ring and the system's roots; plain HTTP only to an endpoint that says so, on one machine.
fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    if endpoint.is_some_and(|url| url.starts_with("http://")) {
        Builder::new().build_http()
    } else {
        Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
    }
}

/// Which member an identity is. The answer never changes while a membership lasts, and whether the member is
/// active is read with every call, so keeping it a minute takes no revocation's effect away.
#[derive(Debug, Default)]
pub(crate) struct Memberships(Mutex<HashMap<String, (Instant, Found)>>);

type Found = Vec<(OrganizationId, MemberId)>;

const MEMBERSHIP_LIFE: Duration = Duration::from_secs(60);
const MEMBERSHIPS_KEPT: usize = 10_000;

impl Memberships {
    pub(crate) fn get(&self, identity: &str) -> Option<Vec<(OrganizationId, MemberId)>> {
        let kept = self.0.lock().ok()?;
        kept.get(identity)
            .filter(|(since, _)| since.elapsed() < MEMBERSHIP_LIFE)
            .map(|(_, found)| found.clone())
    }

    pub(crate) fn put(&self, identity: &str, found: Vec<(OrganizationId, MemberId)>) {
        let Ok(mut kept) = self.0.lock() else { return };
        if kept.len() >= MEMBERSHIPS_KEPT {
            kept.clear();
        }
        kept.insert(identity.to_owned(), (Instant::now(), found));
    }

    pub(crate) fn forget(&self, identity: &str) {
        if let Ok(mut kept) = self.0.lock() {
            kept.remove(identity);
        }
    }
}
