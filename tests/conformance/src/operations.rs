//! One name for one use case: folder, crate, binary, function; file, action, route, evidence (rule 7).

use crate::tree::{self, FUNCTIONS, operations};
use api::{Access, Method};
use authz::Action;
use evidence::Kind;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn a_function_is_a_folder_a_crate_and_a_binary_of_one_name() {
    let folders = tree::folders("functions");
    let served: BTreeSet<String> = FUNCTIONS.iter().map(|function| function.name.to_owned()).collect();
    assert_eq!(served, folders, "functions served, and folders in `functions`");
    for name in &folders {
        let package = tree::package(name);
        assert_eq!(tree::folder(package), format!("functions/{name}"));
        let binaries: Vec<&str> = package
            .targets
            .iter()
            .filter(|target| target.is_bin())
            .map(|target| target.name.as_str())
            .collect();
        assert_eq!(binaries, [name.as_str()], "the binaries of `{name}`");
        let main = tree::read(format!("functions/{name}/src/main.rs"));
        assert!(
            main.contains(&format!("{}::function()", name.replace('-', "_"))),
            "functions/{name}/src/main.rs serves its function"
        );
    }
}

#[test]
fn an_operation_is_a_file_of_its_name() {
    for (function, operation) in operations() {
        let file = format!("functions/{function}/src/{}.rs", operation.id);
        let text = tree::read(&file);
        assert!(text.contains(&format!("\"{}\"", operation.id)), "{file} declares its operation");
        assert!(text.contains("pub async fn handle("), "{file} holds its handler");
    }
}

#[test]
fn every_declared_operation_is_served() {
    let served: BTreeSet<String> = operations()
        .iter()
        .map(|(function, one)| format!("functions/{function}/src/{}.rs", one.id))
        .collect();
    for (file, text) in tree::rust_files() {
        if file.starts_with("functions/") && text.contains("OPERATION: Operation") {
            assert!(served.contains(&file), "{file} declares an operation that its function does not serve");
        }
    }
}

#[test]
fn an_operation_is_named_as_its_action() {
    for (_, operation) in operations() {
        assert_eq!(operation.action.name(), pascal(operation.id));
    }
}

fn pascal(id: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    id.split('_').map(word).collect()
}

#[test]
fn an_action_is_asked_by_one_operation() {
    let mut asked: BTreeMap<Action, Vec<&str>> = BTreeMap::new();
    for (_, operation) in operations() {
        asked.entry(operation.action).or_default().push(operation.id);
    }
    for (action, operations) in &asked {
        assert_eq!(operations.len(), 1, "{action:?} is asked by {operations:?}");
    }
    let unasked: Vec<Action> =
        Action::ALL.iter().copied().filter(|action| !asked.contains_key(action)).collect();
    let of_functions = [
        Action::InspectObject,
        Action::WitnessSignIn,
        Action::SweepRetention,
        Action::DestroyRecords,
        Action::LockObjects,
        Action::SendMessages,
    ];
    assert_eq!(unasked, of_functions, "asked by no operation");
}

/// What a patient does over an intake link leaves the same kind of evidence as a member doing it, and a file that is
/// refused to whoever follows its address the same as one that is refused when it is asked for.
#[test]
fn a_kind_of_evidence_is_left_by_one_operation() {
    let mut left: BTreeMap<Kind, Vec<&str>> = BTreeMap::new();
    let mut by_link: BTreeSet<Kind> = BTreeSet::new();
    for (_, operation) in operations() {
        if matches!(operation.access, Access::IntakeLink | Access::Pass) {
            by_link.insert(operation.evidence);
        } else {
            left.entry(operation.evidence).or_default().push(operation.id);
        }
    }
    for (kind, operations) in &left {
        assert_eq!(operations.len(), 1, "{kind:?} is left by {operations:?}");
    }
    let nobodys: BTreeSet<Kind> = Kind::ALL
        .iter()
        .copied()
        .filter(|kind| !left.contains_key(kind) && !by_link.contains(kind))
        .collect();
    let of_functions = [
        Kind::SignInFailed,
        Kind::UploadExpired,
        Kind::FileInspected,
        Kind::ChartReviewed,
        Kind::RecordBecameEligible,
        Kind::RecordLeftOut,
        Kind::DestructionOrdered,
        Kind::RecordDestroyed,
        Kind::DestructionVerified,
        Kind::DispositionCertified,
        Kind::ObjectsLocked,
        Kind::SpaceItemEnded,
        Kind::SpaceFileDestroyed,
        Kind::RulesChanged,
        Kind::DigestWritten,
        Kind::MessageSent,
        Kind::MessageGivenUp,
    ];
    // Left by `accept_transfer`, `propose_disposition` and `reject_disposition` beside their own.
    let beside = [Kind::InboxHandedOn, Kind::DispositionDrafted, Kind::DispositionFreed];
    let expected: BTreeSet<Kind> = of_functions.into_iter().chain(beside).collect();
    assert_eq!(nobodys, expected, "left by no operation");
}

#[test]
fn variables_of_a_path_are_named_after_what_they_identify() {
    for (_, operation) in operations() {
        let mut seen = BTreeSet::new();
        for part in operation.path.split('/').skip(1) {
            match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                Some(name) => {
                    let natural = matches!(name, "barcode" | "version" | "item_code" | "pass");
                    assert!(natural || name.ends_with("_id"), "{}: {{{name}}}", operation.path);
                    assert!(seen.insert(name), "{} names {name} twice", operation.path);
                }
                None => {
                    let plain = |c: char| c.is_ascii_lowercase() || c == '-';
                    assert!(!part.is_empty() && part.chars().all(plain), "{}: {part}", operation.path);
                }
            }
        }
    }
}

/// Neither the gateway nor our own router has to choose between two operations.
#[test]
fn no_address_belongs_to_two_operations() {
    let all = operations();
    for (at, (_, one)) in all.iter().enumerate() {
        for (_, other) in all.iter().skip(at + 1) {
            let meet = one.method == other.method && overlap(one.path, other.path);
            assert!(!meet, "`{}` and `{}` share an address", one.id, other.id);
        }
    }
}

fn overlap(one: &str, other: &str) -> bool {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.split('/').collect(), other.split('/').collect());
    one.len() == other.len()
        && one.iter().zip(&other).all(|(a, b)| a == b || a.starts_with('{') || b.starts_with('{'))
}

#[test]
fn an_operation_says_what_it_is_and_how_it_ends() {
    for (_, operation) in operations() {
        let summary = operation.summary;
        assert!(summary.len() > 10 && !summary.ends_with('.'), "`{}`: `{summary}`", operation.id);
        assert!(summary.starts_with(char::is_uppercase), "`{}`: `{summary}`", operation.id);
        let usual: &[u16] = match operation.method {
            Method::Get => &[200, 303],
            Method::Put => &[200],
            Method::Post => &[200, 201, 204],
            Method::Delete => &[200, 204],
        };
        assert!(usual.contains(&operation.success), "`{}` ends with {}", operation.id, operation.success);
    }
}

/// The gateway sends every address under `/intake/` to one function, without a sign-in, and addresses of files to another.
#[test]
fn only_intake_links_and_passes_open_the_public_routes() {
    for (function, operation) in operations() {
        let public = operation.access == Access::IntakeLink;
        assert_eq!(public, operation.path.starts_with("/intake/"), "`{}`", operation.id);
        assert!(!public || function == "intake", "`{}` is public and not of `intake`", operation.id);
        assert_eq!(operation.access == Access::Pass, operation.id == "follow_download", "`{}`", operation.id);
    }
}
