//! `cargo bench -p toy --bench echo`: what a policy of the lock gives to those who compute and to those who answer.
//!
//! A policy is a trade: the sooner an echo thread gets the lock beside threads that compute, the more often it changes hands.
//! Each policy is measured at both ends, in interleaved rounds, beside CPython's own. The result is a table in Markdown.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its results")]

#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use support::kernels::script;
use support::machine::Watch;
use support::run::{self, Reference, number_after};
use support::statistics::median;

/// What is measured if nothing else is asked for.
const POLICIES: [&str; 14] = [
    "iofirst:2_000_000,grace=50us",
    "iofirst:2_000_000,grace=100us",
    "iofirst:2_000_000,grace=250us",
    "iofirst:2_000_000,grace=500us",
    "iofirst:2_000_000,grace=1ms",
    "iofirst:200_000,grace=250us",
    "iofirst:20_000_000,grace=250us",
    "fair:1_000",
    "fair:10_000",
    "fair:100_000",
    "fair:2_000_000",
    "timed:5ms",
    "quantum:100ms",
    "ticks:100",
];

/// The Python to compare with.
const PYTHON: &str = "CPython 3.13";

/// Measures policies of the lock: two threads that compute, and an echo thread beside one hog and beside two.
#[derive(Parser, Debug)]
struct Options {
    /// The policies [default: a list from which to choose toy's default].
    policies: Vec<String>,
    /// How often each is measured.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds for each of the three rows that the echo script measures in a run.
    #[arg(long, default_value_t = 0.8)]
    seconds: f64,
    /// Steps of the loop that two threads share.
    #[arg(long, default_value_t = 6_000_000)]
    size: u64,
    /// The Python to compare with [default: CPython 3.13, if it is on the path].
    #[arg(long)]
    python: Option<PathBuf>,
    /// What cargo says to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// An interpreter with a policy: a row of the table.
#[derive(Debug)]
struct Contestant {
    name: String,
    program: PathBuf,
    options: Vec<String>,
    rounds: Vec<Round>,
}

/// What one round has measured: a column each.
#[derive(Clone, Copy, Debug)]
struct Round {
    /// Two threads together as a share of one alone.
    together: f64,
    /// An echo thread beside one hog, and beside two.
    echoes: [Echo; 2],
}

/// What `scripts/gil/convoy.toy` says in its last line.
#[derive(Clone, Copy, Debug)]
struct Echo {
    /// Round trips a second.
    rate: f64,
    /// The median round trip in milliseconds.
    median: f64,
    /// The 99th percentile in milliseconds.
    worst: f64,
    /// Percents of their speed alone that the hogs keep.
    hogs: f64,
}

fn main() -> ExitCode {
    run::exit_code(compare(&Options::parse()))
}

fn compare(options: &Options) -> Result<(), String> {
    let mut contestants = contestants(options)?;
    let watch = Watch::start();
    let mut measured_seconds = 0.0;
    for round in 1..=options.rounds.max(1) {
        for contestant in &mut contestants {
            eprintln!("round {round}: {}", contestant.name);
            measured_seconds += contestant.measure(options)?;
        }
    }
    println!("{}", table(&contestants));
    println!("{} rounds, interleaved: medians, and in brackets the least and the most", options.rounds.max(1));
    if let Some(foreign) = watch.and_then(|watch| watch.stop(measured_seconds)) {
        println!("{}{foreign}", if foreign.spoils() { "inconclusive: " } else { "" });
    }
    Ok(())
}

fn contestants(options: &Options) -> Result<Vec<Contestant>, String> {
    let policies: Vec<String> = match options.policies.is_empty() {
        true => POLICIES.map(str::to_owned).into(),
        false => options.policies.clone(),
    };
    let toy = |policy: String| Contestant {
        name: format!("`{policy}`"),
        program: run::TOY.into(),
        options: vec!["--gil".to_owned(), policy],
        rounds: Vec::new(),
    };
    let mut contestants: Vec<Contestant> = policies.into_iter().map(toy).collect();
    let python = match &options.python {
        Some(program) => Some(Reference::cpython(Some(program.clone()))?),
        None => Reference::cpython_on_the_path(PYTHON),
    };
    match python {
        Some(python) => contestants.push(Contestant {
            name: python.description,
            program: python.program,
            options: Vec::new(),
            rounds: Vec::new(),
        }),
        None => eprintln!("{PYTHON} is not on the path: there is nothing to compare with"),
    }
    Ok(contestants)
}

impl Contestant {
    /// Measures one round and gives the CPU seconds that it took.
    fn measure(&mut self, options: &Options) -> Result<f64, String> {
        let mut used = 0.0;
        let mut wall = |threads: &str| {
            let text = self.run(&script("two_threads"), &[threads, &options.size.to_string()], &mut used)?;
            number_after("wall: ", &text).ok_or_else(|| format!("two_threads tells no time: {text}"))
        };
        let together = wall("1")? / wall("2")?;
        let convoy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/gil/convoy.toy");
        let mut echo = |hogs: &str| {
            let text = self.run(&convoy, &[hogs, &options.seconds.to_string()], &mut used)?;
            Echo::read(&text).ok_or_else(|| format!("the echo script does not say what it measured: {text}"))
        };
        let echoes = [echo("1")?, echo("2")?];
        self.rounds.push(Round { together, echoes });
        Ok(used)
    }

    fn run(&self, script: &Path, arguments: &[&str], used: &mut f64) -> Result<String, String> {
        let script = script.display().to_string();
        let options = self.options.iter().map(String::as_str);
        let (text, seconds) =
            run::text_and_seconds(&self.program, options.chain([script.as_str()]).chain(arguments.iter().copied()))?;
        *used += seconds;
        Ok(text)
    }

    fn cell(&self, value: impl Fn(&Round) -> f64, decimals: usize) -> String {
        let values: Vec<f64> = self.rounds.iter().map(value).collect();
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(*x), high.max(*x)));
        format!("{:.decimals$} [{low:.decimals$}, {high:.decimals$}]", median(&values))
    }
}

impl Echo {
    /// Reads `beside 1 hog    109   9.87   10.02   98.1 %`.
    fn read(text: &str) -> Option<Echo> {
        let line = text.lines().find(|line| line.starts_with("beside "))?;
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [_, rate, median, worst, hogs] = numbers[..] else { return None };
        Some(Echo { rate, median, worst, hogs })
    }
}

fn table(contestants: &[Contestant]) -> String {
    let mut lines = vec![
        "| policy | two threads, % of one | one hog: trips/s | p50 ms | p99 ms | hogs keep % | two hogs: trips/s | p50 ms \
         | p99 ms | hogs keep % |"
            .to_owned(),
        format!("|---|{}", "---:|".repeat(9)),
    ];
    for contestant in contestants {
        let mut cells = vec![contestant.name.clone(), contestant.cell(|round| round.together * 1e2, 1)];
        for beside in 0..2 {
            cells.push(contestant.cell(|round| round.echoes[beside].rate, 0));
            cells.push(contestant.cell(|round| round.echoes[beside].median, 3));
            cells.push(contestant.cell(|round| round.echoes[beside].worst, 3));
            cells.push(contestant.cell(|round| round.echoes[beside].hogs, 1));
        }
        lines.push(format!("| {} |", cells.join(" | ")));
    }
    lines.join("\n")
}
