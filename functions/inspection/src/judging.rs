//! What a file is, whose it is and what may happen with it (R006, R017, R193).

use crate::{
    duplicates::Earlier,
    judgement::{Fate, Judgement},
    scratch::Copy,
};
use api::{Problem, System};
use authz::Permit;
use content::{
    Declared, DicomFacts, Examination, Facts, Limits, Mismatch, Person, Warning, WarningCode, compare_patient,
};
use domain::{
    chart::Chart,
    client::{Demographics, file_number},
    record::{FileState, Preview},
    upload::Upload,
};
use jiff::Timestamp;
use store::keys;
use vault::{
    ClientKey, RecordKey,
    layout::{self, Place},
};

/// Reasons that only a comparison with the announcement gives.
const SIZE_MISMATCH: &str = "size_mismatch";
const DIGEST_MISMATCH: &str = "digest_mismatch";
/// Reason of a file over which the examination itself broke down.
const NOT_EXAMINABLE: &str = "not_examinable";

/// What a judgement stands on.
pub struct Judge<'a> {
    pub system: &'a System,
    pub permit: &'a Permit,
    pub upload: &'a Upload,
    pub now: Timestamp,
    client_key: ClientKey,
    key: RecordKey,
}

impl<'a> Judge<'a> {
    pub async fn new(
        system: &'a System,
        permit: &'a Permit,
        upload: &'a Upload,
        now: Timestamp,
    ) -> Result<Option<Self>, Problem> {
        let chart_key = keys::chart(upload.chart_id);
        let Some(chart): Option<Chart> = system.store.fetch([chart_key.any()]).await?.get(&chart_key)? else {
            return Ok(None);
        };
        let vault = &system.vault;
        let client_key =
            vault.client_key(upload.organization_id, upload.client_id, &chart.client_key).await?;
        let key = client_key.upload_key(upload)?;
        Ok(Some(Self { system, permit, upload, now, client_key, key }))
    }

    /// Judges the copy of the file.
    pub async fn judge(&self, copy: Copy) -> Result<Judgement, Problem> {
        // Not what was announced: it is not even looked into.
        if copy.size_bytes != self.upload.size_bytes {
            return Ok(Judgement::unexamined(copy.sha256, Fate::Rejected, SIZE_MISMATCH));
        }
        if self.upload.sha256.as_ref().is_some_and(|announced| announced.as_str() != copy.sha256) {
            return Ok(Judgement::unexamined(copy.sha256, Fate::Rejected, DIGEST_MISMATCH));
        }
        let Copy { file, sha256, whole, .. } = copy;
        let Some(mut examination) = self.examine(file).await? else {
            return Ok(Judgement::unexamined(sha256, Fate::Quarantined, NOT_EXAMINABLE));
        };
        let partly = Warning::from(WarningCode::PartlyExamined);
        if !whole && !examination.warnings.contains(&partly) {
            examination.warnings.push(partly);
        }
        let mismatch = match &examination.facts {
            Facts::Dicom(facts) => self.mismatch(facts).await?,
            _ => None,
        };
        let preview = self.preview(&mut examination).await?;
        Ok(Judgement::new(sha256, examination, mismatch, preview))
    }

    /// Looks into the file, off the thread that answers; `None` if the look itself broke down, which is the
    /// file's fault and would be again.
    async fn examine(&self, mut file: std::fs::File) -> Result<Option<Examination>, Problem> {
        let name = self.key.open(self.permit, "file/name", &self.upload.id, &self.upload.file_name)?;
        let media_type = self.upload.media_type.as_str().to_owned();
        let look = move || {
            let declared = Declared { name: name.as_str(), media_type: &media_type };
            content::examine(&mut file, &declared, &Limits::default())
        };
        match tokio::task::spawn_blocking(look).await {
            Ok(examination) => Ok(Some(examination)),
            Err(error) if error.is_panic() => {
                tracing::error!(upload_id = %self.upload.id, "an examination broke down");
                Ok(None)
            }
            Err(error) => Err(Problem::internal(error)),
        }
    }

    /// Whether the picture's patient is somebody else than the client (R017).
    async fn mismatch(&self, facts: &DicomFacts) -> Result<Option<Mismatch>, Problem> {
        let client_key = keys::client(self.upload.client_id);
        let client = self.system.store.fetch([client_key.any()]).await?.get(&client_key)?;
        let client = client.ok_or_else(|| Problem::internal("a chart without its client"))?;
        let known: Demographics =
            self.client_key.open(self.permit, "client/demographics", &client.id, &client.demographics)?;
        let made = file_number(client.id);
        Ok(differs(facts, &known, &made))
    }

    async fn preview(&self, examination: &mut Examination) -> Result<Option<Box<Preview>>, Problem> {
        let Some(made) = examination.preview.take() else { return Ok(None) };
        let place = Place {
            organization_id: self.upload.organization_id,
            chart_id: self.upload.chart_id,
            upload_id: self.upload.id,
        };
        let (key, media_type) = (layout::preview(place), made.media_type.to_owned());
        let object = self.system.vault.put_preview(self.permit, &key, &media_type, made.bytes).await?;
        Ok(Some(Box::new(Preview { object, media_type, width: made.width, height: made.height })))
    }

    /// What is written of a judgement, where the chart has the file since `earlier`.
    pub fn outcome(&self, judgement: &Judgement, earlier: Option<&Earlier>) -> Result<FileState, Problem> {
        let facts = serde_json::to_value(judgement.facts(earlier)).map_err(Problem::internal)?;
        let sealed = self.key.seal(&self.system.vault, "file/facts", &self.upload.id, &facts)?;
        Ok(judgement.outcome(sealed, earlier, self.now))
    }
}

/// Compares a picture's patient with the client. A file number that we made ourselves is on no picture, so that
/// another number there says nothing.
fn differs(facts: &DicomFacts, known: &Demographics, made_number: &str) -> Option<Mismatch> {
    let names: Vec<&str> =
        std::iter::once(&known.full_name).chain(&known.other_names).map(|name| name.as_str()).collect();
    let birth_date = known.birth_date.map(|date| date.to_string());
    let number = known.file_number.as_ref().map(|number| number.as_str());
    let identifiers: Vec<&str> = number.into_iter().filter(|number| *number != made_number).collect();
    let person = Person { names: &names, birth_date: birth_date.as_deref(), identifiers: &identifiers };
    compare_patient(facts, &person)
}

#[cfg(test)]
mod tests {
    use super::*;
    use content::{Difference, Patient, PatientName};
    use serde_json::json;

    fn picture(name: &str, id: &str, born: &str) -> DicomFacts {
        let name = PatientName { alphabetic: Some(name.to_owned()), ..PatientName::default() };
        let patient = Patient {
            name: Some(name),
            id: Some(id.to_owned()),
            birth_date: Some(born.to_owned()),
            ..Patient::default()
        };
        DicomFacts { patient, ..DicomFacts::default() }
    }

    fn grace(file_number: &str) -> Demographics {
        serde_json::from_value(json!({
            "full_name": "Grace Okonkwo", "birth_date": "2010-02-28", "file_number": file_number
        }))
        .unwrap()
    }

    #[test]
    fn a_picture_of_somebody_else_is_noticed() {
        let other = picture("MILLER^JOHN", "N-7", "1950-01-01");
        let found = differs(&other, &grace("N-7"), "0000-0000").unwrap();
        assert_eq!(found.differs, [Difference::Name, Difference::BirthDate]);
        assert_eq!(differs(&picture("Okonkwo^Grace", "N-7", "2010-02-28"), &grace("N-7"), "0000-0000"), None);
    }

    #[test]
    fn a_number_we_made_ourselves_is_on_no_picture() {
        let hers = picture("Okonkwo^Grace", "HOSPITAL-99", "2010-02-28");
        assert_eq!(differs(&hers, &grace("AB12-CD34"), "AB12-CD34"), None);
        assert_eq!(differs(&hers, &grace("N-7"), "AB12-CD34").unwrap().differs, [Difference::Identifier]);
    }
}
