//! How much of a client's trail a reader sees (R046, R131).
//!
//! Who may read the whole trail sees all of it, and everybody what they did themselves. Beside that a practitioner sees
//! what concerns the client as such and the charts they may read: that a colleague keeps another is not theirs to learn
//! here, nor that there is a note which its author keeps to themselves (R103). Of a chart they have a copy of they see
//! what was until then (P-45), of sessions those they may read (R102), and of its opening for a legal cause nothing
//! unless it may be listed to them. Who looked over all charts of the client was shown so many things: that is
//! told to who may read all those charts too, as the number would tell of others.

use crate::entry::actor;
use api::{Call, Loaded, Problem};
use authz::{Action, Resource};
use domain::{
    ChartId, FacilitationId, MemberId, RecordId, chart::Chart, facilitation::FacilitatedSession,
    member::Member, record::Record,
};
use evidence::{Evidence, Kind, Outcome};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use store::{Key, keys};

/// What a reader sees of a client's trail.
#[derive(Debug)]
pub enum Sight {
    Whole,
    /// What concerns the client as such, these charts, and what the reader did.
    Own {
        reader: MemberId,
        charts: BTreeMap<ChartId, Reach>,
    },
}

/// How much of a chart's trail the reader of the chart sees.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// Of a copy: what was before this moment.
    until: Option<Timestamp>,
    /// Also its escrows, and who opened it by one.
    escrows: bool,
}

impl Reach {
    fn of(call: &Call, loaded: &Loaded, chart: &Chart) -> Result<Self, Problem> {
        Ok(Self {
            until: chart.read_only_copy_until(&loaded.member, call.now),
            escrows: call.may(loaded, Action::ListEscrows, Resource::Chart(chart))?,
        })
    }

    fn includes(&self, fact: &Evidence) -> bool {
        self.until.is_none_or(|until| fact.at < until) && (self.escrows || !tells_of_escrow(fact))
    }
}

fn tells_of_escrow(fact: &Evidence) -> bool {
    let kinds = [
        Kind::EscrowRequested,
        Kind::EscrowApproved,
        Kind::EscrowRefused,
        Kind::EscrowEnded,
        Kind::EscrowsListed,
    ];
    kinds.contains(&fact.kind) || fact.details.contains_key("escrow_id")
}

/// Whether the number of things its actor was shown, in all charts they may read, stands in a fact.
const fn counts_over_charts(fact: &Evidence) -> bool {
    matches!(fact.outcome, Outcome::Succeeded)
        && matches!(fact.kind, Kind::TimelineRead | Kind::ChartsListed | Kind::ClientEvidenceRead)
}

/// The same of sessions, which are their facilitators'.
const fn counts_sessions(fact: &Evidence) -> bool {
    matches!(fact.outcome, Outcome::Succeeded) && matches!(fact.kind, Kind::ClientFacilitationsListed)
}

impl Sight {
    pub fn of(call: &Call, loaded: &Loaded, charts: &[Chart]) -> Result<Self, Problem> {
        if call.may(loaded, Action::ReadEvidence, Resource::Organization(loaded.organization.id))? {
            return Ok(Self::Whole);
        }
        let mut readable = BTreeMap::new();
        for chart in charts {
            if call.may(loaded, Action::ReadChart, Resource::Chart(chart))? {
                readable.insert(chart.id, Reach::of(call, loaded, chart)?);
            }
        }
        Ok(Self::Own { reader: loaded.member.id, charts: readable })
    }

    /// Of these facts those the reader sees.
    pub async fn seen(
        &self,
        call: &Call,
        loaded: &Loaded,
        charts: &[Chart],
        mut facts: Vec<Evidence>,
    ) -> Result<Vec<Evidence>, Problem> {
        let Self::Own { reader, charts: readable } = self else { return Ok(facts) };
        facts.retain(|fact| self.reaches(fact));
        let (secret, sessions, fellows) = tokio::try_join!(
            secret(call, *reader, charts, &facts),
            readable_sessions(call, loaded, &facts),
            fellows(call, loaded, charts, readable, &facts),
        )?;
        facts.retain(|fact| {
            let is_secret = fact.subjects.record_id.is_some_and(|id| secret.contains(&id));
            let is_readable = fact.subjects.facilitation_id.is_none_or(|id| sessions.contains(&id));
            let is_counted = !counts_over_charts(fact) || actor(fact).is_some_and(|id| fellows.contains(&id));
            self.is_own(fact) || (!is_secret && is_readable && is_counted)
        });
        Ok(facts)
    }

    fn reaches(&self, fact: &Evidence) -> bool {
        match self {
            Self::Whole => true,
            Self::Own { charts, .. } => {
                let reach = fact.subjects.chart_id.map(|chart| charts.get(&chart));
                let is_reached = reach.is_none_or(|reach| reach.is_some_and(|reach| reach.includes(fact)));
                self.is_own(fact) || (is_reached && !counts_sessions(fact))
            }
        }
    }

    /// Whether the reader did it.
    fn is_own(&self, fact: &Evidence) -> bool {
        match self {
            Self::Whole => false,
            Self::Own { reader, .. } => actor(fact) == Some(*reader),
        }
    }
}

/// The records these facts are about of which the reader may not even know.
async fn secret(
    call: &Call,
    reader: MemberId,
    charts: &[Chart],
    facts: &[Evidence],
) -> Result<BTreeSet<RecordId>, Problem> {
    let named: BTreeSet<(ChartId, RecordId)> =
        facts.iter().filter_map(|fact| Some((fact.subjects.chart_id?, fact.subjects.record_id?))).collect();
    let keys: Vec<_> = named.iter().map(|(chart, record)| keys::record(*chart, *record)).collect();
    let items = call.system.store.fetch(keys.iter().map(Key::closed)).await?;
    let mut secret = BTreeSet::new();
    for (key, (chart_id, id)) in keys.iter().zip(&named) {
        let is_owner = charts.iter().any(|chart| chart.id == *chart_id && chart.owner == reader);
        let found: Option<Record> = items.get(key)?;
        let hidden = match found {
            Some(record) => record.guard.compartment.is_secret() && record.author != reader,
            // A file on its way: where it will lie its trail does not say, and who files apart is the owner.
            None => !is_owner,
        };
        secret.extend(hidden.then_some(*id));
    }
    Ok(secret)
}

/// Of those who looked over all charts of the client who is shown no other charts than the reader, and one at least.
async fn fellows(
    call: &Call,
    loaded: &Loaded,
    charts: &[Chart],
    readable: &BTreeMap<ChartId, Reach>,
    facts: &[Evidence],
) -> Result<BTreeSet<MemberId>, Problem> {
    let looked: BTreeSet<MemberId> =
        facts.iter().filter(|fact| counts_over_charts(fact)).filter_map(actor).collect();
    let keys: Vec<_> = looked.into_iter().map(|id| keys::member(loaded.organization.id, id)).collect();
    let items = call.system.store.fetch(keys.iter().map(Key::any)).await?;
    // What is open in escrow is in none of these lists.
    let charts: Vec<Chart> = charts.iter().cloned().map(Chart::without_escrows).collect();
    let mut fellows = BTreeSet::new();
    for key in &keys {
        let found: Option<Member> = items.get(key)?;
        let Some(member) = found else { continue };
        let mut shown = Vec::new();
        for chart in &charts {
            if call.decide(loaded, &member, Action::ListRecords, Resource::Chart(chart))?.allowed {
                shown.push(readable.get(&chart.id).is_some_and(|reach| reach.until.is_none()));
            }
        }
        let is_fellow = !shown.is_empty() && shown.iter().all(|is_read_by_both| *is_read_by_both);
        fellows.extend(is_fellow.then_some(member.id));
    }
    Ok(fellows)
}

/// The sessions these facts are about which the reader may read.
async fn readable_sessions(
    call: &Call,
    loaded: &Loaded,
    facts: &[Evidence],
) -> Result<BTreeSet<FacilitationId>, Problem> {
    let named: BTreeSet<FacilitationId> =
        facts.iter().filter_map(|fact| fact.subjects.facilitation_id).collect();
    let keys: Vec<_> = named.into_iter().map(keys::facilitation).collect();
    let items = call.system.store.fetch(keys.iter().map(Key::any)).await?;
    let mut readable = BTreeSet::new();
    for key in &keys {
        let found: Option<FacilitatedSession> = items.get(key)?;
        let Some(session) = found else { continue };
        if call.may(loaded, Action::ReadFacilitation, Resource::Facilitation(&session))? {
            readable.insert(session.id);
        }
    }
    Ok(readable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{ClientId, EvidenceId, OrganizationId, purpose::Purpose};
    use evidence::{Actor, Source, Subjects};
    use uuid::Uuid;

    fn fact(actor: u128, chart: Option<u128>) -> Evidence {
        let subjects = Subjects::default().client(ClientId::new(Uuid::from_u128(3)));
        Evidence {
            id: EvidenceId::new(Uuid::nil()),
            organization_id: OrganizationId::new(Uuid::from_u128(1)),
            at: Timestamp::UNIX_EPOCH,
            kind: Kind::RecordRead,
            outcome: evidence::Outcome::Succeeded,
            actor: Actor::Member { member_id: MemberId::new(Uuid::from_u128(actor)), session_id: None },
            subjects: Subjects { chart_id: chart.map(|id| ChartId::new(Uuid::from_u128(id))), ..subjects },
            purpose: Purpose::Treatment,
            source: Source::default(),
            policies: vec![],
            details: BTreeMap::new(),
        }
    }

    const fn chart(id: u128) -> ChartId {
        ChartId::new(Uuid::from_u128(id))
    }

    /// What member 1 sees who may read chart 10 so far.
    fn sight(reach: Reach) -> Sight {
        Sight::Own { reader: MemberId::new(Uuid::from_u128(1)), charts: BTreeMap::from([(chart(10), reach)]) }
    }

    #[test]
    fn a_colleagues_chart_is_not_learned_of_from_the_trail() {
        let amara = sight(Reach { until: None, escrows: true });
        assert!(amara.reaches(&fact(2, None)), "what concerns the client as such");
        assert!(amara.reaches(&fact(2, Some(10))), "who looked into her own chart");
        assert!(amara.reaches(&fact(1, Some(20))), "what she did herself");
        assert!(!amara.reaches(&fact(2, Some(20))), "what a colleague did in theirs");
        assert!(Sight::Whole.reaches(&fact(2, Some(20))));
    }

    #[test]
    fn that_sessions_were_counted_is_told_to_who_did_it() {
        let listed = |by| Evidence { kind: Kind::ClientFacilitationsListed, ..fact(by, None) };
        let amara = sight(Reach { until: None, escrows: true });
        assert!(amara.reaches(&listed(1)) && !amara.reaches(&listed(2)));
        let denied = Evidence { outcome: Outcome::Denied, ..listed(2) };
        assert!(amara.reaches(&denied), "it counts nothing");
    }

    #[test]
    fn a_copys_trail_ends_before_the_moment_the_copy_does() {
        let reaches = |second| {
            let until = Timestamp::from_second(second).ok();
            sight(Reach { until, escrows: false }).reaches(&fact(2, Some(10)))
        };
        assert!(reaches(1) && !reaches(0) && !reaches(-1));
    }

    #[test]
    fn an_escrow_is_told_to_who_may_list_it() {
        let asked = Evidence { kind: Kind::EscrowRequested, ..fact(2, Some(10)) };
        let details = BTreeMap::from([("escrow_id".to_owned(), "7".to_owned())]);
        let opened = Evidence { details, ..fact(2, Some(10)) };
        for told in [&asked, &opened] {
            assert!(sight(Reach { until: None, escrows: true }).reaches(told));
            assert!(!sight(Reach { until: None, escrows: false }).reaches(told));
        }
    }
}
