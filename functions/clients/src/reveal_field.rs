//! Shows masked details as they are: an act of its own, with evidence of which ones (R085).

use crate::card;
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ClientId,
    client::{Demographics, Field},
    text::Line,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::keys;

pub static OPERATION: Operation = Operation::post(
    "reveal_field",
    "/clients/{client_id}/revelations",
    Action::RevealField,
    Kind::FieldRevealed,
)
.success(200)
.summary("Show masked details of a client as they are, with evidence of it (R085)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// At least one.
    #[schemars(length(min = 1))]
    pub fields: BTreeSet<Detail>,
}

/// What is masked: the eleven details, and the e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Detail {
    Field(Field),
    Other(OtherDetail),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OtherDetail {
    Email,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub client_id: ClientId,
    pub values: Vec<Revealed>,
}

#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Revealed {
    pub field: Detail,
    /// Several of one kind are separated by `; `; absent when it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    if input.fields.is_empty() {
        return Err(Problem::invalid("invalid_input", "name at least one field"));
    }
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let loaded = call.load([key.any()]).await?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let client_key = card::client_key(&call, &loaded.organization, &client).await?;
    let demographics = card::demographics(&client, &client_key, &permit)?;
    let codes: Vec<String> = input.fields.iter().map(|field| field.code()).collect();
    call.witness(&permit, Fact::new().client(client_id).detail("fields", codes.join(","))).await?;
    let values =
        input.fields.into_iter().map(|field| Revealed { field, value: field.of(&demographics) }).collect();
    Ok(Reply::with(Output { client_id, values }))
}

impl Detail {
    fn code(self) -> String {
        match self {
            Self::Field(field) => field.code(),
            Self::Other(OtherDetail::Email) => "email".to_owned(),
        }
    }

    fn of(self, demographics: &Demographics) -> Option<String> {
        match self {
            Self::Field(field) => demographics.plain(field),
            Self::Other(OtherDetail::Email) => {
                demographics.email.as_ref().map(Line::as_str).map(str::to_owned)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_by_their_codes() {
        let input: Input =
            serde_json::from_value(serde_json::json!({ "fields": ["email", "full_name", "email"] })).unwrap();
        assert_eq!(input.fields.iter().map(|field| field.code()).collect::<Vec<_>>(), ["full_name", "email"]);
        assert!(serde_json::from_value::<Input>(serde_json::json!({ "fields": ["shoe_size"] })).is_err());
        let known: Demographics = serde_json::from_value(serde_json::json!({
            "full_name": "Grace Okonkwo", "email": "grace@mail.example"
        }))
        .unwrap();
        assert_eq!(Detail::Other(OtherDetail::Email).of(&known).as_deref(), Some("grace@mail.example"));
        assert_eq!(Detail::Field(Field::PlaceOfBirth).of(&known), None);
    }
}
