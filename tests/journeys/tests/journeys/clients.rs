//! Clients: registered once, found by anything they are known by, masked until somebody asks, and nowhere in clear
//! (R010, R020-R023, R085).

use crate::north::{North, all, column, revision, rows};
use domain::ClientId;
use serde_json::{Value, json};
use std::path::Path;
use testkit::{Actor, World};

/// Everything that is known of Grace.
fn everything() -> Value {
    json!({
        "full_name": "Grace Éloïse Ångström-Okafor",
        "other_names": ["Ellie Bellweather"],
        "birth_date": "1984-02-29",
        "birth_time": "04:30:00",
        "place_of_birth": "Port Harcourt",
        "mailing_address": "12 Elmwood Crescent, Springfield",
        "phones": ["+1 (503) 555-0142"],
        "social_security_number": "078-05-1120",
        "marital_status": "widowed",
        "race_or_ethnic_origin": "Igbo",
        "height_cm": 171,
        "weight_g": 64_512,
        "physical_characteristics": "Scar on the left wrist",
        "email": "grace.okafor@mail.example",
        "file_number": "NC-2042/7",
    })
}

async fn finds(actor: &Actor, field: &str, typed: &str) -> Vec<String> {
    let found = actor.get("/clients").query(&[(field, typed)]).expect(200).await;
    column(rows(&found, "clients"), "id").into_iter().map(str::to_owned).collect()
}

async fn reads(actor: &Actor, client: ClientId) -> Value {
    actor.get(&format!("/clients/{client}")).expect(200).await
}

#[tokio::test]
async fn a_clinic_says_what_must_be_known_of_a_client() {
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let amara = clinic.practitioner("Dr Amara").await;
    let organization = clinic.administrator.get("/organization").expect(200).await;
    let policy = json!({ "required_fields": ["mailing_address", "telephone_number"] });
    let body = json!({ "expected_revision": revision(&organization), "policy": policy });
    clinic.administrator.put("/organization/policy").json(&body).expect(200).await;

    let mut known = json!({ "full_name": "Grace Okafor", "phones": ["503 555 0142"] });
    let refused = amara.post("/clients").json(&json!({ "demographics": known }));
    let refused = refused.problem(422, "required_field_missing").await;
    assert!(refused["detail"].to_string().contains("mailing_address"), "{refused}");
    assert_eq!(finds(&amara, "name", "grace").await, [""; 0], "nobody was registered");
    known["mailing_address"] = json!("12 Elmwood Crescent");
    let registered = amara.registers(known).await;
    assert_eq!(finds(&amara, "name", "grace").await, [registered.to_string()]);
}

#[tokio::test]
async fn somebody_registered_twice_is_pointed_out_until_they_are_looked_at() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let sam = north.clinic.staff("Sam").await;
    let again = json!({ "full_name": "ÓKAFOR, grace", "birth_date": "1984-02-29" });

    let body = json!({ "demographics": again });
    let refused = sam.post("/clients").json(&body).problem(409, "possible_duplicate").await;
    let alike = rows(&refused, "possible_duplicates");
    assert_eq!(column(alike, "client_id"), [north.grace.to_string()]);
    assert_eq!((&alike[0]["likeness"], &alike[0]["card"]["name"]), (&json!("likely"), &json!("Gr••• Ok•••")));
    let asked = sam.post("/clients/duplicates").json(&body).expect(200).await;
    assert_eq!(
        asked["possible_duplicates"], refused["possible_duplicates"],
        "asking beforehand says the same"
    );
    assert_eq!(finds(&sam, "name", "okafor").await, [north.grace.to_string()], "nobody was registered");

    // Having looked at somebody else is not having looked at Grace.
    let henry = sam.registers(json!({ "full_name": "Henry Lindqvist" })).await;
    let body = json!({ "demographics": again, "acknowledged_duplicates": [henry] });
    sam.post("/clients").json(&body).problem(409, "possible_duplicate").await;
    let other = sam.registers_beside(again, &[north.grace]).await;
    let mut both = finds(&sam, "name", "okafor").await;
    both.sort();
    assert_eq!(both, [north.grace.to_string(), other.to_string()], "now they are two people");
}

#[tokio::test]
async fn a_client_is_found_by_the_beginning_of_anything_they_are_known_by() {
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let amara = clinic.practitioner("Dr Amara").await;
    let south = world.clinic("South Clinic").await;
    let ben = south.practitioner("Dr Ben").await;
    let grace = amara.registers(everything()).await;
    amara
        .registers(
            json!({ "full_name": "Gordon Elmore", "birth_date": "1984-03-01", "phones": ["503 777 1984"] }),
        )
        .await;
    let grace = [grace.to_string()];

    let by_beginning = [
        ("name", "grac"),
        ("name", "GRACE"),
        ("name", "elo"),
        ("name", "Éloï"),
        ("name", "angst"),
        ("name", "ångström"),
        ("name", "okafo"),
        ("name", "bellweather"),
        ("name", "gra oka"),
        ("name", "ellie angstrom"),
        ("birth_date", "1984-02"),
        ("birth_date", "1984-02-29"),
        ("file_number", "nc2042"),
        ("file_number", "NC-2042/7"),
        ("phone", "+1 (503) 555"),
        ("phone", "15035550142"),
    ];
    for (field, typed) in by_beginning {
        assert_eq!(finds(&amara, field, typed).await, grace, "by {field} `{typed}`");
        assert_eq!(finds(&ben, field, typed).await, [""; 0], "another clinic, by {field} `{typed}`");
    }
    let by_nothing = [
        ("name", "afor"),
        ("name", "gracex"),
        ("name", "grace gordon"),
        ("name", "1984"),
        ("birth_date", "1985"),
        ("birth_date", "1984-02-28"),
        ("file_number", "2042"),
        ("file_number", "NC-2042/8"),
        ("phone", "5550142"),
        ("phone", "1984"),
    ];
    for (field, typed) in by_nothing {
        assert_eq!(finds(&amara, field, typed).await, [""; 0], "by {field} `{typed}`");
    }
    assert_eq!(finds(&amara, "birth_date", "1984").await.len(), 2, "a year is enough");
    assert_eq!(finds(&amara, "name", "el").await.len(), 2, "Elmore and Ellie");
    amara.get("/clients").query(&[("name", "g")]).problem(400, "invalid_search").await;
    amara.get("/clients").query(&[("name", "gr"), ("phone", "503")]).problem(400, "invalid_search").await;
}

#[tokio::test]
async fn a_search_has_pages() {
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let amara = clinic.practitioner("Dr Amara").await;
    let mut registered = Vec::new();
    for name in ["Anna", "Boris", "Clara", "Dmitri", "Elif"] {
        registered.push(amara.registers(json!({ "full_name": format!("{name} Okafor") })).await.to_string());
    }
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let request = amara.get("/clients").query(&[("name", "okaf"), ("limit", "2")]);
        let request = cursor.iter().fold(request, |request, cursor| request.query(&[("cursor", cursor)]));
        let page = request.expect(200).await;
        assert!(rows(&page, "clients").len() <= 2, "{page}");
        seen.extend(column(rows(&page, "clients"), "id").into_iter().map(str::to_owned));
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    seen.sort();
    registered.sort();
    assert_eq!(seen, registered, "everybody once");
}

/// What of Grace must be read nowhere but where somebody reveals it.
const CONFIDENTIAL: [&str; 13] = [
    "Éloïse",
    "Ångström",
    "Okafor",
    "Bellweather",
    "02-29",
    "04:30",
    "Harcourt",
    "Elmwood",
    "555-01",
    "078-05",
    "Igbo",
    "left wrist",
    "grace.okafor@",
];

#[tokio::test]
async fn a_client_is_masked_everywhere_and_revealing_is_evidence() {
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let amara = clinic.practitioner("Dr Amara").await;
    let nadia = clinic.auditor("Nadia").await;
    let registering = amara.post("/clients").json(&json!({ "demographics": everything() }));
    let registered = registering.expect(201).await;
    let client: ClientId = registered["id"].as_str().unwrap().parse().unwrap();
    let chart = amara.opens_chart(client).await;
    amara.writes_note(chart, "First visit", "no complaints").await;
    let shown = [
        registered,
        reads(&amara, client).await,
        amara.get("/clients").query(&[("name", "grace")]).expect(200).await,
        amara.get(&format!("/charts/{chart}")).expect(200).await,
        amara.get(&format!("/clients/{client}/charts")).expect(200).await,
        amara.get(&format!("/clients/{client}/timeline")).expect(200).await,
        amara.post("/clients/duplicates").json(&json!({ "demographics": everything() })).expect(200).await,
        amara.get(&format!("/clients/{client}/evidence")).expect(200).await,
    ];
    for answer in shown {
        let text = answer.to_string();
        for plain in CONFIDENTIAL {
            assert!(!text.contains(plain), "`{plain}` can be read in {text}");
        }
    }
    let masked = reads(&amara, client).await;
    assert_eq!(rows(&masked, "fields").len(), 11);
    assert!(rows(&masked, "fields").iter().all(|field| field["is_masked"] == true), "{masked}");

    let path = format!("/clients/{client}/revelations");
    let body = json!({ "fields": ["telephone_number", "date_and_time_of_birth", "email"] });
    let revealed = amara.post(&path).json(&body).expect(200).await;
    let values = column(rows(&revealed, "values"), "value");
    assert_eq!(values, ["+1 (503) 555-0142", "1984-02-29T04:30:00", "grace.okafor@mail.example"]);
    nadia.post(&path).json(&body).problem(404, "not_found").await;

    let trail = all(&nadia, &format!("/clients/{client}/evidence"), "evidence").await;
    let revelations: Vec<&Value> = trail.iter().filter(|fact| fact["kind"] == "FieldRevealed").collect();
    assert_eq!(revelations.len(), 2, "one that succeeded and one that was denied");
    assert_eq!(
        (&revelations[0]["outcome"], &revelations[0]["actor_name"]),
        (&json!("denied"), &json!("Nadia"))
    );
    assert_eq!(
        (&revelations[1]["outcome"], &revelations[1]["actor_name"]),
        (&json!("succeeded"), &json!("Dr Amara"))
    );
    assert_eq!(revelations[1]["details"]["fields"], "telephone_number,date_and_time_of_birth,email");
}

#[tokio::test]
async fn nothing_of_a_person_stands_in_clear_on_disk() {
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let amara = clinic.practitioner("Dr Amara").await;
    let client = amara.registers(everything()).await;
    let chart = amara.opens_chart(client).await;
    let draft = amara.drafts_note(chart, "Wuthering headache", "zigzag auras").await;
    let draft = amara.saves_draft(draft, "Wuthering headache", "zigzag auras, quaquaversal").await;
    let note = amara.signs_note(draft).await;
    let body = json!({ "expected_revision": 2, "reason": "wrong lepidopterist" });
    amara.post(&format!("/charts/{chart}/records/{note}/void")).json(&body).expect(200).await;
    let site = amara.adds_location("site", "Main site", None).await;
    amara.adds_folder(chart, "Brobdingnagian file", site, "A-1").await;
    let file = testkit::files::letter("a tintinnabulation of letters").named("sesquipedalian.txt");
    amara.uploads(chart, &file).await;
    amara.asks_for(chart, "xylophone X-rays").await;
    finds(&amara, "name", "bellweath").await;

    let files = contents(world.data());
    let stands = |plain: &str| {
        let plain = plain.to_lowercase().into_bytes();
        files
            .iter()
            .find(|(_, bytes)| bytes.windows(plain.len()).any(|window| window == plain))
            .map(|(path, _)| path)
    };
    // Ids may be read: this shows that what could be read would be found.
    assert!(
        stands(&client.to_string()).is_some() && stands(&note.to_string()).is_some(),
        "ids are on the disk"
    );
    let typed = [
        "éloïse",
        "ångström",
        "angstrom",
        "okafor",
        "bellweather",
        "1984-02-29",
        "harcourt",
        "elmwood",
        "555-0142",
        "5035550142",
        "15035550142",
        "078-05-1120",
        "igbo",
        "left wrist",
        "grace.okafor@",
        "nc-2042",
        "nc2042",
        "wuthering",
        "zigzag",
        "quaquaversal",
        "lepidopterist",
        "brobdingnagian",
        "tintinnabulation",
        "sesquipedalian",
        "xylophone",
    ];
    for plain in typed {
        assert_eq!(stands(plain), None, "`{plain}` stands in clear on the disk");
    }
}

/// Every file under a folder, in lower case as far as it is text.
fn contents(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else if let Ok(mut bytes) = std::fs::read(&path) {
            bytes.make_ascii_lowercase();
            found.push((path, bytes));
        }
    }
    found
}

#[tokio::test]
async fn a_client_who_is_revised_is_found_by_what_is_true_now() {
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let amara = clinic.practitioner("Dr Amara").await;
    let grace = amara.registers(everything()).await;
    let path = format!("/clients/{grace}");
    let first = revision(&reads(&amara, grace).await);
    let changes = json!({
        "full_name": "Grace Lindgren", "phones": ["+1 971 555 0007"], "other_names": [], "file_number": "NC-7000",
        "birth_date": "1985-01-31",
    });
    let body = json!({ "expected_revision": first, "changes": changes });
    let revised = amara.put(&path).json(&body).expect(200).await;

    let is_grace = [grace.to_string()];
    for (field, typed) in [
        ("name", "lindgren"),
        ("name", "grace"),
        ("phone", "+1 971"),
        ("file_number", "nc7000"),
        ("birth_date", "1985-01"),
    ] {
        assert_eq!(finds(&amara, field, typed).await, is_grace, "by {field} `{typed}`");
    }
    for (field, typed) in [
        ("name", "okafor"),
        ("name", "angstr"),
        ("name", "bellweather"),
        ("phone", "+1 503"),
        ("file_number", "nc2042"),
        ("birth_date", "1984"),
    ] {
        assert_eq!(finds(&amara, field, typed).await, [""; 0], "no longer by {field} `{typed}`");
    }
    // What was not named stays.
    let reveal = json!({ "fields": ["place_of_birth", "full_name", "other_names"] });
    let revealed = amara.post(&format!("{path}/revelations")).json(&reveal).expect(200).await;
    assert_eq!(revealed["values"][0]["value"], "Grace Lindgren");
    assert!(
        revealed.to_string().contains("Port Harcourt") && !revealed.to_string().contains("Ellie"),
        "{revealed}"
    );

    let stale = amara.put(&path).json(&body).problem(409, "stale_revision").await;
    assert_eq!(stale["current_revision"], revised["revision"]);
    // The number that was given up is free; the one that is held is not.
    let henry = json!({ "full_name": "Henry Adeyemi", "file_number": "nc 2042-7" });
    amara.registers(henry).await;
    let taken = json!({ "demographics": { "full_name": "Ilse Brandt", "file_number": "nc.7000" } });
    amara.post("/clients").json(&taken).problem(409, "file_number_taken").await;
    let body = json!({ "expected_revision": revision(&revised), "changes": { "file_number": "NC 2042 7" } });
    amara.put(&path).json(&body).problem(409, "file_number_taken").await;
}

#[tokio::test]
async fn nothing_is_added_for_a_closed_client_until_they_are_reopened() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, grace, chart) = (&north.amara, north.grace, north.chart);
    let note = amara.writes_note(chart, "Last visit", "all is well").await;
    let link = amara.asks_for(chart, "a last photo").await.opened_at(world.site());
    let path = format!("/clients/{grace}/closure");
    let body = json!({ "expected_revision": revision(&reads(amara, grace).await), "reason": "moved" });
    let closed = amara.post(&path).json(&body).expect(200).await;
    assert_eq!(closed["status"], "closed");
    amara.post(&path).json(&body).problem(409, "stale_revision").await;

    let content = json!({ "content": { "title": "Another", "sections": [{ "text": "visit" }] } });
    amara.post(&format!("/charts/{chart}/notes")).json(&content).problem(409, "client_closed").await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    ben.post(&format!("/clients/{grace}/charts")).json(&json!({})).problem(409, "client_closed").await;
    link.get("/intake/request").problem(410, "link_revoked").await;
    assert_eq!(amara.reads(chart, note).await["status"], "signed", "what is there can be read");

    let reopen = |revision: u64| amara.delete(&path).query(&[("expected_revision", &revision.to_string())]);
    let reopened = reopen(revision(&closed)).expect(200).await;
    assert_eq!(reopened["status"], "active");
    reopen(revision(&reopened)).problem(409, "client_not_closed").await;
    amara.writes_note(chart, "Back again", "all is well").await;
    assert_eq!(link.sees_request().await["what"], "a last photo", "the link opens again");
}

#[tokio::test]
async fn two_registrations_of_one_person_are_held_together_and_can_be_parted() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let amara = &north.amara;
    let first = amara.writes_note(north.chart, "First visit", "as Grace").await;
    let twin = amara.registers(json!({ "full_name": "Gracie Bell" })).await;
    let twin_chart = amara.opens_chart(twin).await;
    let second = amara.writes_note(twin_chart, "Second visit", "as Gracie").await;
    let path = format!("/clients/{twin}/merge");
    let merge = |revision: u64, into: ClientId| {
        amara.post(&path).json(&json!({ "expected_revision": revision, "into": into }))
    };
    let now = async || revision(&reads(amara, twin).await);

    merge(now().await, twin).problem(422, "merge_with_oneself").await;
    let merged = merge(now().await, north.grace).expect(200).await;
    assert_eq!(merged["merged_into"], json!(north.grace));
    assert_eq!(reads(amara, north.grace).await["merged"], json!([twin]), "who stays knows of the other");
    let of = async |client: ClientId| {
        let mut ids = all(amara, &format!("/clients/{client}/timeline"), "records").await;
        ids.sort_by_key(|record| record["id"].to_string());
        column(&ids, "id").join(" ")
    };
    assert_eq!(of(north.grace).await, format!("{first} {second}"), "one timeline");
    merge(now().await, north.grace).problem(409, "client_merged").await;
    let ben = north.clinic.practitioner("Dr Ben").await;
    ben.post(&format!("/clients/{twin}/charts")).json(&json!({})).problem(409, "client_merged").await;
    // No chains: who has others merged into them is not merged away.
    let third = amara.registers(json!({ "full_name": "Third Person" })).await;
    let body = json!({ "expected_revision": revision(&reads(amara, north.grace).await), "into": third });
    amara
        .post(&format!("/clients/{}/merge", north.grace))
        .json(&body)
        .problem(409, "client_has_merged")
        .await;

    let part = |revision: u64| amara.delete(&path).query(&[("expected_revision", &revision.to_string())]);
    let parted = part(revision(&merged)).expect(200).await;
    assert_eq!(of(north.grace).await, first.to_string());
    assert_eq!(of(twin).await, second.to_string());
    part(revision(&parted)).problem(409, "client_not_merged").await;
}
