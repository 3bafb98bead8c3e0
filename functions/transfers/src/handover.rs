//! An offer: how it comes to be, where those it concerns find it, and what they are told when it begins and ends
//! (P-40, P-47).

use api::{Call, Fact, Problem};
use domain::{
    ChartId, MemberId, TransferId,
    chart::Chart,
    notice::{Notice, NoticeReason},
    transfer::{Offer, TransferSection},
};
use std::collections::BTreeSet;
use store::{Change, Key, TransferEntry, keys};

/// What is handed over, and whether the former owner keeps a copy.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) to: MemberId,
    pub(crate) sections: BTreeSet<TransferSection>,
    pub(crate) keep_copy: bool,
}

impl Terms {
    /// The offer of a chart on these terms, by the caller.
    pub(crate) fn offer(&self, call: &Call, chart: &Chart) -> Result<Offer, Problem> {
        let by = call.member_id()?;
        Ok(Offer {
            id: call.new_id(),
            to: self.to,
            by,
            initiator: chart.initiator(by),
            sections: self.sections.clone(),
            keep_copy: self.keep_copy,
            offered_at: call.now,
        })
    }
}

/// Which transfer of which chart the path names.
pub(crate) fn named(call: &Call) -> Result<(ChartId, TransferId), Problem> {
    Ok((call.path("chart_id")?, call.path("transfer_id")?))
}

/// Where an offer is found: by who has the chart, by who may take it, and by who coordinates.
fn places(chart: &Chart, owner: MemberId, offer: &Offer) -> [Key<TransferEntry>; 3] {
    [Some(owner), Some(offer.to), None].map(|whose| keys::transfer(chart.organization_id, whose, offer.id))
}

/// The chart with its offer; the recipient is told.
pub(crate) fn begun(call: &Call, chart: &Chart, offer: &Offer) -> Change {
    let entry = TransferEntry::of(chart, offer);
    let change = Change::new().replace_chart(chart);
    let change = places(chart, chart.owner, offer)
        .iter()
        .fold(change, |change, place| change.insert("transfer", place, &entry));
    change.notify(&notice(call, chart, offer.to, NoticeReason::TransferOffered))
}

/// The chart without the offer that `owner` had on it.
pub(crate) fn ended(chart: &Chart, owner: MemberId, offer: &Offer) -> Change {
    let change = Change::new().replace_chart(chart);
    places(chart, owner, offer).iter().fold(change, |change, place| change.unset("transfer", place))
}

/// Tells whoever gave the chart away: its owner, and the coordinator if one began it; not who acts themselves.
pub(crate) fn tell_givers(
    call: &Call,
    change: Change,
    chart: &Chart,
    owner: MemberId,
    offer: &Offer,
    reason: NoticeReason,
) -> Change {
    let actor = call.member_id().ok();
    BTreeSet::from([owner, offer.by])
        .into_iter()
        .filter(|member| Some(*member) != actor)
        .fold(change, |change, member| change.notify(&notice(call, chart, member, reason)))
}

pub(crate) fn notice(call: &Call, chart: &Chart, to: MemberId, reason: NoticeReason) -> Notice {
    Notice {
        by: call.member_id().ok(),
        chart_id: Some(chart.id),
        ..Notice::new(call.new_id(), chart.organization_id, to, reason, call.now)
    }
}

/// What evidence says of an act on an offer; `other` is whom it is done to.
pub(crate) fn fact(chart: &Chart, offer: &Offer, other: MemberId) -> Fact {
    let chosen = |section| offer.sections.contains(&section);
    Fact::new()
        .client(chart.client_id)
        .chart(chart.id)
        .transfer(offer.id)
        .member(other)
        .detail("confidential_information", chosen(TransferSection::ConfidentialInformation))
        .detail("raw_data", chosen(TransferSection::RawData))
        .detail("keep_copy", offer.keep_copy)
}
