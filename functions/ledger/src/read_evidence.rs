//! Reads the audit trail of the whole organization, a month at a time, newest first (R132, R135).

use crate::{
    entry::{self, Output},
    trail::Query,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::purpose::Purpose;
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

pub static OPERATION: Operation =
    Operation::get("read_evidence", "/evidence", Action::ReadEvidence, Kind::EvidenceRead)
        .purpose(Purpose::Operations)
        .summary("Read the audit trail of the organization, a month at a time (R132)");

/// The query of the organization's trail.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The month, in UTC: `2026-11`; this month unless given.
    #[serde(default)]
    month: Option<String>,
    /// Only facts of this kind: `RecordRead`.
    #[serde(default)]
    kind: Option<Kind>,
    /// Only facts with this outcome: `denied`.
    #[serde(default)]
    outcome: Option<evidence::Outcome>,
    /// Only facts at or after this time.
    #[serde(default)]
    from: Option<Timestamp>,
    /// Only facts before this time.
    #[serde(default)]
    to: Option<Timestamp>,
    /// Facts looked at for the page: 1 to 100, 50 by default.
    #[serde(default, deserialize_with = "api::number")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let Input { month, kind, outcome, from, to, limit, cursor } = input;
    let wanted = Query { kind, outcome, from, to, limit, cursor }.check()?;
    let month = month.as_deref().map_or(Ok(call.now), first_moment)?;
    let organization_id = call.organization_id()?;
    let store = &call.system.store;
    let trail = async {
        Ok::<_, Problem>(store.evidence(organization_id, month, wanted.after.as_deref(), wanted.limit).await?)
    };
    let (loaded, page) = tokio::try_join!(call.load([]), trail)?;
    let permit = call.permit(&loaded, Resource::Organization(organization_id))?;
    let facts = wanted.select(organization_id, page);
    let fact = Fact::new().detail("month", month.strftime("%Y-%m"));
    Ok(Reply::with(entry::show(&call, &loaded, &permit, fact, facts).await?))
}

/// The first moment of a month like `2026-11`.
fn first_moment(month: &str) -> Result<Timestamp, Problem> {
    let parsed = format!("{month}-01T00:00:00Z").parse().ok().filter(|_| month.len() == 7);
    parsed.ok_or_else(|| Problem::invalid("invalid_month", "a month looks like `2026-11`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_a_year_and_a_month() {
        assert_eq!(first_moment("2026-11").unwrap().to_string(), "2026-11-01T00:00:00Z");
        for wrong in ["", "2026", "2026-13", "26-11", "2026-11-05", "2026/11", "+02026-11"] {
            assert_eq!(first_moment(wrong).unwrap_err().code(), "invalid_month", "{wrong}");
        }
    }
}
