//! A call: one request on its way through a handler.

use crate::{Caller, Identity, Operation, Problem, System};
use authz::{Action, Decision, Grounds, Permit, Resource};
use domain::{
    ChartId, ClientId, ConsentId, ContributionId, DispositionId, FacilitationId, HoldId, LinkId, LocationId,
    MemberId, OrganizationId, ParticipantId, RecordId, RoleId, SessionId, SpaceId, SpaceItemId, TeamId,
    TransferId, UploadId,
    member::Member,
    organization::Organization,
    purpose::Purpose,
    upload::{Destination, Home, Upload},
};
use evidence::{Actor, Evidence, Outcome, Subjects};
use jiff::{Timestamp, civil::Date};
use std::{collections::BTreeMap, fmt::Display, str::FromStr, sync::Arc};
use store::{AnyKey, Item, Items, Key, Pass, keys};
use uuid::Uuid;
use vault::DirectoryKey;

/// One request on its way through a handler.
#[derive(Clone)]
pub struct Call {
    pub system: Arc<System>,
    pub operation: &'static Operation,
    pub caller: Caller,
    /// The time of the call: every time it writes is this one.
    pub now: Timestamp,
    pub(crate) path: BTreeMap<String, String>,
    /// Hexadecimal SHA-256 of the request as it came.
    pub(crate) request_sha256: String,
    pub(crate) member: Option<(OrganizationId, MemberId)>,
    pub(crate) pass: Option<Pass>,
}

/// What a handler has loaded: the member and the organization, always, and what it asked for.
#[derive(Debug)]
pub struct Loaded {
    pub member: Member,
    pub organization: Organization,
    items: Items,
}

impl Loaded {
    /// The item, if there is one.
    pub fn get<T: Item>(&self, key: &Key<T>) -> Result<Option<T>, Problem> {
        Ok(self.items.get(key)?)
    }

    /// The item, or 404.
    pub fn require<T: Item>(&self, key: &Key<T>) -> Result<T, Problem> {
        self.get(key)?.ok_or_else(Problem::not_found)
    }
}

/// What evidence says beyond who, when and from where.
#[derive(Clone, Debug, Default)]
pub struct Fact {
    pub(crate) subjects: Subjects,
    pub(crate) details: BTreeMap<String, String>,
}

macro_rules! subject {
    ($($name:ident: $id:ty),+) => {
        impl Fact {
            pub fn new() -> Self {
                Self::default()
            }

            $(#[must_use]
            pub fn $name(mut self, id: $id) -> Self {
                self.subjects = self.subjects.$name(id);
                self
            })+

            /// A code or number; never text typed by people.
            #[must_use]
            pub fn detail(mut self, name: &str, value: impl Display) -> Self {
                self.details.insert(name.to_owned(), value.to_string());
                self
            }
        }
    };
}

subject!(
    client: ClientId,
    chart: ChartId,
    record: RecordId,
    member: MemberId,
    location: LocationId,
    upload: UploadId,
    link: LinkId,
    contribution: ContributionId,
    team: TeamId,
    transfer: TransferId,
    consent: ConsentId,
    role: RoleId,
    space: SpaceId,
    space_item: SpaceItemId,
    facilitation: FacilitationId,
    participant: ParticipantId,
    hold: HoldId,
    disposition: DispositionId
);

impl Fact {
    /// An upload and what it becomes, though that may be yet to come: its trail begins with its upload.
    pub fn of_upload(upload: &Upload) -> Self {
        let fact = Self::new().upload(upload.id);
        let fact = match upload.home {
            Home::Chart { chart_id, client_id } => fact.client(client_id).chart(chart_id),
            Home::Space { space_id } => fact.space(space_id),
        };
        match upload.destination {
            Destination::Record { record_id, .. } | Destination::Version { record_id } => {
                fact.record(record_id)
            }
            Destination::Contribution { contribution_id, link_id } => {
                fact.contribution(contribution_id).link(link_id)
            }
            Destination::SpaceItem { item_id } => fact.space_item(item_id),
        }
    }
}

impl Call {
    /// The organization the caller acts in.
    pub fn organization_id(&self) -> Result<OrganizationId, Problem> {
        self.member.map(|(organization, _)| organization).ok_or_else(no_membership)
    }

    /// The member the caller is.
    pub fn member_id(&self) -> Result<MemberId, Problem> {
        self.member.map(|(_, member)| member).ok_or_else(no_membership)
    }

    /// The person the identity provider vouches for.
    pub fn identity(&self) -> Result<&Identity, Problem> {
        self.caller.identity.as_ref().ok_or_else(|| Problem::unauthenticated("sign in first"))
    }

    /// A part of the path, parsed; what is not an id cannot be found.
    pub fn path<T: FromStr>(&self, name: &str) -> Result<T, Problem> {
        let text =
            self.path.get(name).ok_or_else(|| Problem::internal(format!("no `{name}` in the path")))?;
        text.parse().map_err(|_| Problem::not_found())
    }

    /// A new id; ids sort by the times of the calls that made them.
    pub fn new_id<Id: From<Uuid>>(&self) -> Id {
        Id::from(self.system.new_uuid(self.now))
    }

    /// The caller's memberships have changed: they are looked up anew.
    pub fn forget_memberships(&self) {
        if let Some(identity) = &self.caller.identity {
            self.system.memberships().forget(&identity.digest);
        }
    }

    /// Today, where the organization is.
    pub fn today(&self, organization: &Organization) -> Date {
        self.now.to_zoned(organization.policy.time_zone.zone()).date()
    }

    /// Reads the member, the organization and everything else a decision needs, in one round trip.
    pub async fn load(&self, wanted: impl IntoIterator<Item = AnyKey>) -> Result<Loaded, Problem> {
        let (organization_id, member_id) = self.member.ok_or_else(no_membership)?;
        let own = (keys::organization(organization_id), keys::member(organization_id, member_id));
        let wanted = wanted.into_iter().chain([own.0.any(), own.1.any()]);
        let items = self.system.store.fetch(wanted).await?;
        let organization = items.get(&own.0)?.ok_or_else(no_membership)?;
        let member: Member = items.get(&own.1)?.ok_or_else(no_membership)?;
        // INVARIANT: the member is the identity that called, however the cache came to know them.
        let identity = self.caller.identity.as_ref().map(|identity| identity.digest.as_str());
        if member.identity.as_deref() != identity {
            return Err(no_membership());
        }
        // Whatever role they have says today what they may do today.
        let member = organization.seat(member);
        Ok(Loaded { member, organization, items })
    }

    /// A permit for this call's action on a resource, or a denial that leaves evidence.
    pub fn permit(&self, loaded: &Loaded, resource: Resource<'_>) -> Result<Permit, Problem> {
        let (authorizer, action) = (&self.system.authorizer, self.operation.action);
        authorizer.permit(&loaded.member, action, resource, self.now).map_err(Problem::from)
    }

    /// Whether the caller may do something else too: what a list leaves out, what an answer may add.
    pub fn may(&self, loaded: &Loaded, action: Action, resource: Resource<'_>) -> Result<bool, Problem> {
        Ok(self.decide(loaded, &loaded.member, action, resource)?.allowed)
    }

    /// What the policies say of any member of the organization at the time of the call, with the permissions of
    /// the role they have now.
    pub fn decide(
        &self,
        loaded: &Loaded,
        member: &Member,
        action: Action,
        resource: Resource<'_>,
    ) -> Result<Decision, Problem> {
        let member = loaded.organization.seat(member.clone());
        Ok(self.system.authorizer.decide(&member, action, resource, self.now)?)
    }

    /// The key of the organization's directory.
    pub async fn directory(&self, organization: &Organization) -> Result<DirectoryKey, Problem> {
        Ok(self.system.vault.directory_key(organization.id, &organization.directory_key).await?)
    }

    /// The evidence of this call.
    pub fn evidence(&self, permit: &Permit, fact: Fact) -> Evidence {
        let session_id = self.caller.identity.as_ref().and_then(|identity| identity.session_id);
        let mut details = fact.details;
        // INVARIANT: whatever is opened in escrow names the escrow, whoever writes the operation.
        details.extend(permit.escrow().map(|escrow| ("escrow_id".to_owned(), escrow.to_string())));
        let said = self.caller.purpose.unwrap_or(self.operation.purpose);
        let purpose = permit.escrow().map_or(said, |_| Purpose::Legal);
        Evidence {
            id: self.new_id(),
            organization_id: permit.organization_id(),
            at: self.now,
            kind: self.operation.evidence,
            outcome: Outcome::Succeeded,
            actor: actor(permit, session_id),
            subjects: fact.subjects,
            purpose,
            source: self.caller.source.clone(),
            policies: permit.policies().to_vec(),
            details,
        }
    }

    /// Leaves evidence of a read before the data goes out (R131).
    pub async fn witness(&self, permit: &Permit, fact: Fact) -> Result<(), Problem> {
        let evidence = self.evidence(permit, fact);
        Ok(self.system.store.witness(&evidence).await?)
    }
}

/// Who acts on a permit.
pub(crate) fn actor(permit: &Permit, session_id: Option<SessionId>) -> Actor {
    match permit.grounds() {
        Grounds::Member(member_id) => Actor::Member { member_id: *member_id, session_id },
        Grounds::Link(link_id) => Actor::IntakeLink { link_id: *link_id },
        Grounds::Function(name) => Actor::Function { name: (*name).to_owned() },
    }
}

/// The caller is nobody here, or not yet.
pub(crate) fn no_membership() -> Problem {
    Problem::new(
        403,
        "no_membership",
        "you are not a member of this organization; if you were invited, begin a session first",
    )
}
