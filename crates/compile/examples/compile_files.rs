//! Compiles and verifies files, or prints the disassembly of one: `compile_files [--dis] FILE…`.
#![expect(clippy::print_stdout, reason = "a tool for the terminal")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use toy_source::Source;

fn main() {
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let shows = files.first().is_some_and(|first| first == "--dis");
    if shows {
        files.remove(0);
    }
    let (mut good, mut bad) = (0, 0);
    for file in &files {
        let text = std::fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let outcome = match text {
            Ok(text) => catch_unwind(AssertUnwindSafe(|| check(file, text, shows))).unwrap_or(Err("panic".into())),
            Err(error) => Err(error.to_string()),
        };
        match outcome {
            Ok(()) => good += 1,
            Err(message) => {
                bad += 1;
                println!("{file}: {message}");
            }
        }
    }
    println!("{good} good, {bad} bad");
}

fn check(file: &str, text: String, shows: bool) -> Result<(), String> {
    let source = Source::new(file, text);
    let ast = toy_syntax::parse(&source).map_err(|diagnostic| diagnostic.render(&source))?;
    let code = toy_compile::compile(&ast, &source).map_err(|diagnostic| diagnostic.render(&source))?;
    if shows {
        println!("{}", toy_code::disassemble(&code));
    }
    toy_code::verify(&code).map_err(|error| error.to_string())
}
