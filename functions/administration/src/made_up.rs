//! Sessions, spaces and holds made up for a member, to ask the policies what they could do with such a thing (R052).
//! Their ids are those of the member and of their organization.

use domain::{
    ChartId, ClientId, FacilitationId, HoldId, MemberId, OrganizationId, ParticipantId, Sealed, SpaceId,
    WrappedKey,
    facilitation::{CenterLink, Entrant, FacilitatedSession, History, Participant},
    hold::{Hold, HoldCause, HoldScope},
    member::Member,
    space::{Joined, Space, Subject},
};
use jiff::{Timestamp, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

/// Of the member's organization, with a facilitator and a client.
pub fn session(member: &Member, facilitator: MemberId, client: ClientId) -> FacilitatedSession {
    FacilitatedSession {
        id: FacilitationId::new(member.id.uuid()),
        organization_id: member.organization_id,
        facilitators: BTreeSet::from([facilitator]),
        group: false,
        scheduled_at: None,
        center: None,
        participants: vec![participant(member, facilitator, client)],
        created_by: facilitator,
        created_at: Timestamp::UNIX_EPOCH,
        voided: None,
        revision: 1,
    }
}

/// Another organization's, at the member's as its center.
pub fn session_at_center(member: &Member, facilitator: MemberId, client: ClientId) -> FacilitatedSession {
    let center = CenterLink {
        organization_id: member.organization_id,
        associated_by: facilitator,
        associated_at: Timestamp::UNIX_EPOCH,
        oregon: false,
    };
    let session = session(member, facilitator, client);
    // The id of a member is never an organization's.
    let organization_id = OrganizationId::new(member.id.uuid());
    FacilitatedSession { organization_id, center: Some(center), ..session }
}

fn participant(member: &Member, facilitator: MemberId, client_id: ClientId) -> Participant {
    Entrant {
        id: ParticipantId::new(member.id.uuid()),
        client_id,
        chart_id: ChartId::new(member.id.uuid()),
        facilitator,
        client_key: WrappedKey::from_bytes(vec![]),
        key: WrappedKey::from_bytes(vec![]),
        person: Sealed::from_bytes(vec![]),
        history: History::default(),
    }
    .join(Timestamp::UNIX_EPOCH)
}

/// With the member in it.
pub fn space(member: &Member) -> Space {
    let joined = Joined { at: Timestamp::UNIX_EPOCH, invited_by: member.id };
    Space {
        id: SpaceId::new(member.id.uuid()),
        organization_id: member.organization_id,
        name: Sealed::from_bytes(vec![]),
        subject: Subject::Other,
        chart_id: None,
        members: BTreeMap::from([(member.id, joined)]),
        frozen_at: None,
        key: WrappedKey::from_bytes(vec![]),
        created_by: member.id,
        created_at: Timestamp::UNIX_EPOCH,
        items: 0,
        last_added_at: None,
        ends_at: None,
        revision: 1,
    }
}

/// Of the member's organization, with somebody as its custodian.
pub fn hold(member: &Member, custodian: MemberId) -> Hold {
    Hold {
        id: HoldId::new(member.id.uuid()),
        organization_id: member.organization_id,
        cause: HoldCause::Other,
        matter: Sealed::from_bytes(vec![]),
        notice: Sealed::from_bytes(vec![]),
        scope: HoldScope::default(),
        custodians: BTreeMap::from([(custodian, None)]),
        issued_by: custodian,
        issued_at: Timestamp::UNIX_EPOCH,
        reaffirm_by: Date::ZERO,
        reaffirmed: Vec::new(),
        released: None,
        revision: 1,
    }
}
