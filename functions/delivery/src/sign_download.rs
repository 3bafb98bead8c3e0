//! Signs the download of a record's file, the newest version or an earlier one (R005, R057).

use crate::{
    filed::Filed,
    handing::{Download, File},
};
use api::{Call, Operation, Outcome, Problem, Reply};
use authz::Action;
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation = Operation::post(
    "sign_download",
    "/charts/{chart_id}/records/{record_id}/downloads",
    Action::SignDownload,
    Kind::DownloadSigned,
)
.success(200)
.summary("Sign the download of a record's file, bit-exact and with ranges (R005, R057)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The version; the newest, unless given.
    #[serde(default)]
    #[schemars(range(min = 1))]
    version: Option<u32>,
    /// To be shown in a viewer instead of saved; only types that are safe to show are.
    #[serde(default)]
    inline: bool,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Download> {
    let file = find(&call, input.version, input.inline).await?;
    Ok(Reply::with(file.hand_out(&call).await?))
}

/// The version of the record's file that is asked for, for who may have it now.
pub async fn find(call: &Call, version: Option<u32>, inline: bool) -> Result<File, Problem> {
    let filed = Filed::find(call, version).await?;
    let (fact, Filed { chart, record, file, permit }) = (filed.fact(), filed);
    let finding = file.must_be_available()?;
    let vault = &call.system.vault;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let key = client_key.record_key(&record.id, &record.key)?;
    Ok(File {
        media_type: finding.media_type.clone(),
        sha256: finding.sha256.clone(),
        file_name: key.open(&permit, "file/name", &file.upload_id, &file.file_name)?,
        size_bytes: file.size_bytes,
        version: Some(file.number),
        inline,
        fact,
        object: file.object,
        permit,
    })
}
