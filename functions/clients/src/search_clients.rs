//! Finds clients by the beginning of a name, a birth date, a file number or a phone (R021, R023, R046).
//!
//! What is typed is digested with the organization's key and looked up; nobody is opened but those under the
//! digest. Evidence says which field was searched and how many were found, never what was typed.

use api::{Call, Cursor, Fact, Loaded, Operation, Outcome, Paging, Problem, Reply, view::ClientCard};
use authz::{Action, Permit, Resource};
use domain::{
    limits::{PAGE_ITEMS, SEARCH_CANDIDATES},
    search::{SearchField, Wanted},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{SearchEntry, keys};
use vault::DirectoryKey;

pub static OPERATION: Operation =
    Operation::get("search_clients", "/clients", Action::SearchClients, Kind::ClientsSearched)
        .summary("Find clients by name, birth date, file number or phone (R021, R023)");

/// One of `name`, `birth_date`, `file_number` and `phone`; a beginning is enough.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Beginnings of words of the name or of other names: `gr oko`.
    #[serde(default)]
    name: Option<String>,
    /// Year, year-month or year-month-day: `1984-07`.
    #[serde(default)]
    birth_date: Option<String>,
    #[serde(default)]
    file_number: Option<String>,
    #[serde(default)]
    phone: Option<String>,
    /// Items on the page: 1 to 100, 50 by default.
    #[serde(default, deserialize_with = "api::number")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub clients: Vec<ClientCard>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let (field, wanted) = wanted(&input)?;
    let paging = Paging::new(input.limit, input.cursor);
    let (limit, after) = (usize::try_from(paging.limit()?).unwrap_or(usize::MAX), paging.after()?);
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(loaded.organization.id))?;
    let directory = call.directory(&loaded.organization).await?;
    let search = Search { call: &call, loaded: &loaded, permit: &permit, directory: &directory, wanted };
    let (clients, next) = search.run(after, limit).await?;
    let fact = Fact::new().detail("field", code(field)).detail("results", clients.len());
    call.witness(&permit, fact).await?;
    Ok(Reply::with(Output { clients, next: next.as_deref().map(Cursor::new) }))
}

/// The one thing to search by.
fn wanted(input: &Input) -> Result<(SearchField, Wanted), Problem> {
    let typed = [
        (SearchField::Name, &input.name),
        (SearchField::BirthDate, &input.birth_date),
        (SearchField::FileNumber, &input.file_number),
        (SearchField::Phone, &input.phone),
    ];
    let mut given = typed.into_iter().filter_map(|(field, text)| Some((field, text.as_ref()?)));
    match (given.next(), given.next()) {
        (Some((field, text)), None) => Ok((field, Wanted::new(field, text)?)),
        _ => Err(Problem::invalid(
            "invalid_search",
            "search by exactly one of `name`, `birth_date`, `file_number` and `phone`",
        )),
    }
}

const fn code(field: SearchField) -> &'static str {
    match field {
        SearchField::Name => "name",
        SearchField::BirthDate => "birth_date",
        SearchField::FileNumber => "file_number",
        SearchField::Phone => "phone",
    }
}

struct Search<'a> {
    call: &'a Call,
    loaded: &'a Loaded,
    permit: &'a Permit,
    directory: &'a DirectoryKey,
    wanted: Wanted,
}

impl Search<'_> {
    /// The clients of one page, and the key after which the next one starts. Candidates that turn out not to
    /// match are passed over, up to as many as one search looks at.
    async fn run(
        &self,
        mut after: Option<String>,
        limit: usize,
    ) -> Result<(Vec<ClientCard>, Option<String>), Problem> {
        let digest = self.directory.blind_index().digest(&self.wanted.prefix());
        let (mut cards, mut looked_at) = (Vec::new(), 0_usize);
        let organization = self.loaded.organization.id;
        loop {
            let page =
                self.call.system.store.found(organization, &digest, after.as_deref(), PAGE_ITEMS).await?;
            looked_at = looked_at.saturating_add(page.items.len());
            let found = self.open(&page.items).await?;
            let last = page.items.len();
            for (at, card) in found {
                let client_id = card.id;
                cards.push(card);
                if cards.len() == limit {
                    let more = page.next.is_some() || at.saturating_add(1) < last;
                    let last_shown = keys::search_entry(organization, &digest, client_id);
                    return Ok((cards, more.then(|| last_shown.sort().to_owned())));
                }
            }
            match page.next {
                Some(next) if looked_at < SEARCH_CANDIDATES => after = Some(next),
                next => return Ok((cards, next)),
            }
        }
    }

    /// Those of the candidates who answer to the whole of what was typed, with their places in the list.
    async fn open(&self, candidates: &[SearchEntry]) -> Result<Vec<(usize, ClientCard)>, Problem> {
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<_> = candidates.iter().map(|entry| keys::client(entry.client_id)).collect();
        let found = self.call.system.store.fetch(keys.iter().map(store::Key::any)).await?;
        let mut matching = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            // An entry can outlive its client by a moment.
            let Some(client) = found.get(key)? else { continue };
            let card = self.directory.open(self.permit, "client/card", &client.id, &client.card)?;
            if card.terms.matches(&self.wanted) {
                matching.push((at, ClientCard::of(&client, card)));
            }
        }
        Ok(matching)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(query: serde_json::Value) -> Input {
        serde_json::from_value(query).unwrap()
    }

    #[test]
    fn exactly_one_field_is_searched() {
        let name = wanted(&input(serde_json::json!({ "name": "gr" }))).unwrap();
        assert_eq!(name.0, SearchField::Name);
        for wrong in [
            serde_json::json!({}),
            serde_json::json!({ "limit": "5" }),
            serde_json::json!({ "name": "gr", "phone": "503" }),
            serde_json::json!({ "name": "g" }),
            serde_json::json!({ "birth_date": "84" }),
        ] {
            assert_eq!(wanted(&input(wrong)).unwrap_err().code(), "invalid_search");
        }
    }
}
