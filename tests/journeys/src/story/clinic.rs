//! The clinic: an administrator makes the organization, its words and rules, and its members come in.

use super::{Cast, PEOPLE, id, number, rows, text};
use crate::narrator::{Narrator, short};
use domain::{MemberId, OrganizationId};
use serde_json::{Value, json};
use testkit::Actor;

const NAME: &str = "North Clinic";

/// Everybody as a member of the clinic; what is there from an earlier time stays as it is.
pub async fn opens(narrator: &Narrator, cast: Cast) -> Cast {
    narrator.chapter("The clinic");
    let nora = founds(narrator, &cast.nora).await;
    chooses_words(narrator, &nora).await;
    sets_policy(narrator, &nora).await;
    invites(narrator, &nora).await;
    let organization = nora.organization_id();
    Cast {
        amara: begins(narrator, cast.amara, organization).await,
        ben: begins(narrator, cast.ben, organization).await,
        sam: begins(narrator, cast.sam, organization).await,
        ada: begins(narrator, cast.ada, organization).await,
        rita: begins(narrator, cast.rita, organization).await,
        rolf: begins(narrator, cast.rolf, organization).await,
        nora: begins(narrator, nora, organization).await,
    }
}

async fn founds(narrator: &Narrator, nora: &Actor) -> Actor {
    let me = nora.get("/me").expect(200).await;
    let administers = |context: &&Value| context["roles"].to_string().contains("administrator");
    if let Some(context) = rows(&me, "contexts").iter().find(administers) {
        narrator
            .remark(&format!("{} is there already, from an earlier time.", text(context, "organization")));
        return nora.acting_in(id(context, "organization_id"), id(context, "member_id"));
    }
    let founding = nora.post("/organizations").json(&json!({ "name": NAME })).expect(201);
    let came =
        |made: &Value| format!("organization {}", short(text(&made["organization"], "organization_id")));
    let made = narrator.act(&format!("Nora founds {NAME}"), founding, came).await;
    nora.acting_in(id(&made["organization"], "organization_id"), id(&made, "member_id"))
}

/// What the clinic calls the people its records are about (R020).
async fn chooses_words(narrator: &Narrator, nora: &Actor) {
    let organization = nora.get("/organization").expect(200).await;
    if text(&organization["vocabulary"], "client") == "patient" {
        return;
    }
    let body = json!({
        "expected_revision": number(&organization, "revision"),
        "vocabulary": { "client": "patient", "clients": "patients" },
    });
    let setting = nora.put("/organization/vocabulary").json(&body).expect(200);
    let set = narrator.act("Nora says what clients are called here", setting, |set| {
        format!("a {}, several {}", text(&set["vocabulary"], "client"), text(&set["vocabulary"], "clients"))
    });
    assert_eq!(set.await["vocabulary"]["client"], "patient", "the clinic has its own word");
}

/// What must be known of a patient, and how late it is here (R010, R014).
async fn sets_policy(narrator: &Narrator, nora: &Actor) {
    let organization = nora.get("/organization").expect(200).await;
    if text(&organization["policy"], "time_zone") != "UTC" {
        return;
    }
    let policy = json!({
        "time_zone": "America/Toronto",
        "required_fields": ["date_and_time_of_birth", "telephone_number"],
        "idle_minutes": 15,
    });
    let body = json!({ "expected_revision": number(&organization, "revision"), "policy": policy });
    let setting = nora.put("/organization/policy").json(&body).expect(200);
    let came = |set: &Value| {
        let required = rows(&set["policy"], "required_fields").len();
        format!("{required} details required, times of {}", text(&set["policy"], "time_zone"))
    };
    narrator.act("Nora says what must be known of a patient", setting, came).await;
}

async fn invites(narrator: &Narrator, nora: &Actor) {
    let listed = nora.get("/members").query(&[("limit", "100")]).expect(200).await;
    let is_known = |email: &str| rows(&listed, "members").iter().any(|member| member["email"] == email);
    for person in PEOPLE.iter().filter(|person| !is_known(person.email)) {
        let body = json!({ "name": person.name, "email": person.email, "roles": [person.role.name()] });
        let inviting = nora.post("/members").json(&body).expect(201);
        let what = format!("Nora invites {}", person.name);
        narrator
            .act(&what, inviting, |member| format!("{} as {}", text(member, "status"), person.role.name()))
            .await;
    }
}

/// Whoever is invited becomes a member with their first session; every session is evidence (R132).
async fn begins(narrator: &Narrator, person: Actor, organization: OrganizationId) -> Actor {
    let what = format!("{} begins a session", person.name());
    let beginning = person.post("/sessions").json(&json!({})).expect(201);
    let began = |begun: &Value| {
        let mut memberships = rows(begun, "memberships").iter();
        memberships.find(|one| one["organization_id"] == organization.to_string()).cloned()
    };
    let begun = narrator
        .act(&what, beginning, |begun| match began(begun) {
            Some(membership) if membership["accepted"] == true => "accepts the invitation".to_owned(),
            _ => "welcome back".to_owned(),
        })
        .await;
    let membership = began(&begun).unwrap_or_else(|| panic!("{} is no member: {begun}", person.name()));
    let member_id: MemberId = id(&membership, "member_id");
    person.acting_in(organization, member_id)
}
