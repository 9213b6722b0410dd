//! Ctrl-C.
//!
//! The signal's handler only leaves a note. A signal that comes just before a blocking system call would leave it to nobody:
//! the call does not end, and nothing else reads. So the handler has another signal sent a little later, by a timer, again and
//! again until the note has been read. It is another one because signals of the same number that wait to be delivered become one:
//! a reminder could take a fresh Ctrl-C with it.
#![expect(
    unsafe_code,
    reason = "signal handlers, timers and masks are offered by the C library only, as foreign functions"
)]

use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

/// How long a note may be unread before the signal is sent again.
const PATIENCE: Duration = Duration::from_millis(10);

/// The signal that the timer sends.
fn reminder() -> libc::c_int {
    libc::SIGRTMIN()
}

struct Note {
    leave: Box<dyn Fn() + Send + Sync>,
    is_unread: Box<dyn Fn() -> bool + Send + Sync>,
}

static NOTE: OnceLock<Note> = OnceLock::new();

/// The timer of this process; a copy of the process has none at first.
static TIMER: AtomicPtr<libc::c_void> = AtomicPtr::new(ptr::null_mut());

extern "C" fn handler(signal: libc::c_int) {
    // What the handler calls may overwrite it, and the interrupted code may be about to read it.
    let before = errno();
    if let Some(note) = NOTE.get() {
        if signal == libc::SIGINT {
            (note.leave)();
        }
        if (note.is_unread)() {
            send_again_later();
        }
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

/// Has `leave_note` called whenever Ctrl-C is pressed, instead of ending the process. Blocking system calls end with `EINTR`
/// then, and again and again while `is_unread` says that nobody has seen the note.
///
/// Both run inside a signal handler: they may use atomics and make raw system calls, and must neither allocate nor lock
/// anything. Only the first call counts.
///
/// # Errors
///
/// If the system refuses.
pub fn on_interrupt(
    leave_note: impl Fn() + Send + Sync + 'static,
    is_unread: impl Fn() -> bool + Send + Sync + 'static,
) -> io::Result<()> {
    let note = Note { leave: Box::new(leave_note), is_unread: Box::new(is_unread) };
    if NOTE.set(note).is_err() {
        return Ok(());
    }
    make_timer()?;
    handle(reminder())?;
    handle(libc::SIGINT)
}

fn handle(signal: libc::c_int) -> io::Result<()> {
    let mut description = MaybeUninit::<libc::sigaction>::zeroed();
    let place = description.as_mut_ptr();
    let handler = handler as extern "C" fn(libc::c_int);
    // SAFETY: the pointer is to a struct of ours, and zero is valid in all of its fields: no flag is set, `SA_RESTART` neither.
    unsafe { (*place).sa_sigaction = handler as libc::sighandler_t };
    // SAFETY: the description is initialised, and the old one is not asked for.
    let result = unsafe { libc::sigaction(signal, place, ptr::null_mut()) };
    succeeded(result)
}

/// In a copy of the process: timers are not copied.
pub(crate) fn renew_timer() -> io::Result<()> {
    if NOTE.get().is_some() { make_timer() } else { Ok(()) }
}

fn make_timer() -> io::Result<()> {
    let mut event = MaybeUninit::<libc::sigevent>::zeroed();
    let place = event.as_mut_ptr();
    // SAFETY: the pointer is to a struct of ours, and zero is valid in the others of its fields; `sigev_notify` zero means a signal.
    unsafe { (*place).sigev_signo = reminder() };
    let mut timer: libc::timer_t = ptr::null_mut();
    // SAFETY: the description is initialised, and the result's place is a local of ours.
    let result = unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, place, &raw mut timer) };
    TIMER.store(timer, Ordering::SeqCst);
    succeeded(result)
}

fn send_again_later() {
    let none = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let value = libc::timespec { tv_sec: 0, tv_nsec: libc::c_long::from(PATIENCE.subsec_nanos()) };
    let once = libc::itimerspec { it_interval: none, it_value: value };
    // SAFETY: the timer exists since before the handler does, the description is a local of ours, the old one is not asked for.
    unsafe { libc::timer_settime(TIMER.load(Ordering::SeqCst), 0, &raw const once, ptr::null_mut()) };
}

fn succeeded(result: libc::c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Lets the other threads have Ctrl-C from now on: the calling thread's system calls are not interrupted by it.
pub fn block_interrupts_here() {
    change_mask(libc::SIG_BLOCK);
}

/// The calling thread is the only one of a copy of the process: Ctrl-C is for it.
pub(crate) fn unblock_interrupts_here() {
    change_mask(libc::SIG_UNBLOCK);
}

fn change_mask(how: libc::c_int) {
    let mut signals = MaybeUninit::<libc::sigset_t>::zeroed();
    let place = signals.as_mut_ptr();
    // SAFETY: the pointer is to a set of ours.
    unsafe { libc::sigemptyset(place) };
    for signal in [libc::SIGINT, reminder()] {
        // SAFETY: as above, and the signal exists.
        unsafe { libc::sigaddset(place, signal) };
    }
    // SAFETY: the set is initialised, and the old mask is not asked for.
    unsafe { libc::pthread_sigmask(how, place, ptr::null_mut()) };
}
