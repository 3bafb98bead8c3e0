//! What is left of a record that can be read by nobody any more: its objects in all their versions, and what says where
//! they were. Then it is looked whether anything is left, and only then is it said to be destroyed (R154).
//!
//! What says where an object was goes after the object, so that whoever comes after a crash knows where to look.

use crate::{
    batch::{Batch, Step},
    derivatives::{self, Place},
    held::{self, Document},
    lock, spaces,
};
use api::Problem;
use domain::{
    RecordId,
    chart::Chart,
    disposition::{DispositionItem, ItemState},
    note::NoteVersion,
    notice::NoticeReason,
    record::{FileVersion, Record, RecordType},
    space::RecordOrigin,
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
pub(crate) fn keys_of(file: &str) -> impl Iterator<Item = String> {
    let preview = layout::parse_upload(file).map(layout::preview);
    [Some(file.to_owned()), preview].into_iter().flatten()
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
            for key in keys_of(&file.object.key) {
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
            let mut change = Change::new();
            for (file, known) in page.items.iter().zip(&known) {
                change = derivatives::with_file(change, &self.place, file, known.as_ref());
                change = self.with_document(change, file).await?;
            }
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
        if !self.is_let_go(file).await? {
            return Ok(None);
        }
        for key in keys_of(&file.object.key) {
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
        lock::lift(worker, permit, self.batch.fact(item), key).await?;
        Ok(vault.destroy_object(permit, key, worker.now).await?)
    }

    /// Who else has the same object: the space it came from, or another chart that it was promoted into.
    async fn shared(&self, file: &FileVersion) -> Result<Shared, Problem> {
        let Some(origin) = self.origin(file).await? else { return Ok(Shared::Nobody) };
        let store = self.batch.worker.store();
        // What its space has taken away, when it ended, no other record had.
        let Some(document) = Document::find(store, origin.space_id, origin.item_id).await? else {
            return Ok(Shared::Nobody);
        };
        let promoted = held::promoted(store, document.promotions()).await?;
        if promoted.iter().any(|record| record.id != self.place.record_id) {
            return Ok(Shared::Record);
        }
        let standing = store.standing_holds(self.batch.organization.id).await?;
        let of_space = document.is_of_space(&standing, self.batch.worker.now);
        Ok(if of_space { Shared::Space } else { Shared::Nobody })
    }

    /// Whether the space that a file comes from has let go of it. What is over there ends first, as the sweep ends it, on the
    /// condition that no hold has come: one that is placed now finds the document in its space whole, or not at all (R156).
    async fn is_let_go(&self, file: &FileVersion) -> Result<bool, Problem> {
        let Some(origin) = self.origin(file).await? else { return Ok(true) };
        if self.is_in_space(&origin).await? {
            Box::pin(spaces::handle(self.batch.worker, self.batch.organization.id, origin.space_id)).await?;
            return Ok(!self.is_in_space(&origin).await?);
        }
        Ok(true)
    }

    async fn is_in_space(&self, origin: &RecordOrigin) -> Result<bool, Problem> {
        let document = Document::find(self.batch.worker.store(), origin.space_id, origin.item_id).await?;
        Ok(matches!(document, Some(Document::InSpace(_))))
    }

    /// Where in a space a file comes from, if it was promoted out of one.
    async fn origin(&self, file: &FileVersion) -> Result<Option<RecordOrigin>, Problem> {
        let place = layout::parse_upload(&file.object.key);
        let Some(Holder::Space(_)) = place.map(|place| place.holder) else { return Ok(None) };
        let key = keys::record_origin(self.place.chart_id, self.place.record_id);
        let origin = self.batch.worker.store().fetch([key.any()]).await?.get(&key)?;
        origin.map(Some).ok_or_else(|| Problem::internal("a document of a space that was not promoted"))
    }

    /// With the last record that has a document's file goes what its space has left to the records. Where the space has not
    /// let go of it yet, it must not do so in between: it would leave it to nobody.
    async fn with_document(&self, change: Change, file: &FileVersion) -> Result<Change, Problem> {
        if self.shared(file).await? != Shared::Nobody {
            return Ok(change);
        }
        let Some(RecordOrigin { space_id, item_id, .. }) = self.origin(file).await? else {
            return Ok(change);
        };
        let document = Document::find(self.batch.worker.store(), space_id, item_id).await?;
        Ok(match document {
            Some(Document::InSpace(item)) => {
                change.check("document", &keys::space_item(space_id, item_id), Some(item.revision))
            }
            Some(Document::Ended(_)) | None => derivatives::with_document(change, space_id, item_id),
        })
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
