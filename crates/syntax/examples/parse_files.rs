//! Parses files and prints what is wrong with each: `cargo run --example parse_files -- FILE…`.
//!
//! With `-m` as the first argument each *line* of the files that follow is a text of its own, with `\n` and `\\`
//! escaped, and one line is printed for it: `class|message|line|column|end line|end column`, or `OK`. Columns count
//! from one, as CPython's `SyntaxError.offset` does.
#![expect(clippy::print_stdout, reason = "a command-line program")]

use toy_source::Source;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let lines = arguments.next_if_eq("-m").is_some();
    let (mut good, mut bad) = (0, 0);
    for path in arguments {
        let text = std::fs::read(&path)?;
        if lines {
            for line in String::from_utf8_lossy(&text).lines() {
                println!("{}", verdict(&unescape(line)));
            }
            continue;
        }
        match Source::from_bytes(&path, &text)
            .map_err(|fault| fault.to_string())
            .and_then(|source| toy_syntax::parse(&source).map(|_| ()).map_err(|fault| fault.render(&source)))
        {
            Ok(()) => good += 1,
            Err(message) => {
                bad += 1;
                println!("{message}");
            }
        }
    }
    if !lines {
        println!("{good} good, {bad} bad");
    }
    Ok(())
}

fn unescape(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        out.push(match (char, char == '\\') {
            (_, true) => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            },
            (char, false) => char,
        });
    }
    out
}

fn verdict(text: &str) -> String {
    let source = Source::new("<text>", text);
    match toy_syntax::parse(&source) {
        Ok(_) => "OK".to_owned(),
        Err(fault) => {
            let (start, end) = (source.line_column(fault.span.start), source.line_column(fault.span.end));
            let shift = u32::from(fault.span.start != fault.span.end);
            let (class, message) = (fault.kind.class_name(), fault.message);
            format!("{class}|{message}|{}|{}|{}|{}", start.line, start.column + shift, end.line, end.column + 1)
        }
    }
}
