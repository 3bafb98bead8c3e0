//! Tells an operator what happens while it happens: chapters, and a line for each act with what came of it and
//! how long it took.

use std::{
    future::Future,
    io::{self, IsTerminal, Write},
    panic::{self, PanicHookInfo},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Columns of what is done; what came of it stands behind them.
const ACT_COLUMNS: usize = 58;

/// Writes a story down line by line.
pub struct Narrator {
    page: Mutex<Page>,
    /// Whether lines may be coloured, and replaced while they are waited for.
    lively: bool,
    started: Instant,
}

struct Page {
    out: Box<dyn Write + Send>,
    chapters: usize,
    acts: usize,
    /// What is being done now.
    act: Option<String>,
}

#[derive(Clone, Copy)]
enum Ink {
    Bold,
    Dim,
    Green,
    Red,
}

impl Narrator {
    /// For whoever sits in front of the terminal.
    pub fn for_operators() -> Arc<Self> {
        let lively = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self::new(Box::new(io::stdout()), lively)
    }

    /// For a file, or for a test to read.
    pub fn plainly(out: impl Write + Send + 'static) -> Arc<Self> {
        Self::new(Box::new(out), false)
    }

    fn new(out: Box<dyn Write + Send>, lively: bool) -> Arc<Self> {
        let page = Page { out, chapters: 0, acts: 0, act: None };
        Arc::new(Self { page: Mutex::new(page), lively, started: Instant::now() })
    }

    pub fn title(&self, title: &str) {
        self.line(&format!("\n  {}", self.ink(Ink::Bold, title)));
    }

    pub fn chapter(&self, title: &str) {
        let number = self.with(|page| {
            page.chapters += 1;
            page.chapters
        });
        self.line(&format!("\n  {}", self.ink(Ink::Bold, &format!("{number}  {title}"))));
    }

    /// One act: says what is being done, does it, and says what came of it.
    pub async fn act<T>(
        &self,
        what: &str,
        doing: impl Future<Output = T>,
        came: impl FnOnce(&T) -> String,
    ) -> T {
        self.begin(what);
        let start = Instant::now();
        let done = doing.await;
        self.end(what, &came(&done), start.elapsed());
        done
    }

    /// Something worth knowing that nobody has to wait for.
    pub fn remark(&self, text: &str) {
        self.line(&format!("       {}", self.ink(Ink::Dim, text)));
    }

    /// An empty line.
    pub fn pause(&self) {
        self.line("");
    }

    /// One line of an audit trail.
    pub fn fact(&self, time: &str, sentence: &str, aside: &str, is_ordinary: bool) {
        let sentence = if is_ordinary { sentence.to_owned() } else { self.ink(Ink::Red, sentence) };
        self.line(&format!("     {}  {sentence}  {}", self.ink(Ink::Dim, time), self.ink(Ink::Dim, aside)));
    }

    /// What it all came to.
    pub fn farewell(&self, words: &str) {
        let acts = self.with(|page| page.acts);
        let took = duration(self.started.elapsed());
        self.line(&format!("\n  {} {acts} acts in {took}. {words}\n", self.ink(Ink::Green, "✓")));
    }

    /// How many acts there were.
    pub fn acts(&self) -> usize {
        self.with(|page| page.acts)
    }

    fn begin(&self, what: &str) {
        self.with(|page| page.act = Some(what.to_owned()));
        if self.lively {
            self.write(&format!("     {} {what} ", self.ink(Ink::Dim, "…")));
        }
    }

    fn end(&self, what: &str, came: &str, took: Duration) {
        self.with(|page| {
            page.act = None;
            page.acts += 1;
        });
        let again = if self.lively { "\r\u{1b}[2K" } else { "" };
        let gap = " ".repeat(ACT_COLUMNS.saturating_sub(what.chars().count()));
        let took = self.ink(Ink::Dim, &duration(took));
        let came = if came.is_empty() { took } else { format!("{came} · {took}") };
        self.line(&format!("{again}     {} {what}{gap}  {came}", self.ink(Ink::Green, "✓")));
    }

    /// Says where the story ended before its time, and why.
    fn fail(&self, info: &PanicHookInfo<'_>) {
        let act = self.with(|page| page.act.take()).unwrap_or_else(|| "between two acts".to_owned());
        let again = if self.lively { "\r\u{1b}[2K" } else { "" };
        let why = info.payload_as_str().unwrap_or("for no reason that was given");
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        self.line(&format!("{again}     {} {act}\n", self.ink(Ink::Red, "✗")));
        self.line(&format!(
            "  {}",
            self.ink(Ink::Red, "The story ends here: an answer was not as it should be.")
        ));
        self.line(&format!("  {why}\n  {}\n", self.ink(Ink::Dim, &place)));
    }

    fn ink(&self, ink: Ink, text: &str) -> String {
        if !self.lively || text.is_empty() {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Bold => 1,
            Ink::Dim => 2,
            Ink::Green => 32,
            Ink::Red => 31,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn line(&self, text: &str) {
        self.write(&format!("{text}\n"));
    }

    fn write(&self, text: &str) {
        self.with(|page| {
            // Who has closed the terminal does not want to read; the story goes on all the same.
            let _unread = page.out.write_all(text.as_bytes()).and_then(|()| page.out.flush());
        });
    }

    fn with<T>(&self, use_page: impl FnOnce(&mut Page) -> T) -> T {
        use_page(&mut self.page.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Tells a story to its end; a wrong answer on the way ends it, with a message and a failure.
pub async fn tell(narrator: Arc<Narrator>, story: impl Future<Output = ()> + Send + 'static) -> ExitCode {
    let witness = Arc::clone(&narrator);
    panic::set_hook(Box::new(move |info| witness.fail(info)));
    match tokio::spawn(story).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_told_by_the_hook) => ExitCode::FAILURE,
    }
}

/// A size as people say it.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        1_000_000..10_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// A duration as people say it.
pub fn duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms / 100 % 10),
        _ => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
    }
}

/// An id as people compare it: its end, because ids of one minute begin alike.
pub fn short(id: impl ToString) -> String {
    let id = id.to_string();
    let last: String = id.chars().rev().take(6).collect();
    format!("…{}", last.chars().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was written, for a test to read.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Written {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    #[test]
    fn sizes_and_durations_are_said_as_people_say_them() {
        let sizes = [7, 999, 1_000, 524_288, 1_999_999, 21_000_000].map(size);
        assert_eq!(sizes, ["7 bytes", "999 bytes", "1 KB", "524 KB", "1.9 MB", "21 MB"]);
        let said = [7, 999, 1_250, 59_999, 61_000].map(|ms| duration(Duration::from_millis(ms)));
        assert_eq!(said, ["7 ms", "999 ms", "1.2 s", "59.9 s", "1 min 1 s"]);
        assert_eq!(short("0199a000-0000-7000-8000-00000000abcd"), "…00abcd");
    }

    #[tokio::test]
    async fn an_act_is_one_line_with_its_outcome() {
        let written = Written::default();
        let narrator = Narrator::plainly(written.clone());
        narrator.chapter("The patient");
        let sum = narrator.act("Dr Amara counts", async { 2 + 2 }, |sum| format!("{sum} found")).await;
        assert_eq!((sum, narrator.acts()), (4, 1));
        let text = written.text();
        let line = text.lines().last().unwrap();
        assert!(text.contains("1  The patient"), "{text}");
        assert!(line.starts_with("     ✓ Dr Amara counts") && line.contains("4 found · 0 ms"), "{line}");
    }

    #[tokio::test]
    async fn a_wrong_answer_ends_the_story_where_it_came() {
        let written = Written::default();
        let narrator = Narrator::plainly(written.clone());
        let told = Arc::clone(&narrator);
        let ended = tell(narrator, async move {
            told.act("Dr Ben reads the note", async { assert_eq!(200, 404, "he may not") }, |()| {
                String::new()
            })
            .await;
        });
        let ended = ended.await;
        drop(panic::take_hook());
        assert_eq!(format!("{ended:?}"), format!("{:?}", ExitCode::FAILURE));
        let text = written.text();
        assert!(text.contains("✗ Dr Ben reads the note") && text.contains("he may not"), "{text}");
    }
}
