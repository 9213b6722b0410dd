//! There is a report however a run ends.

use rustix::process::Signal;
use toy_lab::RunRecord;

use super::{assert_exact, record_of};
use crate::support::{Running, TIMEOUT, toy};
use crate::{assert_run, folder, toy_runs};

#[test]
fn the_exit_code_is_the_scripts_and_the_report_is_written_all_the_same() {
    for (script, code, err) in
        [("import sys; sys.exit(7)", 7, ""), ("import sys; sys.exit('bad')", 1, "bad\n"), ("raise SystemExit", 0, "")]
    {
        let (finished, record) = record_of(&[], script);
        assert_run(&finished, code, "", err);
        assert_eq!(i32::from(record.exit_code), code);
        assert_exact(&record);
    }
    let (finished, record) = record_of(&[], "1 / 0");
    assert!(finished.err().ends_with("ZeroDivisionError: division by zero\n"), "{}", finished.err());
    assert_eq!((finished.code, record.exit_code), (1, 1));
    let (finished, record) = record_of(&["--max-memory", "32M"], "x = 'a' * 100_000_000");
    assert_eq!((finished.code, record.exit_code), (4, 4));
}

#[test]
fn the_report_is_written_on_ctrl_c() {
    let folder = folder();
    let output = folder.path().join("report.json");
    let script = "import time\nprint('up', flush=True)\ntime.sleep(60)";
    let command = toy(["gil", "--json", "--output", &output.display().to_string(), "-c", script]);
    let mut running = Running::start(command, TIMEOUT);
    assert_eq!(running.read(3), b"up\n");
    running.signal(Signal::INT);
    assert_eq!(running.finish().code, 130);
    let record = RunRecord::from_json(&std::fs::read_to_string(output).expect("written")).expect("a record");
    assert_eq!((record.exit_code, record.script.as_str()), (130, "-c"));
    assert_exact(&record);
}

#[test]
fn the_report_is_written_when_all_threads_wait_for_each_other() {
    let script = "import threading\nevent = threading.Event()\n\ndef work(): event.wait()\n\n\
        thread = threading.Thread(target=work)\nthread.start()\nthread.join()";
    let (finished, record) = record_of(&[], script);
    assert_eq!((finished.code, record.exit_code), (3, 3), "{}", finished.err());
    assert_exact(&record);
}

#[test]
fn a_forked_child_writes_no_report() {
    let script = "import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)\nprint('parent' if pid else 'child')";
    let finished = toy_runs(["gil", "-c", script]);
    assert_eq!((finished.code, finished.out().as_str()), (0, "child\nparent\n"));
    assert_eq!(finished.err().matches("GIL of -c").count(), 1, "{}", finished.err());
}
