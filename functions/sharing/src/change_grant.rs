//! Changes how a chart is shared with somebody (P-03, P-08, R063).

use crate::{
    access_list::{self, GrantView},
    share_chart::Output,
};
use api::{Call, Operation, Outcome, Reply};
use authz::{Action, Resource};
use domain::{
    ChartId,
    notice::NoticeReason,
    sharing::{AccessType, Grant},
};
use evidence::Kind;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;
use store::keys;

pub static OPERATION: Operation = Operation::put(
    "change_grant",
    "/charts/{chart_id}/grants/{grantee_id}",
    Action::ChangeGrant,
    Kind::GrantChanged,
)
.summary("Change how your chart is shared with somebody (R063)");

/// The new terms, in place of the old ones.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The chart's revision as it was read.
    #[schemars(range(min = 1))]
    pub expected_revision: u64,
    pub access: AccessType,
    /// The last day of it where the organization is; without it the share has no end.
    #[serde(default)]
    pub expires_on: Option<Date>,
}

pub async fn handle(call: Call, input: Input) -> Outcome<Output> {
    let chart_id: ChartId = call.path("chart_id")?;
    let key = keys::chart(chart_id);
    let loaded = call.load([key.any()]).await?;
    let chart = loaded.require(&key)?;
    let permit = call.permit(&loaded, Resource::Chart(&chart))?;
    let row = access_list::row(&call, &chart)?;
    access_list::must_be_free(&chart, input.expected_revision)?;
    let grant = Grant {
        access: input.access,
        granted_by: loaded.member.id,
        expires_at: access_list::expiry(input.expires_on, &loaded.organization)?,
        ..row
    };
    let chart = chart.change_grant(grant.clone(), call.now)?;
    let (called, hearers) = tokio::try_join!(
        access_list::called(&call, &loaded, std::slice::from_ref(&grant)),
        access_list::hearers(&call, &chart, grant.grantee)
    )?;
    let change = access_list::changed(&call, &chart, &hearers, NoticeReason::SharingChanged);
    let output = Output {
        grant: GrantView::new(&grant, &called, &loaded.organization),
        chart_revision: chart.revision.saturating_add(1),
    };
    let fact = access_list::fact(&chart, &grant, &loaded.organization);
    call.commit(&loaded.organization, &permit, change, fact, Reply::with(output)).await
}
