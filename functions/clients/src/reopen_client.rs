//! Reopens a closed client (R022).

use crate::standing::{self, Standing};
use api::{Call, Fact, Operation, Outcome, Problem, Reply, Revision};
use authz::{Action, Resource};
use domain::ClientId;
use evidence::Kind;
use futures_util::TryFutureExt;
use store::keys;

pub static OPERATION: Operation = Operation::delete(
    "reopen_client",
    "/clients/{client_id}/closure",
    Action::ReopenClient,
    Kind::ClientReopened,
)
.success(200)
.summary("Reopen a closed client (R022)");

pub async fn handle(call: Call, input: Revision) -> Outcome<Standing> {
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let (loaded, charts) =
        tokio::try_join!(call.load([key.any()]), call.system.store.charts(client_id).err_into::<Problem>())?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    standing::must_be_current(&client, input.expected_revision)?;
    let client = client.reopen()?;
    let change = standing::spread(&client, charts, call.today(&loaded.organization));
    let reply = Reply::with(Standing::committed(&client));
    call.commit(&loaded.organization, &permit, change, Fact::new().client(client_id), reply).await
}
