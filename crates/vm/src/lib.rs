//! The virtual machine: frames on a stack, the dispatch loop, exceptions, generators, and the protocols that connect objects
//! with script code (call, attribute, operator, comparison, iteration, text).
//!
//! Invariant: the machine never sees a syntax tree; code comes verified from `toy_code`, and is trusted from then on.
//! Invariant: `unsafe` stands in `run` and its submodules, in `frame` and `frames`, and where `native` hands out arguments.
//! Invariant: script code runs only inside [`Vm::call`] and its kin and at instruction boundaries, never while a borrow of
//! a container is alive.
//! Invariant: a thread that waits without a timeout says so first (`blocking`), so that the last one to wait knows it is the last.
#![deny(unsafe_code)]

mod async_generator;
mod blocking;
mod caller;
mod classes;
mod collect;
mod coroutine;
mod delegate;
mod ending;
mod errors;
mod except_star;
mod exception;
mod finalise;
mod frame;
mod frames;
mod generator;
mod host;
mod import;
mod importing;
mod leaks;
mod link;
mod machine;
mod native;
mod output;
mod place;
mod places;
mod probe;
mod protocol;
mod report;
mod run;
mod signals;
mod signature;
mod spawn;
mod start;
mod thread;
mod thread_state;
mod thrown;
mod traceback;
mod type_parameter;

pub use async_generator::{AsyncHooks, AsyncInput, AsyncSend, AsyncStep, AsyncThrow};
pub use blocking::{Blocked, BlockingObserver, Obstacle};
pub use classes::{ClassLayout, ClassName};
pub use collect::COLLECTION_CALLBACKS;
pub use errors::*;
pub use except_star::Parts;
pub use generator::{Flavour, GeneratorDetail, Resumed};
pub use host::Transfer;
pub use import::{Loaded, Loader};
pub use link::CodeDetail;
pub use machine::{Machine, Options};
pub use native::{Args, NativeFn, NativeKind, NativeRow, Outcome, Raised, row_of};
pub use output::Output;
pub use place::{Place, PlaceText};
pub use places::PlaceTexts;
pub use probe::{NoProbe, Probe};
pub use protocol::*;
pub use report::{StepPlace, TextExtent};
pub use signals::{SignalHandler, SignalNotes};
pub use signature::{Parameter, Signature};
pub use thread::{Moment, Purpose, Vm, WaitHook};
pub use thread_state::{ThreadRecord, ThreadRegistry};
pub use thrown::Thrown;
pub use toy_gil::Wake;
pub use traceback::{FrameObject, Traceback};
pub use type_parameter::{
    PARAM_SPEC_METHODS, TYPE_ALIAS_METHODS, TYPE_PARAMETER_METHODS, TYPE_VAR_METHODS, TYPE_VAR_TUPLE_METHODS,
};
