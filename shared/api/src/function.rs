//! A function: the operations it serves, the events it handles, and exactly what it may touch.

use crate::{Call, Operation, Outcome, Problem, System};
use futures_util::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{future::Future, sync::Arc};

/// One Lambda function.
pub struct Function {
    pub name: &'static str,
    pub endpoints: Vec<Endpoint>,
    /// Handles an event; `None` for functions behind the HTTP API.
    pub event: Option<EventHandler>,
    pub grants: Grants,
}

/// What a function's role allows, no more and no less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grants {
    pub table: Table,
    pub objects: Objects,
    pub keys: Keys,
}

/// DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Queries of the table, and evidence of what was found there; nothing else is written.
    ReadAndWitness,
    /// Items and queries of the table; writes, with evidence in the same transaction.
    ReadWrite,
    /// The same, and the evidence indexes.
    ReadWriteAndTrail,
}

/// S3, with the data keys it asks KMS for on our behalf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objects {
    None,
    /// Puts (by presigned requests), multiparts, looks, and tags what is completed.
    Upload,
    /// Gets, and writes previews.
    Inspect,
    /// Gets (by presigned requests).
    Download,
}

/// KMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// It never meets sealed content; the table's own encryption needs no grant.
    None,
    Decrypt,
    /// And new data keys, for organizations and clients.
    DecryptAndGenerate,
}

/// The raw body of a request.
pub type Bytes = Vec<u8>;

type Run = dyn Fn(Call, Value) -> BoxFuture<'static, Result<Answered, Problem>> + Send + Sync;
type Handle = dyn Fn(Arc<System>, Value) -> BoxFuture<'static, Result<(), Problem>> + Send + Sync;

pub(crate) struct Answered {
    pub(crate) body: Option<Value>,
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
                Ok(Answered { body, replayed: reply.replayed })
            })
        };
        Self {
            operation,
            run: Arc::new(run),
            input: SchemaGenerator::subschema_for::<Input>,
            output: SchemaGenerator::subschema_for::<Output>,
            has_output: operation.success != 204,
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
    pub fn new<Future_>(
        id: &'static str,
        handle: impl Fn(Arc<System>, Value) -> Future_ + Clone + Send + Sync + 'static,
    ) -> Self
    where
        Future_: Future<Output = Result<(), Problem>> + Send,
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

    pub async fn run(&self, system: Arc<System>, event: Value) -> Result<(), Problem> {
        (self.handle)(system, event).await
    }
}
