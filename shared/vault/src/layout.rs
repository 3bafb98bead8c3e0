//! Every object key, made and parsed here and nowhere else.
//!
//! | object | key |
//! |---|---|
//! | an uploaded file | `uploads/<organization>/<chart>/<upload>` |
//! | a preview that inspection made | `previews/<organization>/<chart>/<upload>` |
//!
//! A file stays where it was uploaded: accepting it moves no bytes. Until its upload is completed it bears the
//! tag [`PENDING`], by which the bucket's lifecycle removes what nobody completed; completing it marks it
//! [`KEPT`] before anything stands on it.

use domain::{ChartId, OrganizationId, UploadId};

/// The tag of an object nobody has completed yet.
pub const PENDING: (&str, &str) = ("strongroom-state", "pending");
/// The tag of an object that belongs to a record or contribution.
pub const KEPT: (&str, &str) = ("strongroom-state", "kept");

pub const UPLOADS: &str = "uploads/";
pub const PREVIEWS: &str = "previews/";

/// Whose object a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub organization_id: OrganizationId,
    pub chart_id: ChartId,
    pub upload_id: UploadId,
}

pub fn upload(place: Place) -> String {
    key(UPLOADS, place)
}

pub fn preview(place: Place) -> String {
    key(PREVIEWS, place)
}

fn key(prefix: &str, place: Place) -> String {
    format!("{prefix}{}/{}/{}", place.organization_id, place.chart_id, place.upload_id)
}

/// The place an upload's key was made of.
pub fn parse_upload(key: &str) -> Option<Place> {
    let mut ids = key.strip_prefix(UPLOADS)?.split('/');
    let place = Place {
        organization_id: ids.next()?.parse().ok()?,
        chart_id: ids.next()?.parse().ok()?,
        upload_id: ids.next()?.parse().ok()?,
    };
    ids.next().is_none().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    proptest! {
        #[test]
        fn a_key_parses_back_to_its_place(a in any::<u128>(), b in any::<u128>(), c in any::<u128>()) {
            let place = Place {
                organization_id: OrganizationId::new(Uuid::from_u128(a)),
                chart_id: ChartId::new(Uuid::from_u128(b)),
                upload_id: UploadId::new(Uuid::from_u128(c)),
            };
            prop_assert_eq!(parse_upload(&upload(place)), Some(place));
            prop_assert_eq!(parse_upload(&preview(place)), None);
        }

        #[test]
        fn no_other_key_is_taken_for_one(key in ".{0,120}") {
            if let Some(place) = parse_upload(&key) {
                prop_assert_eq!(upload(place), key);
            }
        }
    }
}
