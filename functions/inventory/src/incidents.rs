//! How an incident is shown to who assesses it (R034).

use crate::rows::Around;
use api::{Call, Loaded, Names, Problem};
use authz::Permit;
use domain::{
    ChartId, IncidentId, LocationId, MemberId, RecordId,
    incident::{Assessment, Harm, Incident},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use vault::DirectoryKey;

/// What the assessment is asked for by.
const AUTHORITY: &str = "45 CFR 164.402";

/// A folder that was lost or harmed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IncidentView {
    pub id: IncidentId,
    pub chart_id: ChartId,
    pub record_id: RecordId,
    pub file_number: String,
    pub harm: Harm,
    pub reported_by: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_by_name: Option<String>,
    pub reported_at: Timestamp,
    /// Where it belonged.
    pub location_id: LocationId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_custodian: Option<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_custodian_name: Option<String>,
    /// From what, and how far, its content can be put together again; absent where a loss raised it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Why it has to be assessed: `45 CFR 164.402`.
    pub authority: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<ClosedView>,
    pub revision: u64,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "IncidentClosed")]
pub struct ClosedView {
    pub by: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    pub at: Timestamp,
    pub assessment: Assessment,
    pub note: String,
}

/// These incidents as the caller sees them.
pub(crate) async fn shown(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    incidents: &[Incident],
) -> Result<Vec<IncidentView>, Problem> {
    let clients = incidents.iter().map(|one| one.client_id).collect();
    let places: std::collections::BTreeSet<LocationId> =
        incidents.iter().map(|one| one.location_id).collect();
    let members: Vec<MemberId> = incidents.iter().flat_map(mentioned).collect();
    let (around, names, directory) = tokio::try_join!(
        Around::of(call, loaded, permit, &clients, &places),
        call.names(loaded, members, []),
        call.directory(&loaded.organization)
    )?;
    incidents.iter().map(|one| view(one, &around, &names, &directory, permit)).collect()
}

fn mentioned(incident: &Incident) -> impl Iterator<Item = MemberId> + use<> {
    let closed = incident.closed.as_ref().map(|closed| closed.by);
    [Some(incident.reported_by), incident.last_custodian, closed].into_iter().flatten()
}

fn view(
    incident: &Incident,
    around: &Around,
    names: &Names,
    directory: &DirectoryKey,
    permit: &Permit,
) -> Result<IncidentView, Problem> {
    let name = |id| names.member(id).map(str::to_owned);
    let closed = match &incident.closed {
        Some(closed) => Some(ClosedView {
            by: closed.by,
            by_name: name(closed.by),
            at: closed.at,
            assessment: closed.assessment,
            note: directory.open(permit, "incident/assessment", &incident.id, &closed.note)?.into(),
        }),
        None => None,
    };
    let note: Option<String> = match &incident.note {
        Some(note) => Some(directory.open(permit, "incident/note", &incident.id, note)?.into()),
        None => None,
    };
    Ok(IncidentView {
        id: incident.id,
        chart_id: incident.chart_id,
        record_id: incident.record_id,
        file_number: around.file_number(incident.client_id),
        harm: incident.harm,
        reported_by: incident.reported_by,
        reported_by_name: name(incident.reported_by),
        reported_at: incident.reported_at,
        location_id: incident.location_id,
        location: around.path(incident.location_id),
        last_custodian: incident.last_custodian,
        last_custodian_name: incident.last_custodian.and_then(name),
        note,
        authority: AUTHORITY,
        closed,
        revision: incident.revision,
    })
}
