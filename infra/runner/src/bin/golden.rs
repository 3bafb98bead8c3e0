//! Writes the generated files that are checked in, or compares them: `golden [--check] CHECKOUT`.
//!
//! `infra/openapi.json` and `infra/functions.json` come from the functions' own declarations. `cargo xtask golden` runs
//! this.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it reports to a person at a terminal")]

use api::Function;
use serde_json::{Map, Value};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// A file as it should be.
struct Golden {
    path: PathBuf,
    text: String,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (check, root) = match words.as_slice() {
        ["--check", root] => (true, root),
        [root] if !root.starts_with('-') => (false, root),
        _ => {
            eprintln!("usage: golden [--check] CHECKOUT");
            return ExitCode::from(2);
        }
    };
    match run(Path::new(root), check) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is as it should be afterwards.
fn run(root: &Path, check: bool) -> io::Result<bool> {
    let mut well = true;
    for golden in goldens(root, &runner::functions::functions()) {
        let path = golden.path.display();
        if fs::read_to_string(&golden.path).is_ok_and(|there| there == golden.text) {
            println!("unchanged: {path}");
        } else if check {
            well = false;
            eprintln!(
                "{path} is not what the code says: run `cargo xtask golden` and look at the difference"
            );
        } else {
            fs::write(&golden.path, &golden.text)?;
            println!("written: {path}");
        }
    }
    Ok(well)
}

fn goldens(root: &Path, functions: &[Function]) -> [Golden; 2] {
    let infra = root.join("infra");
    [
        Golden { path: infra.join("openapi.json"), text: pretty(&api::openapi::document(functions)) },
        Golden { path: infra.join("functions.json"), text: pretty(&api::catalogue::document(functions)) },
    ]
}

/// Keys in order, whatever order the maps of this build keep, so that a file changes only when its content does.
fn pretty(value: &Value) -> String {
    format!("{:#}\n", sorted(value))
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|a, b| a.0.cmp(b.0));
            Value::Object(
                fields.into_iter().map(|(key, item)| (key.clone(), sorted(item))).collect::<Map<_, _>>(),
            )
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_come_in_order_at_every_depth() {
        let text = pretty(&json!({ "b": [{ "d": 1, "c": 2 }], "a": null }));
        assert_eq!(
            text,
            "{\n  \"a\": null,\n  \"b\": [\n    {\n      \"c\": 2,\n      \"d\": 1\n    }\n  ]\n}\n"
        );
    }

    #[test]
    fn a_difference_is_told_once_and_mended() {
        let root = std::env::temp_dir().join(format!("golden-{}", std::process::id()));
        fs::create_dir_all(root.join("infra")).unwrap();
        assert!(!run(&root, true).unwrap(), "nothing is there, and that went unnoticed");
        assert!(run(&root, false).unwrap() && run(&root, true).unwrap());
        fs::write(root.join("infra/functions.json"), "{}\n").unwrap();
        assert!(!run(&root, true).unwrap(), "a changed file went unnoticed");
        fs::remove_dir_all(root).unwrap();
    }
}
