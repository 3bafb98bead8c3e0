//! Lists the intake links of a chart, newest first; their tokens are not among what is kept.

use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Permit, Resource};
use domain::{
    ChartId, LinkId, MemberId,
    intake::{IntakeError, IntakeLimits, IntakeLink},
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use store::keys;
use vault::ClientKey;

pub static OPERATION: Operation = Operation::get(
    "list_intake_links",
    "/charts/{chart_id}/intake-links",
    Action::ListIntakeLinks,
    Kind::IntakeLinksListed,
)
.summary("List the intake links of a chart (X-9)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    links: Vec<LinkView>,
    next: Option<Cursor>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkView {
    id: LinkId,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    created_by: MemberId,
    created_at: Timestamp,
    expires_at: Timestamp,
    /// `live`, `expired` or `revoked`.
    state: &'static str,
    limits: IntakeLimits,
    /// What may still be sent.
    left: IntakeLimits,
    /// Files that have come.
    received_files: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
    /// Since when the client waits for another link, this one having expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    renewal_requested_at: Option<Timestamp>,
    revision: u64,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let chart_id: ChartId = call.path("chart_id")?;
    let (limit, after) = (paging.limit()?, paging.after()?);
    let chart_key = keys::chart(chart_id);
    let (loaded, page) = tokio::join!(
        call.load([chart_key.any()]),
        call.system.store.links(chart_id, after.as_deref(), limit)
    );
    let loaded = loaded?;
    let chart = loaded.require(&chart_key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let page = page?;
    let vault = &call.system.vault;
    let client_key = vault.client_key(chart.organization_id, chart.client_id, &chart.client_key).await?;
    let fact = Fact::new().client(chart.client_id).chart(chart_id).detail("links", page.items.len());
    call.witness(&permit, fact).await?;
    let links = page.items.iter().map(|link| view(link, &client_key, &permit, call.now));
    let links = links.collect::<Result<_, Problem>>()?;
    Ok(Reply::with(Output { links, next: page.next.as_deref().map(Cursor::new) }))
}

fn view(
    link: &IntakeLink,
    client_key: &ClientKey,
    permit: &Permit,
    now: Timestamp,
) -> Result<LinkView, Problem> {
    let ask = client_key.record_key(&link.id, &link.key)?.open(permit, "link/ask", &link.id, &link.ask)?;
    let state = match link.must_be_live(now) {
        Ok(()) => "live",
        Err(IntakeError::Revoked) => "revoked",
        Err(_) => "expired",
    };
    Ok(LinkView {
        id: link.id,
        what: ask.what.into(),
        message: ask.message.map(Into::into),
        created_by: link.created_by,
        created_at: link.created_at,
        expires_at: link.expires_at,
        state,
        limits: link.limits,
        left: link.left(now),
        received_files: link.uploads.iter().filter(|upload| upload.received).count(),
        revoked_at: link.revoked_at,
        renewal_requested_at: link.renewal_requested_at,
        revision: link.revision,
    })
}
