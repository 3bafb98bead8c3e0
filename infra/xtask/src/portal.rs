//! The web portal: its packages, its build, its own checks, and its journeys in a real browser.

use crate::{
    process::{Context, Outcome, counted, output, run},
    test::Report,
    tools,
    workspace::{Profile, Workspace},
};
use std::{fs, path::PathBuf, process::Command};

/// Builds the portal; where it is then.
pub fn build(workspace: &Workspace) -> Outcome<PathBuf> {
    install(workspace)?;
    run(&mut script(workspace, "build"))?;
    Ok(folder(workspace).join("dist"))
}

/// Types, lints, licences, rules, and how much a first visit loads.
pub fn check(workspace: &Workspace) -> Outcome<Report> {
    install(workspace)?;
    for name in ["lint", "check", "licences"] {
        run(&mut script(workspace, name))?;
    }
    let (counts, ended) = counted(&mut script(workspace, "test"))?;
    let sizes = || build(workspace).and_then(|_| run(&mut script(workspace, "sizes")));
    Ok(Report::with_tests(counts, ended.and_then(|()| sizes())))
}

/// People's work in Chromium, against the product that was just built.
pub fn journeys(workspace: &Workspace) -> Outcome<Report> {
    let mut journeys = script(workspace, "journeys");
    journeys.env("STRONGROOM_BIN", workspace.binary(Profile::Dev, "strongroom"));
    let (counts, ended) = counted(&mut journeys)?;
    Ok(Report::with_tests(counts, ended))
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("portal")
}

/// The packages of the lock file, unless they are there already.
fn install(workspace: &Workspace) -> Outcome {
    tools::need_node()?;
    let (lock, installed) =
        (folder(workspace).join("package-lock.json"), folder(workspace).join("node_modules/.strongroom"));
    let wanted = fs::read(&lock).context(lock.display())?;
    if fs::read(&installed).is_ok_and(|there| there == wanted) {
        return Ok(());
    }
    println!("installing the portal's packages");
    output(npm(workspace).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
    fs::write(&installed, wanted).context(installed.display())
}

fn script(workspace: &Workspace, name: &str) -> Command {
    let mut command = npm(workspace);
    command.args(["run", "--silent", name]);
    command
}

fn npm(workspace: &Workspace) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder(workspace)).env("NO_UPDATE_NOTIFIER", "1").env("NO_COLOR", "1");
    command
}
