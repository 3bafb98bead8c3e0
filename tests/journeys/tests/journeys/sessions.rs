//! Sessions and memberships: who comes in, who is out at once, and where somebody of two organizations acts (R050-R052,
//! R057, R132, P-48).

use crate::north::{North, all, column, revision, rows};
use domain::member::Role;
use serde_json::{Value, json};
use testkit::{Actor, World};

async fn invite(administrator: &Actor, person: &Actor, roles: &[&str]) -> Value {
    let body = json!({ "name": person.name(), "email": person.email(), "roles": roles });
    administrator.post("/members").json(&body).expect(201).await
}

#[tokio::test]
async fn an_invitation_is_accepted_by_the_first_session() {
    let world = World::start().await;
    let clinic = world.clinic("North Clinic").await;
    let amara = world.person("Dr Amara").await;
    let stranger = world.person("Stranger").await;
    let invited = invite(&clinic.administrator, &amara, &["practitioner"]).await;
    assert_eq!(invited["status"], "invited");
    let again = json!({ "name": "Twice", "email": amara.email().to_uppercase(), "roles": ["staff"] });
    clinic.administrator.post("/members").json(&again).problem(409, "already_invited").await;
    // Nothing before the session.
    amara.get("/clients").query(&[("name", "gr")]).problem(403, "no_membership").await;
    assert_eq!(amara.get("/me").expect(200).await["contexts"], json!([]));
    stranger.post("/sessions").json(&json!({})).problem(403, "no_membership").await;

    let begun = amara.begins_session().await;
    assert_eq!((rows(&begun, "memberships").len(), &begun["memberships"][0]["accepted"]), (1, &json!(true)));
    assert_eq!(begun["memberships"][0]["member_id"], invited["member_id"]);
    amara.get("/clients").query(&[("name", "gr")]).expect(200).await;
    let me = amara.get("/me").expect(200).await;
    assert_eq!(
        (&me["contexts"][0]["organization"], &me["contexts"][0]["status"]),
        (&json!("North Clinic"), &json!("active"))
    );
    assert_eq!(
        amara.begins_session().await["memberships"][0]["accepted"],
        false,
        "the second time they are back"
    );

    let path = format!("/members/{}/evidence", invited["member_id"].as_str().unwrap());
    let facts = all(&clinic.administrator, &path, "evidence").await;
    assert_eq!(facts.iter().filter(|fact| fact["kind"] == "SessionBegun").count(), 2);
    amara.delete("/sessions/current").expect(204).await;
    let facts = all(&clinic.administrator, &path, "evidence").await;
    assert!(column(&facts, "kind").contains(&"SessionEnded"), "{facts:?}");
}

#[tokio::test]
async fn a_suspended_member_is_out_at_once_whatever_token_they_hold() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora) = (&north.amara, &north.clinic.administrator);
    let note = amara.writes_note(north.chart, "Visit", "words").await;
    let link = amara.asks_for(north.chart, "a photo").await;
    let live = amara.token().await;
    let path = format!("/members/{}/suspension", amara.member_id());
    let member = nora.get(&format!("/members/{}", amara.member_id())).expect(200).await;
    let body = json!({ "expected_revision": revision(&member) });
    let suspended = nora.post(&path).json(&body).expect(201).await;
    assert_eq!(suspended["status"], "suspended");

    assert_eq!(amara.token().await, live, "the token is as good as it was");
    amara.get("/clients").query(&[("name", "gr")]).problem(403, "forbidden").await;
    amara.get(&format!("/charts/{}/records/{note}", north.chart)).problem(404, "not_found").await;
    let body = json!({ "content": { "title": "Late", "sections": [] } });
    amara.post(&format!("/charts/{}/notes", north.chart)).json(&body).problem(404, "not_found").await;
    amara.post("/sessions").json(&json!({})).problem(403, "no_membership").await;
    // A patient's link is the patient's.
    link.opened_at(world.site()).sees_request().await;
    let trail = all(nora, &format!("/members/{}/evidence", amara.member_id()), "evidence").await;
    let denied = trail.iter().filter(|fact| fact["outcome"] == "denied");
    assert_eq!(denied.clone().count(), 3, "what she tried is in the trail");
    assert!(
        denied.clone().all(|fact| fact["policies"].to_string().contains("member-not-active")),
        "{trail:?}"
    );

    let restored = nora.delete(&path).expect(200).await;
    assert_eq!(restored["status"], "active");
    amara.get(&format!("/charts/{}/records/{note}", north.chart)).expect(200).await;
    // Nobody locks themselves out.
    let path = format!("/members/{}/suspension", nora.member_id());
    let me = nora.get(&format!("/members/{}", nora.member_id())).expect(200).await;
    nora.post(&path).json(&json!({ "expected_revision": revision(&me) })).problem(409, "not_yourself").await;
}

#[tokio::test]
async fn who_belongs_to_two_clinics_says_where_they_act() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let south = world.clinic("South Clinic").await;
    let east = world.clinic("East Clinic").await;
    let amara = world.person("Dr Amara").await;
    let in_north = north.invites(&amara, &[Role::Practitioner]).await;
    amara.get("/members").expect(200).await;
    let in_south = south.invites(&amara, &[Role::Practitioner]).await;
    let refused = amara.get("/members").problem(400, "choose_organization").await;
    assert!(refused["detail"].to_string().contains("Strongroom-Organization"), "{refused}");
    let names = async |actor: &Actor| {
        let listed = actor.get("/members").expect(200).await;
        column(rows(&listed, "members"), "name").iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()
    };
    assert!(names(&in_north).await.contains(&"Administrator of North Clinic".to_owned()));
    assert!(names(&in_south).await.contains(&"Administrator of South Clinic".to_owned()));
    amara
        .get("/members")
        .header("strongroom-organization", &east.id().to_string())
        .problem(403, "no_membership")
        .await;
    amara.get("/members").header("strongroom-organization", "south").problem(403, "no_membership").await;
    assert_eq!(rows(&amara.get("/me").expect(200).await, "contexts").len(), 2);

    // What is kept in one is not reached from the other, by the same person.
    let grace = in_north.registers(json!({ "full_name": "Grace Okafor" })).await;
    let chart = in_north.opens_chart(grace).await;
    in_south.get(&format!("/clients/{grace}")).problem(404, "not_found").await;
    in_south.get(&format!("/charts/{chart}")).problem(404, "not_found").await;
}

#[tokio::test]
async fn a_permission_that_is_taken_away_is_gone_with_the_next_call() {
    let world = World::start().await;
    let north = North::open(&world).await;
    let (amara, nora) = (&north.amara, &north.clinic.administrator);
    let note = amara.writes_note(north.chart, "Visit", "words").await;
    let path = format!("/members/{}", amara.member_id());
    let set = async |data: &[&str]| {
        let member = nora.get(&path).expect(200).await;
        let body = json!({
            "expected_revision": revision(&member), "roles": ["practitioner"],
            "permissions": { "data": data, "electronic": ["access"], "physical": [] },
        });
        nora.put(&format!("{path}/permissions")).json(&body).expect(200).await
    };
    let read = || amara.get(&format!("/charts/{}/records/{note}", north.chart));
    let body = json!({ "content": { "title": "Another", "sections": [] } });
    let add = || amara.post(&format!("/charts/{}/notes", north.chart)).json(&body);
    set(&["access"]).await;
    read().expect(200).await;
    add().problem(404, "not_found").await;
    set(&["add"]).await;
    read().problem(404, "not_found").await;
    add().expect(201).await;
    set(&["access", "add", "edit", "delete"]).await;
    read().expect(200).await;

    // And the decision can be explained (R052).
    let ask = |action: &str| {
        let on = json!({ "type": "record", "chart_id": north.chart, "record_id": note });
        nora.post("/decisions").json(&json!({ "member_id": amara.member_id(), "action": action, "on": on }))
    };
    let allowed = ask("ReadRecord").expect(200).await;
    assert_eq!(allowed["allowed"], json!(true));
    assert_eq!(allowed["policies"], json!(["owner-keeps-record"]));
    assert_eq!(allowed["reason"], json!("They own the chart it is filed in."));
    set(&[]).await;
    let refused = ask("ReadRecord").expect(200).await;
    assert_eq!(refused["allowed"], json!(false));
    assert_eq!(refused["policies"], json!(["user-level-access"]));
}
