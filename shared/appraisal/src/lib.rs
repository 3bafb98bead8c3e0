//! How long the records of a chart are kept: the facts are gathered here, in as few reads as there can be, and put to
//! the rules in `domain::retention` (R151, R153).
//!
//! ```text
//! 1  at the same time: the client and what people have entered of them, their charts, who is held to be the same
//!    person and the sessions they take part in, and the chart's records, page by page
//! 2  the sessions, if there are any
//! 3  at the same time: the records of the client's other charts, page by page
//! ```
//!
//! The chart comes from the caller, who has read it for the permit, and so does the organization. A person of whom there
//! are several clients (R021) costs one round trip more, two where it is not their first client that is asked about. Of
//! other charts only days are looked at: when something was last entered, and the last day they tell of. All of their
//! records are read for that, because a note that was amended yesterday can lie anywhere in one.
//!
//! When the client was seen last is what somebody has entered, or the day of a note, of an examination or of a
//! facilitated session, whichever is the latest. Where there is none of these it is not known: the day on a folder or a
//! letter says nothing of it (`domain::retention::encounter_on`).
//!
//! What comes to the sweep, to explanations and to looks ahead is the same: [`Gathered`] are the facts, and
//! [`Gathered::under`] puts them to a schedule, the one in force or another.

mod gathered;
mod managers;
mod person;

pub use gathered::{Appraised, Gathered, missing, next_review};
pub use managers::managers;

use api::{Problem, System};
use authz::Permit;
use domain::{chart::Chart, organization::Organization};
use futures_util::future::try_join_all;
use store::{DueEntry, keys};

/// Charts whose facts are gathered at the same time.
const AT_ONCE: usize = 6;

/// What facts are gathered with.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    pub system: &'a System,
    /// Opens when the client was born and has died; nothing else is opened.
    pub permit: &'a Permit,
    pub organization: &'a Organization,
}

impl Asking<'_> {
    /// Everything that decides how long the records of a chart are kept.
    pub async fn of(&self, chart: &Chart) -> Result<Gathered, Problem> {
        let store = &self.system.store;
        let (person, records) =
            tokio::try_join!(Box::pin(self.person(chart)), gathered::records(store, chart.id))?;
        Ok(Gathered::new(chart.clone(), person, records, self.organization))
    }

    /// The same of each chart of a page of `Store::due` or `Store::appraisable`, in its order.
    pub async fn page(&self, entries: &[DueEntry]) -> Result<Vec<Gathered>, Problem> {
        let key = |entry: &DueEntry| keys::chart(entry.chart_id);
        let found = self.system.store.fetch(entries.iter().map(|entry| key(entry).any())).await?;
        let own = |chart: &Chart| chart.organization_id == self.organization.id;
        let charts = entries.iter().map(|entry| found.get(&key(entry)));
        let charts: Vec<Chart> =
            charts.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().filter(own).collect();
        let mut gathered = Vec::with_capacity(charts.len());
        for some in charts.chunks(AT_ONCE) {
            gathered.extend(try_join_all(self.all(some)).await?);
        }
        Ok(gathered)
    }
    fn all<'b>(&'b self, charts: &'b [Chart]) -> Vec<impl Future<Output = Result<Gathered, Problem>> + 'b> {
        charts.iter().map(|chart| self.of(chart)).collect()
    }
}
