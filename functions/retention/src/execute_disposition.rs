//! Executes a disposition that two people have approved: from here on the sweep destroys what still may be destroyed,
//! and sends out the orders for paper (R154).
//!
//! Where the law wants people told before, nothing is executed until somebody says when and how they were; it is then
//! executed once the days have passed that the law gives them.
//!
//! This function destroys nothing. The batch stands among those that are executed until its certificate is signed, so
//! that the sweep goes on with it even if the message that is sent here is lost.

use crate::{
    disposing::{self, DispositionView},
    work,
};
use api::{Call, Fact, Operation, Outcome, Reply};
use authz::Action;
use domain::{disposition::NoticeGiven, purpose::Purpose, work::Work};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, DispositionEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "execute_disposition",
    "/dispositions/{disposition_id}/execution",
    Action::ExecuteDisposition,
    Kind::DispositionExecuted,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Execute a disposition that two people have approved (R154)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Of each of the disposition's `notices`, when and how it was given.
    #[serde(default)]
    pub notices_given: Vec<NoticeGiven>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<DispositionView> {
    let key = keys::disposition(call.path("disposition_id")?);
    let loaded = call.load([key.any()]).await?;
    let (permit, disposition) = disposing::permitted(&call, &loaded)?;
    let today = call.today(&loaded.organization);
    let disposition = disposition.execute(loaded.member.id, input.notices_given, today, call.now)?;
    let (organization_id, disposition_id) = (disposition.organization_id, disposition.id);
    let view = DispositionView::of(&call, &loaded, &permit, &disposition).await?.revised();
    let change = Change::new().replace("disposition", &key, &disposition).set(
        "executing",
        &keys::executing(organization_id, disposition_id),
        &DispositionEntry { disposition_id },
    );
    let fact = Fact::new().disposition(disposition_id).detail("records", disposition.items);
    let fact = disposition.notices_given.iter().fold(fact, |fact, notice| {
        let name = format!("notice_to_{}", notice.duty.name());
        fact.detail(&name, format!("{} {}", notice.on, notice.by.name()))
    });
    let reply = call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await?;
    work::hand_over(&call, &Work::Destroy { organization_id, disposition_id }).await;
    Ok(reply)
}
