//! What members do to share charts, and administrators with teams, in one line each.

use super::{Actor, Clinic, clinic::id};
use domain::{ChartId, TeamId};
use serde_json::{Value, json};

impl Actor {
    /// Shares a chart, as it is now, on these terms: `grantee`, `access`, `expires_on`.
    pub async fn shares_on(&self, chart: ChartId, mut terms: Value) -> Value {
        terms["expected_revision"] = self.access_list(chart).await["revision"].clone();
        self.post(&format!("/charts/{chart}/grants")).json(&terms).expect(201).await
    }

    /// Shares a chart with a colleague: `read_only`, `approval`, `read_and_write`.
    pub async fn shares(&self, chart: ChartId, with: &Self, access: &str) -> Value {
        let grantee = json!({ "type": "member", "id": with.member_id() });
        self.shares_on(chart, json!({ "grantee": grantee, "access": access })).await
    }

    pub async fn shares_with_team(&self, chart: ChartId, team: TeamId, access: &str) -> Value {
        let grantee = json!({ "type": "team", "id": team });
        self.shares_on(chart, json!({ "grantee": grantee, "access": access })).await
    }

    /// Ends what a member or a team has of a chart.
    pub async fn ends_share(&self, chart: ChartId, grantee: impl std::fmt::Display) {
        let revision = self.access_list(chart).await["revision"].to_string();
        let path = format!("/charts/{chart}/grants/{grantee}");
        self.delete(&path).query(&[("expected_revision", &revision)]).expect(204).await;
    }

    /// Leaves a chart that is shared with them.
    pub async fn leaves(&self, chart: ChartId) {
        let revision = self.access_list(chart).await["revision"].to_string();
        let path = format!("/charts/{chart}/membership");
        self.delete(&path).query(&[("expected_revision", &revision)]).expect(204).await;
    }

    /// With whom a chart is shared.
    pub async fn access_list(&self, chart: ChartId) -> Value {
        self.get(&format!("/charts/{chart}/grants")).expect(200).await
    }
}

impl Clinic<'_> {
    /// The administrator makes a team of these.
    pub async fn team(&self, name: &str, members: &[&Actor]) -> TeamId {
        let made = self.administrator.post("/teams").json(&json!({ "name": name })).expect(201).await;
        let team = id(&made, "team_id");
        for member in members {
            self.puts_into(team, member).await;
        }
        team
    }

    pub async fn puts_into(&self, team: TeamId, member: &Actor) -> Value {
        let path = format!("/teams/{team}/members/{}", member.member_id());
        self.administrator.put(&path).json(&json!({})).expect(200).await
    }

    pub async fn takes_out_of(&self, team: TeamId, member: &Actor) {
        let path = format!("/teams/{team}/members/{}", member.member_id());
        self.administrator.delete(&path).expect(204).await;
    }
}
