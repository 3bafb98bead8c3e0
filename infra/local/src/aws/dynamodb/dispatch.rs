//! From a target and a JSON body to the engine's method and back.
//!
//! The engine's own HTTP server is not used: it binds a port of its own and
//! checks no signature.

use bytes::Bytes;
use dynoxide::{Database, DynoxideError};
use http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Answer, Arns};

const TABLES: &str = "DynamoDB_20120810.";
const STREAMS: &str = "DynamoDBStreams_20120810.";

/// Operations whose requests and answers carry ARNs and no items.
const WITH_ARNS: [&str; 11] = [
    "CreateTable",
    "DeleteTable",
    "DescribeTable",
    "UpdateTable",
    "ListStreams",
    "DescribeStream",
    "GetShardIterator",
    "TagResource",
    "UntagResource",
    "ListTagsOfResource",
    "DescribeTimeToLive",
];

/// Whether a request may write something.
pub(super) fn writes(target: &str) -> bool {
    const WRITES: [&str; 8] = [
        "PutItem",
        "DeleteItem",
        "UpdateItem",
        "BatchWriteItem",
        "TransactWriteItems",
        "ExecuteStatement",
        "ExecuteTransaction",
        "BatchExecuteStatement",
    ];
    target.strip_prefix(TABLES).is_some_and(|operation| WRITES.contains(&operation))
}

/// Answers one request.
pub(super) fn answer(database: &Database, arns: &Arns, target: &str, body: &[u8]) -> Answer {
    let operation = target.strip_prefix(TABLES).or_else(|| target.strip_prefix(STREAMS)).unwrap_or_default();
    let Ok(body) = std::str::from_utf8(body) else {
        return failure(operation, DynoxideError::SerializationException(String::new()));
    };
    let with_arns = WITH_ARNS.contains(&operation);
    let done = if with_arns {
        run(database, operation, &body.replace(&arns.ours, &arns.engine))
    } else {
        run(database, operation, body)
    };
    let Some(done) = done else { return unknown() };
    match done {
        Ok(json) if with_arns => success(json.replace(&arns.engine, &arns.ours)),
        Ok(json) if operation == "GetRecords" => success(in_region(&json, &arns.region)),
        Ok(json) => success(json),
        Err(error) => failure(operation, error),
    }
}

/// Puts our region into stream records. An item cannot contain this text: in
/// an item, every value is an object that names its type.
fn in_region(json: &str, region: &str) -> String {
    let field = |region: &str| format!("\"awsRegion\":{}", json!(region));
    json.replace(&field(dynoxide::streams::LOCAL_REGION), &field(region))
}

macro_rules! operations {
    ($operation:ident, $database:ident, $body:ident, { $($name:literal => $method:ident,)* }) => {
        match $operation {
            $($name => Some(call($body, |input| $database.$method(input))),)*
            _ => None,
        }
    };
}

/// Runs an operation; `None` when there is none of this name.
fn run(database: &Database, operation: &str, body: &str) -> Option<Result<String, DynoxideError>> {
    operations!(operation, database, body, {
        "CreateTable" => create_table,
        "DeleteTable" => delete_table,
        "DescribeTable" => describe_table,
        "ListTables" => list_tables,
        "UpdateTable" => update_table,
        "PutItem" => put_item,
        "GetItem" => get_item,
        "DeleteItem" => delete_item,
        "UpdateItem" => update_item,
        "Query" => query,
        "Scan" => scan,
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "TransactWriteItems" => transact_write_items,
        "TransactGetItems" => transact_get_items,
        "ListStreams" => list_streams,
        "DescribeStream" => describe_stream,
        "GetShardIterator" => get_shard_iterator,
        "GetRecords" => get_records,
        "UpdateTimeToLive" => update_time_to_live,
        "DescribeTimeToLive" => describe_time_to_live,
        "ExecuteStatement" => execute_statement,
        "ExecuteTransaction" => execute_transaction,
        "BatchExecuteStatement" => batch_execute_statement,
        "TagResource" => tag_resource,
        "UntagResource" => untag_resource,
        "ListTagsOfResource" => list_tags_of_resource,
    })
}

fn call<I: DeserializeOwned, O: Serialize>(
    body: &str,
    operation: impl FnOnce(I) -> Result<O, DynoxideError>,
) -> Result<String, DynoxideError> {
    let input = serde_json::from_str(body).map_err(|error| unreadable(&error.to_string()))?;
    let output = operation(input)?;
    serde_json::to_string(&output).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The engine's request types say in their message which of DynamoDB's errors
/// a malformed body is, by a marker in front; a position follows the message.
fn unreadable(message: &str) -> DynoxideError {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if let Some((marker, rest)) = message.split_once(':')
        && marker.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    {
        return match marker {
            "VALIDATION_REQUEST" => DynoxideError::EnvelopedValidation(rest.into()),
            "VALIDATION" | "VALIDATION_AS_READ" => DynoxideError::ValidationException(rest.into()),
            _ => DynoxideError::SerializationException(rest.into()),
        };
    }
    const VALIDATION: [&str; 4] =
        ["missing field", "unknown variant", "invalid type: null", "Supplied AttributeValue"];
    if VALIDATION.iter().any(|start| message.contains(start)) {
        return DynoxideError::ValidationException(message.into());
    }
    DynoxideError::SerializationException(message.into())
}

fn success(json: String) -> Answer {
    Answer { status: StatusCode::OK, body: json.into() }
}

fn failure(operation: &str, error: DynoxideError) -> Answer {
    let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        tracing::error!(error = &error as &dyn std::error::Error, operation, "the table store failed");
    }
    let error = match error {
        // Only these three operations put their request's errors into an envelope.
        DynoxideError::EnvelopedValidation(message)
            if matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem")
                && !message.starts_with("1 validation error detected: ") =>
        {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        other => other,
    };
    Answer { status, body: error.to_json().into() }
}

fn unknown() -> Answer {
    let body = json!({ "__type": "com.amazon.coral.service#UnknownOperationException" });
    Answer { status: StatusCode::BAD_REQUEST, body: Bytes::from(body.to_string()) }
}

/// The answer when the work was lost: clients try again.
pub(super) fn interrupted() -> Answer {
    failure("", DynoxideError::InternalServerError("the request was interrupted".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: &DynoxideError) -> &'static str {
        error.error_type().rsplit('#').next().unwrap_or_default()
    }

    #[test]
    fn malformed_bodies_are_told_apart() {
        let at = |message: &str| format!("{message} at line 1 column 9");
        assert_eq!(code(&unreadable(&at("missing field `Key`"))), "ValidationException");
        assert_eq!(code(&unreadable(&at("VALIDATION:no such thing"))), "ValidationException");
        assert_eq!(unreadable(&at("VALIDATION:no such thing")).to_string(), "no such thing");
        assert_eq!(code(&unreadable(&at("SERIALIZATION:odd"))), "SerializationException");
        assert_eq!(code(&unreadable(&at("invalid type: integer `1`"))), "SerializationException");
    }

    #[test]
    fn what_is_unknown_is_said_to_be() {
        let database = Database::memory().unwrap();
        let arns = Arns::new("eu-west-1", "111122223333");
        for target in ["DynamoDB_20120810.Nothing", "Other.GetItem", ""] {
            let answer = answer(&database, &arns, target, b"{}");
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            assert!(String::from_utf8_lossy(&answer.body).contains("UnknownOperationException"));
        }
        let answer = answer(&database, &arns, "DynamoDB_20120810.GetItem", b"\xff");
        assert!(String::from_utf8_lossy(&answer.body).contains("SerializationException"));
    }
}
