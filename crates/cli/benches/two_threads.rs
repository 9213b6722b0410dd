//! `cargo bench -p toy --bench two_threads`: what two CPU-bound threads get done together, beside one alone.
//!
//! Under a global interpreter lock two threads cannot be faster than one; the question is how much the hand-overs cost.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use support::kernels::script;
use support::machine::Watch;
use support::run::{self, TOY};
use support::statistics::{interval_of_median, median};

/// Two threads are to do at least this part of the work that one does alone in the same CPU time.
const TARGET: f64 = 0.95;

/// Measures the same work done by one thread and by two, in interleaved runs.
#[derive(Parser, Debug)]
struct Options {
    /// How often each runs.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Steps of the loop that is the work.
    #[arg(long, default_value_t = 6_000_000)]
    size: u64,
    /// The policy of the lock [default: toy's default].
    #[arg(long)]
    gil: Option<String>,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    run::exit_code(compare(&Options::parse()))
}

fn compare(options: &Options) -> Result<(), String> {
    let watch = Watch::start();
    let mut ratios = Vec::new();
    let mut measured_seconds = 0.0;
    for _ in 0..options.rounds.max(1) {
        let alone = cpu_seconds(options, 1)?;
        let together = cpu_seconds(options, 2)?;
        measured_seconds += alone + together;
        ratios.push(alone / together);
    }
    let (low, high) = interval_of_median(&ratios);
    let policy = options.gil.as_deref().unwrap_or("the default policy");
    println!("two threads under {policy}, {} rounds:", options.rounds);
    println!(
        "{:.1} % of what one does alone in the same CPU time [{:.1} %, {:.1} %]",
        median(&ratios) * 1e2,
        low * 1e2,
        high * 1e2
    );
    let foreign = watch.and_then(|watch| watch.stop(measured_seconds));
    let verdict = match foreign {
        Some(foreign) if foreign.spoils() => format!("inconclusive: {foreign}"),
        _ if low >= TARGET => format!("reached: at least {:.0} %", TARGET * 1e2),
        _ if high < TARGET => format!("missed: at least {:.0} %", TARGET * 1e2),
        _ => format!("inconclusive: {:.0} % lies in the interval", TARGET * 1e2),
    };
    println!("{verdict}");
    Ok(())
}

fn cpu_seconds(options: &Options, threads: u32) -> Result<f64, String> {
    let mut arguments: Vec<String> = Vec::new();
    if let Some(policy) = &options.gil {
        arguments.extend(["--gil".to_owned(), policy.clone()]);
    }
    arguments.extend([script("two_threads").display().to_string(), threads.to_string(), options.size.to_string()]);
    Ok(run::measure(Path::new(TOY), &arguments)?.seconds)
}
