//! The event of EventBridge that says an object was created; what it holds beyond this is not our business.

use domain::record::ObjectRef;
use serde::Deserialize;
use serde_json::Value;
use vault::layout::{self, Place};

/// An uploaded object, as the event names it.
#[derive(Debug, PartialEq, Eq)]
pub struct Notice {
    pub event_id: String,
    pub place: Place,
    pub object: ObjectRef,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Event {
    #[serde(default)]
    id: String,
    detail_type: String,
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    object: Object,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Object {
    key: String,
    version_id: Option<String>,
}

impl Notice {
    /// Reads the event; `None` when it is not of an upload, which is nobody's mistake.
    pub fn read(event: Value) -> Option<Self> {
        let event: Event = serde_json::from_value(event).ok()?;
        if event.detail_type != "Object Created" {
            return None;
        }
        let Object { key, version_id } = event.detail.object;
        let place = layout::parse_upload(&key)?;
        // A bucket without versions names none; object storage calls that version `null`.
        let version_id = version_id.unwrap_or_else(|| "null".to_owned());
        Some(Self { event_id: event.id, place, object: ObjectRef { key, version_id } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn event(key: &str) -> Value {
        json!({
            "version": "0", "id": "e1", "detail-type": "Object Created", "source": "aws.s3",
            "account": "000000000000", "time": "2026-03-01T09:00:00Z", "region": "eu-central-1", "resources": [],
            "detail": {
                "version": "0", "bucket": { "name": "content" },
                "object": { "key": key, "size": 5, "etag": "x", "version-id": "v1", "sequencer": "00" },
                "request-id": "r", "requester": "000000000000", "reason": "PutObject"
            }
        })
    }

    fn place() -> Place {
        Place {
            organization_id: Uuid::from_u128(1).into(),
            chart_id: Uuid::from_u128(2).into(),
            upload_id: Uuid::from_u128(3).into(),
        }
    }

    #[test]
    fn an_upload_is_recognised() {
        let key = layout::upload(place());
        let notice = Notice::read(event(&key)).unwrap();
        assert_eq!((notice.place, notice.event_id.as_str()), (place(), "e1"));
        assert_eq!(notice.object, ObjectRef { key, version_id: "v1".into() });
    }

    #[test]
    fn everything_else_is_left_alone() {
        for key in ["", "uploads/", "uploads/a/b/c", "previews/x", &layout::preview(place())] {
            assert_eq!(Notice::read(event(key)), None, "{key}");
        }
        let mut deleted = event(&layout::upload(place()));
        deleted["detail-type"] = json!("Object Deleted");
        assert_eq!(Notice::read(deleted), None);
        assert_eq!(Notice::read(json!({ "Records": [] })), None);
        assert_eq!(Notice::read(Value::Null), None);
    }

    #[test]
    fn an_object_without_a_version_has_the_null_version() {
        let mut unversioned = event(&layout::upload(place()));
        unversioned["detail"]["object"].as_object_mut().unwrap().remove("version-id");
        assert_eq!(Notice::read(unversioned).unwrap().object.version_id, "null");
    }
}
