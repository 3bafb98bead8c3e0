//! Programs that we do not build: found on the machine, installed under `target/`, or named in one line.

use crate::{
    process::{Context, Failure, Outcome, cargo, output, run},
    workspace::Workspace,
};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const PYTHON: &str = "python 3.11 or newer, with pip and venv, is needed: `apt-get install python3 python3-venv`, \
                      `brew install python`, or https://www.python.org/downloads";
const NODE: &str = "node 20 or newer, with npm, is needed: `apt-get install nodejs npm`, `brew install node`, or \
                    https://nodejs.org/en/download";

/// The Python of a virtual environment of ours, made if there is none.
pub fn python(workspace: &Workspace) -> Outcome<PathBuf> {
    need_python()?;
    let environment = workspace.target.join("tools-venv");
    let python = environment.join("bin/python");
    if !works(Command::new(&python).args(["-m", "pip", "--version"])) {
        // A half-made one is no use either.
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment)).context(PYTHON)?;
    }
    Ok(python)
}

pub fn need_python() -> Outcome {
    let old = "import sys, venv; sys.exit(sys.version_info < (3, 11))";
    if works(Command::new("python3").args(["-c", old])) { Ok(()) } else { Err(Failure::new(PYTHON)) }
}

pub fn need_node() -> Outcome {
    let version = output(Command::new("node").arg("--version")).unwrap_or_default();
    let major: u32 =
        version.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok()).unwrap_or_default();
    if major >= 20 && works(Command::new("npm").arg("--version")) { Ok(()) } else { Err(Failure::new(NODE)) }
}

/// A subcommand of cargo: the machine's own, or else the pinned one of `infra/xtask/tools`.
pub fn cargo_command(workspace: &Workspace, name: &str) -> Outcome<Command> {
    if works(cargo().args([name, "--version"])) {
        let mut command = cargo();
        command.arg(name);
        return Ok(command);
    }
    let program = format!("cargo-{name}");
    let python = python(workspace)?;
    let binary = python.with_file_name(&program);
    if !binary.is_file() {
        println!("installing {program} into {}", workspace.target.join("tools-venv").display());
        let pins = workspace.root.join("infra/xtask/tools").join(format!("{program}.txt"));
        run(pip(&python).args(["install", "--quiet", "--require-hashes", "-r"]).arg(pins))
            .context(format!("installing {program} failed; `cargo install {program}` is another way"))?;
    }
    Ok(as_cargo_would(&binary, name))
}

/// Starts a subcommand's program the way cargo does.
fn as_cargo_would(binary: &Path, name: &str) -> Command {
    let mut command = Command::new(binary);
    // What cargo's own variables are taken out of, theirs must be too.
    for (variable, value) in cargo().get_envs() {
        if value.is_none() {
            command.env_remove(variable);
        }
    }
    command.arg(name);
    command
}

pub fn pip(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--disable-pip-version-check", "--no-input"]);
    command
}

fn works(command: &mut Command) -> bool {
    output(command).is_ok()
}
