//! Whether the product loses nothing when it is killed: people work, `kill -9` comes at a moment that nobody
//! chose, the product starts again on the same folder, and everything is held against what was acknowledged.
//!
//! | module | what it is for |
//! |---|---|
//! | here | the rounds, and the people |
//! | `product` | the product's own process |
//! | `trail` | what the audit trail says of a round |
//! | `audit` | what must be true after a crash |

mod audit;
mod product;
mod trail;

pub use product::{Product, binary};

use crate::{
    load::{Chart, Desk, Line, Place, Random, text},
    story::{PEOPLE, Person},
};
use domain::{LocationId, MemberId, OrganizationId};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use product::free_port;
use serde_json::json;
use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use testkit::{Actor, world::Site};
use tokio::task::JoinSet;
use trail::Trail;

/// Desks at which work goes on at the same time.
const DESKS: usize = 4;
/// The shortest and the longest time between a start and a kill.
const LIFE_MS: (usize, usize) = (40, 1_000);

/// What is tried.
#[derive(Clone, Debug)]
pub struct Ordeal {
    pub kills: u32,
    /// The moments of the kills and all choices of what is done follow from it.
    pub seed: u64,
    pub binary: PathBuf,
    /// A folder that is empty, or is not there.
    pub data: PathBuf,
}

/// What it came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub kills: u32,
    /// Acts that were answered, before a kill and while taking up the work again.
    pub acknowledged: usize,
    /// Acts without an answer that had happened all the same.
    pub had_happened: usize,
    /// Acts without an answer that had not happened.
    pub had_not_happened: usize,
    /// Uploads that were taken up where they stopped.
    pub resumed: usize,
    pub clients: usize,
    pub records: usize,
    /// Bytes of files that came back as they were sent.
    pub bytes: u64,
}

/// Goes through all of it; stops at the first thing that is not as it must be. `tell` hears of each round.
pub async fn survive(ordeal: &Ordeal, tell: impl Fn(&str)) -> Tally {
    let port = free_port();
    let start = || Product::start(&ordeal.binary, &ordeal.data, port);
    let mut product = start().await;
    let mut crew = Crew::gathers(&format!("http://127.0.0.1:{port}"), &ordeal.data, ordeal.seed).await;
    let mut random = Random::new(ordeal.seed);
    for round in 0..ordeal.kills {
        let since = crew.begins(round);
        let (least, most) = LIFE_MS;
        let life = Duration::from_millis((least + random.below(most - least)) as u64);
        let working = crew.works();
        working.until(life, product.kill(), &mut crew).await;
        product = start().await;
        crew.recovers(round, since).await;
        tell(&format!("kill {} after {} ms: {}", round + 1, life.as_millis(), crew.tally.sentence()));
    }
    crew.looks_back().await;
    product.kill().await;
    crew.tally
}

impl Tally {
    pub fn sentence(&self) -> String {
        let Self { acknowledged, had_happened, had_not_happened, resumed, clients, records, bytes, .. } =
            self;
        format!(
            "{acknowledged} acts acknowledged and all there; {} unanswered, of which {had_happened} had happened; \
             {resumed} uploads resumed; {clients} clients, {records} records, {} MB bit for bit",
            had_happened + had_not_happened,
            bytes / 1_000_000,
        )
    }
}

/// Everybody at work, and what they have done so far.
struct Crew {
    line: Line,
    auditor: Actor,
    desks: Vec<Desk>,
    /// The charts of earlier rounds, with the desk that made each.
    past: Vec<(usize, Chart)>,
    rounds: Vec<(String, usize)>,
    seed: u64,
    tally: Tally,
}

impl Crew {
    async fn gathers(origin: &str, data: &Path, seed: u64) -> Self {
        let password =
            std::fs::read_to_string(data.join("demo-password")).expect("the demo clinic's password");
        let site = Site::at(origin);
        let people = opens_clinic(&site, password.trim()).await;
        let [_, amara, ben, sam, ada, ..] = &people;
        let mut within: Option<LocationId> = None;
        for (kind, name) in [("site", "Main building"), ("room", "Records room")] {
            within = Some(sam.adds_location(kind, name, within).await);
        }
        let line = Line::to(origin);
        let today = site.now().to_zoned(TimeZone::UTC).date();
        let large = Place::large();
        let desk = |number: usize| {
            let place = Place {
                line: line.clone(),
                member: if number.is_multiple_of(2) { amara.clone() } else { ben.clone() },
                keeper: sam.clone(),
                shelf: within.expect("a room"),
                due_on: today.saturating_add(14.days()).to_string(),
                link_ends_at: (site.now() + SignedDuration::from_hours(48)).to_string(),
                random: Random::new(seed ^ (number as u64 + 1).wrapping_mul(0x5851_f42d_4c95_7f2d)),
                large: Arc::clone(&large),
            };
            Desk::of(place)
        };
        let desks = (0..DESKS).map(desk).collect();
        let (past, rounds) = (Vec::new(), Vec::new());
        Self { line, auditor: ada.clone(), desks, past, rounds, seed, tally: Tally::default() }
    }

    /// What begins every tag of a round.
    fn prefix(&self, round: u32) -> String {
        format!("crash-{:x}-{round}.", self.seed)
    }

    fn begins(&mut self, round: u32) -> Timestamp {
        let (prefix, given_name) = (self.prefix(round), letters("q", round));
        for (number, desk) in self.desks.iter_mut().enumerate() {
            let family_name = letters("", round * 100 + u32::try_from(number).expect("few desks"));
            let past = desk.begin(&given_name, &family_name, format!("{prefix}{number}"));
            if past.client.is_some() {
                self.past.push((number, past));
            }
        }
        self.auditor.site().now()
    }

    /// Everybody begins to work.
    fn works(&mut self) -> Working {
        let mut tasks = JoinSet::new();
        for (number, mut desk) in self.desks.drain(..).enumerate() {
            tasks.spawn(async move {
                desk.work().await;
                (number, desk)
            });
        }
        Working { tasks }
    }

    async fn recovers(&mut self, round: u32, since: Timestamp) {
        let prefix = self.prefix(round);
        let trail = Trail::read(&self.line, &self.auditor, since, &prefix).await;
        audit::accounted(&self.desks, &trail, &prefix);
        self.finds_clients(&trail).await;
        let decided = self.each(|desk| goes_on(desk, &trail)).await;
        let trail = Trail::read(&self.line, &self.auditor, since, &prefix).await;
        audit::accounted(&self.desks, &trail, &prefix);
        self.each(|desk| agrees(desk, &trail)).await;
        self.counts(&decided);
        self.rounds.push((letters("q", round), self.clients().len()));
    }

    /// The search index finds who was registered, and nobody else.
    async fn finds_clients(&self, trail: &Trail) {
        let Some(desk) = self.desks.first() else { return };
        let pending = self.desks.iter().filter_map(|desk| desk.pending.as_ref());
        let unanswered =
            pending.filter_map(|step| trail.of(&step.tag)).filter(|fact| fact.kind == "ClientRegistered");
        let unanswered: Vec<String> = unanswered.map(|fact| text(&fact.subjects, "client_id")).collect();
        let expected = self.clients().into_iter().chain(unanswered).collect();
        let found = audit::clients(desk, &desk.given_name).await;
        assert_eq!(found, expected, "the clients of the round whom a search finds");
    }

    fn clients(&self) -> Vec<String> {
        self.desks.iter().filter_map(|desk| desk.chart.client.clone()).collect()
    }

    /// Everybody does something at the same time.
    async fn each<T, Doing>(&mut self, does: impl Fn(Desk) -> Doing) -> Vec<T>
    where
        Doing: Future<Output = (Desk, T)>,
    {
        let (desks, told) = join_all(self.desks.drain(..).map(does)).await.into_iter().unzip();
        self.desks = desks;
        told
    }

    fn counts(&mut self, decided: &[Decided]) {
        let tally = &mut self.tally;
        tally.kills += 1;
        for one in decided {
            tally.had_happened += usize::from(one.had_happened == Some(true));
            tally.had_not_happened += usize::from(one.had_happened == Some(false));
            tally.resumed += usize::from(one.resumed);
        }
        for desk in &self.desks {
            let sent = desk.chart.files.iter().map(|file| file.file.len());
            let contributed = desk.chart.contributions.iter().map(|one| one.file.len());
            tally.acknowledged += desk.done.len();
            tally.clients += usize::from(desk.chart.client.is_some());
            tally.records += desk.chart.records().len();
            tally.bytes += sent.chain(contributed).sum::<u64>();
        }
    }

    /// What earlier rounds left has outlived all later kills.
    async fn looks_back(&self) {
        for (number, chart) in &self.past {
            audit::kept(self.desks.get(*number).expect("a desk"), chart).await;
        }
        let Some(desk) = self.desks.first() else { return };
        for (given_name, registered) in &self.rounds {
            assert_eq!(
                audit::clients(desk, given_name).await.len(),
                *registered,
                "the clients called {given_name}"
            );
        }
    }
}

/// Everybody at work.
struct Working {
    tasks: JoinSet<(usize, Desk)>,
}

impl Working {
    /// Lets everybody work for a while and then ends the product; nobody stops before.
    async fn until(mut self, life: Duration, end: impl Future<Output = ()>, crew: &mut Crew) {
        tokio::select! {
            () = tokio::time::sleep(life) => {}
            Some(stopped) = self.tasks.join_next() => {
                let (number, desk) = unless_panicked(stopped);
                panic!("nobody has killed the product and desk {number} got no answer to {:?}", desk.pending);
            }
        }
        end.await;
        let mut desks = Vec::new();
        while let Some(stopped) = self.tasks.join_next().await {
            desks.push(unless_panicked(stopped));
        }
        desks.sort_by_key(|(number, _)| *number);
        crew.desks = desks.into_iter().map(|(_, desk)| desk).collect();
    }
}

/// What became of a desk's unfinished business.
struct Decided {
    had_happened: Option<bool>,
    resumed: bool,
}

/// One desk after a crash: holds what is there against what it knows, and takes up its work.
async fn goes_on(mut desk: Desk, trail: &Trail) -> (Desk, Decided) {
    audit::acknowledged(&desk, trail);
    let had_happened = audit::undecided(&desk, trail).await;
    audit::listed(&desk, trail).await;
    audit::repeated(&mut desk, had_happened).await;
    let resumed = desk.chart.upload.is_some();
    audit::resumed(&mut desk).await;
    audit::whole(&desk).await;
    (desk, Decided { had_happened, resumed })
}

async fn agrees(desk: Desk, trail: &Trail) -> (Desk, ()) {
    audit::acknowledged(&desk, trail);
    audit::listed(&desk, trail).await;
    audit::inspected(&desk.chart, trail);
    audit::trails_agree(&desk, trail).await;
    (desk, ())
}

fn unless_panicked<T>(joined: Result<T, tokio::task::JoinError>) -> T {
    joined.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// The demo clinic's people sign in and become members of one organization.
async fn opens_clinic(site: &Arc<Site>, password: &str) -> [Actor; PEOPLE.len()] {
    let mut people = Vec::new();
    for Person { email, name, .. } in PEOPLE {
        people.push(site.signs_in(name, email, password).await);
    }
    let people: [Actor; PEOPLE.len()] = people.try_into().unwrap_or_else(|_| panic!("everybody signs in"));
    let [nora, ..] = &people;
    let made = nora.post("/organizations").json(&json!({ "name": "North Clinic" })).expect(201).await;
    let organization: OrganizationId = text(&made["organization"], "organization_id").parse().expect("an id");
    let founder: MemberId = text(&made, "member_id").parse().expect("an id");
    let nora = nora.acting_in(organization, founder);
    let mut members = vec![nora.clone()];
    for (actor, person) in people.iter().zip(PEOPLE).skip(1) {
        let body = json!({ "name": person.name, "email": person.email, "roles": [person.role.name()] });
        let invited = nora.post("/members").json(&body).expect(201).await;
        let member: MemberId = text(&invited, "member_id").parse().expect("an id");
        actor.begins_session().await;
        members.push(actor.acting_in(organization, member));
    }
    members.try_into().unwrap_or_else(|_| panic!("everybody is a member"))
}

/// A number as a word that no other number's word begins like.
fn letters(first: &str, number: u32) -> String {
    let mut word = first.to_owned();
    let mut rest = number;
    for _ in 0..5 {
        word.push(char::from(b'a' + u8::try_from(rest % 26).expect("a letter")));
        rest /= 26;
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let words: std::collections::BTreeSet<String> =
            (0..20_000).map(|number| letters("q", number)).collect();
        assert_eq!(words.len(), 20_000);
        assert!(words.iter().all(|word| word.len() == 6));
    }
}
