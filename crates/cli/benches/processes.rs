//! `cargo bench -p toy --bench processes`: what processes and the ways between them cost, beside CPython.
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
    ("start", 100, "ms to start and join a process", "≤ 1"),
    ("pool", 20, "ms to make a pool of 2 and have its first result", "≤ 2"),
    ("speed_up", 1, "times as fast: a computation in two processes as in one", "≥ 1.95"),
    ("round_trips", 20_000, "round trips of 1 KB a second through a connection", "≥ 50,000"),
    ("one_way", 500, "GB/s in messages of 1 MB one way", "≥ 1.5"),
    ("queues", 10_000, "round trips of 1 KB a second through two queues", "≥ 30,000"),
    ("locks", 200_000, "million times a second that a free lock is taken", ""),
];

/// Measures processes in interleaved runs.
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
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/processes/figures.toy").to_owned();
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
