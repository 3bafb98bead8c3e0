//! Reports that a folder was lost, or harmed by water, fire or otherwise: with who had it last, and what can be put
//! together again. Whoever assesses breaches is told (R034, 45 CFR 164.402). Of a loss that has raised its incident by
//! itself it says what that does not.

use crate::{
    handling,
    incidents::{self, IncidentView},
    raising::{self, Said},
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    IncidentId,
    incident::{Harm, Incident, IncidentNote},
    purpose::Purpose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "report_incident",
    "/charts/{chart_id}/records/{record_id}/incidents",
    Action::ReportIncident,
    Kind::IncidentReported,
)
.purpose(Purpose::RecordsManagement)
.summary("Report that a folder was lost or harmed (R034)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ReportIncidentInput")]
pub struct Input {
    expected_revision: u64,
    harm: Harm,
    /// From what, and how far, its content can be put together again.
    note: IncidentNote,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReportIncidentOutput")]
pub struct Output {
    incident: IncidentView,
    /// The record's, for the next act on the folder.
    revision: u64,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let (chart_key, record_key) = handling::addressed(&call)?;
    let loaded = call.load([chart_key.any(), record_key.any()]).await?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    // A loss is one incident, whoever finds it out first. The folder alone knows which: one more round trip.
    let known = match input.harm {
        Harm::Lost => raising::present_loss(&call, &record).await?,
        Harm::Water | Harm::Fire | Harm::Other => None,
    };
    let incident_id: IncidentId = known.as_ref().map_or_else(|| call.new_id(), |known| known.id);
    let acted = handling::act(record, input.expected_revision, |folder| {
        Ok(folder.report_incident(incident_id, input.harm, call.now))
    })?;
    let (assessors, handed_to, directory) = tokio::try_join!(
        raising::assessors(&call),
        raising::handed_to(&call, acted.record.chart_id, acted.record.id),
        call.directory(&loaded.organization)
    )?;
    let note = directory.seal(&call.system.vault, "incident/note", &incident_id, &input.note)?;
    let change = acted.change(&call, loaded.member.id);
    let (incident, change) = match known {
        // Those who assess it know of it already.
        Some(known) => {
            let told = known.told(note)?;
            let key = keys::open_incident(told.organization_id, told.id);
            let change = change.replace("incident", &key, &told);
            (Incident { revision: told.revision.saturating_add(1), ..told }, change)
        }
        None => {
            let said = Said { id: incident_id, harm: input.harm, handed_to, note: Some(note) };
            let incident = raising::incident(&call, loaded.member.id, &acted, said);
            let change = raising::raise(&call, change, &incident, &assessors);
            (incident, change)
        }
    };
    let shown = incidents::shown(&call, &loaded, &permit, std::slice::from_ref(&incident)).await?;
    let view = shown.into_iter().next().ok_or_else(|| Problem::internal("no incident is shown"))?;
    let fact = handling::fact(&acted.record, &acted.act).detail("state", acted.folder.state.name());
    let output = Output { incident: view, revision: acted.record.revision.saturating_add(1) };
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}
