//! Reports that a folder was lost, or harmed by water, fire or otherwise: with who had it last, and what can be put
//! together again. Whoever assesses breaches is told (R034, 45 CFR 164.402).

use crate::{
    handling,
    incidents::{self, IncidentView},
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    IncidentId, MemberId,
    incident::{Harm, Incident, IncidentNote},
    limits::{INCIDENT_READERS, MEMBERS_LOOKED_AT},
    member::{Member, Role},
    notice::{Notice, NoticeReason},
    physical::{CustodyAct, Folder},
    purpose::Purpose,
    record::Record,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Change, keys};

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
    let incident_id: IncidentId = call.new_id();
    let acted = handling::act(record, input.expected_revision, |folder| {
        Ok(folder.report_incident(incident_id, input.harm, call.now))
    })?;
    let (assessors, last_custodian, directory) = tokio::try_join!(
        assessors(&call),
        last_custodian(&call, &acted.record, &acted.folder),
        call.directory(&loaded.organization)
    )?;
    let incident = Incident {
        id: incident_id,
        organization_id: loaded.organization.id,
        client_id: acted.record.client_id,
        chart_id: acted.record.chart_id,
        record_id: acted.record.id,
        harm: input.harm,
        reported_by: loaded.member.id,
        reported_at: call.now,
        location_id: acted.folder.location_id,
        last_custodian,
        note: directory.seal(&call.system.vault, "incident/note", &incident_id, &input.note)?,
        closed: None,
        revision: 1,
    };
    let key = keys::open_incident(incident.organization_id, incident.id);
    let change = acted.change(&call, loaded.member.id).insert("incident", &key, &incident);
    let change = assessors.into_iter().fold(change, |change, to| tell(&call, change, &incident, to));
    let shown = incidents::shown(&call, &loaded, &permit, std::slice::from_ref(&incident)).await?;
    let view = shown.into_iter().next().ok_or_else(|| Problem::internal("no incident is shown"))?;
    let fact = handling::fact(&acted.record, &acted.act).detail("state", acted.folder.state.name());
    let output = Output { incident: view, revision: acted.record.revision.saturating_add(1) };
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}

fn tell(call: &Call, change: Change, incident: &Incident, to: MemberId) -> Change {
    let reason = NoticeReason::IncidentToAssess;
    change.notify(&Notice {
        by: Some(incident.reported_by),
        chart_id: Some(incident.chart_id),
        record_id: Some(incident.record_id),
        ..Notice::new(call.new_id(), incident.organization_id, to, reason, call.now)
    })
}

/// Who had it last: whoever has it, or to whom its custody log says it was handed last.
async fn last_custodian(call: &Call, record: &Record, folder: &Folder) -> Result<Option<MemberId>, Problem> {
    if let Some(holder) = folder.holder() {
        return Ok(Some(holder));
    }
    let log = call.system.store.custody(record.chart_id, record.id, None, 100).await?;
    Ok(log.items.into_iter().find_map(|entry| match entry.act {
        CustodyAct::CheckedOut { to, .. } => Some(to),
        _ => None,
    }))
}

/// Who assesses incidents: administrators and records managers.
async fn assessors(call: &Call) -> Result<Vec<MemberId>, Problem> {
    let organization_id = call.organization_id()?;
    let assesses = |member: &Member| {
        member.is_active()
            && member.roles.iter().any(|role| matches!(role, Role::Administrator | Role::RecordsManager))
    };
    let (mut found, mut looked_at, mut after) = (Vec::new(), 0_usize, None::<String>);
    loop {
        let page = call.system.store.members(organization_id, after.as_deref(), 1_000).await?;
        looked_at = looked_at.saturating_add(page.items.len());
        found.extend(page.items.iter().filter(|member| assesses(member)).map(|member| member.id));
        match page.next {
            Some(next) if found.len() < INCIDENT_READERS && looked_at < MEMBERS_LOOKED_AT => {
                after = Some(next);
            }
            _ => {
                found.truncate(INCIDENT_READERS);
                return Ok(found);
            }
        }
    }
}
