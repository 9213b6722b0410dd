//! What is refused before anything runs.

use super::refused;
use crate::support::{TIMEOUT, run, toy};
use crate::{folder, toy_runs, write};

const GRID: &str = "fair:{1..100}";

#[test]
fn grids_that_make_no_sense() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "print('ran')\n");
    refused(["sweep", &script], 2, "no policies are named: --gil 'fair:{1..1000000}' before the script\n");
    refused(["sweep", &script, "--gil", "fair:1"], 2, "what stands behind the script is the script's\n");
    refused(["sweep", "--gil", "fair:{1..", &script], 2, "`fair:{1..`: a brace is not closed\n");
    refused(["sweep", "--gil", "seeded:{0..10000}", &script], 2, "a sweep has at most 10000 points");
    refused(["sweep", "--gil", "fair:{5..1}", &script], 2, "`fair:{5..1}`: the range 5..1 runs backwards\n");
    refused(["sweep", "--gil", "fair:{1,x}", &script], 2, "policy `fair` needs a number of instructions");
    refused(["sweep", "--gil", "nonsense:{1..10}", &script], 2, "unknown policy `nonsense`");
    refused(["sweep", "--gil", "fair:{1..9999999999*9999}", "--gil", GRID, "--points", "1", &script], 2, "--points");
    refused(["sweep", "--gil", "fair:1", "fair:7", &script], 2, "the shell has expanded the braces; quote them");
    refused(["sweep", "--gil", "never", "--shard", "2/2", &script], 2, "part 2/2 of the 1 points has none");
}

#[test]
fn options_that_make_no_sense() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "print('ran')\n");
    for (option, value, message) in [
        ("--runs", "0", "0 is not in 1..="),
        ("--timeout", "0", "'0' is no number of seconds above 0"),
        ("--shard", "3/2", "'3/2' is no part of a grid; 1/3, 2/3 and 3/3 are"),
        ("--columns", "walls", "there is no column 'walls'; there are:\n  wall          wall time\n"),
        ("--json", "/no/such/folder/x.json", "can't write to '/no/such/folder/x.json': No such file or directory"),
    ] {
        refused(["sweep", "--gil", GRID, option, value, &script], 2, message);
    }
    let both = folder.path().join("both").display().to_string();
    refused(
        ["sweep", "--gil", GRID, "--csv", &both, "--json", &both, &script],
        2,
        "two results cannot go to the same file",
    );
}

#[test]
fn scripts_that_cannot_be_run() {
    let folder = folder();
    let wrong = write(folder.path(), "wrong.toy", "x = (\n");
    refused(["sweep", "--gil", GRID, &wrong], 1, "SyntaxError: '(' was never closed");
    refused(["sweep", "--gil", GRID, "/no/such/file.toy"], 2, "can't open file '/no/such/file.toy'");
    refused(["sweep", "--gil", GRID, "-"], 2, "standard input can be read only once");
    refused(["sweep", "--gil", GRID, "--no-such-option"], 2, "there is no option '--no-such-option'");
    refused(["sweep", "--gil", GRID], 2, "required arguments were not provided");
}

#[test]
fn only_sweeps_can_be_merged() {
    let folder = folder();
    let text = write(folder.path(), "text.json", "no JSON");
    let other = write(folder.path(), "other.json", "{\"schema\": \"toy-sweep/9\"}");
    refused(["sweep", "merge"], 2, "required arguments were not provided");
    refused(["sweep", "--runs", "3", "merge", &text], 2, "options of 'toy sweep merge' stand behind it");
    refused(["sweep", "merge", "/no/such/file.json"], 2, "can't read '/no/such/file.json'");
    refused(["sweep", "merge", &text], 2, "is no sweep: expected ident at line 1");
    refused(["sweep", "merge", &other], 2, "is of the schema 'toy-sweep/9'; this toy reads 'toy-sweep/1'");
}

#[test]
fn a_record_that_cannot_be_repeated_is_told_once_and_as_a_run_tells_it() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "print('ran')\n");
    for policy in ["replay:/no/such/file.gil".to_owned(), format!("replay:{script}")] {
        let alone = toy_runs(["--gil", &policy, &script]);
        let swept = toy_runs(["sweep", "--gil", "never", "--gil", &policy, &script]);
        assert_eq!((alone.code, swept.code), (2, 2));
        assert_eq!((swept.out(), swept.err()), (String::new(), alone.err()));
    }
}

#[test]
fn what_a_record_decides_is_no_option() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "print('ran')\n");
    let record = folder.path().join("run.gil").display().to_string();
    assert_eq!(toy_runs(["--record", &record, &script]).code, 0);
    let (policy, lazy) = (format!("replay:{record}"), format!("replay:{record},lazyio"));
    for point in ["instr", "python"] {
        let message = format!("toy: '--switch-at {point}' does not go with '{policy}': the record decides");
        refused(["sweep", "--gil", "never", "--gil", &policy, "--switch-at", point, &script], 2, &message);
        refused(["--gil", &policy, "--switch-at", point, &script], 2, &message);
    }
    let message = format!("toy: 'lazyio' does not go with '{lazy}': the record decides");
    refused(["sweep", "--gil", &lazy, &script], 2, &message);
    refused(["gil", "--gil", &lazy, &script], 2, &message);
    let mut by_variable = toy(["--switch-at", "python", &script]);
    by_variable.env("TOY_GIL", &policy);
    assert_eq!(run(by_variable, "", TIMEOUT).code, 2);
    let finished = toy_runs(["sweep", "--gil", &policy, "--runs", "1", "--warm-up", "0", &script]);
    assert_eq!(finished.code, 0, "{}{}", finished.out(), finished.err());
}

#[test]
fn nothing_that_is_read_is_overwritten() {
    let folder = folder();
    let script = write(folder.path(), "script.toy", "pass\n");
    for option in ["--csv", "--json", "--svg"] {
        refused(["sweep", "--gil", "never", option, &script, &script], 2, "is the script: it would be overwritten");
    }
    assert_eq!(std::fs::read_to_string(&script).expect("it is there"), "pass\n");
    let sweep = folder.path().join("sweep.json").display().to_string();
    let measured = run(toy(["sweep", "--gil", "never", "--json", &sweep, &script]), "", TIMEOUT);
    assert_eq!(measured.code, 0, "{}", measured.err());
    let before = std::fs::read(&sweep).expect("it is there");
    for option in ["--csv", "--json"] {
        refused(["sweep", "merge", option, &sweep, &sweep], 2, "is one of those to be merged: it would be overwritten");
    }
    assert_eq!(std::fs::read(&sweep).expect("it is there"), before);
}

#[test]
fn one_file_is_not_for_two_results_and_one_lock_is_not_that_of_all_instances() {
    let folder = folder();
    let script = write(folder.path(), "script.toy", "pass\n");
    let result = folder.path().join("result").display().to_string();
    for (command, option) in [("gil", "--output"), ("trace", "-o")] {
        let two = [command, "--record", &result, option, &result, &script];
        refused(two, 2, "two results cannot go to the same file");
        let message = format!("toy {command} does not go with --multiprocess");
        refused([command, "--multiprocess", option, &result, &script], 2, &message);
    }
    refused(["--multiprocess", "--record", &result, &script], 2, "--record does not go with --multiprocess");
    assert!(!std::path::Path::new(&result).exists());
}
