//! Long scripts run: no field of an instruction overflows, no stack does.

use std::fmt::Write as _;

use crate::{complains, prints, prints_or_is_refused};

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
    prints(format!("{functions}print(f0(), f65536(), f69999())"), "0 65536 69999");
    let lambdas: String = (0..70_000).map(|n| format!("f.append(lambda x={n}: x + {n})\n")).collect();
    prints(format!("f = []\n{lambdas}print(f[0](), f[65_536](), f[69_999]())"), "0 131072 139998");
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
    prints(format!("class A:\n    def m(self): return self\na = A()\nprint(a{} is a)", ".m()".repeat(50_000)), "True");
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
    complains(format!("x = {}", "9".repeat(100_000)), "Exceeds the limit (4300 digits) for integer string conversion");
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
