//! The list of modules in `crates/stdlib/docs/modules.md` is that of the binary.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{assert_run, toy_runs};

fn library() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../stdlib"))
}

/// What the rows of the tables say: by name, what a module is written in.
fn listed() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(library().join("docs/modules.md")).expect("the list of modules exists");
    let mut listed = BTreeMap::new();
    for row in text.lines().filter_map(|line| line.strip_prefix("| `")) {
        let (name, rest) = row.split_once("` | ").expect("a name in the first cell");
        let (written, what) = rest.split_once(" | ").expect("three cells");
        assert!(what.len() > " |".len(), "the row of {name} says nothing of it");
        assert!(listed.insert(name.to_owned(), written.to_owned()).is_none(), "{name} has two rows");
    }
    listed
}

#[test]
fn every_module_is_listed_and_no_other() {
    let finished = toy_runs(["-c", "import sys\nfor name in sys.builtin_module_names:\n    print(name)"]);
    assert_eq!((finished.code, finished.err().as_str()), (0, ""));
    let frozen = library().join("lib");
    let is_frozen = |name: &str| frozen.join(name).is_dir() || frozen.join(format!("{name}.toy")).is_file();
    let found: BTreeMap<String, String> = (finished.out().lines().filter(|name| !name.contains('.')))
        .map(|name| (name.to_owned(), if is_frozen(name) { "toy" } else { "native" }.to_owned()))
        .collect();
    assert_eq!(listed(), found, "the list (left) and the binary (right) differ");
}

#[test]
fn every_listed_module_can_be_imported() {
    let names: Vec<String> = listed().into_keys().collect();
    assert_run(&toy_runs(["-c", &format!("import {}", names.join(", "))]), 0, "", "");
}
