//! What S3 asks of a signature beyond that it is right, and how a presigned
//! URL's query stands in for headers.

use http::request::Parts;
use http::{HeaderName, HeaderValue};
use s3s::s3_error;

use super::error::Result;

const LONGEST_PRESIGNED_SECONDS: u64 = 7 * 24 * 60 * 60;

/// Query parameters of the signature itself.
const SIGNATURE_PARAMETERS: [&str; 8] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-content-sha256",
];

/// The parts of a signature that are checked here.
struct Claim {
    presigned: bool,
    region: String,
    signed_headers: Vec<String>,
    expires_seconds: Option<u64>,
}

/// Refuses what S3 refuses before it looks at the signature, and reads the
/// `x-amz-` parameters of a presigned URL as the headers they stand for.
pub(super) fn pass(parts: &mut Parts, region: &str) -> Result<()> {
    let query: Vec<(String, String)> =
        serde_urlencoded::from_str(parts.uri.query().unwrap_or_default()).unwrap_or_default();
    // Whoever has no signature is refused where signatures are checked.
    let Some(claim) = presigned_claim(&query).or_else(|| header_claim(parts)) else { return Ok(()) };
    if claim.region != region {
        let told = format!("the region '{}' is wrong; expecting '{region}'", claim.region);
        return Err(if claim.presigned {
            s3_error!(
                AuthorizationQueryParametersError,
                "Error parsing the X-Amz-Credential parameter; {told}"
            )
            .into()
        } else {
            s3_error!(AuthorizationHeaderMalformed, "The authorization header is malformed; {told}").into()
        });
    }
    if claim.expires_seconds.is_some_and(|seconds| seconds > LONGEST_PRESIGNED_SECONDS) {
        let told = "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less \
                    than 604800 seconds";
        return Err(s3_error!(AuthorizationQueryParametersError, "{told}").into());
    }
    let unsigned = |name: &&HeaderName| {
        let name = name.as_str();
        // The hash of a body that the signature leaves open is for the receiver only.
        let exempt = claim.presigned && name == "x-amz-content-sha256";
        name.starts_with("x-amz-") && !exempt && !claim.signed_headers.iter().any(|signed| signed == name)
    };
    if let Some(name) = parts.headers.keys().find(unsigned) {
        let told = "There were headers present in the request which were not signed";
        return Err(s3_error!(AccessDenied, "{told}: {name}").into());
    }
    if claim.presigned {
        read_as_headers(parts, &query);
    }
    Ok(())
}

fn presigned_claim(query: &[(String, String)]) -> Option<Claim> {
    let get = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    get("X-Amz-Signature")?;
    Some(Claim {
        presigned: true,
        region: region_of(get("X-Amz-Credential")?)?,
        signed_headers: split_names(get("X-Amz-SignedHeaders")?),
        expires_seconds: get("X-Amz-Expires").and_then(|seconds| seconds.parse().ok()),
    })
}

fn header_claim(parts: &Parts) -> Option<Claim> {
    let header = parts.headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let fields = header.strip_prefix("AWS4-HMAC-SHA256")?;
    let get =
        |name: &str| fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
    Some(Claim {
        presigned: false,
        region: region_of(get("Credential")?)?,
        signed_headers: split_names(get("SignedHeaders")?),
        expires_seconds: None,
    })
}

/// The region in `key/date/region/service/aws4_request`; the key may hold slashes.
fn region_of(credential: &str) -> Option<String> {
    credential.rsplit('/').nth(2).map(str::to_owned)
}

fn split_names(names: &str) -> Vec<String> {
    names.split(';').map(str::to_ascii_lowercase).collect()
}

/// A signer may put what it would send as a header into the (signed) query.
fn read_as_headers(parts: &mut Parts, query: &[(String, String)]) {
    for (key, value) in query {
        let name = key.to_ascii_lowercase();
        if !name.starts_with("x-amz-") || SIGNATURE_PARAMETERS.contains(&name.as_str()) {
            continue;
        }
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            // The query is signed, so it wins.
            parts.headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn presigned(extra: &str) -> http::request::Builder {
        let uri = format!(
            "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK%2F20260101%2Feu-central-1%2Fs3%2F\
             aws4_request&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host%3Bx-amz-tagging&X-Amz-Signature=00{extra}"
        );
        Request::builder().uri(uri)
    }

    fn parts(builder: http::request::Builder) -> Parts {
        builder.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn unsigned_headers_are_refused() {
        let mut signed =
            parts(presigned("").header("x-amz-tagging", "a=b").header("content-type", "text/plain"));
        assert!(pass(&mut signed, "eu-central-1").is_ok());
        let mut smuggled = parts(presigned("").header("x-amz-meta-owner", "me"));
        assert!(pass(&mut smuggled, "eu-central-1").is_err());
    }

    #[test]
    fn the_region_must_be_ours() {
        assert!(pass(&mut parts(presigned("")), "us-east-1").is_err());
        let header = "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        let request = || Request::builder().uri("/bucket/key").header("authorization", header);
        assert!(pass(&mut parts(request()), "us-east-1").is_ok());
        assert!(pass(&mut parts(request()), "eu-central-1").is_err());
    }

    #[test]
    fn a_signed_query_stands_in_for_headers() {
        let mut parts = parts(presigned("&x-amz-checksum-crc32=y%2FQ5Jg%3D%3D"));
        pass(&mut parts, "eu-central-1").expect("passes");
        assert_eq!(parts.headers["x-amz-checksum-crc32"], "y/Q5Jg==");
        assert!(!parts.headers.contains_key("x-amz-signature"));
    }

    #[test]
    fn a_url_lives_a_week_at_most() {
        assert!(pass(&mut parts(presigned("&X-Amz-Expires=604800")), "eu-central-1").is_ok());
        assert!(pass(&mut parts(presigned("&X-Amz-Expires=604801")), "eu-central-1").is_err());
    }
}
