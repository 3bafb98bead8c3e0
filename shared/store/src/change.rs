//! A change: everything one act writes, committed as one transaction together with its evidence (R134).

use crate::{
    Item, Key, Store, StoreError,
    item::{Attribute, ChartEntry, DueEntry, EndingSpace, FiledEntry},
    keys,
    secrets::apart,
};
use authz::{Grounds, Permit};
use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{AttributeValue, ConditionCheck, Delete, Put, ReturnConsumedCapacity, TransactWriteItem},
};
use domain::{OrganizationId, Sealed, chart::Chart, limits::TRANSACTION_ITEMS, notice::Notice};
use domain::{
    physical::Folder,
    record::{Body, Record},
    space::Space,
};
use evidence::Evidence;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, time::Duration};

/// The answer to a call with an idempotency key, remembered so that a replay has one effect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    pub organization_id: OrganizationId,
    /// Hexadecimal SHA-256 of the request, so that the key is not used for another one.
    pub request_sha256: String,
    pub status: u16,
    pub body: Sealed<serde_json::Value>,
    pub forgotten_at: Timestamp,
}

/// The label of the conflict of an idempotency key that was used before.
pub const ANSWERED: &str = "answered";

/// Everything one act writes.
#[derive(Debug, Default)]
pub struct Change {
    writes: Vec<(&'static str, TransactWriteItem)>,
    fault: Option<StoreError>,
}

pub(crate) type Attributes = HashMap<String, AttributeValue>;

impl Change {
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes something that must not be there yet; `label` names the conflict if it is.
    #[must_use]
    pub fn insert<T: Item>(self, label: &'static str, key: &Key<T>, item: &T) -> Self {
        let change = self.put(label, key, item, item.revision(), |put| {
            put.condition_expression("attribute_not_exists(pk)")
        });
        change.keep_apart(label, key, item)
    }

    /// Writes the next revision of something that was read; refused if it has changed since.
    #[must_use]
    pub fn replace<T: Item>(self, label: &'static str, key: &Key<T>, item: &T) -> Self {
        let Some(revision) = item.revision() else {
            return self.broken("replaced an item without revisions");
        };
        self.put(label, key, item, Some(revision.saturating_add(1)), |put| {
            put.condition_expression("revision = :read")
                .expression_attribute_values(":read", AttributeValue::N(revision.to_string()))
        })
    }

    /// Writes a chart that is opened: in its own place, under its client and its owner, and where the sweep finds it.
    #[must_use]
    pub fn open_chart(self, chart: &Chart) -> Self {
        let (organization_id, chart_id, client_id) = (chart.organization_id, chart.id, chart.client_id);
        let change = self
            .insert("chart", &keys::chart(chart_id), chart)
            .insert("chart", &keys::client_chart(client_id, chart_id), chart)
            .insert(
                "chart",
                &keys::owned_chart(organization_id, chart.owner, chart_id),
                &ChartEntry::of(chart),
            );
        let Some(review_on) = chart.review_on else { return change };
        let due = DueEntry { organization_id, chart_id, client_id, review_on };
        change.set("due", &keys::due(organization_id, chart_id), &due)
    }

    /// Writes the next revision of a chart, in its own place and under its client, and where the sweep finds it.
    #[must_use]
    pub fn replace_chart(self, chart: &Chart) -> Self {
        let change = self.replace_chart_as_due(chart);
        let Some(review_on) = chart.review_on else { return change };
        let (organization_id, chart_id, client_id) = (chart.organization_id, chart.id, chart.client_id);
        let due = DueEntry { organization_id, chart_id, client_id, review_on };
        change.set("due", &keys::due(organization_id, chart_id), &due)
    }

    /// The same of a chart that is looked at when it was looked at before: for changes of many charts at once.
    #[must_use]
    pub fn replace_chart_as_due(self, chart: &Chart) -> Self {
        self.replace("chart", &keys::chart(chart.id), chart).replace(
            "chart",
            &keys::client_chart(chart.client_id, chart.id),
            chart,
        )
    }

    /// Writes the next revision of a space, and where the sweep finds it when something in it ends.
    ///
    /// INVARIANT: whoever writes a space calls this, so that both say the same.
    #[must_use]
    pub fn replace_space(self, space: &Space) -> Self {
        let change = self.replace("space", &keys::space(space.id), space);
        let (organization_id, space_id) = (space.organization_id, space.id);
        let key = keys::ending_space(organization_id, space_id);
        match space.ends_at {
            Some(ends_at) => change.set("ending", &key, &EndingSpace { organization_id, space_id, ends_at }),
            None => change.unset("ending", &key),
        }
    }

    /// Writes where a folder belongs, when its record comes to be or has changed: `before` is the folder as it was.
    /// What was entered in error belongs nowhere.
    ///
    /// INVARIANT: whoever writes a physical record calls this in the same transaction, so that the inventory of a
    /// place is what stands in it (R032).
    #[must_use]
    pub fn shelve(mut self, record: &Record, before: Option<&Folder>) -> Self {
        let key = |folder: &Folder| keys::filed(record.organization_id, &folder.path, record.id);
        let after = match &record.body {
            Body::Physical(folder) if record.voided.is_none() => Some(folder),
            _ => None,
        };
        if let Some(before) = before
            && after.is_none_or(|after| after.path != before.path)
        {
            self = self.unset("filed", &key(before));
        }
        match after {
            Some(after)
                if before.is_none_or(|before| {
                    (&before.path, &before.barcode) != (&after.path, &after.barcode)
                }) =>
            {
                self.set("filed", &key(after), &FiledEntry::of(record, after))
            }
            _ => self,
        }
    }

    /// Takes a folder out of the inventory when its record is destroyed, and gives its barcode back.
    #[must_use]
    pub fn unshelve(self, record: &Record) -> Self {
        let Body::Physical(folder) = &record.body else { return self };
        let change = self.unset("filed", &keys::filed(record.organization_id, &folder.path, record.id));
        // What was entered in error gave it back then, and another record may have it by now.
        if record.voided.is_some() { change } else { change.unlabel(record) }
    }

    /// Gives back the barcode of a folder's record: the paper that bears it can be indexed anew.
    ///
    /// INVARIANT: it is given back once, when the record is voided or else when it is destroyed.
    #[must_use]
    pub fn unlabel(self, record: &Record) -> Self {
        let Body::Physical(folder) = &record.body else { return self };
        match &folder.barcode {
            Some(barcode) => self.unset("barcode", &keys::barcode(record.organization_id, barcode)),
            None => self,
        }
    }

    /// Refuses the change if something that was read has changed since, or has come or gone.
    #[must_use]
    pub fn check<T: Item>(mut self, label: &'static str, key: &Key<T>, revision: Option<u64>) -> Self {
        let check =
            ConditionCheck::builder().table_name(TABLE_PLACEHOLDER).set_key(Some(key_attributes(key)));
        let check = match revision {
            Some(revision) => check
                .condition_expression("revision = :read")
                .expression_attribute_values(":read", AttributeValue::N(revision.to_string())),
            None => check.condition_expression("attribute_not_exists(pk)"),
        };
        let check = check.build();
        self.push(label, check.map(|check| TransactWriteItem::builder().condition_check(check).build()));
        self
    }

    /// Whether one transaction holds it, with its evidence and a remembered answer.
    pub const fn fits(&self) -> bool {
        self.writes.len().saturating_add(2) <= TRANSACTION_ITEMS
    }

    /// Tells a member something, in the same transaction as what it is about (P-10).
    #[must_use]
    pub fn notify(self, notice: &Notice) -> Self {
        self.insert("notice", &keys::notice(notice.organization_id, notice.member_id, notice.id), notice)
    }

    /// Leaves another fact beside the evidence of the act: what follows from it by itself, in the same transaction.
    #[must_use]
    pub fn beside(self, permit: &Permit, fact: &Evidence) -> Self {
        // INVARIANT: nothing is written for an organization other than the permit's.
        if permit.organization_id() != fact.organization_id {
            return self.broken("evidence of another organization");
        }
        let key = keys::evidence(fact.organization_id, fact.at, fact.id);
        self.insert("evidence", &key, fact)
    }

    /// Remembers an answer where none is. One that is over counts for none: DynamoDB takes it away when it gets
    /// round to it, days later at worst.
    fn remember(self, key: &Key<Answer>, answer: &Answer, now: Timestamp) -> Self {
        self.put(ANSWERED, key, answer, None, |put| {
            put.condition_expression("attribute_not_exists(pk) OR purge_at < :now")
                .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()))
        })
    }

    /// Takes something away that must be there.
    #[must_use]
    pub fn remove<T: Item>(mut self, label: &'static str, key: &Key<T>) -> Self {
        let delete = |table: &str| {
            Delete::builder()
                .table_name(table)
                .set_key(Some(key_attributes(key)))
                .condition_expression("attribute_exists(pk)")
                .build()
        };
        self.push(
            label,
            delete(TABLE_PLACEHOLDER).map(|delete| TransactWriteItem::builder().delete(delete).build()),
        );
        self.with_its_key(label, key)
    }

    /// Takes away something that was read; refused if it has changed since.
    #[must_use]
    pub fn take<T: Item>(mut self, label: &'static str, key: &Key<T>, item: &T) -> Self {
        let Some(revision) = item.revision() else {
            return self.broken("took an item without revisions");
        };
        let delete = Delete::builder()
            .table_name(TABLE_PLACEHOLDER)
            .set_key(Some(key_attributes(key)))
            .condition_expression("revision = :read")
            .expression_attribute_values(":read", AttributeValue::N(revision.to_string()))
            .build();
        self.push(label, delete.map(|delete| TransactWriteItem::builder().delete(delete).build()));
        self.with_its_key(label, key)
    }

    /// Writes something whether or not it is there: index entries that say the same every time.
    #[must_use]
    pub fn set<T: Item>(self, label: &'static str, key: &Key<T>, item: &T) -> Self {
        if T::SECRET.is_some() {
            return self.broken("set an item whose key is written once");
        }
        self.put(label, key, item, item.revision(), |put| put)
    }

    /// Takes an index entry away, there or not.
    #[must_use]
    pub fn unset<T: Item>(mut self, label: &'static str, key: &Key<T>) -> Self {
        let delete =
            Delete::builder().table_name(TABLE_PLACEHOLDER).set_key(Some(key_attributes(key))).build();
        self.push(label, delete.map(|delete| TransactWriteItem::builder().delete(delete).build()));
        self.with_its_key(label, key)
    }

    /// Destroys the key of something, there or not: whatever is left of it, in this table or in a copy of it, is closed
    /// for ever (R158). Nothing of the item itself changes.
    #[must_use]
    pub fn destroy_key<T: Item>(self, key: &Key<T>) -> Self {
        if T::SECRET.is_none() {
            return self.broken("destroyed the key of what has none");
        }
        self.with_its_key("key", key)
    }

    /// Takes the item's key away with it. A transaction takes one delete of a key, so the second is left out.
    fn with_its_key<T: Item>(mut self, label: &'static str, key: &Key<T>) -> Self {
        let attributes = key_attributes(key);
        let is_same = |delete: &Delete| delete.table_name == KEYS_PLACEHOLDER && delete.key == attributes;
        let known = self.writes.iter().any(|(_, write)| write.delete().is_some_and(is_same));
        if T::SECRET.is_some() && !known {
            let delete = Delete::builder().table_name(KEYS_PLACEHOLDER).set_key(Some(attributes)).build();
            self.push(label, delete.map(|delete| TransactWriteItem::builder().delete(delete).build()));
        }
        self
    }

    /// Puts the key of a new item where it is kept, and where there must be none of this id.
    fn keep_apart<T: Item>(mut self, label: &'static str, key: &Key<T>, item: &T) -> Self {
        let Some(name) = T::SECRET else { return self };
        let attributes = match to_attributes(key, item, None) {
            Ok(attributes) => attributes,
            Err(error) => return Self { fault: Some(error), ..self },
        };
        let Some(apart) = apart(name, &attributes) else { return self.broken("an item without its key") };
        let put = Put::builder()
            .table_name(KEYS_PLACEHOLDER)
            .set_item(Some(apart))
            .condition_expression("attribute_not_exists(pk)")
            .build();
        self.push(label, put.map(|put| TransactWriteItem::builder().put(put).build()));
        self
    }

    pub(crate) fn put<T: Item>(
        mut self,
        label: &'static str,
        key: &Key<T>,
        item: &T,
        revision: Option<u64>,
        condition: impl FnOnce(
            aws_sdk_dynamodb::types::builders::PutBuilder,
        ) -> aws_sdk_dynamodb::types::builders::PutBuilder,
    ) -> Self {
        match to_attributes(key, item, revision) {
            Ok(mut attributes) => {
                if let Some(name) = T::SECRET {
                    attributes.remove(name);
                }
                let put = Put::builder().table_name(TABLE_PLACEHOLDER).set_item(Some(attributes));
                self.push(
                    label,
                    condition(put).build().map(|put| TransactWriteItem::builder().put(put).build()),
                );
            }
            Err(error) => self.fault = Some(error),
        }
        self
    }

    fn push(
        &mut self,
        label: &'static str,
        write: Result<TransactWriteItem, aws_sdk_dynamodb::error::BuildError>,
    ) {
        match write {
            Ok(write) => self.writes.push((label, write)),
            Err(error) => self.fault = Some(StoreError::corrupt(error)),
        }
    }

    fn broken(mut self, why: &str) -> Self {
        self.fault = Some(StoreError::corrupt(why));
        self
    }
}

/// Writes are built before the tables' names are known and get them at the commit.
const TABLE_PLACEHOLDER: &str = "table";
const KEYS_PLACEHOLDER: &str = "keys";

/// Tries of a transaction that collides with another one, not with a condition of its own.
const TRIES: u32 = 6;

impl Store {
    /// Commits a change and its evidence, and the remembered answer where there is one, or nothing at all.
    pub async fn commit(
        &self,
        permit: &Permit,
        change: Change,
        evidence: &Evidence,
        answer: Option<(&Key<Answer>, &Answer)>,
    ) -> Result<(), StoreError> {
        // INVARIANT: nothing is written for an organization other than the permit's, nor without evidence.
        if permit.organization_id() != evidence.organization_id {
            return Err(StoreError::corrupt("evidence of another organization"));
        }
        let evidence_key = keys::evidence(evidence.organization_id, evidence.at, evidence.id);
        let mut change = change.insert("evidence", &evidence_key, evidence);
        if let Some((key, answer)) = answer {
            change = change.remember(key, answer, evidence.at);
        }
        self.transact(change).await
    }

    /// Writes what is no change of anybody's records and needs no evidence of its own: that somebody has taken up a
    /// piece of work, or put it back.
    pub async fn note(&self, permit: &Permit, change: Change) -> Result<(), StoreError> {
        // INVARIANT: only what acts by itself takes work up; what people do leaves evidence.
        if !matches!(permit.grounds(), Grounds::Function(_)) {
            return Err(StoreError::corrupt("a note of somebody's act"));
        }
        self.transact(change).await
    }

    /// Commits a change of which several facts are evidence: what a function does by itself.
    pub async fn commit_all(
        &self,
        permit: &Permit,
        change: Change,
        facts: &[Evidence],
    ) -> Result<(), StoreError> {
        let Some((evidence, more)) = facts.split_first() else {
            return Err(StoreError::corrupt("a change without evidence"));
        };
        let change = more.iter().fold(change, |change, fact| change.beside(permit, fact));
        self.commit(permit, change, evidence, None).await
    }

    /// Writes evidence of something that changed nothing: a read, a denial.
    pub async fn witness(&self, evidence: &Evidence) -> Result<(), StoreError> {
        let key = keys::evidence(evidence.organization_id, evidence.at, evidence.id);
        let attributes = to_attributes(&key, evidence, None)?;
        self.client()
            .put_item()
            .table_name(self.table())
            .set_item(Some(attributes))
            .condition_expression("attribute_not_exists(pk)")
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map(drop)
            .map_err(StoreError::from_sdk)
    }

    async fn transact(&self, change: Change) -> Result<(), StoreError> {
        if let Some(fault) = change.fault {
            return Err(fault);
        }
        if change.writes.len() > TRANSACTION_ITEMS {
            return Err(StoreError::corrupt("a change of too many items"));
        }
        let (labels, writes): (Vec<_>, Vec<_>) =
            change.writes.into_iter().map(|(label, write)| (label, self.placed(write))).unzip();
        for attempt in 1..=TRIES {
            let sent = self
                .client()
                .transact_write_items()
                .set_transact_items(Some(writes.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let error = match sent {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            match refusal(error.as_service_error(), &labels) {
                Refusal::Condition(label) => return Err(StoreError::Conflict { label }),
                Refusal::Collision if attempt < TRIES => {
                    tokio::time::sleep(Duration::from_millis(10 << attempt)).await;
                }
                Refusal::Collision => return Err(StoreError::Throttled),
                Refusal::Other => return Err(StoreError::from_sdk(error)),
            }
        }
        Err(StoreError::Throttled)
    }

    fn placed(&self, mut write: TransactWriteItem) -> TransactWriteItem {
        let table = |placeholder: &str| {
            if placeholder == KEYS_PLACEHOLDER { self.keys_table() } else { self.table() }.to_owned()
        };
        if let Some(put) = &mut write.put {
            put.table_name = table(&put.table_name);
        }
        if let Some(check) = &mut write.condition_check {
            check.table_name = table(&check.table_name);
        }
        if let Some(delete) = &mut write.delete {
            delete.table_name = table(&delete.table_name);
        }
        write
    }
}

enum Refusal {
    Condition(&'static str),
    Collision,
    Other,
}

/// What the cancellation reasons say. A remembered answer goes before every other conflict: the call was
/// made before, and all its conditions have failed for that reason.
fn refusal(error: Option<&TransactWriteItemsError>, labels: &[&'static str]) -> Refusal {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error else {
        return Refusal::Other;
    };
    let reasons = || cancelled.cancellation_reasons().iter().zip(labels);
    let failed: Vec<&'static str> = reasons()
        .filter(|(reason, _)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(_, label)| *label)
        .collect();
    let first = failed.iter().find(|label| **label == ANSWERED).or_else(|| failed.first());
    match first {
        Some(label) => Refusal::Condition(label),
        None if reasons().any(|(reason, _)| {
            matches!(
                reason.code(),
                Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
            )
        }) =>
        {
            Refusal::Collision
        }
        None => Refusal::Other,
    }
}

fn key_attributes<T>(key: &Key<T>) -> Attributes {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.partition().to_owned())),
        ("sk".to_owned(), AttributeValue::S(key.sort().to_owned())),
    ])
}

/// The whole item as DynamoDB keeps it.
fn to_attributes<T: Item>(key: &Key<T>, item: &T, revision: Option<u64>) -> Result<Attributes, StoreError> {
    let mut attributes: Attributes = serde_dynamo::to_item(item).map_err(StoreError::corrupt)?;
    attributes.extend(key_attributes(key));
    attributes.insert("entity".into(), AttributeValue::S(T::KIND.into()));
    if let Some(revision) = revision {
        attributes.insert("revision".into(), AttributeValue::N(revision.to_string()));
    }
    for (name, value) in item.attributes() {
        let value = match value {
            Attribute::Text(text) => AttributeValue::S(text),
            Attribute::Seconds(seconds) => AttributeValue::N(seconds.to_string()),
        };
        attributes.insert(name.to_owned(), value);
    }
    Ok(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        ChartId, ClientId, LocationId, MemberId, RecordId, WrappedKey,
        chart::Section,
        confidentiality::Guard,
        record::{Direction, RecordLimits, Voided},
    };
    use uuid::Uuid;

    fn volume() -> Record {
        let barcode = "A-1".parse().unwrap();
        Record {
            id: RecordId::new(Uuid::from_u128(5)),
            organization_id: OrganizationId::new(Uuid::from_u128(1)),
            client_id: ClientId::new(Uuid::from_u128(3)),
            chart_id: ChartId::new(Uuid::from_u128(4)),
            author: MemberId::new(Uuid::from_u128(2)),
            from_client: false,
            section: Section::Documents,
            direction: Direction::AboutClient,
            occurred_on: jiff::civil::date(2026, 3, 1),
            created_at: Timestamp::UNIX_EPOCH,
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Physical(Folder::filed(LocationId::new(Uuid::from_u128(9)), None, Some(barcode))),
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::default(),
            cosignature: None,
            revision: 7,
        }
    }

    fn labels(change: &Change) -> Vec<&'static str> {
        change.writes.iter().map(|(label, _)| *label).collect()
    }

    #[test]
    fn a_barcode_is_given_back_once() {
        let standing = volume();
        assert_eq!(labels(&Change::new().unshelve(&standing)), ["filed", "barcode"]);
        let reason = Sealed::from_bytes(vec![]);
        let voided = Voided { by: standing.author, at: Timestamp::UNIX_EPOCH, reason };
        let voided = standing.void(voided).unwrap();
        assert_eq!(labels(&Change::new().unlabel(&voided)), ["barcode"]);
        assert_eq!(labels(&Change::new().unshelve(&voided)), ["filed"], "another record may have it by now");
    }
}
