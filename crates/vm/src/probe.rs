//! What an observer hears. The exact loop is generic over one; the fast loop has none.

use toy_object::CodeObject;

/// A listener on one thread's instructions. Changes of counts come through
/// [`Heap::set_count_listener`](toy_object::Heap::set_count_listener), changes of the lock from its own statistics.
pub trait Probe {
    /// Whether anything is heard: without it the loop may run fast.
    const LISTENS: bool;

    /// Before the instruction at word `index` of `code` runs.
    fn instruction(&mut self, code: &CodeObject, index: usize);
}

/// Hears nothing and costs nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProbe;

impl Probe for NoProbe {
    const LISTENS: bool = false;

    #[inline(always)]
    fn instruction(&mut self, _code: &CodeObject, _index: usize) {}
}
