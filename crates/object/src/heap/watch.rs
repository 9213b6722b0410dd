//! Objects whose counts go through the cold path: saturated ones, and those a probe wants to hear about.

use std::cell::UnsafeCell;
use std::collections::HashMap;

use crate::header::{FROZEN_COUNT, Header, WATCHED, WATCHED_COUNT};
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
        header.count.set(WATCHED_COUNT);
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
                header.count.set(WATCHED_COUNT);
            }
        }
    }

    /// Has nobody count any more who owns the objects that there are: they stay for ever, and nothing writes to their headers. Answers
    /// how many there are now.
    pub fn freeze(&self) -> usize {
        let mut number = 0;
        self.walk(|object| {
            if let Some(header) = object.header() {
                number += 1;
                if !header.is_frozen() {
                    self.watched.counts().remove(&std::ptr::from_ref(header));
                    header.count.set(FROZEN_COUNT);
                }
            }
        });
        number
    }

    /// How many objects are frozen.
    pub fn frozen_count(&self) -> usize {
        let mut number = 0;
        self.walk(|object| number += usize::from(self.is_frozen(object)));
        number
    }

    /// Whether an object is frozen. What is not on the heap is not.
    pub fn is_frozen(&self, object: Ref<'_>) -> bool {
        object.header().is_some_and(Header::is_frozen)
    }

    /// Sets who is told of changes of watched counts.
    pub fn set_count_listener(&self, listener: Option<CountListener>) {
        // SAFETY: the listener is only borrowed in `tell_count`, and a listener has no way to the heap.
        unsafe { *self.watched.listener.get() = listener };
    }

    /// The number of owners of an object; `None` for values that are not on the heap, and for frozen objects.
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

    /// Ends watching without a word.
    #[cfg(test)]
    fn forget_watched(&self, header: &Header) {
        self.watched.counts().remove(&std::ptr::from_ref(header));
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

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use crate::header::WATCHED;
    use crate::testing::{assert_sound, enter, on_heap, text};

    #[test]
    fn every_change_of_a_watched_count_is_told_up_to_the_last() {
        let gil = enter();
        let heap = gil.heap();
        let heard = Rc::new(RefCell::new(Vec::new()));
        let listener = Rc::clone(&heard);
        heap.set_count_listener(Some(Box::new(move |_, count| listener.borrow_mut().push(count))));
        let object = text(heap, "watched");
        heap.watch(object.get());
        assert_eq!(heap.count(object.get()), Some(1));
        let other = object.clone();
        let third = object.clone();
        drop(other);
        assert_eq!(heap.count(object.get()), Some(2));
        assert_sound(heap, &[&object, &third]);
        drop((object, third));
        heap.set_count_listener(None);
        assert_eq!(*heard.borrow(), [2, 3, 2, 1, 0]);
    }

    #[test]
    fn a_frozen_object_stays_whoever_lets_go_of_it_and_is_not_written_to() {
        let gil = enter();
        let heap = gil.heap();
        let object = text(heap, "frozen");
        let number = heap.freeze();
        assert!(number >= 1 && heap.frozen_count() == number && heap.is_frozen(object.get()));
        let header = object.get().header().expect("an object");
        let before = header.count.get();
        drop(object.clone());
        for _ in 0..3 {
            assert!(!header.release());
            header.retain();
        }
        assert_eq!((heap.count(object.get()), header.count.get()), (None, before));
        let later = text(heap, "later");
        assert!(!heap.is_frozen(later.get()) && heap.count(later.get()) == Some(1));
        assert_sound(heap, &[&object, &later]);
    }

    #[test]
    fn a_count_that_runs_full_goes_on_counting() {
        on_heap(|heap| {
            let object = text(heap, "popular");
            let header = object.get().header().expect("an object");
            header.count.set(WATCHED - 1);
            let one_more = object.clone();
            let two_more = object.clone();
            assert_eq!(heap.count(object.get()), Some(u64::from(WATCHED) + 1));
            drop((one_more, two_more));
            assert_eq!(heap.count(object.get()), Some(u64::from(WATCHED) - 1));
            // Back to the truth, so that it can die.
            for _ in 0..3 {
                assert!(!header.release());
            }
            assert_eq!(heap.count(object.get()), Some(u64::from(WATCHED) - 4));
            heap.forget_watched(header);
            header.count.set(1);
        });
    }
}
