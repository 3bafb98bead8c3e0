//! A file of a record, loaded and permitted the same way however it is handed out.

use api::{Call, Fact, Problem};
use authz::{Permit, Resource};
use domain::{
    ChartId, RecordId,
    chart::Chart,
    record::{FileVersion, Record},
};
use jiff::Timestamp;
use store::{Key, keys};

/// A version of a record's file, with the permit for it.
pub struct Filed {
    pub chart: Chart,
    pub record: Record,
    pub file: FileVersion,
    pub permit: Permit,
}

impl Filed {
    /// Finds the record that the path names, and the version wanted of it: the newest, unless one is named.
    pub async fn find(call: &Call, version: Option<u32>) -> Result<Self, Problem> {
        let (chart_id, record_id): (ChartId, RecordId) = (call.path("chart_id")?, call.path("record_id")?);
        let (chart_key, record_key) = (keys::chart(chart_id), keys::record(chart_id, record_id));
        let version_key = version.map(|number| keys::file_version(chart_id, record_id, number));
        let wanted = version_key.iter().map(Key::any).chain([chart_key.any(), record_key.any()]);
        let loaded = call.load(wanted).await?;
        let chart = loaded.require(&chart_key)?;
        let record = loaded.require(&record_key)?;
        let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
        // Asked first: a version of a note has a key like one of a file.
        let newest = record.file()?.clone();
        let file = match &version_key {
            Some(key) => loaded.require(key)?,
            None => newest,
        };
        let file = match chart.read_only_copy_until(&loaded.member, call.now) {
            Some(until) => of_copy(call, &record, file, version_key.is_some(), until).await?,
            None => file,
        };
        Ok(Self { chart, record, file, permit })
    }

    /// What evidence is about.
    pub fn fact(&self) -> Fact {
        Fact::new()
            .client(self.chart.client_id)
            .chart(self.chart.id)
            .record(self.record.id)
            .upload(self.file.upload_id)
            .detail("version", self.file.number)
    }
}

/// The file as who kept a copy of the chart sees it: a version that came later is not there, and one of before stands
/// for the newest (P-45).
async fn of_copy(
    call: &Call,
    record: &Record,
    file: FileVersion,
    is_named: bool,
    until: Timestamp,
) -> Result<FileVersion, Problem> {
    let found = match file.as_of(until) {
        None if !is_named => {
            let fits = |version: FileVersion| version.as_of(until);
            call.system.store.versions_newest(record.chart_id, record.id, fits).await?
        }
        found => found,
    };
    found.ok_or_else(Problem::not_found)
}
