//! From rules and facts to a day, with the reasons (R151, R153).

use super::{
    Also, AlsoFor, ClientFacts, DeathRule, Jurisdiction, MinorBound, MinorRule, MissingFact, NoticeDuty,
    Period, Profile, RecordFacts, Rule, RuleId, RuleStatus, Trigger,
    period::{LATER_FROM_AGE, birthday},
    starter,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeSet};

/// When the time of a record ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", content = "value", rename_all = "snake_case")]
#[schemars(rename = "RetentionOutcome")]
pub enum Outcome {
    EligibleOn(Date),
    /// It is permanent, or kept as long as the client lives.
    Never,
    /// It cannot be said until this is known.
    Unknown(BTreeSet<MissingFact>),
}

/// What keeps a record though its time has ended. Legal holds are asked beside this.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "block", rename_all = "snake_case")]
#[schemars(rename = "RetentionBlock")]
pub enum Block {
    /// The client lacks capacity, and a rule keeps the records of such clients.
    Incapacity {
        rule_id: RuleId,
    },
    UnpaidClaim,
    /// A request for the record, or for its amendment, is open.
    OpenRequest,
}

/// One rule, applied: what it says, where that was read, and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AppliedRetentionRule")]
pub struct Applied {
    pub rule_id: RuleId,
    pub version: String,
    pub status: RuleStatus,
    /// Where it is in force: the place of service or of residence. `None`: everywhere.
    pub jurisdiction: Option<Jurisdiction>,
    pub text: String,
    pub source: String,
    pub trigger: Trigger,
    /// The day its period begins, if that has come and is known.
    pub trigger_on: Option<Date>,
    pub period: Period,
    pub base_until: Option<Date>,
    /// What it asks for because the client was a minor.
    pub minor_until: Option<Date>,
    /// What it asks for because the client has died.
    pub death_until: Option<Date>,
    /// What it asks for beside that, for the record's class, the practice or the payer.
    pub also_until: Option<Date>,
    /// The last of all, at the end of its year where the organization waits for that.
    pub until: Option<Date>,
    /// Whether it keeps the record for ever, as things stand.
    pub never: bool,
    pub missing: BTreeSet<MissingFact>,
    /// Whom it wants told.
    pub notice: NoticeDuty,
}

/// How long a record is kept, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RetentionAppraisal")]
pub struct Appraisal {
    pub outcome: Outcome,
    pub applied: Vec<Applied>,
    /// The rule that asks for the longest.
    pub decisive: Option<RuleId>,
    pub blocks: Vec<Block>,
}

impl Appraisal {
    pub const fn eligible_on(&self) -> Option<Date> {
        match self.outcome {
            Outcome::EligibleOn(day) => Some(day),
            Outcome::Never | Outcome::Unknown(_) => None,
        }
    }

    /// Whether nothing the rules know keeps it on a day. Legal holds are asked beside this.
    pub fn is_eligible(&self, today: Date) -> bool {
        self.blocks.is_empty() && self.eligible_on().is_some_and(|day| day <= today)
    }

    /// Whom the rules that apply want told before the record is destroyed, whichever of them decides the day.
    pub fn notices(&self) -> BTreeSet<NoticeDuty> {
        let asked = self.applied.iter().map(|applied| applied.notice);
        asked.filter(|duty| duty.days_before().is_some()).collect()
    }

    /// The decisive rule, as it was applied: of several versions of it, the one that asks for the longest.
    pub fn decisive(&self) -> Option<&Applied> {
        let id = self.decisive.as_ref()?;
        let versions = self.applied.iter().filter(|applied| applied.rule_id == *id);
        versions.max_by_key(|applied| (applied.never, applied.until))
    }
}

/// That a record's time ends otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RetentionMove")]
pub struct Move {
    pub from: Outcome,
    pub to: Outcome,
}

/// What becomes of a record's time when its schedule or its facts change. One that cannot be said before or after does not
/// move, whatever else has to be known first.
pub fn moved(before: &Appraisal, after: &Appraisal) -> Option<Move> {
    match (&before.outcome, &after.outcome) {
        (Outcome::Unknown(_), Outcome::Unknown(_)) => None,
        (from, to) => (from != to).then(|| Move { from: from.clone(), to: to.clone() }),
    }
}

/// A schedule as it binds one client on a day: which rules are in force is the same for each of their records.
#[derive(Debug)]
pub struct Binding<'a> {
    profile: &'a Profile,
    client: &'a ClientFacts,
    rules: Vec<Cow<'a, Rule>>,
}

impl<'a> Binding<'a> {
    pub fn new(profile: &'a Profile, client: &'a ClientFacts, on: Date) -> Self {
        Self::among(starter(), profile, client, on)
    }

    pub(super) fn among(
        shipped: &'a [Rule],
        profile: &'a Profile,
        client: &'a ClientFacts,
        on: Date,
    ) -> Self {
        Self { profile, client, rules: profile.rules_among(shipped, &client.residences, on) }
    }

    /// How long a record is kept.
    pub fn appraise(&self, record: &RecordFacts) -> Appraisal {
        let (profile, client, rules) = (self.profile, self.client, &self.rules);
        let bound = |rule: &Rule| {
            record.class.is_some_and(|class| rule.classes.contains(&class))
                && (rule.payers.is_empty() || !rule.payers.is_disjoint(&client.payers))
        };
        let binding: Vec<&Rule> = rules.iter().map(AsRef::as_ref).filter(|rule| bound(rule)).collect();
        let settles =
            |rule: &Rule| rule.status == RuleStatus::Policy && matches!(rule.minor, MinorRule::Until(_));
        let settled = binding.iter().any(|rule| settles(rule));
        let case = Case { profile, client, record, settled };
        let applied: Vec<Applied> = binding.iter().map(|rule| case.apply(rule)).collect();

        let mut missing: BTreeSet<MissingFact> =
            applied.iter().flat_map(|rule| rule.missing.clone()).collect();
        let gap = |class| !profile.gaps_among(rules, class).is_empty();
        let applies = |rule: &Applied| rule.never || rule.until.is_some() || !rule.missing.is_empty();
        match record.class {
            _ if profile.is_empty() => _ = missing.insert(MissingFact::Schedule),
            None => _ = missing.insert(MissingFact::Class),
            Some(class) if gap(class) || !applied.iter().any(applies) => {
                _ = missing.insert(MissingFact::Schedule)
            }
            Some(_) => {}
        }
        let (outcome, decisive) = decide(&applied, missing);
        let incapacity = binding.iter().filter(|rule| rule.incapacity && client.incapacitated);
        let mut blocks: Vec<Block> =
            incapacity.map(|rule| Block::Incapacity { rule_id: rule.id.clone() }).collect();
        blocks.extend(client.unpaid_claim.then_some(Block::UnpaidClaim));
        blocks.extend(client.open_request.then_some(Block::OpenRequest));
        Appraisal { outcome, applied, decisive, blocks }
    }
}

/// How long one record is kept, by the rules that bind on a day.
pub fn appraise(profile: &Profile, client: &ClientFacts, record: &RecordFacts, on: Date) -> Appraisal {
    Binding::new(profile, client, on).appraise(record)
}

/// The longest of all wins; of rules that ask for the same, the law's before the organization's own.
fn decide(applied: &[Applied], missing: BTreeSet<MissingFact>) -> (Outcome, Option<RuleId>) {
    if let Some(rule) = applied.iter().find(|rule| rule.never) {
        return (Outcome::Never, Some(rule.rule_id.clone()));
    }
    let longest = applied.iter().filter_map(|rule| rule.until.map(|until| (until, rule)));
    let longest = longest.reduce(|best, next| if next.0 > best.0 { next } else { best });
    match longest {
        Some((until, rule)) if missing.is_empty() => (Outcome::EligibleOn(until), Some(rule.rule_id.clone())),
        _ => (Outcome::Unknown(missing), None),
    }
}

/// What a trigger has come to.
#[derive(Clone, Copy)]
enum Begun {
    On(Date),
    /// It has not happened, and may never.
    NotYet,
    Missing(MissingFact),
}

impl Begun {
    fn known(day: Option<Date>, missing: MissingFact) -> Self {
        day.map_or(Self::Missing(missing), Self::On)
    }

    const fn day(self) -> Option<Date> {
        match self {
            Self::On(day) => Some(day),
            Self::NotYet | Self::Missing(_) => None,
        }
    }
}

impl Trigger {
    /// When a period begins: never before the day the record tells of.
    fn begun(self, client: &ClientFacts, record: &RecordFacts) -> Begun {
        // Whoever was seen after a discharge was not discharged for good by it.
        let discharged = client.last_seen(client.discharged_on.max(client.last_encounter_on));
        let begun = match self {
            Self::LastEncounter | Self::LastService => {
                Begun::known(client.last_seen(client.last_encounter_on), MissingFact::LastEncounter)
            }
            Self::LastEntry => Begun::known(
                client.last_entry_on.map(|day| day.max(record.latest_day())),
                MissingFact::LastEntry,
            ),
            Self::ServiceDate | Self::ExamDate | Self::Captured => Begun::On(record.occurred_on),
            Self::RecordCreated => Begun::On(record.latest_day()),
            Self::Discharge => Begun::known(client.discharged_on.and(discharged), MissingFact::Discharge),
            Self::DischargeOrLastService => Begun::known(discharged, MissingFact::LastEncounter),
            Self::DischargeOrDeath => {
                let happened = client.discharged_on.or(client.death_date);
                let last = client.last_seen(discharged.max(client.death_date));
                Begun::known(happened.and(last), MissingFact::Discharge)
            }
            Self::Death => client.death_date.map_or(Begun::NotYet, Begun::On),
            Self::EndOfMandate => Begun::known(client.mandate_ended_on, MissingFact::MandateEnd),
            Self::CaseClosed => Begun::known(client.case_closed_on, MissingFact::CaseClosure),
            Self::FormSigned => Begun::known(record.signed_on, MissingFact::Signature),
            Self::Superseded => Begun::known(record.superseded_on, MissingFact::Supersession),
            Self::None => Begun::NotYet,
        };
        match begun {
            Begun::On(day) => Begun::On(day.max(self.earliest(record))),
            other => other,
        }
    }

    /// The first day a period can begin, whatever is known of the client.
    pub(super) fn earliest(self, record: &RecordFacts) -> Date {
        match self {
            Self::RecordCreated | Self::LastEntry => record.latest_day(),
            _ => record.occurred_on,
        }
    }
}

/// A record and its client under a schedule.
struct Case<'a> {
    profile: &'a Profile,
    client: &'a ClientFacts,
    record: &'a RecordFacts,
    /// Whether a policy says until which age minors' records are kept, where the law leaves it open.
    settled: bool,
}

/// What part of a rule comes to.
#[derive(Default)]
struct Term {
    base: Option<Date>,
    minor: Option<Date>,
    never: bool,
    missing: BTreeSet<MissingFact>,
}

impl Case<'_> {
    fn apply(&self, rule: &Rule) -> Applied {
        let all: Vec<&Jurisdiction> =
            self.profile.jurisdictions.iter().chain(&self.client.residences).collect();
        let places = rule.places(&all);
        let majority = places.iter().map(|place| place.majority()).max().unwrap_or(18);
        let own = self.term(rule.trigger, rule.period, &rule.minor, majority);
        let also: Vec<Term> = rule
            .also
            .iter()
            .filter(|also| self.concerns(also))
            .map(|also| self.term(also.trigger, also.period, &also.minor, majority))
            .collect();
        let death_until = match rule.death {
            DeathRule::AtLeast(length) => self.client.death_date.map(|death| length.after(death)),
            DeathRule::Same => None,
        };
        let also_until = also.iter().map(|term| term.base.max(term.minor)).max().flatten();
        let until = own.base.max(own.minor).max(death_until).max(also_until);
        let mut missing = own.missing;
        missing.extend(also.iter().flat_map(|term| term.missing.iter().copied()));
        let place = rule.jurisdictions.iter().find(|own| places.iter().any(|place| place.is_within(own)));
        Applied {
            rule_id: rule.id.clone(),
            version: rule.version.clone(),
            status: rule.status,
            jurisdiction: place.cloned(),
            text: rule.sentence(),
            source: rule.text.source.clone(),
            trigger: rule.trigger,
            trigger_on: rule.trigger.begun(self.client, self.record).day(),
            period: rule.period,
            base_until: own.base,
            minor_until: own.minor,
            death_until,
            also_until,
            until: until.map(|day| self.profile.cut(rule, day)),
            never: own.never || also.iter().any(|term| term.never),
            missing,
            notice: rule.notice,
        }
    }

    /// Whether what a rule asks for beside its period is asked for here.
    fn concerns(&self, also: &Also) -> bool {
        match also.of {
            AlsoFor::Class(class) => self.record.class == Some(class),
            AlsoFor::Practice(practice) => self.profile.practices.contains(&practice),
            AlsoFor::Payer(payer) => self.client.payers.contains(&payer),
        }
    }

    fn term(&self, trigger: Trigger, period: Period, minor: &MinorRule, majority: u16) -> Term {
        let begun = trigger.begun(self.client, self.record);
        let mut term = Term::default();
        match (period, begun) {
            (Period::Permanent, _) | (Period::Of(_), Begun::NotYet) => term.never = true,
            (Period::Of(length), Begun::On(day)) => term.base = Some(length.after(day)),
            (Period::Of(_), Begun::Missing(fact)) => _ = term.missing.insert(fact),
            (Period::Unfixed, _) => {}
        }
        let birth = self.birth();
        if self.record.earliest_day() >= birthday(birth, majority) {
            return term;
        }
        match minor {
            MinorRule::Same => {}
            MinorRule::Unsettled if self.settled => {}
            MinorRule::Unsettled => _ = term.missing.insert(MissingFact::MinorRule),
            MinorRule::Until(bounds) => {
                for bound in bounds {
                    match bound.until(birth, majority, begun) {
                        Ok(day) => term.minor = term.minor.max(Some(day)),
                        Err(fact) => _ = term.missing.insert(fact),
                    }
                }
            }
        }
        term
    }

    /// When the client was born: not known, at first contact.
    fn birth(&self) -> Date {
        let first = self.client.first_contact_on.unwrap_or_else(|| self.record.latest_day());
        self.client.birth_date.unwrap_or(first)
    }
}

impl MinorBound {
    fn until(self, birth: Date, majority: u16, begun: Begun) -> Result<Date, MissingFact> {
        let through = |age: u16| birthday(birth, age).tomorrow().unwrap_or(Date::MAX);
        let day = match begun {
            Begun::On(day) => Ok(Some(day)),
            Begun::NotYet => Ok(None),
            Begun::Missing(fact) => Err(fact),
        };
        Ok(match self {
            Self::Age(age, length) => length.after(birthday(birth, age)),
            Self::Majority(length) => length.after(birthday(birth, majority)),
            Self::UntilBirthday(age) => through(age),
            // From 17 on, and not only at 17: a child whose treatment goes on for longer is not kept for less.
            Self::UntilBirthdayOr(age, later) => match day? {
                Some(ended) if ended >= birthday(birth, LATER_FROM_AGE) => through(later),
                _ => through(age),
            },
            Self::Period(length) => day?.map_or(Date::MAX, |day| length.after(day)),
        })
    }
}
