//! What a function does by itself, on an event and for nobody who called: its evidence (R130, R131).

use crate::{Fact, System, call::actor};
use authz::Permit;
use domain::{EvidenceId, purpose::Purpose};
use evidence::{Evidence, Kind, Outcome, Source};
use jiff::Timestamp;
use uuid::Uuid;

impl System {
    /// A new id for what a function makes by itself; ids sort by the times they were made at.
    pub fn new_id<Id: From<Uuid>>(&self, now: Timestamp) -> Id {
        Id::from(self.new_uuid(now))
    }

    /// The evidence of an act without a call; `event_id` says on which event it was done.
    pub fn evidence_by_itself(
        &self,
        permit: &Permit,
        kind: Kind,
        now: Timestamp,
        event_id: &str,
        fact: Fact,
    ) -> Evidence {
        Evidence {
            id: EvidenceId::new(self.new_uuid(now)),
            organization_id: permit.organization_id(),
            at: now,
            kind,
            outcome: Outcome::Succeeded,
            actor: actor(permit, None),
            subjects: fact.subjects,
            purpose: Purpose::RecordsManagement,
            source: Source { ip: None, user_agent: None, request_id: event_id.to_owned() },
            policies: permit.policies().to_vec(),
            details: fact.details,
        }
    }
}
