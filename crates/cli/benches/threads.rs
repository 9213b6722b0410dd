//! `cargo bench -p toy --bench threads`: what threads, tasks and the hand-overs between them cost, beside CPython.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use support::run::{self, Reference};
use support::statistics::median;

/// What is measured: its name in the script, how often it is done in a run, in which unit, and what is aimed at.
const FIGURES: &[(&str, u32, &str, &str)] = &[
    ("start", 1_000, "µs to start and join a thread, at the median", "< 100"),
    ("lock", 20_000, "µs to hand over by a lock", "< 8.5"),
    ("condition", 20_000, "µs to hand over by a condition", "< 12"),
    ("queue", 20_000, "µs to hand over by a queue", "< 12"),
    ("sleepers", 1_000, "seconds until 1,000 threads have slept a second each", "≤ 1.1"),
    ("tasks", 10_000, "seconds until 10,000 tasks have slept a second each", "≤ 1.1"),
    ("import_threading", 1, "ms to import threading", "≤ 2"),
    ("import_asyncio", 1, "ms to import asyncio", "≤ 10"),
];

/// Measures threads in interleaved runs.
#[derive(Parser, Debug)]
struct Options {
    /// How often each figure is measured.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// The CPython to compare with [default: 3.13 on the path, else /usr/bin/python3].
    #[arg(long)]
    python: Option<PathBuf>,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    run::exit_code(compare(&Options::parse()))
}

fn compare(options: &Options) -> Result<(), String> {
    let python = match &options.python {
        None => Reference::cpython_on_the_path("CPython 3.13").map_or_else(|| Reference::cpython(None), Ok),
        named => Reference::cpython(named.clone()),
    };
    let mut interpreters = vec![Reference::toy()];
    match python {
        Ok(python) => interpreters.push(python),
        Err(reason) => println!("left out: {reason}"),
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/threads/figures.toy").to_owned();
    println!(
        "medians of {} runs: {}",
        options.rounds.max(1),
        interpreters.iter().map(|i| &*i.description).collect::<Vec<_>>().join(", ")
    );
    for (figure, count, unit, target) in FIGURES {
        let mut runs = vec![Vec::new(); interpreters.len()];
        for _ in 0..options.rounds.max(1) {
            for (interpreter, runs) in interpreters.iter().zip(&mut runs) {
                let arguments = [script.as_str(), figure, &count.to_string()];
                let (text, _) = run::text_and_seconds(&interpreter.program, arguments)?;
                let number = run::number_after("figure: ", &text).ok_or_else(|| format!("no figure: {text}"))?;
                runs.push(number);
            }
        }
        let medians: String = runs.iter().map(|runs| format!("{:>12.2}", median(runs))).collect();
        println!("{medians}  {unit} {target}");
    }
    Ok(())
}
