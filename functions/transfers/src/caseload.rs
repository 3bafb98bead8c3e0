//! Which charts somebody has: counted by their entries alone, which say nothing of what is in them (P-33, P-35).

use api::{Call, Problem};
use domain::{
    MemberId,
    member::{Member, MemberStatus, Role},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::ChartEntry;

/// Entries that are read at a time: a thousand of them are a fraction of what one query gives.
const ENTRIES: u32 = 1_000;

/// A practitioner, and how much they have in their hands: numbers, and nothing else.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CaseloadView {
    pub member_id: MemberId,
    pub name: String,
    pub email: String,
    pub roles: BTreeSet<Role>,
    /// Whoever has left keeps their charts until somebody takes them over (P-48).
    pub status: MemberStatus,
    /// Charts that are institutional, in whole or in part.
    pub charts: usize,
    /// Charts that are confidential: their number is all that is told (P-33).
    pub confidential_charts: usize,
    /// Charts of theirs that are offered to somebody.
    pub transfers: usize,
}

impl CaseloadView {
    pub(crate) fn new(member: &Member, entries: &[ChartEntry], transfers: usize) -> Self {
        let confidential_charts = entries.iter().filter(|entry| entry.confidential).count();
        Self {
            member_id: member.id,
            name: member.name.to_string(),
            email: member.email.as_str().to_owned(),
            roles: member.roles.clone(),
            status: member.status,
            charts: entries.len().saturating_sub(confidential_charts),
            confidential_charts,
            transfers,
        }
    }
}

/// The entries of every chart a member owns, in the order they were opened.
pub(crate) async fn entries(call: &Call, owner: MemberId) -> Result<Vec<ChartEntry>, Problem> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = call.system.store.owned(call.organization_id()?, owner, after.as_deref(), ENTRIES).await?;
        found.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(found),
        }
    }
}

/// How many charts of a member are offered to somebody.
pub(crate) async fn transfers(call: &Call, owner: MemberId) -> Result<usize, Problem> {
    let (mut count, mut after) = (0_usize, None::<String>);
    loop {
        let (store, organization) = (&call.system.store, call.organization_id()?);
        let page = store.transfers(organization, Some(owner), after.as_deref(), ENTRIES).await?;
        let theirs = page.items.iter().filter(|entry| entry.from == owner).count();
        count = count.saturating_add(theirs);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(count),
        }
    }
}
