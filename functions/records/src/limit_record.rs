//! Sets a record's own permissions: whom it limits to which verbs, whatever else they may (R050, R051). From a
//! collaborator none of a chart's records is kept (R062, X-1).

use crate::filed::{Filed, Place};
use api::{Call, Loaded, Operation, Outcome, Problem, Reply, view::RecordView};
use authz::Action;
use domain::{
    MemberId, OrganizationId,
    chart::Chart,
    member::{Verb, Verbs},
    record::{RecordError, RecordLimits},
};
use evidence::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use store::{Change, keys};

pub static OPERATION: Operation = Operation::put(
    "limit_record",
    "/charts/{chart_id}/records/{record_id}/permissions",
    Action::LimitRecord,
    Kind::RecordLimited,
)
.summary("Set whom a record limits to which verbs (R050, R051)");

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The record's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    /// The verbs left to each member named; others are not limited. Replaces what was set before.
    pub limits: BTreeMap<MemberId, Verbs>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    #[serde(flatten)]
    pub record: RecordView,
    pub limits: RecordLimits,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let limits = RecordLimits::new(input.limits)?;
    let (place, organization_id) = (Place::of(&call)?, call.organization_id()?);
    let mut wanted = place.keys().to_vec();
    wanted.extend(limits.rows().keys().map(|id| keys::member(organization_id, *id).any()));
    let loaded = call.load(wanted).await?;
    let filed = place.permitted(&call, &loaded)?;
    filed.must_be_current(input.expected_revision)?;
    must_be_members(&loaded, organization_id, &limits)?;
    must_leave_share_whole(&call, &loaded, &filed.chart, &limits)?;
    let filed = Filed { record: filed.record.limit(filed.chart.owner, limits.clone())?, ..filed };
    let key = filed.key(&call).await?;
    let change = Change::new().replace("record", &place.record_key, &filed.record);
    let output = Output { record: filed.view(&key, &loaded)?.revised(), limits };
    let fact = filed.fact().detail("rows", output.limits.rows().len());
    call.commit(&loaded.organization, &filed.permit, change, fact, Reply::with(output)).await
}

/// A limit on nobody is a slip of the one who set it.
fn must_be_members(
    loaded: &Loaded,
    organization_id: OrganizationId,
    limits: &RecordLimits,
) -> Result<(), Problem> {
    for id in limits.rows().keys() {
        if loaded.get(&keys::member(organization_id, *id))?.is_none() {
            let problem =
                Problem::unprocessable("no_such_member", "there is no such member in this organization");
            return Err(problem.with("member_id", json!(id)));
        }
    }
    Ok(())
}

/// A share is of the whole chart: what a collaborator could not open would be hidden in it (P-05).
fn must_leave_share_whole(
    call: &Call,
    loaded: &Loaded,
    chart: &Chart,
    limits: &RecordLimits,
) -> Result<(), Problem> {
    for (id, _) in limits.rows().iter().filter(|(_, verbs)| !verbs.contains(&Verb::Access)) {
        let member = loaded.get(&keys::member(chart.organization_id, *id))?;
        if member.is_some_and(|member| !chart.shared_with(&member, call.now).is_empty()) {
            return Err(Problem::from(RecordError::ShareIsWhole).with("member_id", json!(id)));
        }
    }
    Ok(())
}
