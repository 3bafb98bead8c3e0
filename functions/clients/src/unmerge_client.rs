//! Takes a merge back: the two are two people after all (R021).

use crate::standing::{self, Standing};
use api::{Call, Fact, Operation, Outcome, Reply, Revision};
use authz::{Action, Resource};
use domain::{ClientId, client::ClientError, limits::CLIENT_CHARTS};
use evidence::Kind;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::delete(
    "unmerge_client",
    "/clients/{client_id}/merge",
    Action::UnmergeClient,
    Kind::ClientUnmerged,
)
.success(200)
.summary("Take the merge of a client back (R021)");

pub async fn handle(call: Call, input: Revision) -> Outcome<Standing> {
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let loaded = call.load([key.any()]).await?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    standing::must_be_current(&client, input.expected_revision)?;
    let survivor = client.merged_into.ok_or(ClientError::NotMerged)?;
    let client = client.unmerge()?;
    let change =
        Change::new().replace("client", &key, &client).remove("merge", &keys::merged(survivor, client_id));
    // What is known of the one no longer counts for the records of the other (R153); charts that are
    // more than one transaction holds are looked at within the year, and before anything of them is destroyed.
    let store = &call.system.store;
    let (charts, survivors_charts) = tokio::try_join!(store.charts(client_id), store.charts(survivor))?;
    let charts = charts.into_iter().chain(survivors_charts).take(CLIENT_CHARTS);
    let change = standing::reviewed(change, charts, call.today(&loaded.organization));
    let fact = Fact::new().client(client_id).detail("from", survivor);
    let reply = Reply::with(Standing::committed(&client));
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
