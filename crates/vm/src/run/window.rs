//! Windows: consecutive registers that hold a callee, the arguments by position, and the values of keyword arguments. A call
//! consumes its window: afterwards its counts are the frame's, or gone.

use toy_object::{Heap, Owned, Ref, Value};

use super::registers::{Registers, release, settle};
use crate::frame::{self, taken};

/// A window of registers that a call consumes.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(in crate::run) first: *mut Value,
    /// Number of arguments, keyword values included.
    pub(super) count: usize,
}

impl Window {
    /// The registers from `first` on: the callee and `count` arguments.
    pub(crate) fn new(first: *mut Value, count: usize) -> Self {
        Self { first, count }
    }

    pub(super) fn registers(self) -> Registers {
        Registers(self.first)
    }

    /// The register of argument `index` (from 0) as register 0: there may be more arguments than numbers of registers.
    pub(super) fn argument(self, index: usize) -> Registers {
        Registers(self.first.wrapping_add(index + 1))
    }

    pub(super) fn callee<'a>(self) -> Ref<'a> {
        frame::borrowed(self.registers().get(0))
    }

    /// Takes argument `index` (from 0) out.
    pub(super) fn take(self, index: usize) -> Value {
        self.argument(index).take(0)
    }

    pub(super) fn get(self, index: usize) -> Value {
        self.argument(index).get(0)
    }

    pub(in crate::run) fn set(self, index: usize, value: Value) {
        self.argument(index).set(0, value);
    }

    /// Puts a callee and arguments into the window.
    pub(super) fn fill(self, callee: Owned, values: impl Iterator<Item = Owned>) {
        self.registers().set(0, callee.into_value());
        for (index, value) in values.enumerate() {
            self.set(index, value.into_value());
        }
    }

    /// Drops everything in the window.
    pub(super) fn clear(self) {
        for index in 0..=self.count {
            drop(taken(Registers(self.first.wrapping_add(index)).take(0)));
        }
    }

    /// [`clear`](Self::clear), where the heap is at hand.
    #[inline(always)]
    pub(super) fn clear_in(self, heap: &Heap) {
        let (mut register, end) = (self.first, self.first.wrapping_add(self.count + 1));
        while register < end {
            if let Some(object) = release(Registers(register).take(0)) {
                settle(heap, object);
            }
            register = register.wrapping_add(1);
        }
    }

    /// Makes room for one more argument in front; the callee is replaced.
    pub(super) fn insert(self, callee: Owned, first: Owned) -> Window {
        for index in (0..self.count).rev() {
            let value = self.take(index);
            self.set(index + 1, value);
        }
        let old = self.registers().replace(0, callee.into_value());
        self.set(0, first.into_value());
        drop(taken(old));
        Window { count: self.count + 1, ..self }
    }
}

/// The arguments of a window by position and by name, each counted; they stay in the window, too.
pub(super) fn split(window: Window, names: Option<&Owned>) -> (Vec<Owned>, Vec<(Owned, Owned)>) {
    let names: Vec<Owned> = names
        .and_then(|names| names.get().as_tuple().map(|names| names.iter().map(Ref::to_owned).collect()))
        .unwrap_or_default();
    let by_position = window.count - names.len();
    let arguments = (0..by_position).map(|index| frame::owned(window.get(index))).collect();
    let keywords = names.into_iter().enumerate();
    let keywords = keywords.map(|(index, name)| (name, frame::owned(window.get(by_position + index)))).collect();
    (arguments, keywords)
}
