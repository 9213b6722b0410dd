//! Objects whose counts go through the cold path: saturated ones, and those a probe wants to hear about.

use std::cell::UnsafeCell;
use std::collections::HashMap;

use crate::header::{Header, WATCHED};
use crate::reference::Ref;

/// Told of every change of a watched object's count: the object's number and its new count.
pub type CountListener = Box<dyn FnMut(u64, u64)>;

pub(super) struct Watched {
    counts: UnsafeCell<HashMap<*const Header, u64>>,
    listener: UnsafeCell<Option<CountListener>>,
}

impl Watched {
    pub(super) fn new() -> Self {
        Self { counts: UnsafeCell::new(HashMap::new()), listener: UnsafeCell::new(None) }
    }

    #[expect(clippy::mut_from_ref, reason = "under the lock, and no caller keeps the borrow")]
    fn counts(&self) -> &mut HashMap<*const Header, u64> {
        // SAFETY: only the functions below borrow it, each for one statement, and none of them calls out meanwhile.
        unsafe { &mut *self.counts.get() }
    }
}

/// Changes the count of an object whose header says "watched", or whose count has just run full. Returns whether that was
/// the last owner; the header's count is 0 then.
pub(crate) fn watched_count_changed(header: &Header, change: i64) -> bool {
    let heap = super::current();
    let counts = heap.watched.counts();
    let entry = counts.entry(header).or_insert_with(|| u64::from(header.count.get() & !WATCHED));
    *entry = entry.wrapping_add_signed(change);
    let count = *entry;
    if count == 0 {
        counts.remove(&std::ptr::from_ref(header));
        header.count.set(0);
    } else {
        header.count.set(WATCHED);
    }
    heap.tell_count(header, count);
    count == 0
}

impl super::Heap {
    /// From now on every change of this object's count is told to the listener. Watching ends with the object.
    pub fn watch(&self, object: Ref<'_>) {
        if let Some(pointer) = object.value().as_pointer() {
            // SAFETY: a `Ref` points to a living object.
            let header = unsafe { pointer.as_ref() };
            if header.count.get() & WATCHED == 0 {
                self.watched.counts().insert(header, u64::from(header.count.get()));
                header.count.set(WATCHED);
            }
        }
    }

    /// Sets who is told of changes of watched counts.
    pub fn set_count_listener(&self, listener: Option<CountListener>) {
        // SAFETY: the listener is only borrowed in `tell_count`, and a listener has no way to the heap.
        unsafe { *self.watched.listener.get() = listener };
    }

    /// The number of owners of an object; `None` for values that are not on the heap.
    pub fn count(&self, object: Ref<'_>) -> Option<u64> {
        let pointer = object.value().as_pointer()?;
        // SAFETY: a `Ref` points to a living object.
        let header = unsafe { pointer.as_ref() };
        let count = header.count.get();
        if count & WATCHED == 0 {
            return Some(u64::from(count));
        }
        self.watched.counts().get(&std::ptr::from_ref(header)).copied()
    }

    fn tell_count(&self, header: &Header, count: u64) {
        // SAFETY: see `set_count_listener`.
        let listener = unsafe { &mut *self.watched.listener.get() };
        if let Some(listener) = listener {
            let number = std::ptr::from_ref(header) as u64;
            listener(number, count);
        }
    }
}
