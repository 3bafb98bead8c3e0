//! Proposes records for destruction: from the worklist of those whose time has ended, or paper that has a verified
//! scan (R036, R154).
//!
//! A transaction holds a hundred items and a disposition more records than that, so it is drafted in steps and proposed
//! in the last one. Each step says that it listed records, and the last one alone that they were proposed. A draft that
//! was cut short keeps its records until somebody rejects it.

use crate::{
    candidates::{self, Candidate, Refusal, Refused},
    disposing::{self, DispositionView},
};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, RecordId,
    disposition::{Disposition, DispositionState, Ground},
    limits::{DISPOSITION_ITEMS, DISPOSITION_STEP},
    notice::NoticeReason,
    purpose::Purpose,
};
use evidence::{Evidence, Kind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use store::{Change, DispositionEntry, StoreError, keys};

pub static OPERATION: Operation = Operation::post(
    "propose_disposition",
    "/dispositions",
    Action::ProposeDisposition,
    Kind::DispositionProposed,
)
.purpose(Purpose::RecordsManagement)
.summary("Propose records for destruction, which two others approve (R154)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub ground: Ground,
    /// 1 to 500 records.
    pub records: Vec<ProposedRecord>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposedRecord {
    pub chart_id: ChartId,
    pub record_id: RecordId,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub disposition: DispositionView,
    /// What was asked for and is not in it, each with the reason.
    pub refused: Vec<Refused>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let organization_id = call.organization_id()?;
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    if !(1..=DISPOSITION_ITEMS).contains(&input.records.len()) {
        let detail = format!("name 1 to {DISPOSITION_ITEMS} `records`");
        return Err(Problem::unprocessable("invalid_records", detail));
    }
    let places: BTreeMap<RecordId, ChartId> =
        input.records.iter().map(|one| (one.record_id, one.chart_id)).collect();
    let (candidates, refused) = candidates::find(&call, &loaded, input.ground, &places).await?;
    let mut draft =
        Draft { call: &call, permit: &permit, disposition: begun(&loaded, &call, input.ground), refused };
    for step in candidates.chunks(DISPOSITION_STEP) {
        draft.list(step).await?;
    }
    let Draft { disposition, refused, .. } = draft;
    if disposition.items == 0 {
        let detail = "none of these records can be proposed; `refused` says why";
        return Err(Problem::unprocessable("nothing_to_propose", detail).with("refused", json!(refused)));
    }
    proposed(&call, &loaded, &permit, disposition, refused).await
}

fn begun(loaded: &Loaded, call: &Call, ground: Ground) -> Disposition {
    Disposition {
        id: call.new_id(),
        organization_id: loaded.organization.id,
        ground,
        proposed_by: loaded.member.id,
        proposed_at: call.now,
        schedule_version: loaded.organization.retention.version,
        items: 0,
        ended: 0,
        approvals: Vec::new(),
        notices: BTreeSet::new(),
        notices_given: Vec::new(),
        state: DispositionState::Drafting,
        revision: 1,
    }
}

/// A disposition whose records are being listed.
struct Draft<'a> {
    call: &'a Call,
    permit: &'a Permit,
    disposition: Disposition,
    refused: Vec<Refused>,
}

impl Draft<'_> {
    /// Lists some more records. What somebody changed at the same moment is refused, once something is listed: the
    /// call is not decided anew then, or it would find its own records taken.
    async fn list(&mut self, step: &[Candidate]) -> Result<(), Problem> {
        match self.commit(step).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict { .. }) if self.disposition.items > 0 => {
                for one in step {
                    match self.commit(std::slice::from_ref(one)).await {
                        Ok(()) => {}
                        Err(StoreError::Conflict { .. }) => {
                            self.refused.push(one.refused(Refusal::ChangedMeanwhile))
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn commit(&mut self, step: &[Candidate]) -> Result<(), StoreError> {
        let listed = u32::try_from(step.len()).unwrap_or(u32::MAX);
        let (key, id) = (keys::disposition(self.disposition.id), self.disposition.id);
        let next =
            self.disposition.clone().list(listed).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let next = next.ask_for(step.iter().flat_map(|one| one.item.notices.iter().copied()));
        let first = self.disposition.items == 0;
        let change = if first {
            let entry = keys::disposition_entry(next.organization_id, id);
            Change::new().insert("disposition", &key, &next).insert(
                "disposition",
                &entry,
                &DispositionEntry { disposition_id: id },
            )
        } else {
            Change::new().replace("disposition", &key, &next)
        };
        let change = step.iter().fold(change, |change, one| one.listed(change, id));
        let fact = Fact::new().disposition(id).detail("records", listed);
        let evidence = Evidence { kind: Kind::DispositionDrafted, ..self.call.evidence(self.permit, fact) };
        self.call.system.store.commit(self.permit, change, &evidence, None).await?;
        let revision = if first { next.revision } else { next.revision.saturating_add(1) };
        self.disposition = Disposition { revision, ..next };
        Ok(())
    }
}

/// All records are listed: who may approve is told.
async fn proposed(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    disposition: Disposition,
    refused: Vec<Refused>,
) -> Outcome<Output> {
    let disposition = disposition.propose()?;
    let view = DispositionView::of(call, loaded, permit, &disposition).await?.revised();
    let mut change = Change::new().replace("disposition", &keys::disposition(disposition.id), &disposition);
    for approver in disposing::approvers(call, loaded).await? {
        let reason = NoticeReason::DispositionToApprove;
        change = disposing::tell(call, change, &disposition, approver, reason);
    }
    let fact = Fact::new()
        .disposition(disposition.id)
        .detail("ground", disposition.ground.name())
        .detail("records", disposition.items)
        .detail("refused", refused.len());
    let output = Output { disposition: view, refused };
    call.commit(&loaded.organization, permit, change, fact, Reply::with(output)).await
}
