//! What the log of the user pool's activity says of failed attempts to sign in.
//!
//! CloudWatch Logs hands on lines of the log, zipped and in base64; each line is a JSON document that Amazon
//! Cognito has written (`userAuthEvents`). Its schema "is subject to change" and "some fields might be logged
//! with null values", so everything is optional that evidence can do without; a line that cannot be
//! understood is counted and never passed over in silence.

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::{io::Read, net::IpAddr};

/// The most that the lines of one event may unzip to; CloudWatch Logs sends at most 1 MiB of them, zipped.
pub const LINES_MAX_BYTES: u64 = 32 << 20;
const EVENT_ID_CHARS: usize = 128;
const DEVICE_CHARS: usize = 200;

/// The event as a whole cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the event is not one of cloudwatch logs: {0}")]
    Event(serde_json::Error),
    #[error("the lines are not in base64: {0}")]
    Base64(#[from] base64::DecodeError),
    #[error("the lines cannot be unzipped: {0}")]
    Zip(#[from] std::io::Error),
    #[error("the lines unzip to more than {LINES_MAX_BYTES} bytes")]
    TooLarge,
    #[error("what was zipped is no list of lines: {0}")]
    Lines(serde_json::Error),
}

/// The failed attempts of one event.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Activity {
    pub failed: Vec<Attempt>,
    /// Lines that could not be understood.
    pub strange: usize,
}

/// One failed attempt to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The pool's own id of the attempt.
    pub event_id: String,
    pub user_pool_id: String,
    pub at: Timestamp,
    /// The person whose name was given; `None` if the name was nobody's.
    pub subject: Option<String>,
    pub reason: Reason,
    /// What the pool thinks of the attempt: `low`, `medium` or `high`.
    pub risk: Option<&'static str>,
    pub ip: Option<String>,
    pub device: Option<String>,
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    WrongPassword,
    /// The code of the second factor was wrong.
    WrongCode,
    /// The pool let nobody try: too many attempts, or too suspicious.
    Blocked,
    /// The password is known to have been stolen elsewhere.
    StolenPassword,
    /// For something else: a disabled account, an expired password.
    Refused,
}

impl Reason {
    /// The code that evidence carries.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WrongPassword => "wrong_password",
            Self::WrongCode => "wrong_code",
            Self::Blocked => "blocked",
            Self::StolenPassword => "stolen_password",
            Self::Refused => "refused",
        }
    }
}

impl Activity {
    /// Reads an event of CloudWatch Logs.
    pub fn read(event: Value) -> Result<Self, Unreadable> {
        let event: Event = serde_json::from_value(event).map_err(Unreadable::Event)?;
        let zipped = STANDARD.decode(event.awslogs.data)?;
        let mut plain = Vec::new();
        GzDecoder::new(zipped.as_slice()).take(LINES_MAX_BYTES + 1).read_to_end(&mut plain)?;
        if u64::try_from(plain.len()).is_ok_and(|length| length > LINES_MAX_BYTES) {
            return Err(Unreadable::TooLarge);
        }
        let batch: Batch = serde_json::from_slice(&plain).map_err(Unreadable::Lines)?;
        Ok(Self::of(batch))
    }

    fn of(batch: Batch) -> Self {
        let mut activity = Self::default();
        // Control messages only ask whether the function can be reached.
        if batch.message_type != "DATA_MESSAGE" {
            return activity;
        }
        for line in batch.log_events {
            let read = serde_json::from_str::<Entry>(&line.message).ok();
            match read.and_then(Entry::understood) {
                Some(Some(attempt)) => activity.failed.push(attempt),
                Some(None) => {}
                None => activity.strange += 1,
            }
        }
        activity
    }
}

#[derive(Deserialize)]
struct Event {
    awslogs: Zipped,
}

#[derive(Deserialize)]
struct Zipped {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    message_type: String,
    #[serde(default)]
    log_events: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    event_timestamp: Value,
    message: Details,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Details {
    event_type: String,
    event_response: Option<String>,
    event_id: Option<String>,
    user_pool_id: Option<String>,
    user_sub: Option<String>,
    risk_level: Option<String>,
    risk_decision: Option<String>,
    #[serde(default)]
    challenges: Value,
    compromised_credential_detected: Option<String>,
    device_name: Option<String>,
    ip_address: Option<String>,
}

/// The name of a step of signing in, if it failed: `Password` or `Mfa`.
fn failed_step(step: &Value) -> Option<&str> {
    let (name, response) = match step {
        // `Password:Failure`.
        Value::String(text) => text.split_once(':')?,
        fields => (fields.get("challengeName")?.as_str()?, fields.get("challengeResponse")?.as_str()?),
    };
    response.trim().eq_ignore_ascii_case("failure").then_some(name.trim())
}

impl Entry {
    /// The failed attempt, `Some(None)` if the line tells of something else, `None` if it makes no sense.
    fn understood(self) -> Option<Option<Attempt>> {
        if self.message.event_type != "SignIn" {
            return Some(None);
        }
        // Steps on the way (`InProgress`) and successes (`Pass`) are nobody's failure.
        if self.message.event_response.as_deref()? != "Fail" {
            return Some(None);
        }
        Some(Some(self.attempt()?))
    }

    fn attempt(self) -> Option<Attempt> {
        let at = self.at()?;
        let details = self.message;
        let reason = details.reason();
        let risk = details.risk();
        let subject = details.user_sub.filter(|subject| !subject.is_empty());
        Some(Attempt {
            event_id: short(details.event_id?, EVENT_ID_CHARS)?,
            user_pool_id: details.user_pool_id?,
            at,
            subject,
            reason,
            risk,
            ip: details.ip_address.filter(|ip| ip.parse::<IpAddr>().is_ok()),
            device: details.device_name.and_then(|device| short(device, DEVICE_CHARS)),
        })
    }

    /// Milliseconds since 1970, which the pool writes as text.
    fn at(&self) -> Option<Timestamp> {
        let millis = match &self.event_timestamp {
            Value::String(text) => text.parse().ok()?,
            number => number.as_i64()?,
        };
        Timestamp::from_millisecond(millis).ok()
    }
}

impl Details {
    fn reason(&self) -> Reason {
        if is(self.risk_decision.as_deref(), "block") {
            return Reason::Blocked;
        }
        let steps = self.challenges.as_array().into_iter().flatten();
        match steps.rev().find_map(failed_step) {
            Some(name) if name.eq_ignore_ascii_case("password") => Reason::WrongPassword,
            Some(name) if name.eq_ignore_ascii_case("mfa") => Reason::WrongCode,
            _ if is(self.compromised_credential_detected.as_deref(), "true") => Reason::StolenPassword,
            _ => Reason::Refused,
        }
    }

    fn risk(&self) -> Option<&'static str> {
        ["low", "medium", "high"].into_iter().find(|level| is(self.risk_level.as_deref(), level))
    }
}

fn is(found: Option<&str>, word: &str) -> bool {
    found.is_some_and(|found| found.eq_ignore_ascii_case(word))
}

/// The text without control characters and of bounded length, if anything is left of it.
fn short(text: String, chars: usize) -> Option<String> {
    let short: String = text.chars().filter(|c| !c.is_control()).take(chars).collect();
    (!short.is_empty()).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use serde_json::json;
    use std::io::Write;

    /// A line in the words of Amazon Cognito's documentation, with what the tests change.
    fn line(changes: Value) -> Value {
        let mut line = json!({
            "eventTimestamp": "1687297330677",
            "eventSource": "USER_ACTIVITY",
            "logLevel": "INFO",
            "message": {
                "version": "1",
                "eventId": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111",
                "eventType": "SignUp",
                "userSub": "a1b2c3d4-5678-90ab-cdef-EXAMPLE22222",
                "userName": "test-user",
                "userPoolId": "us-west-2_EXAMPLE",
                "clientId": "1example23456789",
                "creationDate": "Wed Jul 17 17:25:55 UTC 2024",
                "eventResponse": "InProgress",
                "riskLevel": "",
                "riskDecision": "PASS",
                "challenges": [],
                "deviceName": "Other, Other",
                "ipAddress": "192.0.2.1",
                "requestId": "a1b2c3d4-5678-90ab-cdef-EXAMPLE33333",
                "idpName": "",
                "compromisedCredentialDetected": "false",
                "city": "Seattle",
                "country": "United States",
                "eventFeedbackValue": "",
                "eventFeedbackDate": "",
                "eventFeedbackProvider": "",
                "hasContextData": "true"
            },
            "logSourceId": { "userPoolId": "us-west-2_EXAMPLE" }
        });
        if let Value::Object(changes) = changes {
            line["message"].as_object_mut().unwrap().extend(changes);
        }
        line
    }

    fn failed(changes: Value) -> Value {
        let mut failed = line(json!({ "eventType": "SignIn", "eventResponse": "Fail" }));
        if let Value::Object(changes) = changes {
            failed["message"].as_object_mut().unwrap().extend(changes);
        }
        failed
    }

    fn zipped(plain: &[u8]) -> Value {
        let mut zip = GzEncoder::new(Vec::new(), Compression::default());
        zip.write_all(plain).unwrap();
        json!({ "awslogs": { "data": STANDARD.encode(zip.finish().unwrap()) } })
    }

    fn event(lines: &[Value]) -> Value {
        let lines = lines.iter().enumerate().map(|(number, line)| {
            let message = line.as_str().map_or_else(|| line.to_string(), str::to_owned);
            json!({ "id": number.to_string(), "timestamp": 1_687_297_330_677_i64, "message": message })
        });
        let batch = json!({
            "messageType": "DATA_MESSAGE",
            "owner": "123456789012",
            "logGroup": "/aws/vendedlogs/strongroom-sign-ins",
            "logStream": "us-west-2_EXAMPLE",
            "subscriptionFilters": ["sign-ins"],
            "logEvents": lines.collect::<Vec<_>>()
        });
        zipped(batch.to_string().as_bytes())
    }

    fn only(changes: Value) -> Attempt {
        let activity = Activity::read(event(&[failed(changes)])).unwrap();
        assert_eq!((activity.failed.len(), activity.strange), (1, 0));
        activity.failed.into_iter().next().unwrap()
    }

    #[test]
    fn a_failed_attempt_is_read_from_the_documented_line() {
        let challenges = json!([{ "challengeName": "Password", "challengeResponse": "Failure" }]);
        let attempt = only(json!({ "challenges": challenges, "riskLevel": "High" }));
        let expected = Attempt {
            event_id: "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111".into(),
            user_pool_id: "us-west-2_EXAMPLE".into(),
            at: "2023-06-20T21:42:10.677Z".parse().unwrap(),
            subject: Some("a1b2c3d4-5678-90ab-cdef-EXAMPLE22222".into()),
            reason: Reason::WrongPassword,
            risk: Some("high"),
            ip: Some("192.0.2.1".into()),
            device: Some("Other, Other".into()),
        };
        assert_eq!(attempt, expected);
    }

    #[test]
    fn what_is_no_failed_sign_in_is_left_alone() {
        let lines = [
            line(Value::Null),
            line(json!({ "eventType": "SignIn", "eventResponse": "Pass" })),
            line(json!({ "eventType": "SignIn" })),
            line(json!({ "eventType": "PasswordChange", "eventResponse": "Fail" })),
        ];
        assert_eq!(Activity::read(event(&lines)).unwrap(), Activity::default());
    }

    #[test]
    fn the_reason_is_the_last_step_that_failed() {
        let step =
            |name: &str, response: &str| json!({ "challengeName": name, "challengeResponse": response });
        let both = json!([step("Password", "Success"), step("Mfa", "Failure")]);
        assert_eq!(only(json!({ "challenges": both })).reason, Reason::WrongCode);
        let text = json!(["Password:Failure"]);
        assert_eq!(only(json!({ "challenges": text })).reason, Reason::WrongPassword);
        let blocked = json!({ "riskDecision": "Block", "challenges": text });
        assert_eq!(only(blocked).reason, Reason::Blocked);
        let stolen = json!({ "compromisedCredentialDetected": "true" });
        assert_eq!(only(stolen).reason, Reason::StolenPassword);
        assert_eq!(only(json!({ "challenges": null })).reason, Reason::Refused);
        assert_eq!(only(json!({ "challenges": [7] })).reason, Reason::Refused);
        assert_eq!(only(json!({ "challenges": "none" })).reason, Reason::Refused);
    }

    #[test]
    fn fields_may_be_null_or_nonsense() {
        let nulls = json!({
            "userSub": null, "riskLevel": null, "riskDecision": null, "challenges": null, "deviceName": null,
            "ipAddress": null, "compromisedCredentialDetected": null
        });
        let attempt = only(nulls);
        assert_eq!((attempt.subject, attempt.ip, attempt.device, attempt.risk), (None, None, None, None));
        let nonsense = only(json!({ "userSub": "", "ipAddress": "here", "deviceName": "a\u{0}b\n" }));
        assert_eq!((nonsense.subject, nonsense.ip), (None, None));
        assert_eq!(nonsense.device.as_deref(), Some("ab"));
        assert_eq!(only(json!({ "deviceName": "x".repeat(5_000) })).device.unwrap().len(), DEVICE_CHARS);
    }

    #[test]
    fn lines_that_make_no_sense_are_counted_and_hide_no_other() {
        let mut timeless = failed(Value::Null);
        timeless["eventTimestamp"] = json!("yesterday");
        let lines = [
            json!("not json"),
            json!({ "message": { "details": "of another log" } }),
            failed(json!({ "eventId": null })),
            failed(json!({ "userPoolId": null })),
            line(json!({ "eventType": "SignIn", "eventResponse": null })),
            timeless,
            failed(Value::Null),
        ];
        let activity = Activity::read(event(&lines)).unwrap();
        assert_eq!((activity.failed.len(), activity.strange), (1, 6));
    }

    #[test]
    fn control_messages_hold_no_attempts() {
        let control = json!({
            "messageType": "CONTROL_MESSAGE", "owner": "CloudwatchLogs", "logGroup": "", "logStream": "",
            "subscriptionFilters": [],
            "logEvents": [{ "id": "", "timestamp": 1, "message": "CWL CONTROL MESSAGE: Checking health." }]
        });
        assert_eq!(Activity::read(zipped(control.to_string().as_bytes())).unwrap(), Activity::default());
    }

    #[test]
    fn what_is_no_event_of_the_log_is_refused() {
        assert!(matches!(Activity::read(json!({ "Records": [] })), Err(Unreadable::Event(_))));
        let text = json!({ "awslogs": { "data": "%" } });
        assert!(matches!(Activity::read(text), Err(Unreadable::Base64(_))));
        let plain = json!({ "awslogs": { "data": STANDARD.encode("plain") } });
        assert!(matches!(Activity::read(plain), Err(Unreadable::Zip(_))));
        assert!(matches!(Activity::read(zipped(b"[]")), Err(Unreadable::Lines(_))));
    }

    #[test]
    fn a_zip_bomb_is_not_unpacked() {
        let mut zip = GzEncoder::new(Vec::new(), Compression::fast());
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..=LINES_MAX_BYTES >> 20 {
            zip.write_all(&zeros).unwrap();
        }
        let bomb = json!({ "awslogs": { "data": STANDARD.encode(zip.finish().unwrap()) } });
        assert!(matches!(Activity::read(bomb), Err(Unreadable::TooLarge)));
    }
}
