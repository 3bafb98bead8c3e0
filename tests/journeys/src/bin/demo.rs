//! `demo`: tells the story of the product's main job against a product that runs on this machine.

use journeys::{
    narrator::{self, Narrator},
    story::{self, Cast, Storage},
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};
use testkit::world::Site;

const HELP: &str = "\
demo: tells the story of the product's main job against a running product

  --origin URL      where it runs (http://127.0.0.1:8400)
  --data DIR        its data folder, which holds the demo clinic's password (.strongroom)
  --password TEXT   that password itself; or set STRONGROOM_DEMO_PASSWORD
";

struct Options {
    origin: String,
    data: PathBuf,
    password: Option<String>,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is what the command is for")]
#[tokio::main]
async fn main() -> ExitCode {
    let parsed = parse(std::env::args().skip(1));
    let told = parsed.and_then(|options| match options {
        Some(options) => Ok(Some((password(&options)?, options))),
        None => Ok(None),
    });
    match told {
        Ok(Some((password, options))) => tell(options, password).await,
        Ok(None) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprint!("{error}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

async fn tell(options: Options, password: String) -> ExitCode {
    let narrator = Narrator::for_operators();
    let to_tell = Arc::clone(&narrator);
    narrator::tell(narrator, async move {
        to_tell.title(&format!("Strongroom at {}", options.origin));
        let site = Site::at(&options.origin);
        let cast = Cast::signs_in(&to_tell, &site, &password).await;
        story::tell(to_tell, cast, Storage::Full).await;
    })
    .await
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Options>, String> {
    let mut options = Options {
        origin: "http://127.0.0.1:8400".to_owned(),
        data: PathBuf::from(".strongroom"),
        password: std::env::var("STRONGROOM_DEMO_PASSWORD").ok(),
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--origin" => options.origin = value()?,
            "--data" => options.data = value()?.into(),
            "--password" => options.password = Some(value()?),
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("`{other}` is not known")),
        }
    }
    Ok(Some(options))
}

/// The password that was given, or the one that was made for the data folder.
fn password(options: &Options) -> Result<String, String> {
    match &options.password {
        Some(password) => Ok(password.clone()),
        None => kept(&options.data),
    }
}

fn kept(data: &Path) -> Result<String, String> {
    let path = data.join("demo-password");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        format!("the demo clinic's password cannot be read from `{}`: {error}", path.display())
    })?;
    Ok(text.trim().to_owned())
}
