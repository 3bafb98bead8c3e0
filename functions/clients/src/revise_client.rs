//! Corrects what is known of a client (R010, R021-R023, R055).
//!
//! What is not named stays as it is, so that one detail can be corrected without revealing the others; `null`
//! takes a detail away. The entries the client is found by change in the same transaction.

use crate::{
    card,
    childhood::Cut,
    detail::ClientDetail,
    index::{self, Difference},
    standing,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ClientId,
    chart::Chart,
    client::{Client, Demographics},
    limits::{NAME_CHARS, TRANSACTION_ITEMS},
    text::{Line, Prose},
};
use evidence::Kind;
use jiff::civil::{Date, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use store::{Change, Claim, keys};
use vault::{BlindIndex, DirectoryKey};

pub static OPERATION: Operation =
    Operation::put("revise_client", "/clients/{client_id}", Action::ReviseClient, Kind::ClientRevised)
        .summary("Correct details of a client; what is not named stays (R010, R055)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The client's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub changes: Changes,
}

macro_rules! changes {
    ($($(#[$meta:meta])* $field:ident: $value:ty),+ $(,)?) => {
        /// The details to change: absent ones stay, `null` (or an empty list) takes one away.
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, default)]
        pub struct Changes {
            $($(#[$meta])* #[serde(deserialize_with = "given")] pub $field: Option<$value>,)+
        }

        impl Changes {
            /// The demographics after the changes.
            fn apply(self, mut known: Demographics) -> Demographics {
                $(if let Some(value) = self.$field { known.$field = value; })+
                known
            }

            /// The names of what is changed: what evidence says.
            fn codes(&self) -> Vec<&'static str> {
                let named = [$(self.$field.is_some().then_some(stringify!($field))),+];
                named.into_iter().flatten().collect()
            }
        }
    };
}

changes!(
    full_name: Line<NAME_CHARS>,
    other_names: Vec<Line<NAME_CHARS>>,
    birth_date: Option<Date>,
    birth_time: Option<Time>,
    place_of_birth: Option<Line<NAME_CHARS>>,
    mailing_address: Option<Prose<500>>,
    phones: Vec<Line<40>>,
    social_security_number: Option<Line<40>>,
    marital_status: Option<Line<60>>,
    race_or_ethnic_origin: Option<Line<NAME_CHARS>>,
    /// Centimetres.
    height_cm: Option<u16>,
    /// Grams.
    weight_g: Option<u32>,
    physical_characteristics: Option<Prose<1_000>>,
    email: Option<Line<254>>,
    /// `null` gives the number we make.
    file_number: Option<Line<40>>,
    death_date: Option<Date>,
);

/// Keeps apart what is absent and what is `null`.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

pub async fn handle(call: Call, input: Input) -> Outcome<ClientDetail> {
    let codes = input.changes.codes();
    if codes.is_empty() {
        return Err(Problem::invalid("invalid_input", "name at least one detail to change"));
    }
    let client_id: ClientId = call.path("client_id")?;
    let key = keys::client(client_id);
    let loaded = call.load([key.any()]).await?;
    let client = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    standing::must_be_current(&client, input.expected_revision)?;

    let organization = &loaded.organization;
    let (client_key, directory) =
        tokio::try_join!(card::client_key(&call, organization, &client), call.directory(organization))?;
    let known = card::demographics(&client, &client_key, &permit)?;
    let (revised, _) = card::numbered(input.changes.apply(known.clone()), client_id)?;
    let today = call.today(organization);
    revised.check(&organization.policy.required_fields, today)?;

    let vault = &call.system.vault;
    let client = Client {
        demographics: client_key.seal(vault, "client/demographics", &client_id, &revised)?,
        card: directory.seal(vault, "client/card", &client_id, &revised.card(card::number(&revised)))?,
        ..client
    };
    let cut = Cut::of(&call, &client, (known.majority(), revised.majority()), today).await?;
    let charts = moved(&call, client_id, &known, &revised).await?;
    let others = cut.items().saturating_add(charts.len().saturating_mul(CHART_ITEMS));
    let change = change(&call, &client, &directory, (&known, &revised), others).await?;
    let fact = Fact::new().client(client_id).detail("fields", codes.join(","));
    let change = standing::reviewed(cut.write(change, organization)?, charts, today);
    let mut detail = ClientDetail::new(&client, &revised, organization, today);
    detail.revision = client.revision.saturating_add(1);
    call.commit(organization, &permit, change, fact, Reply::with(detail)).await
}

/// Items that one chart is: in its own place, under its client, and where the sweep finds it.
const CHART_ITEMS: usize = 3;
/// Charts that are looked at at once; what a client has beyond that is looked at within the year, and before anything of
/// it is destroyed.
const CHARTS_AT_ONCE: usize = 20;

/// The charts that have to be looked at anew: when somebody was born or has died decides how long their records are
/// kept (R153).
async fn moved(
    call: &Call,
    client: ClientId,
    known: &Demographics,
    revised: &Demographics,
) -> Result<Vec<Chart>, Problem> {
    if (known.birth_date, known.death_date) == (revised.birth_date, revised.death_date) {
        return Ok(Vec::new());
    }
    let charts = call.system.store.charts(client).await?;
    Ok(charts.into_iter().take(CHARTS_AT_ONCE).collect())
}

/// Items of the transaction that are not search entries: client, two claims, evidence, remembered answer.
const OTHER_ITEMS: usize = 5;

/// The client with the entries they are found by, before and after; `others` more items are to be written with them.
async fn change(
    call: &Call,
    client: &Client,
    directory: &DirectoryKey,
    (known, revised): (&Demographics, &Demographics),
    others: usize,
) -> Result<Change, Problem> {
    let index = directory.blind_index();
    let terms = |demographics: &Demographics| demographics.terms(card::number(demographics));
    let (before, after) = (index::digests(&index, &terms(known)), index::digests(&index, &terms(revised)));
    let difference = Difference::between(&before, &after);
    if difference.len().saturating_add(others) > TRANSACTION_ITEMS - OTHER_ITEMS {
        return Err(Problem::unprocessable(
            "too_many_changes",
            "these are more names and numbers than change at once; change them in two steps",
        ));
    }
    let change = Change::new().replace("client", &keys::client(client.id), client);
    let change = renumber(call, change, client, &index, known, revised).await?;
    Ok(difference.write(change, client.organization_id, client.id))
}

/// Gives back the old file number and claims the new one, if it is another.
async fn renumber(
    call: &Call,
    change: Change,
    client: &Client,
    index: &BlindIndex,
    known: &Demographics,
    revised: &Demographics,
) -> Result<Change, Problem> {
    let claim = |demographics: &Demographics| {
        let terms = demographics.terms(card::number(demographics));
        index::file_number_claim(client.organization_id, index, &terms)
    };
    let (before, after) = (claim(known), claim(revised));
    if before == after {
        return Ok(change);
    }
    if call.system.store.fetch([after.any()]).await?.get(&after)?.is_some() {
        return Err(card::taken());
    }
    Ok(change.remove("file number", &before).insert("file number", &after, &Claim { client_id: client.id }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn known() -> Demographics {
        serde_json::from_value(json!({
            "full_name": "Grace Okonkwo", "phones": ["+1 503 555 0142"], "birth_date": "1984-07-02",
            "marital_status": "single"
        }))
        .unwrap()
    }

    #[test]
    fn what_is_not_named_stays_and_null_takes_away() {
        let changes: Changes =
            serde_json::from_value(json!({ "marital_status": null, "phones": ["+1 503 555 0199"] })).unwrap();
        assert_eq!(changes.codes(), ["phones", "marital_status"]);
        let revised = serde_json::to_value(changes.apply(known())).unwrap();
        let expected = json!({
            "full_name": "Grace Okonkwo", "phones": ["+1 503 555 0199"], "birth_date": "1984-07-02"
        });
        assert_eq!(revised, expected);
    }

    #[test]
    fn a_name_cannot_be_taken_away_and_nothing_unknown_is_named() {
        for wrong in [json!({ "full_name": null }), json!({ "full_name": "" }), json!({ "shoe_size": 40 })] {
            assert!(serde_json::from_value::<Changes>(wrong.clone()).is_err(), "{wrong}");
        }
        assert!(serde_json::from_value::<Changes>(json!({})).unwrap().codes().is_empty());
    }

    /// Whoever adds a demographic detail must decide how it is changed.
    #[test]
    fn every_detail_can_be_changed() {
        let all = json!({
            "full_name": "A B", "other_names": ["C"], "birth_date": "1984-07-02", "birth_time": "04:30:00",
            "place_of_birth": "Lagos", "mailing_address": "12 Elm", "phones": ["1"],
            "social_security_number": "1", "marital_status": "m", "race_or_ethnic_origin": "r",
            "height_cm": 171, "weight_g": 64500, "physical_characteristics": "p", "email": "e",
            "file_number": "f", "death_date": "2026-01-01"
        });
        let changes: Changes = serde_json::from_value(all.clone()).unwrap();
        assert_eq!(changes.codes().len(), all.as_object().unwrap().len());
        assert_eq!(serde_json::to_value(changes.apply(known())).unwrap(), all);
    }
}
