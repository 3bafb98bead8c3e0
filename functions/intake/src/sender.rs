//! The member who sends a file, and their upload: loaded and permitted the same way by every operation on it.

use api::{Call, Fact, Loaded, Problem};
use authz::{Permit, Resource};
use domain::{
    ChartId, RecordId, UploadId,
    chart::Chart,
    record::Record,
    upload::{Destination, Upload},
};
use store::{Key, keys};
use vault::RecordKey;

/// An upload of the member who calls.
pub struct Sending {
    pub loaded: Loaded,
    pub chart: Chart,
    pub upload_key: Key<Upload>,
    pub upload: Upload,
    /// What the upload becomes, or another version of.
    pub record_id: RecordId,
    /// The record it is another version of.
    pub record: Option<Record>,
    pub permit: Permit,
    pub key: RecordKey,
}

impl Sending {
    /// Finds the upload that the path names. Only who started it goes on with it: its author is who signed in
    /// (R004). A new record asks to add to the chart, another version to edit its record (R051).
    pub async fn find(call: &Call) -> Result<Self, Problem> {
        let (chart_id, upload_id): (ChartId, UploadId) = (call.path("chart_id")?, call.path("upload_id")?);
        let (chart_key, upload_key) = (keys::chart(chart_id), keys::upload(chart_id, upload_id));
        let loaded = call.load([chart_key.any(), upload_key.any()]).await?;
        let chart = loaded.require(&chart_key)?;
        let upload = loaded.require(&upload_key)?;
        let (record_id, record) = match upload.destination {
            Destination::Record { record_id, .. } => (record_id, None),
            Destination::Version { record_id } => {
                let record_key = keys::record(chart_id, record_id);
                let record = call.system.store.fetch([record_key.any()]).await?.get(&record_key)?;
                (record_id, Some(record.ok_or_else(Problem::not_found)?))
            }
            // A patient's upload is nobody else's.
            Destination::Contribution { .. } | Destination::SpaceItem { .. } => {
                return Err(Problem::not_found());
            }
        };
        let resource =
            record.as_ref().map_or(Resource::Chart(&chart), |record| Resource::Record(record, &chart));
        let permit = call.permit(&loaded, resource)?;
        if upload.author != Some(loaded.member.id) {
            return Err(Problem::not_found());
        }
        let vault = &call.system.vault;
        let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
        let key = client_key.upload_key(&upload)?;
        Ok(Self { loaded, chart, upload_key, upload, record_id, record, permit, key })
    }

    /// What evidence is about.
    pub fn fact(&self) -> Fact {
        Fact::of_upload(&self.upload)
    }
}
