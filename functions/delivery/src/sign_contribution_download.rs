//! Signs the download of what a client sent, so that it can be looked at before it is accepted (X-9, R121).

use crate::handing::{Download, File};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ChartId, ContributionId};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "sign_contribution_download",
    "/charts/{chart_id}/contributions/{contribution_id}/downloads",
    Action::SignContributionDownload,
    Kind::ContributionDownloadSigned,
)
.success(200)
.summary("Sign the download of what a client sent, to look at it before accepting (X-9)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// To be shown in a viewer instead of saved; only types that are safe to show are.
    #[serde(default)]
    inline: bool,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Download> {
    let file = find(&call, input.inline).await?;
    Ok(Reply::with(file.hand_out(&call).await?))
}

/// What the client sent, for who may look at it now.
pub async fn find(call: &Call, inline: bool) -> Result<File, Problem> {
    let (chart_id, contribution_id): (ChartId, ContributionId) =
        (call.path("chart_id")?, call.path("contribution_id")?);
    let (chart_key, contribution_key) =
        (keys::chart(chart_id), keys::contribution(chart_id, contribution_id));
    let loaded = call.load([chart_key.any(), contribution_key.any()]).await?;
    let chart = loaded.require(&chart_key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let contribution = loaded.require(&contribution_key)?;
    let file = contribution.file;
    let vault = &call.system.vault;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let key = client_key.record_key(&contribution_id, &contribution.key)?;
    let fact = Fact::new()
        .client(chart.client_id)
        .chart(chart_id)
        .link(contribution.link_id)
        .contribution(contribution_id)
        .upload(file.upload_id);
    let finding = file.state.must_be_available()?;
    Ok(File {
        media_type: finding.media_type.clone(),
        sha256: finding.sha256.clone(),
        file_name: key.open(&permit, "file/name", &file.upload_id, &file.file_name)?,
        size_bytes: file.size_bytes,
        version: None,
        inline,
        fact,
        object: file.object,
        permit,
    })
}
