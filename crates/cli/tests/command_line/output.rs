//! How standard output gets out.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::process::Stdio;

use rustix::pipe::{PipeFlags, pipe_with};

use crate::support::{Running, TIMEOUT, toy};

/// Reads a little at a time, so that the writer waits again and again.
fn read_slowly(mut stream: impl Read) -> String {
    let mut text = Vec::new();
    let mut piece = [0; 700];
    loop {
        match stream.read(&mut piece).expect("a pipe can be read") {
            0 => return String::from_utf8(text).expect("scripts print UTF-8"),
            count => text.extend_from_slice(&piece[..count]),
        }
    }
}

#[test]
fn lines_of_several_threads_stay_whole() {
    // Longer than what a pipe takes in one piece.
    let script = "\
import threading
def work(digit):
    for _ in range(50):
        print(digit * 2000, digit * 2000, digit * 2000)
threads = [threading.Thread(target=work, args=(digit,)) for digit in '0123']
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
";
    for schedule in ["fair:50", "fair:1000", "ticks:100"] {
        let mut running = Running::start(toy(["--gil", schedule, "-c", script]), TIMEOUT);
        let stdout = running.take_stdout();
        running.wait_until_full(1);
        let out = read_slowly(stdout);
        assert_eq!(running.finish().code, 0);
        let mut counts = BTreeMap::new();
        out.lines().for_each(|line| *counts.entry(line).or_insert(0) += 1);
        let lines = ["0", "1", "2", "3"].map(|digit| vec![digit.repeat(2000); 3].join(" "));
        assert!(counts == lines.iter().map(|line| (line.as_str(), 50)).collect(), "{schedule}: {} kinds", counts.len());
    }
}

#[test]
fn a_flush_returns_when_everything_is_written() {
    // Nothing is flushed by `_exit`.
    let script = "\
import os, threading
def work():
    while True:
        print('x' * 2000)
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
for number in range(20):
    print('number', number)
    print('y' * 3000, flush=True)
os._exit(5)
";
    let mut running = Running::start(toy(["--gil", "fair:50", "-c", script]), TIMEOUT);
    let out = read_slowly(running.take_stdout());
    assert_eq!(running.finish().code, 5);
    let numbers: Vec<&str> = out.lines().filter(|line| line.starts_with('n')).collect();
    assert_eq!(numbers, (0..20).map(|number| format!("number {number}")).collect::<Vec<_>>());
    assert_eq!(out.lines().filter(|&line| line == "y".repeat(3000)).count(), 20);
}

#[test]
fn a_forked_child_writes_nothing_of_its_parent() {
    let script = "\
import os, sys, threading
def work(digit):
    for number in range(200):
        print(digit * 2000, number)
threads = [threading.Thread(target=work, args=(digit,)) for digit in '0123']
for thread in threads:
    thread.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        print(end='', flush=True)
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
for thread in threads:
    thread.join()
";
    let mut running = Running::start(toy(["--gil", "fair:50", "-c", script]), TIMEOUT);
    let out = read_slowly(running.take_stdout());
    let finished = running.finish();
    assert_eq!((finished.code, finished.err()), (0, String::new()));
    let mut lines: Vec<&str> = out.lines().collect();
    lines.sort_unstable();
    let mut expected: Vec<String> = ["0", "1", "2", "3"]
        .iter()
        .flat_map(|digit| (0..200).map(|number| format!("{} {number}", digit.repeat(2000))))
        .collect();
    expected.sort_unstable();
    assert!(lines == expected, "{} lines", lines.len());
}

#[test]
fn a_pipe_that_does_not_block_gets_everything() {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).expect("there are few open files");
    rustix::io::ioctl_fionbio(&reader, false).expect("it is a pipe");
    let command = toy(["-c", "for number in range(100_000): print(number)"]);
    let running = Running::start_into(command, Stdio::from(writer), TIMEOUT);
    let out = read_slowly(File::from(reader));
    let finished = running.finish();
    assert_eq!((finished.code, finished.err()), (0, String::new()));
    assert!(out.lines().eq((0..100_000).map(|number| number.to_string())), "{} bytes", out.len());
}

#[test]
fn every_thread_hears_that_its_output_is_lost() {
    let script = "\
import sys, threading
def work():
    try:
        print('x' * 10_000, flush=True)
    except OSError as error:
        sys.stderr.write(f'{error}\\n')
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
";
    let full = File::options().write(true).open("/dev/full").expect("Linux has it");
    let finished = Running::start_into(toy(["--gil", "fair:50", "-c", script]), full, TIMEOUT).finish();
    assert_eq!(finished.code, 0);
    assert_eq!(finished.err(), "[Errno 28] No space left on device\n".repeat(4));
}
