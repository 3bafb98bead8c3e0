//! The event of EventBridge that says an object was created; what it holds beyond this is not our business.

use authz::Permit;
use domain::record::ObjectRef;
use serde::Deserialize;
use serde_json::Value;
use vault::{
    Vault, VaultError,
    layout::{self, Place},
};

/// An uploaded object, as the event names it.
#[derive(Debug, PartialEq, Eq)]
pub struct Announced {
    pub event_id: String,
    pub place: Place,
    pub key: String,
    /// Which version of the object came; not everything that speaks S3 says.
    pub version_id: Option<String>,
}

/// An uploaded object that is known to its version.
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

impl Announced {
    /// Reads the event; `None` when it is not of an upload, which is nobody's mistake.
    pub fn read(event: Value) -> Option<Self> {
        let event: Event = serde_json::from_value(event).ok()?;
        if event.detail_type != "Object Created" {
            return None;
        }
        let Object { key, version_id } = event.detail.object;
        let place = layout::parse_upload(&key)?;
        Some(Self { event_id: event.id, place, key, version_id })
    }

    /// The notice of the version that came. Where the event does not say which, it is the newest: an upload's
    /// key is written once. `None` if there is none any more.
    pub async fn located(self, vault: &Vault, permit: &Permit) -> Result<Option<Notice>, VaultError> {
        let Self { event_id, place, key, version_id } = self;
        let object = match version_id {
            Some(version_id) => Some(ObjectRef { key, version_id }),
            None => vault.arrived(permit, &key).await?.map(|arrived| arrived.object),
        };
        Ok(object.map(|object| Notice { event_id, place, object }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ChartId, SpaceId};
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
            holder: ChartId::new(Uuid::from_u128(2)).into(),
            upload_id: Uuid::from_u128(3).into(),
        }
    }

    #[test]
    fn an_upload_is_recognised() {
        let shared = Place { holder: SpaceId::new(Uuid::from_u128(4)).into(), ..place() };
        assert_eq!(Announced::read(event(&layout::upload(shared))).unwrap().place, shared);
        let key = layout::upload(place());
        let announced = Announced::read(event(&key)).unwrap();
        assert_eq!((announced.place, announced.event_id.as_str()), (place(), "e1"));
        assert_eq!((announced.key, announced.version_id.as_deref()), (key, Some("v1")));
    }

    #[test]
    fn everything_else_is_left_alone() {
        for key in ["", "uploads/", "uploads/a/b/c", "previews/x", &layout::preview(place())] {
            assert_eq!(Announced::read(event(key)), None, "{key}");
        }
        let mut deleted = event(&layout::upload(place()));
        deleted["detail-type"] = json!("Object Deleted");
        assert_eq!(Announced::read(deleted), None);
        assert_eq!(Announced::read(json!({ "Records": [] })), None);
        assert_eq!(Announced::read(Value::Null), None);
    }

    #[test]
    fn an_event_need_not_say_which_version_came() {
        let mut unversioned = event(&layout::upload(place()));
        unversioned["detail"]["object"].as_object_mut().unwrap().remove("version-id");
        assert_eq!(Announced::read(unversioned).unwrap().version_id, None);
    }
}
