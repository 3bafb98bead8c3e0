//! How long a new process takes from its start to its first answer, and how much memory it has held by then.

use crate::stage::{self, Stage};
use std::time::Duration;
use testkit::bootstrap::Bootstrap;

/// The first event of a new process: one that changes nothing, and reads from the table where it can.
const FIRST: &[(&str, &str)] = &[
    ("administration", "administration/read_contexts"),
    ("clients", "clients/read_client"),
    ("consents", "consents/read_circle"),
    ("delivery", "delivery/sign_download"),
    ("inspection", "inspection/inspect_object"),
    ("intake", "intake/list_intake_links"),
    ("inventory", "inventory/list_locations"),
    ("ledger", "ledger/read_record_evidence"),
    ("notify", "notify/send_messages"),
    ("records", "records/read_chart"),
    ("retention", "retention/explain_retention"),
    ("retention-sweep", "retention-sweep/plan_sweep"),
    ("sharing", "sharing/list_grants"),
    ("sessions", "sessions/read_facilitation"),
    ("sign-ins", "sign-ins/witness_sign_in"),
    ("spaces", "spaces/list_spaces"),
    ("transfers", "transfers/list_transfers"),
];

/// What the cold starts of one function came to.
#[derive(Clone, Debug)]
pub struct ColdStart {
    pub function: String,
    /// The operation that was answered first.
    pub operation: String,
    /// From the start of the process to its first answer, sorted.
    pub first_responses: Vec<Duration>,
    /// The most memory any of them has held.
    pub peak_memory_bytes: u64,
    pub binary_bytes: u64,
}

impl ColdStart {
    /// Half of the starts were quicker.
    pub fn p50(&self) -> Duration {
        self.first_responses[self.first_responses.len() / 2]
    }

    /// Nine of ten starts were quicker.
    pub fn p90(&self) -> Duration {
        self.first_responses[self.first_responses.len() * 9 / 10]
    }
}

/// Starts every function `times`, on a stage where the story has been told.
pub async fn measure(stage: &Stage, times: usize) -> Vec<ColdStart> {
    assert!(times > 0, "nothing is measured by no start");
    let environment = stage::environment(&stage.aws);
    let mut measured = Vec::new();
    for function in stage.functions() {
        let operation = first(function);
        let event = stage.told(operation);
        let binary = stage.binary(function);
        let (mut first_responses, mut peak_memory_bytes) = (Vec::with_capacity(times), 0);
        for _ in 0..times {
            let process = Bootstrap::start(binary, &environment).await;
            if let Err(error) = process.invoke(event).await {
                panic!("`{operation}`: {error}\n{}", process.log());
            }
            first_responses.push(process.first_response().expect("there was an answer"));
            peak_memory_bytes = peak_memory_bytes.max(process.peak_memory_bytes());
        }
        first_responses.sort();
        let binary_bytes = std::fs::metadata(binary).expect("a binary").len();
        let (function, operation) = (function.to_owned(), operation.to_owned());
        measured.push(ColdStart { function, operation, first_responses, peak_memory_bytes, binary_bytes });
    }
    measured
}

fn first(function: &str) -> &'static str {
    let found = FIRST.iter().find(|(name, _)| *name == function);
    found.unwrap_or_else(|| panic!("nothing says which event `{function}` gets first")).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_function_has_a_first_event_among_the_samples() {
        let samples = stage::events();
        let functions: BTreeSet<&str> = samples.keys().map(|name| stage::function(name)).collect();
        assert_eq!(FIRST.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), functions);
        for (function, event) in FIRST {
            assert!(samples.contains_key(*event) && stage::function(event) == *function, "{event}");
        }
    }
}
