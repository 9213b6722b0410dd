//! A run as a trace in the Chrome Trace Event format, for <https://ui.perfetto.dev> and `chrome://tracing`.
//!
#![doc = include_str!("../../docs/trace.md")]
//!
//! # How it is written
//!
//! ```text
//!  threads of the script                      │ the trace's own thread
//!  lock ──► Tracer ──► Record ──► channel ────┼──► Lanes ──► Json ──► Sink ──► file
//!           hears, drops when it is full      │    who is in which state
//! ```
//!
//! The [`Tracer`] hears under the lock's mutex, so it only copies what it hears into a bounded channel. In virtual time
//! nobody measures the real one, and there it writes by itself: nothing is dropped, and equal runs give equal bytes.
//!
//! # A fork meanwhile
//!
//! The writing thread is counted at the fork gate like every other one, from a [`Birth`](toy_gil::Birth) on. It waits
//! for records on a [`Parker`](toy_gil::Parker) and writes to the file with the raw call, both *detached*; it never
//! blocks in the channel, which parks within the library. While it takes records out of the channel and makes text of
//! them it is inside, for some milliseconds at most; then it passes the gate. So the channel, the allocator and the table of
//! places are free in the child, which has no writing thread. The child's lock forgets its observers, hence
//! nothing there sends, writes or flushes: what the parent has not yet written is written by the parent, once.

mod json;
mod lanes;
mod place;
mod record;
mod sink;
mod tracer;
mod writer;

pub use place::{Place, Places};
pub use tracer::{Trace, Tracer};
