//! What people are shown of spaces and of what is in them; ciphertext is opened here, with a permit in hand.

use crate::entered::Entered;
use api::{Names, Problem};
use authz::Permit;
use domain::{
    ChartId, ClientId, MemberId, RecordId, SpaceId, SpaceItemId,
    limits::SPACE_DAYS,
    record::ReceivedFile,
    space::{ItemBody, ItemKind, Space, SpaceItem, Subject},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use vault::SpaceKey;

/// A space as it is listed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SpaceCard {
    id: SpaceId,
    name: String,
    subject: Subject,
    /// Whether it was created from a chart. The link gives nothing on that chart.
    linked: bool,
    /// How many are in it.
    member_count: usize,
    /// Items in it, but for those whose time is over.
    items: u32,
    created_by: MemberId,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_added_at: Option<Timestamp>,
}

/// A space as its members see it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SpaceView {
    #[serde(flatten)]
    card: SpaceCard,
    /// Everybody who sees the space and all that is in it.
    members: Vec<SpaceMember>,
    /// The chart it was created from, to who may read that chart.
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<LinkedChart>,
    /// Always `false`: nothing in a space is part of anybody's record.
    recordkeeping: bool,
    /// The same in a sentence, to be shown with the space.
    notice: String,
    /// Days an item stays after it was added; then it is destroyed.
    retention_days: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct SpaceMember {
    member_id: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    joined_at: Timestamp,
    /// Oneself, for who created the space.
    invited_by: MemberId,
}

#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct LinkedChart {
    pub chart_id: ChartId,
    pub client_id: ClientId,
}

/// Something in a space, as it is listed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SpaceItemCard {
    id: SpaceItemId,
    space_id: SpaceId,
    kind: ItemKind,
    title: String,
    author: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    author_name: Option<String>,
    created_at: Timestamp,
    /// From then on it is shown no more, and destroyed unless a legal hold keeps it.
    kept_until: Timestamp,
    /// When its author struck it through.
    #[serde(skip_serializing_if = "Option::is_none")]
    struck_at: Option<Timestamp>,
    /// That it was copied into charts, by whom and when.
    promotions: Vec<PromotionView>,
    /// Of a document.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<SpaceDocument>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SpaceItemPromotion")]
pub struct PromotionView {
    by: MemberId,
    at: Timestamp,
    /// Into which chart, and as which record: to who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    chart_id: Option<ChartId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record_id: Option<RecordId>,
}

/// The file of a document.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SpaceDocument {
    file_name: String,
    size_bytes: u64,
    /// What inspection found it to be; what the sender declared while inspection is not done.
    media_type: String,
    /// `inspecting`, `available`, `quarantined` or `rejected`; only what is available is handed out.
    state: &'static str,
    /// Hexadecimal SHA-256 of the stored bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    /// Code of the reason why it is quarantined or rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Codes of warnings.
    warnings: Vec<String>,
    has_preview: bool,
}

/// P-24, as it is said wherever a space is shown.
pub(crate) fn notice() -> String {
    format!(
        "This space is not for recordkeeping: nothing in it is part of anybody's record, and {SPACE_DAYS} days \
         after an item was added it is shown no longer and destroyed, unless a legal hold keeps it. What belongs \
         into a chart is copied there, and kept there as long as any record."
    )
}

impl SpaceCard {
    pub(crate) fn new(space: &Space, key: &SpaceKey, permit: &Permit) -> Result<Self, Problem> {
        Ok(Self {
            id: space.id,
            name: key.open(permit, "space/name", &space.id, &space.name)?.into(),
            subject: space.subject,
            linked: space.chart_id.is_some(),
            member_count: space.members.len(),
            items: space.items,
            created_by: space.created_by,
            created_at: space.created_at,
            last_added_at: space.last_added_at,
        })
    }
}

impl SpaceView {
    pub(crate) fn new(
        space: &Space,
        key: &SpaceKey,
        permit: &Permit,
        names: &Names,
        chart: Option<LinkedChart>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            card: SpaceCard::new(space, key, permit)?,
            members: space.members.keys().filter_map(|id| SpaceMember::of(space, *id, names)).collect(),
            chart,
            recordkeeping: false,
            notice: notice(),
            retention_days: SPACE_DAYS,
        })
    }
}

impl SpaceMember {
    pub(crate) fn of(space: &Space, member_id: MemberId, names: &Names) -> Option<Self> {
        let joined = space.members.get(&member_id)?;
        Some(Self {
            member_id,
            name: names.member(member_id).map(str::to_owned),
            joined_at: joined.at,
            invited_by: joined.invited_by,
        })
    }
}

impl SpaceItemCard {
    pub(crate) fn new(
        item: &SpaceItem,
        entered: &Entered,
        reader: MemberId,
        names: &Names,
    ) -> Result<Self, Problem> {
        let Entered { permit, key, .. } = entered;
        let document = match &item.body {
            ItemBody::Note { .. } => None,
            ItemBody::Document { file } => Some(SpaceDocument::new(file, key, permit)?),
        };
        let promotions = item.promotions.iter().map(|(chart_id, promotion)| {
            let own = promotion.by == reader;
            PromotionView {
                by: promotion.by,
                at: promotion.at,
                chart_id: own.then_some(*chart_id),
                record_id: own.then_some(promotion.record_id),
            }
        });
        Ok(Self {
            id: item.id,
            space_id: item.space_id,
            kind: item.kind(),
            title: key.open(permit, "item/title", &item.id, &item.title)?.into(),
            author: item.author,
            author_name: names.member(item.author).map(str::to_owned),
            created_at: item.created_at,
            kept_until: item.kept_until(),
            struck_at: item.struck_at,
            promotions: promotions.collect(),
            document,
        })
    }
}

impl SpaceDocument {
    fn new(file: &ReceivedFile, key: &SpaceKey, permit: &Permit) -> Result<Self, Problem> {
        let finding = file.state.finding();
        Ok(Self {
            file_name: key.open(permit, "file/name", &file.upload_id, &file.file_name)?.into(),
            size_bytes: file.size_bytes,
            media_type: file.media_type.clone(),
            state: file.state.name(),
            sha256: finding.map(|finding| finding.sha256.clone()),
            class: finding.map(|finding| finding.class.clone()),
            reason: finding.and_then(|finding| finding.reason.clone()),
            warnings: finding.map(|finding| finding.warnings.clone()).unwrap_or_default(),
            has_preview: finding.is_some_and(|finding| finding.preview.is_some()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::notice;

    /// P-24: said in these words, with the days.
    #[test]
    fn the_notice_says_what_a_space_is_not() {
        let told = notice();
        assert!(told.contains("not for recordkeeping") && told.contains("365 days"), "{told}");
        assert!(!told.contains("  "), "{told}");
    }
}
