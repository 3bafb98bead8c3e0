//! A record of every call to the embedded AWS, in CloudTrail's shape: who
//! called what, when, on which table, object or key, and with what outcome.
//! Never what was in it.
//!
//! One JSON object a line, one file a day (UTC), written by one thread. Callers
//! hand their record over and go on; a killed process loses at most what was
//! still in the queue.

pub(crate) mod describe;

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

pub(crate) use describe::Call;

/// Records waiting to be written; beyond this many, callers wait.
const QUEUE: usize = 4096;
/// Records written between two looks at the clock and the queue.
const BATCH: usize = 256;

/// The record of calls; clones write the same one.
#[derive(Clone, Debug)]
pub struct Trail {
    dir: PathBuf,
    queue: mpsc::Sender<Order>,
}

enum Order {
    Write { day: Date, line: String },
    Flush(oneshot::Sender<()>),
}

impl Trail {
    /// Opens the record in `dir`.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(dir: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(dir)?;
        let (queue, orders) = mpsc::channel(QUEUE);
        let mut pen = Pen { dir: dir.to_path_buf(), page: None };
        std::thread::Builder::new().name("trail".into()).spawn(move || pen.follow(orders))?;
        Ok(Self { dir: dir.to_path_buf(), queue })
    }

    /// Hands a record over to be written.
    pub(crate) async fn add(&self, call: &Call) {
        let day = call.at.to_zoned(TimeZone::UTC).date();
        let order = Order::Write { day, line: call.record().to_string() };
        if self.queue.send(order).await.is_err() {
            tracing::error!("a call could not be recorded: the trail has ended");
        }
    }

    /// Waits until every record handed over so far is on disk.
    pub async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.queue.send(Order::Flush(done)).await.is_ok() {
            // An error means that the writer ended, which it has said itself.
            let _ = wait.await;
        }
    }

    /// The records of one day, oldest first. A line torn by a crash is passed over.
    ///
    /// # Errors
    /// When the day's file exists and cannot be read.
    pub async fn records(&self, day: Date) -> std::io::Result<Vec<Value>> {
        self.flush().await;
        let text = match tokio::fs::read_to_string(page_path(&self.dir, day)).await {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }
}

fn page_path(dir: &Path, day: Date) -> PathBuf {
    dir.join(format!("{day}.jsonl"))
}

/// Writes what is ordered, on its own thread.
struct Pen {
    dir: PathBuf,
    page: Option<(Date, BufWriter<File>)>,
}

impl Pen {
    fn follow(&mut self, mut orders: mpsc::Receiver<Order>) {
        let mut batch = Vec::with_capacity(BATCH);
        while orders.blocking_recv_many(&mut batch, BATCH) > 0 {
            for order in batch.drain(..) {
                if let Err(error) = self.obey(order) {
                    tracing::error!(error = &error as &dyn std::error::Error, "a call could not be recorded");
                    self.page = None;
                }
            }
            // Whatever was waiting is written now; the next batch may be long in coming.
            if let Some((_, page)) = &mut self.page
                && let Err(error) = page.flush()
            {
                tracing::error!(error = &error as &dyn std::error::Error, "calls could not be recorded");
                self.page = None;
            }
        }
    }

    fn obey(&mut self, order: Order) -> std::io::Result<()> {
        match order {
            Order::Write { day, line } => writeln!(self.page(day)?, "{line}"),
            Order::Flush(done) => {
                if let Some((_, page)) = &mut self.page {
                    page.flush()?;
                    page.get_ref().sync_data()?;
                }
                // Whoever asked may have stopped waiting.
                let _ = done.send(());
                Ok(())
            }
        }
    }

    /// The day's file, opened when the day is new.
    fn page(&mut self, day: Date) -> std::io::Result<&mut BufWriter<File>> {
        let page = match self.page.take() {
            Some((open, page)) if open == day => page,
            earlier => {
                if let Some((_, mut page)) = earlier {
                    page.flush()?;
                    page.get_ref().sync_data()?;
                }
                BufWriter::new(open_page(&page_path(&self.dir, day))?)
            }
        };
        Ok(&mut self.page.insert((day, page)).1)
    }
}

/// Opens a file to append to; a line that a crash left unfinished is ended first.
fn open_page(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(at: &str, name: &'static str) -> Call {
        Call {
            at: at.parse().unwrap(),
            request_id: "7".into(),
            region: "eu-west-1".into(),
            account: "111122223333".into(),
            access_key_id: Some("AKIDEXAMPLE".into()),
            service: "kms",
            name: name.into(),
            parameters: json!({ "keyId": "alias/records" }),
            key_arns: Vec::new(),
            error_code: None,
            source: None,
            user_agent: String::new(),
        }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn every_call_is_on_the_page_of_its_day() {
        let dir = tempfile::tempdir().unwrap();
        let trail = Trail::open(dir.path()).unwrap();
        trail.add(&call("2026-03-01T23:59:59Z", "Encrypt")).await;
        trail.add(&call("2026-03-02T00:00:00Z", "Decrypt")).await;
        trail.add(&call("2026-03-01T23:59:59Z", "Sign")).await;
        let names = |records: Vec<Value>| -> Vec<String> {
            records.iter().map(|record| record["eventName"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(trail.records(day("2026-03-01")).await.unwrap()), ["Encrypt", "Sign"]);
        assert_eq!(names(trail.records(day("2026-03-02")).await.unwrap()), ["Decrypt"]);
        assert!(trail.records(day("2026-03-03")).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_torn_line_spoils_no_other() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("2026-03-01.jsonl"), "{\"eventName\":\"Encrypt\"}\n{\"eventNa").unwrap();
        let trail = Trail::open(dir.path()).unwrap();
        trail.add(&call("2026-03-01T12:00:00Z", "Decrypt")).await;
        let records = trail.records(day("2026-03-01")).await.unwrap();
        assert_eq!(records.len(), 2);
        assert_eq!(records[1]["eventName"], "Decrypt");
        assert_eq!(records[1]["userIdentity"]["accessKeyId"], "AKIDEXAMPLE");
        assert_eq!(records[1]["eventTime"], "2026-03-01T12:00:00Z");
    }
}
