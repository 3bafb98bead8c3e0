//! Enters what decides how long a client's records are kept and stands nowhere else: when they were seen last, a
//! discharge, a closed case, the end of a mandate, where they live, who pays, incapacity, an unpaid claim, a request for
//! access or amendment (R153). Every chart of theirs is looked at anew.

use crate::known::FactsView;
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ClientId,
    chart::Chart,
    purpose::Purpose,
    retention::{Jurisdiction, Payer, RetentionFacts},
};
use evidence::Kind;
use futures_util::TryFutureExt;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::put(
    "record_retention_facts",
    "/clients/{client_id}/retention-facts",
    Action::RecordRetentionFacts,
    Kind::RetentionFactsRecorded,
)
.purpose(Purpose::RecordsManagement)
.summary("Enter what decides how long a client's records are kept (R153)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The revision as it was read; 0 if nothing was entered yet.
    pub expected_revision: u64,
    /// The last day on which they were seen, where records do not show it: a later day that they show counts.
    #[serde(default)]
    pub last_encounter_on: Option<Date>,
    /// The last discharge.
    #[serde(default)]
    pub discharged_on: Option<Date>,
    #[serde(default)]
    pub case_closed_on: Option<Date>,
    /// The end of the mandate or contract under which they were a client.
    #[serde(default)]
    pub mandate_ended_on: Option<Date>,
    /// Where they live: the rules there count beside those where they were served.
    #[serde(default)]
    pub residence: Option<Jurisdiction>,
    #[serde(default)]
    pub payers: BTreeSet<Payer>,
    #[serde(default)]
    pub incapacitated: bool,
    #[serde(default)]
    pub unpaid_claim: bool,
    /// Whether somebody waits for access to their records, or for an amendment of them.
    #[serde(default)]
    pub open_request: bool,
}

pub async fn handle(call: Call, input: Input) -> Outcome<FactsView> {
    let client_id: ClientId = call.path("client_id")?;
    let (key, facts_key) = (keys::client(client_id), keys::retention_facts(client_id));
    let (loaded, charts) = tokio::try_join!(
        call.load([key.any(), facts_key.any()]),
        call.system.store.charts(client_id).err_into::<Problem>()
    )?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let before: Option<RetentionFacts> = loaded.get(&facts_key)?;
    let revision = before.as_ref().map_or(0, |before| before.revision);
    Problem::unless_current(revision, input.expected_revision)?;
    let facts = RetentionFacts {
        client_id,
        organization_id: client.organization_id,
        last_encounter_on: input.last_encounter_on,
        discharged_on: input.discharged_on,
        case_closed_on: input.case_closed_on,
        mandate_ended_on: input.mandate_ended_on,
        residence: input.residence,
        payers: input.payers,
        incapacitated: input.incapacitated,
        unpaid_claim: input.unpaid_claim,
        open_request: input.open_request,
        set_by: loaded.member.id,
        set_at: call.now,
        revision: revision.max(1),
    };
    let today = call.today(&loaded.organization);
    facts.check(today)?;
    let change = match &before {
        Some(_) => Change::new().replace("retention facts", &facts_key, &facts),
        None => Change::new().insert("retention facts", &facts_key, &facts),
    };
    let changed = changed(before.as_ref(), &facts);
    let fact = Fact::new().client(client_id).detail("fields", changed.join(","));
    let mut view = FactsView::of(&call, &loaded, &facts).await?;
    view.revision = revision.saturating_add(1);
    let change = if changed.is_empty() { change } else { reviewed(change, charts, today) };
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}

fn reviewed(change: Change, charts: Vec<Chart>, today: Date) -> Change {
    let due = charts.into_iter().filter_map(|chart| chart.due(today));
    due.fold(change, |change, chart| change.replace_chart(&chart))
}

/// The names of what has changed: what evidence says.
fn changed(before: Option<&RetentionFacts>, after: &RetentionFacts) -> Vec<&'static str> {
    let nothing = RetentionFacts {
        last_encounter_on: None,
        discharged_on: None,
        case_closed_on: None,
        mandate_ended_on: None,
        residence: None,
        payers: BTreeSet::new(),
        incapacitated: false,
        unpaid_claim: false,
        open_request: false,
        ..after.clone()
    };
    let before = before.unwrap_or(&nothing);
    let facts = [
        ("last_encounter_on", before.last_encounter_on != after.last_encounter_on),
        ("discharged_on", before.discharged_on != after.discharged_on),
        ("case_closed_on", before.case_closed_on != after.case_closed_on),
        ("mandate_ended_on", before.mandate_ended_on != after.mandate_ended_on),
        ("residence", before.residence != after.residence),
        ("payers", before.payers != after.payers),
        ("incapacitated", before.incapacitated != after.incapacitated),
        ("unpaid_claim", before.unpaid_claim != after.unpaid_claim),
        ("open_request", before.open_request != after.open_request),
    ];
    facts.into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect()
}
