//! Holds a client to be the same person as another (R021).
//!
//! Nothing moves: charts stay whose they are, and the survivor's timeline shows them together. So a merge can
//! be taken back whole.

use crate::standing::{self, Standing};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ClientId, limits::CLIENT_CHARTS};
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, Claim, keys};

pub static OPERATION: Operation =
    Operation::post("merge_client", "/clients/{client_id}/merge", Action::MergeClient, Kind::ClientMerged)
        .success(200)
        .summary("Hold a client to be the same person as another (R021)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The client's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// The client they are the same person as, who stays.
    pub into: ClientId,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Standing> {
    let client_id: ClientId = call.path("client_id")?;
    let (key, survivor_key) = (keys::client(client_id), keys::client(input.into));
    let store = &call.system.store;
    let (loaded, merged, charts, survivors_charts) = tokio::try_join!(
        call.load([key.any(), survivor_key.any()]),
        store.merged(client_id).err_into::<Problem>(),
        store.charts(client_id).err_into::<Problem>(),
        store.charts(input.into).err_into::<Problem>(),
    )?;
    let (client, survivor) = (loaded.require(&key)?, loaded.require(&survivor_key)?);
    call.permit(&loaded, Resource::Client(&survivor))?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    standing::must_be_current(&client, input.expected_revision)?;
    let client = client.merge(&survivor)?;
    if !merged.is_empty() {
        return Err(Problem::conflict(
            "client_has_merged",
            "other clients are merged into this one; merge the other way, or unmerge them first",
        ));
    }
    let change = Change::new()
        .replace("client", &key, &client)
        // The survivor is written unchanged, so that they are not merged away at the same moment.
        .replace("client", &survivor_key, &survivor)
        .insert("merge", &keys::merged(survivor.id, client_id), &Claim { client_id });
    // What is known of the one now counts for the records of the other (R153); charts that are
    // more than one transaction holds are looked at within the year, and before anything of them is destroyed.
    let charts = charts.into_iter().chain(survivors_charts).take(CLIENT_CHARTS);
    let change = standing::reviewed(change, charts, call.today(&loaded.organization));
    let fact = Fact::new().client(client_id).detail("into", survivor.id);
    let reply = Reply::with(Standing::committed(&client));
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
