//! Somebody at work on one client at a time, who remembers what was acknowledged.

use super::{Act, Answer, Ask, Bearer, Gone, Line, Random, act::content, number, rows, text};
use domain::LocationId;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use testkit::{
    Actor,
    files::{TestFile, bulk, letter, sha256},
    world::Presigned,
};

/// By what requests are known in evidence that change nothing and are not accounted for.
pub const LOOKING: &str = "looking";
/// A file that goes in parts: three of them.
const LARGE_BYTES: usize = 17 << 20;

/// An act under way.
#[derive(Clone, Debug)]
pub struct Step {
    pub act: Act,
    /// The same for every attempt.
    pub tag: String,
    pub attempts: u32,
}

/// An act that was acknowledged, and what its evidence must say.
#[derive(Clone, Debug)]
pub struct Done {
    pub tag: String,
    pub evidence: &'static str,
    /// What evidence is about, by the names of its subjects.
    pub subjects: BTreeMap<&'static str, String>,
}

/// A note as it must be.
#[derive(Clone, Debug)]
pub struct Note {
    pub record: String,
    /// Of the record.
    pub revision: u64,
    /// Its unsigned text with the revision of the draft.
    pub draft: Option<(u64, String)>,
    /// The signed texts, oldest first.
    pub versions: Vec<String>,
}

impl Note {
    /// Of the draft.
    pub fn draft_revision(&self) -> u64 {
        self.draft.as_ref().expect("a draft").0
    }

    /// What it says now.
    pub fn content(&self) -> Value {
        let draft = self.draft.as_ref().map(|(_, text)| text);
        content(draft.or(self.versions.last()).expect("a note says something"))
    }

    pub fn status(&self) -> &'static str {
        match self.versions.len() {
            0 => "draft",
            1 => "signed",
            _ => "amended",
        }
    }
}

/// A folder as it must be.
#[derive(Clone, Debug)]
pub struct Folder {
    pub record: String,
    pub revision: u64,
    /// What its custody log says, oldest first.
    pub custody: Vec<&'static str>,
}

impl Folder {
    pub fn is_out(&self) -> bool {
        self.custody.last() == Some(&"checked_out")
    }
}

/// An upload that is not completed.
#[derive(Clone, Debug)]
pub struct Upload {
    pub id: String,
    pub file: Arc<TestFile>,
    pub by_link: bool,
    /// The one PUT of a file that goes in one piece.
    pub put: Option<Presigned>,
    pub part_bytes: Option<usize>,
    /// Parts that object storage has acknowledged.
    pub parts: Vec<usize>,
    /// Whether object storage has acknowledged the whole.
    pub arrived: bool,
}

/// A file that became a record.
#[derive(Clone, Debug)]
pub struct Filed {
    pub record: String,
    pub upload: String,
    pub file: Arc<TestFile>,
}

/// A file that the patient sent and nobody has accepted.
#[derive(Clone, Debug)]
pub struct Contribution {
    pub id: String,
    pub upload: String,
    pub file: Arc<TestFile>,
    /// As the inbox shows it; 0 before anyone has looked.
    pub revision: u64,
    /// The record it became.
    pub record: Option<String>,
}

/// A client with the chart, and everything in it that was acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    pub client: Option<String>,
    pub id: Option<String>,
    /// The token of its intake link.
    pub link: Option<String>,
    pub notes: Vec<Note>,
    pub folders: Vec<Folder>,
    pub upload: Option<Upload>,
    pub files: Vec<Filed>,
    pub contributions: Vec<Contribution>,
}

impl Chart {
    pub fn path(&self) -> String {
        format!("/charts/{}", self.id.as_deref().expect("a chart"))
    }

    pub fn client(&self) -> &str {
        self.client.as_deref().expect("a client")
    }

    pub fn note(&self, at: usize) -> &Note {
        self.notes.get(at).expect("a note")
    }

    pub fn folder(&self, at: usize) -> &Folder {
        self.folders.get(at).expect("a folder")
    }

    pub fn contribution(&self, at: usize) -> &Contribution {
        self.contributions.get(at).expect("a contribution")
    }

    pub fn upload(&self) -> &Upload {
        self.upload.as_ref().expect("an upload")
    }

    /// Where the upload under way is.
    pub fn upload_path(&self) -> String {
        let upload = self.upload();
        let place = if upload.by_link { "/intake".to_owned() } else { self.path() };
        format!("{place}/uploads/{}", upload.id)
    }

    /// Every record there must be, by its id.
    pub fn records(&self) -> Vec<&str> {
        let notes = self.notes.iter().map(|note| note.record.as_str());
        let folders = self.folders.iter().map(|folder| folder.record.as_str());
        let files = self.files.iter().map(|file| file.record.as_str());
        let accepted = self.contributions.iter().filter_map(|one| one.record.as_deref());
        notes.chain(folders).chain(files).chain(accepted).collect()
    }

    /// Every upload whose bytes were inspected, or will be.
    pub fn uploads(&self) -> Vec<&str> {
        let files = self.files.iter().map(|file| file.upload.as_str());
        files.chain(self.contributions.iter().map(|one| one.upload.as_str())).collect()
    }
}

/// Somebody at work.
pub struct Desk {
    pub line: Line,
    pub member: Actor,
    /// Who hands folders out.
    pub keeper: Actor,
    pub shelf: LocationId,
    pub due_on: String,
    pub link_ends_at: String,
    /// What all clients of a round are called, so that one search finds them all.
    pub given_name: String,
    /// What no other client is called.
    pub family_name: String,
    pub chart: Chart,
    /// What was acknowledged since the round began.
    pub done: Vec<Done>,
    /// What was under way when the product died.
    pub pending: Option<Step>,
    pub random: Random,
    /// Begins every tag of the round.
    prefix: String,
    steps: u32,
    large: Arc<TestFile>,
}

/// Whoever sits at a desk, and what they need there.
pub struct Place {
    pub line: Line,
    pub member: Actor,
    pub keeper: Actor,
    pub shelf: LocationId,
    pub due_on: String,
    pub link_ends_at: String,
    pub random: Random,
    /// A file that goes in parts.
    pub large: Arc<TestFile>,
}

impl Place {
    /// What nobody needs to make twice.
    pub fn large() -> Arc<TestFile> {
        Arc::new(bulk(7, LARGE_BYTES))
    }
}

impl Desk {
    pub fn of(place: Place) -> Self {
        let Place { line, member, keeper, shelf, due_on, link_ends_at, random, large } = place;
        Self {
            line,
            member,
            keeper,
            shelf,
            due_on,
            link_ends_at,
            given_name: String::new(),
            family_name: String::new(),
            chart: Chart::default(),
            done: Vec::new(),
            pending: None,
            random,
            prefix: String::new(),
            steps: 0,
            large,
        }
    }

    /// Takes up a client who is not registered yet; gives back the one before.
    pub fn begin(&mut self, given_name: &str, family_name: &str, prefix: String) -> Chart {
        given_name.clone_into(&mut self.given_name);
        family_name.clone_into(&mut self.family_name);
        self.prefix = prefix;
        self.steps = 0;
        self.done.clear();
        std::mem::take(&mut self.chart)
    }

    /// Works until no answer comes any more.
    pub async fn work(&mut self) {
        while self.next().await.is_ok() {}
    }

    async fn next(&mut self) -> Result<(), Gone> {
        if self.has_bytes_to_send() && self.random.below(2) == 0 {
            return self.send().await;
        }
        let act = self.choose();
        self.perform(act).await
    }

    /// Does something and remembers it once it is acknowledged.
    pub async fn perform(&mut self, act: Act) -> Result<(), Gone> {
        self.steps += 1;
        let step = Step { act, tag: format!("{}.{}", self.prefix, self.steps), attempts: 0 };
        self.pending = Some(step);
        self.attempt().await.map(|_| ())
    }

    /// Does what is pending, for the first time or again, under the same idempotency key.
    pub async fn attempt(&mut self) -> Result<Answer, Gone> {
        let step = self.pending.as_mut().expect("something to do");
        step.attempts += 1;
        let step = step.clone();
        let (bearer, ask) = (step.act.bearer(self), step.act.ask(self));
        let agent = format!("{}/{}", step.tag, step.attempts);
        let answer = self.line.ask(&bearer, &ask, &agent, Some(&step.tag)).await?;
        self.pending = None;
        self.remember(step, &answer.body);
        Ok(answer)
    }

    pub fn has_bytes_to_send(&self) -> bool {
        self.chart.upload.as_ref().is_some_and(|upload| !upload.arrived)
    }

    fn choose(&mut self) -> Act {
        if self.chart.client.is_none() {
            return Act::Register;
        }
        if self.chart.id.is_none() {
            return Act::OpenChart;
        }
        if self.chart.upload.as_ref().is_some_and(|upload| upload.arrived) && self.random.below(2) == 0 {
            return Act::Complete;
        }
        match self.random.below(10) {
            0..=3 => self.choose_note(),
            4..=6 => self.choose_folder(),
            _ => self.choose_file(),
        }
    }

    fn choose_note(&mut self) -> Act {
        let at = |wanted: fn(&Note) -> bool| -> Vec<usize> {
            let notes = self.chart.notes.iter().enumerate();
            notes.filter(|(_, note)| wanted(note)).map(|(at, _)| at).collect()
        };
        let (drafts, signed) = (at(|note| note.draft.is_some()), at(|note| note.draft.is_none()));
        let text = self.words();
        let (draft, signed) = (self.random.pick(&drafts), self.random.pick(&signed));
        match (self.random.below(4), draft, signed) {
            (1, Some(note), _) => Act::Save { note, text },
            (2, Some(note), _) => Act::Sign { note },
            (3, _, Some(note)) => Act::Amend { note, text },
            _ => Act::Draft { text },
        }
    }

    fn choose_folder(&mut self) -> Act {
        let some: Vec<usize> = (0..self.chart.folders.len()).collect();
        match self.random.pick(&some) {
            Some(folder) if self.random.below(4) > 0 => {
                if self.chart.folder(folder).is_out() {
                    Act::CheckIn { folder }
                } else {
                    Act::CheckOut { folder }
                }
            }
            _ => Act::AddFolder,
        }
    }

    fn choose_file(&mut self) -> Act {
        if self.chart.upload.is_some() {
            return self.choose_note();
        }
        match (self.random.below(6), &self.chart.link) {
            (0..=2, Some(_)) => Act::Start { file: self.small(), by_link: true },
            (0..=2, None) => Act::MakeLink,
            (3, _) => Act::Start { file: self.large(), by_link: false },
            _ => Act::Start { file: self.small(), by_link: false },
        }
    }

    /// Text that nobody else writes, of any length up to a few pages.
    fn words(&mut self) -> String {
        let length = 1 + self.random.below(200);
        let words: Vec<String> = (0..length).map(|_| format!("{:x}", self.random.next())).collect();
        words.join(" ")
    }

    fn small(&mut self) -> Arc<TestFile> {
        let text = self.words();
        Arc::new(letter(&text).named(&format!("letter-{}.txt", self.random.next())))
    }

    /// The same bytes as ever but for the first few, because making them takes long.
    fn large(&mut self) -> Arc<TestFile> {
        let stamp = self.random.next();
        let mut file = TestFile::clone(&self.large).named(&format!("export-{stamp}.bin"));
        file.bytes.splice(..8, stamp.to_le_bytes());
        Arc::new(file)
    }

    pub(super) fn link_bearer(&self) -> Bearer {
        Bearer::Link(self.chart.link.clone().expect("a link"))
    }

    pub(super) fn upload_bearer(&self) -> Bearer {
        if self.chart.upload().by_link { self.link_bearer() } else { Bearer::Member(self.member.clone()) }
    }

    /// Asks for something that changes nothing.
    pub async fn look(&self, ask: &Ask) -> Result<Value, Gone> {
        let bearer = Bearer::Member(self.member.clone());
        self.line.ask(&bearer, ask, LOOKING, None).await.map(|answer| answer.body)
    }

    /// Sends the next bytes of the upload: all of them, or a part.
    pub async fn send(&mut self) -> Result<(), Gone> {
        let upload = self.chart.upload().clone();
        let bytes = &upload.file.bytes;
        let Some(part_bytes) = upload.part_bytes else {
            let put = upload.put.as_ref().expect("a way to send");
            self.line.transfer(put, bytes.clone()).await?;
            self.sent(|upload| upload.arrived = true);
            return Ok(());
        };
        let mut parts = bytes.chunks(part_bytes).enumerate();
        let (at, part) = parts.find(|(at, _)| !upload.parts.contains(at)).expect("a part to send");
        let body = json!({ "parts": [{ "number": at + 1, "sha256": sha256(part) }] });
        let ask = Ask::post(format!("{}/parts", self.chart.upload_path()), body).answered_by(200);
        let signed = self.line.ask(&self.upload_bearer(), &ask, LOOKING, None).await?.body;
        let signed = rows(&signed, "parts").first().map(|row| Presigned::of(&row["request"]));
        self.line.transfer(&signed.expect("a signed part"), part.to_vec()).await?;
        let all = bytes.chunks(part_bytes).count();
        self.sent(|upload| {
            upload.parts.push(at);
            upload.arrived = upload.parts.len() == all;
        });
        Ok(())
    }

    fn sent(&mut self, change: impl FnOnce(&mut Upload)) {
        change(self.chart.upload.as_mut().expect("an upload"));
    }

    /// Takes an acknowledged act into account.
    fn remember(&mut self, step: Step, answer: &Value) {
        let mut about = BTreeMap::new();
        match &step.act {
            Act::Register => {
                let client = text(answer, "id");
                about.insert("client_id", client.clone());
                self.chart.client = Some(client);
            }
            Act::OpenChart => self.chart.id = Some(text(answer, "id")),
            Act::MakeLink => {
                let address = text(answer, "address");
                let token = address.split_once('#').expect("a token").1;
                about.insert("link_id", text(answer, "link_id"));
                self.chart.link = Some(token.to_owned());
            }
            Act::Draft { .. } | Act::Save { .. } | Act::Sign { .. } | Act::Amend { .. } => {
                about.insert("record_id", self.remember_note(&step.act, answer));
            }
            Act::AddFolder | Act::CheckOut { .. } | Act::CheckIn { .. } => {
                about.insert("record_id", self.remember_folder(&step.act, answer));
            }
            Act::Start { .. } | Act::Complete | Act::Accept { .. } => {
                self.remember_file(&step.act, answer, &mut about);
            }
        }
        about.extend(self.chart.id.clone().map(|chart| ("chart_id", chart)));
        self.done.push(Done { tag: step.tag, evidence: step.act.evidence(), subjects: about });
    }

    fn remember_note(&mut self, act: &Act, answer: &Value) -> String {
        let notes = &mut self.chart.notes;
        match act {
            Act::Save { note, text } => {
                let note = notes.get_mut(*note).expect("a note");
                note.draft = Some((number(answer, "revision"), text.clone()));
                note.record.clone()
            }
            Act::Sign { note } => {
                let note = notes.get_mut(*note).expect("a note");
                let (_, text) = note.draft.take().expect("a draft");
                note.versions.push(text);
                note.revision = number(answer, "revision");
                note.record.clone()
            }
            Act::Amend { note, text } => {
                let note = notes.get_mut(*note).expect("a note");
                note.versions.push(text.clone());
                note.revision = number(answer, "revision");
                note.record.clone()
            }
            Act::Draft { text: words } => {
                let (record, draft) = (text(&answer["record"], "id"), number(&answer["draft"], "revision"));
                let revision = number(&answer["record"], "revision");
                let draft = Some((draft, words.clone()));
                notes.push(Note { record: record.clone(), revision, draft, versions: Vec::new() });
                record
            }
            other => panic!("{other:?} is no act on a note"),
        }
    }

    fn remember_folder(&mut self, act: &Act, answer: &Value) -> String {
        let (at, act) = match act {
            Act::CheckOut { folder } => (*folder, "checked_out"),
            Act::CheckIn { folder } => (*folder, "checked_in"),
            _ => {
                let (record, revision) = (text(answer, "id"), number(answer, "revision"));
                self.chart.folders.push(Folder { record: record.clone(), revision, custody: vec!["filed"] });
                return record;
            }
        };
        let folder = self.chart.folders.get_mut(at).expect("a folder");
        folder.revision = number(answer, "revision");
        folder.custody.push(act);
        folder.record.clone()
    }

    fn remember_file(&mut self, act: &Act, answer: &Value, about: &mut BTreeMap<&'static str, String>) {
        match act {
            Act::Start { file, by_link } => {
                let id = text(answer, "upload_id");
                let part_bytes = answer["plan"]["part_bytes"].as_u64();
                about.insert("upload_id", id.clone());
                self.chart.upload = Some(Upload {
                    id,
                    file: Arc::clone(file),
                    by_link: *by_link,
                    put: answer["put"].is_object().then(|| Presigned::of(&answer["put"])),
                    part_bytes: part_bytes.and_then(|bytes| usize::try_from(bytes).ok()),
                    parts: Vec::new(),
                    arrived: false,
                });
            }
            Act::Accept { contribution } => {
                let record = text(answer, "id");
                about.insert("record_id", record.clone());
                let contribution = self.chart.contributions.get_mut(*contribution).expect("a contribution");
                about.insert("contribution_id", contribution.id.clone());
                contribution.record = Some(record);
            }
            _ => {
                let Upload { id: upload, file, by_link, .. } = self.chart.upload.take().expect("an upload");
                about.insert("upload_id", upload.clone());
                if by_link {
                    let id = text(answer, "reference");
                    about.insert("contribution_id", id.clone());
                    let contribution = Contribution { id, upload, file, revision: 0, record: None };
                    self.chart.contributions.push(contribution);
                } else {
                    let record = text(answer, "record_id");
                    about.insert("record_id", record.clone());
                    self.chart.files.push(Filed { record, upload, file });
                }
            }
        }
    }
}
