//! A record where it is filed: what every operation on one record loads, and the keys it is opened with.

use api::{
    Call, Fact, Loaded, Names, Problem,
    view::{CosignatureView, RecordView},
};
use authz::{Permit, Resource};
use domain::{
    ChartId, MemberId, RecordId,
    chart::Chart,
    note::{NoteContent, NoteVersion},
    record::{Body, Cosignature, Record},
    text::Prose,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::cmp::Ordering;
use store::{AnyKey, Change, ChartEntry, CosignatureEntry, Key, keys};
use vault::{ClientKey, RecordKey};

/// Where the path says the record is.
pub(crate) struct Place {
    pub(crate) chart_id: ChartId,
    pub(crate) record_id: RecordId,
    chart_key: Key<Chart>,
    pub(crate) record_key: Key<Record>,
}

/// A record with its chart, and the permit for this call on it.
pub(crate) struct Filed {
    pub(crate) chart: Chart,
    pub(crate) record: Record,
    pub(crate) permit: Permit,
}

impl Place {
    pub(crate) fn of(call: &Call) -> Result<Self, Problem> {
        let (chart_id, record_id) = (call.path("chart_id")?, call.path("record_id")?);
        let (chart_key, record_key) = (keys::chart(chart_id), keys::record(chart_id, record_id));
        Ok(Self { chart_id, record_id, chart_key, record_key })
    }

    /// The keys of chart and record, for the batch read.
    pub(crate) fn keys(&self) -> [AnyKey; 2] {
        [self.chart_key.any(), self.record_key.any()]
    }

    /// The record, for whom it is permitted.
    pub(crate) fn permitted(&self, call: &Call, loaded: &Loaded) -> Result<Filed, Problem> {
        let (chart, record) = (loaded.require(&self.chart_key)?, loaded.require(&self.record_key)?);
        let permit = call.permit(loaded, Resource::Record(&record, &chart))?;
        Ok(Filed { chart, record, permit })
    }
}

impl Filed {
    /// What evidence says of an act on the record.
    pub(crate) fn fact(&self) -> Fact {
        fact(&self.record)
    }

    /// The caller decided on what the record is now (R055).
    pub(crate) fn must_be_current(&self, expected_revision: u64) -> Result<(), Problem> {
        let current = self.record.revision;
        if current == expected_revision { Ok(()) } else { Err(Problem::stale(current)) }
    }

    /// The key the record is sealed under; no call to KMS when the client's key is warm.
    pub(crate) async fn key(&self, call: &Call) -> Result<RecordKey, Problem> {
        Ok(client_key(call, &self.chart).await?.record_key(&self.record.id, &self.record.key)?)
    }

    /// The write of the record as it is now and was `before`, with what follows from it: what its chart counts, and
    /// what waits for the signature of the chart's owner.
    pub(crate) fn replacing(&self, place: &Place, before: &Record) -> Change {
        self.replacing_in(place, before, self.chart.recounted(Some(before), &self.record))
    }

    /// The same where something was entered that may keep the client's records longer (R153).
    pub(crate) fn entering(&self, call: &Call, loaded: &Loaded, place: &Place, before: &Record) -> Change {
        let chart = self.chart.entered(before, &self.record, &loaded.organization, call.now);
        self.replacing_in(place, before, chart)
    }

    /// The same with the chart as it is then, if that has changed.
    fn replacing_in(&self, place: &Place, before: &Record, chart: Option<Chart>) -> Change {
        // A folder that was entered in error belongs nowhere.
        let folder = match &before.body {
            Body::Physical(folder) => Some(folder),
            _ => None,
        };
        let change =
            Change::new().replace("record", &place.record_key, &self.record).shelve(&self.record, folder);
        let Some(chart) = chart else { return change };
        let change = change.replace_chart(&chart);
        let (key, entry) =
            (keys::cosignature(chart.id, self.record.id), CosignatureEntry { record_id: self.record.id });
        let change = match chart.cosignatures.cmp(&self.chart.cosignatures) {
            Ordering::Greater => change.set("co-signature", &key, &entry),
            Ordering::Less => change.unset("co-signature", &key),
            Ordering::Equal => return change,
        };
        // Where the chart is owned the same is counted, so that an owner looks only where something waits.
        let owned = keys::owned_chart(chart.organization_id, chart.owner, chart.id);
        change.set("owned chart", &owned, &ChartEntry::of(&chart))
    }

    /// What is shown of the record.
    pub(crate) fn view(&self, key: &RecordKey, loaded: &Loaded) -> Result<RecordView, Problem> {
        RecordView::new(&self.record, key, &self.permit, &loaded.organization)
    }
}

pub(crate) fn fact(record: &Record) -> Fact {
    Fact::new().client(record.client_id).chart(record.chart_id).record(record.id)
}

/// The key of a chart's client, under which its records' keys are sealed.
pub(crate) async fn client_key(call: &Call, chart: &Chart) -> Result<ClientKey, Problem> {
    Ok(call.system.vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?)
}

/// A signed version's identity among ciphertexts: no version opens in the place of another.
pub(crate) fn version_id(record: RecordId, number: u32) -> String {
    NoteVersion::identity(record, number)
}

/// One signed version of a note.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SignedVersion {
    /// Counted from 1.
    pub version: u32,
    pub author: MemberId,
    /// Where names are looked up and the reader may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_name: Option<String>,
    /// Server time, UTC.
    pub signed_at: Timestamp,
    /// Why the version before it was amended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The signature beside the author's, or that it went back to them (P-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cosignature: Option<CosignatureView>,
}

impl SignedVersion {
    pub(crate) fn new(version: &NoteVersion, key: &RecordKey, permit: &Permit) -> Result<Self, Problem> {
        let id = version_id(version.record_id, version.number);
        let reason = match &version.reason {
            Some(reason) => Some(key.open(permit, "note/reason", &id, reason)?),
            None => None,
        };
        let (record, number) = (version.record_id, version.number);
        let cosignature = version.cosignature.as_ref();
        let cosignature = cosignature.map(|one| CosignatureView::new(one, record, number, key, permit));
        Ok(Self {
            version: number,
            author: version.author,
            author_name: None,
            signed_at: version.signed_at,
            reason: reason.map(String::from),
            cosignature: cosignature.transpose()?,
        })
    }

    /// With the names of who signed, as far as the reader may know them.
    pub(crate) fn named(self, names: &Names) -> Self {
        Self {
            author_name: names.member(self.author).map(str::to_owned),
            cosignature: self.cosignature.map(|one| one.named(names)),
            ..self
        }
    }
}

/// Who signed, or decided on it.
pub(crate) fn signatories(
    author: MemberId,
    cosignature: Option<&Cosignature>,
) -> impl Iterator<Item = MemberId> {
    [Some(author), cosignature.and_then(Cosignature::by)].into_iter().flatten()
}

/// What a signed version says.
pub(crate) fn content(
    version: &NoteVersion,
    key: &RecordKey,
    permit: &Permit,
) -> Result<NoteContent, Problem> {
    let id = version_id(version.record_id, version.number);
    Ok(key.open(permit, "note/version", &id, &version.content)?)
}

/// Why a record is amended or voided.
pub(crate) type Reason = Prose<{ domain::limits::REASON_CHARS }>;
