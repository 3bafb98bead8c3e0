//! Serving a function: by the Lambda runtime in production, by the local runner in one process.

use crate::{Function, Settings, System, route};
use lambda_http::{Body, Request, RequestExt, Response, request::RequestContext};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use std::sync::Arc;

/// Answers one request of the HTTP API.
pub async fn respond(function: &Function, system: &Arc<System>, request: Request) -> Response<Body> {
    route::answer(function, system, request).await
}

pub(crate) fn request_id(request: &Request) -> String {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

/// Serves a function until Lambda ends it. Everything slow (policies, clients) happens before the first call.
pub async fn serve(function: Function) -> Result<(), Error> {
    log();
    let system = Arc::new(System::new(Settings::from_environment()?).map_err(|problem| problem.code())?);
    let function = Arc::new(function);
    match function.event.clone() {
        Some(handler) => {
            lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
                let (handler, system) = (handler.clone(), Arc::clone(&system));
                async move {
                    handler.run(system, event.payload).await.map_err(|problem| {
                        route::failure(&problem, &event.context.request_id);
                        Error::from(problem.code())
                    })
                }
            }))
            .await
        }
        None => {
            lambda_http::run(service_fn(move |request: Request| {
                let (function, system) = (Arc::clone(&function), Arc::clone(&system));
                async move { Ok::<_, Error>(respond(&function, &system, request).await) }
            }))
            .await
        }
    }
}

/// JSON lines on standard output, as CloudWatch keeps them.
fn log() {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A second initialization (tests in one process) keeps the first.
    let _ = fmt().json().with_env_filter(filter).with_current_span(false).try_init();
}
