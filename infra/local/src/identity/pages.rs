//! The issuer's answers to browsers: plain pages without script, and redirects.
//!
//! Everything from outside passes through [`escape`]. The policy of every page allows its style sheet and
//! the targets of its forms, nothing else.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, PRAGMA, REFERRER_POLICY};
use http::header::{X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;

use super::Identity;

/// The characters that mean something in HTML, as references.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// One input with its label.
#[derive(Clone)]
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub kind: &'a str,
    pub autocomplete: &'a str,
    pub value: &'a str,
    pub hint: Option<&'a str>,
    /// Further attributes, written here and not by visitors.
    pub more: &'a str,
}

impl Field<'_> {
    fn html(&self, has_problem: bool) -> String {
        let name = self.name;
        let hint_id = self.hint.map(|_| format!("{name}-hint"));
        let hint = self.hint.map_or_else(String::new, |hint| {
            format!(r#"<span class="hint" id="{name}-hint">{}</span>"#, escape(hint))
        });
        let described: Vec<String> =
            has_problem.then(|| "problem".to_owned()).into_iter().chain(hint_id).collect();
        let described = if described.is_empty() {
            String::new()
        } else {
            format!(r#" aria-describedby="{}""#, described.join(" "))
        };
        let invalid = if has_problem { r#" aria-invalid="true""# } else { "" };
        format!(
            r#"<label for="{name}">{}</label>{hint}<input id="{name}" name="{name}" type="{}" autocomplete="{}" value="{}" required {}{described}{invalid}>"#,
            escape(self.label),
            self.kind,
            self.autocomplete,
            escape(self.value),
            self.more,
        )
    }
}

/// A page around one form.
pub struct FormPage<'a> {
    pub status: StatusCode,
    pub title: &'a str,
    /// Ready HTML between heading and form.
    pub introduction: String,
    /// What went wrong with the last try.
    pub problem: Option<&'a str>,
    /// The form's address.
    pub action: String,
    pub fields: Vec<Field<'a>>,
    pub button: &'a str,
    pub form_token: &'a str,
    /// The origin the answer may redirect to.
    pub target: Option<&'a str>,
}

impl FormPage<'_> {
    pub fn respond(&self, identity: &Identity) -> Response {
        let problem = self.problem.map_or_else(String::new, |problem| {
            format!(r#"<p class="problem" id="problem" role="alert">{}</p>"#, escape(problem))
        });
        let fields: String = self.fields.iter().map(|field| field.html(self.problem.is_some())).collect();
        let body = format!(
            r#"<h1>{}</h1>{}{problem}<form method="post" action="{}"><input type="hidden" name="form_token" value="{}">{fields}<button type="submit">{}</button></form>"#,
            escape(self.title),
            self.introduction,
            escape(&self.action),
            escape(self.form_token),
            escape(self.button),
        );
        let title =
            if self.problem.is_some() { format!("Problem: {}", self.title) } else { self.title.to_owned() };
        let page = document(&title, &body, Some(&format!("{}/style.css", identity.base_path())));
        respond(self.status, page, self.target)
    }
}

/// A page that only says something.
pub fn message(identity: &Identity, status: StatusCode, title: &str, text: &str) -> Response {
    let body = format!("<h1>{}</h1><p>{}</p>", escape(title), escape(text));
    let style = format!("{}/style.css", identity.base_path());
    respond(status, document(title, &body, Some(&style)), None)
}

/// The same without anything that needs the issuer.
pub fn plain(status: StatusCode, text: &str) -> Response {
    let body = format!("<h1>Sign-in</h1><p>{}</p>", escape(text));
    respond(status, document("Sign-in", &body, None), None)
}

fn document(title: &str, body: &str, style: Option<&str>) -> String {
    let style =
        style.map_or_else(String::new, |href| format!(r#"<link rel="stylesheet" href="{}">"#, escape(href)));
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{} – Strongroom</title>
{style}
</head>
<body><main>{body}</main></body>
</html>
"#,
        escape(title)
    )
}

fn respond(status: StatusCode, page: String, target: Option<&str>) -> Response {
    let mut response = (status, page).into_response();
    let headers = response.headers_mut();
    let mut set =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_TYPE, "text/html; charset=utf-8");
    set(CACHE_CONTROL, "no-store");
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "same-origin");
    // Should the policy's own text ever be unusable, this stricter one stays.
    set(CONTENT_SECURITY_POLICY, "default-src 'none'; form-action 'none'; frame-ancestors 'none'");
    if let Ok(policy) = HeaderValue::from_str(&policy(target)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Browsers hold the redirect that answers a form against `form-action` too, so the application's origin is
/// named. A source expression cannot name an IPv6 host; there its scheme has to do.
fn policy(target: Option<&str>) -> String {
    let target = match target {
        Some(origin) if origin.contains('[') => " http:".to_owned(),
        Some(origin) => format!(" {origin}"),
        None => String::new(),
    };
    format!(
        "default-src 'none'; style-src 'self'; form-action 'self'{target}; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// Sends the browser on with a GET.
pub fn redirect(location: &str) -> Response {
    let Ok(value) = HeaderValue::from_str(location) else {
        return plain(StatusCode::BAD_REQUEST, "The sign-in service could not read this request.");
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, value);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// An error as applications read it (RFC 6749, section 5.2).
pub struct Problem {
    pub status: StatusCode,
    pub error: &'static str,
    pub description: &'static str,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.error, "error_description": self.description }));
        unstored((self.status, body).into_response())
    }
}

/// Keeps an answer with secrets out of every cache.
pub fn unstored(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// The style sheet of all pages.
pub async fn style(State(_): State<Identity>) -> Response {
    let mut response = include_str!("style.css").into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("max-age=3600"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_visitors_type_is_text() {
        assert_eq!(escape(r#"<a href="x">'&'"#), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;");
        let field = Field {
            name: "username",
            label: "Username",
            kind: "text",
            autocomplete: "username",
            value: r#""><script>"#,
            hint: None,
            more: "",
        };
        assert!(field.html(false).contains(r#"value="&quot;&gt;&lt;script&gt;""#));
    }

    #[test]
    fn a_problem_is_tied_to_its_fields() {
        let field = Field {
            name: "code",
            label: "Code",
            kind: "text",
            autocomplete: "one-time-code",
            value: "",
            hint: Some("six digits"),
            more: "",
        };
        assert!(field.html(true).contains(r#"aria-describedby="problem code-hint" aria-invalid="true""#));
        assert!(field.html(false).contains(r#"aria-describedby="code-hint""#));
    }

    #[test]
    fn the_policy_names_where_the_answer_goes() {
        assert!(policy(None).contains("form-action 'self'; "));
        assert!(policy(Some("http://127.0.0.1:9")).contains("form-action 'self' http://127.0.0.1:9; "));
        assert!(policy(Some("http://[::1]:9")).contains("form-action 'self' http:; "));
    }
}
