//! Bytes and characters that do not belong into a script.

use crate::{complains, prints, run_text};

#[test]
fn invalid_utf8_is_named_with_its_line() {
    complains(b"x = 1\n# \xff\n", "Non-UTF-8 code starting with '\\xff' in file /");
    complains(b"x = 1\n# \xff\n", "/script.toy on line 2, but no encoding declared");
    complains(b"x = '\xc3('\n", "/script.toy on line 1, but no encoding declared");
    complains(b"x = 1\n\n\ny = '\xed\xa0\x80'", "/script.toy on line 4, but no encoding declared");
}

#[test]
fn nul_bytes() {
    let finished = run_text("x = 1\ny = 2\0\n");
    assert!(finished.err().contains("script.toy\", line 2\n"), "{}", finished.err());
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

#[test]
fn a_declared_encoding_is_obeyed() {
    prints(b"# -*- coding: latin-1 -*-\nprint('\xe9')\n", "é");
    complains(b"# coding: utf-8\nx = 1\ny = '\xff'\n", "'utf-8' codec can't decode byte 0xff in position 27");
    complains("# coding: klingon\n", "SyntaxError: encoding problem: klingon");
}

#[test]
fn tabs_mixed_with_spaces() {
    let message = "TabError: inconsistent use of tabs and spaces in indentation";
    complains("if True:\n        x = 1\n\ty = 2\n", message);
    complains("if True:\n\tif True:\n        x = 1\n", message);
    prints("if True:\n\tx = 1\n\tif x:\n\t    print('tabs, then spaces')\n", "tabs, then spaces");
}

#[test]
fn strings_that_do_not_end() {
    complains("x = 'abc\nprint(1)\n", "SyntaxError: unterminated string literal (detected at line 1)");
    complains("\n\nx = \"", "SyntaxError: unterminated string literal (detected at line 3)");
    complains("x = '''abc\n\n", "SyntaxError: unterminated triple-quoted string literal (detected at line 2)");
    complains("x = f'{1", "SyntaxError: '{' was never closed");
    complains("x = f'abc", "SyntaxError: unterminated f-string literal (detected at line 1)");
}
