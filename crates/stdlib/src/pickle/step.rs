//! What is left to do in a walk over a value: a stack of steps instead of recursion.

use std::vec::IntoIter;

use toy_object::Owned;
use toy_process::wire::Event;

/// A step. Steps that go through a container stay on the stack below those for its items, so the stack is also the way to the value
/// that is being written (see `path`).
pub(super) enum Step {
    /// A value.
    Value(Owned),
    /// The rest of a list.
    List {
        list: Owned,
        /// The index of the next item.
        next: usize,
        /// How many items are written and not yet appended.
        pending: u64,
    },
    /// The rest of a dict.
    Dict {
        dict: Owned,
        /// Where the next entry is looked for.
        position: usize,
        /// How many entries there must be, or somebody changes it.
        length: usize,
        pending: u64,
        /// The last key.
        key: Owned,
    },
    /// The rest of the attributes of an instance.
    Attributes { rest: IntoIter<(Owned, Owned)>, count: u64, name: Owned },
    /// The rest of the items that an iterator gives to an object which is filled like a list.
    ListItems { iterator: Owned, given: usize, pending: u64 },
    /// The rest of the items that an iterator gives to an object which is filled like a dict.
    DictItems { iterator: Owned, pending: u64, key: Owned },
    /// The rest of a tuple.
    Tuple { tuple: Owned, next: usize },
    /// The rest of a set, whose items were taken at once.
    Set { rest: IntoIter<Owned>, taken: usize, pending: u64 },
    /// The rest of a frozenset, whose items were taken at once.
    FrozenSet { set: Owned, rest: IntoIter<Owned>, length: usize, taken: usize },
    /// The rest of the arguments of a call.
    Arguments { tuple: Owned, next: usize, first: usize },
    /// An operation whose operands stand on the stack by then.
    Emit(Event<'static>),
    /// The object has been made: it is remembered.
    Made(Owned),
    /// An object is complete whose state or items its class has told.
    Complete,
    /// The object gets its state.
    State { object: Owned, state: Owned, setter: Owned },
}
