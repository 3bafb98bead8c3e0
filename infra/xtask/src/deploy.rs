//! Proving the deployment by running it: the real template and the real binaries on an AWS of our own on loopback, every
//! function under its own role, and the story told through the gateway.
//!
//! `infra/checks/deploy.sh` puts it up and keeps it up until its standard input closes; `journeys`' binary
//! `deployed-story` reads the one line of JSON that it prints. Then the same with one permission left out, and the story
//! must fail: a check that nothing fails would prove nothing.

use crate::{
    arguments::Arguments,
    package,
    process::{Context, Failure, Outcome, cargo, run, shown},
    tools,
    workspace::{Profile, Workspace},
};
use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// Who takes part in the story, which says so if it misses one; each is signed in with password and second factor.
const USERS: [&str; 7] = [
    "nora@north.example",
    "amara@north.example",
    "ben@north.example",
    "sam@north.example",
    "ada@north.example",
    "rita@north.example",
    "rolf@north.example",
];

/// Left out the second time.
const VITAL: &str = "Records/dynamodb:PutItem";

const STORY: &str = "deployed-story";

pub fn command(workspace: &Workspace, arguments: Arguments) -> Outcome {
    arguments.nothing_left()?;
    package::build(workspace)?;
    run(cargo().args(["build", "--workspace", "--bin", STORY]))?;
    check(workspace, &mut |story| run(story))?;
    check_notices(workspace)
}

/// Deploys and lets `tell` run the story; both were built before.
pub fn check<T>(workspace: &Workspace, tell: &mut dyn FnMut(&mut Command) -> Outcome<T>) -> Outcome<T> {
    let deployment = Deployment::start(workspace, None)?;
    let told = tell(&mut deployment.story(workspace)?);
    let stopped = deployment.stop();
    // How the story went is the first thing to know.
    let told = told?;
    stopped.map(|()| told)
}

/// Deploys with a permission missing; the story must fail.
pub fn check_notices(workspace: &Workspace) -> Outcome {
    let deployment = Deployment::start(workspace, Some(VITAL))?;
    let log = workspace.target.join("deploy-check-without.log");
    let out = File::create(&log).context(log.display())?;
    let errors = out.try_clone().context(log.display())?;
    let mut story = deployment.story(workspace)?;
    let ended = story.stdout(out).stderr(errors).status().context(shown(&story))?;
    deployment.stop()?;
    if ended.success() {
        return Err(Failure::new(format!("the story passed without `{VITAL}`: it proves no grant")));
    }
    println!("without `{VITAL}` the story fails, as it must");
    Ok(())
}

/// The deployment while it is up.
struct Deployment {
    process: Child,
    described: String,
}

impl Deployment {
    fn start(workspace: &Workspace, without: Option<&str>) -> Outcome<Self> {
        tools::need_python()?;
        let mut command = Command::new("bash");
        command.arg(workspace.root.join("infra/checks/deploy.sh")).env("TARGET", &workspace.target);
        command.args(USERS.iter().flat_map(|user| ["--user", user]));
        command.args(without.iter().flat_map(|grant| ["--without", grant]));
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().context(shown(&command))?;
        let mut described = String::new();
        if let Some(out) = process.stdout.take() {
            BufReader::new(out).read_line(&mut described).context(shown(&command))?;
        }
        let deployment = Self { process, described };
        if serde_json::from_str::<serde_json::Value>(&deployment.described).is_err() {
            deployment.stop()?;
            return Err(Failure::new(format!("{} did not say what it deployed", shown(&command))));
        }
        Ok(deployment)
    }

    /// The story, with the deployment's description to read.
    fn story(&self, workspace: &Workspace) -> Outcome<Command> {
        // In a file, not a pipe: whoever runs it need not know that there is something to write.
        let path = workspace.target.join("deploy-check.json");
        let mut file = File::create(&path).context(path.display())?;
        file.write_all(self.described.as_bytes()).context(path.display())?;
        let mut command = Command::new(workspace.binary(Profile::Dev, STORY));
        command.stdin(File::open(&path).context(path.display())?);
        Ok(command)
    }

    fn stop(mut self) -> Outcome {
        let status = self.end()?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new(format!("the deployment ended with {status}")))
        }
    }

    /// Closes its standard input, which it takes for the end; if it does not, tells it in so many words.
    fn end(&mut self) -> Outcome<ExitStatus> {
        drop(self.process.stdin.take());
        if let Some(status) = self.wait(Duration::from_secs(30))? {
            return Ok(status);
        }
        // On this signal it still ends what it started; on the next it could not.
        run(Command::new("kill").args(["-TERM", &self.process.id().to_string()]))?;
        if let Some(status) = self.wait(Duration::from_secs(15))? {
            return Ok(status);
        }
        self.process.kill().context("ending the deployment")?;
        self.process.wait().context("ending the deployment")
    }

    fn wait(&mut self, limit: Duration) -> Outcome<Option<ExitStatus>> {
        let start = Instant::now();
        while start.elapsed() < limit {
            if let Some(status) = self.process.try_wait().context("waiting for the deployment")? {
                return Ok(Some(status));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(None)
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        // Only where something failed on the way; that failure is told, not this one.
        let _ended = self.end();
    }
}
