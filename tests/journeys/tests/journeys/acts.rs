//! A practice with one of everything, and one sound request for every operation: so that what is refused is
//! refused for the reason a journey means, and an operation nobody has thought of stops the journeys.
#![allow(clippy::panic, reason = "an answer of another form should stop its journey")]

use crate::{
    facilitation::{self, Begun},
    north::{offers, shares},
};
use api::{Access, Method, Operation};
use domain::{
    ChangeId, ChartId, ClientId, ConsentId, LocationId, MemberId, NoticeId, RecordId, RoleId, SpaceId,
    SpaceItemId, TeamId, member::Role,
};
use jiff::Span;
use reqwest::Method as HttpMethod;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use testkit::{
    Actor, Clinic, World, files,
    world::{Answer, Draft, Folder, IntakeLink, Patient, Request, Started, everything},
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
    /// Shares the chart under approval.
    pub intern: Actor,
    /// With which the chart is shared; the intern is in it.
    pub team: TeamId,
    /// Nobody is in it.
    pub empty_team: TeamId,
    /// What Dr Amara is told: a note waits for her signature.
    pub notice: NoticeId,
    /// Written by an intern, and waiting for Dr Amara's signature.
    pub to_cosign: RecordId,
    /// The same.
    pub to_return: RecordId,
    pub photo: RecordId,
    pub folder: Folder,
    pub site: LocationId,
    pub room: LocationId,
    /// Nothing is in it.
    pub empty: LocationId,
    /// Without a barcode.
    pub unlabelled: Folder,
    /// Of the records room, and open.
    pub stocktake: String,
    /// A folder was harmed, and nobody has assessed it yet.
    pub incident: String,
    /// Goes in parts, none of which has come.
    pub upload: Started,
    pub link: IntakeLink,
    pub patient: Patient,
    pub contribution: String,
    /// Goes in parts, none of which has come.
    pub intake_upload: Started,
    /// On which the client's circle of care stands: Sam, with whom nothing is shared yet.
    pub consent: ConsentId,
    /// Has an account as a client, and stands for the client of the chart.
    pub gail: Actor,
    /// Has an account as a client, and stands for nobody.
    pub petra: Actor,
    /// A collaborative space that nobody but Dr Amara is in.
    pub space: SpaceId,
    pub space_note: SpaceItemId,
    pub space_file: SpaceItemId,
    /// Goes in parts, none of which has come.
    pub space_upload: Started,
    /// A session with the client, at the clinic's own center.
    pub facilitation: Begun,
    /// A group there without anybody in it.
    pub group: Begun,
    /// Practitioner, to whom charts are offered.
    pub cleo: Actor,
    /// Hands charts on, and sees nothing of them.
    pub cora: Actor,
    /// A role of the clinic's own that Nadia has; the change that made it so, and that of Nadia's being given it.
    pub role: RoleId,
    pub role_change: ChangeId,
    pub assignment: ChangeId,
    /// Dr Amara's, and offered to nobody yet.
    pub spare_chart: ChartId,
    /// Keep the end of records: Rita proposes, Rolf and the administrator approve.
    pub rita: Actor,
    pub rolf: Actor,
    /// A legal hold of which Dr Amara is a custodian, on the spare client.
    pub hold: String,
    /// Paper with a verified scan, in no disposition.
    pub digitised: Folder,
    /// Dispositions of such paper: one to be approved, one to be rejected, one that is approved.
    pub dispositions: [(String, RecordId); 3],
    /// A second administrator, who asked to open Dr Amara's chart: one request to be approved, one to be refused, one to
    /// be taken back.
    pub olga: Actor,
    pub escrows: [String; 3],
    /// Offered to Dr Cleo: one to be accepted, one to be declined, one to be withdrawn.
    pub offered: [(ChartId, String); 3],
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
    const ENDS: &[&str] = &[
        "move_participant",
        "remove_participant",
        "release",
        "amend",
        "void",
        "abandon",
        "leave",
        "revoke",
        "dismiss",
        "remove",
        "dissolve",
        "set_member",
        "suspend",
        "merge",
        "close",
        "end_",
    ];
    let mut all = operations();
    all.sort_by_key(|one| ENDS.iter().position(|end| one.id.starts_with(end)).map_or(0, |at| at + 1));
    all
}

/// A large file, as far as anybody has said.
pub fn large() -> Value {
    json!({ "size_bytes": 20 * 1024 * 1024, "sha256": null })
}

async fn another_chart(owner: &Actor, full_name: &str) -> ChartId {
    let client = owner.registers(json!({ "full_name": full_name })).await;
    owner.opens_chart(client).await
}

async fn offered(owner: &Actor, full_name: &str, to: &Actor) -> (ChartId, String) {
    let chart = another_chart(owner, full_name).await;
    (chart, offers(owner, chart, 1, to, true).await)
}

/// What an administrator says who asks to open a chart for a legal cause.
pub fn escrow() -> Value {
    json!({ "cause": "court_order", "reference": "Order of 2 March, case 26-114.", "days": 7 })
}

async fn asked(by: &Actor, chart: ChartId) -> String {
    id(&by.post(&format!("/charts/{chart}/escrows")).json(&escrow()).expect(201).await, "id")
}

/// A legal hold on everything of a client, with one custodian.
pub fn held(client: ClientId, custodian: &Actor) -> Value {
    json!({
        "cause": "notice_of_suit", "matter": "A claim", "notice": "Keep everything of this client.",
        "scope": { "clients": [client] }, "custodians": [custodian.member_id()],
        "reaffirm_by": custodian.day(180)
    })
}

/// Paper whose scan somebody has compared with it.
pub async fn digitised(
    owner: &Actor,
    chart: ChartId,
    at: LocationId,
    scan: RecordId,
    barcode: &str,
) -> Folder {
    let folder = owner.adds_folder(chart, "Old letters", at, barcode).await;
    let path = format!("/charts/{chart}/records/{}/scan", folder.record);
    let body = json!({ "expected_revision": folder.revision, "record_id": scan, "verified": true });
    let linked = owner.put(&path).json(&body).expect(200).await;
    Folder { revision: linked["revision"].as_u64().unwrap_or_default(), ..folder }
}

/// The proposal to destroy paper because its scan is kept.
pub fn proposal(paper: &Folder) -> Value {
    let records = json!([{ "chart_id": paper.chart, "record_id": paper.record }]);
    json!({ "ground": "digitised", "records": records })
}

fn id<Id: std::str::FromStr>(answer: &Value, field: &str) -> Id {
    let id = answer[field].as_str().and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("no `{field}` in {answer}"))
}

impl<'w> Practice<'w> {
    #[expect(clippy::too_many_lines, reason = "a practice has one of everything, told in order")]
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
        let intern = clinic.practitioner("Iris").await;
        shares(&amara, chart, &intern, "approval").await;
        let to_cosign = intern.writes_note(chart, "Observed visit", "S: no pain").await;
        let to_return = intern.writes_note(chart, "Observed call", "S: better").await;
        let team = clinic.team("Hand surgery", &[&intern]).await;
        amara.shares_with_team(chart, team, "read_only").await;
        let empty_team = clinic.team("Night shift", &[]).await;
        let told = amara.get("/notices").expect(200).await;
        let notice = told["notices"][0]["id"].as_str().and_then(|id| id.parse().ok());
        let notice = notice.unwrap_or_else(|| panic!("nothing to tell in {told}"));
        let photo = amara.uploads(chart, &files::photo(64, 48)).await;
        let site = amara.adds_location("site", "Main site", None).await;
        let room = amara.adds_location("room", "Records room", Some(site)).await;
        let folder = amara.adds_folder(chart, "Paper file", room, "A-100").await;
        let empty = amara.adds_location("room", "Empty room", Some(site)).await;
        let bare = json!({ "title": "Drawings", "location_id": room });
        let bare = amara.post(&format!("/charts/{chart}/folders")).json(&bare).expect(201).await;
        let unlabelled = Folder { chart, record: id(&bare, "id"), revision: 2 };
        let stocktake = format!("/locations/{room}/stocktakes");
        let stocktake = sam.post(&stocktake).json(&json!({})).expect(201).await;
        let harm = json!({ "expected_revision": 1, "harm": "other", "note": "Torn; all pages are there." });
        let incident = format!("/charts/{chart}/records/{}/incidents", unlabelled.record);
        let incident = sam.post(&incident).json(&harm).expect(201).await;
        let (stocktake, incident) = (id(&stocktake, "id"), id(&incident["incident"], "id"));
        let upload = amara.starts_upload(chart, &files::photo(8, 8), large()).await;
        let link = amara.asks_for(chart, "X-ray of the left wrist").await;
        let patient = link.opened_at(world.site());
        let receipt = patient.uploads(&files::xray(&files::GRACE)).await;
        let contribution = receipt["reference"].as_str().unwrap_or_default().to_owned();
        let intake_upload = patient.starts_upload(&files::photo(8, 8), large()).await;
        let consent = amara.records_consent(client, "circle_of_care", json!({})).await;
        amara.names_circle(client, consent, &[(&sam, "read_only")]).await;
        let gail = clinic.member("Gail", &[Role::Client]).await;
        let petra = clinic.member("Petra", &[Role::Client]).await;
        let access = amara.records_consent(client, "proxy_access", json!({})).await;
        amara.appoints(client, gail.member_id(), "partner", access).await;
        let space = amara.creates_space("Coming home after surgery").await;
        let space_note = amara.shares_note(space, "By bus", "A later appointment would help").await;
        let space_file = amara.shares_file(space, &files::photo(32, 24)).await;
        facilitation::becomes_center(&clinic.administrator, "CO").await;
        facilitation::approves(&clinic.administrator, &amara).await;
        let facilitation = facilitation::begins(&amara, &[chart], Some(clinic.id())).await;
        let group = facilitation::begins(&amara, &[], Some(clinic.id())).await;
        let space_upload = amara.starts_space_upload(space, &files::photo(8, 8), large()).await;
        let made = clinic.makes_role("Clinician", &json!({})).await;
        let role = clinic.changes_role(&made, &everything()).await;
        let assignment = id(&clinic.gives_role(&nadia, &role["role_id"]).await, "change_id");
        let (role, role_change) = (id(&role, "role_id"), id(&role, "change_id"));
        let cleo = clinic.practitioner("Dr Cleo").await;
        let cora = clinic.member("Cora", &[Role::Coordinator]).await;
        let spare_chart = another_chart(&amara, "Ines Ferrari").await;
        let rita = clinic.member("Rita", &[Role::RecordsManager]).await;
        let rolf = clinic.member("Rolf", &[Role::RecordsManager]).await;
        let hold = rita.post("/holds").json(&held(spare, &amara)).expect(201).await;
        let digitised = digitised(&amara, chart, room, photo, "D-100").await;
        let mut dispositions = Vec::new();
        for barcode in ["D-101", "D-102", "D-103"] {
            let paper = self::digitised(&amara, chart, room, photo, barcode).await;
            let proposed = rita.post("/dispositions").json(&proposal(&paper)).expect(201).await;
            dispositions.push((id(&proposed, "disposition_id"), paper.record));
        }
        let dispositions: [(String, RecordId); 3] =
            dispositions.try_into().unwrap_or_else(|_| panic!("three"));
        for approver in [&rolf, &clinic.administrator] {
            let path = format!("/dispositions/{}/approvals", dispositions[2].0);
            approver.post(&path).json(&json!({})).expect(200).await;
        }
        let olga = clinic.member("Olga", &[Role::Administrator]).await;
        let escrows = [asked(&olga, chart).await, asked(&olga, chart).await, asked(&olga, chart).await];
        let offered = [
            offered(&amara, "Jan Dvorak", &cleo).await,
            offered(&amara, "Kim Larsen", &cleo).await,
            offered(&amara, "Lea Moreau", &cleo).await,
        ];
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
            intern,
            team,
            empty_team,
            notice,
            to_cosign,
            to_return,
            photo,
            folder,
            site,
            room,
            empty,
            unlabelled,
            stocktake,
            incident,
            upload,
            link,
            patient,
            contribution,
            intake_upload,
            consent,
            gail,
            petra,
            space,
            space_note,
            space_file,
            space_upload,
            facilitation,
            group,
            cleo,
            cora,
            role,
            role_change,
            assignment,
            spare_chart,
            rita,
            rolf,
            hold: id(&hold, "hold_id"),
            digitised,
            dispositions,
            olga,
            escrows,
            offered,
        }
    }

    /// A sound request for an operation, on what is kept here.
    pub fn act(&self, operation: &'static Operation) -> Act {
        Act { operation, path: self.path(operation), input: self.input(operation) }
    }

    fn path(&self, operation: &Operation) -> String {
        let names = BTreeMap::from([
            ("{client_id}", self.client.to_string()),
            ("{chart_id}", self.chart_for(operation.id).to_string()),
            ("{record_id}", self.record_for(operation.id).to_string()),
            ("{member_id}", self.member_for(operation.id).to_string()),
            ("{consent_id}", self.consent.to_string()),
            ("{upload_id}", self.upload_for(operation).upload.to_string()),
            ("{link_id}", self.link.id.to_string()),
            ("{contribution_id}", self.contribution.clone()),
            ("{grantee_id}", self.grantee_for(operation.id)),
            ("{role_id}", self.role.to_string()),
            ("{team_id}", self.team_for(operation.id).to_string()),
            ("{notice_id}", self.notice.to_string()),
            ("{space_id}", self.space.to_string()),
            ("{facilitation_id}", self.facilitation.id.clone()),
            ("{participant_id}", self.facilitation.participants.concat()),
            ("{item_code}", "risk_assessment".to_owned()),
            ("{item_id}", self.item_for(operation.id).to_string()),
            ("{transfer_id}", self.offer_for(operation.id).1.clone()),
            ("{version}", "1".to_owned()),
            ("{location_id}", self.location_for(operation.id).to_string()),
            ("{stocktake_id}", self.stocktake.clone()),
            ("{incident_id}", self.incident.clone()),
            ("{hold_id}", self.hold.clone()),
            ("{escrow_id}", self.escrow_for(operation.id).clone()),
            ("{disposition_id}", self.disposition_for(operation.id).0.clone()),
            ("{barcode}", "A-100".to_owned()),
            // One that nobody was handed: a real one is good for two minutes.
            ("{pass}", "A".repeat(43)),
        ]);
        let path = names.iter().fold(operation.path.to_owned(), |path, (name, id)| path.replace(name, id));
        assert!(!path.contains('{'), "`{path}` names something no practice here has");
        path
    }

    fn location_for(&self, operation: &str) -> LocationId {
        if operation == "retire_location" { self.empty } else { self.room }
    }

    fn disposition_for(&self, operation: &str) -> &(String, RecordId) {
        let [to_approve, to_reject, approved] = &self.dispositions;
        match operation {
            "reject_disposition" => to_reject,
            "execute_disposition" => approved,
            _ => to_approve,
        }
    }

    fn member_for(&self, operation: &str) -> MemberId {
        match operation {
            "end_proxy" => self.gail.member_id(),
            "read_caseload" | "transfer_caseload" => self.amara.member_id(),
            "remove_team_member" => self.intern.member_id(),
            "assign_role" | "revert_member_permissions" => self.nadia.member_id(),
            _ => self.ben.member_id(),
        }
    }

    fn grantee_for(&self, operation: &str) -> String {
        match operation {
            "revoke_grant" => self.team.to_string(),
            _ => self.intern.member_id().to_string(),
        }
    }

    fn team_for(&self, operation: &str) -> TeamId {
        if operation == "dissolve_team" { self.empty_team } else { self.team }
    }

    fn chart_for(&self, operation: &str) -> ChartId {
        match operation {
            "offer_transfer" => self.spare_chart,
            "accept_transfer" | "decline_transfer" | "withdraw_transfer" => self.offer_for(operation).0,
            _ => self.chart,
        }
    }

    fn offer_for(&self, operation: &str) -> &(ChartId, String) {
        let [accepted, declined, withdrawn] = &self.offered;
        match operation {
            "decline_transfer" => declined,
            "withdraw_transfer" => withdrawn,
            _ => accepted,
        }
    }

    fn escrow_for(&self, operation: &str) -> &String {
        let [to_approve, to_refuse, to_take_back] = &self.escrows;
        match operation {
            "refuse_escrow" => to_refuse,
            "end_escrow" => to_take_back,
            _ => to_approve,
        }
    }

    /// To Dr Cleo, with everything that is always handed over.
    fn terms(&self) -> Value {
        let sections = ["overview", "progress_notes", "general_documents"];
        json!({ "to": self.cleo.member_id(), "sections": sections, "keep_copy": true })
    }

    fn record_for(&self, operation: &str) -> RecordId {
        match operation {
            "save_draft" | "sign_note" => self.draft.record,
            "sign_download" | "sign_preview" => self.photo,
            "cosign_note" => self.to_cosign,
            "return_note" => self.to_return,
            "check_out_folder"
            | "check_in_folder"
            | "send_folder"
            | "report_folder_missing"
            | "report_incident"
            | "link_scan"
            | "list_custody" => self.folder.record,
            "label_folder" => self.unlabelled.record,
            "confirm_destruction" | "prove_destruction" => self.disposition_for(operation).1,
            _ => self.note,
        }
    }

    fn item_for(&self, operation: &str) -> SpaceItemId {
        match operation {
            "sign_space_download" | "sign_space_preview" => self.space_file,
            _ => self.space_note,
        }
    }

    fn upload_for(&self, operation: &Operation) -> &Started {
        match operation.access {
            Access::IntakeLink => &self.intake_upload,
            _ if operation.path.starts_with("/spaces/") => &self.space_upload,
            _ => &self.upload,
        }
    }

    fn input(&self, operation: &Operation) -> Value {
        match operation.method {
            Method::Post | Method::Put => self.body(operation.id),
            Method::Get | Method::Delete => match operation.id {
                "reopen_client" | "unmerge_client" | "revoke_grant" | "leave_chart" => {
                    json!({ "expected_revision": "1" })
                }
                "search_clients" => json!({ "name": "grace" }),
                "release_facilitation" => json!({ "expected_revision": "1" }),
                "withdraw_approval" => json!({ "facilitator_code": facilitation::code(&self.amara) }),
                _ => json!({}),
            },
        }
    }

    #[expect(clippy::too_many_lines, reason = "one row for each operation")]
    fn body(&self, operation: &str) -> Value {
        let content = json!({ "title": "Third visit", "sections": [{ "heading": "S", "text": "no pain" }] });
        let revision = json!({ "expected_revision": 1 });
        let more = match operation {
            "begin_session"
            | "accept_transfer"
            | "decline_transfer"
            | "open_chart"
            | "complete_upload"
            | "complete_intake_upload"
            | "request_intake_renewal"
            | "sign_download"
            | "sign_preview"
            | "sign_contribution_download"
            | "add_team_member"
            | "complete_space_upload"
            | "strike_space_item"
            | "sign_space_download"
            | "begin_stocktake"
            | "sign_space_preview" => return json!({}),
            "sign_note"
            | "suspend_member"
            | "close_client"
            | "cosign_note"
            | "accept_contribution"
            | "retire_location"
            | "label_folder"
            | "report_folder_missing" => return revision,
            "make_labels" => return json!({ "locations": [self.room], "names": false }),
            "scan_stocktake" => return json!({ "barcodes": ["A-100"] }),
            "validate_import" | "import_folders" => {
                let csv = "file_number,title,location\nNOBODYS,Letters,Main site / Records room\n";
                return json!({ "csv": csv, "first_line": 2 });
            }
            "create_organization" => return json!({ "name": "East Clinic" }),
            "invite_member" => {
                return json!({ "name": "Dr New", "email": "new@people.example", "roles": ["staff"] });
            }
            "record_consent" => return self.permission(),
            "appoint_proxy" => return self.appointment(),
            "register_client" | "find_duplicate_clients" => {
                return json!({ "demographics": { "full_name": "Ada Novak", "height_cm": 171 } });
            }
            "reveal_field" => return json!({ "fields": ["full_name", "email"] }),
            "draft_note" => return json!({ "content": content, "occurred_on": "2026-01-05" }),
            "add_location" => return json!({ "kind": "room", "name": "Cellar", "within": self.site }),
            "add_folder" => {
                return json!({ "title": "Letters", "location_id": self.room, "barcode": "A-200" });
            }
            "create_role" => return json!({ "name": "Reader", "permissions": { "data": ["access"] } }),
            "preview_role" | "preview_member_permissions" => {
                return json!({ "permissions": { "data": ["access"] } });
            }
            "create_team" => return json!({ "name": "Wound care" }),
            "create_space" => return json!({ "name": "The falls group", "subject": "group" }),
            "invite_to_space" => {
                return json!({ "whom": { "type": "member", "id": self.sam.member_id() } });
            }
            "add_space_note" => return json!({ "content": content }),
            "promote_space_item" => return json!({ "chart_id": self.chart }),
            "start_upload" | "start_intake_upload" | "start_space_upload" => {
                return json!({ "file_name": "a.png", "size_bytes": 1, "media_type": "image/png" });
            }
            "sign_parts" | "sign_intake_parts" | "sign_space_parts" => {
                return json!({ "parts": [{ "number": 1, "sha256": "ab".repeat(32) }] });
            }
            "create_intake_link" => return self.ask(),
            "transfer_caseload" => return merged(json!({ "charts": [self.spare_chart] }), self.terms()),
            "offer_transfer" => self.terms(),
            "explain_decision" => return self.question(),
            "set_schedule" => {
                let policy = json!({
                    "id": "OWN-ALL", "name": "Ten years", "trigger": "service_date", "period": "10y"
                });
                return json!({
                    "expected_version": 0, "jurisdictions": ["US-MD"], "practices": ["physician"],
                    "policies": [policy]
                });
            }
            "preview_schedule" => {
                let schedule = json!({ "jurisdictions": ["US-MD"], "practices": ["physician"] });
                return json!({ "schedule": schedule });
            }
            "rehearse_sweep" => return json!({ "on": self.amara.day(90) }),
            "classify_record" => json!({ "class": "lab_report" }),
            "record_retention_facts" => {
                return json!({ "expected_revision": 0, "payers": ["medicaid"], "unpaid_claim": true });
            }
            "place_hold" => return held(self.spare, &self.amara),
            "request_escrow" => return escrow(),
            "approve_escrow" | "refuse_escrow" => return json!({}),
            "acknowledge_hold" | "approve_disposition" | "execute_disposition" => return json!({}),
            "reaffirm_hold" => return json!({ "until": self.amara.day(200) }),
            "release_hold" => json!({ "reason": "the claim was settled" }),
            "propose_disposition" => return proposal(&self.digitised),
            "reject_disposition" => return json!({ "reason": "the matter is still open" }),
            "confirm_destruction" => {
                let (witness_id, destroyed_on) = (self.rolf.member_id(), self.amara.day(0));
                return json!({ "method": "shredding", "witness_id": witness_id, "destroyed_on": destroyed_on });
            }
            "share_chart" => {
                let ben = json!({ "type": "member", "id": self.ben.member_id() });
                json!({ "grantee": ben, "access": "read_only", "expires_on": self.amara.day(30) })
            }
            "change_grant" => json!({ "access": "approval", "expires_on": self.amara.day(60) }),
            "change_role" => json!({ "name": "Clinician", "permissions": everything() }),
            "assign_role" => json!({ "role_id": self.role }),
            "revert_role" => json!({ "change_id": self.role_change }),
            "revert_member_permissions" => json!({ "change_id": self.assignment }),
            "set_vocabulary" => json!({ "vocabulary": { "client": "patient", "clients": "patients" } }),
            "set_policy" => json!({ "policy": { "time_zone": "Europe/Paris", "idle_minutes": 10 } }),
            "set_member_permissions" => json!({ "roles": ["staff"], "permissions": { "data": ["access"] } }),
            "revise_client" => json!({ "changes": { "marital_status": "married" } }),
            "merge_client" => json!({ "into": self.spare }),
            "save_draft" => json!({ "content": content }),
            "amend_note" => json!({ "content": content, "reason": "the wrong wrist" }),
            "void_record" | "decline_contribution" => json!({ "reason": "of somebody else" }),
            "create_facilitation" => {
                return json!({ "group": true, "facilitators": [self.amara.member_id()] });
            }
            "approve_facilitator" => return json!({ "facilitator_code": facilitation::code(&self.ben) }),
            "set_center_profile" => json!({ "license": facilitation::license("CO") }),
            "counter_sign_item" => json!({}),
            "plan_facilitation" => {
                let (at, amara) = (self.amara.site().now() + Span::new().hours(48), self.amara.member_id());
                json!({ "scheduled_at": at, "group": true, "facilitators": [amara] })
            }
            "void_facilitation" => json!({ "reason": "cancelled" }),
            "associate_center" => json!({ "center_id": self.clinic.id() }),
            "add_participant" => json!({ "participant": { "chart_id": self.chart } }),
            "assign_participant" => json!({ "facilitator_id": self.amara.member_id() }),
            "move_participant" => json!({ "to": self.group.id }),
            "remove_participant" => json!({ "reason": "of somebody else" }),
            "require_item" => json!({ "required": true }),
            "complete_item" => json!({ "answers": facilitation::form() }),
            "record_preparation" => json!({ "preparation": { "done": "forms_reviewed" } }),
            "record_administration" => json!({ "administration": { "primary_dose_ug": 20_000 } }),
            "record_integration" => json!({ "offer": {}, "notes": "calm" }),
            "return_note" => json!({ "reason": "which wrist?" }),
            "mark_record" => json!({ "confidential": true, "labels": ["psychological"] }),
            // A coordinator may hand it on.
            "mark_chart" => json!({ "confidential": false }),
            "set_circle" => self.circle(),
            "share_with_circle" => json!({ "expected_circle_revision": 1 }),
            "limit_record" => json!({ "limits": { self.ben.member_id().to_string(): ["access"] } }),
            "check_out_folder" => json!({ "to": self.amara.member_id(), "due_on": self.next_week() }),
            "check_in_folder" => json!({ "location_id": self.room }),
            "send_folder" => json!({ "to": self.site }),
            "revise_location" => json!({ "name": "Records room", "scheme": "terminal_digit" }),
            "close_stocktake" => json!({ "mark_missing": false }),
            "report_incident" => json!({ "harm": "water", "note": "The scan has every page." }),
            "close_incident" => json!({ "assessment": "low_probability", "note": "Nobody had it." }),
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

    fn permission(&self) -> Value {
        json!({
            "purpose": "proxy_access", "given_by": "client", "method": "electronic",
            "signed_on": self.amara.day(-1), "expires_on": self.amara.day(30), "note": "My sister sees my letters."
        })
    }

    fn circle(&self) -> Value {
        let sam = json!({ "type": "member", "id": self.sam.member_id() });
        json!({ "consent_id": self.consent, "members": [{ "grantee": sam, "access": "read_and_write" }] })
    }

    fn appointment(&self) -> Value {
        let last = self.amara.day(30);
        json!({ "member_id": self.petra.member_id(), "relationship": "oneself", "expires_on": last })
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
            | "list_roles"
            | "create_role"
            | "change_role"
            | "preview_role"
            | "revert_role"
            | "assign_role"
            | "preview_member_permissions"
            | "revert_member_permissions"
            | "list_permission_changes"
            | "read_reach"
            | "list_frozen_spaces"
            | "create_team"
            | "add_team_member"
            | "remove_team_member"
            | "dissolve_team"
            | "set_center_profile"
            | "list_approvals"
            | "approve_facilitator"
            | "withdraw_approval"
            | "list_center_facilitations"
            | "release_facilitation"
            | "create_organization" => &self.clinic.administrator,
            "set_schedule" | "preview_schedule" | "read_outlook" | "rehearse_sweep" | "list_eligible"
            | "list_unknown" => &self.rita,
            "place_hold"
            | "read_hold"
            | "reaffirm_hold"
            | "release_hold"
            | "propose_disposition"
            | "list_dispositions"
            | "read_disposition"
            | "execute_disposition"
            | "confirm_destruction"
            | "read_certificate"
            | "export_certificate"
            | "prove_destruction" => &self.rita,
            "approve_disposition" | "reject_disposition" => &self.rolf,
            "request_escrow" | "approve_escrow" | "refuse_escrow" | "list_escrows" => {
                &self.clinic.administrator
            }
            "end_escrow" => &self.olga,
            "leave_chart" => &self.intern,
            "read_evidence" | "read_member_evidence" | "read_record_evidence" => &self.nadia,
            "accept_transfer" | "decline_transfer" => &self.cleo,
            "list_caseloads" | "read_caseload" | "transfer_caseload" => &self.cora,
            "check_out_folder" | "check_in_folder" | "send_folder" | "report_folder_missing" => &self.sam,
            "revise_location" | "retire_location" | "label_folder" | "report_incident" | "list_inventory"
            | "export_inventory" | "begin_stocktake" | "list_stocktakes" | "scan_stocktake"
            | "read_stocktake" | "close_stocktake" | "validate_import" | "import_folders" => &self.sam,
            "list_incidents" | "close_incident" => &self.clinic.administrator,
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
