//! `toy dis`, `toy ast`, `toy tokens`, `toy check`.

use std::path::Path;
use std::time::Duration;

use crate::support::{Finished, TIMEOUT, run, toy};
use crate::{assert_run, folder, toy_runs, write};

const TEXT: &str = "def f(x):\n    return x + 1\nprint(f(2))\n";

const TREE: &str = "\
Module
  Function f  1:0-2:16
    Parameters
      Parameter x
    body: Block
      Return  2:4-2:16
        Binary Add  2:11-2:16
          left: Name x  2:11-2:12
          right: Integer 1  2:15-2:16
  Expression  3:0-3:11
    Call  3:0-3:11
      function: Name print  3:0-3:5
      Call  3:6-3:10
        function: Name f  3:6-3:7
        Integer 2  3:8-3:9
";

fn shown(command: &str, text: &str) -> Finished {
    let folder = folder();
    let script = write(folder.path(), "a.toy", text);
    let from_file = toy_runs([command, &script]);
    let from_stdin = run(toy([command, "-"]), text, TIMEOUT);
    assert_eq!(from_file.code, from_stdin.code);
    assert_eq!(from_file.out().replace(&script, "<stdin>"), from_stdin.out());
    from_file
}

#[test]
fn instructions() {
    let finished = shown("dis", TEXT);
    assert_eq!((finished.code, finished.err().as_str()), (0, ""));
    for word in ["add", "call", "return", "f"] {
        assert!(finished.out().contains(word), "no {word} in\n{}", finished.out());
    }
}

#[test]
fn the_syntax_tree() {
    assert_run(&shown("ast", TEXT), 0, TREE, "");
}

#[test]
fn tokens() {
    let finished = shown("tokens", TEXT);
    assert_eq!((finished.code, finished.err().as_str()), (0, ""));
    for word in ["Def \"def\"", "Name \"print\"", "Plus \"+\""] {
        assert!(finished.out().contains(word), "no {word} in\n{}", finished.out());
    }
}

#[test]
fn check_says_what_is_wrong_and_runs_nothing() {
    assert_run(&shown("check", "print('not run')"), 0, "", "");
    let finished = shown("check", "print('not run')\nx = = 1\n");
    assert_eq!((finished.code, finished.out().as_str()), (1, ""));
    assert!(finished.err().contains("SyntaxError: invalid syntax"), "{}", finished.err());
}

#[test]
fn wrong_text_and_missing_files() {
    for command in ["dis", "ast", "tokens", "check"] {
        assert_eq!(toy_runs([command, "/no/such/file.toy"]).code, 2, "{command}");
        let finished = shown(command, "x = 'unterminated\n");
        assert_eq!(finished.code, 1, "{command}");
        assert!(finished.err().contains("unterminated string literal"), "{command}\n{}", finished.err());
    }
}

#[test]
fn the_whole_library_of_tests_can_be_shown() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/program");
    for entry in std::fs::read_dir(tests).expect("the tests are there") {
        let path = entry.expect("a folder can be listed").path();
        if path.extension().is_some_and(|extension| extension == "toy") {
            for command in ["dis", "ast", "tokens"] {
                let finished = run(toy([command.as_ref(), path.as_os_str()]), "", Duration::from_secs(20));
                assert_eq!(finished.code, 0, "{command} {}\n{}", path.display(), finished.err());
                assert!(!finished.stdout.is_empty());
            }
        }
    }
}

#[test]
fn a_full_disk_is_told() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", TEXT);
    for arguments in [&["dis", &script][..], &["tokens", &script], &["--version"], &["--help"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
        let output = toy(arguments).stdout(full).output().expect("it can be started");
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(message.starts_with("toy: can't write to standard output: "), "{message}");
    }
}

#[test]
fn options_of_a_run_are_none_of_a_command() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", TEXT);
    let finished = toy_runs(["--stats", "dis", &script]);
    assert_eq!(finished.code, 2);
    assert!(finished.err().contains("'dis' takes no options"), "{}", finished.err());
    let finished = toy_runs(["dis", "--stats", &script]);
    assert_eq!(finished.code, 2);
    assert!(!finished.err().contains("tip:"), "{}", finished.err());
    assert!(toy_runs(["--help"]).out().contains("policies` explains them all"));
}
