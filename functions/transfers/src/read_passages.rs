//! Reads through whose hands a chart has gone: the signed chain of custody, and the key it is checked with (R095, X-5).

use crate::Nothing;
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ChartId, MemberId};
use evidence::{
    Kind,
    custody::{CustodyEvent, Statement},
};
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("read_passages", "/charts/{chart_id}/passages", Action::ReadPassages, Kind::PassagesRead)
        .summary("Read through whose hands a chart has gone, signed and chained (R095)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub chart_id: ChartId,
    /// The present owner.
    pub owner: MemberId,
    /// Each time it changed hands, oldest first.
    pub passages: Vec<PassageView>,
    /// How many records were left out along the way: sealed, and kept by the organization.
    pub sealed_records: u32,
    pub verification: Verification,
}

/// One link of the chain.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PassageView {
    /// What the statement says.
    #[serde(flatten)]
    pub said: Statement,
    /// The statement as it was signed, byte for byte, in UTF-8.
    pub statement: String,
    /// Hexadecimal SHA-256 of the statement; the next one names it as `previous_sha256`.
    pub sha256: String,
    /// The signature on the statement: ASN.1 DER in Base64.
    pub signature: String,
    /// The key that signed.
    pub key_id: String,
}

/// How anybody checks the signatures, with or without us.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verification {
    /// ECDSA over the curve P-256 with SHA-256.
    pub algorithm: String,
    pub key_id: String,
    /// The public key as PEM: `openssl dgst -sha256 -verify key.pem -signature signature.der statement.json`.
    pub public_key_pem: String,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let (loaded, events) = tokio::try_join!(
        call.load([key.any()]),
        call.system.store.passages(chart_id).err_into::<Problem>(),
    )?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let fact = Fact::new().client(chart.client_id).chart(chart_id).detail("results", events.len());
    let (key, ()) = tokio::try_join!(
        call.system.vault.custody_key().err_into::<Problem>(),
        call.witness(&permit, fact),
    )?;
    Ok(Reply::with(Output {
        chart_id,
        owner: chart.owner,
        passages: events.into_iter().map(view).collect::<Result<_, _>>()?,
        sealed_records: chart.sealed_records(),
        verification: Verification {
            algorithm: "ECDSA_SHA_256".to_owned(),
            key_id: key.key_id,
            public_key_pem: key.pem,
        },
    }))
}

fn view(event: CustodyEvent) -> Result<PassageView, Problem> {
    let said = Statement::read(&event.statement).map_err(Problem::internal)?;
    let CustodyEvent { statement, sha256, signature, key_id, .. } = event;
    Ok(PassageView { said, statement, sha256, signature, key_id })
}
