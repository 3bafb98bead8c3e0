//! How long records are kept, and why: the schedule, what it makes of each record, what moves the day, and what is
//! still to be known (R041, R150-R153, R157).

use crate::north::{North, all, column, revision, rows, shares};
use domain::{ChartId, ClientId, RecordId, member::Role};
use serde_json::{Value, json};
use testkit::{Actor, World, files};

/// A physician in Maryland: seven years, and until the 25th birthday of whoever was a minor (Md. Health-Gen. 4-403).
fn maryland() -> Value {
    json!({ "jurisdictions": ["US-MD"], "practices": ["physician"] })
}

fn merged(mut one: Value, more: Value) -> Value {
    if let (Some(one), Value::Object(more)) = (one.as_object_mut(), more) {
        one.extend(more);
    }
    one
}

async fn sets(who: &Actor, schedule: Value) -> Value {
    let version = who.get("/retention/schedule").expect(200).await["version"].clone();
    let body = merged(schedule, json!({ "expected_version": version }));
    let set = who.put("/retention/schedule").json(&body).expect(200).await;
    // Every chart is looked at again, behind the answer.
    who.site().idle().await;
    set
}

/// A note of a day in the past.
async fn notes(who: &Actor, chart: ChartId, section: &str, day: &str) -> RecordId {
    let content = json!({ "title": "Visit", "sections": [{ "heading": "S", "text": "no pain" }] });
    let body = json!({ "section": section, "occurred_on": day, "content": content });
    let note = who.post(&format!("/charts/{chart}/notes")).json(&body).expect(201).await;
    let id = note["record"]["id"].as_str().and_then(|id| id.parse().ok());
    id.unwrap_or_else(|| panic!("no id in {note}"))
}

async fn explains(who: &Actor, chart: ChartId, record: RecordId) -> Value {
    who.get(&format!("/charts/{chart}/records/{record}/retention")).expect(200).await
}

fn rule<'a>(explanation: &'a Value, id: &str) -> &'a Value {
    let found = rows(explanation, "rules").iter().find(|rule| rule["rule_id"] == id);
    found.unwrap_or_else(|| panic!("no rule {id} in {explanation}"))
}

async fn review_on(who: &Actor, chart: ChartId, record: RecordId) -> String {
    explains(who, chart, record).await["review_on"].as_str().unwrap_or_default().to_owned()
}

async fn born(who: &Actor, client: ClientId, day: &str) {
    let path = format!("/clients/{client}");
    let now = revision(&who.get(&path).expect(200).await);
    let body = json!({ "expected_revision": now, "changes": { "birth_date": day } });
    who.put(&path).json(&body).expect(200).await;
}

/// R151: the day, with the text of the rules, their sources and versions, and the facts they were applied to.
#[tokio::test]
async fn a_record_says_how_long_it_is_kept_and_why() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    let note = notes(amara, north.chart, "progress_notes", "2019-05-02").await;
    let before = explains(amara, north.chart, note).await;
    assert_eq!((&before["outcome"]["outcome"], &before["eligible"]), (&json!("unknown"), &json!(false)));
    assert_eq!(before["missing"][0]["code"], "schedule");

    sets(&rita, maryland()).await;
    let why = explains(amara, north.chart, note).await;
    assert_eq!((&why["state"], &why["class"]), (&json!("kept"), &json!("progress_note")));
    assert_eq!((&why["class_from"], &why["schedule_version"]), (&json!("file_plan"), &json!(1)));
    let kept = rule(&why, "MD-ALL");
    // The period of this rule begins when the record was made: the note of 2019 was entered today.
    let today = amara.day(0);
    let until = jiff::civil::date(today.year() + 7, today.month(), today.day());
    assert_eq!(why["outcome"]["value"], json!(until));
    assert_eq!((&why["decisive"], &kept["trigger_on"]), (&json!("MD-ALL"), &json!(today)));
    assert_eq!((&kept["source"], &kept["jurisdiction"]), (&json!("Md. Health-Gen. 4-403"), &json!("US-MD")));
    assert!(kept["text"].as_str().is_some_and(|text| text.contains("7y")), "{kept}");
    assert!(
        !kept["version"].as_str().unwrap_or_default().is_empty() && kept["rule_as_of"] == "2026",
        "{kept}"
    );
    // Of the birth date the year: the day is revealed elsewhere, and that is recorded (R085).
    assert_eq!(why["inputs"]["client"]["birth_year"], 1984);
    assert!(!why.to_string().contains("1984-02-29"), "{why}");
    assert_eq!(why["inputs"]["record"]["occurred_on"], "2019-05-02");
    // Every rule that ships has come into force by now.
    assert_eq!(why["coming"], json!([]));

    // Whoever keeps the schedule knows the same of a record they cannot read.
    assert_eq!(explains(&rita, north.chart, note).await["outcome"], why["outcome"]);
    rita.get(&format!("/charts/{}/records/{note}", north.chart)).problem(404, "not_found").await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    let path = format!("/charts/{}/records/{note}/retention", north.chart);
    ben.get(&path).problem(404, "not_found").await;
    let south = world.clinic("South Clinic").await;
    let other = south.member("Sasha", &[Role::RecordsManager]).await;
    other.get(&path).problem(404, "not_found").await;
    let nadia = north.clinic.auditor("Nadia").await;
    let trail = all(&nadia, "/evidence", "evidence").await;
    assert!(trail.iter().any(|fact| fact["kind"] == "RetentionExplained"));
    assert!(trail.iter().any(|fact| fact["kind"] == "ScheduleSet" && fact["details"]["version"] == "1"));
}

/// R153: a birth date that comes late moves the day, and has every chart looked at anew.
#[tokio::test]
async fn a_late_birth_date_moves_the_day() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    sets(&rita, maryland()).await;
    let kim = amara.registers(json!({ "full_name": "Kim Lund" })).await;
    let chart = amara.opens_chart(kim).await;
    let note = notes(amara, chart, "progress_notes", "2024-05-02").await;
    // Of an unknown birth date a minor is assumed, born at first contact.
    let why = explains(amara, chart, note).await;
    assert_eq!(why["inputs"]["client"]["birth_year"], Value::Null);
    assert_eq!(why["inputs"]["client"]["first_contact_on"], "2024-05-02");
    assert_eq!(why["outcome"]["value"], "2049-05-02");
    assert_ne!(review_on(amara, chart, note).await, amara.day(0).to_string());

    born(amara, kim, "2015-03-04").await;
    let why = explains(amara, chart, note).await;
    assert_eq!(
        (&why["inputs"]["client"]["birth_year"], &why["outcome"]["value"]),
        (&json!(2015), &json!("2040-03-04"))
    );
    assert_eq!(rule(&why, "MD-ALL")["minor_until"], "2040-03-04");
    assert_eq!(why["review_on"], json!(amara.day(0)));
    // Nothing of that kind has changed: nothing is looked at.
    let other = amara.registers(json!({ "full_name": "Ola Berg", "birth_date": "1970-01-01" })).await;
    let others = amara.opens_chart(other).await;
    let path = format!("/clients/{other}");
    let now = revision(&amara.get(&path).expect(200).await);
    let body = json!({ "expected_revision": now, "changes": { "marital_status": "single" } });
    amara.put(&path).json(&body).expect(200).await;
    let note = notes(amara, others, "progress_notes", "2024-05-02").await;
    assert_ne!(review_on(amara, others, note).await, amara.day(0).to_string());
}

/// R152: the longest of law and policy; policy lengthens, and never shortens.
#[tokio::test]
async fn policy_lengthens_and_never_shortens() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, administrator) = (&north.amara, &north.clinic.administrator);
    let note = notes(amara, north.chart, "progress_notes", "2024-05-02").await;
    let own = |period: &str| {
        let policy =
            json!({ "id": "OWN-NOTES", "name": "Our notes", "trigger": "record_created", "period": period });
        merged(maryland(), json!({ "policies": [policy] }))
    };
    sets(administrator, maryland()).await;
    let law = explains(amara, north.chart, note).await["outcome"].clone();
    sets(administrator, own("1y")).await;
    let why = explains(amara, north.chart, note).await;
    assert_eq!((&why["outcome"], &why["decisive"]), (&law, &json!("MD-ALL")));
    assert_eq!(rule(&why, "OWN-NOTES")["status"], "policy");
    sets(administrator, own("10y")).await;
    let why = explains(amara, north.chart, note).await;
    assert_eq!((&why["decisive"], &why["schedule_version"]), (&json!("OWN-NOTES"), &json!(3)));
    assert!(why["outcome"]["value"].as_str() > law["value"].as_str(), "{why}");

    // Every version stays, and says what it said.
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    let versions = all(&rita, "/retention/schedule/versions", "versions").await;
    let numbers: Vec<&Value> = versions.iter().map(|version| &version["version"]).collect();
    assert_eq!(numbers, [&json!(3), &json!(2), &json!(1)]);
    assert_eq!(versions[1]["policies"][0]["period"], "1y");
    let late = merged(maryland(), json!({ "expected_version": 1 }));
    let stale = administrator.put("/retention/schedule").json(&late).problem(409, "stale_schedule").await;
    assert_eq!(stale["current_version"], 3);
    let wrong = merged(own("10y"), json!({ "expected_version": 3, "jurisdictions": [] }));
    administrator.put("/retention/schedule").json(&wrong).problem(422, "invalid_schedule").await;
    let wrong = merged(maryland(), json!({ "expected_version": 3, "adopted": ["MD-ALL"] }));
    administrator.put("/retention/schedule").json(&wrong).problem(422, "invalid_adoption").await;
    amara.put("/retention/schedule").json(&late).problem(403, "forbidden").await;
    // Schedules of others are nobody's here.
    let south = world.clinic("South Clinic").await;
    assert_eq!(south.administrator.get("/retention/schedule").expect(200).await["version"], 0);
    let none = south.administrator.get("/retention/schedule/versions").expect(200).await;
    assert!(rows(&none, "versions").is_empty());
}

/// Rules that nobody has read at their source bind nobody, until somebody has; a gap keeps everything.
#[tokio::test]
async fn what_was_only_recalled_is_adopted_by_somebody() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, administrator) = (&north.amara, &north.clinic.administrator);
    let note = notes(amara, north.chart, "progress_notes", "2024-05-02").await;
    let kansas = json!({ "jurisdictions": ["US-KS"], "practices": ["physician"] });
    let set = sets(administrator, kansas.clone()).await;
    let gap = json!({ "class": "progress_note", "jurisdiction": "US-KS", "practice": "physician" });
    assert!(rows(&set, "gaps").contains(&gap), "{set}");
    let why = explains(amara, north.chart, note).await;
    assert_eq!(why["missing"][0]["code"], "schedule");
    let standing = |rules: &Value, id: &str| {
        let found = rows(rules, "rules").iter().find(|rule| rule["id"] == id);
        found.map(|rule| rule["standing"].clone()).unwrap_or_else(|| panic!("no rule {id}"))
    };
    let rules = amara.get("/retention/rules").query(&[("jurisdiction", "US-KS")]).expect(200).await;
    assert_eq!(standing(&rules, "KS-MD"), "not_adopted");
    assert!(!rows(&rules, "rules").iter().any(|rule| rule["id"] == "MD-ALL"));

    let set = sets(administrator, merged(kansas, json!({ "adopted": ["KS-MD"] }))).await;
    assert!(rows(&set, "gaps").is_empty(), "{set}");
    assert_eq!(set["adopted"][0]["reviewed_on"], json!(amara.day(0)));
    let why = explains(amara, north.chart, note).await;
    assert_eq!((&why["decisive"], &why["outcome"]["outcome"]), (&json!("KS-MD"), &json!("eligible_on")));
    let rules = amara.get("/retention/rules").expect(200).await;
    assert_eq!(standing(&rules, "KS-MD"), "binds");
    assert_eq!(standing(&rules, "MD-ALL"), "elsewhere");
}

/// R157: what another schedule would move is shown before it is set, and nothing changes by that.
#[tokio::test]
async fn a_preview_shows_what_would_move() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    let note = notes(amara, north.chart, "progress_notes", "2024-05-02").await;
    let letter = notes(amara, north.chart, "correspondence", "2024-05-02").await;
    sets(&rita, maryland()).await;
    let before = explains(amara, north.chart, note).await["outcome"].clone();
    let policy = json!({
        "id": "OWN-NOTES", "name": "Our notes", "classes": ["progress_note"], "trigger": "record_created",
        "period": "12y"
    });
    let schedule = merged(maryland(), json!({ "policies": [policy] }));
    let preview =
        rita.post("/retention/schedule/preview").json(&json!({ "schedule": schedule })).expect(200).await;
    let moves = rows(&preview, "moves");
    assert_eq!(column(moves, "record_id"), [note.to_string()]);
    assert_eq!((&moves[0]["from"], &moves[0]["rule_id"]), (&before, &json!("MD-ALL")));
    assert_eq!(
        (&moves[0]["to"]["outcome"], &moves[0]["rule_id_then"]),
        (&json!("eligible_on"), &json!("OWN-NOTES"))
    );
    assert_eq!((&preview["charts"], &preview["records"]), (&json!(1), &json!(2)));
    for (days, status) in [(0, 200), (400, 200), (-1, 422)] {
        let body = json!({ "schedule": schedule, "on": rita.day(days) });
        let shown = rita.post("/retention/schedule/preview").json(&body).expect(status).await;
        if status == 200 {
            assert_eq!(shown["moves"], preview["moves"], "no rule comes into force or ends until then");
        } else {
            assert_eq!(shown["code"], "invalid_day");
        }
    }
    assert_eq!(explains(amara, north.chart, note).await["outcome"], before);
    assert_ne!(letter, note);

    // Another organization's preview has its own charts alone.
    let south = world.clinic("South Clinic").await;
    let body = json!({ "schedule": maryland() });
    let others = south.administrator.post("/retention/schedule/preview").json(&body).expect(200).await;
    assert_eq!((&others["charts"], rows(&others, "moves").len()), (&json!(0), 0));
    let wrong = json!({ "schedule": { "jurisdictions": ["US-XX"], "practices": ["physician"] } });
    rita.post("/retention/schedule/preview").json(&wrong).problem(400, "invalid_input").await;
    amara.post("/retention/schedule/preview").json(&body).problem(403, "forbidden").await;
}

/// R041: every record has a class, or is known to have none; whoever keeps the schedule says what it is.
#[tokio::test]
async fn what_has_no_class_is_classified_by_somebody() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    let note = notes(amara, north.chart, "documents", "2024-05-02").await;
    let schedule = merged(maryland(), json!({ "file_plan": { "progress_notes": "progress_note" } }));
    // No schedule says how long it is kept, and this one would not either, for want of a class: nothing moves.
    let body = json!({ "schedule": schedule });
    let preview = rita.post("/retention/schedule/preview").json(&body).expect(200).await;
    assert_eq!((&preview["records"], rows(&preview, "moves").len()), (&json!(1), 0), "{preview}");
    sets(&rita, schedule).await;
    let why = explains(&rita, north.chart, note).await;
    assert_eq!((&why["class"], &why["class_from"]), (&Value::Null, &json!("nothing")));
    assert_eq!(why["missing"][0]["code"], "class");
    let look = rita.post("/retention/rehearsals").json(&json!({ "on": amara.day(366) })).expect(200).await;
    assert_eq!(look["charts"][0]["chart_id"], json!(north.chart));
    assert_eq!(look["charts"][0]["missing"][0]["code"], "class");

    let unclassified = rita.get("/retention/unknown").query(&[("missing", "class")]).expect(200).await;
    assert_eq!(column(rows(&unclassified, "charts"), "chart_id"), [north.chart.to_string()]);
    let chart = &unclassified["charts"][0];
    assert_eq!((&chart["missing"][0]["code"], &chart["more"]), (&json!("class"), &json!(0)));
    let which = json!([{
        "record_id": note, "record_type": "data", "section": "documents", "occurred_on": "2024-05-02",
        "missing": ["class"],
    }]);
    assert_eq!(chart["which"], which, "what somebody has to classify is named");
    let path = format!("/charts/{}/records/{note}/class", north.chart);
    let class = |class: Value, revision: u64| json!({ "expected_revision": revision, "class": class });
    rita.put(&path).json(&class(json!("security_video"), 1)).problem(422, "invalid_class").await;
    let said = rita.put(&path).json(&class(json!("lab_report"), 1)).expect(200).await;
    assert_eq!(
        (&said["class"], &said["class_from"], &said["revision"]),
        (&json!("lab_report"), &json!("record"), &json!(2))
    );
    let why = explains(amara, north.chart, note).await;
    assert_eq!(why["outcome"]["outcome"], "eligible_on");
    assert_eq!(why["review_on"], json!(amara.day(0)));
    rita.put(&path).json(&class(json!("imaging"), 1)).problem(409, "stale_revision").await;
    let unsaid = amara.put(&path).json(&class(Value::Null, 2)).expect(200).await;
    assert_eq!((&unsaid["class"], &unsaid["class_from"]), (&Value::Null, &json!("nothing")));
    // The note itself is what it was, and opens.
    assert_eq!(amara.reads(north.chart, note).await["section"], "documents");
    let ben = north.clinic.practitioner("Dr Ben").await;
    shares(amara, north.chart, &ben, "read_and_write").await;
    // Who shares the chart knows how long its records are kept, and says nothing about it; a draft is its author's.
    let signed = amara.writes_note(north.chart, "Visit", "no pain").await;
    assert_eq!(explains(&ben, north.chart, signed).await["class"], "progress_note");
    ben.get(&format!("/charts/{}/records/{note}/retention", north.chart)).problem(404, "not_found").await;
    let path = format!("/charts/{}/records/{signed}/class", north.chart);
    let denied = ben.put(&path).json(&class(json!("imaging"), 3)).send().await;
    assert!(matches!(denied.status, 403 | 404), "the owner's to say: {}", denied.status);
}

/// R153: what stands nowhere else is entered; the longer of two places counts, and an open claim keeps everything.
#[tokio::test]
async fn facts_are_entered_and_count_at_once() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    sets(&rita, maryland()).await;
    let note = notes(amara, north.chart, "progress_notes", "2024-05-02").await;
    let maryland_alone = explains(amara, north.chart, note).await["outcome"].clone();
    let path = format!("/clients/{}/retention-facts", north.grace);
    assert_eq!(amara.get(&path).expect(200).await["revision"], 0);
    let facts = json!({ "expected_revision": 0, "residence": "CA-BC", "unpaid_claim": true });
    let entered = rita.put(&path).json(&facts).expect(200).await;
    assert_eq!((&entered["residence"], &entered["revision"]), (&json!("CA-BC"), &json!(1)));
    assert_eq!(entered["set_by"]["member_id"], json!(rita.member_id()));

    let why = explains(amara, north.chart, note).await;
    assert_eq!((&why["decisive"], &why["review_on"]), (&json!("CA-BC-MD"), &json!(amara.day(0))));
    assert_eq!(why["inputs"]["client"]["residences"], json!(["CA-BC"]));
    assert!(why["outcome"]["value"].as_str() > maryland_alone["value"].as_str(), "{why}");
    assert_eq!(why["blocks"], json!([{ "block": "unpaid_claim" }]));
    rita.put(&path).json(&facts).problem(409, "stale_revision").await;
    let future = json!({ "expected_revision": 1, "discharged_on": amara.day(1) });
    rita.put(&path).json(&future).problem(422, "invalid_facts").await;
    let again = rita.put(&path).json(&json!({ "expected_revision": 1 })).expect(200).await;
    assert_eq!((&again["residence"], &again["revision"]), (&Value::Null, &json!(2)));
    assert_eq!(amara.get(&path).expect(200).await["revision"], 2);
    assert_eq!(explains(amara, north.chart, note).await["outcome"], maryland_alone);

    let sam = north.clinic.staff("Sam").await;
    assert!(matches!(sam.get(&path).send().await.status, 403 | 404));
    let nadia = north.clinic.auditor("Nadia").await;
    let trail = all(&nadia, "/evidence", "evidence").await;
    let recorded: Vec<&Value> = trail
        .iter()
        .filter(|fact| fact["kind"] == "RetentionFactsRecorded" && fact["outcome"] == "succeeded")
        .collect();
    assert_eq!(
        recorded.last().map(|fact| &fact["details"]["fields"]),
        Some(&json!("residence,unpaid_claim"))
    );
}

/// R153: a folder does not tell when somebody was seen last. It waits until that is entered, or until a note shows it.
#[tokio::test]
async fn a_folder_does_not_tell_when_somebody_was_seen_last() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, chart) = (&north.amara, north.chart);
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    // Five years from the last encounter.
    sets(&rita, json!({ "jurisdictions": ["US-FL"], "practices": ["physician"] })).await;
    let site = amara.adds_location("site", "Main site", None).await;
    let volume = json!({ "title": "Volume 1", "location_id": site, "occurred_on": "2005-03-02" });
    let added = amara.post(&format!("/charts/{chart}/folders")).json(&volume).expect(201).await;
    let folder: RecordId = added["id"].as_str().unwrap().parse().unwrap();
    let why = explains(amara, chart, folder).await;
    assert_eq!((&why["outcome"]["outcome"], &why["eligible"]), (&json!("unknown"), &json!(false)), "{why}");
    assert_eq!(column(rows(&why, "missing"), "code"), ["last_encounter"]);
    let known = &why["inputs"]["client"];
    assert_eq!((&known["last_encounter_on"], &known["last_record_on"]), (&Value::Null, &json!("2005-03-02")));
    world.fires("retention-sweep").await;
    let unknown = rita.get("/retention/unknown").query(&[("missing", "last_encounter")]).expect(200).await;
    assert_eq!(column(rows(&unknown, "charts"), "chart_id"), [chart.to_string()]);
    assert!(all(&rita, "/retention/eligible", "records").await.is_empty());

    let path = format!("/clients/{}/retention-facts", north.grace);
    let facts = |day: Value| json!({ "expected_revision": 0, "last_encounter_on": day });
    rita.put(&path).json(&facts(json!(amara.day(1)))).problem(422, "invalid_facts").await;
    let entered = rita.put(&path).json(&facts(json!("2012-05-02"))).expect(200).await;
    assert_eq!(entered["last_encounter_on"], "2012-05-02");
    assert_eq!(amara.get(&path).expect(200).await["last_encounter_on"], "2012-05-02");
    let why = explains(amara, chart, folder).await;
    assert_eq!((&why["outcome"]["value"], &why["decisive"]), (&json!("2017-05-02"), &json!("FL-MD")));
    world.fires("retention-sweep").await;
    let eligible = all(&rita, "/retention/eligible", "records").await;
    assert_eq!(column(&eligible, "record_id"), [folder.to_string()]);
    let unknown = rita.get("/retention/unknown").expect(200).await;
    assert!(rows(&unknown, "charts").is_empty(), "{unknown}");

    // A later day that a note shows counts.
    notes(amara, chart, "progress_notes", "2024-05-02").await;
    let why = explains(amara, chart, folder).await;
    assert_eq!(why["outcome"]["value"], "2029-05-02");
    let nadia = north.clinic.auditor("Nadia").await;
    let trail = all(&nadia, "/evidence", "evidence").await;
    let recorded = |fact: &&Value| fact["kind"] == "RetentionFactsRecorded" && fact["outcome"] == "succeeded";
    let recorded = trail.iter().find(recorded).map(|fact| &fact["details"]["fields"]);
    assert_eq!(recorded, Some(&json!("last_encounter_on")));
}

/// What the next years bring is seen, and what the sweep will do is rehearsed, without a record being opened.
#[tokio::test]
async fn the_outlook_and_the_rehearsal_look_ahead() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    let service = json!({
        "id": "OWN-ALL", "name": "By the day of service", "trigger": "service_date", "period": "1y"
    });
    // Ohio asks for nothing of its own: the policy alone decides.
    let ohio = json!({ "jurisdictions": ["US-OH"], "practices": ["physician"], "policies": [service] });
    sets(&rita, ohio).await;
    let old = notes(amara, north.chart, "progress_notes", "2020-05-02").await;
    let why = explains(amara, north.chart, old).await;
    assert_eq!((&why["outcome"]["value"], &why["eligible"]), (&json!("2021-05-02"), &json!(true)));
    // What ended long ago is looked at at once.
    assert_eq!(why["review_on"], json!(amara.day(0)));
    let picture = amara.uploads(north.chart, &files::photo(32, 24)).await;

    let outlook = rita.get("/retention/outlook").expect(200).await;
    assert_eq!((&outlook["records"], &outlook["ended"]), (&json!(2), &json!(1)));
    let buckets = rows(&outlook, "buckets");
    assert_eq!(buckets.len(), 1, "{outlook}");
    assert_eq!(buckets[0]["records"], 1);
    let until = explains(amara, north.chart, picture).await["outcome"]["value"].clone();
    assert!(until.as_str().is_some_and(|day| day.starts_with(buckets[0]["month"].as_str().unwrap_or("-"))));

    let rehearse = |on: jiff::civil::Date| json!({ "on": on });
    let look = rita.post("/retention/rehearsals").json(&rehearse(amara.day(0))).expect(200).await;
    let chart = &look["charts"][0];
    assert_eq!(column(rows(chart, "ended"), "record_id"), [old.to_string()]);
    assert!(rows(chart, "ending").is_empty() && chart["owner"] == json!(amara.member_id()), "{chart}");
    let look = rita.post("/retention/rehearsals").json(&rehearse(amara.day(300))).expect(200).await;
    let ending = rows(&look["charts"][0], "ending");
    assert_eq!(
        (column(ending, "record_id"), &ending[0]["days_ahead"]),
        (vec![picture.to_string().as_str()], &json!(90))
    );
    rita.post("/retention/rehearsals").json(&rehearse(amara.day(-1))).problem(422, "invalid_day").await;
    let denied = north.clinic.administrator.post("/retention/rehearsals").json(&rehearse(amara.day(0)));
    denied.problem(403, "forbidden").await;

    // A hold keeps what has ended.
    let hold = crate::acts::held(north.grace, amara);
    let hold = rita.post("/holds").json(&hold).expect(201).await;
    let why = explains(amara, north.chart, old).await;
    assert_eq!((&why["eligible"], &why["holds"][0]), (&json!(false), &hold["hold_id"]));
    // The lists of the sweep, before it came by.
    for list in ["/retention/eligible", "/retention/unknown"] {
        rita.get(list).expect(200).await;
        amara.get(list).problem(403, "forbidden").await;
    }
    let gone = rita.get(&format!("/charts/{}/destroyed-records", north.chart)).expect(200).await;
    assert!(rows(&gone, "records").is_empty());
}

/// One person, two clients: what is entered of the one counts for the other as soon as they are held to be the same.
#[tokio::test]
async fn a_merge_makes_facts_count_for_both() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let rita = north.clinic.member("Rita", &[Role::RecordsManager]).await;
    sets(&rita, maryland()).await;
    let note = notes(amara, north.chart, "progress_notes", "2024-05-02").await;
    let double = amara.registers(json!({ "full_name": "Grace Okafor-Lund" })).await;
    let florida = json!({ "expected_revision": 0, "residence": "US-FL" });
    amara.put(&format!("/clients/{}/retention-facts", north.grace)).json(&florida).expect(200).await;
    let facts = json!({ "expected_revision": 0, "residence": "CA-BC" });
    amara.put(&format!("/clients/{double}/retention-facts")).json(&facts).expect(200).await;
    assert_eq!(explains(amara, north.chart, note).await["decisive"], "MD-ALL");
    let path = format!("/clients/{double}");
    let now = revision(&amara.get(&path).expect(200).await);
    let body = json!({ "expected_revision": now, "into": north.grace });
    let merged = amara.post(&format!("{path}/merge")).json(&body).expect(200).await;
    let why = explains(amara, north.chart, note).await;
    assert_eq!((&why["decisive"], &why["review_on"]), (&json!("CA-BC-MD"), &json!(amara.day(0))));
    assert_eq!(why["inputs"]["client"]["residences"], json!(["CA-BC", "US-FL"]));
    let now = revision(&merged).to_string();
    amara.delete(&format!("{path}/merge")).query(&[("expected_revision", &now)]).expect(200).await;
    assert_eq!(explains(amara, north.chart, note).await["decisive"], "MD-ALL");
}
