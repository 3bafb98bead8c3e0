//! Packaging functions for Lambda: `target/lambda/<function>/bootstrap`, as cargo-lambda lays them out.
//!
//! A plain release build on a machine with an older C library than Lambda's runs there, so no cross-compiler is needed
//! to check them; `infra/README.md` says how to build for arm64.

use crate::{
    arguments::Arguments,
    process::{Context, Failure, Outcome, cargo, run},
    tools,
    workspace::{Profile, Workspace},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Names the folder of bootstraps to the tests that start them.
pub const BOOTSTRAPS: &str = "STRONGROOM_BOOTSTRAPS";

/// What a zipped function may weigh; each megabyte is paid for at a cold start.
const ZIP_LIMIT_BYTES: u64 = 8_000_000;

pub fn command(workspace: &Workspace, arguments: Arguments) -> Outcome {
    arguments.nothing_left()?;
    build(workspace)?;
    check_sizes(workspace)
}

/// Builds all functions for release, and where their bootstraps are.
pub fn build(workspace: &Workspace) -> Outcome<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--release"]);
    for function in &workspace.functions {
        command.args(["--package", function, "--bin", function]);
    }
    run(&mut command)?;
    let folder = workspace.target.join("lambda");
    for function in &workspace.functions {
        let place = folder.join(function);
        fs::create_dir_all(&place).context(place.display())?;
        let (binary, bootstrap) = (workspace.binary(Profile::Release, function), place.join("bootstrap"));
        if bootstrap.exists() {
            fs::remove_file(&bootstrap).context(bootstrap.display())?;
        }
        fs::copy(&binary, &bootstrap).context(binary.display())?;
    }
    Ok(folder)
}

/// Zips every bootstrap and refuses any that is too large.
pub fn check_sizes(workspace: &Workspace) -> Outcome {
    let python = tools::python(workspace)?;
    let folder = workspace.target.join("lambda-zip");
    fs::create_dir_all(&folder).context(folder.display())?;
    let mut too_large = Vec::new();
    for function in &workspace.functions {
        let bootstrap = workspace.target.join("lambda").join(function).join("bootstrap");
        let zip = folder.join(format!("{function}.zip"));
        run(Command::new(&python).args(["-m", "zipfile", "-c"]).arg(&zip).arg(&bootstrap))?;
        let (plain, zipped) = (bytes(&bootstrap)?, bytes(&zip)?);
        println!("{function:<16} {:>8} zipped, {:>8} plain", megabytes(zipped), megabytes(plain));
        if zipped > ZIP_LIMIT_BYTES {
            too_large.push(function.as_str());
        }
    }
    if too_large.is_empty() {
        return Ok(());
    }
    let limit = megabytes(ZIP_LIMIT_BYTES);
    Err(Failure::new(format!("more than {limit} zipped: {}", too_large.join(", "))))
}

fn bytes(path: &Path) -> Outcome<u64> {
    Ok(fs::metadata(path).context(path.display())?.len())
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{:02} MB", bytes / 1_000_000, bytes % 1_000_000 / 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_sizes() {
        assert_eq!(megabytes(7_654_321), "7.65 MB");
        assert_eq!(megabytes(8_000_000), "8.00 MB");
        assert_eq!(megabytes(40_000), "0.04 MB");
    }
}
