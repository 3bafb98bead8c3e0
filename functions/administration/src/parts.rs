//! The sessions and spaces that a member has a part in: how many of them they see and for what reasons, and nothing
//! else of any (R052).

use crate::read_reach::Verdict;
use api::{Call, Loaded, Problem};
use authz::{Action, Decision, Resource};
use domain::{
    facilitation::FacilitatedSession,
    limits::{PAGE_ITEMS, REACH_PAGES},
    member::Member,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{FacilitationEntry, Key, keys};

/// The parts of a member.
pub struct Parts {
    pub facilitated: Vec<Tally>,
    /// Sessions of others, held at their organization as the center.
    pub at_center: Vec<Tally>,
    pub spaces: Vec<Tally>,
    /// Whether there are more than were looked at.
    pub more: bool,
}

/// How many things of a kind the same was decided of for the same reasons.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReachTally")]
pub struct Tally {
    count: usize,
    #[serde(flatten)]
    verdict: Verdict,
}

pub async fn of_member(call: &Call, loaded: &Loaded, member: &Member) -> Result<Parts, Problem> {
    let question = Question { call, loaded, member };
    let facilitated = question.count(List::Facilitated).await?;
    let at_center = question.count(List::AtCenter).await?;
    let spaces = question.count(List::Spaces).await?;
    Ok(Parts {
        more: facilitated.more || at_center.more || spaces.more,
        facilitated: facilitated.tallies(),
        at_center: at_center.tallies(),
        spaces: spaces.tallies(),
    })
}

#[derive(Clone, Copy)]
enum List {
    Facilitated,
    AtCenter,
    Spaces,
}

/// What was decided, counted; what is refused comes after what is allowed.
#[derive(Default)]
struct Counted {
    alike: BTreeMap<(bool, Vec<String>), usize>,
    more: bool,
}

impl Counted {
    fn add(&mut self, decision: Decision) {
        let count = self.alike.entry((!decision.allowed, decision.policies)).or_default();
        *count = count.saturating_add(1);
    }

    fn tallies(self) -> Vec<Tally> {
        let tally = |((refused, policies), count): ((bool, Vec<String>), usize)| Tally {
            count,
            verdict: Decision { allowed: !refused, policies }.into(),
        };
        self.alike.into_iter().map(tally).collect()
    }
}

/// A page of decisions, and where the next one starts.
type Decided = (Vec<Decision>, Option<String>);

/// What a member sees.
struct Question<'a> {
    call: &'a Call,
    loaded: &'a Loaded,
    member: &'a Member,
}

impl Question<'_> {
    async fn count(&self, list: List) -> Result<Counted, Problem> {
        let (mut counted, mut after) = (Counted::default(), None::<String>);
        for _ in 0..REACH_PAGES {
            let (decisions, next) = match list {
                List::Facilitated => self.facilitated(after.as_deref()).await?,
                List::AtCenter => self.at_center(after.as_deref()).await?,
                List::Spaces => self.spaces(after.as_deref()).await?,
            };
            for decision in decisions {
                counted.add(decision);
            }
            if next.is_none() {
                return Ok(counted);
            }
            after = next;
        }
        Ok(Counted { more: true, ..counted })
    }

    async fn facilitated(&self, after: Option<&str>) -> Result<Decided, Problem> {
        let (store, member) = (&self.call.system.store, self.member);
        let page = store.facilitations(member.organization_id, member.id, after, PAGE_ITEMS).await?;
        let mut decisions = Vec::new();
        for session in self.sessions(&page.items).await? {
            decisions.push(self.sees(&session)?);
        }
        Ok((decisions, page.next))
    }

    /// Of those that look after the sessions at the organization as a center; what they facilitate is counted before.
    async fn at_center(&self, after: Option<&str>) -> Result<Decided, Problem> {
        let (store, center) = (&self.call.system.store, self.member.organization_id);
        if !self.decide(Action::ListCenterFacilitations, Resource::Organization(center))?.allowed {
            return Ok((Vec::new(), None));
        }
        let page = store.facilitations_at(center, after, PAGE_ITEMS).await?;
        let mut decisions = Vec::new();
        for session in self.sessions(&page.items).await? {
            if !session.is_facilitated_by(self.member) {
                decisions.push(self.sees(&session)?);
            }
        }
        Ok((decisions, page.next))
    }

    async fn spaces(&self, after: Option<&str>) -> Result<Decided, Problem> {
        let (store, member) = (&self.call.system.store, self.member);
        let page = store.spaces(member.organization_id, member.id, after, PAGE_ITEMS).await?;
        let items = store.fetch(page.items.iter().map(|entry| keys::space(entry.space_id).any())).await?;
        let mut decisions = Vec::new();
        for entry in &page.items {
            if let Some(space) = items.get(&keys::space(entry.space_id))? {
                decisions.push(self.decide(Action::ReadSpace, Resource::Space(&space))?);
            }
        }
        Ok((decisions, page.next))
    }

    async fn sessions(&self, entries: &[FacilitationEntry]) -> Result<Vec<FacilitatedSession>, Problem> {
        let keys: Vec<Key<FacilitatedSession>> =
            entries.iter().map(|entry| keys::facilitation(entry.facilitation_id)).collect();
        let items = self.call.system.store.fetch(keys.iter().map(Key::any)).await?;
        let mut sessions = Vec::new();
        for key in &keys {
            sessions.extend(items.get(key)?);
        }
        Ok(sessions)
    }

    fn sees(&self, session: &FacilitatedSession) -> Result<Decision, Problem> {
        self.decide(Action::ReadFacilitation, Resource::Facilitation(session))
    }

    fn decide(&self, action: Action, resource: Resource<'_>) -> Result<Decision, Problem> {
        self.call.decide(self.loaded, self.member, action, resource)
    }
}
