//! Retention-sweep: looks at the charts that are due, tells people what it found, and destroys what two people have
//! approved (R150, R153-R158), and what a collaborative space keeps no longer (X-6). It alone may destroy.
//!
//! ```text
//! every day ─> plan ─> Plan, page by page of organizations
//!                        ├─> Sweep    one organization's charts that are due ─┬─> Sweep, while there are more
//!                        │                                                    ├─> Look        those that could not be
//!                        │                                                    ├─> Digest      one notice, one e-mail
//!                        │                                                    └─> Reschedule  a change that is not through
//!                        ├─> EndSpaceItems  what is over in one space ends ─> EndSpaceItems, while there is more
//!                        ├─> Lock     what a hold of the last two days covers
//!                        └─> Destroy  a disposition that is being executed: record by record, then its certificate
//! retention ────────────> Destroy, Reschedule (all charts, after a change of the schedule), Lock (what a hold covers)
//! a file is filed ──────> filed       locked as well, where a hold covers it
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `plan`, `work`, `filed` | the three events |
//! | `worker` | who does one piece of work, with which permit, on which event |
//! | `sweep`, `review`, `look` | the charts that are due: page by page, one of them committed, what one look finds |
//! | `again` | charts that could not be looked at with the others |
//! | `reschedule`, `law` | after a change of the schedule, or of the rules that ship |
//! | `remind` | before a hold has to be reaffirmed |
//! | `recall` | e-mail that was not sent is brought to `notify` again |
//! | `digest`, `managers` | what was found is told, and whom besides owners |
//! | `destroy`, `batch`, `standing` | a disposition goes on; how ends are counted; whether a record may still go |
//! | `beginning`, `clearing`, `derivatives`, `ordering` | a key and what goes with it; what is left; all there is; paper |
//! | `certify` | the certificate |
//! | `spaces`, `documents` | what is over in a collaborative space ends; the files of such documents |
//! | `lock`, `held` | S3's legal hold; whether a hold covers an object, wherever that stands |
//!
//! Nobody calls it: a schedule wakes it, the table's stream, and work on a queue, which other functions send as well.
//! Work comes at least once, twice at the same time perhaps, and can be cut short anywhere. So each step reads what
//! there is, writes one transaction on the condition that it has not changed, and leaves behind what the next one goes
//! on from. Whatever was lost, the next day's plan finds: a `Lock` too, for two days after its hold was placed.

mod again;
mod batch;
mod beginning;
mod certify;
mod clearing;
mod derivatives;
mod destroy;
mod digest;
mod documents;
mod filed;
mod held;
mod law;
mod lock;
mod look;
mod ordering;
mod plan;
mod recall;
mod remind;
mod reschedule;
mod review;
mod spaces;
mod standing;
mod sweep;
mod work;
mod worker;

use api::{EventHandler, Function, Grant, Trigger};

/// When the day's work is planned, in UTC: night in America, morning in Europe.
const DAILY: &str = "cron(15 9 * * ? *)";

/// The function with its events, and what it may touch.
pub fn function() -> Function {
    Function {
        name: worker::FUNCTION,
        endpoints: Vec::new(),
        events: vec![
            EventHandler::new("plan_sweep", plan::handle).on(Trigger::Schedule(DAILY)),
            EventHandler::new("do_work", work::handle).on(Trigger::Queue),
            EventHandler::new("lock_filed", filed::handle).on(Trigger::TableStream(filed::WATCHED)),
        ],
        grants: &[
            Grant::ReadItems,
            Grant::QueryItems,
            Grant::QueryTimeline,
            Grant::WriteItems,
            Grant::RemoveItems,
            Grant::CheckItems,
            Grant::ReadKeys,
            Grant::DestroyKeys,
            Grant::OpenClients,
            Grant::SignCustody,
            Grant::DestroyFiles,
            Grant::LockFiles,
            Grant::SendWork,
        ],
    }
}
