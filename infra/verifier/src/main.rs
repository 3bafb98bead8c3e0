//! Checks a certificate of destruction, or the proof that one record was destroyed, with nothing but the file (R155).
//!
//! ```text
//! verifier FILE [--key FINGERPRINT]
//! ```
//!
//! It says what the file proves and by which key; with `--key`, a file signed by any other key fails.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command talks to a person at a terminal")]

use evidence::{
    certificate::{Verified, verify},
    merkle::Digest,
};
use std::{fs, process::ExitCode};

const USAGE: &str = "verifier FILE [--key FINGERPRINT]";
/// More than the largest certificate; another file is not read to its end.
const FILE_BYTES: u64 = 16 * 1024 * 1024;

fn main() -> ExitCode {
    match told(std::env::args().skip(1).collect()) {
        Ok(sentence) => {
            println!("{sentence}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn told(words: Vec<String>) -> Result<String, String> {
    let (file, trusted) = match words.as_slice() {
        [file] => (file, None),
        [file, option, key] | [option, key, file] if option == "--key" => {
            (file, Some(key.parse::<Digest>().map_err(|error| error.to_string())?))
        }
        _ => return Err(format!("usage: {USAGE}")),
    };
    let size = fs::metadata(file).map_err(|error| format!("{file}: {error}"))?.len();
    if size > FILE_BYTES {
        return Err(format!("{file}: a certificate has at most {FILE_BYTES} bytes"));
    }
    let bytes = fs::read(file).map_err(|error| format!("{file}: {error}"))?;
    let verified = verify(&bytes, trusted).map_err(|fault| format!("{file} PROVES NOTHING: {fault}"))?;
    Ok(sentences(&verified, trusted.is_some()))
}

fn sentences(verified: &Verified, trusted: bool) -> String {
    let (head, all) = (&verified.head, &verified.head.destroyed);
    let mut lines = vec![
        format!("The signature holds. {}", head.statement),
        format!("organization   {} ({})", head.organization, head.organization_id),
        format!("batch          {}", head.disposition_id),
        format!("certified      {}", head.certified_at),
        format!(
            "destroyed      records: {}, keys: {}, objects in all their versions: {}",
            all.records, all.keys, all.objects
        ),
        format!(
            "approved by    {}",
            head.approvals.iter().map(|one| one.by.to_string()).collect::<Vec<_>>().join(", ")
        ),
        format!("root           {}", all.root),
    ];
    if all.kept > 0 {
        lines.push(format!(
            "left           to other records that have them as well: {} of the objects",
            all.kept
        ));
    }
    if verified.records.len() < usize::try_from(all.records).unwrap_or(usize::MAX) {
        for leaf in &verified.records {
            lines.push(format!(
                "proved         record {}: {}, {} to {}, {}, unreadable since {}",
                leaf.record_id,
                leaf.class.name(),
                leaf.from,
                leaf.to,
                leaf.method.name(),
                leaf.unreadable_since
            ));
        }
    } else {
        lines.push(format!("proved         every record that it lists: {}", verified.records.len()));
    }
    lines.push(format!("key            {}", verified.key_sha256));
    lines.push(if trusted {
        "It is the key you named.".to_owned()
    } else {
        "Compare the key's fingerprint with the one the organization has published.".to_owned()
    });
    lines.join("\n")
}
