//! What is left of a record that can be read by nobody any more: its objects in all their versions, and what says where
//! they were. Then it is looked whether anything is left, and only then is it said to be destroyed (R154).
//!
//! What says where an object was goes after the object, so that whoever comes after a crash knows where to look.

use crate::{
    batch::{Batch, Step},
    derivatives::{self, Place},
    held, lock,
};
use api::Problem;
use domain::{
    RecordId,
    chart::Chart,
    disposition::{DispositionItem, ItemState},
    note::NoteVersion,
    notice::NoticeReason,
    record::{FileVersion, ObjectRef, Record, RecordType},
    space::{RecordOrigin, SpaceItem},
    upload::Holder,
};
use evidence::Kind;
use jiff::Timestamp;
use store::{Change, DigestEntry, Key, keys};
use vault::{Ending, layout};

/// Versions of a note, and of a file, that are taken away in one transaction.
const NOTES: u32 = 60;
const FILES: u32 = 15;

/// Takes away what is left, and looks.
pub(crate) async fn clear(batch: &Batch<'_>, item: DispositionItem) -> Result<Step, Problem> {
    let clearing = Clearing { batch, place: Place { chart_id: item.chart_id, record_id: item.record_id } };
    let cleared = match item.record_type {
        RecordType::Data => clearing.notes(item).await?,
        RecordType::Electronic => clearing.files(item).await?,
        RecordType::Physical => Cleared::Item(Box::new(item)),
    };
    match cleared {
        Cleared::Item(item) => clearing.end(*item).await,
        Cleared::Not(step) => Ok(step),
    }
}

/// Where a file and its preview are, if inspection has put one: it does so before it says so.
fn keys_of(file: &FileVersion) -> impl Iterator<Item = String> {
    let preview = layout::parse_upload(&file.object.key).map(layout::preview);
    [Some(file.object.key.clone()), preview].into_iter().flatten()
}

/// Until when Object Lock retains anything that a record consists of, if it does. What others have as well is not
/// destroyed with it, and not asked about.
pub(crate) async fn retained_until(
    batch: &Batch<'_>,
    item: &DispositionItem,
) -> Result<Option<Timestamp>, Problem> {
    let (store, vault) = (batch.worker.store(), &batch.worker.system.vault);
    if item.record_type != RecordType::Electronic || !vault.locks_objects(&batch.permit).await? {
        return Ok(None);
    }
    let place = Place { chart_id: item.chart_id, record_id: item.record_id };
    let (mut until, mut after) = (None::<Timestamp>, None::<String>);
    let clearing = Clearing { batch, place };
    loop {
        let page =
            store.versions::<FileVersion>(place.chart_id, place.record_id, after.as_deref(), FILES).await?;
        for file in &page.items {
            if clearing.shared(file).await? != Shared::Nobody {
                continue;
            }
            for key in keys_of(file) {
                until = until.max(vault.retained_until(&batch.permit, &key).await?);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(until);
        }
    }
}

enum Cleared {
    /// Nothing of it is left; so it stands now.
    Item(Box<DispositionItem>),
    Not(Step),
}

/// Who else has an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shared {
    Nobody,
    /// A record of another chart, which takes it along when it ends.
    Record,
    /// The space it came from: while that has it, nobody else would take it along.
    Space,
}

/// What became of objects.
#[derive(Clone, Copy, Debug, Default)]
struct Objects {
    deleted: u32,
    /// Left to another record that has them as well.
    left: u32,
}

struct Clearing<'a> {
    batch: &'a Batch<'a>,
    place: Place,
}

impl Clearing<'_> {
    async fn notes(&self, mut item: DispositionItem) -> Result<Cleared, Problem> {
        let Place { chart_id, record_id } = self.place;
        loop {
            let store = self.batch.worker.store();
            let page = store.versions::<NoteVersion>(chart_id, record_id, None, NOTES).await?;
            if page.items.is_empty() {
                return Ok(Cleared::Item(Box::new(item)));
            }
            let change = page.items.iter().fold(Change::new(), |change, version| {
                derivatives::with_note(change, &self.place, version.number)
            });
            match self.cleared(item, Objects::default(), change).await? {
                Some(next) => item = next,
                None => return Ok(Cleared::Not(Step::Raced)),
            }
        }
    }

    async fn files(&self, mut item: DispositionItem) -> Result<Cleared, Problem> {
        let Place { chart_id, record_id } = self.place;
        loop {
            let store = self.batch.worker.store();
            let page = store.versions::<FileVersion>(chart_id, record_id, None, FILES).await?;
            if page.items.is_empty() {
                return Ok(Cleared::Item(Box::new(item)));
            }
            let mut objects = Objects::default();
            for file in &page.items {
                match self.objects(&item, file).await? {
                    Some(Objects { deleted, left }) => {
                        objects.deleted = objects.deleted.saturating_add(deleted);
                        objects.left = objects.left.saturating_add(left);
                    }
                    None => return Ok(Cleared::Not(Step::Waits)),
                }
            }
            let known = self.known(&page.items).await?;
            let files = page.items.iter().zip(&known);
            let change = files.fold(Change::new(), |change, (file, known)| {
                derivatives::with_file(change, &self.place, file, known.as_ref())
            });
            match self.cleared(item, objects, change).await? {
                Some(next) => item = next,
                None => return Ok(Cleared::Not(Step::Raced)),
            }
        }
    }

    /// What the chart has noted of the bytes of each file.
    async fn known(&self, files: &[FileVersion]) -> Result<Vec<Option<DigestEntry>>, Problem> {
        let mut noted: Vec<Option<Key<DigestEntry>>> = Vec::with_capacity(files.len());
        for file in files {
            let finding = file.state.finding();
            noted.push(finding.map(|finding| keys::digest(self.place.chart_id, &finding.sha256)));
        }
        let found = self.batch.worker.store().fetch(noted.iter().flatten().map(Key::any)).await?;
        let mut known = Vec::with_capacity(files.len());
        for key in noted {
            known.push(match key {
                Some(key) => found.get(&key)?,
                None => None,
            });
        }
        Ok(known)
    }

    /// Takes away what says where something was that is gone; gives the item as it stands then.
    async fn cleared(
        &self,
        item: DispositionItem,
        objects: Objects,
        change: Change,
    ) -> Result<Option<DispositionItem>, Problem> {
        let next = item.clear(objects.deleted, objects.left)?;
        let change = change.replace("item", &keys::disposition_item(self.batch.id, next.record_id), &next);
        let done = self.batch.worker.store().note(&self.batch.permit, change).await;
        let next = DispositionItem { revision: next.revision.saturating_add(1), ..next };
        Ok(crate::worker::raced(done)?.map(|()| next))
    }

    /// Destroys a file and its preview, whether or not anything is known of one: inspection puts it before it says so, and
    /// can be cut off in between. `None` if a lock keeps one of them for now, or the space they came from.
    async fn objects(&self, item: &DispositionItem, file: &FileVersion) -> Result<Option<Objects>, Problem> {
        let known = known_objects(file);
        match self.shared(file).await? {
            Shared::Nobody => {}
            Shared::Record => return Ok(Some(Objects { deleted: 0, left: known })),
            Shared::Space => return Ok(None),
        }
        for key in keys_of(file) {
            if self.object(item, file, &key).await? == Ending::Locked {
                tracing::warn!(record_id = %self.place.record_id, "a lock keeps an object of a destroyed record");
                return Ok(None);
            }
        }
        Ok(Some(Objects { deleted: known, left: 0 }))
    }

    /// Destroys an object in all its versions, if no lock keeps one. No hold has covered the record when its key went: a
    /// legal hold of S3 that nobody else needs who has the same object is one that was left, and is lifted.
    async fn object(&self, item: &DispositionItem, file: &FileVersion, key: &str) -> Result<Ending, Problem> {
        let (worker, permit) = (self.batch.worker, &self.batch.permit);
        let vault = &worker.system.vault;
        if vault.destroy_object(permit, key, worker.now).await? == Ending::Gone {
            return Ok(Ending::Gone);
        }
        // Somebody else may have it by now, or a hold may have been placed where they have it.
        if self.shared(file).await? != Shared::Nobody {
            return Ok(Ending::Locked);
        }
        let mut left: Vec<ObjectRef> = Vec::new();
        for version in vault.versions(permit, key).await?.into_iter().filter(|version| !version.is_marker) {
            if vault.is_held(permit, &version.object).await? {
                left.push(version.object);
            }
        }
        // It is said before it is done: whoever is cut off in between says it again, and nothing is lifted unsaid.
        let versions = u32::try_from(left.len()).unwrap_or(u32::MAX);
        lock::witness(worker, permit, self.batch.fact(item), false, versions).await?;
        for version in &left {
            vault.hold_version(permit, version, false).await?;
        }
        Ok(vault.destroy_object(permit, key, worker.now).await?)
    }

    /// Who else has the same object: the space it came from, or another chart that it was promoted into.
    async fn shared(&self, file: &FileVersion) -> Result<Shared, Problem> {
        let place = layout::parse_upload(&file.object.key);
        let Some(Holder::Space(space)) = place.map(|place| place.holder) else { return Ok(Shared::Nobody) };
        let store = self.batch.worker.store();
        let origin_key = keys::record_origin(self.place.chart_id, self.place.record_id);
        let origin: Option<RecordOrigin> = store.fetch([origin_key.any()]).await?.get(&origin_key)?;
        let origin =
            origin.ok_or_else(|| Problem::internal("a document of a space that was not promoted"))?;
        let item_key = keys::space_item(space, origin.item_id);
        let item: Option<SpaceItem> = store.fetch([item_key.any()]).await?.get(&item_key)?;
        let item = item.ok_or_else(|| Problem::internal("a document that its space does not know"))?;
        let promoted = held::promoted(store, &item).await?;
        if promoted.iter().any(|record| record.id != self.place.record_id) {
            return Ok(Shared::Record);
        }
        let standing = store.standing_holds(self.batch.organization.id).await?;
        let is_shown = item.must_be_kept(self.batch.worker.now).is_ok();
        let of_space = is_shown || !standing.covering_space(space).is_empty();
        Ok(if of_space { Shared::Space } else { Shared::Nobody })
    }

    /// Looks that nothing is left, and says so.
    async fn end(&self, item: DispositionItem) -> Result<Step, Problem> {
        let (batch, Place { chart_id, record_id }) = (self.batch, self.place);
        let chart = self.looked(chart_id, record_id).await?;
        let ended = item.clone().end(batch.worker.now)?;
        let ItemState::Destroyed(proof) = &ended.state else { return Ok(Step::Raced) };
        let fact = || {
            batch
                .fact(&item)
                .detail("content_sha256", &proof.content_sha256)
                .detail("keys", proof.keys)
                .detail("objects", proof.objects)
                .detail("kept", proof.kept)
                .detail("method", proof.method.name())
        };
        let change = || {
            let change = derivatives::last(Change::new(), &self.place);
            let line = batch.line(&item, chart.owner, chart.owner, NoticeReason::RecordsDestroyed);
            crate::review::said(change, line)
        };
        batch.ended(&ended, Kind::DestructionVerified, fact, change).await
    }

    /// That neither the record nor its key is there; objects were looked for where they were deleted. Gives the chart.
    async fn looked(&self, chart_id: domain::ChartId, record_id: RecordId) -> Result<Chart, Problem> {
        let store = self.batch.worker.store();
        let (chart_key, record_key) = (keys::chart(chart_id), keys::record(chart_id, record_id));
        let found = store.fetch([chart_key.any(), record_key.closed()]).await?;
        let record: Option<Record> = found.get(&record_key)?;
        if record.is_some() || store.standing_keys(&[record_key.any()]).await? > 0 {
            return Err(Problem::internal(format!("something is left of the destroyed record {record_id}")));
        }
        found.get(&chart_key)?.ok_or_else(|| Problem::internal("a record without its chart"))
    }
}

/// The objects that are known of a version of a file: itself, and its preview if inspection has said that there is one.
fn known_objects(file: &FileVersion) -> u32 {
    let has_preview = file.state.finding().is_some_and(|finding| finding.preview.is_some());
    if has_preview { 2 } else { 1 }
}
