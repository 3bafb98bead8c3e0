//! Serving a function: by the Lambda runtime in production, by the local runner in one process.

use crate::{Function, Problem, Settings, System, route};
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
    if function.events.is_empty() {
        lambda_http::run(service_fn(move |request: Request| {
            let (function, system) = (Arc::clone(&function), Arc::clone(&system));
            async move { Ok::<_, Error>(respond(&function, &system, request).await) }
        }))
        .await
    } else {
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            let (function, system) = (Arc::clone(&function), Arc::clone(&system));
            async move {
                handle(&function, system, event.payload).await.map_err(|problem| {
                    route::failure(&problem, &event.context.request_id);
                    Error::from(problem.code())
                })
            }
        }))
        .await
    }
}

/// Hands an event to whoever of the function's handlers it is for.
async fn handle(function: &Function, system: Arc<System>, event: Value) -> Result<Value, Problem> {
    match function.handler_of(&event) {
        Some(handler) => handler.run(system, event).await,
        None => Err(Problem::internal("an event of a kind that this function does not handle")),
    }
}

/// JSON lines on standard output, as CloudWatch keeps them.
fn log() {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A second initialization (tests in one process) keeps the first.
    let _ = fmt().json().with_env_filter(filter).with_current_span(false).try_init();
}
