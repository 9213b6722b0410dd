//! `toy FILE`: from options to an exit code.

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use toy_gil::{Conditions, GlobalLock, Observer, Recorder, Setting, Statistics};
use toy_vm::{ClassName, Outcome, PlaceTexts, Vm};

use crate::front;
use crate::loader::ScriptLoader;
use crate::options::{Places, RunOptions};
use crate::program::Program;
use crate::refusal::complain;
use crate::witness::Witness;
use crate::{choice, exit};

/// Runs a script and says how the process ends.
pub(crate) fn run(options: &RunOptions, witness: Rc<dyn Witness>) -> ExitCode {
    let program = match Program::find(options) {
        Ok(program) => program,
        Err(error) => {
            complain(&error.render());
            return ExitCode::from(error.exit_code());
        }
    };
    let code = match front::compile(&program.source, complain) {
        Ok(code) => code,
        Err(error) => {
            complain(&error.render());
            return ExitCode::from(error.exit_code());
        }
    };
    let loader = Rc::new(ScriptLoader::default());
    loader.remember(&program.source);
    let place_texts = PlaceTexts::default();
    let observers =
        refuse_contradictions(options, &*witness).and_then(|()| witness.begin(&program.source, &place_texts));
    let lock = match observers.and_then(|observers| make_lock(options, program.source.name(), observers)) {
        Ok(lock) => lock,
        Err(message) => {
            complain(&format!("toy: {message}\n"));
            return ExitCode::from(exit::USAGE);
        }
    };
    let vm_options = toy_vm::Options {
        max_memory: options.max_memory.unwrap_or(usize::MAX),
        arguments: program.arguments.clone(),
        place_texts,
        module_path: vec![program.folder.clone()],
    };
    let (file, found_as) = program.into_names();
    let Some(mut vm) = Vm::start(lock, vm_options, loader) else {
        complain("toy: the memory limit is too small for the interpreter itself\n");
        return ExitCode::from(exit::USAGE);
    };
    toy_stdlib::handle_interrupts(&mut vm);
    let books = Rc::new(Books { has_statistics: options.stats, policy: vm.gil().lock().policy(), witness });
    toy_stdlib::watch_for_deadlock(&mut vm, {
        let books = Rc::clone(&books);
        move |vm, report| end_by_deadlock(vm, report, &books)
    });
    let installed =
        toy_builtins::install(&mut vm).and_then(|()| toy_stdlib::install(&mut vm)).and_then(|()| books.begin(&mut vm));
    if installed.is_err() {
        let text = describe(&mut vm);
        complain(&format!("toy: the interpreter could not start\n{text}"));
        return ExitCode::from(exit::FAILURE);
    }
    let outcome = match options.multiprocess {
        Some(Places(places)) => toy_stdlib::run_as_instances(&mut vm, places),
        None => Ok(()),
    };
    let outcome = outcome.and_then(|()| Program::run(file.as_deref(), found_as.as_deref(), &mut vm, code));
    let mut status = end_of_script(&mut vm, options, outcome);
    let shutdown = toy_stdlib::shut_down(&mut vm);
    status = status.max(end_of_script(&mut vm, options, shutdown));
    books.witness.script_ended(&mut vm);
    vm.finish_run();
    let closed = Books::close(&mut vm);
    status = status.max(books.tell(&mut vm, status, closed));
    if options.check_leaks {
        let report = toy_stdlib::leaks(&mut vm);
        if let Some(report) = report {
            vm.write_err(report.as_bytes());
            status = exit::FAILURE;
        }
    }
    // Daemon threads may still run: the process ends around them.
    ExitCode::from(status)
}

/// Asked before a file is made.
///
/// # Errors
/// It is the script.
pub(crate) fn refuse_to_overwrite(script: &Path, output: &Path) -> Result<(), String> {
    if is_same_file(script, output) {
        return Err(format!("'{}' is the script: it would be overwritten", output.display()));
    }
    Ok(())
}

/// Whether two paths, of files that there are or not yet, lead to the same place.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    fn place(path: &Path) -> Option<PathBuf> {
        let parent = || Some(std::path::absolute(path).ok()?.parent()?.canonicalize().ok()?.join(path.file_name()?));
        path.canonicalize().ok().or_else(parent)
    }
    place(one).is_some_and(|one| place(other).is_some_and(|other| one == other && !is_device(&one)))
}

fn is_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

/// What cannot be asked for together.
fn refuse_contradictions(options: &RunOptions, witness: &dyn Witness) -> Result<(), String> {
    let observer = witness.observer_of_one_lock().or(options.record.as_ref().map(|_| "--record"));
    if let (Some(observer), Some(_)) = (observer, options.multiprocess) {
        let reason = "every thread has a lock of its own then, and only that of the first would be seen";
        return Err(format!("{observer} does not go with --multiprocess: {reason}"));
    }
    match (&options.record, witness.output()) {
        (Some(record), Some(output)) if is_same_file(record, output) => {
            Err(format!("two results cannot go to the same file '{}'", record.display()))
        }
        _ => Ok(()),
    }
}

/// The lock that the options ask for.
fn make_lock(options: &RunOptions, script: &str, mut observers: Vec<Box<dyn Observer>>) -> Result<GlobalLock, String> {
    let spec = options.policy()?;
    let policy = choice::policy(&spec, options.switch_at)?;
    let conditions = Conditions {
        switch_at: choice::switch_at(options.switch_at),
        lazy_io: spec.is_lazy(),
        ordered_io: options.record.is_some(),
        ..Conditions::default()
    };
    if let Some(path) = &options.record {
        refuse_to_overwrite(Path::new(script), path)?;
        let recorder = Recorder::create(path).map_err(|error| format!("cannot write '{}': {error}", path.display()))?;
        observers.push(Box::new(recorder));
    }
    // Waits of the lock are shorter than the 50 µs that the system likes to add. The threads started from here have it, too.
    let _as_before = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
    Ok(GlobalLock::new(policy, Setting { conditions, observers }))
}

/// What is written about a run when it is over.
struct Books {
    has_statistics: bool,
    /// The policy that the run began with.
    policy: String,
    witness: Rc<dyn Witness>,
}

impl Books {
    /// The machine is ready to run the script.
    ///
    /// # Errors
    /// If the memory limit is too small.
    fn begin(&self, vm: &mut Vm) -> Outcome<()> {
        if self.has_statistics {
            toy_stdlib::keep_chosen_policies(vm)?;
        }
        self.witness.ready(vm)
    }

    /// The run is over: what is done from now on is no part of it. Gives what the lock has counted, and what those who listened to it
    /// complain of.
    fn close(vm: &mut Vm) -> (Statistics, Vec<String>) {
        let statistics = vm.statistics();
        let complaints = vm.gil().lock().finish();
        (statistics, complaints)
    }

    /// Says what there is to be said of a run that ended so. Gives the exit code, if something goes wrong with that.
    fn tell(&self, vm: &mut Vm, status: u8, (statistics, mut complaints): (Statistics, Vec<String>)) -> u8 {
        let told = if self.has_statistics { self.tell_statistics(vm, &statistics) } else { Ok(()) };
        // A run that did not follow its record is no success, and those who look at it are to know.
        let status = if complaints.is_empty() { status } else { status.max(exit::FAILURE) };
        complaints.extend(told.err());
        complaints.extend(self.witness.end(vm, status, &statistics).err());
        for complaint in &complaints {
            vm.write_err(format!("toy: {complaint}\n").as_bytes());
        }
        if complaints.is_empty() { 0 } else { exit::FAILURE }
    }

    /// Prints the statistics with all policies that there were, in order.
    fn tell_statistics(&self, vm: &mut Vm, statistics: &Statistics) -> Result<(), String> {
        let mut policies = vec![self.policy.clone()];
        policies.extend(toy_stdlib::chosen_policies(vm));
        // `sys.setswitchinterval` changes a policy, too.
        if policies.last() != Some(&statistics.policy) {
            policies.push(statistics.policy.clone());
        }
        let text = Statistics { policy: policies.join(", then "), ..statistics.clone() }.to_string();
        let written = vm.try_write_err(text.as_bytes());
        written.map_err(|error| format!("cannot write the statistics to standard error: {error}"))
    }
}

/// Ends the process whose threads all wait for each other. Their `finally` blocks do not run, and nothing is said of what is left
/// over: they use it still.
#[expect(clippy::exit, reason = "any thread may be the one that notices, and no thread can be made to return")]
fn end_by_deadlock(vm: &mut Vm, report: &str, books: &Books) {
    // To write the report is none of the waits that it tells of.
    let closed = Books::close(vm);
    // What is to be reported is more important than what comes of it.
    vm.flush_out_at_last();
    vm.write_err(report.as_bytes());
    // That all wait for each other says more than what became of the record.
    books.tell(vm, exit::DEADLOCK, closed);
    std::process::exit(exit::DEADLOCK.into())
}

/// Reports how a script ended and gives the exit code.
fn end_of_script(vm: &mut Vm, options: &RunOptions, outcome: Outcome<()>) -> u8 {
    if outcome.is_ok() {
        return 0;
    }
    if vm.raised_is(ClassName::SystemExit) {
        return exit_as_asked(vm);
    }
    if vm.raised_is(ClassName::BrokenPipeError) && toy_process::has_no_reader(std::io::stdout()) {
        // Whoever read our output has seen enough, as `head` has.
        drop(vm.take_raised());
        return exit::FAILURE;
    }
    let status = if vm.raised_is(ClassName::KeyboardInterrupt) {
        exit::INTERRUPTED
    } else if options.max_memory.is_some() && vm.raised_is(ClassName::MemoryError) {
        exit::LIMIT
    } else {
        exit::FAILURE
    };
    let exception = vm.take_raised();
    match toy_stdlib::report_uncaught(vm, &exception) {
        Ok(()) => status,
        // All that a hook can raise out of the report.
        Err(_system_exit) => exit_as_asked(vm),
    }
}

/// Says what the `SystemExit` under way has to say, and gives its exit code.
fn exit_as_asked(vm: &mut Vm) -> u8 {
    let (status, message) = toy_stdlib::exit_status(vm);
    if let Some(message) = message {
        vm.write_err(message.as_bytes());
    }
    status
}

/// The traceback of the exception under way.
fn describe(vm: &mut Vm) -> String {
    let exception = vm.take_raised();
    vm.format_exception(exception.get())
}
