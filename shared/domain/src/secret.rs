//! Masking: what is shown of a confidential detail before someone asks, audited, to see it (R085, X-10).

/// The first two characters of each word, then dots: enough to tell two people apart, not to know one.
pub fn words(text: &str) -> String {
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

fn word(word: &str) -> String {
    let shown = if word.chars().count() > 3 { 2 } else { 1 };
    word.chars().take(shown).chain("•••".chars()).collect()
}

/// Everything but the last `shown` letters and digits.
pub fn all_but_last(text: &str, shown: usize) -> String {
    let kept: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let shown = if kept.len() > shown * 2 { shown } else { 0 };
    "••••".chars().chain(kept.into_iter().rev().take(shown).collect::<Vec<_>>().into_iter().rev()).collect()
}

/// Nothing of it.
pub const NOTHING: &str = "••••";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_people_apart_and_hide_them() {
        assert_eq!(words("Grace Okonkwo"), "Gr••• Ok•••");
        assert_eq!(words("Bo Li"), "B••• L•••");
        assert_eq!(all_but_last("+1 (503) 555-0142", 2), "••••42");
        assert_eq!(all_but_last("1234", 4), "••••");
    }
}
