//! Rehearses the sweep of a day: what it would find, list and tell, one page of charts at a time; nothing is written and
//! nobody is told (R150).

use crate::words::MissingView;
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use appraisal::{Appraised, Asking, Gathered, missing, next_review};
use authz::{Action, Resource};
use domain::{
    ChartId, ClientId, HoldId, MemberId, RecordId,
    hold::HoldSubject,
    limits::APPRAISED_CHARTS,
    purpose::Purpose,
    retention::{self, Block, Profile, RecordClass, RuleId, notice_due},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::StandingHolds;

pub static OPERATION: Operation =
    Operation::post("rehearse_sweep", "/retention/rehearsals", Action::RehearseSweep, Kind::SweepRehearsed)
        .success(200)
        .purpose(Purpose::RecordsManagement)
        .summary("Rehearse what the sweep of a day would find and tell (R150)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Today or later.
    pub on: Date,
    /// `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub on: Date,
    pub schedule_version: u32,
    /// The charts that are due by that day and in which there is something to do or to tell.
    pub charts: Vec<RehearsedChart>,
    /// How many charts of this page are due.
    pub due: usize,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// What the sweep would find in a chart.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RehearsedChart {
    pub chart_id: ChartId,
    pub client_id: ClientId,
    /// Who would be told.
    pub owner: MemberId,
    pub review_on: Option<Date>,
    /// Records whose time would have ended.
    pub ended: Vec<RehearsedRecord>,
    /// Records whose time ends soon.
    pub ending: Vec<RehearsedRecord>,
    /// How many are of which too little is known, and what is missing.
    pub unknown: u32,
    pub missing: Vec<MissingView>,
    /// When it would be looked at next.
    pub next_review_on: Date,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RehearsedRecord {
    pub record_id: RecordId,
    pub class: Option<RecordClass>,
    pub eligible_on: Date,
    /// The rule that decides.
    pub rule_id: Option<RuleId>,
    /// How many days ahead the newest notice is due: 90, 30 or 0.
    pub days_ahead: i32,
    /// What keeps it all the same.
    pub blocks: Vec<Block>,
    pub holds: Vec<HoldId>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let after = Paging::new(None, input.after).after()?;
    let (organization_id, on) = (call.organization_id()?, input.on);
    let store = &call.system.store;
    let (loaded, page) =
        tokio::join!(call.load([]), store.due(organization_id, on, after.as_deref(), APPRAISED_CHARTS));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let organization = &loaded.organization;
    if on < call.today(organization) {
        return Err(Problem::unprocessable("invalid_day", "a sweep is rehearsed for today or a later day"));
    }
    let page = page?;
    let asking = Asking { system: &call.system, permit: &permit, organization };
    let (gathered, standing) = tokio::join!(asking.page(&page.items), store.standing_holds(organization_id));
    let (gathered, standing) = (gathered?, standing?);
    let charts = gathered.iter().map(|chart| rehearsed(chart, &organization.retention, &standing, on));
    let charts: Vec<RehearsedChart> = charts.filter(RehearsedChart::is_told_of).collect();
    let fact = Fact::new().detail("on", on).detail("due", gathered.len()).detail("results", charts.len());
    call.witness(&permit, fact).await?;
    Ok(Reply::with(Output {
        on,
        schedule_version: organization.retention.version,
        charts,
        due: gathered.len(),
        next: page.next.as_deref().map(Cursor::new),
    }))
}

impl RehearsedChart {
    fn is_told_of(&self) -> bool {
        !(self.ended.is_empty() && self.ending.is_empty() && self.unknown == 0)
    }
}

fn rehearsed(chart: &Gathered, profile: &Profile, standing: &StandingHolds, on: Date) -> RehearsedChart {
    let appraised = chart.under(profile, on);
    let told = appraised.iter().filter_map(|one| record(one, standing, on));
    let (ended, ending): (Vec<_>, Vec<_>) = told.partition(|one| one.days_ahead == 0);
    let unknown = appraised
        .iter()
        .filter(|one| matches!(one.appraisal.outcome, retention::Outcome::Unknown(_)))
        .fold(0_u32, |count, _| count.saturating_add(1));
    RehearsedChart {
        chart_id: chart.chart.id,
        client_id: chart.chart.client_id,
        owner: chart.chart.owner,
        review_on: chart.chart.review_on,
        ended,
        ending,
        unknown,
        missing: missing(&appraised).into_iter().map(MissingView::from).collect(),
        next_review_on: next_review(&appraised, on),
    }
}

fn record(one: &Appraised<'_>, standing: &StandingHolds, on: Date) -> Option<RehearsedRecord> {
    let eligible_on = one.appraisal.eligible_on()?;
    Some(RehearsedRecord {
        record_id: one.record.id,
        class: one.facts.class,
        eligible_on,
        rule_id: one.appraisal.decisive.clone(),
        days_ahead: notice_due(eligible_on, on)?,
        blocks: one.appraisal.blocks.clone(),
        holds: standing.covering(&HoldSubject::from(one.record)),
    })
}
