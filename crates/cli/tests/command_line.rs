//! The command line as its users see it.
#[allow(dead_code, reason = "each test binary uses its part")]
mod support;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Finished, TIMEOUT, run, toy};

fn toy_runs<const N: usize>(arguments: [&str; N]) -> Finished {
    run(toy(arguments), "", TIMEOUT)
}

/// Exit code, standard output, standard error.
#[track_caller]
fn assert_run(finished: &Finished, code: i32, out: &str, err: &str) {
    assert_eq!((finished.code, finished.out().as_str(), finished.err().as_str()), (code, out, err));
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a temporary folder is writable");
    path.display().to_string()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder can be made")
}

mod running {
    use super::*;

    #[test]
    fn a_file() {
        let folder = folder();
        let script = write(folder.path(), "a.toy", "import sys\nprint('hi', sys.argv[1:], __name__)");
        assert_run(&toy_runs([&script]), 0, "hi [] __main__\n", "");
        assert_run(&toy_runs(["run", &script, "x"]), 0, "hi ['x'] __main__\n", "");
    }

    #[test]
    fn what_stands_behind_the_file_belongs_to_the_script() {
        let folder = folder();
        let script = write(folder.path(), "a.toy", "import sys\nprint(sys.argv[1:])");
        let expected = "['--gil', 'fair:7', '-c', '--help', '--', '']\n";
        assert_run(&toy_runs([&script, "--gil", "fair:7", "-c", "--help", "--", ""]), 0, expected, "");
    }

    #[test]
    fn text_on_the_command_line() {
        assert_run(&toy_runs(["-c", "print(1 + 1)"]), 0, "2\n", "");
        assert_run(&toy_runs(["-c", "import sys; print(sys.argv)", "a", "-b"]), 0, "['-c', 'a', '-b']\n", "");
        let finished = toy_runs(["-c", "x = 5\n1 / 0"]);
        assert_eq!(finished.code, 1);
        assert!(finished.err().contains("File \"<string>\", line 2, in <module>"), "{}", finished.err());
        assert!(finished.err().ends_with("ZeroDivisionError: division by zero\n"), "{}", finished.err());
    }

    #[test]
    fn standard_input() {
        let finished = run(toy(["-"]), "import sys\nprint('from stdin', sys.argv)", TIMEOUT);
        assert_run(&finished, 0, "from stdin ['-']\n", "");
        let finished = run(toy(["-", "x"]), "import sys\nprint(sys.argv)", TIMEOUT);
        assert_run(&finished, 0, "['-', 'x']\n", "");
        let finished = run(toy(["-"]), "def f(:\n", TIMEOUT);
        assert_eq!(finished.code, 1);
        assert!(finished.err().contains("File \"<stdin>\", line 1"), "{}", finished.err());
    }

    #[test]
    fn a_script_with_a_first_line_for_the_shell() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let script = write(folder.path(), "tool.toy", "#!/usr/bin/env toy\nimport sys\nprint('tool', sys.argv[1:])\n");
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
        let programs = Path::new(support::TOY).parent().expect("a program stands in a folder");
        let path = std::env::join_paths([programs.to_owned(), "/usr/bin".into(), "/bin".into()]).expect("no colons");
        let mut command = Command::new(&script);
        command.arg("argument").env("PATH", path);
        assert_run(&run(command, "", TIMEOUT), 0, "tool ['argument']\n", "");
    }

    #[test]
    fn modules_are_found_beside_the_script() {
        let folder = folder();
        write(folder.path(), "beside.toy", "value = 'found'");
        let script = write(folder.path(), "a.toy", "import beside\nprint(beside.value)");
        let mut command = toy([script]);
        command.current_dir("/");
        assert_run(&run(command, "", TIMEOUT), 0, "found\n", "");
        let mut command = toy(["-c", "import beside; print(beside.value)"]);
        command.current_dir(folder.path());
        assert_run(&run(command, "", TIMEOUT), 0, "found\n", "");
    }

    #[test]
    fn exit_codes() {
        for (text, code) in [
            ("pass", 0),
            ("raise SystemExit", 0),
            ("raise SystemExit(None)", 0),
            ("raise SystemExit(5)", 5),
            ("raise SystemExit(256 + 7)", 7),
            ("raise SystemExit(-1)", 255),
            ("raise SystemExit(True)", 1),
            ("1 / 0", 1),
            ("x = (", 1),
            ("import os; os._exit(9)", 9),
        ] {
            assert_eq!(toy_runs(["-c", text]).code, code, "{text}");
        }
    }

    #[test]
    fn output_comes_before_the_traceback() {
        let mut command = Command::new("sh");
        command.args(["-c", "\"$0\" -c 'print(1); 1/0' 2>&1"]).arg(support::TOY);
        let finished = run(command, "", TIMEOUT);
        assert!(finished.out().starts_with("1\nTraceback (most recent call last):\n"), "{}", finished.out());
    }

    #[test]
    fn a_reader_that_leaves_ends_the_script_quietly() {
        let text = "for i in range(1_000_000): print(i)";
        let mut command = Command::new("sh");
        command.args(["-c", "\"$0\" -c \"$1\" | head -1"]).args([support::TOY, text]);
        assert_run(&run(command, "", TIMEOUT), 0, "0\n", "");
    }

    #[test]
    fn flushed_output_arrives_while_the_script_runs() {
        use std::io::Read;
        let mut child = toy(["-c", "print('now', flush=True)\ninput()"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the interpreter starts");
        let mut bytes = [0; 4];
        child.stdout.as_mut().expect("stdout was asked for").read_exact(&mut bytes).expect("the line comes at once");
        assert_eq!(&bytes, b"now\n");
        drop(child.stdin.take());
        assert_eq!(child.wait().expect("the child is ours").code(), Some(1));
    }

    #[test]
    fn an_interrupt_raises_keyboard_interrupt() {
        let scripts = [
            "print('up', flush=True)\nwhile True: pass",
            "import time\nprint('up', flush=True)\ntime.sleep(60)",
            "import threading\nlock = threading.Lock()\nlock.acquire()\nprint('up', flush=True)\nlock.acquire()",
            "import os\nr, w = os.pipe()\nprint('up', flush=True)\nos.read(r, 1)",
            "import threading\nt = threading.Thread(target=threading.Event().wait, daemon=True)\nt.start()\nprint('up', flush=True)\nt.join()",
        ];
        for script in scripts {
            let (code, err) = interrupt(script);
            assert_eq!(code, Some(130), "{script}\n{err}");
            assert!(err.trim_end().ends_with("KeyboardInterrupt"), "{script}\n{err}");
        }
        let (code, err) = interrupt(
            "try:\n    print('up', flush=True)\n    while True: pass\nexcept KeyboardInterrupt:\n    raise SystemExit(7)",
        );
        assert_eq!((code, err.as_str()), (Some(7), ""));
    }

    /// Sends an interrupt as soon as the script has said that it is up.
    fn interrupt(script: &str) -> (Option<i32>, String) {
        use std::io::Read;
        let mut child = toy(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        child.stdout.as_mut().expect("stdout was asked for").read_exact(&mut [0; 3]).expect("it says 'up'");
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("the child is ours");
        let output = child.wait_with_output().expect("the child is ours");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

mod options {
    use super::*;

    #[test]
    fn help_and_version() {
        let finished = toy_runs(["--help"]);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""));
        for word in ["--gil", "--switch-at", "--stats", "--max-memory", "dis", "ast", "tokens", "check", "Exit codes"] {
            assert!(finished.out().contains(word), "--help does not tell of {word}");
        }
        assert!(!finished.out().contains("--check-leaks"), "a hidden option is shown");
        let finished = toy_runs(["--version"]);
        assert_run(&finished, 0, &format!("toy {}\n", env!("CARGO_PKG_VERSION")), "");
    }

    #[test]
    fn usage_errors_exit_with_2() {
        for arguments in [
            &[][..],
            &["--no-such-option", "a.toy"],
            &["--gil"],
            &["--gil", "nonsense", "a.toy"],
            &["--gil", "fair:0", "a.toy"],
            &["--gil", "fair:x", "a.toy"],
            &["--switch-at", "never", "a.toy"],
            &["--max-memory", "much", "a.toy"],
            &["-c"],
            &["dis"],
        ] {
            let finished = run(toy(arguments), "", TIMEOUT);
            assert_eq!((finished.code, finished.out().as_str()), (2, ""), "{arguments:?}");
            assert!(!finished.err().is_empty(), "{arguments:?} must say why");
        }
    }

    #[test]
    fn statistics_go_to_standard_error() {
        let text = "import time; time.sleep(0.001); print('out')";
        let finished = toy_runs(["--gil", "fair:1000", "--stats", "-c", text]);
        assert_eq!((finished.code, finished.out().as_str()), (0, "out\n"));
        assert!(finished.err().contains("fair:1000") && finished.err().contains("sleep"), "{}", finished.err());
    }

    #[test]
    fn a_memory_limit() {
        let finished = toy_runs(["--max-memory", "32M", "-c", "x = 'a' * 100_000_000"]);
        assert_eq!(finished.code, 1);
        assert!(finished.err().ends_with("MemoryError\n"), "{}", finished.err());
        assert_run(&toy_runs(["--max-memory", "32M", "-c", "print(len('a' * 1_000_000))"]), 0, "1000000\n", "");
        let finished = toy_runs(["--max-memory", "1k", "-c", "print(1)"]);
        assert_ne!(finished.code, 0);
        assert!(!finished.err().contains("panicked"), "{}", finished.err());
    }

    #[test]
    fn left_over_objects_are_found() {
        // A check that never fails proves nothing: a thread that outlives the script keeps what its frame holds.
        let text = "import threading\nstarted = threading.Event()\ndef wait():\n    kept = object()\n    started.set()\n    \
                    threading.Event().wait()\nthreading.Thread(target=wait, daemon=True).start()\nstarted.wait()";
        assert_eq!(toy_runs(["--check-leaks", "-c", "x = []; x.append(x)"]).code, 0);
        let finished = toy_runs(["--check-leaks", "-c", text]);
        assert_eq!(finished.code, 1);
        assert!(finished.err().contains(" objects are left, "), "{}", finished.err());
    }
}

mod showing {
    use super::*;

    const TEXT: &str = "def f(x):\n    return x + 1\nprint(f(2))\n";

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
        let finished = shown("ast", TEXT);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""));
        assert!(finished.out().contains("Return") || finished.out().contains("return"), "{}", finished.out());
    }

    #[test]
    fn tokens() {
        let finished = shown("tokens", TEXT);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""));
        for word in ["def", "print", "+"] {
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
}

mod scripts_of_the_project {
    use super::*;

    fn scripts() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts")
    }

    #[test]
    fn hello_threads_says_how_often_the_lock_changed_hands() {
        let finished = run(toy([scripts().join("hello_threads.toy")]), "", TIMEOUT);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""));
        let out = finished.out();
        let lines: Vec<&str> = out.lines().collect();
        let expected = [
            "reader 0 found 2800 words",
            "reader 1 found 2800 words",
            "reader 2 found 2800 words",
            "reader 3 found 2800 words",
            "the computer found 2000 primes up to 17389",
        ];
        assert_eq!(lines[..expected.len()], expected);
        let last = lines.last().expect("there are lines");
        assert!(last.starts_with("the lock changed hands ") && last.contains(" for sleep"), "{last}");
    }

    #[test]
    fn lessons_run() {
        for entry in std::fs::read_dir(scripts().join("lessons")).expect("the lessons are there") {
            let path = entry.expect("a folder can be listed").path();
            let finished = run(toy([&path]), "", TIMEOUT);
            assert_eq!((finished.code, finished.err().as_str()), (0, ""), "{}", path.display());
            assert!(!finished.stdout.is_empty(), "{}", path.display());
        }
    }

    #[test]
    fn benchmarks_run() {
        for entry in std::fs::read_dir(scripts().join("benchmarks")).expect("the benchmarks are there") {
            let path = entry.expect("a folder can be listed").path();
            let finished = run(toy([path.as_os_str(), "2".as_ref()]), "", TIMEOUT);
            assert_eq!((finished.code, finished.err().as_str()), (0, ""), "{}", path.display());
            assert!(finished.out().contains("seconds: "), "{}", path.display());
        }
    }
}
