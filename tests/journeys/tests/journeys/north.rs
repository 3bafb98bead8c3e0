//! North Clinic as most journeys find it: Dr Amara, and her patient Grace.

use domain::{ChartId, ClientId};
use serde_json::{Value, json};
use testkit::{Actor, Clinic, World};

pub struct North<'w> {
    pub clinic: Clinic<'w>,
    /// Practitioner; the chart is hers.
    pub amara: Actor,
    pub grace: ClientId,
    pub chart: ChartId,
}

impl<'w> North<'w> {
    pub async fn open(world: &'w World) -> Self {
        let clinic = world.clinic("North Clinic").await;
        let amara = clinic.practitioner("Dr Amara").await;
        let grace = amara.registers(json!({ "full_name": "Grace Okafor", "birth_date": "1984-02-29" })).await;
        let chart = amara.opens_chart(grace).await;
        Self { clinic, amara, grace, chart }
    }
}

/// The owner of a chart shares it: `read_only`, `approval`, `read_and_write`.
pub async fn shares(owner: &Actor, chart: ChartId, with: &Actor, access: &str) {
    let path = format!("/charts/{chart}");
    let now = revision(&owner.get(&path).expect(200).await);
    let grantee = json!({ "type": "member", "id": with.member_id() });
    let body = json!({ "expected_revision": now, "grantee": grantee, "access": access });
    owner.post(&format!("{path}/grants")).json(&body).expect(201).await;
}

/// The owner of a chart, or a coordinator, offers it with all that is in it; the id of the transfer.
pub async fn offers(giver: &Actor, chart: ChartId, revision: u64, to: &Actor, keep_copy: bool) -> String {
    let sections =
        ["overview", "progress_notes", "general_documents", "confidential_information", "raw_data"];
    offers_part(giver, chart, revision, to, &sections, keep_copy).await
}

/// The same with these sections.
pub async fn offers_part(
    giver: &Actor,
    chart: ChartId,
    revision: u64,
    to: &Actor,
    sections: &[&str],
    keep_copy: bool,
) -> String {
    let body = json!({
        "expected_revision": revision, "to": to.member_id(), "sections": sections, "keep_copy": keep_copy
    });
    let offered = giver.post(&format!("/charts/{chart}/transfers")).json(&body).expect(201).await;
    offered["id"].as_str().unwrap_or_else(|| panic!("no id in {offered}")).to_owned()
}

/// The pages of a list, each of `limit` items.
pub async fn pages(actor: &Actor, path: &str, limit: usize, field: &str) -> Vec<Vec<Value>> {
    let (limit, mut pages, mut cursor) = (limit.to_string(), Vec::new(), None::<String>);
    loop {
        let request = actor.get(path).query(&[("limit", &limit)]);
        let request = match &cursor {
            Some(cursor) => request.query(&[("cursor", cursor)]),
            None => request,
        };
        let page = request.expect(200).await;
        pages.push(rows(&page, field).to_vec());
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return pages,
        }
    }
}

/// Everything of a list.
pub async fn all(actor: &Actor, path: &str, field: &str) -> Vec<Value> {
    pages(actor, path, 100, field).await.concat()
}

pub fn rows<'a>(answer: &'a Value, field: &str) -> &'a [Value] {
    answer[field].as_array().map_or_else(|| panic!("no list `{field}` in {answer}"), Vec::as_slice)
}

/// The texts of one field of each row.
pub fn column<'a>(rows: &'a [Value], field: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {row}"))).collect()
}

pub fn revision(answer: &Value) -> u64 {
    answer["revision"].as_u64().unwrap_or_else(|| panic!("no revision in {answer}"))
}
