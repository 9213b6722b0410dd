//! What files in memory have in common: a place, and whether they are open.

use std::cell::Cell;

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, NativeFn, NativeRow, Outcome, Vm, row_of};

use crate::argument::{integer, present, shown_type, type_error, value_error};
use crate::module::{call_method, find};

/// Where a file stands, and whether it is open.
#[derive(Default)]
pub(super) struct Memory {
    place: Cell<usize>,
    state: Cell<State>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// `__init__` has not run.
    #[default]
    Unborn,
    Open,
    Closed,
}

impl Memory {
    #[inline]
    pub(super) fn place(&self) -> usize {
        self.place.get()
    }

    #[inline]
    pub(super) fn move_to(&self, place: usize) {
        self.place.set(place);
    }

    /// Goes on to a place, if the file does not stand behind it.
    #[inline]
    pub(super) fn advance(&self, place: usize) {
        self.place.set(self.place.get().max(place));
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.get() == State::Closed
    }

    /// Begins at the start.
    pub(super) fn open(&self) {
        self.place.set(0);
        self.state.set(State::Open);
    }

    pub(super) fn close(&self) {
        self.state.set(State::Closed);
    }

    #[inline]
    pub(super) fn check_open(&self, vm: &mut Vm) -> Outcome<()> {
        if self.state.get() == State::Open { Ok(()) } else { self.complain(vm, "I/O operation on closed file") }
    }

    #[cold]
    pub(super) fn complain(&self, vm: &mut Vm, closed: &str) -> Outcome<()> {
        match self.state.get() {
            State::Open => Ok(()),
            State::Unborn => Err(value_error(vm, "I/O operation on uninitialized object")),
            State::Closed => Err(value_error(vm, closed)),
        }
    }
}

/// How much is to be read; `None`: everything.
#[inline]
pub(super) fn size(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<Option<usize>> {
    Ok(length(vm, argument)?.and_then(|size| usize::try_from(size).ok()))
}

/// An optional number, as CPython's files read it.
#[inline]
pub(super) fn length(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<Option<i64>> {
    match present(argument) {
        None => Ok(None),
        Some(length) if !vm.is_index(length) => {
            let got = vm.type_name(length);
            Err(type_error(vm, format!("argument should be integer or None, not '{got}'")))
        }
        Some(length) => integer(vm, length).map(Some),
    }
}

/// Where reading ends that begins at a place.
#[inline]
pub(super) fn end_of(start: usize, size: Option<usize>, length: usize) -> usize {
    size.map_or(length, |size| start.saturating_add(size).min(length))
}

/// The arguments of `seek`.
pub(super) fn target(vm: &mut Vm, args: Args<'_>) -> Outcome<(i64, i64)> {
    let pos = integer(vm, args.at(1))?;
    let whence = args.get(2).map_or(Ok(0), |whence| crate::argument::int32(vm, whence))?;
    Ok((pos, whence.into()))
}

/// Whether the lines of a file are those that its native class reads: its own class has no `readline` besides that of these rows.
pub(super) fn reads_lines_itself(vm: &Vm, file: Ref<'_>, rows: &'static [NativeRow]) -> bool {
    let heap = vm.heap();
    let class = vm.class_of(file).as_class(heap);
    let method = class.and_then(|class| class.lookup(heap, heap.name(Name::Readline)));
    let row = method.and_then(|method| row_of(method.get()));
    row.is_some_and(|row| rows.iter().any(|own| std::ptr::eq(own, row)))
}

/// Closes a file that nobody has any more: by the method of these rows, unless a script says what closing it means. What goes
/// wrong then, nobody hears of.
pub(super) fn end(vm: &mut Vm, args: Args<'_>, rows: &'static [NativeRow], close: NativeFn) -> Outcome {
    let file = args.at(0);
    let heap = vm.heap();
    let is_own = |method: Option<Owned>| {
        let row = method.and_then(|method| row_of(method.get()));
        row.is_some_and(|row| rows.iter().any(|own| std::ptr::eq(own, row)))
    };
    let class = vm.class_of(file).as_class(heap);
    if class.is_some_and(|class| is_own(class.lookup(heap, heap.name(Name::Close)))) {
        return close(vm, args);
    }
    let result = close_unless_closed(vm, file);
    if result.is_err() && vm.raised_is(ClassName::Exception) {
        drop(vm.take_raised());
        return Ok(Owned::none());
    }
    result
}

fn close_unless_closed(vm: &mut Vm, file: Ref<'_>) -> Outcome {
    let closed = vm.intern("closed")?;
    let is_closed = vm.get_attribute(file, closed.get())?;
    if vm.truth(is_closed.get())? { Ok(Owned::none()) } else { call_method(vm, file, "close", &[]) }
}

/// A copy of the attributes that a script gave a file, or None.
pub(super) fn attributes(vm: &mut Vm, file: Ref<'_>) -> Outcome {
    match find(vm, file, "__dict__")? {
        Some(dict) if dict.get().as_dict().is_some_and(|dict| !dict.is_empty()) => {
            call_method(vm, dict.get(), "copy", &[])
        }
        _ => Ok(Owned::none()),
    }
}

/// Gives a file the attributes that a state says.
pub(super) fn set_attributes(vm: &mut Vm, file: Ref<'_>, attributes: Option<Ref<'_>>, ordinal: &str) -> Outcome<()> {
    let Some(attributes) = present(attributes) else { return Ok(()) };
    if attributes.as_dict().is_none() {
        let got = shown_type(vm, attributes);
        return Err(type_error(vm, format!("{ordinal} item of state should be a dict, got a {got}")));
    }
    match find(vm, file, "__dict__")? {
        Some(dict) => call_method(vm, dict.get(), "update", &[attributes]).map(drop),
        None => Ok(()),
    }
}

/// The place that a state says.
pub(super) fn place_of_state(vm: &mut Vm, place: Option<Ref<'_>>, ordinal: &str) -> Outcome<usize> {
    let number = place.filter(|place| place.as_int().is_some());
    let Some(number) = number else {
        let got = place.map_or_else(String::new, |place| shown_type(vm, place));
        return Err(type_error(vm, format!("{ordinal} item of state must be an integer, got {got}")));
    };
    let number = integer(vm, number)?;
    usize::try_from(number).map_err(|_| value_error(vm, "position value cannot be negative"))
}
