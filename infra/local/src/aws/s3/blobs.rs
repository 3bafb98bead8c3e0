//! The folder of blobs: files named by random ids, so that no key of an object
//! ever becomes a path.
//!
//! A blob is on disk, and its folder entry too, before metadata may name it. A
//! blob that no metadata names (a crash came between) is removed when the store
//! opens. Deleting waits for readers that are still at it.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{RwLock, RwLockReadGuard};
use uuid::Uuid;

use super::error::{Result, S3Error};

const IDENTITY: &str = "identity";

/// The folder; clones share it.
#[derive(Debug, Clone)]
pub(super) struct Blobs {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    /// Readers hold it between looking a blob up and pinning it; a deleter takes
    /// it whole for a moment, so that nobody is in between.
    gate: RwLock<()>,
    use_of: Mutex<UseOf>,
    reaper: Sender<PathBuf>,
}

#[derive(Debug, Default)]
struct UseOf {
    readers: HashMap<Uuid, usize>,
    doomed: HashSet<Uuid>,
}

impl Blobs {
    /// Opens the folder `root`, or makes it.
    pub(super) fn open(root: PathBuf) -> Result<Self> {
        fs::create_dir_all(&root)?;
        for prefix in 0..=u8::MAX {
            let dir = root.join(format!("{prefix:02x}"));
            if !dir.is_dir() {
                fs::create_dir(dir)?;
            }
        }
        sync_dir(&root)?;
        let (reaper, doomed) = channel();
        std::thread::Builder::new().name("blob-reaper".into()).spawn(move || reap(&doomed))?;
        let inner = Inner { root, gate: RwLock::default(), use_of: Mutex::default(), reaper };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Ties the folder to its database, or refuses when it belongs to another:
    /// with the wrong one, every blob would look abandoned.
    pub(super) fn belong_to(&self, identity: Uuid) -> Result<()> {
        let file = self.inner.root.join(IDENTITY);
        match fs::read_to_string(&file) {
            Ok(found) if found == identity.to_string() => Ok(()),
            Ok(_) => Err(S3Error::Corrupt("the blobs belong to another database".into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.ids()?.is_empty() => {
                fs::write(&file, identity.to_string())?;
                File::open(&file)?.sync_all()?;
                Ok(sync_dir(&self.inner.root)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Removes every blob that is not in `known`; returns how many those were.
    pub(super) fn remove_orphans(&self, known: &HashSet<Uuid>) -> Result<usize> {
        let orphans: Vec<Uuid> = self.ids()?.into_iter().filter(|id| !known.contains(id)).collect();
        for id in &orphans {
            fs::remove_file(self.path(*id))?;
        }
        Ok(orphans.len())
    }

    fn ids(&self) -> Result<Vec<Uuid>> {
        let mut ids = Vec::new();
        for prefix in 0..=u8::MAX {
            for entry in fs::read_dir(self.inner.root.join(format!("{prefix:02x}")))? {
                let name = entry?.file_name();
                ids.extend(name.to_str().and_then(|name| Uuid::try_parse(name).ok()));
            }
        }
        Ok(ids)
    }

    fn path(&self, id: Uuid) -> PathBuf {
        let [first, ..] = id.into_bytes();
        self.inner.root.join(format!("{first:02x}")).join(id.to_string())
    }

    /// Begins a blob, which vanishes again unless it is kept.
    pub(super) fn create(&self, id: Uuid) -> Result<(File, Unfinished)> {
        let path = self.path(id);
        let file = File::options().write(true).create_new(true).open(&path)?;
        Ok((file, Unfinished { blobs: Some(self.clone()), path }))
    }

    pub(super) fn open_blob(&self, id: Uuid) -> io::Result<File> {
        File::open(self.path(id))
    }

    /// Holds deletions off while blobs are looked up.
    pub(super) async fn look_up(&self) -> RwLockReadGuard<'_, ()> {
        self.inner.gate.read().await
    }

    /// Keeps blobs from deletion until the pin is dropped.
    pub(super) fn pin(&self, ids: Vec<Uuid>, _looking: &RwLockReadGuard<'_, ()>) -> Pin {
        let mut use_of = self.inner.use_of();
        for id in &ids {
            *use_of.readers.entry(*id).or_default() += 1;
        }
        Pin { blobs: self.clone(), ids }
    }

    /// Deletes blobs that no metadata names any more, each as soon as nobody reads it.
    pub(super) async fn delete(&self, ids: Vec<Uuid>) {
        if ids.is_empty() {
            return;
        }
        let _nobody_is_looking = self.inner.gate.write().await;
        let mut use_of = self.inner.use_of();
        for id in ids {
            if use_of.readers.contains_key(&id) {
                use_of.doomed.insert(id);
            } else {
                self.reap(id);
            }
        }
    }

    fn reap(&self, id: Uuid) {
        // Without its reaper the folder is closing; the next opening finds the orphan.
        let _ = self.inner.reaper.send(self.path(id));
    }
}

impl Inner {
    fn use_of(&self) -> MutexGuard<'_, UseOf> {
        self.use_of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removing large files takes time, so a thread of its own does it.
fn reap(doomed: &Receiver<PathBuf>) {
    for path in doomed {
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %path.display(), "a deleted blob could not be removed yet");
        }
    }
}

/// Makes a folder's entries durable.
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// A blob that nothing names yet.
#[derive(Debug)]
pub(super) struct Unfinished {
    blobs: Option<Blobs>,
    path: PathBuf,
}

impl Unfinished {
    /// Makes the content and the folder entry durable.
    pub(super) fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_all()?;
        self.path.parent().map_or(Ok(()), sync_dir)
    }

    /// Leaves the blob in place: metadata names it now.
    pub(super) fn keep(mut self) {
        self.blobs = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(blobs) = self.blobs.take() {
            let _ = blobs.inner.reaper.send(std::mem::take(&mut self.path));
        }
    }
}

/// Blobs in use by a reader.
#[derive(Debug)]
pub(super) struct Pin {
    blobs: Blobs,
    ids: Vec<Uuid>,
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut use_of = self.blobs.inner.use_of();
        for id in &self.ids {
            let Some(readers) = use_of.readers.get_mut(id) else { continue };
            *readers = readers.saturating_sub(1);
            if *readers == 0 {
                use_of.readers.remove(id);
                if use_of.doomed.remove(id) {
                    self.blobs.reap(*id);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn gone(blobs: &Blobs, id: Uuid) -> bool {
        for _ in 0..100 {
            if blobs.open_blob(id).is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }

    #[tokio::test]
    async fn a_blob_outlives_its_deletion_while_it_is_read() {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(dir.path().join("blobs")).expect("blobs");
        let id = Uuid::from_u128(1);
        let (_file, unfinished) = blobs.create(id).expect("a blob");
        unfinished.keep();
        let looking = blobs.look_up().await;
        let pin = blobs.pin(vec![id], &looking);
        drop(looking);
        blobs.delete(vec![id]).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert!(blobs.open_blob(id).is_ok(), "still read");
        drop(pin);
        assert!(gone(&blobs, id).await);
    }

    #[tokio::test]
    async fn an_unfinished_blob_vanishes() {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(dir.path().join("blobs")).expect("blobs");
        let id = Uuid::from_u128(2);
        drop(blobs.create(id).expect("a blob"));
        assert!(gone(&blobs, id).await);
    }

    #[test]
    fn orphans_are_removed_and_named_blobs_stay() {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(dir.path().join("blobs")).expect("blobs");
        let (named, orphan) = (Uuid::from_u128(3), Uuid::from_u128(4));
        for id in [named, orphan] {
            blobs.create(id).expect("a blob").1.keep();
        }
        assert_eq!(blobs.remove_orphans(&HashSet::from([named])).expect("removed"), 1);
        assert!(blobs.open_blob(named).is_ok());
        assert!(blobs.open_blob(orphan).is_err());
    }

    #[test]
    fn blobs_of_another_database_are_refused() {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(dir.path().join("blobs")).expect("blobs");
        blobs.belong_to(Uuid::from_u128(5)).expect("first owner");
        blobs.belong_to(Uuid::from_u128(5)).expect("same owner");
        assert!(blobs.belong_to(Uuid::from_u128(6)).is_err());
    }
}
