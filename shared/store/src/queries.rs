//! The queries, one function for each access pattern that reads more than known keys. None scans.

use crate::{
    Item, Store, StoreError,
    change::Attributes,
    item::{Claim, InboxEntry, Invitation, Membership, RenewalEntry, SearchEntry},
    keys,
    read::{from_attributes, text},
};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::{
    ChartId, ClientId, MemberId, OrganizationId, RecordId,
    chart::Chart,
    contribution::Contribution,
    intake::IntakeLink,
    member::Member,
    physical::{Custody, Location},
    record::Record,
};
use evidence::Evidence;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

/// One page of a list, and where the next one starts.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The sort key after which the next page starts; `None` at the end.
    pub next: Option<String>,
}

/// A query within one partition of the table or of an index.
struct Query<'a> {
    index: Option<&'static str>,
    partition_name: &'static str,
    sort_name: &'static str,
    partition: String,
    /// Sort keys begin with this.
    prefix: &'a str,
    /// The sort key of the last item of the page before.
    after: Option<&'a str>,
    newest_first: bool,
    limit: u32,
}

impl<'a> Query<'a> {
    fn table(partition: String, prefix: &'a str, after: Option<&'a str>, limit: u32) -> Self {
        Self {
            index: None,
            partition_name: "pk",
            sort_name: "sk",
            partition,
            prefix,
            after,
            newest_first: false,
            limit,
        }
    }

    /// The condition on the sort key; a page starts behind a key, so that nothing between two pages can be
    /// lost or shown twice however the list changes meanwhile.
    ///
    /// INVARIANT: both bounds lie within the prefix. The key comes from a caller, who may have made it up: it
    /// chooses a place in the list and never another list of the same partition.
    fn condition(&self) -> (String, Vec<(&'static str, String)>) {
        let partition = format!("{} = :partition", self.partition_name);
        let sort = self.sort_name;
        match self.after {
            None if self.prefix.is_empty() => (partition, vec![]),
            None => (
                format!("{partition} AND begins_with({sort}, :prefix)"),
                vec![(":prefix", self.prefix.to_owned())],
            ),
            Some(after) => {
                let (first, last) = self.bounds(after);
                (
                    format!("{partition} AND {sort} BETWEEN :first AND :last"),
                    vec![(":first", first), (":last", last)],
                )
            }
        }
    }

    /// The first and the last sort key that can be on the page behind `after`.
    fn bounds(&self, after: &str) -> (String, String) {
        let (first, last) = (format!("{}\u{20}", self.prefix), format!("{}\u{10ffff}", self.prefix));
        if self.newest_first {
            (first, last.min(before(after)))
        } else {
            (first.max(format!("{after}\u{20}")), last)
        }
    }
}

/// The greatest string that sorts before `key` and matters here: keys are ASCII, so the last character is
/// lowered and the rest filled up.
fn before(key: &str) -> String {
    let mut chars: Vec<char> = key.chars().collect();
    match chars.pop() {
        Some(last) => {
            let lower = char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or('\u{20}');
            chars.push(lower);
            chars.push('\u{10ffff}');
            chars.into_iter().collect()
        }
        None => String::new(),
    }
}

impl Store {
    /// The organizations an identity is a member of.
    pub async fn memberships(&self, identity: &str) -> Result<Vec<Membership>, StoreError> {
        let query = Query::table(keys::identity_partition(identity), "ORG#", None, 100);
        Ok(self.page(query).await?.items)
    }

    /// The organizations that have invited an e-mail address.
    pub async fn invitations(&self, email_digest: &str) -> Result<Vec<Invitation>, StoreError> {
        let query = Query::table(keys::invitation_partition(email_digest), "ORG#", None, 100);
        Ok(self.page(query).await?.items)
    }

    pub async fn members(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Member>, StoreError> {
        self.page(Query::table(keys::organization_partition(organization), "MEMBER#", after, limit)).await
    }

    pub async fn locations(
        &self,
        organization: OrganizationId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Location>, StoreError> {
        self.page(Query::table(keys::organization_partition(organization), "LOCATION#", after, limit)).await
    }

    /// Clients listed under a blinded prefix.
    pub async fn found(
        &self,
        organization: OrganizationId,
        digest: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<SearchEntry>, StoreError> {
        self.page(Query::table(keys::search_partition(organization, digest), "CLIENT#", after, limit)).await
    }

    /// The clients that are held to be this one (R021).
    pub async fn merged(&self, survivor: ClientId) -> Result<Vec<Claim>, StoreError> {
        Ok(self.page(Query::table(keys::client_partition(survivor), "MERGED#", None, 100)).await?.items)
    }

    /// The charts of a client.
    pub async fn charts(&self, client: ClientId) -> Result<Vec<Chart>, StoreError> {
        Ok(self.page(Query::table(keys::client_partition(client), "CHART#", None, 100)).await?.items)
    }

    /// A chart's records, newest first by the day they tell of (R015).
    pub async fn timeline(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Record>, StoreError> {
        let query = Query {
            index: Some("timeline"),
            sort_name: "timeline_sk",
            newest_first: true,
            ..Query::table(keys::chart_partition(chart), "", after, limit)
        };
        self.page(query).await
    }

    /// The versions of a record, oldest first; `T` is the kind of version the record has.
    pub async fn versions<T: Item>(
        &self,
        chart: ChartId,
        record: RecordId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<T>, StoreError> {
        let prefix = format!("VERSION#{record}#");
        self.page(Query::table(keys::chart_partition(chart), &prefix, after, limit)).await
    }

    /// The custody log of a folder, newest first (R033).
    pub async fn custody(
        &self,
        chart: ChartId,
        record: RecordId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Custody>, StoreError> {
        let prefix = format!("CUSTODY#{record}#");
        let query =
            Query { newest_first: true, ..Query::table(keys::chart_partition(chart), &prefix, after, limit) };
        self.page(query).await
    }

    pub async fn links(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<IntakeLink>, StoreError> {
        let query =
            Query { newest_first: true, ..Query::table(keys::chart_partition(chart), "LINK#", after, limit) };
        self.page(query).await
    }

    /// Everything a chart's client has sent, newest first.
    pub async fn contributions(
        &self,
        chart: ChartId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Contribution>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::chart_partition(chart), "CONTRIBUTION#", after, limit)
        };
        self.page(query).await
    }

    /// What waits for a member, newest first.
    pub async fn inbox(
        &self,
        organization: OrganizationId,
        member: MemberId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<InboxEntry>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::inbox_partition(organization, member), "CONTRIBUTION#", after, limit)
        };
        self.page(query).await
    }

    /// Whose clients wait for another link, the newest of the old links first.
    pub async fn renewals(
        &self,
        organization: OrganizationId,
        member: MemberId,
        limit: u32,
    ) -> Result<Vec<RenewalEntry>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::inbox_partition(organization, member), "RENEWAL#", None, limit)
        };
        Ok(self.page(query).await?.items)
    }

    /// An organization's evidence of the month of `month`, newest first.
    pub async fn evidence(
        &self,
        organization: OrganizationId,
        month: Timestamp,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        let query = Query {
            newest_first: true,
            ..Query::table(keys::evidence_partition(organization, month), "", after, limit)
        };
        self.page(query).await
    }

    pub async fn evidence_of_record(
        &self,
        record: RecordId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        self.evidence_of("by_record", "record_pk", record.to_string(), after, limit).await
    }

    pub async fn evidence_of_client(
        &self,
        client: ClientId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        self.evidence_of("by_client", "client_pk", client.to_string(), after, limit).await
    }

    /// What a member did, and what was done to them without another member acting.
    pub async fn evidence_of_member(
        &self,
        member: MemberId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        self.evidence_of("by_member", "member_pk", member.to_string(), after, limit).await
    }

    async fn evidence_of(
        &self,
        index: &'static str,
        partition_name: &'static str,
        partition: String,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<Evidence>, StoreError> {
        let query = Query {
            index: Some(index),
            partition_name,
            sort_name: "evidence_sk",
            newest_first: true,
            ..Query::table(partition, "", after, limit)
        };
        self.page(query).await
    }

    async fn page<T: DeserializeOwned>(&self, query: Query<'_>) -> Result<Page<T>, StoreError> {
        let (condition, values) = query.condition();
        // Behind the end there is nothing, and DynamoDB refuses to be asked for it.
        if let [(_, first), (_, last)] = values.as_slice()
            && first > last
        {
            return Ok(Page { items: Vec::new(), next: None });
        }
        // One more than asked for, to know whether there is a next page without promising an empty one.
        let ask = query.limit.saturating_add(1);
        let mut request = self
            .client()
            .query()
            .table_name(self.table())
            .set_index_name(query.index.map(str::to_owned))
            .key_condition_expression(condition)
            .expression_attribute_values(":partition", AttributeValue::S(query.partition.clone()))
            .scan_index_forward(!query.newest_first)
            .consistent_read(query.index.is_none_or(|index| index == "timeline"))
            .limit(i32::try_from(ask).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        for (name, value) in values {
            request = request.expression_attribute_values(name, AttributeValue::S(value));
        }
        let reply = request.send().await.map_err(StoreError::from_sdk)?;
        // A reply ends at 1 MB: then there is more even if fewer items came than were asked for.
        let cut_short = reply.last_evaluated_key.is_some();
        let mut found: Vec<Attributes> = reply.items.unwrap_or_default();
        let wanted = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let more = found.len() > wanted || cut_short;
        found.truncate(wanted);
        let next = match found.last() {
            Some(last) if more => Some(text(last, query.sort_name)?),
            _ => None,
        };
        let items = found.iter().map(from_attributes).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }
}

#[cfg(test)]
mod tests {
    use super::{Query, before};
    use proptest::prelude::*;

    proptest! {
        /// Whatever key a caller makes up, a page holds keys of its list alone.
        #[test]
        fn a_page_stays_within_its_list(after in "[ -~]{1,40}", other in "[ -~]{1,40}", newest_first: bool) {
            let list = Query { newest_first, ..Query::table("PARTITION".into(), "LINK#", Some(&after), 10) };
            let (first, last) = list.bounds(&after);
            prop_assert!(other < first || last < other || other.starts_with("LINK#"), "{other} in {first}..{last}");
        }

        /// A page that starts before a key holds every smaller key and not the key itself.
        #[test]
        fn before_is_just_before(key in "[0-9a-f#-]{1,40}", other in "[0-9a-f#-]{1,40}") {
            let bound = before(&key);
            prop_assert!(bound < key);
            if other < key && !key.starts_with(&other) {
                prop_assert!(other <= bound, "{other} {bound}");
            }
        }
    }
}
