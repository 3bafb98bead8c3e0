//! Counting tests by the closing lines of those who run them.

use std::ops::AddAssign;

/// Tests that ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    /// Of Python's unittest, which says how many ran on one line and how many failed on a later one.
    ran: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Counts {
    /// Takes the counts from a line, if it is a closing line.
    pub fn read(&mut self, line: &str) {
        let line = line.trim();
        if let Some((_, summary)) = line.split_once("tests run:").or_else(|| line.split_once("test run:")) {
            self.read_words(summary);
        } else if let Some(result) = line.strip_prefix("test result:") {
            self.read_words(result);
        } else if let Some(ran) = line.strip_prefix("Ran ") {
            self.ran = leading_number(ran).unwrap_or_default();
        } else if line == "OK" || line.starts_with("OK (") {
            self.passed += std::mem::take(&mut self.ran);
        } else if let Some(reasons) = line.strip_prefix("FAILED (") {
            let failed = reasons.split(|c: char| !c.is_ascii_digit()).filter_map(leading_number).sum::<u64>();
            let failed = failed.min(self.ran);
            self.failed += failed;
            self.passed += std::mem::take(&mut self.ran) - failed;
        } else if let Some(summary) = line.strip_prefix("Tests ") {
            // Vitest: `Tests  1 failed | 3 passed (4)`.
            self.read_words(&summary.replace('|', ","));
        } else if let Some(passed) = node_count(line, "pass") {
            self.passed += passed;
        } else if let Some(failed) = node_count(line, "fail") {
            self.failed += failed;
        } else if is_plain(line) {
            self.read_words(line);
        }
    }

    /// `8 passed (1 slow), 1 failed, 1 timed out`: a number, then what it counts.
    fn read_words(&mut self, summary: &str) {
        let mut number: Option<u64> = None;
        for word in summary.split([' ', ',', ';']).filter(|word| !word.is_empty()) {
            match (number.take(), word) {
                (Some(count), "passed") => self.passed += count,
                (Some(count), "failed" | "timed" | "exec") => self.failed += count,
                _ => number = word.parse().ok(),
            }
        }
    }
}

/// Node's runner: `# pass 3` or `ℹ pass 3`.
fn node_count(line: &str, word: &str) -> Option<u64> {
    let rest = line.strip_prefix(['#', 'ℹ'])?.trim_start();
    rest.strip_prefix(word)?.trim().parse().ok()
}

/// `3 passed, 0 failed` alone on a line, as our own checks close.
fn is_plain(line: &str) -> bool {
    line.split_once(" passed, ").is_some_and(|(passed, failed)| {
        passed.parse::<u64>().is_ok()
            && failed.strip_suffix(" failed").is_some_and(|failed| failed.parse::<u64>().is_ok())
    })
}

fn leading_number(text: &str) -> Option<u64> {
    text.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> (u64, u64) {
        let mut counts = Counts::default();
        lines.iter().for_each(|line| counts.read(line));
        (counts.passed, counts.failed)
    }

    #[test]
    fn nextest() {
        assert_eq!(read(&["     Summary [   0.017s] 1 test run: 1 passed, 0 skipped"]), (1, 0));
        let all = "Summary [  12.017s] 13 tests run: 9 passed (2 slow, 1 leaky), 2 failed, 1 exec failed, 1 timed out, 3 skipped";
        assert_eq!(read(&[all]), (9, 4));
        assert_eq!(read(&["Summary [ 1s] 5/9 tests run: 4 passed, 1 failed, 0 skipped"]), (4, 1));
    }

    #[test]
    fn the_portals_runners() {
        assert_eq!(read(&["      Tests  1 failed | 3 passed (4)"]), (3, 1));
        assert_eq!(read(&["      Tests  12 passed (12)"]), (12, 0));
        assert_eq!(read(&["ℹ tests 4", "ℹ pass 3", "ℹ fail 1"]), (3, 1));
        assert_eq!(read(&["# tests 4", "# pass 4", "# fail 0"]), (4, 0));
        assert_eq!(read(&["# pass the salt"]), (0, 0));
    }

    #[test]
    fn cargo_test_in_several_binaries() {
        let lines = [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ];
        assert_eq!(read(&lines), (4, 2));
    }

    #[test]
    fn unittest() {
        assert_eq!(read(&["Ran 3 tests in 0.400s", "", "OK"]), (3, 0));
        assert_eq!(read(&["Ran 5 tests in 0.400s", "", "FAILED (failures=1, errors=2)"]), (2, 3));
        // Subtests may fail more often than there are tests.
        assert_eq!(read(&["Ran 2 tests in 0.4s", "FAILED (failures=7)"]), (0, 2));
        assert_eq!(read(&["OK"]), (0, 0));
    }

    #[test]
    fn the_plain_line_and_nothing_like_it() {
        assert_eq!(read(&["12 passed, 1 failed"]), (12, 1));
        assert_eq!(read(&["of these 12 passed, 1 failed", "passed, failed", "test a ... ok"]), (0, 0));
    }
}
