//! Which records can be proposed for destruction, and why others cannot (R036, R154, R156).

use api::{Call, Loaded, Problem};
use domain::{
    ChartId, DispositionId, HoldId, OrganizationId, RecordId,
    disposition::{DIGITISED_RULE, DIGITISED_RULE_VERSION, Disposition, DispositionItem, Ground, ItemState},
    hold::HoldSubject,
    record::{Body, Record},
    retention::RecordFacts,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{AnyKey, Change, EligibleEntry, Items, Key, ListedEntry, StandingHolds, keys};

/// A record that can be proposed, and where it is marked as proposed.
///
/// INVARIANT: whatever the ground, its mark says which disposition has it, and is written with the disposition's item: a
/// record is in one disposition. Its place on the worklist says so too, for people, but comes and goes with what is
/// known of the client.
pub(crate) struct Candidate {
    pub(crate) item: DispositionItem,
    eligible: Option<EligibleEntry>,
    /// The mark as it was read.
    listed: Option<ListedEntry>,
}

/// A record that was asked for and is not proposed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "RefusedRecord")]
pub struct Refused {
    pub chart_id: ChartId,
    pub record_id: RecordId,
    pub reason: Refusal,
    /// The legal holds that keep it.
    pub holds: Vec<HoldId>,
}

/// Why a record is not proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RefusalReason")]
pub enum Refusal {
    /// There is no such record, or no longer.
    Gone,
    /// A legal hold keeps it.
    Held,
    /// It is not on the worklist of records whose time has ended.
    NotEligible,
    /// It is in another disposition.
    Listed,
    /// Only paper is destroyed because it was digitised.
    NotPaper,
    /// Nobody has compared its scan with it, or the scan is not kept where the paper was (R036).
    ScanNotVerified,
    /// Nobody has said what class of record it is.
    ClassUnknown,
    /// Somebody changed it at the same moment; propose it again.
    ChangedMeanwhile,
}

impl Candidate {
    /// The record in its disposition, and nowhere else.
    pub(crate) fn listed(&self, change: Change, disposition: DispositionId) -> Change {
        let item = DispositionItem { disposition_id: disposition, ..self.item.clone() };
        let DispositionItem { organization_id, chart_id, record_id, .. } = item;
        let change = change.insert("record", &keys::disposition_item(disposition, record_id), &item);
        let key = keys::listed(chart_id, record_id);
        let revision = self.listed.as_ref().map_or(1, |before| before.revision);
        let mark = ListedEntry { organization_id, disposition_id: disposition, revision };
        let change = match self.listed {
            Some(_) => change.replace("listed", &key, &mark),
            None => change.insert("listed", &key, &mark),
        };
        match &self.eligible {
            Some(entry) => {
                let entry = EligibleEntry { disposition_id: Some(disposition), ..entry.clone() };
                change.replace("eligible", &keys::eligible(organization_id, record_id), &entry)
            }
            None => change,
        }
    }

    pub(crate) fn refused(&self, reason: Refusal) -> Refused {
        let (chart_id, record_id) = (self.item.chart_id, self.item.record_id);
        Refused { chart_id, record_id, reason, holds: Vec::new() }
    }
}

/// What is looked at, read together.
struct Desk<'a> {
    call: &'a Call,
    loaded: &'a Loaded,
    ground: Ground,
    standing: StandingHolds,
    read: Vec<Items>,
    /// Records that are still kept by the disposition they were proposed in.
    taken: BTreeSet<RecordId>,
}

/// The records that can be proposed on a ground, and those that cannot.
pub(crate) async fn find(
    call: &Call,
    loaded: &Loaded,
    ground: Ground,
    places: &BTreeMap<RecordId, ChartId>,
) -> Result<(Vec<Candidate>, Vec<Refused>), Problem> {
    let organization = loaded.organization.id;
    let named = places.iter().flat_map(|(record, chart)| {
        [
            keys::record(*chart, *record).closed(),
            keys::eligible(organization, *record).any(),
            keys::listed(*chart, *record).any(),
        ]
    });
    // The holds first: one that is placed while the records are read is found when they are destroyed.
    let standing = call.system.store.standing_holds(organization).await?;
    let wanted: Vec<AnyKey> = named.collect();
    let read = call.system.store.fetch_all(wanted).await?;
    let mut desk = Desk { call, loaded, ground, standing, read: vec![read], taken: BTreeSet::new() };
    desk.read_scans(places).await?;
    desk.read_taken(organization, places).await?;
    let (mut candidates, mut refused) = (Vec::new(), Vec::new());
    for (record_id, chart_id) in places {
        match desk.look(*chart_id, *record_id)? {
            Ok(candidate) => candidates.push(candidate),
            Err((reason, holds)) => {
                refused.push(Refused { chart_id: *chart_id, record_id: *record_id, reason, holds });
            }
        }
    }
    Ok((candidates, refused))
}

type Looked = Result<Candidate, (Refusal, Vec<HoldId>)>;

impl Desk<'_> {
    fn get<T: store::Item>(&self, key: &Key<T>) -> Result<Option<T>, Problem> {
        for items in &self.read {
            if let Some(item) = items.get(key)? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// The scans of paper are looked at, too.
    async fn read_scans(&mut self, places: &BTreeMap<RecordId, ChartId>) -> Result<(), Problem> {
        if self.ground != Ground::Digitised {
            return Ok(());
        }
        let mut wanted = Vec::new();
        for (record, chart) in places {
            let record: Option<Record> = self.get(&keys::record(*chart, *record))?;
            let scan = record.as_ref().and_then(Record::verified_scan);
            wanted.extend(scan.map(|scan| keys::record(*chart, scan).closed()));
        }
        self.read.push(self.call.system.store.fetch_all(wanted).await?);
        Ok(())
    }

    /// Which records another disposition still keeps.
    async fn read_taken(
        &mut self,
        organization: OrganizationId,
        places: &BTreeMap<RecordId, ChartId>,
    ) -> Result<(), Problem> {
        let mut named = Vec::new();
        for (record, chart) in places {
            let eligible: Option<EligibleEntry> = self.get(&keys::eligible(organization, *record))?;
            let listed: Option<ListedEntry> = self.get(&keys::listed(*chart, *record))?;
            let dispositions =
                [eligible.and_then(|entry| entry.disposition_id), listed.map(|entry| entry.disposition_id)];
            named.extend(dispositions.into_iter().flatten().map(|disposition| (disposition, *record)));
        }
        let wanted: BTreeSet<AnyKey> = named
            .iter()
            .flat_map(|(id, record)| {
                [keys::disposition(*id).any(), keys::disposition_item(*id, *record).any()]
            })
            .collect();
        self.read.push(self.call.system.store.fetch_all(wanted).await?);
        for (id, record) in named {
            let disposition: Option<Disposition> = self.get(&keys::disposition(id))?;
            let item: Option<DispositionItem> = self.get(&keys::disposition_item(id, record))?;
            if disposition.zip(item).is_some_and(|(disposition, item)| disposition.keeps(&item)) {
                self.taken.insert(record);
            }
        }
        Ok(())
    }

    fn look(&self, chart_id: ChartId, record_id: RecordId) -> Result<Looked, Problem> {
        let refuse = |reason| Ok(Err((reason, Vec::new())));
        let organization = self.loaded.organization.id;
        let record: Option<Record> = self.get(&keys::record(chart_id, record_id))?;
        let Some(record) = record.filter(|record| record.organization_id == organization) else {
            return refuse(Refusal::Gone);
        };
        let holds = self.standing.covering(&HoldSubject::from(&record));
        if !holds.is_empty() {
            return Ok(Err((Refusal::Held, holds)));
        }
        if self.taken.contains(&record_id) {
            return refuse(Refusal::Listed);
        }
        match self.ground {
            Ground::RetentionEnded => match self.get(&keys::eligible(organization, record_id))? {
                Some(entry) => Ok(Ok(self.eligible(&record, entry)?)),
                None => refuse(Refusal::NotEligible),
            },
            Ground::Digitised => self.digitised(&record),
        }
    }

    fn eligible(&self, record: &Record, entry: EligibleEntry) -> Result<Candidate, Problem> {
        let item = DispositionItem {
            class: entry.class,
            eligible_on: entry.eligible_on,
            rule_id: entry.rule_id.clone(),
            rule_version: entry.rule_version.clone(),
            notices: entry.notices.clone(),
            ..self.item(record, entry.class)?
        };
        Ok(Candidate { item, eligible: Some(entry), listed: self.listed(record)? })
    }

    fn digitised(&self, record: &Record) -> Result<Looked, Problem> {
        if !matches!(record.body, Body::Physical(_)) {
            return Ok(Err((Refusal::NotPaper, Vec::new())));
        }
        if !self.has_scan(record)? {
            return Ok(Err((Refusal::ScanNotVerified, Vec::new())));
        }
        let organization = &self.loaded.organization;
        let facts = RecordFacts::of(record, &organization.retention, &organization.policy.time_zone.zone());
        let Some(class) = facts.class else { return Ok(Err((Refusal::ClassUnknown, Vec::new()))) };
        let item = self.item(record, class)?;
        Ok(Ok(Candidate { item, eligible: None, listed: self.listed(record)? }))
    }

    fn listed(&self, record: &Record) -> Result<Option<ListedEntry>, Problem> {
        self.get(&keys::listed(record.chart_id, record.id))
    }

    /// Whether a verified scan is kept in the paper's chart, there to be opened.
    fn has_scan(&self, record: &Record) -> Result<bool, Problem> {
        let Some(scan) = record.verified_scan() else { return Ok(false) };
        let scan: Option<Record> = self.get(&keys::record(record.chart_id, scan))?;
        Ok(scan.is_some_and(|scan| scan.organization_id == record.organization_id && scan.stands_for_paper()))
    }

    /// The record as an item, as if it were digitised paper: the caller says better what it knows better.
    fn item(
        &self,
        record: &Record,
        class: domain::retention::RecordClass,
    ) -> Result<DispositionItem, Problem> {
        Ok(DispositionItem {
            disposition_id: DispositionId::new(record.id.uuid()),
            organization_id: record.organization_id,
            client_id: record.client_id,
            chart_id: record.chart_id,
            record_id: record.id,
            record_type: record.record_type(),
            section: record.section,
            class,
            occurred_on: record.occurred_on,
            created_at: record.created_at,
            eligible_on: self.call.today(&self.loaded.organization),
            rule_id: DIGITISED_RULE.parse().map_err(Problem::internal)?,
            rule_version: DIGITISED_RULE_VERSION.to_owned(),
            schedule_version: None,
            // What is in it stays, in the scan.
            notices: BTreeSet::new(),
            salt: self.call.system.vault.new_salt()?,
            waits_until: None,
            state: ItemState::Listed,
            revision: 1,
        })
    }
}
