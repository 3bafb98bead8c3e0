//! The legal holds that stand, and the guard by which a transaction knows that no other one was placed meanwhile
//! (R156).

use crate::{Change, Store, StoreError, keys};
use domain::{
    HoldId, OrganizationId, SpaceId,
    hold::{Hold, HoldGuard, HoldSubject},
    limits::PAGE_ITEMS,
};

/// All holds of an organization that stand, as of one revision of their guard.
#[derive(Clone, Debug)]
pub struct StandingHolds {
    organization_id: OrganizationId,
    /// `None` while none was ever placed.
    revision: Option<u64>,
    pub holds: Vec<Hold>,
}

impl StandingHolds {
    /// The holds that keep a record from being destroyed.
    pub fn covering(&self, subject: &HoldSubject) -> Vec<HoldId> {
        self.holds.iter().filter(|hold| hold.holds(subject)).map(|hold| hold.id).collect()
    }

    /// The holds that keep what is in a collaborative space.
    pub fn covering_space(&self, space: SpaceId) -> Vec<HoldId> {
        self.holds.iter().filter(|hold| hold.holds_space(space)).map(|hold| hold.id).collect()
    }

    /// The revision of the guard they were read at; 0 if none was ever placed.
    pub fn revision(&self) -> u64 {
        self.revision.unwrap_or_default()
    }
}

impl Store {
    /// Every hold that stands. The guard is read first: a hold placed while they are read, or later, changes it.
    pub async fn standing_holds(&self, organization_id: OrganizationId) -> Result<StandingHolds, StoreError> {
        let key = keys::hold_guard(organization_id);
        let guard = self.fetch([key.any()]).await?.get(&key)?;
        let (mut holds, mut after) = (Vec::new(), None);
        loop {
            let page = self.holds(organization_id, after.as_deref(), PAGE_ITEMS).await?;
            holds.extend(page.items.into_iter().filter(Hold::stands));
            after = page.next;
            if after.is_none() {
                let revision = guard.map(|guard| guard.revision);
                return Ok(StandingHolds { organization_id, revision, holds });
            }
        }
    }
}

impl Change {
    /// Raises the guard: a hold is placed or released.
    #[must_use]
    pub fn holds_change(self, standing: &StandingHolds) -> Self {
        let key = keys::hold_guard(standing.organization_id);
        match standing.revision {
            Some(revision) => self.replace("holds", &key, &HoldGuard { revision }),
            None => self.insert("holds", &key, &HoldGuard { revision: 1 }),
        }
    }

    /// Refuses the change if a hold was placed or released since these were read.
    #[must_use]
    pub fn unless_holds_changed(self, standing: &StandingHolds) -> Self {
        self.check("holds", &keys::hold_guard(standing.organization_id), standing.revision)
    }
}
