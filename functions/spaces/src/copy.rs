//! An item of a space becomes a record of a chart: the same words, the same bytes, under the chart's keys
//! (R074, X-6).
//!
//! The copy is the chart's from then on and goes its own way. A document's bytes are not moved: the record refers
//! to the same object.

use crate::{
    entered::Entered,
    read_space_item::{content, facts},
};
use api::{Call, Loaded, Problem};
use authz::Permit;
use content::{DicomFacts, Mismatch, compare_client};
use domain::{
    RecordId, Sealed, WrappedKey,
    chart::{Chart, Section},
    client::{Client, Demographics, file_number},
    confidentiality::Guard,
    note::{NoteContent, NoteVersion},
    notice::{Notice, NoticeReason},
    record::{Body, Direction, FileState, Finding, ReceivedFile, Record, RecordLimits, Title},
    space::{ItemBody, SpaceItem},
};
use jiff::civil::Date;
use serde_json::{Value, json};
use store::{Change, ChartEntry, CosignatureEntry, DigestEntry, keys};
use vault::{ClientKey, RecordKey};

/// Warning of a picture that is of somebody else than the chart's client (R017).
const PATIENT_MISMATCH: &str = "patient_mismatch";

/// What is copied, and where to.
pub(crate) struct Copying<'a> {
    pub(crate) call: &'a Call,
    pub(crate) loaded: &'a Loaded,
    pub(crate) entered: &'a Entered,
    pub(crate) item: &'a SpaceItem,
    pub(crate) chart: &'a Chart,
    /// To add to the chart: given by the chart's own policies.
    pub(crate) to_add: &'a Permit,
    pub(crate) record_id: RecordId,
    pub(crate) section: Option<Section>,
    pub(crate) occurred_on: Date,
}

impl Copying<'_> {
    /// The record with its first version.
    pub(crate) async fn change(&self) -> Result<Change, Problem> {
        let (vault, chart) = (&self.call.system.vault, self.chart);
        let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
        let (key, wrapped) = client_key.new_record_key(vault, &self.record_id)?;
        match &self.item.body {
            ItemBody::Note { .. } => self.note(&key, wrapped),
            ItemBody::Document { file } => self.document(file, &client_key, &key, wrapped).await,
        }
    }

    /// A note is signed by who takes it into the chart: from now on it is theirs to answer for (R004, R014).
    fn note(&self, key: &RecordKey, wrapped: WrappedKey) -> Result<Change, Problem> {
        let (call, member, chart) = (self.call, &self.loaded.member, self.chart);
        let (vault, says) = (&call.system.vault, content(self.item, self.entered)?);
        let title = key.seal(vault, "record/title", &self.record_id, &says.title)?;
        let version = NoteVersion {
            record_id: self.record_id,
            number: 1,
            author: member.id,
            signed_at: call.now,
            content: self.sealed_note(key, &says)?,
            reason: None,
            cosignature: None,
        };
        let body = Body::Data { versions: 1, signed_at: Some(call.now) };
        let record = self.record(wrapped, title, body, Section::ProgressNotes);
        let record = record.awaiting_cosignature(chart.needs_cosignature(member, call.now), call.now);
        let version_key = keys::note_version(chart.id, self.record_id, 1);
        Ok(self.filed(&record).insert("version", &version_key, &version))
    }

    fn sealed_note(&self, key: &RecordKey, says: &NoteContent) -> Result<Sealed<NoteContent>, Problem> {
        let id = NoteVersion::identity(self.record_id, 1);
        Ok(key.seal(&self.call.system.vault, "note/version", &id, says)?)
    }

    async fn document(
        &self,
        file: &ReceivedFile,
        client_key: &ClientKey,
        key: &RecordKey,
        wrapped: WrappedKey,
    ) -> Result<Change, Problem> {
        let (call, entered) = (self.call, self.entered);
        let vault = &call.system.vault;
        let title: Title =
            entered.key.open(&entered.permit, "item/title", &self.item.id, &self.item.title)?;
        let title = key.seal(vault, "record/title", &self.record_id, &title)?;
        let digest_key = file.state.finding().map(|finding| keys::digest(self.chart.id, &finding.sha256));
        let file = self.resealed(file, client_key, key).await?;
        let version = file.into_version(self.record_id, 1, self.loaded.member.id, call.now);
        let body = Body::Electronic { versions: 1, current: Box::new(version.clone()) };
        let record = self.record(wrapped, title, body, Section::Documents);
        let version_key = keys::file_version(self.chart.id, self.record_id, 1);
        let change = self.filed(&record).insert("version", &version_key, &version);
        let Some(digest_key) = digest_key else { return Ok(change) };
        // Whoever uploads the same file into the chart later is told that it has it.
        let known: Option<DigestEntry> =
            call.system.store.fetch([digest_key.any()]).await?.get(&digest_key)?;
        let entry = DigestEntry {
            upload_id: version.upload_id,
            record_id: Some(self.record_id),
            contribution_id: None,
            revision: 1,
        };
        Ok(if known.is_some() { change } else { change.insert("digest", &digest_key, &entry) })
    }

    /// The file as the chart keeps it: what is known of it sealed under the record's key, and its patient compared
    /// with the client, whom inspection could not know (R017).
    async fn resealed(
        &self,
        file: &ReceivedFile,
        client_key: &ClientKey,
        key: &RecordKey,
    ) -> Result<ReceivedFile, Problem> {
        let (vault, entered) = (&self.call.system.vault, self.entered);
        let finding = file.state.must_be_available()?;
        let found = facts(file, entered)?.unwrap_or(Value::Null);
        let mismatch = self.mismatch(&found, client_key).await?;
        let (found, warnings) = with_mismatch(found, &finding.warnings, mismatch.as_ref());
        let name = entered.key.open(&entered.permit, "file/name", &file.upload_id, &file.file_name)?;
        Ok(ReceivedFile {
            file_name: key.seal(vault, "file/name", &file.upload_id, &name)?,
            state: FileState::Available(Finding {
                facts: key.seal(vault, "file/facts", &file.upload_id, &found)?,
                warnings,
                ..finding.clone()
            }),
            ..file.clone()
        })
    }

    async fn mismatch(&self, found: &Value, client_key: &ClientKey) -> Result<Option<Mismatch>, Problem> {
        let Some(picture) = dicom(found) else { return Ok(None) };
        let key = keys::client(self.chart.client_id);
        let client: Option<Client> = self.call.system.store.fetch([key.any()]).await?.get(&key)?;
        let client = client.ok_or_else(|| Problem::internal("a chart without its client"))?;
        let known: Demographics =
            client_key.open(self.to_add, "client/demographics", &client.id, &client.demographics)?;
        Ok(compare_client(&picture, &known, &file_number(client.id)))
    }

    fn record(&self, key: WrappedKey, title: Sealed<Title>, body: Body, section: Section) -> Record {
        let chart = self.chart;
        Record {
            id: self.record_id,
            organization_id: chart.organization_id,
            client_id: chart.client_id,
            chart_id: chart.id,
            author: self.loaded.member.id,
            from_client: false,
            section: self.section.unwrap_or(section),
            direction: Direction::AboutClient,
            occurred_on: self.occurred_on,
            created_at: self.call.now,
            key,
            title,
            body,
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::default(),
            cosignature: None,
            revision: 1,
        }
    }

    fn filed(&self, record: &Record) -> Change {
        let change = Change::new().insert("record", &keys::record(self.chart.id, record.id), record);
        let Some(chart) = self.chart.filed(record, &self.loaded.organization) else { return change };
        let change = change.replace_chart(&chart);
        if record.awaits_cosignature() { self.asked(change, &chart, record) } else { change }
    }

    /// Whoever writes under approval promotes under approval: the owner of the chart is asked (P-13).
    fn asked(&self, change: Change, chart: &Chart, record: &Record) -> Change {
        let owned = keys::owned_chart(chart.organization_id, chart.owner, chart.id);
        let waits = CosignatureEntry { record_id: record.id };
        let (id, reason) = (self.call.new_id(), NoticeReason::NoteToCosign);
        let notice = Notice {
            by: Some(self.loaded.member.id),
            chart_id: Some(chart.id),
            record_id: Some(record.id),
            ..Notice::new(id, chart.organization_id, chart.owner, reason, self.call.now)
        };
        change
            .set("co-signature", &keys::cosignature(chart.id, record.id), &waits)
            .set("owned chart", &owned, &ChartEntry::of(chart))
            .notify(&notice)
    }
}

/// What a picture says of its patient; nothing of any other file.
fn dicom(found: &Value) -> Option<DicomFacts> {
    let content = found.get("content")?;
    (content["kind"] == "dicom").then(|| serde_json::from_value(content.clone()).ok()).flatten()
}

/// The facts and warnings of a file, now that it is known whose chart it goes into.
fn with_mismatch(mut found: Value, warnings: &[String], mismatch: Option<&Mismatch>) -> (Value, Vec<String>) {
    let mut warnings: Vec<String> =
        warnings.iter().filter(|code| code.as_str() != PATIENT_MISMATCH).cloned().collect();
    if let (Some(mismatch), Some(fields)) = (mismatch, found.as_object_mut()) {
        fields.insert(PATIENT_MISMATCH.to_owned(), json!(mismatch));
        warnings.push(PATIENT_MISMATCH.to_owned());
    }
    (found, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use content::{Difference, Facts};

    #[test]
    fn only_a_picture_has_a_patient() {
        let picture = json!({ "content": Facts::Dicom(Box::default()), "warnings": [] });
        assert_eq!(dicom(&picture), Some(DicomFacts::default()));
        for other in [json!({ "content": Facts::None }), json!({ "content": null }), json!({}), Value::Null] {
            assert_eq!(dicom(&other), None, "{other}");
        }
    }

    /// R017: a picture of somebody else is taken into the chart with its warning.
    #[test]
    fn a_mismatch_is_told_with_the_record() {
        let mismatch = Mismatch { differs: vec![Difference::Name] };
        let other = vec!["partly_examined".to_owned()];
        let (found, warnings) = with_mismatch(json!({ "content": {} }), &other, Some(&mismatch));
        assert_eq!(warnings, ["partly_examined", "patient_mismatch"]);
        assert_eq!(found["patient_mismatch"]["differs"], json!(["name"]));
        let (found, warnings) = with_mismatch(json!({ "content": {} }), &other, None);
        assert_eq!((warnings, found.get("patient_mismatch")), (other, None));
    }
}
