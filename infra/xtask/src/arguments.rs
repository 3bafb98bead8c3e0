//! The words after a command's name.

use crate::process::{Failure, Outcome};

/// What is still to be taken of a command line.
#[derive(Debug)]
pub struct Arguments(Vec<String>);

impl Arguments {
    pub fn new(words: Vec<String>) -> Self {
        Self(words)
    }

    /// Takes a flag: whether it was given.
    pub fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|word| word != name);
        self.0.len() < before
    }

    /// Takes an option's value, from `--name value` or `--name=value`.
    pub fn value(&mut self, name: &str) -> Outcome<Option<String>> {
        let Some(at) = self.0.iter().position(|word| is_named(word, name)) else { return Ok(None) };
        let word = self.0.remove(at);
        if let Some((_, value)) = word.split_once('=') {
            return Ok(Some(value.to_owned()));
        }
        if at < self.0.len() {
            return Ok(Some(self.0.remove(at)));
        }
        Err(Failure::new(format!("`{name}` needs a value")))
    }

    /// Whatever was not taken, for another program.
    pub fn rest(self) -> Vec<String> {
        self.0
    }

    /// Refuses words that nobody took.
    pub fn nothing_left(self) -> Outcome {
        match self.0.first() {
            None => Ok(()),
            Some(word) => {
                Err(Failure::new(format!("`{word}` means nothing here; `cargo xtask help` tells what does")))
            }
        }
    }
}

fn is_named(word: &str, name: &str) -> bool {
    word.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Arguments {
        Arguments::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn options_are_taken_in_either_spelling_and_any_order() {
        let mut given = arguments("--data here --release --port=8500");
        assert_eq!(given.value("--port").unwrap().as_deref(), Some("8500"));
        assert!(given.flag("--release"));
        assert!(!given.flag("--release"));
        assert_eq!(given.value("--data").unwrap().as_deref(), Some("here"));
        assert!(given.value("--data").unwrap().is_none());
        assert!(given.nothing_left().is_ok());
    }

    #[test]
    fn an_option_is_not_mistaken_for_a_longer_one() {
        assert!(arguments("--database x").value("--data").unwrap().is_none());
    }

    #[test]
    fn what_is_missing_or_unknown_is_said() {
        assert!(arguments("--port").value("--port").unwrap_err().to_string().contains("--port"));
        assert!(arguments("--fast").nothing_left().unwrap_err().to_string().contains("`--fast`"));
    }
}
