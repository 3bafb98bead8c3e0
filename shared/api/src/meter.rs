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
        interceptors::{Intercept, context::{AfterDeserializationInterceptorContextRef, Output}},
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use std::sync::{Arc, Mutex};

/// What was done since the count began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// Calls in order: `DynamoDB BatchGetItem`.
    pub calls: Vec<String>,
    pub read_units: f64,
    pub write_units: f64,
}

impl Usage {
    /// Calls of one service.
    pub fn of(&self, service: &str) -> usize {
        self.calls.iter().filter(|call| call.split(' ').next() == Some(service)).count()
    }
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

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Ok(mut guard), Some(call)) = (self.0.lock(), bag.load::<Metadata>())
            && let Some(usage) = guard.as_mut()
        {
            usage.calls.push(format!("{} {}", call.service(), call.name()));
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
