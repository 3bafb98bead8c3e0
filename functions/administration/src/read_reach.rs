//! What can this member see? Their permissions on each type of record, the charts they own, those that are shared with
//! them and those they kept a copy of, each with what decides it; and how many sessions and spaces (R052).
//!
//! Every answer is the authorizer's. A confidential chart is counted, and nothing else is said of it (P-33); sessions and
//! spaces are counted, as they are their members' own.

use crate::{
    Nothing,
    abilities::Inquiry,
    charts::{self, Found},
    parts::{self, Parts, Tally},
    role::RoleView,
};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Decision, Resource, reason};
use domain::{
    ChartId, MemberId, TeamId,
    chart::Chart,
    confidentiality::Confidentiality,
    member::{Member, MemberStatus, Role, Verb},
    purpose::Purpose,
    record::RecordType,
    sharing::{AccessType, Grant, Grantee, last_day_of},
};
use evidence::Kind;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::keys;

pub static OPERATION: Operation =
    Operation::get("read_reach", "/members/{member_id}/reach", Action::ReadReach, Kind::ReachRead)
        .purpose(Purpose::Administration)
        .summary("What can this member see, and why? (R052)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    member_id: MemberId,
    name: String,
    status: MemberStatus,
    roles: BTreeSet<Role>,
    /// The named role that gives them their permissions, if they have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleView>,
    /// Each verb on each type of record, in a chart of their own.
    matrix: Vec<MatrixRow>,
    owned: OwnedCharts,
    shared: SharedCharts,
    copies: CopiedCharts,
    /// The sessions they facilitate, counted by what decides whether they see them.
    sessions: Vec<Tally>,
    /// The same of the sessions of others that are held at the organization as their center.
    center_sessions: Vec<Tally>,
    /// The same of the spaces they are in.
    spaces: Vec<Tally>,
    /// How many people they stand for, themselves among them, and so see what is meant for these (R066).
    stands_for: usize,
    /// Whether they have so many of these that not all could be counted.
    more: bool,
}

/// What was decided, and by what.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Verdict {
    allowed: bool,
    policies: Vec<String>,
    /// The same in plain sentences.
    reason: String,
}

impl From<Decision> for Verdict {
    fn from(decision: Decision) -> Self {
        let reason = reason::sentences(&decision.policies);
        Self { allowed: decision.allowed, policies: decision.policies, reason }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct MatrixRow {
    #[serde(rename = "type")]
    record: RecordType,
    verb: Verb,
    #[serde(flatten)]
    verdict: Verdict,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct OwnedCharts {
    count: usize,
    /// How many of them are confidential; these are not among `charts`.
    confidential: usize,
    charts: Vec<OwnedChart>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct OwnedChart {
    chart_id: ChartId,
    #[serde(flatten)]
    verdict: Verdict,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct SharedCharts {
    count: usize,
    /// How many of them are confidential; these are not among `charts`.
    confidential: usize,
    charts: Vec<SharedChart>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct SharedChart {
    chart_id: ChartId,
    owner: MemberId,
    /// By which grants it is shared with them.
    grants: Vec<ReachGrant>,
    #[serde(flatten)]
    verdict: Verdict,
}

/// Charts they handed over and kept a copy of (P-45).
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct CopiedCharts {
    count: usize,
    /// How many of them are confidential; these are not among `charts`.
    confidential: usize,
    charts: Vec<CopiedChart>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct CopiedChart {
    chart_id: ChartId,
    owner: MemberId,
    /// When they handed it over: they see it as it was then.
    copied_at: Timestamp,
    #[serde(flatten)]
    verdict: Verdict,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ReachGrant {
    access: AccessType,
    /// The team through which they have it; nothing if it is shared with them themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    team_id: Option<TeamId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    /// The last day of it where the organization is; absent when it has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<Date>,
    /// From then on it gives nothing, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let key = keys::member(call.organization_id()?, call.path("member_id")?);
    let loaded = call.load([key.any()]).await?;
    let member = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Member(&member))?;
    let member = loaded.organization.seat(member);
    let Found { owned, shared, copied, teams, more } = charts::of_member(&call, &member).await?;
    let parts = parts::of_member(&call, &loaded, &member).await?;
    let owned = self::owned(&call, &loaded, &member, &owned)?;
    let shared = self::shared(&call, &loaded, &member, &shared, &teams)?;
    let copies = self::copies(&call, &loaded, &member, &copied)?;
    let fact = Fact::new().member(member.id).detail("owned", owned.count).detail("shared", shared.count);
    call.witness(&permit, fact.detail("copies", copies.count)).await?;
    let Parts { facilitated, at_center, spaces, more: more_parts } = parts;
    let role = member.role_id.and_then(|id| RoleView::of(&loaded.organization, id).ok());
    Ok(Reply::with(Output {
        member_id: member.id,
        matrix: matrix(&call, &member)?,
        owned,
        shared,
        copies,
        sessions: facilitated,
        center_sessions: at_center,
        spaces,
        stands_for: member.stands_for(call.now).count(),
        more: more || more_parts,
        role,
        name: member.name.into(),
        status: member.status,
        roles: member.roles,
    }))
}

fn matrix(call: &Call, member: &Member) -> Result<Vec<MatrixRow>, Problem> {
    let inquiry = Inquiry::new(&call.system.authorizer, call.now, member)?;
    let cells = RecordType::ALL.into_iter().flat_map(|record| Verb::ALL.map(|verb| (record, verb)));
    let row = |(record, verb)| -> Result<MatrixRow, Problem> {
        let verdict = inquiry.verdict(member, record, verb)?.into();
        Ok(MatrixRow { record, verb, verdict })
    };
    cells.map(row).collect()
}

/// Whether and why they may see what is in a chart.
fn sees(call: &Call, loaded: &Loaded, member: &Member, chart: &Chart) -> Result<Verdict, Problem> {
    call.decide(loaded, member, Action::ReadChart, Resource::Chart(chart)).map(Verdict::from)
}

fn owned(call: &Call, loaded: &Loaded, member: &Member, charts: &[Chart]) -> Result<OwnedCharts, Problem> {
    let mut owned = OwnedCharts::default();
    for chart in charts.iter().filter(|chart| chart.owner == member.id) {
        owned.count += 1;
        if chart.confidentiality() == Confidentiality::Confidential {
            owned.confidential += 1;
            continue;
        }
        let verdict = sees(call, loaded, member, chart)?;
        owned.charts.push(OwnedChart { chart_id: chart.id, verdict });
    }
    Ok(owned)
}

fn shared(
    call: &Call,
    loaded: &Loaded,
    member: &Member,
    charts: &[Chart],
    teams: &BTreeMap<TeamId, String>,
) -> Result<SharedCharts, Problem> {
    let mut shared = SharedCharts::default();
    let zone = loaded.organization.policy.time_zone.zone();
    for chart in charts.iter().filter(|chart| chart.owner != member.id) {
        let live: Vec<&Grant> = chart.grants.live_for(member, call.now).collect();
        if live.is_empty() {
            continue;
        }
        shared.count += 1;
        if chart.confidentiality() == Confidentiality::Confidential {
            shared.confidential += 1;
            continue;
        }
        shared.charts.push(SharedChart {
            chart_id: chart.id,
            owner: chart.owner,
            grants: live.into_iter().map(|grant| grant_view(grant, teams, &zone)).collect(),
            verdict: sees(call, loaded, member, chart)?,
        });
    }
    Ok(shared)
}

fn copies(call: &Call, loaded: &Loaded, member: &Member, charts: &[Chart]) -> Result<CopiedCharts, Problem> {
    let mut copies = CopiedCharts::default();
    for chart in charts {
        // What was shared with them since is among what is shared.
        let Some(copied_at) = chart.read_only_copy_until(member, call.now) else { continue };
        copies.count += 1;
        if chart.confidentiality() == Confidentiality::Confidential {
            copies.confidential += 1;
            continue;
        }
        let verdict = sees(call, loaded, member, chart)?;
        copies.charts.push(CopiedChart { chart_id: chart.id, owner: chart.owner, copied_at, verdict });
    }
    Ok(copies)
}

fn grant_view(grant: &Grant, teams: &BTreeMap<TeamId, String>, zone: &TimeZone) -> ReachGrant {
    let team_id = match grant.grantee {
        Grantee::Team(id) => Some(id),
        Grantee::Member(_) => None,
    };
    let team = team_id.and_then(|id| teams.get(&id).cloned());
    let expires_on = grant.expires_at.map(|end| last_day_of(end, zone));
    ReachGrant { access: grant.access, team_id, team, expires_on, expires_at: grant.expires_at }
}
