//! Counts what the SDK does: round trips by service, and DynamoDB's consumed capacity. Benchmarks read it.

use aws_sdk_dynamodb::{
    operation::{
        batch_get_item::BatchGetItemOutput, put_item::PutItemOutput, query::QueryOutput,
        transact_write_items::TransactWriteItemsOutput,
    },
    types::ConsumedCapacity,
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef, Output,
            },
        },
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

/// What was done since the count began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    pub calls: Vec<MeteredCall>,
    pub read_units: f64,
    pub write_units: f64,
}

/// One call of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeteredCall {
    /// `DynamoDB`, `S3`, `KMS`.
    pub service: String,
    pub operation: String,
    pub began: Instant,
    pub ended: Instant,
}

impl Usage {
    /// Calls of one service.
    pub fn of(&self, service: &str) -> usize {
        self.calls.iter().filter(|call| call.service == service).count()
    }

    /// Round trips to one service that waited for each other: calls made at the same time count once.
    pub fn sequential(&self, service: &str) -> usize {
        let mut calls: Vec<_> = self.calls.iter().filter(|call| call.service == service).collect();
        calls.sort_by_key(|call| call.ended);
        let mut last: Option<Instant> = None;
        let mut round_trips = 0;
        for call in calls {
            if last.is_none_or(|last| call.began >= last) {
                round_trips += 1;
                last = Some(call.ended);
            }
        }
        round_trips
    }
}

/// When a call began, kept with the call.
#[derive(Clone, Copy, Debug)]
struct Began(Instant);

impl Storable for Began {
    type Storer = StoreReplace<Self>;
}

/// Counts when it is told to; otherwise it costs nothing.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Mutex<Option<Usage>>>);

impl Meter {
    /// Begins to count.
    pub fn start(&self) {
        if let Ok(mut usage) = self.0.lock() {
            *usage = Some(Usage::default());
        }
    }

    /// Ends the count and says what was counted.
    pub fn stop(&self) -> Usage {
        self.0.lock().ok().and_then(|mut usage| usage.take()).unwrap_or_default()
    }
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "meter"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        bag.interceptor_state().store_put(Began(Instant::now()));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Ok(mut guard), Some(call)) = (self.0.lock(), bag.load::<Metadata>())
            && let Some(usage) = guard.as_mut()
        {
            let ended = Instant::now();
            usage.calls.push(MeteredCall {
                service: call.service().to_owned(),
                operation: call.name().to_owned(),
                began: bag.load::<Began>().map_or(ended, |began| began.0),
                ended,
            });
            if let Ok(output) = context.output_or_error() {
                add_capacity(usage, output);
            }
        }
        Ok(())
    }
}

fn add_capacity(usage: &mut Usage, output: &Output) {
    let units = |consumed: &[ConsumedCapacity]| -> f64 {
        consumed.iter().filter_map(ConsumedCapacity::capacity_units).sum()
    };
    if let Some(output) = output.downcast_ref::<TransactWriteItemsOutput>() {
        usage.write_units += units(output.consumed_capacity());
    } else if let Some(output) = output.downcast_ref::<PutItemOutput>() {
        usage.write_units += output.consumed_capacity().map_or(0.0, |one| units(std::slice::from_ref(one)));
    } else if let Some(output) = output.downcast_ref::<BatchGetItemOutput>() {
        usage.read_units += units(output.consumed_capacity());
    } else if let Some(output) = output.downcast_ref::<QueryOutput>() {
        usage.read_units += output.consumed_capacity().map_or(0.0, |one| units(std::slice::from_ref(one)));
    }
}
