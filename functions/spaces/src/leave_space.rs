//! Leaves a space, at once and at any time; when the last one leaves, it freezes (R073, P-23, X-6).

use crate::{Nothing, entered::Place};
use api::{Call, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;
use store::{Change, SpaceEntry, keys};

pub static OPERATION: Operation =
    Operation::delete("leave_space", "/spaces/{space_id}/membership", Action::LeaveSpace, Kind::SpaceLeft)
        .ends_own_right()
        .purpose(Purpose::Coordination)
        .summary("Leave a space: from now on you see nothing of it (R073)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let place = Place::of(&call)?;
    let loaded = call.load([place.space_key.any()]).await?;
    let entered = place.entered(&call, &loaded).await?;
    let fact = entered.fact();
    let space = entered.space.leave(loaded.member.id, call.now)?;
    let entry_key = keys::space_entry(space.organization_id, loaded.member.id, space.id);
    let change = Change::new().replace_space(&space).unset("space entry", &entry_key);
    let frozen = space.frozen_at.is_some();
    let change = if frozen {
        let frozen_key = keys::frozen_space(space.organization_id, space.id);
        // It may be there: when others were suspended, nobody was left.
        change.set("frozen space", &frozen_key, &SpaceEntry::of(space.id))
    } else {
        change
    };
    let fact = fact.detail("frozen", frozen);
    call.commit(&loaded.organization, &entered.permit, change, fact, Reply::none()).await
}
