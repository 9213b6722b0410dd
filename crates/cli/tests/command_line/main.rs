//! The command line as its users see it.

mod compare;
mod families;
mod gil;
mod instances;
mod interrupt;
mod interrupt_threads;
mod modules;
mod options;
mod output;
mod programs;
mod project_scripts;
mod replay;
mod running;
mod showing;
mod storms;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod support;
mod sweep;
mod trace;

use std::path::Path;

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
