//! Copying the process, and leaving it.
#![expect(unsafe_code, reason = "fork and _exit are offered by the C library only, as foreign functions")]

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::memory::tidy_freed_memory;

/// How many forks lie between the first process and this one.
static GENERATION: AtomicU32 = AtomicU32::new(0);

/// The number of this process, once somebody has asked; 0 before.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// The number of this process, without asking the system each time.
pub(crate) fn own_process() -> u32 {
    match PROCESS.load(Ordering::Relaxed) {
        0 => {
            let number = rustix::process::getpid().as_raw_nonzero().get().unsigned_abs();
            PROCESS.store(number, Ordering::Relaxed);
            number
        }
        number => number,
    }
}

/// Hears of the copies of this process, in the copies.
pub trait ForkWatch: Send + Sync {
    /// This process has just been made; nothing of the program has run in it yet.
    fn born(&self);

    /// This process is about to end.
    fn ends(&self);
}

static WATCH: OnceLock<Box<dyn ForkWatch>> = OnceLock::new();

/// Has somebody hear of all forks from now on. Once only: `false` if somebody does already.
pub fn watch_forks(watch: Box<dyn ForkWatch>) -> bool {
    WATCH.set(watch).is_ok()
}

/// A number that differs between a process and its copies.
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// In which process one is after a fork.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forked {
    /// In the one that forked; the child's number.
    Parent(i32),
    /// In the copy.
    Child,
}

/// Copies the process. The copy has one thread, that of the caller.
///
/// Call it only while every other thread is outside of any library (the interpreter lock's gate sees to that): a lock that
/// another thread holds at this moment stays locked in the copy for ever.
///
/// # Errors
///
/// If the system refuses: too many processes, no memory.
pub fn fork() -> io::Result<Forked> {
    tidy_freed_memory();
    // SAFETY: `fork` has no conditions in memory. What the copy may do afterwards is the caller's business, see above.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            GENERATION.fetch_add(1, Ordering::Relaxed);
            PROCESS.store(0, Ordering::Relaxed);
            crate::lifeline::forget_lifelines();
            // Without it, Ctrl-C may have to be pressed twice.
            let _refused = crate::signal::renew_timer();
            crate::signal::hear_reminders_here();
            if let Some(watch) = WATCH.get() {
                watch.born();
            }
            Ok(Forked::Child)
        }
        child => Ok(Forked::Parent(child)),
    }
}

/// Tells who watches forks that this process is about to end, if it is a copy.
pub fn tell_end() {
    if let Some(watch) = WATCH.get().filter(|_| generation() > 0) {
        watch.ends();
    }
}

/// Ends the process at once: no destructor runs, nothing is flushed.
pub fn exit_now(status: i32) -> ! {
    tell_end();
    // SAFETY: `_exit` has no conditions and does not return.
    unsafe { libc::_exit(status) }
}
