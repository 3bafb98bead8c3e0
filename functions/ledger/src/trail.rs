//! A page of the trail: which facts a reader asked for, where the page starts, and where it ends (R135).
//!
//! Facts are read newest first in the order of their ids, which is the order of time but for calls that ran
//! at the same moment. Filters are applied to what a page of the table holds, so a page may be shorter than
//! its limit, or empty, and still have a next one.

use api::{Cursor, Paging, Problem};
use domain::OrganizationId;
use evidence::{Evidence, Kind, Outcome};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use store::Page;

/// How much later than its fact an id can have been made: longer than any call runs.
const ID_DELAY: SignedDuration = SignedDuration::from_mins(15);

/// The query of a trail.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "EvidenceQuery")]
pub struct Query {
    /// Only facts of this kind: `RecordRead`.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Only facts with this outcome: `denied`.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// Only facts at or after this time.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Only facts before this time.
    #[serde(default)]
    pub to: Option<Timestamp>,
    /// Facts looked at for the page: 1 to 100, 50 by default.
    #[serde(default, deserialize_with = "api::number")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// A query that has been checked.
#[derive(Debug)]
pub struct Wanted {
    kind: Option<Kind>,
    outcome: Option<Outcome>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    pub limit: u32,
    /// The id behind which the page starts.
    pub after: Option<String>,
}

impl Query {
    pub fn check(self) -> Result<Wanted, Problem> {
        let Self { kind, outcome, from, to, limit, cursor } = self;
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            return Err(Problem::invalid("invalid_period", "`from` must be before `to`"));
        }
        let paging = Paging::new(limit, cursor);
        // Everything after `to` is skipped by the index, not read and thrown away.
        let after = paging.after()?.or_else(|| to.map(first_id_behind));
        Ok(Wanted { kind, outcome, from, to, limit: paging.limit()?, after })
    }
}

impl Wanted {
    /// What the page shows of what the table holds, and where the next one starts.
    pub fn select(
        &self,
        organization_id: OrganizationId,
        page: Page<Evidence>,
    ) -> (Vec<Evidence>, Option<Cursor>) {
        let is_over = page.items.last().is_some_and(|oldest| self.ends_before(oldest));
        let next = page.next.as_deref().filter(|_| !is_over).map(Cursor::new);
        // The indexes are by id alone: an id of ours in another organization's evidence is none of ours.
        let own = page.items.into_iter().filter(|fact| fact.organization_id == organization_id);
        (own.filter(|fact| self.matches(fact)).collect(), next)
    }

    fn matches(&self, fact: &Evidence) -> bool {
        self.kind.is_none_or(|kind| fact.kind == kind)
            && self.outcome.is_none_or(|outcome| fact.outcome == outcome)
            && self.from.is_none_or(|from| fact.at >= from)
            && self.to.is_none_or(|to| fact.at < to)
    }

    /// Whether nothing behind this fact can be as new as what is asked for.
    fn ends_before(&self, oldest: &Evidence) -> bool {
        let newest_behind = oldest.at.saturating_add(ID_DELAY).unwrap_or(Timestamp::MAX);
        self.from.is_some_and(|from| newest_behind < from)
    }
}

/// An id that every fact before `to` is behind: the start of a UUIDv7 is its time in milliseconds.
fn first_id_behind(to: Timestamp) -> String {
    let latest = to.saturating_add(ID_DELAY).unwrap_or(Timestamp::MAX);
    let ms = u64::try_from(latest.as_millisecond()).unwrap_or(0);
    format!("{:08x}-{:04x}", ms >> 16, ms & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EvidenceId, MemberId, purpose::Purpose};
    use evidence::{Actor, Source, Subjects};
    use std::collections::BTreeMap;
    use uuid::Uuid;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn fact(organization: u128, kind: Kind, time: &str) -> Evidence {
        Evidence {
            id: EvidenceId::new(Uuid::nil()),
            organization_id: OrganizationId::new(Uuid::from_u128(organization)),
            at: at(time),
            kind,
            outcome: Outcome::Succeeded,
            actor: Actor::Member { member_id: MemberId::new(Uuid::nil()), session_id: None },
            subjects: Subjects::default(),
            purpose: Purpose::Treatment,
            source: Source::default(),
            policies: vec![],
            details: BTreeMap::new(),
        }
    }

    fn page(items: Vec<Evidence>) -> Page<Evidence> {
        Page { items, next: Some("key".into()) }
    }

    #[test]
    fn a_page_holds_what_was_asked_for_and_nothing_of_others() {
        let query = Query {
            kind: Some(Kind::RecordRead),
            from: Some(at("2026-03-01T00:00:00Z")),
            to: Some(at("2026-03-02T00:00:00Z")),
            ..Query::default()
        };
        let wanted = query.check().unwrap();
        let facts = vec![
            fact(1, Kind::RecordRead, "2026-03-02T00:00:00Z"),
            fact(1, Kind::RecordRead, "2026-03-01T23:59:59Z"),
            fact(2, Kind::RecordRead, "2026-03-01T12:00:00Z"),
            fact(1, Kind::RecordVoided, "2026-03-01T12:00:00Z"),
            fact(1, Kind::RecordRead, "2026-03-01T00:00:00Z"),
        ];
        let (shown, next) = wanted.select(OrganizationId::new(Uuid::from_u128(1)), page(facts));
        let times: Vec<String> = shown.iter().map(|fact| fact.at.to_string()).collect();
        assert_eq!(times, ["2026-03-01T23:59:59Z", "2026-03-01T00:00:00Z"]);
        assert_eq!(next, Some(Cursor::new("key")));
    }

    #[test]
    fn an_empty_page_goes_on_until_nothing_can_follow() {
        let query = || Query { from: Some(at("2026-03-01T00:00:00Z")), ..Query::default() };
        let organization = OrganizationId::new(Uuid::from_u128(1));
        let near = page(vec![fact(2, Kind::RecordRead, "2026-02-28T23:50:00Z")]);
        let (shown, next) = query().check().unwrap().select(organization, near);
        assert!(shown.is_empty() && next.is_some());
        let far = page(vec![fact(1, Kind::RecordRead, "2026-02-28T23:40:00Z")]);
        assert_eq!(query().check().unwrap().select(organization, far).1, None);
    }

    #[test]
    fn a_page_starts_behind_to() {
        let to = at("2026-03-01T00:00:00Z");
        let bound = first_id_behind(to);
        let id = |time: Timestamp| {
            let seconds = u64::try_from(time.as_second()).unwrap();
            Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, 999_000_000)).to_string()
        };
        assert!(id(to - SignedDuration::from_secs(1)) < bound);
        assert!(id(to + SignedDuration::from_mins(14)) < bound, "an id made late is still read");
        assert!(id(to + SignedDuration::from_mins(16)) > bound);
        let query = Query { cursor: None, to: Some(to), ..Query::default() };
        assert_eq!(query.check().unwrap().after, Some(bound));
    }

    #[test]
    fn a_period_runs_forwards() {
        let same = Some(at("2026-03-01T00:00:00Z"));
        let query = Query { from: same, to: same, ..Query::default() };
        assert_eq!(query.check().unwrap_err().code(), "invalid_period");
    }
}
