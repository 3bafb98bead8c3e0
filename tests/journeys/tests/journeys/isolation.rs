//! Whose is whose: what another organization keeps does not exist here, and what a role does not allow is not
//! done, for every operation there is (R050, R051, X-7).

use crate::{
    acts::{Act, Practice, done, is_sound, merged, operations, operations_to_their_end, refused},
    snapshot::Snapshot,
};
use api::{Access, Operation};
use domain::member::Role;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use testkit::{Actor, World, files, world::Patient};

/// Ids that nobody has ever given out.
const NOBODYS: &str = "01900000-0000-7000-8000-000000000000";

fn is_members(operation: &Operation) -> bool {
    operation.access == Access::Member
}

/// What every journey here rests on: each of the requests succeeds for somebody.
#[tokio::test]
async fn each_operation_has_somebody_who_may() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let mut successes = 0;
    // The address of a file is good for two minutes, and tried where one is handed out.
    for operation in operations_to_their_end().into_iter().filter(|one| one.access != Access::Pass) {
        let (_, answer) = done(&north.act(operation), &north, None).await;
        let told = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(is_sound(&answer), "{}: {} {told}", operation.id, answer.status);
        successes += usize::from(answer.status < 300);
    }
    assert!(successes > 50, "only {successes} of {} operations were done", operations().len());
}

/// Everybody of South, with everything of North's: not there, or not theirs to do; and nothing comes of it.
#[tokio::test]
async fn what_north_keeps_does_not_exist_in_south() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let south = world.clinic("South Clinic").await;
    let people = [
        south.practitioner("Dr Sofia").await,
        south.staff("Sven").await,
        south.auditor("Sunita").await,
        south.administrator.clone(),
    ];
    let before = Snapshot::of(&world).await;
    for operation in operations().into_iter().filter(|one| is_members(one) && one.path.contains('{')) {
        let act = north.act(operation);
        let missing = act.at(nobodys(operation, &act));
        for person in &people {
            let what = format!("{} by {}", operation.id, person.name());
            let foreign = act.by(person).send().await;
            let code = refused(&what, &foreign);
            assert!(matches!(foreign.status, 403 | 404), "{what}: {} {code}", foreign.status);
            // What belongs to others and what belongs to nobody look the same.
            let nothing = missing.by(person).send().await;
            assert_eq!((nothing.status, refused(&what, &nothing)), (foreign.status, code), "{what}");
            assert_eq!(nothing.json()["detail"], foreign.json()["detail"], "{what}");
        }
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// A real thing of North's, with something made up within it, is answered as if there were neither: to everybody of
/// South, and to a colleague who has no part in it (R046).
#[tokio::test]
async fn what_is_made_up_within_a_foreign_thing_is_answered_alike() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let south = world.clinic("South Clinic").await;
    let sofia = south.practitioner("Dr Sofia").await;
    let before = Snapshot::of(&world).await;
    let mut tried = 0;
    for operation in operations().into_iter().filter(|one| is_members(one)) {
        let act = north.act(operation);
        let missing = act.at(nobodys(operation, &act));
        for path in mixed(operation, &act) {
            let mut people = vec![&sofia, &south.administrator];
            people.extend((!allowed("practitioner").contains(&operation.id)).then_some(&north.ben));
            for person in people {
                let what = format!("{} at {path} by {}", operation.id, person.name());
                let answer = act.at(path.clone()).by(person).send().await;
                let nothing = missing.by(person).send().await;
                let code = refused(&what, &answer);
                assert_eq!((answer.status, code), (nothing.status, refused(&what, &nothing)), "{what}");
                assert_eq!(answer.json()["detail"], nothing.json()["detail"], "{what}");
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "only {tried} of {} operations have parts", operations().len());
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// The paths of an operation whose first ids are real, and those behind them nobody's.
fn mixed(operation: &Operation, act: &Act) -> Vec<String> {
    let ids = operation.path.matches("_id}").count();
    let path = |real: usize| {
        let mut seen = 0;
        let parts = operation.path.split('/').zip(act.path.split('/'));
        let parts: Vec<&str> = parts
            .map(|(template, part)| {
                seen += usize::from(template.ends_with("_id}"));
                if template.ends_with("_id}") && seen > real { NOBODYS } else { part }
            })
            .collect();
        parts.join("/")
    };
    (1..ids).map(path).collect()
}

/// The path of an operation on what nobody has.
fn nobodys(operation: &Operation, act: &Act) -> String {
    let parts = operation.path.split('/').zip(act.path.split('/'));
    let parts: Vec<&str> = parts
        .map(|(template, part)| match template {
            "{version}" => part,
            "{barcode}" => "NOBODYS",
            _ if template.starts_with('{') => NOBODYS,
            _ => part,
        })
        .collect();
    parts.join("/")
}

/// A part of North's address under one of South's own things is as foreign as the whole.
#[tokio::test]
async fn a_foreign_thing_under_ones_own_chart_is_not_there() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let south = Practice::opened(&world, "South Clinic").await;
    let before = Snapshot::of(&world).await;
    let nested = operations().into_iter().filter(|one| {
        is_members(one) && one.path.matches('{').count() > 1 && one.path.starts_with("/charts/{chart_id}/")
    });
    for operation in nested {
        let act = north.act(operation);
        let mixed = act.path.replace(&north.chart.to_string(), &south.chart.to_string());
        let what = format!("{} at {mixed}", operation.id);
        let answer = act.at(mixed).by(&south.amara).send().await;
        refused(&what, &answer);
        assert_eq!(answer.status, 404, "{what}");
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// Ids in bodies reach no further than ids in addresses.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one row for each body")]
async fn a_body_that_names_what_is_norths_is_refused() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let south = Practice::opened(&world, "South Clinic").await;
    let by_id: BTreeMap<&str, &Operation> = operations().into_iter().map(|one| (one.id, one)).collect();
    let stranger = north.ben.member_id();
    let named: Vec<(&str, Value)> = vec![
        ("merge_client", json!({ "into": north.spare })),
        ("add_location", json!({ "within": north.site })),
        ("add_folder", json!({ "location_id": north.room })),
        ("check_out_folder", json!({ "to": stranger })),
        ("send_folder", json!({ "to": north.room })),
        ("make_labels", json!({ "locations": [north.room] })),
        (
            "make_labels",
            json!({ "folders": [{ "chart_id": north.chart, "record_id": north.folder.record }] }),
        ),
        ("link_scan", json!({ "record_id": north.photo })),
        ("limit_record", json!({ "limits": { stranger.to_string(): ["access"] } })),
        ("start_upload", json!({ "replaces": north.photo })),
        ("create_intake_link", json!({ "renews": north.link.id })),
        ("share_chart", json!({ "grantee": { "type": "member", "id": stranger } })),
        ("share_chart", json!({ "grantee": { "type": "team", "id": north.team } })),
        ("set_circle", json!({ "consent_id": north.consent })),
        (
            "set_circle",
            json!({ "members": [{ "grantee": { "type": "member", "id": stranger }, "access": "read_only" }] }),
        ),
        ("appoint_proxy", json!({ "member_id": north.gail.member_id() })),
        ("appoint_proxy", json!({ "relationship": "partner", "consent_id": north.consent })),
        ("create_space", json!({ "chart_id": north.chart })),
        ("invite_to_space", json!({ "whom": { "type": "member", "id": stranger } })),
        ("invite_to_space", json!({ "whom": { "type": "team", "id": stranger } })),
        ("promote_space_item", json!({ "chart_id": north.chart })),
        ("create_facilitation", json!({ "participants": [{ "chart_id": north.chart }] })),
        ("create_facilitation", json!({ "facilitators": [stranger] })),
        ("create_facilitation", json!({ "center_id": north.clinic.id() })),
        ("plan_facilitation", json!({ "facilitators": [stranger] })),
        ("add_participant", json!({ "participant": { "chart_id": north.chart } })),
        ("assign_participant", json!({ "facilitator_id": stranger })),
        ("move_participant", json!({ "to": north.group.id })),
        ("offer_transfer", json!({ "to": stranger })),
        ("transfer_caseload", json!({ "to": stranger })),
        ("place_hold", json!({ "scope": { "clients": [north.client] } })),
        ("place_hold", json!({ "scope": { "charts": [north.chart] } })),
        (
            "place_hold",
            json!({ "scope": { "records": [{ "chart_id": north.chart, "record_id": north.note }] } }),
        ),
        ("place_hold", json!({ "scope": { "spaces": [north.space] } })),
        ("place_hold", json!({ "scope": { "query": { "clients": [north.client] } } })),
        ("place_hold", json!({ "scope": { "query": { "authors": [stranger] } } })),
        ("place_hold", json!({ "custodians": [stranger] })),
        (
            "propose_disposition",
            json!({ "records": [{ "chart_id": north.chart, "record_id": north.digitised.record }] }),
        ),
        ("confirm_destruction", json!({ "witness_id": stranger })),
        ("revert_role", json!({ "change_id": north.role_change })),
        ("assign_role", json!({ "role_id": north.role })),
        ("preview_member_permissions", json!({ "permissions": null, "role_id": north.role })),
        ("revert_member_permissions", json!({ "change_id": north.assignment })),
        ("explain_decision", json!({ "with": { "role_id": north.role } })),
        ("explain_decision", json!({ "member_id": stranger })),
        (
            "explain_decision",
            json!({ "action": "ReadClient", "on": { "type": "client", "client_id": north.client } }),
        ),
        (
            "explain_decision",
            json!({ "action": "ReadMember", "on": { "type": "member", "member_id": stranger } }),
        ),
        (
            "explain_decision",
            json!({ "action": "ReadChart", "on": { "type": "chart", "chart_id": north.chart } }),
        ),
        (
            "explain_decision",
            json!({ "action": "ReadSpace", "on": { "type": "space", "space_id": north.space } }),
        ),
        (
            "explain_decision",
            json!({
                "action": "ReadFacilitation",
                "on": { "type": "facilitation", "facilitation_id": north.facilitation.id }
            }),
        ),
        (
            "explain_decision",
            json!({
                "action": "CompleteItem",
                "on": {
                    "type": "participation", "facilitation_id": north.facilitation.id,
                    "participant_id": north.facilitation.participants[0]
                }
            }),
        ),
        (
            "explain_decision",
            json!({ "action": "ReadHold", "on": { "type": "hold", "hold_id": north.hold } }),
        ),
        (
            "explain_decision",
            json!({ "on": { "type": "record", "chart_id": north.chart, "record_id": north.note } }),
        ),
    ];
    let before = Snapshot::of(&world).await;
    for (id, names) in named {
        let act = south.act(by_id[id]);
        let mut input = merged(act.input.clone(), names.clone());
        if input.get("expected_revision").is_some() {
            input["expected_revision"] = revision_of(&south, id).await;
        }
        let answer = act.with(input).by_right(&south).send().await;
        let code = refused(&format!("{id} with {names}"), &answer);
        assert_ne!(code, "stale_revision", "{id}: the revision is not why");
        assert_ne!(code, "not_asked_on_this", "{id} with {names}: what it asks is not why");
        assert!(matches!(answer.status, 404 | 422), "{id} with {names}: {} {code}", answer.status);
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// The revision of what an operation changes.
async fn revision_of(practice: &Practice<'_>, operation: &str) -> Value {
    match operation {
        "merge_client" => {
            practice.amara.get(&format!("/clients/{}", practice.client)).expect(200).await["revision"].clone()
        }
        "offer_transfer" => {
            let path = format!("/charts/{}", practice.spare_chart);
            practice.amara.get(&path).expect(200).await["revision"].clone()
        }
        "plan_facilitation" | "add_participant" | "assign_participant" | "move_participant" => {
            let path = format!("/facilitated-sessions/{}", practice.facilitation.id);
            practice.amara.get(&path).expect(200).await["revision"].clone()
        }
        "limit_record" => practice.amara.reads(practice.chart, practice.note).await["revision"].clone(),
        "share_chart" => practice.amara.access_list(practice.chart).await["revision"].clone(),
        "assign_role" | "revert_member_permissions" => {
            let path = format!("/members/{}", practice.nadia.member_id());
            practice.amara.get(&path).expect(200).await["revision"].clone()
        }
        "revert_role" => {
            let list = practice.clinic.administrator.get("/roles").expect(200).await;
            list["roles"][0]["revision"].clone()
        }
        "set_circle" => {
            let path = format!("/clients/{}/circle", practice.client);
            practice.amara.get(&path).expect(200).await["revision"].clone()
        }
        _ => practice.amara.reads(practice.chart, practice.folder.record).await["revision"].clone(),
    }
}

/// Naming an organization makes nobody a member of it.
#[tokio::test]
async fn nobody_acts_in_an_organization_by_naming_it() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let south = world.clinic("South Clinic").await;
    let sofia = south.practitioner("Dr Sofia").await;
    let nobody = world.person("Nils Nobody").await;
    let before = Snapshot::of(&world).await;
    for wrong in [north.id().to_string(), NOBODYS.to_owned(), "north".to_owned(), String::new()] {
        for operation in ["/organization", "/members", "/clients?name=gr", "/contributions"] {
            let request = sofia.get(operation).header("strongroom-organization", &wrong);
            request.problem(403, "no_membership").await;
        }
    }
    nobody.get("/organization").problem(403, "no_membership").await;
    nobody
        .post("/clients")
        .json(&json!({ "demographics": { "full_name": "A" } }))
        .problem(403, "no_membership")
        .await;
    nobody.post("/sessions").json(&json!({})).problem(403, "no_membership").await;
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// What each role may do with what Dr Amara of the same clinic keeps; everything else is refused.
#[expect(clippy::too_many_lines, reason = "one row for each operation")]
fn allowed(role: &str) -> Vec<&'static str> {
    const EVERYBODY: &[&str] = &["end_session", "read_organization", "list_contributions", "list_notices"];
    const COLLEAGUES: &[&str] = &[
        "list_members",
        "read_member",
        "create_space",
        "list_spaces",
        "list_cosignatures",
        "list_my_charts",
        "list_teams",
        "list_transfers",
        "list_holds",
        "read_schedule",
        "list_rules",
        "list_schedule_versions",
    ];
    const REGISTRARS: &[&str] = &[
        "register_client",
        "search_clients",
        "find_duplicate_clients",
        "read_client",
        "revise_client",
        "reveal_field",
        "close_client",
        "reopen_client",
        "add_location",
        "list_locations",
        "find_barcode",
        "make_labels",
    ];
    const PRACTITIONERS: &[&str] = &[
        "open_chart",
        "list_charts",
        "read_timeline",
        "list_consents",
        "read_circle",
        "list_proxies",
        "merge_client",
        "unmerge_client",
        "read_client_evidence",
        "create_facilitation",
        "list_facilitations",
        "list_client_facilitations",
        // The act is on Dr Ben himself, and everybody may read their own trail.
        "read_member_evidence",
    ];
    const FOLDERS: &[&str] = &[
        "check_out_folder",
        "check_in_folder",
        "send_folder",
        "report_folder_missing",
        "list_custody",
        "label_folder",
        "report_incident",
        "revise_location",
        "retire_location",
        "list_inventory",
        "export_inventory",
        "begin_stocktake",
        "list_stocktakes",
        "scan_stocktake",
        "read_stocktake",
        "close_stocktake",
        "validate_import",
        "import_folders",
    ];
    const RECORDS_ROOM: &[&str] = &[
        "add_location",
        "list_locations",
        "find_barcode",
        "make_labels",
        "list_incidents",
        "close_incident",
    ];
    const ADMINISTRATORS: &[&str] = &[
        "set_vocabulary",
        "set_policy",
        "invite_member",
        "add_location",
        "list_locations",
        "revise_location",
        "retire_location",
        "list_incidents",
        "close_incident",
        "explain_decision",
        "list_frozen_spaces",
        "set_center_profile",
        "list_approvals",
        "approve_facilitator",
        "withdraw_approval",
        // The clinic is the center of its own session.
        "list_center_facilitations",
        "read_facilitation",
        "list_participant_entries",
        "release_facilitation",
        "create_team",
        "add_team_member",
        "remove_team_member",
        "dissolve_team",
        "list_roles",
        "create_role",
        "change_role",
        "preview_role",
        "revert_role",
        "assign_role",
        "preview_member_permissions",
        "revert_member_permissions",
        "list_permission_changes",
        "read_reach",
        "list_grants",
        "revoke_grant",
        "request_escrow",
        "approve_escrow",
        "refuse_escrow",
        "end_escrow",
        "list_escrows",
        "set_member_permissions",
        "suspend_member",
        "restore_member",
    ];
    const SCHEDULES: &[&str] =
        &["set_schedule", "preview_schedule", "read_outlook", "list_eligible", "list_unknown"];
    const FACTS: &[&str] = &["record_retention_facts", "read_retention_facts"];
    const ENDS: &[&str] = &["rehearse_sweep", "explain_retention", "classify_record", "list_destroyed"];
    const HOLDERS: &[&str] = &["place_hold", "read_hold", "reaffirm_hold", "release_hold"];
    const APPROVERS: &[&str] = &["approve_disposition", "reject_disposition"];
    const DESTROYERS: &[&str] = &["propose_disposition", "execute_disposition", "confirm_destruction"];
    // There is no certificate yet; whoever may read one is told so.
    const CERTIFICATES: &[&str] = &[
        "list_dispositions",
        "read_disposition",
        "read_certificate",
        "export_certificate",
        "prove_destruction",
    ];
    const TRAILS: &[&str] =
        &["read_evidence", "read_member_evidence", "read_client_evidence", "read_record_evidence"];
    const COORDINATORS: &[&str] = &[
        "offer_transfer",
        "withdraw_transfer",
        "read_passages",
        "list_caseloads",
        "read_caseload",
        "transfer_caseload",
    ];
    let parts: &[&[&str]] = match role {
        "coordinator" => &[EVERYBODY, COLLEAGUES, COORDINATORS],
        "practitioner" => &[EVERYBODY, COLLEAGUES, REGISTRARS, PRACTITIONERS, FACTS],
        "staff" => &[EVERYBODY, COLLEAGUES, REGISTRARS, FOLDERS],
        "auditor" => &[EVERYBODY, COLLEAGUES, TRAILS, CERTIFICATES, &["list_destroyed"]],
        "administrator" => {
            &[EVERYBODY, COLLEAGUES, ADMINISTRATORS, TRAILS, SCHEDULES, HOLDERS, APPROVERS, CERTIFICATES]
        }
        "records_manager" => &[
            EVERYBODY,
            COLLEAGUES,
            SCHEDULES,
            FACTS,
            ENDS,
            HOLDERS,
            APPROVERS,
            DESTROYERS,
            CERTIFICATES,
            FOLDERS,
            RECORDS_ROOM,
        ],
        _ => &[EVERYBODY],
    };
    parts.concat()
}

/// Dr Ben, Sam, Nadia, the administrator and a client with an account try everything on Dr Amara's chart.
#[tokio::test]
async fn a_role_does_what_it_may_and_nothing_else() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let grace = north.clinic.member("Grace Okafor", &[Role::Client]).await;
    let roles: [(&str, &Actor); 7] = [
        ("records_manager", &north.rolf),
        ("coordinator", &north.cora),
        ("practitioner", &north.ben),
        ("staff", &north.sam),
        ("auditor", &north.nadia),
        ("client", &grace),
        ("administrator", &north.clinic.administrator),
    ];
    let acts: Vec<Act> =
        operations().into_iter().filter(|one| is_members(one)).map(|one| north.act(one)).collect();
    // Looked for in the inbox of who asks: everybody may, and there is no such notice in another's.
    let acts: Vec<Act> = acts.into_iter().filter(|act| act.operation.id != "dismiss_notice").collect();
    let before = Snapshot::of(&world).await;
    let mut denials = 0;
    for (role, person) in roles {
        for act in acts.iter().filter(|act| !allowed(role).contains(&act.operation.id)) {
            let answer = act.by(person).send().await;
            let what = format!("{} by {role}", act.operation.id);
            let code = refused(&what, &answer);
            assert!(matches!(answer.status, 403 | 404), "{what}: {} {code}", answer.status);
            denials += 1;
        }
    }
    let after = Snapshot::of(&world).await;
    before.assert_unchanged(&after);
    assert_eq!(after.facts(), before.facts() + denials, "each denial is one fact of the trail");
    for (role, person) in roles {
        for act in acts.iter().filter(|act| allowed(role).contains(&act.operation.id)) {
            let answer = act.by(person).send().await;
            let told = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(is_sound(&answer), "{} by {role}: {} {told}", act.operation.id, answer.status);
        }
    }
}

/// A suspended member has nothing from the next call on.
#[tokio::test]
async fn a_suspended_member_has_nothing() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let (administrator, amara) = (&north.clinic.administrator, &north.amara);
    let path = format!("/members/{}", amara.member_id());
    let revision = administrator.get(&path).expect(200).await["revision"].clone();
    let suspension = json!({ "expected_revision": revision });
    administrator.post(&format!("{path}/suspension")).json(&suspension).expect(201).await;
    let before = Snapshot::of(&world).await;
    for operation in operations().into_iter().filter(|one| is_members(one)) {
        let answer = north.act(operation).by(amara).send().await;
        let code = refused(operation.id, &answer);
        assert!(matches!(answer.status, 403 | 404), "{}: {} {code}", operation.id, answer.status);
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
    administrator.delete(&format!("{path}/suspension")).expect(200).await;
    amara.reads(north.chart, north.note).await;
}

/// A link opens its own uploads and no others, of the same chart or of another clinic's.
#[tokio::test]
async fn a_link_opens_its_own_uploads_alone() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let south = Practice::opened(&world, "South Clinic").await;
    let other = north.amara.asks_for(north.chart, "Another letter").await.opened_at(world.site());
    let before = Snapshot::of(&world).await;
    let uploads = operations().into_iter().filter(|one| one.path.starts_with("/intake/uploads/{"));
    let acts: Vec<Act> = uploads.map(|one| north.act(one)).collect();
    assert!(acts.len() >= 4, "{acts:?}");
    for act in &acts {
        for patient in [&other, &south.patient] {
            act.of(patient.get("/")).problem(404, "not_found").await;
        }
        // A member's upload is no patient's, and a patient's is no member's.
        let members =
            act.path.replace(&north.intake_upload.upload.to_string(), &north.upload.upload.to_string());
        act.at(members).of(north.patient.get("/")).problem(404, "not_found").await;
    }
    let patients = format!("/charts/{}/uploads/{}", north.chart, north.intake_upload.upload);
    north.amara.get(&patients).problem(404, "not_found").await;
    north.amara.delete(&patients).problem(404, "not_found").await;
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// A token that nobody gave out opens nothing; one that was taken back or has run out says so.
#[tokio::test]
async fn a_link_that_has_ended_takes_nothing() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let intake: Vec<Act> = operations()
        .into_iter()
        .filter(|one| one.access == Access::IntakeLink)
        .map(|one| north.act(one))
        .collect();
    let before = Snapshot::of(&world).await;
    let long = "a".repeat(1_000);
    for wrong in ["x", "%00", "aaaaaaaaaaaaaaaaaaaaaaaaaa", long.as_str(), north.link.token().split_at(8).1] {
        let thief = Patient::with_token(world.site(), wrong);
        for act in &intake {
            act.of(thief.get("/")).problem(404, "not_found").await;
        }
    }
    for act in &intake {
        act.of(world.stranger()).problem(401, "unauthenticated").await;
        act.of(world.stranger()).intake_token(&"a".repeat(2_000)).problem(400, "invalid_header").await;
    }
    before.assert_unchanged(&Snapshot::of(&world).await);

    let link = format!("/charts/{}/intake-links/{}", north.chart, north.link.id);
    north.amara.delete(&link).expect(204).await;
    north.amara.delete(&link).problem(410, "link_revoked").await;
    let short = north.amara.asks_for(north.chart, "Tomorrow at the latest").await.opened_at(world.site());
    short.uploads(&files::letter("in time")).await;
    world.clock.advance(25);
    let before = Snapshot::of(&world).await;
    for act in &intake {
        act.of(north.patient.get("/")).problem(410, "link_revoked").await;
        // To ask for another link is what is left to whoever comes too late.
        if act.operation.id != "request_intake_renewal" {
            act.of(short.get("/")).problem(410, "link_expired").await;
        }
    }
    before.assert_unchanged(&Snapshot::of(&world).await);
}

/// The pages of a list stay within their list, whatever a cursor says.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one row for each list")]
async fn a_made_up_cursor_reaches_nothing_else() {
    let world = World::start().await;
    let north = Practice::opened(&world, "North Clinic").await;
    let amara = &north.amara;
    let secret = amara.uploads(north.chart, &files::photo(32, 32)).await;
    let lists = [
        "/members".to_owned(),
        "/locations".to_owned(),
        "/contributions".to_owned(),
        format!("/charts/{}/records", north.chart),
        format!("/charts/{}/intake-links", north.chart),
        format!("/charts/{}/records/{}/versions", north.chart, north.photo),
        format!("/charts/{}/records/{}/custody", north.chart, north.folder.record),
        format!("/charts/{}/records/{}/evidence", north.chart, north.note),
        format!("/clients/{}/timeline", north.client),
        format!("/clients/{}/evidence", north.client),
        "/charts".to_owned(),
        "/notices".to_owned(),
        "/teams".to_owned(),
        "/permission-changes".to_owned(),
        format!("/charts/{}/readers", north.chart),
        format!("/charts/{}/records/{}/readers", north.chart, north.note),
        "/spaces".to_owned(),
        "/transfers".to_owned(),
        format!("/spaces/{}/items", north.space),
        "/cosignatures".to_owned(),
        "/facilitated-sessions".to_owned(),
        format!("/clients/{}/facilitated-sessions", north.client),
        format!("{}/entries", north.facilitation.participant(0)),
        format!("/clients/{}/consents", north.client),
        format!("/clients/{}/proxies", north.client),
        format!("/locations/{}/folders", north.room),
        "/stocktakes".to_owned(),
        "/incidents".to_owned(),
        "/holds".to_owned(),
        "/dispositions".to_owned(),
        format!("/dispositions/{}", north.dispositions[0].0),
        "/retention/schedule/versions".to_owned(),
        "/retention/eligible".to_owned(),
        "/retention/unknown".to_owned(),
        "/retention/outlook".to_owned(),
        format!("/charts/{}/destroyed-records", north.chart),
    ];
    // As keys of the table look, before, behind and beside those of the list.
    let mut places: Vec<String> = ["A", "ZZZZ", "~", "#", "2026-01-01#"].map(str::to_owned).into();
    for kind in [
        "MEMBER",
        "LOCATION",
        "RECORD",
        "VERSION",
        "CUSTODY",
        "LINK",
        "CONTRIBUTION",
        "UPLOAD",
        "OWNED",
        "SHARED",
        "NOTICE",
        "TEAM",
        "SPACE",
        "TRANSFER",
        "ITEM",
        "CONSENT",
        "PROXY",
        "FACILITATION",
        "ENTRY",
        "CHANGE",
        "FOLDER",
        "STOCKTAKE",
        "OPEN",
        "CLOSED",
        "CHART",
        "SCHEDULE",
        "GONE",
    ] {
        places.extend([String::new(), secret.to_string()].map(|id| format!("{kind}#{id}")));
    }
    for list in &lists {
        let whoever = match list.as_str() {
            "/permission-changes" | "/incidents" => &north.clinic.administrator,
            "/stocktakes" => &north.sam,
            _ if list.starts_with("/dispositions") || list.starts_with("/retention/") => &north.rita,
            "/holds" => &north.rita,
            _ if list.starts_with("/locations/") => &north.sam,
            _ if list.contains("/records/") && list.ends_with("evidence") => &north.nadia,
            _ => amara,
        };
        let whole = rows(&whoever.get(list).expect(200).await);
        for place in &places {
            let answer = whoever.get(list).query(&[("cursor", &cursor(place))]).send().await;
            assert!(matches!(answer.status, 200 | 400), "{list} after `{place}`: {}", answer.json());
            if answer.status == 200 && !list.contains("evidence") {
                let found = rows(&answer.json());
                let strange: Vec<&Value> = found.iter().filter(|row| !whole.contains(row)).collect();
                assert!(strange.is_empty(), "{list} after `{place}`: {strange:?}");
            }
        }
    }
}

fn cursor(place: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(place)
}

/// The rows of a list, by whatever name.
fn rows(answer: &Value) -> Vec<Value> {
    answer
        .as_object()
        .into_iter()
        .flatten()
        .find_map(|(_, value)| value.as_array().cloned())
        .unwrap_or_default()
}
