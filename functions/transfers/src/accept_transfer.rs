//! Accepts a chart that is offered: from now on the caller is its owner, and a signed statement says so (P-40, P-44,
//! P-45, P-47, R093, R095, X-5).
//!
//! One transaction moves everything: the chart, where it is found, what waits in its inbox, the former owner's copy. The
//! organization's ways in go with the chart, and its new owner is told of them.
//! Where more waits than it holds and the owner has left, what waits is put into the new owner's inbox ahead of it.

use crate::{Nothing, handover, waiting::Waiting};
use api::{Call, Operation, Outcome, Problem, Reply, view::ChartView};
use authz::{Action, Permit, Resource};
use domain::{
    MemberId, TransferId,
    chart::Chart,
    client::Client,
    member::{Member, MemberStatus},
    notice::{Notice, NoticeReason},
    sharing::Grantee,
    transfer::{Offer, Passage, TransferError},
};
use evidence::{
    Kind,
    custody::{CustodyEvent, Statement},
};
use futures_util::TryFutureExt;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Change, ChartEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "accept_transfer",
    "/charts/{chart_id}/transfers/{transfer_id}/acceptance",
    Action::AcceptTransfer,
    Kind::TransferAccepted,
)
.ends_own_right()
.success(200)
.summary("Accept a chart that is offered to you: you become its owner (R090, R093, R095)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub chart: ChartView,
    pub transfer_id: TransferId,
    /// How many records were left out of this transfer, and are sealed since.
    pub sealed_records: u32,
    /// Hexadecimal SHA-256 of the signed statement of it.
    pub custody_sha256: String,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let (chart_id, transfer_id) = handover::named(&call)?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let offer = chart.offer.clone().ok_or(TransferError::NotPending)?;
    let (chart, passage) = chart.accept_offer(transfer_id, call.now)?;
    let client = client(&call, &chart).await?;
    let (charts, waiting) = tokio::try_join!(
        call.system.store.charts(client.id).err_into::<Problem>(),
        Waiting::of(&call, &chart),
    )?;
    loaded.member.must_take(&charts)?;
    let event = signed(&call, &permit, &chart).await?;
    let chart = chart.signed_for(event.sha256.clone());
    let handed_over = || {
        passed(&call, &chart, &offer, &passage)
            .insert("custody event", &keys::passage(chart_id, transfer_id), &event)
            // Written unchanged, so that of two charts of one owner one comes after the other and sees it.
            .replace("client", &keys::client(client.id), &client)
    };
    let mut change = waiting.moved(handed_over(), &chart, passage.from);
    if !change.fits() {
        must_have_left(&call, &chart, passage.from).await?;
        waiting.copied_ahead(&call, &permit, &chart).await?;
        change = waiting.fenced(handed_over(), &chart);
    }
    if !change.fits() {
        return Err(TransferError::Waiting.into());
    }
    let fact = handover::fact(&chart, &offer, passage.from)
        .detail("sealed_records", passage.sealed_records)
        .detail("custody_sha256", &event.sha256);
    let output = Output {
        chart: ChartView::new(&chart, &loaded.member, call.now).revised(),
        transfer_id,
        sealed_records: passage.sealed_records,
        custody_sha256: event.sha256,
    };
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}

/// What waits is decided on first, as long as there is somebody who can (P-48).
async fn must_have_left(call: &Call, chart: &Chart, from: MemberId) -> Result<(), Problem> {
    let key = keys::member(chart.organization_id, from);
    let owner: Option<Member> = call.system.store.fetch([key.any()]).await?.get(&key)?;
    let left = owner.is_none_or(|owner| owner.status == MemberStatus::Suspended);
    if left { Ok(()) } else { Err(TransferError::Waiting.into()) }
}

/// The client, read before their charts are: who has another one of them since, has changed the client.
async fn client(call: &Call, chart: &Chart) -> Result<Client, Problem> {
    let key = keys::client(chart.client_id);
    let client = call.system.store.fetch([key.any()]).await?.get(&key)?;
    client.ok_or_else(|| Problem::internal("a chart without its client"))
}

/// What is signed names the recipient, who has taken the chart over in this sign-in.
async fn signed(call: &Call, permit: &Permit, chart: &Chart) -> Result<CustodyEvent, Problem> {
    let session_id = call.caller.identity.as_ref().and_then(|identity| identity.session_id);
    let statement = Statement::of_newest(chart, session_id)
        .ok_or_else(|| Problem::internal("an accepted transfer without its passage"))?;
    let text = statement.text();
    let signature = call.system.vault.sign_custody(permit, &text).await?;
    Ok(CustodyEvent::signed(statement.transfer_id, text, signature.text, signature.key_id))
}

/// The chart in its new hands: no longer offered, found among the new owner's, and in the former owner's copies.
fn passed(call: &Call, chart: &Chart, offer: &Offer, passage: &Passage) -> Change {
    let entry = ChartEntry::of(chart);
    let (owned, copied) = (
        |member: MemberId| keys::owned_chart(chart.organization_id, member, chart.id),
        |member: MemberId| keys::copied_chart(chart.organization_id, member, chart.id),
    );
    let own_share = keys::shared_chart(chart.organization_id, Grantee::Member(chart.owner), chart.id);
    let change = handover::ended(chart, passage.from, offer)
        .unset("owned chart", &owned(passage.from))
        .set("owned chart", &owned(chart.owner), &entry)
        .unset("share", &own_share)
        // Whoever gets back what they had a copy of needs the copy no longer.
        .unset("copy", &copied(chart.owner));
    let change = if passage.keep_copy {
        change.set("copy", &copied(passage.from), &entry)
    } else {
        change.unset("copy", &copied(passage.from))
    };
    let reason = NoticeReason::TransferAccepted;
    let change = handover::tell_givers(call, change, chart, passage.from, offer, reason);
    tell_of_escrows(call, change, chart)
}

/// What is asked for or open goes with the chart, and its new owner is told as the former one was.
fn tell_of_escrows(call: &Call, change: Change, chart: &Chart) -> Change {
    let unknown = chart.standing_escrows(call.now).filter(|escrow| !escrow.is_controlled_by(chart.owner));
    unknown.fold(change, |change, escrow| {
        let (by, reason) = match escrow.opened {
            Some(opened) => (opened.by, NoticeReason::EscrowApproved),
            None => (escrow.requested_by, NoticeReason::EscrowRequested),
        };
        change.notify(&Notice { by: Some(by), ..handover::notice(call, chart, chart.owner, reason) })
    })
}
