//! The tree as it is: its files, its crates and its functions.

use api::{Endpoint, Function, Operation};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// Everything the product serves: the list the runner serves it by.
pub static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(runner::functions::functions);

/// The crates of the workspace, as Cargo sees them.
static METADATA: LazyLock<Metadata> = LazyLock::new(|| {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("`cargo metadata` works")
});

pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../..").canonicalize().expect("the workspace is two folders up")
}

pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The operations of all functions, each with the name of its function.
pub fn operations() -> Vec<(&'static str, &'static Operation)> {
    endpoints().into_iter().map(|(function, endpoint)| (function, endpoint.operation)).collect()
}

pub fn endpoints() -> Vec<(&'static str, &'static Endpoint)> {
    let of = |function: &'static Function| {
        function.endpoints.iter().map(move |endpoint| (function.name, endpoint))
    };
    FUNCTIONS.iter().flat_map(of).collect()
}

pub fn packages() -> &'static [Package] {
    &METADATA.packages
}

pub fn package(name: &str) -> &'static Package {
    let found = packages().iter().find(|package| package.name.as_str() == name);
    found.unwrap_or_else(|| panic!("no crate is called {name}"))
}

/// The folder of a crate, from the root: `shared/domain`.
pub fn folder(package: &Package) -> String {
    let folder = package.manifest_path.parent().expect("a manifest is in a folder");
    let folder = folder.as_std_path().canonicalize().expect("the folder of a crate exists");
    folder.strip_prefix(root()).expect("a crate is in the tree").to_string_lossy().into_owned()
}

/// What a crate stands on when it is not being tested.
pub fn stands_on(package: &Package) -> BTreeSet<&str> {
    let kept = package.dependencies.iter().filter(|one| one.kind == DependencyKind::Normal);
    kept.map(|one| one.name.as_str()).collect()
}

/// The crates of this workspace that a crate stands on.
pub fn own(package: &Package) -> BTreeSet<&str> {
    let crates: BTreeSet<&str> = packages().iter().map(|package| package.name.as_str()).collect();
    stands_on(package).intersection(&crates).copied().collect()
}

/// The crates of a folder such as `shared`, by name.
pub fn crates_in(parent: &str) -> Vec<&'static Package> {
    let inside =
        |package: &&Package| folder(package).rsplit_once('/').is_some_and(|(above, _)| above == parent);
    packages().iter().filter(inside).collect()
}

/// The names of the folders inside a folder.
pub fn folders(parent: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(parent)).unwrap_or_else(|error| panic!("{parent}: {error}"));
    let folders = entries.map(|entry| entry.expect("an entry")).filter(|entry| entry.path().is_dir());
    folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// Every Rust file of the product and its tests but these ones, with its path from the root.
pub fn rust_files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for top in ["functions", "shared", "infra", "tests"] {
        walk(&root().join(top), &mut files);
    }
    let here = "tests/conformance/";
    let named = files.into_iter().map(|path| {
        let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, text)
    });
    let mut named: Vec<_> = named.filter(|(name, _)| !name.starts_with(here)).collect();
    named.sort();
    assert!(named.len() > 100, "only {} files were found", named.len());
    named
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !matches!(name.as_str(), "node_modules" | "target") {
                walk(&path, files);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
