//! A function: the operations it serves, the events it handles, and exactly what it may touch.

use crate::{Call, Operation, Outcome, Problem, StreamChange, System};
use futures_util::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{future::Future, sync::Arc};

/// One Lambda function.
pub struct Function {
    pub name: &'static str,
    pub endpoints: Vec<Endpoint>,
    /// Handle events, each of another trigger; none for functions behind the HTTP API.
    pub events: Vec<EventHandler>,
    /// What its role allows, no more and no less.
    pub grants: &'static [Grant],
}

/// One thing a function's role allows; what is not listed it may not do.
///
/// The deployment template gives each role exactly the statements of its function's grants, and a check of
/// the translated template holds both against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    /// Items of the table by key.
    ReadItems,
    /// Queries of the table.
    QueryItems,
    /// Queries of the records of a chart in order of time.
    QueryTimeline,
    /// Queries of the evidence by record, client and member.
    QueryTrail,
    /// Puts of items.
    WriteItems,
    /// Deletes of items; evidence is beyond every grant.
    RemoveItems,
    /// Conditions of a transaction on items that it does not write.
    CheckItems,
    /// The keys of records, uploads and contributions, by their items' keys.
    ReadKeys,
    /// Queries of the keys of a chart's records in order of time.
    QueryKeys,
    /// Puts of such keys.
    WriteKeys,
    /// Deletes of such keys: what they sealed is gone for ever.
    DestroyKeys,
    /// Queries of memberships, and of nothing else in the table.
    QueryMemberships,
    /// Puts of evidence, and of nothing else.
    WriteEvidence,
    /// Unwraps the keys of organizations' directories.
    OpenDirectories,
    /// Makes such keys.
    SealDirectories,
    /// Unwraps the keys of clients.
    OpenClients,
    /// Makes such keys.
    SealClients,
    /// Signs the chain of custody, and gives out the key that it is checked with.
    SignCustody,
    /// Puts of uploads, whole or in parts, tagged as pending.
    SendUploads,
    /// Whether an upload has arrived.
    SeeUploads,
    /// Marks what was completed as kept.
    KeepUploads,
    /// The bytes of uploads, for inspection.
    ReadUploads,
    /// Puts of previews.
    WritePreviews,
    /// Versions of files and previews that are not pending, for downloads.
    ReadFiles,
    /// Deletes of versions of files and previews, for good.
    DestroyFiles,
    /// S3's legal hold on versions of files and previews, set and cleared.
    LockFiles,
    /// Sends work to the queue.
    SendWork,
    /// Sends e-mail, from the one address that is the product's.
    SendMail,
}

impl Grant {
    pub const fn name(self) -> &'static str {
        match self {
            Self::ReadItems => "read_items",
            Self::QueryItems => "query_items",
            Self::QueryTimeline => "query_timeline",
            Self::QueryTrail => "query_trail",
            Self::WriteItems => "write_items",
            Self::RemoveItems => "remove_items",
            Self::CheckItems => "check_items",
            Self::ReadKeys => "read_keys",
            Self::QueryKeys => "query_keys",
            Self::WriteKeys => "write_keys",
            Self::DestroyKeys => "destroy_keys",
            Self::QueryMemberships => "query_memberships",
            Self::WriteEvidence => "write_evidence",
            Self::OpenDirectories => "open_directories",
            Self::SealDirectories => "seal_directories",
            Self::OpenClients => "open_clients",
            Self::SealClients => "seal_clients",
            Self::SignCustody => "sign_custody",
            Self::SendUploads => "send_uploads",
            Self::SeeUploads => "see_uploads",
            Self::KeepUploads => "keep_uploads",
            Self::ReadUploads => "read_uploads",
            Self::WritePreviews => "write_previews",
            Self::ReadFiles => "read_files",
            Self::DestroyFiles => "destroy_files",
            Self::LockFiles => "lock_files",
            Self::SendWork => "send_work",
            Self::SendMail => "send_mail",
        }
    }
}

/// The input of an operation that needs none.
#[derive(Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

type Run = dyn Fn(Call, Value) -> BoxFuture<'static, Result<Answered, Problem>> + Send + Sync;
type Handle = dyn Fn(Arc<System>, Value) -> BoxFuture<'static, Result<Value, Problem>> + Send + Sync;

pub(crate) struct Answered {
    pub(crate) body: Option<Value>,
    /// Where it is to be had, of what is elsewhere.
    pub(crate) location: Option<String>,
    pub(crate) replayed: bool,
}

/// An operation with its handler and the shapes of its input and output.
pub struct Endpoint {
    pub operation: &'static Operation,
    run: Arc<Run>,
    pub input: fn(&mut SchemaGenerator) -> Schema,
    pub output: fn(&mut SchemaGenerator) -> Schema,
    /// Whether a success has a body.
    pub has_output: bool,
}

impl Endpoint {
    pub fn new<Input, Output, Future_>(
        operation: &'static Operation,
        handle: impl Fn(Call, Input) -> Future_ + Clone + Send + Sync + 'static,
    ) -> Self
    where
        Input: DeserializeOwned + JsonSchema + Send + 'static,
        Output: Serialize + JsonSchema + Send + 'static,
        Future_: Future<Output = Outcome<Output>> + Send,
    {
        let run = move |call: Call, input: Value| -> BoxFuture<'static, Result<Answered, Problem>> {
            let handle = handle.clone();
            Box::pin(async move {
                let input: Input = serde_json::from_value(input).map_err(|error| {
                    Problem::invalid("invalid_input", crate::route::public_parse_error(&error.to_string()))
                })?;
                let reply = handle(call, input).await?;
                let body = reply.body.map(serde_json::to_value).transpose().map_err(Problem::internal)?;
                Ok(Answered { body, location: reply.location, replayed: reply.replayed })
            })
        };
        Self {
            operation,
            run: Arc::new(run),
            input: SchemaGenerator::subschema_for::<Input>,
            output: SchemaGenerator::subschema_for::<Output>,
            has_output: !matches!(operation.success, 204 | 303),
        }
    }

    pub(crate) async fn run(&self, call: Call, input: Value) -> Result<Answered, Problem> {
        (self.run)(call, input).await
    }
}

/// What wakes a function that nobody calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// EventBridge: an upload has arrived in the bucket.
    ObjectCreated,
    /// CloudWatch Logs: the user pool has written of attempts to sign in.
    SignInActivity,
    /// EventBridge Scheduler, by an expression as it writes them, in UTC: `cron(15 9 * * ? *)`. Brings a
    /// [`ScheduledEvent`](crate::ScheduledEvent).
    Schedule(&'static str),
    /// SQS: a batch of work ([`QueueEvent`](crate::QueueEvent)). The answer names the messages that failed.
    Queue,
    /// DynamoDB Streams: what was written to the table, in order ([`StreamEvent`](crate::StreamEvent)). The answer names
    /// where the batch has to begin again. Only what is watched for comes at all.
    TableStream(&'static [Watched]),
}

/// What a function looks for in the table's stream: a change of one kind of item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    pub change: StreamChange,
    /// The kind of item, as `store::Item::KIND` has it.
    pub entity: &'static str,
}

impl Watched {
    pub const fn inserted(entity: &'static str) -> Self {
        Self { change: StreamChange::Insert, entity }
    }

    pub const fn modified(entity: &'static str) -> Self {
        Self { change: StreamChange::Modify, entity }
    }

    pub const fn removed(entity: &'static str) -> Self {
        Self { change: StreamChange::Remove, entity }
    }
}

/// Handles one event; an error makes the sender try again.
#[derive(Clone)]
pub struct EventHandler {
    /// Name of the sample event and of what handles it.
    pub id: &'static str,
    pub trigger: Trigger,
    handle: Arc<Handle>,
}

impl EventHandler {
    /// What the handler answers is for the sender; most want none, and get `Value::Null`.
    pub fn new<Future_>(
        id: &'static str,
        handle: impl Fn(Arc<System>, Value) -> Future_ + Clone + Send + Sync + 'static,
    ) -> Self
    where
        Future_: Future<Output = Result<Value, Problem>> + Send,
    {
        Self {
            id,
            trigger: Trigger::ObjectCreated,
            handle: Arc::new(move |system, event| {
                let handle = handle.clone();
                Box::pin(async move { handle(system, event).await })
            }),
        }
    }

    /// Woken by something else than a new object.
    #[must_use]
    pub const fn on(mut self, trigger: Trigger) -> Self {
        self.trigger = trigger;
        self
    }

    pub async fn run(&self, system: Arc<System>, event: Value) -> Result<Value, Problem> {
        (self.handle)(system, event).await
    }
}

impl Function {
    /// Who handles an event: the only handler there is, or the one whose trigger sends events of this shape.
    pub fn handler_of(&self, event: &Value) -> Option<&EventHandler> {
        if let [only] = self.events.as_slice() {
            return Some(only);
        }
        let source = event.pointer("/Records/0/eventSource").and_then(Value::as_str);
        self.events.iter().find(|handler| match handler.trigger {
            Trigger::Queue => source == Some("aws:sqs"),
            Trigger::TableStream(_) => source == Some("aws:dynamodb"),
            Trigger::ObjectCreated => source == Some("aws:s3") || event.get("detail-type").is_some(),
            Trigger::SignInActivity => event.get("awslogs").is_some(),
            Trigger::Schedule(_) => event.get("schedule").is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn handler(trigger: Trigger) -> EventHandler {
        EventHandler::new("handled", |_, event| async move { Ok(event) }).on(trigger)
    }

    fn function(events: Vec<EventHandler>) -> Function {
        Function { name: "retention-sweep", endpoints: Vec::new(), events, grants: &[] }
    }

    #[test]
    fn an_event_goes_to_the_handler_of_its_sender() {
        const WATCHED: &[Watched] = &[Watched::inserted("message")];
        let all = [
            Trigger::ObjectCreated,
            Trigger::SignInActivity,
            Trigger::Schedule("cron(15 9 * * ? *)"),
            Trigger::Queue,
            Trigger::TableStream(WATCHED),
        ];
        let function = function(all.map(handler).to_vec());
        let of = |event: Value| function.handler_of(&event).map(|handler| handler.trigger);
        assert_eq!(of(json!({ "Records": [{ "eventSource": "aws:sqs" }] })), Some(Trigger::Queue));
        assert_eq!(of(json!({ "Records": [{ "eventSource": "aws:dynamodb" }] })), Some(all[4]));
        assert_eq!(of(json!({ "Records": [{ "eventSource": "aws:s3" }] })), Some(Trigger::ObjectCreated));
        assert_eq!(of(json!({ "detail-type": "Object Created" })), Some(Trigger::ObjectCreated));
        assert_eq!(of(json!({ "awslogs": { "data": "" } })), Some(Trigger::SignInActivity));
        assert_eq!(of(json!({ "schedule": "sweep", "at": "2033-03-01T09:15:00Z" })), Some(all[2]));
        assert_eq!(of(json!({ "Records": [{ "eventSource": "aws:sns" }] })), None);
    }

    #[test]
    fn the_only_handler_is_shown_whatever_comes() {
        let alone = function(vec![handler(Trigger::ObjectCreated)]);
        assert!(alone.handler_of(&json!("nonsense")).is_some());
        assert!(function(Vec::new()).handler_of(&json!({})).is_none());
    }
}
