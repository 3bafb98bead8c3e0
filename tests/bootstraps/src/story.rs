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
const TEAM: &str = "0199a000-0000-7000-8000-000000000010";
const COLLEAGUE: &str = "0199a000-0000-7000-8000-000000000012";
const ROLE: &str = "0199a000-0000-7000-8000-000000000013";
const CHANGE: &str = "0199a000-0000-7000-8000-000000000020";
const OTHER_CLIENT: &str = "0199a000-0000-7000-8000-000000000013";
const NOTICE: &str = "0199a000-0000-7000-8000-000000000014";
const CONSENT: &str = "0199a000-0000-7000-8000-000000000019";
const TRANSFER: &str = "0199a000-0000-7000-8000-000000000011";
const ESCROW: &str = "0199a000-0000-7000-8000-000000000042";
const RECIPIENT: &str = "0199a000-0000-7000-8000-000000000021";
const FACILITATION: &str = "0199a000-0000-7000-8000-000000000017";
const PARTICIPANT: &str = "0199a000-0000-7000-8000-000000000018";
const GROUP: &str = "0199a000-0000-7000-8000-000000000170";
const SPACE: &str = "0199a000-0000-7000-8000-000000000015";
const SPACE_ITEM: &str = "0199a000-0000-7000-8000-000000000016";
const STOCKTAKE: &str = "0199a000-0000-7000-8000-000000000040";
const INCIDENT: &str = "0199a000-0000-7000-8000-000000000041";
/// A second administrator.
const OLGA: &str = "olga@north.example";
const HOLD: &str = "0199a000-0000-7000-8000-000000000022";
const DISPOSITION: &str = "0199a000-0000-7000-8000-000000000023";
const PASS: &str = "Vb1q0yJx3mK9sT7uWc5dZQ2aLr8fHn4eGp6iOoXk1hE";
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
    teams(stage).await;
    roles(stage).await;
    clients(stage).await;
    notes(stage).await;
    schedule(stage).await;
    facilitations(stage).await;
    sharing(stage).await;
    escrows(stage).await;
    consents(stage).await;
    cosignatures(stage).await;
    locations(stage).await;
    uploads(stage).await;
    folders(stage).await;
    inventory(stage).await;
    holds(stage).await;
    dispositions(stage).await;
    spaces(stage).await;
    intake(stage).await;
    contributions(stage).await;
    transfers(stage).await;
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
        "roles": ["administrator", "practitioner", "staff", "coordinator", "auditor", "records_manager"],
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

async fn teams(stage: &mut Stage) {
    let (founder, colleague) = (stage.id(MEMBER).to_owned(), stage.id(COLLEAGUE).to_owned());
    let team = stage.tell("administration/create_team", json!({})).await;
    stage.call(TEAM, &team, "/team_id");
    stage.tell("administration/list_teams", json!({})).await;
    // Nobody puts themselves into a team: it happens to the colleague.
    stage.call(MEMBER, &json!(colleague), "");
    stage.tell("administration/add_team_member", json!({})).await;
    stage.tell("administration/remove_team_member", json!({})).await;
    stage.call(MEMBER, &json!(founder), "");
    stage.tell("administration/dissolve_team", json!({})).await;
}

async fn roles(stage: &mut Stage) {
    let (founder, colleague) = (stage.id(MEMBER).to_owned(), stage.id(COLLEAGUE).to_owned());
    let at = |answer: &Value| json!({ "expected_revision": answer["revision"] });
    let made = stage.tell("administration/create_role", json!({})).await;
    stage.call(ROLE, &made, "/role_id");
    stage.tell("administration/preview_role", json!({})).await;
    let changed = stage.tell("administration/change_role", at(&made)).await;
    stage.call(CHANGE, &changed, "/change_id");
    stage.tell("administration/revert_role", at(&changed)).await;
    stage.tell("administration/list_roles", json!({})).await;

    // The person of the samples keeps the permissions they have: it happens to the colleague.
    stage.call(MEMBER, &json!(colleague), "");
    let known = stage.prepare("administration/read_member", json!({})).await;
    stage.tell("administration/preview_member_permissions", json!({})).await;
    let assigned = stage.tell("administration/assign_role", at(&known)).await;
    stage.call(CHANGE, &assigned, "/change_id");
    stage.tell("administration/read_reach", json!({})).await;
    stage.tell("administration/revert_member_permissions", at(&assigned)).await;
    stage.tell("administration/list_permission_changes", json!({})).await;
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
    let marked = stage.tell("records/mark_record", at(&limited)).await;
    let classified = stage.tell("retention/classify_record", at(&marked)).await;
    stage.tell("records/void_record", at(&classified)).await;
    let chart = stage.prepare("records/read_chart", json!({})).await;
    let marked = stage.tell("records/mark_chart", at(&chart)).await;
    let unmarked = json!({ "expected_revision": marked["revision"], "confidential": false });
    stage.prepare("records/mark_chart", unmarked).await;
}

/// How long records are kept is set, asked and looked ahead at.
async fn schedule(stage: &mut Stage) {
    for event in [
        "read_schedule",
        "list_rules",
        "preview_schedule",
        "set_schedule",
        "list_schedule_versions",
        "record_retention_facts",
        "read_retention_facts",
        "explain_retention",
        "read_outlook",
        "list_eligible",
        "list_unknown",
        "list_destroyed",
    ] {
        stage.tell(&format!("retention/{event}"), json!({})).await;
    }
    stage.tell("retention/rehearse_sweep", json!({ "on": in_days(90) })).await;
}

async fn sharing(stage: &mut Stage) {
    let (founder, colleague) = (stage.id(MEMBER).to_owned(), stage.id(COLLEAGUE).to_owned());
    let at = |answer: &Value| json!({ "expected_revision": answer["chart_revision"] });
    stage.tell("sharing/list_my_charts", json!({})).await;
    let list = stage.tell("sharing/list_grants", json!({})).await;
    let now = json!({ "expected_revision": list["revision"] });
    let shared = stage.tell("sharing/share_chart", now).await;
    stage.call(MEMBER, &json!(colleague), "");
    let changed = stage.tell("sharing/change_grant", at(&shared)).await;
    stage.tell("sharing/list_readers", json!({})).await;
    stage.tell("sharing/list_record_readers", json!({})).await;
    stage.tell("sharing/revoke_grant", at(&changed)).await;
    keeps_charts(stage).await;
    stage.call(MEMBER, &json!(founder), "");

    // The colleague shares a chart of theirs; the person of the samples is told, and leaves it.
    let (ben, own) = ("ben@north.example", stage.id(CHART).to_owned());
    stage.prepare_as(ben, "administration/begin_session", json!({})).await;
    let chart = stage.prepare_as(ben, "clients/open_chart", json!({})).await;
    stage.call(CHART, &chart, "/id");
    let grantee = json!({ "type": "member", "id": founder });
    let share = json!({ "expected_revision": chart["revision"], "grantee": grantee });
    let shared = stage.prepare_as(ben, "sharing/share_chart", share).await;
    stage.tell("sharing/leave_chart", at(&shared)).await;
    stage.call(CHART, &json!(own), "");
    let told = stage.tell("sharing/list_notices", json!({})).await;
    stage.call(NOTICE, &told, "/notices/0/id");
    stage.tell("sharing/dismiss_notice", json!({})).await;
}

/// The colleague's chart is to be opened for a legal cause: the person of the samples asks and takes it back, and refuses,
/// approves and ends what another administrator asks for.
async fn escrows(stage: &mut Stage) {
    let (ben, own) = ("ben@north.example", stage.id(CHART).to_owned());
    let account = json!({ "name": "Olga Berg", "email": OLGA, "roles": ["administrator"] });
    stage.prepare("administration/invite_member", account).await;
    stage.prepare_as(OLGA, "administration/begin_session", json!({})).await;
    let charts = stage.prepare_as(ben, "sharing/list_my_charts", json!({})).await;
    stage.call(CHART, &charts, "/charts/0/id");
    let asked = stage.tell("sharing/request_escrow", json!({})).await;
    stage.call(ESCROW, &asked, "/id");
    stage.tell("sharing/end_escrow", json!({})).await;
    for answer in ["sharing/refuse_escrow", "sharing/approve_escrow"] {
        let asked = stage.prepare_as(OLGA, "sharing/request_escrow", json!({})).await;
        stage.call(ESCROW, &asked, "/id");
        stage.tell(answer, json!({})).await;
    }
    stage.tell("sharing/list_escrows", json!({})).await;
    stage.call(CHART, &json!(own), "");
}

/// Makes the member who is spoken of a practitioner with every permission.
async fn keeps_charts(stage: &mut Stage) {
    let member = stage.prepare("administration/read_member", json!({})).await;
    let everything = ["access", "add", "edit", "delete"];
    let practitioner = json!({
        "expected_revision": member["revision"],
        "roles": ["practitioner"],
        "permissions": { "physical": everything, "electronic": everything, "data": everything },
    });
    stage.prepare("administration/set_member_permissions", practitioner).await;
}

/// The colleague writes under approval, and the person of the samples decides.
async fn cosignatures(stage: &mut Stage) {
    let (founder, colleague) = (stage.id(MEMBER).to_owned(), stage.id(COLLEAGUE).to_owned());
    let (ben, own) = ("ben@north.example", stage.id(RECORD).to_owned());
    let at = |answer: &Value| json!({ "expected_revision": answer["revision"] });
    stage.call(MEMBER, &json!(colleague), "");
    let member = stage.prepare("administration/read_member", json!({})).await;
    let writes = json!({
        "expected_revision": member["revision"],
        "roles": ["practitioner"],
        "permissions": { "data": ["access", "add", "edit"] },
    });
    stage.prepare("administration/set_member_permissions", writes).await;
    let list = stage.prepare("sharing/list_grants", json!({})).await;
    let share = json!({ "expected_revision": list["revision"], "access": "approval" });
    stage.prepare("sharing/share_chart", share).await;

    let drafted = stage.prepare_as(ben, "records/draft_note", json!({})).await;
    stage.call(RECORD, &drafted, "/record/id");
    let signed = stage.prepare_as(ben, "records/sign_note", at(&drafted["draft"])).await;
    stage.tell("records/list_cosignatures", json!({})).await;
    let returned = stage.tell("records/return_note", at(&signed)).await;
    let amended = stage.prepare_as(ben, "records/amend_note", at(&returned)).await;
    stage.tell("records/cosign_note", at(&amended)).await;

    let list = stage.prepare("sharing/list_grants", json!({})).await;
    stage.prepare("sharing/revoke_grant", at(&list)).await;
    stage.call(MEMBER, &json!(founder), "");
    stage.call(RECORD, &json!(own), "");
}

/// A circle of care on one permission, which is withdrawn, and on another somebody who stands for the client.
async fn consents(stage: &mut Stage) {
    let founder = stage.id(MEMBER).to_owned();
    let until = json!({ "expires_on": in_days(300) });
    let permitted = stage.tell("consents/record_consent", until).await;
    stage.call(CONSENT, &permitted, "/id");
    stage.tell("consents/list_consents", json!({})).await;
    stage.tell("consents/set_circle", json!({})).await;
    let circle = stage.tell("consents/read_circle", json!({})).await;
    let chart = stage.prepare("records/read_chart", json!({})).await;
    let share = json!({
        "expected_revision": chart["revision"], "expected_circle_revision": circle["revision"],
        "expires_on": in_days(30),
    });
    stage.tell("sharing/share_with_circle", share).await;
    stage.tell("consents/withdraw_consent", json!({})).await;

    let account = json!({ "name": "Emeka Okonkwo", "email": "emeka@mail.example", "roles": ["client"] });
    let invited = stage.prepare("administration/invite_member", account).await;
    stage.call(MEMBER, &invited, "/member_id");
    let access = json!({ "purpose": "proxy_access", "expires_on": in_days(300) });
    let permitted = stage.prepare("consents/record_consent", access).await;
    stage.call(CONSENT, &permitted, "/id");
    stage.tell("consents/appoint_proxy", json!({ "expires_on": in_days(30) })).await;
    stage.tell("consents/list_proxies", json!({})).await;
    stage.tell("consents/end_proxy", json!({})).await;
    stage.call(MEMBER, &json!(founder), "");
}

/// A session at a center, which lets it go; its client is moved into a group, and what follows is recorded there.
async fn facilitations(stage: &mut Stage) {
    let at = |answer: &Value| json!({ "expected_revision": answer["revision"] });
    stage.tell("sessions/set_center_profile", json!({})).await;
    stage.tell("sessions/approve_facilitator", json!({})).await;
    stage.tell("sessions/list_approvals", json!({})).await;
    let begun = stage.tell("sessions/create_facilitation", json!({})).await;
    stage.call(FACILITATION, &begun, "/id");
    let added = stage.tell("sessions/add_participant", at(&begun)).await;
    stage.call(PARTICIPANT, &added, "/participants/0/id");
    let prepared = stage.tell("sessions/record_preparation", at(&added)).await;
    let planned = stage.tell("sessions/plan_facilitation", at(&prepared)).await;
    let assigned = stage.tell("sessions/assign_participant", at(&planned)).await;
    let required = stage.tell("sessions/require_item", at(&assigned)).await;
    let shared = stage.tell("sessions/associate_center", at(&required)).await;
    let completed = stage.tell("sessions/complete_item", at(&shared)).await;
    let signed = stage.tell("sessions/counter_sign_item", at(&completed)).await;
    for event in [
        "read_facilitation",
        "list_facilitations",
        "list_client_facilitations",
        "list_center_facilitations",
        "list_participant_entries",
    ] {
        stage.tell(&format!("sessions/{event}"), json!({})).await;
    }
    let revision = json!({ "expected_revision": signed["revision"].to_string() });
    stage.tell("sessions/release_facilitation", revision).await;

    let group = stage.prepare("sessions/create_facilitation", json!({})).await;
    stage.call(GROUP, &group, "/id");
    let left = stage.prepare("sessions/read_facilitation", json!({})).await;
    let moved = stage.tell("sessions/move_participant", at(&left)).await;
    stage.call(FACILITATION, &group, "/id");
    let planned = stage.prepare("sessions/plan_facilitation", at(&moved)).await;
    let given = stage.tell("sessions/record_administration", at(&planned)).await;
    let followed = stage.tell("sessions/record_integration", at(&given)).await;
    let removed = stage.tell("sessions/remove_participant", at(&followed)).await;
    stage.tell("sessions/void_facilitation", at(&removed)).await;
    stage.tell("sessions/withdraw_approval", json!({})).await;
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

/// The shelf is taken stock of, a folder is harmed, and a site is given up.
async fn inventory(stage: &mut Stage) {
    let (site, record) = (stage.id(LOCATION).to_owned(), stage.id(RECORD).to_owned());
    let at = |answer: &Value| json!({ "expected_revision": answer["revision"] });
    let bare = stage.prepare("inventory/add_folder", json!({ "barcode": null })).await;
    stage.call(RECORD, &bare, "/id");
    let labelled = stage.tell("inventory/label_folder", at(&bare)).await;
    for event in ["make_labels", "list_inventory", "export_inventory"] {
        stage.tell(&format!("inventory/{event}"), json!({})).await;
    }
    let begun = stage.tell("inventory/begin_stocktake", json!({})).await;
    stage.call(STOCKTAKE, &begun, "/id");
    stage.tell("inventory/list_stocktakes", json!({})).await;
    stage.tell("inventory/scan_stocktake", json!({})).await;
    let underway = stage.tell("inventory/read_stocktake", json!({})).await;
    stage.tell("inventory/close_stocktake", at(&underway)).await;
    stage.tell("inventory/validate_import", json!({})).await;
    stage.tell("inventory/import_folders", json!({})).await;
    let reported = stage.tell("inventory/report_incident", at(&labelled)).await;
    stage.call(INCIDENT, &reported, "/incident/id");
    stage.tell("inventory/list_incidents", json!({})).await;
    stage.tell("inventory/close_incident", json!({})).await;
    stage.tell("inventory/revise_location", json!({})).await;
    let other = json!({ "kind": "site", "name": "Old site", "within": null });
    let other = stage.prepare("inventory/add_location", other).await;
    stage.call(LOCATION, &other, "/id");
    stage.tell("inventory/retire_location", at(&other)).await;
    stage.call(LOCATION, &json!(site), "");
    stage.call(RECORD, &json!(record), "");
}

/// A claim is made and settled; meanwhile nothing of the chart may go.
async fn holds(stage: &mut Stage) {
    let custodians = json!([stage.id(MEMBER)]);
    let terms = json!({ "custodians": custodians, "reaffirm_by": in_days(100) });
    let placed = stage.tell("retention/place_hold", terms).await;
    stage.call(HOLD, &placed, "/hold_id");
    stage.tell("retention/list_holds", json!({})).await;
    stage.tell("retention/read_hold", json!({})).await;
    stage.tell("retention/acknowledge_hold", json!({})).await;
    stage.notify("retention-sweep/lock_filed", &[]).await;
    let reaffirmed = stage.tell("retention/reaffirm_hold", json!({ "until": in_days(200) })).await;
    stage.tell("retention/release_hold", json!({ "expected_revision": reaffirmed["revision"] })).await;
}

/// Paper that has a verified scan goes: proposed and rejected first, then proposed by another records manager, approved
/// by two, ordered, destroyed before a witness, and certified.
async fn dispositions(stage: &mut Stage) {
    const ROLF: &str = "rolf@north.example";
    let record = stage.id(RECORD).to_owned();
    let account = json!({ "name": "Rolf Dahl", "email": ROLF, "roles": ["records_manager"] });
    let rolf = stage.prepare("administration/invite_member", account).await;
    stage.prepare_as(ROLF, "administration/begin_session", json!({})).await;
    let paper = stage.prepare("inventory/add_folder", json!({ "barcode": "GOES-1" })).await;
    stage.call(RECORD, &paper, "/id");
    let link = json!({ "expected_revision": paper["revision"], "verified": true });
    stage.prepare("inventory/link_scan", link).await;

    let proposed = stage.tell("retention/propose_disposition", json!({})).await;
    stage.call(DISPOSITION, &proposed, "/disposition_id");
    stage.tell("retention/list_dispositions", json!({})).await;
    stage.tell("retention/read_disposition", json!({})).await;
    stage.tell("retention/reject_disposition", json!({})).await;

    let proposed = stage.prepare_as(ROLF, "retention/propose_disposition", json!({})).await;
    stage.call(DISPOSITION, &proposed, "/disposition_id");
    stage.tell("retention/approve_disposition", json!({})).await;
    stage.prepare_as(OLGA, "retention/approve_disposition", json!({})).await;
    stage.tell("retention/execute_disposition", json!({})).await;
    stage.notify("retention-sweep/do_work", &[]).await;
    let seen = json!({ "witness_id": rolf["member_id"], "destroyed_on": in_days(-1) });
    stage.tell("retention/confirm_destruction", seen).await;
    stage.notify("retention-sweep/do_work", &[]).await;
    for event in ["read_certificate", "export_certificate", "prove_destruction"] {
        stage.tell(&format!("retention/{event}"), json!({})).await;
    }
    stage.call(RECORD, &json!(record), "");
}

/// A space made from the chart: a colleague comes, a note is copied into the chart, a file is shared, and who made
/// it leaves.
async fn spaces(stage: &mut Stage) {
    let (founder, colleague) = (stage.id(MEMBER).to_owned(), stage.id(COLLEAGUE).to_owned());
    let space = stage.tell("spaces/create_space", json!({})).await;
    stage.call(SPACE, &space, "/id");
    stage.tell("spaces/list_spaces", json!({})).await;
    stage.call(MEMBER, &json!(colleague), "");
    stage.tell("spaces/invite_to_space", json!({})).await;
    stage.call(MEMBER, &json!(founder), "");
    stage.tell("spaces/read_space", json!({})).await;
    let note = stage.tell("spaces/add_space_note", json!({})).await;
    stage.call(SPACE_ITEM, &note, "/id");
    for event in ["list_space_items", "read_space_item", "promote_space_item", "strike_space_item"] {
        stage.tell(&format!("spaces/{event}"), json!({})).await;
    }

    let photo = files::photo(320, 240);
    let started = stage.tell("intake/start_space_upload", announced(&photo)).await;
    stage.call(UPLOAD, &started, "/upload_id");
    stage.tell("intake/read_space_upload", json!({})).await;
    send(stage, &started["put"], &photo.bytes).await;
    let completed = stage.tell("intake/complete_space_upload", json!({})).await;
    stage.call(SPACE_ITEM, &completed, "/item_id");
    let folder = format!("spaces/{}", stage.id(SPACE));
    inspect_in(stage, &folder, false).await;
    stage.tell("delivery/sign_space_preview", json!({})).await;
    let signed = stage.tell("delivery/sign_space_download", json!({})).await;
    assert_eq!(receive(stage, &signed).await, photo.bytes, "the download is what was shared");

    let large = files::bulk(22, 20 * 1024 * 1024);
    let started = stage.prepare("intake/start_space_upload", announced(&large)).await;
    stage.call(UPLOAD, &started, "/upload_id");
    stage.tell("intake/sign_space_parts", json!({})).await;
    stage.tell("intake/abandon_space_upload", json!({})).await;
    stage.tell("spaces/leave_space", json!({})).await;
    stage.tell("spaces/list_frozen_spaces", json!({})).await;
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

/// A chart goes to the colleague and comes back: offered, withdrawn, declined, accepted.
async fn transfers(stage: &mut Stage) {
    let (founder, colleague) = (stage.id(MEMBER).to_owned(), stage.id(COLLEAGUE).to_owned());
    let (ben, own, client) = ("ben@north.example", stage.id(CHART).to_owned(), stage.id(CLIENT).to_owned());
    let at = |answer: &Value| json!({ "expected_revision": answer["revision"] });
    stage.call(MEMBER, &json!(colleague), "");
    keeps_charts(stage).await;
    stage.call(MEMBER, &json!(founder), "");
    stage.call(RECIPIENT, &json!(colleague), "");
    let efua =
        stage.prepare("clients/register_client", someone("Efua Asante", "1990-01-02", "NC-0061")).await;
    stage.call(CLIENT, &efua, "/id");
    let chart = stage.prepare("clients/open_chart", json!({})).await;
    stage.call(CHART, &chart, "/id");
    let offered = stage.tell("transfers/offer_transfer", at(&chart)).await;
    stage.call(TRANSFER, &offered, "/id");
    stage.tell("transfers/list_transfers", json!({})).await;
    stage.tell("transfers/withdraw_transfer", json!({})).await;

    let chart = stage.prepare("records/read_chart", json!({})).await;
    let offered = stage.prepare("transfers/offer_transfer", at(&chart)).await;
    stage.call(TRANSFER, &offered, "/id");
    stage.prepare_as(ben, "transfers/accept_transfer", json!({})).await;
    stage.call(RECIPIENT, &json!(founder), "");
    for answer in ["transfers/decline_transfer", "transfers/accept_transfer"] {
        let chart = stage.prepare_as(ben, "records/read_chart", json!({})).await;
        let offered = stage.prepare_as(ben, "transfers/offer_transfer", at(&chart)).await;
        stage.call(TRANSFER, &offered, "/id");
        stage.tell(answer, json!({})).await;
    }
    for event in ["read_passages", "list_caseloads", "read_caseload"] {
        stage.tell(&format!("transfers/{event}"), json!({})).await;
    }
    stage.call(RECIPIENT, &json!(colleague), "");
    let one = json!({ "all": null, "charts": [stage.id(CHART)] });
    stage.tell("transfers/transfer_caseload", one).await;
    stage.call(CHART, &json!(own), "");
    stage.call(CLIENT, &json!(client), "");
}

async fn evidence(stage: &mut Stage) {
    stage.notify("retention-sweep/plan_sweep", &[]).await;
    let before = stage.letters().await;
    stage.notify("notify/send_messages", &[]).await;
    assert_eq!(stage.letters().await, before + 1, "the notice was not sent by e-mail");
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

/// Fetches a file as a browser does, by the address that was signed.
async fn receive(stage: &mut Stage, signed: &Value) -> Vec<u8> {
    let address = signed["request"]["url"].as_str().expect("an address");
    let pass = address.rsplit('/').next().unwrap_or_default();
    stage.call(PASS, &json!(pass), "");
    let url = stage.follow("delivery/follow_download").await;
    let get = json!({ "method": "GET", "url": url, "headers": {} });
    Presigned::of(&get).send(&storage(stage), &[]).await.stored().body
}

fn storage(stage: &Stage) -> Arc<Site> {
    Site::at(stage.aws.settings().endpoint.as_deref().expect("an endpoint"))
}

/// Tells inspection of the object of an upload into the chart.
async fn inspect(stage: &mut Stage, twice: bool) {
    let chart = stage.id(CHART).to_owned();
    inspect_in(stage, &chart, twice).await;
}

/// Tells inspection of the object of the upload, as the bucket would: as the sample first, then as often as
/// events come that are delivered at least once.
async fn inspect_in(stage: &mut Stage, folder: &str, twice: bool) {
    let settings = stage.aws.settings().clone();
    let [organization, upload] = [ORGANIZATION, UPLOAD].map(|id| stage.id(id).to_owned());
    let key = format!("uploads/{organization}/{folder}/{upload}");
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
