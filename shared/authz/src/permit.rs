//! A permit: the proof that somebody may do something, which every write and every opening of content asks
//! for. Its fields are private and its constructors few, so that it cannot be made up elsewhere.

use crate::{Action, Resource, resource::About};
use domain::{EscrowId, LinkId, MemberId, OrganizationId, intake::IntakeLink, member::Member};

/// How the ids of the policies begin that permit because of an escrow.
const ESCROW_OPENS: &str = "escrow-opens-";

/// Proof that an action is permitted.
#[derive(Clone, Debug)]
pub struct Permit {
    organization_id: OrganizationId,
    /// Another organization whose content it opens: of what the policies permitted, and of nothing else (R105).
    guest_of: Option<OrganizationId>,
    action: Action,
    grounds: Grounds,
    policies: Vec<String>,
    /// The escrow that opens it.
    escrow: Option<EscrowId>,
}

/// On what a permit stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grounds {
    /// The policies permitted this member.
    Member(MemberId),
    /// The bearer holds a live intake link.
    Link(LinkId),
    /// A function acts by itself on an event.
    Function(&'static str),
}

impl Permit {
    pub(crate) const fn for_member(member: &Member, action: Action, policies: Vec<String>) -> Self {
        Self {
            organization_id: member.organization_id,
            guest_of: None,
            action,
            grounds: Grounds::Member(member.id),
            policies,
            escrow: None,
        }
    }

    /// The permit as it is for what belongs to another organization, which the policies have permitted.
    #[must_use]
    pub(crate) fn opening(mut self, other: Option<OrganizationId>) -> Self {
        self.guest_of = other.filter(|other| *other != self.organization_id);
        self
    }

    /// The permit as an escrow gives it, if its policies are those that look at one.
    #[must_use]
    pub(crate) fn under(mut self, escrow: Option<EscrowId>) -> Self {
        let opens = |policy: &String| policy.starts_with(ESCROW_OPENS);
        self.escrow = escrow.filter(|_| self.policies.iter().any(opens));
        self
    }

    /// The founder of an organization may create it: there is nobody yet to permit or forbid it.
    pub fn for_founder(founder: &Member) -> Self {
        Self::for_member(founder, Action::CreateOrganization, vec!["founder".into()])
    }

    /// A member may begin a session as themselves.
    pub fn for_session(member: &Member) -> Self {
        Self::for_member(member, Action::BeginSession, vec!["signed-in".into()])
    }

    /// The bearer of a link may do what the link is for; its limits and life are the link's own rules.
    pub fn for_link(link: &IntakeLink, action: Action) -> Self {
        Self {
            organization_id: link.organization_id,
            guest_of: None,
            action,
            grounds: Grounds::Link(link.id),
            policies: vec!["intake-link".into()],
            escrow: None,
        }
    }

    /// A function may do what it exists for, in the organization its event names.
    pub fn for_function(name: &'static str, organization_id: OrganizationId, action: Action) -> Self {
        let (grounds, policies) = (Grounds::Function(name), vec!["function".into()]);
        Self { organization_id, guest_of: None, action, grounds, policies, escrow: None }
    }

    pub const fn organization_id(&self) -> OrganizationId {
        self.organization_id
    }

    /// Whether content of an organization may be opened with it.
    pub fn opens(&self, organization: OrganizationId) -> bool {
        self.organization_id == organization || self.guest_of == Some(organization)
    }

    /// The other organization whose content it opens, if it is a guest's.
    pub const fn guest_of(&self) -> Option<OrganizationId> {
        self.guest_of
    }

    pub const fn action(&self) -> Action {
        self.action
    }

    pub const fn grounds(&self) -> &Grounds {
        &self.grounds
    }

    /// The escrow under which it opens, to be named by everything that is opened so.
    pub const fn escrow(&self) -> Option<EscrowId> {
        self.escrow
    }

    /// The ids of the policies that permitted.
    pub fn policies(&self) -> &[String] {
        &self.policies
    }
}

/// Why an action was refused.
#[derive(Clone, Debug)]
pub struct Denial {
    pub action: Action,
    /// The policies that forbade; empty when none permitted.
    pub policies: Vec<String>,
    /// Whether the caller may not even learn that the thing exists.
    pub secret: bool,
    /// Whether whoever asked is a member who may act at all.
    pub active: bool,
    /// What was asked for: the attempt is part of its trail and of its client's (R131).
    pub about: About,
}

impl Denial {
    pub(crate) fn new(
        member: &Member,
        action: Action,
        policies: Vec<String>,
        resource: &Resource<'_>,
    ) -> Self {
        let (secret, active) = (resource.is_secret(), member.is_active());
        Self { action, policies, secret, active, about: resource.about_for(member) }
    }
}
