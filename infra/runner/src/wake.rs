//! Who wakes the functions that nobody calls: the same senders as in production, with events of the same shape.

use crate::{functions::functions, provision};
use api::{EventHandler, System, Trigger, Watched};
use local::aws::{
    Aws,
    events::{Deliverer, RetryPolicy, Rule, Target},
    scheduler::{Cron, CronError, Schedule, ScheduleError, Scheduler},
    sqs::{QueueDeliverer, QueueTarget},
    streams::{StreamDeliverer, StreamError, StreamFilter, StreamTarget},
};
use serde_json::{Value, json};
use std::{future::Future, sync::Arc};

/// Wakes functions for as long as it is kept; what is under way then is delivered again after the next start.
pub struct Wakers {
    events: Deliverer,
    scheduler: Scheduler,
    _queue: QueueDeliverer,
    _stream: StreamDeliverer,
}

#[derive(Debug, thiserror::Error)]
pub enum WakeError {
    #[error("a function's schedule: {0}")]
    Schedule(#[from] CronError),
    #[error("schedules: {0}")]
    Scheduler(#[from] local::aws::events::DatabaseError),
    #[error("streams: {0}")]
    Stream(#[from] StreamError),
}

impl Wakers {
    pub async fn start(
        aws: &Aws,
        system: &Arc<System>,
        retry: &RetryPolicy,
        schedules_by_hand: bool,
    ) -> Result<Self, WakeError> {
        let mut targets = Targets::default();
        for function in functions() {
            for handler in function.events {
                targets.add(function.name, &Hand { handler, system: Arc::clone(system) })?;
            }
        }
        let clock = {
            let system = Arc::clone(system);
            Arc::new(move || system.now())
        };
        let Targets { uploads, schedules, queues, streams } = targets;
        Ok(Self {
            events: Deliverer::start(aws.events(), uploads, retry.clone()),
            _queue: QueueDeliverer::start(aws.sqs(), queues, retry),
            _stream: StreamDeliverer::start(aws.streams(), streams, retry).await?,
            scheduler: Scheduler::start(aws.events(), schedules, clock, retry, schedules_by_hand).await?,
        })
    }

    pub const fn events(&self) -> &Deliverer {
        &self.events
    }

    /// Calls a function as its schedule does, now.
    pub async fn fire(&self, function: &str) -> Result<Value, ScheduleError> {
        self.scheduler.fire(function).await
    }
}

/// A handler with what it is handed besides the event.
#[derive(Clone)]
struct Hand {
    handler: EventHandler,
    system: Arc<System>,
}

impl Hand {
    fn on(&self, event: Value) -> impl Future<Output = Result<Value, String>> + Send + use<> {
        let Self { handler, system } = self.clone();
        async move { handler.run(system, event).await.map_err(|problem| problem.to_string()) }
    }
}

#[derive(Default)]
struct Targets {
    uploads: Vec<Target>,
    schedules: Vec<Schedule>,
    queues: Vec<QueueTarget>,
    streams: Vec<StreamTarget>,
}

impl Targets {
    fn add(&mut self, function: &'static str, hand: &Hand) -> Result<(), WakeError> {
        let hand = hand.clone();
        match hand.handler.trigger {
            Trigger::ObjectCreated => {
                let rule = Rule::object_created(provision::BUCKET).with_key_prefix(vault::layout::UPLOADS);
                self.uploads.push(Target::new(function, rule, move |event| {
                    let handled = hand.on(event);
                    async move { handled.await.map(drop) }
                }));
            }
            Trigger::Schedule(expression) => {
                let cron = Cron::parse(expression)?;
                self.schedules.push(Schedule::new(function, cron, move |at| {
                    hand.on(json!({ "schedule": function, "at": at }))
                }));
            }
            Trigger::Queue => {
                self.queues.push(QueueTarget::new(provision::WORK_QUEUE, move |event| hand.on(event)));
            }
            Trigger::TableStream(watched) => {
                let filters = watched.iter().map(filter).collect();
                let table = hand.system.settings.table.clone();
                self.streams.push(StreamTarget::new(function, &table, filters, move |event| hand.on(event)));
            }
            // The sign-in service's own log brings these.
            Trigger::SignInActivity => {}
        }
        Ok(())
    }
}

fn filter(watched: &Watched) -> StreamFilter {
    let attribute = Some(("entity".to_owned(), watched.entity.to_owned()));
    StreamFilter { event_name: watched.change.name().to_owned(), attribute }
}
