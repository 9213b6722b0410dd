//! Signals: how they arrive, which are held back, how they are sent, and timers that send them.
//!
//! | module | what |
//! |---|---|
//! | `note` | what becomes of a signal: the system's default, nothing, or a note that the program reads when it comes round |
//! | `set` | sets of signals: those that a thread holds back, and waiting for one of them |
//! | `send` | sending one to a process, a group, a thread |
//! | `timer` | the three timers of a process, and its alarm |

mod note;
mod send;
mod set;
mod timer;

pub(crate) use note::renew_timer;
pub use note::{
    Disposition, change_disposition, disposition, note_signals, remind_of_notes, restart_calls, set_wakeup,
    take_wakeup_error,
};
pub use send::{send_signal, send_to_descriptor, send_to_own_thread, send_to_self};
pub(crate) use set::hear_reminders_here;
pub use set::{
    Arrival, MaskChange, SIGNALS, SignalSet, block_signals_here, change_mask, is_on_its_way,
    leave_interrupts_to_parent, pending, wait_for_signal,
};
pub use timer::{Timer, Timing, alarm, set_timer, timer};

use std::io;

/// Ctrl-C.
pub const INTERRUPT: i32 = libc::SIGINT;

/// What a call of the C library has answered.
fn succeeded(result: libc::c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// The signal by which this crate reminds of notes that nobody has read: the last but one. Scripts cannot have it.
fn reminder() -> i32 {
    libc::SIGRTMAX() - 1
}
