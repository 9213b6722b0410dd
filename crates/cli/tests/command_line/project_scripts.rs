//! The scripts that the project comes with.

use std::path::Path;

use crate::support::{TIMEOUT, run, toy};

fn scripts() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts")
}

#[test]
fn hello_threads_says_how_often_the_lock_changed_hands() {
    let finished = run(toy([scripts().join("hello_threads.toy")]), "", TIMEOUT);
    assert_eq!((finished.code, finished.err().as_str()), (0, ""));
    let out = finished.out();
    let lines: Vec<&str> = out.lines().collect();
    let expected = [
        "reader 0 found 2800 words",
        "reader 1 found 2800 words",
        "reader 2 found 2800 words",
        "reader 3 found 2800 words",
        "the computer found 2000 primes up to 17389",
    ];
    assert_eq!(lines[..expected.len()], expected);
    let last = lines.last().expect("there are lines");
    assert!(last.starts_with("the lock changed hands ") && last.contains(" for sleep"), "{last}");
}

#[test]
fn lessons_run() {
    for entry in std::fs::read_dir(scripts().join("lessons")).expect("the lessons are there") {
        let path = entry.expect("a folder can be listed").path();
        let finished = run(toy([&path]), "", TIMEOUT);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""), "{}", path.display());
        assert!(!finished.stdout.is_empty(), "{}", path.display());
    }
}

#[test]
fn benchmarks_run() {
    for entry in std::fs::read_dir(scripts().join("benchmarks")).expect("the benchmarks are there") {
        let path = entry.expect("a folder can be listed").path();
        let finished = run(toy([path.as_os_str(), "2".as_ref()]), "", TIMEOUT);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""), "{}", path.display());
        assert!(finished.out().contains("seconds: "), "{}", path.display());
    }
}
