//! What a folder leaves when it is put or sent elsewhere: the place it belongs in, and how that is guarded. However it
//! goes, it comes to where it is guarded less by who is cleared for where it was; to come back, or to be locked away,
//! asks no more than to handle folders (R037).

use crate::handling::{self, Acted, FolderAnswer};
use api::{Call, Loaded, Outcome, Problem};
use authz::Permit;
use domain::{
    MemberId,
    limits::PAGE_ITEMS,
    member::Member,
    physical::{AccessClass, Folder, FolderError, Location},
    record::Record,
};
use std::collections::BTreeSet;
use store::keys;

/// The place that a folder leaves for another one.
pub(crate) struct Leaving {
    home: Location,
    /// Who let it go, of a folder that is out of a secured place.
    let_go_by: BTreeSet<MemberId>,
}

impl Leaving {
    /// What a folder leaves that is sent to a place; nothing if it belongs there.
    pub(crate) async fn sent(call: &Call, record: &Record, to: &Location) -> Result<Option<Self>, Problem> {
        if handling::folder(record)?.location_id == to.id {
            return Ok(None);
        }
        let home = handling::home(call, record).await?;
        Ok(Some(Self { home, let_go_by: BTreeSet::new() }))
    }

    /// The same of one that is put there.
    pub(crate) async fn put(call: &Call, record: &Record, to: &Location) -> Result<Option<Self>, Problem> {
        let Some(left) = Self::sent(call, record, to).await? else { return Ok(None) };
        if left.home.access != AccessClass::Secured || to.is_guarded_as(&left.home) {
            return Ok(Some(left));
        }
        Ok(Some(Self { let_go_by: let_go_by(call, record).await?, ..left }))
    }

    /// The folder may leave for that place by the act of this member.
    pub(crate) fn must_release(
        &self,
        folder: &Folder,
        to: &Location,
        by: &Member,
    ) -> Result<(), FolderError> {
        self.home.must_release(folder, to, by, &self.let_go_by)
    }
}

/// Who let a folder go last since it was filed, by its custody log, however much has come into that since; of one that is
/// missing from its shelf, everybody who has said so.
async fn let_go_by(call: &Call, record: &Record) -> Result<BTreeSet<MemberId>, Problem> {
    let (mut told, mut after) = (BTreeSet::new(), None::<String>);
    loop {
        let store = &call.system.store;
        let page = store.custody(record.chart_id, record.id, after.as_deref(), PAGE_ITEMS).await?;
        for entry in &page.items {
            if entry.act.is_leaving() {
                return Ok(BTreeSet::from([entry.by]));
            }
            if entry.act.is_filing() {
                return Ok(told);
            }
            if entry.act.is_of_loss() {
                told.insert(entry.by);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(told);
        }
    }
}

/// Commits an act by which a folder comes to a place, or is sent to it.
pub(crate) async fn commit(
    call: &Call,
    loaded: &Loaded,
    permit: &Permit,
    acted: Acted,
    (left, place): (Option<&Leaving>, &Location),
) -> Outcome<FolderAnswer> {
    let change = acted.change(call, loaded.member.id);
    let change = handling::change_at(call, change, &acted.act, place);
    let change = match left {
        // Nor does it leave one that is guarded otherwise meanwhile.
        Some(Leaving { home, .. }) => {
            change.check("location", &keys::location(home.organization_id, home.id), Some(home.revision))
        }
        None => change,
    };
    handling::settle(call, loaded, permit, (acted, change), Some(place)).await
}
