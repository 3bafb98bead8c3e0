//! Who calls, as the gateway says it: the claims of a verified token, or the token of an intake link.

use crate::Problem;
use domain::{SessionId, purpose::Purpose};
use evidence::Source;
use http::HeaderMap;
use lambda_http::{
    RequestExt, aws_lambda_events::apigw::ApiGatewayV2httpRequestContext, request::RequestContext,
};
use ring::digest;
use std::collections::HashMap;
use store::Pass;
use uuid::Uuid;

/// Names the organization to act in, for a person who is a member of several.
pub const ORGANIZATION_HEADER: &str = "strongroom-organization";
/// Names the purpose of use, by its FHIR code.
pub const PURPOSE_HEADER: &str = "strongroom-purpose";
/// The token of an intake link; in a header, so that no log of addresses keeps it.
pub const INTAKE_TOKEN_HEADER: &str = "strongroom-intake-token";

/// Who calls, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    pub identity: Option<Identity>,
    /// Hexadecimal SHA-256 of an intake link's token.
    pub intake_token: Option<String>,
    pub source: Source,
    pub organization: Option<String>,
    pub purpose: Option<Purpose>,
    pub idempotency_key: Option<String>,
}

/// A person the identity provider vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Digest of issuer and subject: what memberships are kept under.
    pub digest: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: Option<String>,
    pub session_id: Option<SessionId>,
}

impl Caller {
    /// Reads the caller from a request of the gateway. The signature of the token was verified there (the
    /// HTTP API's JWT authorizer, or the local runner's).
    pub(crate) fn of(request: &lambda_http::Request) -> Result<Self, Problem> {
        let headers = request.headers();
        let context = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => Some(context),
            _ => None,
        };
        Ok(Self {
            identity: context.and_then(claims).and_then(Identity::of),
            intake_token: text(headers, INTAKE_TOKEN_HEADER)?.map(|token| sha256(token.as_bytes())),
            source: source(context, headers),
            organization: text(headers, ORGANIZATION_HEADER)?.map(str::to_owned),
            purpose: purpose(headers)?,
            idempotency_key: idempotency_key(headers)?,
        })
    }
}

impl Identity {
    /// Under what the memberships of a person are kept: a digest of who vouches for them, and as whom.
    pub fn digest_of(issuer: &str, subject: &str) -> String {
        sha256(format!("{issuer}\u{0}{subject}").as_bytes())
    }

    /// Whom a pass was made for: who they are is all that it says.
    pub(crate) fn of_pass(pass: &Pass) -> Self {
        Self {
            digest: pass.identity.clone(),
            email: None,
            email_verified: false,
            name: None,
            session_id: pass.session_id,
        }
    }

    fn of(claims: &HashMap<String, String>) -> Option<Self> {
        let (issuer, subject) = (claims.get("iss")?, claims.get("sub")?);
        let session = claims.get("sid").or_else(|| claims.get("origin_jti")).or_else(|| claims.get("jti"));
        Some(Self {
            digest: Self::digest_of(issuer, subject),
            email: claims.get("email").cloned(),
            email_verified: claims.get("email_verified").is_some_and(|verified| verified == "true"),
            name: claims.get("name").or_else(|| claims.get("username")).cloned(),
            session_id: session.and_then(|id| Uuid::parse_str(id).ok()).map(SessionId::from),
        })
    }
}

fn claims(context: &ApiGatewayV2httpRequestContext) -> Option<&HashMap<String, String>> {
    Some(&context.authorizer.as_ref()?.jwt.as_ref()?.claims)
}

fn source(context: Option<&ApiGatewayV2httpRequestContext>, headers: &HeaderMap) -> Source {
    let agent = headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    Source {
        ip: context.and_then(|context| context.http.source_ip.clone()),
        user_agent: agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(200).collect()),
        request_id: context.and_then(|context| context.request_id.clone()).unwrap_or_default(),
    }
}

fn purpose(headers: &HeaderMap) -> Result<Option<Purpose>, Problem> {
    let Some(code) = text(headers, PURPOSE_HEADER)? else { return Ok(None) };
    let purpose = Purpose::from_code(code);
    purpose.map(Some).ok_or_else(|| {
        Problem::invalid("invalid_purpose", "the purpose must be a FHIR purpose-of-use code, such as `TREAT`")
    })
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = text(headers, "idempotency-key")? else { return Ok(None) };
    if (1..=domain::limits::IDEMPOTENCY_KEY_CHARS).contains(&key.len()) {
        Ok(Some(key.to_owned()))
    } else {
        Err(Problem::invalid("invalid_idempotency_key", "an idempotency key has 1 to 128 characters"))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let sound = value.to_str().ok().filter(|text| text.len() <= 1_024);
    sound.map(Some).ok_or_else(|| {
        Problem::invalid("invalid_header", format!("`{name}` must be at most 1024 visible ASCII characters"))
    })
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    digest::digest(&digest::SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
