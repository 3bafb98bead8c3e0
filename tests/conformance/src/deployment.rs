//! The deployment template held against the names that the code gives: indexes, expiry, headers, folders, tags.
//!
//! Routes, events, environment and grants are held against the catalogue by the template's own checks.

use crate::tree;
use api::{INTAKE_TOKEN_HEADER, ORGANIZATION_HEADER, PURPOSE_HEADER};
use std::collections::BTreeSet;
use store::{INDEXES, IndexKind, TTL_ATTRIBUTE};

fn template() -> String {
    tree::read("infra/template.yaml")
}

/// The lines of one property that is a list, without its first.
fn section(template: &str, name: &str) -> String {
    let mut lines = template.lines().skip_while(|line| line.trim() != format!("{name}:"));
    let first = lines.next().unwrap_or_else(|| panic!("the template has no {name}"));
    let depth = first.len() - first.trim_start().len();
    lines
        .take_while(|line| line.len() - line.trim_start().len() > depth)
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn the_table_has_the_indexes_of_the_store() {
    let template = template();
    for (kind, property) in
        [(IndexKind::Local, "LocalSecondaryIndexes"), (IndexKind::Global, "GlobalSecondaryIndexes")]
    {
        let section = section(&template, property);
        let named: BTreeSet<&str> =
            section.lines().filter_map(|line| line.trim().strip_prefix("- IndexName: ")).collect();
        let wanted: BTreeSet<&str> =
            INDEXES.iter().filter(|index| index.kind == kind).map(|index| index.name).collect();
        assert_eq!(named, wanted, "{property}");
        for index in INDEXES.iter().filter(|index| index.kind == kind) {
            let schema = format!(
                "[{{ AttributeName: {}, KeyType: HASH }}, {{ AttributeName: {}, KeyType: RANGE }}]",
                index.partition, index.sort
            );
            assert!(section.contains(&schema), "{} is not keyed by {schema}", index.name);
        }
    }
}

/// The keys are found in the same order as what they open, and no copy of them is made.
#[test]
fn the_table_of_keys_has_the_local_indexes_and_no_copies() {
    let keys = section(&template(), "KeysTable");
    for index in INDEXES.iter().filter(|index| index.kind == IndexKind::Local) {
        assert!(keys.contains(&format!("- IndexName: {}", index.name)), "{}", index.name);
        assert!(keys.contains(&format!("AttributeName: {}, KeyType: RANGE", index.sort)), "{}", index.sort);
    }
    let expiry = format!("TimeToLiveSpecification: {{ AttributeName: {TTL_ATTRIBUTE}, Enabled: true }}");
    assert!(keys.contains(&expiry) && !keys.contains("Recovery") && !keys.contains("Stream"));
}

#[test]
fn the_table_forgets_by_the_attribute_of_the_store() {
    assert!(
        template().contains(&format!(
            "TimeToLiveSpecification: {{ AttributeName: {TTL_ATTRIBUTE}, Enabled: true }}"
        ))
    );
}

#[test]
fn the_portal_may_send_the_headers_that_are_read() {
    let template = template();
    let allowed =
        template.lines().find_map(|line| line.trim().strip_prefix("AllowHeaders: [")).expect("headers");
    let allowed: BTreeSet<&str> = allowed.trim_end_matches(']').split(", ").collect();
    let wanted = ["authorization", "content-type", "idempotency-key"];
    let wanted = wanted.into_iter().chain([INTAKE_TOKEN_HEADER, ORGANIZATION_HEADER, PURPOSE_HEADER]);
    assert_eq!(allowed, wanted.collect());
}

#[test]
fn the_bucket_knows_the_folders_and_tags_of_the_vault() {
    let template = template();
    for folder in [vault::layout::UPLOADS, vault::layout::PREVIEWS] {
        assert!(template.contains(&format!("${{ContentBucket.Arn}}/{folder}*")), "{folder}");
    }
    let ((tag, pending), (same_tag, kept)) = (vault::layout::PENDING, vault::layout::KEPT);
    assert_eq!(tag, same_tag);
    for states in [pending.to_owned(), format!("[{kept}, {pending}]")] {
        assert!(template.contains(&format!("s3:RequestObjectTag/{tag}: {states} ")), "{tag}: {states}");
    }
}
