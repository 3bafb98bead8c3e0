//! What `retention-sweep` is asked to do by message: small steps, each of which can be done twice without harm.

use crate::{DispositionId, HoldId, OrganizationId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One step of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case", deny_unknown_fields)]
pub enum Work {
    /// Send the day's work of every organization behind `after`, one page of them.
    Plan { after: Option<String> },
    /// Look at the charts of an organization that are due by a day, one page of them.
    Sweep { organization_id: OrganizationId, on: Date },
    /// Tell the members of an organization what the sweep has found.
    Digest { organization_id: OrganizationId, on: Date },
    /// Look at every chart of an organization again, because its schedule has changed: one page of `Store::appraisable`
    /// behind `after`. How far it has come stands in the organization's `store::Rescheduling`, which the schedule's
    /// change has written and the last page takes away; the sweep goes on with one it finds.
    Reschedule { organization_id: OrganizationId, after: Option<String> },
    /// Go on with a disposition that is being executed.
    Destroy { organization_id: OrganizationId, disposition_id: DispositionId },
    /// Lock the objects a hold covers, or unlock those no hold covers any more.
    Lock { organization_id: OrganizationId, hold_id: HoldId, after: Option<String> },
}
