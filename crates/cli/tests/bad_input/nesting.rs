//! Nesting runs, or is refused with one of the errors that CPython has for it.

use std::fmt::Write as _;

use crate::{complains, prints, prints_or_is_refused};

#[test]
fn open_brackets() {
    complains("(".repeat(100_000), "SyntaxError: too many nested parentheses");
    complains("[".repeat(100_000), "SyntaxError: too many nested parentheses");
    complains("{(".repeat(50_000), "SyntaxError: too many nested parentheses");
    complains(")".repeat(100_000), "SyntaxError: unmatched ')'");
}

#[test]
fn brackets_up_to_the_limit() {
    prints(format!("print({}1{})", "(".repeat(150), ")".repeat(150)), "1");
    prints(format!("print(len({}{}))", "[".repeat(150), "]".repeat(150)), "1");
    complains(format!("print({}1{})", "(".repeat(250), ")".repeat(250)), "SyntaxError: too many nested parentheses");
}

#[test]
fn indentation() {
    let mut text = String::new();
    for depth in 0..101 {
        writeln!(text, "{}if 1:", " ".repeat(depth)).expect("a string takes all");
    }
    complains(format!("{text}{}pass\n", " ".repeat(101)), "IndentationError: too many levels of indentation");
    let mut functions = String::new();
    for depth in 0..90 {
        writeln!(functions, "{}def f():", " ".repeat(depth)).expect("a string takes all");
    }
    prints_or_is_refused(&format!("{functions}{}pass\nprint(1)", " ".repeat(90)), "1");
}

#[test]
fn operators_that_nest_to_the_right() {
    for (unit, end, expected) in [
        ("-", "1", "1"),
        ("not ", "1", "True"),
        ("~", "1", "1"),
        ("1**", "1", "1"),
        ("0 if 0 else ", "2", "2"),
        ("(lambda: 1) if 0 else ", "2", "2"),
    ] {
        prints_or_is_refused(&format!("print({}{end})", unit.repeat(100_000)), expected);
    }
    prints_or_is_refused(&format!("f = {}1\nprint(1)", "lambda: ".repeat(100_000)), "1");
    prints_or_is_refused(&format!("async def f():\n return {}x\nprint(1)", "await ".repeat(100_000)), "1");
    prints_or_is_refused(&format!("def f():\n return {}1\nprint(1)", "yield ".repeat(100_000)), "1");
}

#[test]
fn nested_displays_comprehensions_and_fstrings() {
    for depth in [50, 190] {
        let (open, close) = ("[x for x in ".repeat(depth), "]".repeat(depth));
        prints_or_is_refused(&format!("print({open}[1]{close})"), "[1]");
        let (open, close) = ("{1: ".repeat(depth), "}".repeat(depth));
        prints_or_is_refused(&format!("print(len({open}2{close}))"), "1");
        let (open, close) = ("f'{".repeat(depth), "}'".repeat(depth));
        prints_or_is_refused(&format!("print({open}1{close})"), "1");
    }
    prints_or_is_refused(&format!("f'{}'", "{x:".repeat(100_000)), "");
}

#[test]
fn nested_statements() {
    for header in ["for x in [1]:", "while []:", "with open('script.toy'):", "try:", "class A:", "match 1:"] {
        let mut text = String::new();
        for depth in 0..99 {
            writeln!(text, "{}{header}", " ".repeat(depth)).expect("a string takes all");
        }
        prints_or_is_refused(&format!("{text}{}pass", " ".repeat(99)), "");
    }
}

#[test]
fn nested_patterns_and_annotations() {
    let (open, close) = ("[".repeat(150), "]".repeat(150));
    prints_or_is_refused(&format!("match 1:\n case {open}x{close}: pass\nprint(1)"), "1");
    prints_or_is_refused(&format!("x: {open}int{close} = 1\nprint(x)"), "1");
}
