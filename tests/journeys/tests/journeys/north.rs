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
