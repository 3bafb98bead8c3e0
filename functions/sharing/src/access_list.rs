//! A chart's access list as people are shown it, and what every change of it does: it is a change of the chart, and
//! whom it concerns is told (P-02, P-08, P-10).

use api::{Call, Fact, Loaded, Names, Problem};
use authz::{Action, Resource};
use domain::{
    ConsentId, MemberId, TeamId,
    chart::Chart,
    notice::{Notice, NoticeReason},
    organization::Organization,
    sharing::{AccessType, Grant, Grantee, end_of, last_day_of},
    team::Team,
};
use futures_util::TryFutureExt;
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use store::{Change, Key, keys};

/// With whom a chart is shared, and how.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GrantView {
    pub grantee: Grantee,
    /// Of the member or the team, if the reader may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub access: AccessType,
    pub granted_by: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted_by_name: Option<String>,
    /// Server time, UTC.
    pub granted_at: Timestamp,
    /// The last day of it where the organization is; absent when it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<Date>,
    /// From then on it gives nothing, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The client's permission on which it stands, if it was made with their circle of care.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_id: Option<ConsentId>,
}

impl GrantView {
    pub(crate) fn new(grant: &Grant, called: &Called, organization: &Organization) -> Self {
        Self {
            grantee: grant.grantee,
            name: called.grantee(grant.grantee),
            access: grant.access,
            granted_by: grant.granted_by,
            granted_by_name: called.members.member(grant.granted_by).map(str::to_owned),
            granted_at: grant.granted_at,
            expires_on: grant.expires_at.map(|end| last_day(end, organization)),
            expires_at: grant.expires_at,
            consent_id: grant.consent_id,
        }
    }
}

/// The day that ends where a share does.
fn last_day(end: Timestamp, organization: &Organization) -> Date {
    last_day_of(end, &organization.policy.time_zone.zone())
}

/// What those in an access list are called, for one reader.
#[derive(Debug, Default)]
pub(crate) struct Called {
    members: Names,
    teams: BTreeMap<TeamId, String>,
}

impl Called {
    fn grantee(&self, grantee: Grantee) -> Option<String> {
        match grantee {
            Grantee::Member(id) => self.members.member(id).map(str::to_owned),
            Grantee::Team(id) => self.teams.get(&id).cloned(),
        }
    }
}

/// Looks up what those in the access list are called. A team that was dissolved has no name any more.
pub(crate) async fn called(call: &Call, loaded: &Loaded, grants: &[Grant]) -> Result<Called, Problem> {
    let organization_id = loaded.organization.id;
    let may_know_teams = call.may(loaded, Action::ListTeams, Resource::Organization(organization_id))?;
    let (mut members, mut team_keys) = (Vec::new(), Vec::new());
    for grant in grants {
        members.push(grant.granted_by);
        match grant.grantee {
            Grantee::Member(id) => members.push(id),
            Grantee::Team(id) if may_know_teams => team_keys.push(keys::team(organization_id, id)),
            Grantee::Team(_) => {}
        }
    }
    let teams = call.system.store.fetch(team_keys.iter().map(Key::any)).err_into::<Problem>();
    let (members, items) = tokio::try_join!(call.names(loaded, members, []), teams)?;
    let mut called = Called { members, teams: BTreeMap::new() };
    for key in &team_keys {
        let team: Option<Team> = items.get(key)?;
        called.teams.extend(team.map(|team| (team.id, team.name.into())));
    }
    Ok(called)
}

/// When a share of these terms ends.
pub(crate) fn expiry(
    expires_on: Option<Date>,
    organization: &Organization,
) -> Result<Option<Timestamp>, Problem> {
    let zone = organization.policy.time_zone.zone();
    Ok(expires_on.map(|last_day| end_of(last_day, &zone)).transpose()?)
}

/// The row the path names, as long as it gives anything.
pub(crate) fn row(call: &Call, chart: &Chart) -> Result<Grant, Problem> {
    let grantee_id: MemberId = call.path("grantee_id")?;
    let row = chart.grants.by_id(grantee_id.uuid()).filter(|grant| grant.is_live(call.now));
    row.cloned().ok_or_else(Problem::not_found)
}

/// The caller decided on what the access list is now, and it is not settled elsewhere just then (R055, P-47).
pub(crate) fn must_be_free(chart: &Chart, expected_revision: u64) -> Result<(), Problem> {
    Problem::unless_current(chart.revision, expected_revision)?;
    Ok(chart.must_not_be_offered()?)
}

/// Those whom a change of what a grantee has is news to: the member, or everybody in the team. For the owner nothing
/// changes, and who does it knows.
pub(crate) async fn hearers(call: &Call, chart: &Chart, grantee: Grantee) -> Result<Vec<MemberId>, Problem> {
    let members = match grantee {
        Grantee::Member(id) => vec![id],
        Grantee::Team(id) => call.system.store.team_members(chart.organization_id, id).await?,
    };
    let own = call.member_id()?;
    Ok(members.into_iter().filter(|id| *id != own && *id != chart.owner).collect())
}

/// The chart with its access list changed, and a notice to each who hears of it.
pub(crate) fn changed(call: &Call, chart: &Chart, hearers: &[MemberId], reason: NoticeReason) -> Change {
    hearers.iter().fold(Change::new().replace_chart(chart), |change, member_id| {
        change.notify(&notice(call, chart, *member_id, reason))
    })
}

pub(crate) fn notice(call: &Call, chart: &Chart, member_id: MemberId, reason: NoticeReason) -> Notice {
    Notice {
        by: call.member_id().ok(),
        chart_id: Some(chart.id),
        ..Notice::new(call.new_id(), chart.organization_id, member_id, reason, call.now)
    }
}

/// What evidence says of a row: whose, and on what terms.
pub(crate) fn fact(chart: &Chart, grant: &Grant, organization: &Organization) -> Fact {
    let fact = of_grantee(chart, grant.grantee).detail("access", grant.access.name());
    match grant.expires_at {
        Some(end) => fact.detail("expires_on", last_day(end, organization)),
        None => fact,
    }
}

pub(crate) fn of_grantee(chart: &Chart, grantee: Grantee) -> Fact {
    let fact = Fact::new().client(chart.client_id).chart(chart.id);
    match grantee {
        Grantee::Member(id) => fact.member(id),
        Grantee::Team(id) => fact.team(id),
    }
}
