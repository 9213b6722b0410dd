//! The broker: one place that owns what several instances share, locks, conditions, events, barriers, queues, and that knows which
//! of them live, run and wait.
//!
//! ```text
//!  instance ──Request──►┐                             ┌──Reply──► instance
//!  instance ──Request──►┤ server: sockets, deadlines ─┤
//!  instance ──Request──►┘   └► state: what follows ───┘──Reply──► instance
//! ```
//!
//! `State` is a plain machine: requests, ends of instances and the time go in, replies come out; nothing in it waits, and a test
//! can play any schedule. [`Server`] is the thread around it.
//!
//! Invariants:
//! * A request that is not one-way gets exactly one reply, or its instance ends.
//! * A ticket (an instance and the number of a request) that waits is in `State::waiting`, and in the queue of one object or
//!   instance at most.
//! * What a lock, a queue or a place to run becomes free for goes to the one that has waited longest: nobody overtakes.

mod barrier;
mod client;
mod condition;
mod event;
mod instance;
mod lock;
mod message;
mod object;
mod perform;
mod places;
mod queue;
mod report;
mod server;
mod standstill;
mod state;
#[cfg(test)]
mod tests;
mod vocabulary;
mod waits;

pub use client::{Client, Received};
pub use instance::{InstanceId, Standing, Ticket};
pub use message::{Reply, Request};
pub use server::{Address, Server};
pub use vocabulary::{Operation, Refusal, Status};
