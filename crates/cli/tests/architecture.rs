//! The arrows between the crates are those of the README's table, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The dependencies on crates of ours that a manifest names.
fn arrows_of(manifest: &str) -> BTreeSet<String> {
    let names = manifest.lines().filter_map(|line| line.strip_prefix("toy-")?.split(['.', ' ', '=']).next());
    names.map(str::to_owned).collect()
}

/// The rows of the README's table of crates.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README exists");
    let below = readme.lines().skip_while(|line| !line.starts_with("| crate |"));
    let rows = below.take_while(|line| line.starts_with('|')).filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let name = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        let uses = cells.get(3)?.split(',').map(|name| name.trim().to_owned()).filter(|name| name != "–").collect();
        Some((name.to_owned(), uses))
    });
    rows.collect()
}

#[test]
fn the_manifests_draw_the_arrows_of_the_readme() {
    let table = table();
    let mut seen = BTreeSet::new();
    for folder in std::fs::read_dir(root().join("crates")).expect("the folder of crates exists") {
        let folder = folder.expect("readable").path();
        let name = folder.file_name().expect("named").to_string_lossy().into_owned();
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("every crate has a manifest");
        let allowed = table.get(&name).unwrap_or_else(|| panic!("the README's table lacks the crate {name}"));
        if !allowed.contains("all") {
            let arrows = arrows_of(&manifest);
            let extra: Vec<&String> = arrows.difference(allowed).collect();
            assert!(extra.is_empty(), "{name} uses {extra:?}, which the README's table does not say");
            let missing: Vec<&String> = allowed.difference(&arrows).collect();
            assert!(missing.is_empty(), "the README's table says that {name} uses {missing:?}, but it does not");
        }
        seen.insert(name);
    }
    let listed: BTreeSet<String> = table.into_keys().collect();
    assert_eq!(listed, seen, "the README's table and the folder of crates differ");
}
