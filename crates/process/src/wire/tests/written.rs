//! The files that are written from the code are as the code would write them; `TOY_BLESS=1` writes them anew.

use std::fs;
use std::path::Path;

use super::samples;
use crate::wire::{FRAME_MARK, FRAME_VERSION, Gives, MARK, OPS, OpInfo, VERSION};

/// Holds a file of this crate against what it should be.
fn check(path: &str, expected: &[u8]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("TOY_BLESS").is_some() {
        fs::create_dir_all(file.parent().expect("it is in a folder")).expect("the folder can be made");
        fs::write(&file, expected).expect("the file can be written");
    }
    let found = fs::read(&file).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert!(found == expected, "{path} is not what the code would write: run this test with TOY_BLESS=1");
}

/// A row of the table in Markdown.
fn row(info: &OpInfo) -> String {
    let operands: Vec<_> = info.operands.iter().map(|(name, encoding)| format!("`{name}`: {encoding}")).collect();
    let mut takes: Vec<_> = info.takes.iter().map(|need| need.name().to_owned()).collect();
    match info.each {
        0 => {}
        1 => takes.push("`count` values".to_owned()),
        each => takes.push(format!("{each} × `count` values")),
    }
    let gives = match info.gives {
        Gives::Nothing => "–",
        Gives::New(kind) => kind.name(),
        Gives::First => "the first of these",
        Gives::Remembered => "what was remembered",
    };
    let or_none =
        |list: Vec<String>, between: &str| if list.is_empty() { "–".to_owned() } else { list.join(between) };
    let (operands, takes) = (or_none(operands, "; "), or_none(takes, ", "));
    format!("| `{:02x}` | `{}` | {operands} | {takes} | {gives} | {} |\n", info.byte, info.name, info.doc)
}

#[test]
fn the_table_of_operations_is_that_of_the_code() {
    let head = "| byte | operation | operands | takes | leaves | meaning |\n|---|---|---|---|---|---|\n";
    let rows: String = OPS.iter().map(|info| row(info)).collect();
    check("src/wire/operations.md", format!("{head}{rows}").as_bytes());
}

#[test]
fn the_seeds_of_the_fuzzer_are_the_samples() {
    for (name, bytes) in samples::values() {
        check(&format!("fuzz/seeds/decode_value/{name}"), &bytes);
    }
    for (name, bytes) in samples::streams() {
        // The first byte is the target's choice: pieces of 4 bytes, checksums to be set right.
        check(&format!("fuzz/seeds/decode_frame/{name}"), &[&[7], &bytes[..]].concat());
    }
}

#[test]
fn the_dictionaries_of_the_fuzzer_hold_every_operation() {
    let quoted = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let mut values = format!("mark=\"{}\"\n", quoted(&[MARK[0], MARK[1], VERSION]));
    for info in OPS {
        values += &format!("{}=\"{}\"\n", info.name, quoted(&[info.byte]));
    }
    check("fuzz/decode_value.dict", values.as_bytes());
    let frames = format!("mark=\"{}\"\n", quoted(&[FRAME_MARK[0], FRAME_MARK[1], FRAME_VERSION]));
    check("fuzz/decode_frame.dict", frames.as_bytes());
}
