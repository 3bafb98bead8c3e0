//! The function over the embedded AWS: what comes to be written of attempts to sign in, and what does not.

#![expect(clippy::unwrap_used, reason = "a test whose surroundings fail should stop")]

use api::{Fact, Function, Identity, Problem, Settings, System};
use authz::{Action, Permit};
use axum::{Router, body::Body, extract::Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{MemberId, OrganizationId, purpose::Purpose};
use evidence::{Actor, Evidence, Kind, Outcome};
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use local::aws::{Aws, Credentials, Settings as AwsSettings};
use serde_json::{Value, json};
use std::{io::Write, sync::Arc};
use store::{Change, Membership, keys};
use tempfile::TempDir;
use tokio::net::TcpListener;
use uuid::Uuid;

const ISSUER: &str = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_EXAMPLE";
const SUBJECT: &str = "5d1c2e7a-6c39-4b7e-9f0a-3a1b8f2c9d10";

const NORTH: OrganizationId = OrganizationId::new(Uuid::from_u128(1));
const SOUTH: OrganizationId = OrganizationId::new(Uuid::from_u128(2));
const AMARA_OF_NORTH: MemberId = MemberId::new(Uuid::from_u128(11));
const AMARA_OF_SOUTH: MemberId = MemberId::new(Uuid::from_u128(12));

/// The function with a table in which Dr Amara is a member of two organizations.
struct Clinic {
    system: Arc<System>,
    function: Function,
    _data: TempDir,
}

impl Clinic {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let credentials = Credentials {
            access_key_id: "AKIATESTSTRONGROOM00".into(),
            secret_access_key: "a secret".into(),
        };
        let settings = AwsSettings {
            region: "us-west-2".into(),
            account: "000000000000".into(),
            credentials: credentials.clone(),
        };
        let aws = Aws::open(data.path(), settings).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(move |request: Request<Body>| {
            let aws = aws.clone();
            async move { aws.respond(request).await }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let system = Arc::new(System::new(told(endpoint, credentials)).unwrap());
        system.store.create_table().await.unwrap();
        let clinic = Self { system, function: sign_ins::function(), _data: data };
        clinic.joins(NORTH, AMARA_OF_NORTH).await;
        clinic.joins(SOUTH, AMARA_OF_SOUTH).await;
        clinic
    }

    async fn joins(&self, organization_id: OrganizationId, member_id: MemberId) {
        let permit = Permit::for_function("test", organization_id, Action::BeginSession);
        let now = "2026-01-01T00:00:00Z".parse().unwrap();
        let evidence = self.system.evidence_by_itself(&permit, Kind::SessionBegun, now, "joins", Fact::new());
        let key = keys::membership(&Identity::digest_of(ISSUER, SUBJECT), organization_id);
        let change = Change::new().insert("membership", &key, &Membership { organization_id, member_id });
        self.system.store.commit(&permit, change, &evidence, None).await.unwrap();
    }

    async fn hears(&self, event: Value) -> Result<(), Problem> {
        let handler = self.function.handler_of(&event).unwrap();
        handler.run(Arc::clone(&self.system), event).await.map(drop)
    }

    /// What an organization's trail says of one month.
    async fn trail(&self, organization_id: OrganizationId, month: &str) -> Vec<Evidence> {
        let month: Timestamp = month.parse().unwrap();
        self.system.store.evidence(organization_id, month, None, 100).await.unwrap().items
    }

    async fn march(&self, organization_id: OrganizationId) -> Vec<Evidence> {
        self.trail(organization_id, "2026-03-15T00:00:00Z").await
    }
}

fn told(endpoint: String, credentials: Credentials) -> Settings {
    Settings {
        region: "us-west-2".into(),
        endpoint: Some(endpoint),
        access_key_id: credentials.access_key_id,
        secret_access_key: credentials.secret_access_key,
        session_token: None,
        table: "strongroom".into(),
        keys_table: "strongroom-keys".into(),
        bucket: "none".into(),
        key_id: "none".into(),
        custody_key_id: "none".into(),
        portal_origin: "https://portal.example".into(),
        issuer: Some(ISSUER.into()),
        queue_url: None,
        mail_from: None,
    }
}

/// The sample that is checked in.
fn sample() -> Value {
    serde_json::from_str(include_str!("../../../events/sign-ins/witness_sign_in.json")).unwrap()
}

fn attempt(event_id: &str, subject: Option<&str>, response: &str, pool: &str) -> String {
    json!({
        "eventTimestamp": "1772357400250",
        "message": {
            "eventId": event_id, "eventType": "SignIn", "eventResponse": response, "userSub": subject,
            "userPoolId": pool, "challenges": [{ "challengeName": "Mfa", "challengeResponse": "Failure" }]
        }
    })
    .to_string()
}

fn event(lines: &[String]) -> Value {
    let lines: Vec<Value> =
        lines.iter().map(|line| json!({ "id": "1", "timestamp": 1, "message": line })).collect();
    let batch = json!({ "messageType": "DATA_MESSAGE", "logEvents": lines });
    let mut zip = GzEncoder::new(Vec::new(), Compression::default());
    zip.write_all(batch.to_string().as_bytes()).unwrap();
    json!({ "awslogs": { "data": STANDARD.encode(zip.finish().unwrap()) } })
}

#[tokio::test]
async fn a_failed_attempt_is_told_to_every_organization_of_its_person() {
    let clinic = Clinic::open().await;
    clinic.hears(sample()).await.unwrap();
    for (organization_id, member_id) in [(NORTH, AMARA_OF_NORTH), (SOUTH, AMARA_OF_SOUTH)] {
        let trail = clinic.march(organization_id).await;
        assert_eq!(trail.len(), 1);
        let fact = &trail[0];
        assert_eq!((fact.kind, fact.outcome), (Kind::SignInFailed, Outcome::Failed));
        assert_eq!(fact.organization_id, organization_id);
        assert_eq!(fact.at, "2026-03-01T09:30:00.25Z".parse().unwrap());
        assert_eq!(fact.actor, Actor::Function { name: "sign-ins".into() });
        assert_eq!(fact.subjects.member_id, Some(member_id));
        assert_eq!(fact.purpose, Purpose::Administration);
        assert_eq!(fact.source.ip.as_deref(), Some("192.0.2.44"));
        assert_eq!(fact.source.user_agent.as_deref(), Some("Firefox 135, Windows 10"));
        assert_eq!(fact.source.request_id, "0e8f2c1d-7b34-4a59-9c6e-2f1a8d3b5e70");
        assert_eq!(fact.details["reason"], "wrong_password");
        assert_eq!(fact.details["risk"], "medium");
        let of_member = clinic.system.store.evidence_of_member(member_id, None, 10).await.unwrap().items;
        assert_eq!(of_member, trail, "it is listed under the member");
    }
}

#[tokio::test]
async fn an_event_delivered_again_writes_nothing_twice() {
    let clinic = Clinic::open().await;
    clinic.hears(sample()).await.unwrap();
    let first = clinic.march(NORTH).await;
    clinic.hears(sample()).await.unwrap();
    assert_eq!(clinic.march(NORTH).await, first);
    let two = [
        attempt("one", Some(SUBJECT), "Fail", "us-west-2_EXAMPLE"),
        attempt("two", Some(SUBJECT), "Fail", "us-west-2_EXAMPLE"),
    ];
    clinic.hears(event(&two)).await.unwrap();
    assert_eq!(clinic.march(NORTH).await.len(), 3, "another attempt is another fact");
}

#[tokio::test]
async fn successes_strangers_and_names_of_nobody_leave_nothing() {
    let clinic = Clinic::open().await;
    let lines = [
        attempt("one", Some(SUBJECT), "Pass", "us-west-2_EXAMPLE"),
        attempt("two", Some("00000000-0000-4000-8000-000000000000"), "Fail", "us-west-2_EXAMPLE"),
        attempt("three", None, "Fail", "us-west-2_EXAMPLE"),
    ];
    clinic.hears(event(&lines)).await.unwrap();
    assert_eq!(clinic.march(NORTH).await, vec![]);
}

#[tokio::test]
async fn what_is_not_understood_fails_after_the_rest_is_written() {
    let clinic = Clinic::open().await;
    let sound = attempt("one", Some(SUBJECT), "Fail", "us-west-2_EXAMPLE");
    let garbled = event(&["garbled".to_owned(), sound]);
    assert_eq!(clinic.hears(garbled).await.unwrap_err().code(), "internal");
    assert_eq!(clinic.march(NORTH).await.len(), 1);
    let foreign = event(&[attempt("two", Some(SUBJECT), "Fail", "us-west-2_OTHER")]);
    assert!(clinic.hears(foreign).await.is_err(), "the log of another user pool is not ours to believe");
    assert_eq!(clinic.march(NORTH).await.len(), 1);
}
