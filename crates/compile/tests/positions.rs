//! Instructions that can raise come from the places that CPython 3.13 underlines in tracebacks.
//!
//! `positions/expected.txt` was printed by CPython: see `positions/derive.py`.

mod common;

use std::collections::BTreeSet;

use toy_code::{Instruction, Op};

const SAMPLE: &str = include_str!("positions/sample.py");
const EXPECTED: &str = include_str!("positions/expected.txt");

/// What CPython's instructions of the same kind are called in the stored places.
fn kind(op: Op) -> Option<&'static str> {
    let name = op.info().name;
    let is_arithmetic = (Op::Add as u8..=Op::XorConst as u8).contains(&(op as u8));
    let comparisons = ["eq", "ne", "lt", "le", "gt", "ge", "is", "is_not", "in", "not_in"];
    let compared = name.trim_start_matches("jump_").trim_end_matches("_const");
    Some(match op {
        Op::Call | Op::CallKeywords | Op::CallStar | Op::CallMethod | Op::CallMethodKeywords => "call",
        Op::GetAttribute | Op::GetMethod => "attribute",
        Op::GetItem | Op::GetItemConst => "subscript",
        Op::SetAttribute => "set_attribute",
        Op::SetItem | Op::SetItemConst => "set_item",
        Op::DeleteAttribute | Op::DeleteItem => "delete",
        Op::Raise | Op::RaiseFrom | Op::RaiseAgain => "raise",
        Op::ImportName | Op::ImportFrom => "import",
        Op::GetIterator | Op::ForIterator => "iterate",
        Op::Unpack | Op::UnpackStar => "unpack",
        Op::LoadGlobal | Op::LoadName => "name",
        Op::WithEnter => "with",
        Op::Yield => "yield",
        Op::Negative | Op::Invert => "unary",
        Op::FormatValue => "format",
        Op::JumpUnlessMatch => "match",
        _ if is_arithmetic => "binary",
        _ if comparisons.contains(&compared) => "compare",
        _ => return None,
    })
}

#[test]
fn places_are_cpythons() {
    let mut found = BTreeSet::new();
    let code = common::compile(SAMPLE);
    for code in common::all(&code) {
        let mut word = 0;
        while let Some(op) = code.words.get(word).and_then(|&word| Instruction(word).op()) {
            if let (Some(kind), Some(p)) = (kind(op), code.position(word)) {
                let place = format!("{} {} {} {}", p.line, p.end_line, p.column, p.end_column);
                found.insert(format!("{} {kind} {place}", code.qualified_name));
            }
            word += 1 + usize::from(op.info().extra_words);
        }
    }
    let expected: BTreeSet<String> = EXPECTED.lines().map(str::to_owned).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let wrong: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty() && wrong.is_empty(), "missing: {missing:#?}\nwrong: {wrong:#?}");
}
