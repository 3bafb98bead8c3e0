//! `cargo xtask test`: everything that must hold, cheapest first, up to the first step that fails.
//!
//! One build for developing serves every step after it and one for release the last three. A step that runs tests is
//! counted by its tests; any other counts only when it fails, as one.

use crate::{
    arguments::Arguments,
    count::Counts,
    deploy, fixtures, golden,
    package::{self, BOOTSTRAPS},
    portal,
    process::{Context, Failure, Outcome, cargo, counted, output, run},
    tools,
    workspace::{Profile, Workspace},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

struct Step {
    name: &'static str,
    /// Left out by `--quick`.
    slow: bool,
    run: fn(&Workspace, Extent) -> Outcome<Report>,
}

/// What a step that came to its end reports: the tests it ran, and whether all was well.
pub struct Report {
    counts: Counts,
    ended: Outcome,
    /// Why it could not do its work, where that is no fault of the code.
    skipped: Option<String>,
}

impl Report {
    pub fn with_tests(counts: Counts, ended: Outcome) -> Self {
        Self { counts, ended, skipped: None }
    }

    fn without_tests(ended: Outcome) -> Self {
        Self { counts: Counts::default(), ended, skipped: None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Quick,
    Full,
}

const STEPS: &[Step] = &[
    Step { name: "formatting", slow: false, run: formatting },
    Step { name: "dependencies", slow: false, run: dependencies },
    Step { name: "advisories", slow: false, run: advisories },
    Step { name: "fixtures", slow: false, run: fetch_fixtures },
    Step { name: "template", slow: false, run: template },
    Step { name: "portal", slow: false, run: portal_alone },
    Step { name: "lints", slow: false, run: lints },
    Step { name: "build", slow: false, run: build },
    Step { name: "generated files", slow: false, run: generated },
    Step { name: "tests", slow: false, run: tests },
    Step { name: "portal in a browser", slow: false, run: portal_journeys },
    Step { name: "examples in docs", slow: false, run: doc_tests },
    Step { name: "release build", slow: true, run: release },
    Step { name: "bootstraps", slow: true, run: bootstraps },
    Step { name: "deployment", slow: true, run: deployment },
    Step { name: "deployment without a permission", slow: true, run: deployment_without },
];

pub fn test(workspace: &Workspace, mut arguments: Arguments) -> Outcome {
    let extent = if arguments.flag("--quick") { Extent::Quick } else { Extent::Full };
    let only = arguments.value("--only")?;
    arguments.nothing_left()?;
    let steps = chosen(extent, only.as_deref())?;
    let mut summary = Summary::default();
    for step in steps {
        summary.take(step, workspace, extent);
    }
    summary.print();
    if summary.failures.is_empty() { Ok(()) } else { Err(Failure::told()) }
}

/// The steps to run; one alone relies on what the steps before it left.
fn chosen(extent: Extent, only: Option<&str>) -> Outcome<Vec<&'static Step>> {
    let Some(only) = only else {
        return Ok(STEPS.iter().filter(|step| extent == Extent::Full || !step.slow).collect());
    };
    let step = STEPS.iter().find(|step| step.name == only).ok_or_else(|| {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        Failure::new(format!("no step `{only}`; they are: {}", names.join(", ")))
    })?;
    Ok(vec![step])
}

#[derive(Default)]
struct Summary {
    rows: Vec<String>,
    counts: Counts,
    failures: Vec<String>,
}

impl Summary {
    /// Runs a step, unless one before it failed.
    fn take(&mut self, step: &Step, workspace: &Workspace, extent: Extent) {
        if !self.failures.is_empty() {
            self.rows.push(format!("{:<30} not run", step.name));
            return;
        }
        println!("\n==> {}", step.name);
        let start = Instant::now();
        let report =
            (step.run)(workspace, extent).unwrap_or_else(|failure| Report::without_tests(Err(failure)));
        let time = seconds(start.elapsed());
        println!("<== {}: {time}", step.name);
        self.note(step.name, &time, report);
    }

    fn note(&mut self, name: &str, time: &str, report: Report) {
        let mut counts = report.counts;
        let has_tests = counts != Counts::default();
        if let Err(failure) = report.ended {
            self.failures.push(format!("{name}: {failure}"));
            counts.failed = counts.failed.max(1);
        } else if counts.failed > 0 {
            self.failures.push(format!("{name}: it reported failed tests and yet ended well"));
        }
        let (verdict, remark) = match report.skipped {
            _ if counts.failed > 0 => ("FAILED", String::new()),
            Some(why) => ("not checked", why),
            None => ("ok", String::new()),
        };
        let tests = match counts.passed + counts.failed {
            all if has_tests => format!("{} of {all} tests", counts.passed),
            _ => remark,
        };
        self.rows.push(format!("{name:<30} {verdict:<11} {time:>8}  {tests}").trim_end().to_owned());
        self.counts += counts;
    }

    /// The table; what failed; and, last, the line that programs read.
    fn print(&self) {
        println!();
        for row in &self.rows {
            println!("{row}");
        }
        for failure in &self.failures {
            println!("\n{failure}");
        }
        println!("\n{} passed, {} failed", self.counts.passed, self.counts.failed);
    }
}

fn seconds(time: Duration) -> String {
    format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)
}

fn plain(ended: Outcome) -> Outcome<Report> {
    Ok(Report::without_tests(ended))
}

fn with_tests(command: &mut Command) -> Outcome<Report> {
    let (counts, ended) = counted(command)?;
    Ok(Report::with_tests(counts, ended))
}

fn formatting(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    plain(run(cargo().current_dir(&workspace.root).args(["fmt", "--all", "--check"])))
}

fn dependencies(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    let mut deny = tools::cargo_command(workspace, "deny")?;
    // Crates in two versions are warned of; whoever wants to see them runs `cargo deny check bans`.
    deny.args(["--log-level", "error", "check", "bans", "licenses", "sources"]);
    plain(run(deny.current_dir(&workspace.root)))
}

/// Known vulnerabilities: their list is on the network, and nowhere else.
fn advisories(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    let deny = || -> Outcome<Command> {
        let mut deny = tools::cargo_command(workspace, "deny")?;
        deny.current_dir(&workspace.root).args(["--log-level", "error"]);
        Ok(deny)
    };
    if let Err(failure) = output(deny()?.args(["fetch", "db"])) {
        let why = failure.to_string();
        let why = why.lines().rfind(|line| line.contains("fatal:")).unwrap_or("no reason given").trim();
        let why = format!("the database of advisories cannot be fetched ({why})");
        println!("not checked: {why}");
        return Ok(Report { counts: Counts::default(), ended: Ok(()), skipped: Some(why) });
    }
    plain(run(deny()?.args(["check", "--disable-fetch", "advisories"])))
}

fn fetch_fixtures(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    plain(fixtures::fetch(workspace))
}

/// Also leaves `target/template.json`, the translated template, for the tests that read it.
fn template(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    tools::need_python()?;
    tools::need_node()?;
    with_tests(Command::new("bash").arg(workspace.root.join("infra/checks/check.sh")).arg(&workspace.target))
}

fn portal_alone(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    portal::check(workspace)
}

fn portal_journeys(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    portal::journeys(workspace)
}

fn lints(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    plain(run(cargo().current_dir(&workspace.root).args(arguments)))
}

/// Binaries and tests in one go, so that both share their dependencies, with the same features.
fn build(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    plain(run(cargo().current_dir(&workspace.root).args(["build", "--workspace", "--bins", "--tests"])))
}

fn generated(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    plain(run(&mut golden::program(workspace, true)))
}

fn tests(workspace: &Workspace, extent: Extent) -> Outcome<Report> {
    // In full, each bootstrap is tried as it will be deployed, once it is built for release.
    let which = match extent {
        Extent::Quick => Which::All,
        Extent::Full => Which::AllBut("bootstraps"),
    };
    with_tests(test_run(workspace, which)?.env(BOOTSTRAPS, workspace.target.join(Profile::Dev.folder())))
}

fn release(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    package::build(workspace)?;
    plain(package::check_sizes(workspace))
}

fn bootstraps(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    let mut command = test_run(workspace, Which::Only("bootstraps"))?;
    with_tests(command.env(BOOTSTRAPS, workspace.target.join("lambda")))
}

fn deployment(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    deploy::check(workspace, &mut with_tests)
}

fn deployment_without(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    plain(deploy::check_notices(workspace))
}

#[derive(Clone, Copy)]
enum Which {
    All,
    AllBut(&'static str),
    Only(&'static str),
}

/// Always over the whole workspace, even where few of its tests run: with fewer packages, cargo chooses fewer features
/// of what they stand on, and builds all of it again.
fn test_run(workspace: &Workspace, which: Which) -> Outcome<Command> {
    match tools::cargo_command(workspace, "nextest") {
        Ok(mut nextest) => {
            nextest.args(["run", "--workspace", "--no-fail-fast"]);
            match which {
                Which::All => {}
                Which::AllBut(package) => drop(nextest.args(["-E", &format!("not package({package})")])),
                Which::Only(package) => drop(nextest.args(["-E", &format!("package({package})")])),
            }
            nextest.current_dir(&workspace.root);
            Ok(nextest)
        }
        Err(failure) => {
            println!("{failure}\nso the tests run under `cargo test`");
            let mut cargo = cargo();
            cargo.args(["test", "--no-fail-fast", "--bins", "--lib", "--tests"]);
            match which {
                Which::All => drop(cargo.arg("--workspace")),
                Which::AllBut(package) => drop(cargo.args(["--workspace", "--exclude", package])),
                Which::Only(package) => drop(cargo.args(["--package", package])),
            }
            cargo.current_dir(&workspace.root);
            Ok(cargo)
        }
    }
}

fn doc_tests(workspace: &Workspace, _extent: Extent) -> Outcome<Report> {
    let mut found = false;
    for folder in ["functions", "infra", "shared", "tests"] {
        for file in sources(&workspace.root.join(folder))? {
            found |= has_doc_test(&fs::read_to_string(&file).context(file.display())?);
        }
    }
    if !found {
        println!("there are none");
        return plain(Ok(()));
    }
    with_tests(cargo().current_dir(&workspace.root).args(["test", "--workspace", "--doc"]))
}

fn sources(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).context(folder.display())? {
        let path = entry.context(folder.display())?.path();
        if path.is_dir() && !path.ends_with("node_modules") {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// Whether a doc comment has a code block that rustdoc would run.
fn has_doc_test(source: &str) -> bool {
    let mut inside = false;
    let comments = source.lines().map(str::trim_start);
    let comments = comments.filter_map(|line| line.strip_prefix("///").or_else(|| line.strip_prefix("//!")));
    for fence in comments.filter_map(|text| text.trim().strip_prefix("```")) {
        let runs = fence
            .split(',')
            .all(|word| matches!(word, "" | "rust" | "should_panic" | "no_run" | "compile_fail"));
        if !inside && runs {
            return true;
        }
        inside = !inside;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(passed: u64, failed: u64, ended: Outcome) -> Report {
        let mut counts = Counts::default();
        counts.read(&format!("{passed} passed, {failed} failed"));
        Report { counts, ended, skipped: None }
    }

    #[test]
    fn tests_are_summed_over_the_steps_and_steps_without_tests_add_none() {
        let mut summary = Summary::default();
        summary.note("formatting", "1 s", Report::without_tests(Ok(())));
        summary.note("tests", "1 s", report(40, 0, Ok(())));
        summary.note("bootstraps", "1 s", report(2, 0, Ok(())));
        assert_eq!((summary.counts.passed, summary.counts.failed), (42, 0));
        assert!(summary.failures.is_empty());
    }

    #[test]
    fn a_step_that_fails_without_a_test_counts_as_one_and_stops_the_rest() {
        let mut summary = Summary::default();
        summary.note("lints", "1 s", Report::without_tests(Err(Failure::new("no"))));
        assert_eq!((summary.counts.passed, summary.counts.failed), (0, 1));
        let workspace = Workspace { root: PathBuf::new(), target: PathBuf::new(), functions: Vec::new() };
        let never = Step { name: "never", slow: false, run: |_, _| panic!("a step ran after a failure") };
        summary.take(&never, &workspace, Extent::Quick);
        assert!(summary.rows.last().unwrap().ends_with("not run"));
    }

    #[test]
    fn failed_tests_are_never_lost() {
        let mut summary = Summary::default();
        summary.note("tests", "1 s", report(3, 2, Ok(())));
        assert_eq!((summary.counts.passed, summary.counts.failed), (3, 2));
        assert_eq!(summary.failures.len(), 1);
    }

    #[test]
    fn quick_leaves_out_what_needs_release_binaries() {
        let quick: Vec<_> = chosen(Extent::Quick, None).unwrap().iter().map(|step| step.name).collect();
        assert!(
            quick.contains(&"tests") && !quick.contains(&"release build") && !quick.contains(&"deployment")
        );
    }

    #[test]
    fn a_step_is_chosen_by_its_name() {
        assert_eq!(chosen(Extent::Full, Some("template")).unwrap().len(), 1);
        let Err(failure) = chosen(Extent::Full, Some("templates")) else {
            panic!("chose a step that is none")
        };
        assert!(failure.to_string().contains("`templates`") && failure.to_string().contains("lints"));
    }

    #[test]
    fn only_code_that_rustdoc_runs_is_a_doc_test() {
        assert!(has_doc_test("/// ```\n/// assert!(true);\n/// ```"));
        assert!(has_doc_test("    //! ```rust,no_run\n"));
        assert!(!has_doc_test("/// ```text\n/// a\n/// ```\n/// ```json\n/// ```\n"));
        assert!(!has_doc_test("let fence = \"```\";\n// ```\n"));
    }
}
