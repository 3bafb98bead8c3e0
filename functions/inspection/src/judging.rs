//! What a file is, whose it is and what may happen with it (R006, R017, R193).

use crate::{
    duplicates::Earlier,
    judgement::{Fate, Judgement},
    scratch::Copy,
};
use api::{Problem, System};
use authz::Permit;
use content::{
    Declared, DicomFacts, Examination, Facts, Limits, Mismatch, Warning, WarningCode, compare_client,
};
use domain::{
    ChartId, ClientId, SpaceId,
    chart::Chart,
    client::{Demographics, file_number},
    record::{FileState, Preview},
    upload::{Home, Upload},
};
use jiff::Timestamp;
use store::keys;
use vault::{
    ClientKey, FileKey,
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
    /// Whose chart it is sent into; of a space nobody's.
    client: Option<(ClientId, ClientKey)>,
    key: FileKey,
}

impl<'a> Judge<'a> {
    pub async fn new(
        system: &'a System,
        permit: &'a Permit,
        upload: &'a Upload,
        now: Timestamp,
    ) -> Result<Option<Self>, Problem> {
        let found = match upload.home {
            Home::Chart { chart_id, client_id } => of_chart(system, upload, chart_id, client_id).await?,
            Home::Space { space_id } => of_space(system, upload, space_id).await?,
        };
        Ok(found.map(|(client, key)| Self { system, permit, upload, now, client, key }))
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
        let Some((client_id, client_key)) = &self.client else { return Ok(None) };
        let key = keys::client(*client_id);
        let client = self.system.store.fetch([key.any()]).await?.get(&key)?;
        let client = client.ok_or_else(|| Problem::internal("a chart without its client"))?;
        let known: Demographics =
            client_key.open(self.permit, "client/demographics", &client.id, &client.demographics)?;
        Ok(compare_client(facts, &known, &file_number(client.id)))
    }

    async fn preview(&self, examination: &mut Examination) -> Result<Option<Box<Preview>>, Problem> {
        let Some(made) = examination.preview.take() else { return Ok(None) };
        let place = Place {
            organization_id: self.upload.organization_id,
            holder: self.upload.home.holder(),
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

type Keys = (Option<(ClientId, ClientKey)>, FileKey);

/// The keys of a file that is sent into a chart; `None` without the chart.
async fn of_chart(
    system: &System,
    upload: &Upload,
    chart_id: ChartId,
    client_id: ClientId,
) -> Result<Option<Keys>, Problem> {
    let chart_key = keys::chart(chart_id);
    let Some(chart): Option<Chart> = system.store.fetch([chart_key.any()]).await?.get(&chart_key)? else {
        return Ok(None);
    };
    let client_key = system.vault.client_key(upload.organization_id, client_id, &chart.client_key).await?;
    let key = client_key.upload_key(upload)?;
    Ok(Some((Some((client_id, client_key)), key.into())))
}

/// The key of a space's file: the upload carries the space's, under the organization's directory.
async fn of_space(system: &System, upload: &Upload, space_id: SpaceId) -> Result<Option<Keys>, Problem> {
    let organization_key = keys::organization(upload.organization_id);
    let found = system.store.fetch([organization_key.any()]).await?.get(&organization_key)?;
    let Some(organization) = found else { return Ok(None) };
    let directory = system.vault.directory_key(organization.id, &organization.directory_key).await?;
    Ok(Some((None, directory.space_key(space_id, &upload.key)?.into())))
}
