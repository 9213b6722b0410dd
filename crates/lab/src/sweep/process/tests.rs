use std::cell::Cell;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;
use crate::sweep::samples;

/// A runner for which a shell plays `toy`: `$3` is the file for the record, `$5` the policy.
fn runner(shell: &str, timeout: Option<Duration>) -> ProcessRunner<impl Fn() -> bool + use<>> {
    let record = serde_json::to_string(&samples::record(100)).expect("a record is JSON");
    let shell = shell.replace("RECORD", &format!("printf '%s' '{record}' > \"$4\""));
    ProcessRunner::new(launch(&shell, timeout), || false).expect("a folder can be made")
}

fn launch(shell: &str, timeout: Option<Duration>) -> Launch {
    Launch {
        command: ["/bin/sh", "-c", shell, "toy"].into_iter().map(OsString::from).collect(),
        script: vec!["a.toy".to_owned(), "--runs".to_owned(), "x y".to_owned()],
        switch_at: Some("instr".to_owned()),
        timeout,
        shows_output: false,
    }
}

fn run(runner: &mut dyn Runner) -> Result<Finished, RunFailure> {
    runner.run(&samples::points(&["fair:7"])[0])
}

fn unfinished(reason: &str, complaint: Option<&str>) -> Result<Finished, RunFailure> {
    Err(RunFailure::Unfinished { reason: reason.to_owned(), complaint: complaint.map(str::to_owned) })
}

#[test]
fn a_run_is_a_command_that_hands_its_record_back() {
    let expected = "gil|--json|--output|--gil|fair:7|--switch-at|instr|a.toy|--runs|x y";
    let shell = format!(
        "found=\"$1|$2|$3|$5|$6|$7|$8|$9|${{10}}|${{11}}\"; [ \"$found\" = '{expected}' ] || {{ echo \"$found\" >&2; exit 9; }}; RECORD"
    );
    assert_eq!(run(&mut runner(&shell, None)), Ok(Finished { record: samples::record(100), complaint: None }));
}

#[test]
fn a_run_without_a_record_says_how_it_ended() {
    assert_eq!(run(&mut runner("exit 0", None)), unfinished("it left no record", None));
    assert_eq!(
        run(&mut runner("echo no! >&2; exit 2", None)),
        unfinished("exit code 2; it left no record", Some("no!"))
    );
    assert_eq!(run(&mut runner("kill -SEGV $$", None)), unfinished("ended by signal 11", None));
    let Err(RunFailure::Unfinished { reason, .. }) = run(&mut runner("echo '{' > \"$4\"", None)) else {
        panic!("that was no record");
    };
    assert!(reason.starts_with("its record cannot be read: EOF"), "{reason}");
}

#[test]
fn a_record_of_another_schema_is_refused() {
    let mut record = samples::record(1);
    record.schema = "toy-gil/2".to_owned();
    let record = serde_json::to_string(&record).expect("a record is JSON");
    let mut runner = runner(&format!("printf '%s' '{record}' > \"$4\""), None);
    assert_eq!(run(&mut runner), unfinished("its record is of the schema 'toy-gil/2', not 'toy-gil/1'", None));
}

#[test]
fn a_record_is_not_taken_for_that_of_the_next_run() {
    let mut runner = runner("[ -e \"$4.once\" ] && exit 0; touch \"$4.once\"; RECORD", None);
    assert!(run(&mut runner).is_ok());
    assert_eq!(run(&mut runner), unfinished("it left no record", None));
}

#[test]
fn a_run_that_does_not_end_is_ended() {
    let soon = Some(Duration::from_millis(50));
    let gentle = "trap 'echo interrupted >&2; exit 130' INT; while :; do sleep 0.01; done";
    assert_eq!(run(&mut runner(gentle, soon)), unfinished("no end within 0.05 s", None));
    let stubborn = "trap '' INT; while :; do sleep 0.01; done";
    assert_eq!(run(&mut runner(stubborn, soon)), unfinished("no end within 0.05 s", None));
}

#[test]
fn a_script_that_writes_without_end_is_ended_too() {
    let soon = Some(Duration::from_millis(50));
    assert_eq!(run(&mut runner("exec yes >&2", soon)), unfinished("no end within 0.05 s", None));
}

#[test]
fn a_child_of_the_script_that_keeps_the_pipe_open_is_not_waited_for() {
    assert!(run(&mut runner("sleep 5 & RECORD", None)).is_ok());
}

#[test]
fn what_a_script_has_started_ends_with_the_run() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let soon = Some(Duration::from_millis(50));
    let endless = "while :; do sleep 0.01; done";
    for (name, rest, timeout) in [("late", endless, soon), ("in time", "RECORD", None)] {
        let path = folder.path().join(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).expect("a pipe can be made");
        let shell = format!("exec 9>'{}'; (trap '' INT; sleep 20; echo alive >&9) & {rest}", path.display());
        // It ends when all who could write have ended.
        let reader = std::thread::spawn(move || std::fs::read_to_string(path).expect("a pipe can be read"));
        assert_eq!(run(&mut runner(&shell, timeout)).is_ok(), timeout.is_none());
        assert_eq!(reader.join().expect("it has not panicked"), "", "{name}");
    }
}

#[test]
fn output_that_nobody_reads_does_not_stop_the_script() {
    let shell = "i=0; while [ $i -lt 2000 ]; do echo 'a line of some length, so that a pipe would be full' >&2; i=$((i+1)); done; RECORD";
    assert!(run(&mut runner(shell, None)).is_ok());
}

#[test]
fn nothing_is_started_when_the_sweep_shall_stop() {
    let asked = Cell::new(0);
    let mut runner = ProcessRunner::new(launch("exit 1", None), || {
        asked.set(asked.get() + 1);
        true
    });
    let result = run(runner.as_mut().expect("a folder can be made"));
    assert_eq!((result, asked.get()), (Err(RunFailure::Interrupted), 1));
}

#[test]
fn a_program_that_does_not_exist_makes_the_sweep_impossible() {
    let mut launch = launch("", None);
    launch.command = vec!["/no/such/program".into()];
    let mut runner = ProcessRunner::new(launch, || false).expect("a folder can be made");
    let Err(RunFailure::Impossible(reason)) = run(&mut runner) else { panic!("it does not exist") };
    assert!(reason.starts_with("the script cannot be run: No such file"), "{reason}");
}

#[test]
fn a_run_is_stopped_with_the_sweep() {
    let asked = Cell::new(0);
    let stubborn = launch("trap 'exit 0' INT; while :; do sleep 0.01; done", None);
    let mut runner = ProcessRunner::new(stubborn, || {
        asked.set(asked.get() + 1);
        asked.get() > 1
    });
    assert_eq!(run(runner.as_mut().expect("a folder can be made")), Err(RunFailure::Interrupted));
}
