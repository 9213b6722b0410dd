//! Births and deaths, which count as inside: the standard library locks a table when a thread starts and when it ends.

use std::cell::RefCell;
use std::sync::Arc;

use crate::gate::Gate;
use crate::primitives::{Native, Primitives};

thread_local! {
    /// What keeps the current thread counted. A destructor of a thread-local runs after the standard library has removed
    /// the thread from its table of stacks, and thread-locals die in reverse order of their first use.
    static LIVES: RefCell<Vec<Birth>> = const { RefCell::new(Vec::new()) };
}

/// A thread's place inside the fork gate, from before it exists until it is gone.
///
/// The thread that starts another asks for it ([`GlobalLock::birth`](crate::GlobalLock::birth)) and moves it into the
/// new thread, which calls [`Birth::begin`] before anything else. If the start fails, dropping it takes the count back.
#[must_use = "dropping it takes the thread out of the count"]
pub struct Birth<P: Primitives = Native> {
    gate: Arc<Gate<P>>,
}

impl<P: Primitives> Birth<P> {
    /// Counts in a thread that the calling one, which is inside, is about to start.
    pub(crate) fn new(gate: Arc<Gate<P>>) -> Birth<P> {
        gate.add_newborn();
        Birth { gate }
    }
}

impl Birth {
    /// To be called first thing on the new thread: it then stays counted until its very end, destructors of its other
    /// thread-locals included.
    pub fn begin(self) {
        LIVES.with_borrow_mut(|lives| lives.push(self));
    }
}

impl<P: Primitives> Drop for Birth<P> {
    fn drop(&mut self) {
        self.gate.leave();
    }
}

impl<P: Primitives> std::fmt::Debug for Birth<P> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Birth")
    }
}
