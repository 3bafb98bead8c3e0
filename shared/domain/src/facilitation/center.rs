//! The service center: another organization, its license, the facilitators it has approved, and its link with a
//! session (R105, R106, A-03, A-04).

use super::FacilitationError;
use crate::{MemberId, OrganizationId, text::Line};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// What an organization says of itself as a service center.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CenterProfile {
    pub organization_id: OrganizationId,
    pub license: License,
    pub set_by: MemberId,
    pub set_at: Timestamp,
    pub revision: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct License {
    pub number: Line<60>,
    /// The state that gave it: `OR`.
    pub state: StateCode,
    /// The last day it is in force.
    pub expires_on: Date,
}

impl License {
    /// Whether it makes its holder a licensed Oregon service center on a day.
    pub fn is_oregon(&self, day: Date) -> bool {
        self.state.0 == "OR" && day <= self.expires_on
    }
}

/// Two letters by which the states of the United States are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct StateCode(String);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a state is two capital letters, such as `OR`")]
pub struct StateCodeError;

impl TryFrom<String> for StateCode {
    type Error = StateCodeError;

    fn try_from(text: String) -> Result<Self, StateCodeError> {
        let sound = text.len() == 2 && text.chars().all(|c| c.is_ascii_uppercase());
        if sound { Ok(Self(text)) } else { Err(StateCodeError) }
    }
}

impl From<StateCode> for String {
    fn from(code: StateCode) -> String {
        code.0
    }
}

/// What a facilitator gives to a center to be approved: who they are, in which organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct FacilitatorCode {
    pub organization_id: OrganizationId,
    pub member_id: MemberId,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a facilitator's code is the id of the organization and of the member with a dot between them")]
pub struct FacilitatorCodeError;

impl fmt::Display for FacilitatorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.organization_id, self.member_id)
    }
}

impl FromStr for FacilitatorCode {
    type Err = FacilitatorCodeError;

    fn from_str(text: &str) -> Result<Self, FacilitatorCodeError> {
        let (organization, member) = text.split_once('.').ok_or(FacilitatorCodeError)?;
        match (organization.parse(), member.parse()) {
            (Ok(organization_id), Ok(member_id)) => Ok(Self { organization_id, member_id }),
            _ => Err(FacilitatorCodeError),
        }
    }
}

impl TryFrom<String> for FacilitatorCode {
    type Error = FacilitatorCodeError;

    fn try_from(text: String) -> Result<Self, FacilitatorCodeError> {
        text.parse()
    }
}

impl From<FacilitatorCode> for String {
    fn from(code: FacilitatorCode) -> String {
        code.to_string()
    }
}

/// That a center lets a facilitator hold sessions there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Approval {
    pub center_id: OrganizationId,
    pub facilitator: FacilitatorCode,
    pub approved_by: MemberId,
    pub approved_at: Timestamp,
    /// Since when it is withdrawn: nothing new is associated, and what is there stays until released.
    pub withdrawn_at: Option<Timestamp>,
    pub revision: u64,
}

impl Approval {
    pub const fn is_standing(&self) -> bool {
        self.withdrawn_at.is_none()
    }

    pub const fn withdraw(mut self, now: Timestamp) -> Result<Self, FacilitationError> {
        if !self.is_standing() {
            return Err(FacilitationError::Withdrawn);
        }
        self.withdrawn_at = Some(now);
        Ok(self)
    }

    /// Approved again after having been withdrawn.
    pub const fn renew(mut self, by: MemberId, now: Timestamp) -> Result<Self, FacilitationError> {
        if self.is_standing() {
            return Err(FacilitationError::Approved);
        }
        self.approved_by = by;
        self.approved_at = now;
        self.withdrawn_at = None;
        Ok(self)
    }
}

/// The center a session is associated with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CenterLink {
    pub organization_id: OrganizationId,
    pub associated_by: MemberId,
    pub associated_at: Timestamp,
    /// Whether it was a licensed Oregon service center that day: its forms belong to the session.
    pub oregon: bool,
}

/// A center as an association finds it: its profile, and whom of the facilitators it has approved.
#[derive(Clone, Debug)]
pub struct CenterOffer<'a> {
    pub profile: &'a CenterProfile,
    pub approved: BTreeSet<FacilitatorCode>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn license(state: &str) -> License {
        License {
            number: Line::new("SC-1").unwrap(),
            state: state.to_owned().try_into().unwrap(),
            expires_on: date(2027, 3, 1),
        }
    }

    #[test]
    fn a_license_counts_to_its_last_day_and_in_its_state() {
        assert!(license("OR").is_oregon(date(2027, 3, 1)));
        assert!(!license("OR").is_oregon(date(2027, 3, 2)));
        assert!(!license("CO").is_oregon(date(2027, 1, 1)));
        for wrong in ["", "or", "ORE", "O1", "Ö"] {
            assert_eq!(StateCode::try_from(wrong.to_owned()), Err(StateCodeError), "{wrong}");
        }
    }

    #[test]
    fn an_approval_is_withdrawn_and_given_again() {
        let id = Uuid::from_u128(1);
        let approval = Approval {
            center_id: OrganizationId::new(id),
            facilitator: FacilitatorCode { organization_id: id.into(), member_id: id.into() },
            approved_by: MemberId::new(id),
            approved_at: Timestamp::UNIX_EPOCH,
            withdrawn_at: None,
            revision: 1,
        };
        let again = approval.clone().renew(MemberId::new(id), Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(again, FacilitationError::Approved);
        let withdrawn = approval.withdraw(Timestamp::UNIX_EPOCH).unwrap();
        assert!(!withdrawn.is_standing());
        assert_eq!(
            withdrawn.clone().withdraw(Timestamp::UNIX_EPOCH).unwrap_err(),
            FacilitationError::Withdrawn
        );
        assert!(withdrawn.renew(MemberId::new(id), Timestamp::UNIX_EPOCH).unwrap().is_standing());
    }

    proptest! {
        #[test]
        fn a_code_reads_back(organization: u128, member: u128) {
            let code = FacilitatorCode {
                organization_id: Uuid::from_u128(organization).into(),
                member_id: Uuid::from_u128(member).into(),
            };
            prop_assert_eq!(code.to_string().parse(), Ok(code));
        }

        #[test]
        fn a_code_is_nothing_else(text in "[0-9a-f.-]{0,80}") {
            if let Ok(code) = text.parse::<FacilitatorCode>() {
                prop_assert_eq!(code.to_string(), text);
            }
        }
    }
}
