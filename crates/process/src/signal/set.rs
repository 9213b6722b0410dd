//! Sets of signals: those that a thread holds back, those that have come meanwhile, and waiting for one of a set.
//!
//! Invariant: no thread that runs scripts holds the reminder back (see `note`).
#![expect(unsafe_code, reason = "masks of signals are offered by the C library only, as foreign functions")]

use std::io;
use std::mem::MaybeUninit;
use std::ptr;
use std::time::Duration;

use super::{reminder, succeeded};

/// Signals have the numbers from 1 to this one.
pub const SIGNALS: i32 = 64;

/// A set of signals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SignalSet(u64);

impl SignalSet {
    /// All signals that there are: those that the C library keeps for itself are none.
    pub fn valid() -> Self {
        let mut set = empty();
        // SAFETY: the set is a local of ours.
        unsafe { libc::sigfillset(&raw mut set) };
        Self::from_system(&set)
    }

    /// Puts a signal in; others than those from 1 to [`SIGNALS`] are left out.
    pub fn insert(&mut self, signal: i32) {
        if (1..=SIGNALS).contains(&signal) {
            self.0 |= 1 << (signal - 1);
        }
    }

    /// The numbers of its signals, in order.
    pub fn numbers(self) -> impl Iterator<Item = i32> {
        (1..=SIGNALS).filter(move |signal| self.0 >> (signal - 1) & 1 == 1)
    }

    fn from_system(set: &libc::sigset_t) -> Self {
        let mut own = Self::default();
        for signal in 1..=SIGNALS {
            // SAFETY: the set is initialised, and the answer to a number that is no signal is an error.
            if unsafe { libc::sigismember(set, signal) } == 1 {
                own.insert(signal);
            }
        }
        own
    }

    fn to_system(self) -> libc::sigset_t {
        let mut set = empty();
        for signal in self.numbers() {
            // SAFETY: the set is initialised, and a signal of the C library's own is refused.
            unsafe { libc::sigaddset(&raw mut set, signal) };
        }
        set
    }

    fn without_reminder(self) -> Self {
        Self(self.0 & !(1 << (reminder() - 1)))
    }
}

fn empty() -> libc::sigset_t {
    let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the pointer is to a set of ours.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: it has just been initialised.
    unsafe { set.assume_init() }
}

/// How a thread's mask changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MaskChange {
    /// These are held back, too.
    Block,
    /// These are not held back any more.
    Unblock,
    /// Just these are held back.
    Set,
}

/// Changes which signals the calling thread holds back; gives those that it did before.
///
/// # Errors
///
/// If the system refuses.
pub fn change_mask(change: MaskChange, set: SignalSet) -> io::Result<SignalSet> {
    let how = match change {
        MaskChange::Block => libc::SIG_BLOCK,
        MaskChange::Unblock => libc::SIG_UNBLOCK,
        MaskChange::Set => libc::SIG_SETMASK,
    };
    mask(how, set.without_reminder())
}

fn mask(how: libc::c_int, set: SignalSet) -> io::Result<SignalSet> {
    let (set, mut before) = (set.to_system(), empty());
    // SAFETY: both sets are initialised and locals of ours.
    match unsafe { libc::pthread_sigmask(how, &raw const set, &raw mut before) } {
        0 => Ok(SignalSet::from_system(&before)),
        errno => Err(io::Error::from_raw_os_error(errno)),
    }
}

/// Lets the other threads have all signals from now on: for threads that serve, and wait in system calls.
pub fn block_signals_here() {
    let _always_possible = mask(libc::SIG_BLOCK, SignalSet::valid());
}

/// Ctrl-C reaches the calling thread, the only one of its process, no more: it is the parent's business.
pub fn leave_interrupts_to_parent() {
    let mut set = SignalSet::default();
    set.insert(super::INTERRUPT);
    let _always_possible = mask(libc::SIG_BLOCK, set);
}

/// The calling thread is the only one of a copy of the process: Ctrl-C is for it.
pub(crate) fn hear_reminders_here() {
    let mut set = SignalSet::default();
    set.insert(reminder());
    set.insert(super::INTERRUPT);
    let _always_possible = mask(libc::SIG_UNBLOCK, set);
}

/// Signals that have come for the calling thread or the process, and are held back.
///
/// # Errors
///
/// If the system refuses.
pub fn pending() -> io::Result<SignalSet> {
    let mut set = empty();
    // SAFETY: the result's place is a local of ours.
    let result = unsafe { libc::sigpending(&raw mut set) };
    succeeded(result).map(|()| SignalSet::from_system(&set))
}

/// How long a thread may take from being given a signal to the first instruction of its handler.
const REACTION: Duration = Duration::from_millis(2);

/// Whether a signal was sent to this process and no thread has taken it yet. If so it seems not, this waits for a moment: a thread
/// may have taken it, and may be about to run the handler.
pub fn is_on_its_way(signal: i32) -> bool {
    let mut wanted = SignalSet::default();
    wanted.insert(signal);
    // Only what is held back here is told of.
    let Ok(before) = change_mask(MaskChange::Block, wanted) else { return false };
    let is_pending = pending().is_ok_and(|pending| pending.0 & wanted.0 != 0);
    let _always_possible = change_mask(MaskChange::Set, before);
    if !is_pending {
        std::thread::sleep(REACTION);
    }
    is_pending
}

/// A signal that was waited for, as the system describes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// Its number.
    pub signal: i32,
    /// Where it comes from.
    pub code: i32,
    /// An error that goes with it.
    pub errno: i32,
    /// The process that sent it.
    pub process: i32,
    /// That process's user.
    pub user: u32,
    /// The exit code or signal of a child.
    pub status: i32,
    /// What happened to a descriptor: the same bytes as process and user.
    pub band: i64,
}

/// Waits for a signal of a set, which the calling thread should hold back; `None` for the time: for ever.
///
/// # Errors
///
/// `EAGAIN` if the time is over, `EINTR` if a signal outside of the set was noted.
pub fn wait_for_signal(set: SignalSet, timeout: Option<Duration>) -> io::Result<Arrival> {
    let set = set.without_reminder().to_system();
    let timeout = timeout.map(|timeout| libc::timespec {
        tv_sec: libc::time_t::try_from(timeout.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(timeout.subsec_nanos()),
    });
    let timeout = timeout.as_ref().map_or(ptr::null(), ptr::from_ref);
    let mut place = MaybeUninit::<libc::siginfo_t>::zeroed();
    // SAFETY: the set is initialised, the time is null or a local of ours, and so is the result's place.
    if unsafe { libc::sigtimedwait(&raw const set, place.as_mut_ptr(), timeout) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has filled it in.
    let information = unsafe { place.assume_init() };
    // SAFETY: all of the variants of what follows are plain numbers, which were zero before.
    let process = unsafe { information.si_pid() };
    // SAFETY: as above.
    let user = unsafe { information.si_uid() };
    // SAFETY: as above.
    let status = unsafe { information.si_status() };
    Ok(Arrival {
        signal: information.si_signo,
        code: information.si_code,
        errno: information.si_errno,
        process,
        user,
        status,
        band: i64::from(process as u32) | i64::from(user) << 32,
    })
}
