//! The interactive API page: Swagger UI over the OpenAPI document of the functions that are served.

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use serde_json::Value;
use std::{
    collections::HashMap,
    io::{Cursor, Read},
    sync::Arc,
};

const INITIALIZER: &str = include_str!("start.js");

const PAGE: &str = include_str!("page.html");

/// Swagger UI sets styles on elements; scripts are files of this origin alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

type Files = Arc<HashMap<String, Vec<u8>>>;

/// `/docs` and `/openapi.json`.
pub fn routes(document: &Value) -> Result<Router, zip::result::ZipError> {
    let files: Files = Arc::new(files()?);
    let document = document.to_string();
    let signed_in = Arc::clone(&files);
    Ok(Router::new()
        .route("/openapi.json", get(move || async move { typed("application/json", document.into_bytes()) }))
        .route("/docs", get(|| async { typed("text/html; charset=utf-8", PAGE.into()) }))
        .route("/docs/signed-in", get(|| async move { file(&signed_in, "oauth2-redirect.html") }))
        .route("/docs/oauth2-redirect.js", {
            let files = Arc::clone(&files);
            get(|| async move { file(&files, "oauth2-redirect.js") })
        })
        .route("/docs/files/{name}", get(move |Path(name): Path<String>| async move { file(&files, &name) })))
}

/// The files of the zip, once, in memory: a few megabytes.
fn files() -> Result<HashMap<String, Vec<u8>>, zip::result::ZipError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED))?;
    let mut files = HashMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index)?;
        let Some(name) = entry.name()?.rsplit_once("/dist/").map(|(_, name)| name.to_owned()) else {
            continue;
        };
        if name.ends_with(".map") || name.is_empty() || name.contains('/') {
            continue;
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(name, bytes);
    }
    files.insert("swagger-initializer.js".to_owned(), INITIALIZER.into());
    Ok(files)
}

fn file(files: &Files, name: &str) -> Response {
    let Some(bytes) = files.get(name) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("html") => "text/html; charset=utf-8",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    typed(kind, bytes.clone())
}

fn typed(kind: &'static str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, bytes).into_response()
}
