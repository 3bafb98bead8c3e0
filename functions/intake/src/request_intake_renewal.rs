//! Asks for another intake link, the one at hand having expired (X-9, R121).
//!
//! Whoever comes too late has the old address alone, and nobody to sign in as. Asking twice is asking once.

use crate::{Nothing, bearer::Bearer};
use api::{Access, Call, Operation, Outcome, Reply};
use authz::Action;
use domain::purpose::Purpose;
use evidence::Kind;
use store::{Change, RenewalEntry, keys};

pub static OPERATION: Operation = Operation::post(
    "request_intake_renewal",
    "/intake/renewal",
    Action::RequestIntakeRenewal,
    Kind::IntakeRenewalRequested,
)
.success(204)
.access(Access::IntakeLink)
.purpose(Purpose::PatientRequest)
.summary("Ask for a new intake link, this one having expired (X-9, R121)");

pub async fn handle(call: Call, _: Nothing) -> Outcome<()> {
    let bearer = Bearer::find_expired(&call).await?;
    let fact = bearer.fact();
    if bearer.link.renewal_requested_at.is_some() {
        call.witness(&bearer.permit, fact.detail("repeated", true)).await?;
        return Ok(Reply::none());
    }
    let Bearer { organization, chart, link_key, link, permit, .. } = bearer;
    let entry = RenewalEntry { chart_id: chart.id, link_id: link.id };
    let entry_key = keys::renewal_entry(organization.id, chart.owner, link.id);
    let link = link.request_renewal(call.now)?;
    let change =
        Change::new().replace("intake link", &link_key, &link).set("renewal entry", &entry_key, &entry);
    call.commit(&organization, &permit, change, fact, Reply::none()).await
}
