//! Who does one piece of work: the system, the queue for what follows, the time, and on which event it is done.

use api::{Fact, Problem, System};
use authz::{Action, Permit};
use domain::{OrganizationId, organization::Organization};
use evidence::{Evidence, Kind};
use jiff::{Timestamp, civil::Date};
use post::Queue;
use std::sync::Arc;
use store::{Store, keys};
use uuid::Uuid;

pub(crate) const FUNCTION: &str = "retention-sweep";

pub(crate) struct Worker {
    pub(crate) system: Arc<System>,
    pub(crate) queue: Queue,
    pub(crate) now: Timestamp,
    event_id: String,
}

impl Worker {
    pub(crate) fn new(system: Arc<System>, event_id: &str) -> Result<Self, Problem> {
        let (queue, now) = (Queue::new(&system)?, system.now());
        Ok(Self { system, queue, now, event_id: event_id.to_owned() })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.system.store
    }

    /// Work can outlive what it is about: an organization that is not there has none.
    pub(crate) async fn organization(&self, id: OrganizationId) -> Result<Option<Organization>, Problem> {
        let key = keys::organization(id);
        Ok(self.store().fetch([key.any()]).await?.get(&key)?)
    }

    /// Today, where the organization is.
    pub(crate) fn today(&self, organization: &Organization) -> Date {
        self.now.to_zoned(organization.policy.time_zone.zone()).date()
    }

    pub(crate) fn new_id<Id: From<Uuid>>(&self) -> Id {
        self.system.new_id(self.now)
    }

    pub(crate) fn evidence(&self, permit: &Permit, kind: Kind, fact: Fact) -> Evidence {
        self.system.evidence_by_itself(permit, kind, self.now, &self.event_id, fact)
    }
}

/// A permit for what this function does by itself in an organization.
pub(crate) fn permit(organization: OrganizationId, action: Action) -> Permit {
    Permit::for_function(FUNCTION, organization, action)
}

/// Whether trying again at once makes sense: somebody else has changed the same things meanwhile.
pub(crate) fn raced<T>(outcome: Result<T, store::StoreError>) -> Result<Option<T>, Problem> {
    match outcome {
        Ok(done) => Ok(Some(done)),
        Err(store::StoreError::Conflict { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a problem is one of the surroundings, and everything that is tried now would meet it too.
pub(crate) const fn is_passing(problem: &Problem) -> bool {
    problem.status() == 503
}
