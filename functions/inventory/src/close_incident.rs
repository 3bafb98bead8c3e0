//! Assesses an incident and closes it: a low probability that what is in the folder was compromised, or a breach
//! (R034, 45 CFR 164.402).

use crate::incidents::{self, IncidentView};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    IncidentId,
    incident::{Assessment, Closed, IncidentError, IncidentNote},
    purpose::Purpose,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "close_incident",
    "/incidents/{incident_id}/assessment",
    Action::CloseIncident,
    Kind::IncidentClosed,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Assess whether an incident is a breach, and close it (R034)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CloseIncidentInput")]
pub struct Input {
    expected_revision: u64,
    assessment: Assessment,
    /// On what it rests: what was in it, who may have it, whether it was seen, what was done about it.
    note: IncidentNote,
}

pub async fn handle(call: Call, input: Input) -> Outcome<IncidentView> {
    let organization_id = call.organization_id()?;
    let id: IncidentId = call.path("incident_id")?;
    let (open_key, closed_key) =
        (keys::open_incident(organization_id, id), keys::closed_incident(organization_id, id));
    let loaded = call.load([open_key.any(), closed_key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    if loaded.get(&closed_key)?.is_some() {
        return Err(IncidentError::Closed.into());
    }
    let open = loaded.require(&open_key)?;
    Problem::unless_current(open.revision, input.expected_revision)?;
    let directory = call.directory(&loaded.organization).await?;
    let closed = Closed {
        by: loaded.member.id,
        at: call.now,
        assessment: input.assessment,
        note: directory.seal(&call.system.vault, "incident/assessment", &id, &input.note)?,
    };
    let mut incident = open.clone().close(closed)?;
    incident.revision = incident.revision.saturating_add(1);
    let change = Change::new().take("incident", &open_key, &open).insert("incident", &closed_key, &incident);
    let shown = incidents::shown(&call, &loaded, &permit, std::slice::from_ref(&incident)).await?;
    let view = shown.into_iter().next().ok_or_else(|| Problem::internal("no incident is shown"))?;
    let fact = Fact::new()
        .client(incident.client_id)
        .chart(incident.chart_id)
        .record(incident.record_id)
        .detail("incident_id", id)
        .detail("assessment", input.assessment.name());
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}
