//! Prints where every instruction of a file comes from: `positions FILE…`, one line an instruction.
#![expect(clippy::print_stdout, reason = "a tool for the terminal")]

use toy_code::{CodeObject, Instruction};
use toy_source::Source;

fn main() {
    for file in std::env::args().skip(1) {
        let text = std::fs::read(&file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let source = Source::new(&file, text);
        let code = toy_syntax::parse(&source).and_then(|ast| toy_compile::compile(&ast, &source));
        if let Ok(code) = code {
            print(&file, &code);
        }
    }
}

fn print(file: &str, code: &CodeObject) {
    let mut word = 0;
    while let Some(op) = code.words.get(word).and_then(|&word| Instruction(word).op()) {
        if let Some(p) = code.position(word) {
            let place = format!("{}\t{}\t{}\t{}", p.line, p.end_line, p.column, p.end_column);
            println!("{file}\t{}\t{}\t{}\t{place}", code.qualified_name, code.first_line, op.info().name);
        }
        word += 1 + usize::from(op.info().extra_words);
    }
    code.codes.iter().for_each(|code| print(file, code));
}
