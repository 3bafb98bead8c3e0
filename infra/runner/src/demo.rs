//! The demo clinic: people who can sign in, and the organization they work in, made through the same
//! operations as any other.

use crate::provision;
use local::identity::{Identity, IdentityError, NewUser};
use std::{io, path::Path};

/// Who can sign in to try the product.
#[derive(Clone, Debug)]
pub struct DemoClinic {
    /// The one password of all of them, made for this data folder.
    pub password: String,
    pub people: Vec<DemoPerson>,
}

#[derive(Clone, Debug)]
pub struct DemoPerson {
    pub username: &'static str,
    pub name: &'static str,
    pub does: &'static str,
}

const PEOPLE: [DemoPerson; 9] = [
    DemoPerson { username: "nora@north.example", name: "Nora Castellanos", does: "administrator" },
    DemoPerson { username: "amara@north.example", name: "Dr Amara Diallo", does: "practitioner" },
    DemoPerson { username: "ben@north.example", name: "Dr Ben Whitaker", does: "practitioner" },
    DemoPerson { username: "sam@north.example", name: "Sam Reyes", does: "staff" },
    DemoPerson { username: "ada@north.example", name: "Ada Lindqvist", does: "auditor" },
    DemoPerson { username: "rita@north.example", name: "Rita Moreau", does: "records manager" },
    DemoPerson { username: "rolf@north.example", name: "Rolf Haugen", does: "records manager" },
    DemoPerson { username: "grace@home.example", name: "Grace Okafor", does: "patient" },
    DemoPerson { username: "gail@home.example", name: "Gail Okafor", does: "her daughter" },
];

/// Adds the people to the sign-in service, once.
pub fn people(data: &Path, identity: &Identity) -> Result<DemoClinic, DemoError> {
    let password = provision::secret(data, "demo-password", || {
        Ok(format!(
            "{}-{}-{}",
            provision::random_text(5)?,
            provision::random_text(5)?,
            provision::random_text(5)?
        ))
    })?;
    let known = identity.users()?;
    for person in &PEOPLE {
        if known.iter().any(|account| account.username == person.username) {
            continue;
        }
        identity.add_user(NewUser {
            username: person.username.to_owned(),
            email: person.username.to_owned(),
            name: person.name.to_owned(),
            password: password.clone(),
            email_verified: true,
            must_change_password: false,
        })?;
    }
    Ok(DemoClinic { password, people: PEOPLE.to_vec() })
}

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the demo clinic's password cannot be kept: {0}")]
    Io(#[from] io::Error),
    #[error("the demo clinic's people cannot be added: {0}")]
    Identity(#[from] IdentityError),
}
