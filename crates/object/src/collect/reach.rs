//! Who is reachable: a side table over the heap's blocks, which lives as long as a collection looks at it.

use std::ptr::NonNull;

use crate::content;
use crate::header::Header;
use crate::heap::Heap;
use crate::reference::Ref;
use crate::shape::Kind;
use crate::value::Value;

/// Whether objects of a kind may refer to others, so that the collector has to do with them.
#[inline]
pub(super) fn is_container(kind: Kind) -> bool {
    !matches!(kind, Kind::Int | Kind::Float | Kind::Str | Kind::Bytes | Kind::ByteArray | Kind::RangeIterator)
}

/// Calls `visit` with everything that an object owns a count of, as often as it does.
#[inline]
pub(super) fn visit(heap: &Heap, object: Ref<'_>, mut visit: impl FnMut(Value)) {
    let Some(pointer) = object.value().as_pointer() else { return };
    let shape = heap.shape(object.shape());
    // SAFETY: a `Ref` points to an intact object, and callers change nothing meanwhile.
    unsafe { content::visit_values(shape.kind(), shape, pointer, &mut visit) };
    // SAFETY: as above.
    unsafe { content::visit_fields(shape, pointer, |child| visit(child.value())) };
}

/// What the table says of a place where no container stands.
const NOTHING: u32 = 0;
/// What it says of a container that no count comes to from outside; each such count makes it one more.
const INSIDE: u32 = 1;
/// What it says of a container that has been reached.
const REACHED: u32 = u32::MAX;
/// Containers with more counts than this are taken for reachable.
const MOST_COUNTED: u64 = 1 << 31;

/// The containers of a heap, and how many counts of each come from outside of it. Nothing is made and nothing dies while it
/// lives.
pub(super) struct Census<'h> {
    heap: &'h Heap,
    /// By place: see [`Heap::place`].
    outside: Vec<u32>,
    container_count: usize,
    /// Reachable whatever the table says.
    roots: Vec<NonNull<Header>>,
}

impl<'h> Census<'h> {
    pub(super) fn take(heap: &'h Heap) -> Self {
        let mut outside = vec![NOTHING; heap.place_count()];
        let mut roots = Vec::new();
        let mut container_count = 0;
        // References may be met before the count of what they lead to: the sums wrap round until all are met.
        heap.walk(|object| {
            if !is_container(heap.shape(object.shape()).kind()) {
                return;
            }
            container_count += 1;
            let count = heap.count(object).unwrap_or(u64::MAX);
            if count > MOST_COUNTED {
                roots.extend(object.value().as_pointer());
            }
            let place = &mut outside[heap.place(object)];
            *place = place.wrapping_add(INSIDE).wrapping_add(count as u32);
            visit(heap, object, |child| subtract(heap, &mut outside, child));
        });
        Self { heap, outside, container_count, roots }
    }

    /// Does not count an owner of this object that is outside of the heap.
    pub(super) fn discount(&mut self, object: Ref<'_>) {
        subtract(self.heap, &mut self.outside, object.value());
    }

    /// The containers that cannot be reached from outside.
    pub(super) fn unreachable(self) -> Dead<'h> {
        let Self { heap, mut outside, container_count, roots } = self;
        let mut reached_count = 0;
        let mut waiting: Vec<NonNull<Header>> = Vec::new();
        let mut reach = |object: NonNull<Header>, outside: &mut [u32], waiting: &mut Vec<NonNull<Header>>| {
            let place = &mut outside[heap.place(view(object))];
            if *place != REACHED {
                *place = REACHED;
                reached_count += 1;
                waiting.push(object);
            }
        };
        roots.into_iter().for_each(|root| reach(root, &mut outside, &mut waiting));
        let mut next = 0;
        while let Some(place) = next_noted(&outside, next) {
            next = place + 1;
            if outside[place] > INSIDE && outside[place] != REACHED {
                reach(heap.object_at(place), &mut outside, &mut waiting);
            }
            while let Some(object) = waiting.pop() {
                let object = view(object);
                visit(heap, object, |child| {
                    if let Some(child) = container(heap, child) {
                        reach(child, &mut outside, &mut waiting);
                    }
                });
                if let Some(class) = heap.shape(object.shape()).class.get() {
                    reach(class, &mut outside, &mut waiting);
                }
            }
        }
        let mut objects = Vec::new();
        if reached_count < container_count {
            let dead = (0..outside.len()).filter(|&place| outside[place] == INSIDE);
            objects.extend(dead.map(|place| heap.object_at(place)));
        }
        Dead { heap, objects, outside }
    }
}

/// The first place from `start` on where a container stands: most stand close together, with long stretches of text between
/// them.
#[inline]
fn next_noted(outside: &[u32], start: usize) -> Option<usize> {
    const STRETCH: usize = 32;
    let mut from = start;
    while let Some(stretch) = outside.get(from..from + STRETCH) {
        if stretch.iter().fold(NOTHING, |all, &place| all | place) != NOTHING {
            break;
        }
        from += STRETCH;
    }
    outside.get(from..)?.iter().position(|&place| place != NOTHING).map(|distance| from + distance)
}

/// The object behind a value, if it is a container. The value stands in a living object.
#[inline]
fn container(heap: &Heap, value: Value) -> Option<NonNull<Header>> {
    let pointer = value.as_pointer()?;
    if is_container(heap.shape(view(pointer).shape()).kind()) { Some(pointer) } else { None }
}

#[inline]
fn subtract(heap: &Heap, outside: &mut [u32], child: Value) {
    if let Some(child) = container(heap, child) {
        let place = &mut outside[heap.place(view(child))];
        *place = place.wrapping_sub(1);
    }
}

/// Objects that cannot be reached from outside of the heap.
pub(super) struct Dead<'h> {
    heap: &'h Heap,
    objects: Vec<NonNull<Header>>,
    outside: Vec<u32>,
}

impl Dead<'_> {
    /// In the order in which they lie in the heap.
    pub(super) fn objects(&self) -> &[NonNull<Header>] {
        &self.objects
    }

    /// Whether a container is among them.
    pub(super) fn contains(&self, object: NonNull<Header>) -> bool {
        self.outside[self.heap.place(view(object))] == INSIDE
    }
}

/// An object that the walk or an intact object led to; nothing dies while a census lives.
#[inline]
fn view<'a>(object: NonNull<Header>) -> Ref<'a> {
    // SAFETY: see above.
    unsafe { Ref::from_value(Value::pointer(object)) }
}
