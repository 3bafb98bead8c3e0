//! Who can open something, and why: every member is asked about in turn, by the one authorizer that decides their
//! calls too (R052).

use api::{Call, Cursor, Loaded, Problem};
use authz::{Decision, reason};
use domain::{
    MemberId, TeamId,
    chart::Chart,
    limits::{PAGE_ITEMS, READER_CANDIDATES},
    member::Member,
    sharing::{Grantee, Relation},
};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Page, keys};

/// A member, and what is decided of them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReaderView {
    pub member_id: MemberId,
    /// If the reader may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they are to the chart; absent when they are nothing to it, as its client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<Relation>,
    /// The teams through which it is shared with them.
    pub teams: Vec<TeamId>,
    /// The policies that decide.
    pub policies: Vec<String>,
    /// The same in plain words.
    pub reason: String,
}

/// A member whom the list tells of.
pub(crate) struct Reader {
    member_id: MemberId,
    relation: Option<Relation>,
    teams: Vec<TeamId>,
    pub(crate) decision: Decision,
}

impl Reader {
    pub(crate) fn new(call: &Call, chart: &Chart, member: &Member, decision: Decision) -> Self {
        let teams = chart.grants.live_for(member, call.now).filter_map(|grant| match grant.grantee {
            Grantee::Member(_) => None,
            Grantee::Team(id) => Some(id),
        });
        Self {
            member_id: member.id,
            relation: chart.relation(member, call.now),
            teams: teams.collect(),
            decision,
        }
    }
}

/// Goes over the members, beginning with a page that was read already, until `limit` of them are found or enough were
/// asked about; says where to go on.
pub(crate) async fn found(
    call: &Call,
    first: Page<Member>,
    limit: u32,
    question: impl Fn(&Member) -> Result<Option<Reader>, Problem>,
) -> Result<(Vec<Reader>, Option<Cursor>), Problem> {
    let organization_id = call.organization_id()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut readers, mut asked, mut page) = (Vec::new(), 0_usize, first);
    let rest = loop {
        asked = asked.saturating_add(page.items.len());
        for member in &page.items {
            readers.extend(question(member)?);
        }
        match page.next {
            // One more than the page holds, to know whether there is a next one.
            Some(after) if readers.len() <= limit && asked < READER_CANDIDATES => {
                page = call.system.store.members(organization_id, Some(&after), PAGE_ITEMS).await?;
            }
            next => break next,
        }
    };
    if readers.len() <= limit {
        return Ok((readers, rest.as_deref().map(Cursor::new)));
    }
    readers.truncate(limit);
    let last = readers.last().map(|reader| keys::member(organization_id, reader.member_id));
    Ok((readers, last.map(|key| Cursor::new(key.sort()))))
}

/// What is shown of them.
pub(crate) async fn views(
    call: &Call,
    loaded: &Loaded,
    readers: Vec<Reader>,
) -> Result<Vec<ReaderView>, Problem> {
    let names = call.names(loaded, readers.iter().map(|reader| reader.member_id), []).await?;
    let view = |reader: Reader| ReaderView {
        member_id: reader.member_id,
        name: names.member(reader.member_id).map(str::to_owned),
        relation: reader.relation,
        teams: reader.teams,
        reason: reason::sentences(&reader.decision.policies),
        policies: reader.decision.policies,
    };
    Ok(readers.into_iter().map(view).collect())
}
