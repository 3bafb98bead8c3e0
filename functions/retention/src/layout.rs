//! Text on pages of A4: headings, facts and rows one under the other, each wrapped to its column.

pub(crate) const WIDTH: f32 = 595.0;
pub(crate) const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 54.0;
/// Where text ends, above the footer.
const BOTTOM: f32 = 64.0;
/// Where the second column of facts begins.
const VALUES: f32 = 190.0;
/// Where the columns of the list of records begin.
const COLUMNS: [f32; 4] = [MARGIN, 222.0, 330.0, 446.0];

/// Fonts that every reader of PDF has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Plain,
    Bold,
    Mono,
}

impl Face {
    pub(crate) const ALL: [Self; 3] = [Self::Plain, Self::Bold, Self::Mono];

    pub(crate) const fn name(self) -> &'static [u8] {
        match self {
            Self::Plain => b"F1",
            Self::Bold => b"F2",
            Self::Mono => b"F3",
        }
    }

    pub(crate) const fn base_font(self) -> &'static [u8] {
        match self {
            Self::Plain => b"Helvetica",
            Self::Bold => b"Helvetica-Bold",
            Self::Mono => b"Courier",
        }
    }

    /// The width of a character in thousandths of the size; of the bold face a little more than the plain one's.
    fn width(self, byte: u8) -> f32 {
        let plain = || WIDTHS.get(usize::from(byte).wrapping_sub(32)).copied().unwrap_or(667);
        match self {
            Self::Mono => 600.0,
            Self::Plain => f32::from(plain()),
            Self::Bold => f32::from(plain()) * 1.08,
        }
    }

    fn measure(self, size: f32, bytes: &[u8]) -> f32 {
        bytes.iter().map(|byte| self.width(*byte)).sum::<f32>() * size / 1_000.0
    }
}

/// Helvetica's widths from the space to the tilde, as Adobe's metrics have them.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) face: Face,
    pub(crate) size: f32,
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// In the encoding of the fonts.
    pub(crate) bytes: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) from: f32,
    pub(crate) to: f32,
    pub(crate) y: f32,
}

#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) texts: Vec<Text>,
    pub(crate) lines: Vec<Line>,
}

/// Pages that fill from top to bottom.
#[derive(Debug)]
pub(crate) struct Paper {
    done: Vec<Page>,
    page: Page,
    /// Where the next line's top is.
    y: f32,
}

impl Paper {
    pub(crate) fn new() -> Self {
        Self { done: Vec::new(), page: Page::default(), y: HEIGHT - MARGIN }
    }

    /// The pages, numbered.
    pub(crate) fn pages(mut self, footer: &str) -> Vec<Page> {
        self.done.push(self.page);
        let count = self.done.len();
        for (number, page) in (1_usize..).zip(&mut self.done) {
            page.lines.push(Line { from: MARGIN, to: WIDTH - MARGIN, y: BOTTOM - 16.0 });
            let text = |x, bytes| Text { face: Face::Plain, size: 7.5, x, y: BOTTOM - 28.0, bytes };
            page.texts.push(text(MARGIN, encoded(footer)));
            let numbered = encoded(&format!("page {number} of {count}"));
            let width = Face::Plain.measure(7.5, &numbered);
            page.texts.push(text(WIDTH - MARGIN - width, numbered));
        }
        self.done
    }

    pub(crate) fn title(&mut self, text: &str) {
        self.block(Face::Bold, 20.0, text);
    }

    pub(crate) fn subtitle(&mut self, text: &str) {
        self.block(Face::Plain, 13.0, text);
        self.y -= 6.0;
        self.rule();
    }

    /// A heading is never the last line of a page.
    pub(crate) fn heading(&mut self, text: &str) {
        self.make_room(70.0);
        self.y -= 8.0;
        self.block(Face::Bold, 11.0, text);
    }

    pub(crate) fn paragraph(&mut self, text: &str) {
        self.block(Face::Plain, 9.0, text);
        self.y -= 3.0;
    }

    /// A label, and beside it what it is.
    pub(crate) fn fact(&mut self, label: &str, value: &str) {
        self.labelled(label, Face::Plain, 9.0, value);
    }

    /// The same of what a machine has made.
    pub(crate) fn code(&mut self, label: &str, value: &str) {
        self.labelled(label, Face::Mono, 8.0, value);
    }

    fn labelled(&mut self, label: &str, face: Face, size: f32, value: &str) {
        let lines = wrapped(face, size, WIDTH - MARGIN - VALUES, value);
        self.make_room(12.0);
        let baseline = self.y - 9.0;
        self.put(Face::Bold, 8.5, MARGIN, baseline, encoded(label));
        for line in lines {
            self.make_room(12.0);
            let baseline = self.y - 9.0;
            self.put(face, size, VALUES, baseline, line);
            self.y -= 12.0;
        }
        self.y -= 2.0;
    }

    pub(crate) fn columns(&mut self, names: &[&str; 4]) {
        self.make_room(50.0);
        let baseline = self.y - 8.0;
        for (x, name) in COLUMNS.into_iter().zip(names) {
            self.put(Face::Bold, 8.0, x, baseline, encoded(name));
        }
        self.y -= 12.0;
        self.rule();
    }

    /// An id and what is said beside it; a row and its notes stay on one page.
    pub(crate) fn row(&mut self, id: &str, cells: &[&str; 3]) {
        self.make_room(46.0);
        let baseline = self.y - 8.0;
        let [first, others @ ..] = COLUMNS;
        self.put(Face::Mono, 7.5, first, baseline, encoded(id));
        for (x, cell) in others.into_iter().zip(cells) {
            self.put(Face::Plain, 8.0, x, baseline, encoded(cell));
        }
        self.y -= 11.0;
    }

    /// A small line under a row.
    pub(crate) fn note(&mut self, text: &str) {
        for line in wrapped(Face::Plain, 7.0, WIDTH - MARGIN * 2.0 - 10.0, text) {
            self.make_room(9.0);
            let baseline = self.y - 7.0;
            self.put(Face::Plain, 7.0, MARGIN + 10.0, baseline, line);
            self.y -= 9.0;
        }
    }

    pub(crate) fn rule(&mut self) {
        self.page.lines.push(Line { from: MARGIN, to: WIDTH - MARGIN, y: self.y });
        self.y -= 4.0;
    }

    fn block(&mut self, face: Face, size: f32, text: &str) {
        for line in wrapped(face, size, WIDTH - MARGIN * 2.0, text) {
            self.make_room(size * 1.35);
            let baseline = self.y - size;
            self.put(face, size, MARGIN, baseline, line);
            self.y -= size * 1.35;
        }
    }

    fn put(&mut self, face: Face, size: f32, x: f32, y: f32, bytes: Vec<u8>) {
        self.page.texts.push(Text { face, size, x, y, bytes });
    }

    fn make_room(&mut self, points: f32) {
        if self.y - points < BOTTOM {
            self.done.push(std::mem::take(&mut self.page));
            self.y = HEIGHT - MARGIN;
        }
    }
}

/// Text in the fonts' encoding, which has the letters of Western Europe; what it does not have becomes a question mark.
fn encoded(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        ' '..='~' | '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).unwrap_or(b'?'),
        '\u{2019}' => 0x92,
        '\u{2013}' => 0x96,
        '\u{2014}' => 0x97,
        _ => b'?',
    };
    text.chars().map(byte).collect()
}

/// Lines that fit into a width; a word that does not is cut.
fn wrapped(face: Face, size: f32, width: f32, text: &str) -> Vec<Vec<u8>> {
    let (mut lines, mut line): (Vec<Vec<u8>>, Vec<u8>) = (Vec::new(), Vec::new());
    for word in encoded(text).split(|byte| *byte == b' ').filter(|word| !word.is_empty()) {
        let longer = if line.is_empty() { word.to_vec() } else { [line.as_slice(), b" ", word].concat() };
        if face.measure(size, &longer) <= width {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for byte in word {
            line.push(*byte);
            if face.measure(size, &line) > width {
                line.pop();
                lines.push(std::mem::replace(&mut line, vec![*byte]));
            }
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_to_its_column_and_nothing_is_lost() {
        let text = format!("a certificate {} of a very long word and more", "x".repeat(200));
        let lines = wrapped(Face::Plain, 9.0, 200.0, &text);
        assert!(lines.len() > 4);
        assert!(lines.iter().all(|line| Face::Plain.measure(9.0, line) <= 200.0));
        let letters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte != b' ').count();
        assert_eq!(lines.iter().map(|line| letters(line)).sum::<usize>(), letters(text.as_bytes()));
    }

    #[test]
    fn letters_that_the_fonts_do_not_have_are_questions() {
        assert_eq!(encoded("Québec – 北"), b"Qu\xe9bec \x96 ?");
    }

    #[test]
    fn nothing_is_written_below_the_footer() {
        let mut paper = Paper::new();
        for number in 0..200 {
            paper.row("0199a000-0000-7000-8000-000000000001", &["class", "dates", "method"]);
            paper.note(&format!("note {number}"));
            paper.rule();
        }
        let pages = paper.pages("footer");
        assert!(pages.len() > 5);
        for page in &pages {
            let lowest = page.texts.iter().map(|text| text.y).fold(HEIGHT, f32::min);
            assert!(lowest >= BOTTOM - 30.0, "{lowest}");
        }
    }
}
