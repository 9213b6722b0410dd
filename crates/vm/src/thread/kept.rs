//! What the library keeps for a thread: one value a purpose, found without a look into any table.
//!
//! A value is let go of when its thread ends.

use toy_object::{Owned, Ref};

use super::Vm;

/// What a thread keeps a value for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The values of context variables.
    Context,
    /// The event loop that the thread runs.
    RunningLoop,
}

/// The values of a thread, by purpose.
#[derive(Default)]
pub(crate) struct Kept([Option<Owned>; 2]);

impl Kept {
    /// Every value.
    pub(crate) fn values(&self) -> impl Iterator<Item = Ref<'_>> {
        self.0.iter().flatten().map(Owned::get)
    }
}

impl Vm {
    /// What this thread keeps for a purpose.
    #[inline]
    pub fn kept(&self, purpose: Purpose) -> Option<&Owned> {
        self.kept.0[purpose as usize].as_ref()
    }

    /// Keeps something else; the old value is given back to be dropped.
    #[inline]
    pub fn keep(&mut self, purpose: Purpose, value: Option<Owned>) -> Option<Owned> {
        std::mem::replace(&mut self.kept.0[purpose as usize], value)
    }

    /// The thread ends: it keeps nothing any more.
    pub(crate) fn keep_nothing(&mut self) {
        drop(std::mem::take(&mut self.kept));
    }
}
