//! `strongroom`: the whole product on one machine.

use runner::{Options, Runner};
use std::{path::PathBuf, process::ExitCode};

const HELP: &str = "\
strongroom: the whole product on one machine, for trying and developing

  --port PORT   port on 127.0.0.1 (8400)
  --data DIR    folder of everything that lasts (.strongroom)
  --portal DIR  folder the web portal was built into; without it there is only the API
  --no-demo     without the demo clinic's people
";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is what the command is for")]
#[tokio::main]
async fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprint!("{error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    log();
    let data = options.data.clone();
    match Runner::start(options).await {
        Ok(runner) => {
            println!("{}", welcome(&runner, &data));
            // Without a signal handler there is only the harder way to stop, which loses nothing either.
            let _ = tokio::signal::ctrl_c().await;
            println!("stopping");
            runner.stop().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("strongroom cannot start: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options::new(PathBuf::from(".strongroom"), 8400);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--port" => {
                options.port =
                    value()?.parse().map_err(|_| "a port is a number from 0 to 65535".to_owned())?;
            }
            "--data" => options.data = PathBuf::from(value()?),
            "--portal" => options.portal = Some(PathBuf::from(value()?)),
            "--no-demo" => options.demo = false,
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("`{other}` is not known")),
        }
    }
    Ok(Some(options))
}

fn log() {
    use tracing_subscriber::{EnvFilter, fmt};
    // The S3 wire logs every refusal as an error; refusing is its work.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,s3s=off"));
    fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

fn welcome(runner: &Runner, data: &std::path::Path) -> String {
    use std::fmt::Write;
    let origin = runner.origin();
    let mut text = format!(
        "\n  Strongroom is running\n\n  address    {origin}\n  API docs   {origin}/docs\n  sign-in    {origin}/identity\n  e-mail     {origin}/outbox\n  data       {}\n",
        data.display()
    );
    if let Some(demo) = runner.demo() {
        let _ = write!(text, "\n  The demo clinic's people, all with the password {}\n", demo.password);
        for person in &demo.people {
            let _ = writeln!(text, "    {:<22} {} ({})", person.username, person.name, person.does);
        }
    }
    text.push_str("\n  `cargo xtask demo` tells the story against it. Ctrl-C stops it; the data stays.\n");
    text
}
