//! The scripts that the project comes with.

use std::path::Path;

use crate::support::{TIMEOUT, run, toy};

fn scripts() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts")
}

#[test]
fn hello_threads_says_how_often_the_lock_changed_hands_and_why() {
    let mut expected = Vec::new();
    for lesson in std::fs::read_dir(scripts().join("lessons")).expect("the lessons are there") {
        let path = lesson.expect("a folder can be listed").path();
        let words = std::fs::read_to_string(&path).expect("a lesson is text").split_whitespace().count();
        expected.push(format!("{words:>5} words in {}", path.file_name().expect("a file").display()));
    }
    expected.sort_by_key(|line| line[6..].to_owned());
    expected.push(" 8000 primes up to 81799".to_owned());
    // Named from elsewhere, and by a path that is no absolute one.
    for (folder, name) in
        [(Path::new("/"), scripts().join("hello_threads.toy")), (&scripts(), "hello_threads.toy".into())]
    {
        let mut command = toy([name]);
        command.current_dir(folder);
        let finished = run(command, "", TIMEOUT);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""));
        let out = finished.out();
        let mut lines: Vec<&str> = out.lines().collect();
        let last = lines.pop().expect("there are lines");
        assert_eq!(lines, expected);
        assert!(last.starts_with("the lock changed hands ") && last.contains(" times; why it was let go: "), "{last}");
        for cause in ["sleep", "io", "interval", "exit"] {
            assert!(last.contains(&format!(" {cause} ")), "{last}");
        }
    }
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
fn what_instances_cost_can_be_measured() {
    let costs = scripts().join("processes/costs.toy");
    let frozen = scripts().join("processes/frozen.toy");
    let named = |text: &str| text.lines().map(|line| line.matches(" µs ").count()).sum::<usize>();
    for options in [&[][..], &["--multiprocess"]] {
        let arguments = options.iter().map(std::ffi::OsStr::new).chain([costs.as_os_str(), "40".as_ref()]);
        let finished = run(toy(arguments), "", TIMEOUT);
        assert_eq!((finished.code, finished.err().as_str(), named(&finished.out())), (0, "", 4), "{options:?}");
    }
    let copied = |what: &str| {
        let finished = run(toy([frozen.as_os_str(), what.as_ref(), "200000".as_ref()]), "", TIMEOUT);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""), "{what}");
        let out = finished.out();
        let copied = out.trim_end().strip_suffix(" MB").and_then(|text| text.rsplit(' ').next()?.parse::<f64>().ok());
        copied.expect("the last line ends with it")
    };
    let (counted, frozen) = (copied("count"), copied("freeze"));
    assert!(frozen < counted / 4.0, "frozen objects stay shared: {frozen} MB of {counted} MB");
}

#[test]
fn every_client_of_the_echo_server_is_answered() {
    let server = scripts().join("threads/echo_server.toy");
    for policy in ["iofirst:2000000,grace=250us", "fair:100", "fair:1000,lazyio"] {
        let arguments = ["--gil".as_ref(), policy.as_ref(), server.as_os_str(), "200".as_ref(), "3".as_ref()];
        let finished = run(toy(arguments), "", TIMEOUT);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""), "{policy}");
        assert!(finished.out().starts_with("600 of 600 answers are right\n"), "{policy}: {}", finished.out());
    }
}

#[test]
fn locks_and_queues_keep_exact_totals_under_load() {
    let soak = scripts().join("threads/soak.toy");
    for policy in ["iofirst:2000000,grace=250us", "fair:97", "ticks:100", "timed:100us", "seeded:3"] {
        let arguments = ["--gil".as_ref(), policy.as_ref(), soak.as_os_str(), "20000".as_ref()];
        let finished = run(toy(arguments), "", TIMEOUT);
        assert_eq!((finished.code, finished.err().as_str()), (0, ""), "{policy}");
        assert!(
            finished.out().ends_with("19968 operations, and all totals are exact\n"),
            "{policy}: {}",
            finished.out()
        );
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
