//! The modules that are written in toy: compiled when the library is built.

use toy_code::{CodeObject, DecodeError};
use toy_object::Owned;
use toy_vm::Vm;

use crate::library;

struct Row {
    name: &'static str,
    is_package: bool,
    code: &'static [u8],
    text: &'static str,
}

/// In order of the names.
static MODULES: &[Row] = include!(concat!(env!("OUT_DIR"), "/frozen.rs"));

/// A module that is written in toy.
pub struct FrozenModule {
    row: &'static Row,
}

/// The frozen module of this full name, if there is one.
pub fn frozen(name: &str) -> Option<FrozenModule> {
    let place = MODULES.iter().find(|row| row.name == name)?;
    Some(FrozenModule { row: place })
}

/// Modules whose code is that of another one: name, code, and whether only where threads are instances.
const ALIASES: &[(&str, &str, bool)] = &[
    ("_process_queue", "queue", false),
    ("_process_threading", "threading", false),
    ("_state_queue", "queue", false),
    ("concurrent.futures.thread", "_instances.thread", true),
    ("queue", "_instances.queue", true),
    ("threading", "_instances.threading", true),
];

/// Stands in the library once threads are instances.
const INSTANCES: &str = "_instances";

/// From now on `threading` and what is built on it start instances.
pub(crate) fn run_as_instances(vm: &Vm) {
    library::set(vm, INSTANCES, Owned::bool(true));
}

/// Whose code the module of this name has.
pub(crate) fn source_of<'n>(vm: &Vm, name: &'n str) -> &'n str {
    let has_instances = || library::get(vm, INSTANCES).is_some();
    let alias = ALIASES.iter().find(|(alias, _, _)| *alias == name);
    alias.filter(|(_, _, only_there)| !only_there || has_instances()).map_or(name, |(_, code, _)| code)
}

/// The names of all frozen modules.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|row| row.name)
}

impl FrozenModule {
    /// Whether it may have submodules.
    pub fn is_package(&self) -> bool {
        self.row.is_package
    }

    /// The text that it was compiled from.
    pub fn text(&self) -> &'static str {
        self.row.text
    }

    /// Its compiled body.
    ///
    /// # Errors
    ///
    /// If the library was built for another version of the instruction table.
    pub fn code(&self) -> Result<CodeObject, DecodeError> {
        CodeObject::from_bytes(self.row.code)
    }
}

/// The text of a line of a frozen module, by the file name that tracebacks show (`<frozen threading>`).
pub fn frozen_line(file: &str, line: u32) -> Option<String> {
    let name = file.strip_prefix("<frozen ")?.strip_suffix('>')?;
    let text = frozen(name)?.text();
    text.lines().nth(line.checked_sub(1)? as usize).map(str::to_owned)
}
