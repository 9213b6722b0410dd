//! Mistakes and what CPython 3.13 says of them: `mistakes.txt` holds texts, messages and places.

use toy_source::Source;
use toy_syntax::parse;

/// The text of a line of the table: line ends and backslashes are escaped there.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        out.push(match char {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                other => other.unwrap_or('\\'),
            },
            char => char,
        });
    }
    out
}

/// Class, message, line and offset of the first fault, with tabs between.
fn verdict(text: &str) -> String {
    let source = Source::new("<text>", text);
    match parse(&source) {
        Ok(_) => "nothing".to_owned(),
        Err(fault) => {
            let place = source.line_column(fault.span.start);
            // CPython counts columns from one; an empty span means the character before.
            let offset = place.column + u32::from(fault.span.start < fault.span.end);
            format!("{}\t{}\t{}\t{offset}", fault.kind.class_name(), fault.message, place.line)
        }
    }
}

#[test]
fn every_mistake_is_told_as_cpython_tells_it() {
    let table = include_str!("mistakes.txt");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in table.lines() {
        let (text, expected) = line.split_once('\t').expect("a text and a verdict");
        let found = verdict(&unescape(text));
        if found != expected {
            wrong.push(format!("{text}\n  expected {expected}\n  found    {found}"));
        }
        count += 1;
    }
    assert!(count >= 80, "{count} mistakes are too few");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
