//! What is filed while a legal hold covers it is locked in object storage at once (R156).
//!
//! The work of a hold locks what is there when it is placed. Of what comes later the table's stream tells: of each
//! version of a file and each document of a space, and once more when inspection has made its preview. So nobody who
//! files something waits for a lock, and what failed is brought again. The holds are read after the file stands in the
//! table: of a hold and a file that come at the same moment, one finds the other.

use crate::{
    held, lock,
    worker::{Worker, permit},
};
use api::{Fact, Problem, StreamEvent, StreamRecord, System, Watched};
use authz::Action;
use domain::{
    HoldId, OrganizationId, SpaceId, SpaceItemId,
    hold::HoldSubject,
    record::{FileState, FileVersion, ObjectRef, Preview, Record},
    space::SpaceItem,
};
use serde_json::Value;
use std::sync::Arc;
use store::{Key, Store, keys};
use vault::layout;

/// What wakes it: a file that was filed, and one that inspection has looked into.
pub(crate) const WATCHED: &[Watched] = &[
    Watched::inserted("file_version"),
    Watched::modified("file_version"),
    Watched::inserted("space_item"),
    Watched::modified("space_item"),
];

/// Tries of a lock while holds are placed and released.
const TRIES: u32 = 5;

/// Handles a batch of the stream: one file that cannot be locked now keeps no other from it.
pub(crate) async fn handle(system: Arc<System>, event: Value) -> Result<Value, Problem> {
    let batch = StreamEvent::parse(event)?;
    let mut failed = None::<&StreamRecord>;
    for change in &batch.records {
        if let Err(problem) = filed(&system, change).await {
            tracing::warn!(code = problem.code(), cause = %problem, "a file waits for its lock");
            failed = failed.or(Some(change));
        }
    }
    Ok(failed.map_or_else(|| batch.done(), |change| batch.failed_from(change)))
}

async fn filed(system: &Arc<System>, change: &StreamRecord) -> Result<(), Problem> {
    match Filed::find(&system.store, change).await? {
        Some(filed) => filed.lock(&Worker::new(Arc::clone(system), &change.sequence)?).await,
        None => Ok(()),
    }
}

/// A file as it stands in the table now, whatever it was when the stream told of it.
struct Filed {
    organization_id: OrganizationId,
    place: Place,
    object: ObjectRef,
    preview: Option<Preview>,
}

/// Where the stream has told of it.
enum Place {
    Record(HoldSubject),
    Space(SpaceId, SpaceItemId),
}

impl Filed {
    /// `None` if it is gone, or is no file.
    async fn find(store: &Store, change: &StreamRecord) -> Result<Option<Self>, Problem> {
        let Some((partition, sort)) = change.key() else { return Ok(None) };
        if let Some((chart, record, number)) = keys::parse_file_version(partition, sort) {
            return Self::of_record(
                store,
                &keys::record(chart, record),
                &keys::file_version(chart, record, number),
            )
            .await;
        }
        match keys::parse_space_item(partition, sort) {
            Some((space, item)) => Self::of_space(store, space, item).await,
            None => Ok(None),
        }
    }

    async fn of_record(
        store: &Store,
        record_key: &Key<Record>,
        version_key: &Key<FileVersion>,
    ) -> Result<Option<Self>, Problem> {
        let found = store.fetch([record_key.closed(), version_key.any()]).await?;
        let (record, version) = (found.get(record_key)?, found.get(version_key)?);
        let (Some(record), Some(version)) = (record, version) else { return Ok(None) };
        let (organization_id, place) = (record.organization_id, Place::Record(HoldSubject::from(&record)));
        Ok(Some(Self { organization_id, place, preview: preview(&version.state), object: version.object }))
    }

    async fn of_space(store: &Store, space: SpaceId, id: SpaceItemId) -> Result<Option<Self>, Problem> {
        let key = keys::space_item(space, id);
        let item: Option<SpaceItem> = store.fetch([key.any()]).await?.get(&key)?;
        let Some(file) = item.as_ref().and_then(|item| item.file().ok()) else { return Ok(None) };
        let uploaded = layout::parse_upload(&file.object.key);
        let uploaded = uploaded.ok_or_else(|| Problem::internal("a document that was never uploaded"))?;
        Ok(Some(Self {
            organization_id: uploaded.organization_id,
            place: Place::Space(space, id),
            object: file.object.clone(),
            preview: preview(&file.state),
        }))
    }

    /// Locks it if a hold covers it, and looks again: what was released meanwhile had nothing to unlock here yet.
    async fn lock(&self, worker: &Worker) -> Result<(), Problem> {
        let (store, permit) = (worker.store(), permit(self.organization_id, Action::LockObjects));
        let Some(hold) = self.hold(store).await? else { return Ok(()) };
        if !worker.system.vault.locks_objects(&permit).await? {
            return Ok(());
        }
        let mut is_held = true;
        for _ in 0..TRIES {
            let versions = lock::file(worker, &permit, &self.object, self.preview.as_ref(), is_held).await?;
            lock::witness(worker, &permit, Fact::new().hold(hold), is_held, versions).await?;
            let is_now = self.hold(store).await?.is_some();
            if is_now == is_held {
                return Ok(());
            }
            is_held = is_now;
        }
        Err(Problem::unavailable("legal holds keep changing"))
    }

    /// A hold that covers it now, here or wherever else it stands.
    async fn hold(&self, store: &Store) -> Result<Option<HoldId>, Problem> {
        let standing = store.standing_holds(self.organization_id).await?;
        match &self.place {
            Place::Record(subject) => held::file(store, &standing, subject, &self.object).await,
            Place::Space(space, item) => held::document(store, &standing, *space, *item).await,
        }
    }
}

fn preview(state: &FileState) -> Option<Preview> {
    state.finding().and_then(|finding| finding.preview.as_deref().cloned())
}
