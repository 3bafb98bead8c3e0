//! An organization and its members.

use super::{Actor, World, slug};
use domain::{MemberId, OrganizationId, member::Role};
use serde_json::{Value, json};
use std::fmt::Display;

/// An organization, and the administrator who founded it.
pub struct Clinic<'w> {
    world: &'w World,
    pub name: String,
    pub administrator: Actor,
}

impl<'w> Clinic<'w> {
    pub(super) async fn founded(world: &'w World, name: &str) -> Self {
        let email = format!("administrator@{}.example", slug(name));
        let founder = world.person_at(&format!("Administrator of {name}"), &email).await;
        let made = founder.post("/organizations").json(&json!({ "name": name })).expect(201).await;
        let organization_id = id(&made["organization"], "organization_id");
        let administrator = founder.acting_in(organization_id, id(&made, "member_id"));
        Self { world, name: name.to_owned(), administrator }
    }

    pub fn id(&self) -> OrganizationId {
        self.administrator.organization_id()
    }

    pub async fn practitioner(&self, name: &str) -> Actor {
        self.member(name, &[Role::Practitioner]).await
    }

    pub async fn staff(&self, name: &str) -> Actor {
        self.member(name, &[Role::Staff]).await
    }

    pub async fn auditor(&self, name: &str) -> Actor {
        self.member(name, &[Role::Auditor]).await
    }

    /// Invites somebody, who signs in and accepts.
    pub async fn member(&self, name: &str, roles: &[Role]) -> Actor {
        let email = format!("{}@{}.example", slug(name), slug(&self.name));
        let person = self.world.person_at(name, &email).await;
        self.invites(&person, roles).await
    }

    /// Invites somebody who has an account, and who accepts.
    pub async fn invites(&self, person: &Actor, roles: &[Role]) -> Actor {
        let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        let invitation = json!({ "name": person.name(), "email": person.email(), "roles": roles });
        let invited = self.administrator.post("/members").json(&invitation).expect(201).await;
        let member_id: MemberId = id(&invited, "member_id");
        person.begins_session().await;
        person.acting_in(self.id(), member_id)
    }
}

/// An id in an answer.
pub(super) fn id<Id: std::str::FromStr>(answer: &Value, field: &str) -> Id
where
    Id::Err: Display,
{
    let text = answer[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {answer}"));
    text.parse().unwrap_or_else(|error| panic!("`{field}` in {answer}: {error}"))
}
