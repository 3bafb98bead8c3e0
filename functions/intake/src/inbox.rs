//! Where what a client sent waits until it is decided on.

use domain::{chart::Chart, contribution::Contribution};
use std::collections::BTreeSet;
use store::{Change, keys};

/// Takes what was decided on out of the inbox of the chart's owner, and out of the one it came to, if a transfer put
/// it into the other ahead of itself.
pub(crate) fn out_of(change: Change, chart: &Chart, contribution: &Contribution) -> Change {
    BTreeSet::from([chart.owner, contribution.recipient]).into_iter().fold(change, |change, member| {
        change.unset("inbox entry", &keys::inbox_entry(chart.organization_id, member, contribution.id))
    })
}
