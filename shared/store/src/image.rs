//! An item as the table's stream brings it: JSON in which each value names its type.

use crate::{Item, StoreError};
use serde::Deserialize;
use serde_dynamo::AttributeValue;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// What stood in the table at one moment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Image(Map<String, Value>);

impl Image {
    /// The kind of the item, as [`Item::KIND`] has it.
    pub fn entity(&self) -> Option<&str> {
        self.0.get("entity")?.get("S")?.as_str()
    }

    /// Where the item stands: its partition, and its place in that.
    pub fn key(&self) -> Option<(&str, &str)> {
        let text = |name: &str| self.0.get(name)?.get("S")?.as_str();
        Some((text("pk")?, text("sk")?))
    }

    /// The item. One with a secret cannot be read: its secret never stands in the main table.
    pub fn read<T: Item>(&self) -> Result<T, StoreError> {
        if T::SECRET.is_some() || self.entity() != Some(T::KIND) {
            return Err(StoreError::corrupt(format!("the stream brought something else than {}", T::KIND)));
        }
        serde_dynamo::from_item(attributes(&self.0)?).map_err(StoreError::corrupt)
    }
}

fn attributes(map: &Map<String, Value>) -> Result<HashMap<String, AttributeValue>, StoreError> {
    map.iter().map(|(name, value)| Ok((name.clone(), attribute(value)?))).collect()
}

/// One value: an object whose one field is the type. Bytes and sets stand in no item of ours.
fn attribute(value: &Value) -> Result<AttributeValue, StoreError> {
    let strange = || StoreError::corrupt("the stream brought a value of an unknown type");
    let (kind, value) = value.as_object().and_then(|typed| typed.iter().next()).ok_or_else(strange)?;
    let text = |value: &Value| value.as_str().map(str::to_owned).ok_or_else(strange);
    Ok(match kind.as_str() {
        "S" => AttributeValue::S(text(value)?),
        "N" => AttributeValue::N(text(value)?),
        "BOOL" => AttributeValue::Bool(value.as_bool().ok_or_else(strange)?),
        "NULL" => AttributeValue::Null(true),
        "M" => AttributeValue::M(attributes(value.as_object().ok_or_else(strange)?)?),
        "L" => {
            let list = value.as_array().ok_or_else(strange)?.iter().map(attribute);
            AttributeValue::L(list.collect::<Result<_, _>>()?)
        }
        _ => return Err(strange()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        message::{Message, MessageLine, MessageState},
        notice::NoticeReason,
    };
    use serde_json::json;

    fn image(value: Value) -> Image {
        serde_json::from_value(value).unwrap()
    }

    fn message() -> Value {
        json!({
            "pk": { "S": "OUTBOX#1" },
            "sk": { "S": "MESSAGE#2" },
            "entity": { "S": "message" },
            "id": { "S": "0199a000-0000-7000-8000-000000000001" },
            "organization_id": { "S": "0199a000-0000-7000-8000-000000000002" },
            "member_id": { "S": "0199a000-0000-7000-8000-000000000003" },
            "lines": { "L": [{ "M": {
                "reason": { "S": "retention_ended" }, "count": { "N": "3" }, "due_on": { "NULL": true },
            }}]},
            "written_at": { "S": "2033-03-01T09:15:00Z" },
            "state": { "M": { "state": { "S": "pending" } } },
            "revision": { "N": "1" },
        })
    }

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let read: Message = image(message()).read().unwrap();
        assert_eq!((read.state, read.revision), (MessageState::Pending, 1));
        assert_eq!(image(message()).key(), Some(("OUTBOX#1", "MESSAGE#2")));
        let line = MessageLine { reason: NoticeReason::RetentionEnded, count: 3, due_on: None, duty: None };
        assert_eq!(read.lines, [line]);
    }

    #[test]
    fn what_is_something_else_is_refused() {
        assert!(image(message()).read::<domain::notice::Notice>().is_err());
        let mut strange = message();
        strange["revision"] = json!({ "B": "AA==" });
        assert!(image(strange).read::<Message>().is_err());
        let record = image(json!({ "entity": { "S": "record" } }));
        assert_eq!(record.key(), None);
        assert!(record.read::<domain::record::Record>().is_err());
    }
}
