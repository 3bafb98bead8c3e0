//! What every act on a folder shares: it is addressed, held to the revision that was seen, and committed
//! together with its entry in the custody log (R033). And what every list of folders asks: who may know more of one than
//! its label (R046).

use api::{Call, Fact, Loaded, Outcome, Problem, Reply, view::FolderView};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, IncidentId, MemberId, RecordId,
    chart::Chart,
    physical::{Custody, CustodyAct, Folder, FolderError, Location},
    record::{Body, Record},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{BarcodeEntry, Change, Key, keys};

/// A folder after an act, without what only readers of the record may see.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FolderAnswer {
    pub chart_id: ChartId,
    pub record_id: RecordId,
    /// To be sent back with the next act.
    pub revision: u64,
    #[serde(flatten)]
    pub folder: FolderView,
}

/// A record whose folder was acted on, and the act.
#[derive(Debug)]
pub struct Acted {
    pub(crate) record: Record,
    pub(crate) folder: Folder,
    /// The folder as it was.
    before: Folder,
    pub(crate) act: CustodyAct,
}

impl Acted {
    /// The act with the incident that the folder's loss raises by itself (R034).
    pub(crate) fn losing(self, incident: IncidentId) -> Self {
        let folder = Folder { loss: Some(incident), ..self.folder };
        let record = Record { body: Body::Physical(folder.clone()), ..self.record };
        Self { record, folder, ..self }
    }

    /// Everything the act writes: the record, its custody entry, where the folder belongs, and its label.
    pub(crate) fn change(&self, call: &Call, by: MemberId) -> Change {
        let record = &self.record;
        let custody = Custody { record_id: record.id, at: call.now, by, act: self.act.clone() };
        let custody_key = keys::custody(record.chart_id, record.id, call.new_id());
        let change = Change::new()
            .replace("record", &keys::record(record.chart_id, record.id), record)
            .insert("custody entry", &custody_key, &custody)
            .shelve(record, Some(&self.before));
        match &self.act {
            CustodyAct::Labelled { barcode } => {
                let entry = BarcodeEntry { chart_id: record.chart_id, record_id: record.id };
                change.insert("barcode", &keys::barcode(record.organization_id, barcode), &entry)
            }
            _ => change,
        }
    }
}

/// The chart and the record a path names.
pub fn addressed(call: &Call) -> Result<(Key<Chart>, Key<Record>), Problem> {
    let (chart_id, record_id) = (call.path("chart_id")?, call.path("record_id")?);
    Ok((keys::chart(chart_id), keys::record(chart_id, record_id)))
}

/// Records and the charts they are filed in; those that are gone are not among them.
pub(crate) async fn filed(
    call: &Call,
    folders: impl IntoIterator<Item = (ChartId, RecordId)>,
) -> Result<BTreeMap<RecordId, (Record, Chart)>, Problem> {
    let keys: Vec<(Key<Chart>, Key<Record>)> = folders
        .into_iter()
        .map(|(chart, record)| (keys::chart(chart), keys::record(chart, record)))
        .collect();
    let wanted = keys.iter().flat_map(|(chart, record)| [chart.any(), record.closed()]);
    let found = call.system.store.fetch_all(wanted).await?;
    let mut filed = BTreeMap::new();
    for (chart, record) in &keys {
        let (chart, record): (Option<Chart>, Option<Record>) = (found.get(chart)?, found.get(record)?);
        filed.extend(chart.zip(record).map(|(chart, record)| (record.id, (record, chart))));
    }
    Ok(filed)
}

/// Whether a folder is closed to the caller, because its record names them and leaves them no access. What they can read
/// on it they know, and that is its label: nothing it stands for, be it the client, the chart or where it belongs (R046,
/// R050).
pub(crate) fn is_closed(
    call: &Call,
    loaded: &Loaded,
    record: &Record,
    chart: &Chart,
) -> Result<bool, Problem> {
    let folder = Resource::Record(record, chart);
    let decision = call.decide(loaded, &loaded.member, Action::ListCustody, folder)?;
    Ok(record.guard.compartment.is_secret() || is_kept(&decision.policies))
}

/// Whether it was the record itself that kept something of it from who asked.
pub(crate) fn is_kept(policies: &[String]) -> bool {
    policies.iter().any(|policy| policy == "record-level-access")
}

/// The folder of a physical record.
pub fn folder(record: &Record) -> Result<&Folder, FolderError> {
    match &record.body {
        Body::Physical(folder) => Ok(folder),
        _ => Err(FolderError::NotFolder),
    }
}

/// The place a folder belongs in. It is known by the record alone, so it costs a round trip of its own.
pub(crate) async fn home(call: &Call, record: &Record) -> Result<Location, Problem> {
    let key = keys::location(record.organization_id, folder(record)?.location_id);
    let place: Option<Location> = call.system.store.fetch([key.any()]).await?.get(&key)?;
    place.ok_or_else(|| Problem::internal("a folder's location is gone"))
}

/// Applies a rule to the folder of a record that stands and is as the caller has seen it.
pub fn act(
    mut record: Record,
    expected_revision: u64,
    rule: impl FnOnce(Folder) -> Result<(Folder, CustodyAct), FolderError>,
) -> Result<Acted, Problem> {
    if expected_revision != record.revision {
        return Err(Problem::stale(record.revision));
    }
    record.must_stand()?;
    let before = folder(&record)?.clone();
    let (folder, act) = rule(before.clone())?;
    record.body = Body::Physical(folder.clone());
    Ok(Acted { record, folder, before, act })
}

/// Commits an act with its custody entry and its evidence; `place` is where the folder belongs or is sent, if known.
pub async fn commit(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    acted: Acted,
    place: Option<&Location>,
) -> Outcome<FolderAnswer> {
    let change = acted.change(call, loaded.member.id);
    let change = match place {
        Some(place) => change_at(call, change, &acted.act, place),
        None => change,
    };
    settle(call, loaded, permit, (acted, change), place).await
}

/// The change of an act with what it asks of the place where the folder belongs or is sent.
pub(crate) fn change_at(call: &Call, change: Change, act: &CustodyAct, place: &Location) -> Change {
    if act.is_filing() {
        return change.put_into(place.id, call.new_id());
    }
    // Nothing is sent to a place that is retired meanwhile, or taken out of one that is guarded otherwise.
    let key = keys::location(place.organization_id, place.id);
    change.check("location", &key, Some(place.revision))
}

/// Commits an act by everything that is written for it, with its evidence.
pub(crate) async fn settle(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    (acted, change): (Acted, Change),
    place: Option<&Location>,
) -> Outcome<FolderAnswer> {
    let Acted { record, folder, act, .. } = acted;
    let fact = fact(&record, &act).detail("state", folder.state.name());
    let answer = FolderAnswer {
        chart_id: record.chart_id,
        record_id: record.id,
        revision: record.revision.saturating_add(1),
        folder: shown(&folder, place),
    };
    call.commit(&loaded.organization, permit, change, fact, Reply::with(answer)).await
}

/// A folder with the path of its place.
pub fn shown(folder: &Folder, place: Option<&Location>) -> FolderView {
    let location = place.filter(|place| place.id == folder.location_id).map(Location::path);
    FolderView { location, ..FolderView::new(folder) }
}

/// What the evidence of an act is about.
pub fn fact(record: &Record, act: &CustodyAct) -> Fact {
    let fact = Fact::new().client(record.client_id).chart(record.chart_id).record(record.id);
    match act {
        CustodyAct::CheckedOut { to, due_on } => fact.member(*to).detail("due_on", due_on),
        CustodyAct::Sent { to: location_id }
        | CustodyAct::Filed { location_id }
        | CustodyAct::CheckedIn { location_id }
        | CustodyAct::Received { location_id }
        | CustodyAct::Found { location_id } => fact.location(*location_id),
        CustodyAct::ScanLinked { record_id, verified } => {
            fact.detail("scan_record_id", record_id).detail("verified", verified)
        }
        CustodyAct::IncidentReported { incident_id, harm } => {
            fact.detail("incident_id", incident_id).detail("harm", harm.name())
        }
        CustodyAct::ReportedMissing | CustodyAct::NotFound | CustodyAct::Labelled { .. } => fact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        ClientId, LocationId, OrganizationId, Sealed, WrappedKey,
        chart::Section,
        confidentiality::Guard,
        record::{Direction, RecordLimits, Voided},
    };
    use jiff::{Timestamp, civil::date};
    use uuid::Uuid;

    fn record(body: Body) -> Record {
        Record {
            id: RecordId::new(Uuid::from_u128(5)),
            organization_id: OrganizationId::new(Uuid::from_u128(1)),
            client_id: ClientId::new(Uuid::from_u128(3)),
            chart_id: ChartId::new(Uuid::from_u128(4)),
            author: MemberId::new(Uuid::from_u128(2)),
            from_client: false,
            section: Section::Documents,
            direction: Direction::AboutClient,
            occurred_on: date(2026, 3, 1),
            created_at: Timestamp::UNIX_EPOCH,
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body,
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::default(),
            cosignature: None,
            revision: 7,
        }
    }

    fn shelf() -> LocationId {
        LocationId::new(Uuid::from_u128(9))
    }

    fn filed() -> Record {
        record(Body::Physical(Folder::filed(shelf(), None, None)))
    }

    #[test]
    fn an_act_needs_the_revision_that_was_seen() {
        let missing = |folder: Folder| folder.report_missing(Timestamp::UNIX_EPOCH);
        assert_eq!(act(filed(), 6, missing).unwrap_err().code(), "stale_revision");
        let acted = act(filed(), 7, missing).unwrap();
        assert_eq!(acted.act, CustodyAct::ReportedMissing);
        assert_eq!(folder(&acted.record).unwrap().state.name(), "missing");
    }

    #[test]
    fn only_a_standing_folder_is_handled() {
        let missing = |folder: Folder| folder.report_missing(Timestamp::UNIX_EPOCH);
        let note = record(Body::Data { versions: 1, signed_at: None });
        assert_eq!(act(note, 7, missing).unwrap_err().code(), "not_a_folder");
        let mut voided = filed();
        voided.voided =
            Some(Voided { by: voided.author, at: Timestamp::UNIX_EPOCH, reason: Sealed::from_bytes(vec![]) });
        assert_eq!(act(voided, 7, missing).unwrap_err().code(), "record_voided");
    }

    #[test]
    fn an_answer_says_where_the_folder_is() {
        let folder = Folder::filed(shelf(), None, None);
        let answer = FolderAnswer {
            chart_id: ChartId::new(Uuid::nil()),
            record_id: RecordId::new(Uuid::nil()),
            revision: 8,
            folder: shown(&folder, None),
        };
        let json = serde_json::to_value(answer).unwrap();
        assert_eq!(json["state"], "on_shelf");
        assert_eq!(json["location_id"], shelf().to_string());
        assert_eq!(json.get("location"), None);
    }
}
