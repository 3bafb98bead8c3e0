//! The people of the story.

use crate::narrator::Narrator;
use domain::member::Role;
use std::sync::Arc;
use testkit::{Actor, world::Site};

/// Somebody who can sign in.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub email: &'static str,
    pub name: &'static str,
    pub role: Role,
}

/// The demo clinic's people, in the order they appear.
pub const PEOPLE: [Person; 7] = [
    Person { email: "nora@north.example", name: "Nora Castellanos", role: Role::Administrator },
    Person { email: "amara@north.example", name: "Dr Amara Diallo", role: Role::Practitioner },
    Person { email: "ben@north.example", name: "Dr Ben Whitaker", role: Role::Practitioner },
    Person { email: "sam@north.example", name: "Sam Reyes", role: Role::Staff },
    Person { email: "ada@north.example", name: "Ada Lindqvist", role: Role::Auditor },
    Person { email: "rita@north.example", name: "Rita Moreau", role: Role::RecordsManager },
    Person { email: "rolf@north.example", name: "Rolf Haugen", role: Role::RecordsManager },
];

/// Everybody, signed in.
pub struct Cast {
    /// The administrator.
    pub nora: Actor,
    /// The practitioner whose patient it is.
    pub amara: Actor,
    /// A colleague of hers whose patient it is not.
    pub ben: Actor,
    /// Front desk and records room.
    pub sam: Actor,
    /// The auditor.
    pub ada: Actor,
    /// Records managers: what one of them proposes for destruction, the other and the administrator approve.
    pub rita: Actor,
    pub rolf: Actor,
}

impl Cast {
    /// Everybody signs in where the product runs, with the one password of the demo clinic.
    pub async fn signs_in(narrator: &Narrator, site: &Arc<Site>, password: &str) -> Self {
        narrator.chapter("Everybody signs in");
        let [nora, amara, ben, sam, ada, rita, rolf] = PEOPLE;
        let comes = async |person: Person| {
            let signing_in = site.signs_in(person.name, person.email, password);
            let what = format!("{} signs in", person.name);
            narrator.act(&what, signing_in, |actor| actor.email().to_owned()).await
        };
        Self {
            nora: comes(nora).await,
            amara: comes(amara).await,
            ben: comes(ben).await,
            sam: comes(sam).await,
            ada: comes(ada).await,
            rita: comes(rita).await,
            rolf: comes(rolf).await,
        }
    }

    /// Everybody has signed in elsewhere; `token` is what each was given there.
    pub fn known(site: &Arc<Site>, token: impl Fn(&Person) -> String) -> Self {
        let [nora, amara, ben, sam, ada, rita, rolf] =
            PEOPLE.map(|person| site.knows(person.name, person.email, &token(&person)));
        Self { nora, amara, ben, sam, ada, rita, rolf }
    }
}
