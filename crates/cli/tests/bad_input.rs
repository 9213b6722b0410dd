//! Input that nobody writes by hand: it gets a clear error or it runs, and the interpreter never breaks.
#[allow(dead_code, reason = "each test binary uses its part")]
mod support;

use std::fmt::Write as _;
use std::io::Write as _;

use support::{Finished, TIMEOUT, run, toy, toy_script};

/// Runs a script and sees that the interpreter itself did not break.
fn run_text(text: impl AsRef<[u8]>) -> Finished {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let finished = run(toy_script(folder.path(), text), "", TIMEOUT);
    assert_unbroken(&finished);
    finished
}

fn assert_unbroken(finished: &Finished) {
    let err = finished.err();
    assert!(!finished.timed_out, "it hangs\n{err}");
    assert!((0..=2).contains(&finished.code), "ended with {}\n{err}", finished.code);
    assert!(!err.contains("panicked") && !err.contains("please report"), "{err}");
}

#[track_caller]
fn prints(text: impl AsRef<[u8]>, expected: &str) {
    let finished = run_text(text);
    assert_eq!((finished.code, finished.out().trim_end()), (0, expected), "{}", finished.err());
}

/// The whole message is the last line, or is in it; nothing of the script ran.
#[track_caller]
fn complains(text: impl AsRef<[u8]>, message: &str) {
    let finished = run_text(text);
    let err = finished.err();
    assert_eq!((finished.code, finished.out().as_str()), (1, ""), "{err}");
    let last = err.trim_end().lines().last().unwrap_or_default();
    assert!(last.contains(message), "'{message}' is not in:\n{}", err.chars().take(2000).collect::<String>());
}

/// Deep nesting either runs or is refused by one of the errors that CPython has for it.
#[track_caller]
fn prints_or_is_refused(text: &str, expected: &str) {
    let finished = run_text(text);
    if finished.code == 0 {
        assert_eq!(finished.out().trim_end(), expected);
        return;
    }
    let err = finished.err();
    let last = err.trim_end().lines().last().unwrap_or_default();
    let known = ["SyntaxError: ", "IndentationError: ", "RecursionError: ", "MemoryError"];
    assert!(known.iter().any(|name| last.starts_with(name)), "{last}");
}

mod files {
    use super::*;

    #[track_caller]
    fn cannot_open(name: &str, reason: &str) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::create_dir(folder.path().join("folder")).expect("it is ours");
        let mut command = toy([name]);
        command.current_dir(folder.path());
        let finished = run(command, "", TIMEOUT);
        assert_eq!((finished.code, finished.out().as_str()), (2, ""));
        assert_eq!(finished.err(), format!("toy: can't open file '{name}': {reason}\n"));
    }

    #[test]
    fn missing() {
        cannot_open("missing.toy", "[Errno 2] No such file or directory");
        cannot_open("missing/x.toy", "[Errno 2] No such file or directory");
    }

    #[test]
    fn a_folder() {
        cannot_open("folder", "[Errno 21] Is a directory");
    }

    #[test]
    fn a_binary_file() {
        let program = std::fs::read(support::TOY).expect("the interpreter is a file");
        complains(&program[..program.len().min(100_000)], "SyntaxError: ");
    }

    #[test]
    fn every_byte_value() {
        let bytes: Vec<u8> = (0..=255).collect();
        complains(bytes, "SyntaxError: ");
    }

    #[test]
    fn an_empty_file_and_only_comments() {
        prints("", "");
        prints("# only a comment", "");
        prints("\n\n   \n\t\n", "");
        prints("\u{feff}print('after a byte order mark')", "after a byte order mark");
        prints("print('no newline at the end')", "no newline at the end");
        prints("print('carriage returns')\r\nif True:\r\n    print(1)\r\n", "carriage returns\n1");
    }
}

mod encoding {
    use super::*;

    #[test]
    fn invalid_utf8_is_named_with_its_line() {
        complains(
            b"x = 1\n# \xff\n",
            "Non-UTF-8 code starting with '\\xff' in file script.toy on line 2, but no encoding declared",
        );
        complains(b"x = '\xc3('\n", "Non-UTF-8 code starting with '\\xc3' in file script.toy on line 1");
        complains(
            b"x = 1\n\n\ny = '\xed\xa0\x80'",
            "Non-UTF-8 code starting with '\\xed' in file script.toy on line 4",
        );
    }

    #[test]
    fn nul_bytes() {
        complains("x = 1\ny = 2\0\n", "SyntaxError: source code cannot contain null bytes");
        complains("# \0", "SyntaxError: source code cannot contain null bytes");
        complains("x = '\0'", "SyntaxError: source code cannot contain null bytes");
    }

    #[test]
    fn control_and_invisible_characters() {
        complains("x = 1\u{200b}2", "SyntaxError: invalid non-printable character U+200B");
        complains("x = \u{1}", "SyntaxError: invalid non-printable character U+0001");
        prints("x = 1\u{c}\nprint(x)", "1");
    }
}

mod nesting {
    use super::*;

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
        complains(
            format!("print({}1{})", "(".repeat(250), ")".repeat(250)),
            "SyntaxError: too many nested parentheses",
        );
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
}

mod length {
    use super::*;

    #[test]
    fn terms_in_one_expression() {
        prints(format!("print(1{})", " + 1".repeat(100_000)), "100001");
        prints(format!("a = 1\nprint(a{})", " + a".repeat(100_000)), "100001");
        prints(format!("a = 'x'\nprint(len(a{}))", " + a".repeat(20_000)), "20001");
        // The first term is 2 * 2, then 29,999 times 1 * 2, and 1 at the end.
        prints(format!("def f(a):\n    return a{}\nprint(f(2))", " * a % 1000003 + 1".repeat(30_000)), "60003");
    }

    #[test]
    fn elif_branches() {
        let mut text = String::from("x = 99_999\nif x == -1:\n    print('no')\n");
        for n in 0..100_000 {
            writeln!(text, "elif x == {n}:\n    print({n})").expect("a string takes all");
        }
        prints(text + "else:\n    print('else')\n", "99999");
    }

    #[test]
    fn displays() {
        let items: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
        let items = items.join(", ");
        prints(format!("x = [{items}]\nprint(len(x), x[-1])"), "100000 99999");
        prints(format!("x = ({items})\nprint(len(x), x[70_000])"), "100000 70000");
        prints(format!("x = {{{items}}}\nprint(len(x))"), "100000");
        prints(format!("a = 1\nx = [a, {items}]\nprint(len(x), x[-1])"), "100001 99999");
        let pairs: Vec<String> = (0..100_000).map(|n| format!("{n}: a")).collect();
        prints(format!("a = 5\nx = {{{}}}\nprint(len(x), x[99_999])", pairs.join(", ")), "100000 5");
        let names: Vec<String> = (0..100_000).map(|n| format!("f({n})")).collect();
        prints(format!("f = abs\nx = [{}]\nprint(sum(x))", names.join(", ")), "4999950000");
    }

    #[test]
    fn calls() {
        let items: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
        let items = items.join(", ");
        prints(format!("def f(*a):\n    return len(a), a[-1]\nprint(f({items}))"), "(100000, 99999)");
        prints(format!("print(max({items}))"), "99999");
        let keywords: Vec<String> = (0..100_000).map(|n| format!("k{n}={n}")).collect();
        prints(format!("print(len(dict({})))", keywords.join(", ")), "100000");
        let stars = "*[1], ".repeat(10_000);
        prints(format!("def f(*a):\n    return len(a)\nprint(f({stars}))"), "10000");
    }

    #[test]
    fn parameters_locals_constants_and_names() {
        let names: Vec<String> = (0..70_000).map(|n| format!("v{n}")).collect();
        let (parameters, most) = (names[..1000].join(", "), names.join(", "));
        prints(format!("def f({parameters}):\n    return v999\nprint(f(*range(1000)))"), "999");
        prints_or_is_refused(&format!("def f({most}):\n    return v69999\nprint(f(*range(70_000)))"), "69999");
        let assignments: String = (0..70_000).map(|n| format!("    v{n} = {n}\n")).collect();
        prints_or_is_refused(&format!("def f():\n{assignments}    return v0 + v69999\nprint(f())"), "69999");
        let globals: String = (0..70_000).map(|n| format!("v{n} = 'text {n}'\n")).collect();
        prints(format!("{globals}print(v0, v69999, len(globals()) > 70_000)"), "text 0 text 69999 True");
        let attributes: String = (0..70_000).map(|n| format!("a.x{n} = {n}.5\n")).collect();
        prints(format!("class A: pass\na = A()\n{attributes}print(a.x69999, len(vars(a)))"), "69999.5 70000");
    }

    #[test]
    fn functions_classes_and_cells() {
        let functions: String = (0..70_000).map(|n| format!("def f{n}(): return {n}\n")).collect();
        prints(format!("{functions}print(f0(), f69999())"), "0 69999");
        let methods: String = (0..70_000).map(|n| format!("    def f{n}(self): return {n}\n")).collect();
        prints(format!("class A:\n{methods}print(A().f69999())"), "69999");
        let cells: String = (0..1000).map(|n| format!("    v{n} = {n}\n")).collect();
        let uses: Vec<String> = (0..1000).map(|n| format!("v{n}")).collect();
        prints(
            format!("def f():\n{cells}    def g():\n        return {}\n    return g()\nprint(f())", uses.join(" + ")),
            "499500",
        );
    }

    #[test]
    fn chains() {
        prints(format!("class A: pass\na = A()\na.a = a\nprint(a{} is a)", ".a".repeat(100_000)), "True");
        prints(
            format!("class A:\n    def m(self): return self\na = A()\nprint(a{} is a)", ".m()".repeat(50_000)),
            "True",
        );
        prints(format!("a = []\na.append(a)\nprint(a{} is a)", "[0]".repeat(100_000)), "True");
        prints(format!("print({}2)", "1 < 2 > ".repeat(50_000)).replace("> 2)", "> 1)"), "True");
        prints(format!("a = 1\nprint(a{})", " and a".repeat(100_000)), "1");
        prints(format!("a = 0\nprint(a{} or 5)", " or a".repeat(100_000)), "5");
        prints(format!("print(len({}))", "'a' ".repeat(100_000)), "100000");
        prints(format!("{}5\nprint(a)", "a = ".repeat(100_000)), "5");
        prints(format!("a = 1\nprint(f'{}'[:4])", "{a}".repeat(100_000)), "1111");
        prints(format!("x = 1; {}print(x)", "x = x; ".repeat(100_000)), "1");
    }

    #[test]
    fn literals() {
        prints(format!("print(len('{}'))", "x".repeat(10_000_000)), "10000000");
        prints(format!("print(len('''{}'''))", "line\n".repeat(1_000_000)), "5000000");
        complains(
            format!("x = {}", "9".repeat(100_000)),
            "Exceeds the limit (4300 digits) for integer string conversion",
        );
        prints(format!("print(0x{} > 0)", "f".repeat(100_000)), "True");
        prints(format!("print(0.{})", "1".repeat(100_000)), "0.1111111111111111");
        prints(format!("{} = 5\nprint({0})", "n".repeat(100_000)), "5");
        prints(format!("# {}\nprint(1)", "c".repeat(10_000_000)), "1");
    }

    #[test]
    fn jumps_over_long_bodies() {
        let body = "        x = x + 1\n".repeat(100_000);
        prints(format!("x = 0\nfor i in range(2):\n    if i:\n{body}    else:\n        x = x + 5\nprint(x)"), "100005");
        let body = "    x += 1\n".repeat(100_000);
        prints(format!("x = 0\nwhile x < 150_000:\n{body}print(x)"), "200000");
        let body = "        x += 1\n".repeat(50_000);
        prints(
            format!(
                "def f():\n    x = 0\n    try:\n{body}        1 / 0\n    except ZeroDivisionError:\n{body}    return x\nprint(f())"
            ),
            "100000",
        );
    }

    #[test]
    fn blank_lines_and_indentation_width() {
        prints(format!("{}print(1)", "\n".repeat(1_000_000)), "1");
        prints(format!("if True:\n{}print(1)", " ".repeat(100_000)), "1");
        prints(format!("x = (1{})\nprint(x)", "\\\n".repeat(10_000)), "1");
    }
}

mod structures {
    use super::*;

    #[test]
    fn a_linked_list_of_a_million_nodes_is_dropped() {
        prints(
            "class Node:\n    def __init__(self, next):\n        self.next = next\n\
             n = None\nfor i in range(1_000_000):\n    n = Node(n)\n\
             n = None\nprint('dropped')",
            "dropped",
        );
    }

    #[test]
    fn a_linked_list_of_a_million_nodes_is_left_for_the_end() {
        prints("n = None\nfor i in range(1_000_000):\n    n = [n]\nprint('end')", "end");
    }

    #[test]
    fn a_cycle_of_a_million_nodes_is_collected() {
        prints(
            "import gc\nfirst = n = []\nfor i in range(1_000_000):\n    n = [n]\nfirst.append(n)\n\
             first = n = None\nprint(gc.collect() >= 1_000_000)",
            "True",
        );
    }

    #[test]
    fn a_chain_of_generators_iterators_and_exceptions_is_dropped() {
        prints("g = iter([])\nfor i in range(300_000):\n    g = map(abs, g)\ng = None\nprint(1)", "1");
        prints(
            "e = None\nfor i in range(300_000):\n    n = ValueError()\n    n.__context__ = e\n    e = n\ne = n = None\nprint(1)",
            "1",
        );
    }
}

#[test]
fn a_script_that_is_piped_byte_by_byte() {
    // Standard input need not be a file, and need not come at once.
    let mut child = toy(["-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let mut stdin = child.stdin.take().expect("stdin was asked for");
    for byte in b"print('piped')\n" {
        stdin.write_all(&[*byte]).expect("the interpreter reads");
        stdin.flush().expect("the interpreter reads");
    }
    drop(stdin);
    let output = child.wait_with_output().expect("the child is ours");
    assert_eq!(output.stdout, b"piped\n");
}
