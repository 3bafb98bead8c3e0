//! What one look at a chart finds: pure, from the facts as they were gathered and from what was found before (R150,
//! R153).
//!
//! Whom it tells, it tells once. That the time of a record has ended is told when the record comes to the worklist.
//! Of ends ahead, the chart remembers the newest notice of each day on which records end, and of which records: what is
//! not among that is told now.

use appraisal::{Appraised, missing, next_review};
use domain::{
    RecordId,
    chart::Chart,
    limits::RETENTION_UNKNOWN_NAMED,
    notice::NoticeReason,
    organization::Organization,
    record::Record,
    retention::{Announced, Appraisal, Endings, MissingFact, NoticeDuty, Outcome},
};
use jiff::{Timestamp, civil::Date};
use std::collections::{BTreeMap, BTreeSet};
use store::{EligibleEntry, UnknownEntry, UnknownRecord};

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
    /// Whom the law wants told before: the strictest of what it asks of any of the records.
    pub(crate) duty: Option<NoticeDuty>,
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
        let ahead = Endings::ahead(appraised.iter().map(|one| (one.record.id, &one.appraisal)), today);
        let mut told = endings_told(&chart.endings, &ahead, appraised);
        let endings = Endings { ended: count > 0, ahead };
        let unknown = unknown(chart, appraised, before.unknown.as_ref(), now);
        if matches!(unknown, Unknown::Set(_)) && before.unknown.is_none() {
            let reason = NoticeReason::RetentionUnknown;
            told.push(Told { reason, days_ahead: 0, due_on: None, count: 1, duty: None });
        }
        let chart = Chart { review_on: Some(next_review(appraised, today)), endings, ..chart.clone() };
        Self { chart, ended, revised, taken_back, unknown, told, eligible: count, moved }
    }

    /// Whether anything would be written that is not there already.
    pub(crate) fn changes(&self, chart: &Chart) -> bool {
        let same_chart = chart.review_on == self.chart.review_on && chart.endings == self.chart.endings;
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
        notices: appraisal.notices(),
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
            entry.notices.clone(),
        )
    };
    (says(now) != says(before)).then(|| EligibleEntry {
        found_at: before.found_at,
        disposition_id: before.disposition_id,
        revision: before.revision,
        ..now.clone()
    })
}

/// What is told of ends ahead that was not told yet: one thing for each notice, with the first of their days.
fn endings_told(before: &Endings, ahead: &[Announced], appraised: &[Appraised<'_>]) -> Vec<Told> {
    let mut told: BTreeMap<i32, Told> = BTreeMap::new();
    for notice in before.untold(ahead) {
        let (days_ahead, reason) = (notice.days_ahead, NoticeReason::RetentionEnding);
        let line = told.entry(days_ahead);
        let line = line.or_insert(Told { reason, days_ahead, due_on: None, count: 0, duty: None });
        line.count = line.count.saturating_add(notice.records);
        line.due_on = Some(line.due_on.map_or(notice.eligible_on, |day| day.min(notice.eligible_on)));
        let duties = duties_of(appraised, notice.eligible_on);
        line.duty = NoticeDuty::strictest(duties.chain(line.duty));
    }
    told.into_values().collect()
}

/// Whom the rules of the records that end on a day want told.
fn duties_of(appraised: &[Appraised<'_>], eligible_on: Date) -> impl Iterator<Item = NoticeDuty> {
    let of = appraised.iter().map(|one| &one.appraisal);
    let of = of.filter(move |one| one.blocks.is_empty() && one.eligible_on() == Some(eligible_on));
    of.flat_map(Appraisal::notices)
}

fn unknown(
    chart: &Chart,
    appraised: &[Appraised<'_>],
    before: Option<&UnknownEntry>,
    now: Timestamp,
) -> Unknown {
    let missing = codes(&missing(appraised));
    let (records, which) = unknown_records(appraised);
    let says = |entry: &UnknownEntry| {
        (&entry.missing, entry.records, &entry.which, entry.owner) == (&missing, records, &which, chart.owner)
    };
    match before {
        None if records == 0 => Unknown::Same,
        Some(_) if records == 0 => Unknown::Unset,
        Some(was) if says(was) => Unknown::Same,
        _ => Unknown::Set(Box::new(UnknownEntry {
            organization_id: chart.organization_id,
            chart_id: chart.id,
            client_id: chart.client_id,
            owner: chart.owner,
            missing,
            records,
            which,
            found_at: before.map_or(now, |was| was.found_at),
        })),
    }
}

/// How many records too little is known of, and which: first those that somebody can classify one by one, for of the
/// others it is mostly the client of whom something is missing.
fn unknown_records(appraised: &[Appraised<'_>]) -> (u32, Vec<UnknownRecord>) {
    let unknown = appraised.iter().filter_map(|one| match &one.appraisal.outcome {
        Outcome::Unknown(missing) => Some((one.record, missing)),
        Outcome::EligibleOn(_) | Outcome::Never => None,
    });
    let mut unknown: Vec<(&Record, &BTreeSet<MissingFact>)> = unknown.collect();
    unknown.sort_by_key(|(_, missing)| !missing.contains(&MissingFact::Class));
    let named = unknown.iter().take(RETENTION_UNKNOWN_NAMED).map(|(record, missing)| UnknownRecord {
        record_id: record.id,
        record_type: record.record_type(),
        section: record.section,
        occurred_on: record.occurred_on,
        missing: codes(missing),
    });
    (u32::try_from(unknown.len()).unwrap_or(u32::MAX), named.collect())
}

fn codes(missing: &BTreeSet<MissingFact>) -> Vec<String> {
    missing.iter().map(|fact| fact.name().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        ChartId, ClientId, MemberId, OrganizationId, Sealed, WrappedKey,
        chart::Section,
        confidentiality::{Compartment, Guard},
        record::{Body, Direction, RecordLimits},
        retention::{Appraisal, Profile, RecordFacts},
    };
    use jiff::{civil::date, tz::TimeZone};
    use uuid::Uuid;

    fn record(id: u128) -> Record {
        Record {
            id: RecordId::new(Uuid::from_u128(id)),
            organization_id: OrganizationId::new(Uuid::nil()),
            client_id: ClientId::new(Uuid::nil()),
            chart_id: ChartId::new(Uuid::nil()),
            author: MemberId::new(Uuid::nil()),
            from_client: false,
            section: Section::Documents,
            direction: Direction::AboutClient,
            occurred_on: date(2024, 5, 2),
            created_at: Timestamp::UNIX_EPOCH,
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Data { versions: 1, signed_at: None },
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::within(Compartment::Chart),
            cosignature: None,
            revision: 1,
        }
    }

    fn appraised(record: &Record, outcome: Outcome) -> Appraised<'_> {
        let facts = RecordFacts::of(record, &Profile::default(), &TimeZone::UTC);
        let appraisal = Appraisal { outcome, applied: Vec::new(), decisive: None, blocks: Vec::new() };
        Appraised { record, facts, appraisal }
    }

    /// R041: whoever has to classify records is told which, and of the others how many there are.
    #[test]
    fn records_without_a_class_are_named_first() {
        let records: Vec<Record> = (0..30).map(record).collect();
        let outcome = |number: usize| match number {
            0 => Outcome::Never,
            29 => Outcome::Unknown([MissingFact::Class].into()),
            _ => Outcome::Unknown([MissingFact::Discharge].into()),
        };
        let looked: Vec<_> =
            records.iter().enumerate().map(|(number, record)| appraised(record, outcome(number))).collect();
        let (count, which) = unknown_records(&looked);
        assert_eq!((count, which.len()), (29, RETENTION_UNKNOWN_NAMED));
        assert_eq!((which[0].record_id, &which[0].missing), (records[29].id, &vec!["class".to_owned()]));
        assert_eq!((which[1].record_id, which[1].missing[0].as_str()), (records[1].id, "discharge"));
        assert_eq!(unknown_records(&looked[..1]), (0, Vec::new()));
    }
}
