//! Numbers, names and descriptions of signals, as Linux has them.

use toy_object::Owned;
use toy_process::MaskChange;
use toy_vm::{Args, Outcome, Vm};

use super::signal_number;
use crate::argument::new_text;

/// What the system does by default.
pub(super) const SIG_DFL: i64 = 0;
/// Nothing is done.
pub(super) const SIG_IGN: i64 = 1;

/// Signals with fixed numbers: names, the number, what it means.
const SIGNALS: &[(&[&str], i32, &str)] = &[
    (&["SIGHUP"], 1, "Hangup"),
    (&["SIGINT"], 2, "Interrupt"),
    (&["SIGQUIT"], 3, "Quit"),
    (&["SIGILL"], 4, "Illegal instruction"),
    (&["SIGTRAP"], 5, "Trace/breakpoint trap"),
    (&["SIGABRT", "SIGIOT"], 6, "Aborted"),
    (&["SIGBUS"], 7, "Bus error"),
    (&["SIGFPE"], 8, "Floating point exception"),
    (&["SIGKILL"], 9, "Killed"),
    (&["SIGUSR1"], 10, "User defined signal 1"),
    (&["SIGSEGV"], 11, "Segmentation fault"),
    (&["SIGUSR2"], 12, "User defined signal 2"),
    (&["SIGPIPE"], 13, "Broken pipe"),
    (&["SIGALRM"], 14, "Alarm clock"),
    (&["SIGTERM"], 15, "Terminated"),
    (&["SIGSTKFLT"], 16, "Stack fault"),
    (&["SIGCHLD", "SIGCLD"], 17, "Child exited"),
    (&["SIGCONT"], 18, "Continued"),
    (&["SIGSTOP"], 19, "Stopped (signal)"),
    (&["SIGTSTP"], 20, "Stopped"),
    (&["SIGTTIN"], 21, "Stopped (tty input)"),
    (&["SIGTTOU"], 22, "Stopped (tty output)"),
    (&["SIGURG"], 23, "Urgent I/O condition"),
    (&["SIGXCPU"], 24, "CPU time limit exceeded"),
    (&["SIGXFSZ"], 25, "File size limit exceeded"),
    (&["SIGVTALRM"], 26, "Virtual timer expired"),
    (&["SIGPROF"], 27, "Profiling timer expired"),
    (&["SIGWINCH"], 28, "Window changed"),
    (&["SIGIO", "SIGPOLL"], 29, "I/O possible"),
    (&["SIGPWR"], 30, "Power failure"),
    (&["SIGSYS"], 31, "Bad system call"),
    (&["SIGRTMIN"], FIRST_REAL_TIME, "Real-time signal 0"),
    (&["SIGRTMAX"], toy_process::SIGNALS, "Real-time signal 30"),
];

/// The C library keeps those between the others and this one.
const FIRST_REAL_TIME: i32 = 34;

/// Names and numbers of the signals.
pub(super) fn signals() -> impl Iterator<Item = (&'static str, i32)> {
    SIGNALS.iter().flat_map(|(names, number, _)| names.iter().map(|name| (*name, *number)))
}

/// The other numbers of the module.
pub(super) const CONSTANTS: &[(&str, i32)] = &[
    ("NSIG", toy_process::SIGNALS + 1),
    ("SIG_DFL", SIG_DFL as i32),
    ("SIG_IGN", SIG_IGN as i32),
    ("SIG_BLOCK", 0),
    ("SIG_UNBLOCK", 1),
    ("SIG_SETMASK", 2),
    ("ITIMER_REAL", 0),
    ("ITIMER_VIRTUAL", 1),
    ("ITIMER_PROF", 2),
];

/// What `SIG_BLOCK` and its like mean.
pub(super) fn mask_change(how: i32) -> Option<MaskChange> {
    usize::try_from(how).ok().and_then(|how| super::masks::CHANGES.get(how).copied())
}

pub(super) fn strsignal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let signal = signal_number(vm, args.at(0))?;
    if let Some((_, _, text)) = SIGNALS.iter().find(|(_, number, _)| *number == signal) {
        return new_text(vm, text);
    }
    match signal - FIRST_REAL_TIME {
        place @ 0.. => new_text(vm, format!("Real-time signal {place}")),
        _ => Ok(Owned::none()),
    }
}
