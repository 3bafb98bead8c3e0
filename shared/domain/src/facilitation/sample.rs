//! Sessions for the tests of this room.

use super::{
    CenterOffer, CenterProfile, Entrant, FacilitatedSession, FacilitatorCode, History, ItemCode, License,
    Participant,
};
use crate::{
    ChartId, ClientId, FacilitationId, MemberId, OrganizationId, ParticipantId, Sealed, WrappedKey,
    text::Line,
};
use jiff::{Timestamp, civil::date};
use uuid::Uuid;

pub(super) const AMARA: MemberId = MemberId::new(Uuid::from_u128(1));
pub(super) const BEN: MemberId = MemberId::new(Uuid::from_u128(2));
pub(super) const CLINIC: u128 = 50;
pub(super) const CENTER: u128 = 60;

pub(super) fn organization(id: u128) -> OrganizationId {
    OrganizationId::new(Uuid::from_u128(id))
}

/// A group without anybody in it.
pub(super) fn session(facilitators: &[MemberId]) -> FacilitatedSession {
    let id = FacilitationId::new(Uuid::from_u128(70));
    let others = facilitators.iter().copied();
    FacilitatedSession::begin(id, organization(CLINIC), facilitators[0], others, true, Timestamp::UNIX_EPOCH)
        .unwrap()
}

/// The client of that number, with a facilitator.
pub(super) fn participant(number: u128, facilitator: MemberId) -> Participant {
    let id = Uuid::from_u128(100 + number);
    Entrant {
        id: ParticipantId::new(id),
        client_id: ClientId::new(id),
        chart_id: ChartId::new(id),
        facilitator,
        client_key: WrappedKey::from_bytes(vec![]),
        key: WrappedKey::from_bytes(vec![]),
        person: Sealed::from_bytes(vec![]),
        history: History::default(),
    }
    .join(Timestamp::UNIX_EPOCH)
}

pub(super) fn profile(center: u128, state: &str) -> CenterProfile {
    CenterProfile {
        organization_id: organization(center),
        license: License {
            number: Line::new("SC-1").unwrap(),
            state: state.to_owned().try_into().unwrap(),
            expires_on: date(2100, 1, 1),
        },
        set_by: AMARA,
        set_at: Timestamp::UNIX_EPOCH,
        revision: 1,
    }
}

/// A center that has approved these members of the clinic.
pub(super) fn offer<'a>(profile: &'a CenterProfile, approved: &[MemberId]) -> CenterOffer<'a> {
    let code = |member_id: &MemberId| FacilitatorCode {
        organization_id: organization(CLINIC),
        member_id: *member_id,
    };
    CenterOffer { profile, approved: approved.iter().map(code).collect() }
}

/// The session with the licensed center.
pub(super) fn associated(session: FacilitatedSession) -> FacilitatedSession {
    let profile = profile(CENTER, "OR");
    let today = date(2027, 1, 1);
    session.associate(&offer(&profile, &[AMARA, BEN]), AMARA, today, Timestamp::UNIX_EPOCH).unwrap()
}

/// Everything of a participant's preparation completed and signed.
pub(super) fn complete_all(
    session: FacilitatedSession,
    id: ParticipantId,
    by: MemberId,
    at: Timestamp,
) -> FacilitatedSession {
    let items = session.participant(id).unwrap().items(session.center.as_ref());
    let due = |code: ItemCode, required| required && code.phase() == super::Phase::Preparation;
    let codes: Vec<ItemCode> =
        items.filter(|(code, _, required)| due(*code, *required)).map(|(code, _, _)| code).collect();
    codes.into_iter().fold(session, |session, code| {
        let (session, _) = session.complete(id, code, by, true, at).unwrap();
        if code.is_counter_signed() { session.counter_sign(id, code, by, at).unwrap() } else { session }
    })
}
