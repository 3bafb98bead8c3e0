//! Leaves evidence of each failed attempt to sign in, in every organization its person is a member of (R132,
//! 45 CFR 164.308(a)(5)(ii)(C)).
//!
//! The log is delivered at least once, so the id of a piece of evidence is made from what it tells of: told
//! twice, it is written once.

use crate::activity::{Activity, Attempt};
use api::{Fact, Identity, Problem, System};
use authz::{Action, Permit};
use domain::{EvidenceId, MemberId, purpose::Purpose};
use evidence::{Evidence, Kind, Outcome, Source};
use futures_util::{StreamExt, TryStreamExt, stream};
use ring::digest;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::{Membership, StoreError};
use uuid::Builder;

pub const FUNCTION: &str = "sign-ins";

/// Requests to the table under way at once.
const AT_ONCE: usize = 16;

pub async fn handle(system: Arc<System>, event: Value) -> Result<Value, Problem> {
    let issuer = system.settings.issuer.as_deref().ok_or_else(|| Problem::internal("no issuer is set"))?;
    let Activity { failed, strange } = Activity::read(event).map_err(Problem::internal)?;
    let (ours, others): (Vec<Attempt>, Vec<Attempt>) =
        failed.into_iter().partition(|attempt| is_of(issuer, &attempt.user_pool_id));
    let known = memberships(&system, issuer, &ours).await?;
    witness(&system, evidence(&system, &ours, &known)).await?;
    // Only now: what could be read is safe, and the event comes to lie where somebody looks into it.
    match strange + others.len() {
        0 => Ok(Value::Null),
        lines => Err(Problem::internal(format!("{lines} lines of the log are not understood"))),
    }
}

/// Whether a user pool is the one that vouches for our people: its id ends the issuer's address.
fn is_of(issuer: &str, user_pool_id: &str) -> bool {
    issuer.rsplit('/').next() == Some(user_pool_id)
}

/// What the people who were tried are members of; each person is looked up once, however often they were tried.
async fn memberships(
    system: &Arc<System>,
    issuer: &str,
    attempts: &[Attempt],
) -> Result<BTreeMap<String, Vec<Membership>>, Problem> {
    let subjects: BTreeSet<String> = attempts.iter().filter_map(|attempt| attempt.subject.clone()).collect();
    let asked = subjects.into_iter().map(|subject| {
        let (system, identity) = (Arc::clone(system), Identity::digest_of(issuer, &subject));
        async move { Ok::<_, StoreError>((subject, system.store.memberships(&identity).await?)) }
    });
    Ok(stream::iter(asked).buffer_unordered(AT_ONCE).try_collect().await?)
}

/// One piece of evidence for each attempt and membership.
fn evidence(
    system: &System,
    attempts: &[Attempt],
    known: &BTreeMap<String, Vec<Membership>>,
) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for attempt in attempts {
        let memberships = attempt.subject.as_ref().and_then(|subject| known.get(subject));
        for membership in memberships.into_iter().flatten() {
            evidence.push(told(system, attempt, membership));
        }
    }
    evidence
}

fn told(system: &System, attempt: &Attempt, membership: &Membership) -> Evidence {
    let permit = Permit::for_function(FUNCTION, membership.organization_id, Action::WitnessSignIn);
    let mut fact = Fact::new().member(membership.member_id).detail("reason", attempt.reason.code());
    if let Some(risk) = attempt.risk {
        fact = fact.detail("risk", risk);
    }
    Evidence {
        id: evidence_id(attempt, membership.member_id),
        outcome: Outcome::Failed,
        // As of the session it would have become.
        purpose: Purpose::Administration,
        source: Source {
            ip: attempt.ip.clone(),
            user_agent: attempt.device.clone(),
            request_id: attempt.event_id.clone(),
        },
        ..system.evidence_by_itself(&permit, Kind::SignInFailed, attempt.at, &attempt.event_id, fact)
    }
}

/// A UUIDv7 of the time of the attempt, with a digest of what makes it the one it is in place of randomness.
fn evidence_id(attempt: &Attempt, member_id: MemberId) -> EvidenceId {
    let told = format!("strongroom/1|sign-in|{}|{}|{member_id}", attempt.user_pool_id, attempt.event_id);
    let digest = digest::digest(&digest::SHA256, told.as_bytes());
    let mut random = [0; 10];
    random.iter_mut().zip(digest.as_ref()).for_each(|(to, from)| *to = *from);
    let millis = u64::try_from(attempt.at.as_millisecond()).unwrap_or(0);
    EvidenceId::new(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

async fn witness(system: &Arc<System>, evidence: Vec<Evidence>) -> Result<(), Problem> {
    let written = evidence.into_iter().map(|evidence| {
        let system = Arc::clone(system);
        async move {
            match system.store.witness(&evidence).await {
                // It is there: the log was delivered before.
                Ok(()) | Err(StoreError::Conflict { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        }
    });
    Ok(stream::iter(written).buffer_unordered(AT_ONCE).try_collect::<()>().await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::Reason;
    use uuid::{Uuid, Version};

    fn attempt(event_id: &str, millis: i64) -> Attempt {
        Attempt {
            event_id: event_id.into(),
            user_pool_id: "us-west-2_EXAMPLE".into(),
            at: jiff::Timestamp::from_millisecond(millis).unwrap(),
            subject: Some("somebody".into()),
            reason: Reason::WrongPassword,
            risk: None,
            ip: None,
            device: None,
        }
    }

    #[test]
    fn the_same_attempt_has_the_same_id_and_no_other_has() {
        let (amara, ben) = (MemberId::new(Uuid::from_u128(1)), MemberId::new(Uuid::from_u128(2)));
        let id = evidence_id(&attempt("one", 1_687_297_330_677), amara);
        assert_eq!(id, evidence_id(&attempt("one", 1_687_297_330_677), amara));
        assert_ne!(id, evidence_id(&attempt("two", 1_687_297_330_677), amara));
        assert_ne!(id, evidence_id(&attempt("one", 1_687_297_330_678), amara));
        assert_ne!(id, evidence_id(&attempt("one", 1_687_297_330_677), ben));
    }

    #[test]
    fn ids_sort_by_the_time_of_the_attempt() {
        let member = MemberId::new(Uuid::from_u128(1));
        let id = evidence_id(&attempt("one", 1_687_297_330_677), member).uuid();
        assert_eq!(id.get_version(), Some(Version::SortRand));
        assert_eq!(id.get_timestamp().unwrap().to_unix(), (1_687_297_330, 677_000_000));
        assert!(id < evidence_id(&attempt("two", 1_687_297_330_678), member).uuid());
    }

    #[test]
    fn a_pool_is_known_by_the_whole_end_of_the_issuers_address() {
        let issuer = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_EXAMPLE";
        assert!(is_of(issuer, "us-west-2_EXAMPLE"));
        assert!(!is_of(issuer, "EXAMPLE"));
        assert!(!is_of(issuer, "us-west-2_EXAMPLE2"));
        assert!(!is_of(issuer, ""));
    }
}
