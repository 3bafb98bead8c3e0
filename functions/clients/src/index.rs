//! The blind index of one client: which search entries there must be, and how they change (R021, R023).

use domain::{ClientId, OrganizationId, search::Terms};
use std::collections::BTreeSet;
use store::{Change, Claim, Key, SearchEntry, keys};
use vault::BlindIndex;

/// The digests under which a client of these terms is listed.
pub(crate) fn digests(index: &BlindIndex, terms: &Terms) -> BTreeSet<String> {
    terms.prefixes().iter().map(|prefix| index.digest(prefix)).collect()
}

/// What holds a file number for the one client who has it; spelling and case of the number do not matter.
pub(crate) fn file_number_claim(
    organization: OrganizationId,
    index: &BlindIndex,
    terms: &Terms,
) -> Key<Claim> {
    keys::file_number(organization, &index.digest(&format!("file number taken\u{0}{}", terms.file_number)))
}

/// The entries to add and to take away when a client's digests change from `before` to `after`.
pub(crate) struct Difference {
    added: Vec<String>,
    removed: Vec<String>,
}

impl Difference {
    pub(crate) fn between(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Self {
        let only_in = |one: &BTreeSet<String>, other| one.difference(other).cloned().collect();
        Self { added: only_in(after, before), removed: only_in(before, after) }
    }

    /// Items it adds to a transaction.
    pub(crate) fn len(&self) -> usize {
        self.added.len().saturating_add(self.removed.len())
    }

    pub(crate) fn write(self, mut change: Change, organization: OrganizationId, client: ClientId) -> Change {
        let entry = SearchEntry { client_id: client };
        for digest in self.added {
            change = change.set("search entry", &keys::search_entry(organization, &digest, client), &entry);
        }
        for digest in self.removed {
            change = change.unset("search entry", &keys::search_entry(organization, &digest, client));
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_written() {
        let set = |text: &str| text.chars().map(String::from).collect::<BTreeSet<_>>();
        let difference = Difference::between(&set("abc"), &set("bcde"));
        assert_eq!((difference.added.join(""), difference.removed.join("")), ("de".into(), "a".into()));
        assert_eq!(difference.len(), 3);
        assert_eq!(Difference::between(&set("abc"), &set("abc")).len(), 0);
    }
}
