//! A practice with one of everything, and one sound request for every operation: so that what is refused is
//! refused for the reason a journey means, and an operation nobody has thought of stops the journeys.
#![allow(clippy::panic, reason = "an answer of another form should stop its journey")]

use api::{Access, Method, Operation};
use domain::{ChartId, ClientId, LocationId, RecordId};
use jiff::Span;
use reqwest::Method as HttpMethod;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use testkit::{
    Actor, Clinic, World, files,
    world::{Answer, Draft, Folder, IntakeLink, Patient, Request, Started},
};

/// A clinic and what it keeps: each thing once, all of them Dr Amara's.
pub struct Practice<'w> {
    pub clinic: Clinic<'w>,
    /// Practitioner; owner of the chart.
    pub amara: Actor,
    /// Practitioner; owns nothing here.
    pub ben: Actor,
    pub sam: Actor,
    pub nadia: Actor,
    pub client: ClientId,
    pub spare: ClientId,
    pub chart: ChartId,
    pub draft: Draft,
    pub note: RecordId,
    pub photo: RecordId,
    pub folder: Folder,
    pub site: LocationId,
    pub room: LocationId,
    /// Goes in parts, none of which has come.
    pub upload: Started,
    pub link: IntakeLink,
    pub patient: Patient,
    pub contribution: String,
    /// Goes in parts, none of which has come.
    pub intake_upload: Started,
}

/// One request, not made yet.
#[derive(Clone, Debug)]
pub struct Act {
    pub operation: &'static Operation,
    pub path: String,
    /// The body, or the query.
    pub input: Value,
}

/// Every operation of the product.
pub fn operations() -> Vec<&'static Operation> {
    let functions = runner::functions::functions();
    functions.iter().flat_map(|function| function.endpoints.iter().map(|one| one.operation)).collect()
}

/// The same, those that end something behind all others.
pub fn operations_to_their_end() -> Vec<&'static Operation> {
    // A closed client's links have ended too.
    const ENDS: &[&str] =
        &["amend", "void", "abandon", "revoke", "set_member", "suspend", "merge", "close", "end_"];
    let mut all = operations();
    all.sort_by_key(|one| ENDS.iter().position(|end| one.id.starts_with(end)).map_or(0, |at| at + 1));
    all
}

/// A large file, as far as anybody has said.
pub fn large() -> Value {
    json!({ "size_bytes": 20 * 1024 * 1024, "sha256": null })
}

impl<'w> Practice<'w> {
    pub async fn opened(world: &'w World, name: &str) -> Self {
        let clinic = world.clinic(name).await;
        let amara = clinic.practitioner("Dr Amara").await;
        let ben = clinic.practitioner("Dr Ben").await;
        let sam = clinic.staff("Sam").await;
        let nadia = clinic.auditor("Nadia").await;
        let client =
            amara.registers(json!({ "full_name": "Grace Okafor", "birth_date": "1984-02-29" })).await;
        let spare = amara.registers(json!({ "full_name": "Henry Lindqvist" })).await;
        let chart = amara.opens_chart(client).await;
        let note = amara.writes_note(chart, "First visit", "S: pain in the left wrist").await;
        let draft = amara.drafts_note(chart, "Second visit", "still writing").await;
        let photo = amara.uploads(chart, &files::photo(64, 48)).await;
        let site = amara.adds_location("site", "Main site", None).await;
        let room = amara.adds_location("room", "Records room", Some(site)).await;
        let folder = amara.adds_folder(chart, "Paper file", room, "A-100").await;
        let upload = amara.starts_upload(chart, &files::photo(8, 8), large()).await;
        let link = amara.asks_for(chart, "X-ray of the left wrist").await;
        let patient = link.opened_at(world.site());
        let receipt = patient.uploads(&files::xray(&files::GRACE)).await;
        let contribution = receipt["reference"].as_str().unwrap_or_default().to_owned();
        let intake_upload = patient.starts_upload(&files::photo(8, 8), large()).await;
        Self {
            clinic,
            amara,
            ben,
            sam,
            nadia,
            client,
            spare,
            chart,
            draft,
            note,
            photo,
            folder,
            site,
            room,
            upload,
            link,
            patient,
            contribution,
            intake_upload,
        }
    }

    /// A sound request for an operation, on what is kept here.
    pub fn act(&self, operation: &'static Operation) -> Act {
        Act { operation, path: self.path(operation), input: self.input(operation) }
    }

    fn path(&self, operation: &Operation) -> String {
        let names = BTreeMap::from([
            ("{client_id}", self.client.to_string()),
            ("{chart_id}", self.chart.to_string()),
            ("{record_id}", self.record_for(operation.id).to_string()),
            ("{member_id}", self.ben.member_id().to_string()),
            ("{upload_id}", self.upload_for(operation).upload.to_string()),
            ("{link_id}", self.link.id.to_string()),
            ("{contribution_id}", self.contribution.clone()),
            ("{version}", "1".to_owned()),
            ("{barcode}", "A-100".to_owned()),
        ]);
        let path = names.iter().fold(operation.path.to_owned(), |path, (name, id)| path.replace(name, id));
        assert!(!path.contains('{'), "`{path}` names something no practice here has");
        path
    }

    fn record_for(&self, operation: &str) -> RecordId {
        match operation {
            "save_draft" | "sign_note" => self.draft.record,
            "sign_download" | "sign_preview" => self.photo,
            "check_out_folder"
            | "check_in_folder"
            | "send_folder"
            | "report_folder_missing"
            | "link_scan"
            | "list_custody" => self.folder.record,
            _ => self.note,
        }
    }

    fn upload_for(&self, operation: &Operation) -> &Started {
        if operation.access == Access::IntakeLink { &self.intake_upload } else { &self.upload }
    }

    fn input(&self, operation: &Operation) -> Value {
        match operation.method {
            Method::Post | Method::Put => self.body(operation.id),
            Method::Get | Method::Delete => match operation.id {
                "reopen_client" | "unmerge_client" => json!({ "expected_revision": "1" }),
                "search_clients" => json!({ "name": "grace" }),
                _ => json!({}),
            },
        }
    }

    fn body(&self, operation: &str) -> Value {
        let content = json!({ "title": "Third visit", "sections": [{ "heading": "S", "text": "no pain" }] });
        let revision = json!({ "expected_revision": 1 });
        let more = match operation {
            "begin_session"
            | "open_chart"
            | "complete_upload"
            | "complete_intake_upload"
            | "request_intake_renewal"
            | "sign_download"
            | "sign_preview"
            | "sign_contribution_download" => return json!({}),
            "sign_note"
            | "suspend_member"
            | "close_client"
            | "accept_contribution"
            | "report_folder_missing" => return revision,
            "create_organization" => return json!({ "name": "East Clinic" }),
            "invite_member" => {
                return json!({ "name": "Dr New", "email": "new@people.example", "roles": ["staff"] });
            }
            "register_client" | "find_duplicate_clients" => {
                return json!({ "demographics": { "full_name": "Ada Novak", "height_cm": 171 } });
            }
            "reveal_field" => return json!({ "fields": ["full_name", "email"] }),
            "draft_note" => return json!({ "content": content, "occurred_on": "2026-01-05" }),
            "add_location" => return json!({ "kind": "room", "name": "Cellar", "within": self.site }),
            "add_folder" => {
                return json!({ "title": "Letters", "location_id": self.room, "barcode": "A-200" });
            }
            "start_upload" | "start_intake_upload" => {
                return json!({ "file_name": "a.png", "size_bytes": 1, "media_type": "image/png" });
            }
            "sign_parts" | "sign_intake_parts" => {
                return json!({ "parts": [{ "number": 1, "sha256": "ab".repeat(32) }] });
            }
            "create_intake_link" => return self.ask(),
            "explain_decision" => return self.question(),
            "set_vocabulary" => json!({ "vocabulary": { "client": "patient", "clients": "patients" } }),
            "set_policy" => json!({ "policy": { "time_zone": "Europe/Paris", "idle_minutes": 10 } }),
            "set_member_permissions" => json!({ "roles": ["staff"], "permissions": { "data": ["access"] } }),
            "revise_client" => json!({ "changes": { "marital_status": "married" } }),
            "merge_client" => json!({ "into": self.spare }),
            "save_draft" => json!({ "content": content }),
            "amend_note" => json!({ "content": content, "reason": "the wrong wrist" }),
            "void_record" | "decline_contribution" => json!({ "reason": "of somebody else" }),
            "limit_record" => json!({ "limits": { self.ben.member_id().to_string(): ["access"] } }),
            "check_out_folder" => json!({ "to": self.amara.member_id(), "due_on": self.next_week() }),
            "check_in_folder" => json!({ "location_id": self.room }),
            "send_folder" => json!({ "to": self.site }),
            "link_scan" => json!({ "record_id": self.photo, "verified": true }),
            unknown => panic!("`{unknown}` has no sound body here yet"),
        };
        merged(revision, more)
    }

    fn ask(&self) -> Value {
        let expires_at = self.amara.site().now() + Span::new().hours(24);
        let limits = json!({ "files": 2, "bytes": 1_000_000 });
        json!({ "what": "Referral letter", "expires_at": expires_at, "limits": limits })
    }

    fn question(&self) -> Value {
        let on = json!({ "type": "record", "chart_id": self.chart, "record_id": self.note });
        json!({ "member_id": self.ben.member_id(), "action": "ReadRecord", "on": on })
    }

    fn next_week(&self) -> String {
        let day = self.amara.site().now() + Span::new().hours(7 * 24);
        day.strftime("%Y-%m-%d").to_string()
    }
}

/// One object with the fields of both.
pub fn merged(mut one: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut one, more) {
        fields.extend(more);
    }
    one
}

impl Act {
    pub const fn has_body(&self) -> bool {
        self.operation.method.has_body()
    }

    pub fn method(&self) -> HttpMethod {
        match self.operation.method {
            Method::Get => HttpMethod::GET,
            Method::Post => HttpMethod::POST,
            Method::Put => HttpMethod::PUT,
            Method::Delete => HttpMethod::DELETE,
        }
    }

    /// The same on something else.
    pub fn at(&self, path: String) -> Self {
        Self { path, ..self.clone() }
    }

    pub fn with(&self, input: Value) -> Self {
        Self { input, ..self.clone() }
    }

    /// The request, whoever makes it.
    pub fn of(&self, request: Request) -> Request {
        let request = request.method(self.method(), &self.path);
        if self.has_body() {
            return request.json(&self.input);
        }
        let none = Map::new();
        let fields = self.input.as_object().unwrap_or(&none);
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let pairs: Vec<(&str, String)> =
            fields.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        request.query(&pairs)
    }

    #[track_caller]
    pub fn by(&self, actor: &Actor) -> Request {
        self.of(actor.get("/"))
    }

    /// By somebody who may: a member, or whoever holds the link.
    #[track_caller]
    pub fn by_right(&self, practice: &Practice<'_>) -> Request {
        match self.operation.access {
            Access::IntakeLink => self.of(practice.patient.get("/")),
            _ => self.by(practice.rightful(self.operation.id)),
        }
    }
}

impl Practice<'_> {
    /// Who may do it here.
    pub fn rightful(&self, operation: &str) -> &Actor {
        match operation {
            "set_vocabulary"
            | "set_policy"
            | "invite_member"
            | "explain_decision"
            | "set_member_permissions"
            | "suspend_member"
            | "restore_member"
            | "create_organization" => &self.clinic.administrator,
            "read_evidence" | "read_member_evidence" | "read_record_evidence" => &self.nadia,
            "check_out_folder" | "check_in_folder" | "send_folder" | "report_folder_missing" => &self.sam,
            _ => &self.amara,
        }
    }
}

/// Done, or not done only because of how things stand.
pub fn is_sound(answer: &Answer) -> bool {
    matches!(answer.status, 200..300 | 409)
}

/// The code of a refusal, which has the one form of all refusals and is nobody's fault but the sender's.
#[track_caller]
pub fn refused(what: &str, answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!((400..500).contains(&answer.status), "{what}: {} {text}", answer.status);
    let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
    assert!(!code.is_empty(), "{what}: {text}");
    answer.clone().problem(answer.status, &code);
    code
}

/// Does an act by right, on the revision that is current, under an idempotency key if there is one.
pub async fn done(act: &Act, practice: &Practice<'_>, key: Option<&str>) -> (Act, Answer) {
    let request = |act: &Act| {
        let request = act.by_right(practice);
        key.map_or_else(|| request.clone(), |key| request.clone().idempotency_key(key))
    };
    let answer = request(act).send().await;
    if answer.status != 409 || answer.json()["code"] != "stale_revision" {
        return (act.clone(), answer);
    }
    let mut input = act.input.clone();
    input["expected_revision"] = answer.json()["current_revision"].clone();
    let act = act.with(input);
    let answer = request(&act).send().await;
    (act, answer)
}
