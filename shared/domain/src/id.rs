//! Typed ids over UUIDv7: an id of one thing never passes for an id of another, and ids sort by time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The text is not an id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an id")]
pub struct IdError(String);

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            /// Only the canonical form is taken, so that one thing has one address.
            fn from_str(text: &str) -> Result<Self, IdError> {
                let refused = || IdError(text.chars().take(64).collect());
                let uuid = Uuid::parse_str(text).map_err(|_| refused())?;
                if uuid.as_hyphenated().to_string() == text { Ok(Self(uuid)) } else { Err(refused()) }
            }
        }
    )+};
}

id!(
    /// A tenant: clinic, service center, tutoring firm.
    OrganizationId,
    /// A user of an organization.
    MemberId,
    /// The person records are about.
    ClientId,
    /// One member's client record for one client.
    ChartId,
    /// An item in a chart.
    RecordId,
    /// A file on its way in.
    UploadId,
    /// A patient's one-time way to upload.
    LinkId,
    /// What a patient sent and nobody has accepted yet.
    ContributionId,
    /// Where physical records are kept.
    LocationId,
    /// That something was put into such a place.
    FilingId,
    /// One audited fact.
    EvidenceId,
    /// A member's stay between sign-in and sign-out.
    SessionId,
    /// A collaborative space.
    SpaceId,
    /// A note or document in a collaborative space.
    SpaceItemId,
    /// Members to whom charts are shared together.
    TeamId,
    /// A chart on its way from one owner to another.
    TransferId,
    /// A permission of a client, as it was recorded.
    ConsentId,
    /// A set of permissions that an organization gives a name.
    RoleId,
    /// A change of what a role or a member may do, as it was recorded.
    ChangeId,
    /// Something a member is told.
    NoticeId,
    /// A legal hold.
    HoldId,
    /// A batch of records on its way to its end.
    DispositionId,
    /// An e-mail to a member.
    MessageId,
    /// The organization's way into a chart, for a legal cause.
    EscrowId,
    /// The taking of stock in a place.
    StocktakeId,
    /// A folder that was lost or harmed.
    IncidentId,
    /// A list of folders that is checked before it is imported.
    ImportId,
    /// A facilitated session: preparation, administration and integration.
    FacilitationId,
    /// A client's part in a facilitated session.
    ParticipantId,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_only_in_its_canonical_form() {
        let id = ClientId::new(Uuid::from_u128(0x0192_3456_789a_7bcd_8ef0_1234_5678_9abc));
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "x", "01923456789a7bcd8ef0123456789abc", "{01923456-789a-7bcd-8ef0-123456789abc}"] {
            assert!(wrong.parse::<ClientId>().is_err(), "{wrong}");
        }
        assert!(id.to_string().to_uppercase().parse::<ClientId>().is_err());
    }
}
