//! Starting other programs, and what came of them.

use crate::count::Counts;
use std::{
    fmt,
    io::{BufRead, BufReader, Read, Write},
    process::{Command, Stdio},
    sync::Mutex,
};

/// What went wrong, in a sentence for the person at the terminal.
#[derive(Debug)]
pub struct Failure(String);

pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// One that the person has been told of already.
    pub fn told() -> Self {
        Self(String::new())
    }

    pub fn is_told(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Puts what was being done before why it failed.
pub trait Context<T> {
    fn context(self, doing: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn context(self, doing: impl fmt::Display) -> Outcome<T> {
        self.map_err(|error| Failure::new(format!("{doing}: {error}")))
    }
}

/// Cargo, as a person would call it.
///
/// `cargo xtask` is itself run by cargo, which tells the program what package it is of; build scripts that read these
/// variables would be run again, and what depends on them built again, each time one changes between here and a shell.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let told = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_BIN_NAME"
        });
        if told {
            command.env_remove(name);
        }
    }
    command
}

/// Runs to the end, in sight.
pub fn run(command: &mut Command) -> Outcome {
    let status = command.status().context(shown(command))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("{} ended with {status}", shown(command))))
    }
}

/// Runs to the end, in silence; what it printed, or what it complained of.
pub fn output(command: &mut Command) -> Outcome<String> {
    let done = command.stdin(Stdio::null()).output().context(shown(command))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&done.stderr);
    let complaint = complaint.trim();
    Err(Failure::new(format!("{} ended with {}: {complaint}", shown(command), done.status)))
}

/// Runs to the end, in sight, counting the tests that it reports; and whether it was content.
pub fn counted(command: &mut Command) -> Outcome<(Counts, Outcome)> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context(shown(command))?;
    let counts = Mutex::new(Counts::default());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        scope.spawn(|| pass_on(out, std::io::stdout(), &counts));
        scope.spawn(|| pass_on(err, std::io::stderr(), &counts));
    });
    let status = child.wait().context(shown(command))?;
    let counts = counts.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let ended = if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("{} ended with {status}", shown(command))))
    };
    Ok((counts, ended))
}

fn pass_on(from: Option<impl Read>, mut to: impl Write, counts: &Mutex<Counts>) {
    let Some(from) = from else { return };
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        // Nobody may be reading any more; the tests go on all the same.
        let _unread = writeln!(to, "{line}");
        counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner).read(&line);
    }
}

/// A command as it would be typed.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    format!("`{}`", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn tests_are_counted_on_both_streams_and_failure_is_kept() {
        let script = "echo 'test result: ok. 3 passed; 0 failed; 0 ignored'; \
                      echo '     Summary [   0.1s] 2 tests run: 1 passed, 1 failed, 0 skipped' >&2; exit 100";
        let (counts, ended) = counted(&mut shell(script)).unwrap();
        assert_eq!((counts.passed, counts.failed), (4, 1));
        assert!(ended.unwrap_err().to_string().contains("100"));
    }

    #[test]
    fn a_complaint_is_passed_on() {
        assert_eq!(output(&mut shell("echo fine")).unwrap(), "fine\n");
        assert!(
            output(&mut shell("echo no such thing >&2; exit 1"))
                .unwrap_err()
                .to_string()
                .ends_with("no such thing")
        );
        assert!(run(&mut Command::new("surely-no-such-program")).is_err());
    }
}
