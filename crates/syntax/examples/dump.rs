//! Prints the tree of files: `cargo run --example dump -- FILE…`, or their tokens with `-t` as the first argument.
#![expect(clippy::print_stdout, reason = "a command-line program")]

use toy_source::Source;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let only_tokens = arguments.next_if_eq("-t").is_some();
    for path in arguments {
        let source = match Source::from_bytes(&path, &std::fs::read(&path)?) {
            Ok(source) => source,
            Err(fault) => {
                println!("{fault}");
                continue;
            }
        };
        let dump = if only_tokens {
            toy_syntax::tokens(&source).map(|tokens| toy_syntax::dump_tokens(&tokens, &source))
        } else {
            toy_syntax::parse(&source).map(|ast| toy_syntax::dump_ast(&ast, &source))
        };
        print!("{}", dump.unwrap_or_else(|fault| fault.render(&source)));
    }
    Ok(())
}
