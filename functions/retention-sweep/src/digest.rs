//! What was found is told: for each member one notice of each kind in their inbox, and one e-mail for all of them
//! (R150).
//!
//! Of a large clinic more is found in a day than one transaction holds. So lines are folded into a draft for each
//! member, as many at a time as fit; the same transaction takes the lines away. When there are none left, each draft
//! becomes its notices and its one message, in a transaction that takes the draft away. Where somebody is told of more
//! things than one transaction holds, it takes away a part of the draft, and the rest has a message of its own. At every
//! moment each thing that was found stands in exactly one of the three: it is not lost, and it is told once.

use crate::worker::{Worker, permit, raced};
use api::{Fact, Problem};
use authz::{Action, Permit};
use domain::{
    MemberId, OrganizationId,
    limits::PAGE_ITEMS,
    message::{Message, MessageLine, MessageState},
    notice::Notice,
    retention::NoticeDuty,
    work::Work,
};
use evidence::Kind;
use jiff::civil::Date;
use std::collections::BTreeMap;
use store::{Change, DigestDraft, DigestLine, DigestPart, keys};

/// Lines that are folded in one transaction, beside the drafts of the records managers.
const TOGETHER: u32 = 40;
/// Such transactions of one piece of work.
const ROUNDS: usize = 400;
/// Parts of a draft that are told in one transaction, beside the draft, the message and the evidence.
const PARTS: usize = 90;
/// Transactions in a row that somebody else's have overtaken.
const RACES: u32 = 8;

pub(crate) async fn handle(
    worker: &Worker,
    organization_id: OrganizationId,
    on: Date,
) -> Result<(), Problem> {
    let digest = Digest {
        worker,
        organization_id,
        managers: appraisal::managers(worker.store(), organization_id).await?,
        permit: permit(organization_id, Action::SweepRetention),
    };
    if !digest.fold_all().await? {
        return Ok(worker.queue.send(&Work::Digest { organization_id, on }).await?);
    }
    digest.finish_all().await
}

struct Digest<'a> {
    worker: &'a Worker,
    organization_id: OrganizationId,
    managers: Vec<MemberId>,
    permit: Permit,
}

impl Digest<'_> {
    /// Folds all lines; false if that is more than one piece of work.
    async fn fold_all(&self) -> Result<bool, Problem> {
        let mut races = 0;
        for _ in 0..ROUNDS {
            let page = self.worker.store().digest_lines(self.organization_id, None, TOGETHER).await?;
            let Some(first) = page.items.first() else { return Ok(true) };
            let together: Vec<&DigestLine> =
                page.items.iter().take_while(|line| line.to == first.to).collect();
            match self.fold(first.to, &together).await? {
                Some(()) => races = 0,
                None if races < RACES => races += 1,
                None => return Err(Problem::unavailable("the lines of a digest keep changing")),
            }
        }
        Ok(false)
    }

    /// Folds lines for one member, or for the records managers.
    async fn fold(&self, to: Option<MemberId>, lines: &[&DigestLine]) -> Result<Option<()>, Problem> {
        let members = to.map_or_else(|| self.managers.clone(), |member| vec![member]);
        let key = |member: MemberId| keys::digest_draft(self.organization_id, member);
        let store = self.worker.store();
        let found = store.fetch(members.iter().map(|member| key(*member).any())).await?;
        let mut change = lines
            .iter()
            .fold(Change::new(), |change, line| change.remove("digest_line", &keys::digest_line(line)));
        for member_id in members {
            let draft: Option<DigestDraft> = found.get(&key(member_id))?;
            // No draft outgrows its item: what is in it is told first, and the lines are folded into another one.
            if let Some(full) = draft.as_ref().filter(|draft| draft.parts.len() >= PARTS) {
                return self.finish(full).await.map(Some);
            }
            let parts =
                folded(draft.as_ref().map(|draft| draft.parts.clone()).unwrap_or_default(), member_id, lines);
            change = match draft {
                _ if parts.is_empty() => change,
                Some(draft) => change.replace("draft", &key(member_id), &DigestDraft { parts, ..draft }),
                None => {
                    let organization_id = self.organization_id;
                    let draft = DigestDraft { organization_id, member_id, parts, revision: 1 };
                    change.insert("draft", &key(member_id), &draft)
                }
            };
        }
        raced(store.note(&self.permit, change).await)
    }

    async fn finish_all(&self) -> Result<(), Problem> {
        let mut after = None::<String>;
        loop {
            let page =
                self.worker.store().digest_drafts(self.organization_id, after.as_deref(), PAGE_ITEMS).await?;
            for draft in &page.items {
                self.finish(draft).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// The draft becomes what its member is told, in as many parts as it needs. If somebody has told them meanwhile, or
    /// goes on with the draft, there is nothing to do here.
    async fn finish(&self, draft: &DigestDraft) -> Result<(), Problem> {
        let mut draft = draft.clone();
        loop {
            let left = draft.parts.split_off(draft.parts.len().min(PARTS));
            let told = self.told(&draft, &left).await?;
            if told.is_none() || left.is_empty() {
                return Ok(());
            }
            draft = DigestDraft { parts: left, revision: draft.revision.saturating_add(1), ..draft };
        }
    }

    /// Tells the parts of a draft, and leaves what is left of it.
    async fn told(&self, draft: &DigestDraft, left: &[DigestPart]) -> Result<Option<()>, Problem> {
        let (worker, member_id) = (self.worker, draft.member_id);
        let key = keys::digest_draft(self.organization_id, member_id);
        let change = match left {
            [] => Change::new().take("draft", &key, draft),
            _ => {
                let left = DigestDraft { parts: left.to_vec(), ..draft.clone() };
                Change::new().replace("draft", &key, &left)
            }
        };
        let change =
            draft.parts.iter().fold(change, |change, part| change.notify(&self.notice(member_id, part)));
        let message = Message {
            id: worker.new_id(),
            organization_id: self.organization_id,
            member_id,
            lines: draft.parts.iter().map(line).collect(),
            written_at: worker.now,
            state: MessageState::Pending,
            revision: 1,
        };
        let change = change.insert("message", &keys::message(self.organization_id, message.id), &message);
        let fact = Fact::new().member(member_id).detail("message", message.id);
        let fact = counts(&draft.parts).iter().fold(fact, |fact, (name, count)| fact.detail(name, count));
        let evidence = worker.evidence(&self.permit, Kind::DigestWritten, fact);
        raced(worker.store().commit(&self.permit, change, &evidence, None).await)
    }

    fn notice(&self, member: MemberId, part: &DigestPart) -> Notice {
        let (id, now) = (self.worker.new_id(), self.worker.now);
        Notice {
            records: Some(part.count),
            due_on: part.due_on,
            disposition_id: part.disposition_id,
            duty: part.duty,
            in_digest: true,
            ..Notice::new(id, self.organization_id, member, part.reason, now)
        }
    }
}

const fn line(part: &DigestPart) -> MessageLine {
    MessageLine { reason: part.reason, count: part.count, due_on: part.due_on, duty: part.duty }
}

/// How much is told for which reason and how many days ahead, in all dispositions together.
fn counts(parts: &[DigestPart]) -> BTreeMap<String, u32> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for part in parts {
        let count = counts.entry(format!("{}_{}", part.reason.name(), part.days_ahead)).or_default();
        *count = count.saturating_add(part.count);
    }
    counts
}

/// What a member is told with these lines too. The owner of a chart has lines of their own.
fn folded(parts: Vec<DigestPart>, member: MemberId, lines: &[&DigestLine]) -> Vec<DigestPart> {
    let of = |part: &DigestPart| (part.reason, part.days_ahead, part.disposition_id);
    let mut all: BTreeMap<_, DigestPart> = parts.into_iter().map(|part| (of(&part), part)).collect();
    let told = lines.iter().filter(|line| line.to.is_some() || line.owner != member);
    for line in told {
        let part = DigestPart {
            reason: line.reason,
            days_ahead: line.days_ahead,
            disposition_id: line.disposition_id,
            count: 0,
            due_on: line.due_on,
            duty: line.duty,
        };
        let part = all.entry(of(&part)).or_insert(part);
        part.count = part.count.saturating_add(line.count);
        part.due_on = [part.due_on, line.due_on].into_iter().flatten().min();
        part.duty = NoticeDuty::strictest(part.duty.into_iter().chain(line.duty));
    }
    all.into_values().collect()
}
