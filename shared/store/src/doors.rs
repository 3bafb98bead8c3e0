//! The doors of a place: whatever comes into it comes through one of them, and whoever retires it closes them all (R030).
//!
//! Whether a place is empty is found out by queries, and no transaction can be conditional on a query. So whatever is put
//! into a place leaves a mark on a door of it, and closing a door is refused if it bears another mark than it did before
//! the place was looked into. There are several, so that folders that come at the same moment, as those of an import do,
//! seldom wait for each other.

use crate::{Change, Key, item::Door, keys};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{FilingId, LocationId};
use jiff::Timestamp;

/// Doors of a place.
const DOORS: u8 = 16;

/// The keys of all doors of a place, to be read before it is looked into. A door that nothing has come through is not
/// there.
pub fn doors(place: LocationId) -> impl Iterator<Item = Key<Door>> {
    (0..DOORS).map(move |number| keys::door(place, number))
}

/// The door that something comes through; which one is left to chance.
fn door(place: LocationId, filing: FilingId) -> Key<Door> {
    let [.., last] = filing.uuid().into_bytes();
    keys::door(place, last % DOORS)
}

impl Change {
    /// Puts a folder or a place into a place; refused if that is retired.
    ///
    /// INVARIANT: whatever comes into a place is written with this.
    #[must_use]
    pub fn put_into(self, place: LocationId, filing: FilingId) -> Self {
        let open = Door { last_filing: Some(filing), closed_at: None };
        self.put("location", &door(place, filing), &open, None, |put| {
            put.condition_expression("attribute_not_exists(closed_at)")
        })
    }

    /// Closes a door of a place that is retired; refused if something has come through it since it was read.
    #[must_use]
    pub fn close_door(self, key: &Key<Door>, read: Option<Door>, now: Timestamp) -> Self {
        let last_filing = read.and_then(|door| door.last_filing);
        let closed = Door { last_filing, closed_at: Some(now) };
        self.put("location", key, &closed, None, |put| match last_filing {
            Some(filing) => put
                .condition_expression("last_filing = :filing")
                .expression_attribute_values(":filing", AttributeValue::S(filing.to_string())),
            None => put.condition_expression("attribute_not_exists(last_filing)"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    #[test]
    fn whatever_comes_into_a_place_comes_through_a_door_that_is_closed_with_it() {
        let place = LocationId::new(Uuid::from_u128(7));
        let text = |key: Key<Door>| format!("{} {}", key.partition(), key.sort());
        let all: BTreeSet<String> = doors(place).map(text).collect();
        let taken: BTreeSet<String> =
            (0..64).map(|n| text(door(place, FilingId::new(Uuid::from_u128(n))))).collect();
        assert_eq!((all.len(), taken), (16, all));
    }
}
