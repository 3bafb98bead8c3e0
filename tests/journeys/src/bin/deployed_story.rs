//! `deployed-story`: tells the story through a deployed gateway.
//!
//! It reads one line of JSON from standard input: where the deployment answers, and what those who take part
//! were given when they signed in (`infra/checks/deploy.py` prints it).

use journeys::{
    narrator::{self, Narrator},
    story::{self, Cast, PEOPLE, Storage},
};
use serde::Deserialize;
use std::{collections::BTreeMap, io, net::SocketAddr, process::ExitCode, sync::Arc};
use testkit::world::Site;

/// What is deployed.
#[derive(Deserialize)]
struct Deployment {
    /// The name need not resolve; it is sent as the host.
    api_endpoint: String,
    /// Where to connect.
    address: SocketAddr,
    region: String,
    users: BTreeMap<String, User>,
}

#[derive(Deserialize)]
struct User {
    /// It carries name and e-mail address, which the access token of a user pool does not.
    id_token: String,
}

#[expect(clippy::print_stderr, reason = "it is what the command is for")]
#[tokio::main]
async fn main() -> ExitCode {
    match read() {
        Ok(deployment) => tell(deployment).await,
        Err(error) => {
            eprintln!("deployed-story: {error}");
            ExitCode::from(2)
        }
    }
}

fn read() -> Result<Deployment, String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(|error| error.to_string())?;
    let deployment: Deployment = serde_json::from_str(&line)
        .map_err(|error| format!("standard input is not the description of a deployment: {error}"))?;
    match PEOPLE.iter().find(|person| !deployment.users.contains_key(person.email)) {
        Some(missing) => Err(format!("`{}` has not signed in", missing.email)),
        None => Ok(deployment),
    }
}

async fn tell(deployment: Deployment) -> ExitCode {
    let narrator = Narrator::for_operators();
    let to_tell = Arc::clone(&narrator);
    narrator::tell(narrator, async move {
        let Deployment { api_endpoint, address, region, users } = deployment;
        to_tell.title(&format!("Strongroom at {api_endpoint} ({region})"));
        let site = Site::behind(&api_endpoint, address);
        let token = |person: &story::Person| users.get(person.email).map(|user| user.id_token.clone());
        let cast = Cast::known(&site, |person| token(person).unwrap_or_default());
        story::tell(to_tell, cast, Storage::WithoutRanges).await;
    })
    .await
}
