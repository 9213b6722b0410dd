//! How a command that makes runs is stopped: by Ctrl-C, or by a signal that asks the process to end, which is passed on as Ctrl-C. It
//! says how the process has to end then.
//!
//! Invariant: a signal that was to be ignored when the process began (`nohup`) stays ignored.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

use rustix::process::{Signal, getpid, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The signal that came first; 0 without any.
static SIGNAL: AtomicI32 = AtomicI32::new(0);
/// Whether the command knows. Until then Ctrl-C is sent again and again.
static IS_HEARD: AtomicBool = AtomicBool::new(false);

/// Listens from now on.
///
/// # Errors
/// If the system has no room for that.
pub(crate) fn listen() -> io::Result<()> {
    toy_process::note_signals(note, || SIGNAL.load(Ordering::SeqCst) != 0 && !IS_HEARD.load(Ordering::SeqCst))?;
    toy_process::change_disposition(SIGINT, toy_process::Disposition::Noted)?;
    let mut signals = Signals::new([SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)))?;
    let pass_on = move || {
        toy_process::block_signals_here();
        for signal in signals.forever() {
            note(signal);
            // The main thread waits for a run. If it cannot be reached, the run's end is waited for.
            let _ = kill_process(getpid(), Signal::INT);
        }
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(pass_on).map(drop)
}

/// Whether the command shall stop, which knows it from now on.
pub(crate) fn is_wanted() -> bool {
    let is_wanted = SIGNAL.load(Ordering::SeqCst) != 0;
    if is_wanted {
        disregard();
    }
    is_wanted
}

/// Signals change nothing any more.
pub(crate) fn disregard() {
    IS_HEARD.store(true, Ordering::SeqCst);
}

/// The exit code of a command that was stopped: as shells have it, 128 and the signal's number.
pub(crate) fn exit_code() -> u8 {
    (128 + SIGNAL.load(Ordering::SeqCst)) as u8
}

fn note(signal: i32) {
    // The first one counts.
    let _ = SIGNAL.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
}

/// Whether this process has been told to ignore a signal: `SigIgn` of `proc_pid_status(5)`.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
