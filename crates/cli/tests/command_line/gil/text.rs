//! The report as text, and what explains the policies.

use std::process::Command;

use toy_lab::RunRecord;

use super::{assert_exact, threads_that};
use crate::support::{TIMEOUT, TOY, run, toy};
use crate::{assert_run, folder, toy_runs, write};

#[test]
fn the_text_has_its_parts() {
    let folder = folder();
    let threads = threads_that("compute, compute, nap");
    let script = format!("{threads}\nfrom toy import gil\ngil.report('answers', 42)\n");
    let path = write(folder.path(), "script.toy", &script);
    let finished = run(toy(["gil", "--gil", "seeded:3,every=50", &path]), "", TIMEOUT);
    assert_eq!((finished.code, finished.out().as_str()), (0, "done\n"));
    let report = finished.err();
    let parts = [
        "script.toy: policy seeded:3,every=50, switch at instr\n",
        "of virtual time, idle ",
        "Threads: where their time went\n",
        "Threads: what they did with the lock, and why they let it go\n",
        "Lines where the longest turns ended\n",
        "total += i\n",
        "Lines behind which the lock was waited for longest\n",
        "Who waited (rows) while whom (columns) held the lock\n",
        "How long the lock was held at a time\n",
        "█",
        "How long the lock was waited for at a time\n",
        "Reported by the script\n  answers = 42\n",
        "The machine\n",
        " cores; CPU time of this process ",
        "What this shows\n  * Two threads competed for the lock",
    ];
    let mut rest = report.as_str();
    for part in parts {
        let place = rest.find(part).unwrap_or_else(|| panic!("{part:?} is not, or not here, in\n{report}"));
        rest = &rest[place + part.len()..];
    }
    assert!(report.lines().all(|line| line.trim_end() == line), "{report}");
}

#[test]
fn a_change_of_policy_is_told() {
    let folder = folder();
    let text = "from toy import gil\nfor policy in ['fair:50', 'fair:50', 'never', 'ticks:70']: gil.policy = policy\n";
    let path = write(folder.path(), "script.toy", text);
    let finished = toy_runs(["gil", "--gil", "ticks:70", &path]);
    let head =
        "script.toy: policy ticks:70, switch at instr; then fair:50, then never, then ticks:70, as the script wanted\n";
    assert!(finished.err().contains(head), "{}", finished.err());
    let finished = toy_runs(["--stats", "--check-leaks", "--gil", "ticks:70", &path]);
    let head = "GIL: policy ticks:70, then fair:50, then never, then ticks:70, switch at instr; ";
    assert!(finished.err().starts_with(head), "{}", finished.err());
    let interval = "import sys; sys.setswitchinterval(0.5)";
    let finished = toy_runs(["--stats", "--gil", "timed:5ms", "-c", interval]);
    assert!(finished.err().starts_with("GIL: policy timed:5ms, then timed:500ms, switch at "), "{}", finished.err());
}

#[test]
fn the_report_goes_where_it_is_wanted() {
    let finished = toy_runs(["gil", "-c", "print('out')"]);
    assert_eq!((finished.code, finished.out().as_str()), (0, "out\n"));
    assert!(finished.err().starts_with("GIL of -c: policy "), "{}", finished.err());
    let finished = toy_runs(["gil", "--json", "--output", "-", "-c", "print('out')"]);
    assert_eq!((finished.code, finished.err().as_str()), (0, ""));
    let out = finished.out();
    let json = out.strip_prefix("out\n").expect("the script comes first");
    assert_exact(&RunRecord::from_json(json).expect("a record"));
    let finished = toy_runs(["gil", "--output", "/nonexistent/report", "-c", "print('out')"]);
    assert_run(&finished, 2, "", "toy: cannot write '/nonexistent/report': No such file or directory (os error 2)\n");
    assert_eq!(toy_runs(["gil", "--output", "/dev/full", "-c", "pass"]).code, 1);
    // What does not run has no report.
    let folder = folder();
    let output = folder.path().join("report");
    assert_eq!(toy_runs(["gil", "--output", &output.display().to_string(), "-c", "1 +"]).code, 1);
    assert!(!output.exists());
}

#[test]
fn other_listeners_listen_too() {
    let folder = folder();
    let run = folder.path().join("run.gil").display().to_string();
    let finished = toy_runs(["gil", "--record", &run, "--stats", "-c", "pass"]);
    assert_eq!(finished.code, 0);
    assert!(
        finished.err().starts_with("GIL: policy ") && finished.err().contains("\nGIL of -c: "),
        "{}",
        finished.err()
    );
    assert!(std::fs::read_to_string(run).expect("written").starts_with("toy gil record 1\n"));
}

#[test]
fn policies_are_explained_and_a_script_of_that_name_has_a_path() {
    let finished = toy_runs(["gil", "policies"]);
    assert_eq!((finished.code, finished.err().as_str()), (0, ""));
    for word in ["ticks:N", "fair:N", "timed:T", "never", "replay:FILE", "lazyio", "--switch-at", "CPython since 3.2"] {
        assert!(finished.out().contains(word), "{word} is not in\n{}", finished.out());
    }
    let finished = toy_runs(["gil", "--json", "policies"]);
    assert_eq!((finished.code, finished.out().as_str()), (2, ""));
    assert!(finished.err().contains("./policies"), "{}", finished.err());
    let folder = folder();
    write(folder.path(), "policies", "print('a script')");
    let mut command = toy(["gil", "./policies"]);
    command.current_dir(folder.path());
    let finished = run(command, "", TIMEOUT);
    assert_eq!((finished.code, finished.out().as_str()), (0, "a script\n"));
}

#[test]
fn what_cannot_be_written_to_standard_error_is_a_failure() {
    for arguments in [&["gil"][..], &["gil", "--json"], &["--stats"]] {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exec \"$0\" \"$@\" 2>/dev/full", TOY]).args(arguments).args(["-c", "print('out')"]);
        assert_run(&run(command, "", TIMEOUT), 1, "out\n", "");
    }
}
