//! Who may stand on whom (rules 1 and 2).

use crate::tree::{self, crates_in, folder, own, package, packages, stands_on};
use cargo_metadata::DependencyKind;
use std::collections::{BTreeMap, BTreeSet};

/// Crates that hold rules alone.
const PURE: [&str; 3] = ["domain", "evidence", "authz"];

/// What the crates of `shared` may stand on, of each other.
const SHARED: [(&str, &[&str]); 10] = [
    ("domain", &[]),
    ("content", &["domain"]),
    ("evidence", &["domain"]),
    ("authz", &["domain"]),
    ("store", &["domain", "evidence", "authz"]),
    ("vault", &["domain", "authz"]),
    ("api", &["domain", "evidence", "authz", "store", "vault"]),
    ("appraisal", &["api", "authz", "domain", "store"]),
    ("post", &["api"]),
    ("testkit", &["api", "authz", "content", "domain", "evidence", "local", "runner", "store", "vault"]),
];

/// What a function may stand on, of ours.
const UNDER_FUNCTIONS: [&str; 9] =
    ["api", "appraisal", "authz", "content", "domain", "evidence", "post", "store", "vault"];

/// Runtimes, networks and clouds, none of which a rule needs.
fn is_outside_world(name: &str) -> bool {
    let exact = matches!(
        name,
        "async-std"
            | "axum"
            | "futures"
            | "futures-executor"
            | "futures-util"
            | "hyper"
            | "lambda_http"
            | "lambda_runtime"
            | "reqwest"
            | "rusqlite"
            | "smol"
            | "tokio"
            | "ureq"
    );
    exact || name.starts_with("aws-") || name.starts_with("aws_")
}

#[test]
fn pure_crates_reach_nothing_of_the_outside_world() {
    let lock = locked();
    for name in PURE {
        let mut reached: BTreeSet<String> = BTreeSet::new();
        let mut next: Vec<String> = stands_on(package(name)).into_iter().map(str::to_owned).collect();
        while let Some(one) = next.pop() {
            assert!(!is_outside_world(&one), "`{name}` is pure and reaches `{one}`");
            if !reached.insert(one.clone()) {
                continue;
            }
            // What the workspace's own crates bring is told by Cargo, without their tests' needs.
            match packages().iter().find(|package| package.name.as_str() == one) {
                Some(own) => next.extend(stands_on(own).into_iter().map(str::to_owned)),
                None => {
                    next.extend(lock.get(&one).into_iter().flatten().filter(|it| !is_elsewhere(it)).cloned())
                }
            }
        }
        assert!(reached.len() > 5, "`{name}` reaches {reached:?}: the lock file was not understood");
    }
}

/// What a crate needs in a browser or on Windows; the lock file does not tell it from what it needs here.
fn is_elsewhere(name: &str) -> bool {
    ["js-sys", "wasm-bindgen", "web-sys", "windows"].iter().any(|elsewhere| name.starts_with(elsewhere))
}

/// The lock file: what each crate needs, by name.
fn locked() -> BTreeMap<String, Vec<String>> {
    let mut crates: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut name = String::new();
    for line in tree::read("Cargo.lock").lines() {
        if let Some(quoted) = line.strip_prefix("name = ") {
            quoted.trim_matches('"').clone_into(&mut name);
        } else if let Some(needed) = line.strip_prefix(" \"") {
            let needed = needed.trim_end_matches(['"', ',']).split(' ').next().unwrap_or_default();
            crates.entry(name.clone()).or_default().push(needed.to_owned());
        }
    }
    crates
}

#[test]
fn pure_crates_neither_wait_nor_look_at_the_clock() {
    let banned =
        ["async fn", ".await", "Instant::now", "SystemRandom::new", "std::fs", "std::net", "std::env"];
    for (file, text) in tree::rust_files() {
        if PURE.iter().any(|name| file.starts_with(&format!("shared/{name}/src/"))) {
            for word in banned {
                // `.awaits_signature` is another word.
                let goes_on =
                    |rest: &str| rest.starts_with(|next: char| next == '_' || next.is_alphanumeric());
                let holds = text.split(word).skip(1).any(|rest| !goes_on(rest));
                assert!(!holds, "{file} is pure and holds `{word}`");
            }
        }
    }
}

#[test]
fn shared_crates_stand_on_what_is_below_them() {
    let known: BTreeMap<&str, &[&str]> = SHARED.into_iter().collect();
    for package in crates_in("shared") {
        let allowed = known.get(package.name.as_str());
        let allowed = allowed.unwrap_or_else(|| panic!("say here what `{}` may stand on", package.name));
        for one in own(package) {
            assert!(allowed.contains(&one), "`{}` must not stand on `{one}`", package.name);
        }
    }
    assert_eq!(crates_in("shared").len(), SHARED.len());
}

#[test]
fn functions_stand_on_shared_and_never_on_each_other() {
    let functions = crates_in("functions");
    assert!(functions.len() >= 8, "{} functions", functions.len());
    for package in functions {
        for one in own(package) {
            assert!(UNDER_FUNCTIONS.contains(&one), "function `{}` must not stand on `{one}`", package.name);
        }
    }
}

#[test]
fn only_tests_stand_on_the_testkit() {
    for package in packages().iter().filter(|package| !folder(package).starts_with("tests/")) {
        let kept = package
            .dependencies
            .iter()
            .any(|one| one.name == "testkit" && one.kind != DependencyKind::Development);
        assert!(!kept, "`{}` ships and stands on the testkit", package.name);
    }
}

#[test]
fn the_embedded_aws_knows_nothing_of_records() {
    assert_eq!(own(package("local")), BTreeSet::new());
}

/// One crypto library: a second one would be linked, seeded and audited twice.
#[test]
fn functions_reach_one_crypto_provider() {
    let lock = locked();
    assert!(lock.contains_key("ring") || lock.values().flatten().any(|name| name == "ring"));
    for name in ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls"] {
        assert!(!lock.values().flatten().any(|needed| needed == name), "something needs `{name}`");
    }
}
