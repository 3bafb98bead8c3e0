//! The maps in the READMEs, which people find their way by, are the tree.

use crate::tree::{self, FUNCTIONS, crates_in, own};
use std::collections::{BTreeMap, BTreeSet};

/// The rows of a README's first table, each by the folder it links to.
fn rows(readme: &str) -> BTreeMap<String, Vec<String>> {
    let text = tree::read(readme);
    let table =
        text.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let mut rows = BTreeMap::new();
    for row in table.skip(2) {
        let cells: Vec<String> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let (name, folder) =
            link(&cells[0]).unwrap_or_else(|| panic!("{readme}: `{}` links to no folder", cells[0]));
        assert_eq!(format!("{name}/"), folder, "{readme}: a folder is called as its crate");
        assert!(cells[1].len() > 20, "{readme}: says what `{name}` is for");
        assert!(rows.insert(name, cells).is_none(), "{readme} has a row twice");
    }
    rows
}

/// `[name](folder/)`
fn link(cell: &str) -> Option<(String, &str)> {
    let (name, folder) = cell.strip_prefix('[')?.strip_suffix(')')?.split_once("](")?;
    Some((name.to_owned(), folder))
}

/// The words of a cell that stand in backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_map_of_functions_is_the_tree() {
    let rows = rows("functions/README.md");
    assert_eq!(rows.keys().cloned().collect::<BTreeSet<_>>(), tree::folders("functions"));
    for function in FUNCTIONS.iter() {
        let mut operations: Vec<String> =
            function.endpoints.iter().map(|endpoint| endpoint.operation.id.to_owned()).collect();
        operations.extend(function.events.iter().map(|event| event.id.to_owned()));
        assert_eq!(quoted(&rows[function.name][2]), operations, "operations of `{}`", function.name);
    }
}

#[test]
fn the_map_of_shared_crates_is_the_tree() {
    let rows = rows("shared/README.md");
    assert_eq!(rows.keys().cloned().collect::<BTreeSet<_>>(), tree::folders("shared"));
    for package in crates_in("shared") {
        let said: BTreeSet<String> = quoted(&rows[package.name.as_str()][2]).into_iter().collect();
        let is: BTreeSet<String> = own(package).into_iter().map(str::to_owned).collect();
        assert_eq!(said, is, "`{}` stands on", package.name);
    }
}

/// Every file that a README points to is there.
#[test]
fn links_lead_somewhere() {
    for readme in
        ["README.md", "functions/README.md", "shared/README.md", "infra/README.md", "portal/README.md"]
    {
        let (folder, text) = (readme.rsplit_once('/').map_or("", |(folder, _)| folder), tree::read(readme));
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") {
                continue;
            }
            let there = tree::root().join(folder).join(path);
            assert!(there.exists(), "{readme} points to {target}, which is not there");
        }
    }
}
