//! The decision itself: policies and schema are parsed once, entities are built natively, and what decided
//! is always known.

use crate::{Action, Denial, Permit, Resource, resource::member_attributes};
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request, RestrictedExpression,
    Schema, ValidationMode, Validator,
};
use domain::member::Member;
use std::str::FromStr;

const SCHEMA: &str = include_str!("schema.cedarschema");
const POLICIES: &str = include_str!("policies.cedar");

/// The policies or an entity are not what the schema says; a defect, never a user's fault.
#[derive(Debug, thiserror::Error)]
#[error("policy set: {0}")]
pub struct PolicyError(pub(crate) String);

/// The policies, ready to decide.
pub struct Authorizer {
    cedar: cedar_policy::Authorizer,
    policies: PolicySet,
    /// The actions with their groups, from the schema.
    actions: Entities,
}

/// A decision with the ids of the policies that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    /// The permits that allowed it, or the forbids that refused it; empty when no policy permitted.
    pub policies: Vec<String>,
}

impl Authorizer {
    /// Parses the policies. That they are valid is held by a test, not asked at every cold start.
    pub fn new() -> Result<Self, PolicyError> {
        let actions = Self::schema()?.action_entities().map_err(|error| PolicyError(error.to_string()))?;
        Ok(Self { cedar: cedar_policy::Authorizer::new(), policies: Self::policies()?, actions })
    }

    /// Whether every policy says only what the schema knows, strictly.
    pub fn validate() -> Result<(), PolicyError> {
        let result = Validator::new(Self::schema()?).validate(&Self::policies()?, ValidationMode::Strict);
        let faults: Vec<String> = result.validation_errors().map(ToString::to_string).collect();
        if faults.is_empty() { Ok(()) } else { Err(PolicyError(faults.join("; "))) }
    }

    fn schema() -> Result<Schema, PolicyError> {
        let (schema, _warnings) =
            Schema::from_cedarschema_str(SCHEMA).map_err(|error| PolicyError(error.to_string()))?;
        Ok(schema)
    }

    /// The policies under the ids they are annotated with.
    fn policies() -> Result<PolicySet, PolicyError> {
        let parsed = PolicySet::from_str(POLICIES).map_err(|error| PolicyError(error.to_string()))?;
        let mut named = PolicySet::new();
        for policy in parsed.policies() {
            let id = policy.annotation("id").ok_or_else(|| PolicyError("a policy has no @id".into()))?;
            let policy = policy.new_id(cedar_policy::PolicyId::new(id));
            named.add(policy).map_err(|error| PolicyError(error.to_string()))?;
        }
        Ok(named)
    }

    /// The ids of all policies, in order.
    pub fn policy_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self.policies.policies().map(|policy| policy.id().to_string()).collect();
        ids.sort();
        ids
    }

    /// Decides, and says which policies did.
    pub fn decide(
        &self,
        member: &Member,
        action: Action,
        resource: Resource<'_>,
    ) -> Result<Decision, PolicyError> {
        let principal = uid("Member", &member.id)?;
        let fault = |error: &dyn std::fmt::Display| PolicyError(error.to_string());
        let asked = Entity::new(principal.clone(), member_attributes(member)?, Default::default())
            .map_err(|error| fault(&error))?;
        let mut entities = vec![asked];
        let resource_uid = resource.uid()?;
        if resource_uid != principal {
            entities.push(resource.entity(member)?);
        }
        let entities = self.actions.clone().add_entities(entities, None).map_err(|error| fault(&error))?;
        let request =
            Request::new(principal, uid("Action", &action.name())?, resource_uid, Context::empty(), None)
                .map_err(|error| fault(&error))?;
        let response = self.cedar.is_authorized(&request, &self.policies, &entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(fault(error));
        }
        let mut policies: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        policies.sort();
        Ok(Decision { allowed: response.decision() == cedar_policy::Decision::Allow, policies })
    }

    /// A permit for the action, or why not.
    pub fn permit(&self, member: &Member, action: Action, resource: Resource<'_>) -> Result<Permit, Denial> {
        match self.decide(member, action, resource) {
            Ok(Decision { allowed: true, policies }) => Ok(Permit::for_member(member, action, policies)),
            Ok(Decision { allowed: false, policies }) => {
                Err(Denial::new(member, action, policies, &resource))
            }
            // A policy that cannot be evaluated never lets anything through.
            Err(error) => Err(Denial::new(member, action, vec![format!("policy-error: {error}")], &resource)),
        }
    }
}

pub(crate) fn uid(entity: &str, id: &impl ToString) -> Result<EntityUid, PolicyError> {
    let name = EntityTypeName::from_str(entity).map_err(|error| PolicyError(error.to_string()))?;
    Ok(EntityUid::from_type_name_and_id(name, EntityId::new(id.to_string())))
}

pub(crate) fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> RestrictedExpression {
    RestrictedExpression::new_set(
        names.into_iter().map(|name| RestrictedExpression::new_string(name.to_owned())),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::About;
    use domain::{
        ChartId, ClientId, MemberId, OrganizationId, RecordId, Sealed, WrappedKey,
        chart::{Chart, Section},
        member::{Email, Member, Permissions, Role, Verb, Verbs},
        record::{Body, Direction, Record, RecordLimits, RecordType},
        text::Line,
    };
    use jiff::{Timestamp, civil::date};
    use std::collections::{BTreeMap, BTreeSet};
    use uuid::Uuid;

    fn member(organization: u128, id: u128, role: Role) -> Member {
        let mut member = Member::invite(
            MemberId::new(Uuid::from_u128(id)),
            OrganizationId::new(Uuid::from_u128(organization)),
            Line::new("Dr Amara").unwrap(),
            Email::try_from("amara@north.example".to_owned()).unwrap(),
            BTreeSet::from([role]),
            Timestamp::UNIX_EPOCH,
        );
        member = member.bind("identity".into());
        member
    }

    fn chart(owner: &Member) -> Chart {
        Chart {
            id: ChartId::new(Uuid::from_u128(10)),
            organization_id: owner.organization_id,
            client_id: ClientId::new(Uuid::from_u128(11)),
            owner: owner.id,
            opened_at: Timestamp::UNIX_EPOCH,
            client_key: WrappedKey::from_bytes(vec![]),
            client_status: domain::client::ClientStatus::Active,
            revision: 1,
        }
    }

    fn note(owner: &Member, versions: u32) -> Record {
        Record {
            id: RecordId::new(Uuid::from_u128(12)),
            organization_id: owner.organization_id,
            client_id: ClientId::new(Uuid::from_u128(11)),
            chart_id: ChartId::new(Uuid::from_u128(10)),
            author: owner.id,
            from_client: false,
            section: Section::ProgressNotes,
            direction: Direction::AboutClient,
            occurred_on: date(2026, 1, 1),
            created_at: Timestamp::UNIX_EPOCH,
            key: WrappedKey::from_bytes(vec![]),
            title: Sealed::from_bytes(vec![]),
            body: Body::Data { versions, signed_at: None },
            voided: None,
            limits: RecordLimits::default(),
            revision: 1,
        }
    }

    #[test]
    fn the_policies_are_valid_and_every_action_is_declared() {
        Authorizer::validate().unwrap();
        let authorizer = Authorizer::new().unwrap();
        let declared: BTreeSet<String> = Authorizer::schema()
            .unwrap()
            .actions()
            .map(|action| action.id().unescaped().to_owned())
            .collect();
        let verbs = ["Access", "Add", "Edit", "Delete"];
        let expected: BTreeSet<String> = Action::ALL
            .iter()
            .filter(|action| !action.is_outside_policies())
            .map(|action| action.name().to_owned())
            .chain(verbs.map(str::to_owned))
            .collect();
        assert_eq!(declared, expected);
        assert!(authorizer.policy_ids().contains(&"owner-keeps-chart".to_owned()));
    }

    #[test]
    fn a_chart_is_its_owners_and_the_decision_says_why() {
        let authorizer = Authorizer::new().unwrap();
        let (amara, ben) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Practitioner));
        let chart = chart(&amara);
        let allowed = authorizer.decide(&amara, Action::ReadChart, Resource::Chart(&chart)).unwrap();
        assert_eq!(allowed, Decision { allowed: true, policies: vec!["owner-keeps-chart".into()] });
        for stranger in [ben, member(1, 3, Role::Administrator), member(1, 4, Role::Auditor)] {
            let denied = authorizer.decide(&stranger, Action::ReadChart, Resource::Chart(&chart)).unwrap();
            assert!(!denied.allowed, "{:?}", stranger.roles);
        }
        let elsewhere = member(2, 1, Role::Practitioner);
        let denied = authorizer.decide(&elsewhere, Action::ReadChart, Resource::Chart(&chart)).unwrap();
        assert_eq!(denied, Decision { allowed: false, policies: vec!["other-organization".into()] });
    }

    #[test]
    fn a_suspended_member_has_nothing() {
        let authorizer = Authorizer::new().unwrap();
        let amara = member(1, 1, Role::Practitioner);
        let chart = chart(&amara);
        let suspended = amara.suspend(MemberId::new(Uuid::from_u128(9))).unwrap();
        let denied = authorizer.decide(&suspended, Action::ReadChart, Resource::Chart(&chart)).unwrap();
        assert!(denied.policies.contains(&"member-not-active".to_owned()));
    }

    fn subset(bits: u8) -> Verbs {
        Verb::ALL
            .into_iter()
            .enumerate()
            .filter(|(at, _)| bits & (1 << at) != 0)
            .map(|(_, verb)| verb)
            .collect()
    }

    /// R051's matrix: of every user-level set and every record-level set, what is allowed is what both
    /// allow, and seeing a record is part of changing it.
    #[test]
    fn the_two_layers_intersect() {
        let authorizer = Authorizer::new().unwrap();
        let acts = [
            (Action::ReadRecord, Verb::Access),
            (Action::AmendNote, Verb::Edit),
            (Action::VoidRecord, Verb::Delete),
        ];
        for (user, record) in (0_u8..16).flat_map(|user| (0_u8..16).map(move |record| (user, record))) {
            let mut amara = member(1, 1, Role::Practitioner);
            amara.permissions = Permissions::new([(RecordType::Data, subset(user))]);
            let chart = chart(&amara);
            let mut signed = note(&amara, 1);
            signed.limits = RecordLimits::new(BTreeMap::from([(amara.id, subset(record))])).unwrap();
            for (action, verb) in acts {
                let both = subset(user).contains(&verb) && subset(record).contains(&verb);
                let expected = both && subset(record).contains(&Verb::Access);
                let decision = authorizer.decide(&amara, action, Resource::Record(&signed, &chart)).unwrap();
                assert_eq!(decision.allowed, expected, "{action:?} {user:04b} {record:04b} {decision:?}");
            }
            let adds = authorizer.decide(&amara, Action::DraftNote, Resource::Chart(&chart)).unwrap();
            assert_eq!(adds.allowed, subset(user).contains(&Verb::Add));
        }
    }

    #[test]
    fn a_draft_is_seen_by_its_author_alone() {
        let authorizer = Authorizer::new().unwrap();
        let (amara, ben) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Practitioner));
        let (chart, mut draft) = (chart(&amara), note(&amara, 0));
        draft.author = ben.id;
        let denied = authorizer.decide(&amara, Action::ReadRecord, Resource::Record(&draft, &chart)).unwrap();
        assert_eq!(denied.policies, ["draft-is-its-authors"]);
        let auditor = member(1, 3, Role::Auditor);
        for (who, allowed) in [
            (auditor, true),
            (amara, true),
            (member(2, 2, Role::Auditor), false),
            (member(1, 4, Role::Staff), false),
        ] {
            let resource = Resource::Record(&draft, &chart);
            let decision = authorizer.decide(&who, Action::ReadRecordEvidence, resource).unwrap();
            assert_eq!(decision.allowed, allowed, "{:?}", who.roles);
        }
    }

    /// A denial knows what was asked for, so that the attempt stands in its trail and in its client's.
    #[test]
    fn a_denial_knows_what_it_is_about() {
        let authorizer = Authorizer::new().unwrap();
        let (amara, ben) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Practitioner));
        let (chart, record) = (chart(&amara), note(&amara, 1));
        let denial =
            authorizer.permit(&ben, Action::ReadRecord, Resource::Record(&record, &chart)).unwrap_err();
        let about =
            About { client_id: Some(record.client_id), chart_id: Some(chart.id), record_id: Some(record.id) };
        assert_eq!(denial.about, about);
        let stranger = member(2, 3, Role::Practitioner);
        let denial =
            authorizer.permit(&stranger, Action::ReadRecord, Resource::Record(&record, &chart)).unwrap_err();
        assert_eq!(denial.about, About::default());
    }

    /// A new file asks to add to its chart; another version of one asks to edit its record (R051).
    #[test]
    fn a_version_of_a_file_is_an_edit_of_its_record() {
        let authorizer = Authorizer::new().unwrap();
        let (mut amara, ben) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Practitioner));
        let (chart, signed) = (chart(&amara), note(&amara, 1));
        let (new, version) = (Resource::Chart(&chart), Resource::Record(&signed, &chart));
        let allowed = |member: &Member, resource| {
            authorizer.decide(member, Action::StartUpload, resource).unwrap().allowed
        };
        amara.permissions =
            Permissions::new([(RecordType::Electronic, Verbs::from([Verb::Access, Verb::Add]))]);
        assert!(allowed(&amara, new) && !allowed(&amara, version));
        amara.permissions = Permissions::new([(RecordType::Data, Verbs::from([Verb::Access, Verb::Edit]))]);
        assert!(!allowed(&amara, new) && allowed(&amara, version));
        assert!(!allowed(&ben, new) && !allowed(&ben, version));
    }

    #[test]
    fn an_inbox_shows_what_waits_for_ones_own_charts() {
        let authorizer = Authorizer::new().unwrap();
        let (amara, ben) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Practitioner));
        let chart = chart(&amara);
        for (member, expected) in [(&amara, true), (&ben, false)] {
            let organization = Resource::Organization(member.organization_id);
            assert!(authorizer.decide(member, Action::ListContributions, organization).unwrap().allowed);
            let row = authorizer.decide(member, Action::ListContributions, Resource::Chart(&chart)).unwrap();
            assert_eq!(row.allowed, expected);
        }
    }
}
