//! The schedule that ships with the product: rules with what they say, where that was read and how far it can be
//! trusted. It is data (`schedule.csv`); a rule of it binds nobody who does not practise where it is in force.
//!
//! INVARIANT: a row that has shipped stays as it is, but for the day it ends on. What changes is a row of its own, of
//! the next version and behind the one before it, from the day it is in force: certificates name versions, and whoever
//! kept records by a version goes on doing so until they have decided otherwise (R157).

use super::{Also, AlsoFor, CodeError, Jurisdiction, Practice, RecordClass, Rule, RuleId, RuleText};
use super::{MinorRule, NoticeDuty, Payer, RuleStatus, Trigger};
use crate::csv;
use jiff::civil::Date;
use std::{collections::BTreeSet, sync::LazyLock};

const SCHEDULE: &str = include_str!("schedule.csv");

#[expect(
    clippy::expect_used,
    reason = "the schedule is part of the program, and a test reads every row of it"
)]
static STARTER: LazyLock<Vec<Rule>> = LazyLock::new(|| parse(SCHEDULE).expect("the schedule reads"));

/// Every rule that ships.
pub fn starter() -> &'static [Rule] {
    &STARTER
}

/// The newest version of the rule that ships under an id.
pub fn starter_rule(id: &RuleId) -> Option<&'static Rule> {
    starter().iter().rfind(|rule| rule.id == *id)
}

/// A version of a rule that ships.
pub fn starter_version(id: &RuleId, version: &str) -> Option<&'static Rule> {
    starter().iter().find(|rule| rule.id == *id && rule.version == version)
}

/// Of the rules that ship, those that are in force on a day, each with its version.
pub fn in_force_on(day: Date) -> BTreeSet<String> {
    starter().iter().filter(|rule| rule.is_in_force_on(day)).map(Rule::edition).collect()
}

pub(super) fn parse(text: &str) -> Result<Vec<Rule>, CodeError> {
    let rows =
        csv::parse(text).map_err(|_| CodeError::new("schedule", "a list of comma-separated values"))?;
    let Some((header, rows)) = rows.split_first() else { return Ok(Vec::new()) };
    rows.iter().map(|row| Row { header: &header.cells, cells: &row.cells }.rule()).collect()
}

struct Row<'a> {
    header: &'a [String],
    cells: &'a [String],
}

impl<'a> Row<'a> {
    fn get(&self, name: &'static str) -> Result<&'a str, CodeError> {
        let at = self.header.iter().position(|column| column == name);
        let cell = at.and_then(|at| self.cells.get(at));
        cell.map(String::as_str).ok_or_else(|| CodeError::new(name, "a column of the row"))
    }

    fn text(&self, name: &'static str) -> Result<String, CodeError> {
        self.get(name).map(str::to_owned)
    }

    fn day(&self, name: &'static str) -> Result<Option<Date>, CodeError> {
        match self.get(name)? {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| CodeError::new(text, "a day")),
        }
    }

    fn rule(&self) -> Result<Rule, CodeError> {
        Ok(Rule {
            id: self.get("id")?.parse()?,
            version: self.text("version")?,
            status: code(self.get("binds")?, "a status", RuleStatus::of)?,
            jurisdictions: list(self.get("places")?, str::parse::<Jurisdiction>)?,
            practices: self.practices()?,
            classes: self.classes()?,
            payers: list(self.get("payers")?, |text| code(text, "a payer", Payer::of))?,
            trigger: code(self.get("starts")?, "a trigger", Trigger::of)?,
            period: self.get("period")?.parse()?,
            minor: self.get("minors")?.parse()?,
            death: self.get("death")?.parse()?,
            also: self
                .get("also")?
                .split(';')
                .filter(|text| !text.is_empty())
                .map(also)
                .collect::<Result<_, _>>()?,
            incapacity: self.get("incapacity")? == "blocks",
            notice: code(self.get("notice")?, "a duty to give notice", NoticeDuty::of)?,
            effective_from: self.day("effective_from")?,
            effective_to: self.day("effective_to")?,
            text: self.words()?,
        })
    }

    fn words(&self) -> Result<RuleText, CodeError> {
        Ok(RuleText {
            jurisdiction: self.text("jurisdiction")?,
            record_class: self.text("record_class")?,
            trigger: self.text("trigger")?,
            adult_period: self.text("adult_period")?,
            minor_rule: self.text("minor_rule")?,
            other_rule: self.text("other_rule")?,
            source: self.text("source")?,
            read_at: self.text("read_at")?,
            as_of: self.text("as_of")?,
        })
    }

    fn practices(&self) -> Result<BTreeSet<Practice>, CodeError> {
        let all = Practice::ALL.iter().copied();
        Ok(match self.get("practices")? {
            "any" => all.collect(),
            "health" => all.filter(|practice| practice.is_health()).collect(),
            "practitioners" => all.filter(|practice| practice.is_practitioner()).collect(),
            listed => list(listed, |text| code(text, "a kind of practice", Practice::of))?,
        })
    }

    fn classes(&self) -> Result<BTreeSet<RecordClass>, CodeError> {
        match self.get("classes")? {
            "clients" => Ok(RecordClass::ALL.iter().copied().filter(|class| class.is_clients()).collect()),
            listed => list(listed, |text| code(text, "a class of records", RecordClass::of)),
        }
    }
}

fn code<T>(text: &str, what: &'static str, of: fn(&str) -> Option<T>) -> Result<T, CodeError> {
    of(text).ok_or_else(|| CodeError::new(text, what))
}

fn list<T: Ord>(text: &str, read: impl Fn(&str) -> Result<T, CodeError>) -> Result<BTreeSet<T>, CodeError> {
    text.split(' ').filter(|text| !text.is_empty()).map(read).collect()
}

/// `class:mammogram/exam_date/20y`, with what is said of minors behind it if that differs.
fn also(text: &str) -> Result<Also, CodeError> {
    let wrong = || CodeError::new(text, "what a rule asks for beside its period");
    let mut parts = text.split('/');
    let mut next = || parts.next().ok_or_else(wrong);
    let (kind, name) = next()?.split_once(':').ok_or_else(wrong)?;
    let of = match kind {
        "class" => RecordClass::of(name).map(AlsoFor::Class),
        "practice" => Practice::of(name).map(AlsoFor::Practice),
        "payer" => Payer::of(name).map(AlsoFor::Payer),
        _ => None,
    };
    let of = of.ok_or_else(wrong)?;
    let trigger = code(next()?, "a trigger", Trigger::of)?;
    let period = next()?.parse()?;
    let minor = parts.next().map_or(Ok(MinorRule::Same), str::parse)?;
    Ok(Also { of, trigger, period, minor })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What has shipped: each version of each rule, with a fingerprint of all its row says but the day it ends on.
    const SHIPPED: &str = include_str!("shipped.txt");

    /// FNV-1a: nobody has to be kept from finding two rows of one fingerprint.
    fn fingerprint(text: &str) -> u64 {
        text.bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// R157: a rule that changes is a new version beside the one it follows, and never the same row with other words.
    #[test]
    fn what_has_shipped_stays_as_it_is() {
        let rows = csv::parse(SCHEDULE).unwrap();
        let (header, rows) = rows.split_first().unwrap();
        let says = |cells: &[String]| {
            let of = header.cells.iter().zip(cells).filter(|(column, _)| *column != "effective_to");
            of.map(|(_, cell)| cell.as_str()).collect::<Vec<_>>().join("\u{1f}")
        };
        let now = rows
            .iter()
            .map(|row| format!("{} {} {:016x}", row.cells[0], row.cells[1], fingerprint(&says(&row.cells))));
        let (now, shipped): (Vec<String>, Vec<&str>) = (now.collect(), SHIPPED.lines().collect());
        let changed: Vec<&&str> = shipped.iter().filter(|line| !now.iter().any(|row| row == *line)).collect();
        assert!(changed.is_empty(), "ship what has changed as a new version: {changed:?}");
        let new: Vec<&String> = now.iter().filter(|row| !shipped.contains(&row.as_str())).collect();
        assert!(new.is_empty(), "add to `shipped.txt` what ships from now on: {new:#?}");
    }
}
