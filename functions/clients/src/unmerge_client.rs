//! Takes a merge back: the two are two people after all (R021).

use crate::standing::{self, Standing};
use api::{Call, Fact, Operation, Outcome, Reply, Revision};
use authz::{Action, Resource};
use domain::{ClientId, client::ClientError};
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
    let fact = Fact::new().client(client_id).detail("from", survivor);
    let reply = Reply::with(Standing::committed(&client));
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
