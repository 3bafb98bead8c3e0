//! Legal holds that somebody has to reaffirm soon: their issuers and the records managers are told, once for each day
//! that was set (R156).

use crate::worker::{Worker, permit, raced};
use api::{Fact, Problem};
use authz::Action;
use domain::{
    MemberId,
    hold::Hold,
    limits::HOLD_REMINDER_DAYS,
    notice::{Notice, NoticeReason},
    organization::Organization,
};
use evidence::Kind;
use jiff::{ToSpan, civil::Date};
use std::collections::BTreeSet;
use store::{Change, HoldReminder, keys};

pub(crate) async fn handle(worker: &Worker, organization: &Organization, on: Date) -> Result<(), Problem> {
    let by = on.saturating_add(i64::from(HOLD_REMINDER_DAYS).days());
    let standing = worker.store().standing_holds(organization.id).await?;
    let due: Vec<Hold> = standing.holds.into_iter().filter(|hold| hold.reaffirm_by <= by).collect();
    let untold = untold(worker, due).await?;
    if untold.is_empty() {
        return Ok(());
    }
    let managers = appraisal::managers(worker.store(), organization.id).await?;
    for hold in untold {
        tell(worker, &hold, &managers).await?;
    }
    Ok(())
}

/// Those of whose day nobody was told yet.
async fn untold(worker: &Worker, due: Vec<Hold>) -> Result<Vec<Hold>, Problem> {
    let mut untold = Vec::new();
    for hold in due {
        let key = keys::hold_reminder(hold.organization_id, hold.id, hold.reaffirm_by);
        let told: Option<HoldReminder> = worker.store().fetch([key.any()]).await?.get(&key)?;
        untold.extend(told.is_none().then_some(hold));
    }
    Ok(untold)
}

async fn tell(worker: &Worker, hold: &Hold, managers: &[MemberId]) -> Result<(), Problem> {
    let told: BTreeSet<MemberId> = managers.iter().copied().chain([hold.issued_by]).collect();
    let key = keys::hold_reminder(hold.organization_id, hold.id, hold.reaffirm_by);
    let change = Change::new().insert("reminder", &key, &HoldReminder { told_at: worker.now });
    let change = told.iter().fold(change, |change, member| {
        let (id, reason) = (worker.new_id(), NoticeReason::HoldToReaffirm);
        change.notify(&Notice {
            hold_id: Some(hold.id),
            due_on: Some(hold.reaffirm_by),
            ..Notice::new(id, hold.organization_id, *member, reason, worker.now)
        })
    });
    let permit = permit(hold.organization_id, Action::SweepRetention);
    let fact = Fact::new()
        .hold(hold.id)
        .detail("reason", NoticeReason::HoldToReaffirm.name())
        .detail("due_on", hold.reaffirm_by)
        .detail("members", told.len());
    let evidence = worker.evidence(&permit, Kind::DigestWritten, fact);
    raced(worker.store().commit(&permit, change, &evidence, None).await).map(drop)
}
