//! Starts the upload of a file that becomes an electronic record, or another version of one (R005, R007).

use crate::{
    announced::Announced,
    beginning::{self, Purpose, Started},
};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, RecordId,
    chart::{Chart, Section},
    confidentiality::Compartment,
    record::{Direction, Record, Title},
    upload::{Destination, Home, MediaType, Sha256},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::post("start_upload", "/charts/{chart_id}/uploads", Action::StartUpload, Kind::UploadStarted)
        .summary("Start an upload: a presigned PUT, or a plan of parts (R005, R007)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Kept without its folders and without anything that could mislead.
    file_name: String,
    /// Exactly as many bytes will come.
    size_bytes: u64,
    /// As the sender's system names it; what the file really is, inspection finds out.
    media_type: MediaType,
    /// Hexadecimal SHA-256 of the whole file, where the sender can compute it beforehand.
    #[serde(default)]
    sha256: Option<Sha256>,
    /// The file's name, unless given.
    #[serde(default)]
    title: Option<Title>,
    #[serde(default)]
    section: Option<Section>,
    #[serde(default)]
    direction: Option<Direction>,
    /// The day it tells of; today, unless given.
    #[serde(default)]
    occurred_on: Option<Date>,
    /// The chart itself, unless given. Only its owner files what is kept apart from it.
    #[serde(default)]
    compartment: Option<Compartment>,
    /// The electronic record of which this is another version; it keeps its title, section, day and place.
    #[serde(default)]
    replaces: Option<RecordId>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Started> {
    let chart_id: ChartId = call.path("chart_id")?;
    let announced =
        Announced::new(&input.file_name, input.size_bytes, input.media_type.clone(), input.sha256.clone())?;
    input.check()?;
    let chart_key = keys::chart(chart_id);
    let record_key = input.replaces.map(|record_id| keys::record(chart_id, record_id));
    let wanted = record_key.iter().map(store::Key::any).chain([chart_key.any()]);
    let loaded = call.load(wanted).await?;
    let chart = loaded.require(&chart_key)?;
    let replaced = record_key.map(|key| loaded.require(&key)).transpose()?;
    let resource =
        replaced.as_ref().map_or(Resource::Chart(&chart), |record| Resource::Record(record, &chart));
    let permit = call.permit(&loaded, resource)?;
    chart.must_be_open()?;
    let purpose = match &replaced {
        Some(record) => version_of(&call, &loaded, &chart, record).await?,
        None => new_record(&call, &loaded, &chart, &announced, input).await?,
    };
    let upload = beginning::begin(&call, &permit, &announced, purpose).await?;
    let change = Change::new().insert("upload", &keys::upload(chart_id, upload.id), &upload);
    let fact = Fact::of_upload(&upload).detail("size_bytes", upload.size_bytes);
    let reply = Reply::with(beginning::started(&call, &permit, &upload, &announced).await?);
    let outcome = call.commit(&loaded.organization, &permit, change, fact, reply).await;
    beginning::or_give_up(&call, &permit, &upload, outcome).await
}

impl Input {
    /// What describes a record is not taken for a version of one, rather than silently dropped.
    fn check(&self) -> Result<(), Problem> {
        let describes = self.title.is_some()
            || self.section.is_some()
            || self.direction.is_some()
            || self.occurred_on.is_some()
            || self.compartment.is_some();
        if self.replaces.is_some() && describes {
            let told = "another version keeps the title, section, direction, day and place of its record";
            return Err(Problem::unprocessable("version_keeps_description", told));
        }
        Ok(())
    }
}

/// A record that will come to be, under a key of its own.
async fn new_record(
    call: &Call,
    loaded: &Loaded,
    chart: &Chart,
    announced: &Announced,
    input: Input,
) -> Result<Purpose, Problem> {
    let compartment = input.compartment.unwrap_or_default();
    chart.must_take(compartment, loaded.member.id)?;
    let vault = &call.system.vault;
    let record_id: RecordId = call.new_id();
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let (record_key, key) = client_key.new_record_key(vault, &record_id)?;
    let title = input.title.unwrap_or_else(|| announced.title());
    let destination = Destination::Record {
        record_id,
        section: input.section.unwrap_or_default(),
        direction: input.direction.unwrap_or_default(),
        occurred_on: input.occurred_on.unwrap_or_else(|| call.today(&loaded.organization)),
        compartment,
    };
    let title = record_key.seal(vault, "record/title", &record_id, &title)?;
    Ok(Purpose {
        home: home(chart),
        destination,
        author: Some(loaded.member.id),
        key,
        file_key: record_key.into(),
        title,
    })
}

/// Another version of a record, under the record's key.
async fn version_of(
    call: &Call,
    loaded: &Loaded,
    chart: &Chart,
    record: &Record,
) -> Result<Purpose, Problem> {
    record.must_take_versions()?;
    let vault = &call.system.vault;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    Ok(Purpose {
        home: home(chart),
        destination: Destination::Version { record_id: record.id },
        author: Some(loaded.member.id),
        file_key: client_key.record_key(&record.id, &record.key)?.into(),
        key: record.key.clone(),
        title: record.title.clone(),
    })
}

const fn home(chart: &Chart) -> Home {
    Home::Chart { chart_id: chart.id, client_id: chart.client_id }
}
