//! What becomes of signals that arrive.
//!
//! A signal's handler only leaves a note. A signal that comes just before a blocking system call would leave it to nobody:
//! the call does not end, and nothing else reads. So the handler has another signal sent a little later, by a timer, again and
//! again until the note has been read. It is another one because signals of the same number that wait to be delivered become one:
//! a reminder could take a fresh signal with it.
#![expect(
    unsafe_code,
    reason = "signal handlers, and timers that send signals, are offered by the C library only, as foreign functions"
)]

use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};
use std::time::Duration;

use super::{reminder, succeeded};

/// How long a note may be unread before its reader is reminded.
const PATIENCE: Duration = Duration::from_millis(10);

struct Note {
    leave: Box<dyn Fn(i32) + Send + Sync>,
    is_unread: Box<dyn Fn() -> bool + Send + Sync>,
}

static NOTE: OnceLock<Note> = OnceLock::new();

/// The timer of this process; a copy of the process has none at first.
static TIMER: AtomicPtr<libc::c_void> = AtomicPtr::new(ptr::null_mut());

/// The descriptor that each noted signal is told to; -1: none.
static WAKEUP: AtomicI32 = AtomicI32::new(-1);

/// The first error of telling it that nobody has asked for; 0: none.
static WAKEUP_ERROR: AtomicI32 = AtomicI32::new(0);

extern "C" fn handler(signal: libc::c_int) {
    // What the handler calls may overwrite it, and the interrupted code may be about to read it.
    let before = errno();
    if let Some(note) = NOTE.get() {
        if signal != reminder() {
            (note.leave)(signal);
            tell_wakeup(signal);
        }
        if (note.is_unread)() {
            remind_later();
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

fn tell_wakeup(signal: libc::c_int) {
    let descriptor = WAKEUP.load(Ordering::SeqCst);
    if descriptor < 0 {
        return;
    }
    let number = signal as u8;
    // SAFETY: the byte is a local of ours; a descriptor that is closed by now is an error, which is kept.
    let written = unsafe { libc::write(descriptor, (&raw const number).cast(), 1) };
    if written < 0 {
        let _first_counts = WAKEUP_ERROR.compare_exchange(0, errno(), Ordering::SeqCst, Ordering::SeqCst);
    }
}

/// Has `leave` called with the number of each signal that arrives and whose disposition is [`Disposition::Noted`]. Blocking
/// system calls end with `EINTR` then, and again and again while `is_unread` says that nobody has seen the note.
///
/// Both run inside a signal handler: they may use atomics and make raw system calls, and must neither allocate nor lock
/// anything. Only the first call counts.
///
/// # Errors
///
/// If the system refuses.
pub fn note_signals(
    leave: impl Fn(i32) + Send + Sync + 'static,
    is_unread: impl Fn() -> bool + Send + Sync + 'static,
) -> io::Result<()> {
    let note = Note { leave: Box::new(leave), is_unread: Box::new(is_unread) };
    if NOTE.set(note).is_err() {
        return Ok(());
    }
    make_timer()?;
    install(reminder(), &action_of(Disposition::Noted))
}

/// A note has been left in another way than by a signal: its reader is reminded as if a signal had left it.
pub fn remind_of_notes() {
    if NOTE.get().is_some() {
        remind_later();
    }
}

/// What becomes of a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    /// What the system does by default: most signals end the process.
    Default,
    /// Nothing.
    Ignored,
    /// A note is left: see [`note_signals`].
    Noted,
}

/// What becomes of a signal; `None`: another library has a handler for it.
///
/// # Errors
///
/// `EINVAL` if there is no such signal.
pub fn disposition(signal: i32) -> io::Result<Option<Disposition>> {
    let action = installed(signal)?;
    let noted = action_of(Disposition::Noted);
    Ok(match action.sa_sigaction {
        libc::SIG_DFL => Some(Disposition::Default),
        libc::SIG_IGN => Some(Disposition::Ignored),
        other if other == noted.sa_sigaction => Some(Disposition::Noted),
        _ => None,
    })
}

/// Says what becomes of a signal from now on.
///
/// # Errors
///
/// `EINVAL` if there is no such signal, or if it is one of those that no program can have.
pub fn change_disposition(signal: i32, disposition: Disposition) -> io::Result<()> {
    if signal == reminder() {
        return Err(io::Error::from(rustix::io::Errno::INVAL));
    }
    install(signal, &action_of(disposition))
}

/// Whether a noted signal lets system calls go on that it interrupts, until the reader is reminded, or ends them with `EINTR`.
///
/// # Errors
///
/// As [`change_disposition`].
pub fn restart_calls(signal: i32, restarts: bool) -> io::Result<()> {
    let mut action = installed(signal)?;
    action.sa_flags = if restarts { action.sa_flags | libc::SA_RESTART } else { action.sa_flags & !libc::SA_RESTART };
    install(signal, &action)
}

/// Has the number of each noted signal written to a descriptor, a byte each, as long as it is open; -1: to none. Gives the one before.
pub fn set_wakeup(descriptor: i32) -> i32 {
    WAKEUP_ERROR.store(0, Ordering::SeqCst);
    WAKEUP.swap(descriptor, Ordering::SeqCst)
}

/// Why such a byte could not be written, once.
pub fn take_wakeup_error() -> Option<io::Error> {
    match WAKEUP_ERROR.swap(0, Ordering::SeqCst) {
        0 => None,
        errno => Some(io::Error::from_raw_os_error(errno)),
    }
}

fn action_of(disposition: Disposition) -> libc::sigaction {
    let handler = match disposition {
        Disposition::Default => libc::SIG_DFL,
        Disposition::Ignored => libc::SIG_IGN,
        Disposition::Noted => handler as extern "C" fn(libc::c_int) as libc::sighandler_t,
    };
    // SAFETY: zero is valid in all of its fields: no flag is set, `SA_RESTART` neither.
    let mut action = unsafe { MaybeUninit::<libc::sigaction>::zeroed().assume_init() };
    action.sa_sigaction = handler;
    action
}

fn install(signal: i32, action: &libc::sigaction) -> io::Result<()> {
    // SAFETY: the description is initialised, its handler is one of ours or a number of the system's, the old one is not asked for.
    let result = unsafe { libc::sigaction(signal, action, ptr::null_mut()) };
    succeeded(result)
}

fn installed(signal: i32) -> io::Result<libc::sigaction> {
    let mut action = action_of(Disposition::Default);
    // SAFETY: nothing is changed, and the result's place is a local of ours.
    let result = unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
    succeeded(result).map(|()| action)
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

fn remind_later() {
    let none = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let value = libc::timespec { tv_sec: 0, tv_nsec: libc::c_long::from(PATIENCE.subsec_nanos()) };
    let once = libc::itimerspec { it_interval: none, it_value: value };
    // SAFETY: the timer exists since before the handler does, the description is a local of ours, the old one is not asked for.
    unsafe { libc::timer_settime(TIMER.load(Ordering::SeqCst), 0, &raw const once, ptr::null_mut()) };
}
