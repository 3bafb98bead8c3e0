//! The center of a session: what it is, whom it has approved, and what comes to be when a session is shared with it.

use crate::held::{Held, beside};
use api::{Call, Fact, Problem};
use domain::{
    MemberId, OrganizationId,
    facilitation::{Approval, CenterOffer, CenterProfile, FacilitatedSession, FacilitatorCode},
    limits::PAGE_ITEMS,
    member::Role,
    notice::{Notice, NoticeReason},
    organization::Organization,
};
use evidence::Evidence;
use jiff::{civil::Date, tz::TimeZone};
use std::collections::BTreeSet;
use store::{Change, FacilitationEntry, Key, keys};

/// A center as it is now.
pub(crate) struct Center {
    pub(crate) profile: CenterProfile,
    /// The facilitators who were asked about and are approved.
    pub(crate) approved: BTreeSet<FacilitatorCode>,
    /// Where its days begin and end.
    pub(crate) zone: TimeZone,
}

impl Center {
    pub(crate) fn today(&self, call: &Call) -> Date {
        call.now.to_zoned(self.zone.clone()).date()
    }

    pub(crate) fn offer(&self) -> CenterOffer<'_> {
        CenterOffer { profile: &self.profile, approved: self.approved.clone() }
    }
}

/// The center of this id, if it is one, and which of these members of an organization it has approved.
pub(crate) async fn find(
    call: &Call,
    center_id: OrganizationId,
    organization_id: OrganizationId,
    facilitators: impl IntoIterator<Item = MemberId>,
) -> Result<Option<Center>, Problem> {
    let (profile_key, own_key) = (keys::center_profile(center_id), keys::organization(center_id));
    let codes = facilitators.into_iter().map(|member_id| FacilitatorCode { organization_id, member_id });
    let approvals: Vec<Key<Approval>> = codes.map(|code| keys::approval(center_id, code)).collect();
    let wanted = approvals.iter().map(Key::any).chain([profile_key.any(), own_key.any()]);
    let found = call.system.store.fetch(wanted).await?;
    let organization: Option<Organization> = found.get(&own_key)?;
    let (Some(profile), Some(organization)) = (found.get(&profile_key)?, organization) else {
        return Ok(None);
    };
    let mut approved = BTreeSet::new();
    for key in &approvals {
        let approval: Option<Approval> = found.get(key)?;
        approved.extend(approval.filter(Approval::is_standing).map(|approval| approval.facilitator));
    }
    Ok(Some(Center { profile, approved, zone: organization.policy.time_zone.zone() }))
}

/// The session shared with a center that has approved its facilitators. That it is no center, and that it has not
/// approved them, look the same: who is a center is no list to be tried out.
pub(crate) async fn associated(
    call: &Call,
    session: FacilitatedSession,
    center_id: OrganizationId,
) -> Result<FacilitatedSession, Problem> {
    // What is wrong with the session itself is said of any center alike.
    session.must_be_free()?;
    let facilitators = session.facilitators.clone();
    let center = find(call, center_id, session.organization_id, facilitators).await?;
    let Some(center) = center else {
        return Err(domain::facilitation::FacilitationError::NotApproved.into());
    };
    Ok(session.associate(&center.offer(), call.member_id()?, center.today(call), call.now)?)
}

/// What else is written when a session comes to a center: its row on the board, the center's own evidence, and a word
/// to its administrators.
pub(crate) async fn arrival(call: &Call, change: Change, held: &Held) -> Result<Change, Problem> {
    let Some(center_id) = held.session.center_id() else { return Ok(change) };
    let entry = FacilitationEntry { facilitation_id: held.session.id };
    let mut change = change.insert("board", &keys::center_facilitation(center_id, held.session.id), &entry);
    if center_id != held.session.organization_id {
        let fact =
            Fact::new().facilitation(held.session.id).detail("organization", held.session.organization_id);
        let there = Evidence { organization_id: center_id, ..call.evidence(&held.permit, fact) };
        change = beside(change, &there);
    }
    let members = call.system.store.members(center_id, None, PAGE_ITEMS).await?.items;
    let told = members.iter().filter(|one| one.is_active() && one.roles.contains(&Role::Administrator));
    Ok(told.take(TOLD).fold(change, |change, member| {
        change.notify(&notice(call, center_id, member.id, NoticeReason::SessionAssociated))
    }))
}

/// Administrators who are told of one session.
const TOLD: usize = 20;

/// A word to somebody, without what it is about (P-10).
pub(crate) fn notice(
    call: &Call,
    organization_id: OrganizationId,
    member_id: MemberId,
    reason: NoticeReason,
) -> Notice {
    Notice::new(call.new_id(), organization_id, member_id, reason, call.now)
}
