//! Every object key, made and parsed here and nowhere else.
//!
//! | object | key |
//! |---|---|
//! | an uploaded file | `uploads/<organization>/<chart>/<upload>` |
//! | a preview that inspection made | `previews/<organization>/<chart>/<upload>` |
//! | the same of a collaborative space | `uploads/<organization>/spaces/<space>/<upload>`, `previews/…` |
//!
//! A file stays where it was uploaded: accepting it moves no bytes. Until its upload is completed it bears the
//! tag [`PENDING`], by which the bucket's lifecycle removes what nobody completed; completing it marks it
//! [`KEPT`] before anything stands on it.

use domain::{OrganizationId, UploadId, upload::Holder};

/// The tag of an object nobody has completed yet.
pub const PENDING: (&str, &str) = ("strongroom-state", "pending");
/// The tag of an object that belongs to a record, a contribution or an item of a space.
pub const KEPT: (&str, &str) = ("strongroom-state", "kept");

pub const UPLOADS: &str = "uploads/";
pub const PREVIEWS: &str = "previews/";
/// Stands where the chart's id would, before a space's.
const SPACES: &str = "spaces";

/// Whose object a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub organization_id: OrganizationId,
    pub holder: Holder,
    pub upload_id: UploadId,
}

pub fn upload(place: Place) -> String {
    key(UPLOADS, place)
}

pub fn preview(place: Place) -> String {
    key(PREVIEWS, place)
}

fn key(prefix: &str, place: Place) -> String {
    let Place { organization_id, holder, upload_id } = place;
    match holder {
        Holder::Chart(chart_id) => format!("{prefix}{organization_id}/{chart_id}/{upload_id}"),
        Holder::Space(space_id) => format!("{prefix}{organization_id}/{SPACES}/{space_id}/{upload_id}"),
    }
}

/// The place an upload's key was made of.
pub fn parse_upload(key: &str) -> Option<Place> {
    let mut ids = key.strip_prefix(UPLOADS)?.split('/');
    let organization_id = ids.next()?.parse().ok()?;
    let holder = match ids.next()? {
        SPACES => Holder::Space(ids.next()?.parse().ok()?),
        chart_id => Holder::Chart(chart_id.parse().ok()?),
    };
    let place = Place { organization_id, holder, upload_id: ids.next()?.parse().ok()? };
    ids.next().is_none().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ChartId, SpaceId};
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn a_key_parses_back_to_its_place(a in any::<u128>(), b in any::<u128>(), c in any::<u128>()) {
            let id = Uuid::from_u128(b);
            for holder in [Holder::Chart(ChartId::new(id)), Holder::Space(SpaceId::new(id))] {
                let place = Place {
                    organization_id: OrganizationId::new(Uuid::from_u128(a)),
                    holder,
                    upload_id: UploadId::new(Uuid::from_u128(c)),
                };
                prop_assert_eq!(parse_upload(&upload(place)), Some(place));
                prop_assert_eq!(parse_upload(&preview(place)), None);
            }
        }

        #[test]
        fn no_other_key_is_taken_for_one(key in ".{0,120}") {
            if let Some(place) = parse_upload(&key) {
                prop_assert_eq!(upload(place), key);
            }
        }
    }
}
