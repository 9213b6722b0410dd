//! `cargo bench -p toy --bench counts`: machine instructions per kernel beside those that are on record.
//!
//! Counts have no noise, so that 2 % are enough to see that a loop got worse. They depend on the compiler: without valgrind, or
//! with another compiler than on record, the check says so and passes. `-- --record` writes the record anew.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a check prints what it finds")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;

use support::instructions::{instructions, valgrind_exists};
use support::kernels::KERNELS;
use support::run::{self, TOY};

/// How far a count may be from the record.
const TOLERANCE: f64 = 0.02;

/// The row of the record for the start-up, which is taken off all others.
const START_UP: &str = "start_up";

/// Counts the machine instructions of every kernel and compares them with the record.
#[derive(Parser, Debug)]
struct Options {
    /// Write the record anew.
    #[arg(long)]
    record: bool,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    run::exit_code(if Options::parse().record { record() } else { check() })
}

fn record() -> Result<(), String> {
    valgrind_exists()?;
    Record { compiler: compiler()?, counts: count_all()? }.write()
}

fn check() -> Result<(), String> {
    let compiler = compiler()?;
    let record = Record::read()?;
    if record.compiler != compiler {
        println!("SKIPPED: the counts on record were made with {}, this is {compiler}", record.compiler);
        return Ok(());
    }
    if let Err(reason) = valgrind_exists() {
        println!("SKIPPED: {reason}");
        return Ok(());
    }
    let mut wrong = Vec::new();
    println!("{:<24}{:>14}{:>14}{:>10}", "kernel", "on record", "instructions", "change");
    for (name, count) in count_all()? {
        let Some(&old) = record.counts.get(&name) else {
            wrong.push(format!("{name} is not on record"));
            continue;
        };
        let change = count as f64 / old as f64 - 1.0;
        println!("{name:<24}{old:>14}{count:>14}{:>+8.2} %", change * 1e2);
        if change.abs() > TOLERANCE {
            wrong.push(format!("{name}: {:+.1} %", change * 1e2));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let list = wrong.join("\n  ");
    Err(format!(
        "these are more than {:.0} % from the record:\n  {list}\n\
         if it is meant to be so: cargo bench -p toy --bench counts -- --record",
        TOLERANCE * 1e2
    ))
}

/// Machine instructions of the start-up and of every kernel without it.
fn count_all() -> Result<BTreeMap<String, u64>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let empty = folder.path().join("empty.toy");
    std::fs::write(&empty, "import sys\nimport time\n").map_err(|error| error.to_string())?;
    let start_up = instructions(Path::new(TOY), &empty, None)?;
    let mut counts = BTreeMap::from([(START_UP.to_owned(), start_up)]);
    for kernel in KERNELS {
        let count = instructions(Path::new(TOY), &kernel.path(), Some(kernel.small))?;
        counts.insert(kernel.name.to_owned(), count.saturating_sub(start_up));
    }
    Ok(counts)
}

/// The compiler's version, and what it compiles for.
fn compiler() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().map_err(|error| format!("rustc: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or("an unknown machine");
    Ok(format!("{} for {host}", text.lines().next().unwrap_or("an unknown compiler")))
}

/// What the file says.
struct Record {
    compiler: String,
    counts: BTreeMap<String, u64>,
}

impl Record {
    fn path() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/counts.txt")
    }

    fn read() -> Result<Self, String> {
        let place = Self::path();
        let fault = |what: String| format!("{}: {what}", place.display());
        let text = std::fs::read_to_string(&place).map_err(|error| fault(error.to_string()))?;
        let mut record = Self { compiler: String::new(), counts: BTreeMap::new() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            match line.split_once(": ") {
                Some(("compiler", version)) => record.compiler = version.to_owned(),
                Some((name, count)) => {
                    let count = count.parse().map_err(|_| fault(format!("'{count}' is no count")))?;
                    record.counts.insert(name.to_owned(), count);
                }
                None => return Err(fault(format!("what is '{line}'?"))),
            }
        }
        Ok(record)
    }

    fn write(&self) -> Result<(), String> {
        let mut text = String::from(
            "# Machine instructions (valgrind --tool=cachegrind) of every kernel at its small size, without the start-up.\n\
             # Compared and written by: cargo bench -p toy --bench counts [-- --record]\n",
        );
        let _ = writeln!(text, "compiler: {}", self.compiler);
        for (name, count) in &self.counts {
            let _ = writeln!(text, "{name}: {count}");
        }
        print!("{text}");
        std::fs::write(Self::path(), text).map_err(|error| format!("{}: {error}", Self::path().display()))
    }
}
