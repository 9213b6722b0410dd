//! What the tests share: source text to a verified code object.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use toy_code::CodeObject;
use toy_source::{Diagnostic, Source};

/// Compiles and verifies a program.
pub(crate) fn compile(text: &str) -> CodeObject {
    let code = try_compile(text).unwrap_or_else(|diagnostic| {
        panic!("{}\n{:.2000}", diagnostic.message, text);
    });
    if let Err(error) = toy_code::verify(&code) {
        panic!("{error}\n{:.20000}\n{:.2000}", toy_code::disassemble(&code), text);
    }
    code
}

/// Compiles a program that may be wrong.
pub(crate) fn try_compile(text: &str) -> Result<CodeObject, Diagnostic> {
    let source = Source::new("test.toy", text);
    let ast = toy_syntax::parse(&source)?;
    toy_compile::compile(&ast, &source)
}

/// All code objects, outermost first.
pub(crate) fn all(code: &CodeObject) -> Vec<&CodeObject> {
    let mut found = vec![code];
    let mut next = 0;
    while next < found.len() {
        found.extend(&found[next].codes);
        next += 1;
    }
    found
}
