//! Texts that nobody would write: no text makes the crate panic, and every span lies within its text.

use std::{fs, path::Path};

use toy_source::Source;
use toy_syntax::{Ast, diagnostics, dump_ast, dump_tokens, parse, tokens};

/// The programs of all goldens.
fn programs() -> Vec<String> {
    let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let kinds = fs::read_dir(goldens).expect("goldens").map(|kind| kind.expect("a folder").path());
    let files = kinds.flat_map(|kind| fs::read_dir(kind).expect("a folder")).map(|file| file.expect("a file").path());
    let texts = files.map(|file| fs::read_to_string(file).expect("text"));
    texts.map(|text| text.split("=====\n").next().unwrap_or_default().to_owned()).collect()
}

fn survive(text: &str) {
    let source = Source::new("hostile.toy", text);
    match parse(&source) {
        Ok(ast) => sound(&ast, &source),
        Err(fault) => {
            assert!(fault.span.start <= fault.span.end, "{text:?}: {fault:?}");
            assert!(!fault.message.contains("expected one of"), "{text:?}: {fault:?}");
            fault.render(&source);
            assert!(diagnostics(&source).first() == Some(&fault), "{text:?}");
        }
    }
    if let Ok(tokens) = tokens(&source) {
        dump_tokens(&tokens, &source);
    }
}

/// Children before parents, spans within the text.
fn sound(ast: &Ast, source: &Source) {
    dump_ast(ast, source);
    let length = source.text().len() as u32;
    for expression in &ast.expressions {
        let span = expression.span;
        assert!(span.start <= span.end && span.end <= length, "{:?}: {span:?}", source.text());
    }
    for statement in &ast.statements {
        let span = statement.span;
        assert!(span.start < span.end && span.end <= length, "{:?}: {span:?}", source.text());
    }
}

/// A generator of numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

#[test]
fn every_prefix_and_suffix_is_survived() {
    for program in programs() {
        for (index, _) in program.char_indices() {
            survive(&program[..index]);
            survive(&program[index..]);
        }
    }
}

#[test]
fn mutations_are_survived() {
    const PIECES: [&str; 40] = [
        "(", ")", "[", "]", "{", "}", "'", "\"", "'''", "f'", "f\"\"\"", "\\", "\n", "\r", "\t", "    ", "#", ":",
        ":=", "=", ",", ".", "*", "**", "!", "if ", "else ", "for ", "in ", "lambda ", "match ", "case ", "type ",
        "with (", "async ", "0", "1_", "é", "\u{3000}", "\x0c",
    ];
    let programs = programs();
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for _ in 0..20_000 {
        let mut text: Vec<char> = programs[numbers.below(programs.len())].chars().collect();
        for _ in 0..=numbers.below(3) {
            let at = numbers.below(text.len());
            match numbers.below(3) {
                0 if !text.is_empty() => drop(text.remove(at)),
                1 if !text.is_empty() => {
                    let other = numbers.below(text.len());
                    text.swap(at, other);
                }
                _ => drop(text.splice(at..at, PIECES[numbers.below(PIECES.len())].chars())),
            }
        }
        survive(&text.into_iter().collect::<String>());
    }
}

#[test]
fn noise_is_survived() {
    let mut numbers = Numbers(42);
    for _ in 0..5_000 {
        let bytes: Vec<u8> = (0..numbers.below(60)).map(|_| numbers.below(256) as u8).collect();
        if let Ok(source) = Source::from_bytes("noise.toy", &bytes) {
            survive(source.text());
        }
        let ascii: String = (0..numbers.below(60)).map(|_| char::from(9 + numbers.below(118) as u8)).collect();
        survive(&ascii);
    }
}
