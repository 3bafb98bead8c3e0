//! The engine against the law by hand, and against what must hold whatever is put in.

use super::*;
use crate::{
    ChartId, ClientId, LocationId, MemberId, OrganizationId, RecordId, Sealed, UploadId, WrappedKey,
    chart::Section,
    confidentiality::{Compartment, Guard},
    physical::Folder,
    record::{Body, Direction, FileState, FileVersion, ObjectRef, Record, RecordLimits},
    text::Line,
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
    tz::TimeZone,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// When everything here is asked.
const TODAY: Date = date(2026, 1, 1);

fn appraise(profile: &Profile, client: &ClientFacts, record: &RecordFacts) -> Appraisal {
    super::appraise(profile, client, record, TODAY)
}

const SOMEBODY: MemberId = MemberId::new(Uuid::from_u128(7));

fn place(code: &str) -> Jurisdiction {
    code.parse().unwrap()
}

fn rule_id(code: &str) -> RuleId {
    code.parse().unwrap()
}

fn adoption() -> Adoption {
    Adoption { reviewed_by: SOMEBODY, reviewed_on: date(2026, 1, 1) }
}

/// An organization that practises so; recalled rules count as checked if they are named.
fn practising(places: &[&str], practices: &[Practice], adopted: &[&str]) -> Profile {
    Profile {
        version: 1,
        effective_from: Some(date(2026, 1, 1)),
        jurisdictions: places.iter().map(|code| place(code)).collect(),
        practices: practices.iter().copied().collect(),
        adopted: adopted.iter().map(|id| (rule_id(id), adoption())).collect(),
        ..Profile::default()
    }
}

/// Seen from one day to another.
fn seen(birth: Option<Date>, first: Date, last: Date) -> ClientFacts {
    ClientFacts {
        birth_date: birth,
        first_contact_on: Some(first),
        last_encounter_on: Some(last),
        last_entry_on: Some(last),
        ..ClientFacts::default()
    }
}

fn made(class: RecordClass, day: Date) -> RecordFacts {
    RecordFacts {
        record_id: RecordId::new(Uuid::from_u128(5)),
        class: Some(class),
        created_on: day,
        occurred_on: day,
        signed_on: Some(day),
        last_entry_on: day,
        superseded_on: None,
    }
}

fn note(day: Date) -> RecordFacts {
    made(RecordClass::ProgressNote, day)
}

fn own(id: &str, classes: &[RecordClass], period: &str) -> PolicyRule {
    PolicyRule {
        id: rule_id(id),
        name: Line::new("Our policy").unwrap(),
        classes: classes.iter().copied().collect(),
        trigger: Trigger::LastEncounter,
        period: period.parse().unwrap(),
        minors_until_age: None,
    }
}

fn until(profile: &Profile, client: &ClientFacts, record: &RecordFacts) -> Outcome {
    appraise(profile, client, record).outcome
}

fn unknown(facts: &[MissingFact]) -> Outcome {
    Outcome::Unknown(facts.iter().copied().collect())
}

const ADULT: Date = date(1970, 5, 5);

#[test]
fn every_row_that_ships_reads_and_stands_by_itself() {
    let rules = starter();
    let editions: BTreeSet<String> = rules.iter().map(Rule::edition).collect();
    assert_eq!((rules.len(), editions.len()), (116, 116));
    for rule in rules {
        assert!(!rule.id.is_own() && rule.version == "1", "{}", rule.id);
        assert!(!rule.practices.is_empty() && !rule.classes.is_empty(), "{}", rule.id);
        assert!(!rule.text.source.is_empty() && !rule.text.adult_period.is_empty(), "{}", rule.id);
        assert!(rule.status != RuleStatus::Policy, "{}", rule.id);
        // A period begins with something, and only then.
        let begins = rule.trigger != Trigger::None;
        assert!(
            begins == matches!(rule.period, Period::Of(_)) || rule.id == rule_id("UK-CHILD"),
            "{}",
            rule.id
        );
        // What is not about clients' records never reaches them.
        let of_clients = rule.classes.iter().filter(|class| class.is_clients()).count();
        assert!(of_clients == 0 || of_clients == rule.classes.len(), "{}", rule.id);
    }
    let count = |status| rules.iter().filter(|rule| rule.status == status).count();
    assert_eq!(count(RuleStatus::Suggestion), 3);
    assert_eq!(count(RuleStatus::Recalled), 30);
    assert_eq!(count(RuleStatus::Verified), 83);
    assert!(starter::parse("id\nA\n").is_err() && starter::parse("").unwrap().is_empty());
}

#[test]
fn what_a_rule_says_in_words_agrees_with_what_it_does() {
    for rule in starter() {
        let text = &rule.text;
        if let Period::Of(length) = rule.period {
            let said = text.adult_period.contains(&length.to_string())
                || text.adult_period.contains(&format!("{} calendar days", length.days))
                || text.adult_period.contains(&format!("{}y", length.years));
            assert!(said, "{}: {} says {}", rule.id, text.adult_period, length);
        }
        let open = text.minor_rule.starts_with("see ");
        assert_eq!(open, rule.minor == MinorRule::Unsettled, "{}", rule.id);
        if matches!(text.minor_rule.as_str(), "same" | "n/a" | "n/a (clients >=21)") {
            assert_eq!(rule.minor, MinorRule::Same, "{}", rule.id);
        }
    }
}

/// Where, as what, what was checked, whose, what, and until when.
type ByHand<'a> = (&'a str, Practice, &'a [&'a str], ClientFacts, RecordClass, Date);

/// Rows of the schedule with days worked out by hand.
#[test]
fn the_law_by_hand() {
    use Practice::*;
    let child = date(2010, 6, 15);
    let visit = date(2018, 3, 2);
    let minor = seen(Some(child), visit, visit);
    let adult = seen(Some(ADULT), visit, visit);
    let discharged = |client: &ClientFacts| ClientFacts { discharged_on: Some(visit), ..client.clone() };
    let cases: &[ByHand<'_>] = &[
        // Maryland: 7 years from the record, or the 25th birthday.
        ("US-MD", Psychologist, &[], adult.clone(), RecordClass::ProgressNote, date(2025, 3, 2)),
        ("US-MD", Psychologist, &[], minor.clone(), RecordClass::ProgressNote, date(2035, 6, 15)),
        // A clinic in Massachusetts: 20 years from the last treatment, minors alike.
        ("US-MA", Clinic, &[], adult.clone(), RecordClass::LabReport, date(2038, 3, 2)),
        ("US-MA", Clinic, &[], minor.clone(), RecordClass::LabReport, date(2038, 3, 2)),
        ("US-MA", Physician, &[], minor.clone(), RecordClass::LabReport, date(2028, 6, 15)),
        // Quebec: physicians 10 years, psychologists 5.
        ("CA-QC", Physician, &[], adult.clone(), RecordClass::ProgressNote, date(2028, 3, 2)),
        ("CA-QC", Psychologist, &[], minor.clone(), RecordClass::RawData, date(2023, 3, 2)),
        ("CA-QC", Physician, &[], adult.clone(), RecordClass::Research, date(2033, 3, 2)),
        // Texas: 7 years or the 21st birthday; forensic examinations 20 years.
        ("US-TX", Physician, &[], minor.clone(), RecordClass::ProgressNote, date(2031, 6, 15)),
        ("US-TX", Physician, &[], adult.clone(), RecordClass::ProgressNote, date(2025, 3, 2)),
        ("US-TX", Physician, &[], adult.clone(), RecordClass::ForensicExam, date(2038, 3, 2)),
        // A hospital in North Carolina: 11 years, or until the 30th birthday.
        ("US-NC", Hospital, &[], discharged(&adult), RecordClass::ProgressNote, date(2029, 3, 2)),
        ("US-NC", Hospital, &[], discharged(&minor), RecordClass::ProgressNote, date(2040, 6, 16)),
        // Nevada: not before somebody is 23.
        ("US-NV", Clinic, &[], minor.clone(), RecordClass::ProgressNote, date(2033, 6, 16)),
        ("US-NV", Clinic, &[], adult.clone(), RecordClass::ProgressNote, date(2023, 3, 2)),
        // Germany: 10 years, X-rays of minors until the 28th birthday, consents 30 years, radiation 30 years.
        ("DE", Physician, &[], minor.clone(), RecordClass::ProgressNote, date(2028, 3, 2)),
        ("DE", Physician, &[], minor.clone(), RecordClass::Imaging, date(2038, 6, 16)),
        ("DE", Physician, &[], adult.clone(), RecordClass::Imaging, date(2028, 3, 2)),
        ("DE", Physician, &[], adult.clone(), RecordClass::Consent, date(2048, 3, 2)),
        ("DE", Hospital, &[], adult.clone(), RecordClass::RadiationTreatment, date(2048, 3, 2)),
        // England: adults 8 years, children until 25.
        ("UK-England", Clinic, &[], adult.clone(), RecordClass::ProgressNote, date(2026, 3, 2)),
        ("UK-England", Clinic, &[], minor.clone(), RecordClass::ProgressNote, date(2035, 6, 16)),
        ("UK-England", Psychologist, &[], adult.clone(), RecordClass::ProgressNote, date(2038, 3, 2)),
        // Psilocybin in Oregon: 5 years; video 30 days.
        ("US-OR", PsilocybinCenter, &[], adult.clone(), RecordClass::FacilitatedSession, date(2023, 3, 2)),
        ("US-OR", PsilocybinCenter, &[], adult.clone(), RecordClass::SecurityVideo, date(2018, 4, 1)),
        // Colorado: hospitals 10 years or age 28; clinics 7 years, minors the later of age 28 and 10 years.
        ("US-CO", Hospital, &[], discharged(&adult), RecordClass::ProgressNote, date(2028, 3, 2)),
        ("US-CO", Hospital, &[], discharged(&minor), RecordClass::ProgressNote, date(2038, 6, 15)),
        ("US-CO", Clinic, &[], adult.clone(), RecordClass::ProgressNote, date(2025, 3, 2)),
        // South Carolina: minors 13 years. Alberta: 11 years and 3 months.
        ("US-SC", Physician, &[], minor.clone(), RecordClass::ProgressNote, date(2031, 3, 2)),
        ("CA-AB", OccupationalTherapist, &[], adult.clone(), RecordClass::ProgressNote, date(2029, 6, 2)),
        // British Columbia: 16 years after coming of age at 19. Mississippi comes of age at 21.
        ("CA-BC", Physician, &[], minor.clone(), RecordClass::ProgressNote, date(2045, 6, 15)),
        ("US-MS", Hospital, &["MS-HOSP"], discharged(&minor), RecordClass::ProgressNote, date(2038, 6, 15)),
        // A hospital in Kentucky has two rules, the state's checked by itself: the longer one counts.
        ("US-KY", Hospital, &["KY-HOSP"], discharged(&minor), RecordClass::ProgressNote, date(2031, 6, 15)),
    ];
    for (code, practice, adopted, client, class, expected) in cases {
        let profile = practising(&[code], &[*practice], adopted);
        let appraisal = appraise(&profile, client, &made(*class, visit));
        assert_eq!(appraisal.outcome, Outcome::EligibleOn(*expected), "{code} {practice:?} {class:?}");
        let decisive = appraisal.decisive().unwrap();
        assert_eq!(decisive.until, Some(*expected));
        assert!(!decisive.text.is_empty() && !decisive.source.is_empty());
    }
}

/// England: the 26th birthday if they were 17 when treatment ended, and not less if it went on.
#[test]
fn a_child_of_17_is_kept_a_year_longer() {
    let profile = practising(&["UK-England"], &[Practice::Clinic], &[]);
    let birth = date(2000, 6, 15);
    let ended = |day| until(&profile, &seen(Some(birth), date(2012, 1, 1), day), &note(date(2012, 1, 1)));
    assert_eq!(ended(date(2017, 6, 14)), Outcome::EligibleOn(date(2025, 6, 16)));
    assert_eq!(ended(date(2017, 6, 15)), Outcome::EligibleOn(date(2026, 6, 16)));
    assert_eq!(ended(date(2018, 6, 15)), Outcome::EligibleOn(date(2026, 6, 16)));
    assert_eq!(ended(date(2020, 1, 1)), Outcome::EligibleOn(date(2028, 1, 1)));
}

#[test]
fn a_day_that_is_not_there_is_the_next_one() {
    let leap = date(2020, 2, 29);
    assert_eq!(Length::years(7).after(leap), date(2027, 3, 1));
    assert_eq!(Length::years(8).after(leap), date(2028, 2, 29));
    let length: Length = "1m".parse().unwrap();
    assert_eq!(length.after(date(2026, 1, 31)), date(2026, 3, 1));
    assert_eq!(length.after(date(2025, 12, 31)), date(2026, 1, 31));
    let length: Length = "30d".parse().unwrap();
    assert_eq!(length.after(date(2026, 2, 1)), date(2026, 3, 3));
    assert_eq!(Length::years(200).after(date(9900, 1, 1)), Date::MAX);
    // Born on 29 February: their birthday in other years is 1 March, and `until` it includes it.
    let visit = date(2018, 5, 1);
    let born = seen(Some(date(2012, 2, 29)), visit, visit);
    let texas = practising(&["US-TX"], &[Practice::Physician], &[]);
    assert_eq!(until(&texas, &born, &note(visit)), Outcome::EligibleOn(date(2033, 3, 1)));
    let carolina = practising(&["US-NC"], &[Practice::Hospital], &[]);
    let born = ClientFacts { discharged_on: Some(visit), ..born };
    assert_eq!(until(&carolina, &born, &note(visit)), Outcome::EligibleOn(date(2042, 3, 2)));
}

/// The day they come of age they are a minor no longer; the day before they are.
#[test]
fn a_minor_is_one_until_the_birthday() {
    let profile = practising(&["US-SC"], &[Practice::Physician], &[]);
    let of = |day| until(&profile, &seen(Some(date(2000, 6, 15)), day, day), &note(day));
    assert_eq!(of(date(2018, 6, 14)), Outcome::EligibleOn(date(2031, 6, 14)));
    assert_eq!(of(date(2018, 6, 15)), Outcome::EligibleOn(date(2028, 6, 15)));
}

#[test]
fn nobody_knows_the_birth_so_they_were_born_when_they_came() {
    let profile = practising(&["US-TX"], &[Practice::Physician], &[]);
    let (first, last) = (date(2015, 4, 1), date(2018, 3, 2));
    let known = until(&profile, &seen(None, first, last), &note(last));
    assert_eq!(known, Outcome::EligibleOn(date(2036, 4, 1)));
    let nothing = ClientFacts { first_contact_on: None, ..seen(None, first, last) };
    assert_eq!(until(&profile, &nothing, &note(last)), Outcome::EligibleOn(date(2039, 3, 2)));
}

#[test]
fn what_is_not_known_goes_to_a_worklist() {
    let visit = date(2018, 3, 2);
    let adult = seen(Some(ADULT), visit, visit);
    let nothing = ClientFacts::default();
    // Nothing is set.
    assert_eq!(until(&Profile::default(), &adult, &note(visit)), unknown(&[MissingFact::Schedule]));
    let unset = practising(&["US-TX"], &[], &[]);
    assert_eq!(until(&unset, &adult, &note(visit)), unknown(&[MissingFact::Schedule]));
    assert!(unset.rules(TODAY).is_empty() && unset.earliest(&note(visit), TODAY).is_none());
    // The trigger is not known.
    let hospital = practising(&["US-NC"], &[Practice::Hospital], &[]);
    assert_eq!(until(&hospital, &adult, &note(visit)), unknown(&[MissingFact::Discharge]));
    let texas = practising(&["US-TX"], &[Practice::Physician], &[]);
    assert_eq!(until(&texas, &nothing, &note(visit)), unknown(&[MissingFact::LastEncounter]));
    let quebec = practising(&["CA-QC"], &[Practice::Physician], &[]);
    let expertise = made(RecordClass::Expertise, visit);
    assert_eq!(until(&quebec, &adult, &expertise), unknown(&[MissingFact::MandateEnd]));
    let ended = ClientFacts { mandate_ended_on: Some(date(2020, 1, 9)), ..adult.clone() };
    assert_eq!(until(&quebec, &ended, &expertise), Outcome::EligibleOn(date(2030, 1, 9)));
    // What it is.
    let what = RecordFacts { class: None, ..note(visit) };
    assert_eq!(until(&texas, &adult, &what), unknown(&[MissingFact::Class]));
    // The text does not say what is of minors; a policy with an age does.
    let tennessee = practising(&["US-TN"], &[Practice::Psychologist], &[]);
    let minor = seen(Some(date(2010, 6, 15)), visit, visit);
    assert_eq!(until(&tennessee, &minor, &note(visit)), unknown(&[MissingFact::MinorRule]));
    assert_eq!(until(&tennessee, &adult, &note(visit)), Outcome::EligibleOn(date(2025, 3, 2)));
    let mut aged = own("OWN-MINORS", &[], "7y");
    aged.minors_until_age = Some(28);
    let settled = Profile { policies: vec![aged], ..tennessee };
    assert_eq!(until(&settled, &minor, &note(visit)), Outcome::EligibleOn(date(2038, 6, 16)));
}

/// A kind of practice somewhere without a rule that binds keeps everything, until somebody says how long.
#[test]
fn a_gap_in_the_schedule_keeps_everything() {
    let visit = date(2018, 3, 2);
    let adult = seen(Some(ADULT), visit, visit);
    let gap = |code, practice| Gap { jurisdiction: place(code), practice };
    // The physicians' rule of New Hampshire is recalled: that of dentists does not stand for it.
    let both = practising(&["US-NH"], &[Practice::Physician, Practice::Dentist], &[]);
    assert_eq!(both.gaps(RecordClass::ProgressNote, TODAY), [gap("US-NH", Practice::Physician)]);
    assert_eq!(until(&both, &adult, &note(visit)), unknown(&[MissingFact::Schedule]));
    let checked = Profile { adopted: BTreeMap::from([(rule_id("NH-MD"), adoption())]), ..both.clone() };
    assert_eq!(until(&checked, &adult, &note(visit)), Outcome::EligibleOn(date(2025, 3, 2)));
    let policy = Profile { policies: vec![own("OWN-ALL", &[], "12y")], ..both };
    assert_eq!(until(&policy, &adult, &note(visit)), Outcome::EligibleOn(date(2030, 3, 2)));
    // A federal rule does not stand for a state's that nobody has checked.
    let arkansas = practising(&["US-AR"], &[Practice::Hospital], &[]);
    assert_eq!(arkansas.gaps(RecordClass::ProgressNote, TODAY), [gap("US-AR", Practice::Hospital)]);
    // A suggestion binds, and closes a gap, where it was made the organization's own.
    let tutors = practising(&["US-OH"], &[Practice::Tutoring], &["US-TUTOR"]);
    assert_eq!(until(&tutors, &adult, &note(visit)), Outcome::EligibleOn(date(2021, 3, 2)));
}

#[test]
fn the_longest_wins_over_places_residence_payers_and_policy() {
    let visit = date(2018, 3, 2);
    let adult = seen(Some(ADULT), visit, visit);
    let florida = practising(&["US-FL"], &[Practice::Physician], &[]);
    assert_eq!(until(&florida, &adult, &note(visit)), Outcome::EligibleOn(date(2023, 3, 2)));
    let two = practising(&["US-FL", "US-MD"], &[Practice::Physician], &[]);
    assert_eq!(until(&two, &adult, &note(visit)), Outcome::EligibleOn(date(2025, 3, 2)));
    let resident = ClientFacts { residences: BTreeSet::from([place("US-OR")]), ..adult.clone() };
    let appraisal = appraise(&florida, &resident, &note(visit));
    assert_eq!(appraisal.outcome, Outcome::EligibleOn(date(2028, 3, 2)));
    assert_eq!(appraisal.decisive().unwrap().jurisdiction, Some(place("US-OR")));
    let paid = ClientFacts {
        payers: BTreeSet::from([Payer::MedicareAdvantage]),
        mandate_ended_on: Some(date(2024, 12, 31)),
        ..adult.clone()
    };
    assert_eq!(until(&florida, &paid, &note(visit)), Outcome::EligibleOn(date(2034, 12, 31)));
    let shorter = Profile { policies: vec![own("OWN-SHORT", &[], "1y")], ..florida.clone() };
    assert_eq!(until(&shorter, &adult, &note(visit)), until(&florida, &adult, &note(visit)));
    let imaging = Profile { policies: vec![own("OWN-X", &[RecordClass::Imaging], "15y")], ..florida };
    assert_eq!(until(&imaging, &adult, &note(visit)), Outcome::EligibleOn(date(2023, 3, 2)));
    let film = made(RecordClass::Imaging, visit);
    let appraisal = appraise(&imaging, &adult, &film);
    assert_eq!(appraisal.outcome, Outcome::EligibleOn(date(2033, 3, 2)));
    assert_eq!(appraisal.decisive, Some(rule_id("OWN-X")));
}

/// How long a record is kept on a day, if these are the rules that ship.
fn until_among(
    shipped: &[Rule],
    profile: &Profile,
    client: &ClientFacts,
    record: &RecordFacts,
    on: Date,
) -> Outcome {
    Binding::among(shipped, profile, client, on).appraise(record).outcome
}

/// The rule of Maryland as it is until a day, and what follows it from the next one.
fn followed(last_on: Date, period: &str) -> [Rule; 2] {
    let first = starter_rule(&rule_id("MD-ALL")).unwrap().clone();
    let second = Rule {
        version: "2".into(),
        period: period.parse().unwrap(),
        effective_from: Some(last_on.tomorrow().unwrap()),
        ..first.clone()
    };
    [Rule { effective_to: Some(last_on), ..first }, second]
}

/// R157: a rule binds from its day on and not before, whenever it ships.
#[test]
fn a_rule_binds_from_its_day_on() {
    let visit = date(2018, 3, 2);
    let adult = seen(Some(ADULT), visit, visit);
    let maryland = practising(&["US-MD"], &[Practice::Psychologist], &[]);
    let longer = followed(date(2026, 12, 31), "10y");
    let ends = |shipped: &[Rule], on| until_among(shipped, &maryland, &adult, &note(visit), on);
    assert_eq!(ends(&longer, date(2026, 12, 31)), Outcome::EligibleOn(date(2025, 3, 2)));
    assert_eq!(ends(&longer, date(2027, 1, 1)), Outcome::EligibleOn(date(2028, 3, 2)));
    // A rule that nothing came before leaves a gap until then.
    assert_eq!(ends(&longer[1..], date(2026, 12, 31)), unknown(&[MissingFact::Schedule]));
    assert_eq!(ends(&longer[1..], date(2027, 1, 1)), Outcome::EligibleOn(date(2028, 3, 2)));
    // Of two versions of one rule, the one that decides is named.
    let appraisal = Binding::among(&longer, &maryland, &adult, date(2027, 1, 1)).appraise(&note(visit));
    assert_eq!(appraisal.applied.len(), 2);
    assert_eq!(appraisal.decisive().map(|rule| rule.version.as_str()), Some("2"));
}

/// R157: a rule that asks for less lets nothing go until somebody has set the schedule since the one before has ended.
#[test]
fn a_rule_that_has_ended_binds_until_the_schedule_is_set_again() {
    let visit = date(2018, 3, 2);
    let adult = seen(Some(ADULT), visit, visit);
    let shorter = followed(date(2026, 12, 31), "5y");
    let ends = |set, on| {
        let maryland = practising(&["US-MD"], &[Practice::Psychologist], &[]);
        let maryland = Profile { effective_from: Some(set), ..maryland };
        until_among(&shorter, &maryland, &adult, &note(visit), on)
    };
    let (before, after) = (Outcome::EligibleOn(date(2025, 3, 2)), Outcome::EligibleOn(date(2023, 3, 2)));
    for on in [date(2026, 6, 1), date(2026, 12, 31), date(2027, 1, 1), date(2040, 1, 1)] {
        assert_eq!(ends(date(2026, 1, 1), on), before, "{on}");
        assert_eq!(ends(date(2026, 12, 31), on), before, "{on}");
    }
    assert_eq!(ends(date(2027, 1, 1), date(2027, 1, 1)), after);
    assert_eq!(ends(date(2027, 1, 1), date(2040, 1, 1)), after);
}

/// R151, R157: a rule that is not in force yet is named, with its day and with what the record's time is then.
#[test]
fn a_rule_that_comes_is_named_where_it_moves_the_day() {
    let visit = date(2018, 3, 2);
    let adult = seen(Some(ADULT), visit, visit);
    let maryland = practising(&["US-MD"], &[Practice::Psychologist], &[]);
    let said = |shipped: &[Rule], after| {
        let coming = coming::coming_among(shipped, &maryland, &adult, &note(visit), after);
        let said = coming.into_iter().map(|rule| (rule.version, rule.effective_from, rule.outcome));
        said.collect::<Vec<_>>()
    };
    let (eve, first) = (date(2026, 12, 31), date(2027, 1, 1));
    let ten = ("2".to_owned(), first, Outcome::EligibleOn(date(2028, 3, 2)));
    let [one, two] = followed(eve, "10y");
    let longer = [one.clone(), two.clone()];
    assert_eq!(said(&longer, TODAY), std::slice::from_ref(&ten));
    assert_eq!(said(&longer, eve), std::slice::from_ref(&ten));
    assert!(said(&longer, first).is_empty());
    // What asks for no more moves nothing, whether it follows another rule or comes beside one that moves the day.
    assert!(said(&followed(eve, "5y"), TODAY).is_empty());
    let beside = Rule { version: "3".into(), period: "6y".parse().unwrap(), ..two.clone() };
    assert_eq!(said(&[one.clone(), two.clone(), beside], TODAY), std::slice::from_ref(&ten));
    // It closes a gap, and one comes after another.
    assert_eq!(said(&longer[1..], TODAY), std::slice::from_ref(&ten));
    let next = date(2030, 1, 1);
    let third = Rule {
        version: "3".into(),
        period: "12y".parse().unwrap(),
        effective_from: Some(next),
        ..two.clone()
    };
    let twelve = ("3".to_owned(), next, Outcome::EligibleOn(date(2030, 3, 2)));
    assert_eq!(said(&[one.clone(), two.clone(), third], TODAY), [ten, twelve]);
    // From when it runs, nobody knows.
    let open = Rule { trigger: Trigger::Discharge, ..two };
    let unsaid = ("2".to_owned(), first, unknown(&[MissingFact::Discharge]));
    assert_eq!(said(&[one, open], TODAY), [unsaid]);

    // What ships: the rule of Quebec, on the day before its first.
    let quebec = practising(&["CA-QC"], &[Practice::Physician], &[]);
    let named = |after| coming(&quebec, &adult, &note(visit), after);
    assert!(named(date(2024, 7, 11)).is_empty());
    let named = named(date(2024, 7, 10));
    let (id, ends) = (rule_id("CA-QC-MD"), Outcome::EligibleOn(date(2028, 3, 2)));
    assert!(named.len() == 1 && named[0].rule_id == id && named[0].outcome == ends, "{named:?}");
    assert!(named[0].effective_from == date(2024, 7, 11) && named[0].text.contains("10y"), "{named:?}");
}

#[test]
fn what_ships_is_known_by_the_days_it_is_in_force() {
    let quebec = "CA-QC-MD 1".to_owned();
    assert!(!in_force_on(date(2024, 7, 10)).contains(&quebec));
    assert!(in_force_on(date(2024, 7, 11)).contains(&quebec));
    let [first, second] = followed(date(2026, 12, 31), "10y");
    assert!(first.is_in_force_on(date(2026, 12, 31)) && !first.is_in_force_on(date(2027, 1, 1)));
    assert!(second.is_in_force_on(date(2027, 1, 1)) && !second.is_in_force_on(date(2026, 12, 31)));
    assert!(starter_version(&first.id, "1").is_some() && starter_version(&first.id, "2").is_none());
}

#[test]
fn death_lengthens_and_life_keeps() {
    let visit = date(2018, 3, 2);
    let adult = seen(Some(ADULT), visit, visit);
    let died = ClientFacts { death_date: Some(date(2024, 8, 1)), ..adult.clone() };
    let connecticut = practising(&["US-CT"], &[Practice::Physician], &[]);
    assert_eq!(until(&connecticut, &adult, &note(visit)), Outcome::EligibleOn(date(2025, 3, 2)));
    assert_eq!(until(&connecticut, &died, &note(visit)), Outcome::EligibleOn(date(2027, 8, 1)));
    let england = practising(&["UK-England"], &[Practice::GeneralPractice], &[]);
    assert_eq!(until(&england, &adult, &note(visit)), Outcome::Never);
    assert_eq!(until(&england, &died, &note(visit)), Outcome::EligibleOn(date(2034, 8, 1)));
    let tennessee = practising(&["US-TN"], &[Practice::Physician], &[]);
    assert_eq!(until(&tennessee, &adult, &made(RecordClass::Immunization, visit)), Outcome::Never);
    assert_eq!(tennessee.earliest(&note(visit), TODAY), Some(date(2028, 3, 2)));
}

#[test]
fn blocks_keep_what_time_has_let_go() {
    let visit = date(2005, 3, 2);
    let today = date(2026, 1, 1);
    let tennessee = practising(&["US-TN"], &[Practice::Physician], &[]);
    let adult = seen(Some(ADULT), visit, visit);
    assert!(appraise(&tennessee, &adult, &note(visit)).is_eligible(today));
    let blocked =
        ClientFacts { incapacitated: true, unpaid_claim: true, open_request: true, ..adult.clone() };
    let appraisal = appraise(&tennessee, &blocked, &note(visit));
    let incapacity = Block::Incapacity { rule_id: rule_id("TN-MD") };
    assert_eq!(appraisal.blocks, [incapacity, Block::UnpaidClaim, Block::OpenRequest]);
    assert!(!appraisal.is_eligible(today) && appraisal.eligible_on() == Some(date(2015, 3, 2)));
    // Where no rule says so, incapacity keeps nothing.
    let texas = practising(&["US-TX"], &[Practice::Physician], &[]);
    let incapacitated = ClientFacts { incapacitated: true, ..adult };
    assert!(appraise(&texas, &incapacitated, &note(visit)).is_eligible(today));
}

#[test]
fn a_year_is_cut_off_at_its_end() {
    assert_eq!(CutOff::None.after(date(2025, 3, 2)), date(2025, 3, 2));
    assert_eq!(CutOff::CalendarYearEnd.after(date(2025, 12, 31)), date(2026, 1, 1));
    assert_eq!(CutOff::CalendarYearEnd.after(date(2026, 1, 1)), date(2027, 1, 1));
    let june = CutOff::FiscalYearEnd { month: 6 };
    assert_eq!(june.after(date(2025, 6, 30)), date(2025, 7, 1));
    assert_eq!(june.after(date(2025, 7, 1)), date(2026, 7, 1));
    assert_eq!(CutOff::FiscalYearEnd { month: 2 }.after(date(2024, 2, 29)), date(2024, 3, 1));
    let visit = date(2018, 3, 2);
    let oregon = Profile {
        cut_off: CutOff::CalendarYearEnd,
        ..practising(&["US-OR"], &[Practice::PsilocybinCenter], &[])
    };
    let adult = seen(Some(ADULT), visit, visit);
    assert_eq!(until(&oregon, &adult, &note(visit)), Outcome::EligibleOn(date(2024, 1, 1)));
    let video = made(RecordClass::SecurityVideo, visit);
    assert_eq!(until(&oregon, &adult, &video), Outcome::EligibleOn(date(2018, 4, 1)));
}

#[test]
fn a_correction_of_the_birth_moves_the_day() {
    let visit = date(2018, 3, 2);
    let texas = practising(&["US-TX"], &[Practice::Physician], &[]);
    let before = appraise(&texas, &seen(Some(ADULT), visit, visit), &note(visit));
    let after = appraise(&texas, &seen(Some(date(2007, 5, 5)), visit, visit), &note(visit));
    assert_eq!(moved(&before, &before), None);
    let (from, to) = (Outcome::EligibleOn(date(2025, 3, 2)), Outcome::EligibleOn(date(2028, 5, 5)));
    assert_eq!(moved(&before, &after), Some(Move { from, to }));
}

#[test]
fn a_time_that_cannot_be_said_does_not_move() {
    let ending = |outcome| Appraisal { outcome, applied: Vec::new(), decisive: None, blocks: Vec::new() };
    let unknown = |fact| ending(Outcome::Unknown([fact].into()));
    let (before, after) = (unknown(MissingFact::Schedule), unknown(MissingFact::Class));
    assert_eq!(moved(&before, &after), None);
    let known = ending(Outcome::Never);
    let from = || before.outcome.clone();
    assert_eq!(moved(&before, &known), Some(Move { from: from(), to: Outcome::Never }));
    assert_eq!(moved(&known, &before), Some(Move { from: Outcome::Never, to: from() }));
}

#[test]
fn a_schedule_is_refused_for_what_cannot_be() {
    let sound = practising(&["US-NH"], &[Practice::Physician], &["NH-MD"]);
    assert_eq!(sound.check(), Ok(()));
    let with = |change: &dyn Fn(&mut Profile)| {
        let mut profile = sound.clone();
        change(&mut profile);
        profile.check().unwrap_err()
    };
    assert_eq!(with(&|p| p.jurisdictions.clear()), ProfileError::Jurisdictions);
    assert_eq!(with(&|p| p.practices.clear()), ProfileError::Practices);
    let adopt = |id: &'static str| move |p: &mut Profile| _ = p.adopted.insert(rule_id(id), adoption());
    assert_eq!(with(&adopt("XX-1")), ProfileError::UnknownRule(rule_id("XX-1")));
    assert_eq!(with(&adopt("MD-ALL")), ProfileError::Binding(rule_id("MD-ALL")));
    assert_eq!(with(&|p| p.cut_off = CutOff::FiscalYearEnd { month: 13 }), ProfileError::Month);
    let policy = |policy: PolicyRule| with(&move |p| p.policies = vec![policy.clone(), policy.clone()]);
    assert_eq!(policy(own("MINE", &[], "7y")), ProfileError::PolicyId(rule_id("MINE")));
    assert_eq!(policy(own("OWN-A", &[], "7y")), ProfileError::PolicyId(rule_id("OWN-A")));
    assert_eq!(policy(own("OWN-A", &[], "permanent")), ProfileError::PolicyPeriod(rule_id("OWN-A")));
    assert_eq!(policy(own("OWN-A", &[], "unfixed")), ProfileError::PolicyPeriod(rule_id("OWN-A")));
    let young = PolicyRule { minors_until_age: Some(17), ..own("OWN-A", &[], "7y") };
    assert_eq!(policy(young), ProfileError::PolicyAge(rule_id("OWN-A")));
    let many: Vec<PolicyRule> = (0..=crate::limits::RETENTION_POLICIES)
        .map(|number| own(&format!("OWN-{number}"), &[], "7y"))
        .collect();
    assert_eq!(with(&move |p| p.policies.clone_from(&many)), ProfileError::TooManyPolicies);
}

#[test]
fn a_change_of_the_schedule_keeps_who_has_checked_what() {
    let now = Timestamp::UNIX_EPOCH;
    let other = MemberId::new(Uuid::from_u128(8));
    let first = practising(&["US-NH"], &[Practice::Physician], &["NH-MD"]);
    let mut terms = first.terms();
    terms.adopted.insert(rule_id("NH-DENT"));
    assert_eq!(
        first.change(terms.clone(), other, date(2026, 5, 1), now).unwrap_err(),
        ProfileError::Binding(rule_id("NH-DENT"))
    );
    terms.adopted.remove(&rule_id("NH-DENT"));
    terms.adopted.insert(rule_id("WI-MD"));
    let next = first.change(terms, other, date(2026, 5, 1), now).unwrap();
    assert_eq!((next.version, next.effective_from, next.set_by), (2, Some(date(2026, 5, 1)), Some(other)));
    assert_eq!(next.adopted[&rule_id("NH-MD")], adoption());
    assert_eq!(next.adopted[&rule_id("WI-MD")].reviewed_by, other);
}

#[test]
fn a_schedule_reads_back_and_an_older_one_too() {
    let profile = Profile {
        policies: vec![own("OWN-A", &[RecordClass::Imaging], "11y3m")],
        cut_off: CutOff::FiscalYearEnd { month: 6 },
        ..practising(&["CA-QC", "UK-England"], &[Practice::Nurse], &["CA-QC-DENT"])
    };
    let json = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), profile);
    assert_eq!(serde_json::from_str::<Profile>("{}").unwrap(), Profile::default());
    assert!(serde_json::from_str::<ScheduleTerms>(r#"{"jurisdictions":["US-XX"],"practices":[]}"#).is_err());
    let terms = r#"{"jurisdictions":["US-MD"],"practices":["physician"]}"#;
    let terms: ScheduleTerms = serde_json::from_str(terms).unwrap();
    assert_eq!(terms.file_plan, Profile::default().file_plan);
}

#[test]
fn places_are_known_and_lie_within_each_other() {
    for wrong in ["", "us-md", "US-ZZ", "CA-MD", "GB", "UK-England (NHS)", "EU-DE", "USA", "DE-", "DE-BAYERN"]
    {
        assert!(wrong.parse::<Jurisdiction>().is_err(), "{wrong}");
    }
    assert!(place("US-MD").is_within(&place("US")) && place("DE").is_within(&place("EU")));
    assert!(place("DE-BY").is_within(&place("EU")) && !place("CA").is_within(&place("US-CA")));
    assert!(!place("US").is_within(&place("US-MD")) && !place("UK-England").is_within(&place("EU")));
}

#[test]
fn codes_read_back() {
    for rule in starter() {
        assert_eq!(rule.period.to_string().parse(), Ok(rule.period));
        assert_eq!(rule.minor.to_string().parse(), Ok(rule.minor.clone()));
        assert_eq!(rule.death.to_string().parse(), Ok(rule.death));
    }
    for wrong in ["", "y", "7", "7x", "y7", "7y7y", "+7y", "300y", "12m", "0y", "3m1y", "7yy"] {
        assert!(wrong.parse::<Period>().is_err(), "{wrong}");
    }
    for wrong in ["", "age", "age:", "until:x", "majority", "age:21  until:3", "forever"] {
        assert!(wrong.parse::<MinorRule>().is_err(), "{wrong}");
    }
    let class = serde_json::to_value(RecordClass::PsychotherapyNote).unwrap();
    assert_eq!(class, RecordClass::PsychotherapyNote.name());
}

/// What is answered is as it is described: words where there are words, and none of the program's own.
#[test]
fn rules_and_explanations_are_written_for_people() {
    let rule = serde_json::to_value(starter_rule(&rule_id("TN-MD")).unwrap()).unwrap();
    let mammogram =
        serde_json::json!({ "class": "mammogram", "trigger": "exam_date", "period": "20y", "minor": "same" });
    assert_eq!((&rule["also"][1], &rule["period"]), (&mammogram, &"10y".into()));
    assert_eq!((&rule["minor"], &rule["status"]), (&"age:18+1y".into(), &"verified".into()));
    let visit = date(2018, 3, 2);
    let texas = practising(&["US-TX"], &[Practice::Physician], &[]);
    let told = |client: &ClientFacts| serde_json::to_value(appraise(&texas, client, &note(visit))).unwrap();
    let adult = told(&seen(Some(ADULT), visit, visit));
    assert_eq!(adult["outcome"], serde_json::json!({ "outcome": "eligible_on", "value": "2025-03-02" }));
    assert_eq!(adult["applied"][0]["trigger_on"], "2018-03-02");
    let text = "Physicians: 7y from last treatment; minors: max(7y, age 21); ";
    assert!(adult["applied"][0]["text"].as_str().unwrap().starts_with(text));
    let nobody = told(&ClientFacts::default())["outcome"].clone();
    assert_eq!(nobody, serde_json::json!({ "outcome": "unknown", "value": ["last_encounter"] }));
    for schema in [
        schemars::schema_for!(Profile),
        schemars::schema_for!(ScheduleTerms),
        schemars::schema_for!(Rule),
        schemars::schema_for!(Appraisal),
        schemars::schema_for!(ClientFacts),
        schemars::schema_for!(Gap),
    ] {
        assert!(schema.get("properties").is_some());
    }
}

fn record(section: Section, compartment: Compartment) -> Record {
    Record {
        id: RecordId::new(Uuid::from_u128(5)),
        organization_id: OrganizationId::new(Uuid::nil()),
        client_id: ClientId::new(Uuid::nil()),
        chart_id: ChartId::new(Uuid::nil()),
        author: SOMEBODY,
        from_client: false,
        section,
        direction: Direction::AboutClient,
        occurred_on: date(2026, 3, 1),
        created_at: "2026-03-02T03:00:00Z".parse().unwrap(),
        key: WrappedKey::from_bytes(vec![]),
        title: Sealed::from_bytes(vec![]),
        body: Body::Data { versions: 2, signed_at: Some("2026-03-05T03:00:00Z".parse().unwrap()) },
        voided: None,
        limits: RecordLimits::default(),
        class: None,
        guard: Guard::within(compartment),
        cosignature: None,
        revision: 1,
    }
}

#[test]
fn what_a_record_is_follows_from_where_it_is_kept() {
    let mut profile = Profile::default();
    let zone = TimeZone::get("America/New_York").unwrap();
    let of = |profile: &Profile, record: &Record| RecordFacts::of(record, profile, &zone);
    let note = record(Section::Imaging, Compartment::Chart);
    let facts = of(&profile, &note);
    assert_eq!(facts.class, Some(RecordClass::Imaging));
    // Days are the organization's: it was still the evening before there.
    assert_eq!((facts.created_on, facts.signed_on), (date(2026, 3, 1), Some(date(2026, 3, 4))));
    assert_eq!(facts.last_entry_on, date(2026, 3, 4));
    let apart = |compartment| of(&profile, &record(Section::Imaging, compartment)).class;
    assert_eq!(apart(Compartment::PsychotherapyNotes), Some(RecordClass::PsychotherapyNote));
    assert_eq!(apart(Compartment::RawData), Some(RecordClass::RawData));
    let said = Record { class: Some(RecordClass::Mammogram), ..note.clone() };
    assert_eq!(of(&profile, &said).class, Some(RecordClass::Mammogram));
    profile.file_plan.remove(&Section::Imaging);
    assert_eq!(of(&profile, &note).class, None);
    for section in [
        Section::Overview,
        Section::ProgressNotes,
        Section::Documents,
        Section::Imaging,
        Section::Correspondence,
        Section::Consents,
    ] {
        assert!(of(&Profile::default(), &record(section, Compartment::Chart)).class.is_some());
    }
}

/// R153: a note and an examination show that somebody was seen; a folder, a letter, and what they sent themselves do not.
#[test]
fn what_shows_that_a_client_was_seen() {
    let note = record(Section::ProgressNotes, Compartment::Chart);
    assert_eq!(encounter_on(&note), Some(date(2026, 3, 1)));
    let current = FileVersion {
        record_id: note.id,
        number: 1,
        upload_id: UploadId::new(Uuid::from_u128(6)),
        author: SOMEBODY,
        added_at: Timestamp::UNIX_EPOCH,
        object: ObjectRef { key: "k".into(), version_id: "v".into() },
        size_bytes: 1,
        media_type: "image/png".into(),
        file_name: Sealed::from_bytes(vec![]),
        state: FileState::Inspecting,
    };
    let file = Body::Electronic { versions: 1, current: Box::new(current) };
    let image = Record { body: file.clone(), ..record(Section::Imaging, Compartment::Chart) };
    let letter = Record { body: file, ..record(Section::Documents, Compartment::Chart) };
    assert_eq!(encounter_on(&image), Some(date(2026, 3, 1)));
    assert_eq!(encounter_on(&Record { from_client: true, ..image.clone() }), None);
    assert_eq!(encounter_on(&Record { class: Some(RecordClass::Correspondence), ..image }), None);
    assert_eq!(encounter_on(&letter), None);
    let tracing = Record { class: Some(RecordClass::Tracing), ..letter };
    assert_eq!(encounter_on(&tracing), Some(date(2026, 3, 1)));
    let folder = Body::Physical(Folder::filed(LocationId::new(Uuid::nil()), None, None));
    assert_eq!(encounter_on(&Record { body: folder, ..note }), None);
}

#[test]
fn facts_are_of_the_past() {
    let mut facts = RetentionFacts {
        client_id: ClientId::new(Uuid::nil()),
        organization_id: OrganizationId::new(Uuid::nil()),
        last_encounter_on: Some(date(2025, 12, 31)),
        discharged_on: Some(date(2026, 1, 1)),
        case_closed_on: None,
        mandate_ended_on: None,
        residence: Some(place("CA-ON")),
        payers: BTreeSet::from([Payer::Medicaid]),
        incapacitated: true,
        unpaid_claim: false,
        open_request: true,
        set_by: SOMEBODY,
        set_at: Timestamp::UNIX_EPOCH,
        revision: 1,
    };
    assert_eq!(facts.check(date(2026, 1, 1)), Ok(()));
    let client = ClientFacts::default().entered(&facts);
    assert_eq!(
        (client.discharged_on, client.residences, client.incapacitated),
        (facts.discharged_on, BTreeSet::from([place("CA-ON")]), true)
    );
    assert_eq!((client.unpaid_claim, client.open_request), (false, true));
    assert_eq!(client.last_encounter_on, facts.last_encounter_on);
    facts.last_encounter_on = Some(date(2026, 1, 2));
    assert_eq!(facts.check(date(2026, 1, 1)), Err(FactsError::Day));
    facts.last_encounter_on = None;
    facts.case_closed_on = Some(date(2026, 1, 2));
    assert_eq!(facts.check(date(2026, 1, 1)), Err(FactsError::Day));
    facts.case_closed_on = Some(date(1492, 1, 2));
    assert_eq!(facts.check(date(2026, 1, 1)), Err(FactsError::Day));
}

fn day() -> impl Strategy<Value = Date> {
    (0_i64..40_000).prop_map(|days| date(1930, 1, 1).saturating_add(days.days()))
}

fn maybe_day() -> impl Strategy<Value = Option<Date>> {
    prop::option::weighted(0.8, day())
}

fn maybe_later() -> impl Strategy<Value = Option<i64>> {
    prop::option::of(0_i64..4_000)
}

fn any_place() -> impl Strategy<Value = Jurisdiction> {
    let places: BTreeSet<Jurisdiction> =
        starter().iter().flat_map(|rule| rule.jurisdictions.iter().cloned()).collect();
    prop::sample::select(places.into_iter().collect::<Vec<_>>())
}

fn client_facts() -> impl Strategy<Value = ClientFacts> {
    let days =
        (maybe_day(), prop::option::weighted(0.3, day()), maybe_day(), maybe_day(), maybe_day(), maybe_day());
    let entered = (maybe_day(), maybe_day(), maybe_day(), prop::collection::btree_set(any_place(), 0..3));
    let payers = prop::collection::btree_set(prop::sample::select(Payer::ALL), 0..3);
    (days, entered, payers, any::<[bool; 3]>()).prop_map(|(days, entered, payers, flags)| ClientFacts {
        birth_date: days.0,
        death_date: days.1,
        first_contact_on: days.2,
        last_encounter_on: days.3,
        last_entry_on: days.4,
        last_record_on: days.5,
        discharged_on: entered.0,
        case_closed_on: entered.1,
        mandate_ended_on: entered.2,
        residences: entered.3,
        payers,
        incapacitated: flags[0],
        unpaid_claim: flags[1],
        open_request: flags[2],
    })
}

fn retention_facts() -> impl Strategy<Value = RetentionFacts> {
    client_facts().prop_map(|client| RetentionFacts {
        client_id: ClientId::new(Uuid::nil()),
        organization_id: OrganizationId::new(Uuid::nil()),
        last_encounter_on: client.last_encounter_on,
        discharged_on: client.discharged_on,
        case_closed_on: client.case_closed_on,
        mandate_ended_on: client.mandate_ended_on,
        residence: client.residences.first().cloned(),
        payers: client.payers,
        incapacitated: client.incapacitated,
        unpaid_claim: client.unpaid_claim,
        open_request: client.open_request,
        set_by: SOMEBODY,
        set_at: Timestamp::UNIX_EPOCH,
        revision: 1,
    })
}

fn record_facts() -> impl Strategy<Value = RecordFacts> {
    let class = prop::option::weighted(0.9, prop::sample::select(RecordClass::ALL));
    (class, day(), day(), maybe_day(), day(), maybe_day()).prop_map(
        |(class, created_on, occurred_on, signed_on, last_entry_on, superseded_on)| RecordFacts {
            class,
            created_on,
            occurred_on,
            signed_on,
            last_entry_on,
            superseded_on,
            ..note(occurred_on)
        },
    )
}

fn policy(number: usize) -> impl Strategy<Value = PolicyRule> {
    let triggers: Vec<Trigger> = Trigger::ALL.iter().copied().filter(|t| *t != Trigger::None).collect();
    let classes = prop::collection::btree_set(prop::sample::select(RecordClass::ALL), 0..4);
    let parts = (prop::sample::select(triggers), 1_u16..40, classes, prop::option::of(18_u16..40));
    parts.prop_map(move |(trigger, years, classes, minors_until_age)| PolicyRule {
        id: rule_id(&format!("OWN-{number}")),
        trigger,
        classes,
        minors_until_age,
        ..own("OWN-X", &[], &format!("{years}y"))
    })
}

fn profile() -> impl Strategy<Value = Profile> {
    let recalled: Vec<RuleId> = starter()
        .iter()
        .filter(|rule| rule.status != RuleStatus::Verified)
        .map(|rule| rule.id.clone())
        .collect();
    let places = prop::collection::btree_set(any_place(), 0..4);
    let practices = prop::collection::btree_set(prop::sample::select(Practice::ALL), 0..4);
    let adopted = prop::sample::subsequence(recalled, 0..20);
    let policies = prop_oneof![Just(None).boxed(), policy(1).prop_map(Some).boxed()];
    let cut_off = prop_oneof![
        Just(CutOff::None),
        Just(CutOff::CalendarYearEnd),
        (1_i8..=12).prop_map(|month| CutOff::FiscalYearEnd { month }),
    ];
    (places, practices, adopted, policies, cut_off).prop_map(
        |(places, practices, adopted, policy, cut_off)| Profile {
            jurisdictions: places,
            practices,
            adopted: adopted.into_iter().map(|id| (id, adoption())).collect(),
            policies: policy.into_iter().collect(),
            cut_off,
            ..practising(&[], &[], &[])
        },
    )
}

/// A profile under which a day is likely: a policy closes every gap.
fn covering() -> impl Strategy<Value = Profile> {
    (profile(), policy(0), any_place(), prop::sample::select(Practice::ALL)).prop_map(
        |(mut profile, mut policy, place, practice)| {
            policy.classes = RecordClass::ALL.iter().copied().collect();
            policy.trigger = Trigger::ServiceDate;
            profile.policies.push(policy);
            profile.jurisdictions.insert(place);
            profile.practices.insert(practice);
            profile
        },
    )
}

/// Whether a record that could go on a day can still not go before it.
fn is_not_earlier(before: &Outcome, after: &Outcome) -> bool {
    match (before, after) {
        (Outcome::EligibleOn(before), Outcome::EligibleOn(after)) => after >= before,
        (Outcome::Never, after) => *after == Outcome::Never,
        (_, after) => !matches!(after, Outcome::EligibleOn(_)) || matches!(before, Outcome::Unknown(_)),
    }
}

fn is_not_earlier_strictly(before: &Outcome, after: &Outcome) -> bool {
    is_not_earlier(before, after)
        && !(matches!(before, Outcome::Unknown(_)) && matches!(after, Outcome::EligibleOn(_)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// R152: more rules, more places, more kinds of practice never let anything go earlier.
    #[test]
    fn adding_lengthens(
        profile in covering(), client in client_facts(), record in record_facts(),
        place in any_place(), kind in prop::sample::select(Practice::ALL), policy in policy(2),
        adopt in prop::sample::select(vec!["KS-MD", "MN-HOSP", "HI-ALL", "OH-ALL", "CA-SK-MD", "US-TUTOR", "UK-DENT"]),
    ) {
        let before = until(&profile, &client, &record);
        let mut places = profile.clone();
        places.jurisdictions.insert(place.clone());
        prop_assert!(is_not_earlier_strictly(&before, &until(&places, &client, &record)));
        let mut kinds = profile.clone();
        kinds.practices.insert(kind);
        prop_assert!(is_not_earlier_strictly(&before, &until(&kinds, &client, &record)));
        let mut adopted = profile.clone();
        adopted.adopted.insert(rule_id(adopt), adoption());
        prop_assert!(is_not_earlier_strictly(&before, &until(&adopted, &client, &record)));
        // A policy may settle what was open, and otherwise lengthens only.
        let mut policies = profile.clone();
        policies.policies.push(policy);
        prop_assert!(is_not_earlier(&before, &until(&policies, &client, &record)));
        let mut resident = client.clone();
        resident.residences.insert(place);
        prop_assert!(is_not_earlier_strictly(&before, &until(&profile, &resident, &record)));
        let cut = Profile { cut_off: CutOff::CalendarYearEnd, ..profile.clone() };
        let uncut = Profile { cut_off: CutOff::None, ..profile };
        let (uncut, cut) = (until(&uncut, &client, &record), until(&cut, &client, &record));
        prop_assert!(is_not_earlier_strictly(&uncut, &cut));
    }

    /// R021, R152: what is entered of another client who is the same person never lets anything go earlier, in whatever
    /// order the clients are looked at.
    #[test]
    fn what_is_entered_of_a_double_lengthens(
        profile in covering(), client in client_facts(), record in record_facts(),
        one in retention_facts(), other in retention_facts(),
    ) {
        let both = client.clone().entered(&one).entered(&other);
        prop_assert_eq!(&both, &client.clone().entered(&other).entered(&one));
        for alone in [client.clone(), client.clone().entered(&one), client.entered(&other)] {
            let (before, after) = (until(&profile, &alone, &record), until(&profile, &both, &record));
            prop_assert!(is_not_earlier(&before, &after), "{before:?} became {after:?}");
            let blocks = |client: &ClientFacts| appraise(&profile, client, &record).blocks;
            let now = blocks(&both);
            prop_assert!(blocks(&alone).iter().all(|block| now.contains(block)), "what keeps for one keeps for both");
        }
    }

    /// R151, R152: the day is no earlier than any rule's own, and is one of theirs; what is unknown is no day.
    #[test]
    fn the_day_is_the_longest_rules(
        profile in prop_oneof![covering().boxed(), profile().boxed()], client in client_facts(), record in record_facts(),
    ) {
        let appraisal = appraise(&profile, &client, &record);
        for rule in &appraisal.applied {
            for part in [rule.base_until, rule.minor_until, rule.death_until, rule.also_until] {
                prop_assert!(part <= rule.until);
            }
        }
        match &appraisal.outcome {
            Outcome::EligibleOn(day) => {
                prop_assert!(appraisal.applied.iter().all(|rule| rule.missing.is_empty() && !rule.never));
                prop_assert!(appraisal.applied.iter().filter_map(|rule| rule.until).all(|until| until <= *day));
                prop_assert_eq!(appraisal.decisive().unwrap().until, Some(*day));
                prop_assert!(record.class.is_some() && profile.gaps(record.class.unwrap(), TODAY).is_empty());
            }
            Outcome::Never => prop_assert!(appraisal.decisive().unwrap().never),
            Outcome::Unknown(missing) => {
                prop_assert!(!missing.is_empty() && appraisal.decisive.is_none());
                prop_assert!(!appraisal.is_eligible(Date::MAX));
            }
        }
    }

    /// R153: whatever happens later to a client keeps their records no shorter.
    #[test]
    fn later_is_never_earlier(
        profile in covering(), client in client_facts(), record in record_facts(), days in 0_i64..20_000,
    ) {
        let before = until(&profile, &client, &record);
        let later = |day: Option<Date>| day.map(|day| day.saturating_add(days.days()));
        let changed = [
            ClientFacts { last_entry_on: later(client.last_entry_on), ..client.clone() },
            ClientFacts { last_encounter_on: later(client.last_encounter_on), ..client.clone() },
            ClientFacts { last_record_on: later(client.last_record_on), ..client.clone() },
            ClientFacts { discharged_on: later(client.discharged_on), ..client.clone() },
            ClientFacts { mandate_ended_on: later(client.mandate_ended_on), ..client.clone() },
            ClientFacts { death_date: later(client.death_date), ..client.clone() },
            ClientFacts { birth_date: later(client.birth_date), ..client.clone() },
            ClientFacts { first_contact_on: later(client.first_contact_on), ..client.clone() },
        ];
        // Who is born later may turn out not to have come of age before some day: never earlier, that too.
        for changed in changed {
            prop_assert!(is_not_earlier_strictly(&before, &until(&profile, &changed, &record)), "{:?}", changed);
        }
    }

    /// R153: what records tell of lets nothing go that nobody knows of, and lets go nothing earlier than without it.
    #[test]
    fn what_a_folder_tells_of_is_no_encounter(
        profile in covering(), client in client_facts(), record in record_facts(), told in day(),
    ) {
        let bare = ClientFacts { last_record_on: None, ..client };
        let told = ClientFacts { last_record_on: Some(told), ..bare.clone() };
        let (before, after) = (until(&profile, &bare, &record), until(&profile, &told, &record));
        prop_assert!(is_not_earlier_strictly(&before, &after), "{before:?} became {after:?}");
        // Under a rule that begins with the last encounter, no day follows from it.
        let ohio = practising(&["US-OH"], &[Practice::Physician], &[]);
        let policy = Profile { policies: vec![own("OWN-SEEN", &[], "7y")], ..ohio };
        let unseen = ClientFacts { last_record_on: told.last_record_on, ..ClientFacts::default() };
        let note = RecordFacts { class: Some(RecordClass::ProgressNote), ..record };
        prop_assert_eq!(until(&policy, &unseen, &note), unknown(&[MissingFact::LastEncounter]));
    }

    /// R157: whenever rules come into force and end, time alone lets nothing go earlier.
    #[test]
    fn time_alone_is_never_earlier(
        profile in covering(), client in client_facts(), record in record_facts(),
        dates in prop::collection::vec((0_usize..116, maybe_later(), maybe_later()), 0..60),
        days in prop::array::uniform2(0_i64..4_000),
    ) {
        let after = |days: i64| TODAY.saturating_add(days.days());
        let mut shipped = starter().to_vec();
        for (at, from, until) in dates {
            shipped[at].effective_from = from.map(after);
            shipped[at].effective_to = until.map(after);
        }
        let [sooner, later] = [days[0].min(days[1]), days[0].max(days[1])].map(after);
        let ends = |on| until_among(&shipped, &profile, &client, &record, on);
        let (before, after) = (ends(sooner), ends(later));
        prop_assert!(is_not_earlier_strictly(&before, &after), "{before:?} became {after:?}");
    }

    /// R151, R157: what is said to come comes on its day, and nothing that was not said.
    #[test]
    fn what_is_said_to_come_comes(
        profile in covering(), client in client_facts(), record in record_facts(),
        dates in prop::collection::vec((0_usize..116, maybe_later()), 0..60), days in 0_i64..5_000,
    ) {
        let after = |days: i64| TODAY.saturating_add(days.days());
        let mut shipped = starter().to_vec();
        for (at, from) in dates {
            shipped[at].effective_from = from.map(after);
        }
        let said = coming::coming_among(&shipped, &profile, &client, &record, TODAY);
        let ends = |on| until_among(&shipped, &profile, &client, &record, on);
        let day = after(days);
        let newest = said.iter().rfind(|rule| rule.effective_from <= day);
        let (said, then) = (newest.map_or_else(|| ends(TODAY), |rule| rule.outcome.clone()), ends(day));
        let open = |outcome: &Outcome| matches!(outcome, Outcome::Unknown(_));
        prop_assert!(said == then || open(&said) && open(&then), "{said:?} was said, and it is {then:?}");
    }

    /// What is written on a chart when a record is filed holds whatever becomes known later.
    #[test]
    fn nothing_is_eligible_before_the_bound(
        profile in prop_oneof![covering().boxed(), profile().boxed()], client in client_facts(), record in record_facts(),
    ) {
        let bound = profile.earliest(&record, TODAY);
        if let Outcome::EligibleOn(day) = until(&profile, &client, &record) {
            prop_assert!(bound.is_some_and(|bound| bound <= day), "{bound:?} {day}");
        }
    }

    #[test]
    fn periods_are_read_and_do_not_run_backwards(
        years in 0_u16..=200, months in 0_u16..12, days in 1_u16..=365, a in day(), b in day(),
    ) {
        let length = Length { years, months, days };
        prop_assert_eq!(length.to_string().parse(), Ok(Period::Of(length)));
        let (sooner, later) = (a.min(b), a.max(b));
        prop_assert!(length.after(sooner) <= length.after(later) && length.after(a) > a);
    }

    #[test]
    fn noise_is_read_or_refused(text in "[0-9a-zA-Z:+/ -]{0,24}") {
        if let Ok(id) = text.parse::<RuleId>() { prop_assert_eq!(id.to_string(), text.clone()); }
        if let Ok(place) = text.parse::<Jurisdiction>() { prop_assert_eq!(place.to_string(), text.clone()); }
        let _ = text.parse::<MinorRule>();
        let _ = starter::parse(&text);
    }
}
