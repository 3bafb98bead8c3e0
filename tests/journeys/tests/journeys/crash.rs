//! The product is killed thirty times while a clinic works with it, and nothing that was acknowledged is lost,
//! nothing is there without its evidence, and no evidence tells of what is not there (R005, R130-R132).

use journeys::crash::{self, Ordeal};
use std::path::Path;
use testkit::bootstrap;

const KILLS: u32 = 30;
/// Another one is tried by `cargo xtask soak --seed N`.
const SEED: u64 = 0x5eed_2026;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_product_is_killed() {
    let binary = crash::binary();
    build_beside(&binary);
    let folder = tempfile::tempdir().unwrap();
    println!("seed {SEED}");
    let ordeal = Ordeal { kills: KILLS, seed: SEED, binary, data: folder.path().join("data") };
    let tally = crash::survive(&ordeal, |round| println!("{round}")).await;
    assert_eq!(tally.kills, KILLS);
    // Kills that hit nothing would prove nothing.
    assert!(tally.had_happened + tally.had_not_happened > 0, "no kill came while an answer was awaited");
    assert!(tally.resumed > 0, "no kill came in the midst of an upload");
    assert!(tally.acknowledged > 300 && tally.records > 100 && tally.bytes > 0, "{tally:?}");
}

/// The product as it is now, in the profile of this test.
fn build_beside(binary: &Path) {
    if bootstrap::built().is_none() {
        let mut build = bootstrap::cargo_build();
        // The whole workspace with a test of it, so that cargo chooses the features it has chosen for all the tests
        // and finds everything built.
        build.args(["--workspace", "--bin", "strongroom", "--test", "journeys"]);
        assert!(build.status().is_ok_and(|status| status.success()), "the product does not build");
    }
    assert!(binary.exists(), "{} is not there", binary.display());
}
