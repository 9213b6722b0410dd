//! The library: modules in Rust, and modules written in toy itself (`lib/*.toy`), compiled when this crate is built.
//!
//! What a script imports is made when it is first imported; only `sys` and `open` are there from the start. The natives
//! are few: locks and threads, clocks, files, processes, mathematics, and what would be too slow in toy. Everything else is
//! written on top of them in toy, to be read.
//!
//! Invariant: whoever waits for the operating system waits without the lock; the natives that do so say it in their table.
//! Invariant: a script's lock is plain data under the interpreter's lock, plus one parker a thread: see `thread`.
//! Invariant: everything that the library keeps for the machine stands in one object (see `library`), so nothing is left at the end.
#![forbid(unsafe_code)]

mod argument;
mod asyncio;
mod broker;
mod class;
mod collections;
mod contextvars;
mod deadlock;
mod definition;
mod diagnostic;
mod dis;
mod end;
mod errno;
mod exit;
mod frozen;
mod functools;
mod gc;
mod held;
mod io;
mod itertools;
mod json;
mod library;
mod math;
mod module;
mod multiprocessing;
mod patterns;
mod pickle;
mod posix;
mod random;
mod regex;
mod select;
mod signal;
mod site;
mod socket;
mod structure;
mod survey;
mod sys;
mod system;
mod thread;
mod time;
mod toy;
mod waiting;
mod warnings;
mod weak;

use std::path::PathBuf;

use toy_object::{Owned, Ref};
use toy_vm::{ClassName, Loaded, Outcome, Vm};

pub use broker::run_as_instances;
pub use deadlock::watch_for_deadlock;
pub use diagnostic::{raise_diagnostic, raise_undecodable};
pub use end::{exit_status, leaks, report_uncaught, shut_down};
pub use frozen::{FrozenModule, frozen, frozen_line};
pub use signal::handle_interrupts;
pub use survey::{Survey, survey};
pub use toy::{chosen_policies, keep_chosen_policies, keep_reported, reported};

/// Makes what is there without an import: `sys`, `open`, `exit`, and the classes behind files and weak references. Called once, after
/// the builtins are installed.
///
/// # Errors
///
/// If the memory limit is too small.
pub fn install(vm: &mut Vm) -> Outcome<()> {
    library::install(vm)?;
    weak::install(vm)?;
    io::install(vm)?;
    thread::install(vm);
    site::install(vm)?;
    sys::install(vm)
}

/// The library's module of this full name, native or written in toy; `None` if there is none.
///
/// # Errors
///
/// Whatever making it raises.
pub fn load(vm: &mut Vm, name: &str) -> Outcome<Option<Loaded>> {
    if let Some(module) = module::make(vm, name)? {
        return Ok(Some(Loaded::Module(module)));
    }
    let Some(frozen) = frozen(frozen::source_of(vm, name)) else { return Ok(None) };
    match frozen.code() {
        Ok(code) => Ok(Some(Loaded::Code {
            code: Box::new(code),
            file: None,
            package_path: frozen.is_package().then(Vec::new),
        })),
        Err(error) => Err(vm.raise(ClassName::ImportError, format!("frozen module '{name}': {error}"))),
    }
}

/// `sys.path`: the folders that modules are looked for in. An empty one is the working directory.
///
/// # Errors
///
/// If a script has made it something that cannot be iterated over.
pub fn module_path(vm: &mut Vm) -> Outcome<Vec<PathBuf>> {
    let path = match module::imported(vm, "sys")? {
        Some(sys) => module::find(vm, sys.get(), "path")?,
        None => None,
    };
    match path {
        None => Ok(vm.machine().options().module_path.clone()),
        Some(path) => {
            let entries = vm.collect(path.get())?;
            let entries =
                entries.iter().filter_map(|entry| Some(PathBuf::from(entry.get().as_str()?.to_string_lossy())));
            Ok(entries.collect())
        }
    }
}

/// Writes into the namespace of a module of the script that is about to run how it was found: `__spec__` and `__loader__`.
///
/// # Errors
///
/// If there is no memory for it.
pub fn describe_module(vm: &mut Vm, name: Ref<'_>, namespace: Ref<'_>) -> Outcome<()> {
    let specs = vm.import_module("_specs")?;
    module::call_method(vm, specs.get(), "describe", &[name, namespace]).map(drop)
}

/// The program has been found: `sys.argv[0]` is its path from now on.
///
/// # Errors
///
/// If there is no memory for it.
pub fn name_program(vm: &mut Vm, path: &str) -> Outcome<()> {
    let Some(arguments) = program_arguments(vm)? else { return Ok(()) };
    let (place, path) = (vm.new_int(0)?, argument::new_text(vm, path)?);
    vm.set_item(arguments.get(), place.get(), path.get())
}

/// `sys.argv[0]`.
///
/// # Errors
///
/// If a script has made `sys.argv` something that cannot be iterated over.
pub fn program_name(vm: &mut Vm) -> Outcome<Option<String>> {
    let Some(arguments) = program_arguments(vm)? else { return Ok(None) };
    let arguments = vm.collect(arguments.get())?;
    Ok(arguments.first().and_then(|first| Some(first.get().as_str()?.to_string_lossy())))
}

fn program_arguments(vm: &mut Vm) -> Outcome<Option<Owned>> {
    match module::imported(vm, "sys")? {
        Some(sys) => module::find(vm, sys.get(), "argv"),
        None => Ok(None),
    }
}

/// Whether `import` has made a module of this full name that is no package.
///
/// # Errors
///
/// If looking into it raises.
pub fn is_imported(vm: &mut Vm, name: &str) -> Outcome<bool> {
    match module::imported(vm, name)? {
        Some(module) => Ok(module::find(vm, module.get(), "__path__")?.is_none()),
        None => Ok(false),
    }
}

/// Whether there is a module of this full name in the library, and whether it may have submodules.
pub fn is_package_of_library(name: &str) -> Option<bool> {
    let native = || module::native_names().chain(["sys"]).any(|native| native == name).then_some(false);
    frozen(name).map(|module| module.is_package()).or_else(native)
}

/// Names of the modules that need no file: `sys.builtin_module_names`.
fn builtin_module_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = module::native_names().chain(frozen::names()).chain(["sys"]).collect();
    names.sort_unstable();
    names
}
