//! Places a legal hold: from now on nothing it covers is destroyed, and its custodians are told (R156).

use crate::{
    keeping::{self, HoldView, MATTER, NOTICE},
    work,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, ClientId, HoldId, MemberId, OrganizationId, RecordId, SpaceId,
    chart::Chart,
    client::Client,
    hold::{Hold, HoldCause, HoldError, HoldQuery, HoldScope, check_custodians},
    limits::{HOLD_CUSTODIANS, HOLD_ITEMS, HOLDS, NAME_CHARS, REASON_CHARS},
    member::Member,
    purpose::Purpose,
    record::Record,
    space::Space,
    text::{Line, Prose},
    work::Work,
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{AnyKey, Change, Items, Key, keys};

pub static OPERATION: Operation =
    Operation::post("place_hold", "/holds", Action::PlaceHold, Kind::HoldPlaced)
        .purpose(Purpose::RecordsManagement)
        .summary("Place a legal hold, which keeps what it covers from being destroyed (R156)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    pub cause: HoldCause,
    /// What the matter is called.
    pub matter: Line<NAME_CHARS>,
    /// What custodians are told to keep, and why.
    pub notice: Prose<REASON_CHARS>,
    pub scope: Scope,
    /// Who keeps what is held; they are told, and asked to say that they know.
    pub custodians: BTreeSet<MemberId>,
    /// When somebody has to say that it is still needed: within 366 days.
    pub reaffirm_by: Date,
}

/// What the hold covers: all it names, and all its query matches, records filed later included.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HoldScopeInput")]
pub struct Scope {
    #[serde(default)]
    pub clients: BTreeSet<ClientId>,
    #[serde(default)]
    pub charts: BTreeSet<ChartId>,
    #[serde(default)]
    pub records: Vec<HeldRecord>,
    #[serde(default)]
    pub spaces: BTreeSet<SpaceId>,
    #[serde(default)]
    pub query: Option<HoldQuery>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldRecord {
    pub chart_id: ChartId,
    pub record_id: RecordId,
}

pub async fn handle(call: Call, input: Input) -> Outcome<HoldView> {
    let organization_id = call.organization_id()?;
    let loaded = call.load([]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let Input { cause, matter, notice, scope, custodians, reaffirm_by } = input;
    let today = call.today(&loaded.organization);
    Hold::check_reaffirmation(reaffirm_by, today)?;
    let scope = checked(&call, organization_id, scope, &custodians).await?;
    let standing = call.system.store.standing_holds(organization_id).await?;
    if standing.holds.len() >= HOLDS {
        return Err(HoldError::Full.into());
    }
    let (id, vault) = (call.new_id::<HoldId>(), &call.system.vault);
    let directory = call.directory(&loaded.organization).await?;
    let hold = Hold {
        id,
        organization_id,
        cause,
        matter: directory.seal(vault, MATTER, &id, &matter)?,
        notice: directory.seal(vault, NOTICE, &id, &notice)?,
        scope,
        custodians: custodians.into_iter().map(|member| (member, None)).collect(),
        issued_by: loaded.member.id,
        issued_at: call.now,
        reaffirm_by,
        reaffirmed: Vec::new(),
        released: None,
        revision: 1,
    };
    let change =
        Change::new().insert("hold", &keys::hold(organization_id, id), &hold).holds_change(&standing);
    let change = keeping::tell(&call, change, &hold).await?;
    let fact = Fact::new().hold(id).detail("cause", cause.name()).detail("custodians", hold.custodians.len());
    let view = HoldView::of(&call, &loaded, &permit, &hold).await?;
    let reply = call.commit(&loaded.organization, &permit, change, fact, Reply::with(view)).await?;
    work::hand_over(&call, &Work::Lock { organization_id, hold_id: id, after: None }).await;
    work::hand_over_executing(&call, organization_id).await;
    Ok(reply)
}

/// The scope, everything in which is the organization's own, and so are the custodians.
async fn checked(
    call: &Call,
    organization: OrganizationId,
    scope: Scope,
    custodians: &BTreeSet<MemberId>,
) -> Result<HoldScope, Problem> {
    let Scope { clients, charts, records, spaces, query } = scope;
    if records.len() > HOLD_ITEMS || custodians.len() > HOLD_CUSTODIANS {
        return Err(HoldError::TooMany.into());
    }
    let places: BTreeMap<RecordId, ChartId> =
        records.iter().map(|one| (one.record_id, one.chart_id)).collect();
    let scope = HoldScope { clients, charts, records: places.keys().copied().collect(), spaces, query };
    scope.check()?;
    let found = Found::of(call, organization, &scope, &places, custodians).await?;
    found.must_have_all(organization, &scope, &places)?;
    check_custodians(&found.members(organization, custodians)?.ok_or(HoldError::Custodian)?)?;
    Ok(scope)
}

/// Everything a hold names, as far as it is there.
struct Found(Items);

impl Found {
    async fn of(
        call: &Call,
        organization: OrganizationId,
        scope: &HoldScope,
        places: &BTreeMap<RecordId, ChartId>,
        custodians: &BTreeSet<MemberId>,
    ) -> Result<Self, Problem> {
        let authors = scope.query.iter().flat_map(|query| query.authors.iter());
        let wanted: BTreeSet<AnyKey> = scope
            .named_clients()
            .map(|id| keys::client(id).any())
            .chain(scope.charts.iter().map(|id| keys::chart(*id).any()))
            .chain(places.iter().map(|(record, chart)| keys::record(*chart, *record).closed()))
            .chain(scope.spaces.iter().map(|id| keys::space(*id).any()))
            .chain(custodians.iter().chain(authors).map(|id| keys::member(organization, *id).any()))
            .collect();
        Ok(Self(call.system.store.fetch_all(wanted).await?))
    }

    fn get<T: store::Item>(&self, key: &Key<T>) -> Result<Option<T>, Problem> {
        Ok(self.0.get(key)?)
    }

    /// What belongs to another organization is as absent as what is nobody's.
    fn must_have_all(
        &self,
        organization: OrganizationId,
        scope: &HoldScope,
        places: &BTreeMap<RecordId, ChartId>,
    ) -> Result<(), Problem> {
        let mut there = true;
        for id in scope.named_clients() {
            let client: Option<Client> = self.get(&keys::client(id))?;
            there &= client.is_some_and(|client| client.organization_id == organization);
        }
        for id in &scope.charts {
            let chart: Option<Chart> = self.get(&keys::chart(*id))?;
            there &= chart.is_some_and(|chart| chart.organization_id == organization);
        }
        for (record, chart) in places {
            let record: Option<Record> = self.get(&keys::record(*chart, *record))?;
            there &= record.is_some_and(|record| record.organization_id == organization);
        }
        for id in &scope.spaces {
            let space: Option<Space> = self.get(&keys::space(*id))?;
            there &= space.is_some_and(|space| space.organization_id == organization);
        }
        for id in scope.query.iter().flat_map(|query| query.authors.iter()) {
            there &= self.get(&keys::member(organization, *id))?.is_some();
        }
        if there { Ok(()) } else { Err(HoldError::NotThere.into()) }
    }

    /// All of them, or `None` if one is nobody here.
    fn members(
        &self,
        organization: OrganizationId,
        wanted: &BTreeSet<MemberId>,
    ) -> Result<Option<Vec<Member>>, Problem> {
        let members = wanted.iter().map(|id| self.get(&keys::member(organization, *id)));
        Ok(members.collect::<Result<Vec<_>, _>>()?.into_iter().collect())
    }
}
