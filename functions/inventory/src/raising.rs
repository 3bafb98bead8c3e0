//! How an incident comes to be, whoever raises it: somebody who reports it, or a folder that is missing, by itself. A
//! loss is presumed to be a breach until somebody has assessed it, so no folder is missing without one (R034, 45 CFR
//! 164.402(2)).

use crate::handling::{self, Acted};
use api::{Call, Loaded, Problem};
use authz::Permit;
use domain::{
    ChartId, IncidentId, MemberId, OrganizationId, RecordId, Sealed,
    incident::{Harm, Incident, IncidentNote},
    limits::{INCIDENT_READERS, MEMBERS_LOOKED_AT},
    member::{Member, Role},
    notice::{Notice, NoticeReason},
    physical::{CustodyAct, Folder},
    record::Record,
};
use evidence::Kind;
use store::{Change, keys};

/// What is said of an incident.
pub(crate) struct Said {
    pub(crate) id: IncidentId,
    pub(crate) harm: Harm,
    /// To whom the folder was handed last.
    pub(crate) handed_to: Option<MemberId>,
    pub(crate) note: Option<Sealed<IncidentNote>>,
}

/// The incident of a folder, as that is after the act that tells of it.
pub(crate) fn incident(call: &Call, by: MemberId, acted: &Acted, said: Said) -> Incident {
    let (record, folder) = (&acted.record, &acted.folder);
    Incident {
        id: said.id,
        organization_id: record.organization_id,
        client_id: record.client_id,
        chart_id: record.chart_id,
        record_id: record.id,
        harm: said.harm,
        reported_by: by,
        reported_at: call.now,
        location_id: folder.location_id,
        last_custodian: folder.holder().or(said.handed_to),
        note: said.note,
        closed: None,
        revision: 1,
    }
}

/// Writes an incident, and tells those who assess it.
pub(crate) fn raise(call: &Call, change: Change, incident: &Incident, assessors: &[MemberId]) -> Change {
    let key = keys::open_incident(incident.organization_id, incident.id);
    let change = change.insert("incident", &key, incident);
    assessors.iter().fold(change, |change, to| {
        change.notify(&Notice {
            chart_id: Some(incident.chart_id),
            record_id: Some(incident.record_id),
            ..notice(call, incident.organization_id, incident.reported_by, *to)
        })
    })
}

/// Tells those who assess incidents of several at once: nobody gets a letter for each folder of an emptied cabinet.
pub(crate) fn tell_of(
    call: &Call,
    change: Change,
    loaded: &Loaded,
    (assessors, incidents): (&[MemberId], u32),
) -> Change {
    let (organization_id, by) = (loaded.organization.id, loaded.member.id);
    assessors.iter().fold(change, |change, to| {
        change.notify(&Notice { records: Some(incidents), ..notice(call, organization_id, by, *to) })
    })
}

fn notice(call: &Call, organization_id: OrganizationId, by: MemberId, to: MemberId) -> Notice {
    let reason = NoticeReason::IncidentToAssess;
    Notice { by: Some(by), ..Notice::new(call.new_id(), organization_id, to, reason, call.now) }
}

/// An act by which a folder comes to be missing, and all that is written for it: with an incident, its evidence and its
/// notices to those who assess it, unless they are told otherwise. Each loss has its own, also where an earlier one of
/// the same folder still waits to be assessed: what is found of that says nothing of this one.
pub(crate) fn lost(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    acted: Acted,
    (assessors, handed_to): (&[MemberId], Option<MemberId>),
) -> (Acted, Change) {
    let by = loaded.member.id;
    let (incident_id, harm): (IncidentId, Harm) = (call.new_id(), Harm::Lost);
    let acted = acted.losing(incident_id);
    let raised = incident(call, by, &acted, Said { id: incident_id, harm, handed_to, note: None });
    let told = CustodyAct::IncidentReported { incident_id, harm };
    let fact = handling::fact(&acted.record, &told).detail("state", acted.folder.state.name());
    let mut evidence = call.evidence(permit, fact);
    evidence.kind = Kind::IncidentReported;
    let change = raise(call, acted.change(call, by), &raised, assessors).beside(permit, &evidence);
    (acted, change)
}

/// The loss by which a folder is missing, if nobody has assessed it yet: whoever reports it once more tells of this one.
pub(crate) async fn present_loss(call: &Call, record: &Record) -> Result<Option<Incident>, Problem> {
    let Some(id) = handling::folder(record).ok().and_then(Folder::present_loss) else { return Ok(None) };
    let key = keys::open_incident(record.organization_id, id);
    Ok(call.system.store.fetch([key.any()]).await?.get(&key)?)
}

/// To whom the custody log says that a folder was handed last.
pub(crate) async fn handed_to(
    call: &Call,
    chart_id: ChartId,
    record_id: RecordId,
) -> Result<Option<MemberId>, Problem> {
    let log = call.system.store.custody(chart_id, record_id, None, 100).await?;
    Ok(log.items.into_iter().find_map(|entry| match entry.act {
        CustodyAct::CheckedOut { to, .. } => Some(to),
        _ => None,
    }))
}

/// Who assesses incidents: administrators and records managers.
pub(crate) async fn assessors(call: &Call) -> Result<Vec<MemberId>, Problem> {
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
