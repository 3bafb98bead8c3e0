//! Closes a client who is no longer served; nothing is added until they are reopened (R022).

use crate::standing::{self, Standing};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::ClientId;
use evidence::Kind;
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation =
    Operation::post("close_client", "/clients/{client_id}/closure", Action::CloseClient, Kind::ClientClosed)
        .success(200)
        .summary("Close a client who is no longer served (R022)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The client's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    #[serde(default)]
    pub reason: ClosureReason,
}

/// Why a client is no longer served: a code, so that evidence can say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosureReason {
    Completed,
    Moved,
    Deceased,
    Withdrawn,
    #[default]
    Other,
}

impl ClosureReason {
    const fn code(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Moved => "moved",
            Self::Deceased => "deceased",
            Self::Withdrawn => "withdrawn",
            Self::Other => "other",
        }
    }
}

pub async fn handle(call: Call, input: Input) -> Outcome<Standing> {
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let (loaded, charts) =
        tokio::try_join!(call.load([key.any()]), call.system.store.charts(client_id).err_into::<Problem>())?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    standing::must_be_current(&client, input.expected_revision)?;
    let client = client.close()?;
    let change = standing::spread(&client, charts, call.today(&loaded.organization));
    let reply = Reply::with(Standing::committed(&client));
    let fact = Fact::new().client(client_id).detail("reason", input.reason.code());
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
