//! What is refused before anything runs.

use crate::{assert_run, folder, toy_runs, write};

/// Refused with this message.
#[track_caller]
fn refused<const N: usize>(arguments: [&str; N], code: i32, message: &str) {
    let finished = toy_runs(arguments);
    assert_eq!((finished.code, finished.out().as_str()), (code, ""), "{arguments:?}\n{}", finished.err());
    assert!(finished.err().contains(message), "{arguments:?}: '{message}' is not in\n{}", finished.err());
}

#[test]
fn a_script_that_cannot_run_is_refused_as_a_run_does_it_and_once() {
    let folder = folder();
    let wrong = write(folder.path(), "wrong.toy", "x = = 1\n");
    let missing = folder.path().join("missing.toy").display().to_string();
    for script in [wrong, missing, folder.path().display().to_string()] {
        let of_run = toy_runs(["run", &script]);
        let of_comparison = toy_runs(["compare", &script]);
        assert_ne!(of_run.code, 0);
        assert_run(&of_comparison, of_run.code, "", &of_run.err());
    }
}

#[test]
fn options_are_checked() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "print('it has run')\n");
    refused(["compare"], 2, "FILE");
    refused(["compare", "-"], 2, "standard input can be read only once");
    refused(["compare", "--nonsense", &script], 2, "there is no option '--nonsense'");
    refused(["compare", "--runs", "0", &script], 2, "--runs");
    refused(["compare", "--instances", "0", &script], 2, "--instances");
    refused(["compare", "--gil", "nonsense", &script], 2, "nonsense");
    refused(["compare", "--gil", "replay:/no/such/file", &script], 2, "/no/such/file");
    refused(["compare", "--timeout", "0", &script], 2, "no number of seconds");
    refused(["compare", "--output", "/no/such/folder/x", &script], 2, "cannot write '/no/such/folder/x'");
    refused(["compare", "--output", &script, &script], 2, "it would be overwritten");
}
