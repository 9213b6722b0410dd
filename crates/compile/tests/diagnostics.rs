//! Mistakes that only the scopes of names reveal, in CPython 3.13's words.

mod common;

/// Program and message.
const MISTAKES: &[(&str, &str)] = &[
    ("def f():\n    x = 1\n    global x\n", "name 'x' is assigned to before global declaration"),
    ("def f():\n    print(x)\n    global x\n", "name 'x' is used prior to global declaration"),
    ("def f(x):\n    global x\n", "name 'x' is parameter and global"),
    ("def f():\n    x: int\n    global x\n", "annotated name 'x' can't be global"),
    ("def f():\n    global x\n    x: int = 1\n", "annotated name 'x' can't be global"),
    (
        "def f():\n    x = 1\n    def g():\n        x = 2\n        nonlocal x\n",
        "name 'x' is assigned to before nonlocal declaration",
    ),
    (
        "def f():\n    x = 1\n    def g():\n        print(x)\n        nonlocal x\n",
        "name 'x' is used prior to nonlocal declaration",
    ),
    ("def f(x):\n    def g(x):\n        nonlocal x\n", "name 'x' is parameter and nonlocal"),
    ("def f():\n    nonlocal x\n", "no binding for nonlocal 'x' found"),
    ("def f():\n    x = 1\n    def g():\n        global x\n        nonlocal x\n", "name 'x' is nonlocal and global"),
    ("nonlocal x\n", "nonlocal declaration not allowed at module level"),
    (
        "class C:\n    y = [x := 1 for z in w]\n",
        "assignment expression within a comprehension cannot be used in a class body",
    ),
    ("y = [(x := 1) for x in w]\n", "assignment expression cannot rebind comprehension iteration variable 'x'"),
    ("y = [z for z in (x := w)]\n", "assignment expression cannot be used in a comprehension iterable expression"),
    (
        "y = [[(j := 0) for i in range(5)] for j in range(5)]\n",
        "assignment expression cannot rebind comprehension iteration variable 'j'",
    ),
    (
        "y = [x for i in w if (j := i) for j in w]\n",
        "comprehension inner loop cannot rebind assignment expression target 'j'",
    ),
    ("def f():\n    from a import *\n", "import * only allowed at module level"),
    ("def f[T, T](): pass\n", "duplicate type parameter 'T'"),
    ("match x:\n    case {1: a, 1: b}: pass\n", "mapping pattern checks duplicate key (1)"),
    ("match x:\n    case C(a=1, a=2): pass\n", "attribute name repeated in class pattern: a"),
];

#[test]
fn mistakes_have_cpythons_words() {
    for (text, expected) in MISTAKES {
        let message = common::try_compile(text).map(|_| String::new()).unwrap_or_else(|diagnostic| diagnostic.message);
        assert_eq!(message, *expected, "{text}");
    }
}

#[test]
fn what_is_left_out_is_said() {
    let message = common::try_compile("x = 1j\n").unwrap_err().message;
    assert_eq!(message, "complex numbers are left out of toy on purpose");
}
