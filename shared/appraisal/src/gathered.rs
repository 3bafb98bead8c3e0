//! The facts of a chart, and what a schedule makes of them.

use api::Problem;
use domain::{
    ChartId,
    chart::Chart,
    limits::PAGE_ITEMS,
    organization::Organization,
    record::Record,
    retention::{self, Appraisal, Binding, ClientFacts, MissingFact, Profile, RecordFacts},
};
use jiff::{civil::Date, tz::TimeZone};
use std::collections::BTreeSet;
use store::Store;

/// The facts of a chart.
#[derive(Clone, Debug)]
pub struct Gathered {
    pub chart: Chart,
    /// What is known of the client, over all of their charts.
    pub client: ClientFacts,
    /// The records of the chart, the newest first, without their keys.
    pub records: Vec<Record>,
    zone: TimeZone,
}

/// A record, and how long a schedule keeps it.
#[derive(Clone, Debug)]
pub struct Appraised<'a> {
    pub record: &'a Record,
    pub facts: RecordFacts,
    pub appraisal: Appraisal,
}

impl Gathered {
    pub(crate) fn new(
        chart: Chart,
        person: ClientFacts,
        records: Vec<Record>,
        organization: &Organization,
    ) -> Self {
        let zone = organization.policy.time_zone.zone();
        let client = records.iter().fold(person, |client, record| {
            let facts = RecordFacts::of(record, &organization.retention, &zone);
            with_days(client, Days::of(record, &facts))
        });
        Self { chart, client, records, zone }
    }

    /// What a schedule makes of each record on a day, in their order.
    pub fn under(&self, profile: &Profile, on: Date) -> Vec<Appraised<'_>> {
        let binding = Binding::new(profile, &self.client, on);
        let appraised = |record| {
            let facts = RecordFacts::of(record, profile, &self.zone);
            let appraisal = binding.appraise(&facts);
            Appraised { record, facts, appraisal }
        };
        self.records.iter().map(appraised).collect()
    }
}

/// What has to be known before it can be said how long these are kept.
pub fn missing(appraised: &[Appraised<'_>]) -> BTreeSet<MissingFact> {
    retention::missing(appraised.iter().map(|one| &one.appraisal))
}

/// When their chart is looked at again.
pub fn next_review(appraised: &[Appraised<'_>], today: Date) -> Date {
    retention::next_review(appraised.iter().map(|one| &one.appraisal), today)
}

/// The days of one record that count for all records of its client.
#[derive(Clone, Copy)]
pub(crate) struct Days {
    occurred_on: Date,
    encounter_on: Option<Date>,
    first_on: Date,
    last_entry_on: Date,
}

impl Days {
    pub(crate) fn of(record: &Record, facts: &RecordFacts) -> Self {
        let entries = [Some(facts.created_on), Some(facts.last_entry_on), facts.signed_on];
        Self {
            occurred_on: facts.occurred_on,
            encounter_on: retention::encounter_on(record),
            first_on: facts.occurred_on.min(facts.created_on),
            last_entry_on: entries.into_iter().flatten().fold(facts.created_on, Date::max),
        }
    }
}

/// What is known of a client, with one record more. What was entered in error counts as well: in doubt the longer.
pub(crate) fn with_days(client: ClientFacts, days: Days) -> ClientFacts {
    ClientFacts {
        first_contact_on: earlier(client.first_contact_on, days.first_on),
        last_encounter_on: client.last_encounter_on.max(days.encounter_on),
        last_record_on: client.last_record_on.max(Some(days.occurred_on)),
        last_entry_on: client.last_entry_on.max(Some(days.last_entry_on)),
        ..client
    }
}

pub(crate) fn earlier(known: Option<Date>, day: Date) -> Option<Date> {
    Some(known.map_or(day, |known| known.min(day)))
}

/// Every record of a chart; nobody opens them, so their keys stay where they are.
pub(crate) async fn records(store: &Store, chart: ChartId) -> Result<Vec<Record>, Problem> {
    let (mut records, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = store.timeline_closed(chart, after.as_deref(), PAGE_ITEMS).await?;
        records.extend(page.items);
        after = page.next;
        if after.is_none() {
            return Ok(records);
        }
    }
}
