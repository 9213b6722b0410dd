//! The global interpreter lock: who runs, who waits, who is next, for how long, and when the process may fork.
//!
//! [`GlobalLock`] is the lock. Who gets it next is a [`Policy`] object, written on the command line as a [`PolicySpec`].
//! Everything is counted exactly and handed out as [`Statistics`]. A thread that blocks for any other reason than the
//! lock sleeps on its own [`Parker`], and a [`ForkPermit`] is had only while every other thread stands where a fork
//! cannot hurt it.
//!
//! ```
//! use toy_gil::{GlobalLock, Origin, PolicySpec, Progress, ReleaseCause, Setting};
//!
//! let lock = GlobalLock::new("fair:100".parse::<PolicySpec>()?.build().unwrap(), Setting::default());
//! let main = lock.register("MainThread");
//! let budget = lock.acquire(main, Origin::Start);
//! assert_eq!(budget, 100);
//! // … the interpreter runs 100 instructions …
//! assert_eq!(lock.expired(main, Progress::default()), 100, "nobody waits: go on");
//! lock.release(main, ReleaseCause::Io, Progress::default());
//! lock.detached(|| { /* one blocking system call */ });
//! lock.acquire(main, Origin::Io);
//! lock.release(main, ReleaseCause::Exit, Progress::default());
//! lock.retire(main);
//! assert_eq!(lock.snapshot().threads[0].acquisitions, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Invariant: at most one thread holds the lock, and only it may release it, let it expire or fork.
//! Invariant: a hand-over is explicit: from the release on the lock belongs to the successor, and nobody can slip in.
//! Invariant: a lock that is free while threads wait has called one of them, so that no wake-up is ever lost.
//! Invariant: acquisitions equal releases, plus one while the lock is held; held plus idle time equals wall time.
//! Invariant: a process forks only when every other thread is detached or stands at the gate, outside of any library.
//! Invariant: this crate knows no interpreter: no value, no frame, no instruction but their number.
#![forbid(unsafe_code)]

mod alertness;
mod clock;
mod fork;
mod gate;
mod histogram;
mod ledger;
mod life;
mod lock;
mod observer;
mod park;
mod parker;
mod policy;
mod primitives;
mod random;
mod record;
mod report;
mod sleepers;
mod statistics;
mod turn;
mod vocabulary;
mod wait_matrix;

pub use clock::{Clock, ManualClock, MonotonicClock};
pub use fork::{ForkPermit, NotQuiet};
pub use histogram::Histogram;
pub use life::Birth;
pub use lock::{Flag, GlobalLock, Setting};
pub use observer::{Event, Observer};
pub use park::Outlook;
pub use parker::{Parker, Wake};
pub use policy::{
    Argument, BadRecord, Conditions, DEFAULT_POLICY, Expiry, Foreseen, POLICIES, Parameter, Policy, PolicyError,
    PolicyInfo, PolicySpec, Refusal, Replacement, Scene, Succession, Time, UNITS_OF_TIME, Unit, Vigil, Waiter,
};
pub use primitives::{Native, Primitives, WaitEnd, Word};
pub use random::SplitMix;
pub use record::Recorder;
pub use report::Span;
pub use statistics::{Statistics, ThreadStatistics, WaitStatistics};
pub use vocabulary::{Origin, PlaceNumber, Progress, ReleaseCause, SwitchAt, ThreadId, UnknownSwitchPoint};
