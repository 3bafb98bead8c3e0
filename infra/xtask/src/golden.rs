//! Generated files that are checked in: made anew, or compared, by `runner`'s binary of the same name, which links
//! every function. The access matrix is what the product answers when it is asked, so that the test which asks writes it;
//! as a test it compares.

use crate::{
    arguments::Arguments,
    process::{Outcome, cargo, run},
    workspace::{Profile, Workspace},
};
use std::process::Command;

pub fn command(workspace: &Workspace, mut arguments: Arguments) -> Outcome {
    let check = arguments.flag("--check");
    arguments.nothing_left()?;
    run(cargo().args(["build", "--workspace", "--bin", "golden"]))?;
    run(&mut program(workspace, check))?;
    if check {
        return Ok(());
    }
    let matrix = ["test", "--workspace", "--test", "journeys", "matrix"];
    run(cargo().args(matrix).env("STRONGROOM_GOLDEN", "write"))
}

/// The program, built before.
pub fn program(workspace: &Workspace, check: bool) -> Command {
    let mut command = Command::new(workspace.binary(Profile::Dev, "golden"));
    if check {
        command.arg("--check");
    }
    command.arg(&workspace.root);
    command
}
