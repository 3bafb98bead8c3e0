//! The decision itself: policies and schema are parsed once, entities are built natively, and what decided
//! is always known.

use crate::{Action, Denial, Permit, Resource, Shape, Subject, resource::member_attributes};
use cedar_policy::{
    ActionConstraint, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};
use domain::member::Member;
use jiff::Timestamp;
use std::{collections::BTreeMap, str::FromStr, sync::OnceLock};

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
    schema: Schema,
    /// The actions with their groups, from the schema.
    actions: Entities,
    /// What each action is asked on, found out when it is first asked.
    shapes: OnceLock<Vec<Shape>>,
    /// What of all this concerns an action, found out when it is first asked.
    scopes: BTreeMap<Action, OnceLock<Scope>>,
}

/// What concerns one action: its groups, and the policies whose scope it is in. Any other policy says nothing of it,
/// and going through them all takes longer than deciding.
struct Scope {
    groups: Entities,
    policies: PolicySet,
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
        let (schema, policies) = (Self::schema()?, Self::policies()?);
        let actions = schema.action_entities().map_err(|error| PolicyError(error.to_string()))?;
        let scopes = Action::ALL.iter().map(|action| (*action, OnceLock::new())).collect();
        let (cedar, shapes) = (cedar_policy::Authorizer::new(), OnceLock::new());
        Ok(Self { cedar, policies, schema, actions, shapes, scopes })
    }

    /// Every action the policies decide, on everything it is asked on.
    pub fn shapes(&self) -> Result<&[Shape], PolicyError> {
        match self.shapes.get() {
            Some(shapes) => Ok(shapes),
            None => {
                let shapes = Shape::all(&self.schema, &self.actions)?;
                Ok(self.shapes.get_or_init(|| shapes))
            }
        }
    }

    /// Whether an action is asked on this kind of thing: on anything else no policy speaks of it, and to be refused
    /// would mean nothing.
    pub fn is_asked_on(&self, action: Action, on: Subject) -> Result<bool, PolicyError> {
        Ok(self.shapes()?.iter().any(|shape| (shape.action, shape.on) == (action, on)))
    }

    fn scope(&self, action: Action) -> Result<&Scope, PolicyError> {
        let known = self.scopes.get(&action).ok_or_else(|| PolicyError("an unknown action".into()))?;
        match known.get() {
            Some(scope) => Ok(scope),
            None => {
                let scope = self.find_scope(action)?;
                Ok(known.get_or_init(|| scope))
            }
        }
    }

    fn find_scope(&self, action: Action) -> Result<Scope, PolicyError> {
        let fault = |error: &dyn std::fmt::Display| PolicyError(error.to_string());
        let asked = uid("Action", &action.name())?;
        let mut within: Vec<EntityUid> =
            self.actions.ancestors(&asked).into_iter().flatten().cloned().collect();
        within.push(asked.clone());
        let groups = within.iter().filter_map(|one| self.actions.get(one).cloned());
        let groups = Entities::from_entities(groups, None).map_err(|error| fault(&error))?;
        let mut policies = PolicySet::new();
        for policy in self.policies.policies() {
            let concerns = match policy.action_constraint() {
                ActionConstraint::Any => true,
                ActionConstraint::In(named) => named.iter().any(|one| within.contains(one)),
                ActionConstraint::Eq(named) => named == asked,
            };
            if concerns {
                policies.add(policy.clone()).map_err(|error| fault(&error))?;
            }
        }
        Ok(Scope { groups, policies })
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

    /// Decides for a moment, as grants end by themselves, and says which policies did.
    pub fn decide(
        &self,
        member: &Member,
        action: Action,
        resource: Resource<'_>,
        now: Timestamp,
    ) -> Result<Decision, PolicyError> {
        self.decide_within(self.scope(action)?, member, action, resource, now)
    }

    fn decide_within(
        &self,
        scope: &Scope,
        member: &Member,
        action: Action,
        resource: Resource<'_>,
        now: Timestamp,
    ) -> Result<Decision, PolicyError> {
        let principal = uid("Member", &member.id)?;
        let fault = |error: &dyn std::fmt::Display| PolicyError(error.to_string());
        let asked = Entity::new(principal.clone(), member_attributes(member, now)?, Default::default())
            .map_err(|error| fault(&error))?;
        let mut entities = vec![asked];
        let resource_uid = resource.uid()?;
        if resource_uid != principal {
            entities.push(resource.entity(member, now)?);
        }
        let entities = scope.groups.clone().add_entities(entities, None).map_err(|error| fault(&error))?;
        let request =
            Request::new(principal, uid("Action", &action.name())?, resource_uid, Context::empty(), None)
                .map_err(|error| fault(&error))?;
        let response = self.cedar.is_authorized(&request, &scope.policies, &entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(fault(error));
        }
        let mut policies: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        policies.sort();
        Ok(Decision { allowed: response.decision() == cedar_policy::Decision::Allow, policies })
    }

    /// A permit for the action, or why not.
    pub fn permit(
        &self,
        member: &Member,
        action: Action,
        resource: Resource<'_>,
        now: Timestamp,
    ) -> Result<Permit, Denial> {
        match self.decide(member, action, resource, now) {
            Ok(Decision { allowed: true, policies }) => {
                let permit = Permit::for_member(member, action, policies).opening(resource.opens());
                Ok(permit.under(resource.escrow_for(member, now)))
            }
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
        ChartId, ClientId, LocationId, MemberId, OrganizationId, RecordId, Sealed, SpaceId, WrappedKey,
        chart::{Chart, Section},
        confidentiality::Guard,
        member::{Email, Member, Permissions, Role, Verb, Verbs},
        physical::Folder,
        record::{Body, Direction, Record, RecordLimits, RecordType},
        space::{Beginning, Space, Subject},
        text::Line,
    };
    use jiff::{Timestamp, civil::date};
    use std::collections::{BTreeMap, BTreeSet};
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

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
        let client = domain::client::Client {
            id: ClientId::new(Uuid::from_u128(11)),
            organization_id: owner.organization_id,
            status: domain::client::ClientStatus::Active,
            key: WrappedKey::from_bytes(vec![]),
            demographics: Sealed::from_bytes(vec![]),
            card: Sealed::from_bytes(vec![]),
            merged_into: None,
            created_at: Timestamp::UNIX_EPOCH,
            revision: 1,
        };
        Chart::open(ChartId::new(Uuid::from_u128(10)), &client, owner.id, NOW)
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
            class: None,
            guard: Guard::default(),
            cosignature: None,
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
        let verbs = ["Access", "Add", "Edit", "Delete", "Manage"];
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
        let allowed = authorizer.decide(&amara, Action::ReadChart, Resource::Chart(&chart), NOW).unwrap();
        assert_eq!(allowed, Decision { allowed: true, policies: vec!["owner-keeps-chart".into()] });
        for stranger in [ben, member(1, 3, Role::Administrator), member(1, 4, Role::Auditor)] {
            let denied =
                authorizer.decide(&stranger, Action::ReadChart, Resource::Chart(&chart), NOW).unwrap();
            assert!(!denied.allowed, "{:?}", stranger.roles);
        }
        let elsewhere = member(2, 1, Role::Practitioner);
        let denied = authorizer.decide(&elsewhere, Action::ReadChart, Resource::Chart(&chart), NOW).unwrap();
        assert_eq!(denied, Decision { allowed: false, policies: vec!["other-organization".into()] });
    }

    /// The policies that are left aside say nothing: with all of them the answer and its reasons are the same.
    #[test]
    fn the_policies_of_an_action_decide_as_all_of_them() {
        let authorizer = Authorizer::new().unwrap();
        let whole = Scope { groups: authorizer.actions.clone(), policies: authorizer.policies.clone() };
        let (amara, ben) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Administrator));
        let (chart, signed) = (chart(&amara), note(&amara, 1));
        let resources = [
            Resource::Organization(amara.organization_id),
            Resource::Member(&amara),
            Resource::Chart(&chart),
            Resource::Record(&signed, &chart),
        ];
        for (member, action) in
            [&amara, &ben].into_iter().flat_map(|one| Action::ALL.iter().map(move |it| (one, *it)))
        {
            for resource in resources {
                let part = authorizer.decide(member, action, resource, NOW).ok();
                let all = authorizer.decide_within(&whole, member, action, resource, NOW).ok();
                assert_eq!(part, all, "{action:?} on {resource:?}");
            }
        }
    }

    #[test]
    fn a_suspended_member_has_nothing() {
        let authorizer = Authorizer::new().unwrap();
        let amara = member(1, 1, Role::Practitioner);
        let chart = chart(&amara);
        let suspended = amara.suspend(MemberId::new(Uuid::from_u128(9))).unwrap();
        let denied = authorizer.decide(&suspended, Action::ReadChart, Resource::Chart(&chart), NOW).unwrap();
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

    /// What both layers allow, as R051 has it.
    fn both_allow(verb: Verb, user: &Verbs, record: &Verbs) -> bool {
        // Seeing a record is part of changing it.
        user.contains(&verb) && record.contains(&verb) && record.contains(&Verb::Access)
    }

    /// R051's matrix: of every user-level set and every record-level set, what is allowed is what both allow. From
    /// the owner of its chart a record is not kept; from staff it may be.
    #[test]
    fn the_two_layers_intersect() {
        let authorizer = Authorizer::new().unwrap();
        let notes = [
            (Action::ReadRecord, Verb::Access),
            (Action::AmendNote, Verb::Edit),
            (Action::VoidRecord, Verb::Delete),
        ];
        let folders = [(Action::ListCustody, Verb::Access), (Action::CheckOutFolder, Verb::Edit)];
        for (user, record) in (0_u8..16).flat_map(|user| (0_u8..16).map(move |record| (user, record))) {
            let (user, record) = (subset(user), subset(record));
            let (mut amara, mut sam) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Staff));
            amara.permissions = Permissions::new([(RecordType::Data, user.clone())]);
            sam.permissions = Permissions::new([(RecordType::Physical, user.clone())]);
            let chart = chart(&amara);
            let rows = BTreeMap::from([(amara.id, record.clone()), (sam.id, record.clone())]);
            let limits = RecordLimits::new(rows).unwrap();
            let signed = Record { limits, ..note(&amara, 1) };
            let folder = Folder::filed(LocationId::new(Uuid::from_u128(13)), None, None);
            let folder = Record { body: Body::Physical(folder), ..signed.clone() };
            let allowed = |member: &Member, action, of: &Record| {
                authorizer.decide(member, action, Resource::Record(of, &chart), NOW).unwrap().allowed
            };
            let owners = record.iter().copied().chain([Verb::Access]).collect();
            for (action, verb) in notes {
                let expected = both_allow(verb, &user, &owners);
                assert_eq!(allowed(&amara, action, &signed), expected, "{action:?} {user:?} {record:?}");
            }
            for (action, verb) in folders {
                let expected = both_allow(verb, &user, &record);
                assert_eq!(allowed(&sam, action, &folder), expected, "{action:?} {user:?} {record:?}");
            }
            let adds = authorizer.decide(&amara, Action::DraftNote, Resource::Chart(&chart), NOW).unwrap();
            assert_eq!(adds.allowed, user.contains(&Verb::Add));
        }
    }

    #[test]
    fn a_draft_is_seen_by_its_author_alone() {
        let authorizer = Authorizer::new().unwrap();
        let (amara, ben) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Practitioner));
        let (chart, mut draft) = (chart(&amara), note(&amara, 0));
        draft.author = ben.id;
        let denied =
            authorizer.decide(&amara, Action::ReadRecord, Resource::Record(&draft, &chart), NOW).unwrap();
        assert_eq!(denied.policies, ["draft-is-its-authors"]);
        let auditor = member(1, 3, Role::Auditor);
        for (who, allowed) in [
            (auditor, true),
            (amara, true),
            (member(2, 2, Role::Auditor), false),
            (member(1, 4, Role::Staff), false),
        ] {
            let resource = Resource::Record(&draft, &chart);
            let decision = authorizer.decide(&who, Action::ReadRecordEvidence, resource, NOW).unwrap();
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
            authorizer.permit(&ben, Action::ReadRecord, Resource::Record(&record, &chart), NOW).unwrap_err();
        let about = About {
            record_id: Some(record.id),
            client_id: Some(record.client_id),
            chart_id: Some(chart.id),
            ..About::default()
        };
        assert_eq!(denial.about, about);
        let stranger = member(2, 3, Role::Practitioner);
        let denial = authorizer
            .permit(&stranger, Action::ReadRecord, Resource::Record(&record, &chart), NOW)
            .unwrap_err();
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
            authorizer.decide(member, Action::StartUpload, resource, NOW).unwrap().allowed
        };
        amara.permissions =
            Permissions::new([(RecordType::Electronic, Verbs::from([Verb::Access, Verb::Add]))]);
        assert!(allowed(&amara, new) && !allowed(&amara, version));
        amara.permissions = Permissions::new([(RecordType::Data, Verbs::from([Verb::Access, Verb::Edit]))]);
        assert!(!allowed(&amara, new) && allowed(&amara, version));
        assert!(!allowed(&ben, new) && !allowed(&ben, version));
    }

    /// R072, R075, X-6: a space is its members', all alike; being in it gives nothing on the chart it is linked
    /// to, owning that chart gives nothing in it, and nobody looks in from above.
    #[test]
    fn a_space_is_its_members_and_says_nothing_of_a_chart() {
        let authorizer = Authorizer::new().unwrap();
        let (amara, ben) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Practitioner));
        let chart = chart(&ben);
        let beginning = Beginning {
            id: SpaceId::new(Uuid::from_u128(20)),
            name: Sealed::from_bytes(vec![]),
            subject: Subject::Person,
            chart_id: Some(chart.id),
            key: WrappedKey::from_bytes(vec![]),
        };
        let space = Space::create(beginning, &amara, Timestamp::UNIX_EPOCH).unwrap();
        let allowed = |member: &Member, action, resource| {
            authorizer.decide(member, action, resource, Timestamp::UNIX_EPOCH).unwrap().allowed
        };
        for action in [Action::ReadSpace, Action::InviteToSpace, Action::ReadSpaceItem, Action::LeaveSpace] {
            assert!(allowed(&amara, action, Resource::Space(&space)), "{action:?}");
            for other in [
                ben.clone(),
                member(1, 3, Role::Administrator),
                member(1, 4, Role::Auditor),
                member(2, 1, Role::Practitioner),
                member(1, 1, Role::Client),
            ] {
                assert!(!allowed(&other, action, Resource::Space(&space)), "{action:?} {:?}", other.roles);
            }
        }
        for action in [Action::ReadChart, Action::ListRecords, Action::DraftNote, Action::StartUpload] {
            assert!(!allowed(&amara, action, Resource::Chart(&chart)), "{action:?}");
            assert!(allowed(&ben, action, Resource::Chart(&chart)), "{action:?}");
        }
        let organization = Resource::Organization(amara.organization_id);
        assert!(allowed(&member(1, 3, Role::Administrator), Action::ListFrozenSpaces, organization));
        assert!(!allowed(&amara, Action::ListFrozenSpaces, organization));
        assert!(!allowed(&member(1, 5, Role::Client), Action::CreateSpace, organization));
    }

    #[test]
    fn an_inbox_shows_what_waits_for_ones_own_charts() {
        let authorizer = Authorizer::new().unwrap();
        let (amara, ben) = (member(1, 1, Role::Practitioner), member(1, 2, Role::Practitioner));
        let chart = chart(&amara);
        for (member, expected) in [(&amara, true), (&ben, false)] {
            let organization = Resource::Organization(member.organization_id);
            assert!(authorizer.decide(member, Action::ListContributions, organization, NOW).unwrap().allowed);
            let row =
                authorizer.decide(member, Action::ListContributions, Resource::Chart(&chart), NOW).unwrap();
            assert_eq!(row.allowed, expected);
        }
    }
}
