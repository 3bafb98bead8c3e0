//! Invites a member by e-mail address; they become active when they first sign in (R052, R053).

use crate::{begin_session::email_digest, view::MemberView};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    MemberId,
    limits::NAME_CHARS,
    member::{Email, Member, Permissions, Role, check_roles},
    purpose::Purpose,
    text::Line,
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use store::{Change, Invitation, keys};

pub static OPERATION: Operation =
    Operation::post("invite_member", "/members", Action::InviteMember, Kind::MemberInvited)
        .purpose(Purpose::Administration)
        .summary("Invite a member with roles and permissions (R050, R052)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    name: Line<NAME_CHARS>,
    email: Email,
    roles: BTreeSet<Role>,
    /// Verbs for each type of record; the roles' usual ones unless given.
    #[serde(default)]
    permissions: Option<Permissions>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<MemberView> {
    check_roles(&input.roles)?;
    let organization_id = call.organization_id()?;
    let invitation_key = keys::invitation(&email_digest(input.email.as_str()), organization_id);
    let loaded = call.load([invitation_key.any()]).await?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    if loaded.get(&invitation_key)?.is_some() {
        return Err(Problem::conflict("already_invited", "this e-mail address is invited already"));
    }
    let id: MemberId = call.new_id();
    let mut member = Member::invite(id, organization_id, input.name, input.email, input.roles, call.now);
    if let Some(permissions) = input.permissions {
        member.permissions = permissions;
    }
    let invitation = Invitation { organization_id, member_id: id };
    let change = Change::new().insert("member", &keys::member(organization_id, id), &member).insert(
        "invitation",
        &invitation_key,
        &invitation,
    );
    let roles = member.roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ");
    let fact = Fact::new().member(id).detail("roles", roles);
    let reply = Reply::with(MemberView::new(&loaded.organization, member));
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}
