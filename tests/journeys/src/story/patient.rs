//! The patient: registered with everything that is masked from then on, found again, and pointed out when
//! somebody registers them twice.

use super::{Cast, id, rows, text};
use crate::narrator::{Narrator, short};
use domain::{ChartId, ClientId};
use jiff::{
    Timestamp,
    civil::{Date, date},
};
use serde_json::{Value, json};
use testkit::Actor;

/// Whose records are kept. Each time the story is told, it is somebody else.
pub struct Grace {
    pub client: ClientId,
    pub chart: ChartId,
    /// As DICOM writes it.
    pub dicom_name: String,
    pub dicom_birth_date: String,
    pub demographics: Value,
    surname: String,
    maiden_name: String,
    birth_date: Date,
    phone: String,
}

const FIELDS: usize = 11;

pub async fn arrives(narrator: &Narrator, cast: &Cast) -> Grace {
    narrator.chapter("A patient is registered");
    let person = somebody(cast.amara.site().now());
    let grace = registers(narrator, &cast.amara, person).await;
    is_masked(narrator, &cast.amara, &grace).await;
    reveals(narrator, &cast.amara, &grace).await;
    is_registered_twice(narrator, &cast.sam, &grace).await;
    is_found(narrator, &cast.sam, &grace).await;
    let opening = cast.amara.opens_chart(grace.client);
    let chart = narrator
        .act("Dr Amara opens her chart for Grace", opening, |chart| format!("chart {}", short(chart)));
    Grace { chart: chart.await, ..grace }
}

/// A name that nobody had before, from the time.
fn somebody(now: Timestamp) -> Grace {
    const SYLLABLES: [&str; 16] =
        ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu", "za"];
    let ms = u64::try_from(now.as_millisecond()).unwrap_or_default();
    let word = |mut from: u64| {
        let mut word = String::new();
        for _ in 0..4 {
            let at = usize::try_from(from % 16).unwrap_or_default();
            word.push_str(SYLLABLES.get(at).copied().unwrap_or("ba"));
            from /= 16;
        }
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    let (surname, maiden_name) = (word(ms), word(ms / 65_536 + 7 * ms));
    let days = i32::try_from(ms % 18_000).unwrap_or_default();
    let birth_date = date(1950, 1, 1).saturating_add(jiff::Span::new().days(days));
    let phone = format!("+1 416 {:03} {:04}", ms / 10_000 % 1_000, ms % 10_000);
    let demographics = json!({
        "full_name": format!("Grace {surname}"),
        "other_names": [maiden_name],
        "birth_date": birth_date,
        "birth_time": "04:30:00",
        "place_of_birth": "Port Harcourt",
        "mailing_address": "12 Elm Street, Toronto",
        "phones": [phone],
        "social_security_number": "078-05-1120",
        "marital_status": "widowed",
        "race_or_ethnic_origin": "Igbo",
        "height_cm": 171,
        "weight_g": 64_500,
        "physical_characteristics": "Scar on the left wrist",
    });
    Grace {
        client: ClientId::new(uuid::Uuid::nil()),
        chart: ChartId::new(uuid::Uuid::nil()),
        dicom_name: format!("{surname}^Grace"),
        dicom_birth_date: birth_date.strftime("%Y%m%d").to_string(),
        demographics,
        surname,
        maiden_name,
        birth_date,
        phone,
    }
}

async fn registers(narrator: &Narrator, amara: &Actor, person: Grace) -> Grace {
    let mut known = person.demographics.clone();
    known["phones"] = json!([]);
    let refused = amara.post("/clients").json(&json!({ "demographics": known }));
    let refused = refused.problem(422, "required_field_missing");
    narrator
        .act("Dr Amara registers Grace without a phone", refused, |_| {
            "refused, a phone is required".to_owned()
        })
        .await;
    let what = format!("Dr Amara registers Grace {}", person.surname);
    let came = |made: &Value| format!("file number {}", text(made, "file_number"));
    let made = narrator.act(&what, registered(amara, &person.demographics), came).await;
    Grace { client: id(&made, "id"), ..person }
}

/// Registers somebody who is none of those they look like.
async fn registered(amara: &Actor, demographics: &Value) -> Value {
    let register = |others: Vec<&str>| {
        let body = json!({ "demographics": demographics, "acknowledged_duplicates": others });
        amara.post("/clients").json(&body).send()
    };
    let answer = register(vec![]).await;
    if answer.status != 409 {
        return answer.expect(201);
    }
    let pointed_out = answer.problem(409, "possible_duplicate");
    let alike = rows(&pointed_out, "possible_duplicates").iter().map(|one| text(one, "client_id"));
    register(alike.collect()).await.expect(201)
}

/// The eleven details are there, and none can be read (R085).
async fn is_masked(narrator: &Narrator, amara: &Actor, grace: &Grace) {
    let reading = amara.get(&format!("/clients/{}", grace.client)).expect(200);
    let read = narrator.act("Dr Amara opens Grace's page", reading, |read| {
        let name = rows(read, "fields").iter().find(|field| field["field"] == "full_name");
        format!("{FIELDS} details, all masked: {}", name.map(|name| text(name, "value")).unwrap_or_default())
    });
    let read = read.await;
    let masked = rows(&read, "fields").iter().filter(|field| field["is_masked"] == true).count();
    assert_eq!(masked, FIELDS, "every detail is known and masked: {read}");
    let shown = read["fields"].to_string();
    let (surname, phone) = (grace.surname.as_str(), grace.phone.as_str());
    for plain in [surname, phone, "078-05-1120", "Elm Street", "Port Harcourt", "171 cm", "Igbo"] {
        assert!(!shown.contains(plain), "`{plain}` can be read: {shown}");
    }
}

/// Revealing is possible, and evidence (R085, R131).
async fn reveals(narrator: &Narrator, amara: &Actor, grace: &Grace) {
    let body = json!({ "fields": ["telephone_number"] });
    let revealing = amara.post(&format!("/clients/{}/revelations", grace.client)).json(&body).expect(200);
    let revealed = narrator.act("Dr Amara reveals the phone number", revealing, |revealed| {
        let values = rows(revealed, "values").iter();
        values.map(|one| text(one, "value")).collect::<Vec<_>>().join(", ")
    });
    assert_eq!(revealed.await["values"][0]["value"], json!(grace.phone), "the number as it was typed");
}

/// Whoever is registered already is pointed out, however the name is spelt (R021).
async fn is_registered_twice(narrator: &Narrator, sam: &Actor, grace: &Grace) {
    let again = json!({
        "full_name": format!("{}, GRÁCE", grace.surname.to_uppercase()),
        "birth_date": grace.birth_date,
        "phones": [grace.phone],
    });
    let registering =
        sam.post("/clients").json(&json!({ "demographics": again })).problem(409, "possible_duplicate");
    let pointed_out = narrator.act("Sam registers her again at the front desk", registering, |problem| {
        let first = rows(problem, "possible_duplicates").first();
        first
            .map(|one| format!("{} the same: {}", text(one, "likeness"), text(&one["card"], "name")))
            .unwrap_or_default()
    });
    let pointed_out = pointed_out.await;
    let first = rows(&pointed_out, "possible_duplicates").first();
    assert!(first.is_some_and(|one| one["client_id"] == grace.client.to_string()), "{pointed_out}");
}

/// By the beginning of anything she is known by (R021, R023).
async fn is_found(narrator: &Narrator, sam: &Actor, grace: &Grace) {
    let number = sam.get(&format!("/clients/{}", grace.client)).expect(200).await;
    let beginning = |text: &str, chars: usize| text.chars().take(chars).collect::<String>();
    let searches = [
        ("name", "name", beginning(&grace.surname, 5)),
        ("maiden name", "name", beginning(&grace.maiden_name, 6)),
        ("day of birth", "birth_date", grace.birth_date.to_string()),
        ("file number", "file_number", beginning(text(&number, "file_number"), 6)),
        ("phone", "phone", grace.phone.clone()),
    ];
    for (by, field, typed) in searches {
        let searching = sam.get("/clients").query(&[(field, &typed), ("limit", "100")]).expect(200);
        let what = format!("Sam looks for her by {by}: `{typed}`");
        let came = |found: &Value| match rows(found, "clients").len() {
            1 => "found".to_owned(),
            many => format!("found among {many}"),
        };
        let found = narrator.act(&what, searching, came).await;
        let is_there = rows(&found, "clients").iter().any(|card| card["id"] == grace.client.to_string());
        assert!(is_there, "she is found by {by}: {found}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_time_it_is_somebody_else() {
        let at = |ms: i64| somebody(Timestamp::from_millisecond(1_795_000_000_000 + ms).unwrap());
        let people: Vec<Grace> = (0..200).map(|n| at(n * 7_919)).collect();
        let different = |part: fn(&Grace) -> String| people.iter().map(part).collect::<BTreeSet<_>>().len();
        assert_eq!(different(|one| one.surname.clone()), 200);
        assert_eq!(different(|one| one.phone.clone()), 200);
        assert!(different(|one| one.birth_date.to_string()) > 190);
        assert!(people.iter().all(|one| one.surname.len() == 8 && one.dicom_birth_date.len() == 8));
    }
}
