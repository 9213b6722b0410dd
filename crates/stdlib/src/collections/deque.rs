//! `deque`: a list that grows and shrinks at both ends.

use std::cell::Cell;

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, CompareOp, Outcome, Vm, natives};

use super::deque_iterator;
use super::ring::Ring;
use crate::argument::{index_error, integer, integer_or, new_text, present, runtime_error, type_error, value_error};
use crate::class;
use crate::held::holds;

pub(super) const DEQUE: &str = "collections.deque";

/// A deque.
pub(crate) struct Deque {
    ring: Ring,
    /// Most items it may hold.
    limit: Cell<Option<usize>>,
    /// Counts changes of the order: iterators notice.
    changes: Cell<u64>,
}

impl Payload for Deque {
    holds!(ring);
}

pub(super) fn define(vm: &mut Vm) -> Outcome {
    let deque = class::define(vm, DEQUE, METHODS)?;
    class::set(vm, deque.get(), "__hash__", Owned::none())?;
    let view = deque.get().as_class(vm.heap()).expect("just defined");
    view.set_flags(vm.heap(), toy_object::ClassFlags { is_sequence: true, ..view.flags() });
    Ok(deque)
}

natives! {
    /// The methods of `deque`.
    METHODS:
    static "__new__" ("*args, **kwargs") "A new deque." => |vm, args| {
        let deque = Deque { ring: Ring::new(), limit: Cell::new(None), changes: Cell::new(0) };
        class::construct(vm, DEQUE, args.at(0), deque)
    };
    method "__init__" ("iterable=(), maxlen=None") "Fill the deque with the items of an iterable." => init;
    method "append" ("x, /") "Add an item at the right end." => |vm, args| push(vm, args, End::Right);
    method "appendleft" ("x, /") "Add an item at the left end." => |vm, args| push(vm, args, End::Left);
    method "pop" ("") "Remove the rightmost item and return it." => |vm, args| pop(vm, args, End::Right);
    method "popleft" ("") "Remove the leftmost item and return it." => |vm, args| pop(vm, args, End::Left);
    method "extend" ("iterable, /") "Add the items of an iterable at the right end." => |vm, args| extend(vm, args, End::Right);
    method "extendleft" ("iterable, /") "Add the items of an iterable at the left end, one after the other." =>
        |vm, args| extend(vm, args, End::Left);
    method "rotate" ("n=1, /") "Move n items from the right end to the left end; negative: the other way." => rotate;
    method "clear" ("") "Remove all items." => clear;
    method "copy" ("") "A shallow copy." => copy;
    method "__copy__" ("") "A shallow copy." => copy;
    method "count" ("value, /") "How often a value occurs." => count;
    method "index" ("value, start=0, stop=None, /") "The first place of a value; ValueError if there is none." => index_of;
    method "insert" ("index, value, /") "Put a value before an index." => insert;
    method "remove" ("value, /") "Remove the first item of this value; ValueError if there is none." => remove;
    method "reverse" ("") "Turn the order round." => reverse;
    getter "maxlen" ("") "Most items it may hold, or None." => maxlen;
    method "__len__" ("") "How many items there are." => len;
    method "__getitem__" ("index, /") "Return self[index]." => get_item;
    method "__setitem__" ("index, value, /") "Set self[index] to value." => set_item;
    method "__delitem__" ("index, /") "Delete self[index]." => delete_item;
    method "__contains__" ("value, /") "Return bool(value in self)." => contains;
    method "__iter__" ("") "A fresh iterator; of an iterator, itself." => |vm, args| deque_iterator::iterate(vm, args, false);
    method "__reversed__" ("") "Return a reverse iterator over the deque." => |vm, args| deque_iterator::iterate(vm, args, true);
    method "__repr__" ("") "The text that repr shows." => repr;
    method "__eq__" ("value, /") "Whether both are equal." => |vm, args| compare(vm, args, CompareOp::Equal);
    method "__ne__" ("value, /") "Whether they differ." => |vm, args| compare(vm, args, CompareOp::NotEqual);
    method "__lt__" ("value, /") "Whether self comes before value." => |vm, args| compare(vm, args, CompareOp::Less);
    method "__le__" ("value, /") "Whether self comes before value or is equal." => |vm, args| compare(vm, args, CompareOp::LessEqual);
    method "__gt__" ("value, /") "Whether self comes behind value." => |vm, args| compare(vm, args, CompareOp::Greater);
    method "__ge__" ("value, /") "Whether self comes behind value or is equal." => |vm, args| compare(vm, args, CompareOp::GreaterEqual);
    method "__add__" ("value, /") "self + value" => add;
    method "__iadd__" ("value, /") "self += value" => |vm, args| {
        extend(vm, args, End::Right)?;
        Ok(args.at(0).to_owned())
    };
    method "__mul__" ("value, /") "self * value" => multiply;
    method "__rmul__" ("value, /") "value * self" => multiply;
    method "__imul__" ("value, /") "self *= value" => |vm, args| {
        let times = integer(vm, args.at(1))?;
        let deque = this(vm, args)?;
        repeat(vm, deque, times)?;
        Ok(args.at(0).to_owned())
    };
    method "__reduce__" ("") "What copy and pickle make a new one of." => reduce;
    class "__class_getitem__" ("item, /") "Generic alias." => |vm, args| vm.generic_alias(args.at(0), args.at(1));
}

/// An end of a deque.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Left,
    Right,
}

pub(super) fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Deque> {
    class::this(vm, args.at(0), DEQUE)
}

impl Deque {
    pub(super) fn len(&self) -> usize {
        self.ring.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<Owned> {
        self.ring.get(place)
    }

    /// Counts changes of the order: iterators notice.
    pub(super) fn changes(&self) -> u64 {
        self.changes.get()
    }

    pub(super) fn items(&self) -> Vec<Owned> {
        self.ring.items()
    }

    fn changed(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
    }

    /// Adds an item; the item that falls out at the other end is given back to be dropped.
    fn push(&self, vm: &Vm, item: Owned, end: End) -> Outcome<Option<Owned>> {
        self.changed();
        match end {
            End::Right => self.ring.push_back(vm, item)?,
            End::Left => self.ring.push_front(vm, item)?,
        }
        let is_too_long = self.limit.get().is_some_and(|limit| self.ring.len() > limit);
        Ok(if is_too_long { self.pop(if end == End::Right { End::Left } else { End::Right }) } else { None })
    }

    fn pop(&self, end: End) -> Option<Owned> {
        self.changed();
        match end {
            End::Right => self.ring.pop_back(),
            End::Left => self.ring.pop_front(),
        }
    }
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let limit = match present(args.get(2)) {
        None => None,
        Some(limit) => {
            if !vm.is_index(limit) {
                return Err(type_error(vm, "an integer is required"));
            }
            let limit = integer(vm, limit)?;
            Some(usize::try_from(limit).map_err(|_| value_error(vm, "maxlen must be non-negative"))?)
        }
    };
    deque.limit.set(limit);
    deque.changed();
    drop(deque.ring.take_all());
    if let Some(iterable) = args.get(1) {
        extend_with(vm, deque, iterable, End::Right)?;
    }
    Ok(Owned::none())
}

fn push(vm: &mut Vm, args: Args<'_>, end: End) -> Outcome {
    let deque = this(vm, args)?;
    drop(deque.push(vm, args.at(1).to_owned(), end)?);
    Ok(Owned::none())
}

fn pop(vm: &mut Vm, args: Args<'_>, end: End) -> Outcome {
    let deque = this(vm, args)?;
    deque.pop(end).ok_or_else(|| index_error(vm, "pop from an empty deque"))
}

fn extend(vm: &mut Vm, args: Args<'_>, end: End) -> Outcome {
    let deque = this(vm, args)?;
    extend_with(vm, deque, args.at(1), end)?;
    Ok(Owned::none())
}

fn extend_with(vm: &mut Vm, deque: &Deque, iterable: Ref<'_>, end: End) -> Outcome<()> {
    if iterable.payload::<Deque>(vm.heap()).is_some_and(|other| std::ptr::eq(other, deque)) {
        for item in deque.ring.items() {
            drop(deque.push(vm, item, end)?);
        }
        return Ok(());
    }
    vm.for_each(iterable, |vm, item| {
        drop(deque.push(vm, item, end)?);
        Ok(std::ops::ControlFlow::Continue(()))
    })
}

fn rotate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let times = integer_or(vm, args.get(1), 1)?;
    deque.changed();
    deque.ring.rotate(times);
    Ok(Owned::none())
}

fn clear(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    deque.changed();
    drop(deque.ring.take_all());
    Ok(Owned::none())
}

fn limit_object(vm: &mut Vm, deque: &Deque) -> Outcome {
    match deque.limit.get() {
        None => Ok(Owned::none()),
        Some(limit) => Ok(vm.new_int_from_usize(limit)?),
    }
}

fn maxlen(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    limit_object(vm, deque)
}

fn copy(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let class = vm.class_of(args.at(0)).to_owned();
    match deque.limit.get() {
        None => vm.call(class.get(), &[args.at(0)]),
        Some(_) => {
            let limit = limit_object(vm, deque)?;
            vm.call(class.get(), &[args.at(0), limit.get()])
        }
    }
}

fn reduce(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let class = vm.class_of(args.at(0)).to_owned();
    let limit = limit_object(vm, deque)?;
    let nothing = vm.new_tuple(Vec::<Owned>::new())?;
    let arguments = if limit.get().is_none() { nothing } else { vm.new_tuple([nothing, limit])? };
    let get_state = vm.intern("__getstate__")?;
    let state = vm.call_method(args.at(0), get_state.get(), &[])?;
    let items = vm.get_iterator(args.at(0))?;
    Ok(vm.new_tuple([class, arguments, state, items])?)
}

/// Calls `found` with the index of each item that equals `value`, until it says stop.
fn search(
    vm: &mut Vm,
    deque: &Deque,
    value: Ref<'_>,
    range: std::ops::Range<usize>,
    mut found: impl FnMut(usize) -> bool,
) -> Outcome<()> {
    let changes = deque.changes.get();
    for index in range {
        let Some(item) = deque.ring.get(index) else { break };
        let is_equal = vm.equal(item.get(), value)?;
        if deque.changes.get() != changes {
            return Err(runtime_error(vm, "deque mutated during iteration"));
        }
        if is_equal && found(index) {
            break;
        }
    }
    Ok(())
}

fn count(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let mut count = 0;
    search(vm, deque, args.at(1), 0..deque.ring.len(), |_| {
        count += 1;
        false
    })?;
    Ok(vm.new_int(count)?)
}

fn first_place(vm: &mut Vm, deque: &Deque, value: Ref<'_>, range: std::ops::Range<usize>) -> Outcome<Option<usize>> {
    let mut place = None;
    search(vm, deque, value, range, |index| {
        place = Some(index);
        true
    })?;
    Ok(place)
}

fn contains(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let place = first_place(vm, deque, args.at(1), 0..deque.ring.len())?;
    Ok(Owned::bool(place.is_some()))
}

fn bound(vm: &mut Vm, bound: Option<Ref<'_>>, default: usize, len: usize) -> Outcome<usize> {
    let Some(bound) = bound else { return Ok(default) };
    if !vm.is_index(bound) {
        return Err(type_error(vm, "slice indices must be integers or have an __index__ method"));
    }
    let bound = vm.index_clamped(bound)?;
    let bound = if bound < 0 { bound.saturating_add(len as i64).max(0) } else { bound };
    Ok((bound as usize).min(len))
}

fn index_of(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let len = deque.ring.len();
    let start = bound(vm, args.get(2), 0, len)?;
    let stop = bound(vm, args.get(3), len, len)?;
    match first_place(vm, deque, args.at(1), start..stop)? {
        Some(place) => Ok(vm.new_int_from_usize(place)?),
        None => {
            let shown = vm.repr_text(args.at(1))?;
            Err(value_error(vm, format!("{shown} is not in deque")))
        }
    }
}

fn remove(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let changes = deque.changes.get();
    let place = match first_place(vm, deque, args.at(1), 0..deque.ring.len()) {
        Ok(place) => place,
        Err(_) if deque.changes.get() != changes && vm.raised_is(toy_vm::ClassName::RuntimeError) => {
            drop(vm.take_raised());
            return Err(index_error(vm, "deque mutated during iteration"));
        }
        Err(raised) => return Err(raised),
    };
    match place {
        Some(place) => {
            deque.changed();
            drop(deque.ring.remove(place));
            Ok(Owned::none())
        }
        None => {
            let shown = vm.repr_text(args.at(1))?;
            Err(value_error(vm, format!("{shown} is not in deque")))
        }
    }
}

fn insert(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    if deque.limit.get() == Some(deque.ring.len()) {
        return Err(index_error(vm, "deque already at its maximum size"));
    }
    let index = vm.index_clamped(args.at(1))?;
    let len = deque.ring.len() as i64;
    let place = if index < 0 { (index + len).max(0) } else { index.min(len) };
    deque.changed();
    deque.ring.insert(vm, place as usize, args.at(2).to_owned())?;
    Ok(Owned::none())
}

/// Iterators do not mind.
fn reverse(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let len = deque.ring.len();
    for index in 0..len / 2 {
        let other = len - 1 - index;
        let (Some(left), Some(right)) = (deque.ring.get(index), deque.ring.get(other)) else { break };
        drop((deque.ring.set(index, right), deque.ring.set(other, left)));
    }
    Ok(Owned::none())
}

fn len(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let len = this(vm, args)?.ring.len();
    Ok(vm.new_int_from_usize(len)?)
}

fn place(vm: &mut Vm, deque: &Deque, index: Ref<'_>) -> Outcome<usize> {
    if !vm.is_index(index) {
        let got = vm.type_name(index);
        return Err(type_error(vm, format!("sequence index must be integer, not '{got}'")));
    }
    let index = integer(vm, index)?;
    let len = deque.ring.len();
    let place = if index < 0 { index + len as i64 } else { index };
    match usize::try_from(place).ok().filter(|&place| place < len) {
        Some(place) => Ok(place),
        None => Err(index_error(vm, "deque index out of range")),
    }
}

fn get_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let place = place(vm, deque, args.at(1))?;
    Ok(deque.ring.get(place).unwrap_or_else(Owned::none))
}

fn set_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let place = place(vm, deque, args.at(1))?;
    drop(deque.ring.set(place, args.at(2).to_owned()));
    Ok(Owned::none())
}

fn delete_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    let place = place(vm, deque, args.at(1))?;
    deque.changed();
    drop(deque.ring.remove(place));
    Ok(Owned::none())
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let deque = this(vm, args)?;
    if !vm.enter_repr(args.at(0)) {
        return new_text(vm, "[...]");
    }
    let shown = vm.new_list(deque.ring.items()).map_err(Into::into).and_then(|list| vm.repr_text(list.get()));
    vm.leave_repr(args.at(0));
    let (shown, class) = (shown?, vm.class_name_of(args.at(0)));
    let text = match deque.limit.get() {
        None => format!("{class}({shown})"),
        Some(limit) => format!("{class}({shown}, maxlen={limit})"),
    };
    new_text(vm, text)
}

fn compare(vm: &mut Vm, args: Args<'_>, op: CompareOp) -> Outcome {
    let deque = this(vm, args)?;
    let Some(other) = args.at(1).payload::<Deque>(vm.heap()) else { return Ok(Owned::not_implemented()) };
    // Compared as lists are.
    let (left, right) = (vm.new_list(deque.ring.items())?, vm.new_list(other.ring.items())?);
    vm.compare(op, left.get(), right.get())
}

/// A copy of the same class and limit.
fn copied<'a>(vm: &mut Vm, args: Args<'_>, result: &'a mut Owned) -> Outcome<&'a Deque> {
    *result = copy(vm, args)?;
    class::this(vm, result.get(), DEQUE)
}

fn add(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if args.at(1).payload::<Deque>(vm.heap()).is_none() {
        let got = vm.type_name(args.at(1));
        return Err(type_error(vm, format!("can only concatenate deque (not \"{got}\") to deque")));
    }
    let mut result = Owned::none();
    let deque = copied(vm, args, &mut result)?;
    extend_with(vm, deque, args.at(1), End::Right)?;
    Ok(result)
}

fn multiply(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if !vm.is_index(args.at(1)) {
        return Ok(Owned::not_implemented());
    }
    let times = integer(vm, args.at(1))?;
    let mut result = Owned::none();
    let deque = copied(vm, args, &mut result)?;
    repeat(vm, deque, times)?;
    Ok(result)
}

fn repeat(vm: &mut Vm, deque: &Deque, times: i64) -> Outcome<()> {
    deque.changed();
    if times <= 0 {
        drop(deque.ring.take_all());
        return Ok(());
    }
    let items = deque.ring.items();
    let total = items.len().saturating_mul(times as usize);
    if deque.limit.get().is_none() && !vm.has_room_for(total.saturating_mul(8)) {
        return Err(toy_object::OutOfMemory.into());
    }
    let mut fresh = match deque.limit.get() {
        // Only the last ones stay.
        Some(limit) if total > limit + items.len() && !items.is_empty() => limit / items.len() + 1,
        _ => times as usize - 1,
    };
    while fresh > 0 && !items.is_empty() {
        for item in &items {
            drop(deque.push(vm, item.clone(), End::Right)?);
        }
        fresh -= 1;
    }
    Ok(())
}
