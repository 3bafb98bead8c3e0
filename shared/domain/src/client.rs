//! The client: the person records are about, with the eleven details that are masked until asked for
//! (R010, R021-R023, R085).

use crate::{
    ClientId, OrganizationId, Sealed, WrappedKey,
    limits::{CLIENT_NAME_WORDS, CLIENT_OTHER_NAMES, CLIENT_PHONES, NAME_CHARS, REASON_CHARS},
    search::{Terms, count_words, fold},
    secret,
    text::{Line, Prose},
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A client as the table keeps them: nothing about the person in clear.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Client {
    pub id: ClientId,
    pub organization_id: OrganizationId,
    pub status: ClientStatus,
    /// The client's data key, wrapped by KMS; every record of theirs is sealed under a key under it.
    pub key: WrappedKey,
    pub demographics: Sealed<Demographics>,
    pub card: Sealed<Card>,
    /// Set while this client is held to be the same person as another (R021).
    pub merged_into: Option<ClientId>,
    pub created_at: Timestamp,
    pub revision: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientStatus {
    Active,
    /// No longer served; nothing new is added until reopened (R022).
    Closed,
}

/// What a member sees in a list: masked, with the terms by which a search is narrowed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Card {
    pub name: String,
    pub birth: String,
    pub file_number: String,
    pub terms: Terms,
}

/// Everything that is known of the person.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Demographics {
    pub full_name: Line<NAME_CHARS>,
    /// Other names by which the person is known (R023).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_names: Vec<Line<NAME_CHARS>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_time: Option<Time>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place_of_birth: Option<Line<NAME_CHARS>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailing_address: Option<Prose<500>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Line<40>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub social_security_number: Option<Line<40>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marital_status: Option<Line<60>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub race_or_ethnic_origin: Option<Line<NAME_CHARS>>,
    /// Centimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 20, max = 300))]
    pub height_cm: Option<u16>,
    /// Grams, so that a newborn and an adult are measured alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 200, max = 700_000))]
    pub weight_g: Option<u32>,
    /// Eye color, hair color, scars and other physical characteristics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub physical_characteristics: Option<Prose<1_000>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Line<254>>,
    /// The organization's own number for the person; one is made when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_number: Option<Line<40>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub death_date: Option<Date>,
}

/// The eleven details that are not generally disclosed (R085), in the order of their source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    FullName,
    MailingAddress,
    TelephoneNumber,
    SocialSecurityNumber,
    MaritalStatus,
    RaceOrEthnicOrigin,
    DateAndTimeOfBirth,
    PlaceOfBirth,
    OtherNames,
    /// Masked from the eighteenth birthday on.
    HeightAndWeight,
    PhysicalCharacteristics,
}

impl Field {
    pub const ALL: [Self; 11] = [
        Self::FullName,
        Self::MailingAddress,
        Self::TelephoneNumber,
        Self::SocialSecurityNumber,
        Self::MaritalStatus,
        Self::RaceOrEthnicOrigin,
        Self::DateAndTimeOfBirth,
        Self::PlaceOfBirth,
        Self::OtherNames,
        Self::HeightAndWeight,
        Self::PhysicalCharacteristics,
    ];

    /// The name evidence carries.
    pub fn code(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// Why demographics were refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DemographicsError {
    #[error("`{field}` must be known here before a client is registered")]
    Required { field: String },
    #[error("a birth date cannot lie in the future")]
    BornInFuture,
    #[error("a death date must lie between birth and today")]
    DeathDate,
    #[error("height must be 20 to 300 cm and weight 200 g to 700 kg")]
    Measure,
    #[error("at most {CLIENT_OTHER_NAMES} other names and {CLIENT_PHONES} phones are kept")]
    TooMany,
    #[error("all names together have at most {CLIENT_NAME_WORDS} different words, so that each can be found")]
    TooManyWords,
}

impl Demographics {
    /// Checks what was typed against the calendar and the organization's own demands (R010).
    pub fn check<'a>(
        &self,
        required: impl IntoIterator<Item = &'a Field>,
        today: Date,
    ) -> Result<(), DemographicsError> {
        if self.other_names.len() > CLIENT_OTHER_NAMES || self.phones.len() > CLIENT_PHONES {
            return Err(DemographicsError::TooMany);
        }
        if count_words(self.names()) > CLIENT_NAME_WORDS {
            return Err(DemographicsError::TooManyWords);
        }
        if self.birth_date.is_some_and(|birth| birth > today) {
            return Err(DemographicsError::BornInFuture);
        }
        let death_fits = |death: Date| death <= today && self.birth_date.is_none_or(|birth| death >= birth);
        if !self.death_date.is_none_or(death_fits) {
            return Err(DemographicsError::DeathDate);
        }
        let tall = self.height_cm.is_none_or(|height| (20..=300).contains(&height));
        let heavy = self.weight_g.is_none_or(|weight| (200..=700_000).contains(&weight));
        if !(tall && heavy) {
            return Err(DemographicsError::Measure);
        }
        match required.into_iter().find(|field| self.plain(**field).is_none()) {
            Some(field) => Err(DemographicsError::Required { field: field.code() }),
            None => Ok(()),
        }
    }

    /// The search terms of the person.
    pub fn terms(&self, file_number: &str) -> Terms {
        Terms::new(self.names(), self.birth_date, file_number, self.phones.iter().map(Line::as_str))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.full_name).chain(&self.other_names).map(Line::as_str)
    }

    /// What lists show.
    pub fn card(&self, file_number: &str) -> Card {
        Card {
            name: secret::words(self.full_name.as_str()),
            birth: self.birth_date.map(|birth| format!("{}-••-••", birth.year())).unwrap_or_default(),
            file_number: file_number.to_owned(),
            terms: self.terms(file_number),
        }
    }

    /// The detail as it is, for a reveal; `None` when it is not known.
    pub fn plain(&self, field: Field) -> Option<String> {
        let text = |value: Option<&str>| value.map(str::to_owned);
        match field {
            Field::FullName => text(Some(self.full_name.as_str())),
            Field::MailingAddress => text(self.mailing_address.as_ref().map(Prose::as_str)),
            Field::TelephoneNumber => joined(self.phones.iter().map(Line::as_str)),
            Field::SocialSecurityNumber => text(self.social_security_number.as_ref().map(Line::as_str)),
            Field::MaritalStatus => text(self.marital_status.as_ref().map(Line::as_str)),
            Field::RaceOrEthnicOrigin => text(self.race_or_ethnic_origin.as_ref().map(Line::as_str)),
            Field::DateAndTimeOfBirth => self.birth_date.map(|date| match self.birth_time {
                Some(time) => format!("{date}T{time}"),
                None => date.to_string(),
            }),
            Field::PlaceOfBirth => text(self.place_of_birth.as_ref().map(Line::as_str)),
            Field::OtherNames => joined(self.other_names.iter().map(Line::as_str)),
            Field::HeightAndWeight => self.measures(),
            Field::PhysicalCharacteristics => text(self.physical_characteristics.as_ref().map(Prose::as_str)),
        }
    }

    /// The detail as it is shown before anyone asks for it.
    pub fn masked(&self, field: Field, today: Date) -> Option<String> {
        let plain = self.plain(field)?;
        Some(match field {
            Field::FullName | Field::OtherNames => secret::words(&plain),
            Field::TelephoneNumber | Field::SocialSecurityNumber => secret::all_but_last(&plain, 2),
            Field::DateAndTimeOfBirth => {
                plain.get(..4).map(|year| format!("{year}-••-••")).unwrap_or_default()
            }
            Field::HeightAndWeight if !self.is_adult(today) => plain,
            _ => secret::NOTHING.to_owned(),
        })
    }

    /// Whether the field is masked at all on this day.
    pub fn is_masked(&self, field: Field, today: Date) -> bool {
        field != Field::HeightAndWeight || self.is_adult(today)
    }

    /// The eighteenth birthday, where the birth date is known (R022).
    pub fn majority(&self) -> Option<Date> {
        self.birth_date?.checked_add(jiff::Span::new().years(18)).ok()
    }

    /// Eighteen or more; a person whose birth date is unknown is treated as an adult, which masks more.
    fn is_adult(&self, today: Date) -> bool {
        self.birth_date.is_none() || self.majority().is_some_and(|majority| majority <= today)
    }

    fn measures(&self) -> Option<String> {
        let height = self.height_cm.map(|cm| format!("{cm} cm"));
        let weight = self.weight_g.map(|g| format!("{}.{:03} kg", g / 1000, g % 1000));
        match (height, weight) {
            (None, None) => None,
            (height, weight) => joined(height.iter().chain(&weight).map(String::as_str)),
        }
    }
}

fn joined<'a>(parts: impl Iterator<Item = &'a str>) -> Option<String> {
    let parts: Vec<&str> = parts.collect();
    if parts.is_empty() { None } else { Some(parts.join("; ")) }
}

/// How sure we are that two clients are one person (R021).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// Something strong agrees: a phone, or a name and the year of birth.
    Possible,
    /// Name and birth date agree.
    Likely,
}

/// Compares the terms of two clients.
pub fn likeness(one: &Terms, other: &Terms) -> Option<Likeness> {
    let names_shared = one.names.intersection(&other.names).count();
    let fewest = one.names.len().min(other.names.len());
    let same_name = fewest > 0 && names_shared >= fewest.min(2);
    let same_birth = one.birth_date.is_some() && one.birth_date == other.birth_date;
    let same_year =
        one.birth_date.zip(other.birth_date).is_some_and(|(one, other)| one.year() == other.year());
    let same_phone = one.phones.intersection(&other.phones).next().is_some();
    if same_name && same_birth {
        Some(Likeness::Likely)
    } else if (same_name && (same_phone || same_year)) || (same_birth && (same_phone || names_shared > 0)) {
        Some(Likeness::Possible)
    } else {
        None
    }
}

/// Why a client cannot be changed so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ClientError {
    #[error("the client is closed; reopen them first")]
    Closed,
    #[error("the client is not closed")]
    NotClosed,
    #[error("the client is merged into another already")]
    Merged,
    #[error("the client is not merged into another")]
    NotMerged,
    #[error("a client cannot be merged into themselves")]
    Oneself,
}

/// Why a client was closed, reopened, merged or unmerged.
pub type Reason = Prose<REASON_CHARS>;

impl Client {
    /// Something may be added only for a client who is served.
    pub fn must_be_active(&self) -> Result<(), ClientError> {
        if self.status == ClientStatus::Closed { Err(ClientError::Closed) } else { Ok(()) }
    }

    pub fn close(mut self) -> Result<Self, ClientError> {
        self.must_be_active()?;
        self.status = ClientStatus::Closed;
        Ok(self)
    }

    pub fn reopen(mut self) -> Result<Self, ClientError> {
        if self.status != ClientStatus::Closed {
            return Err(ClientError::NotClosed);
        }
        self.status = ClientStatus::Active;
        Ok(self)
    }

    /// Holds this client to be the same person as `survivor`; nothing moves, so it can be taken back.
    pub fn merge(mut self, survivor: &Self) -> Result<Self, ClientError> {
        if self.id == survivor.id {
            return Err(ClientError::Oneself);
        }
        if self.merged_into.is_some() || survivor.merged_into.is_some() {
            return Err(ClientError::Merged);
        }
        self.merged_into = Some(survivor.id);
        Ok(self)
    }

    pub fn unmerge(mut self) -> Result<Self, ClientError> {
        self.merged_into.take().ok_or(ClientError::NotMerged)?;
        Ok(self)
    }
}

/// The number of a client for whom none was given: from the random part of the id, easy to read aloud.
pub fn file_number(id: ClientId) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = id.uuid().as_u128();
    let letter = |at: u32| {
        let five = usize::try_from((bits >> (at * 5)) & 31).unwrap_or_default();
        DIGITS.get(five).copied().map_or('0', char::from)
    };
    let letters: Vec<char> = (0..8).rev().map(letter).collect();
    let (front, back) = letters.split_at(4);
    format!("{}-{}", front.iter().collect::<String>(), back.iter().collect::<String>())
}

/// Whether two names are spelt alike but for accents, case and order of words.
pub fn same_name(one: &str, other: &str) -> bool {
    let words = |name: &str| {
        let folded = fold(name);
        let mut words: Vec<String> = folded
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_owned)
            .collect();
        words.sort();
        words
    };
    words(one) == words(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use uuid::Uuid;

    fn grace() -> Demographics {
        serde_json::from_value(serde_json::json!({
            "full_name": "Grace Okonkwo", "other_names": ["Gracie"], "birth_date": "2010-02-28",
            "phones": ["+1 503 555 0142"], "social_security_number": "078-05-1120", "height_cm": 152,
            "weight_g": 44500, "marital_status": "single"
        }))
        .unwrap()
    }

    #[test]
    fn all_eleven_details_are_masked_until_asked_for() {
        let today = date(2028, 3, 1);
        let grace = grace();
        for field in Field::ALL {
            let (plain, masked) = (grace.plain(field), grace.masked(field, today));
            assert_eq!(plain.is_some(), masked.is_some());
            if let (Some(plain), Some(masked)) = (plain, masked) {
                assert!(!masked.contains(&plain), "{field:?} shows {masked}");
            }
        }
    }

    #[test]
    fn height_and_weight_are_masked_from_the_eighteenth_birthday() {
        let grace = grace();
        assert_eq!(
            grace.masked(Field::HeightAndWeight, date(2028, 2, 27)).as_deref(),
            Some("152 cm; 44.500 kg")
        );
        assert_eq!(grace.masked(Field::HeightAndWeight, date(2028, 2, 28)).as_deref(), Some(secret::NOTHING));
    }

    #[test]
    fn an_organization_can_demand_details() {
        let (grace, today) = (grace(), date(2026, 1, 1));
        assert_eq!(grace.check(&[Field::TelephoneNumber], today), Ok(()));
        assert_eq!(
            grace.check(&[Field::MailingAddress], today),
            Err(DemographicsError::Required { field: "mailing_address".into() })
        );
        assert_eq!(grace.check(&[], date(2009, 1, 1)), Err(DemographicsError::BornInFuture));
    }

    #[test]
    fn the_same_person_twice_is_noticed() {
        let one = grace().terms("A");
        let mut typo = grace();
        typo.full_name = Line::new("OKONKWO, Gracie").unwrap();
        assert_eq!(likeness(&one, &typo.terms("B")), Some(Likeness::Likely));
        let mut sister = grace();
        sister.full_name = Line::new("Hope Okonkwo").unwrap();
        sister.other_names.clear();
        sister.birth_date = Some(date(2013, 5, 5));
        assert_eq!(likeness(&one, &sister.terms("C")), None);
    }

    #[test]
    fn a_made_file_number_is_readable_and_steady() {
        let id = ClientId::new(Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678));
        assert_eq!(file_number(id), file_number(id));
        assert_eq!(file_number(id).len(), 9);
    }
}
