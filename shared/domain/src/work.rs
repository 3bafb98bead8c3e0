//! What `retention-sweep` is asked to do by message: small steps, each of which can be done twice without harm.

use crate::{ChartId, DispositionId, HoldId, OrganizationId, SpaceId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One step of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case", deny_unknown_fields)]
pub enum Work {
    /// Send the day's work of every organization behind `after`, one page of them.
    Plan { after: Option<String> },
    /// Look at the charts of an organization that are due by a day, some pages of them behind `after`, a key that
    /// `Store::due` has given.
    Sweep {
        organization_id: OrganizationId,
        on: Date,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
    },
    /// Look once more at charts that could not be looked at with the others.
    Look { organization_id: OrganizationId, charts: Vec<ChartId> },
    /// Tell the members of an organization what the sweep has found.
    Digest { organization_id: OrganizationId, on: Date },
    /// Look at every chart of an organization again, because its schedule has changed: one page of `Store::appraisable`
    /// behind `after`. How far it has come stands in the organization's `store::Rescheduling`, which the schedule's
    /// change has written and the last page takes away; the sweep goes on with one it finds.
    Reschedule { organization_id: OrganizationId, after: Option<String> },
    /// Go on with a disposition that is being executed.
    Destroy { organization_id: OrganizationId, disposition_id: DispositionId },
    /// Let go of what is over in a collaborative space.
    EndSpaceItems { organization_id: OrganizationId, space_id: SpaceId },
    /// Lock the objects a hold covers, or unlock those no hold covers any more.
    Lock { organization_id: OrganizationId, hold_id: HoldId, after: Option<String> },
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    /// A sweep that names no place begins with the chart that is due the longest.
    #[test]
    fn a_sweep_begins_at_the_head_unless_it_says_where() {
        let organization_id = OrganizationId::new(Uuid::nil());
        let first = Work::Sweep { organization_id, on: date(2033, 3, 1), after: None };
        let text = format!(r#"{{"work":"sweep","organization_id":"{organization_id}","on":"2033-03-01"}}"#);
        assert_eq!(serde_json::from_str::<Work>(&text).unwrap(), first);
        assert_eq!(serde_json::to_string(&first).unwrap(), text);
        let next = Work::Sweep { organization_id, on: date(2033, 3, 1), after: Some("2033-02-01#1".into()) };
        let text = serde_json::to_string(&next).unwrap();
        assert_eq!(serde_json::from_str::<Work>(&text).unwrap(), next);
    }
}
