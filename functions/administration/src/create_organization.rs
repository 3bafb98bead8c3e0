//! Creates an organization; who creates it is its first administrator (R052, P-51).

use crate::view::OrganizationView;
use api::{Access, Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Permit};
use domain::{
    MemberId, OrganizationId,
    limits::NAME_CHARS,
    member::{Email, Member},
    organization::{Organization, Policy, Vocabulary},
    purpose::Purpose,
    text::Line,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Change, Membership, OrganizationEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "create_organization",
    "/organizations",
    Action::CreateOrganization,
    Kind::OrganizationCreated,
)
.access(Access::Identity)
.purpose(Purpose::Administration)
.summary("Create an organization and become its administrator (R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    name: Line<NAME_CHARS>,
    /// What the organization calls its clients; `client` and `clients` unless given.
    #[serde(default)]
    vocabulary: Vocabulary,
    #[serde(default)]
    policy: Policy,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    organization: OrganizationView,
    /// The caller, as the organization's first administrator.
    member_id: MemberId,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    input.policy.check()?;
    let identity = call.identity()?.clone();
    let email = identity.email.filter(|_| identity.email_verified).ok_or_else(unverified)?;
    let email = Email::try_from(email).map_err(|_| unverified())?;
    let name = identity.name.as_deref().and_then(|name| Line::new(name).ok());
    let name = name.or_else(|| Line::new(email.as_str()).ok()).ok_or_else(unverified)?;
    let id: OrganizationId = call.new_id();
    let member_id: MemberId = call.new_id();
    let founder = Member::founder(member_id, id, name, email, identity.digest.clone(), call.now);
    let permit = Permit::for_founder(&founder);
    let (_, directory_key) = call.system.vault.new_directory_key(id).await?;
    let organization = Organization {
        id,
        name: input.name,
        vocabulary: input.vocabulary,
        policy: input.policy,
        roles: BTreeMap::new(),
        retention: Default::default(),
        directory_key,
        created_at: call.now,
        revision: 1,
    };
    let membership = Membership { organization_id: id, member_id };
    let change = Change::new()
        .insert("organization", &keys::organization(id), &organization)
        .insert("member", &keys::member(id, member_id), &founder)
        .insert("membership", &keys::membership(&identity.digest, id), &membership)
        // The sweep finds every organization there (R150).
        .insert("entry", &keys::organization_entry(id), &OrganizationEntry { organization_id: id });
    let output = Output { organization: organization.clone().into(), member_id };
    let fact = Fact::new().member(member_id);
    let reply = call.commit(&organization, &permit, change, fact, Reply::with(output)).await?;
    call.forget_memberships();
    Ok(reply)
}

fn unverified() -> Problem {
    Problem::new(403, "email_not_verified", "your identity provider must vouch for your e-mail address first")
}
