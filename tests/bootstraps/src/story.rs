//! The order in which the sample events make sense: what one makes, the next ones need.
//!
//! A sample is sent as it is in its file. Changed is only what no file can know: ids and revisions that came
//! to be in the story, days that must lie ahead, and what is said of a file that then really is sent.

use crate::stage::Stage;
use api::environment::Clients;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use std::sync::Arc;
use testkit::{
    files::{self, TestFile},
    world::{Presigned, Site},
};

/// Who vouches for the person of the sample events.
const ISSUER: &str = "https://identity.example";
/// The user pool that the sample of its activity comes from.
const POOL: &str = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_EXAMPLE";

const ORGANIZATION: &str = "0199a000-0000-7000-8000-000000000001";
const MEMBER: &str = "0199a000-0000-7000-8000-000000000002";
const CLIENT: &str = "0199a000-0000-7000-8000-000000000003";
const CHART: &str = "0199a000-0000-7000-8000-000000000004";
const RECORD: &str = "0199a000-0000-7000-8000-000000000005";
const UPLOAD: &str = "0199a000-0000-7000-8000-000000000006";
const LINK: &str = "0199a000-0000-7000-8000-000000000007";
const CONTRIBUTION: &str = "0199a000-0000-7000-8000-000000000008";
const LOCATION: &str = "0199a000-0000-7000-8000-000000000009";
const COLLEAGUE: &str = "0199a000-0000-7000-8000-000000000012";
const OTHER_CLIENT: &str = "0199a000-0000-7000-8000-000000000013";
const SCAN: &str = "0199a000-0000-7000-8000-000000000105";

/// Where the processes are told that people sign in.
pub const fn issuer() -> &'static str {
    POOL
}

/// Tells everything.
pub async fn tell(stage: &mut Stage) {
    // People of the samples come from the pool whose activity is told of.
    stage.call(ISSUER, &json!(POOL), "");
    organization(stage).await;
    members(stage).await;
    clients(stage).await;
    notes(stage).await;
    locations(stage).await;
    uploads(stage).await;
    folders(stage).await;
    intake(stage).await;
    contributions(stage).await;
    evidence(stage).await;
    farewell(stage).await;
}

async fn organization(stage: &mut Stage) {
    let founded = stage.tell("administration/create_organization", json!({})).await;
    stage.call(ORGANIZATION, &founded, "/organization/organization_id");
    stage.call(MEMBER, &founded, "/member_id");
    stage.tell("administration/begin_session", json!({})).await;
    stage.tell("administration/read_contexts", json!({})).await;
    stage.tell("administration/read_organization", json!({})).await;
    let at = json!({ "expected_revision": founded["organization"]["revision"] });
    let named = stage.tell("administration/set_vocabulary", at).await;
    stage.tell("administration/set_policy", json!({ "expected_revision": named["revision"] })).await;
}

async fn members(stage: &mut Stage) {
    let founder = stage.id(MEMBER).to_owned();
    let myself = stage.tell("administration/read_member", json!({})).await;
    // The person of the samples does everything that members do.
    let everything = ["access", "add", "edit", "delete"];
    let all_roles = json!({
        "expected_revision": myself["revision"],
        "roles": ["administrator", "practitioner", "staff", "auditor"],
        "permissions": { "physical": everything, "electronic": everything, "data": everything },
    });
    stage.prepare("administration/set_member_permissions", all_roles).await;
    let invited = stage.tell("administration/invite_member", json!({})).await;
    stage.call(COLLEAGUE, &invited, "/member_id");
    stage.tell("administration/list_members", json!({})).await;

    // Nobody takes these from themselves: they happen to the colleague.
    stage.call(MEMBER, &invited, "/member_id");
    let at = |answer: &Value| json!({ "expected_revision": answer["revision"] });
    let changed = stage.tell("administration/set_member_permissions", at(&invited)).await;
    stage.tell("administration/suspend_member", at(&changed)).await;
    stage.tell("administration/restore_member", json!({})).await;
    stage.call(MEMBER, &json!(founder), "");
}

async fn clients(stage: &mut Stage) {
    let grace = stage.tell("clients/register_client", json!({})).await;
    stage.call(CLIENT, &grace, "/id");
    stage.tell("clients/search_clients", json!({})).await;
    stage.tell("clients/find_duplicate_clients", json!({})).await;
    stage.tell("clients/reveal_field", json!({})).await;
    stage.tell("clients/revise_client", json!({ "expected_revision": grace["revision"] })).await;
    stage.tell("clients/read_client", json!({})).await;
    let chart = stage.tell("clients/open_chart", json!({})).await;
    stage.call(CHART, &chart, "/id");
    stage.tell("clients/list_charts", json!({})).await;

    // Closed, reopened and merged are two people without charts.
    let kofi =
        stage.prepare("clients/register_client", someone("Kofi Mensah", "1971-05-09", "NC-0051")).await;
    stage.call(OTHER_CLIENT, &kofi, "/id");
    let kwame =
        stage.prepare("clients/register_client", someone("Adaeze Eze", "2001-12-30", "NC-0052")).await;
    stage.call(CLIENT, &kwame, "/id");
    let mut at = kwame;
    for event in
        ["clients/close_client", "clients/reopen_client", "clients/merge_client", "clients/unmerge_client"]
    {
        at = stage.tell(event, json!({ "expected_revision": at["revision"] })).await;
    }
    stage.call(CLIENT, &grace, "/id");
}

fn someone(name: &str, birth_date: &str, number: &str) -> Value {
    json!({ "demographics": { "full_name": name, "birth_date": birth_date, "file_number": number } })
}

async fn notes(stage: &mut Stage) {
    let drafted = stage.tell("records/draft_note", json!({})).await;
    stage.call(RECORD, &drafted, "/record/id");
    let at = |answer: &Value| json!({ "expected_revision": answer["revision"] });
    let saved = stage.tell("records/save_draft", at(&drafted["draft"])).await;
    let signed = stage.tell("records/sign_note", at(&saved)).await;
    let amended = stage.tell("records/amend_note", at(&signed)).await;
    for event in
        ["read_chart", "list_records", "read_timeline", "read_record", "list_versions", "read_version"]
    {
        stage.tell(&format!("records/{event}"), json!({})).await;
    }
    stage.tell("administration/explain_decision", json!({})).await;
    let limited = stage.tell("records/limit_record", at(&amended)).await;
    stage.tell("records/void_record", at(&limited)).await;
}

async fn locations(stage: &mut Stage) {
    let site = json!({ "kind": "site", "name": "Main site", "within": null });
    let site = stage.prepare("inventory/add_location", site).await;
    stage.call(LOCATION, &site, "/id");
    stage.tell("inventory/add_location", json!({})).await;
    stage.tell("inventory/list_locations", json!({})).await;
}

/// What is said of a file that is sent afterwards.
fn announced(file: &TestFile) -> Value {
    json!({
        "file_name": file.name,
        "size_bytes": file.len(),
        "media_type": file.media_type,
        "sha256": file.sha256(),
    })
}

async fn uploads(stage: &mut Stage) {
    let xray = files::xray(&files::GRACE);
    let started = stage.tell("intake/start_upload", announced(&xray)).await;
    stage.call(UPLOAD, &started, "/upload_id");
    stage.tell("intake/read_upload", json!({})).await;
    send(stage, &started["put"], &xray.bytes).await;
    let completed = stage.tell("intake/complete_upload", json!({})).await;
    inspect(stage, true).await;
    stage.call(RECORD, &completed, "/record/id");
    stage.call(SCAN, &completed, "/record/id");
    stage.tell("delivery/sign_preview", json!({})).await;
    let signed = stage.tell("delivery/sign_download", json!({})).await;
    assert_eq!(receive(stage, &signed).await, xray.bytes, "the download is what was uploaded");

    let large = files::bulk(20, 20 * 1024 * 1024);
    let started = stage.prepare("intake/start_upload", announced(&large)).await;
    stage.call(UPLOAD, &started, "/upload_id");
    stage.tell("intake/sign_parts", json!({})).await;
    stage.tell("intake/abandon_upload", json!({})).await;
}

async fn folders(stage: &mut Stage) {
    let filed = stage.tell("inventory/add_folder", json!({})).await;
    stage.call(RECORD, &filed, "/id");
    stage.tell("inventory/find_barcode", json!({})).await;
    let at = |answer: &Value| json!({ "expected_revision": answer["revision"] });
    let mut lent = at(&filed);
    lent["due_on"] = json!(in_days(13));
    let out = stage.tell("inventory/check_out_folder", lent).await;
    let back = stage.tell("inventory/check_in_folder", at(&out)).await;
    let sent = stage.tell("inventory/send_folder", at(&back)).await;
    let missing = stage.tell("inventory/report_folder_missing", at(&sent)).await;
    stage.tell("inventory/link_scan", at(&missing)).await;
    stage.tell("inventory/list_custody", json!({})).await;
}

async fn intake(stage: &mut Stage) {
    let until = json!({ "expires_at": Timestamp::from_second(soon(48)).expect("a time") });
    let link = stage.tell("intake/create_intake_link", until).await;
    stage.call(LINK, &link, "/link_id");
    let address = link["address"].as_str().expect("an address");
    stage.hand_out(address.split_once('#').expect("a secret").1);
    stage.tell("intake/list_intake_links", json!({})).await;
    stage.tell("intake/open_intake_link", json!({})).await;

    let large = files::bulk(21, 20 * 1024 * 1024);
    let started = stage.prepare("intake/start_intake_upload", announced(&large)).await;
    stage.call(UPLOAD, &started, "/upload_id");
    stage.tell("intake/sign_intake_parts", json!({})).await;
    stage.tell("intake/abandon_intake_upload", json!({})).await;

    contribute(stage, &files::photo(640, 480)).await;
}

/// The patient sends a file over the link, and it is inspected.
async fn contribute(stage: &mut Stage, file: &TestFile) {
    let started = stage.tell("intake/start_intake_upload", announced(file)).await;
    stage.call(UPLOAD, &started, "/upload_id");
    stage.tell("intake/read_intake_upload", json!({})).await;
    send(stage, &started["put"], &file.bytes).await;
    let receipt = stage.tell("intake/complete_intake_upload", json!({})).await;
    stage.call(CONTRIBUTION, &receipt, "/reference");
    inspect(stage, false).await;
}

async fn contributions(stage: &mut Stage) {
    let revision = waiting(stage).await;
    stage.tell("delivery/sign_contribution_download", json!({})).await;
    stage.tell("intake/decline_contribution", json!({ "expected_revision": revision })).await;
    contribute(stage, &files::scan(2)).await;
    let revision = waiting(stage).await;
    let accepted = stage.tell("intake/accept_contribution", json!({ "expected_revision": revision })).await;
    stage.call(RECORD, &accepted, "/id");
    stage.run_out(CHART, LINK).await;
    stage.tell("intake/request_intake_renewal", json!({})).await;
    stage.tell("intake/revoke_intake_link", json!({})).await;
}

/// The revision of the one contribution in the inbox.
async fn waiting(stage: &mut Stage) -> Value {
    let inbox = stage.tell("intake/list_contributions", json!({})).await;
    let rows = inbox["contributions"].as_array().expect("contributions");
    assert_eq!(rows.len(), 1, "{inbox}");
    assert_eq!(
        (&rows[0]["id"], &rows[0]["state"]),
        (&json!(stage.id(CONTRIBUTION)), &json!("available")),
        "{inbox}"
    );
    rows[0]["revision"].clone()
}

async fn evidence(stage: &mut Stage) {
    stage.notify("sign-ins/witness_sign_in", &[]).await;
    assert!(has_failed_sign_in(stage).await, "the failed sign-in left no evidence");
    for event in ["read_member_evidence", "read_client_evidence", "read_record_evidence", "read_evidence"] {
        stage.tell(&format!("ledger/{event}"), json!({})).await;
    }
}

/// Turns the pages of the member's evidence: what is filtered out leaves a page short, not the list.
async fn has_failed_sign_in(stage: &mut Stage) -> bool {
    let mut query = json!({ "outcome": "failed" });
    loop {
        let page = stage.prepare("ledger/read_member_evidence", query.clone()).await;
        if page["evidence"].as_array().is_some_and(|rows| !rows.is_empty()) {
            return true;
        }
        if page["next"].is_null() {
            return false;
        }
        query["cursor"] = page["next"].clone();
    }
}

async fn farewell(stage: &mut Stage) {
    stage.tell("administration/end_session", json!({})).await;
}

/// Sends bytes as the answer of an operation says.
async fn send(stage: &Stage, put: &Value, bytes: &[u8]) {
    Presigned::of(put).send(&storage(stage), bytes).await.stored();
}

async fn receive(stage: &Stage, signed: &Value) -> Vec<u8> {
    Presigned::of(&signed["request"]).send(&storage(stage), &[]).await.stored().body
}

fn storage(stage: &Stage) -> Arc<Site> {
    Site::at(stage.aws.settings().endpoint.as_deref().expect("an endpoint"))
}

/// Tells inspection of the object of the upload, as the bucket would: as the sample first, then as often as
/// events come that are delivered at least once.
async fn inspect(stage: &mut Stage, twice: bool) {
    let settings = stage.aws.settings().clone();
    let [organization, chart, upload] = [ORGANIZATION, CHART, UPLOAD].map(|id| stage.id(id).to_owned());
    let key = format!("uploads/{organization}/{chart}/{upload}");
    let s3 = Clients::new(&settings).s3;
    let head = s3.head_object().bucket(&settings.bucket).key(&key).send().await.expect("the object is there");
    let changes = [
        ("/detail/bucket/name", json!(settings.bucket)),
        ("/detail/object/key", json!(key)),
        ("/detail/object/version-id", json!(head.version_id().expect("versions are on"))),
        ("/detail/object/etag", json!(head.e_tag().expect("an etag").trim_matches('"'))),
        ("/detail/object/size", json!(head.content_length().expect("a size"))),
    ];
    for _ in 0..if twice { 2 } else { 1 } {
        stage.notify("inspection/inspect_object", &changes).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "days that must lie ahead are counted from today")]
fn soon(hours: i64) -> i64 {
    (Timestamp::now() + SignedDuration::from_hours(hours)).as_second()
}

fn in_days(days: i64) -> Date {
    let then = Timestamp::from_second(soon(days * 24)).expect("a time");
    then.to_zoned(TimeZone::UTC).date()
}
