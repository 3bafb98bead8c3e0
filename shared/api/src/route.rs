//! From a request to its handler and back: the same steps for every operation.

use crate::{
    Access, Call, Caller, Endpoint, Function, Method, Problem, System, call::no_membership, caller::sha256,
    function::Answered, idempotency, json::Strict, problem::RACED,
};
use authz::Denial;
use domain::{MemberId, OrganizationId, limits::BODY_BYTES};
use evidence::{Actor, Evidence, Outcome};
use lambda_http::{Body, Request, Response};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

/// Tries of a call that lost a race: it is decided anew on what is there now.
const TRIES: u32 = 4;

/// Answers one request.
pub(crate) async fn answer(function: &Function, system: &Arc<System>, request: Request) -> Response<Body> {
    let request_id = crate::lambda::request_id(&request);
    let answered = match parse(function, system, request) {
        Ok((endpoint, call, input)) => {
            let success = endpoint.operation.success;
            run(function, endpoint, call, input).await.map(|answered| (success, answered))
        }
        Err(problem) => Err(problem),
    };
    match answered {
        Ok((status, answered)) => success(status, answered),
        Err(problem) => failure(&problem, &request_id),
    }
}

async fn run(
    function: &Function,
    endpoint: &Endpoint,
    mut call: Call,
    input: Value,
) -> Result<Answered, Problem> {
    match endpoint.operation.access {
        Access::Member => call.member = Some(membership(&call).await?),
        Access::Pass => call = call.passed(function).await?,
        Access::Identity | Access::IntakeLink => {}
    }
    let mut attempt = 1;
    let problem = loop {
        match endpoint.run(call.clone(), input.clone()).await {
            Ok(answered) => return Ok(answered),
            Err(problem) if is_refused(&call, &problem) => break problem,
            // A replay fails on what its first run has done; its answer is looked for before it is tried again.
            Err(problem) => match idempotency::recall(&call).await? {
                Some(body) => {
                    let body = (!body.is_null()).then_some(body);
                    return Ok(Answered { body, location: None, replayed: true });
                }
                None if problem.code() == RACED && attempt < TRIES => attempt += 1,
                None => break problem,
            },
        }
    };
    if problem.denial().is_some() {
        witness_denial(&call, &problem).await?;
    }
    Err(problem)
}

/// Whether the caller may not do it, or not any more: then they are not told either what was answered when they might
/// (R057).
fn is_refused(call: &Call, problem: &Problem) -> bool {
    let is_replay = |denial: &Denial| call.operation.ends_own_right && denial.active;
    problem.denial().is_some_and(|denial| !is_replay(denial))
}

/// Which member of which organization calls.
async fn membership(call: &Call) -> Result<(OrganizationId, MemberId), Problem> {
    let identity = call.identity()?;
    let known = match call.system.memberships().get(&identity.digest) {
        Some(known) => known,
        None => {
            let found = call.system.store.memberships(&identity.digest).await?;
            let found: Vec<_> = found.into_iter().map(|one| (one.organization_id, one.member_id)).collect();
            if !found.is_empty() {
                call.system.memberships().put(&identity.digest, found.clone());
            }
            found
        }
    };
    choose(&known, call.caller.organization.as_deref())
}

fn choose(
    known: &[(OrganizationId, MemberId)],
    wanted: Option<&str>,
) -> Result<(OrganizationId, MemberId), Problem> {
    match (known, wanted) {
        (_, Some(wanted)) => {
            known.iter().find(|(id, _)| id.to_string() == wanted).copied().ok_or_else(no_membership)
        }
        ([], None) => Err(no_membership()),
        ([only], None) => Ok(*only),
        (_, None) => Err(Problem::invalid(
            "choose_organization",
            "you are a member of several organizations; name one in the `Strongroom-Organization` header",
        )),
    }
}

/// A denial is evidence like every other act (R131).
async fn witness_denial(call: &Call, problem: &Problem) -> Result<(), Problem> {
    let (Some((organization_id, member_id)), Some(denial)) = (call.member, problem.denial()) else {
        return Ok(());
    };
    let id = |name: &str| call.path.get(name);
    let subjects = evidence::Subjects {
        client_id: id("client_id").and_then(|id| id.parse().ok()).or(denial.about.client_id),
        chart_id: id("chart_id").and_then(|id| id.parse().ok()).or(denial.about.chart_id),
        record_id: id("record_id").and_then(|id| id.parse().ok()).or(denial.about.record_id),
        member_id: id("member_id").and_then(|id| id.parse().ok()),
        space_id: id("space_id").and_then(|id| id.parse().ok()).or(denial.about.space_id),
        facilitation_id: id("facilitation_id")
            .and_then(|id| id.parse().ok())
            .or(denial.about.facilitation_id),
        participant_id: id("participant_id").and_then(|id| id.parse().ok()),
        space_item_id: id("item_id").and_then(|id| id.parse().ok()),
        ..evidence::Subjects::default()
    };
    let evidence = Evidence {
        id: call.new_id(),
        organization_id,
        at: call.now,
        kind: call.operation.evidence,
        outcome: Outcome::Denied,
        actor: Actor::Member {
            member_id,
            session_id: call.caller.identity.as_ref().and_then(|identity| identity.session_id),
        },
        subjects,
        purpose: call.caller.purpose.unwrap_or(call.operation.purpose),
        source: call.caller.source.clone(),
        policies: denial.policies.clone(),
        details: BTreeMap::new(),
    };
    Ok(call.system.store.witness(&evidence).await?)
}

fn parse<'f>(
    function: &'f Function,
    system: &Arc<System>,
    request: Request,
) -> Result<(&'f Endpoint, Call, Value), Problem> {
    let (endpoint, path) = find(function, request.method().as_str(), request.uri().path())?;
    let operation = endpoint.operation;
    let caller = Caller::of(&request)?;
    match operation.access {
        Access::Member | Access::Identity if caller.identity.is_none() => {
            return Err(Problem::unauthenticated("sign in first"));
        }
        Access::IntakeLink if caller.intake_token.is_none() => {
            return Err(Problem::unauthenticated("the intake link's token is missing"));
        }
        _ => {}
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    let request_path = request.uri().path().to_owned();
    let json = is_json(&request);
    let body = match request.into_body() {
        Body::Text(text) => text.into_bytes(),
        Body::Binary(bytes) => bytes,
        _ => Vec::new(),
    };
    if body.len() > BODY_BYTES {
        return Err(Problem::new(413, "too_large", format!("a request has at most {BODY_BYTES} bytes")));
    }
    let input = if operation.method.has_body() {
        if !query.is_empty() {
            return Err(Problem::invalid("invalid_query", "this operation takes no query string"));
        }
        if !body.is_empty() && !json {
            return Err(Problem::new(415, "not_json", "send the body as `application/json`"));
        }
        body_input(&body)?
    } else {
        if !body.is_empty() {
            return Err(Problem::invalid("invalid_body", "this operation takes no body"));
        }
        query_input(&query)?
    };
    let signed = [request_path.as_bytes(), b"\0", query.as_bytes(), b"\0", &body].concat();
    let call = Call {
        system: Arc::clone(system),
        operation,
        caller,
        now: system.now(),
        path,
        request_sha256: sha256(&signed),
        member: None,
        pass: None,
    };
    Ok((endpoint, call, input))
}

fn is_json(request: &Request) -> bool {
    let kind = request.headers().get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    })
}

fn body_input(body: &[u8]) -> Result<Value, Problem> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let Strict(value) = serde_json::from_slice(body)
        .map_err(|error| Problem::invalid("malformed_json", public_parse_error(&error.to_string())))?;
    // A list would be taken for the fields in their order.
    if value.is_object() {
        Ok(value)
    } else {
        Err(Problem::invalid("invalid_input", "the body must be an object"))
    }
}

fn query_input(query: &str) -> Result<Value, Problem> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
        .map_err(|_| Problem::invalid("invalid_query", "the query string cannot be read"))?;
    let mut fields = Map::new();
    for (name, value) in pairs {
        if fields.insert(name.clone(), Value::String(value)).is_some() {
            let name: String = name.chars().take(64).collect();
            return Err(Problem::invalid("invalid_query", format!("`{name}` is given twice")));
        }
    }
    Ok(Value::Object(fields))
}

/// What the parser says, without the values it quotes: they may be somebody's.
pub(crate) fn public_parse_error(error: &str) -> String {
    let mut shown = String::new();
    let mut quoted = false;
    for c in error.chars().take(300) {
        match c {
            '"' if !quoted => {
                quoted = true;
                shown.push_str("\"…");
            }
            '"' => {
                quoted = false;
                shown.push('"');
            }
            _ if !quoted => shown.push(c),
            _ => {}
        }
    }
    shown
}

fn find<'f>(
    function: &'f Function,
    method: &str,
    path: &str,
) -> Result<(&'f Endpoint, BTreeMap<String, String>), Problem> {
    let mut allowed: Vec<Method> = Vec::new();
    for endpoint in &function.endpoints {
        let Some(found) = matches(endpoint.operation.path, path) else { continue };
        if endpoint.operation.method.name() == method {
            return Ok((endpoint, found));
        }
        allowed.push(endpoint.operation.method);
    }
    if allowed.is_empty() {
        return Err(Problem::new(404, "no_such_operation", "there is no such operation"));
    }
    let names: Vec<&str> = allowed.into_iter().map(Method::name).collect();
    Err(Problem::new(405, "method_not_allowed", format!("this address takes {}", names.join(", "))))
}

/// The variables of a path that has the shape of a template.
fn matches(template: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    let mut found = BTreeMap::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (Some(want), Some(give)) => {
                match want.strip_prefix('{').and_then(|want| want.strip_suffix('}')) {
                    Some(name) if !give.is_empty() => {
                        found.insert(name.to_owned(), give.to_owned());
                    }
                    None if want == give => {}
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

fn success(status: u16, answered: Answered) -> Response<Body> {
    let mut response = Response::builder()
        .status(if answered.body.is_some() || answered.location.is_some() { status } else { 204 })
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff");
    if let Some(location) = answered.location {
        response = response.header("location", location).header("referrer-policy", "no-referrer");
    }
    if answered.replayed {
        response = response.header("idempotency-replayed", "true");
    }
    let body = match answered.body {
        Some(body) => {
            response = response.header("content-type", "application/json");
            Body::Text(body.to_string())
        }
        None => Body::Empty,
    };
    response.body(body).unwrap_or_default()
}

pub(crate) fn failure(problem: &Problem, request_id: &str) -> Response<Body> {
    match problem.cause() {
        Some(cause) if problem.status() >= 500 => {
            tracing::error!(code = problem.code(), request_id, cause, "call failed");
        }
        Some(cause) => tracing::warn!(code = problem.code(), request_id, cause, "call refused"),
        None => tracing::info!(code = problem.code(), request_id, "call refused"),
    }
    let mut response = Response::builder()
        .status(problem.status())
        .header("content-type", "application/problem+json")
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff");
    if problem.status() == 503 {
        response = response.header("retry-after", "1");
    }
    response.body(Body::Text(problem.body(request_id).to_string())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_matches_its_template_alone() {
        let found = matches("/charts/{chart_id}/records/{record_id}", "/charts/a/records/b").unwrap();
        assert_eq!((found["chart_id"].as_str(), found["record_id"].as_str()), ("a", "b"));
        for other in
            ["/charts/a/records", "/charts/a/records/", "/charts/a/records/b/c", "/chart/a/records/b", ""]
        {
            assert!(matches("/charts/{chart_id}/records/{record_id}", other).is_none(), "{other}");
        }
    }

    #[test]
    fn parse_errors_keep_values_to_themselves() {
        let error = r#"invalid type: string "078-05-1120", expected u16 at line 1 column 30"#;
        assert_eq!(
            public_parse_error(error),
            r#"invalid type: string "…", expected u16 at line 1 column 30"#
        );
    }

    #[test]
    fn a_body_is_an_object_that_names_each_field_once() {
        assert!(body_input(br#"{"a":1}"#).is_ok());
        assert_eq!(body_input(b"").unwrap(), Value::Object(Map::new()));
        assert_eq!(body_input(br#"{"a":1,"a":2}"#).unwrap_err().code(), "malformed_json");
        for other in ["[]", "[1]", "null", "1", r#""{}""#] {
            assert_eq!(body_input(other.as_bytes()).unwrap_err().code(), "invalid_input", "{other}");
        }
    }

    #[test]
    fn a_query_names_each_field_once() {
        assert!(query_input("name=gr&limit=5").is_ok());
        assert_eq!(query_input("name=a&name=b").unwrap_err().code(), "invalid_query");
    }
}
