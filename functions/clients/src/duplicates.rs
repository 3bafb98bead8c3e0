//! Who of the clients already here could be the same person (R021).
//!
//! The blind index is asked for everyone under the telling prefixes (names, birth date, phones). Those under
//! most of them are opened and compared; the judgement itself is `domain::client::likeness`.

use api::{Call, Problem, view::ClientCard};
use authz::Permit;
use domain::{
    ClientId,
    client::{Client, Likeness, likeness},
    limits::DUPLICATE_CANDIDATES,
    search::Terms,
};
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::Serialize;
use std::{cmp::Reverse, collections::BTreeMap};
use store::{SearchEntry, keys};
use vault::DirectoryKey;

/// Clients that are opened and compared: one batch of the table.
const COMPARED: usize = 100;

/// A client who could be the same person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PossibleDuplicate {
    pub client_id: ClientId,
    pub likeness: Likeness,
    /// What lists show of them: masked.
    pub card: ClientCard,
}

/// The clients who could be the person of these terms, the most alike first.
pub(crate) async fn possible(
    call: &Call,
    permit: &Permit,
    directory: &DirectoryKey,
    terms: &Terms,
) -> Result<Vec<PossibleDuplicate>, Problem> {
    let (store, organization, index) =
        (&call.system.store, permit.organization_id(), directory.blind_index());
    let digests: Vec<String> = terms.telling_prefixes().iter().map(|prefix| index.digest(prefix)).collect();
    let lists = digests.iter().map(|digest| store.found(organization, digest, None, DUPLICATE_CANDIDATES));
    let lists = try_join_all(lists).await?;
    let candidates = most_listed(lists.into_iter().flat_map(|page| page.items));
    let found = store.fetch(candidates.iter().map(|id| keys::client(*id).any())).await?;
    let mut duplicates = Vec::new();
    for id in candidates {
        // An entry can outlive its client by a moment.
        let Some(client) = found.get(&keys::client(id))? else { continue };
        duplicates.extend(compare(&client, permit, directory, terms)?);
    }
    duplicates.sort_by_key(|duplicate| (Reverse(duplicate.likeness), duplicate.client_id));
    Ok(duplicates)
}

fn compare(
    client: &Client,
    permit: &Permit,
    directory: &DirectoryKey,
    terms: &Terms,
) -> Result<Option<PossibleDuplicate>, Problem> {
    let card = directory.open(permit, "client/card", &client.id, &client.card)?;
    Ok(likeness(&card.terms, terms).map(|likeness| PossibleDuplicate {
        client_id: client.id,
        likeness,
        card: ClientCard::of(client, card),
    }))
}

/// The clients that are listed most often: a name alone says little, a name and a birth date much.
fn most_listed(entries: impl Iterator<Item = SearchEntry>) -> Vec<ClientId> {
    let mut times: BTreeMap<ClientId, u32> = BTreeMap::new();
    for entry in entries {
        let count = times.entry(entry.client_id).or_default();
        *count = count.saturating_add(1);
    }
    let mut ranked: Vec<(Reverse<u32>, ClientId)> =
        times.into_iter().map(|(id, count)| (Reverse(count), id)).collect();
    ranked.sort();
    ranked.into_iter().take(COMPARED).map(|(_, id)| id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn those_under_most_prefixes_are_compared_first() {
        let id = |number: u128| ClientId::new(Uuid::from_u128(number));
        let once = (1..=200).map(id);
        let twice = [id(300), id(7), id(300)];
        let ranked = most_listed(once.chain(twice).map(|client_id| SearchEntry { client_id }));
        assert_eq!(ranked.len(), COMPARED);
        assert_eq!(ranked[..3], [id(7), id(300), id(1)]);
    }
}
