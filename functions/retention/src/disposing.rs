//! A disposition as people see it, found by its id, and who hears of it (R154).

use crate::keeping::Named;
use api::{Call, Loaded, Names, Problem};
use authz::{Action, Permit, Resource};
use domain::{
    DispositionId, MemberId,
    disposition::{APPROVALS, Disposition, DispositionState, Ground, NoticeGiven},
    limits::{DISPOSITION_APPROVERS, PAGE_ITEMS, REASON_CHARS},
    member::Member,
    notice::{Notice, NoticeReason},
    retention::NoticeDuty,
    text::Prose,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::{Change, keys};

/// What the reason of a rejection is sealed as.
pub(crate) const REASON: &str = "disposition/reason";

#[derive(Debug, Serialize, JsonSchema)]
pub struct DispositionView {
    pub disposition_id: DispositionId,
    pub ground: Ground,
    /// `drafting`, `proposed`, `approved`, `executing`, `certified` or `rejected`.
    pub state: String,
    pub proposed_by: Named,
    pub proposed_at: Timestamp,
    pub schedule_version: u32,
    /// How many records it holds, and how many of them have come to an end.
    pub records: u32,
    pub ended: u32,
    pub approvals: Vec<ApprovalView>,
    pub approvals_needed: usize,
    /// Whether the caller can be the next to approve.
    pub may_approve: bool,
    /// Whom the law wants told before its records are destroyed: who executes it says that they were.
    pub notices: BTreeSet<NoticeDuty>,
    pub notices_given: Vec<NoticeGiven>,
    /// The first day on which anything of it is destroyed, where those who were told have a time to answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destroys_from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executed_by: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executing_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certified_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejection>,
    pub revision: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DispositionApproval")]
pub struct ApprovalView {
    pub by: Named,
    pub at: Timestamp,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DispositionRejection")]
pub struct Rejection {
    pub by: Named,
    pub at: Timestamp,
    pub reason: Prose<REASON_CHARS>,
}

/// The disposition that the path names, with the permit to do with it what the caller wants. Another organization's
/// is as absent as nobody's.
pub(crate) fn permitted(call: &Call, loaded: &Loaded) -> Result<(Permit, Disposition), Problem> {
    let permit = call.permit(loaded, Resource::Organization(loaded.organization.id))?;
    let key = keys::disposition(call.path("disposition_id")?);
    let disposition: Disposition = loaded.require(&key)?;
    if disposition.organization_id != loaded.organization.id {
        return Err(Problem::not_found());
    }
    Ok((permit, disposition))
}

impl DispositionView {
    /// A disposition as it stands after the change that carries it: the next revision.
    pub(crate) fn revised(mut self) -> Self {
        self.revision = self.revision.saturating_add(1);
        self
    }

    pub(crate) async fn of(
        call: &Call,
        loaded: &Loaded,
        permit: &Permit,
        disposition: &Disposition,
    ) -> Result<Self, Problem> {
        let views = Self::all(call, loaded, permit, std::slice::from_ref(disposition)).await?;
        views.into_iter().next().ok_or_else(|| Problem::internal("no view of a disposition"))
    }

    /// The views of several, for one look at who is called what.
    pub(crate) async fn all(
        call: &Call,
        loaded: &Loaded,
        permit: &Permit,
        dispositions: &[Disposition],
    ) -> Result<Vec<Self>, Problem> {
        let names = call.names(loaded, dispositions.iter().flat_map(people), []).await?;
        let may_approve =
            call.may(loaded, Action::ApproveDisposition, Resource::Organization(loaded.organization.id))?;
        let mut views = Vec::with_capacity(dispositions.len());
        for disposition in dispositions {
            let next = disposition.clone().approve(loaded.member.id, call.now).is_ok();
            let mut view = Self::new(disposition, &names, may_approve && next);
            if let DispositionState::Rejected { by, at, reason } = &disposition.state {
                let directory = call.directory(&loaded.organization).await?;
                let reason = directory.open(permit, REASON, &disposition.id, reason)?;
                view.rejected = Some(Rejection { by: Named::new(*by, &names), at: *at, reason });
            }
            views.push(view);
        }
        Ok(views)
    }

    fn new(disposition: &Disposition, names: &Names, may_approve: bool) -> Self {
        let named = |member: MemberId| Named::new(member, names);
        let (executed_by, executing_since, certified_at) = match disposition.state {
            DispositionState::Executing { by, since } => (Some(named(by)), Some(since), None),
            DispositionState::Certified { executed_by, at } => (Some(named(executed_by)), None, Some(at)),
            _ => (None, None, None),
        };
        Self {
            disposition_id: disposition.id,
            ground: disposition.ground,
            state: disposition.state.name().to_owned(),
            proposed_by: named(disposition.proposed_by),
            proposed_at: disposition.proposed_at,
            schedule_version: disposition.schedule_version,
            records: disposition.items,
            ended: disposition.ended,
            approvals: disposition
                .approvals
                .iter()
                .map(|one| ApprovalView { by: named(one.by), at: one.at })
                .collect(),
            approvals_needed: APPROVALS,
            may_approve,
            notices: disposition.notices.clone(),
            notices_given: disposition.notices_given.clone(),
            destroys_from: disposition.destroys_from(),
            executed_by,
            executing_since,
            certified_at,
            rejected: None,
            revision: disposition.revision,
        }
    }
}

fn people(disposition: &Disposition) -> Vec<MemberId> {
    let by = match &disposition.state {
        DispositionState::Executing { by, .. }
        | DispositionState::Certified { executed_by: by, .. }
        | DispositionState::Rejected { by, .. } => Some(*by),
        _ => None,
    };
    let approved = disposition.approvals.iter().map(|approval| approval.by);
    approved.chain([disposition.proposed_by]).chain(by).collect()
}

/// Everybody who may approve what a member has proposed, as far as they are told.
pub(crate) async fn approvers(call: &Call, loaded: &Loaded) -> Result<BTreeSet<MemberId>, Problem> {
    let organization_id = loaded.organization.id;
    let (mut approvers, mut after) = (BTreeSet::new(), None);
    loop {
        let page = call.system.store.members(organization_id, after.as_deref(), PAGE_ITEMS).await?;
        for member in &page.items {
            if member.id != loaded.member.id && may_approve(call, loaded, member)? {
                approvers.insert(member.id);
            }
        }
        after = page.next;
        if after.is_none() || approvers.len() >= DISPOSITION_APPROVERS {
            return Ok(approvers.into_iter().take(DISPOSITION_APPROVERS).collect());
        }
    }
}

fn may_approve(call: &Call, loaded: &Loaded, member: &Member) -> Result<bool, Problem> {
    let on = Resource::Organization(loaded.organization.id);
    Ok(member.is_active() && call.decide(loaded, member, Action::ApproveDisposition, on)?.allowed)
}

/// Tells somebody of a disposition, unless it is who acts.
pub(crate) fn tell(
    call: &Call,
    change: Change,
    disposition: &Disposition,
    to: MemberId,
    reason: NoticeReason,
) -> Change {
    let actor = call.member_id().ok();
    if actor == Some(to) {
        return change;
    }
    let duty = NoticeDuty::strictest(disposition.notices.iter().copied());
    change.notify(&Notice {
        by: actor,
        disposition_id: Some(disposition.id),
        records: Some(disposition.items),
        duty: duty.filter(|_| reason != NoticeReason::DispositionRejected),
        ..Notice::new(call.new_id(), disposition.organization_id, to, reason, call.now)
    })
}
