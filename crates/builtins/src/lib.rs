//! What exists without an import: the methods of the builtin types, the builtin functions, the exception classes.
//!
//! Invariant: everything a script can call is a row of a table ([`toy_vm::natives!`]), with its parameters and documentation.
//! Invariant: a dunder method of a builtin type does what the *type* does (`Vm::builtin_…`), with the plain object inside
//! instances of subclasses. It never asks the class of its receiver, so a method that a subclass overrides and calls
//! through `super()` does not come back to the subclass.
//! Invariant: nothing here imports, opens or forks; that is the library's business.
#![forbid(unsafe_code)]

mod builtin;
mod bytes;
mod class;
pub mod codec;
mod documentation;
mod exception;
mod float;
mod function;
mod install;
mod int;
mod iterator;
mod mapping;
mod sequence;
mod set;
mod support;
mod text;

pub use install::install;
pub use mapping::DictView;
