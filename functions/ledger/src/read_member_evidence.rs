//! Reads the audit trail of a member: what they did, when, from where, and what they were refused, newest
//! first (R131, R132, R135). To who reads their own and no other trail, it names whom and what they may know now.

use crate::{
    entry::{self, Output},
    known::Known,
    trail::Query,
};
use api::{Call, Fact, Operation, Outcome, Problem, Reply};
use authz::{Action, Resource};
use domain::{MemberId, purpose::Purpose};
use evidence::Kind;
use store::keys;

pub static OPERATION: Operation = Operation::get(
    "read_member_evidence",
    "/members/{member_id}/evidence",
    Action::ReadMemberEvidence,
    Kind::MemberEvidenceRead,
)
.purpose(Purpose::Operations)
.summary("Read the audit trail of a member (R131, R132)");

pub async fn handle(call: Call, query: Query) -> Outcome<Output> {
    let wanted = query.check()?;
    let member_id: MemberId = call.path("member_id")?;
    let member_key = keys::member(call.organization_id()?, member_id);
    let store = &call.system.store;
    let trail = async {
        Ok::<_, Problem>(store.evidence_of_member(member_id, wanted.after.as_deref(), wanted.limit).await?)
    };
    let (loaded, page) = tokio::try_join!(call.load([member_key.any()]), trail)?;
    let member = loaded.require(&member_key)?;
    let permit = call.permit(&loaded, Resource::Member(&member))?;
    let facts = wanted.select(loaded.organization.id, page);
    let known = Known::of(&call, &loaded, &facts.0).await?;
    let fact = Fact::new().member(member_id);
    let output = entry::show(&call, &loaded, &permit, fact, facts).await?;
    Ok(Reply::with(output.about(|outcome, subjects| known.subjects(outcome, subjects))))
}
