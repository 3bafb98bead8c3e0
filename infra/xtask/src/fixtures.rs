//! Real files to test with: pinned packages from PyPI, unpacked into `target/fixtures/<name>`.
//!
//! They are too many and too large to commit, and each has its own licence; `fixtures.json` names both. pip checks the
//! SHA-256 of what it downloads before anything in it is run. What is there already is left alone, without network.

use crate::{
    arguments::Arguments,
    process::{Context, Failure, Outcome, run},
    tools,
    workspace::Workspace,
};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const LIST: &str = include_str!("../fixtures.json");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    name: String,
    version: String,
    kind: Kind,
    sha256: String,
    licence: String,
    /// A folder that must be in it, the one that tests read.
    has: String,
    /// What it is good for.
    purpose: String,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Unpacked as it is.
    Wheel,
    /// Unpacked without its one outer folder, whose name has the version in it.
    Sdist,
}

pub fn command(workspace: &Workspace, arguments: Arguments) -> Outcome {
    arguments.nothing_left()?;
    fetch(workspace)
}

pub fn fetch(workspace: &Workspace) -> Outcome {
    let fixtures: Vec<Fixture> = serde_json::from_str(LIST).context("infra/xtask/fixtures.json")?;
    // Where tests look for them, wherever cargo was told to build.
    let folder = workspace.root.join("target").join("fixtures");
    fs::create_dir_all(&folder).context(folder.display())?;
    for fixture in &fixtures {
        let state = if fixture.is_in(&folder) {
            "there"
        } else {
            fixture
                .fetch_into(&folder, workspace)
                .context(format!("fetching {} {}", fixture.name, fixture.version))?;
            "fetched"
        };
        println!("{state}: {} {} ({}): {}", fixture.name, fixture.version, fixture.licence, fixture.purpose);
    }
    Ok(())
}

impl Fixture {
    /// Says which package a folder was unpacked from.
    fn mark(&self) -> String {
        format!("{}=={} sha256:{}\n", self.name, self.version, self.sha256)
    }

    fn is_in(&self, folder: &Path) -> bool {
        let unpacked = folder.join(&self.name);
        fs::read_to_string(unpacked.join(MARK)).is_ok_and(|mark| mark == self.mark())
            && unpacked.join(&self.has).is_dir()
    }

    fn fetch_into(&self, folder: &Path, workspace: &Workspace) -> Outcome {
        let python = tools::python(workspace)?;
        let fresh = folder.join(format!(".{}", self.name));
        remove(&fresh)?;
        let (download, unpacked) = (fresh.join("download"), fresh.join("unpacked"));
        fs::create_dir_all(&download).context(download.display())?;
        let package = self.download(&python, &download)?;
        self.unpack(&python, &package, &unpacked)?;

        let inner = match self.kind {
            Kind::Wheel => unpacked,
            Kind::Sdist => only_entry(&unpacked)?,
        };
        if !inner.join(&self.has).is_dir() {
            return Err(Failure::new(format!("it has no folder `{}`", self.has)));
        }
        fs::write(inner.join(MARK), self.mark()).context(inner.display())?;
        let place = folder.join(&self.name);
        remove(&place)?;
        fs::rename(&inner, &place).context(place.display())?;
        remove(&fresh)
    }

    fn download(&self, python: &Path, to: &Path) -> Outcome<PathBuf> {
        let pins = to.with_file_name("requirements.txt");
        fs::write(&pins, format!("{}=={} --hash=sha256:{}\n", self.name, self.version, self.sha256))
            .context(pins.display())?;
        let form = match self.kind {
            Kind::Wheel => ["--only-binary", ":all:"],
            Kind::Sdist => ["--no-binary", self.name.as_str()],
        };
        let mut pip = tools::pip(python);
        pip.args(["download", "--quiet", "--no-deps", "--require-hashes"]).args(form);
        run(pip.arg("-r").arg(pins).arg("--dest").arg(to))?;
        only_entry(to)
    }

    fn unpack(&self, python: &Path, package: &Path, to: &Path) -> Outcome {
        let module = match self.kind {
            Kind::Wheel => "zipfile",
            Kind::Sdist => "tarfile",
        };
        run(Command::new(python).args(["-W", "ignore", "-m", module, "-e"]).arg(package).arg(to))
    }
}

const MARK: &str = ".fixture";

fn remove(folder: &Path) -> Outcome {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).context(folder.display()),
        _ => Ok(()),
    }
}

fn only_entry(folder: &Path) -> Outcome<PathBuf> {
    let entries: Vec<PathBuf> = fs::read_dir(folder)
        .context(folder.display())?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    match entries.as_slice() {
        [only] => Ok(only.clone()),
        several => Err(Failure::new(format!("{} holds {} things, not one", folder.display(), several.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_pinned_and_says_licence_and_purpose() {
        let fixtures: Vec<Fixture> = serde_json::from_str(LIST).unwrap();
        assert!(fixtures.len() >= 3);
        for fixture in fixtures {
            assert!(fixture.sha256.len() == 64 && fixture.sha256.chars().all(|c| c.is_ascii_hexdigit()));
            assert!(!fixture.licence.is_empty() && !fixture.purpose.is_empty() && !fixture.has.is_empty());
        }
    }
}
