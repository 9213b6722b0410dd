//! Programs that are long or deep: nothing overflows, no field is too small, and time stays linear.

mod common;

use std::fmt::Write;

use toy_code::{Instruction, Op};

const MANY: usize = 100_000;

/// `make(0), make(1), …` joined.
fn joined(count: usize, separator: &str, make: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for index in 0..count {
        if index > 0 {
            text.push_str(separator);
        }
        text.push_str(&make(index));
    }
    text
}

fn operations(text: &str) -> Vec<Op> {
    let mut found = Vec::new();
    for code in common::all(&common::compile(text)) {
        let mut word = 0;
        while let Some(op) = code.words.get(word).and_then(|&word| Instruction(word).op()) {
            found.push(op);
            word += 1 + usize::from(op.info().extra_words);
        }
    }
    found
}

#[test]
fn long_sums_comparisons_and_chains() {
    common::compile(&format!("x = {}", joined(MANY, " + ", |_| "a".into())));
    common::compile(&format!("x = {}", joined(MANY, " + ", |index| index.to_string())));
    common::compile(&format!("x = {}", joined(MANY, " < ", |_| "a".into())));
    common::compile(&format!("if {}: pass", joined(MANY, " < ", |_| "f()".into())));
    common::compile(&format!("x = {}", joined(MANY, " and ", |_| "a".into())));
    common::compile(&format!("if {}: pass", joined(MANY, " or ", |_| "a".into())));
    common::compile(&format!("x = {}", joined(MANY, ".", |_| "a".into())));
    common::compile(&format!("x = a{}", joined(MANY, "", |_| "[0]()".into())));
}

#[test]
fn long_displays_and_calls_go_in_chunks() {
    let names = joined(MANY, ", ", |_| "a".into());
    let pairs = joined(MANY, ", ", |index| format!("{index}: a"));
    let keywords = joined(1000, ", ", |index| format!("k{index}=a"));
    for text in [format!("f({names})"), format!("f({keywords})"), format!("x = [{names}]"), format!("x = {{{names}}}")]
    {
        common::compile(&text);
    }
    common::compile(&format!("x = ({names})"));
    common::compile(&format!("x = {{{pairs}}}"));
    common::compile(&format!("x = [{}]", joined(MANY, ", ", |index| index.to_string())));
    common::compile(&format!("x = f'{}'", joined(1000, "", |_| "{a}-".into())));
    common::compile(&format!("{} = x", joined(1000, ", ", |index| format!("a{index}"))));
    common::compile(&format!("def f():\n    {}, *b = x\n", joined(255, ", ", |index| format!("a{index}"))));
}

#[test]
fn long_chains_of_elif() {
    let mut text = String::from("if a == 0: b\n");
    for index in 0..MANY {
        let _ = writeln!(text, "elif a == {index}: b");
    }
    common::compile(&text);
}

#[test]
fn indices_past_sixteen_bits() {
    let constants = joined(70_000, "\n", |index| format!("f({index}.5)\nx = a + {index}.25"));
    common::compile(&constants);
    let attributes = joined(70_000, "\n", |index| format!("x.a{index} = y.a{index}\ndel x.a{index}"));
    let found = operations(&format!("{attributes}\nx.last.method()\nx.last += 1\n"));
    for op in [Op::GetAttributeBy, Op::SetAttributeBy, Op::DeleteAttributeBy] {
        assert!(found.contains(&op), "{op:?}");
    }
}

#[test]
fn functions_past_sixteen_bits() {
    let code = common::compile(&joined(70_000, "\n", |index| format!("f(lambda: {index})")));
    let mut indices = Vec::new();
    let mut word = 0;
    while let Some(op) = code.words.get(word).and_then(|&word| Instruction(word).op()) {
        if op == Op::MakeFunction {
            indices.push(code.words[word + 1]);
        }
        word += 1 + usize::from(op.info().extra_words);
    }
    assert!(indices.into_iter().eq(0..70_000));
}

#[test]
fn jumps_past_sixteen_bits() {
    let body = joined(20_000, "\n", |_| "        f(a)".into());
    for head in ["for a in b:", "while a < b:", "while True:", "if a < b:", "if not a:"] {
        common::compile(&format!("def g(a, b):\n    {head}\n{body}\n        if a: return\n    return b\n"));
    }
    let text = format!("def g(a, b):\n    try:\n{body}\n    except a:\n{body}\n    except b:\n{body}\n    return a\n");
    common::compile(&text);
    common::compile(&format!("async def g(a, b):\n    async for x in a:\n{body}\n    return a\n"));
}

#[test]
fn safepoints_keep_their_distance() {
    let line = "    x = a + b; y = a * x; z = x.p; x = y[z]\n";
    let straight = format!("def f(a, b):\n{}", line.repeat(1000));
    assert!(operations(&straight).contains(&Op::Safepoint));
    let guarded =
        format!("def f(a, b):\n    try:\n{}    except E:\n        return x\n", format!("    {line}").repeat(500));
    assert!(operations(&guarded).contains(&Op::Safepoint));
    let branches = format!("def f(a, b):\n{}", format!("    if a < b:\n    {line}").repeat(500));
    assert!(operations(&branches).contains(&Op::Safepoint));
    assert!(!operations("def f(a, b):\n    return a + b\n").contains(&Op::Safepoint));
}

#[test]
fn nesting_as_deep_as_the_parser_allows() {
    let texts = (1..)
        .map(|step| step * 20)
        .map(|depth| {
            [
                format!("x = {}1{}", "(".repeat(depth), ",)".repeat(depth)),
                format!("x = {}a{}", "[".repeat(depth), "]".repeat(depth)),
                format!("x = {}a", "not ".repeat(depth)),
                format!("x = {}a", "a ** ".repeat(depth)),
                format!("x = {}a", "lambda: ".repeat(depth)),
                format!("x = {}a", "a if b else ".repeat(depth)),
                format!("x = {}a{}", "f(".repeat(depth), ")".repeat(depth)),
                format!("x = {}a{}", "[b for b in ".repeat(depth), "]".repeat(depth)),
            ]
        })
        .take(60);
    let mut deepest = [0; 8];
    for (step, group) in texts.enumerate() {
        for (index, text) in group.iter().enumerate() {
            if common::try_compile(text).is_ok() {
                deepest[index] = (step + 1) * 20;
            }
        }
    }
    assert!(deepest.iter().all(|&depth| depth >= 80), "{deepest:?}");
}

#[test]
fn too_many_locals_is_an_error() {
    let text = format!("def f():\n{}", joined(66_000, "\n", |index| format!("    a{index} = 0")));
    let message = common::try_compile(&text).unwrap_err().message;
    assert_eq!(message, "too many variables and intermediate values in one function");
}
