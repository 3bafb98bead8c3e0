//! Looks ahead: how many records of which class come to their end in which month, one page of charts at a time (R150).
//!
//! Nothing is counted beforehand: each chart of the page is appraised as it is now, and whoever wants the whole adds the
//! pages up.

use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Reply};
use appraisal::{Appraised, Asking};
use authz::{Action, Resource};
use domain::{
    limits::APPRAISED_CHARTS,
    purpose::Purpose,
    retention::{self, RecordClass},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

pub static OPERATION: Operation =
    Operation::get("read_outlook", "/retention/outlook", Action::ReadOutlook, Kind::OutlookRead)
        .purpose(Purpose::RecordsManagement)
        .summary("Look ahead at when how many records come to their end (R150)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub as_of: Date,
    pub schedule_version: u32,
    /// Charts of this page, at most 25, and their records.
    pub charts: usize,
    pub records: usize,
    /// Those whose time has ended, held or not.
    pub ended: u32,
    /// Those that have no end, as things stand.
    pub never: u32,
    /// Those of which too little is known.
    pub unknown: u32,
    /// Those whose time ends later, by month.
    pub buckets: Vec<OutlookBucket>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// The records of one class that come to their end in one month.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OutlookBucket {
    /// `2033-05`.
    pub month: String,
    pub class: RecordClass,
    pub records: u32,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?.min(APPRAISED_CHARTS), paging.after()?);
    let organization_id = call.organization_id()?;
    let store = &call.system.store;
    let (loaded, page) =
        tokio::join!(call.load([]), store.appraisable(organization_id, after.as_deref(), limit));
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    let organization = &loaded.organization;
    let asking = Asking { system: &call.system, permit: &permit, organization };
    let gathered = asking.page(&page.items).await?;
    let as_of = call.today(organization);
    let mut count = Count::default();
    for chart in &gathered {
        chart.under(&organization.retention, as_of).iter().for_each(|one| count.add(one, as_of));
    }
    call.witness(&permit, Fact::new().detail("charts", gathered.len())).await?;
    Ok(Reply::with(Output {
        as_of,
        schedule_version: organization.retention.version,
        charts: gathered.len(),
        records: gathered.iter().map(|chart| chart.records.len()).sum(),
        ended: count.ended,
        never: count.never,
        unknown: count.unknown,
        buckets: count.buckets(),
        next: page.next.as_deref().map(Cursor::new),
    }))
}

#[derive(Default)]
struct Count {
    ended: u32,
    never: u32,
    unknown: u32,
    months: BTreeMap<(Date, RecordClass), u32>,
}

impl Count {
    fn add(&mut self, one: &Appraised<'_>, today: Date) {
        let count = match (&one.appraisal.outcome, one.facts.class) {
            (retention::Outcome::Never, _) => &mut self.never,
            (retention::Outcome::EligibleOn(day), _) if *day <= today => &mut self.ended,
            (retention::Outcome::EligibleOn(day), Some(class)) => {
                self.months.entry((day.first_of_month(), class)).or_default()
            }
            (retention::Outcome::EligibleOn(_), None) | (retention::Outcome::Unknown(_), _) => {
                &mut self.unknown
            }
        };
        *count = count.saturating_add(1);
    }

    fn buckets(self) -> Vec<OutlookBucket> {
        let bucket = |((day, class), records): ((Date, RecordClass), u32)| OutlookBucket {
            month: format!("{:04}-{:02}", day.year(), day.month()),
            class,
            records,
        };
        self.months.into_iter().map(bucket).collect()
    }
}
