//! Long and deep texts: linear time, no overflow of the stack, CPython's limits.

use std::time::{Duration, Instant};

use toy_source::Source;
use toy_syntax::{Ast, dump_ast, parse};

const MANY: usize = 100_000;

/// Parses within a time that only quadratic behaviour exceeds.
fn sound(text: &str) -> Ast {
    let source = Source::new("long.toy", text);
    let start = Instant::now();
    let ast = parse(&source).unwrap_or_else(|fault| panic!("{}", fault.message));
    let taken = start.elapsed();
    assert!(taken < Duration::from_secs(10), "{taken:?}");
    ast
}

fn message(text: &str) -> String {
    let source = Source::new("long.toy", text);
    parse(&source).expect_err("too deep").message
}

#[test]
fn chains_to_the_left_are_shallow() {
    for joint in [" + a", " and a", " < a", ".a", "()", "[0]", " if a else b\nc", ", a"] {
        let ast = sound(&format!("a{}\n", joint.repeat(MANY)));
        let deepest = ast.statements.iter().map(|statement| statement.depth).max();
        assert!(deepest < Some(10), "{joint}: {deepest:?}");
    }
}

#[test]
fn long_displays_calls_strings_and_chains_of_clauses_are_linear() {
    sound(&format!("[{}]\n", "1, ".repeat(MANY)));
    sound(&format!("f({})\n", "a, ".repeat(MANY)));
    sound(&format!("f({})\n", (0..MANY).map(|index| format!("k{index}=1, ")).collect::<String>()));
    sound(&format!("{{{}}}\n", "1: 2, ".repeat(MANY)));
    sound(&format!("{}\n", "'a' ".repeat(MANY)));
    sound(&format!("'{}'\n", "a".repeat(10 * MANY)));
    sound(&format!("f'{}'\n", "{a}b".repeat(MANY)));
    sound(&format!("if a: pass\n{}", "elif a: pass\n".repeat(MANY)));
    sound(&format!("match a:\n{}", " case 1: pass\n".repeat(MANY)));
    sound(&format!("try: pass\n{}", "except A: pass\n".repeat(MANY)));
    sound(&"a = 1\n".repeat(MANY));
    sound(&format!("{}1\n", "a = ".repeat(MANY)));
    sound(&"[a for a in b]\n".repeat(MANY / 10));
    sound(&format!("# {}\n", "c".repeat(10 * MANY)));
    sound(&format!("{} = 1\n", "a".repeat(10 * MANY)));
    sound(&"def f(): nonlocal_ = 1\n".repeat(MANY / 10));
}

#[test]
fn mistakes_at_the_end_of_long_lines_are_found_in_linear_time() {
    let start = Instant::now();
    for (before, after) in [
        ("a in ", "b c"),
        ("a ", "b"),
        ("a, ", "b c"),
        ("a if b else ", "c d"),
        ("[x for y in z] + ", "c d"),
        ("a = ", "1 = b"),
    ] {
        let long = before.repeat(MANY);
        for text in [format!("{long}{after}\n"), format!("({long}{after})\n"), format!("f(for x in {long}{after}\n")] {
            parse(&Source::new("long.toy", text)).expect_err("a mistake");
        }
    }
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn nesting_ends_with_cpythons_words() {
    for open in ["(", "[", "{", "f(", "a["] {
        assert_eq!(message(&open.repeat(MANY)), "too many nested parentheses", "{open}");
    }
    let blocks: String = (0..200).map(|depth| format!("{}if a:\n", " ".repeat(depth))).collect();
    assert_eq!(message(&blocks), "too many levels of indentation");
    assert_eq!(message("f'{a:{a:{a:{a"), "f-string: expressions nested too deeply");
}

#[test]
fn other_nesting_is_limited_before_a_walk_by_recursion_overflows() {
    for (open, close) in
        [("not ", "a"), ("-", "a"), ("a ** ", "a"), ("lambda: ", "a"), ("a if a else ", "a"), ("f'{", "")]
    {
        let text = format!("{}{close}\n", open.repeat(MANY));
        let found = message(&text);
        assert!(found.starts_with("too many nested") || open == "f'{", "{open}: {found}");
    }
}

#[test]
fn a_deep_tree_can_be_written_down() {
    let text = format!("{}a\n", "not ".repeat(900));
    let source = Source::new("deep.toy", text);
    let ast = parse(&source).expect("below the limit");
    assert!(dump_ast(&ast, &source).lines().count() > 900);
}
