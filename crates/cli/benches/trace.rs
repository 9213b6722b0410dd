//! `cargo bench -p toy --bench trace`: what it costs to trace two CPU-bound threads that hand the lock over all the time.
//!
//! The cost is that of the wall time around the work: the trace is written by a thread of its own, on another core. The CPU time of
//! the script's threads says the same on a machine that is not quite calm; that of the process includes the writer.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::path::Path;
use std::process::{Command, ExitCode};

use clap::Parser;

use support::kernels::script;
use support::machine::Watch;
use support::run::{self, TOY, number_after};
use support::statistics::{interval_of_median, median};

/// A run that is traced may take so many times as long.
const TARGET: f64 = 1.05;

/// Measures the same work with and without a trace, in interleaved runs.
#[derive(Parser, Debug)]
struct Options {
    /// How often each runs.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Steps of the loop that is the work.
    #[arg(long, default_value_t = 6_000_000)]
    size: u64,
    /// The policy of the lock.
    #[arg(long, default_value = "fair:1000")]
    gil: String,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    run::exit_code(compare(&Options::parse()))
}

/// Seconds that the work of one run took.
#[derive(Clone, Copy)]
struct Times {
    wall: f64,
    /// CPU time of the script's threads.
    threads: f64,
    /// CPU time of the process.
    processor: f64,
}

fn compare(options: &Options) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let trace = folder.path().join("trace.json");
    let watch = Watch::start();
    let (mut walls, mut threads, mut processors, mut plain_walls) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut measured_seconds = 0.0;
    let (mut told, mut size) = (String::new(), 0);
    for _ in 0..options.rounds.max(1) {
        let (plain, _) = times(options, None)?;
        let (traced, message) = times(options, Some(&trace))?;
        measured_seconds += plain.processor + traced.processor;
        walls.push(traced.wall / plain.wall);
        threads.push(traced.threads / plain.threads);
        processors.push(traced.processor / plain.processor);
        plain_walls.push(plain.wall);
        told = message;
        // Each trace is a new file: the system gives back what an old one occupies while the script runs.
        size = std::fs::metadata(&trace).map_err(|error| error.to_string())?.len();
        std::fs::remove_file(&trace).map_err(|error| error.to_string())?;
    }
    println!("two threads under {}, {} rounds of {:.2} s:", options.gil, options.rounds, median(&plain_walls));
    let (low, high) = show("wall time with a trace", &walls);
    show("CPU time of the script's threads", &threads);
    show("CPU time with a trace, its writer's included", &processors);
    println!(
        "{:.1} MB a trace; {}",
        size as f64 / 1e6,
        if told.is_empty() { "nothing is missing" } else { told.trim() }
    );
    let foreign = watch.and_then(|watch| watch.stop(measured_seconds));
    let verdict = match foreign {
        Some(foreign) if foreign.spoils() => format!("inconclusive: {foreign}"),
        _ if high <= TARGET => format!("reached: at most {:.0} %", TARGET * 1e2),
        _ if low > TARGET => format!("missed: at most {:.0} %", TARGET * 1e2),
        _ => format!("inconclusive: {:.0} % lies in the interval", TARGET * 1e2),
    };
    println!("{verdict}");
    Ok(())
}

fn show(what: &str, ratios: &[f64]) -> (f64, f64) {
    let (low, high) = interval_of_median(ratios);
    println!("{what}: {:.1} % of that without [{:.1} %, {:.1} %]", median(ratios) * 1e2, low * 1e2, high * 1e2);
    (low, high)
}

/// One run. Gives its times, and what it said on standard error.
fn times(options: &Options, trace: Option<&Path>) -> Result<(Times, String), String> {
    let mut command = Command::new(TOY);
    if let Some(trace) = trace {
        command.arg("trace").arg("--output").arg(trace).args(["--limit", "4G"]);
    }
    command.args(["--gil", &options.gil]).arg(script("two_threads")).args(["2", &options.size.to_string()]);
    let output = command.output().map_err(|error| format!("cannot start {TOY}: {error}"))?;
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        return Err(format!("{command:?} failed: {message}"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let seconds = |start| number_after(start, &text).ok_or_else(|| format!("{command:?} tells no time: {text}"));
    let times = Times { wall: seconds("wall: ")?, threads: seconds("threads: ")?, processor: seconds("seconds: ")? };
    Ok((times, message))
}
