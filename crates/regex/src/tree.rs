//! The tree of a pattern, and how much text it can match.

use crate::category::Category;
use crate::flags::Flags;

/// The number that stands for no limit of repetitions; a pattern may not name a greater one.
pub(crate) const UNLIMITED: u32 = u32::MAX;

/// No text is as long as this.
pub(crate) const MAXIMUM_WIDTH: u64 = u64::MAX;

/// One behind the other.
pub(crate) type Sequence = Vec<Node>;

/// A piece of a pattern.
#[derive(Debug, PartialEq)]
pub(crate) enum Node {
    Literal(u32),
    NotLiteral(u32),
    /// `.`
    Any,
    Set {
        items: Vec<Item>,
        is_negated: bool,
    },
    At(At),
    Branch(Vec<Sequence>),
    /// Its number if it captures, and the flags that it turns on and off.
    Group {
        number: Option<usize>,
        on: Flags,
        off: Flags,
        body: Sequence,
    },
    Atomic(Sequence),
    Repeat {
        least: u32,
        most: u32,
        manner: Manner,
        body: Sequence,
    },
    /// The text of a group again.
    Reference(usize),
    /// `(?(group)yes|no)`
    Conditional {
        group: usize,
        yes: Sequence,
        no: Option<Sequence>,
    },
    Look {
        is_behind: bool,
        is_negated: bool,
        body: Sequence,
    },
    /// Matches nothing at all.
    Failure,
}

/// A member of a set.
#[derive(Debug, PartialEq, Clone, Copy)]
pub(crate) enum Item {
    Literal(u32),
    Range(u32, u32),
    Category { category: Category, is_negated: bool },
}

/// A condition on a place.
#[derive(Debug, PartialEq, Clone, Copy)]
pub(crate) enum At {
    /// `^`
    Beginning,
    /// `\A`
    TextBeginning,
    /// `$`
    End,
    /// `\Z`
    TextEnd,
    /// `\b`
    Boundary,
    /// `\B`
    NoBoundary,
}

/// How a repetition goes about it.
#[derive(Debug, PartialEq, Clone, Copy)]
pub(crate) enum Manner {
    Greedy,
    Lazy,
    Possessive,
}

/// The least and the most that a sequence can match; `groups` knows that of each closed group.
pub(crate) fn width(sequence: &[Node], groups: &[Option<(u64, u64)>]) -> (u64, u64) {
    let mut sum = (0u64, 0u64);
    for node in sequence {
        let (least, most) = node_width(node, groups);
        sum = (sum.0.saturating_add(least), sum.1.saturating_add(most));
    }
    sum
}

fn node_width(node: &Node, groups: &[Option<(u64, u64)>]) -> (u64, u64) {
    match node {
        Node::Literal(_) | Node::NotLiteral(_) | Node::Any | Node::Set { .. } => (1, 1),
        Node::At(_) | Node::Look { .. } | Node::Failure => (0, 0),
        Node::Branch(branches) => branches
            .iter()
            .map(|branch| width(branch, groups))
            .fold((MAXIMUM_WIDTH, 0), |(least, most), (low, high)| (least.min(low), most.max(high))),
        Node::Group { body, .. } | Node::Atomic(body) => width(body, groups),
        Node::Repeat { least, most, body, .. } => {
            let (low, high) = width(body, groups);
            let low = low.saturating_mul(u64::from(*least));
            let is_endless = *most == UNLIMITED && high > 0;
            (low, if is_endless { MAXIMUM_WIDTH } else { high.saturating_mul(u64::from(*most)) })
        }
        Node::Reference(group) => groups.get(*group).copied().flatten().unwrap_or((0, MAXIMUM_WIDTH)),
        Node::Conditional { yes, no, .. } => {
            let (least, most) = width(yes, groups);
            let (low, high) = no.as_ref().map_or((0, 0), |no| width(no, groups));
            (least.min(low), most.max(high))
        }
    }
}
