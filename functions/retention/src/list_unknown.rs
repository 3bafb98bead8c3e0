//! Lists the charts of which too little is known to say how long their records are kept, with what is missing and which
//! records it is about; of unclassified records too (R041, R153).

use crate::words::MissingView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, ClientId, MemberId, RecordId, chart::Section, purpose::Purpose, record::RecordType,
    retention::MissingFact,
};
use evidence::Kind;
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::UnknownEntry;

pub static OPERATION: Operation =
    Operation::get("list_unknown", "/retention/unknown", Action::ListUnknown, Kind::UnknownListed)
        .purpose(Purpose::RecordsManagement)
        .summary(
            "List the charts of which too little is known to say how long their records are kept (R153)",
        );

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UnknownQuery")]
pub struct Input {
    /// Items on the page: 1 to 100, 50 by default.
    #[serde(default, deserialize_with = "api::number")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
    /// Only where this is missing: `class` for unclassified records.
    #[serde(default)]
    missing: Option<MissingFact>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub charts: Vec<UnknownChart>,
    /// Where the next page starts; absent at the end. A page can hold less than was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct UnknownChart {
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub owner: MemberId,
    pub missing: Vec<MissingView>,
    /// How many records it is about.
    pub records: u32,
    /// Some of them: those without a class first, and no more than 20.
    pub which: Vec<UnknownRecord>,
    /// How many others there are.
    pub more: u32,
    pub found_at: Timestamp,
}

/// A record of which too little is known, as the sweep found it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnknownRecord {
    pub record_id: RecordId,
    pub record_type: RecordType,
    pub section: Section,
    pub occurred_on: Date,
    /// Codes of what is missing, as they stand with the chart.
    pub missing: Vec<String>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let paging = Paging::new(input.limit, input.cursor);
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let (loaded, page) =
        tokio::join!(call.load([]), call.system.store.unknown(organization_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    let wanted = |entry: &UnknownEntry| match input.missing {
        Some(missing) => entry.missing.iter().any(|code| code == missing.name()),
        None => true,
    };
    let charts: Vec<UnknownChart> = page.items.into_iter().filter(wanted).map(view).collect();
    call.witness(&permit, Fact::new().detail("results", charts.len())).await?;
    Ok(Reply::with(Output { charts, next: page.next.as_deref().map(Cursor::new) }))
}

fn view(entry: UnknownEntry) -> UnknownChart {
    let named = u32::try_from(entry.which.len()).unwrap_or(u32::MAX);
    UnknownChart {
        chart_id: entry.chart_id,
        client_id: entry.client_id,
        owner: entry.owner,
        missing: entry.missing.iter().map(|code| MissingView::of_code(code)).collect(),
        records: entry.records,
        which: entry.which.into_iter().map(UnknownRecord::from).collect(),
        more: entry.records.saturating_sub(named),
        found_at: entry.found_at,
    }
}

impl From<store::UnknownRecord> for UnknownRecord {
    fn from(record: store::UnknownRecord) -> Self {
        let store::UnknownRecord { record_id, record_type, section, occurred_on, missing } = record;
        Self { record_id, record_type, section, occurred_on, missing }
    }
}
