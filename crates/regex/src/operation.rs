//! The operations of a program.

use crate::fold::Folding;
use crate::set::Set;

/// A place in a program.
pub(crate) type Address = usize;

/// What one character must be.
#[derive(Debug)]
pub(crate) enum One {
    Literal(u32),
    NotLiteral(u32),
    /// Any at all.
    Any,
    Set(Box<Set>),
}

impl One {
    /// Whether a character is so.
    #[inline]
    pub(crate) fn accepts(&self, code: u32) -> bool {
        match self {
            Self::Literal(literal) => code == *literal,
            Self::NotLiteral(literal) => code != *literal,
            Self::Any => true,
            Self::Set(set) => set.contains(code),
        }
    }
}

/// A condition on a place, under the flags that hold there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition {
    TextBeginning,
    LineBeginning,
    TextEnd,
    LineEnd,
    /// At the end, or before the line break that is the last character.
    LastEnd,
    /// Between a character of a word and another one, or nowhere so; words are Unicode's or ASCII's.
    Boundary {
        is_negated: bool,
        is_unicode: bool,
    },
}

/// A loop over something longer than one character.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loop {
    /// Where its two slots begin: how often it has gone round, and where it last began to.
    pub(crate) slot: usize,
    pub(crate) least: u32,
    pub(crate) most: u32,
    pub(crate) body: Address,
}

/// An operation. What it does not decide goes on behind it.
#[derive(Debug)]
pub(crate) enum Operation {
    /// One character.
    One(One),
    /// As many as possible, and fewer if what follows fails.
    Greedy { one: One, least: u32, most: u32 },
    /// As few as possible, and more if what follows fails.
    Lazy { one: One, least: u32, most: u32 },
    /// As many as possible.
    Possessive { one: One, least: u32, most: u32 },
    /// A condition on the place.
    At(Condition),
    /// Goes on elsewhere.
    Jump(Address),
    /// Goes on, and elsewhere if that fails.
    Fork(Address),
    /// Goes on elsewhere, and behind it if that fails.
    LazyFork(Address),
    /// Notes the place as the beginning (even number) or the end (odd number) of a group.
    Mark(usize),
    /// The text of a group again.
    Reference { group: usize, folding: Option<Folding> },
    /// Goes on if the group has matched, elsewhere otherwise.
    IfGroup { group: usize, otherwise: Address },
    /// Prepares the slots of a loop, whose decision is elsewhere.
    BeginLoop { slot: usize, decision: Address },
    /// Decides whether to go round again, which is preferred.
    GreedyLoop(Loop),
    /// Decides whether to go round again, which is not preferred.
    LazyLoop(Loop),
    /// Begins what, once matched, is not tried in another way; the slot keeps how many choices there were.
    BeginAtomic { slot: usize },
    /// Ends it.
    EndAtomic { slot: usize },
    /// Begins a look ahead, or at what ends here and is so long; the slots keep the number of choices and the place.
    BeginLook { slot: usize, behind: usize },
    /// Ends it: goes on from the place where it began.
    EndLook { slot: usize },
    /// Begins a look at what must not be there; it goes on elsewhere if there is no such thing.
    BeginNot { slot: usize, behind: usize, otherwise: Address },
    /// It is there: fails.
    EndNot { slot: usize },
    /// Fails.
    Fail,
    /// The whole has matched.
    Success,
}
