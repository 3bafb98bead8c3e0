//! A file becomes a record of a chart: the member's own, or a contribution of the client that they accept
//! (R005, X-9).

use domain::{
    MemberId, RecordId, Sealed, WrappedKey,
    chart::{Chart, Section},
    confidentiality::{Compartment, Guard},
    record::{Body, Direction, FileVersion, ReceivedFile, Record, RecordLimits, Title},
};
use jiff::{Timestamp, civil::Date};

/// Everything a new electronic record is made of.
pub struct Filing<'a> {
    pub record_id: RecordId,
    pub chart: &'a Chart,
    /// The signed-in member, always (R004).
    pub author: MemberId,
    pub from_client: bool,
    pub section: Section,
    pub direction: Direction,
    pub occurred_on: Date,
    pub compartment: Compartment,
    pub key: WrappedKey,
    pub title: Sealed<Title>,
    pub file: ReceivedFile,
}

impl Filing<'_> {
    /// The record, and the first version of its file.
    pub fn record(self, now: Timestamp) -> (Record, FileVersion) {
        let version = self.file.into_version(self.record_id, 1, self.author, now);
        let record = Record {
            id: self.record_id,
            organization_id: self.chart.organization_id,
            client_id: self.chart.client_id,
            chart_id: self.chart.id,
            author: self.author,
            from_client: self.from_client,
            section: self.section,
            direction: self.direction,
            occurred_on: self.occurred_on,
            created_at: now,
            key: self.key,
            title: self.title,
            body: Body::Electronic { versions: 1, current: Box::new(version.clone()) },
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::within(self.compartment),
            cosignature: None,
            revision: 1,
        };
        (record, version)
    }
}
