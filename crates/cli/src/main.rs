//! `toy`: a small Python with glass walls.
//!
//! Invariant: only this crate prints diagnostics and ends the process; everything below answers with values.
#![forbid(unsafe_code)]

mod anchors;
mod choice;
mod compare;
mod front;
mod gil;
mod loader;
mod modules;
mod options;
mod program;
mod refusal;
mod repeated;
mod run;
mod show;
mod stop;
mod sweep;
mod trace;
mod witness;

use std::process::ExitCode;

use options::{Command, Options};

/// Exit codes, as `--help` lists them.
mod exit {
    /// The script ended by an exception, `check` found something, or a run differed from its record.
    pub(crate) const FAILURE: u8 = 1;
    /// The command line makes no sense, or the script cannot be read.
    pub(crate) const USAGE: u8 = 2;
    /// All threads of the script wait for each other.
    pub(crate) const DEADLOCK: u8 = 3;
    /// The script ran into a limit of the command line.
    pub(crate) const LIMIT: u8 = 4;
    /// Ctrl-C.
    pub(crate) const INTERRUPTED: u8 = 130;
}

fn main() -> ExitCode {
    toy_process::keep_freed_memory();
    let options = match Options::read() {
        Ok(options) => options,
        Err(code) => return code.into(),
    };
    match options.command {
        Some(Command::Run(run)) => run::run(&run, compare::witness(&run)),
        Some(Command::Gil(gil)) => gil::gil(&gil),
        Some(Command::Trace(options)) => trace::trace(&options),
        Some(Command::Dis { file }) => show::show(&file, show::disassembly),
        Some(Command::Ast { file }) => show::show(&file, show::syntax_tree),
        Some(Command::Tokens { file }) => show::show(&file, show::tokens),
        Some(Command::Check { file }) => show::show(&file, |_| Ok(String::new())),
        Some(Command::Sweep(options)) => sweep::sweep(&options),
        Some(Command::Compare(options)) => compare::compare(&options),
        None => run::run(&options.run, compare::witness(&options.run)),
    }
}
