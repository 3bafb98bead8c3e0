//! Lists the records whose time has ended, the longest ago first: what can be proposed for disposition, and what keeps
//! some of it all the same (R150, R154).

use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, ClientId, DispositionId, HoldId, MemberId, RecordId,
    chart::Section,
    hold::HoldSubject,
    purpose::Purpose,
    record::{Record, RecordType},
    retention::{NoticeDuty, RecordClass, RuleId},
};
use evidence::Kind;
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::{EligibleEntry, keys};

pub static OPERATION: Operation =
    Operation::get("list_eligible", "/retention/eligible", Action::ListEligible, Kind::EligibleListed)
        .purpose(Purpose::RecordsManagement)
        .summary("List the records whose time has ended (R150)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub records: Vec<EligibleRecord>,
    /// Where the next page starts; absent at the end. A page can hold less than was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// A record whose time has ended, as the sweep found it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EligibleRecord {
    pub record_id: RecordId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    /// The owner of the chart.
    pub owner: MemberId,
    pub record_type: RecordType,
    pub section: Section,
    pub class: RecordClass,
    pub occurred_on: Date,
    pub eligible_on: Date,
    /// The rule that decided the day, its version, and the schedule's.
    pub rule_id: RuleId,
    pub rule_version: String,
    pub schedule_version: u32,
    pub found_at: Timestamp,
    /// Whom the rules that apply want told before it is destroyed.
    pub notices: BTreeSet<NoticeDuty>,
    /// The legal holds that keep it.
    pub holds: Vec<HoldId>,
    /// The disposition it was proposed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition_id: Option<DispositionId>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let organization_id = call.organization_id()?;
    let (loaded, page) =
        tokio::join!(call.load([]), call.system.store.eligible(organization_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    let records = views(&call, page.items).await?;
    call.witness(&permit, Fact::new().detail("results", records.len())).await?;
    Ok(Reply::with(Output { records, next: page.next.as_deref().map(Cursor::new) }))
}

/// Records that are still there, each with the holds that keep it now.
async fn views(call: &Call, entries: Vec<EligibleEntry>) -> Result<Vec<EligibleRecord>, Problem> {
    let key = |entry: &EligibleEntry| keys::record(entry.chart_id, entry.record_id);
    let (found, standing) = tokio::try_join!(
        call.system.store.fetch(entries.iter().map(|entry| key(entry).closed())),
        call.system.store.standing_holds(call.organization_id()?)
    )?;
    let mut views = Vec::with_capacity(entries.len());
    for entry in entries {
        let record: Option<Record> = found.get(&key(&entry))?;
        let Some(record) = record else { continue };
        views.push(view(entry, standing.covering(&HoldSubject::from(&record))));
    }
    Ok(views)
}

fn view(entry: EligibleEntry, holds: Vec<HoldId>) -> EligibleRecord {
    EligibleRecord {
        record_id: entry.record_id,
        chart_id: entry.chart_id,
        client_id: entry.client_id,
        owner: entry.owner,
        record_type: entry.record_type,
        section: entry.section,
        class: entry.class,
        occurred_on: entry.occurred_on,
        eligible_on: entry.eligible_on,
        rule_id: entry.rule_id,
        rule_version: entry.rule_version,
        schedule_version: entry.schedule_version,
        found_at: entry.found_at,
        notices: entry.notices,
        holds,
        disposition_id: entry.disposition_id,
    }
}
