//! Input that nobody writes by hand: it gets a clear error or it runs, and the interpreter never breaks.

mod accidents;
mod encoding;
mod files;
mod length;
mod nesting;
mod recursion;
mod structures;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod support;

use support::{Finished, TIMEOUT, run, toy_script};

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

/// It ends with an exception whose message, in the last line, contains this; it printed nothing before.
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
