//! Says that the paper of a destruction order was destroyed: how, when, and who saw it (R154).
//!
//! It records what people did. The index entry is ended by the sweep, which alone may delete keys: it frees the
//! barcode, puts a tombstone in the record's place and goes on to the certificate.

use crate::{
    disposing,
    read_disposition::{ItemView, view},
    work,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::Action;
use domain::{
    DispositionId, MemberId, RecordId,
    disposition::{Contractor, DispositionError, DispositionItem, Method, PaperDestroyed},
    hold::HoldSubject,
    member::Role,
    purpose::Purpose,
    work::Work,
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::post(
    "confirm_destruction",
    "/dispositions/{disposition_id}/records/{record_id}/destruction",
    Action::ConfirmDestruction,
    Kind::DestructionConfirmed,
)
.success(200)
.purpose(Purpose::RecordsManagement)
.summary("Say that ordered paper was destroyed, how, and who saw it (R154)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub method: Method,
    /// Another active member, who saw it.
    pub witness_id: MemberId,
    pub destroyed_on: Date,
    /// The company that did it, if one did.
    #[serde(default)]
    pub contractor: Option<Contractor>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<ItemView> {
    let (id, record_id): (DispositionId, RecordId) = (call.path("disposition_id")?, call.path("record_id")?);
    let (key, item_key) = (keys::disposition(id), keys::disposition_item(id, record_id));
    let witness_key = keys::member(call.organization_id()?, input.witness_id);
    let loaded = call.load([key.any(), item_key.any(), witness_key.any()]).await?;
    let (permit, disposition) = disposing::permitted(&call, &loaded)?;
    let item: DispositionItem = loaded.require(&item_key)?;
    let witness = loaded.get(&witness_key)?.ok_or(DispositionError::Witness)?;
    if !witness.is_active() || witness.roles.contains(&Role::Client) {
        return Err(DispositionError::Witness.into());
    }
    let standing = call.system.store.standing_holds(disposition.organization_id).await?;
    let subject = subject(&call, &item).await?;
    if subject.is_some_and(|subject| !standing.covering(&subject).is_empty()) {
        return Err(DispositionError::Held.into());
    }
    let paper = PaperDestroyed {
        destroyed_by: loaded.member.id,
        witness: witness.id,
        on: input.destroyed_on,
        contractor: input.contractor,
    };
    let item = item.confirm(input.method, paper, call.today(&loaded.organization), call.now)?;
    let change = Change::new().replace("record", &item_key, &item).unless_holds_changed(&standing);
    let fact = Fact::new()
        .disposition(id)
        .client(item.client_id)
        .chart(item.chart_id)
        .record(record_id)
        .member(witness.id)
        .detail("method", input.method.name());
    let reply = Reply::with(view(&item, subject, &standing));
    let reply = call.commit(&loaded.organization, &permit, change, fact, reply).await?;
    let organization_id = disposition.organization_id;
    work::hand_over(&call, &Work::Destroy { organization_id, disposition_id: id }).await;
    Ok(reply)
}

/// What the holds are asked about: the paper's index entry, which stands as long as the sweep has not ended it.
async fn subject(call: &Call, item: &DispositionItem) -> Result<Option<HoldSubject>, Problem> {
    let key = keys::record(item.chart_id, item.record_id);
    let record = call.system.store.fetch([key.closed()]).await?.get(&key)?;
    Ok(record.as_ref().map(HoldSubject::from))
}
