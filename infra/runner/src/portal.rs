//! The web portal on the product's own port: the files that `portal/` builds, under the policy they have in production.
//!
//! Its addresses are none of the API's: `/`, `/signed-in` and all below `/app` are the staff's page, `/intake` is the
//! patient's (the token of the link stands after `#` and never arrives here), `/assets` what both load.

use axum::{
    Json, Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
    routing::get,
};
use http::{HeaderName, HeaderValue, header};
use serde_json::json;
use std::path::Path;
use tower_http::services::{ServeDir, ServeFile};

/// Nothing but files of this origin; pictures and sounds also from memory. The bucket has this origin too.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                      media-src 'self' blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; \
                      manifest-src 'self'; frame-src 'none'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; require-trusted-types-for 'script'; \
                      trusted-types svelte-trusted-html default";

fn headers() -> [(HeaderName, HeaderValue); 7] {
    [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ]
    .map(|(name, value)| (name, HeaderValue::from_static(value)))
}

/// What a file's name already says of its content may be kept for good.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// The portal's routes, over the folder it was built into.
pub fn routes(files: &Path, issuer: &str, client_id: &str) -> Router {
    let staff = || ServeFile::new(files.join("index.html"));
    let config = json!({ "api": "", "issuer": issuer, "client_id": client_id });
    Router::new()
        .route_service("/", staff())
        .route_service("/signed-in", staff())
        .route_service("/app", staff())
        .route_service("/app/{*page}", staff())
        .route_service("/intake", ServeFile::new(files.join("intake.html")))
        .route_service("/icon.svg", ServeFile::new(files.join("icon.svg")))
        .nest_service("/assets", ServeDir::new(files.join("assets")))
        .route("/config.json", get(|| async move { Json(config) }))
        .layer(middleware::from_fn(guarded))
}

async fn guarded(request: Request, next: Next) -> Response {
    let lasts = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let lasts = lasts && response.status().is_success();
    let kept = HeaderValue::from_static(if lasts { FOR_GOOD } else { ASK_AGAIN });
    for (name, value) in self::headers().into_iter().chain([(header::CACHE_CONTROL, kept)]) {
        response.headers_mut().insert(name, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http::StatusCode;
    use tower::ServiceExt;

    async fn get(path: &str) -> (StatusCode, http::HeaderMap, String) {
        let files = tempfile::tempdir().unwrap();
        std::fs::create_dir(files.path().join("assets")).unwrap();
        for (name, text) in
            [("index.html", "staff"), ("intake.html", "patient"), ("assets/a-1.js", "1"), ("secret", "no")]
        {
            std::fs::write(files.path().join(name), text).unwrap();
        }
        let portal = routes(files.path(), "http://127.0.0.1:1/identity", "portal");
        let response = portal.oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 10_000).await.unwrap();
        (parts.status, parts.headers, String::from_utf8_lossy(&bytes).into_owned())
    }

    #[tokio::test]
    async fn each_page_has_its_addresses_and_the_strict_policy() {
        for (path, page) in [
            ("/", "staff"),
            ("/signed-in?code=1", "staff"),
            ("/app/clients/1?x=y", "staff"),
            ("/intake", "patient"),
            ("/assets/a-1.js", "1"),
        ] {
            let (status, headers, text) = get(path).await;
            assert_eq!((status, text.as_str()), (StatusCode::OK, page), "{path}");
            let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        }
    }

    #[tokio::test]
    async fn only_named_files_are_kept_for_good() {
        assert_eq!(get("/").await.1[header::CACHE_CONTROL], ASK_AGAIN);
        assert_eq!(get("/assets/a-1.js").await.1[header::CACHE_CONTROL], FOR_GOOD);
        assert_eq!(get("/assets/gone.js").await.1[header::CACHE_CONTROL], ASK_AGAIN);
    }

    #[tokio::test]
    async fn nothing_else_of_the_folder_is_served() {
        for path in ["/secret", "/assets/../secret", "/assets/%2e%2e/secret", "/clients"] {
            assert_eq!(get(path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn the_pages_learn_where_to_sign_in() {
        let (_, _, text) = get("/config.json").await;
        let config: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            config,
            json!({ "api": "", "issuer": "http://127.0.0.1:1/identity", "client_id": "portal" })
        );
    }
}
