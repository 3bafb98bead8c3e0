//! What each forbid leaves: a member of every role but the client's stands where it bites, and what they may still
//! do is exactly what is said here. An action that is added has to be thought of (R050, R051, P-42 to P-47, X-1, X-5).

use crate::policies::{Things, all_powerful, record};
use authz::{Action, Authorizer, Resource, Subject};
use domain::{
    MemberId, TransferId,
    chart::Chart,
    confidentiality::{Compartment, Guard},
    member::{Member, Permissions, Role},
    record::{Body, Record, RecordLimits},
    transfer::{Initiator, Offer, TransferSection},
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What is not about what a record says: its trail, how long it is kept, and whom it limits.
const TRAIL: &[Action] = &[Action::ReadRecordEvidence, Action::ExplainRetention, Action::ClassifyRecord];
const HOLDING: &[Action] = &[
    Action::ReadRecordEvidence,
    Action::ExplainRetention,
    Action::ClassifyRecord,
    Action::LimitRecord,
    Action::ListRecordReaders,
];
const READING: &[Action] = &[
    Action::ReadRecord,
    Action::ListVersions,
    Action::ReadVersion,
    Action::SignDownload,
    Action::SignPreview,
    Action::ReadRecordEvidence,
    Action::ExplainRetention,
    Action::ClassifyRecord,
];
const WRITING: &[Action] = &[Action::SaveDraft, Action::SignNote, Action::AmendNote];

/// What somebody may do with a chart or a record, of all that can be done with one.
fn left(member: &Member, resource: Resource<'_>) -> BTreeSet<Action> {
    let authorizer = Authorizer::new().unwrap();
    let on = match resource {
        Resource::Chart(_) => Subject::Chart,
        _ => Subject::Record,
    };
    let shapes = authorizer.shapes().unwrap();
    let asked = shapes.iter().filter(|shape| shape.on == on).map(|shape| shape.action);
    let may = |action: &Action| authorizer.decide(member, *action, resource, later()).unwrap().allowed;
    asked.filter(may).collect()
}

fn later() -> Timestamp {
    Timestamp::from_second(10).unwrap()
}

fn set(actions: &[Action]) -> BTreeSet<Action> {
    actions.iter().copied().collect()
}

fn who(id: u128) -> MemberId {
    MemberId::new(Uuid::from_u128(id))
}

/// The same member with these roles alone.
fn only(member: &Member, roles: &[Role]) -> Member {
    let mut changed = member.clone();
    changed.roles = roles.iter().copied().collect();
    changed
}

fn note(chart: &Chart, author: MemberId, versions: u32) -> Record {
    Record { author, ..record(chart, Body::Data { versions, signed_at: None }) }
}

/// Handed from its owner to somebody, who has answered or not; raw data and what is marked are left out.
fn handed(chart: &Chart, to: MemberId, accepted: bool) -> Chart {
    let offer = Offer {
        id: TransferId::new(Uuid::from_u128(11)),
        to,
        by: chart.owner,
        initiator: Initiator::Owner,
        sections: BTreeSet::from(TransferSection::ALWAYS),
        keep_copy: true,
        offered_at: later(),
    };
    let (id, offered) = (offer.id, chart.clone().offer(offer).unwrap());
    if accepted { offered.accept_offer(id, Timestamp::from_second(5).unwrap()).unwrap().0 } else { offered }
}

#[test]
fn without_a_permission_of_their_own_an_owner_holds_and_does_not_look() {
    let mut amara = all_powerful(1, 2);
    amara.permissions = Permissions::default();
    let hers = Things::of(1, amara.id);
    let holding = [
        Action::ListGrants,
        Action::ListEscrows,
        Action::ReadPassages,
        Action::ListDestroyed,
        Action::ListEscrows,
        Action::ShareChart,
        Action::ChangeGrant,
        Action::RevokeGrant,
        Action::ShareWithCircle,
        Action::MarkChart,
        Action::OfferTransfer,
        Action::WithdrawTransfer,
        Action::RecordConsent,
        Action::WithdrawConsent,
        Action::SetCircle,
        Action::AppointProxy,
        Action::EndProxy,
    ];
    assert_eq!(left(&amara, Resource::Chart(&hers.chart)), set(&holding));
    for record in [&hers.note, &hers.folder, &hers.file] {
        assert_eq!(left(&amara, Resource::Record(record, &hers.chart)), set(HOLDING));
    }
}

#[test]
fn a_record_that_leaves_nothing_to_somebody_is_not_changed_by_them() {
    let (amara, sam) = (all_powerful(1, 2), all_powerful(1, 3));
    let hers = Things::of(1, amara.id);
    let rows = BTreeMap::from([(amara.id, BTreeSet::new()), (sam.id, BTreeSet::new())]);
    let limits = RecordLimits::new(rows).unwrap();
    let looking = [READING, HOLDING, &[Action::ListCustody, Action::ReadUpload]].concat();
    for record in [&hers.note, &hers.folder, &hers.file] {
        let limited = Record { limits: limits.clone(), ..record.clone() };
        let limited = Resource::Record(&limited, &hers.chart);
        assert_eq!(left(&amara, limited), set(&looking), "from its owner it is not kept");
        assert_eq!(left(&sam, limited), set(TRAIL));
        assert_eq!(left(&only(&sam, &[Role::Staff]), limited), set(&[]));
    }
}

#[test]
fn of_a_colleagues_draft_and_private_note_an_owner_sees_the_trail_alone() {
    let amara = all_powerful(1, 2);
    let hers = Things::of(1, amara.id);
    let draft = note(&hers.chart, who(50), 0);
    assert_eq!(left(&amara, Resource::Record(&draft, &hers.chart)), set(TRAIL));
    for compartment in [Compartment::Private, Compartment::PsychotherapyNotes] {
        let private = Record { guard: Guard::within(compartment), ..note(&hers.chart, who(50), 1) };
        assert_eq!(left(&amara, Resource::Record(&private, &hers.chart)), set(TRAIL), "{compartment:?}");
    }
}

#[test]
fn a_colleagues_note_is_not_written_on_by_its_owner() {
    let amara = all_powerful(1, 2);
    let hers = Things::of(1, amara.id);
    let all = left(&amara, Resource::Record(&hers.note, &hers.chart));
    let others = left(&amara, Resource::Record(&note(&hers.chart, who(50), 1), &hers.chart));
    assert_eq!(all.difference(&others).copied().collect::<BTreeSet<_>>(), set(WRITING));
    assert!(others.is_subset(&all));
}

#[test]
fn no_share_and_no_role_reaches_what_is_kept_apart() {
    let amara = all_powerful(1, 2);
    let hers = Things::of(1, amara.id);
    for compartment in Compartment::ALL.into_iter().filter(|one| *one != Compartment::Chart) {
        for record in [note(&hers.shared, who(50), 1), record(&hers.shared, hers.folder.body.clone())] {
            let apart = Record { guard: Guard::within(compartment), ..record };
            assert_eq!(left(&amara, Resource::Record(&apart, &hers.shared)), set(TRAIL), "{compartment:?}");
        }
    }
}

#[test]
fn what_was_left_out_is_opened_by_who_kept_a_copy_and_changed_by_nobody() {
    let (amara, ben) = (all_powerful(1, 2), all_powerful(1, 3));
    let chart = handed(&Things::of(1, amara.id).chart, ben.id, true);
    let raw = Record { guard: Guard::within(Compartment::RawData), ..note(&chart, amara.id, 1) };
    let mut marked = note(&chart, amara.id, 1);
    marked.guard.confidential_since = Some(Timestamp::UNIX_EPOCH);
    for sealed in [raw, marked] {
        assert_eq!(left(&ben, Resource::Record(&sealed, &chart)), set(TRAIL), "the new owner");
        assert_eq!(left(&amara, Resource::Record(&sealed, &chart)), set(READING), "the former owner");
        assert_eq!(left(&all_powerful(1, 4), Resource::Record(&sealed, &chart)), set(TRAIL), "anybody else");
    }
}

#[test]
fn while_the_owner_hands_it_over_a_collaborator_can_only_leave() {
    let amara = only(&all_powerful(1, 2), &[Role::Practitioner]);
    let shared = Things::of(1, amara.id).shared;
    let waiting = handed(&shared, who(7), false);
    assert!(left(&amara, Resource::Chart(&shared)).len() > 10);
    assert_eq!(left(&amara, Resource::Chart(&waiting)), set(&[Action::LeaveChart]));
    for author in [amara.id, who(50)] {
        assert_eq!(left(&amara, Resource::Record(&note(&waiting, author, 1), &waiting)), set(&[]));
    }
}

/// Even if it was a colleague's before.
#[test]
fn an_account_of_a_clients_owns_nothing() {
    let grace = only(&all_powerful(1, 2), &[Role::Client]);
    let hers = Things::of(1, grace.id);
    for chart in [&hers.chart, &hers.shared, &hers.offered] {
        assert_eq!(left(&grace, Resource::Chart(chart)), set(&[]));
    }
    for record in [&hers.note, &hers.folder, &hers.file] {
        assert_eq!(left(&grace, Resource::Record(record, &hers.chart)), set(&[]));
    }
}
