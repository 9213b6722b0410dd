//! What is run, with which arguments, and how it ends.

use std::path::Path;
use std::process::Command;

use crate::support::{self, Running, TIMEOUT, run, toy};
use crate::{assert_run, folder, toy_runs, write};

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
fn a_reader_that_leaves_ends_a_script_of_threads_quietly() {
    // What threads print goes on when the main thread is over, and what it prints at the very last fails like all else.
    let text = "import atexit, threading\n\
        class Last:\n    def __del__(self): print('last')\n\
        def work():\n    while True: print('x')\n\
        for _ in range(4): threading.Thread(target=work, daemon=True).start()\n\
        atexit.register(lambda: print('bye'))\n\
        last = [Last() for _ in range(100)]\n\
        for _ in range(100): print('main')\n";
    for policy in ["fair:7", "timed:1us", "iofirst:100,grace=1us"] {
        for _ in 0..5 {
            let mut command = Command::new("sh");
            command.args(["-c", "\"$0\" --gil \"$2\" -c \"$1\" | head -c 1"]).args([support::TOY, text, policy]);
            let finished = run(command, "", TIMEOUT);
            assert!(!finished.timed_out && !finished.err().contains("panicked"), "{policy}: {}", finished.err());
        }
    }
}

#[test]
fn a_thread_for_whose_stack_there_is_no_room_is_not_started() {
    let text = "\
import threading
may_end = threading.Event()
threads = []
try:
    while len(threads) < 100:
        thread = threading.Thread(target=may_end.wait)
        thread.start()
        threads.append(thread)
except RuntimeError as error:
    print(error)
print(threading.active_count() - len(threads), thread.is_alive())
may_end.set()
for thread in threads:
    thread.join()
thread = threading.Thread(target=print, args=['there is room again'])
thread.start()
thread.join()
";
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -v 700000; exec \"$0\" -c \"$1\""]).args([support::TOY, text]);
    assert_run(&run(command, "", TIMEOUT), 0, "can't start new thread\n1 False\nthere is room again\n", "");
}

#[test]
fn flushed_output_arrives_while_the_script_runs() {
    let mut running = Running::start(toy(["-c", "print('now', flush=True)\ninput()"]), TIMEOUT);
    assert_eq!(running.read(4), b"now\n");
    assert_eq!(running.finish().code, 1);
}

#[test]
fn paths_are_shown_from_the_root() {
    let folder = folder();
    let root = folder.path().canonicalize().expect("it exists");
    write(&root, "beside.toy", "def fail(): 1 / 0\n");
    let text = "import sys, beside\nprint(__file__, sys.argv[0], sys.path[0], beside.__file__, sep='\\n')\n\
        try: from beside import nothing\nexcept ImportError as error: print(error)\nbeside.fail()\n";
    write(&root, "main.toy", text);
    let mut command = toy(["./main.toy"]);
    command.current_dir(&root);
    let finished = run(command, "", TIMEOUT);
    let root = root.display();
    assert_eq!(
        finished.out(),
        format!(
            "{root}/./main.toy\n./main.toy\n{root}\n{root}/beside.toy\n\
             cannot import name 'nothing' from 'beside' ({root}/beside.toy)\n"
        )
    );
    assert!(finished.err().contains(&format!("File \"{root}/./main.toy\", line 5, in <module>")), "{}", finished.err());
    assert!(finished.err().contains(&format!("File \"{root}/beside.toy\", line 1, in fail")), "{}", finished.err());
    let finished = run(toy(["-"]), "print(__file__)", TIMEOUT);
    assert_eq!(finished.out(), "<stdin>\n");
}
