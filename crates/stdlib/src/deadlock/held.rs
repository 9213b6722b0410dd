//! Which locks threads hold: found by a walk over the heap.

use std::sync::Arc;

use toy_object::Owned;
use toy_vm::{ThreadRecord, Vm};

use crate::thread::{Waiters, own_waiters_of};

/// A lock that somebody holds.
pub(super) struct HeldLock {
    /// The lock.
    pub(super) lock: Owned,
    /// Who holds it.
    pub(super) owner: Arc<ThreadRecord>,
}

/// All locks that a thread holds, in the order of their places in the heap.
pub(super) fn held_locks(vm: &Vm) -> Vec<HeldLock> {
    let mut found = Vec::new();
    vm.walk(|object| {
        let owner = own_waiters_of(vm, object).and_then(Waiters::owner);
        found.extend(owner.map(|owner| HeldLock { lock: object.to_owned(), owner }));
    });
    found.sort_by_key(|held| vm.identity(held.lock.get()));
    found
}
