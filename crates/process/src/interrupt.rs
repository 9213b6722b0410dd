//! Ctrl-C.
#![expect(unsafe_code, reason = "signal handlers and masks are offered by the C library only, as foreign functions")]

use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;

type Action = Box<dyn Fn() + Send + Sync>;

static ACTION: OnceLock<Action> = OnceLock::new();

extern "C" fn handler(_signal: libc::c_int) {
    // What the handler calls may overwrite it, and the interrupted code may be about to read it.
    let before = errno();
    if let Some(action) = ACTION.get() {
        action();
    }
    set_errno(before);
}

fn errno_place() -> *mut libc::c_int {
    // SAFETY: the function has no preconditions.
    unsafe { libc::__errno_location() }
}

fn errno() -> libc::c_int {
    // SAFETY: the place of this thread's errno is always valid.
    unsafe { errno_place().read() }
}

fn set_errno(errno: libc::c_int) {
    // SAFETY: as above.
    unsafe { errno_place().write(errno) };
}

/// Has `action` called whenever Ctrl-C is pressed, instead of ending the process. Blocking system calls end with `EINTR` then.
///
/// The action runs inside a signal handler: it may store to atomics and make raw system calls, and must neither allocate nor
/// lock anything. Only the first call counts.
///
/// # Errors
///
/// If the system refuses.
pub fn on_interrupt(action: impl Fn() + Send + Sync + 'static) -> io::Result<()> {
    if ACTION.set(Box::new(action)).is_err() {
        return Ok(());
    }
    let mut description = MaybeUninit::<libc::sigaction>::zeroed();
    let place = description.as_mut_ptr();
    // SAFETY: the pointer is to a struct of ours; zero is a valid mask and means no flags: no `SA_RESTART`.
    unsafe { (*place).sa_sigaction = handler as extern "C" fn(libc::c_int) as libc::sighandler_t };
    // SAFETY: the description is initialised, and the old one is not asked for.
    let result = unsafe { libc::sigaction(libc::SIGINT, place, ptr::null_mut()) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Lets the other threads have Ctrl-C from now on: the calling thread's system calls are not interrupted by it.
pub fn block_interrupts_here() {
    let mut signals = MaybeUninit::<libc::sigset_t>::zeroed();
    let place = signals.as_mut_ptr();
    // SAFETY: the pointer is to a set of ours.
    unsafe { libc::sigemptyset(place) };
    // SAFETY: as above, and the signal exists.
    unsafe { libc::sigaddset(place, libc::SIGINT) };
    // SAFETY: the set is initialised, and the old mask is not asked for.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, place, ptr::null_mut()) };
}
