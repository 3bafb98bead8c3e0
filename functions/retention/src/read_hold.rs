//! Reads a legal hold: its matter, what it covers, who keeps it and has said so (R156).

use crate::{
    Nothing,
    keeping::{self, HoldView},
};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;

pub static OPERATION: Operation =
    Operation::get("read_hold", "/holds/{hold_id}", Action::ReadHold, Kind::HoldRead)
        .purpose(Purpose::RecordsManagement)
        .summary("Read a legal hold, its scope and its custodians (R156)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<HoldView> {
    let key = keeping::named(&call)?;
    let loaded = call.load([key.any()]).await?;
    let hold = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Hold(&hold))?;
    let view = HoldView::of(&call, &loaded, &permit, &hold).await?;
    call.witness(&permit, Fact::new().hold(hold.id)).await?;
    Ok(Reply::with(view))
}
