//! Attempts to sign in on their way to the function that leaves evidence of them: what Amazon Cognito's log,
//! CloudWatch Logs and a subscription do in production, with events of the same shape.

use api::{EventHandler, System, Trigger};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use local::identity::{Identity, IdentityError, SignInEvent, SignInEvents, SignInOutcome};
use serde_json::{Value, json};
use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};
use tokio::task::JoinHandle;

use crate::{functions::functions, provision::ACCOUNT};

/// What the sign-in service's log calls it: the end of the issuer's address, as a user pool's id is of its own.
const USER_POOL_ID: &str = "identity";
/// The most lines in one event.
const LINES: usize = 100;
/// How long a delivery that failed waits; twice as long after each further failure, up to the second.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(30));

/// Delivers attempts for as long as it is kept.
pub struct SignInDelivery(Option<JoinHandle<()>>);

impl SignInDelivery {
    pub fn start(identity: &Identity, system: &Arc<System>) -> Self {
        let woken = functions().into_iter().flat_map(|function| function.events);
        let handler = woken.into_iter().find(|handler| handler.trigger == Trigger::SignInActivity);
        let (events, system) = (identity.sign_in_events(), Arc::clone(system));
        Self(handler.map(|handler| tokio::spawn(deliver(events, handler, system))))
    }
}

impl Drop for SignInDelivery {
    fn drop(&mut self) {
        // What is under way is not acknowledged, and delivered again after the next start.
        if let Some(task) = self.0.take() {
            task.abort();
        }
    }
}

/// Hands on attempts in their order, each batch until the function has taken it.
async fn deliver(mut events: SignInEvents, handler: EventHandler, system: Arc<System>) {
    loop {
        let attempts = match events.next(LINES).await {
            Ok(attempts) => attempts,
            Err(error) => {
                tracing::error!(%error, "attempts to sign in cannot be read");
                tokio::time::sleep(PATIENCE.1).await;
                continue;
            }
        };
        let mut wait = PATIENCE.0;
        while let Err(error) = hand_on(&events, &attempts, &handler, &system).await {
            tracing::warn!(%error, "attempts to sign in are not in evidence yet");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(PATIENCE.1);
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum DeliveryError {
    #[error("the event cannot be made: {0}")]
    Event(#[from] io::Error),
    #[error("the function failed: {0}")]
    Function(String),
    #[error("the attempts cannot be acknowledged: {0}")]
    Acknowledge(#[from] IdentityError),
}

async fn hand_on(
    events: &SignInEvents,
    attempts: &[SignInEvent],
    handler: &EventHandler,
    system: &Arc<System>,
) -> Result<(), DeliveryError> {
    let event = event(attempts)?;
    let handled = handler.run(Arc::clone(system), event).await;
    handled.map_err(|problem| DeliveryError::Function(problem.to_string())).map(drop)?;
    match attempts.last() {
        Some(last) => Ok(events.acknowledge(last.seq)?),
        None => Ok(()),
    }
}

/// What a subscription of CloudWatch Logs sends.
fn event(attempts: &[SignInEvent]) -> io::Result<Value> {
    let lines: Vec<Value> = attempts
        .iter()
        .map(|attempt| {
            let message = line(attempt).to_string();
            json!({ "id": format!("{:056}", attempt.seq), "timestamp": attempt.at.as_millisecond(), "message": message })
        })
        .collect();
    let batch = json!({
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": "/aws/vendedlogs/strongroom-sign-in-activity",
        "logStream": USER_POOL_ID,
        "subscriptionFilters": ["sign-ins"],
        "logEvents": lines,
    });
    let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
    zip.write_all(batch.to_string().as_bytes())?;
    Ok(json!({ "awslogs": { "data": STANDARD.encode(zip.finish()?) } }))
}

/// A line of the activity log, with the fields that the sign-in service knows.
fn line(attempt: &SignInEvent) -> Value {
    let succeeded = attempt.outcome == SignInOutcome::Succeeded;
    let blocked = attempt.outcome == SignInOutcome::Throttled;
    json!({
        "eventTimestamp": attempt.at.as_millisecond().to_string(),
        "eventSource": "USER_ACTIVITY",
        "logLevel": "INFO",
        "message": {
            "version": "1",
            "eventId": format!("sign-in-{}", attempt.seq),
            "eventType": "SignIn",
            "userSub": attempt.subject,
            "userName": attempt.username,
            "userPoolId": USER_POOL_ID,
            "eventResponse": if succeeded { "Pass" } else { "Fail" },
            "riskLevel": "",
            "riskDecision": if blocked { "Block" } else { "PASS" },
            "challenges": challenges(attempt.outcome),
            "deviceName": attempt.user_agent,
            "ipAddress": attempt.ip,
            "compromisedCredentialDetected": "false",
            "hasContextData": (attempt.ip.is_some() || attempt.user_agent.is_some()).to_string(),
        },
        "logSourceId": { "userPoolId": USER_POOL_ID },
    })
}

fn challenges(outcome: SignInOutcome) -> Value {
    let step = |name: &str, response: &str| json!({ "challengeName": name, "challengeResponse": response });
    match outcome {
        SignInOutcome::Succeeded | SignInOutcome::Disabled => json!([step("Password", "Success")]),
        SignInOutcome::WrongPassword => json!([step("Password", "Failure")]),
        SignInOutcome::WrongCode => json!([step("Password", "Success"), step("Mfa", "Failure")]),
        SignInOutcome::Throttled => json!([]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    fn attempt(outcome: SignInOutcome) -> SignInEvent {
        SignInEvent {
            seq: 7,
            at: "2026-03-01T09:30:00Z".parse().unwrap(),
            outcome,
            subject: None,
            username: Some("amara".into()),
            ip: Some("127.0.0.1".into()),
            user_agent: Some("a browser".into()),
        }
    }

    #[test]
    fn an_event_has_the_shape_of_a_subscriptions() {
        let event =
            event(&[attempt(SignInOutcome::WrongPassword), attempt(SignInOutcome::Succeeded)]).unwrap();
        let zipped = STANDARD.decode(event["awslogs"]["data"].as_str().unwrap()).unwrap();
        let mut plain = String::new();
        GzDecoder::new(zipped.as_slice()).read_to_string(&mut plain).unwrap();
        let batch: Value = serde_json::from_str(&plain).unwrap();
        assert_eq!(batch["messageType"], "DATA_MESSAGE");
        assert_eq!(batch["logEvents"].as_array().unwrap().len(), 2);
        let line: Value = serde_json::from_str(batch["logEvents"][0]["message"].as_str().unwrap()).unwrap();
        assert_eq!(line["eventTimestamp"], "1772357400000");
        assert_eq!(line["message"]["eventId"], "sign-in-7");
        assert_eq!(line["message"]["userSub"], Value::Null);
    }

    #[test]
    fn each_outcome_reads_as_the_pool_would_write_it() {
        let of = |outcome| {
            let line = line(&attempt(outcome));
            let message = &line["message"];
            let text = |name: &str| message[name].as_str().unwrap().to_owned();
            (text("eventResponse"), text("riskDecision"), message["challenges"].as_array().unwrap().len())
        };
        assert_eq!(of(SignInOutcome::Succeeded), ("Pass".into(), "PASS".into(), 1));
        assert_eq!(of(SignInOutcome::WrongPassword), ("Fail".into(), "PASS".into(), 1));
        assert_eq!(of(SignInOutcome::WrongCode), ("Fail".into(), "PASS".into(), 2));
        assert_eq!(of(SignInOutcome::Throttled), ("Fail".into(), "Block".into(), 0));
        assert_eq!(of(SignInOutcome::Disabled), ("Fail".into(), "PASS".into(), 1));
    }
}
