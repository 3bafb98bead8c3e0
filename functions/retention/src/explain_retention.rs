//! Says how long a record is kept and why: every rule that was applied, with its text, its source and the facts that it
//! was applied to; which rules will move its day once they are in force; what keeps it beside that; and of a destroyed
//! record, that it is (R041, R151, R153).

use crate::{gone::GoneRecord, inputs::RetentionInputs, words::MissingView};
use api::{Call, Fact, Loaded, Nothing, Operation, Outcome, Problem, Reply};
use appraisal::{Appraised, Asking};
use authz::{Action, Resource};
use domain::{
    ChartId, ClientId, DispositionId, HoldId, RecordId,
    chart::Chart,
    confidentiality::Compartment,
    disposition::{Disposition, DispositionItem, Tombstone},
    hold::HoldSubject,
    purpose::Purpose,
    record::Record,
    retention::{self, Applied, Block, ClientFacts, Coming, Profile, RecordClass, RuleId, starter_version},
};
use evidence::Kind;
use futures_util::TryFutureExt;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use store::{EligibleEntry, ListedEntry, keys};

pub static OPERATION: Operation = Operation::get(
    "explain_retention",
    "/charts/{chart_id}/records/{record_id}/retention",
    Action::ExplainRetention,
    Kind::RetentionExplained,
)
.purpose(Purpose::RecordsManagement)
.summary("Say how long a record is kept, by which rules and which facts (R151)");

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Output {
    Kept(Box<Explanation>),
    Destroyed(GoneRecord),
}

/// How long a record is kept, and why.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RetentionExplanation")]
pub struct Explanation {
    pub record_id: RecordId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    /// The day on which it was asked, where the organization is.
    pub as_of: Date,
    pub schedule_version: u32,
    pub class: Option<RecordClass>,
    /// Why it is of this class.
    pub class_from: ClassFrom,
    pub outcome: retention::Outcome,
    /// Whether it may be proposed for destruction today: nothing keeps it, no legal hold either.
    pub eligible: bool,
    /// The rule that asks for the longest.
    pub decisive: Option<RuleId>,
    /// Every rule that was applied.
    pub rules: Vec<AppliedRule>,
    /// The rules that are not in force yet and have its time end otherwise from their day on, as things stand.
    pub coming: Vec<Coming>,
    /// What has to be known first.
    pub missing: Vec<MissingView>,
    /// What keeps it though its time has ended.
    pub blocks: Vec<Block>,
    /// The legal holds that keep it.
    pub holds: Vec<HoldId>,
    /// The disposition it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition_id: Option<DispositionId>,
    /// The facts the rules were applied to.
    pub inputs: RetentionInputs,
    /// When the chart is looked at next by itself.
    pub review_on: Option<Date>,
    /// The record's: to be sent back when its class is said.
    pub revision: u64,
}

/// A rule as it was applied, and of when the text is that it was read in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AppliedRule {
    #[serde(flatten)]
    pub applied: Applied,
    pub rule_as_of: String,
    /// Where it was read.
    pub read_at: String,
}

/// Why a record is of its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClassFrom {
    /// Somebody has said so.
    Record,
    /// It is kept apart from the chart, as what it is.
    Compartment,
    /// It is filed in a section that has the class.
    FilePlan,
    /// It has none: the file plan leaves its section out.
    Nothing,
}

impl ClassFrom {
    pub(crate) const fn of(record: &Record, class: Option<RecordClass>) -> Self {
        match (record.class, record.guard.compartment, class) {
            (Some(_), _, _) => Self::Record,
            (None, _, None) => Self::Nothing,
            (None, Compartment::PsychotherapyNotes | Compartment::RawData, _) => Self::Compartment,
            (None, Compartment::Chart | Compartment::Private, _) => Self::FilePlan,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Compartment => "compartment",
            Self::FilePlan => "file_plan",
            Self::Nothing => "nothing",
        }
    }
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let (chart_id, record_id): (ChartId, RecordId) = (call.path("chart_id")?, call.path("record_id")?);
    let organization_id = call.organization_id()?;
    let (chart_key, record_key) = (keys::chart(chart_id), keys::record(chart_id, record_id));
    let wanted = [
        chart_key.any(),
        record_key.closed(),
        keys::tombstone(chart_id, record_id).any(),
        keys::eligible(organization_id, record_id).any(),
        keys::listed(chart_id, record_id).any(),
    ];
    let loaded = call.load(wanted).await?;
    let chart = loaded.require(&chart_key)?;
    let Some(record) = loaded.get(&record_key)? else { return gone(&call, &loaded, &chart, record_id).await };
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    let asking = Asking { system: &call.system, permit: &permit, organization: &loaded.organization };
    let (gathered, standing, disposition_id) = tokio::try_join!(
        asking.of(&chart),
        call.system.store.standing_holds(organization_id).err_into::<Problem>(),
        disposition(&call, &loaded, &record)
    )?;
    let as_of = call.today(&loaded.organization);
    let appraised = gathered.under(&loaded.organization.retention, as_of);
    let appraised = appraised.into_iter().find(|one| one.record.id == record_id);
    let appraised = appraised.ok_or_else(Problem::not_found)?;
    let view = Explanation {
        holds: standing.covering(&HoldSubject::from(&record)),
        disposition_id,
        review_on: chart.review_on,
        ..explanation(&loaded.organization.retention, gathered.client.clone(), appraised, as_of)
    };
    let view = Explanation { eligible: view.eligible && view.holds.is_empty(), ..view };
    let fact = Fact::new().client(chart.client_id).chart(chart_id).record(record_id);
    call.witness(&permit, fact.detail("outcome", outcome(&view.outcome))).await?;
    Ok(Reply::with(Output::Kept(Box::new(view))))
}

const fn outcome(outcome: &retention::Outcome) -> &'static str {
    match outcome {
        retention::Outcome::EligibleOn(_) => "eligible_on",
        retention::Outcome::Never => "never",
        retention::Outcome::Unknown(_) => "unknown",
    }
}

fn explanation(profile: &Profile, client: ClientFacts, appraised: Appraised<'_>, as_of: Date) -> Explanation {
    let Appraised { record, facts, appraisal } = appraised;
    let missing = match &appraisal.outcome {
        retention::Outcome::Unknown(missing) => missing.iter().copied().map(MissingView::from).collect(),
        _ => Vec::new(),
    };
    Explanation {
        record_id: record.id,
        chart_id: record.chart_id,
        client_id: record.client_id,
        as_of,
        schedule_version: profile.version,
        class: facts.class,
        class_from: ClassFrom::of(record, facts.class),
        eligible: appraisal.is_eligible(as_of),
        outcome: appraisal.outcome,
        decisive: appraisal.decisive,
        rules: appraisal.applied.into_iter().map(|applied| applied_rule(profile, applied)).collect(),
        coming: retention::coming(profile, &client, &facts, as_of),
        missing,
        blocks: appraisal.blocks,
        holds: Vec::new(),
        disposition_id: None,
        inputs: RetentionInputs { client: client.into(), record: facts },
        review_on: None,
        revision: record.revision,
    }
}

fn applied_rule(profile: &Profile, applied: Applied) -> AppliedRule {
    let (rule_as_of, read_at) = match starter_version(&applied.rule_id, &applied.version) {
        Some(rule) => (rule.text.as_of.clone(), rule.text.read_at.clone()),
        // The organization's own is of the day it was set.
        None => {
            let set = profile.effective_from.map(|day| day.to_string());
            (set.unwrap_or_default(), String::new())
        }
    };
    AppliedRule { applied, rule_as_of, read_at }
}

/// The disposition that keeps the record to itself, if one does.
async fn disposition(
    call: &Call,
    loaded: &Loaded,
    record: &Record,
) -> Result<Option<DispositionId>, Problem> {
    let eligible: Option<EligibleEntry> = loaded.get(&keys::eligible(record.organization_id, record.id))?;
    let listed: Option<ListedEntry> = loaded.get(&keys::listed(record.chart_id, record.id))?;
    let named = [eligible.and_then(|entry| entry.disposition_id), listed.map(|entry| entry.disposition_id)];
    for id in named.into_iter().flatten() {
        let (key, item_key) = (keys::disposition(id), keys::disposition_item(id, record.id));
        let found = call.system.store.fetch([key.any(), item_key.any()]).await?;
        let disposition: Option<Disposition> = found.get(&key)?;
        let item: Option<DispositionItem> = found.get(&item_key)?;
        if disposition.zip(item).is_some_and(|(disposition, item)| disposition.keeps(&item)) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// A record that is no more: whoever may know what was destroyed of the chart may know that it was.
async fn gone(call: &Call, loaded: &Loaded, chart: &Chart, record: RecordId) -> Outcome<Output> {
    let tombstone: Tombstone = loaded.require(&keys::tombstone(chart.id, record))?;
    let authorizer = &call.system.authorizer;
    let permit =
        authorizer.permit(&loaded.member, Action::ListDestroyed, Resource::Chart(chart), call.now)?;
    let fact =
        Fact::new().client(chart.client_id).chart(chart.id).record(record).detail("outcome", "destroyed");
    call.witness(&permit, fact.disposition(tombstone.disposition_id)).await?;
    Ok(Reply::with(Output::Destroyed(GoneRecord::from(tombstone))))
}
