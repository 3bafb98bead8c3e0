//! Takes a notice out of the caller's own inbox, once it is read (P-10).

use crate::Nothing;
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::NoticeId;
use evidence::Kind;
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::delete("dismiss_notice", "/notices/{notice_id}", Action::DismissNotice, Kind::NoticeDismissed)
        .summary("Dismiss something you were told (P-10)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let notice_id: NoticeId = call.path("notice_id")?;
    let organization_id = call.organization_id()?;
    let key = keys::notice(organization_id, call.member_id()?, notice_id);
    let loaded = call.load([key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    loaded.require(&key)?;
    let change = Change::new().remove("notice", &key);
    call.commit(&loaded.organization, &permit, change, Fact::new(), Reply::none()).await
}
