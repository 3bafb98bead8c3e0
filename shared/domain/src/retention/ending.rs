//! Which ends ahead people have been told of (R150).
//!
//! A chart keeps, of each day ahead on which the time of some of its records ends, the newest notice that was given and
//! of which records. A look tells what is not among that: a notice that has come due since, and records of which it was
//! not known that they end on that day. Where only some of a day's records are new, all of that day are told of once
//! more: nobody is told too little.

use super::{Appraisal, notice_due};
use crate::RecordId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the last look at a chart found of the end of its records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Endings {
    /// Whether records of it stand on the worklist of those whose time has ended.
    pub ended: bool,
    /// Of each day ahead that has notice, the newest one: never more than the first notice comes days ahead.
    pub ahead: Vec<Announced>,
}

/// The newest notice of the records of a chart that end on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announced {
    pub eligible_on: Date,
    /// How many days ahead it was due.
    pub days_ahead: i32,
    /// Of how many records.
    pub records: u32,
    /// Of which: the sum of what is random in their ids.
    pub of: u64,
}

impl Announced {
    fn new(eligible_on: Date, records: &BTreeSet<RecordId>, today: Date) -> Option<Self> {
        let days_ahead = notice_due(eligible_on, today).filter(|days| *days > 0)?;
        let random = |record: &RecordId| record.uuid().as_u64_pair().1;
        let of = records.iter().fold(0_u64, |sum, record| sum.wrapping_add(random(record)));
        Some(Self { eligible_on, days_ahead, records: u32::try_from(records.len()).unwrap_or(u32::MAX), of })
    }

    /// Whether who was told this knows what another notice says.
    fn says(&self, other: &Self) -> bool {
        let same = |one: &Self| (one.eligible_on, one.records, one.of);
        same(self) == same(other) && self.days_ahead <= other.days_ahead
    }
}

impl Endings {
    /// What a look finds ahead on a day: of each day on which records end, and which nothing else keeps then, the notice
    /// that is due.
    pub fn ahead<'a>(
        appraised: impl IntoIterator<Item = (RecordId, &'a Appraisal)>,
        today: Date,
    ) -> Vec<Announced> {
        let mut ends: BTreeMap<Date, BTreeSet<RecordId>> = BTreeMap::new();
        for (record, appraisal) in appraised {
            if let Some(day) = appraisal.eligible_on().filter(|_| appraisal.blocks.is_empty()) {
                ends.entry(day).or_default().insert(record);
            }
        }
        ends.iter().filter_map(|(day, records)| Announced::new(*day, records, today)).collect()
    }

    /// Those of these notices that say what was not told yet.
    pub fn untold<'a>(&'a self, ahead: &'a [Announced]) -> impl Iterator<Item = &'a Announced> {
        ahead.iter().filter(|notice| !self.ahead.iter().any(|told| told.says(notice)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retention::{Outcome, next_review};
    use jiff::{ToSpan, civil::date};
    use proptest::prelude::*;
    use uuid::Uuid;

    const RECORDS: usize = 4;
    const DAYS: i64 = 420;

    fn on(day: i64) -> Date {
        date(2030, 1, 1).saturating_add(day.days())
    }

    /// An id whose last half looks as random as that of a real one.
    fn id(number: usize) -> RecordId {
        let power = u32::try_from(2 * number + 3).unwrap();
        RecordId::new(Uuid::from_u128(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835_u128.wrapping_pow(power)))
    }

    fn ends(day: Option<i64>) -> Appraisal {
        let outcome = day.map_or(Outcome::Never, |day| Outcome::EligibleOn(on(day)));
        Appraisal { outcome, applied: Vec::new(), decisive: None, blocks: Vec::new() }
    }

    /// What people are told in the course of time: of a record, of its end, how many days ahead, and on which day; and the
    /// days on which somebody looked.
    #[derive(Default)]
    struct Course {
        told: Vec<(usize, i64, i32, i64)>,
        looks: BTreeSet<i64>,
    }

    /// A chart through the days: what becomes known of its records has it looked at that day, as do the days themselves.
    fn course(known: &[(i64, usize, Option<i64>)]) -> Course {
        let (mut now, mut endings, mut review) = ([None; RECORDS], Endings::default(), on(0));
        let mut course = Course::default();
        for today in 0..DAYS {
            let changes: Vec<_> = known.iter().filter(|(day, ..)| *day == today).collect();
            for (_, record, end) in &changes {
                now[*record] = *end;
            }
            if changes.is_empty() && review > on(today) {
                continue;
            }
            course.looks.insert(today);
            let appraisals = now.map(ends);
            let each = appraisals.iter().enumerate().map(|(number, one)| (id(number), one));
            let ahead = Endings::ahead(each, on(today));
            for notice in endings.untold(&ahead) {
                let of = (0..RECORDS)
                    .filter(|record| now[*record].is_some_and(|end| on(end) == notice.eligible_on));
                course.told.extend(of.map(|record| (record, now[record].unwrap(), notice.days_ahead, today)));
            }
            endings = Endings { ended: false, ahead };
            review = next_review(&appraisals, on(today));
        }
        course
    }

    fn events() -> impl Strategy<Value = Vec<(i64, usize, Option<i64>)>> {
        let end = prop::option::weighted(0.9, prop_oneof![100_i64..115, 0_i64..DAYS]);
        prop::collection::vec((0_i64..130, 0..RECORDS, end), 0..12)
    }

    /// A later end of one record was told of, and then another one comes to end sooner.
    #[test]
    fn a_sooner_end_that_becomes_known_is_told_of() {
        let course = course(&[(0, 0, Some(180)), (94, 1, Some(109))]);
        assert_eq!(course.told, [(0, 180, 90, 90), (1, 109, 30, 94), (0, 180, 30, 150)]);
    }

    #[test]
    fn a_day_on_which_more_comes_to_end_is_told_of_once_more() {
        let course = course(&[(0, 0, Some(100)), (20, 1, Some(100)), (30, 0, Some(400))]);
        let (first, both) = ((0, 100, 90, 10), [(0, 100, 90, 20), (1, 100, 90, 20)]);
        assert_eq!(course.told[..3], [first, both[0], both[1]]);
        // Which are left is something else than was told.
        assert_eq!(course.told[3..5], [(1, 100, 90, 30), (1, 100, 30, 70)]);
    }

    proptest! {
        /// R150: each end is told of on each day of notice that lies ahead when it becomes known, and at once if the first
        /// has passed; on the day itself the chart is looked at.
        #[test]
        fn no_end_goes_untold(events in events()) {
            let course = course(&events);
            for (at, (from, record, end)) in events.iter().enumerate() {
                let Some(end) = *end else { continue };
                // What is known of the record last on a day counts, until something else is.
                let others = events.iter().enumerate().filter(|(_, (_, other, _))| other == record);
                let same_day = others.clone().any(|(other, (day, ..))| other > at && day == from);
                let next = others.filter(|(_, (day, ..))| day > from).map(|(_, (day, ..))| *day).min();
                let until = next.unwrap_or(DAYS);
                if same_day {
                    continue;
                }
                let told = |days: i32, day: i64| course.told.contains(&(*record, end, days, day));
                for days in [90, 30] {
                    let day = end - i64::from(days);
                    if (*from..until).contains(&day) {
                        let before = course.told.iter().any(|one| (one.0, one.1, one.2) == (*record, end, days) && one.3 <= day);
                        prop_assert!(before, "record {record} ends on {end}: nothing {days} days ahead in {:?}", course.told);
                    }
                }
                if let Some(days) = notice_due(on(end), on(*from)).filter(|days| *days > 0) {
                    let before = course.told.iter().any(|one| (one.0, one.1, one.2) == (*record, end, days) && one.3 <= *from);
                    prop_assert!(told(days, *from) || before, "record {record} ends on {end}: nothing on {from}");
                }
                if (*from..until).contains(&end) {
                    prop_assert!(course.looks.contains(&end), "nobody looks on {end}");
                }
            }
        }

        /// What does not change is told of once.
        #[test]
        fn nothing_is_told_twice(ends in prop::collection::vec((0..RECORDS, 0_i64..DAYS), 0..RECORDS)) {
            let events: Vec<_> = ends.iter().map(|(record, end)| (0, *record, Some(*end))).collect();
            let told = course(&events).told;
            let once: BTreeSet<_> = told.iter().map(|(record, end, days, _)| (record, end, days)).collect();
            prop_assert_eq!(once.len(), told.len());
        }
    }
}
