//! A destroyed record as people see it: what it was and when it ended, and nothing of what was in it (R154).

use domain::{
    ChartId, ClientId, DispositionId, RecordId, chart::Section, disposition::Tombstone, record::RecordType,
    retention::RecordClass,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Serialize, JsonSchema)]
pub struct GoneRecord {
    pub record_id: RecordId,
    pub chart_id: ChartId,
    pub client_id: ClientId,
    pub record_type: RecordType,
    pub section: Section,
    pub class: RecordClass,
    pub occurred_on: Date,
    /// The disposition whose certificate says how it was destroyed.
    pub disposition_id: DispositionId,
    pub destroyed_at: Timestamp,
}

impl From<Tombstone> for GoneRecord {
    fn from(gone: Tombstone) -> Self {
        Self {
            record_id: gone.record_id,
            chart_id: gone.chart_id,
            client_id: gone.client_id,
            record_type: gone.record_type,
            section: gone.section,
            class: gone.class,
            occurred_on: gone.occurred_on,
            disposition_id: gone.disposition_id,
            destroyed_at: gone.destroyed_at,
        }
    }
}
