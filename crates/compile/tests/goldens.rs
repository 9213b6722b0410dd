//! Programs with their disassembly, in one file each: source, a line of dashes, disassembly.
//!
//! `TOY_BLESS=1 cargo test -p toy-compile --test goldens` writes the second half anew.

mod common;

use std::fs;
use std::path::Path;

const SEPARATOR: &str = "\n----\n";

#[test]
fn disassembly_is_as_stored() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let blesses = std::env::var_os("TOY_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let stored = fs::read_to_string(&path).unwrap();
        let (program, expected) = stored.split_once(SEPARATOR).unwrap_or((stored.trim_end(), ""));
        let found = toy_code::disassemble(&common::compile(program));
        if blesses {
            fs::write(&path, format!("{program}{SEPARATOR}{found}")).unwrap();
        } else if found != expected {
            wrong.push(format!("{}:\n{program}{SEPARATOR}{found}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "not as stored; TOY_BLESS=1 accepts:\n{}", wrong.join("\n"));
}
