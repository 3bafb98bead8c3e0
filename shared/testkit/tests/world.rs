//! The world itself: people sign in as through a browser, clinics are founded, and the product restarts.

use jiff::{ToSpan, tz::TimeZone};
use serde_json::json;
use testkit::{Fault, Moment, World, files, world::Patient};

#[tokio::test(flavor = "multi_thread")]
async fn people_sign_in_and_become_members() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let contexts = amara.get("/me").expect(200).await.to_string();
    assert!(contexts.contains("North Clinic") || contexts.contains(&north.id().to_string()), "{contexts}");
    world.stranger().get("/me").problem(401, "unauthenticated").await;
    amara.get("/me").token("forged").problem(401, "unauthenticated").await;
    let ben = world.person("Dr Ben").await;
    ben.get("/organization").problem(403, "no_membership").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_its_token_and_a_restart() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let first = north.administrator.token().await;
    world.clock.advance(1);
    north.administrator.get("/me").token(&first).problem(401, "unauthenticated").await;
    north.administrator.get("/me").expect(200).await;
    world.restart().await;
    let organization = north.administrator.get("/organization").expect(200).await;
    assert_eq!(organization["name"], "North Clinic");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practitioner_keeps_all_three_kinds_of_record() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let grace = json!({ "full_name": "Grace Okafor", "birth_date": "1984-02-29", "file_number": "N-1001" });
    let grace = amara.registers(grace).await;
    let chart = amara.opens_chart(grace).await;

    let note = amara.writes_note(chart, "First visit", "Coughs at night.").await;
    assert_eq!(amara.reads(chart, note).await["status"], "signed");

    let sam = north.staff("Sam").await;
    let site = sam.adds_location("site", "Main site", None).await;
    let room = sam.adds_location("room", "Records room", Some(site)).await;
    let folder = amara.adds_folder(chart, "Paper chart", room, "NC-1").await;
    let due_on = world.clock.now().to_zoned(TimeZone::UTC).date() + 3.days();
    let lent = amara.hands_out(folder, &amara, due_on).await;
    amara.puts_back(lent, room).await;

    let xray = files::xray(&files::GRACE);
    let record = amara.uploads(chart, &xray).await;
    let read = amara.reads(chart, record).await;
    assert_eq!(read["status"], "available", "{read}");
    assert_eq!(amara.downloads(chart, record).await, xray.bytes);

    let large = files::bulk(3, 18 * 1024 * 1024);
    let record = amara.uploads(chart, &large).await;
    assert_eq!(amara.reads(chart, record).await["file"]["sha256"], large.sha256());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_sends_a_photo_over_a_link() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let grace = amara.registers(json!({ "full_name": "Grace Okafor" })).await;
    let chart = amara.opens_chart(grace).await;
    let link = amara.asks_for(chart, "A photo of the rash").await;
    let patient = link.opened_at(world.site());
    assert!(patient.sees_request().await.to_string().contains("A photo of the rash"));
    patient.uploads(&files::photo(640, 480)).await;
    let inbox = amara.get("/contributions").expect(200).await;
    assert_eq!(inbox["contributions"][0]["state"], "available", "{inbox}");
    let guesser = Patient::with_token(world.site(), "0000000000000000000000");
    guesser.get("/intake/request").problem(404, "not_found").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_members_are_told_is_in_the_outbox_and_on_its_page() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let (amara, ben) = (north.practitioner("Dr Amara").await, north.practitioner("Dr Ben").await);
    let grace = amara.registers(json!({ "full_name": "Grace Okafor" })).await;
    let chart = amara.opens_chart(grace).await;
    amara.shares(chart, &ben, "read_only").await;
    world.idle().await;
    let outbox = world.outbox().await;
    let email = outbox.last().expect("an e-mail");
    assert_eq!(email.to, [ben.email()]);
    assert!(!email.text.contains("Grace") && !email.subject.contains("Grace"), "{email:?}");
    let page = reqwest::get(format!("{}/outbox", world.origin())).await.expect("a page");
    assert_eq!(page.status().as_u16(), 200);
    let page = page.text().await.expect("a text");
    assert!(page.contains(&email.subject) && page.contains(ben.email()), "{page}");
    let before = outbox.len();
    world.restart().await;
    world.idle().await;
    assert_eq!(world.outbox().await.len(), before, "a restart neither loses nor repeats one");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_fail_when_they_are_told_to() {
    let world = World::start().await;
    let north = world.clinic("North Clinic").await;
    let amara = north.practitioner("Dr Amara").await;
    let faults = world.faults().await;
    faults.plan(Fault::before("BatchGetItem").for_good());
    amara.get("/organization").problem(503, "unavailable").await;
    amara.get("/organization").expect(200).await;
    assert!(faults.end().iter().all(|failed| failed.moment == Moment::Before));
    // The SDK hides what fails now and then.
    faults.at_random(7, 0.05, &["dynamodb", "kms"]);
    for number in 0..10 {
        amara.registers(json!({ "full_name": format!("Client {number}") })).await;
    }
    assert!(!faults.end().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_is_fired_by_hand_and_its_work_is_done() {
    let world = World::start().await;
    world.clinic("North Clinic").await;
    world.fires("retention-sweep").await;
    assert_eq!(world.aws().await.sqs().pending().await.expect("a queue"), 0);
    let dead = world.aws().await.sqs().messages("strongroom-work-dead-letters").await.expect("a queue");
    assert!(dead.is_empty(), "{dead:?}");
}
