//! `cargo bench -p toy --bench start_up`: time and memory of an empty script beside CPython and Lua.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use support::run::{self, Footprint, Reference};
use support::statistics::median;

/// Measures whole processes that run an empty script, in interleaved runs.
#[derive(Parser, Debug)]
struct Options {
    /// How often each interpreter runs.
    #[arg(long, default_value_t = 41)]
    rounds: usize,
    /// The CPython to compare with [default: /usr/bin/python3, else python3].
    #[arg(long)]
    python: Option<PathBuf>,
    /// The Lua to compare with [default: lua5.4, else lua].
    #[arg(long)]
    lua: Option<PathBuf>,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    run::exit_code(compare(&Options::parse()))
}

fn compare(options: &Options) -> Result<(), String> {
    let mut interpreters = vec![Reference::toy()];
    for found in [Reference::cpython(options.python.clone()), Reference::lua(options.lua.clone())] {
        match found {
            Ok(interpreter) => interpreters.push(interpreter),
            Err(reason) => println!("left out: {reason}"),
        }
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let script = folder.path().join("empty.toy");
    std::fs::write(&script, "").map_err(|error| error.to_string())?;

    let mut runs = vec![Vec::new(); interpreters.len()];
    for _ in 0..options.rounds.max(1) {
        for (interpreter, runs) in interpreters.iter().zip(&mut runs) {
            runs.push(run::footprint(&interpreter.program, &script)?);
        }
    }
    println!("an empty script, medians of {} runs", options.rounds.max(1));
    println!("{:>9}{:>9}{:>16}", "wall ms", "CPU ms", "peak memory MB");
    for (interpreter, runs) in interpreters.iter().zip(&runs) {
        let of = |figure: fn(&Footprint) -> f64| median(&runs.iter().map(figure).collect::<Vec<_>>());
        let wall = of(|run| run.wall.as_secs_f64() * 1e3);
        let processor = of(|run| run.processor.as_secs_f64() * 1e3);
        let memory = of(|run| run.peak_memory as f64 / 1e6);
        println!("{wall:>9.2}{processor:>9.2}{memory:>16.1}  {}", interpreter.description);
    }
    Ok(())
}
