//! Confidentiality: what is marked, what is kept apart, and what is derived from both (R080-R083, R086, P-30,
//! P-31, P-37).

use crate::{chart::Chart, record::Record};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Where in a chart's binding a record lies. It is chosen when the record is made and never changes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Compartment {
    /// The chart itself: what is shared when the chart is.
    #[default]
    Chart,
    /// Psychometric protocols and other raw data: their existence is noted in the chart, their content is for
    /// the professional responsible (P-37, R086). Never part of a share.
    RawData,
    /// Psychotherapy notes in the sense of 45 CFR 164.501: their author's alone.
    PsychotherapyNotes,
    /// What its author keeps to themselves (R103).
    Private,
}

impl Compartment {
    pub const ALL: [Self; 4] = [Self::Chart, Self::RawData, Self::PsychotherapyNotes, Self::Private];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::RawData => "raw_data",
            Self::PsychotherapyNotes => "psychotherapy_notes",
            Self::Private => "private",
        }
    }

    /// Whether even that something lies there is its author's alone. That there are raw data, the chart says.
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::PsychotherapyNotes | Self::Private)
    }
}

/// Why a record asks for more care than others (R083).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Mental health.
    Psychological,
    /// Substance use disorder (42 CFR Part 2): a copy carries the notice against redisclosure (2.32).
    SubstanceUse,
    Hiv,
    /// Genetic information (45 CFR 160.103).
    Genetic,
    Minor,
    Reproductive,
}

impl Sensitivity {
    /// Whether it marks care that a minor commonly consents to alone, of which parents then do not dispose (45 CFR
    /// 164.502(g)(3)(i)).
    pub const fn is_minors_own(self) -> bool {
        matches!(self, Self::Psychological | Self::SubstanceUse | Self::Hiv | Self::Reproductive)
    }
}

/// What goes with every copy of a record about substance use disorder (42 CFR 2.32(a)(2)).
pub const REDISCLOSURE_NOTICE: &str =
    "42 CFR part 2 prohibits unauthorized use or disclosure of these records.";

/// How a record is guarded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    #[serde(default)]
    pub compartment: Compartment,
    /// Since when it has been marked confidential (P-30).
    #[serde(default)]
    pub confidential_since: Option<Timestamp>,
    #[serde(default)]
    pub labels: BTreeSet<Sensitivity>,
}

/// Why a mark is not set so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MarkError {
    #[error("a record with a sensitivity label is confidential; take the labels off first")]
    Labelled,
    #[error("what is kept apart from the chart needs no mark")]
    Apart,
    #[error("the note is a draft; sign it first")]
    Draft,
    #[error("the record was voided")]
    Voided,
}

impl Guard {
    /// A record made in a compartment.
    pub fn within(compartment: Compartment) -> Self {
        Self { compartment, ..Self::default() }
    }

    pub const fn is_confidential(&self) -> bool {
        self.confidential_since.is_some()
    }

    /// Marks it, or takes the mark off. A label is a mark.
    pub fn mark(
        mut self,
        confidential: bool,
        labels: BTreeSet<Sensitivity>,
        now: Timestamp,
    ) -> Result<Self, MarkError> {
        if self.compartment != Compartment::Chart {
            return Err(MarkError::Apart);
        }
        if !confidential && !labels.is_empty() {
            return Err(MarkError::Labelled);
        }
        self.confidential_since = confidential.then(|| self.confidential_since.unwrap_or(now));
        self.labels = labels;
        Ok(self)
    }
}

impl Record {
    /// The record marked, or not any more. What is marked stands in its chart for everybody who may see it, which a
    /// draft does not yet.
    pub fn mark(
        self,
        chart: &Chart,
        confidential: bool,
        labels: BTreeSet<Sensitivity>,
        now: Timestamp,
    ) -> Result<Self, MarkError> {
        if self.voided.is_some() {
            return Err(MarkError::Voided);
        }
        if self.is_draft() {
            return Err(MarkError::Draft);
        }
        // A call that began before the chart changed hands marks nothing that the transfer would have left out.
        let since = chart.passages.last().map_or(now, |passage| passage.accepted_at.max(now));
        Ok(Self { guard: self.guard.mark(confidential, labels, since)?, ..self })
    }
}

/// What a chart is, by its own mark and by what is in it (P-30, P-31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidentiality {
    /// Nothing in it is marked.
    Institutional,
    /// At least one of its records is: never set by hand.
    PartiallyConfidential,
    /// The whole of it is.
    Confidential,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChartId, ClientId, MemberId, OrganizationId, RecordId, Sealed, TransferId, WrappedKey,
        chart::Section,
        client::{Client, ClientStatus},
        record::{Body, Direction, RecordError, RecordLimits, Voided},
        transfer::{Initiator, Offer, TransferError, TransferSection},
    };
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn member(id: u128) -> MemberId {
        MemberId::new(Uuid::from_u128(id))
    }

    fn at(seconds: usize) -> Timestamp {
        Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap()
    }

    fn chart() -> Chart {
        let client = Client {
            id: ClientId::new(Uuid::from_u128(3)),
            organization_id: OrganizationId::new(Uuid::from_u128(1)),
            status: ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: at(0),
            revision: 1,
        };
        Chart::open(ChartId::new(Uuid::from_u128(4)), &client, member(1), at(0))
    }

    fn note(chart: &Chart, id: usize, compartment: Compartment) -> Record {
        Record {
            id: RecordId::new(Uuid::from_u128(u128::try_from(id).unwrap())),
            organization_id: chart.organization_id,
            client_id: chart.client_id,
            chart_id: chart.id,
            author: chart.owner,
            from_client: false,
            section: Section::ProgressNotes,
            direction: Direction::AboutClient,
            occurred_on: date(2026, 3, 1),
            created_at: at(id),
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Data { versions: 1, signed_at: Some(at(id)) },
            voided: None,
            limits: RecordLimits::default(),
            class: None,
            guard: Guard::within(compartment),
            cosignature: None,
            revision: 1,
        }
    }

    fn voided() -> Voided {
        Voided { by: member(1), at: at(1), reason: Sealed::from_bytes(vec![]) }
    }

    /// Something that happens to a chart.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        File(Compartment),
        Mark(usize, bool),
        Label(usize),
        Strike(usize),
        HandOver { confidential: bool, raw_data: bool },
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => prop::sample::select(Compartment::ALL.to_vec()).prop_map(Step::File),
            6 => (0..12_usize, any::<bool>()).prop_map(|(record, on)| Step::Mark(record, on)),
            2 => (0..12_usize).prop_map(Step::Label),
            2 => (0..12_usize).prop_map(Step::Strike),
            1 => (any::<bool>(), any::<bool>())
                .prop_map(|(confidential, raw_data)| Step::HandOver { confidential, raw_data }),
        ]
    }

    /// The chart and its records after a step; one that is refused changes nothing.
    fn after(step: Step, chart: Chart, records: &mut Vec<Record>, now: usize) -> Chart {
        let on = BTreeSet::new;
        match step {
            Step::File(compartment) => {
                let record = note(&chart, now, compartment);
                let counted = chart.recounted(None, &record);
                records.push(record);
                counted.unwrap_or(chart)
            }
            Step::Mark(at, marked) => changed(chart, records, at, |record, chart| {
                record.mark(chart, marked, on(), self::at(now)).ok()
            }),
            Step::Label(at) => changed(chart, records, at, |record, chart| {
                record.mark(chart, true, BTreeSet::from([Sensitivity::Hiv]), self::at(now)).ok()
            }),
            Step::Strike(at) => changed(chart, records, at, |record, _| record.void(voided()).ok()),
            Step::HandOver { confidential, raw_data } => {
                handed_over(&chart, confidential, raw_data, now).unwrap_or(chart)
            }
        }
    }

    fn changed(
        chart: Chart,
        records: &mut [Record],
        at: usize,
        change: impl FnOnce(Record, &Chart) -> Option<Record>,
    ) -> Chart {
        // What a transfer has left out, no policy lets anybody change.
        let Some(record) = records.get_mut(at).filter(|record| !record.is_residue(&chart)) else {
            return chart;
        };
        let Some(new) = change(record.clone(), &chart) else { return chart };
        let counted = chart.recounted(Some(record), &new);
        *record = new;
        counted.unwrap_or(chart)
    }

    fn handed_over(
        chart: &Chart,
        confidential: bool,
        raw_data: bool,
        now: usize,
    ) -> Result<Chart, TransferError> {
        let id = TransferId::new(Uuid::from_u128(u128::try_from(now).unwrap()));
        let mut sections = BTreeSet::from(TransferSection::ALWAYS);
        sections.extend(confidential.then_some(TransferSection::ConfidentialInformation));
        sections.extend(raw_data.then_some(TransferSection::RawData));
        let to = if chart.owner == member(1) { member(2) } else { member(1) };
        let (by, offered_at) = (chart.owner, at(now));
        let offer = Offer { id, to, by, initiator: Initiator::Owner, sections, keep_copy: true, offered_at };
        Ok(chart.clone().offer(offer)?.accept_offer(id, at(now))?.0)
    }

    proptest! {
        /// Whatever is filed, marked, struck through and handed over: what the chart is said to be follows from
        /// what is in it, and it is institutional again when the last mark is gone (P-30, P-37, X-4, X-5).
        #[test]
        fn a_chart_is_what_is_in_it(steps in prop::collection::vec(step(), 0..80)) {
            let (mut chart, mut records) = (chart(), Vec::new());
            for (number, step) in steps.into_iter().enumerate() {
                chart = after(step, chart, &mut records, number + 1);
                let there = records.iter().filter(|record| record.voided.is_none() && !record.is_residue(&chart));
                let marked = there.clone().filter(|record| record.guard.is_confidential()).count();
                let raw = there.filter(|record| record.guard.compartment == Compartment::RawData).count();
                prop_assert_eq!(usize::try_from(chart.confidential_records).unwrap(), marked, "{:?}", step);
                prop_assert_eq!(usize::try_from(chart.raw_data_records).unwrap(), raw, "{:?}", step);
                let partly = chart.confidentiality() == Confidentiality::PartiallyConfidential;
                prop_assert_eq!(partly, marked > 0);
                let whole = chart.clone().mark(true).unwrap();
                prop_assert_eq!(whole.confidentiality(), Confidentiality::Confidential);
                prop_assert_eq!(whole.mark(false).unwrap().confidentiality(), chart.confidentiality());
            }
        }
    }

    #[test]
    fn a_label_is_a_mark_and_keeps_the_time_of_the_first() {
        let chart = chart();
        let hiv = || BTreeSet::from([Sensitivity::Hiv]);
        let plain = note(&chart, 1, Compartment::Chart);
        let refused = plain.clone().mark(&chart, false, hiv(), at(5)).unwrap_err();
        assert_eq!(refused, MarkError::Labelled);
        let marked = plain.mark(&chart, true, BTreeSet::new(), at(5)).unwrap();
        let labelled = marked.mark(&chart, true, hiv(), at(6)).unwrap();
        assert_eq!((labelled.guard.confidential_since, labelled.guard.labels.len()), (Some(at(5)), 1));
        let taken_off = labelled.mark(&chart, false, BTreeSet::new(), at(7)).unwrap();
        assert_eq!(taken_off.guard, Guard::default());
    }

    #[test]
    fn neither_a_draft_nor_what_is_struck_through_or_kept_apart_is_marked() {
        let chart = chart();
        let mark = |record: Record| record.mark(&chart, true, BTreeSet::new(), at(9)).unwrap_err();
        let mut draft = note(&chart, 1, Compartment::Chart);
        draft.body = Body::Data { versions: 0, signed_at: None };
        assert_eq!(mark(draft), MarkError::Draft);
        assert_eq!(mark(note(&chart, 1, Compartment::Chart).void(voided()).unwrap()), MarkError::Voided);
        for compartment in [Compartment::RawData, Compartment::PsychotherapyNotes, Compartment::Private] {
            assert_eq!(mark(note(&chart, 1, compartment)), MarkError::Apart);
        }
    }

    /// A call that began before a transfer was accepted, and came through behind it, marks for the new owner.
    #[test]
    fn a_late_mark_leaves_nothing_out_of_a_transfer_that_is_over() {
        let chart = handed_over(&chart(), false, false, 10).unwrap();
        let marked = note(&chart, 1, Compartment::Chart).mark(&chart, true, BTreeSet::new(), at(9)).unwrap();
        assert!(!marked.is_residue(&chart));
        assert_eq!(
            chart
                .recounted(Some(&note(&chart, 1, Compartment::Chart)), &marked)
                .unwrap()
                .confidential_records,
            1
        );
    }

    #[test]
    fn only_the_owner_files_what_is_kept_apart() {
        let chart = chart();
        for compartment in Compartment::ALL {
            assert_eq!(chart.must_take(compartment, member(1)), Ok(()));
            let by_another = chart.must_take(compartment, member(2));
            let expected =
                if compartment == Compartment::Chart { Ok(()) } else { Err(RecordError::NotOwner) };
            assert_eq!(by_another, expected, "{compartment:?}");
        }
    }

    #[test]
    fn a_chart_on_its_way_is_not_marked() {
        let mut chart = chart();
        let sections = BTreeSet::from(TransferSection::ALWAYS);
        chart.offer = Some(Offer {
            id: TransferId::new(Uuid::from_u128(9)),
            to: member(2),
            by: member(3),
            initiator: Initiator::Coordinator,
            sections,
            keep_copy: false,
            offered_at: at(1),
        });
        assert_eq!(chart.mark(true).unwrap_err(), TransferError::InTransfer);
    }
}
