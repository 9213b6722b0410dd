//! Processes as the library needs them: forking, waiting, signals, pipes.
//!
//! Invariant: this crate knows no interpreter, and nothing here waits unless its name says so.
//! Invariant: `unsafe` stands in `fork` and `interrupt` only.
//! Invariant: every descriptor that is made here is closed by `exec`.
#![deny(unsafe_code)]

pub mod broker;
mod fork;
mod interrupt;
mod pipe;
mod wait;
pub mod wire;

pub use fork::{Forked, exit_now, fork};
pub use interrupt::{block_interrupts_here, on_interrupt};
pub use pipe::{has_no_reader, pipe};
pub use wait::{Target, WaitStatus, adopt_orphans, send_signal, wait};
