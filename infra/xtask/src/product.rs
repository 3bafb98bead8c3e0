//! Running the product on this machine, and the programs that try it out.

use crate::{
    arguments::Arguments,
    package::{self, BOOTSTRAPS},
    portal,
    process::{Failure, Outcome, cargo, run, shown},
    workspace::{Profile, Workspace},
};
use std::{
    net::{TcpStream, ToSocketAddrs},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::Command,
    time::Duration,
};

const ORIGIN: &str = "http://127.0.0.1:8400";

pub fn up(workspace: &Workspace, mut arguments: Arguments) -> Outcome {
    let profile = if arguments.flag("--release") { Profile::Release } else { Profile::Dev };
    let data = data(workspace, &mut arguments)?;
    build(profile, &["strongroom"])?;
    let mut command = Command::new(workspace.binary(profile, "strongroom"));
    command.arg("--data").arg(data).args(arguments.rest());
    match portal::build(workspace) {
        Ok(files) => drop(command.arg("--portal").arg(files)),
        Err(failure) => println!("without the web portal, for {failure}"),
    }
    // It takes the place of this process, so that Ctrl-C and every other signal are its own to heed.
    let error = command.exec();
    Err(Failure::new(format!("{}: {error}", shown(&command))))
}

pub fn demo(workspace: &Workspace, mut arguments: Arguments) -> Outcome {
    let origin = arguments.value("--origin")?.unwrap_or_else(|| ORIGIN.into());
    if !answers(&origin) {
        return Err(Failure::new(format!(
            "nothing answers at {origin}: start it with `cargo xtask up` elsewhere"
        )));
    }
    let data = data(workspace, &mut arguments)?;
    build(Profile::Dev, &["demo"])?;
    run(Command::new(workspace.binary(Profile::Dev, "demo"))
        .args(["--origin", &origin])
        .arg("--data")
        .arg(data)
        .args(arguments.rest()))
}

pub fn bench(workspace: &Workspace, arguments: Arguments) -> Outcome {
    let bootstraps = package::build(workspace)?;
    build(Profile::Release, &["bench"])?;
    let mut command = Command::new(workspace.binary(Profile::Release, "bench"));
    run(command.args(arguments.rest()).env(BOOTSTRAPS, bootstraps))
}

pub fn soak(workspace: &Workspace, arguments: Arguments) -> Outcome {
    // It kills the product's own process, found beside it.
    build(Profile::Dev, &["soak", "strongroom"])?;
    run(Command::new(workspace.binary(Profile::Dev, "soak")).args(arguments.rest()))
}

pub fn verify(workspace: &Workspace, arguments: Arguments) -> Outcome {
    build(Profile::Dev, &["verifier"])?;
    run(Command::new(workspace.binary(Profile::Dev, "verifier")).args(arguments.rest()))
}

/// The folder of everything that lasts: the same for all commands, wherever they are called.
fn data(workspace: &Workspace, arguments: &mut Arguments) -> Outcome<PathBuf> {
    Ok(arguments.value("--data")?.map_or_else(|| workspace.root.join(".strongroom"), Into::into))
}

/// Some programs, with the features that the whole workspace has: of one package alone, cargo chooses fewer features of
/// what it stands on, and so each of these commands would build all of it again.
fn build(profile: Profile, programs: &[&str]) -> Outcome {
    let mut command = cargo();
    command.args(["build", "--workspace"]);
    for program in programs {
        command.args(["--bin", program]);
    }
    if profile == Profile::Release {
        command.arg("--release");
    }
    run(&mut command)
}

/// Whether anything listens there; what it says is for whoever asks.
fn answers(origin: &str) -> bool {
    let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    let with_port = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    let mut addresses = with_port.to_socket_addrs().into_iter().flatten();
    addresses.any(|address| TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_answers_and_an_address_without_one_does_not() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        assert!(answers(&origin) && answers(&format!("{origin}/docs")));
        drop(listener);
        assert!(!answers(&origin) && !answers("nonsense"));
    }
}
