//! Offers many charts of a practitioner to a colleague, page by page: what is used when somebody leaves (P-36, P-40,
//! P-48, R094).
//!
//! Each chart is a transaction of its own with evidence of its own. Whoever calls again goes on where the last call
//! ended: what is offered already is passed over, and said. Whether the recipient has a chart of a client is told to
//! nobody here; they learn it when they accept (P-01, P-33).

use crate::handover::{self, Terms};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, MemberId, TransferId,
    chart::Chart,
    limits::CASELOAD_OFFERS,
    member::Member,
    purpose::Purpose,
    transfer::{TransferError, TransferSection},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{Change, StoreError, keys};

pub static OPERATION: Operation = Operation::post(
    "transfer_caseload",
    "/members/{member_id}/transfers",
    Action::TransferCaseload,
    Kind::CaseloadTransferred,
)
.purpose(Purpose::Operations)
.summary("Offer many charts of a practitioner to a colleague, for coordinators (P-40, P-48)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// An active practitioner.
    pub to: MemberId,
    /// Overview, progress notes and general documents always; confidential information and raw data if they go too.
    pub sections: BTreeSet<TransferSection>,
    /// Whether the present owner keeps read-only copies.
    pub keep_copy: bool,
    /// The charts, at most 25; or `all`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 25))]
    pub charts: Option<BTreeSet<ChartId>>,
    /// All charts of the practitioner, 25 a call: go on with `next` until there is none. The confidential ones are
    /// among them only once the practitioner has left.
    #[serde(default)]
    pub all: bool,
    /// `next` of the call before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// What became of the charts of this call.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Output {
    pub offered: Vec<ChartOffered>,
    pub skipped: Vec<ChartSkipped>,
    /// How many confidential charts were offered, and passed over; which they are is not told (P-33).
    pub confidential_offered: usize,
    pub confidential_skipped: usize,
    /// Where the next call goes on; absent when all were looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ChartOffered {
    pub chart_id: ChartId,
    pub transfer_id: TransferId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ChartSkipped {
    pub chart_id: ChartId,
    pub reason: SkipReason,
}

/// Why a chart was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// It is no chart of theirs that a coordinator hands on.
    NotFound,
    /// It is offered to somebody already.
    InTransfer,
    /// It has changed hands too often.
    TooManyTransfers,
    /// Somebody changed it at the same moment; call again.
    ChangedMeanwhile,
}

/// What became of one chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Offered(TransferId),
    Skipped(SkipReason),
    /// Confidential, and its owner's to hand on (P-36).
    Kept,
}

impl Output {
    /// A confidential chart is counted and not named; asked for by name it is not there.
    fn add(&mut self, chart_id: ChartId, confidential: bool, fate: Fate, by_name: bool) {
        match fate {
            Fate::Offered(_) if confidential => {
                self.confidential_offered = self.confidential_offered.saturating_add(1);
            }
            Fate::Offered(transfer_id) => self.offered.push(ChartOffered { chart_id, transfer_id }),
            Fate::Kept if by_name => {
                self.skipped.push(ChartSkipped { chart_id, reason: SkipReason::NotFound });
            }
            Fate::Skipped(reason) if !confidential => self.skipped.push(ChartSkipped { chart_id, reason }),
            Fate::Kept | Fate::Skipped(_) => {
                self.confidential_skipped = self.confidential_skipped.saturating_add(1);
            }
        }
    }
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let organization_id = call.organization_id()?;
    let owner_key = keys::member(organization_id, call.path("member_id")?);
    let to_key = keys::member(organization_id, input.to);
    let loaded = call.load([owner_key.any(), to_key.any()]).await?;
    let owner = loaded.require(&owner_key)?;
    let permit = call.permit(&loaded, Resource::Member(&owner))?;
    let recipient = loaded.get(&to_key)?.ok_or(TransferError::Recipient)?;
    recipient.must_keep_charts()?;
    let (charts, next) = wanted(&call, &owner, &input).await?;
    let by_name = input.charts.is_some();
    let terms = Terms { to: recipient.id, sections: input.sections, keep_copy: input.keep_copy };
    let desk = Desk { call: &call, permit: &permit, owner: &owner, terms };
    let mut output = Output { next: next.as_deref().map(Cursor::new), ..Output::default() };
    for (chart_id, chart) in charts {
        let confidential = chart.as_ref().is_some_and(|chart| chart.confidential);
        let fate = desk.offer(chart).await?;
        output.add(chart_id, confidential, fate, by_name);
    }
    let offered = output.offered.len().saturating_add(output.confidential_offered);
    let skipped = output.skipped.len().saturating_add(output.confidential_skipped);
    let fact = Fact::new().member(owner.id).detail("offered", offered).detail("skipped", skipped);
    call.commit(&loaded.organization, &permit, Change::new(), fact, Reply::with(output)).await
}

type Charts = Vec<(ChartId, Option<Chart>)>;

/// The charts this call is about, those of the practitioner, and where the next call goes on.
async fn wanted(call: &Call, owner: &Member, input: &Input) -> Result<(Charts, Option<String>), Problem> {
    let store = &call.system.store;
    let (ids, next): (Vec<ChartId>, _) = match (&input.charts, input.all, &input.cursor) {
        (Some(ids), false, None) if (1..=CASELOAD_OFFERS).contains(&ids.len()) => {
            (ids.iter().copied().collect(), None)
        }
        (None, true, cursor) => {
            let after = Paging::new(None, cursor.clone()).after()?;
            let limit = u32::try_from(CASELOAD_OFFERS).unwrap_or(u32::MAX);
            let page = store.owned(owner.organization_id, owner.id, after.as_deref(), limit).await?;
            (page.items.iter().map(|entry| entry.chart_id).collect(), page.next)
        }
        _ => {
            let detail =
                format!("name 1 to {CASELOAD_OFFERS} `charts`, or set `all`, which goes on by `cursor`");
            return Err(Problem::unprocessable("invalid_charts", detail));
        }
    };
    let found = store.fetch(ids.iter().map(|id| keys::chart(*id).any())).await?;
    let mut charts = Vec::with_capacity(ids.len());
    for id in ids {
        let chart: Option<Chart> = found.get(&keys::chart(id))?;
        let theirs =
            |chart: &Chart| chart.owner == owner.id && chart.organization_id == owner.organization_id;
        charts.push((id, chart.filter(theirs)));
    }
    Ok((charts, next))
}

/// Where the charts of one practitioner are offered to another, one after the other.
struct Desk<'a> {
    call: &'a Call,
    permit: &'a Permit,
    owner: &'a Member,
    terms: Terms,
}

impl Desk<'_> {
    async fn offer(&self, chart: Option<Chart>) -> Result<Fate, Problem> {
        let Some(chart) = chart else { return Ok(Fate::Skipped(SkipReason::NotFound)) };
        let offer = self.terms.offer(self.call, &chart)?;
        if chart.must_be_handed_on(offer.initiator, self.owner).is_err() {
            return Ok(Fate::Kept);
        }
        let chart = match chart.offer(offer.clone()) {
            Ok(chart) => chart,
            Err(TransferError::Pending) => return Ok(Fate::Skipped(SkipReason::InTransfer)),
            Err(TransferError::TooMany) => return Ok(Fate::Skipped(SkipReason::TooManyTransfers)),
            Err(unsound) => return Err(unsound.into()),
        };
        let change = handover::begun(self.call, &chart, &offer);
        let fact = handover::fact(&chart, &offer, self.owner.id);
        let evidence = self.call.evidence(self.permit, fact);
        match self.call.system.store.commit(self.permit, change, &evidence, None).await {
            Ok(()) => Ok(Fate::Offered(offer.id)),
            Err(StoreError::Conflict { .. }) => Ok(Fate::Skipped(SkipReason::ChangedMeanwhile)),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_confidential_chart_is_counted_and_never_named() {
        let (chart, transfer) = (ChartId::new(Uuid::nil()), TransferId::new(Uuid::nil()));
        let mut output = Output::default();
        output.add(chart, true, Fate::Offered(transfer), false);
        output.add(chart, true, Fate::Skipped(SkipReason::InTransfer), false);
        output.add(chart, true, Fate::Kept, false);
        assert_eq!((output.confidential_offered, output.confidential_skipped), (1, 2));
        assert!(output.offered.is_empty() && output.skipped.is_empty());
        output.add(chart, true, Fate::Kept, true);
        assert_eq!(output.skipped[0].reason, SkipReason::NotFound, "as if there were none");
        output.add(chart, false, Fate::Skipped(SkipReason::TooManyTransfers), false);
        output.add(chart, false, Fate::Offered(transfer), true);
        assert_eq!((output.skipped.len(), output.offered.len()), (2, 1));
    }
}
