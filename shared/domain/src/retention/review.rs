//! When a chart is looked at: before anything in it can be eligible, and not oftener than that asks for (R150).

use super::{Appraisal, MissingFact, Outcome, Profile, RecordFacts};
use crate::limits::{RETENTION_FIRST_REVIEW_DAYS, RETENTION_NOTICE_DAYS, RETENTION_REVIEW_DAYS};
use jiff::{ToSpan, civil::Date};
use std::collections::BTreeSet;

impl Profile {
    /// The day by which a chart is looked at because of a record that is filed in it: before the first notice of the
    /// record's end, whatever becomes known of its client. Of what no end is in sight, soon: either something is
    /// missing, and the chart comes to the worklist, or nothing is to be done.
    pub fn first_review(&self, record: &RecordFacts) -> Date {
        let soon = plus(record.created_on, RETENTION_FIRST_REVIEW_DAYS);
        let notice = RETENTION_NOTICE_DAYS.into_iter().max().unwrap_or_default();
        let bound = self.earliest(record, record.created_on).map(|day| plus(day, -notice));
        bound.unwrap_or(soon).max(record.created_on)
    }
}

/// The day on which a chart is looked at again, by what its records come to: on the next day on which somebody is told
/// something, and once a year in any case. Facts that change call for a look at once, and are not waited for here.
pub fn next_review<'a>(appraisals: impl IntoIterator<Item = &'a Appraisal>, today: Date) -> Date {
    let ahead = || RETENTION_NOTICE_DAYS.into_iter().chain([0]);
    let days = appraisals.into_iter().filter_map(Appraisal::eligible_on);
    let days = days.flat_map(|day| ahead().map(move |days| plus(day, -days)));
    let next = days.filter(|day| *day > today).min();
    let year = plus(today, RETENTION_REVIEW_DAYS);
    next.map_or(year, |day| day.min(year))
}

/// How many days ahead of a record's end the newest notice of it is due: 90, 30 or, on the day itself and after it, 0.
pub fn notice_due(eligible_on: Date, today: Date) -> Option<i32> {
    let stages = RETENTION_NOTICE_DAYS.into_iter().chain([0]);
    stages.filter(|days| plus(eligible_on, -days) <= today).min()
}

/// What has to be known of a chart's records before it can be said how long they are kept.
pub fn missing<'a>(appraisals: impl IntoIterator<Item = &'a Appraisal>) -> BTreeSet<MissingFact> {
    let of = |appraisal: &'a Appraisal| match &appraisal.outcome {
        Outcome::Unknown(missing) => missing.clone(),
        Outcome::EligibleOn(_) | Outcome::Never => BTreeSet::new(),
    };
    appraisals.into_iter().flat_map(of).collect()
}

fn plus(day: Date, days: i32) -> Date {
    day.saturating_add(i64::from(days).days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn appraisal(outcome: Outcome) -> Appraisal {
        Appraisal { outcome, applied: Vec::new(), decisive: None, blocks: Vec::new() }
    }

    fn ends(day: Date) -> Appraisal {
        appraisal(Outcome::EligibleOn(day))
    }

    #[test]
    fn a_chart_is_looked_at_when_somebody_is_told_something() {
        let (one, other) = (ends(date(2030, 6, 1)), ends(date(2030, 12, 1)));
        let next = |today| next_review([&one, &other], today);
        assert_eq!(next(date(2030, 1, 1)), date(2030, 3, 3));
        assert_eq!(next(date(2030, 3, 3)), date(2030, 5, 2));
        assert_eq!(next(date(2030, 5, 2)), date(2030, 6, 1));
        assert_eq!(next(date(2030, 6, 1)), date(2030, 9, 2));
        // Whatever is said of them, once a year.
        assert_eq!(next(date(2030, 12, 1)), date(2031, 12, 1));
        assert_eq!(next(date(2020, 1, 1)), date(2020, 12, 31));
        let unknown = appraisal(Outcome::Unknown(BTreeSet::from([MissingFact::Class])));
        assert_eq!(next_review([&unknown], date(2030, 1, 1)), date(2031, 1, 1));
        assert_eq!(missing([&unknown, &one]), BTreeSet::from([MissingFact::Class]));
    }

    #[test]
    fn notice_is_given_in_stages() {
        let due = |today| notice_due(date(2030, 6, 1), today);
        assert_eq!(due(date(2030, 3, 2)), None);
        assert_eq!((due(date(2030, 3, 3)), due(date(2030, 5, 1))), (Some(90), Some(90)));
        assert_eq!((due(date(2030, 5, 2)), due(date(2030, 5, 31))), (Some(30), Some(30)));
        assert_eq!((due(date(2030, 6, 1)), due(date(2040, 6, 1))), (Some(0), Some(0)));
    }
}
