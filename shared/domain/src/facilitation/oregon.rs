//! The rules of Oregon's psilocybin services as checks of a session (R110, O-01 to O-13).
//!
//! The numbers are those of OAR chapter 333 division 333 as of December 2024, and of ORS chapter 475A.

use super::{
    Act, Administration, CenterLink, Code, DisclosureConsent, FacilitatedSession, FacilitationError, Finding,
    ItemCode, License, OhaForm, Participant, Person,
};
use crate::ParticipantId;
use jiff::{
    SignedDuration, Span, Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};
/// The most psilocybin analyte of one administration, and the least durations below it.
const MOST_UG: u32 = 50_000;
/// Below this many micrograms, this many minutes (O-09).
const LEAST_MINUTES: [(u32, i64); 5] =
    [(2_500, 60), (5_000, 60), (10_000, 120), (25_000, 240), (35_000, 300)];
const LEAST_MINUTES_ABOVE: i64 = 360;
/// Of a small dose, when the client was at the same center before.
const LEAST_MINUTES_AGAIN: i64 = 30;
const YEARS_OF_AGE: i16 = 21;
const YEARS_KEPT: i16 = 5;
const PREPARATION_HOURS: i64 = 24;
const PREPARATION_DAYS: i64 = 90;
const CONSENT_HOURS: i64 = 24;
const CLIENT_DATA_DAYS: i64 = 15;

/// What a check looks at beside the session: what its entries say.
#[derive(Clone, Debug)]
pub struct Opened {
    pub participant_id: ParticipantId,
    pub person: Person,
    pub administration: Option<Administration>,
    pub consent: Option<DisclosureConsent>,
}

/// Everything a check needs.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub session: &'a FacilitatedSession,
    pub opened: &'a [Opened],
    /// The center's license, as it is now.
    pub license: Option<&'a License>,
    /// Where days begin and end.
    pub zone: &'a TimeZone,
    pub today: Date,
}

/// What the rules of Oregon find in a session; nothing, where its center is no licensed Oregon service center.
pub fn check(facts: &Facts<'_>) -> Vec<Finding> {
    let session = facts.session;
    let Some(center) = session.center.as_ref().filter(|center| center.oregon && session.voided.is_none())
    else {
        return Vec::new();
    };
    let mut findings = whole(facts);
    for participant in session.present() {
        let opened = facts.opened.iter().find(|opened| opened.participant_id == participant.id);
        if let Some(opened) = opened {
            let one = Checked { facts, center, participant, opened };
            findings.extend(one.codes().into_iter().map(|code| code.finding(Some(participant.id), None)));
        }
    }
    findings
}

/// Whether an act may be done. What is only planned is refused; what was done is recorded all the same, with the reason
/// why, and the codes of the rules it was done against come back.
pub fn must_allow(
    findings: &[Finding],
    act: Act,
    participant: Option<ParticipantId>,
    deviation: bool,
) -> Result<Vec<Code>, FacilitationError> {
    let concerns = |finding: &&Finding| participant.is_none() || finding.participant_id == participant;
    let against: Vec<Code> = findings
        .iter()
        .filter(|finding| finding.blocks.is_some_and(|blocked| blocked <= act))
        .filter(concerns)
        .map(|finding| finding.code)
        .collect();
    match act {
        Act::Administer if deviation => Ok(against),
        _ if against.is_empty() => Ok(against),
        _ => Err(FacilitationError::Forbidden(against)),
    }
}

/// The least minutes an administration lasts (O-09).
pub fn least_duration(total_ug: u32, whole_fungi: bool, again: bool) -> SignedDuration {
    let row = LEAST_MINUTES.iter().find(|(below, _)| total_ug < *below);
    let minutes = match row {
        Some((2_500, _)) if again && !whole_fungi => LEAST_MINUTES_AGAIN,
        Some((_, minutes)) => *minutes,
        None => LEAST_MINUTES_ABOVE,
    };
    SignedDuration::from_mins(minutes)
}

/// What concerns the session as a whole.
fn whole(facts: &Facts<'_>) -> Vec<Finding> {
    let session = facts.session;
    let day = facts.day(session.scheduled_at);
    let kept_until = later_by_years(day.max(facts.day_of(session.created_at)), YEARS_KEPT);
    let mut found = vec![
        Code::KeptUntil.finding(None, Some(kept_until)),
        Code::CenterAccess.finding(None, None),
        Code::Confidentiality.finding(None, None),
    ];
    if !facts.license.is_some_and(|license| license.is_oregon(day)) {
        found.push(Code::LicenseNotInForce.finding(None, Some(day)));
    }
    if facts.today > kept_until {
        found.push(Code::DestroyedOnRequest.finding(None, None));
    }
    let serves = |member| {
        session.present().any(|participant| {
            participant.facilitator == member
                || participant.preparations.iter().any(|held| held.by == member)
                || participant.reviews.iter().any(|review| review.by == member)
        })
    };
    if session.present().next().is_some() && !session.facilitators.iter().all(|member| serves(*member)) {
        found.push(Code::FacilitatorWithoutClient.finding(None, None));
    }
    if session.is_administered() {
        found.push(Code::ClientDataDue.finding(None, Some(client_data_due(day))));
    }
    found
}

/// A participant being looked at.
struct Checked<'a> {
    facts: &'a Facts<'a>,
    center: &'a CenterLink,
    participant: &'a Participant,
    opened: &'a Opened,
}

impl Checked<'_> {
    fn codes(&self) -> Vec<Code> {
        let mut codes = Vec::new();
        self.age(&mut codes);
        self.preparation(&mut codes);
        self.forms(&mut codes);
        self.consent(&mut codes);
        self.administration(&mut codes);
        self.integration(&mut codes);
        if self.is_corrected() {
            codes.push(Code::Corrected);
        }
        codes
    }

    /// When it was administered, or is to be.
    fn moment(&self) -> Option<Timestamp> {
        self.started_at().or(self.facts.session.scheduled_at)
    }

    fn started_at(&self) -> Option<Timestamp> {
        self.opened.administration.as_ref().and_then(|given| given.started_at)
    }

    fn age(&self, codes: &mut Vec<Code>) {
        match self.opened.person.birth_date {
            None => codes.push(Code::BirthDateUnknown),
            Some(birth) if !is_of_age(birth, self.facts.day(self.moment())) => {
                codes.push(Code::ClientTooYoung)
            }
            Some(_) => {}
        }
    }

    fn preparation(&self, codes: &mut Vec<Code>) {
        let held = &self.participant.preparations;
        if held.iter().any(|held| !held.certified) {
            codes.push(Code::PreparationNotCertified);
        }
        // The window is before the first administration with the facilitator; later ones have none.
        if self.participant.known.with.contains(&self.participant.facilitator) {
            return;
        }
        if self.participant.history.with_facilitator {
            codes.push(Code::HistoryAttested);
            return;
        }
        if held.is_empty() {
            codes.push(Code::PreparationMissing);
            return;
        }
        if let Some(moment) = self.moment() {
            codes.extend(self.window(moment));
        }
        let facilitator = self.participant.facilitator;
        let in_time = |at: Timestamp| self.started_at().is_none_or(|start| at <= start);
        let reviewed =
            self.participant.reviews.iter().any(|review| review.by == facilitator && in_time(review.at));
        if !reviewed && !held.iter().any(|held| held.by == facilitator) {
            codes.push(Code::FormsNotReviewed);
        }
    }

    /// Whether any preparation lies in the window before the moment, and if none does, on which side they lie.
    fn window(&self, moment: Timestamp) -> Option<Code> {
        let recent =
            |held: Timestamp| moment.duration_since(held) < SignedDuration::from_hours(PREPARATION_HOURS);
        let old = |held: Timestamp| self.facts.days_after(held, PREPARATION_DAYS) < moment;
        let mut held = self.participant.preparations.iter().map(|held| held.held_at);
        if held.clone().any(|held| !recent(held) && !old(held)) {
            None
        } else if held.any(recent) {
            Some(Code::PreparationTooRecent)
        } else {
            Some(Code::PreparationTooOld)
        }
    }

    fn forms(&self, codes: &mut Vec<Code>) {
        let done =
            |form| self.participant.has_completed(ItemCode::Oha(form), Some(self.center), self.started_at());
        if !done(OhaForm::ClientInformation) {
            codes.push(Code::ClientInformationMissing);
        }
        if !done(OhaForm::ClientData) {
            codes.push(Code::ClientDataMissing);
        }
        let others = self.participant.items(Some(self.center)).any(|(code, _, required)| match code {
            ItemCode::Oha(OhaForm::ClientInformation | OhaForm::ClientData) => false,
            ItemCode::Oha(form) => required && !done(form),
            _ => false,
        });
        if others {
            codes.push(Code::FormsOutstanding);
        }
    }

    fn consent(&self, codes: &mut Vec<Code>) {
        let Some(consent) = &self.opened.consent else { return };
        let late = |moment: Timestamp| {
            moment.duration_since(consent.signed_at) < SignedDuration::from_hours(CONSENT_HOURS)
        };
        if self.moment().is_some_and(late) {
            codes.push(Code::ConsentTooLate);
        }
        match consent.expires_on {
            None => codes.push(Code::ConsentWithoutExpiry),
            Some(last) if last < self.facts.today => codes.push(Code::ConsentExpired),
            Some(_) => {}
        }
        if !consent.on_oha_form {
            codes.push(Code::ConsentOnOtherForm);
        }
    }

    fn administration(&self, codes: &mut Vec<Code>) {
        let Some(given) = &self.opened.administration else { return };
        let Some(total_ug) = given.total_ug() else { return };
        if total_ug > MOST_UG {
            codes.push(Code::DoseTooHigh);
        }
        let least = |again| least_duration(total_ug, given.whole_fungi, again);
        let (known, attested) = self.was_here_before();
        match given.duration() {
            Some(lasted) if lasted < least(known || attested) => codes.push(Code::SessionTooShort),
            Some(lasted) if lasted < least(known) => codes.push(Code::VisitAttested),
            None if given.is_complete() => codes.push(Code::TimesMissing),
            _ => {}
        }
        if given.is_complete() && !given.certified {
            codes.push(Code::AdministrationNotCertified);
        }
    }

    /// Whether the client's first administration at this center was within the twelve months before: as sessions here
    /// show, and as it is attested.
    fn was_here_before(&self) -> (bool, bool) {
        let (day, center_id) = (self.facts.day(self.moment()), self.center.organization_id);
        let within = |first: Date| (first..=first.saturating_add(Span::new().months(12))).contains(&day);
        let known = self.participant.known.first_at.get(&center_id).map(|at| self.facts.day_of(*at));
        let attested = self.participant.history.first_at_center.as_ref();
        let attested = attested.filter(|first| first.center_id == center_id).map(|first| first.on);
        (known.is_some_and(within), attested.is_some_and(within))
    }

    fn integration(&self, codes: &mut Vec<Code>) {
        if self.participant.administration.as_ref().is_none_or(|given| !given.complete) {
            return;
        }
        match self.participant.integration.as_ref().map(|integration| &integration.offer) {
            Some(offer) if offer.offered_at.is_some() => {
                if offer.held_at.is_some() && !offer.certified {
                    codes.push(Code::IntegrationNotCertified);
                }
            }
            _ => codes.push(Code::IntegrationNotOffered),
        }
    }

    fn is_corrected(&self) -> bool {
        let participant = self.participant;
        participant.items.values().any(|item| item.entries > 1)
            || participant.administration.as_ref().is_some_and(|given| given.entries > 1)
            || participant.integration.as_ref().is_some_and(|integration| integration.entries > 1)
    }
}

impl Facts<'_> {
    fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    fn day(&self, at: Option<Timestamp>) -> Date {
        at.map_or(self.today, |at| self.day_of(at))
    }

    /// The same time of day, that many days later.
    fn days_after(&self, at: Timestamp, days: i64) -> Timestamp {
        at.to_zoned(self.zone.clone()).saturating_add(Span::new().days(days)).timestamp()
    }
}

/// Whether somebody born on a day is 21; who was born on 29 February, from 1 March on where there is none.
fn is_of_age(birth: Date, day: Date) -> bool {
    let birthday_is_over = (day.month(), day.day()) >= (birth.month(), birth.day());
    let years = day.year().saturating_sub(birth.year());
    years > YEARS_OF_AGE || (years == YEARS_OF_AGE && birthday_is_over)
}

/// The day years later; of 29 February, 1 March: of two ends of a period the later one.
fn later_by_years(day: Date, years: i16) -> Date {
    let later = day.saturating_add(Span::new().years(years));
    if later.day() == day.day() { later } else { later.tomorrow().unwrap_or(later) }
}

/// Fifteen days after the end of the quarter (O-10).
fn client_data_due(day: Date) -> Date {
    let (last_month, last_day) = match day.month() {
        1..=3 => (3, 31),
        4..=6 => (6, 30),
        7..=9 => (9, 30),
        _ => (12, 31),
    };
    date(day.year(), last_month, last_day).saturating_add(Span::new().days(CLIENT_DATA_DAYS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facilitation::{
        Administered, FirstVisit, Offer, Preparation, RULES, Reaction, Severity, VoidReason, Voided,
        sample::{self, AMARA, BEN},
    };
    use crate::{
        facilitation::History,
        text::{Line, Prose},
    };
    use proptest::prelude::*;

    const DAY: &str = "2027-06-10T10:00:00-07:00";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn hours(count: i64) -> SignedDuration {
        SignedDuration::from_hours(count)
    }

    /// A session at a licensed center on which no rule has anything to say, and what its entries hold.
    struct Scene {
        session: FacilitatedSession,
        opened: Opened,
        license: License,
        today: Date,
    }

    fn scene() -> Scene {
        let moment = at(DAY);
        let mut session = sample::session(&[AMARA]).schedule(Some(moment)).unwrap();
        session = session.admit(sample::participant(1, AMARA)).unwrap();
        session = sample::associated(session);
        let id = session.participants[0].id;
        let held = Preparation { by: AMARA, held_at: moment - hours(72), certified: true };
        session = session.prepare(id, held, moment - hours(48)).unwrap();
        session = sample::complete_all(session, id, AMARA, moment - hours(30));
        let opened = Opened {
            participant_id: id,
            person: Person { name: Line::new("Grace").unwrap(), birth_date: Some(date(1980, 1, 1)) },
            administration: None,
            consent: None,
        };
        let license = License {
            number: Line::new("SC-1").unwrap(),
            state: "OR".to_owned().try_into().unwrap(),
            expires_on: date(2028, 1, 1),
        };
        Scene { session, opened, license, today: date(2027, 6, 1) }
    }

    fn administered(primary_dose_ug: u32, minutes: i64) -> Administration {
        let none = Some(Reaction { occurred: false, description: None });
        Administration {
            primary_dose_ug: Some(primary_dose_ug),
            booster_dose_ug: Some(0),
            started_at: Some(at(DAY)),
            ended_at: Some(at(DAY) + SignedDuration::from_mins(minutes)),
            medical_reaction: none.clone(),
            behavioral_reaction: none,
            certified: true,
            ..Administration::default()
        }
    }

    impl Scene {
        fn participant(&mut self) -> &mut Participant {
            &mut self.session.participants[0]
        }

        fn findings(&self) -> Vec<Finding> {
            let zone = TimeZone::get("America/Los_Angeles").unwrap();
            let opened = [self.opened.clone()];
            check(&Facts {
                session: &self.session,
                opened: &opened,
                license: Some(&self.license),
                zone: &zone,
                today: self.today,
            })
        }

        /// What is found beside what is only to be known.
        fn faults(&self) -> Vec<Code> {
            let faulty = |finding: &Finding| finding.severity != Severity::Notice;
            self.findings().into_iter().filter(faulty).map(|finding| finding.code).collect()
        }

        fn administer(&mut self, given: Administration) {
            let (id, later) = (self.opened.participant_id, at(DAY) + hours(24));
            let administered =
                self.session.clone().administer(id, &given, vec![], AMARA, true, later).unwrap();
            self.session = administered.0;
            self.opened.administration = Some(given);
        }

        fn born(mut self, birth: Option<Date>) -> Vec<Code> {
            self.opened.person.birth_date = birth;
            self.faults()
        }

        fn prepared(mut self, before: SignedDuration) -> Vec<Code> {
            self.participant().preparations[0].held_at = at(DAY) - before;
            self.faults()
        }

        fn consented(mut self, change: impl FnOnce(&mut DisclosureConsent)) -> Vec<Code> {
            let mut consent = DisclosureConsent {
                description: Prose::new("Dates").unwrap(),
                recipient: Line::new("Dr Ben").unwrap(),
                purpose: Line::new("Aftercare").unwrap(),
                signed_at: at(DAY) - hours(24),
                expires_on: Some(date(2027, 6, 1)),
                on_oha_form: true,
            };
            change(&mut consent);
            self.opened.consent = Some(consent);
            self.faults()
        }

        fn given(mut self, given: Administration) -> Vec<Code> {
            self.administer(given);
            let codes = self.faults();
            codes.into_iter().filter(|code| *code != Code::IntegrationNotOffered).collect()
        }
    }

    #[test]
    fn a_sound_session_has_notices_and_no_faults() {
        let scene = scene();
        assert_eq!(scene.faults(), []);
        let codes: Vec<_> = scene.findings().into_iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::KeptUntil, Code::CenterAccess, Code::Confidentiality]);
    }

    #[test]
    fn only_a_licensed_oregon_center_is_checked() {
        let mut elsewhere = scene();
        elsewhere.opened.person.birth_date = Some(date(2010, 1, 1));
        assert_eq!(elsewhere.faults(), [Code::ClientTooYoung]);
        elsewhere.session.center.as_mut().unwrap().oregon = false;
        assert_eq!(elsewhere.findings(), []);
        let mut alone = scene();
        alone.session.center = None;
        assert_eq!(alone.findings(), []);
    }

    /// O-13, at the birthday itself, and for who was born on a day that most years do not have.
    #[test]
    fn a_client_is_twenty_one_from_their_birthday_on() {
        assert_eq!(scene().born(Some(date(2006, 6, 10))), []);
        assert_eq!(scene().born(Some(date(2006, 6, 11))), [Code::ClientTooYoung]);
        assert_eq!(scene().born(None), [Code::BirthDateUnknown]);
        assert!(!is_of_age(date(2004, 2, 29), date(2025, 2, 28)));
        assert!(is_of_age(date(2004, 2, 29), date(2025, 3, 1)));
        // The day is the center's, not Greenwich's: 1 June 23:30 in Portland.
        let mut night = scene();
        night.session.scheduled_at = Some(at("2027-06-10T23:30:00-07:00"));
        assert_eq!(night.born(Some(date(2006, 6, 11))), [Code::ClientTooYoung]);
    }

    /// O-08, at both ends of the window.
    #[test]
    fn preparation_is_a_day_to_ninety_days_before() {
        let second = SignedDuration::from_secs(1);
        assert_eq!(scene().prepared(hours(24)), []);
        assert_eq!(scene().prepared(hours(24) - second), [Code::PreparationTooRecent]);
        // Ninety days by the calendar, though one of them had 23 hours.
        let ninety_days = at(DAY).duration_since(at("2027-03-12T10:00:00-08:00"));
        assert_eq!(ninety_days, hours(90 * 24 - 1));
        assert_eq!(scene().prepared(ninety_days), []);
        assert_eq!(scene().prepared(ninety_days + second), [Code::PreparationTooOld]);
        let mut unprepared = scene();
        unprepared.participant().preparations.clear();
        assert_eq!(unprepared.faults(), [Code::PreparationMissing]);
        unprepared.participant().history = History { with_facilitator: true, first_at_center: None };
        assert_eq!(unprepared.faults(), [Code::HistoryAttested]);
        unprepared.participant().known.with.insert(BEN);
        assert_eq!(unprepared.faults(), [Code::HistoryAttested], "with somebody else");
        unprepared.participant().known.with.insert(AMARA);
        assert_eq!(unprepared.faults(), []);
        let mut unscheduled = scene();
        unscheduled.session.scheduled_at = None;
        assert_eq!(unscheduled.faults(), []);
    }

    #[test]
    fn who_did_not_prepare_reviews_the_forms_first() {
        let mut other = scene();
        other.participant().preparations[0].by = BEN;
        assert_eq!(other.faults(), [Code::FormsNotReviewed]);
        let id = other.opened.participant_id;
        let reviewed = |by, at| other.session.clone().review_forms(id, by, at).unwrap();
        let with = |session| Scene {
            session,
            opened: other.opened.clone(),
            license: other.license.clone(),
            ..scene()
        };
        assert_eq!(with(reviewed(BEN, at(DAY))).faults(), [Code::FormsNotReviewed]);
        assert_eq!(with(reviewed(AMARA, at(DAY))).faults(), []);
        let late = with(reviewed(AMARA, at(DAY) + SignedDuration::from_secs(1)));
        assert_eq!(late.given(administered(1_000, 60)), [Code::FormsNotReviewed]);
    }

    /// O-08, O-09: earlier sessions of the same facilitators show what went before; void ones, later ones, others' and
    /// what was not administered do not.
    #[test]
    fn earlier_sessions_show_what_went_before() {
        let (day, center_id) = (at(DAY), sample::organization(sample::CENTER));
        let other = |number: u128, facilitator, at: Timestamp| {
            let session = sample::session(&[facilitator]).schedule(Some(at)).unwrap();
            let admitted = session.admit(sample::participant(1, facilitator)).unwrap();
            let mut session = sample::associated(admitted);
            session.participants[0].administration = Some(Administered {
                entries: 1,
                complete: true,
                recorded_by: facilitator,
                recorded_at: at + hours(1),
                deviations: vec![],
            });
            FacilitatedSession { id: crate::FacilitationId::new(uuid::Uuid::from_u128(number)), ..session }
        };
        let this = scene().session;
        let known = |others: &[FacilitatedSession]| this.participants[0].known_from(&this, others);
        let (early, late) = (other(71, AMARA, day - hours(900)), other(72, AMARA, day - hours(90)));
        let both = known(&[late.clone(), early.clone()]);
        assert_eq!(both.with, [AMARA].into());
        assert_eq!(both.first_at, [(center_id, day - hours(900))].into());
        let void = Voided { by: AMARA, at: day, reason: VoidReason::EnteredInError };
        let after = other(73, AMARA, day + hours(1));
        let mut planned = early.clone();
        planned.participants[0].administration = None;
        let nothing = [
            FacilitatedSession { voided: Some(void), ..late },
            after,
            other(74, BEN, day - hours(90)),
            planned,
        ];
        assert_eq!(known(&nothing), Default::default());
    }

    /// O-09, at each boundary of the table.
    #[test]
    fn the_least_duration_is_by_dose() {
        for (dose_ug, minutes) in [
            (0, 60),
            (2_499, 60),
            (2_500, 60),
            (4_999, 60),
            (5_000, 120),
            (9_999, 120),
            (10_000, 240),
            (24_999, 240),
            (25_000, 300),
            (34_999, 300),
            (35_000, 360),
            (50_000, 360),
        ] {
            assert_eq!(scene().given(administered(dose_ug, minutes)), [], "{dose_ug}");
            let short = scene().given(administered(dose_ug, minutes - 1));
            assert_eq!(short, [Code::SessionTooShort], "{dose_ug}");
        }
        assert_eq!(scene().given(administered(50_001, 360)), [Code::DoseTooHigh]);
        let both = Administration { booster_dose_ug: Some(10_000), ..administered(40_001, 360) };
        assert_eq!(scene().given(both), [Code::DoseTooHigh]);
    }

    #[test]
    fn a_small_dose_is_shorter_at_the_same_center_within_a_year() {
        let again = |center, on, given: Administration| {
            let mut scene = scene();
            let center_id = sample::organization(center);
            scene.participant().history =
                History { with_facilitator: false, first_at_center: Some(FirstVisit { center_id, on }) };
            scene.given(given)
        };
        let small = administered(2_499, 30);
        let year_ago = date(2026, 6, 10);
        assert_eq!(again(sample::CENTER, year_ago, small.clone()), [Code::VisitAttested]);
        assert_eq!(again(sample::CENTER, year_ago, administered(2_499, 60)), [], "nothing stands on it");
        let known = |first: &str| {
            let mut scene = scene();
            scene.participant().known.first_at.insert(sample::organization(sample::CENTER), at(first));
            scene.given(administered(2_499, 30))
        };
        assert_eq!(known("2026-06-10T08:00:00-07:00"), []);
        assert_eq!(known("2026-06-09T08:00:00-07:00"), [Code::SessionTooShort]);
        assert_eq!(again(sample::CENTER, date(2026, 6, 9), small.clone()), [Code::SessionTooShort]);
        assert_eq!(again(77, year_ago, small.clone()), [Code::SessionTooShort]);
        assert_eq!(again(sample::CENTER, year_ago, administered(2_500, 30)), [Code::SessionTooShort]);
        assert_eq!(again(sample::CENTER, year_ago, administered(2_499, 29)), [Code::SessionTooShort]);
        let whole = Administration { whole_fungi: true, ..small };
        assert_eq!(again(sample::CENTER, year_ago, whole), [Code::SessionTooShort]);
    }

    #[test]
    fn without_times_nobody_can_tell_how_long_it_was() {
        let untimed = Administration { started_at: None, ended_at: None, ..administered(1_000, 60) };
        assert_eq!(scene().given(untimed), [Code::TimesMissing]);
    }

    /// O-07: a day before, with an end, on the form.
    #[test]
    fn a_consent_to_disclose_is_early_bounded_and_on_the_form() {
        assert_eq!(scene().consented(|_| ()), []);
        let second = SignedDuration::from_secs(1);
        assert_eq!(scene().consented(|consent| consent.signed_at += second), [Code::ConsentTooLate]);
        assert_eq!(scene().consented(|consent| consent.expires_on = None), [Code::ConsentWithoutExpiry]);
        assert_eq!(
            scene().consented(|consent| consent.expires_on = Some(date(2027, 5, 31))),
            [Code::ConsentExpired]
        );
        assert_eq!(scene().consented(|consent| consent.on_oha_form = false), [Code::ConsentOnOtherForm]);
    }

    #[test]
    fn forms_are_complete_before_the_administration() {
        for (form, code) in [
            (OhaForm::ClientInformation, Code::ClientInformationMissing),
            (OhaForm::ClientData, Code::ClientDataMissing),
            (OhaForm::TransportationPlan, Code::FormsOutstanding),
        ] {
            let mut missing = scene();
            missing.participant().items.remove(&ItemCode::Oha(form));
            assert_eq!(missing.faults(), [code]);
            let mut late = scene();
            late.participant().items.get_mut(&ItemCode::Oha(form)).unwrap().first_completed_at =
                Some(at(DAY) + SignedDuration::from_secs(1));
            assert_eq!(late.given(administered(1_000, 60)), [code]);
        }
    }

    /// O-12: three certificates, and an offer that may be declined.
    #[test]
    fn each_step_is_certified_and_integration_is_offered() {
        let mut scene = scene();
        scene.participant().preparations[0].certified = false;
        assert_eq!(scene.faults(), [Code::PreparationNotCertified]);
        scene.participant().preparations[0].certified = true;
        scene.administer(Administration { certified: false, ..administered(1_000, 60) });
        assert_eq!(scene.faults(), [Code::AdministrationNotCertified, Code::IntegrationNotOffered]);
        scene.administer(administered(1_000, 60));
        let (id, later) = (scene.opened.participant_id, at(DAY) + hours(48));
        let offer = Offer { offered_at: Some(later), declined: true, held_at: None, certified: false };
        let with = |offer| scene.session.clone().integrate(id, offer, AMARA, false, later).unwrap().0;
        let declined = Scene { session: with(offer.clone()), opened: scene.opened.clone(), ..self::scene() };
        assert_eq!(declined.faults(), []);
        let held = Offer { declined: false, held_at: Some(later), ..offer };
        let held = Scene { session: with(held), opened: scene.opened.clone(), ..self::scene() };
        assert_eq!(held.faults(), [Code::IntegrationNotCertified]);
    }

    #[test]
    fn records_are_kept_five_years_and_counted_fifteen_days_after_the_quarter() {
        let mut scene = scene();
        scene.administer(administered(1_000, 60));
        let on = |scene: &Scene, code| {
            scene.findings().into_iter().find(|finding| finding.code == code).and_then(|finding| finding.on)
        };
        assert_eq!(on(&scene, Code::KeptUntil), Some(date(2032, 6, 10)));
        assert_eq!(on(&scene, Code::ClientDataDue), Some(date(2027, 7, 15)));
        scene.license.expires_on = date(2040, 1, 1);
        scene.today = date(2032, 6, 10);
        let over =
            |scene: &Scene| scene.findings().iter().any(|finding| finding.code == Code::DestroyedOnRequest);
        assert!(!over(&scene));
        scene.today = date(2032, 6, 11);
        assert!(over(&scene));
        assert_eq!(later_by_years(date(2024, 2, 29), 5), date(2029, 3, 1));
        assert_eq!(later_by_years(date(2023, 2, 28), 5), date(2028, 2, 28));
        for (day, due) in [
            (date(2027, 1, 1), date(2027, 4, 15)),
            (date(2027, 3, 31), date(2027, 4, 15)),
            (date(2027, 9, 30), date(2027, 10, 15)),
            (date(2027, 12, 31), date(2028, 1, 15)),
        ] {
            assert_eq!(client_data_due(day), due);
        }
    }

    #[test]
    fn a_license_is_in_force_on_the_day_and_facilitators_have_clients() {
        let mut lapsed = scene();
        lapsed.license.expires_on = date(2027, 6, 9);
        assert_eq!(lapsed.faults(), [Code::LicenseNotInForce]);
        let mut crowd = scene();
        crowd.session.facilitators.insert(BEN);
        assert_eq!(crowd.faults(), [Code::FacilitatorWithoutClient]);
        let mut corrected = scene();
        corrected.participant().items.get_mut(&ItemCode::Who5).unwrap().entries = 2;
        assert!(corrected.findings().iter().any(|finding| finding.code == Code::Corrected));
    }

    /// What is planned is refused; what was done is recorded with its reason.
    #[test]
    fn a_plan_is_refused_and_a_deed_is_recorded_with_its_reason() {
        let mut young = scene();
        young.opened.person.birth_date = Some(date(2010, 1, 1));
        let id = Some(young.opened.participant_id);
        let findings = young.findings();
        let forbidden = Err(FacilitationError::Forbidden(vec![Code::ClientTooYoung]));
        assert_eq!(must_allow(&findings, Act::Schedule, id, true), forbidden);
        assert_eq!(must_allow(&findings, Act::Administer, id, false), forbidden);
        assert_eq!(must_allow(&findings, Act::Administer, id, true), Ok(vec![Code::ClientTooYoung]));
        let somebody = Some(ParticipantId::new(uuid::Uuid::from_u128(99)));
        assert_eq!(must_allow(&findings, Act::Schedule, somebody, false), Ok(vec![]));
        let mut unprepared = scene();
        unprepared.participant().preparations.clear();
        assert_eq!(must_allow(&unprepared.findings(), Act::Schedule, None, false), Ok(vec![]));
    }

    proptest! {
        /// More never takes less time, and a repeat never more than a first time.
        #[test]
        fn more_never_takes_less_time(a in 0_u32..60_000, b in 0_u32..60_000, whole: bool, again: bool) {
            let (less, more) = (a.min(b), a.max(b));
            prop_assert!(least_duration(less, whole, again) <= least_duration(more, whole, again));
            prop_assert!(least_duration(a, whole, true) <= least_duration(a, whole, false));
        }

        /// Whatever the session is like, each finding says what its row says.
        #[test]
        fn findings_say_what_the_table_says(dose in 0_u32..100_000, minutes in 1_i64..600, before in 0_i64..4_000) {
            let mut scene = scene();
            scene.participant().preparations[0].held_at = at(DAY) - hours(before);
            scene.administer(administered(dose, minutes));
            for finding in scene.findings() {
                let rule = RULES.iter().find(|rule| rule.code == finding.code).unwrap();
                prop_assert_eq!((finding.severity, finding.citation), (rule.severity, rule.citation));
            }
            let codes = scene.faults();
            prop_assert_eq!(codes.contains(&Code::PreparationTooRecent), before < 24);
            prop_assert_eq!(codes.contains(&Code::DoseTooHigh), dose > 50_000);
        }
    }
}
