//! `cargo bench -p toy --bench kernels`: CPU time of the kernels beside CPython, in the same run on the same machine.
//!
//! The scripts measure themselves, so that no start-up is counted; user and system time are taken together.
//! `cargo bench -p toy --bench kernels -- --help` lists the options.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use support::kernels::{KERNELS, Kernel};
use support::run::{self, Reference, TOY};
use support::statistics::{geometric_mean, median};

/// Measures toy beside CPython: interleaved runs, medians of CPU time inside the scripts.
#[derive(Parser, Debug)]
struct Options {
    /// The kernels whose names contain this.
    filter: Option<String>,
    /// How often each kernel runs under each interpreter.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// The CPython to compare with [default: /usr/bin/python3, else python3].
    #[arg(long)]
    python: Option<PathBuf>,
    /// Comma-separated values instead of tables.
    #[arg(long)]
    csv: bool,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The medians of one kernel, in CPU seconds.
struct Row {
    kernel: Kernel,
    toy: f64,
    python: f64,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.python / self.toy
    }
}

fn main() -> ExitCode {
    run::exit_code(compare(&Options::parse()))
}

fn compare(options: &Options) -> Result<(), String> {
    let reference = Reference::cpython(options.python.clone())?;
    let chosen = |kernel: &&Kernel| options.filter.as_ref().is_none_or(|filter| kernel.name.contains(filter.as_str()));
    let kernels: Vec<Kernel> = KERNELS.iter().filter(chosen).copied().collect();
    if options.csv {
        println!("kernel,toy_seconds,python_seconds,ratio");
    } else {
        println!("toy {} beside {}, {} rounds\n", env!("CARGO_PKG_VERSION"), reference.description, options.rounds);
        println!("{:<24}{:>10}{:>12}{:>8}", "kernel", "toy ms", "CPython ms", "ratio");
    }
    let mut rows = Vec::new();
    for kernel in kernels {
        let row = measure(kernel, &reference, options.rounds)?;
        show(&row, options.csv);
        rows.push(row);
    }
    if options.csv {
        return Ok(());
    }
    let ratios: Vec<f64> = rows.iter().filter(|row| row.kernel.is_main).map(Row::ratio).collect();
    if !ratios.is_empty() {
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        println!("\nmain kernels: geometric mean {:.2}x, least {least:.2}x", geometric_mean(&ratios));
    }
    Ok(())
}

fn measure(kernel: Kernel, reference: &Reference, rounds: usize) -> Result<Row, String> {
    let path = kernel.path();
    let (mut toy, mut python) = (Vec::new(), Vec::new());
    for _ in 0..rounds.max(1) {
        let ours = run::measure(Path::new(TOY), [&path])?;
        let theirs = run::measure(&reference.program, [&path])?;
        if ours.result != theirs.result {
            return Err(format!("{}: toy says '{}', CPython '{}'", kernel.name, ours.result, theirs.result));
        }
        toy.push(ours.seconds);
        python.push(theirs.seconds);
    }
    Ok(Row { kernel, toy: median(&toy), python: median(&python) })
}

fn show(row: &Row, csv: bool) {
    let name = row.kernel.name;
    if csv {
        println!("{name},{:.6},{:.6},{:.3}", row.toy, row.python, row.ratio());
    } else {
        let mark = if row.kernel.is_main { "" } else { "  (runtime)" };
        println!("{name:<24}{:>10.1}{:>12.1}{:>7.2}x{mark}", row.toy * 1e3, row.python * 1e3, row.ratio());
    }
}
