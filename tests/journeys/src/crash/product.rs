//! The product as its own process, to be killed without a warning.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

/// How long it may take to come up, on a machine that does other things too.
const START: Duration = Duration::from_secs(60);

/// A running product.
pub struct Product {
    child: Child,
    /// Kept, so that the process has somebody to print to.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Product {
    /// Starts it on a folder, and waits until it says that it runs.
    pub async fn start(binary: &Path, data: &Path, port: u16) -> Self {
        let mut command = Command::new(binary);
        command.arg("--port").arg(port.to_string()).arg("--data").arg(data);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", binary.display()));
        let mut said = BufReader::new(child.stdout.take().expect("what it prints")).lines();
        let started = tokio::time::timeout(START, async {
            while let Some(line) = said.next_line().await.expect("text") {
                if line.contains("is running") {
                    return;
                }
            }
            panic!("the product ended before it ran");
        });
        started.await.unwrap_or_else(|_| panic!("the product does not come up within {START:?}"));
        Self { child, _said: said }
    }

    /// `kill -9`: nothing is finished, flushed or said goodbye to.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("a process to kill");
    }
}

/// A port that nobody listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// The product's binary of the build that this program is of.
pub fn binary() -> PathBuf {
    let program = std::env::current_exe().expect("a program");
    let folder = program.parent().expect("a folder");
    // Tests are kept one folder below the programs of their build.
    let folder = if folder.ends_with("deps") { folder.parent().expect("a folder") } else { folder };
    folder.join("strongroom")
}
