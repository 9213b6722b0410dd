//! Whose turn it is: the state machine under the lock's mutex. It blocks nobody and wakes nobody, it says whom to wake.

use crate::clock::Clock;
use crate::ledger::Ledger;
use crate::policy::{Scene, Succession, Waiter};
use crate::vocabulary::{Origin, ReleaseCause, ThreadId};

/// To whom the lock belongs.
///
/// ```text
///         start (whoever comes first)            stop
///  Free ───────────────────────────────► Held ─────────► Free
///    ▲                                    ▲  pass on to X │
///    └── pass on to anyone, or others     │               ▼
///                              start (X)  └────────── HandedTo(X)
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Possession {
    /// To nobody: whoever comes first takes it, except for one thread, perhaps.
    Free {
        /// Who must let another one go first.
        barred: Option<ThreadId>,
    },
    /// To a thread that has been called and is waking up. Nobody else can take it.
    HandedTo(ThreadId),
    /// To a thread that runs, since a moment in nanoseconds of the lock's clock.
    Held {
        /// The holder.
        thread: ThreadId,
        /// Since when it runs.
        since: u64,
    },
}

impl Possession {
    /// Who runs.
    pub(crate) fn holder(self) -> Option<ThreadId> {
        match self {
            Possession::Held { thread, .. } => Some(thread),
            Possession::Free { .. } | Possession::HandedTo(_) => None,
        }
    }
}

/// Possession, queue and books. A thread stays in the queue until it runs, even when the lock is handed to it already.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) possession: Possession,
    /// In order of arrival.
    pub(crate) queue: Vec<Waiter>,
    /// Threads that sleep until somebody wakes them.
    pub(crate) parked: Vec<ThreadId>,
    pub(crate) ledger: Ledger,
    /// Instructions that the holder has told of since it began.
    pub(crate) instructions: u64,
    /// When the lock last went from one thread to another.
    pub(crate) switched: u64,
}

/// Nobody's, for anyone.
const FREE: Possession = Possession::Free { barred: None };

impl Turn {
    /// A free lock that nobody waits for.
    pub(crate) fn new(now: u64) -> Turn {
        Turn {
            possession: FREE,
            queue: Vec::new(),
            parked: Vec::new(),
            ledger: Ledger::new(now),
            instructions: 0,
            switched: now,
        }
    }

    /// Whether the thread may start now.
    pub(crate) fn is_open_to(&self, thread: ThreadId) -> bool {
        match self.possession {
            Possession::Free { barred } => barred != Some(thread),
            Possession::HandedTo(next) => next == thread,
            Possession::Held { thread: holder, .. } => {
                assert_ne!(holder, thread, "thread {thread} asks for the lock that it holds");
                false
            }
        }
    }

    /// What a policy is shown, when the holder is `thread`.
    pub(crate) fn scene<'a>(&'a self, thread: ThreadId, clock: &'a dyn Clock) -> Scene<'a> {
        Scene {
            holder: thread,
            held_since: self.held_since(thread),
            switched: self.switched,
            instructions: self.instructions,
            is_pressed: false,
            waiters: &self.queue,
            clock,
        }
    }

    /// Whether the thread is in the queue.
    #[inline]
    pub(crate) fn is_queued(&self, thread: ThreadId) -> bool {
        self.queue.iter().any(|waiter| waiter.thread == thread)
    }

    /// The thread sleeps no longer; `false`: it did not.
    pub(crate) fn unpark(&mut self, thread: ThreadId) -> bool {
        let place = self.parked.iter().position(|parked| *parked == thread);
        place.map(|place| self.parked.swap_remove(place)).is_some()
    }

    /// Puts the thread at the end of the queue.
    pub(crate) fn enqueue(&mut self, thread: ThreadId, origin: Origin, now: u64) {
        self.ledger.ask(thread, now);
        self.unpark(thread);
        self.queue.push(Waiter { thread, origin, since: now });
    }

    /// The thread, to which the lock is open and which is not in the queue, takes it.
    #[inline]
    pub(crate) fn start(&mut self, thread: ThreadId, now: u64) {
        self.ledger.ask(thread, now);
        self.unpark(thread);
        self.take(thread, now);
    }

    /// As [`Turn::start`], for a thread in the queue. Gives its place there.
    pub(crate) fn start_waiter(&mut self, thread: ThreadId, now: u64) -> Waiter {
        let place = self.queue.iter().position(|waiter| waiter.thread == thread).expect("a waiting thread is queued");
        let waiter = self.queue.remove(place);
        self.ledger.add_waited(thread, waiter.origin, now - waiter.since);
        self.take(thread, now);
        waiter
    }

    #[inline]
    fn take(&mut self, thread: ThreadId, now: u64) {
        if self.ledger.start(thread, now) {
            self.switched = now;
        }
        self.instructions = 0;
        self.possession = Possession::Held { thread, since: now };
    }

    /// The holder ends its turn; the lock is free. Gives for how long the turn was.
    #[inline]
    pub(crate) fn stop(&mut self, thread: ThreadId, cause: ReleaseCause, now: u64) -> u64 {
        let since = self.held_since(thread);
        self.ledger.stop(thread, since, now, cause, self.instructions, &self.queue);
        self.possession = FREE;
        now - since
    }

    /// Gives a lock that was just freed to whom the policy says, and tells whom to wake.
    ///
    /// Of a free lock the first waiter is told. If it is awake already, it will look at the lock anyway; if a passer-by
    /// is faster, that one wakes it again at its own release.
    pub(crate) fn pass_on(&mut self, succession: Succession) -> Option<ThreadId> {
        debug_assert_eq!(self.possession, FREE);
        match succession {
            Succession::LetAnyone => self.queue.first().map(|waiter| waiter.thread),
            Succession::LetOthers => {
                let first = self.queue.first()?;
                self.possession = Possession::Free { barred: self.ledger.last_holder() };
                Some(first.thread)
            }
            Succession::HandOver(next) => {
                self.possession = Possession::HandedTo(next);
                self.is_queued(next).then_some(next)
            }
        }
    }

    /// Since when the thread, which must hold the lock, does.
    #[inline]
    pub(crate) fn held_since(&self, thread: ThreadId) -> u64 {
        match self.possession {
            Possession::Held { thread: holder, since } if holder == thread => since,
            other => panic!("thread {thread} uses the lock as its holder, but it is {other:?}"),
        }
    }
}
