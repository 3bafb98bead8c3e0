//! What is recorded of a call: names and ids, read off the request.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use http::request::Parts;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

/// A user agent is cut at this length.
const MAX_USER_AGENT: usize = 256;
/// Names in the parameters are cut at this length; no valid one is longer.
const MAX_NAME: usize = 2048;

/// One call, as it will be recorded.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub at: Timestamp,
    pub request_id: String,
    pub region: String,
    pub account: String,
    /// Whose key signed the call; `None` when no key of ours did.
    pub access_key_id: Option<String>,
    /// `dynamodb`, `kms`, `s3`, `ses` or `sqs`.
    pub service: &'static str,
    pub name: Cow<'static, str>,
    pub parameters: Value,
    /// The keys that a KMS call touched, which its request need not name.
    pub key_arns: Vec<String>,
    pub error_code: Option<String>,
    pub source: Option<SocketAddr>,
    pub user_agent: String,
}

impl Call {
    /// The record in CloudTrail's shape.
    pub(super) fn record(&self) -> Value {
        let resources = self
            .key_arns
            .iter()
            .map(|arn| json!({ "ARN": arn, "accountId": self.account, "type": "AWS::KMS::Key" }));
        let management = self.is_management();
        let mut record = json!({
            "eventVersion": "1.11",
            "eventTime": self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "eventSource": format!("{}.amazonaws.com", self.service),
            "eventName": self.name,
            "eventType": "AwsApiCall",
            "eventCategory": if management { "Management" } else { "Data" },
            "managementEvent": management,
            "readOnly": self.is_read_only(),
            "awsRegion": self.region,
            "recipientAccountId": self.account,
            "requestID": self.request_id,
            "requestParameters": self.parameters,
            "responseElements": null,
            "resources": resources.collect::<Vec<_>>(),
            "userAgent": self.user_agent,
            "userIdentity": self.identity(),
        });
        if let Some(fields) = record.as_object_mut() {
            if let Some(code) = &self.error_code {
                fields.insert("errorCode".into(), json!(code));
            }
            if let Some(source) = self.source {
                fields.insert("sourceIPAddress".into(), json!(source.ip()));
            }
        }
        record
    }

    fn identity(&self) -> Value {
        match &self.access_key_id {
            Some(id) => json!({ "type": "IAMUser", "accountId": self.account, "accessKeyId": id }),
            None => json!({ "type": "Unknown" }),
        }
    }

    fn is_read_only(&self) -> bool {
        const READS: [&str; 8] =
            ["Get", "Head", "List", "Describe", "Query", "Scan", "BatchGet", "TransactGet"];
        // Using a key changes nothing, as CloudTrail sees it.
        const USES: [&str; 8] = [
            "Encrypt",
            "Decrypt",
            "ReEncrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateRandom",
            "Sign",
            "Verify",
        ];
        READS.iter().any(|start| self.name.starts_with(start))
            || (self.service == "kms" && USES.contains(&self.name.as_ref()))
    }

    fn is_management(&self) -> bool {
        match self.service {
            "kms" => true,
            "ses" | "sqs" => false,
            "s3" => self.parameters.get("key").is_none() && !self.name.contains("Object"),
            _ => {
                self.name.contains("Table")
                    || self.name.contains("Resource")
                    || self.name.contains("TimeToLive")
            }
        }
    }
}

/// Where a request came from, when the server says so.
pub(crate) fn source(request: &Parts) -> Option<SocketAddr> {
    request.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| *address)
}

pub(crate) fn user_agent(headers: &HeaderMap) -> String {
    let agent = headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    agent.unwrap_or_default().chars().take(MAX_USER_AGENT).collect()
}

/// The access key id that a request says it was signed with, in its header or query.
pub(crate) fn claimed_key(request: &Parts) -> Option<String> {
    let header = request.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credential = match header.and_then(|value| value.split_once("Credential=")) {
        Some((_, credential)) => credential,
        None => {
            let mut pairs = request.uri.query().unwrap_or_default().split('&');
            pairs.find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?
        }
    };
    let id: String = credential.chars().take_while(char::is_ascii_alphanumeric).collect();
    Some(id)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableNames {
    table_name: Option<String>,
    stream_arn: Option<String>,
    resource_arn: Option<String>,
    request_items: Option<BTreeMap<String, IgnoredAny>>,
    transact_items: Option<Vec<BTreeMap<String, OnTable>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OnTable {
    table_name: Option<String>,
}

/// The tables that a DynamoDB request names, and nothing of the items.
pub(crate) fn tables(body: &[u8]) -> Value {
    let Ok(names) = serde_json::from_slice::<TableNames>(body) else { return Value::Null };
    let in_batch = names.request_items.into_iter().flatten().map(|(table, _)| table);
    let in_transaction = names.transact_items.into_iter().flatten().flatten();
    let in_transaction = in_transaction.filter_map(|(_, item)| item.table_name);
    let tables: BTreeSet<String> =
        names.table_name.into_iter().chain(in_batch).chain(in_transaction).map(cut).collect();
    let mut parameters = Map::new();
    let mut tables: Vec<String> = tables.into_iter().collect();
    match tables.len() {
        0 => {}
        1 => drop(parameters.insert("tableName".into(), json!(tables.pop()))),
        _ => drop(parameters.insert("tableNames".into(), json!(tables))),
    }
    for (field, arn) in [("streamArn", names.stream_arn), ("resourceArn", names.resource_arn)] {
        if let Some(arn) = arn {
            parameters.insert(field.into(), json!(cut(arn)));
        }
    }
    Value::Object(parameters)
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyNames {
    key_id: Option<String>,
    source_key_id: Option<String>,
    destination_key_id: Option<String>,
    target_key_id: Option<String>,
    alias_name: Option<String>,
}

/// The keys that a KMS request names.
pub(crate) fn keys(body: &[u8]) -> Value {
    let names = serde_json::from_slice::<KeyNames>(body).unwrap_or_default();
    let fields = [
        ("keyId", names.key_id),
        ("sourceKeyId", names.source_key_id),
        ("destinationKeyId", names.destination_key_id),
        ("targetKeyId", names.target_key_id),
        ("aliasName", names.alias_name),
    ];
    let named = fields.into_iter().filter_map(|(field, name)| Some((field.to_owned(), json!(cut(name?)))));
    Value::Object(named.collect())
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueName {
    queue_url: Option<String>,
    queue_name: Option<String>,
}

/// The queue that an SQS request names, and nothing of the messages.
pub(crate) fn queue(body: &[u8]) -> Value {
    let names = serde_json::from_slice::<QueueName>(body).unwrap_or_default();
    let fields = [("queueUrl", names.queue_url), ("queueName", names.queue_name)];
    let named = fields.into_iter().filter_map(|(field, name)| Some((field.to_owned(), json!(cut(name?)))));
    Value::Object(named.collect())
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeysUsed {
    key_id: Option<String>,
    source_key_id: Option<String>,
    key_metadata: Option<KeyMetadata>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyMetadata {
    arn: String,
}

/// The ARNs of the keys that a KMS answer says were made or used.
pub(crate) fn keys_used(answer: &[u8]) -> Vec<String> {
    let used = serde_json::from_slice::<KeysUsed>(answer).unwrap_or_default();
    let described = used.key_metadata.map(|metadata| metadata.arn);
    let names = used.source_key_id.into_iter().chain(used.key_id).chain(described);
    let arns: BTreeSet<String> = names.filter(|name| name.starts_with("arn:")).collect();
    arns.into_iter().collect()
}

fn cut(name: String) -> String {
    if name.len() <= MAX_NAME { name } else { name.chars().take(MAX_NAME / 4).collect() }
}

/// The bucket and object key in a path-style path, both decoded.
pub(crate) fn bucket_and_key(path: &str) -> (Option<String>, Option<String>) {
    let decoded = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        (!text.is_empty()).then(|| cut(text))
    };
    let path = path.strip_prefix('/').unwrap_or(path);
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    (decoded(bucket), decoded(key))
}

/// What an S3 request does. The first row that fits names it: method, what the
/// path names, and a query parameter (or header) that must be there.
const S3_NAMES: &[(&str, Scope, &str, &str)] = &[
    ("GET", Scope::Object, "uploadId", "ListParts"),
    ("GET", Scope::Object, "tagging", "GetObjectTagging"),
    ("GET", Scope::Object, "retention", "GetObjectRetention"),
    ("GET", Scope::Object, "legal-hold", "GetObjectLegalHold"),
    ("GET", Scope::Object, "attributes", "GetObjectAttributes"),
    ("GET", Scope::Object, "acl", "GetObjectAcl"),
    ("GET", Scope::Object, "", "GetObject"),
    ("HEAD", Scope::Object, "", "HeadObject"),
    ("PUT", Scope::Object, "uploadId", "UploadPart"),
    ("PUT", Scope::Object, "tagging", "PutObjectTagging"),
    ("PUT", Scope::Object, "retention", "PutObjectRetention"),
    ("PUT", Scope::Object, "legal-hold", "PutObjectLegalHold"),
    ("PUT", Scope::Object, "acl", "PutObjectAcl"),
    ("PUT", Scope::Object, "x-amz-copy-source", "CopyObject"),
    ("PUT", Scope::Object, "", "PutObject"),
    ("POST", Scope::Object, "uploads", "CreateMultipartUpload"),
    ("POST", Scope::Object, "uploadId", "CompleteMultipartUpload"),
    ("DELETE", Scope::Object, "uploadId", "AbortMultipartUpload"),
    ("DELETE", Scope::Object, "tagging", "DeleteObjectTagging"),
    ("DELETE", Scope::Object, "", "DeleteObject"),
    ("GET", Scope::Bucket, "versions", "ListObjectVersions"),
    ("GET", Scope::Bucket, "uploads", "ListMultipartUploads"),
    ("GET", Scope::Bucket, "versioning", "GetBucketVersioning"),
    ("GET", Scope::Bucket, "lifecycle", "GetBucketLifecycle"),
    ("GET", Scope::Bucket, "encryption", "GetBucketEncryption"),
    ("GET", Scope::Bucket, "cors", "GetBucketCors"),
    ("GET", Scope::Bucket, "location", "GetBucketLocation"),
    ("GET", Scope::Bucket, "object-lock", "GetBucketObjectLockConfiguration"),
    ("GET", Scope::Bucket, "tagging", "GetBucketTagging"),
    ("GET", Scope::Bucket, "", "ListObjects"),
    ("HEAD", Scope::Bucket, "", "HeadBucket"),
    ("PUT", Scope::Bucket, "versioning", "PutBucketVersioning"),
    ("PUT", Scope::Bucket, "lifecycle", "PutBucketLifecycle"),
    ("PUT", Scope::Bucket, "encryption", "PutBucketEncryption"),
    ("PUT", Scope::Bucket, "cors", "PutBucketCors"),
    ("PUT", Scope::Bucket, "object-lock", "PutBucketObjectLockConfiguration"),
    ("PUT", Scope::Bucket, "tagging", "PutBucketTagging"),
    ("PUT", Scope::Bucket, "", "CreateBucket"),
    ("POST", Scope::Bucket, "delete", "DeleteObjects"),
    ("DELETE", Scope::Bucket, "", "DeleteBucket"),
    ("GET", Scope::Service, "", "ListBuckets"),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Service,
    Bucket,
    Object,
}

/// Names an S3 request as CloudTrail does.
pub(crate) fn s3_name(request: &Parts) -> Cow<'static, str> {
    let scope = match bucket_and_key(request.uri.path()) {
        (None, _) => Scope::Service,
        (Some(_), None) => Scope::Bucket,
        (Some(_), Some(_)) => Scope::Object,
    };
    let query = request.uri.query().unwrap_or_default();
    let asks_for = |marker: &str| {
        marker.is_empty()
            || query.split('&').any(|pair| pair.split('=').next() == Some(marker))
            || (marker.starts_with("x-amz-") && request.headers.contains_key(marker))
    };
    let named = S3_NAMES.iter().find(|(method, at, marker, _)| {
        *method == request.method.as_str() && *at == scope && asks_for(marker)
    });
    match named {
        Some((.., name)) => Cow::Borrowed(*name),
        None if request.method == Method::OPTIONS => Cow::Borrowed("PreflightRequest"),
        None => Cow::Owned(format!("Unknown{}", request.method)),
    }
}

/// The bucket and key that an S3 request names.
pub(crate) fn object(request: &Parts) -> Value {
    let (bucket, key) = bucket_and_key(request.uri.path());
    let fields = [("bucketName", bucket), ("key", key)];
    let named = fields.into_iter().filter_map(|(field, name)| Some((field.to_owned(), json!(name?))));
    Value::Object(named.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(method: &str, target: &str) -> Cow<'static, str> {
        let request = http::Request::builder().method(method).uri(target).body(()).unwrap();
        s3_name(&request.into_parts().0)
    }

    #[test]
    fn s3_requests_have_their_names() {
        assert_eq!(name("GET", "/"), "ListBuckets");
        assert_eq!(name("PUT", "/b"), "CreateBucket");
        assert_eq!(name("PUT", "/b/?versioning"), "PutBucketVersioning");
        assert_eq!(name("GET", "/b?list-type=2&prefix=versions"), "ListObjects");
        assert_eq!(name("PUT", "/b/k"), "PutObject");
        assert_eq!(name("PUT", "/b/k?partNumber=1&uploadId=u"), "UploadPart");
        assert_eq!(name("POST", "/b/k?uploads"), "CreateMultipartUpload");
        assert_eq!(name("POST", "/b?delete"), "DeleteObjects");
        assert_eq!(name("GET", "/b/a/b%20c?X-Amz-Signature=s"), "GetObject");
    }

    #[test]
    fn only_names_of_tables_are_taken() {
        let body = json!({ "TransactItems": [
            { "Put": { "TableName": "records", "Item": { "note": { "S": "secret" } } } },
            { "ConditionCheck": { "TableName": "records", "Key": { "id": { "S": "secret" } } } },
        ]});
        assert_eq!(tables(body.to_string().as_bytes()), json!({ "tableName": "records" }));
        let body = json!({ "RequestItems": { "a": { "Keys": [{ "id": { "S": "secret" } }] }, "b": {} } });
        assert_eq!(tables(body.to_string().as_bytes()), json!({ "tableNames": ["a", "b"] }));
        assert_eq!(tables(b"not json"), Value::Null);
    }

    #[test]
    fn paths_are_decoded() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(bucket_and_key("/b/a%2Fb/c%20d"), (some("b"), some("a/b/c d")));
        assert_eq!(bucket_and_key("/b/"), (some("b"), None));
        assert_eq!(bucket_and_key("/"), (None, None));
    }
}
