//! Creates an intake link: how a patient without an account sends files (X-9, R121, R122).
//!
//! The token is told once, in the address, behind `#`, where no server and no log of one sees it; what is kept
//! is its digest.

use api::{Call, Fact, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, LinkId,
    intake::{Ask, IntakeLimits, IntakeLink, check_lifetime},
    limits::{NAME_CHARS, REASON_CHARS},
    text::{Line, Prose},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Change, Key, LinkToken, keys};

pub static OPERATION: Operation = Operation::post(
    "create_intake_link",
    "/charts/{chart_id}/intake-links",
    Action::CreateIntakeLink,
    Kind::IntakeLinkCreated,
)
.summary("Create a link by which the client sends files; its address is told once (X-9, R121)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What is asked for: `X-ray of the left wrist`.
    what: Line<NAME_CHARS>,
    /// More words for whoever opens the link.
    #[serde(default)]
    message: Option<Prose<REASON_CHARS>>,
    /// When the link ends: a minute to 60 days from now.
    expires_at: Timestamp,
    limits: IntakeLimits,
    /// The expired link of the same chart in whose place this one comes: a request for another is answered.
    #[serde(default)]
    renews: Option<LinkId>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    link_id: LinkId,
    /// The address to hand to the client, with the token; it cannot be read again.
    address: String,
    expires_at: Timestamp,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let chart_id: ChartId = call.path("chart_id")?;
    check_lifetime(call.now, input.expires_at)?;
    input.limits.check()?;
    let chart_key = keys::chart(chart_id);
    let renewed_key = input.renews.map(|link_id| keys::link(chart_id, link_id));
    let loaded = call.load([chart_key.any()].into_iter().chain(renewed_key.as_ref().map(Key::any))).await?;
    let chart = loaded.require(&chart_key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    chart.must_be_open()?;
    let renewed = renewed_key.map(|key| loaded.require(&key).map(|link| (key, link))).transpose()?;
    let vault = &call.system.vault;
    let link_id: LinkId = call.new_id();
    let token = vault.new_token()?;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let (link_content_key, key) = client_key.new_record_key(vault, &link_id)?;
    let ask = Ask { what: input.what, message: input.message };
    let link = IntakeLink {
        id: link_id,
        organization_id: chart.organization_id,
        client_id: chart.client_id,
        chart_id,
        created_by: loaded.member.id,
        created_at: call.now,
        expires_at: input.expires_at,
        token_sha256: token.sha256.clone(),
        key,
        ask: link_content_key.seal(vault, "link/ask", &link_id, &ask)?,
        limits: input.limits,
        uploads: Vec::new(),
        revoked_at: None,
        renewal_requested_at: None,
        revision: 1,
    };
    let (mut change, mut fact) = (written(&link), fact(&link));
    if let Some((key, old)) = renewed {
        let entry_key = keys::renewal_entry(chart.organization_id, chart.owner, old.id);
        fact = fact.detail("renews", old.id);
        change = change.replace("renewed link", &key, &old.renew()).unset("renewal entry", &entry_key);
    }
    let address = address(&call.system.settings.portal_origin, &token.text);
    let reply = Reply::with(Output { link_id, address, expires_at: link.expires_at });
    call.commit(&loaded.organization, &permit, change, fact, reply).await
}

/// The link, and its token's digest that leads to it.
fn written(link: &IntakeLink) -> Change {
    let pointer = LinkToken {
        organization_id: link.organization_id,
        chart_id: link.chart_id,
        link_id: link.id,
        forgotten_at: link.known_until(),
    };
    Change::new().insert("intake link", &keys::link(link.chart_id, link.id), link).insert(
        "token",
        &keys::link_token(&link.token_sha256),
        &pointer,
    )
}

fn fact(link: &IntakeLink) -> Fact {
    Fact::new()
        .client(link.client_id)
        .chart(link.chart_id)
        .link(link.id)
        .detail("files", link.limits.files)
        .detail("bytes", link.limits.bytes)
        .detail("expires_at", link.expires_at)
}

fn address(portal_origin: &str, token: &str) -> String {
    format!("{}/intake#{token}", portal_origin.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_token_stands_where_servers_do_not_see_it() {
        assert_eq!(address("https://portal.example/", "t0k3n"), "https://portal.example/intake#t0k3n");
    }
}
