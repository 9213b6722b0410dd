//! Which variables live where, read off the code objects.

mod common;

use toy_code::CodeObject;

/// The code object with this qualified name.
fn code(text: &str, name: &str) -> CodeObject {
    let code = common::compile(text);
    common::all(&code).into_iter().find(|code| &*code.qualified_name == name).expect(name).clone()
}

fn cells(code: &CodeObject) -> Vec<&str> {
    code.cell_locals.iter().map(|&cell| &*code.local_names[usize::from(cell)]).collect()
}

fn names(names: &[Box<str>]) -> Vec<&str> {
    names.iter().map(|name| &**name).collect()
}

#[test]
fn parameters_come_first_in_their_order() {
    let f = code("def f(a, /, b, *args, c, **kw):\n    d = 1\n", "f");
    assert_eq!(names(&f.local_names), ["a", "b", "c", "args", "kw", "d"]);
    assert_eq!((f.positional_only_count, f.positional_count, f.keyword_only_count), (1, 2, 1));
    assert!(f.flags.star && f.flags.double_star);
}

#[test]
fn captured_variables_are_cells_all_the_way() {
    let text = "def f(a):\n    b = 1\n    def g():\n        def h(): return a, b\n        return h\n    return g\n";
    assert_eq!(cells(&code(text, "f")), ["a", "b"]);
    assert_eq!(names(&code(text, "f.<locals>.g").free_names), ["a", "b"]);
    assert_eq!(names(&code(text, "f.<locals>.g.<locals>.h").free_names), ["a", "b"]);
}

#[test]
fn a_class_body_hides_nothing_from_its_methods() {
    let text =
        "def f():\n    x = 1\n    class C:\n        x = x\n        def m(self): return x\n        y = [x for _ in z]\n";
    assert_eq!(cells(&code(text, "f")), ["x"]);
    assert_eq!(names(&code(text, "f.<locals>.C").free_names), ["x"]);
    assert_eq!(names(&code(text, "f.<locals>.C.m").free_names), ["x"]);
}

#[test]
fn super_needs_the_class_cell_only_in_methods() {
    let text = "class C:\n    def m(self): return super().m()\n    def n(self): return 1\n";
    assert_eq!(cells(&code(text, "C")), ["__class__"]);
    assert!(code(text, "C.m").flags.uses_class_cell);
    assert!(!code(text, "C.n").flags.uses_class_cell);
    assert!(!code("def f(): super()\n", "f").flags.uses_class_cell);
}

#[test]
fn private_names_are_mangled() {
    let text = "class _C:\n    def m(self, __a): self.__x = __a; self.__y__ = __z; import __w\n";
    let m = code(text, "_C.m");
    assert_eq!(names(&m.local_names), ["self", "_C__a", "_C__w"]);
    assert_eq!(names(&m.names), ["_C__x", "_C__z", "__y__", "__w"]);
    assert_eq!(names(&code(text, "_C").static_attributes), ["__x", "__y__"]);
}

#[test]
fn comprehensions_share_the_registers_of_their_code() {
    let f = code("def f(x):\n    [y for y in x]\n    {y for y in x}\n    [y for x in x for y in x]\n", "f");
    assert_eq!(names(&f.local_names), ["x", "y", "x"]);
    let module = common::compile("[y for y in z]\n");
    assert_eq!(names(&module.local_names), ["y"]);
}

#[test]
fn an_assignment_expression_binds_outside_of_comprehensions() {
    let text = "def f(x):\n    any((y := z) for z in x)\n    [w := z for z in x]\n    return y, w\n";
    assert_eq!(cells(&code(text, "f")), ["y"]);
    assert_eq!(names(&code(text, "f").local_names), ["x", "y", "w", "z"]);
    assert_eq!(names(&code(text, "f.<locals>.<genexpr>").free_names), ["y"]);
}

#[test]
fn qualified_names_follow_the_nesting() {
    let text = "def f():\n    global g, K\n    def g(): return lambda: 1\n    class K:\n        def m(self): pass\n    class L[T]:\n        def m[U](self): pass\n";
    let code = common::compile(text);
    let mut found: Vec<_> = common::all(&code).into_iter().map(|code| &*code.qualified_name).collect();
    found.sort_unstable();
    let expected = [
        "<module>",
        "K",
        "K.m",
        "f",
        "f.<locals>.<generic parameters of L>",
        "f.<locals>.L",
        "f.<locals>.L.<generic parameters of m>",
        "f.<locals>.L.m",
        "g",
        "g.<locals>.<lambda>",
    ];
    assert_eq!(found, expected);
}

#[test]
fn docstrings_lose_their_indentation() {
    let f = code("def f():\n    '''One.\n\n      Two.\n    '''\n", "f");
    assert_eq!(f.docstring.and_then(|text| text.as_str().map(str::to_owned)).as_deref(), Some("One.\n\nTwo.\n"));
}

#[test]
fn annotations_from_the_future_are_text() {
    let text = "from __future__ import annotations\ndef f(a: dict[ str,int ], b: 'x' | None = 1) -> (1, ): pass\n";
    let code = common::compile(text);
    let texts = code.constants.iter().filter_map(|constant| match constant {
        toy_code::Constant::Text(text) => text.as_str(),
        _ => None,
    });
    let texts: Vec<_> = texts.collect();
    for expected in ["dict[str, int]", "'x' | None", "(1,)"] {
        assert!(texts.contains(&expected), "{texts:?}");
    }
}
