//! Whom and what a reader's own trail may name to them: clients, charts and records they may know now. What they did
//! with others stays in their trail, and not with whom: who hands a colleague's charts on learns of the confidential
//! ones how many there are, here as elsewhere (P-33, P-35).

use api::{Call, Loaded, Problem};
use authz::{Action, Resource};
use domain::{ChartId, ClientId, RecordId, chart::Chart, client::Client, record::Record};
use evidence::{Evidence, Outcome, Subjects};
use std::collections::BTreeSet;
use store::{Items, Key, keys};

/// Any of these is reason enough to know a client,
const CLIENT: [Action; 3] = [Action::ReadClient, Action::ReadTimeline, Action::ReadRetentionFacts];
/// a chart and whom it is about,
const CHART: [Action; 4] =
    [Action::ReadChart, Action::ListRecords, Action::ReadPassages, Action::ListDestroyed];
/// or a record and its chart.
const RECORD: [Action; 3] = [Action::ReadRecord, Action::ListCustody, Action::ExplainRetention];

/// What may be named.
#[derive(Debug)]
pub enum Known {
    Everything,
    These { clients: BTreeSet<ClientId>, charts: BTreeSet<ChartId>, records: BTreeSet<RecordId> },
}

impl Known {
    /// Of what these facts are about.
    pub async fn of(call: &Call, loaded: &Loaded, facts: &[Evidence]) -> Result<Self, Problem> {
        if call.may(loaded, Action::ReadEvidence, Resource::Organization(loaded.organization.id))? {
            return Ok(Self::Everything);
        }
        let named = Named::in_facts(facts);
        let items = call.system.store.fetch_all(named.keys()).await?;
        let (mut clients, mut charts, mut records) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for id in &named.clients {
            let client: Option<Client> = items.get(&keys::client(*id))?;
            if let Some(client) = client
                && may_any(call, loaded, &CLIENT, Resource::Client(&client))?
            {
                clients.insert(*id);
            }
        }
        for id in &named.charts {
            let Some(chart) = chart(&items, *id)? else { continue };
            if may_any(call, loaded, &CHART, Resource::Chart(&chart))? {
                charts.insert(*id);
                clients.insert(chart.client_id);
            } else if call.may(loaded, Action::WithdrawTransfer, Resource::Chart(&chart))? {
                // Whoever can take their offer back knows of which chart, and not whom it is about (P-36).
                charts.insert(*id);
            }
        }
        for (chart_id, id) in &named.records {
            let record: Option<Record> = items.get(&keys::record(*chart_id, *id))?;
            let (Some(record), Some(chart)) = (record, chart(&items, *chart_id)?) else { continue };
            if may_any(call, loaded, &RECORD, Resource::Record(&record, &chart))? {
                records.insert(*id);
                charts.insert(*chart_id);
            }
        }
        Ok(Self::These { clients, charts, records })
    }

    /// What a fact is about, as far as it may be named.
    pub fn subjects(&self, outcome: Outcome, told: Subjects) -> Subjects {
        let Self::These { clients, charts, records } = self else { return told };
        let chart_id = told.chart_id.filter(|id| charts.contains(id));
        // Whoever tried the id of a chart is not told here whose it is.
        let is_told = outcome != Outcome::Denied || told.chart_id == chart_id;
        Subjects {
            client_id: told.client_id.filter(|id| is_told && clients.contains(id)),
            chart_id,
            record_id: told.record_id.filter(|id| records.contains(id)),
            ..told
        }
    }
}

/// What facts are about.
struct Named {
    clients: BTreeSet<ClientId>,
    charts: BTreeSet<ChartId>,
    records: BTreeSet<(ChartId, RecordId)>,
}

impl Named {
    fn in_facts(facts: &[Evidence]) -> Self {
        let subjects = || facts.iter().map(|fact| &fact.subjects);
        Self {
            clients: subjects().filter_map(|about| about.client_id).collect(),
            charts: subjects().filter_map(|about| about.chart_id).collect(),
            records: subjects().filter_map(|about| Some((about.chart_id?, about.record_id?))).collect(),
        }
    }

    fn keys(&self) -> Vec<store::AnyKey> {
        let clients = self.clients.iter().map(|id| keys::client(*id).any());
        let charts = self.charts.iter().map(|id| keys::chart(*id).any());
        let records = self.records.iter().map(|(chart, id)| keys::record(*chart, *id).closed());
        clients.chain(charts).chain(records).collect()
    }
}

fn chart(items: &Items, id: ChartId) -> Result<Option<Chart>, Problem> {
    let key: Key<Chart> = keys::chart(id);
    Ok(items.get(&key)?)
}

fn may_any(
    call: &Call,
    loaded: &Loaded,
    actions: &[Action],
    resource: Resource<'_>,
) -> Result<bool, Problem> {
    for action in actions {
        if call.may(loaded, *action, resource)? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_may_not_be_known_is_not_named() {
        let [grace, henry] = [1, 2].map(|id| ClientId::new(Uuid::from_u128(id)));
        let [own, other] = [3, 4].map(|id| ChartId::new(Uuid::from_u128(id)));
        let known = Known::These {
            clients: BTreeSet::from([grace]),
            charts: BTreeSet::from([own]),
            records: BTreeSet::new(),
        };
        let about = |client, chart| Subjects::default().client(client).chart(chart);
        let named = |outcome, told| known.subjects(outcome, told);
        let (done, denied) = (Outcome::Succeeded, Outcome::Denied);
        assert_eq!(named(done, about(grace, own)), about(grace, own));
        assert_eq!(named(done, about(henry, other)), Subjects::default());
        assert_eq!(named(done, about(grace, other)), Subjects::default().client(grace));
        assert_eq!(named(denied, about(grace, other)), Subjects::default(), "an id that was tried");
        assert_eq!(Known::Everything.subjects(denied, about(henry, other)), about(henry, other));
    }
}
