//! Failing on purpose: calls that are refused before anything happens, or that take effect and are answered with an
//! error all the same, as happens when an answer is lost. And being late on purpose: calls that are held up until
//! something else has happened. Off unless somebody asks for it; tests do.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How often the official SDKs send a call before they give up.
pub const SDK_ATTEMPTS: u32 = 3;

/// When a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing of it happens.
    Before,
    /// All of it happens, and the caller does not learn so.
    After,
}

/// A failure that is meant to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    operation: String,
    moment: Moment,
    /// How many calls of the operation go well first.
    spared: u32,
    /// How many calls fail then, one after the other.
    times: u32,
}

impl Fault {
    /// The next call of an operation (`PutItem`, `Decrypt`, `PutObject`, `SendEmail`) fails before it takes effect.
    #[must_use]
    pub fn before(operation: &str) -> Self {
        Self { operation: operation.to_owned(), moment: Moment::Before, spared: 0, times: 1 }
    }

    /// The next call of an operation takes effect, and its caller is told that it failed.
    #[must_use]
    pub fn after(operation: &str) -> Self {
        Self { moment: Moment::After, ..Self::before(operation) }
    }

    /// Not the next call but the `nth`, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.spared = nth.saturating_sub(1);
        self
    }

    /// So many calls in a row. An SDK repeats a failed call, and so hides one failure from who uses it.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// As often as an SDK tries, so that its user learns of the failure.
    #[must_use]
    pub fn for_good(self) -> Self {
        self.times(SDK_ATTEMPTS)
    }
}

/// A failure that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    /// `dynamodb`, `kms`, `s3`, `sqs` or `ses`.
    pub service: &'static str,
    /// The operation that failed.
    pub operation: String,
    /// When it did.
    pub moment: Moment,
}

/// A call that is to be late: it waits where it would take effect.
#[derive(Debug)]
pub struct Late {
    came: oneshot::Receiver<()>,
    goes_on: oneshot::Sender<()>,
}

impl Late {
    /// Does something once the call has come, and lets it go on then: all it was made on was read before, and it takes
    /// effect after.
    pub async fn until<T>(self, done: impl Future<Output = T>) -> T {
        let _ = self.came.await;
        let done = done.await;
        let _ = self.goes_on.send(());
        done
    }
}

/// The other end of it.
#[derive(Debug)]
struct Delay {
    operation: String,
    came: oneshot::Sender<()>,
    goes_on: oneshot::Receiver<()>,
}

/// What fails or is late; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    planned: Vec<Fault>,
    delays: Vec<Delay>,
    chance: Option<Chance>,
    injected: Vec<Injected>,
}

/// Failures by chance, the same for the same seed and order of calls.
#[derive(Debug)]
struct Chance {
    state: u64,
    probability: f64,
    services: Vec<String>,
}

impl Chance {
    /// SplitMix64: a number between 0 and 1.
    fn draw(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        f64::from(u32::try_from(mixed >> 32).unwrap_or(u32::MAX)) / (f64::from(u32::MAX) + 1.0)
    }
}

impl Faults {
    /// Adds a failure to what is meant to happen. What was planned first happens first.
    pub fn plan(&self, fault: Fault) {
        self.state().planned.push(fault);
    }

    /// The next call of an operation of DynamoDB, KMS or SQS waits before it takes effect; those behind it do not.
    #[must_use]
    pub fn hold_up(&self, operation: &str) -> Late {
        let ((came, comes), (goes_on, waits)) = (oneshot::channel(), oneshot::channel());
        self.state().delays.push(Delay { operation: operation.to_owned(), came, goes_on: waits });
        Late { came: comes, goes_on }
    }

    /// From now on calls of `services` (all, if none are named) fail by chance, half of them after they took effect.
    pub fn at_random(&self, seed: u64, probability: f64, services: &[&str]) {
        let services = services.iter().map(|&service| service.to_owned()).collect();
        self.state().chance = Some(Chance { state: seed, probability, services });
    }

    /// Ends all of it: from now on everything goes well. Gives what has failed.
    pub fn end(&self) -> Vec<Injected> {
        std::mem::take(&mut *self.state()).injected
    }

    /// What has failed so far.
    #[must_use]
    pub fn injected(&self) -> Vec<Injected> {
        self.state().injected.clone()
    }

    /// Waits as long as this call is held up.
    pub(crate) async fn wait(&self, operation: &str) {
        let delay = self.state().delayed(operation);
        if let Some(Delay { came, goes_on, .. }) = delay
            && came.send(()).is_ok()
        {
            let _ = goes_on.await;
        }
    }

    /// Whether this call fails, and when.
    pub(crate) fn judge(&self, service: &'static str, operation: &str) -> Option<Moment> {
        let mut state = self.state();
        let moment = state.planned(operation).or_else(|| state.by_chance(service))?;
        state.injected.push(Injected { service, operation: operation.to_owned(), moment });
        Some(moment)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn delayed(&mut self, operation: &str) -> Option<Delay> {
        let at = self.delays.iter().position(|delay| delay.operation == operation)?;
        Some(self.delays.remove(at))
    }

    fn planned(&mut self, operation: &str) -> Option<Moment> {
        let fault = self.planned.iter_mut().find(|fault| fault.operation == operation)?;
        if fault.spared > 0 {
            fault.spared -= 1;
            return None;
        }
        let moment = fault.moment;
        fault.times = fault.times.saturating_sub(1);
        self.planned.retain(|fault| fault.times > 0);
        Some(moment)
    }

    fn by_chance(&mut self, service: &str) -> Option<Moment> {
        let chance = self.chance.as_mut()?;
        if !chance.services.is_empty() && !chance.services.iter().any(|one| one == service) {
            return None;
        }
        if chance.draw() >= chance.probability {
            return None;
        }
        Some(if chance.draw() < 0.5 { Moment::Before } else { Moment::After })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_fails_unless_it_is_asked_for() {
        let faults = Faults::default();
        assert!((0..100).all(|_| faults.judge("dynamodb", "PutItem").is_none()));
    }

    #[test]
    fn a_plan_hits_the_call_it_names() {
        let faults = Faults::default();
        faults.plan(Fault::after("PutItem").nth(3).times(2));
        let calls: Vec<_> = (0..6).map(|_| faults.judge("dynamodb", "PutItem")).collect();
        let after = Some(Moment::After);
        assert_eq!(calls, [None, None, after, after, None, None]);
        assert_eq!(faults.judge("dynamodb", "GetItem"), None);
        assert_eq!(faults.injected().len(), 2);
        assert_eq!(faults.end().len(), 2);
        assert!(faults.injected().is_empty());
    }

    #[test]
    fn chance_is_repeatable_and_keeps_to_its_services() {
        let run = |seed| {
            let faults = Faults::default();
            faults.at_random(seed, 0.3, &["dynamodb"]);
            assert!((0..50).all(|_| faults.judge("s3", "PutObject").is_none()));
            (0..1000).map(|_| faults.judge("dynamodb", "PutItem")).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
        let failed = run(7).into_iter().flatten().collect::<Vec<_>>();
        assert!((250..350).contains(&failed.len()), "{}", failed.len());
        let before = failed.iter().filter(|moment| **moment == Moment::Before).count();
        assert!((90..220).contains(&before), "{before}");
    }
}
