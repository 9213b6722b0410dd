//! Every `tests/**/*.toy` is a test: the folder is the feature, the file name is the one behaviour.
//!
//! Comments at the top of a script say how it is run (see [`header::Header`]). What it must print stands in
//! `# expect: …` comments on the lines that cause it, or in a file `name.out` beside it. Both come from CPython, never from
//! `toy`: with `TOY_BLESS=1`, `$PYTHON` (or `python3`) writes the stored outputs anew, and judges the inline ones.
//!
//! What `toy` alone says on standard error, such as the report of a deadlock, may stand in a file `name.err`.
//!
//! Scripts under `threads/` and `deadlock/` run under several policies. Those under `acceptance/` judge by clocks how long they took:
//! each runs while no other test does, and has [`ATTEMPTS`], since a machine may be busy with other things, too. Those under `wishlist/` are known to fail: a test fails when
//! one of them starts to pass, so that it moves to where it belongs. What scripts import is no test: files whose names
//! start with `_`, and packages.
#![expect(clippy::print_stderr, reason = "a harness talks to its user")]

mod compare;
mod header;
mod oracle;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod support;

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};

use compare::Normalised;
use header::Script;
use oracle::Oracle;

/// Folders of scripts about threads.
const SCHEDULED: [&str; 2] = ["threads/", "deadlock/"];

/// Options with which a script about threads runs: the shape of a schedule must not change what it prints.
const SCHEDULES: [&str; 11] = [
    "",
    "--gil fair:1",
    "--gil fair:7",
    "--gil fair:1000",
    "--gil fair:50,lazyio",
    "--gil ticks:100",
    "--gil timed:20us",
    "--gil quantum:20us",
    "--gil iofirst:100,grace=10us",
    "--gil seeded:1,every=20",
    "--switch-at python",
];

/// A script that runs away must not take the machine with it.
const MEMORY_LIMIT: [&str; 2] = ["--max-memory", "4G"];

/// Scripts whose output depends on how long they took.
const CLOCKED: &str = "acceptance/";

/// How often a clocked script may try to print what it must.
const ATTEMPTS: usize = 3;

/// A clocked script runs with a write lock, the others with read locks.
static MACHINE: RwLock<()> = RwLock::new(());

/// What is known to fail may hang.
const WISH_TIMEOUT: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").canonicalize().expect("tests/ exists");
    let trials = if std::env::var_os("TOY_BLESS").is_some() {
        match Oracle::find() {
            Ok(oracle) => bless(&tests, &Arc::new(oracle)),
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        }
    } else {
        trials(&tests)
    };
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn trials(tests: &Path) -> Vec<Trial> {
    let mut trials = Vec::new();
    for script in scripts(tests) {
        let script = match script {
            Ok(script) => Arc::new(script),
            Err(error) => {
                trials.push(Trial::test(error.clone(), move || Err(Failed::from(error))));
                continue;
            }
        };
        if script.name.starts_with("wishlist/") {
            trials.push(Trial::test(script.name.clone(), move || wish(&script)));
        } else if SCHEDULED.iter().any(|folder| script.name.starts_with(folder)) && !script.chooses_schedule() {
            for schedule in SCHEDULES {
                let script = Arc::clone(&script);
                let name = format!("{} [{}]", script.name, if schedule.is_empty() { "default" } else { schedule });
                trials.push(Trial::test(name, move || run(&script, schedule, support::TIMEOUT).map_err(Failed::from)));
            }
        } else {
            trials.push(Trial::test(script.name.clone(), move || {
                let outcome =
                    if script.name.starts_with(CLOCKED) { alone(&script) } else { run(&script, "", support::TIMEOUT) };
                outcome.map_err(Failed::from)
            }));
        }
    }
    trials
}

fn alone(script: &Script) -> Result<(), String> {
    let _machine = MACHINE.write().unwrap_or_else(PoisonError::into_inner);
    let mut outcome = attempt(script, "", support::TIMEOUT);
    for _ in 1..ATTEMPTS {
        if outcome.is_ok() {
            break;
        }
        outcome = attempt(script, "", support::TIMEOUT);
    }
    outcome
}

fn bless(tests: &Path, oracle: &Arc<Oracle>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for script in scripts(tests) {
        let oracle = Arc::clone(oracle);
        let name = script.as_ref().map_or_else(Clone::clone, |script| script.name.clone());
        trials.push(Trial::test(name, move || oracle.bless(&script?).map_err(Failed::from)));
    }
    trials
}

fn run(script: &Script, schedule: &str, timeout: Duration) -> Result<(), String> {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    attempt(script, schedule, timeout)
}

fn attempt(script: &Script, schedule: &str, timeout: Duration) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let header = &script.header;
    let mut arguments: Vec<&str> = schedule.split_whitespace().collect();
    arguments.extend(header.options.iter().map(String::as_str));
    if !header.options.iter().any(|option| option == MEMORY_LIMIT[0]) {
        arguments.extend(MEMORY_LIMIT);
    }
    if !header.may_leak {
        arguments.push("--check-leaks");
    }
    let mut command = support::toy(arguments);
    command.arg(&script.path).args(&header.arguments).current_dir(folder.path());
    let shown = format!("{command:?}");
    let finished = support::run(command, header.stdin.clone(), timeout);
    let result = if finished.timed_out {
        Err(format!("still runs after {} s", timeout.as_secs()))
    } else {
        compare::check(script, &Normalised::new(&finished, script.folder()))
    };
    result.map_err(|complaint| format!("{shown}\n{complaint}"))
}

/// Passes as long as the script fails.
fn wish(script: &Script) -> Result<(), Failed> {
    match run(script, "", WISH_TIMEOUT) {
        Err(_) => Ok(()),
        Ok(()) => Err(Failed::from(format!("{} passes now: move it out of wishlist/", script.name))),
    }
}

/// All test scripts in the order of their names.
fn scripts(tests: &Path) -> Vec<Result<Script, String>> {
    let mut paths = Vec::new();
    collect(tests, &mut paths);
    paths.sort();
    paths.into_iter().map(|path| Script::read(tests, path)).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_bytes()[0] == b'_');
        if is_hidden || path.join("__init__.toy").exists() {
            continue;
        }
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "toy") {
            paths.push(path);
        }
    }
}
