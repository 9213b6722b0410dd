//! Options, and what is said about wrong ones.

use crate::{assert_run, toy_runs};

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

#[track_caller]
fn makes_no_sense<const N: usize>(arguments: [&str; N], message: &str) {
    let finished = toy_runs(arguments);
    assert_eq!((finished.code, finished.out().as_str()), (2, ""), "{arguments:?}");
    assert!(finished.err().contains(message), "{arguments:?}: '{message}' is not in\n{}", finished.err());
}

#[test]
fn usage_errors_exit_with_2_and_say_why() {
    makes_no_sense([], "Usage: toy [OPTIONS] [FILE]...");
    makes_no_sense(["--no-such-option", "a.toy"], "there is no option '--no-such-option'");
    makes_no_sense(["run", "--no-such-option", "a.toy"], "there is no option '--no-such-option'");
    makes_no_sense(["-c"], "a value is required for '-c <TEXT>...'");
    makes_no_sense(["dis"], "required arguments were not provided");
    makes_no_sense(["trace", "a.toy", "-o", "b"], "a trace needs -o FILE before the script");
}

#[test]
fn wrong_values_of_options_are_named_with_the_right_ones() {
    makes_no_sense(["--gil"], "a value is required for '--gil <POLICY>'");
    makes_no_sense(["--gil", "nonsense", "a.toy"], "unknown policy `nonsense`; there are:\n  ticks:N ");
    makes_no_sense(["--gil", "fair", "a.toy"], "policy `fair` needs a number of instructions from 1 on, such as");
    makes_no_sense(["--gil", "fair:0", "a.toy"], "needs a number of instructions from 1 on");
    makes_no_sense(["--gil", "ticks:-1", "a.toy"], "needs a number of instructions from 1 on");
    makes_no_sense(["--gil", "fair:x", "a.toy"], "not `x`");
    makes_no_sense(["--switch-at", "never", "a.toy"], "unknown switch point `never`; there are:\n  instr ");
    makes_no_sense(["--max-memory", "much", "a.toy"], "'much' is no size; 500M and 2G are");
    makes_no_sense(["--max-memory", "5X", "a.toy"], "'X' is no unit of memory; k, M and G are");
    makes_no_sense(["--max-memory", "99999999999G", "a.toy"], "more than this machine can address");
    makes_no_sense(["--max-memory", "1k", "-c", "pass"], "the memory limit is too small for the interpreter itself");
}

#[test]
fn what_is_written_meanwhile_does_not_go_to_standard_output() {
    let message = "standard output is for what the script prints; a file of this name is './-'";
    makes_no_sense(["--record", "-", "-c", "print(1)"], message);
    makes_no_sense(["gil", "--record", "-", "-c", "print(1)"], message);
    makes_no_sense(["trace", "-o", "-", "-c", "print(1)"], message);
    makes_no_sense(["trace", "--output", "-", "-c", "print(1)"], message);
    makes_no_sense(["trace", "-c", "print(1)", "--output", "x"], "a trace needs -o FILE before the script");
}

#[test]
fn policies_stand_before_the_script() {
    let text = "print(sum(range(1000)))";
    for arguments in [["--gil", "fair:1"], ["--gil", "ticks:10"], ["--switch-at", "python"], ["--switch-at", "instr"]] {
        let [option, value] = arguments;
        assert_run(&toy_runs([option, value, "-c", text]), 0, "499500\n", "");
        assert_run(&toy_runs(["run", option, value, "-c", text]), 0, "499500\n", "");
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
    assert_eq!(finished.code, 4);
    assert!(finished.err().ends_with("MemoryError\n"), "{}", finished.err());
    assert_run(&toy_runs(["--max-memory", "32M", "-c", "print(len('a' * 1_000_000))"]), 0, "1000000\n", "");
    let caught = "try: x = 'a' * 100_000_000\nexcept MemoryError: print('caught')";
    assert_run(&toy_runs(["--max-memory", "32M", "-c", caught]), 0, "caught\n", "");
    let grows = "x = []\nwhile True: x.append([0] * 1000)";
    assert_eq!(toy_runs(["--max-memory", "32M", "-c", grows]).code, 4);
}

#[test]
fn left_over_objects_are_found() {
    assert_run(&toy_runs(["--check-leaks", "-c", "x = []; x.append(x)"]), 0, "", "");
    // A check that never fails proves nothing: a thread that outlives the script keeps what its frame holds.
    let finished = toy_runs([
        "--check-leaks",
        "-c",
        "import os, threading\n\
         r, w = os.pipe()\n\
         started = threading.Event()\n\
         def wait():\n    kept = [object() for _ in range(3000)]\n    started.set()\n    os.read(r, 1)\n\
         threading.Thread(target=wait, daemon=True).start()\n\
         started.wait()",
    ]);
    assert_eq!(finished.code, 1);
    assert!(finished.err().contains("objects are left over at the end:\n"), "{}", finished.err());
    assert!(finished.err().contains("list has a count of 1, but 0 references\n"), "{}", finished.err());
}
