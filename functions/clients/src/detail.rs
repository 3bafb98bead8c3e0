//! One client as they are shown before anyone asks for a masked detail (R022, R085).

use crate::card;
use domain::{
    ClientId,
    client::{Client, ClientStatus, Demographics, Field},
    organization::Organization,
    secret,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;

/// A client, masked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClientDetail {
    pub id: ClientId,
    pub status: ClientStatus,
    /// The client this one is held to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<ClientId>,
    /// The organization's own number for the person.
    pub file_number: String,
    /// The eleven details that are not generally disclosed, in a fixed order.
    pub fields: Vec<MaskedField>,
    /// Masked; absent when none is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Set when the person has died.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub death_date: Option<Date>,
    /// Whether the person is eighteen or more today; absent when the birth date is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_adult: Option<bool>,
    /// Server time, UTC.
    pub created_at: Timestamp,
    /// The same moment where the organization is, with its zone (RFC 9557).
    pub created_at_local: String,
    /// To be sent back with the next edit.
    pub revision: u64,
}

/// One detail as it is shown in general.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MaskedField {
    pub field: Field,
    /// What is shown of it; absent when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether `value` hides something that can be revealed.
    pub is_masked: bool,
}

impl ClientDetail {
    pub(crate) fn new(
        client: &Client,
        demographics: &Demographics,
        organization: &Organization,
        today: Date,
    ) -> Self {
        let shown = |field| {
            let value = demographics.masked(field, today);
            let is_masked = value.is_some() && demographics.is_masked(field, today);
            MaskedField { field, value, is_masked }
        };
        Self {
            id: client.id,
            status: client.status,
            merged_into: client.merged_into,
            file_number: card::number(demographics).to_owned(),
            fields: Field::ALL.map(shown).into(),
            email: demographics.email.as_ref().map(|_| secret::NOTHING.to_owned()),
            death_date: demographics.death_date,
            is_adult: demographics.majority().map(|majority| majority <= today),
            created_at: client.created_at,
            created_at_local: api::view::local(client.created_at, organization),
            revision: client.revision,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        OrganizationId, Sealed, WrappedKey,
        organization::{Policy, Vocabulary},
        text::Line,
    };
    use jiff::civil::date;
    use uuid::Uuid;

    #[test]
    fn nothing_confidential_is_shown() {
        let known = serde_json::json!({
            "full_name": "Grace Okonkwo", "other_names": ["Gracie Bell"], "birth_date": "1984-07-02",
            "birth_time": "04:30:00", "place_of_birth": "Lagos", "mailing_address": "12 Elm Street",
            "phones": ["+1 503 555 0142"], "social_security_number": "078-05-1120",
            "marital_status": "married", "race_or_ethnic_origin": "Igbo", "height_cm": 171,
            "weight_g": 64500, "physical_characteristics": "Scar on left wrist",
            "email": "grace@mail.example", "file_number": "NC-1"
        });
        let demographics: Demographics = serde_json::from_value(known.clone()).unwrap();
        let organization = Organization {
            id: OrganizationId::new(Uuid::nil()),
            name: Line::new("North Clinic").unwrap(),
            vocabulary: Vocabulary::default(),
            policy: Policy::default(),
            roles: std::collections::BTreeMap::new(),
            retention: Default::default(),
            directory_key: WrappedKey::from_bytes(vec![]),
            created_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        };
        let client = Client {
            id: ClientId::new(Uuid::nil()),
            organization_id: organization.id,
            status: ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        };
        let detail = ClientDetail::new(&client, &demographics, &organization, date(2026, 3, 1));
        let shown = serde_json::to_string(&detail).unwrap();
        let plain = known.as_object().unwrap().iter().filter(|(name, _)| *name != "file_number");
        for (name, value) in plain.filter_map(|(name, value)| Some((name, value.as_str()?))) {
            assert!(!shown.contains(value), "`{name}` is shown: {shown}");
        }
        for shape in ["Gracie", "0142 ", "171", "64.500", "-07-02"] {
            assert!(!shown.contains(shape), "{shape}: {shown}");
        }
        assert_eq!((detail.fields.len(), detail.is_adult), (11, Some(true)));
        assert!(detail.fields.iter().all(|field| field.is_masked));
    }
}
