//! Accepts what a client sent: from now on it is a record of the chart, filed by the member who accepted it
//! (X-9, R121).

use crate::{filing::Filing, inbox};
use api::{Call, Fact, Operation, Outcome, Problem, Reply, view::RecordView};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, ContributionId, RecordId, Sealed, WrappedKey,
    chart::{Chart, Section},
    confidentiality::Compartment,
    contribution::Contribution,
    record::{Direction, Title},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};
use vault::RecordKey;

pub static OPERATION: Operation = Operation::post(
    "accept_contribution",
    "/charts/{chart_id}/contributions/{contribution_id}/acceptance",
    Action::AcceptContribution,
    Kind::ContributionAccepted,
)
.summary("Accept what the client sent: it becomes a record of the chart (X-9, R121)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    expected_revision: u64,
    /// The file's name, unless given.
    #[serde(default)]
    title: Option<Title>,
    #[serde(default)]
    section: Option<Section>,
    /// The day it tells of; today, unless given.
    #[serde(default)]
    occurred_on: Option<Date>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<RecordView> {
    let (chart_id, contribution_id): (ChartId, ContributionId) =
        (call.path("chart_id")?, call.path("contribution_id")?);
    let (chart_key, contribution_key) =
        (keys::chart(chart_id), keys::contribution(chart_id, contribution_id));
    let loaded = call.load([chart_key.any(), contribution_key.any()]).await?;
    let chart = loaded.require(&chart_key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    chart.must_be_open()?;
    let contribution = loaded.require(&contribution_key)?;
    if input.expected_revision != contribution.revision {
        return Err(Problem::stale(contribution.revision));
    }
    let record_id: RecordId = call.new_id();
    let contribution = contribution.accept(loaded.member.id, record_id, call.now)?;
    let entitled = entitled(&call, &permit, &chart, &contribution, record_id, input.title).await?;
    let filing = Filing {
        record_id,
        chart: &chart,
        author: loaded.member.id,
        from_client: true,
        section: input.section.unwrap_or_default(),
        direction: Direction::AboutClient,
        occurred_on: input.occurred_on.unwrap_or_else(|| call.today(&loaded.organization)),
        // What a client sends is part of their chart like everything else.
        compartment: Compartment::Chart,
        key: entitled.wrapped,
        title: entitled.title,
        file: contribution.file.clone(),
    };
    let (record, version) = filing.record(call.now);
    let change = Change::new()
        .insert("record", &keys::record(chart_id, record_id), &record)
        .insert("version", &keys::file_version(chart_id, record_id, version.number), &version)
        .replace("contribution", &contribution_key, &contribution);
    let change = inbox::out_of(change, &chart, &contribution);
    let change = match chart.filed(&record, &loaded.organization) {
        Some(chart) => change.replace_chart(&chart),
        None => change,
    };
    let fact = Fact::new()
        .client(chart.client_id)
        .chart(chart_id)
        .record(record_id)
        .link(contribution.link_id)
        .contribution(contribution_id);
    let view = RecordView::new(&record, &entitled.key, &permit, &loaded.organization)?;
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await
}

/// The contribution's key as its record's key, and the record's title sealed under it.
struct Entitled {
    key: RecordKey,
    wrapped: WrappedKey,
    title: Sealed<Title>,
}

async fn entitled(
    call: &Call,
    permit: &Permit,
    chart: &Chart,
    contribution: &Contribution,
    record_id: RecordId,
    title: Option<Title>,
) -> Result<Entitled, Problem> {
    let vault = &call.system.vault;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let key = client_key.record_key(&contribution.id, &contribution.key)?;
    let title = match title {
        Some(title) => title,
        None => key.open(permit, "contribution/title", &contribution.id, &contribution.title)?,
    };
    Ok(Entitled {
        wrapped: client_key.rewrap(vault, &contribution.id, &record_id, &contribution.key)?,
        title: key.seal(vault, "record/title", &record_id, &title)?,
        key,
    })
}
