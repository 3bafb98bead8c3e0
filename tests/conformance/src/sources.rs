//! What no source file may hold, and what each must (rules 6 and 8).

use crate::tree;

#[test]
fn every_module_says_what_it_is_for() {
    let silent: Vec<String> = tree::rust_files()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(file, _)| file)
        .collect();
    assert!(silent.is_empty(), "no opening `//!` in {silent:#?}");
}

/// Content is found by its key or by a query; a scan reads everybody's.
#[test]
fn nothing_scans() {
    nowhere(&[".scan()", "scan_paginator", "ScanInput", "dynamodb:Scan\""]);
}

#[test]
fn nothing_is_unsafe() {
    nowhere(&["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern", "allow(unsafe_code)"]);
}

#[test]
fn nothing_is_left_for_later() {
    nowhere(&["#[ignore", "todo!(", "unimplemented!(", "FIXME", "XXX"]);
}

fn nowhere(words: &[&str]) {
    for (file, text) in tree::rust_files() {
        for (number, line) in text.lines().enumerate() {
            for word in words {
                assert!(!line.contains(word), "{file}:{} holds `{word}`", number + 1);
            }
        }
    }
}

/// Keys of the table are made in one file, so that no two kinds of thing can meet under one key.
#[test]
fn table_keys_are_made_in_one_place() {
    let prefixes = [
        "\"ORG#",
        "\"CLIENT#",
        "\"CHART#",
        "\"RECORD#",
        "\"MEMBER#",
        "\"IDENTITY#",
        "\"EVIDENCE#",
        "\"INTAKE#",
        "\"INBOX#",
        "\"ONCE#",
        "\"FIND#",
        "\"INVITATION#",
        "\"SPACE#",
        "\"SPACES#",
    ];
    for (file, text) in tree::rust_files() {
        // A query says the prefix of what it lists; everything else is made by `keys`.
        let shipped = file.starts_with("functions/") || file.starts_with("shared/");
        if !shipped || matches!(file.as_str(), "shared/store/src/keys.rs" | "shared/store/src/queries.rs") {
            continue;
        }
        for prefix in prefixes {
            assert!(!text.contains(prefix), "{file} makes a key of the table: {prefix}");
        }
    }
}

/// The table of access patterns names queries that exist.
#[test]
fn access_patterns_name_their_queries() {
    let store: String = tree::rust_files()
        .into_iter()
        .filter(|(file, _)| file.starts_with("shared/store/src/"))
        .map(|(_, text)| text)
        .collect();
    let keys = tree::read("shared/store/src/keys.rs");
    let rows: Vec<&str> = keys.lines().filter(|line| line.starts_with("//! | ")).skip(1).collect();
    assert!(rows.len() > 20, "{} access patterns", rows.len());
    let mut named = Vec::new();
    for row in rows {
        for query in row.split("`Store::").skip(1).filter_map(|rest| rest.split('`').next()) {
            let declared = format!("fn {query}");
            assert!(
                store.contains(&format!("{declared}(")) || store.contains(&format!("{declared}<")),
                "{row}"
            );
            named.push(query.to_owned());
        }
    }
    for query in public_queries() {
        let listed = named.iter().any(|name| query == *name || query.starts_with(&format!("{name}_")));
        assert!(listed, "no row of the access patterns names `Store::{query}`");
    }
}

/// The queries of the store that others can call.
fn public_queries() -> Vec<String> {
    let queries = tree::read("shared/store/src/queries.rs");
    let names = queries.lines().filter_map(|line| line.trim_start().strip_prefix("pub async fn "));
    names.filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned).collect()
}
