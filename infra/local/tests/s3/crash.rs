//! `kill -9` while writes are under way: what was acknowledged is there, what
//! is there is whole, and every object has its event.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use local::aws::events::{Deliverer, RetryPolicy, Rule, Target};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::world::{World, content};

const FOLDER: &str = "STRONGROOM_TEST_CRASH_FOLDER";
const LANES: u32 = 4;
const KEYS: u32 = 3;

/// What the object of this number holds: short and long ones in turn.
fn body(number: u32) -> Vec<u8> {
    let len = [10, 70_000, 1_500_000][usize::try_from(number % 3).unwrap()];
    [number.to_be_bytes().to_vec(), content(len, number)].concat()
}

fn number_of(body: &[u8]) -> u32 {
    u32::from_be_bytes(body[..4].try_into().unwrap())
}

/// The process that gets killed: writes, and says what was acknowledged.
async fn write_until_killed(folder: PathBuf) {
    let world = Arc::new(World::start_in(folder).await);
    if !world.s3.has_bucket("records") {
        world.versioned_bucket("records").await;
        world.send_events("records").await;
    }
    let start: u32 = std::process::id() % 1000 * 100_000;
    let lanes = (0..LANES).map(|lane| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            for number in (start + lane..).step_by(usize::try_from(LANES).unwrap()) {
                let key = format!("key-{}", number % KEYS);
                let version = world.put("records", &key, &body(number)).await.version_id.unwrap();
                let line = format!("acked {key} {version} {number}\n");
                std::io::stdout().write_all(line.as_bytes()).unwrap();
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
}

/// Starts a writer and kills it after so many acknowledgements; returns them.
async fn killed_writer(folder: &Path, acknowledgements: usize) -> Vec<(String, String, u32)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::nothing_acknowledged_is_lost", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acked = Vec::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let ["acked", key, version, number] = line.split(' ').collect::<Vec<_>>()[..] {
            acked.push((key.to_owned(), version.to_owned(), number.parse().unwrap()));
        }
        if acked.len() == acknowledgements {
            child.start_kill().unwrap();
        }
    }
    child.wait().await.unwrap();
    acked
}

#[tokio::test]
async fn nothing_acknowledged_is_lost() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return write_until_killed(folder.into()).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acked = BTreeMap::new();
    for acknowledgements in [7, 20, 33] {
        let told = killed_writer(folder.path(), acknowledgements).await;
        assert!(told.len() >= acknowledgements);
        acked.extend(told.into_iter().map(|(key, version, number)| ((key, version), number)));

        let world = World::start_in(folder.path().to_owned()).await;
        let listed = world.client.list_object_versions().bucket("records").send().await.unwrap();
        let mut found = BTreeMap::new();
        for version in listed.versions() {
            let (key, id) = (version.key().unwrap().to_owned(), version.version_id().unwrap().to_owned());
            let read = world.get_version("records", &key, &id).await;
            let number = number_of(&read);
            assert!(read == body(number), "version {id} of {key} is torn");
            found.insert((key, id), number);
        }
        for (version, number) in &acked {
            assert_eq!(found.get(version), Some(number), "an acknowledged version is lost");
        }
        assert_eq!(world.blob_files().len(), found.len(), "nothing is left of unfinished writes");
        assert_eq!(world.outbox.pending().await.unwrap(), found.len() as u64);
        world.stop().await;
    }
    events_match_objects(folder.path()).await;
}

/// Every version that is there, and no other, is told of.
async fn events_match_objects(folder: &Path) {
    let world = World::start_in(folder.to_owned()).await;
    let told: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let keep = Arc::clone(&told);
    let target = Target::new("inspection", Rule::default(), move |event| {
        keep.lock().unwrap().insert(event["detail"]["object"]["version-id"].as_str().unwrap().to_owned());
        async { Ok(()) }
    });
    let _deliverer = Deliverer::start(&world.outbox, vec![target], RetryPolicy::default());
    world.outbox.idle().await.unwrap();
    let listed = world.client.list_object_versions().bucket("records").send().await.unwrap();
    let there: BTreeSet<_> =
        listed.versions().iter().filter_map(|v| v.version_id().map(str::to_owned)).collect();
    assert_eq!(*told.lock().unwrap(), there);
}
