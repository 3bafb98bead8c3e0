//! What comes in batches and at times of the day: work, changes of the table, schedules.
//!
//! A batch is answered by what of it failed (`ReportBatchItemFailures`): the rest does not come again. Where order
//! matters, in a stream, all from the first failure on comes again.

use crate::Problem;
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use store::{Image, Item};

/// That the time of a schedule has come: what the schedule of the deployment gives on, filled in by the scheduler.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ScheduledEvent {
    pub schedule: String,
    /// The time it was due at, whenever it is handled.
    pub at: Timestamp,
}

impl ScheduledEvent {
    pub fn parse(event: Value) -> Result<Self, Problem> {
        read(event)
    }
}

/// Messages of the queue, in no order that means anything.
#[derive(Clone, Debug)]
pub struct QueueEvent {
    pub messages: Vec<QueueMessage>,
}

/// One message, delivered at least once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "SqsRecord")]
pub struct QueueMessage {
    pub id: String,
    body: String,
    /// How often it has come, this time included.
    pub attempt: u32,
}

impl QueueEvent {
    pub fn parse(event: Value) -> Result<Self, Problem> {
        read::<Batch<QueueMessage>>(event).map(|batch| Self { messages: batch.records })
    }

    /// The answer when all is done.
    pub fn done(&self) -> Value {
        answer([])
    }

    /// The answer when these have to come again, and no others.
    pub fn failed<'a>(&self, failed: impl IntoIterator<Item = &'a QueueMessage>) -> Value {
        answer(failed.into_iter().map(|message| message.id.as_str()))
    }
}

impl QueueMessage {
    /// What it says.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_str(&self.body).map_err(Problem::internal)
    }
}

/// Changes of the table, in the order they were made in; of one item none is missing and none overtakes another.
#[derive(Clone, Debug)]
pub struct StreamEvent {
    pub records: Vec<StreamRecord>,
}

/// One change of one item, delivered at least once.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "DynamoRecord")]
pub struct StreamRecord {
    pub sequence: String,
    pub change: StreamChange,
    new: Option<Image>,
    old: Option<Image>,
}

/// What was done to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum StreamChange {
    Insert,
    Modify,
    Remove,
}

impl StreamChange {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Modify => "MODIFY",
            Self::Remove => "REMOVE",
        }
    }
}

impl StreamEvent {
    pub fn parse(event: Value) -> Result<Self, Problem> {
        read::<Batch<StreamRecord>>(event).map(|batch| Self { records: batch.records })
    }

    /// The answer when all is done.
    pub fn done(&self) -> Value {
        answer([])
    }

    /// The answer when this record and all after it have to come again.
    pub fn failed_from(&self, record: &StreamRecord) -> Value {
        answer([record.sequence.as_str()])
    }
}

impl StreamRecord {
    /// The kind of the item, as [`Item::KIND`] has it.
    pub fn entity(&self) -> Option<&str> {
        self.new.as_ref().or(self.old.as_ref()).and_then(Image::entity)
    }

    /// Where the item stands: its partition, and its place in that. An item with sealed parts is read there.
    pub fn key(&self) -> Option<(&str, &str)> {
        self.new.as_ref().or(self.old.as_ref()).and_then(Image::key)
    }

    /// The item as it was written; none if it was removed, or is of another kind.
    pub fn new_item<T: Item>(&self) -> Result<Option<T>, Problem> {
        item(self.new.as_ref())
    }

    /// The item as it was before; none if it was inserted, or is of another kind.
    pub fn old_item<T: Item>(&self) -> Result<Option<T>, Problem> {
        item(self.old.as_ref())
    }
}

fn item<T: Item>(image: Option<&Image>) -> Result<Option<T>, Problem> {
    let image = image.filter(|image| image.entity() == Some(T::KIND));
    Ok(image.map(Image::read).transpose()?)
}

fn read<T: DeserializeOwned>(event: Value) -> Result<T, Problem> {
    serde_json::from_value(event).map_err(Problem::internal)
}

fn answer<'a>(failed: impl IntoIterator<Item = &'a str>) -> Value {
    let failures: Vec<Value> = failed.into_iter().map(|id| json!({ "itemIdentifier": id })).collect();
    json!({ "batchItemFailures": failures })
}

#[derive(Deserialize)]
struct Batch<T> {
    #[serde(rename = "Records")]
    records: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SqsRecord {
    message_id: String,
    body: String,
    #[serde(default)]
    attributes: SqsAttributes,
}

#[derive(Default, Deserialize)]
struct SqsAttributes {
    /// A number in quotes.
    #[serde(rename = "ApproximateReceiveCount", default)]
    receive_count: String,
}

impl From<SqsRecord> for QueueMessage {
    fn from(record: SqsRecord) -> Self {
        let attempt = record.attributes.receive_count.parse().unwrap_or(1);
        Self { id: record.message_id, body: record.body, attempt }
    }
}

#[derive(Deserialize)]
struct DynamoRecord {
    #[serde(rename = "eventName")]
    change: StreamChange,
    dynamodb: DynamoChange,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DynamoChange {
    sequence_number: String,
    new_image: Option<Image>,
    old_image: Option<Image>,
}

impl From<DynamoRecord> for StreamRecord {
    fn from(record: DynamoRecord) -> Self {
        let DynamoRecord { change, dynamodb } = record;
        Self { sequence: dynamodb.sequence_number, change, new: dynamodb.new_image, old: dynamodb.old_image }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::{Invitation, Membership};

    fn messages() -> Value {
        json!({ "Records": [
            {
                "messageId": "m-1",
                "receiptHandle": "r-1",
                "body": "{\"schedule\":\"sweep\",\"at\":\"2033-03-01T09:15:00Z\"}",
                "attributes": { "ApproximateReceiveCount": "3", "SentTimestamp": "1545082649183" },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-west-2:111122223333:work",
                "awsRegion": "us-west-2"
            },
            { "messageId": "m-2", "body": "nonsense", "eventSource": "aws:sqs" },
        ]})
    }

    #[test]
    fn messages_are_read_one_by_one() {
        let batch = QueueEvent::parse(messages()).unwrap();
        let [first, second] = batch.messages.as_slice() else { panic!("{batch:?}") };
        assert_eq!((first.id.as_str(), first.attempt, second.attempt), ("m-1", 3, 1));
        let said: ScheduledEvent = first.read().unwrap();
        assert_eq!(said.schedule, "sweep");
        assert_eq!(second.read::<ScheduledEvent>().unwrap_err().code(), "internal");
        assert_eq!(batch.done(), json!({ "batchItemFailures": [] }));
        assert_eq!(batch.failed([second]), json!({ "batchItemFailures": [{ "itemIdentifier": "m-2" }] }));
        assert_eq!(QueueEvent::parse(json!({})).unwrap_err().code(), "internal");
    }

    #[test]
    fn changes_of_the_table_are_read_as_items() {
        let membership = json!({
            "pk": { "S": "partition" },
            "sk": { "S": "place" },
            "entity": { "S": "membership" },
            "organization_id": { "S": "0199a000-0000-7000-8000-000000000001" },
            "member_id": { "S": "0199a000-0000-7000-8000-000000000002" },
        });
        let record = |name: &str, images: Value| {
            let mut dynamodb = images;
            dynamodb["SequenceNumber"] = json!("100000000000000000007");
            json!({ "eventID": "1", "eventName": name, "eventSource": "aws:dynamodb", "dynamodb": dynamodb })
        };
        let batch = StreamEvent::parse(json!({ "Records": [
            record("INSERT", json!({ "NewImage": membership })),
            record("REMOVE", json!({ "OldImage": membership })),
        ]}))
        .unwrap();
        let [inserted, removed] = batch.records.as_slice() else { panic!("{batch:?}") };
        assert_eq!((inserted.change, inserted.entity()), (StreamChange::Insert, Some("membership")));
        assert_eq!((inserted.key(), removed.key()), (Some(("partition", "place")), inserted.key()));
        let found: Membership = inserted.new_item().unwrap().unwrap();
        assert_eq!(found.member_id.to_string(), "0199a000-0000-7000-8000-000000000002");
        assert_eq!(inserted.new_item::<Invitation>().unwrap(), None);
        assert_eq!(removed.new_item::<Membership>().unwrap(), None);
        assert_eq!(removed.old_item::<Membership>().unwrap(), Some(found));
        let failed = json!({ "batchItemFailures": [{ "itemIdentifier": "100000000000000000007" }] });
        assert_eq!(batch.failed_from(inserted), failed);
    }

    #[test]
    fn a_schedule_says_when_it_was_due() {
        let event = json!({ "schedule": "sweep", "at": "2033-03-01T09:15:00Z" });
        let event = ScheduledEvent::parse(event).unwrap();
        assert_eq!(event.at, "2033-03-01T09:15:00Z".parse().unwrap());
        assert!(ScheduledEvent::parse(json!({ "schedule": "sweep" })).is_err());
    }
}
