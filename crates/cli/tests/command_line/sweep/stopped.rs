//! A sweep that is stopped from outside.

use std::path::Path;
use std::process::Command;

use rustix::process::Signal;

use super::file;
use crate::support::{Running, TIMEOUT, TOY, toy};
use crate::{folder, write};

/// Every run makes a folder; the third one ends when it is told to.
const SCRIPT: &str = "\
import os, sys
count = len(os.listdir(sys.argv[1]))
os.mkdir(os.path.join(sys.argv[1], str(count)))
while count == 2 and not os.path.exists(sys.argv[1] + '.end'): pass
";

/// A sweep of two policies that has come to its third run.
fn begun(folder: &Path, mut command: Command) -> Running {
    let script = write(folder, "a.toy", SCRIPT);
    let counts = file(folder, "counts");
    std::fs::create_dir(&counts).expect("a folder can be made");
    command.args(["sweep", "--gil", "{fair:7,never}", "--runs", "5", "--warm-up", "0"]);
    command.args(["--json", &file(folder, "a.json"), &script, &counts]);
    let running = Running::start(command, TIMEOUT);
    while std::fs::read_dir(&counts).expect("it exists").count() < 3 {
        std::thread::yield_now();
    }
    running
}

#[test]
fn what_has_been_measured_is_kept() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143), (Signal::HUP, 129)] {
        let folder = folder();
        let running = begun(folder.path(), toy::<&str>([]));
        running.signal(signal);
        let finished = running.finish();
        assert_eq!((finished.code, finished.timed_out), (code, false), "{}", finished.err());
        assert!(finished.out().contains("2 policies × 1 run, switches at instr"), "{}", finished.out());
        assert!(finished.out().contains(", stopped before its end\n"), "{}", finished.out());
        let json = std::fs::read_to_string(file(folder.path(), "a.json")).expect("it was written");
        assert!(json.contains("\"is_interrupted\": true"), "{json}");
    }
}

#[test]
fn a_signal_that_is_to_be_ignored_stops_nothing() {
    let folder = folder();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\"", TOY]);
    let running = begun(folder.path(), command);
    running.signal(Signal::HUP);
    write(folder.path(), "counts.end", "");
    let finished = running.finish();
    assert_eq!((finished.code, finished.timed_out), (0, false), "{}", finished.err());
    assert!(finished.out().contains("2 policies × 5 runs"), "{}", finished.out());
}
