//! `toy sweep`: what has to be right before the first run, and what is done with the results.

mod files;
mod options;

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::ExitCode;

use terminal_size::{Width, terminal_size_of};
use toy_gil::PolicySpec;
use toy_lab::sweep::{
    Analysis, Conditions, End, Launch, MeasuredPoint, Point, ProcessRunner, Progress, SWEEP_SCHEMA, Schedule,
    ScriptIdentity, Style, Sweep, conduct, expand, merge, read_sweep, report, this_machine,
};

use crate::refusal::{Refusal, complain, is_option};
use crate::{choice, exit, show, stop};
use files::ResultFiles;
pub(crate) use options::SweepOptions;
use options::{SweepCommand, SweepResults};

/// Measures a sweep, or merges some, and says how the process ends.
pub(crate) fn sweep(options: &SweepOptions) -> ExitCode {
    let result = match &options.command {
        None => measure(options),
        Some(SweepCommand::Merge { results, files }) => merge_files(files, results),
    };
    ExitCode::from(result.unwrap_or_else(|Refusal(message, code)| {
        complain(&message);
        code
    }))
}

fn measure(options: &SweepOptions) -> Result<u8, Refusal> {
    check_grids(options)?;
    let points = points(options)?;
    let (path, text) = options.script.check()?;
    let grid_points = points.len();
    let chosen = points.into_iter().filter(|point| options.shard.is_none_or(|shard| shard.has(point)));
    let mut sweep = Sweep {
        schema: SWEEP_SCHEMA.to_owned(),
        conditions: Conditions {
            toy: env!("CARGO_PKG_VERSION").to_owned(),
            script: ScriptIdentity::new(options.script.name(), &text),
            arguments: options.script.arguments(),
            switch_at: choice::switch_at(options.switch_at).to_string(),
            warm_up: options.warm_up,
            timeout: options.timeout.map(|timeout| timeout.as_secs_f64()),
        },
        machines: vec![this_machine()],
        grids: options.grids.clone(),
        grid_points,
        shard: options.shard,
        is_interrupted: false,
        points: chosen.map(|point| MeasuredPoint { point, runs: Vec::new() }).collect(),
    };
    if sweep.points.is_empty() {
        let part = options.shard.map(|shard| shard.to_string()).unwrap_or_default();
        return Err(Refusal::usage(format!(
            "part {part} of the {grid_points} points has none: nothing would be measured"
        )));
    }
    let mut files = ResultFiles::open(&options.results, [(path.as_path(), "the script")]).map_err(Refusal::usage)?;
    options.script.note_options_behind("sweep", "sweep");
    let end = run_all(&mut sweep, options)?;
    if std::fs::read(&path).is_ok_and(|now| now != text) {
        let name = options.script.name();
        complain(&format!("toy: '{name}' has changed meanwhile: its runs may differ for that\n"));
    }
    let code = show(&sweep, &options.results, &mut files)?;
    match end {
        End::Complete => Ok(code),
        End::Interrupted => Ok(stop::exit_code()),
        End::Impossible(reason) => Err(Refusal::failure(reason)),
    }
}

/// Makes the runs.
fn run_all(sweep: &mut Sweep, options: &SweepOptions) -> Result<End, Refusal> {
    let host = |error: std::io::Error| Refusal::failure(format!("a sweep cannot be made here: {error}"));
    let launch = Launch {
        command: vec![OsString::from(std::env::current_exe().map_err(host)?)],
        script: options.script.words(),
        switch_at: options.switch_at.map(|switch_at| switch_at.to_string()),
        timeout: options.timeout,
        shows_output: options.show_output,
    };
    stop::listen().map_err(host)?;
    let mut runner = ProcessRunner::new(launch, stop::is_wanted).map_err(host)?;
    let mut err = std::io::stderr();
    // A line that is written over would get lost in what the script prints.
    let style = match terminal_size_of(&err) {
        Some((Width(width), _)) if !options.show_output => Style::OneLine(width.into()),
        _ => Style::Rounds,
    };
    let schedule = Schedule { warm_up: options.warm_up, rounds: options.runs };
    let end = conduct(sweep, schedule, &mut runner, &mut Progress::new(&mut err, style));
    // What has been measured is written now, whatever comes.
    stop::disregard();
    Ok(end)
}

/// Whether what stands in the script's place can be one, and there is something to measure.
fn check_grids(options: &SweepOptions) -> Result<(), Refusal> {
    let (name, arguments) = (options.script.name(), options.script.arguments());
    let is_file = !options.script.is_file() || Path::new(name).exists();
    options.script.check_name("sweep")?;
    if name == "merge" && !is_file {
        return Err(Refusal::usage("options of 'toy sweep merge' stand behind it; a script of this name is './merge'"));
    } else if !is_file && name.parse::<PolicySpec>().is_ok() {
        return Err(Refusal::usage(format!(
            "'{name}' stands where the script should: the shell has expanded the braces; quote them, as in --gil 'fair:{{1,7}}'"
        )));
    } else if options.grids.is_empty() {
        let behind = if arguments.iter().any(|argument| is_option(argument, "gil")) {
            "; what stands behind the script is the script's"
        } else {
            ""
        };
        return Err(Refusal::usage(format!(
            "no policies are named: --gil 'fair:{{1..1000000}}' before the script{behind}"
        )));
    }
    Ok(())
}

/// All points of the grids, every one of them a policy that goes with the other options.
fn points(options: &SweepOptions) -> Result<Vec<Point>, Refusal> {
    let points = expand(&options.grids, options.points.map(usize::from)).map_err(Refusal::usage)?;
    for point in &points {
        let spec: PolicySpec = point.policy.parse().map_err(Refusal::usage)?;
        choice::policy(&spec, options.switch_at).map_err(Refusal::usage)?;
    }
    Ok(points)
}

fn merge_files(files: &[impl AsRef<Path>], results: &SweepResults) -> Result<u8, Refusal> {
    let mut sweeps = Vec::new();
    for file in files {
        let name = file.as_ref().display().to_string();
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|error| Refusal::usage(format!("can't read '{name}': {error}")))?;
        let sweep = read_sweep(&name, &text).map_err(Refusal::usage)?;
        sweeps.push((name, sweep));
    }
    let merged = merge(sweeps).map_err(Refusal::usage)?;
    let inputs = files.iter().map(|file| (file.as_ref(), "one of those to be merged"));
    let mut files = ResultFiles::open(results, inputs).map_err(Refusal::usage)?;
    show(&merged, results, &mut files)
}

/// Writes the files and prints the report: on standard error, if a result is on standard output. Without any run that succeeded the
/// sweep has failed.
fn show(sweep: &Sweep, results: &SweepResults, files: &mut ResultFiles) -> Result<u8, Refusal> {
    let analysis = Analysis::of(sweep);
    let written = files.write(&analysis);
    let printed = if files.has_standard_output() {
        print_report(&analysis, results, std::io::stderr().lock())
    } else {
        print_report(&analysis, results, std::io::stdout().lock())
    };
    if let Err(error) = printed {
        return Ok(show::cannot_write(&error));
    }
    written.map_err(Refusal::failure)?;
    Ok(if analysis.has_measured() { 0 } else { exit::FAILURE })
}

fn print_report(
    analysis: &Analysis<'_>,
    results: &SweepResults,
    mut stream: impl Write + IsTerminal + AsFd,
) -> std::io::Result<()> {
    let width = terminal_size_of(&stream).filter(|_| stream.is_terminal()).map(|(Width(width), _)| width.into());
    stream.write_all(report(analysis, results.columns.as_ref(), width).as_bytes())?;
    stream.flush()
}
