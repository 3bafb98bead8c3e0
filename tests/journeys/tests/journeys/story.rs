//! The whole story as the demo tells it: the demo clinic's people, a product that is watched from outside only,
//! and the same data twice.

use journeys::{
    narrator::Narrator,
    story::{self, Cast, PEOPLE, Storage},
};
use runner::{Options, Runner};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};
use testkit::world::Site;

/// What was written, for a test to read.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stdout().write_all(bytes)?;
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn told(site: &Arc<Site>, password: &str) -> String {
    let written = Written::default();
    let narrator = Narrator::plainly(written.clone());
    let cast = Cast::signs_in(&narrator, site, password).await;
    story::tell(Arc::clone(&narrator), cast, Storage::Full).await;
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains(&format!("{} acts in ", narrator.acts())), "the story came to its end");
    text
}

#[tokio::test]
async fn the_story_is_told_and_told_again_on_the_same_data() {
    let data = tempfile::tempdir().unwrap();
    let runner = Runner::start(Options::new(data.path(), 0)).await.unwrap();
    let clinic = runner.demo().expect("the demo clinic's people").clone();
    let people: Vec<(&str, &str)> = clinic.people.iter().map(|one| (one.username, one.name)).collect();
    for person in PEOPLE {
        assert!(people.contains(&(person.email, person.name)), "{} cannot sign in", person.name);
    }

    let site = Site::at(runner.origin());
    let first = told(&site, &clinic.password).await;
    assert!(first.contains("Nora founds North Clinic"), "{first}");
    assert!(first.contains("Dr Ben Whitaker was not allowed to read the record."), "{first}");
    let second = told(&site, &clinic.password).await;
    assert!(second.contains("North Clinic is there already"), "{second}");
    runner.stop().await;
}
