//! `/outbox`: the e-mail that would have been sent. On one machine none is.

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use local::aws::ses::{Email, Ses};
use std::fmt::Write;

const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/// The page.
pub fn routes(ses: Ses) -> Router {
    Router::new().route("/outbox", get(outbox)).with_state(ses)
}

async fn outbox(State(ses): State<Ses>) -> Response {
    match ses.outbox().await {
        Ok(emails) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::REFERRER_POLICY, "no-referrer"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, page(&emails)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the outbox cannot be read");
            (StatusCode::INTERNAL_SERVER_ERROR, "the outbox cannot be read\n").into_response()
        }
    }
}

/// The newest first.
fn page(emails: &[Email]) -> String {
    let mut html = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Outbox</title>\n<h1>Outbox</h1>\n\
         <p>What would have been sent by e-mail. On this machine nothing is sent.</p>\n",
    );
    if emails.is_empty() {
        html.push_str("<p>Nothing yet.</p>\n");
    }
    for email in emails.iter().rev() {
        // Writing to a string does not fail.
        let _ = write!(
            html,
            "<article>\n<h2>{}</h2>\n<p>To {}<br>{}</p>\n<pre>{}</pre>\n</article>\n",
            escaped(&email.subject),
            escaped(&email.to.join(", ")),
            email.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            escaped(&email.text),
        );
    }
    html.push_str("</html>\n");
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn email(subject: &str) -> Email {
        Email {
            id: "1".into(),
            at: "2033-03-01T09:15:00Z".parse().unwrap(),
            from: "strongroom@localhost.example".into(),
            to: vec!["amara@north.example".into()],
            subject: subject.into(),
            text: "- <b>1</b> & more".into(),
            html: None,
            headers: BTreeMap::new(),
        }
    }

    #[test]
    fn the_newest_stands_first_and_nothing_is_taken_for_html() {
        let page = page(&[email("first"), email("second <script>")]);
        assert!(page.find("second &lt;script&gt;").unwrap() < page.find("first").unwrap(), "{page}");
        assert!(page.contains("- &lt;b&gt;1&lt;/b&gt; &amp; more"), "{page}");
        assert!(page.contains("To amara@north.example<br>2033-03-01 09:15:00 UTC"), "{page}");
        assert!(self::page(&[]).contains("Nothing yet"));
    }
}
