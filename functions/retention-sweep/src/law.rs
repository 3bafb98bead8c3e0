//! The rules that ship are others than those that all charts were looked at by: with a release, or because a rule has
//! come into force or has ended on its day (R157). That is said once, and every chart is looked at again.

use crate::worker::{Worker, permit, raced};
use api::{Fact, Problem};
use authz::Action;
use domain::{organization::Organization, retention::in_force_on};
use evidence::Kind;
use store::{Change, KnownRules, Rescheduling, keys};

pub(crate) async fn handle(worker: &Worker, organization: &Organization) -> Result<(), Problem> {
    let organization_id = organization.id;
    if organization.retention.is_empty() {
        return Ok(());
    }
    let (key, begun_key) = (keys::known_rules(organization_id), keys::rescheduling(organization_id));
    let found = worker.store().fetch([key.any(), begun_key.any()]).await?;
    let rules = in_force_on(worker.today(organization));
    let permit = permit(organization_id, Action::SweepRetention);
    let known: Option<KnownRules> = found.get(&key)?;
    // All charts were looked at when the schedule was set.
    let Some(known) = known else {
        let known = KnownRules { organization_id, rules, revision: 1 };
        let change = Change::new().insert("rules", &key, &known);
        return raced(worker.store().note(&permit, change).await).map(drop);
    };
    if known.rules == rules {
        return Ok(());
    }
    let version = organization.retention.version;
    let fact = Fact::new()
        .detail("version", version)
        .detail("begun", listed(rules.difference(&known.rules)))
        .detail("ended", listed(known.rules.difference(&rules)));
    let change = Change::new().replace("rules", &key, &KnownRules { rules, ..known });
    let before: Option<Rescheduling> = found.get(&begun_key)?;
    let revision = before.as_ref().map_or(1, |before| before.revision);
    let begun = Rescheduling { organization_id, version, after: None, revision };
    let change = match before {
        Some(_) => change.replace("rescheduling", &begun_key, &begun),
        None => change.insert("rescheduling", &begun_key, &begun),
    };
    let evidence = worker.evidence(&permit, Kind::RulesChanged, fact);
    // Somebody else has said it, or has set the schedule: the next day finds what is left of it.
    raced(worker.store().commit(&permit, change, &evidence, None).await).map(drop)
}

fn listed<'a>(rules: impl Iterator<Item = &'a String>) -> String {
    rules.map(String::as_str).collect::<Vec<_>>().join(",")
}
