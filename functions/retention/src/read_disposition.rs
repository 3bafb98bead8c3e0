//! Reads a disposition and a page of its records: ids, classes and days, never what is in them or whose they are
//! called (R154).

use crate::disposing::{self, DispositionView};
use api::{Call, Cursor, Fact, Operation, Outcome, Paging, Problem, Reply};
use authz::Action;
use domain::{
    ChartId, ClientId, HoldId, RecordId,
    chart::Section,
    disposition::{Destroyed, DispositionItem, ItemState, Method, PaperDestroyed},
    hold::HoldSubject,
    purpose::Purpose,
    record::RecordType,
    retention::{NoticeDuty, RecordClass, RuleId},
};
use evidence::Kind;
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::{StandingHolds, keys};

pub static OPERATION: Operation = Operation::get(
    "read_disposition",
    "/dispositions/{disposition_id}",
    Action::ReadDisposition,
    Kind::DispositionRead,
)
.purpose(Purpose::RecordsManagement)
.summary("Read a disposition and its records, page by page (R154)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub disposition: DispositionView,
    pub items: Vec<ItemView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// A record of a disposition.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DispositionItemView")]
pub struct ItemView {
    pub record_id: RecordId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub record_type: RecordType,
    pub section: Section,
    pub class: RecordClass,
    pub occurred_on: Date,
    pub created_at: Timestamp,
    pub eligible_on: Date,
    /// The rule that decided the day, and its version.
    pub rule_id: RuleId,
    pub rule_version: String,
    /// Whom the rules that apply want told before it is destroyed.
    pub notices: BTreeSet<NoticeDuty>,
    /// `listed`, `left_out`, `ordered`, `confirmed`, `destroying` or `destroyed`.
    pub state: String,
    /// Why it was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The first day on which object storage lets it be destroyed, while it is listed and waits for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_until: Option<Date>,
    /// The legal holds that keep it now: it is left out if they still do when the disposition is executed.
    pub holds: Vec<HoldId>,
    /// When the order to destroy the paper went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ordered_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paper: Option<PaperDestroyed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let id = call.path("disposition_id")?;
    let store = &call.system.store;
    let (loaded, page) = tokio::join!(
        call.load([keys::disposition(id).any()]),
        store.disposition_items(id, after.as_deref(), limit)
    );
    let loaded = loaded?;
    let (permit, disposition) = disposing::permitted(&call, &loaded)?;
    let page = page?;
    let items = views(&call, &page.items).await?;
    let view = DispositionView::of(&call, &loaded, &permit, &disposition).await?;
    call.witness(&permit, Fact::new().disposition(id).detail("results", items.len())).await?;
    Ok(Reply::with(Output { disposition: view, items, next: page.next.as_deref().map(Cursor::new) }))
}

async fn views(call: &Call, items: &[DispositionItem]) -> Result<Vec<ItemView>, Problem> {
    let waits = |item: &&DispositionItem| !item.state.is_ended();
    let records = items.iter().filter(waits).map(|item| keys::record(item.chart_id, item.record_id).closed());
    let (found, standing) = tokio::try_join!(
        call.system.store.fetch(records),
        call.system.store.standing_holds(call.organization_id()?)
    )?;
    let mut views = Vec::with_capacity(items.len());
    for item in items {
        let record = found.get(&keys::record(item.chart_id, item.record_id))?;
        let subject = record.as_ref().map(HoldSubject::from);
        views.push(view(item, subject, &standing));
    }
    Ok(views)
}

pub(crate) fn view(
    item: &DispositionItem,
    subject: Option<HoldSubject>,
    standing: &StandingHolds,
) -> ItemView {
    let mut view = ItemView {
        record_id: item.record_id,
        chart_id: item.chart_id,
        client_id: item.client_id,
        record_type: item.record_type,
        section: item.section,
        class: item.class,
        occurred_on: item.occurred_on,
        created_at: item.created_at,
        eligible_on: item.eligible_on,
        rule_id: item.rule_id.clone(),
        rule_version: item.rule_version.clone(),
        notices: item.notices.clone(),
        state: item.state.name().to_owned(),
        reason: None,
        waits_until: None,
        holds: subject.map(|subject| standing.covering(&subject)).unwrap_or_default(),
        ordered_at: None,
        method: None,
        paper: None,
        content_sha256: None,
        verified_at: None,
    };
    match &item.state {
        ItemState::Listed => view.waits_until = item.waits_until,
        ItemState::LeftOut { reason, .. } => view.reason = Some(reason.clone()),
        ItemState::Ordered { since, .. } => view.ordered_at = Some(*since),
        ItemState::Confirmed { method, paper, .. } => {
            view.method = Some(*method);
            view.paper = Some(paper.clone());
        }
        ItemState::Destroying { method, paper, .. } => {
            view.method = Some(*method);
            view.paper.clone_from(paper);
        }
        ItemState::Destroyed(Destroyed { method, paper, content_sha256, verified_at, .. }) => {
            view.method = Some(*method);
            view.paper.clone_from(paper);
            view.content_sha256 = Some(content_sha256.clone());
            view.verified_at = Some(*verified_at);
        }
    }
    view
}
