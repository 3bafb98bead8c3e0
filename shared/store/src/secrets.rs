//! The table of keys: what an item has of it is taken out before the item is written, and put in after it is read.
//!
//! A key never changes under one id, so it is written once, and from then on only destroyed. Nothing else opens what
//! it sealed: an item that stands in the main table again, from a backup or by mistake, stays closed for ever.

use crate::{
    AnyKey, Change, Store, StoreError, TTL_ATTRIBUTE,
    change::Attributes,
    keys,
    read::text,
    table::{INDEXES, IndexKind},
};
use domain::{
    ContributionId,
    contribution::{Contribution, Decision},
    limits::PAGE_ITEMS,
    record::{FileVersion, Record},
};
use std::collections::HashMap;

/// The partition and sort key of an item, and of its secret in the other table.
pub(crate) type Place = (String, String);

/// What the table of keys has of each item.
pub(crate) type Secrets = HashMap<Place, Attributes>;

pub(crate) fn place(item: &Attributes) -> Result<Place, StoreError> {
    Ok((text(item, "pk")?, text(item, "sk")?))
}

pub(crate) fn by_place(items: Vec<Attributes>) -> Result<HashMap<Place, Attributes>, StoreError> {
    items.into_iter().map(|item| Ok((place(&item)?, item))).collect()
}

/// What stands in the table of keys of an item: its secret, its place, and what makes it be found and forgotten
/// together with the item.
pub(crate) fn apart(name: &str, item: &Attributes) -> Option<Attributes> {
    let local = INDEXES.iter().filter(|index| index.kind == IndexKind::Local).map(|index| index.sort);
    let mut apart: Attributes = ["pk", "sk", "entity", TTL_ATTRIBUTE]
        .into_iter()
        .chain(local)
        .filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())))
        .collect();
    apart.insert(name.to_owned(), item.get(name)?.clone());
    Some(apart)
}

impl Store {
    /// Puts into each item what the table of keys has of it.
    ///
    /// What was read of both tables at once need not be of the same moment. So a key that did not come with its item is
    /// asked for once more; after that it is not there, and was destroyed.
    pub(crate) async fn put_together(
        &self,
        items: Vec<(&'static str, &mut Attributes)>,
        mut secrets: Secrets,
    ) -> Result<(), StoreError> {
        let mut missing = Vec::new();
        for (_, item) in &items {
            let place = place(item)?;
            if !secrets.contains_key(&place) {
                missing.push(place);
            }
        }
        if !missing.is_empty() {
            secrets.extend(self.gather(Vec::new(), missing).await?.secrets);
        }
        for (name, item) in items {
            let secret = secrets.get(&place(item)?).and_then(|apart| apart.get(name));
            match secret {
                Some(secret) => drop(item.insert(name.to_owned(), secret.clone())),
                // INVARIANT: only what stands in the table of keys opens anything.
                None => drop(item.remove(name)),
            }
        }
        Ok(())
    }

    /// How many of these things' keys still stand. What was destroyed has none.
    pub async fn standing_keys(&self, of: &[AnyKey]) -> Result<usize, StoreError> {
        let places = of.iter().map(|key| (key.pk.clone(), key.sk.clone())).collect();
        Ok(self.gather(Vec::new(), places).await?.secrets.len())
    }

    /// The contribution that a record came as, whose key is the record's under another id. Sent by nobody else than
    /// the client: others have none.
    pub async fn contribution_of(&self, record: &Record) -> Result<Option<ContributionId>, StoreError> {
        if !record.from_client {
            return Ok(None);
        }
        let mut after = None;
        loop {
            let page = self.contributions(record.chart_id, after.as_deref(), PAGE_ITEMS).await?;
            let became = |one: &&Contribution| match one.decision {
                Some(Decision::Accepted { record_id, .. }) => record_id == record.id,
                _ => false,
            };
            if let Some(found) = page.items.iter().find(became) {
                return Ok(Some(found.id));
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(None),
            }
        }
    }
}

impl Change {
    /// Destroys every key that opens a record: its own, and the copies that the uploads of its files have and the
    /// contribution it came as ([`Store::contribution_of`]). What is gone already does not matter.
    #[must_use]
    pub fn destroy_keys_of(
        self,
        record: &Record,
        files: &[FileVersion],
        contribution: Option<ContributionId>,
    ) -> Self {
        let chart = record.chart_id;
        let change = self.destroy_key(&keys::record(chart, record.id));
        let change = files
            .iter()
            .fold(change, |change, file| change.destroy_key(&keys::upload(chart, file.upload_id)));
        match contribution {
            Some(id) => change.destroy_key(&keys::contribution(chart, id)),
            None => change,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::AttributeValue;

    /// The table of keys learns nothing of a record but where it is, when it is forgotten, and its key.
    #[test]
    fn nothing_else_goes_along_with_a_key() {
        let item: Attributes = ["pk", "sk", "entity", "timeline_sk", "purge_at", "key", "title", "revision"]
            .into_iter()
            .map(|name| (name.to_owned(), AttributeValue::S(name.to_owned())))
            .collect();
        let mut names: Vec<String> = apart("key", &item).unwrap_or_default().into_keys().collect();
        names.sort_unstable();
        assert_eq!(names, ["entity", "key", "pk", "purge_at", "sk", "timeline_sk"]);
        assert_eq!(apart("no such", &item), None);
    }
}
