//! A legal hold as people see it, and whom it tells (R156).
//!
//! What asks the holds before it destroys: `propose_disposition` and `confirm_destruction` here, and `retention-sweep`,
//! the only function that may delete keys and objects, in the very transaction that deletes a key. Nothing else
//! destroys anything that is kept:
//!
//! - giving an upload up, and the bucket's lifecycle, take away what nobody has completed, and nothing that is marked
//!   as kept; previews and earlier versions go with their record;
//! - a contribution that is declined stays where it is, out of the chart;
//! - an item of a collaborative space whose days are over is shown no longer, and stays;
//! - what was left out of a transfer, what was struck through and what a former owner had a copy of stay;
//! - what expires by itself in the table (answers to calls, notices, e-mails, links' tokens, the trace of an upload
//!   that is over) holds no content.

use api::{Call, Loaded, Names, Problem};
use authz::{Action, Permit, Resource};
use domain::{
    HoldId, MemberId,
    hold::{Hold, HoldCause, HoldScope},
    limits::{NAME_CHARS, REASON_CHARS},
    notice::{Notice, NoticeReason},
    text::{Line, Prose},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;
use store::{Change, Key, keys};
use vault::DirectoryKey;

/// What the parts of a hold are sealed as.
pub(crate) const MATTER: &str = "hold/matter";
pub(crate) const NOTICE: &str = "hold/notice";
pub(crate) const REASON: &str = "hold/reason";

/// A legal hold, for who may read it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HoldView {
    pub hold_id: HoldId,
    pub cause: HoldCause,
    pub matter: Line<NAME_CHARS>,
    /// What custodians are told.
    pub notice: Prose<REASON_CHARS>,
    pub scope: HoldScope,
    pub custodians: Vec<Custodian>,
    pub issued_by: Named,
    pub issued_at: Timestamp,
    pub reaffirm_by: Date,
    /// Whether somebody has to say that it is still needed. Until then it stands all the same.
    pub reaffirmation_due: bool,
    /// The newest of them.
    pub reaffirmed: Vec<Reaffirmation>,
    pub stands: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub released: Option<Release>,
    pub revision: u64,
}

/// A member, and their name if the reader may know it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NamedMember")]
pub struct Named {
    pub member_id: MemberId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Named {
    pub(crate) fn new(member_id: MemberId, names: &Names) -> Self {
        Self { member_id, name: names.member(member_id).map(str::to_owned) }
    }
}

/// Who keeps what is held, and since when they have said that they know.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HoldCustodian")]
pub struct Custodian {
    #[serde(flatten)]
    pub who: Named,
    pub acknowledged_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HoldReaffirmation")]
pub struct Reaffirmation {
    pub by: Named,
    pub at: Timestamp,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "HoldRelease")]
pub struct Release {
    pub by: Named,
    pub at: Timestamp,
    pub reason: Prose<REASON_CHARS>,
}

impl HoldView {
    /// A hold as it stands after the change that carries it: the next revision.
    pub(crate) fn revised(mut self) -> Self {
        self.revision = self.revision.saturating_add(1);
        self
    }

    pub(crate) async fn of(
        call: &Call,
        loaded: &Loaded,
        permit: &Permit,
        hold: &Hold,
    ) -> Result<Self, Problem> {
        let directory = call.directory(&loaded.organization).await?;
        let names = call.names(loaded, people(hold), []).await?;
        let today = call.today(&loaded.organization);
        Self::new(hold, &directory, permit, &names, today)
    }

    fn new(
        hold: &Hold,
        directory: &DirectoryKey,
        permit: &Permit,
        names: &Names,
        today: Date,
    ) -> Result<Self, Problem> {
        let named = |member: MemberId| Named::new(member, names);
        let released = hold.released.as_ref().map(|released| {
            let reason = directory.open(permit, REASON, &hold.id, &released.reason)?;
            Ok::<_, Problem>(Release { by: named(released.by), at: released.at, reason })
        });
        Ok(Self {
            hold_id: hold.id,
            cause: hold.cause,
            matter: directory.open(permit, MATTER, &hold.id, &hold.matter)?,
            notice: directory.open(permit, NOTICE, &hold.id, &hold.notice)?,
            scope: hold.scope.clone(),
            custodians: hold
                .custodians
                .iter()
                .map(|(member, at)| Custodian { who: named(*member), acknowledged_at: *at })
                .collect(),
            issued_by: named(hold.issued_by),
            issued_at: hold.issued_at,
            reaffirm_by: hold.reaffirm_by,
            reaffirmation_due: hold.reaffirmation_is_due(today),
            reaffirmed: hold
                .reaffirmed
                .iter()
                .map(|one| Reaffirmation { by: named(one.by), at: one.at })
                .collect(),
            stands: hold.stands(),
            released: released.transpose()?,
            revision: hold.revision,
        })
    }
}

fn people(hold: &Hold) -> BTreeSet<MemberId> {
    let said = hold.reaffirmed.iter().map(|one| one.by);
    let released = hold.released.as_ref().map(|released| released.by);
    hold.custodians.keys().copied().chain([hold.issued_by]).chain(said).chain(released).collect()
}

/// Whether the caller may read a hold: its custodians, and who keeps holds.
pub(crate) fn may_read(call: &Call, loaded: &Loaded, hold: &Hold) -> Result<bool, Problem> {
    call.may(loaded, Action::ReadHold, Resource::Hold(hold))
}

/// The key of the hold that the path names.
pub(crate) fn named(call: &Call) -> Result<Key<Hold>, Problem> {
    Ok(keys::hold(call.organization_id()?, call.path("hold_id")?))
}

/// Tells the custodians, and the records managers, in the transaction of what they are told. The owners of the charts
/// are told by the sweep, which finds what the hold covers.
pub(crate) async fn tell(call: &Call, change: Change, hold: &Hold) -> Result<Change, Problem> {
    let (to_custodians, to_managers) = match hold.stands() {
        true => (NoticeReason::HoldPlaced, NoticeReason::RecordsHeld),
        false => (NoticeReason::HoldReleased, NoticeReason::RecordsReleased),
    };
    let managers = appraisal::managers(&call.system.store, hold.organization_id).await?;
    let others = managers.into_iter().filter(|member| !hold.custodians.contains_key(member));
    let told = others.map(|member| (member, to_managers));
    let custodians = hold.custodians.keys().map(|member| (*member, to_custodians));
    let actor = call.member_id().ok();
    let told = custodians.chain(told).filter(|(member, _)| Some(*member) != actor);
    Ok(told.fold(change, |change, (member, reason)| {
        let notice = Notice {
            by: actor,
            hold_id: Some(hold.id),
            due_on: hold.stands().then_some(hold.reaffirm_by),
            ..Notice::new(call.new_id(), hold.organization_id, member, reason, call.now)
        };
        change.notify(&notice)
    }))
}
