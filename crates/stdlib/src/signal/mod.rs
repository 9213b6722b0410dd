//! `_signal`: what becomes of signals. `signal` gives its numbers names.
//!
//! | module | what |
//! |---|---|
//! | `arrival` | how a signal reaches the main thread: there from the start, for Ctrl-C |
//! | `handlers` | what scripts want done |
//! | `masks` | signals that a thread holds back and waits for |
//! | `timers` | alarms, and waiting for any signal |
//! | `names` | numbers, names, descriptions |

mod arrival;
mod handlers;
mod masks;
mod names;
mod timers;

use toy_object::{Owned, Ref};
use toy_vm::{Outcome, Vm, natives};

use crate::argument::{int32, value_error};
use crate::module::NewModule;

pub use arrival::handle_interrupts;
pub(crate) use handlers::interrupt_main;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let default_handler = handlers::install(vm)?;
    let arrival_class = masks::define_class(vm)?;
    let timer_error = timers::define_error(vm)?;
    let mut module = NewModule::new(vm, "_signal", "What becomes of signals.", FUNCTIONS)?;
    for (name, number) in names::signals().chain(names::CONSTANTS.iter().copied()) {
        module.set_int(name, i64::from(number))?;
    }
    module.set("default_int_handler", default_handler)?;
    module.set("struct_siginfo", arrival_class)?;
    module.set("ItimerError", timer_error)?;
    module.finish()
}

natives! {
    /// The functions of `_signal`.
    FUNCTIONS:
    function "signal" ("signalnum, handler, /") "Have a function called when a signal comes; returns what was done before." => handlers::signal;
    function "getsignal" ("signalnum, /") "What is done when a signal comes; None: that was not decided here." => handlers::getsignal;
    function "siginterrupt" ("signalnum, flag, /") "Whether a signal ends system calls early." => handlers::siginterrupt;
    function "set_wakeup_fd" ("fd, /, *, warn_on_full_buffer=True")
        "Have the number of each signal written to a descriptor; returns the one before." => handlers::set_wakeup_fd;
    function "raise_signal" ("signalnum, /") "Send a signal to the calling thread." => handlers::raise_signal;
    function "pthread_kill" ("thread_id, signalnum, /") "Send a signal to a thread." => handlers::pthread_kill;
    function "pidfd_send_signal" ("pidfd, signalnum, siginfo=None, flags=0, /") "Send a signal to the process of a descriptor." =>
        handlers::pidfd_send_signal;
    function "strsignal" ("signalnum, /") "What a signal means." => names::strsignal;
    function "valid_signals" ("") "All signals that there are." => masks::valid_signals;
    function "pthread_sigmask" ("how, mask, /") "Change which signals the calling thread holds back; returns those before." =>
        masks::pthread_sigmask;
    function "sigpending" ("") "Signals that have come and are held back." => masks::sigpending;
    function releasing "sigwait" ("sigset, /") "Wait for a signal that is held back; returns its number." => masks::sigwait;
    function releasing "sigwaitinfo" ("sigset, /") "Wait for a signal that is held back; returns all about it." => masks::sigwaitinfo;
    function releasing "sigtimedwait" ("sigset, timeout, /") "As sigwaitinfo; None when the time is over." => masks::sigtimedwait;
    function "alarm" ("seconds, /") "Have SIGALRM sent; returns the seconds left of the last alarm." => timers::alarm;
    function "setitimer" ("which, seconds, interval=0.0, /") "Start or stop a timer; returns how it stood." => timers::setitimer;
    function "getitimer" ("which, /") "How a timer stands: seconds left, seconds between signals." => timers::getitimer;
    function releasing "pause" ("") "Wait until a signal has been handled." => timers::pause;
}

/// The number of a signal.
fn signal_number(vm: &mut Vm, argument: Ref<'_>) -> Outcome<i32> {
    let number = int32(vm, argument)?;
    check_number(vm, number)
}

fn check_number(vm: &mut Vm, number: i32) -> Outcome<i32> {
    match number {
        number @ 1..=toy_process::SIGNALS => Ok(number),
        _ => Err(value_error(vm, "signal number out of range")),
    }
}

/// Nothing, after what a signal that has come already does.
fn none_after_signals(vm: &mut Vm) -> Outcome {
    vm.check_signals()?;
    Ok(Owned::none())
}
