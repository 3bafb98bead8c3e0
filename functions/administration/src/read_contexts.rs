//! Reads who the caller is, and in which organizations they can act.

use crate::Nothing;
use api::{Access, Call, Operation, Outcome, Reply};
use authz::Action;
use domain::{
    ClientId, MemberId, OrganizationId,
    member::{Member, MemberStatus, ProxyScope, Relationship, Role},
    organization::Vocabulary,
    purpose::Purpose,
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::keys;

pub static OPERATION: Operation =
    Operation::get("read_contexts", "/me", Action::ReadContexts, Kind::ContextsRead)
        .access(Access::Identity)
        .purpose(Purpose::Administration)
        .summary("Who am I, and where am I a member?");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    name: Option<String>,
    email: Option<String>,
    /// Empty for somebody who is invited and has not begun a session yet.
    contexts: Vec<Context>,
}

/// One place to act in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Context {
    organization_id: OrganizationId,
    organization: String,
    vocabulary: Vocabulary,
    member_id: MemberId,
    roles: BTreeSet<Role>,
    status: MemberStatus,
    /// Minutes without a call after which the portal signs the member out.
    idle_minutes: u8,
    /// The clients somebody with the role `client` stands for now: themselves, or others (R066).
    represents: Vec<Represented>,
}

/// A client somebody stands for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Represented {
    client_id: ClientId,
    relationship: Relationship,
    /// Whether they answer for the client, too.
    scope: ProxyScope,
    /// From then on they do no longer, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

/// What people read of themselves is not evidence: it shows nothing of anybody's records.
pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let identity = call.identity()?;
    let memberships = call.system.store.memberships(&identity.digest).await?;
    let wanted = memberships.iter().flat_map(|one| {
        let organization = keys::organization(one.organization_id);
        [organization.any(), keys::member(one.organization_id, one.member_id).any()]
    });
    // A person has few organizations: two keys each stay well within one batch.
    let items = call.system.store.fetch(wanted.take(100)).await?;
    let mut contexts = Vec::new();
    for one in &memberships {
        let organization = items.get(&keys::organization(one.organization_id))?;
        let member = items.get(&keys::member(one.organization_id, one.member_id))?;
        let (Some(organization), Some(member)) = (organization, member) else { continue };
        let represents = represents(&member, call.now);
        contexts.push(Context {
            organization_id: organization.id,
            organization: organization.name.into(),
            vocabulary: organization.vocabulary,
            member_id: member.id,
            roles: member.roles,
            status: member.status,
            idle_minutes: organization.policy.idle_minutes,
            represents,
        });
    }
    Ok(Reply::with(Output { name: identity.name.clone(), email: identity.email.clone(), contexts }))
}

fn represents(member: &Member, now: Timestamp) -> Vec<Represented> {
    let live =
        member.stands_for(now).filter_map(|client_id| Some((client_id, member.represents.get(&client_id)?)));
    live.map(|(client_id, how)| Represented {
        client_id,
        relationship: how.relationship,
        scope: how.relationship.scope(how.scope),
        expires_at: how.expires_at,
    })
    .collect()
}
