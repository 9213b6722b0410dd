//! `toy compare`.

mod ends;
mod figures;
mod refused;

use serde_json::Value;

use crate::support::{Finished, TIMEOUT, run, toy};
use crate::{folder, toy_runs, write};

/// Workers add to a counter, send what they have added, and the main thread prints both.
const COUNTER: &str = "\
import queue, sys, threading
counter = 0
done = queue.Queue()
def work():
    global counter
    for _ in range(100):
        counter += 1
    done.put(100)
workers = [threading.Thread(target=work) for _ in range(int(sys.argv[1]))]
for worker in workers: worker.start()
received = sum(done.get() for _ in workers)
for worker in workers: worker.join()
print('the same line')
print('counter', counter, 'received', received)
";

/// The report of a comparison of this script, with the options before it and its arguments behind it.
fn compared(text: &str, options: &[&str], arguments: &[&str]) -> Finished {
    let folder = folder();
    let script = write(folder.path(), "a.toy", text);
    let all = ["compare"].into_iter().chain(options.iter().copied()).chain([&*script]);
    run(toy(all.chain(arguments.iter().copied())), "not for the script", TIMEOUT)
}

/// The same as data.
#[track_caller]
fn data(text: &str, options: &[&str], arguments: &[&str]) -> (i32, Value) {
    let options: Vec<&str> = ["--json"].into_iter().chain(options.iter().copied()).collect();
    let finished = compared(text, &options, arguments);
    assert_eq!(finished.err(), "");
    let value = serde_json::from_slice(&finished.stdout);
    (finished.code, value.unwrap_or_else(|error| panic!("{error}: {}", finished.out())))
}

#[test]
fn a_counter_stays_where_it_was_in_the_first_process() {
    let finished = compared(COUNTER, &["--gil", "never"], &["3"]);
    let (out, err) = (finished.out(), finished.err());
    assert_eq!((finished.code, err.as_str()), (0, ""), "{out}");
    for line in [
        "1 run of each kind, lock never, toy ",
        "  instances              0          3",
        "  exit code              0          0",
        "Standard output differs, first in line 2:\n",
        "  threads    counter 300 received 300\n  processes  counter 0 received 300\n",
        "Globals of __main__ that differ at the end\n  global   threads  processes\n  counter  300      0\n\n",
        "`counter` is 300 after the threads, 0 after the processes",
    ] {
        assert!(out.contains(line), "'{line}' is not in\n{out}");
    }
    assert!(!out.contains("the same line"), "what the script prints is no part of the report:\n{out}");
}

#[test]
fn a_script_without_threads_is_the_same_in_both() {
    let finished = compared("x = [1, {'a': 2.5}]\nprint(x)\n", &[], &[]);
    let out = finished.out();
    assert_eq!(finished.code, 0, "{}", finished.err());
    assert!(out.contains("Standard output is equal, 1 line.\n"), "{out}");
    assert!(out.contains("All globals of __main__ are equal at the end.\n"), "{out}");
    assert!(out.contains("The script has started no threads"), "{out}");
}

#[test]
fn a_file_has_the_report_and_standard_output_nothing() {
    let folder = folder();
    let script = write(folder.path(), "a.toy", "print('hello')\n");
    let output = write(folder.path(), "report", &"old".repeat(10_000));
    let finished = toy_runs(["compare", "--output", &output, &script, "--json"]);
    assert_eq!((finished.code, finished.out().as_str()), (0, ""));
    assert!(finished.err().contains("'--json' stands behind '"), "{}", finished.err());
    let text = std::fs::read_to_string(&output).expect("it was written");
    assert!(text.starts_with(&script) && !text.contains("old"), "{text}");
}

#[test]
fn the_scripts_that_come_with_the_project_can_be_compared() {
    let scripts = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/processes");
    let arguments = [("counter", "20"), ("cpu_bound", "500"), ("io_bound", "1"), ("ipc", "20")];
    let listed = std::fs::read_to_string(scripts.join("README.md")).expect("it is there");
    for (name, argument) in arguments {
        let script = scripts.join(format!("{name}.toy")).display().to_string();
        let finished = toy_runs(["compare", "--json", &script, argument]);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""), "{name}");
        let value: Value = serde_json::from_slice(&finished.stdout).expect("it is JSON");
        assert_eq!(value["output"]["is_equal"], name != "counter", "{name}: {value:#}");
        assert!(value["processes"]["runs"][0]["started"].as_u64() > Some(0), "{name}: {value:#}");
        assert!(listed.contains(&format!("| `{name}.toy` |")), "{name} is missing in README.md");
    }
}
