//! The syntax of PDF objects, with a limit on nesting and on the number of parts, for an array of a million zeros is
//! two megabytes in the file and many more in memory.

use std::collections::BTreeMap;

const MAX_DEPTH: u32 = 48;
/// Parts of one object; the page tree of a long book has thousands in one array.
const MAX_PARTS: u32 = 100_000;
const MAX_NAME_BYTES: usize = 256;

/// An object. Strings are skipped: they hold titles and names, which are not our business.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Object {
    Null,
    Bool(bool),
    Number(f64),
    Name(String),
    String,
    Array(Vec<Object>),
    Dictionary(BTreeMap<String, Object>),
    Reference(u32),
}

impl Object {
    pub fn get(&self, key: &str) -> Option<&Object> {
        match self {
            Self::Dictionary(entries) => entries.get(key),
            _ => None,
        }
    }

    pub fn name(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    pub fn as_count(&self) -> Option<u64> {
        match self {
            Self::Number(number) if *number >= 0.0 && *number < 1e12 => Some(*number as u64),
            _ => None,
        }
    }

    /// Shows every entry of every dictionary within.
    pub fn visit(&self, see: &mut impl FnMut(&str, &Object)) {
        match self {
            Self::Array(items) => items.iter().for_each(|item| item.visit(see)),
            Self::Dictionary(entries) => {
                for (key, value) in entries {
                    see(key, value);
                    value.visit(see);
                }
            }
            _ => {}
        }
    }
}

/// Reads objects from bytes.
pub(crate) struct Parser<'b> {
    bytes: &'b [u8],
    pub at: usize,
    parts: u32,
}

impl<'b> Parser<'b> {
    pub fn new(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at, parts: 0 }
    }

    /// The next object; nothing at the end, at a closing bracket, or over the limits.
    pub fn object(&mut self) -> Option<Object> {
        self.nested(0)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ' => self.at += 1,
                b'%' => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                }
                _ => return,
            }
        }
    }

    /// Whether a keyword stands here; it is passed if so.
    pub fn keyword(&mut self, word: &[u8]) -> bool {
        self.skip_space();
        let here = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word));
        if here {
            self.at += word.len();
        }
        here
    }

    fn nested(&mut self, depth: u32) -> Option<Object> {
        self.skip_space();
        self.parts += 1;
        if depth > MAX_DEPTH || self.parts > MAX_PARTS {
            return None;
        }
        match self.peek()? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal_string(),
            b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => self.dictionary(depth),
            b'<' => {
                let rest = self.bytes.get(self.at..)?;
                self.at += memchr::memchr(b'>', rest)? + 1;
                Some(Object::String)
            }
            b'[' => self.array(depth),
            b'0'..=b'9' | b'+' | b'-' | b'.' => self.number_or_reference(),
            b't' if self.keyword(b"true") => Some(Object::Bool(true)),
            b'f' if self.keyword(b"false") => Some(Object::Bool(false)),
            b'n' if self.keyword(b"null") => Some(Object::Null),
            _ => None,
        }
    }

    /// A name; `#41` in it is the letter A, which is used to hide words.
    fn name(&mut self) -> Option<String> {
        self.at += 1;
        let rest = self.bytes.get(self.at..)?;
        let is_end = |byte: &u8| {
            matches!(
                byte,
                0 | b'\t'
                    | b'\n'
                    | 0x0c
                    | b'\r'
                    | b' '
                    | b'/'
                    | b'('
                    | b')'
                    | b'<'
                    | b'>'
                    | b'['
                    | b']'
                    | b'{'
                    | b'}'
                    | b'%'
            )
        };
        let len = rest.iter().position(is_end).unwrap_or(rest.len());
        let raw = rest.get(..len)?;
        self.at += len;
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(byte) = raw.get(at).filter(|_| out.len() < MAX_NAME_BYTES) {
            let hex = (*byte == b'#').then(|| raw.get(at + 1..at + 3)).flatten();
            let decoded =
                hex.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
            out.push(decoded.unwrap_or(*byte));
            at += if decoded.is_some() { 3 } else { 1 };
        }
        Some(String::from_utf8_lossy(&out).into_owned())
    }

    fn literal_string(&mut self) -> Option<Object> {
        let mut open = 0u32;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Some(Object::String);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn array(&mut self, depth: u32) -> Option<Object> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            if self.keyword(b"]") {
                return Some(Object::Array(items));
            }
            items.push(self.nested(depth + 1)?);
        }
    }

    fn dictionary(&mut self, depth: u32) -> Option<Object> {
        self.at += 2;
        let mut entries = BTreeMap::new();
        loop {
            if self.keyword(b">>") {
                return Some(Object::Dictionary(entries));
            }
            self.skip_space();
            if self.peek()? != b'/' {
                return None;
            }
            let key = self.name()?;
            // A broken value ends the dictionary, but what came before it counts.
            let Some(value) = self.nested(depth + 1) else { return Some(Object::Dictionary(entries)) };
            entries.insert(key, value);
        }
    }

    fn number(&mut self) -> Option<f64> {
        let rest = self.bytes.get(self.at..)?;
        let len = rest
            .iter()
            .take(32)
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.'))
            .unwrap_or(rest.len().min(32));
        let text = std::str::from_utf8(rest.get(..len)?).ok()?;
        self.at += len;
        // Writers produce numbers like `--5` and `1.2.3`; they are never ones that matter here.
        Some(text.parse().unwrap_or(0.0))
    }

    fn number_or_reference(&mut self) -> Option<Object> {
        let first = self.number()?;
        let back = self.at;
        self.skip_space();
        if first >= 0.0 && first.fract() == 0.0 && self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.number()?;
            self.skip_space();
            let after = self.bytes.get(self.at + 1);
            let ends = after.is_none_or(|byte| !byte.is_ascii_alphanumeric());
            if self.peek() == Some(b'R') && ends {
                self.at += 1;
                return Some(Object::Reference(first as u32));
            }
        }
        self.at = back;
        Some(Object::Number(first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Object> {
        Parser::new(text.as_bytes(), 0).object()
    }

    #[test]
    fn dictionaries_references_and_hidden_names() {
        let object =
            parse("<< /S /J#61vaScript /Kids [1 0 R 2 0 R] /N 3 /T (a\\)b(c)) % x\n /L <41> >>").unwrap();
        assert_eq!(object.name("S"), Some("JavaScript"));
        assert_eq!(
            object.get("Kids"),
            Some(&Object::Array(vec![Object::Reference(1), Object::Reference(2)]))
        );
        assert_eq!(object.get("N").and_then(Object::as_count), Some(3));
        assert_eq!(object.get("L"), Some(&Object::String));
    }

    #[test]
    fn endless_objects_end() {
        assert_eq!(parse(&"[".repeat(100_000)), None);
        assert_eq!(parse(&format!("[{}]", "0 ".repeat(200_000))), None);
        assert_eq!(parse("(never closed"), None);
        assert_eq!(parse("1 0 Rx"), Some(Object::Number(1.0)));
    }
}
