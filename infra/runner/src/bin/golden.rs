//! Writes the generated files that are checked in, or compares them: `golden [--check] CHECKOUT`.
//!
//! `infra/openapi.json` and `infra/functions.json` come from the functions' own declarations. `cargo xtask golden` runs
//! this.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it reports to a person at a terminal")]

use api::{Access, Function, Grants, Keys, Objects, Operation, Table};
use serde_json::{Map, Value, json};
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
        Golden { path: infra.join("functions.json"), text: pretty(&described(functions)) },
    ]
}

/// Every function by its name: what it serves, what wakes it, and what it may touch.
fn described(functions: &[Function]) -> Value {
    let entries = functions.iter().map(|function| {
        let operations: Vec<Value> =
            function.endpoints.iter().map(|endpoint| operation(endpoint.operation)).collect();
        let event = function.event.as_ref().map(|event| event.id);
        let entry = json!({ "operations": operations, "event": event, "grants": grants(function.grants) });
        (function.name.to_owned(), entry)
    });
    Value::Object(entries.collect())
}

fn operation(operation: &Operation) -> Value {
    json!({
        "id": operation.id,
        "method": operation.method.name(),
        "path": operation.path,
        "action": operation.action.name(),
        "evidence": operation.evidence.name(),
        "access": access(operation.access),
        "success": operation.success,
    })
}

fn access(access: Access) -> &'static str {
    match access {
        Access::Member => "member",
        Access::Identity => "identity",
        Access::IntakeLink => "intake_link",
    }
}

fn grants(grants: Grants) -> Value {
    json!({
        "table": table_grant(grants.table),
        "objects": objects_grant(grants.objects),
        "keys": keys_grant(grants.keys),
    })
}

fn table_grant(table: Table) -> &'static str {
    match table {
        Table::ReadAndWitness => "read_and_witness",
        Table::ReadWrite => "read_write",
        Table::ReadWriteAndTrail => "read_write_and_trail",
    }
}

fn objects_grant(objects: Objects) -> &'static str {
    match objects {
        Objects::None => "none",
        Objects::Upload => "upload",
        Objects::Inspect => "inspect",
        Objects::Download => "download",
    }
}

fn keys_grant(keys: Keys) -> &'static str {
    match keys {
        Keys::None => "none",
        Keys::Decrypt => "decrypt",
        Keys::DecryptAndGenerate => "decrypt_and_generate",
    }
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

    #[test]
    fn keys_come_in_order_at_every_depth() {
        let text = pretty(&json!({ "b": [{ "d": 1, "c": 2 }], "a": null }));
        assert_eq!(
            text,
            "{\n  \"a\": null,\n  \"b\": [\n    {\n      \"c\": 2,\n      \"d\": 1\n    }\n  ]\n}\n"
        );
    }

    #[test]
    fn every_operation_and_event_is_described() {
        let functions = runner::functions::functions();
        let described = described(&functions);
        for function in &functions {
            let entry = &described[function.name];
            assert_eq!(entry["operations"].as_array().unwrap().len(), function.endpoints.len());
            assert_eq!(entry["event"].as_str(), function.event.as_ref().map(|event| event.id));
        }
        assert_eq!(described.as_object().unwrap().len(), functions.len(), "two functions of one name");
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
