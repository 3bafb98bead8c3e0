//! `soak`: kills the product as often as one likes while people work, and says what was lost: nothing, or it
//! stops there.

use journeys::crash::{self, Ordeal};
use std::{process::ExitCode, time::SystemTime};

const HELP: &str = "\
soak: kills the product again and again while a clinic works with it, and looks what is there afterwards

  --kills N    how often (100)
  --seed N     what is done and when the kills come follows from it; printed, to try the same again
";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is what the command is for")]
#[tokio::main]
async fn main() -> ExitCode {
    let (kills, seed) = match parse(std::env::args().skip(1)) {
        Ok(Some(parsed)) => parsed,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprint!("{error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let data = std::env::temp_dir().join(format!("strongroom-soak-{seed:x}"));
    let ordeal = Ordeal { kills, seed, binary: crash::binary(), data: data.clone() };
    println!("seed {seed}; the product's folder is {}", data.display());
    // One that stopped has left its folder, for whoever wants to see why.
    if data.exists()
        && let Err(error) = std::fs::remove_dir_all(&data)
    {
        eprintln!("{}: {error}", data.display());
        return ExitCode::FAILURE;
    }
    let tally = crash::survive(&ordeal, |round| println!("{round}")).await;
    println!("{} kills, nothing lost: {}", tally.kills, tally.sentence());
    if let Err(error) = std::fs::remove_dir_all(&data) {
        eprintln!("{}: {error}", data.display());
    }
    ExitCode::SUCCESS
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<(u32, u64)>, String> {
    let (mut kills, mut seed) = (100, None);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--kills" => kills = value()?.parse().map_err(|_| "`--kills` needs a number".to_owned())?,
            "--seed" => seed = Some(value()?.parse().map_err(|_| "`--seed` needs a number".to_owned())?),
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("`{other}` is not known")),
        }
    }
    Ok(Some((kills, seed.unwrap_or_else(any_seed))))
}

#[expect(clippy::disallowed_methods, reason = "any number is good that is another one each time")]
fn any_seed() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::from(since.subsec_nanos()) ^ since.as_secs()
}
