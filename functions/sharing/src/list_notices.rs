//! Lists what the caller is told, newest first: ids and a reason, never a name of a client or a title (P-10).

use api::{Call, Cursor, Fact, Names, Operation, Outcome, Paging, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId, DispositionId, HoldId, MemberId, NoticeId, RecordId, SpaceId,
    notice::{Notice, NoticeReason},
    retention::NoticeDuty,
};
use evidence::Kind;
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation =
    Operation::get("list_notices", "/notices", Action::ListNotices, Kind::NoticesListed)
        .summary("List what you are told of: shares, transfers, signatures (P-10)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub notices: Vec<NoticeView>,
    /// Where the next page starts; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
}

/// What a member is told. What it is about is theirs to open, if it still is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NoticeView {
    pub id: NoticeId,
    pub reason: NoticeReason,
    /// Server time, UTC.
    pub at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<MemberId>,
    /// If the reader may know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_id: Option<ChartId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_id: Option<RecordId>,
    /// The collaborative space, hold or disposition it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub space_id: Option<SpaceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disposition_id: Option<DispositionId>,
    /// How many records it is about, and the day they have in common.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
    /// Whom the law wants told before these records are destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duty: Option<NoticeDuty>,
}

impl NoticeView {
    fn new(notice: &Notice, names: &Names) -> Self {
        Self {
            id: notice.id,
            reason: notice.reason,
            at: notice.at,
            by: notice.by,
            by_name: notice.by.and_then(|by| names.member(by)).map(str::to_owned),
            chart_id: notice.chart_id,
            record_id: notice.record_id,
            space_id: notice.space_id,
            hold_id: notice.hold_id,
            disposition_id: notice.disposition_id,
            records: notice.records,
            due_on: notice.due_on,
            duty: notice.duty,
        }
    }
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (organization_id, member_id) = (call.organization_id()?, call.member_id()?);
    let (loaded, page) = tokio::join!(
        call.load([]),
        call.system.store.notices(organization_id, member_id, after.as_deref(), limit)
    );
    let loaded = loaded?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let page = page?;
    // The table takes its time to forget.
    let notices: Vec<Notice> =
        page.items.into_iter().filter(|notice| call.now < notice.forgotten_at()).collect();
    let fact = Fact::new().detail("results", notices.len());
    let by = notices.iter().filter_map(|notice| notice.by);
    let ((), names) = tokio::try_join!(call.witness(&permit, fact), call.names(&loaded, by, []))?;
    let notices = notices.iter().map(|notice| NoticeView::new(notice, &names)).collect();
    Ok(Reply::with(Output { notices, next: page.next.as_deref().map(Cursor::new) }))
}
