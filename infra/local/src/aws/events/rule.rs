//! Which events a target gets: the part of EventBridge's patterns that the
//! deployment's rules use.

use serde_json::Value;

/// A filter over events; an empty list lets everything through.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// Accepted values of `source`, such as `aws.s3`.
    pub sources: Vec<String>,
    /// Accepted values of `detail-type`, such as `Object Created`.
    pub detail_types: Vec<String>,
    /// Accepted values of `detail.bucket.name`.
    pub buckets: Vec<String>,
    /// Accepted beginnings of `detail.object.key`.
    pub key_prefixes: Vec<String>,
}

impl Rule {
    /// Objects written to `bucket`.
    #[must_use]
    pub fn object_created(bucket: &str) -> Self {
        Self {
            sources: vec!["aws.s3".to_owned()],
            detail_types: vec!["Object Created".to_owned()],
            buckets: vec![bucket.to_owned()],
            key_prefixes: Vec::new(),
        }
    }

    /// Narrows the rule to keys that begin with `prefix` (or another prefix already given).
    #[must_use]
    pub fn with_key_prefix(mut self, prefix: &str) -> Self {
        self.key_prefixes.push(prefix.to_owned());
        self
    }

    /// Whether `event` passes.
    #[must_use]
    pub fn matches(&self, event: &Value) -> bool {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        one_of(&self.sources, text("/source"))
            && one_of(&self.detail_types, text("/detail-type"))
            && one_of(&self.buckets, text("/detail/bucket/name"))
            && begins_with_one_of(&self.key_prefixes, text("/detail/object/key"))
    }
}

fn one_of(accepted: &[String], found: Option<&str>) -> bool {
    accepted.is_empty() || found.is_some_and(|found| accepted.iter().any(|value| value == found))
}

fn begins_with_one_of(accepted: &[String], found: Option<&str>) -> bool {
    accepted.is_empty() || found.is_some_and(|found| accepted.iter().any(|prefix| found.starts_with(prefix)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": { "bucket": { "name": "records" }, "object": { "key": "incoming/scan.pdf" } },
        })
    }

    #[test]
    fn an_empty_rule_lets_everything_through() {
        assert!(Rule::default().matches(&event()));
        assert!(Rule::default().matches(&json!({})));
    }

    #[test]
    fn every_part_of_a_rule_must_match() {
        let rule = Rule::object_created("records").with_key_prefix("incoming/");
        assert!(rule.matches(&event()));
        assert!(!Rule::object_created("other").matches(&event()));
        assert!(!Rule::object_created("records").with_key_prefix("kept/").matches(&event()));
        let deleted = Rule { detail_types: vec!["Object Deleted".into()], ..Rule::default() };
        assert!(!deleted.matches(&event()));
    }

    #[test]
    fn one_of_several_prefixes_is_enough() {
        let rule = Rule::object_created("records").with_key_prefix("kept/").with_key_prefix("incoming/");
        assert!(rule.matches(&event()));
    }
}
