//! Files that are no scripts, or hardly.

use std::io::Write as _;

use crate::support::{self, Running, TIMEOUT, run, toy};
use crate::{complains, prints};

#[track_caller]
fn cannot_open(name: &str, reason: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut command = toy([name]);
    command.current_dir(folder.path());
    let finished = run(command, "", TIMEOUT);
    assert_eq!((finished.code, finished.out().as_str()), (2, ""));
    let path = folder.path().join(name);
    assert_eq!(finished.err(), format!("toy: can't open file '{}': {reason}\n", path.display()));
}

#[test]
fn missing() {
    cannot_open("missing.toy", "[Errno 2] No such file or directory");
    cannot_open("missing/x.toy", "[Errno 2] No such file or directory");
}

#[test]
fn a_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let finished = run(toy([folder.path()]), "", TIMEOUT);
    assert_eq!((finished.code, finished.out().as_str()), (1, ""));
    let message = format!(": can't find '__main__' module in '{}'\n", folder.path().display());
    assert!(finished.err().ends_with(&message), "{}", finished.err());
    // A folder of that name is no program.
    std::fs::create_dir(folder.path().join("__main__.toy")).expect("it is ours");
    assert_eq!(run(toy([folder.path()]), "", TIMEOUT).code, 1);
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

#[test]
fn a_script_that_is_piped_byte_by_byte() {
    // Standard input need not be a file, and need not come at once.
    let mut running = Running::start(toy(["-"]), TIMEOUT);
    let mut stdin = running.take_stdin();
    for byte in b"print('piped')\n" {
        stdin.write_all(&[*byte]).expect("the interpreter reads");
    }
    drop(stdin);
    assert_eq!(running.finish().out(), "piped\n");
}
