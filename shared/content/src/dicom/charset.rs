//! Text in the character sets of DICOM, ISO 2022 escapes included.

use encoding_rs::{
    EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, ISO_8859_15, SHIFT_JIS, UTF_8, WINDOWS_874, WINDOWS_1252, WINDOWS_1254,
};

/// How the bytes of one half of the code table are read.
#[derive(Debug, Clone, Copy)]
enum Table {
    /// Single bytes, or double bytes with the high bit set.
    Plain(&'static Encoding),
    /// JIS X 0208 in the lower half: double bytes without the high bit.
    Kanji,
    /// JIS X 0212 in the lower half.
    KanjiSupplement,
}

/// The declared character sets of a data set.
#[derive(Debug, Clone)]
pub(crate) struct CharacterSet {
    /// What bytes over 0x7f mean before any escape; unknown when nothing was declared.
    upper: Option<&'static Encoding>,
    escapes: bool,
}

impl CharacterSet {
    /// From the value of Specific Character Set; an unknown term is no reason to fail.
    pub fn parse(value: Option<&Vec<u8>>) -> Self {
        let text = String::from_utf8_lossy(value.map_or(&[][..], Vec::as_slice)).into_owned();
        let mut terms = text.split('\\').map(|term| term.trim_matches([' ', '\0']));
        let upper = terms.next().and_then(encoding_of);
        Self { upper, escapes: !matches!(upper, Some(e) if e == UTF_8 || e == GB18030 || e == GBK) }
    }

    /// Readable text; bytes without meaning become replacement characters.
    pub fn decode(&self, bytes: &[u8]) -> String {
        let text =
            if self.escapes && bytes.contains(&0x1b) { self.escaped(bytes) } else { self.plain(bytes) };
        text.replace('\0', "").trim().to_owned()
    }

    fn plain(&self, bytes: &[u8]) -> String {
        match self.upper {
            Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            // Nothing declared: writers who forget mean UTF-8 or Latin-1.
            None => std::str::from_utf8(bytes).map_or_else(
                |_| WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
                str::to_owned,
            ),
        }
    }

    /// Escapes switch the halves of the code table; delimiters switch them back.
    fn escaped(&self, bytes: &[u8]) -> String {
        let initial = (Table::Plain(WINDOWS_1252), Table::Plain(self.upper.unwrap_or(WINDOWS_1252)));
        let (mut lower, mut upper) = initial;
        let mut out = String::new();
        let mut run = Vec::new();
        let mut rest = bytes;
        while let Some((&byte, after)) = rest.split_first() {
            let delimiter =
                matches!(byte, b'^' | b'=' | b'\\' | b'\r' | b'\n') && matches!(lower, Table::Plain(_));
            if byte == 0x1b {
                flush(&mut run, lower, upper, &mut out);
                let (len, half) = escape(after);
                match half {
                    Some(Half::Lower(table)) => lower = table,
                    Some(Half::Upper(table)) => upper = table,
                    None => {}
                }
                rest = after.get(len..).unwrap_or_default();
                continue;
            }
            if delimiter {
                flush(&mut run, lower, upper, &mut out);
                (lower, upper) = initial;
                out.push(char::from(byte));
            } else {
                run.push(byte);
            }
            rest = after;
        }
        flush(&mut run, lower, upper, &mut out);
        out
    }
}

enum Half {
    Lower(Table),
    Upper(Table),
}

/// The table an escape sequence chooses, and how many bytes it takes after the escape byte.
fn escape(after: &[u8]) -> (usize, Option<Half>) {
    let single = |encoding| (2, Some(Half::Upper(Table::Plain(encoding))));
    match after {
        [b'(', b'B', ..] => (2, Some(Half::Lower(Table::Plain(WINDOWS_1252)))),
        [b'(', b'J', ..] => (2, Some(Half::Lower(Table::Plain(SHIFT_JIS)))),
        [b')', b'I', ..] => single(SHIFT_JIS),
        [b'-', b'A', ..] => single(WINDOWS_1252),
        [b'-', b'B', ..] => single(ISO_8859_2),
        [b'-', b'C', ..] => single(ISO_8859_3),
        [b'-', b'D', ..] => single(ISO_8859_4),
        [b'-', b'L', ..] => single(ISO_8859_5),
        [b'-', b'G', ..] => single(ISO_8859_6),
        [b'-', b'F', ..] => single(ISO_8859_7),
        [b'-', b'H', ..] => single(ISO_8859_8),
        [b'-', b'M', ..] => single(WINDOWS_1254),
        [b'-', b'b', ..] => single(ISO_8859_15),
        [b'-', b'T', ..] => single(WINDOWS_874),
        [b'$', b')', b'C', ..] => (3, Some(Half::Upper(Table::Plain(EUC_KR)))),
        [b'$', b')', b'A', ..] => (3, Some(Half::Upper(Table::Plain(GBK)))),
        [b'$', b'(', b'D', ..] => (3, Some(Half::Lower(Table::KanjiSupplement))),
        [b'$', b'B' | b'@', ..] => (2, Some(Half::Lower(Table::Kanji))),
        _ => (0, None),
    }
}

/// Decodes what was collected, each half by its table.
fn flush(run: &mut Vec<u8>, lower: Table, upper: Table, out: &mut String) {
    for part in run.chunk_by(|a, b| (a & 0x80) == (b & 0x80)) {
        let table = if part.first().is_some_and(|byte| byte & 0x80 != 0) { upper } else { lower };
        out.push_str(&decode_part(part, table));
    }
    run.clear();
}

fn decode_part(part: &[u8], table: Table) -> String {
    let decode = |encoding: &'static Encoding, bytes: &[u8]| {
        encoding.decode_without_bom_handling(bytes).0.into_owned()
    };
    match table {
        Table::Plain(encoding) => decode(encoding, part),
        Table::Kanji => decode(EUC_JP, &part.iter().map(|byte| byte | 0x80).collect::<Vec<_>>()),
        Table::KanjiSupplement => {
            let pairs = part
                .chunks(2)
                .flat_map(|pair| std::iter::once(0x8f).chain(pair.iter().map(|byte| byte | 0x80)));
            decode(EUC_JP, &pairs.collect::<Vec<_>>())
        }
    }
}

/// The defined terms, with and without code extensions, in the spellings found in the wild.
fn encoding_of(term: &str) -> Option<&'static Encoding> {
    let number = term.to_ascii_uppercase().replace(['_', '-'], " ");
    let number =
        number.trim_start_matches("ISO 2022").trim_start_matches("ISO").trim_start_matches(" IR").trim();
    Some(match number {
        "100" | "8859 1" => WINDOWS_1252,
        "101" | "8859 2" => ISO_8859_2,
        "109" => ISO_8859_3,
        "110" => ISO_8859_4,
        "144" => ISO_8859_5,
        "127" => ISO_8859_6,
        "126" => ISO_8859_7,
        "138" => ISO_8859_8,
        "148" => WINDOWS_1254,
        "203" => ISO_8859_15,
        "166" => WINDOWS_874,
        "13" => SHIFT_JIS,
        "149" => EUC_KR,
        "58" => GBK,
        "192" | "UTF 8" => UTF_8,
        "GB18030" => GB18030,
        "GBK" => GBK,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(sets: &str, bytes: &[u8]) -> String {
        CharacterSet::parse(Some(&sets.as_bytes().to_vec())).decode(bytes)
    }

    #[test]
    fn the_examples_of_the_standard_read_as_printed_there() {
        let japanese =
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B";
        assert_eq!(decode("\\ISO 2022 IR 87", japanese), "Yamada^Tarou=山田^太郎=やまだ^たろう");
        let half_width = b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J";
        assert_eq!(decode("ISO 2022 IR 13\\ISO 2022 IR 87", half_width), "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎");
        let korean =
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf";
        assert_eq!(decode("\\ISO 2022 IR 149", korean), "Hong^Gildong=洪^吉洞=홍^길동");
    }

    #[test]
    fn single_sets_need_no_escape() {
        assert_eq!(decode("ISO_IR 192", "Wang^XiaoDong=王^小東".as_bytes()), "Wang^XiaoDong=王^小東");
        assert_eq!(decode("ISO_IR 100", b"Buc^J\xe9r\xf4me"), "Buc^Jérôme");
        assert_eq!(decode("ISO_IR 144", b"\xbb\xee\xda"), "Люк");
        assert_eq!(decode("GB18030", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab"), "Wang^XiaoDong=王^小东");
    }

    #[test]
    fn undeclared_bytes_are_guessed_and_nothing_fails() {
        assert_eq!(CharacterSet::parse(None).decode("Jérôme".as_bytes()), "Jérôme");
        assert_eq!(CharacterSet::parse(None).decode(b"J\xe9r\xf4me"), "Jérôme");
        assert_eq!(decode("nonsense", b"a\x1b"), "a");
    }
}
