//! Heaps for tests.

use std::sync::Arc;

use toy_gil::{GlobalLock, PolicySpec, Setting};

use crate::class::{Class, ClassDefinition, ClassFlags};
use crate::heap::{Heap, OutOfMemory};
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, ShapeFlags, ShapeId};
use crate::token::{Gil, SharedHeap};

/// A token for a heap of its own, with a limit of `bytes`.
pub(crate) fn enter_with_limit(bytes: usize) -> Gil {
    let policy = "never".parse::<PolicySpec>().expect("a policy").build().expect("it reads no file");
    let lock = Arc::new(GlobalLock::new(policy, Setting::default()));
    let thread = lock.register("test");
    SharedHeap::new(lock, bytes).enter(thread)
}

/// A token for a heap of its own, without a limit.
pub(crate) fn enter() -> Gil {
    enter_with_limit(usize::MAX)
}

/// Runs a test on a heap of its own, and checks that it leaves the heap as it was: no object more, no byte of payload
/// more, every count right.
pub(crate) fn on_heap(test: impl FnOnce(&Heap)) {
    let gil = enter();
    let heap = gil.heap();
    let before = (heap.object_count(), heap.payload_in_use());
    test(heap);
    assert_sound(heap, &[]);
    assert_eq!((heap.object_count(), heap.payload_in_use()), before, "objects and bytes of payload");
}

/// Checks every count; `owners` are all that the test holds.
pub(crate) fn assert_sound(heap: &Heap, owners: &[&Owned]) {
    let verdict = heap.verify(|visit| owners.iter().for_each(|owner| visit(owner.get())));
    assert_eq!(verdict, Ok(()));
}

/// Runs `test` again and again, each time with one request for memory more that succeeds, until it gets through: wherever
/// memory runs out, every count is right afterwards, and nothing is left behind.
pub(crate) fn with_memory_running_out(test: impl Fn(&Heap) -> Result<(), OutOfMemory>) {
    on_heap(|heap| {
        for requests in 0.. {
            let before = (heap.object_count(), heap.payload_in_use());
            heap.set_patience(requests);
            let outcome = test(heap);
            heap.set_patience(usize::MAX);
            assert_sound(heap, &[]);
            assert_eq!((heap.object_count(), heap.payload_in_use()), before, "after {requests} requests");
            if outcome.is_ok() {
                assert!(requests > 10, "the test asks for memory");
                break;
            }
        }
    });
}

/// An integer of the heap.
pub(crate) fn int(heap: &Heap, number: i64) -> Owned {
    heap.new_int(number).expect("memory")
}

/// A string of the heap.
pub(crate) fn text(heap: &Heap, text: &str) -> Owned {
    heap.new_str(text).expect("memory")
}

/// A class whose instances have room for four attributes.
pub(crate) fn new_class(heap: &Heap, name: &str, bases: &[&Owned], has_finaliser: bool) -> Owned {
    let ancestors = |class: Ref<'_>| {
        let class = class.as_class(heap).expect("a class");
        (0..class.mro_len()).filter_map(|index| class.mro_get(index)).collect::<Vec<_>>()
    };
    let bases: Vec<Ref<'_>> = bases.iter().map(|base| base.get()).collect();
    let definition = ClassDefinition {
        name: text(heap, name),
        qualified_name: text(heap, name),
        bases: heap.new_tuple_from_refs(&bases).expect("memory"),
        ancestors: bases.iter().flat_map(|base| ancestors(*base)).collect(),
        dict: heap.new_dict().expect("memory"),
        base_kind: Kind::Instance,
        flags: ClassFlags { has_finaliser, ..ClassFlags::default() },
    };
    let owned = heap.new_class(ShapeId::CLASS, definition).expect("memory");
    let flags = ShapeFlags { finaliser: has_finaliser, ..ShapeFlags::default() };
    heap.set_instance_layout(class(heap, &owned), &[], 4, flags);
    owned
}

/// The class behind an owner.
pub(crate) fn class<'a>(heap: &Heap, owned: &'a Owned) -> Class<'a> {
    owned.get().as_class(heap).expect("a class")
}

/// A new instance of a class.
pub(crate) fn new_instance(heap: &Heap, owned: &Owned) -> Owned {
    heap.new_instance(class(heap, owned).root_shape().expect("a shape")).expect("memory")
}

/// `instance.name = value`.
pub(crate) fn set_attribute(heap: &Heap, instance: &Owned, name: &str, value: Owned) {
    let name = heap.intern(name).expect("memory");
    let instance = instance.get().as_instance(heap).expect("an instance");
    drop(instance.set_attribute(heap, name.get(), value).expect("memory"));
}

/// What a value is, for comparing: numbers, text, and tuples and lists of them.
pub(crate) fn show(value: Ref<'_>) -> String {
    if let Some(list) = value.as_list() {
        let items: Vec<String> = (0..list.len()).filter_map(|index| Some(show(list.get(index)?.get()))).collect();
        return format!("[{}]", items.join(", "));
    }
    if let Some(tuple) = value.as_tuple() {
        return format!("({})", tuple.iter().map(show).collect::<Vec<_>>().join(", "));
    }
    if let Some(text) = value.as_str() {
        return format!("{text:?}");
    }
    match value.as_int() {
        Some(int) => int.to_string(),
        None => format!("{value:?}"),
    }
}

/// A small generator of numbers that look random; the same seed gives the same numbers.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2) | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 16) as usize % end.max(1)
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}
