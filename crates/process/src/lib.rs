//! Processes as the library needs them: forking, waiting, signals, pipes, and what several of them share.
//!
//! | modules | what |
//! |---|---|
//! | `fork`, `spawn`, `wait` | how a process begins, as a copy or as another program, and how one waits for its end |
//! | `signal`, `lifeline` | what a process hears of outside: signals, and the end of its parent |
//! | `pipe`, `socket`, `listen`, `packet` | ways between processes: streams, descriptors, addresses, queues of whole messages |
//! | `shared`, `futex` | memory that several processes see, and how one sleeps on it |
//! | `semaphore`, `sleepers`, `ledger` | what lies in it: locks, who waits for a notification, how much is in a queue |
//! | `descriptor` | closing and replacing descriptors by their numbers |
//! | `calendar` | what calendars show, here and in Greenwich |
//! | `option` | options of sockets by their numbers |
//! | `memory` | what the allocator does with memory that was given back |
//! | [`wire`] | values as bytes, and bytes in frames |
//! | [`broker`] | what instances share: one place that owns locks and queues, and knows who lives, runs and waits |
//!
//! Invariant: this crate knows no interpreter, and nothing here waits unless its name says so.
//! Invariant: `unsafe` stands in `calendar`, `descriptor`, `fork`, `lifeline`, `memory`, `option`,
//! `shared`, `signal` and `wait` only; `wire` and `broker` have none.
//! Invariant: every descriptor that is made here is closed by `exec`.
#![deny(unsafe_code)]

pub mod broker;
mod calendar;
mod descriptor;
mod fork;
mod futex;
mod ledger;
mod lifeline;
mod listen;
mod memory;
mod option;
mod packet;
mod pipe;
mod semaphore;
mod shared;
mod signal;
mod sleepers;
mod socket;
mod spawn;
mod wait;
pub mod wire;

pub use calendar::{Moment, local_time, seconds_of, universal_time};
pub use descriptor::{copy_to, has_standard, replace, take_standard};
pub use fork::{ForkWatch, Forked, exit_now, fork, generation, tell_end, watch_forks};
pub use futex::GLANCE;
pub use ledger::{Ledger, News, Open, PROMISERS};
pub use lifeline::{Lifeline, close_lifeline, end_with, open_lifeline, process_descriptor};
pub use listen::{Address, accept, connect, connected, listen};
pub use memory::keep_freed_memory;
pub use option::{set_socket_option, socket_option};
pub use packet::{INLINE, Packet, Received, Taken, packets, take_packet};
pub use pipe::{has_no_reader, pipe};
pub use semaphore::{ReleaseError, Semaphore, SemaphoreKind, Waiting};
pub use shared::Block;
pub use signal::{
    Arrival, Disposition, INTERRUPT, MaskChange, SIGNALS, SignalSet, Timer, Timing, alarm, block_signals_here,
    change_disposition, change_mask, disposition, is_on_its_way, leave_interrupts_to_parent, note_signals, pending,
    remind_of_notes, restart_calls, send_signal, send_to_descriptor, send_to_own_thread, send_to_self, set_timer,
    set_wakeup, take_wakeup_error, timer, wait_for_signal,
};
pub use sleepers::{SLEEPERS, Sleepers};
pub use socket::{DESCRIPTORS_AT_ONCE, both_ways, one_way, receive_descriptors, send_descriptors, takes_descriptors};
pub use spawn::start;
pub use wait::{Target, Usage, WaitStatus, adopt_orphans, wait, wait_for_change, wait_with_usage};
