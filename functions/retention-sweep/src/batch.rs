//! A disposition that is being executed, and how the end of each of its records is counted in it (R154).

use crate::worker::{Worker, permit};
use api::{Fact, Problem};
use authz::{Action, Permit};
use domain::{
    DispositionId, EvidenceId, MemberId, OrganizationId,
    disposition::{Disposition, DispositionItem, DispositionState, Ground},
    notice::NoticeReason,
    organization::Organization,
    retention::NoticeDuty,
};
use evidence::Kind;
use std::collections::BTreeSet;
use store::{Change, DigestLine, StoreError, keys};

/// Tries of a transaction that counts in a disposition in which others count at the same time.
const TRIES: u32 = 5;

pub(crate) struct Batch<'a> {
    pub(crate) worker: &'a Worker,
    pub(crate) organization: Organization,
    pub(crate) id: DispositionId,
    pub(crate) ground: Ground,
    /// The notices that were given before anything of it is destroyed.
    pub(crate) notices: BTreeSet<NoticeDuty>,
    pub(crate) proposed_by: MemberId,
    pub(crate) executed_by: MemberId,
    pub(crate) permit: Permit,
}

/// How far one record has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// One step on: destroyed, left out, or ordered.
    Taken,
    /// Somebody else has to do something first: people with paper, whoever holds it, a lock's time.
    Waits,
    /// Something that was read has changed meanwhile. It is looked at anew with the next piece of work.
    Raced,
}

impl<'a> Batch<'a> {
    /// `None` if there is nothing more to do with it, or not yet.
    pub(crate) async fn find(
        worker: &'a Worker,
        organization_id: OrganizationId,
        id: DispositionId,
    ) -> Result<Option<Self>, Problem> {
        let (key, organization_key) = (keys::disposition(id), keys::organization(organization_id));
        let found = worker.store().fetch([key.any(), organization_key.any()]).await?;
        let disposition: Option<Disposition> = found.get(&key)?;
        let own = disposition.filter(|disposition| disposition.organization_id == organization_id);
        let (Some(disposition), Some(organization)) = (own, found.get(&organization_key)?) else {
            return Ok(None);
        };
        let DispositionState::Executing { by, .. } = disposition.state else { return Ok(None) };
        // Those who were told have their time to answer; the day's plan comes again.
        if disposition.destroys_from().is_some_and(|day| worker.today(&organization) < day) {
            return Ok(None);
        }
        Ok(Some(Self {
            worker,
            organization,
            id,
            ground: disposition.ground,
            notices: disposition.notices_given.iter().map(|notice| notice.duty).collect(),
            proposed_by: disposition.proposed_by,
            executed_by: by,
            permit: permit(organization_id, Action::DestroyRecords),
        }))
    }

    pub(crate) async fn disposition(&self) -> Result<Disposition, Problem> {
        let key = keys::disposition(self.id);
        let found = self.worker.store().fetch([key.any()]).await?.get(&key)?;
        found.ok_or_else(|| Problem::internal("a disposition is gone"))
    }

    /// A fact about one of its records.
    pub(crate) fn fact(&self, item: &DispositionItem) -> Fact {
        Fact::new()
            .disposition(self.id)
            .client(item.client_id)
            .chart(item.chart_id)
            .record(item.record_id)
            .detail("class", item.class.name())
    }

    /// Commits the end of a record, and counts it, in one transaction: what is counted is what has ended.
    pub(crate) async fn ended(
        &self,
        item: &DispositionItem,
        kind: Kind,
        fact: impl Fn() -> Fact,
        change: impl Fn() -> Change,
    ) -> Result<Step, Problem> {
        let item_key = keys::disposition_item(self.id, item.record_id);
        for _ in 0..TRIES {
            let counted = self.disposition().await?.count_end()?;
            let change = change().replace("item", &item_key, item).replace(
                "disposition",
                &keys::disposition(self.id),
                &counted,
            );
            let evidence = self.worker.evidence(&self.permit, kind, fact());
            match self.worker.store().commit(&self.permit, change, &evidence, None).await {
                Ok(()) => return Ok(Step::Taken),
                Err(StoreError::Conflict { label: "disposition" }) => {}
                Err(StoreError::Conflict { .. }) => return Ok(Step::Raced),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Step::Raced)
    }

    /// Who is told what paper is to be destroyed, and what of it is not any more.
    pub(crate) fn ordering(&self) -> BTreeSet<MemberId> {
        [self.executed_by, self.proposed_by].into()
    }

    /// That something of the batch is to be told to a member with the next digest.
    pub(crate) fn line(
        &self,
        item: &DispositionItem,
        to: MemberId,
        owner: MemberId,
        reason: NoticeReason,
    ) -> DigestLine {
        let is_order =
            matches!(reason, NoticeReason::DestructionOrdered | NoticeReason::DestructionWithdrawn);
        DigestLine {
            organization_id: self.organization.id,
            to: Some(to),
            chart_id: item.chart_id,
            owner,
            look: self.worker.new_id::<EvidenceId>(),
            reason,
            days_ahead: 0,
            due_on: None,
            count: 1,
            // Who keeps a chart has nothing to look for in a disposition.
            disposition_id: is_order.then_some(self.id),
            duty: None,
        }
    }
}
