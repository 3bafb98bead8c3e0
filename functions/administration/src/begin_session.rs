//! Begins a session: leaves the evidence of a sign-in, and makes an invited person the member they are
//! invited as (R132, 45 CFR 164.308(a)(5)(ii)(C)).

use crate::Nothing;
use api::{Access, Call, Fact, Identity, Operation, Outcome, Problem, Reply};
use authz::{Action, Permit};
use domain::{
    MemberId, OrganizationId,
    member::{Member, MemberStatus},
    purpose::Purpose,
};
use evidence::Kind;
use ring::digest;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Change, Invitation, Membership, keys};

pub static OPERATION: Operation =
    Operation::post("begin_session", "/sessions", Action::BeginSession, Kind::SessionBegun)
        .access(Access::Identity)
        .purpose(Purpose::Administration)
        .summary("Begin a session after signing in; accepts open invitations (R132)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    /// The memberships in which the session was begun.
    memberships: Vec<Begun>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Begun {
    organization_id: OrganizationId,
    member_id: MemberId,
    /// Whether an invitation was accepted by this.
    accepted: bool,
}

pub async fn handle(call: Call, _: Nothing) -> Outcome<Output> {
    let identity = call.identity()?.clone();
    let mut memberships = Vec::new();
    for invitation in invitations(&call, &identity).await? {
        if accept(&call, &identity, &invitation).await? {
            let Invitation { organization_id, member_id } = invitation;
            memberships.push(Begun { organization_id, member_id, accepted: true });
        }
    }
    for known in call.system.store.memberships(&identity.digest).await? {
        let Membership { organization_id, member_id } = known;
        if memberships.iter().any(|begun| begun.organization_id == organization_id) {
            continue;
        }
        let key = keys::member(organization_id, member_id);
        let member = call.system.store.fetch([key.any()]).await?.get(&key)?;
        // A suspended member signs in to nothing.
        if let Some(member) = member.filter(|member| member.status != MemberStatus::Suspended) {
            call.witness(&Permit::for_session(&member), Fact::new().member(member_id)).await?;
            memberships.push(Begun { organization_id, member_id, accepted: false });
        }
    }
    call.forget_memberships();
    if memberships.is_empty() {
        return Err(Problem::new(
            403,
            "no_membership",
            "you are not a member of any organization; ask an administrator to invite your e-mail address",
        ));
    }
    Ok(Reply::with(Output { memberships }))
}

async fn invitations(call: &Call, identity: &Identity) -> Result<Vec<Invitation>, Problem> {
    match &identity.email {
        Some(email) if identity.email_verified => {
            Ok(call.system.store.invitations(&email_digest(email)).await?)
        }
        _ => Ok(Vec::new()),
    }
}

/// Binds the invited member to the identity; `false` if the invitation was taken back meanwhile.
async fn accept(call: &Call, identity: &Identity, invitation: &Invitation) -> Result<bool, Problem> {
    let Invitation { organization_id, member_id } = *invitation;
    let member_key = keys::member(organization_id, member_id);
    let organization_key = keys::organization(organization_id);
    let items = call.system.store.fetch([member_key.any(), organization_key.any()]).await?;
    let (Some(member), Some(organization)) = (items.get(&member_key)?, items.get(&organization_key)?) else {
        return Ok(false);
    };
    if member.status == MemberStatus::Suspended {
        return Ok(false);
    }
    let member: Member = member.bind(identity.digest.clone());
    let permit = Permit::for_session(&member);
    let membership = Membership { organization_id, member_id };
    let digest = email_digest(member.email.as_str());
    let change = Change::new()
        .replace("member", &member_key, &member)
        .insert("membership", &keys::membership(&identity.digest, organization_id), &membership)
        .remove("invitation", &keys::invitation(&digest, organization_id));
    let fact = Fact::new().member(member_id).detail("invitation", "accepted");
    call.commit(&organization, &permit, change, fact, Reply::none()).await?;
    Ok(true)
}

/// Under what an invitation is kept: a digest, so that addresses of people who never came stay unreadable.
pub(crate) fn email_digest(email: &str) -> String {
    let folded = format!("strongroom/1|invitation|{}", email.trim().to_lowercase());
    let digest = digest::digest(&digest::SHA256, folded.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
