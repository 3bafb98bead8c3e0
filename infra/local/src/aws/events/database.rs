//! One SQLite file with one writer and many readers.
//!
//! Writes queue to a thread that commits whatever is waiting as one
//! transaction, each write in its own savepoint: a refused write undoes only
//! itself, and concurrent writers share one flush to disk. A write is answered
//! only after the commit is durable.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

/// Writes that may share a commit.
const MAX_BATCH: usize = 128;
/// Idle readers kept open; more may exist while more reads run at once.
const MAX_IDLE_READERS: usize = 8;
/// How long a folder's previous owner gets to let go, so that a restart does not fail.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
const LOCK_POLL: Duration = Duration::from_millis(20);
const CACHED_STATEMENTS: usize = 256;

/// The database could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// SQLite refused.
    #[error("the database refused")]
    Sqlite(#[from] rusqlite::Error),
    /// The transaction that carried this write could not be committed.
    #[error("the write could not be committed")]
    Commit(#[source] Arc<rusqlite::Error>),
    /// The folder or its lock could not be opened.
    #[error("the database folder cannot be used")]
    Io(#[from] std::io::Error),
    /// Another process (or another part of this one) holds the folder.
    #[error("`{0}` is in use by another process")]
    InUse(PathBuf),
    /// The database was closed while the work waited.
    #[error("the database is closed")]
    Closed,
    /// A stored value cannot be read back.
    #[error("a stored event is not valid")]
    Corrupt(#[from] serde_json::Error),
}

/// A handle to the database; clones share it.
#[derive(Debug, Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    writer: Sender<Job>,
    readers: Mutex<Vec<Connection>>,
}

/// Does the work and says whether to keep it; the answer is sent once the commit is known.
type Job = Box<dyn FnOnce(&Connection) -> (bool, Answer) + Send>;
type Answer = Box<dyn FnOnce(Option<&Arc<rusqlite::Error>>) + Send>;

impl Database {
    /// Opens `file` inside `dir`, alone: a second opener is refused.
    pub(super) fn open(dir: &Path, file: &str) -> Result<Self, DatabaseError> {
        std::fs::create_dir_all(dir)?;
        let lock = lock(dir)?;
        let path = dir.join(file);
        let connection = connect(&path)?;
        let (writer, jobs) = channel();
        std::thread::Builder::new().name("database".into()).spawn(move || {
            run(connection, &jobs);
            drop(lock);
        })?;
        Ok(Self { inner: Arc::new(Inner { path, writer, readers: Mutex::default() }) })
    }

    /// Runs `work` in a transaction of its own and answers when it is durable.
    ///
    /// The work is done even when the caller stops waiting.
    ///
    /// # Errors
    /// What `work` refuses (then nothing of it is kept), or that the commit failed.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let outcome = work(connection);
            let keep = outcome.is_ok();
            let reply: Answer = Box::new(move |failure| {
                // Nobody may be waiting any more; the work is done all the same.
                let _ = answer.send(match failure {
                    Some(error) if keep => Err(DatabaseError::Commit(Arc::clone(error)).into()),
                    _ => outcome,
                });
            });
            (keep, reply)
        });
        self.inner.writer.send(job).map_err(|_| DatabaseError::Closed)?;
        answered.await.map_err(|_| DatabaseError::Closed)?
    }

    /// Runs `work` on a connection that sees everything committed so far.
    ///
    /// # Errors
    /// What `work` refuses, or that no connection could be opened.
    pub async fn read<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<DatabaseError> + Send + 'static,
    {
        let inner = Arc::clone(&self.inner);
        let task = tokio::task::spawn_blocking(move || {
            let connection = inner.reader()?;
            let outcome = work(&connection);
            inner.give_back(connection);
            outcome
        });
        task.await.map_err(|_| DatabaseError::Closed)?
    }
}

impl Inner {
    fn reader(&self) -> Result<Connection, DatabaseError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let connection = connect(&self.path)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < MAX_IDLE_READERS {
            readers.push(connection);
        }
    }
}

/// Takes the folder for this process; the kernel lets go when the process ends, however it ends.
fn lock(dir: &Path) -> Result<File, DatabaseError> {
    let file = File::options().create(true).truncate(false).write(true).open(dir.join("lock"))?;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(std::fs::TryLockError::Error(error)) => return Err(error.into()),
            Err(std::fs::TryLockError::WouldBlock) if waited >= LOCK_PATIENCE => {
                return Err(DatabaseError::InUse(dir.to_owned()));
            }
            Err(std::fs::TryLockError::WouldBlock) => {
                std::thread::sleep(LOCK_POLL);
                waited += LOCK_POLL;
            }
        }
    }
}

fn connect(path: &Path) -> Result<Connection, DatabaseError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // INVARIANT: an acknowledged write survives a power cut, so every commit reaches the disk.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

/// The writer: commits whatever waits, until nobody can send any more.
fn run(mut connection: Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let batch = std::iter::once(first).chain(jobs.try_iter().take(MAX_BATCH - 1));
        match commit(&mut connection, batch) {
            Ok(()) => {}
            Err(error) => tracing::error!(%error, "the database could not commit"),
        }
    }
}

/// Runs a batch as one transaction and answers every job of it.
fn commit(connection: &mut Connection, batch: impl Iterator<Item = Job>) -> Result<(), Arc<rusqlite::Error>> {
    let mut answers = Vec::new();
    let outcome = match run_batch(connection, batch, &mut answers) {
        Ok(()) => connection.execute_batch("COMMIT").map_err(Arc::new),
        Err(error) => Err(Arc::new(error)),
    };
    if outcome.is_err() && !connection.is_autocommit() {
        let undone = connection.execute_batch("ROLLBACK");
        if let Err(error) = undone {
            tracing::error!(%error, "the database could not undo a failed transaction");
        }
    }
    let failure = outcome.as_ref().err();
    answers.into_iter().for_each(|answer: Answer| answer(failure));
    outcome
}

fn run_batch(
    connection: &Connection,
    batch: impl Iterator<Item = Job>,
    answers: &mut Vec<Answer>,
) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for job in batch {
        connection.prepare_cached("SAVEPOINT job")?.execute([])?;
        // A panicking job must not take the writer (and everyone's data) with it.
        let keep = match catch_unwind(AssertUnwindSafe(|| job(connection))) {
            Ok((keep, answer)) => {
                answers.push(answer);
                keep
            }
            Err(_) => false,
        };
        if !keep {
            connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
        }
        connection.prepare_cached("RELEASE job")?.execute([])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(dir: &Path) -> Database {
        Database::open(dir, "test.sqlite3").expect("a database")
    }

    async fn count(database: &Database) -> i64 {
        database
            .read::<_, DatabaseError, _>(|connection| {
                Ok(connection.query_row("SELECT count(*) FROM facts", [], |row| row.get(0))?)
            })
            .await
            .expect("a count")
    }

    async fn table(database: &Database) {
        database
            .write::<_, DatabaseError, _>(|c| Ok(c.execute_batch("CREATE TABLE facts(n INTEGER)")?))
            .await
            .expect("a table");
    }

    #[tokio::test]
    async fn a_refused_write_undoes_only_itself() {
        let dir = tempfile::tempdir().expect("a folder");
        let database = open(dir.path());
        table(&database).await;
        let write = |n: i64, fail: bool| {
            database.write::<(), DatabaseError, _>(move |connection| {
                connection.execute("INSERT INTO facts VALUES (?1)", [n])?;
                if fail { Err(DatabaseError::Closed) } else { Ok(()) }
            })
        };
        let outcomes = tokio::join!(write(1, false), write(2, true), write(3, false));
        assert!(outcomes.0.is_ok() && outcomes.1.is_err() && outcomes.2.is_ok());
        assert_eq!(count(&database).await, 2);
    }

    #[tokio::test]
    async fn a_panicking_write_leaves_the_writer_alive() {
        let dir = tempfile::tempdir().expect("a folder");
        let database = open(dir.path());
        table(&database).await;
        let broken = database.write::<(), DatabaseError, _>(|_| panic!("a broken write")).await;
        assert!(matches!(broken, Err(DatabaseError::Closed)));
        database
            .write::<_, DatabaseError, _>(|c| Ok(c.execute("INSERT INTO facts VALUES (1)", [])?))
            .await
            .expect("the writer still works");
        assert_eq!(count(&database).await, 1);
    }

    #[tokio::test]
    async fn a_folder_has_one_owner_and_passes_on() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = open(dir.path());
        table(&first).await;
        let path = dir.path().to_owned();
        let second = tokio::task::spawn_blocking(move || Database::open(&path, "test.sqlite3"));
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(first);
        let second = second.await.expect("no panic").expect("the folder is free again");
        assert_eq!(count(&second).await, 0);
    }
}
