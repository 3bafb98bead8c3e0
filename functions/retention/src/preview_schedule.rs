//! Shows what another schedule would do, one page of charts at a time: which records would be kept for longer, or
//! shorter, and why (R157). The schedule in force, tried out as it is, shows what setting it again would do: rules that
//! have ended since it was set bind no longer then. Nothing changes.

use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use appraisal::{Appraised, Asking};
use authz::{Action, Resource};
use domain::{
    ChartId, RecordId,
    limits::APPRAISED_CHARTS,
    purpose::Purpose,
    record::RecordType,
    retention::{self, RecordClass, RuleId, ScheduleTerms, moved},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub static OPERATION: Operation = Operation::post(
    "preview_schedule",
    "/retention/schedule/preview",
    Action::PreviewSchedule,
    Kind::SchedulePreviewed,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Show which records another schedule would keep longer or shorter (R157)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub schedule: ScheduleTerms,
    /// The day on which it would be set, today or later: rules that come into force until then are counted, and those
    /// that have ended by then are not.
    #[serde(default)]
    pub on: Option<Date>,
    /// `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The version in force, with which it is compared.
    pub schedule_version: u32,
    /// Charts and records of this page that were looked at.
    pub charts: usize,
    pub records: usize,
    pub moves: Vec<MovedRecord>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// A record whose time would end otherwise.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MovedRecord {
    pub chart_id: ChartId,
    pub record_id: RecordId,
    pub record_type: RecordType,
    pub class: Option<RecordClass>,
    pub class_then: Option<RecordClass>,
    pub from: retention::Outcome,
    pub to: retention::Outcome,
    /// The rule that decides now, and the one that would.
    pub rule_id: Option<RuleId>,
    pub rule_id_then: Option<RuleId>,
    /// What that one says.
    pub text_then: Option<String>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let after = Paging::new(None, input.after).after()?;
    let organization_id = call.organization_id()?;
    let store = &call.system.store;
    let (loaded, page) =
        tokio::join!(call.load([]), store.appraisable(organization_id, after.as_deref(), APPRAISED_CHARTS));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let organization = &loaded.organization;
    let now = &organization.retention;
    let today = call.today(organization);
    let on = input.on.unwrap_or(today);
    if on < today {
        let detail = "another schedule is tried out for today or a later day";
        return Err(Problem::unprocessable("invalid_day", detail));
    }
    let then = now.change(input.schedule, loaded.member.id, on, call.now)?;
    let page = page?;
    let asking = Asking { system: &call.system, permit: &permit, organization };
    let gathered = asking.page(&page.items).await?;
    let moves: Vec<MovedRecord> =
        gathered.iter().flat_map(|chart| moves(&chart.under(now, today), &chart.under(&then, on))).collect();
    let fact = Fact::new().detail("on", on).detail("charts", gathered.len()).detail("moves", moves.len());
    call.witness(&permit, fact).await?;
    Ok(Reply::with(Output {
        schedule_version: now.version,
        charts: gathered.len(),
        records: gathered.iter().map(|chart| chart.records.len()).sum(),
        moves,
        next: page.next.as_deref().map(Cursor::new),
    }))
}

/// The records of a chart that another schedule would keep otherwise.
fn moves(before: &[Appraised<'_>], after: &[Appraised<'_>]) -> Vec<MovedRecord> {
    before.iter().zip(after).filter_map(|(before, after)| one(before, after)).collect()
}

fn one(before: &Appraised<'_>, after: &Appraised<'_>) -> Option<MovedRecord> {
    let change = moved(&before.appraisal, &after.appraisal)?;
    Some(MovedRecord {
        chart_id: before.record.chart_id,
        record_id: before.record.id,
        record_type: before.record.record_type(),
        class: before.facts.class,
        class_then: after.facts.class,
        from: change.from,
        to: change.to,
        rule_id: before.appraisal.decisive.clone(),
        rule_id_then: after.appraisal.decisive.clone(),
        text_then: after.appraisal.decisive().map(|rule| rule.text.clone()),
    })
}
