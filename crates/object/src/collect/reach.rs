//! Who is reachable: side tables over the heap's blocks, which live as long as a collection looks at them.

use std::ptr::NonNull;

use hashbrown::HashMap;

use crate::content;
use crate::header::Header;
use crate::heap::Heap;
use crate::reference::Ref;
use crate::shape::Kind;
use crate::value::Value;

/// Whether objects of a kind may refer to others, so that the collector has to do with them.
pub(super) fn is_container(kind: Kind) -> bool {
    !matches!(kind, Kind::Int | Kind::Float | Kind::Str | Kind::Bytes | Kind::ByteArray | Kind::RangeIterator)
}

/// Calls `visit` with everything that an object owns a count of, as often as it does.
pub(super) fn visit(heap: &Heap, object: Ref<'_>, mut visit: impl FnMut(Value)) {
    let Some(pointer) = object.value().as_pointer() else { return };
    let shape = heap.shape(object.shape());
    // SAFETY: a `Ref` points to an intact object, and callers change nothing meanwhile.
    unsafe { content::visit_values(shape.kind(), shape, pointer, &mut visit) };
    // SAFETY: as above.
    unsafe { content::visit_fields(shape, pointer, &mut |child| visit(child.value())) };
}

/// The containers of a heap, and how many counts of each come from outside of it.
pub(super) struct Census<'h> {
    heap: &'h Heap,
    /// In the order in which they lie in the heap.
    containers: Vec<NonNull<Header>>,
    /// Counts that were not found in any object.
    outside: HashMap<NonNull<Header>, u64>,
}

impl<'h> Census<'h> {
    pub(super) fn take(heap: &'h Heap) -> Self {
        let mut containers = Vec::new();
        heap.walk(|object| {
            if is_container(heap.shape(object.shape()).kind()) {
                containers.extend(object.value().as_pointer());
            }
        });
        let mut outside = HashMap::with_capacity(containers.len());
        for &object in &containers {
            let count = heap.count(view(object)).unwrap_or(0);
            outside.insert(object, count);
        }
        let mut census = Self { heap, containers, outside };
        for index in 0..census.containers.len() {
            let object = view(census.containers[index]);
            visit(heap, object, |child| census.subtract(child));
        }
        census
    }

    fn subtract(&mut self, child: Value) {
        if let Some(count) = child.as_pointer().and_then(|child| self.outside.get_mut(&child)) {
            *count = count.saturating_sub(1);
        }
    }

    /// Does not count an owner of this object that is outside of the heap.
    pub(super) fn discount(&mut self, object: Ref<'_>) {
        self.subtract(object.value());
    }

    /// The containers that cannot be reached from outside.
    pub(super) fn unreachable(self) -> Dead {
        let Self { heap, containers, mut outside } = self;
        // What is reached is taken out of the table; what stays is dead.
        let mut waiting: Vec<NonNull<Header>> = Vec::new();
        for &root in &containers {
            if outside.get(&root).is_some_and(|&count| count > 0) {
                outside.remove(&root);
                waiting.push(root);
            }
            while let Some(object) = waiting.pop() {
                let object = view(object);
                let mut reach = |child: NonNull<Header>| {
                    if outside.remove(&child).is_some() {
                        waiting.push(child);
                    }
                };
                visit(heap, object, |child| {
                    if let Some(child) = child.as_pointer() {
                        reach(child);
                    }
                });
                if let Some(class) = heap.shape(object.shape()).class.get() {
                    reach(class);
                }
            }
        }
        Dead { order: containers, members: outside }
    }
}

/// Objects that cannot be reached from outside of the heap.
pub(super) struct Dead {
    order: Vec<NonNull<Header>>,
    members: HashMap<NonNull<Header>, u64>,
}

impl Dead {
    /// In the order in which they lie in the heap.
    pub(super) fn objects(&self) -> impl Iterator<Item = NonNull<Header>> {
        self.order.iter().copied().filter(|object| self.contains(*object))
    }

    pub(super) fn contains(&self, object: NonNull<Header>) -> bool {
        self.members.contains_key(&object)
    }
}

/// An object that the walk found; nothing dies while a census lives.
fn view<'a>(object: NonNull<Header>) -> Ref<'a> {
    // SAFETY: see above.
    unsafe { Ref::from_value(Value::pointer(object)) }
}
