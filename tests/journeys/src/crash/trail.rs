//! The organization's audit trail, read whole as far back as a round began.

use crate::load::{Ask, Bearer, LOOKING, Line, rows, text};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use testkit::Actor;

/// Pages begin with the newest fact, and two calls of one moment may stand in either order.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// One fact, as far as it is accounted for.
#[derive(Clone, Debug)]
pub struct Fact {
    pub id: String,
    pub kind: String,
    pub outcome: String,
    pub subjects: Value,
    /// Whether it says that something was asked for again which had happened before.
    pub repeated: bool,
}

/// What the trail says.
#[derive(Debug, Default)]
pub struct Trail {
    /// What an act left, by the tag of the act.
    acts: BTreeMap<String, Vec<Fact>>,
    /// Inspections, by the upload that was inspected.
    inspections: BTreeMap<String, Vec<Fact>>,
}

impl Trail {
    /// Reads what happened since; `prefix` begins the tags of all acts that are accounted for.
    pub async fn read(line: &Line, auditor: &Actor, since: Timestamp, prefix: &str) -> Self {
        let mut trail = Self::default();
        let (since, now) = (since - MARGIN, auditor.site().now());
        let months: BTreeSet<String> = [since, now].map(|at| at.strftime("%Y-%m").to_string()).into();
        for month in months {
            trail.read_month(line, auditor, since, &month, prefix).await;
        }
        trail
    }

    async fn read_month(
        &mut self,
        line: &Line,
        auditor: &Actor,
        since: Timestamp,
        month: &str,
        prefix: &str,
    ) {
        let bearer = Bearer::Member(auditor.clone());
        let mut cursor = String::new();
        loop {
            let page = Ask::get(format!("/evidence?month={month}&limit=100{cursor}"));
            let page = line.ask(&bearer, &page, LOOKING, None).await.expect("an answer").body;
            let mut oldest = Timestamp::MAX;
            for entry in rows(&page, "evidence") {
                oldest = oldest.min(text(entry, "at").parse().expect("a time"));
                self.note(entry, prefix);
            }
            match page["next"].as_str() {
                Some(next) if oldest >= since => cursor = format!("&cursor={next}"),
                _ => return,
            }
        }
    }

    fn note(&mut self, entry: &Value, prefix: &str) {
        let fact = Fact {
            id: text(entry, "id"),
            kind: text(entry, "kind"),
            outcome: text(entry, "outcome"),
            subjects: entry["subjects"].clone(),
            repeated: entry["details"]["repeated"] == "true",
        };
        let agent = entry["source"]["user_agent"].as_str().unwrap_or_default();
        if fact.kind == "FileInspected" {
            self.inspections.entry(text(&fact.subjects, "upload_id")).or_default().push(fact);
        } else if let Some((tag, _attempt)) = agent.rsplit_once('/').filter(|_| agent.starts_with(prefix)) {
            self.acts.entry(tag.to_owned()).or_default().push(fact);
        }
    }

    /// The fact of an act, if it happened; it never happens twice, however often it is asked for.
    pub fn of(&self, tag: &str) -> Option<&Fact> {
        let facts = self.acts.get(tag).map(Vec::as_slice).unwrap_or_default();
        let happened: Vec<&Fact> = facts.iter().filter(|fact| !fact.repeated).collect();
        assert!(happened.len() <= 1, "`{tag}` has happened more than once: {happened:#?}");
        happened.first().copied()
    }

    /// Every act that left evidence.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.acts.keys().map(String::as_str)
    }

    /// How often the file of an upload was found to be something.
    pub fn inspections(&self, upload: &str) -> usize {
        self.inspections.get(upload).map_or(0, Vec::len)
    }

    /// The ids of the facts about a record that acts have left.
    pub fn about_record(&self, record: &str) -> BTreeSet<&str> {
        let facts = self.acts.values().flatten();
        facts.filter(|fact| fact.subjects["record_id"] == record).map(|fact| fact.id.as_str()).collect()
    }
}
