//! The developers' commands: `cargo xtask help` lists them.
//!
//! It only starts other programs and says what came of it, so that it builds in seconds. What a command needs and
//! the machine lacks, the command installs under `target/`, or names in one line.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "commands talk to a person at a terminal")]

mod arguments;
mod count;
mod deploy;
mod fixtures;
mod golden;
mod package;
mod portal;
mod process;
mod product;
mod test;
mod tools;
mod workspace;

use arguments::Arguments;
use process::Outcome;
use std::process::ExitCode;
use workspace::Workspace;

struct Command {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    run: fn(&Workspace, Arguments) -> Outcome,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "up",
        usage: "[--port 8400] [--data .strongroom] [--no-demo] [--release]",
        about: "build the product and run it on this machine",
        run: product::up,
    },
    Command {
        name: "demo",
        usage: "[--origin http://127.0.0.1:8400] [--data .strongroom] [--password TEXT]",
        about: "tell the main story against the running product",
        run: product::demo,
    },
    Command {
        name: "test",
        usage: "[--quick] [--only STEP]",
        about: "everything that must hold; quick leaves out release binaries",
        run: test::test,
    },
    Command {
        name: "fixtures",
        usage: "",
        about: "fetch the real files that tests read, into target/fixtures",
        run: fixtures::command,
    },
    Command {
        name: "golden",
        usage: "[--check]",
        about: "write the generated files anew, or only compare them",
        run: golden::command,
    },
    Command {
        name: "package",
        usage: "",
        about: "build each function's bootstrap into target/lambda",
        run: package::command,
    },
    Command {
        name: "deploy-check",
        usage: "",
        about: "deploy template and bootstraps to an AWS on loopback and run the story",
        run: deploy::command,
    },
    Command {
        name: "bench",
        usage: "[PART]",
        about: "measure the budgets: round-trips, transfer, decisions, cold-starts, sweep",
        run: product::bench,
    },
    Command {
        name: "soak",
        usage: "[--kills 30]",
        about: "kill the product under load and look for what was lost",
        run: product::soak,
    },
    Command {
        name: "verify",
        usage: "FILE [--key FINGERPRINT]",
        about: "check a certificate of destruction, or the proof of one record, offline",
        run: product::verify,
    },
    Command { name: "help", usage: "", about: "this list", run: help },
];

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_else(|| "help".into());
    let name = if matches!(name.as_str(), "-h" | "--help") { "help".into() } else { name };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("no command `{name}`; `cargo xtask help` lists them");
        return ExitCode::from(2);
    };
    let outcome =
        Workspace::find().and_then(|workspace| (command.run)(&workspace, Arguments::new(words.collect())));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.is_told() {
                eprintln!("{failure}");
            }
            ExitCode::FAILURE
        }
    }
}

fn help(_workspace: &Workspace, arguments: Arguments) -> Outcome {
    arguments.nothing_left()?;
    println!("Strongroom: records management for clinics.\n\ncargo xtask <command>\n");
    for command in COMMANDS {
        println!("  {:<13} {}", command.name, command.about);
        if !command.usage.is_empty() {
            println!("  {:<13}   {}", "", command.usage);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_one_name_and_says_what_it_does() {
        for (at, command) in COMMANDS.iter().enumerate() {
            assert!(!command.about.is_empty());
            assert!(COMMANDS[at + 1..].iter().all(|other| other.name != command.name), "{}", command.name);
        }
    }
}
