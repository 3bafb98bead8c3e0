//! The runner: everything on one port, over one data folder.
//!
//! A request is for the embedded AWS if it says so (target, signature or bucket), for the sign-in service
//! under `/identity`, for the documentation under `/docs`, for the e-mail that would have been sent at `/outbox`, for the
//! portal at its few addresses, and otherwise for the API. `/health` says whether it has started.

use crate::{
    demo::{self, DemoClinic},
    docs,
    functions::functions,
    gateway::Gateway,
    outbox, portal, provision,
    sign_ins::SignInDelivery,
    wake::{WakeError, Wakers},
};
use api::{System, environment::Clock};
use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use http::{HeaderValue, StatusCode, header};
use local::{
    aws::{
        Aws, IdleError, Settings as AwsSettings,
        events::{Deliverer, RetryPolicy},
        scheduler::ScheduleError,
    },
    identity::{self, Identity},
};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// How the product is run on one machine.
#[derive(Clone)]
pub struct Options {
    /// The folder of everything that lasts.
    pub data: PathBuf,
    /// The port on the loopback address; 0 takes any that is free.
    pub port: u16,
    /// Whether the demo clinic's people can sign in.
    pub demo: bool,
    /// Another clock than the machine's.
    pub clock: Option<Clock>,
    /// How patiently events are delivered.
    pub retry: RetryPolicy,
    /// The folder the web portal was built into; without one, the front page is the documentation.
    pub portal: Option<PathBuf>,
    /// Whether the clock leaves schedules alone, and only [`Runner::fire_schedule`] fires them.
    pub schedules_by_hand: bool,
}

impl Options {
    pub fn new(data: impl Into<PathBuf>, port: u16) -> Self {
        Self {
            data: data.into(),
            port,
            demo: true,
            clock: None,
            retry: RetryPolicy::default(),
            portal: None,
            schedules_by_hand: false,
        }
    }
}

/// The product does not start.
#[derive(Debug, thiserror::Error)]
pub enum RunnerError {
    #[error("port {port} of 127.0.0.1 cannot be used: {source}")]
    Port { port: u16, source: io::Error },
    #[error("the data folder cannot be used: {0}")]
    Data(#[from] io::Error),
    #[error(transparent)]
    Aws(#[from] local::aws::AwsError),
    #[error("the sign-in service cannot be opened: {0}")]
    Identity(#[from] identity::IdentityError),
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    #[error("{0}")]
    Provision(Box<dyn std::error::Error + Send + Sync>),
    #[error("the functions cannot start: {0}")]
    Functions(&'static str),
    #[error("the documentation cannot be unpacked: {0}")]
    Docs(#[from] zip::result::ZipError),
    #[error("the functions cannot be woken: {0}")]
    Wake(#[from] WakeError),
    #[error("starting was interrupted")]
    Interrupted,
}

/// A running product; it ends when this is stopped or dropped.
pub struct Runner {
    origin: String,
    system: Arc<System>,
    identity: Identity,
    aws: Aws,
    demo: Option<DemoClinic>,
    wakers: Wakers,
    /// Works for as long as it is kept.
    _sign_ins: SignInDelivery,
    stop: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// What answers requests.
struct Services {
    aws: Aws,
    gateway: Gateway,
    /// Nobody is served before everything that is needed has been made.
    ready: AtomicBool,
}

impl Runner {
    /// Starts everything, making the data folder if there is none.
    pub async fn start(options: Options) -> Result<Self, RunnerError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let listener = TcpListener::bind(address)
            .await
            .map_err(|source| RunnerError::Port { port: options.port, source })?;
        let origin = format!("http://127.0.0.1:{}", listener.local_addr()?.port());
        std::fs::create_dir_all(&options.data)?;
        let credentials = provision::credentials(&options.data)?;
        let aws_settings = AwsSettings {
            region: provision::REGION.to_owned(),
            account: provision::ACCOUNT.to_owned(),
            credentials: credentials.clone(),
        };
        let aws = Aws::open(&options.data, aws_settings).await?;
        let (identity, demo) = open_identity(&options, &origin).await?;
        let settings = provision::settings(&origin, &credentials);
        let system = match &options.clock {
            Some(clock) => System::with_clock(settings.clone(), Arc::clone(clock)),
            None => System::new(settings.clone()),
        };
        let system = Arc::new(system.map_err(|problem| RunnerError::Functions(problem.code()))?);
        let gateway = Gateway::new(functions(), Arc::clone(&system), identity.clone());
        let services = Arc::new(Services { aws: aws.clone(), gateway, ready: AtomicBool::new(false) });
        let router = router(Arc::clone(&services), &identity, options.portal.as_deref())?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            let ended = axum::serve(listener, service).with_graceful_shutdown(async move {
                // An error means the runner was dropped, which ends it too.
                let _ = stopped.await;
            });
            if let Err(error) = ended.await {
                tracing::error!(%error, "the server ended");
            }
        });
        provision::provision(&aws, &settings, &options.data).await.map_err(RunnerError::Provision)?;
        services.ready.store(true, Ordering::Release);
        let wakers = Wakers::start(&aws, &system, &options.retry, options.schedules_by_hand).await?;
        let _sign_ins = SignInDelivery::start(&identity, &system);
        Ok(Self { origin, system, identity, aws, demo, wakers, _sign_ins, stop: Some(stop), server })
    }

    /// Where it answers: `http://127.0.0.1:8400`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub const fn system(&self) -> &Arc<System> {
        &self.system
    }

    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    pub const fn aws(&self) -> &Aws {
        &self.aws
    }

    pub const fn demo(&self) -> Option<&DemoClinic> {
        self.demo.as_ref()
    }

    pub const fn deliverer(&self) -> &Deliverer {
        self.wakers.events()
    }

    /// Waits until no event, no message and no change of the table is on its way to a function.
    pub async fn idle(&self) -> Result<(), IdleError> {
        self.aws.idle().await
    }

    /// Calls a function as its schedule does, now and once, and waits until it has answered.
    pub async fn fire_schedule(&self, function: &str) -> Result<serde_json::Value, ScheduleError> {
        self.wakers.fire(function).await
    }

    /// Ends it after the requests under way.
    pub async fn stop(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        let Self { server, aws, .. } = self;
        let _ = server.await;
        aws.trail().flush().await;
    }
}

/// Opening hashes passwords, so it happens beside the async threads.
async fn open_identity(
    options: &Options,
    origin: &str,
) -> Result<(Identity, Option<DemoClinic>), RunnerError> {
    let (data, origin, demo) = (options.data.clone(), origin.to_owned(), options.demo);
    let clock = options.clock.clone();
    let opening = tokio::task::spawn_blocking(move || {
        let mut settings = identity::Options::new(&origin);
        if let Some(clock) = clock {
            settings.clock = clock;
        }
        let identity = Identity::open(&data.join("identity"), format!("{origin}/identity"), settings)?;
        let clinic = if demo { Some(demo::people(&data, &identity)?) } else { None };
        Ok::<_, RunnerError>((identity, clinic))
    });
    opening.await.map_err(|_| RunnerError::Interrupted)?
}

fn router(
    services: Arc<Services>,
    identity: &Identity,
    portal: Option<&Path>,
) -> Result<Router, RunnerError> {
    let document = api::openapi::document(services.gateway.functions());
    let product = Router::new().route("/health", get(health)).fallback(api).with_state(Arc::clone(&services));
    let front = match portal {
        Some(files) => portal::routes(files, identity.issuer(), identity::PORTAL_CLIENT),
        None => Router::new().route("/", get(|| async { Redirect::temporary("/docs") })),
    };
    Ok(product
        .merge(front)
        .nest("/identity", identity.routes())
        .merge(outbox::routes(services.aws.ses().clone()))
        .merge(docs::routes(&document)?)
        .layer(middleware::from_fn_with_state(services, aws_first)))
}

/// AWS shares the port: its requests are recognised before any route is.
async fn aws_first(State(services): State<Arc<Services>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if !services.aws.claims(&parts) {
        return next.run(Request::from_parts(parts, body)).await;
    }
    let origin = parts.headers.get(header::ORIGIN).cloned();
    if parts.method == http::Method::OPTIONS {
        return allowed(origin, StatusCode::NO_CONTENT.into_response());
    }
    allowed(origin, services.aws.respond(Request::from_parts(parts, body)).await)
}

/// The bucket's CORS rule, which a browser asks for when the portal is served from another origin.
fn allowed(origin: Option<HeaderValue>, mut response: Response) -> Response {
    let local = |origin: &HeaderValue| {
        origin.to_str().is_ok_and(|origin| {
            origin.starts_with("http://127.0.0.1:") || origin.starts_with("http://localhost:")
        })
    };
    if let Some(origin) = origin.filter(local) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, PUT"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(
                "content-type, if-none-match, range, x-amz-checksum-sha256, x-amz-server-side-encryption, \
                 x-amz-server-side-encryption-aws-kms-key-id, x-amz-tagging",
            ),
        );
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "etag, x-amz-checksum-sha256, x-amz-version-id, content-range, accept-ranges",
            ),
        );
    }
    response
}

async fn health(State(services): State<Arc<Services>>) -> Response {
    let (status, word) = match services.ready.load(Ordering::Acquire) {
        true => (StatusCode::OK, "ok\n"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
    };
    (status, [(header::CONTENT_TYPE, "text/plain")], word).into_response()
}

async fn api(State(services): State<Arc<Services>>, request: Request) -> Response {
    if !services.ready.load(Ordering::Acquire) {
        return services.gateway.starting();
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
    services.gateway.respond(request, peer).await
}
