//! Where things are: the checkout, what cargo builds into, and the functions.

use crate::process::{Context, Outcome, cargo, output};
use serde::Deserialize;
use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

#[derive(Debug)]
pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
    /// Names of the packages under `functions/`, in order; each has one binary of the same name.
    pub functions: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// What cargo calls the folder that it builds into.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

#[derive(Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
}

impl Workspace {
    pub fn find() -> Outcome<Self> {
        let text = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]).args([
            OsStr::new("--manifest-path"),
            Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml").as_os_str(),
        ]))?;
        Self::from_metadata(&text)
    }

    fn from_metadata(text: &str) -> Outcome<Self> {
        let metadata: Metadata = serde_json::from_str(text).context("reading cargo's metadata")?;
        let folder = metadata.workspace_root.join("functions");
        let mut functions = Vec::new();
        for package in &metadata.packages {
            if package.manifest_path.starts_with(&folder) {
                functions.push(package.name.clone());
            }
        }
        functions.sort();
        Ok(Self { root: metadata.workspace_root, target: metadata.target_directory, functions })
    }

    /// A binary that cargo has built.
    pub fn binary(&self, profile: Profile, name: &str) -> PathBuf {
        self.target.join(profile.folder()).join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_the_packages_of_their_folder() {
        let metadata = serde_json::json!({
            "workspace_root": "/house",
            "target_directory": "/elsewhere/target",
            "packages": [
                { "name": "records", "manifest_path": "/house/functions/records/Cargo.toml" },
                { "name": "domain", "manifest_path": "/house/shared/domain/Cargo.toml" },
                { "name": "clients", "manifest_path": "/house/functions/clients/Cargo.toml" },
            ]
        });
        let found = Workspace::from_metadata(&metadata.to_string()).unwrap();
        assert_eq!(found.functions, ["clients", "records"]);
        assert_eq!(found.binary(Profile::Release, "records"), Path::new("/elsewhere/target/release/records"));
    }

    #[test]
    fn the_real_one_has_its_functions() {
        let found = Workspace::find().unwrap();
        assert!(
            found.root.join("functions/records").is_dir()
                && found.functions.iter().any(|name| name == "records")
        );
    }
}
