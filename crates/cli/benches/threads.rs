//! `cargo bench -p toy --bench threads`: what threads, tasks and the hand-overs between them cost, beside CPython.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::process::ExitCode;

use support::figures::{self, Figure};

const FIGURES: &[Figure] = &[
    ("start", 1_000, "µs to start and join a thread, at the median", "< 100"),
    ("lock", 20_000, "µs to hand over by a lock", "< 8.5"),
    ("condition", 20_000, "µs to hand over by a condition", "< 12"),
    ("queue", 20_000, "µs to hand over by a queue", "< 12"),
    ("sleepers", 1_000, "seconds until 1,000 threads have slept a second each", "≤ 1.1"),
    ("tasks", 10_000, "seconds until 10,000 tasks have slept a second each", "≤ 1.1"),
    ("import_threading", 1, "ms to import threading", "≤ 2"),
    ("import_asyncio", 1, "ms to import asyncio", "≤ 10"),
];

fn main() -> ExitCode {
    figures::main("threads/figures.toy", FIGURES)
}
