//! `cargo bench -p toy --bench processes`: what processes and the ways between them cost, beside CPython.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::process::ExitCode;

use support::figures::{self, Figure};

const FIGURES: &[Figure] = &[
    ("start", 100, "ms to start and join a process", "≤ 1"),
    ("pool", 20, "ms to make a pool of 2 and have its first result", "≤ 2"),
    ("speed_up", 10, "times as fast: a computation in two processes as in one", "≥ 1.95"),
    ("round_trips", 20_000, "round trips of 1 KB a second through a connection", "≥ 50,000"),
    ("one_way", 500, "GB/s in messages of 1 MB one way", "≥ 1.5"),
    ("queues", 10_000, "round trips of 1 KB a second through two queues", "≥ 30,000"),
    ("locks", 200_000, "million times a second that a free lock is taken", ""),
];

fn main() -> ExitCode {
    figures::main("processes/figures.toy", FIGURES)
}
