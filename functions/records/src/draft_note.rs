//! Begins a note: a data record that is its author's draft until signed (R002, R003, R024); filed
//! in the chart, or by its owner in what is kept apart from it (R086, R103).

use crate::{filed, save_draft::DraftView};
use api::{Call, Operation, Outcome, Reply, view::RecordView};
use authz::{Action, Resource};
use domain::{
    ChartId, RecordId,
    chart::Section,
    confidentiality::{Compartment, Guard},
    note::{Draft, NoteContent},
    record::{Body, Direction, Record, RecordLimits, check_occurred_on},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::{Change, keys};

pub static OPERATION: Operation =
    Operation::post("draft_note", "/charts/{chart_id}/notes", Action::DraftNote, Kind::NoteDrafted)
        .summary("Begin a note as a draft (R003)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Progress notes, if not said otherwise.
    #[serde(default = "progress_notes")]
    pub section: Section,
    #[serde(default)]
    pub direction: Direction,
    /// The day it tells of; today where the organization is, if not said otherwise.
    #[serde(default)]
    pub occurred_on: Option<Date>,
    /// The chart itself, if not said otherwise. Only its owner files what is kept apart from it.
    #[serde(default)]
    pub compartment: Compartment,
    pub content: NoteContent,
}

const fn progress_notes() -> Section {
    Section::ProgressNotes
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    pub record: RecordView,
    pub draft: DraftView,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    input.content.check_draft()?;
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    chart.must_be_open()?;
    chart.must_take(input.compartment, loaded.member.id)?;
    let today = call.today(&loaded.organization);
    let occurred_on = input.occurred_on.unwrap_or(today);
    check_occurred_on(occurred_on, today)?;

    let (vault, record_id) = (&call.system.vault, call.new_id::<RecordId>());
    let (record_key, wrapped) = filed::client_key(&call, &chart).await?.new_record_key(vault, &record_id)?;
    let record = Record {
        id: record_id,
        organization_id: chart.organization_id,
        client_id: chart.client_id,
        chart_id,
        author: loaded.member.id,
        from_client: false,
        section: input.section,
        direction: input.direction,
        occurred_on,
        created_at: call.now,
        key: wrapped,
        title: record_key.seal(vault, "record/title", &record_id, &input.content.title)?,
        body: Body::Data { versions: 0, signed_at: None },
        voided: None,
        limits: RecordLimits::default(),
        class: None,
        guard: Guard::within(input.compartment),
        cosignature: None,
        revision: 1,
    };
    let draft = Draft {
        record_id,
        author: record.author,
        content: record_key.seal(vault, "note/draft", &record_id, &input.content)?,
        saved_at: call.now,
        revision: 1,
    };
    let output = Output {
        record: RecordView::new(&record, &record_key, &permit, &loaded.organization)?,
        draft: DraftView::new(&draft),
    };
    let change = Change::new().insert("record", &keys::record(chart_id, record_id), &record).insert(
        "draft",
        &keys::draft(chart_id, record_id),
        &draft,
    );
    // That there are raw data is noted in the chart (P-37), and when the sweep has to look at it (R150).
    let change = match chart.filed(&record, &loaded.organization) {
        Some(chart) => change.replace_chart(&chart),
        None => change,
    };
    call.commit(&loaded.organization, &permit, change, filed::fact(&record), Reply::with(output)).await
}
