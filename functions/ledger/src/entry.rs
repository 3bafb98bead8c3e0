//! One fact as its reader sees it: ids resolved to the names the reader may know, and a sentence.

use crate::phrase::{self, Words};
use api::{Call, Cursor, Loaded, Names, Problem};
use authz::Permit;
use domain::{EvidenceId, MemberId, organization::Vocabulary, purpose::Purpose};
use evidence::{Actor, Evidence, Kind, Outcome, Source, Subjects};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A page of a trail, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    evidence: Vec<Entry>,
    /// Where to go on; a page may be shorter than its limit, even empty, and have a next one.
    next: Option<Cursor>,
}

/// One audited fact.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EvidenceEntry")]
pub struct Entry {
    id: EvidenceId,
    /// Server time, UTC.
    at: Timestamp,
    /// The same moment where the organization is, with its zone (RFC 9557).
    at_local: String,
    kind: Kind,
    /// What happened, for people.
    sentence: String,
    actor: Actor,
    /// The name of the member who acted, if the reader may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_name: Option<String>,
    subjects: Subjects,
    /// The name of the member it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_name: Option<String>,
    purpose: Purpose,
    outcome: Outcome,
    source: Source,
    /// The policies that decided, by their ids.
    policies: Vec<String>,
    details: BTreeMap<String, String>,
    /// Hexadecimal SHA-256 of the fact's canonical bytes.
    digest: String,
}

impl Output {
    /// The same with what each fact is about as far as its reader may know it. The digest stays the whole fact's.
    #[must_use]
    pub fn about(mut self, known: impl Fn(Outcome, Subjects) -> Subjects) -> Self {
        for entry in &mut self.evidence {
            entry.subjects = known(entry.outcome, std::mem::take(&mut entry.subjects));
        }
        self
    }
}

/// Turns facts into what the reader sees. That they were read is evidence itself, written before they are
/// handed out (R132).
pub async fn show(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    fact: api::Fact,
    (facts, next): (Vec<Evidence>, Option<Cursor>),
) -> Result<Output, Problem> {
    let mentioned: Vec<MemberId> = facts.iter().flat_map(mentioned).collect();
    let (names, ()) = tokio::try_join!(
        call.names(loaded, mentioned, []),
        call.witness(permit, fact.detail("entries", facts.len()))
    )?;
    let organization = &loaded.organization;
    let entry = |fact: Evidence| {
        let at_local = api::view::local(fact.at, organization);
        Entry::new(fact, at_local, &names, &organization.vocabulary)
    };
    Ok(Output { evidence: facts.into_iter().map(entry).collect(), next })
}

/// The members a fact speaks of.
fn mentioned(fact: &Evidence) -> Vec<MemberId> {
    [actor(fact), fact.subjects.member_id].into_iter().flatten().collect()
}

/// The member who acted, if it was one.
pub const fn actor(fact: &Evidence) -> Option<MemberId> {
    match fact.actor {
        Actor::Member { member_id, .. } => Some(member_id),
        Actor::IntakeLink { .. } | Actor::Function { .. } => None,
    }
}

impl Entry {
    fn new(fact: Evidence, at_local: String, names: &Names, vocabulary: &Vocabulary) -> Self {
        let actor = actor(&fact).and_then(|id| names.member(id));
        let member = fact.subjects.member_id.and_then(|id| names.member(id));
        let words =
            Words { actor, member, client: vocabulary.client.as_str(), clients: vocabulary.clients.as_str() };
        Self {
            sentence: phrase::sentence(&fact, words),
            digest: fact.digest(),
            actor_name: actor.map(str::to_owned),
            member_name: member.map(str::to_owned),
            id: fact.id,
            at: fact.at,
            at_local,
            kind: fact.kind,
            actor: fact.actor,
            subjects: fact.subjects,
            purpose: fact.purpose,
            outcome: fact.outcome,
            source: fact.source,
            policies: fact.policies,
            details: fact.details,
        }
    }
}
