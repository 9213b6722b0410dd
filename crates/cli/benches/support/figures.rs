//! Figures that a script measures, each by its name, in interleaved runs of toy and CPython.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use super::run::{self, Reference};
use super::statistics::median;

/// What is measured: its name in the script, how often it is done in a run, in which unit, and what is aimed at.
pub(crate) type Figure = (&'static str, u32, &'static str, &'static str);

/// Measures figures in interleaved runs.
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

/// Measures what `script`, below `scripts/`, can measure, as the command line says.
pub(crate) fn main(script: &str, figures: &[Figure]) -> ExitCode {
    run::exit_code(compare(script, figures, &Options::parse()))
}

fn compare(script: &str, figures: &[Figure], options: &Options) -> Result<(), String> {
    let python = match &options.python {
        None => Reference::cpython_on_the_path("CPython 3.13").map_or_else(|| Reference::cpython(None), Ok),
        named => Reference::cpython(named.clone()),
    };
    let mut interpreters = vec![Reference::toy()];
    match python {
        Ok(python) => interpreters.push(python),
        Err(reason) => println!("left out: {reason}"),
    }
    let script = format!("{}/../../scripts/{script}", env!("CARGO_MANIFEST_DIR"));
    println!(
        "medians of {} runs: {}",
        options.rounds.max(1),
        interpreters.iter().map(|i| &*i.description).collect::<Vec<_>>().join(", ")
    );
    for (figure, count, unit, target) in figures {
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
