//! What a change of roles or permissions would do, before it is made (R052): everything a member could do with it and
//! without it, compared.

use crate::abilities::{self, Abilities, Ability, Held, Inquiry, On};
use authz::PolicyError;
use domain::{
    MemberId,
    member::{Member, MemberStatus, Verb},
    record::RecordType,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// What would be different for one member.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemberDifference {
    pub member_id: MemberId,
    pub name: String,
    /// Who is suspended or has not signed in yet has nothing, and so neither gains nor loses anything.
    pub status: MemberStatus,
    #[serde(flatten)]
    pub difference: Difference,
}

/// What would be gained and lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// The verbs on each type of record in a chart of their own; types that stay as they are are left out.
    pub types: Vec<TypeDifference>,
    pub gained: Vec<Possibility>,
    pub lost: Vec<Possibility>,
}

/// The verbs that would be gained and lost on one type of record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TypeDifference {
    #[serde(rename = "type")]
    pub record: RecordType,
    pub gained: Vec<Verb>,
    pub lost: Vec<Verb>,
}

/// Something that can be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Possibility {
    /// An action by its name: `ReadRecord`.
    pub action: String,
    pub on: On,
    /// The type of record, if it is one.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordType>,
    /// In which charts, if it is something in a chart.
    pub charts: Vec<Held>,
}

impl Difference {
    /// Between a member as they are and as they would be.
    pub fn between(inquiry: &Inquiry<'_>, now: &Member, then: &Member) -> Result<Self, PolicyError> {
        let (now, then) = (inquiry.abilities(now)?, inquiry.abilities(then)?);
        Ok(Self {
            types: types(&now, &then),
            gained: possibilities(then.difference(&now)),
            lost: possibilities(now.difference(&then)),
        })
    }
}

/// The same for many: the policies see of a member only their roles and what they are allowed, so those who are alike
/// are asked about once.
pub fn of_all(
    inquiry: &Inquiry<'_>,
    members: impl IntoIterator<Item = (Member, Member)>,
) -> Result<Vec<MemberDifference>, PolicyError> {
    let mut asked: Vec<(Member, Member, Difference)> = Vec::new();
    let mut found = Vec::new();
    for (now, then) in members {
        let known = asked.iter().find(|(one, other, _)| is_alike(one, &now) && is_alike(other, &then));
        let difference = match known {
            Some((.., difference)) => difference.clone(),
            None => {
                let difference = Difference::between(inquiry, &now, &then)?;
                asked.push((now.clone(), then, difference.clone()));
                difference
            }
        };
        let (member_id, name, status) = (now.id, now.name.into(), now.status);
        found.push(MemberDifference { member_id, name, status, difference });
    }
    Ok(found)
}

fn is_alike(one: &Member, other: &Member) -> bool {
    one.roles == other.roles && one.is_active() == other.is_active() && one.allowed() == other.allowed()
}

fn types(now: &Abilities, then: &Abilities) -> Vec<TypeDifference> {
    let (now, then) = (abilities::verbs(now), abilities::verbs(then));
    let types = RecordType::ALL.map(|record| {
        let among = |verbs: &abilities::Verbs, verb: Verb| {
            verbs.get(&(record, verb)).is_some_and(|charts| charts.contains(&Held::Own))
        };
        let only = |these: &abilities::Verbs, others: &abilities::Verbs| {
            Verb::ALL.into_iter().filter(|verb| among(these, *verb) && !among(others, *verb)).collect()
        };
        TypeDifference { record, gained: only(&then, &now), lost: only(&now, &then) }
    });
    types.into_iter().filter(|one: &TypeDifference| !one.gained.is_empty() || !one.lost.is_empty()).collect()
}

/// One row for what can be done in several charts.
fn possibilities<'a>(abilities: impl Iterator<Item = &'a Ability>) -> Vec<Possibility> {
    let mut rows: BTreeMap<_, Vec<Held>> = BTreeMap::new();
    for Ability { action, on, record, held, .. } in abilities {
        rows.entry((*action, *on, *record)).or_default().extend(held);
    }
    let row = |((action, on, record), charts): ((authz::Action, On, Option<RecordType>), Vec<Held>)| {
        Possibility { action: action.name().to_owned(), on, record, charts }
    };
    rows.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use authz::Authorizer;
    use domain::{
        member::{Permissions, Role},
        text::Line,
    };
    use jiff::Timestamp;
    use std::collections::BTreeSet;

    fn member(role: Role, permissions: Permissions) -> Member {
        let id = |number: u32| format!("0199a000-0000-7000-8000-{number:012}");
        let mut member = Member::invite(
            id(2).parse().unwrap(),
            id(1).parse().unwrap(),
            Line::new("Dr Amara").unwrap(),
            "amara@north.example".to_owned().try_into().unwrap(),
            BTreeSet::from([role]),
            Timestamp::UNIX_EPOCH,
        );
        member.permissions = permissions;
        member.bind("identity".into())
    }

    fn everything() -> Permissions {
        Permissions::new(RecordType::ALL.map(|record| (record, Verb::ALL.into())))
    }

    fn between(now: &Member, then: &Member) -> Difference {
        let authorizer = Authorizer::new().unwrap();
        let inquiry = Inquiry::new(&authorizer, Timestamp::UNIX_EPOCH, now).unwrap();
        Difference::between(&inquiry, now, then).unwrap()
    }

    fn row<'a>(rows: &'a [Possibility], action: &str, record: Option<RecordType>) -> &'a Possibility {
        let found = rows.iter().find(|row| row.action == action && row.record == record);
        found.unwrap_or_else(|| panic!("no {action} in {rows:?}"))
    }

    #[test]
    fn what_is_lost_is_told_by_type_and_verb_and_by_what_cannot_be_done_any_more() {
        let now = member(Role::Practitioner, everything());
        let reading = [RecordType::Data, RecordType::Electronic].map(|one| (one, [Verb::Access].into()));
        let then = member(Role::Practitioner, Permissions::new(reading));
        let difference = between(&now, &then);
        let writing = vec![Verb::Add, Verb::Edit, Verb::Delete];
        let lost = |record, lost: &[Verb]| TypeDifference { record, gained: vec![], lost: lost.to_vec() };
        assert_eq!(
            difference.types,
            [
                lost(RecordType::Physical, &Verb::ALL),
                lost(RecordType::Electronic, &writing),
                lost(RecordType::Data, &writing),
            ]
        );
        assert!(difference.gained.is_empty(), "{:?}", difference.gained);
        let drafting = row(&difference.lost, "DraftNote", Some(RecordType::Data));
        assert_eq!(drafting.charts, [Held::Own, Held::Approval, Held::ReadAndWrite]);
        let reading = row(&difference.lost, "ReadRecord", Some(RecordType::Physical));
        assert_eq!(reading.charts, [Held::Own, Held::ReadOnly, Held::Approval, Held::ReadAndWrite]);
        assert!(
            !difference.lost.iter().any(|row| row.action == "ReadChart"),
            "there is something to read left"
        );
        // The way back is the same the other way round.
        let back = between(&then, &now);
        assert_eq!((back.gained, back.lost), (difference.lost, difference.gained));
    }

    #[test]
    fn another_role_shows_in_what_can_be_done_beside_records() {
        let now = member(Role::Staff, Permissions::starting(&BTreeSet::from([Role::Staff])));
        let then = member(Role::Auditor, now.permissions.clone());
        let difference = between(&now, &then);
        assert!(difference.types.is_empty(), "{:?}", difference.types);
        let registering = row(&difference.lost, "RegisterClient", None);
        assert_eq!((registering.on, registering.charts.as_slice()), (On::Organization, [].as_slice()));
        let handing_out = row(&difference.lost, "CheckOutFolder", Some(RecordType::Physical));
        assert!(handing_out.charts.contains(&Held::NotShared), "{handing_out:?}");
        assert_eq!(row(&difference.gained, "ReadEvidence", None).on, On::Organization);
        let suspended = now.suspend("0199a000-0000-7000-8000-000000000009".parse().unwrap()).unwrap();
        assert_eq!(between(&suspended, &suspended), Difference::default());
    }

    #[test]
    fn what_is_done_in_sessions_spaces_and_holds_is_told_too() {
        let now = member(Role::Practitioner, everything());
        let no_notes = [RecordType::Physical, RecordType::Electronic].map(|one| (one, Verb::ALL.into()));
        let lost = between(&now, &member(Role::Practitioner, Permissions::new(no_notes))).lost;
        for (action, on) in [
            ("ReadFacilitation", On::Facilitation),
            ("PlanFacilitation", On::Facilitation),
            ("VoidFacilitation", On::Facilitation),
            ("CompleteItem", On::Participation),
        ] {
            assert_eq!(row(&lost, action, None).on, on, "{action}");
        }
        assert!(!lost.iter().any(|row| row.on == On::Space), "a space asks for no permission: {lost:?}");

        let administrator = member(Role::Administrator, everything());
        let gained = between(&now, &administrator).gained;
        assert_eq!(row(&gained, "ReleaseFacilitation", None).on, On::CenterFacilitation);
        assert_eq!(row(&gained, "ReaffirmHold", None).on, On::Hold);
        let client = member(Role::Client, Permissions::default());
        let lost = between(&now, &client).lost;
        assert_eq!(row(&lost, "ReadSpace", None).on, On::Space);
        assert_eq!(row(&lost, "AcknowledgeHold", None).on, On::CustodianHold);
        assert!(!lost.iter().any(|row| row.action == "CompleteItem"), "a client answers in their own part");
    }

    #[test]
    fn who_is_alike_is_asked_about_once_and_told_of_each() {
        let authorizer = Authorizer::new().unwrap();
        let (now, then) =
            (member(Role::Practitioner, everything()), member(Role::Practitioner, Permissions::default()));
        let inquiry = Inquiry::new(&authorizer, Timestamp::UNIX_EPOCH, &now).unwrap();
        let mut other = now.clone();
        other.id = "0199a000-0000-7000-8000-000000000012".parse().unwrap();
        let all = of_all(&inquiry, [(now.clone(), then.clone()), (other.clone(), then)]).unwrap();
        assert_eq!(all.iter().map(|one| one.member_id).collect::<Vec<_>>(), [now.id, other.id]);
        assert_eq!(all[0].difference, all[1].difference);
        assert_eq!(all[0].difference.types.len(), 3);
    }

    /// What the policies make of a set of permissions in a chart of one's own is the set itself, for every set there
    /// is; and the verdict on a single cell agrees.
    #[test]
    fn a_set_of_permissions_comes_to_itself() {
        let authorizer = Authorizer::new().unwrap();
        let somebody = member(Role::Practitioner, everything());
        let inquiry = Inquiry::new(&authorizer, Timestamp::UNIX_EPOCH, &somebody).unwrap();
        for bits in [0_u8, 1, 3, 5, 6, 8, 11, 15] {
            let allowed: Vec<Verb> = Verb::ALL
                .into_iter()
                .enumerate()
                .filter(|(at, _)| bits & (1 << at) != 0)
                .map(|it| it.1)
                .collect();
            for record in RecordType::ALL {
                let verbs = allowed.iter().copied().collect();
                let one = member(Role::Practitioner, Permissions::new([(record, verbs)]));
                for other in RecordType::ALL {
                    for verb in Verb::ALL {
                        let decision = inquiry.verdict(&one, other, verb).unwrap();
                        let expected = other == record && allowed.contains(&verb);
                        assert_eq!(
                            decision.allowed, expected,
                            "{allowed:?} of {record:?}: {verb:?} {other:?}"
                        );
                        assert!(!decision.policies.is_empty(), "a reason for {verb:?} {other:?}");
                    }
                }
            }
        }
    }
}
