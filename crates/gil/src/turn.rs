//! Whose turn it is: the state machine under the lock's mutex. It blocks nobody and wakes nobody, it says whom to wake.

use crate::ledger::Ledger;
use crate::policy::{Succession, Waiter};
use crate::vocabulary::{Origin, ReleaseCause, ThreadId};

/// To whom the lock belongs.
///
/// ```text
///         start (whoever comes first)            stop
///  Free ───────────────────────────────► Held ─────────► Free
///    ▲                                    ▲  pass on to X │
///    └── pass on to anyone                │               ▼
///                              start (X)  └────────── HandedTo(X)
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Possession {
    /// To nobody: whoever comes first takes it.
    Free,
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
            Possession::Free | Possession::HandedTo(_) => None,
        }
    }
}

/// Possession, queue and books. A thread stays in the queue until it runs, even when the lock is handed to it already.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) possession: Possession,
    /// In order of arrival.
    pub(crate) queue: Vec<Waiter>,
    pub(crate) ledger: Ledger,
}

impl Turn {
    /// A free lock that nobody waits for.
    pub(crate) fn new(now: u64) -> Turn {
        Turn { possession: Possession::Free, queue: Vec::new(), ledger: Ledger::new(now) }
    }

    /// Whether the thread may start now.
    pub(crate) fn is_open_to(&self, thread: ThreadId) -> bool {
        match self.possession {
            Possession::Free => true,
            Possession::HandedTo(next) => next == thread,
            Possession::Held { thread: holder, .. } => {
                assert_ne!(holder, thread, "thread {thread} asks for the lock that it holds");
                false
            }
        }
    }

    /// Whether the thread is in the queue.
    #[inline]
    pub(crate) fn is_queued(&self, thread: ThreadId) -> bool {
        self.queue.iter().any(|waiter| waiter.thread == thread)
    }

    /// Puts the thread at the end of the queue.
    pub(crate) fn enqueue(&mut self, thread: ThreadId, origin: Origin, now: u64) {
        self.queue.push(Waiter { thread, origin, since: now });
    }

    /// The thread, to which the lock is open and which is not in the queue, takes it.
    #[inline]
    pub(crate) fn start(&mut self, thread: ThreadId, now: u64) {
        self.ledger.start(thread, now);
        self.possession = Possession::Held { thread, since: now };
    }

    /// As [`Turn::start`], for a thread in the queue.
    pub(crate) fn start_waiter(&mut self, thread: ThreadId, now: u64) {
        let place = self.queue.iter().position(|waiter| waiter.thread == thread).expect("a waiting thread is queued");
        let waiter = self.queue.remove(place);
        self.ledger.add_waited(thread, now - waiter.since);
        self.start(thread, now);
    }

    /// The holder ends its turn; the lock is free.
    #[inline]
    pub(crate) fn stop(&mut self, thread: ThreadId, cause: ReleaseCause, now: u64) {
        let since = self.held_since(thread);
        self.ledger.stop(thread, since, now, cause, &self.queue);
        self.possession = Possession::Free;
    }

    /// Gives a lock that was just freed to whom the policy says, and tells whom to wake.
    ///
    /// Of a free lock the first waiter is told. If it is awake already, it will look at the lock anyway; if a passer-by
    /// is faster, that one wakes it again at its own release.
    pub(crate) fn pass_on(&mut self, succession: Succession) -> Option<ThreadId> {
        debug_assert_eq!(self.possession, Possession::Free);
        match succession {
            Succession::LetAnyone => self.queue.first().map(|waiter| waiter.thread),
            Succession::HandOver(next) => {
                assert!(self.queue.iter().any(|waiter| waiter.thread == next), "thread {next} does not wait");
                self.possession = Possession::HandedTo(next);
                Some(next)
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
