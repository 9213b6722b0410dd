//! Recursion without end is a `RecursionError`, whatever it goes through, and a script can catch it.

use crate::{complains, prints};

/// What recurs, and the expression that starts it.
const ENDLESS: [(&str, &str); 14] = [
    ("def f(): return f()", "f()"),
    ("f = lambda: f()", "f()"),
    ("class A:\n    def __init__(self): A()", "A()"),
    ("class A:\n    def __repr__(self): return repr(self)", "repr(A())"),
    ("class A:\n    def __repr__(self): return str([self])", "print(A())"),
    ("class A:\n    def __eq__(self, other): return self == other", "A() == A()"),
    ("class A:\n    def __eq__(self, other): return [self] == [other]", "A() == A()"),
    ("class A:\n    def __getattr__(self, name): return self.missing", "A().x"),
    ("class A:\n    def __hash__(self): return hash((self,))", "{A(): 1}"),
    ("def key(x): return sorted([2, 1], key=key)", "sorted([2, 1], key=key)"),
    ("class A:\n    def __lt__(self, other): return sorted([self, other])", "sorted([A(), A()])"),
    ("def g():\n    yield from g()", "list(g())"),
    ("def g():\n    for x in g(): yield x", "next(g())"),
    ("class A:\n    def __iter__(self): return iter(list(self))", "list(A())"),
];

#[test]
fn it_ends_the_script() {
    for (definition, expression) in ENDLESS {
        complains(format!("{definition}\n{expression}\n"), "RecursionError: maximum recursion depth exceeded");
    }
}

#[test]
fn it_can_be_caught_and_everything_works_afterwards() {
    for (definition, expression) in ENDLESS {
        let text = format!(
            "{definition}\n\
             for attempt in range(3):\n    \
                 try:\n        {expression}\n    \
                 except RecursionError:\n        print('caught', end=' ')\n\
             print(sorted([3, 1, 2], key=lambda x: -x))\n"
        );
        prints(text, "caught caught caught [3, 2, 1]");
    }
}

#[test]
fn it_can_be_caught_in_a_thread() {
    prints(
        "import threading\n\
         def f(): return f()\n\
         def catch():\n    \
             try: f()\n    \
             except RecursionError: print('caught')\n\
         for _ in range(3):\n    \
             t = threading.Thread(target=catch); t.start(); t.join()\n",
        "caught\ncaught\ncaught",
    );
}

#[test]
fn structures_that_hold_themselves_have_a_text() {
    prints("a = []\na.append(a)\nprint(a)", "[[...]]");
    prints("d = {}\nd[1] = d\nprint(d)", "{1: {...}}");
    complains("a, b = [], []\na.append(b); b.append(a)\na == b", "RecursionError: maximum recursion depth exceeded");
}

#[test]
fn a_list_in_a_hundred_thousand_lists() {
    let nested = "a = []\nfor _ in range(100_000): a = [a]\n";
    complains(format!("{nested}repr(a)"), "RecursionError: maximum recursion depth exceeded");
    prints(format!("{nested}a = None\nprint('dropped')"), "dropped");
}
