//! What one look at a chart finds: pure, from the facts as they were gathered and from what was found before (R150,
//! R153).
//!
//! Whom it tells, it tells once. That the time of a record has ended is told when the record comes to the worklist.
//! Of the end ahead, the chart remembers the day of the last notice: whatever came due after that day is told now, with
//! the newest of its notices, and the days before it are over.

use appraisal::{Appraised, missing, next_review};
use domain::{
    RecordId,
    chart::{Chart, Noticed},
    notice::NoticeReason,
    organization::Organization,
    retention::{Outcome, notice_due},
};
use jiff::{Timestamp, ToSpan, civil::Date};
use std::collections::{BTreeMap, BTreeSet};
use store::{EligibleEntry, UnknownEntry};

/// What earlier looks have found.
#[derive(Debug, Default)]
pub(crate) struct Before {
    pub(crate) eligible: BTreeMap<RecordId, EligibleEntry>,
    pub(crate) unknown: Option<UnknownEntry>,
}

/// What a look finds, and what is to be written because of it.
#[derive(Debug)]
pub(crate) struct Look {
    /// The chart as it is after the look.
    pub(crate) chart: Chart,
    /// Records whose time has ended, and of which nobody knew.
    pub(crate) ended: Vec<EligibleEntry>,
    /// The same of which something else is known than before.
    pub(crate) revised: Vec<EligibleEntry>,
    /// Records whose time has not ended after all.
    pub(crate) taken_back: Vec<EligibleEntry>,
    pub(crate) unknown: Unknown,
    /// What is told besides the end of what has ended.
    pub(crate) told: Vec<Told>,
    /// Records on the worklist after the look.
    pub(crate) eligible: usize,
    /// Records whose time ends on another day than was known.
    pub(crate) moved: usize,
}

/// What becomes of a chart's place on the list of those of which too little is known.
#[derive(Debug)]
pub(crate) enum Unknown {
    Same,
    Set(Box<UnknownEntry>),
    Unset,
}

/// One thing the owner of a chart and the records managers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) reason: NoticeReason,
    pub(crate) days_ahead: i32,
    pub(crate) due_on: Option<Date>,
    pub(crate) count: u32,
}

impl Look {
    pub(crate) fn at(
        chart: &Chart,
        appraised: &[Appraised<'_>],
        before: &Before,
        organization: &Organization,
        today: Date,
        now: Timestamp,
    ) -> Self {
        let eligible: Vec<EligibleEntry> = appraised
            .iter()
            .filter_map(|one| entry(chart, one, organization.retention.version, today, now))
            .collect();
        let still: BTreeSet<RecordId> = eligible.iter().map(|entry| entry.record_id).collect();
        let taken_back: Vec<EligibleEntry> =
            before.eligible.values().filter(|entry| !still.contains(&entry.record_id)).cloned().collect();
        let revised =
            eligible.iter().filter_map(|entry| revised(entry, before.eligible.get(&entry.record_id)));
        let revised: Vec<EligibleEntry> = revised.collect();
        let other_day = |entry: &&EligibleEntry| {
            before.eligible.get(&entry.record_id).is_some_and(|was| was.eligible_on != entry.eligible_on)
        };
        let moved = taken_back.len() + revised.iter().filter(other_day).count();
        let count = eligible.len();
        let known = |entry: &EligibleEntry| before.eligible.contains_key(&entry.record_id);
        let ended: Vec<EligibleEntry> = eligible.into_iter().filter(|entry| !known(entry)).collect();
        let (mut told, noticed) = ahead(chart.noticed, appraised, today);
        let unknown = unknown(chart, appraised, before.unknown.as_ref(), now);
        if matches!(unknown, Unknown::Set(_)) && before.unknown.is_none() {
            told.push(Told { reason: NoticeReason::RetentionUnknown, days_ahead: 0, due_on: None, count: 1 });
        }
        let chart = Chart { review_on: Some(next_review(appraised, today)), noticed, ..chart.clone() };
        Self { chart, ended, revised, taken_back, unknown, told, eligible: count, moved }
    }

    /// Whether anything would be written that is not there already.
    pub(crate) fn changes(&self, chart: &Chart) -> bool {
        let same_chart = chart.review_on == self.chart.review_on && chart.noticed == self.chart.noticed;
        let nothing = self.ended.is_empty() && self.revised.is_empty() && self.taken_back.is_empty();
        !(same_chart && nothing && self.told.is_empty() && matches!(self.unknown, Unknown::Same))
    }
}

/// That a record's time has ended, if it has.
fn entry(
    chart: &Chart,
    one: &Appraised<'_>,
    schedule_version: u32,
    today: Date,
    found_at: Timestamp,
) -> Option<EligibleEntry> {
    let Appraised { record, facts, appraisal } = one;
    if !appraisal.is_eligible(today) {
        return None;
    }
    let rule = appraisal.decisive()?;
    Some(EligibleEntry {
        organization_id: chart.organization_id,
        record_id: record.id,
        chart_id: chart.id,
        client_id: chart.client_id,
        owner: chart.owner,
        record_type: record.record_type(),
        section: record.section,
        class: facts.class?,
        occurred_on: record.occurred_on,
        eligible_on: appraisal.eligible_on()?,
        rule_id: rule.rule_id.clone(),
        rule_version: rule.version.clone(),
        schedule_version,
        found_at,
        disposition_id: None,
        revision: 1,
    })
}

/// What is known now, if it is something else than was known.
fn revised(now: &EligibleEntry, before: Option<&EligibleEntry>) -> Option<EligibleEntry> {
    let before = before?;
    let says = |entry: &EligibleEntry| {
        (
            entry.owner,
            entry.section,
            entry.class,
            entry.occurred_on,
            entry.eligible_on,
            entry.rule_id.clone(),
            entry.rule_version.clone(),
            entry.schedule_version,
        )
    };
    (says(now) != says(before)).then(|| EligibleEntry {
        found_at: before.found_at,
        disposition_id: before.disposition_id,
        revision: before.revision,
        ..now.clone()
    })
}

/// The notices of ends ahead that came due since the last one, and which is the last one now.
fn ahead(noticed: Option<Noticed>, appraised: &[Appraised<'_>], today: Date) -> (Vec<Told>, Option<Noticed>) {
    let last_on = noticed.map(given_on);
    let mut told: BTreeMap<i32, Told> = BTreeMap::new();
    let mut newest = noticed;
    for one in appraised.iter().filter(|one| one.appraisal.blocks.is_empty()) {
        let due = one.appraisal.eligible_on().and_then(|day| Some((day, notice_due(day, today)?)));
        let Some((eligible_on, days_ahead)) = due else { continue };
        let notice = Noticed { eligible_on, days_ahead };
        let on = given_on(notice);
        if newest.is_none_or(|newest| given_on(newest) < on) {
            newest = Some(notice);
        }
        if days_ahead == 0 || last_on.is_some_and(|last| on <= last) {
            continue;
        }
        let reason = NoticeReason::RetentionEnding;
        let line = told.entry(days_ahead).or_insert(Told { reason, days_ahead, due_on: None, count: 0 });
        line.count = line.count.saturating_add(1);
        line.due_on = Some(line.due_on.map_or(eligible_on, |day| day.min(eligible_on)));
    }
    (told.into_values().collect(), newest)
}

fn given_on(notice: Noticed) -> Date {
    notice.eligible_on.saturating_sub(i64::from(notice.days_ahead).days())
}

fn unknown(
    chart: &Chart,
    appraised: &[Appraised<'_>],
    before: Option<&UnknownEntry>,
    now: Timestamp,
) -> Unknown {
    let missing: Vec<String> = missing(appraised).into_iter().map(|fact| fact.name().to_owned()).collect();
    let of_them = |one: &&Appraised<'_>| matches!(one.appraisal.outcome, Outcome::Unknown(_));
    let records = u32::try_from(appraised.iter().filter(of_them).count()).unwrap_or(u32::MAX);
    match before {
        None if records == 0 => Unknown::Same,
        Some(_) if records == 0 => Unknown::Unset,
        Some(was) if (&was.missing, was.records, was.owner) == (&missing, records, chart.owner) => {
            Unknown::Same
        }
        _ => Unknown::Set(Box::new(UnknownEntry {
            organization_id: chart.organization_id,
            chart_id: chart.id,
            client_id: chart.client_id,
            owner: chart.owner,
            missing,
            records,
            found_at: before.map_or(now, |was| was.found_at),
        })),
    }
}
