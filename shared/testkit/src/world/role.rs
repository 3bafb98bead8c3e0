//! What administrators do with roles and permissions, in one line each.

use super::{Actor, Clinic};
use domain::{MemberId, RoleId};
use serde_json::{Value, json};

/// Every verb on every type of record.
pub fn everything() -> Value {
    let verbs = ["access", "add", "edit", "delete"];
    json!({ "physical": verbs, "electronic": verbs, "data": verbs })
}

impl Clinic<'_> {
    /// Makes a role.
    pub async fn makes_role(&self, name: &str, permissions: &Value) -> Value {
        let body = json!({ "name": name, "permissions": permissions });
        self.administrator.post("/roles").json(&body).expect(201).await
    }

    /// A role as it stands in the list.
    pub async fn role(&self, id: RoleId) -> Value {
        let listed = self.administrator.get("/roles").expect(200).await;
        let mut roles = listed["roles"].as_array().into_iter().flatten();
        let found = roles.find(|role| role["role_id"] == json!(id)).cloned();
        found.unwrap_or_else(|| panic!("no role {id} in {listed}"))
    }

    /// Changes what a role allows.
    pub async fn changes_role(&self, role: &Value, permissions: &Value) -> Value {
        let path = format!("/roles/{}", text(role, "role_id"));
        let (revision, name) = (&role["revision"], &role["name"]);
        let body = json!({ "expected_revision": revision, "name": name, "permissions": permissions });
        self.administrator.put(&path).json(&body).expect(200).await
    }

    /// Gives a member a role (`null`: none).
    pub async fn gives_role(&self, member: &Actor, role_id: &Value) -> Value {
        let revision = self.member_now(member.member_id()).await["revision"].clone();
        let body = json!({ "expected_revision": revision, "role_id": role_id });
        self.administrator.put(&format!("/members/{}/role", member.member_id())).json(&body).expect(200).await
    }

    /// Gives a member permissions of their own, and the roles they have.
    pub async fn gives_permissions(&self, member: &Actor, permissions: &Value) -> Value {
        let known = self.member_now(member.member_id()).await;
        let (revision, roles) = (&known["revision"], &known["roles"]);
        let body = json!({ "expected_revision": revision, "roles": roles, "permissions": permissions });
        let path = format!("/members/{}/permissions", member.member_id());
        self.administrator.put(&path).json(&body).expect(200).await
    }

    /// A member as colleagues see them.
    pub async fn member_now(&self, id: MemberId) -> Value {
        self.administrator.get(&format!("/members/{id}")).expect(200).await
    }
}

fn text<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer[field].as_str().unwrap_or_else(|| panic!("no `{field}` in {answer}"))
}
