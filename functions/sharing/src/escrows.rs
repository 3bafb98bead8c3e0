//! An escrow where it stands, how it is shown, and what every change of it does: the chart carries it, and its
//! facilitator is told.

use api::{Call, Fact, Loaded, Names, Problem};
use authz::{Permit, Resource};
use domain::{
    ChartId, EscrowId, MemberId,
    chart::Chart,
    escrow::{Escrow, EscrowCause, EscrowReference, EscrowStatus},
    notice::{Notice, NoticeReason},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::{Change, Key, keys};

/// What the words for the cause are sealed as.
pub(crate) const REFERENCE: &str = "escrow/reference";

/// A chart that is to be opened, is open or was, for a legal cause.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EscrowView {
    pub id: EscrowId,
    pub chart_id: ChartId,
    /// Whose chart it is now.
    pub owner: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_name: Option<String>,
    pub cause: EscrowCause,
    /// What names the cause: the number of a case, the date of an order.
    pub reference: EscrowReference,
    /// For how many days it opens the chart, from its approval on.
    pub days: u8,
    pub status: EscrowStatus,
    pub requested_by: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_by_name: Option<String>,
    /// Server time, UTC.
    pub requested_at: Timestamp,
    /// The second administrator, who approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    /// From then on it opens nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who refused it, took it back or ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<MemberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
}

/// Escrows as the caller sees them, each with its chart.
pub(crate) async fn views(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    escrows: &[(Escrow, Chart)],
) -> Result<Vec<EscrowView>, Problem> {
    let members = escrows.iter().flat_map(|(escrow, chart)| mentioned(escrow, chart.owner));
    let members: BTreeSet<MemberId> = members.collect();
    let (directory, names) =
        tokio::try_join!(call.directory(&loaded.organization), call.names(loaded, members, []))?;
    let view = |(escrow, chart): &(Escrow, Chart)| {
        let reference = directory.open(permit, REFERENCE, &escrow.id, &escrow.reference)?;
        Ok(EscrowView::new(escrow, chart.owner, reference, &names, call.now))
    };
    escrows.iter().map(view).collect()
}

fn mentioned(escrow: &Escrow, owner: MemberId) -> impl Iterator<Item = MemberId> + use<> {
    let (opened, closed) = (escrow.opened.map(|one| one.by), escrow.closed.map(|one| one.by));
    [Some(owner), Some(escrow.requested_by), opened, closed].into_iter().flatten()
}

impl EscrowView {
    fn new(
        escrow: &Escrow,
        owner: MemberId,
        reference: EscrowReference,
        names: &Names,
        now: Timestamp,
    ) -> Self {
        let name = |id: MemberId| names.member(id).map(str::to_owned);
        let (opened, closed) = (escrow.opened, escrow.closed);
        Self {
            id: escrow.id,
            chart_id: escrow.chart_id,
            owner,
            owner_name: name(owner),
            cause: escrow.cause,
            reference,
            days: escrow.days,
            status: escrow.status(now),
            requested_by: escrow.requested_by,
            requested_by_name: name(escrow.requested_by),
            requested_at: escrow.requested_at,
            approved_by: opened.map(|one| one.by),
            approved_by_name: opened.and_then(|one| name(one.by)),
            approved_at: opened.map(|one| one.at),
            until: opened.map(|one| one.until),
            closed_by: closed.map(|one| one.by),
            closed_by_name: closed.and_then(|one| name(one.by)),
            closed_at: closed.map(|one| one.at),
        }
    }
}

/// The escrow that the path names, with its chart.
pub(crate) struct Named {
    chart_key: Key<Chart>,
    escrow_key: Key<Escrow>,
}

/// An escrow that the caller may decide on.
pub(crate) struct Controlled {
    pub(crate) escrow: Escrow,
    pub(crate) chart: Chart,
    pub(crate) permit: Permit,
}

impl Named {
    pub(crate) fn of(call: &Call) -> Result<Self, Problem> {
        let (chart_id, escrow_id): (ChartId, EscrowId) = (call.path("chart_id")?, call.path("escrow_id")?);
        Ok(Self { chart_key: keys::chart(chart_id), escrow_key: keys::escrow(chart_id, escrow_id) })
    }

    pub(crate) async fn load(&self, call: &Call) -> Result<Loaded, Problem> {
        call.load([self.chart_key.any(), self.escrow_key.any()]).await
    }

    pub(crate) fn controlled(&self, call: &Call, loaded: &Loaded) -> Result<Controlled, Problem> {
        let chart = loaded.require(&self.chart_key)?;
        let permit = call.permit(loaded, Resource::Chart(&chart))?;
        Ok(Controlled { escrow: loaded.require(&self.escrow_key)?, chart, permit })
    }
}

/// The escrow as it is now, in its own place and on its chart; the facilitator and whoever controls it are told.
pub(crate) fn changed(call: &Call, chart: &Chart, escrow: &Escrow, reason: NoticeReason) -> (Chart, Change) {
    let chart = chart.clone().with_escrow(escrow, call.now);
    let change =
        Change::new().replace("escrow", &keys::escrow(chart.id, escrow.id), escrow).replace_chart(&chart);
    let hearers: BTreeSet<MemberId> = mentioned(escrow, chart.owner).collect();
    let change = tell(call, change, &chart, hearers, reason);
    (chart, change)
}

/// Tells members of a chart, in the transaction of what they are told; who does it knows.
pub(crate) fn tell(
    call: &Call,
    change: Change,
    chart: &Chart,
    hearers: impl IntoIterator<Item = MemberId>,
    reason: NoticeReason,
) -> Change {
    let own = call.member_id().ok();
    hearers.into_iter().filter(|member| Some(*member) != own).fold(change, |change, member| {
        let notice = Notice {
            by: own,
            chart_id: Some(chart.id),
            ..Notice::new(call.new_id(), chart.organization_id, member, reason, call.now)
        };
        change.notify(&notice)
    })
}

/// What evidence says of an escrow: of whose chart, for what, for how long; never why in words.
pub(crate) fn fact(chart: &Chart, escrow: &Escrow) -> Fact {
    Fact::new()
        .client(chart.client_id)
        .chart(chart.id)
        .member(chart.owner)
        .detail("escrow_id", escrow.id)
        .detail("cause", escrow.cause.name())
        .detail("days", escrow.days)
}
