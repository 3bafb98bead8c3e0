//! Checking the Signature Version 4 of a request in its headers, as all services
//! but S3 get it. (S3 checks its own, which also come in query strings.)

use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap};
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use ring::{digest, hmac};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Further from our clock than this, a signature is taken for a replay.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(15);

/// An access key: its public id and its secret.
#[derive(Clone)]
pub struct Credentials {
    /// The id, which goes over the wire.
    pub access_key_id: String,
    /// The secret, which signs.
    pub secret_access_key: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Why a request is not from our caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no signature.
    #[error("the request is missing an authentication token")]
    Missing,
    /// There is something else than a complete signature.
    #[error("the authorization header is incomplete or malformed")]
    Incomplete,
    /// It is signed with another access key.
    #[error("the access key is unknown")]
    UnknownKey,
    /// It was signed too long ago, or ahead of time.
    #[error("the signature has expired or is not yet valid")]
    Expired,
    /// It does not fit the request.
    #[error("the signature does not match the request")]
    Mismatch,
}

impl SignatureError {
    /// The error's code on the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Incomplete => "IncompleteSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::Expired | Self::Mismatch => "InvalidSignatureException",
        }
    }

    /// The status that goes with it.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::FORBIDDEN
    }
}

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
    signed_headers: Vec<&'a str>,
    signature: Vec<u8>,
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Option<Self> {
        let fields = header.strip_prefix(ALGORITHM)?.strip_prefix(' ')?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            match field.trim().split_once('=')? {
                ("Credential", value) => credential = Some(value),
                ("SignedHeaders", value) => signed_headers = Some(value),
                ("Signature", value) => signature = Some(value),
                _ => return None,
            }
        }
        let mut scope = credential?.rsplitn(5, '/');
        if scope.next()? != "aws4_request" {
            return None;
        }
        let (service, region, date) = (scope.next()?, scope.next()?, scope.next()?);
        Some(Self {
            access_key_id: scope.next()?,
            date,
            region,
            service,
            signed_headers: signed_headers?.split(';').collect(),
            signature: unhex(signature?)?,
        })
    }

    fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }

    fn signing_key(&self, secret: &str) -> hmac::Key {
        let first = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
        [self.date, self.region, self.service, "aws4_request"].into_iter().fold(first, |key, part| {
            hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref())
        })
    }
}

/// What a signature must be made for.
pub(crate) struct Expected<'a> {
    pub credentials: &'a Credentials,
    pub region: &'a str,
    pub service: &'a str,
    pub now: Timestamp,
}

impl Expected<'_> {
    /// Refuses a request that the holder of the credentials did not make just now.
    pub(crate) fn check(&self, request: &Parts, body: &[u8]) -> Result<(), SignatureError> {
        let header = request.headers.get(AUTHORIZATION).ok_or(SignatureError::Missing)?;
        let header = header.to_str().map_err(|_| SignatureError::Incomplete)?;
        let authorization = Authorization::parse(header).ok_or(SignatureError::Incomplete)?;
        if authorization.access_key_id != self.credentials.access_key_id {
            return Err(SignatureError::UnknownKey);
        }
        if (authorization.region, authorization.service) != (self.region, self.service) {
            return Err(SignatureError::Mismatch);
        }
        let signed_at = request.headers.get("x-amz-date").and_then(|value| value.to_str().ok());
        let signed_at = signed_at.ok_or(SignatureError::Incomplete)?;
        self.check_time(&authorization, signed_at)?;
        check_coverage(&authorization, &request.headers)?;
        let canonical = canonical_request(request, &authorization, body).ok_or(SignatureError::Mismatch)?;
        let to_sign =
            format!("{ALGORITHM}\n{signed_at}\n{}\n{}", authorization.scope(), sha256(canonical.as_bytes()));
        let key = authorization.signing_key(&self.credentials.secret_access_key);
        hmac::verify(&key, to_sign.as_bytes(), &authorization.signature).map_err(|_| SignatureError::Mismatch)
    }

    fn check_time(&self, authorization: &Authorization<'_>, signed_at: &str) -> Result<(), SignatureError> {
        let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", signed_at)
            .and_then(|at| at.to_zoned(jiff::tz::TimeZone::UTC))
            .map_err(|_| SignatureError::Incomplete)?
            .timestamp();
        if signed_at.get(..8) != Some(authorization.date) {
            return Err(SignatureError::Mismatch);
        }
        if at.duration_since(self.now).abs() > TOLERANCE {
            return Err(SignatureError::Expired);
        }
        Ok(())
    }
}

/// What decides over the request must be signed: where it goes, when, and what it asks.
fn check_coverage(authorization: &Authorization<'_>, headers: &HeaderMap) -> Result<(), SignatureError> {
    let covered = |name: &str| authorization.signed_headers.contains(&name);
    let target_covered = !headers.contains_key("x-amz-target") || covered("x-amz-target");
    if covered("host") && covered("x-amz-date") && target_covered {
        return Ok(());
    }
    Err(SignatureError::Incomplete)
}

/// The request in the one form that both sides sign; `None` when a signed header is missing or no text.
fn canonical_request(request: &Parts, authorization: &Authorization<'_>, body: &[u8]) -> Option<String> {
    let mut query: Vec<&str> = request.uri.query().unwrap_or_default().split('&').collect();
    query.sort_unstable();
    let mut headers = String::new();
    for name in &authorization.signed_headers {
        let values = request.headers.get_all(*name).iter().map(|value| value.to_str().ok().map(collapse));
        let values: Vec<String> = values.collect::<Option<_>>()?;
        if values.is_empty() {
            return None;
        }
        headers.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    Some(format!(
        "{}\n{}\n{}\n{headers}\n{}\n{}",
        request.method,
        request.uri.path(),
        query.join("&"),
        authorization.signed_headers.join(";"),
        sha256(body),
    ))
}

/// Without outer spaces, and with single inner ones.
fn collapse(value: &str) -> String {
    value.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn sha256(bytes: &[u8]) -> String {
    digest::digest(&digest::SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// The published example `get-vanilla-query-order-key-case`, whose signature AWS gives.
    fn example() -> (Parts, Credentials) {
        let request = http::Request::get("/?Param2=value2&Param1=value1")
            .header("host", "example.amazonaws.com")
            .header("x-amz-date", "20150830T123600Z")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders=host;x-amz-date, \
                 Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            );
        let credentials =
            Credentials { access_key_id: "AKIDEXAMPLE".into(), secret_access_key: SECRET.into() };
        (request.body(()).unwrap().into_parts().0, credentials)
    }

    fn expected(credentials: &Credentials) -> Expected<'_> {
        let now = "2015-08-30T12:40:00Z".parse().unwrap();
        Expected { credentials, region: "us-east-1", service: "service", now }
    }

    #[test]
    fn the_published_example_is_accepted() {
        let (request, credentials) = example();
        assert_eq!(expected(&credentials).check(&request, b""), Ok(()));
    }

    #[test]
    fn anything_else_is_refused() {
        let (request, credentials) = example();
        let check = |request: &Parts| expected(&credentials).check(request, b"");
        assert_eq!(expected(&credentials).check(&request, b"x"), Err(SignatureError::Mismatch));

        let mut changed = request.clone();
        changed.headers.insert("host", "elsewhere.example.com".parse().unwrap());
        assert_eq!(check(&changed), Err(SignatureError::Mismatch));

        let mut changed = request.clone();
        changed.uri = "/?Param2=value2&Param1=value3".parse().unwrap();
        assert_eq!(check(&changed), Err(SignatureError::Mismatch));

        let mut changed = request.clone();
        changed.headers.insert("x-amz-target", "DynamoDB_20120810.GetItem".parse().unwrap());
        assert_eq!(check(&changed), Err(SignatureError::Incomplete));

        let mut changed = request.clone();
        changed.headers.remove("authorization");
        assert_eq!(check(&changed), Err(SignatureError::Missing));

        for header in ["Basic abc", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b", ""] {
            let mut changed = request.clone();
            changed.headers.insert("authorization", header.parse().unwrap());
            assert_eq!(check(&changed), Err(SignatureError::Incomplete), "{header}");
        }
    }

    #[test]
    fn other_keys_places_and_times_are_refused() {
        let (request, credentials) = example();
        let other = Credentials { access_key_id: "AKIDOTHER".into(), ..credentials.clone() };
        assert_eq!(expected(&other).check(&request, b""), Err(SignatureError::UnknownKey));
        let other = Credentials { secret_access_key: "guess".into(), ..credentials.clone() };
        assert_eq!(expected(&other).check(&request, b""), Err(SignatureError::Mismatch));
        let elsewhere = Expected { service: "kms", ..expected(&credentials) };
        assert_eq!(elsewhere.check(&request, b""), Err(SignatureError::Mismatch));
        for now in ["2015-08-30T12:52:00Z", "2015-08-30T12:20:00Z"] {
            let late = Expected { now: now.parse().unwrap(), ..expected(&credentials) };
            assert_eq!(late.check(&request, b""), Err(SignatureError::Expired));
        }
    }
}
