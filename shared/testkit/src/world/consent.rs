//! What members do with permissions of clients, circles of care and proxies, in one line each.

use super::{Actor, clinic::id};
use domain::{ClientId, ConsentId, MemberId};
use jiff::{Span, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

impl Actor {
    /// The day that is so many days from today, in UTC.
    pub fn day(&self, days: i64) -> Date {
        let today = self.site().now().to_zoned(TimeZone::UTC).date();
        today.checked_add(Span::new().days(days)).unwrap()
    }

    /// Records a permission that the client signed today, for a year, unless `terms` say otherwise.
    pub async fn records_consent(&self, client: ClientId, purpose: &str, terms: Value) -> ConsentId {
        let mut body = json!({
            "purpose": purpose, "given_by": "client", "method": "written", "signed_on": self.day(0),
            "expires_on": self.day(365), "note": "Everything, with whom I trust, for my care.",
        });
        for (name, value) in terms.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        id(&self.post(&format!("/clients/{client}/consents")).json(&body).expect(201).await, "id")
    }

    /// Names a client's circle of care: members, each with an access type. Gives the circle.
    pub async fn names_circle(
        &self,
        client: ClientId,
        consent: ConsentId,
        members: &[(&Self, &str)],
    ) -> Value {
        let path = format!("/clients/{client}/circle");
        let revision = self.get(&path).expect(200).await["revision"].clone();
        let member = |(member, access): &(&Self, &str)| {
            let grantee = json!({ "type": "member", "id": member.member_id() });
            json!({ "grantee": grantee, "access": access })
        };
        let members: Vec<Value> = members.iter().map(member).collect();
        let body = json!({ "expected_revision": revision, "consent_id": consent, "members": members });
        self.put(&path).json(&body).expect(200).await
    }

    /// Appoints who stands for a client, on a permission.
    pub async fn appoints(
        &self,
        client: ClientId,
        proxy: MemberId,
        relationship: &str,
        consent: ConsentId,
    ) -> Value {
        let body = json!({ "member_id": proxy, "relationship": relationship, "consent_id": consent });
        self.post(&format!("/clients/{client}/proxies")).json(&body).expect(201).await
    }
}
