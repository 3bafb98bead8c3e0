//! Lists the custody log of a folder, newest first: who had it, from when, and where it went (R033).

use crate::handling;
use api::{Call, Cursor, Fact, Names, Operation, Outcome, Paging, Problem, Reply};
use authz::{Action, Resource};
use domain::{
    LocationId, MemberId,
    physical::{Custody, CustodyAct},
    purpose::Purpose,
};
use evidence::Kind;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

pub static OPERATION: Operation = Operation::get(
    "list_custody",
    "/charts/{chart_id}/records/{record_id}/custody",
    Action::ListCustody,
    Kind::CustodyListed,
)
.purpose(Purpose::RecordsManagement)
.summary("List the custody log of a folder (R033)");

#[derive(Debug, Serialize, JsonSchema)]
pub struct Output {
    custody: Vec<Entry>,
    next: Option<Cursor>,
}

/// One entry of the log, with the names the caller may know.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CustodyEntry")]
pub struct Entry {
    at: Timestamp,
    by: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_name: Option<String>,
    #[serde(flatten)]
    act: CustodyAct,
    /// The name of the member it was handed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_name: Option<String>,
    /// The path of the place it was put in or sent to.
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

pub async fn handle(call: Call, paging: Paging) -> Outcome<Output> {
    let (limit, after) = (paging.limit()?, paging.after()?);
    let (chart_key, record_key) = handling::addressed(&call)?;
    let (chart_id, record_id) = (call.path("chart_id")?, call.path("record_id")?);
    let query = async {
        Ok::<_, Problem>(call.system.store.custody(chart_id, record_id, after.as_deref(), limit).await?)
    };
    let (loaded, page) = tokio::try_join!(call.load([chart_key.any(), record_key.any()]), query)?;
    let (chart, record) = (loaded.require(&chart_key)?, loaded.require(&record_key)?);
    let permit = call.permit(&loaded, Resource::Record(&record, &chart))?;
    handling::folder(&record)?;

    let fact = Fact::new().client(record.client_id).chart(chart.id).record(record.id);
    let (members, places) = mentioned(&page.items);
    let (names, ()) = tokio::try_join!(
        call.names(&loaded, members, places),
        call.witness(&permit, fact.detail("entries", page.items.len()))
    )?;
    Ok(Reply::with(Output {
        custody: page.items.into_iter().map(|entry| Entry::new(entry, &names)).collect(),
        next: page.next.as_deref().map(Cursor::new),
    }))
}

impl Entry {
    fn new(custody: Custody, names: &Names) -> Self {
        let member = |id| names.member(id).map(str::to_owned);
        Self {
            at: custody.at,
            by: custody.by,
            by_name: member(custody.by),
            to_name: custodian(&custody.act).and_then(member),
            location: place(&custody.act).and_then(|id| names.location(id)).map(str::to_owned),
            act: custody.act,
        }
    }
}

/// Everybody and every place the entries speak of.
fn mentioned(entries: &[Custody]) -> (Vec<MemberId>, Vec<LocationId>) {
    let members = entries.iter().flat_map(|entry| [Some(entry.by), custodian(&entry.act)]).flatten();
    (members.collect(), entries.iter().filter_map(|entry| place(&entry.act)).collect())
}

/// The member an act hands the folder to.
const fn custodian(act: &CustodyAct) -> Option<MemberId> {
    match act {
        CustodyAct::CheckedOut { to, .. } => Some(*to),
        _ => None,
    }
}

/// The place an act brings the folder to.
const fn place(act: &CustodyAct) -> Option<LocationId> {
    match act {
        CustodyAct::Filed { location_id }
        | CustodyAct::CheckedIn { location_id }
        | CustodyAct::Received { location_id }
        | CustodyAct::Found { location_id }
        | CustodyAct::Sent { to: location_id } => Some(*location_id),
        CustodyAct::CheckedOut { .. }
        | CustodyAct::ReportedMissing
        | CustodyAct::ScanLinked { .. }
        | CustodyAct::Labelled { .. }
        | CustodyAct::IncidentReported { .. }
        | CustodyAct::NotFound => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn an_entry_says_who_and_where_without_names_nobody_may_know() {
        let member = MemberId::new(Uuid::from_u128(2));
        let entry = Custody {
            record_id: domain::RecordId::new(Uuid::from_u128(5)),
            at: Timestamp::UNIX_EPOCH,
            by: member,
            act: CustodyAct::CheckedOut { to: member, due_on: date(2026, 3, 8) },
        };
        let shown = serde_json::to_value(Entry::new(entry, &Names::default())).unwrap();
        assert_eq!(
            shown,
            json!({ "at": "1970-01-01T00:00:00Z", "by": member, "act": "checked_out", "to": member, "due_on": "2026-03-08" })
        );
    }
}
