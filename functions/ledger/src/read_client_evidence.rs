//! Reads the audit trail of a client, newest first (R130, R131, R135).
//!
//! Who may read the whole trail sees all of it. A practitioner sees what concerns the client as such and
//! the charts they may read: that a colleague keeps another is not theirs to learn here, nor that there is a note
//! which its author keeps to themselves (R046, R103).

use crate::{
    entry::{self, Output},
    trail::Query,
};
use api::{Call, Fact, Loaded, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{ChartId, ClientId, MemberId, RecordId, chart::Chart, purpose::Purpose, record::Record};
use evidence::{Actor, Evidence, Kind};
use std::collections::BTreeSet;
use store::{Key, keys};

pub static OPERATION: Operation = Operation::get(
    "read_client_evidence",
    "/clients/{client_id}/evidence",
    Action::ReadClientEvidence,
    Kind::ClientEvidenceRead,
)
.purpose(Purpose::Operations)
.summary("Read the audit trail of a client (R130, R131)");

pub async fn handle(call: Call, query: Query) -> Outcome<Output> {
    let wanted = query.check()?;
    let client_id: ClientId = call.path("client_id")?;
    let client_key = keys::client(client_id);
    let store = &call.system.store;
    let trail = async {
        Ok::<_, Problem>(store.evidence_of_client(client_id, wanted.after.as_deref(), wanted.limit).await?)
    };
    let charts = async { Ok::<_, Problem>(store.charts(client_id).await?) };
    let (loaded, page, charts) = tokio::try_join!(call.load([client_key.any()]), trail, charts)?;
    let client = loaded.require(&client_key)?;
    let permit = call.permit(&loaded, Resource::Client(&client))?;
    let sight = Sight::of(&call, &loaded, &charts)?;
    let (mut facts, next) = wanted.select(loaded.organization.id, page);
    facts.retain(|fact| sight.reaches(fact));
    let secret = sight.secret(&call, &charts, &facts).await?;
    facts.retain(|fact| fact.subjects.record_id.is_none_or(|id| !secret.contains(&id)) || sight.is_own(fact));
    let fact = Fact::new().client(client_id);
    Ok(Reply::with(entry::show(&call, &loaded, &permit, fact, (facts, next)).await?))
}

/// How much of a client's trail a reader sees.
#[derive(Debug)]
enum Sight {
    Whole,
    /// What concerns the client as such, these charts, and what the reader did.
    Own {
        reader: MemberId,
        charts: BTreeSet<ChartId>,
    },
}

impl Sight {
    fn of(call: &Call, loaded: &Loaded, charts: &[Chart]) -> Result<Self, Problem> {
        if call.may(loaded, Action::ReadEvidence, Resource::Organization(loaded.organization.id))? {
            return Ok(Self::Whole);
        }
        let mut readable = BTreeSet::new();
        for chart in charts {
            if call.may(loaded, Action::ReadChart, Resource::Chart(chart))? {
                readable.insert(chart.id);
            }
        }
        Ok(Self::Own { reader: loaded.member.id, charts: readable })
    }

    fn reaches(&self, fact: &Evidence) -> bool {
        match self {
            Self::Whole => true,
            Self::Own { charts, .. } => {
                self.is_own(fact) || fact.subjects.chart_id.is_none_or(|chart| charts.contains(&chart))
            }
        }
    }

    /// Whether the reader did it.
    fn is_own(&self, fact: &Evidence) -> bool {
        match self {
            Self::Whole => false,
            Self::Own { reader, .. } => {
                matches!(fact.actor, Actor::Member { member_id, .. } if member_id == *reader)
            }
        }
    }

    /// The records these facts are about of which the reader may not even know.
    async fn secret(
        &self,
        call: &Call,
        charts: &[Chart],
        facts: &[Evidence],
    ) -> Result<BTreeSet<RecordId>, Problem> {
        let Self::Own { reader, .. } = self else { return Ok(BTreeSet::new()) };
        let named: BTreeSet<(ChartId, RecordId)> = facts
            .iter()
            .filter_map(|fact| Some((fact.subjects.chart_id?, fact.subjects.record_id?)))
            .collect();
        let keys: Vec<_> = named.iter().map(|(chart, record)| keys::record(*chart, *record)).collect();
        let items = call.system.store.fetch(keys.iter().map(Key::closed)).await?;
        let mut secret = BTreeSet::new();
        for (key, (chart_id, id)) in keys.iter().zip(&named) {
            let is_owner = charts.iter().any(|chart| chart.id == *chart_id && chart.owner == *reader);
            let found: Option<Record> = items.get(key)?;
            let hidden = match found {
                Some(record) => record.guard.compartment.is_secret() && record.author != *reader,
                // A file on its way: where it will lie its trail does not say, and who files apart is the owner.
                None => !is_owner,
            };
            secret.extend(hidden.then_some(*id));
        }
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EvidenceId, OrganizationId};
    use evidence::{Source, Subjects};
    use jiff::Timestamp;
    use std::collections::BTreeMap;
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

    #[test]
    fn a_colleagues_chart_is_not_learned_of_from_the_trail() {
        let charts = BTreeSet::from([ChartId::new(Uuid::from_u128(10))]);
        let amara = Sight::Own { reader: MemberId::new(Uuid::from_u128(1)), charts };
        assert!(amara.reaches(&fact(2, None)), "what concerns the client as such");
        assert!(amara.reaches(&fact(2, Some(10))), "who looked into her own chart");
        assert!(amara.reaches(&fact(1, Some(20))), "what she did herself");
        assert!(!amara.reaches(&fact(2, Some(20))), "what a colleague did in theirs");
        assert!(Sight::Whole.reaches(&fact(2, Some(20))));
    }
}
