//! Reading again: the timeline, a picture, the bytes as they came, and a colleague who may not (R002, R005, R015,
//! R050, X-4).

use super::{Cast, files::Files, intake::Sent, patient::Grace, rows, text};
use crate::narrator::{Narrator, size};
use domain::RecordId;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testkit::{
    Actor,
    world::{Answer, Presigned},
};

pub async fn goes_on(narrator: &Narrator, cast: &Cast, grace: &Grace, files: &Files, sent: Sent) {
    narrator.chapter("Reading it all again");
    let amara = &cast.amara;
    reads_timeline(narrator, amara, grace, files, sent.record).await;
    looks_at_preview(narrator, amara, grace, files.xray).await;
    downloads(narrator, amara, grace, files).await;
    let again = amara.downloads(grace.chart, sent.record).await;
    assert!(again == sent.file.bytes, "what Grace sent is what Dr Amara downloads");
    may_not(narrator, &cast.ben, grace, files.xray).await;
}

/// All types in one order; what was struck through stays and says so (R015, X-4).
async fn reads_timeline(narrator: &Narrator, amara: &Actor, grace: &Grace, files: &Files, sent: RecordId) {
    let reading =
        amara.get(&format!("/clients/{}/timeline", grace.client)).query(&[("limit", "100")]).expect(200);
    let read = narrator.act("Dr Amara reads Grace's timeline", reading, |read| {
        let types: Vec<&str> = rows(read, "records").iter().map(|record| text(record, "type")).collect();
        let count = |kind: &str| types.iter().filter(|one| **one == kind).count();
        let (notes, folders) = (count("data"), count("physical"));
        format!("{} records: {notes} note, {folders} folder, {} files", types.len(), count("electronic"))
    });
    let read = read.await;
    let records = rows(&read, "records");
    let types: BTreeSet<&str> = records.iter().map(|record| text(record, "type")).collect();
    assert_eq!(types, BTreeSet::from(["data", "electronic", "physical"]), "all types together: {read}");
    let orders: Vec<(&str, &str)> =
        records.iter().map(|one| (text(one, "occurred_on"), text(one, "id"))).collect();
    assert!(orders.is_sorted_by(|newer, older| newer > older), "the newest first: {orders:?}");
    let find = |id: RecordId| records.iter().find(|record| record["id"] == json!(id));
    let strange = find(files.strange).unwrap_or_else(|| panic!("struck through is not gone: {read}"));
    assert_eq!(strange["voided"]["reason"], "X-ray of another patient", "{strange}");
    assert!(
        find(sent).is_some_and(|record| record["from_client"] == true),
        "what Grace sent is there: {read}"
    );
}

async fn looks_at_preview(narrator: &Narrator, amara: &Actor, grace: &Grace, record: RecordId) {
    let path = format!("/charts/{}/records/{record}/previews", grace.chart);
    let looking = async {
        let signed = amara.post(&path).json(&json!({})).expect(200).await;
        let picture = Presigned::of(&signed["request"]).send(amara.site(), &[]).await.stored();
        (signed, picture)
    };
    let (signed, picture) = narrator
        .act("She looks at the X-ray's preview", looking, |(signed, picture)| {
            let bytes = size(picture.body.len() as u64);
            format!("{}, {} × {}, {bytes}", text(signed, "media_type"), signed["width"], signed["height"])
        })
        .await;
    assert_eq!(
        picture.header("content-type"),
        signed["media_type"].as_str(),
        "the picture is what it is said to be"
    );
    assert!(!picture.body.is_empty(), "there is something to look at");
}

/// Bit for bit (R005).
async fn downloads(narrator: &Narrator, amara: &Actor, grace: &Grace, files: &Files) {
    let whole = async {
        let (answer, signed) = amara.signs_download(grace.chart, files.xray).await;
        (answer, signed.send(amara.site(), &[]).await.stored().body)
    };
    let came = |(answer, _): &(Value, Vec<u8>)| format!("{}, bit for bit", text(answer, "file_name"));
    let (answer, bytes) = narrator.act("She downloads the X-ray", whole, came).await;
    assert!(bytes == files.xray_file.bytes, "every bit is as it was sent");
    assert_eq!(answer["sha256"], json!(files.xray_file.sha256()), "{answer}");
}

/// A viewer that seeks asks for a piece at a time (R005).
pub async fn in_pieces(narrator: &Narrator, cast: &Cast, grace: &Grace, files: &Files) {
    let amara = &cast.amara;
    let piece = async {
        let (_, signed) = amara.signs_download(grace.chart, files.xray).await;
        signed.header("range", "bytes=1000-5999").send(amara.site(), &[]).await
    };
    let came = |answer: &Answer| {
        format!("{}, {}", size(answer.body.len() as u64), answer.header("content-range").unwrap_or_default())
    };
    let piece = narrator.act("Her viewer asks for a piece of the X-ray", piece, came).await;
    assert_eq!(piece.status, 206, "a piece of the file");
    assert_eq!(
        files.xray_file.bytes.get(1000..6000),
        Some(piece.body.as_slice()),
        "the piece that was asked for"
    );
}

/// A colleague has no access, and does not learn that there is anything (R050).
async fn may_not(narrator: &Narrator, ben: &Actor, grace: &Grace, record: RecordId) {
    let path = format!("/charts/{}/records/{record}", grace.chart);
    let reading = ben.get(&path).problem(404, "not_found");
    narrator
        .act("Dr Ben tries to read the X-ray", reading, |_| "there is nothing here for him".to_owned())
        .await;
    let downloading = ben.post(&format!("{path}/downloads")).json(&json!({})).problem(404, "not_found");
    narrator.act("Dr Ben tries to download it", downloading, |_| "nor here".to_owned()).await;
    let timeline = ben.get(&format!("/clients/{}/timeline", grace.client)).expect(200);
    let timeline =
        narrator.act("Dr Ben reads her timeline", timeline, |_| "empty: none of it is his".to_owned()).await;
    assert_eq!(timeline["records"], json!([]), "charts of others are not in it");
}
