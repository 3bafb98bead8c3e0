//! Says what a record is for retention, where its section does not say it well enough (R041, R151).

use crate::explain_retention::ClassFrom;
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, RecordId,
    purpose::Purpose,
    retention::{RecordClass, RecordFacts},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Change, keys};

pub static OPERATION: Operation = Operation::put(
    "classify_record",
    "/charts/{chart_id}/records/{record_id}/class",
    Action::ClassifyRecord,
    Kind::RecordClassified,
)
.purpose(Purpose::RecordsManagement)
.summary("Say what a record is for retention (R041)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The record's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// `null`: what its compartment and its section say.
    pub class: Option<RecordClass>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub record_id: RecordId,
    pub chart_id: ChartId,
    /// What it is now.
    pub class: Option<RecordClass>,
    pub class_from: ClassFrom,
    /// To be sent back with the next edit.
    pub revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let (chart_id, record_id): (ChartId, RecordId) = (call.path("chart_id")?, call.path("record_id")?);
    let (chart_key, record_key) = (keys::chart(chart_id), keys::record(chart_id, record_id));
    let loaded = call.load([chart_key.any(), record_key.closed()]).await?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    Problem::unless_current(record.revision, input.expected_revision)?;
    let organization = &loaded.organization;
    let (profile, zone) = (&organization.retention, organization.policy.time_zone.zone());
    let before = RecordFacts::of(&record, profile, &zone).class;
    let record = record.classify(input.class)?;
    let class = RecordFacts::of(&record, profile, &zone).class;
    // Its chart is looked at anew: the record may end on another day, or have an end at last.
    let change = Change::new().replace("record", &record_key, &record);
    let change = match chart.due(call.today(organization)) {
        Some(chart) => change.replace_chart(&chart),
        None => change,
    };
    let name = |class: Option<RecordClass>| class.map_or("none", RecordClass::name);
    let class_from = ClassFrom::of(&record, class);
    let fact = Fact::new().client(record.client_id).chart(chart_id).record(record_id);
    let fact =
        fact.detail("from", name(before)).detail("to", name(class)).detail("class_from", class_from.name());
    let revision = record.revision.saturating_add(1);
    let reply = Reply::with(Output { record_id, chart_id, class, class_from, revision });
    call.commit(organization, &permit, change, fact, reply).await
}
