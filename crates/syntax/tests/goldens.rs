//! Programs with the tokens, the tree or the message that they give: `goldens/KIND/NAME.txt` holds program and result.
//!
//! `TOY_BLESS=1 cargo test -p toy-syntax --test goldens` writes the results anew.

use std::{fs, path::Path};

use toy_source::Source;
use toy_syntax::{dump_ast, dump_tokens, parse, tokens};

/// Between a program and its result.
const RULE: &str = "=====\n";

fn check(kind: &str, result: impl Fn(&Source) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(kind);
    let bless = std::env::var_os("TOY_BLESS").is_some();
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("a folder of goldens") {
        let path = entry.expect("an entry").path();
        let text = fs::read_to_string(&path).expect("a golden");
        let (program, expected) = text.split_once(RULE).unwrap_or((&text, ""));
        let found = result(&Source::new("golden.toy", program));
        if found != expected {
            if bless {
                fs::write(&path, format!("{program}{RULE}{found}")).expect("a writable golden");
            } else {
                wrong.push(format!("{}:\n{program}{RULE}{found}", path.display()));
            }
        }
        count += 1;
    }
    assert!(count > 0, "no goldens in {}", folder.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn token_goldens() {
    check("tokens", |source| match tokens(source) {
        Ok(tokens) => dump_tokens(&tokens, source),
        Err(fault) => fault.render(source),
    });
}

#[test]
fn tree_goldens() {
    check("trees", |source| match parse(source) {
        Ok(ast) => dump_ast(&ast, source),
        Err(fault) => fault.render(source),
    });
}

#[test]
fn message_goldens() {
    check("messages", |source| parse(source).map_or_else(|fault| fault.render(source), |_| "sound\n".to_owned()));
}
