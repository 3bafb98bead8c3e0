//! A member of an organization, and what the organization lets them do: the first half of the two-fold
//! permission (R050, R051).

use crate::{
    ChangeId, ClientId, ConsentId, MemberId, OrganizationId, RoleId, TeamId, limits::NAME_CHARS,
    record::RecordType, text::Line,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A user of an organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Member {
    pub id: MemberId,
    pub organization_id: OrganizationId,
    pub name: Line<NAME_CHARS>,
    pub email: Email,
    pub roles: BTreeSet<Role>,
    pub permissions: Permissions,
    /// The named role whose permissions they have instead of their own (R052).
    #[serde(default)]
    pub role_id: Option<RoleId>,
    /// The permissions of that role, as `Organization::seat` found them: never kept with the member.
    #[serde(skip)]
    pub(crate) seat: Option<Permissions>,
    /// The last change of what they may do (R052).
    #[serde(default)]
    pub change_id: Option<ChangeId>,
    /// Only administrators put people in teams (P-12).
    #[serde(default)]
    pub teams: BTreeSet<TeamId>,
    /// Whom a member with the role `client` stands for: themselves, or somebody they care for (R066).
    #[serde(default)]
    pub represents: BTreeMap<ClientId, Representation>,
    pub status: MemberStatus,
    /// Who this is to the identity provider: a digest of issuer and subject, set at the first sign-in.
    pub identity: Option<String>,
    pub created_at: Timestamp,
    pub revision: u64,
}

/// What a member is in the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Members, roles, vocabulary, policies; never the content of a record.
    Administrator,
    /// Owns charts and keeps their records.
    Practitioner,
    /// Front desk and records room: registers clients and handles folders.
    Staff,
    /// Hands charts from one practitioner to another, and never sees what is in them (P-35, P-51).
    Coordinator,
    /// Keeps the schedule of retention, holds, dispositions and the inventory; never sees what is in a record (R150).
    RecordsManager,
    /// Reads the audit trail and nothing else.
    Auditor,
    /// The person the records are about, with an account of their own.
    Client,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::Administrator,
        Self::Practitioner,
        Self::Staff,
        Self::Coordinator,
        Self::RecordsManager,
        Self::Auditor,
        Self::Client,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Practitioner => "practitioner",
            Self::Staff => "staff",
            Self::Coordinator => "coordinator",
            Self::RecordsManager => "records_manager",
            Self::Auditor => "auditor",
            Self::Client => "client",
        }
    }
}

/// That a person may see what is meant for a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representation {
    pub relationship: Relationship,
    /// The client's permission, or the proof of the relationship (R066); none is needed for oneself.
    pub consent_id: Option<ConsentId>,
    pub expires_at: Option<Timestamp>,
    /// That the client is a child, for whom others have permitted it: it ends when the child is of age, and what a
    /// minor may have come for alone is not part of it.
    #[serde(default)]
    pub of_child: bool,
    /// Read by `Relationship::scope`.
    #[serde(default)]
    pub scope: ProxyScope,
}

/// How far somebody stands for a client (R066).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProxyScope {
    /// They see what is meant for the client.
    #[default]
    Read,
    /// They fill in the client's surveys and forms in sessions, too.
    ReadAndAnswer,
}

impl ProxyScope {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadAndAnswer => "read_and_answer",
        }
    }
}

/// Who somebody is to a client (R066).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relationship {
    Oneself,
    Parent,
    Guardian,
    Partner,
    Child,
    Caregiver,
    /// By power of attorney or order of a court.
    LegalRepresentative,
}

impl Relationship {
    /// How far they stand for the client, given what they were appointed for: the client answers for themselves.
    pub const fn scope(self, appointed: ProxyScope) -> ProxyScope {
        match self {
            Self::Oneself => ProxyScope::ReadAndAnswer,
            _ => appointed,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Oneself => "oneself",
            Self::Parent => "parent",
            Self::Guardian => "guardian",
            Self::Partner => "partner",
            Self::Child => "child",
            Self::Caregiver => "caregiver",
            Self::LegalRepresentative => "legal_representative",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// Added by an administrator; has not signed in yet.
    Invited,
    Active,
    /// Has nothing until restored (P-48).
    Suspended,
}

/// The four things a permission can limit (R051).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Access,
    Add,
    Edit,
    Delete,
}

impl Verb {
    pub const ALL: [Self; 4] = [Self::Access, Self::Add, Self::Edit, Self::Delete];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Add => "add",
            Self::Edit => "edit",
            Self::Delete => "delete",
        }
    }
}

/// Any of the four verbs.
pub type Verbs = BTreeSet<Verb>;

/// The user-level permission: which verbs a member has on which type of record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Permissions(BTreeMap<RecordType, Verbs>);

impl Permissions {
    pub fn new(verbs: impl IntoIterator<Item = (RecordType, Verbs)>) -> Self {
        Self(verbs.into_iter().collect())
    }

    pub fn allows(&self, record: RecordType, verb: Verb) -> bool {
        self.0.get(&record).is_some_and(|verbs| verbs.contains(&verb))
    }

    /// Whether any type of record is allowed the verb: what a chart as a whole asks.
    pub fn allows_any(&self, verb: Verb) -> bool {
        self.0.values().any(|verbs| verbs.contains(&verb))
    }

    /// What a new member of these roles starts with; an administrator may change it for each member.
    pub fn starting(roles: &BTreeSet<Role>) -> Self {
        if roles.contains(&Role::Practitioner) {
            Self::new(RecordType::ALL.map(|record| (record, Verb::ALL.into())))
        } else if roles.contains(&Role::Staff) || roles.contains(&Role::RecordsManager) {
            Self::new([(RecordType::Physical, [Verb::Access, Verb::Add, Verb::Edit].into())])
        } else {
            Self::default()
        }
    }
}

/// An e-mail address: enough of a check to catch a slip, not a judgement on what mail systems accept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an e-mail address")]
pub struct EmailError(String);

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two addresses are compared.
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Email({} bytes)", self.0.len())
    }
}

impl TryFrom<String> for Email {
    type Error = EmailError;

    fn try_from(raw: String) -> Result<Self, EmailError> {
        let trimmed = raw.trim();
        let sound = trimmed.len() <= 254
            && trimmed.split_once('@').is_some_and(|(local, host)| {
                !local.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
            })
            && !trimmed.contains(|c: char| c.is_whitespace() || c.is_control())
            && trimmed.matches('@').count() == 1;
        if sound { Ok(Self(trimmed.to_owned())) } else { Err(EmailError(raw.chars().take(64).collect())) }
    }
}

impl From<Email> for String {
    fn from(email: Email) -> String {
        email.0
    }
}

/// Why a member's place cannot be changed so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MemberError {
    #[error("a member needs at least one role")]
    NoRole,
    #[error("a member with the role `client` has no other role")]
    ClientAlone,
    #[error("an administrator cannot suspend or demote themselves")]
    Oneself,
    #[error("the member is suspended already")]
    Suspended,
    #[error("the member is not suspended")]
    NotSuspended,
}

/// Checks a set of roles.
pub fn check_roles(roles: &BTreeSet<Role>) -> Result<(), MemberError> {
    if roles.is_empty() {
        Err(MemberError::NoRole)
    } else if roles.contains(&Role::Client) && roles.len() > 1 {
        Err(MemberError::ClientAlone)
    } else {
        Ok(())
    }
}

impl Member {
    /// The first member of a new organization: its administrator, signed in already.
    pub fn founder(
        id: MemberId,
        organization_id: OrganizationId,
        name: Line<NAME_CHARS>,
        email: Email,
        identity: String,
        now: Timestamp,
    ) -> Self {
        let roles = BTreeSet::from([Role::Administrator]);
        Self {
            identity: Some(identity),
            status: MemberStatus::Active,
            ..Self::invite(id, organization_id, name, email, roles, now)
        }
    }

    /// A member an administrator adds, who becomes active at their first sign-in.
    pub fn invite(
        id: MemberId,
        organization_id: OrganizationId,
        name: Line<NAME_CHARS>,
        email: Email,
        roles: BTreeSet<Role>,
        now: Timestamp,
    ) -> Self {
        let permissions = Permissions::starting(&roles);
        Self {
            id,
            organization_id,
            name,
            email,
            roles,
            permissions,
            role_id: None,
            seat: None,
            change_id: None,
            teams: BTreeSet::new(),
            represents: BTreeMap::new(),
            status: MemberStatus::Invited,
            identity: None,
            created_at: now,
            revision: 1,
        }
    }

    /// The clients they stand for at a moment.
    pub fn stands_for(&self, now: Timestamp) -> impl Iterator<Item = ClientId> + '_ {
        // Whoever is given another role stands for nobody.
        let is_client = self.roles.contains(&Role::Client);
        let live = move |end: Option<Timestamp>| is_client && end.is_none_or(|end| now < end);
        self.represents.iter().filter(move |(_, how)| live(how.expires_at)).map(|(client, _)| *client)
    }

    /// Those of them for whom they may answer.
    pub fn answers_for(&self, now: Timestamp) -> impl Iterator<Item = ClientId> + '_ {
        self.stands_for(now).filter(move |client| {
            let scope = self.represents.get(client).map(|how| how.relationship.scope(how.scope));
            scope == Some(ProxyScope::ReadAndAnswer)
        })
    }

    /// The permissions that count.
    ///
    /// INVARIANT: who has a role has no more than it gives. Where nobody has looked up what that is
    /// (`Organization::seat`), and where the role is gone, that is nothing.
    pub const fn allowed(&self) -> &Permissions {
        static NOTHING: Permissions = Permissions(BTreeMap::new());
        match (&self.role_id, &self.seat) {
            (None, _) => &self.permissions,
            (Some(_), Some(permissions)) => permissions,
            (Some(_), None) => &NOTHING,
        }
    }

    pub fn is_active(&self) -> bool {
        self.status == MemberStatus::Active
    }

    /// Gives the member these roles and permissions, in place of a named role if they had one. An organization
    /// keeps an administrator because none can take the role from themselves (P-51).
    pub fn change(
        mut self,
        by: MemberId,
        roles: BTreeSet<Role>,
        permissions: Permissions,
    ) -> Result<Self, MemberError> {
        check_roles(&roles)?;
        if by == self.id && self.roles.contains(&Role::Administrator) && !roles.contains(&Role::Administrator)
        {
            return Err(MemberError::Oneself);
        }
        self.roles = roles;
        self.permissions = permissions;
        self.role_id = None;
        Ok(self)
    }

    pub fn suspend(mut self, by: MemberId) -> Result<Self, MemberError> {
        if by == self.id {
            return Err(MemberError::Oneself);
        }
        if self.status == MemberStatus::Suspended {
            return Err(MemberError::Suspended);
        }
        self.status = MemberStatus::Suspended;
        Ok(self)
    }

    pub fn restore(mut self) -> Result<Self, MemberError> {
        if self.status != MemberStatus::Suspended {
            return Err(MemberError::NotSuspended);
        }
        self.status = if self.identity.is_some() { MemberStatus::Active } else { MemberStatus::Invited };
        Ok(self)
    }

    /// The first sign-in of an invited member: from now on they are this identity.
    pub fn bind(mut self, identity: String) -> Self {
        self.identity = Some(identity);
        if self.status == MemberStatus::Invited {
            self.status = MemberStatus::Active;
        }
        self
    }
}
