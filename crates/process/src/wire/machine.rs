//! The stack machine that a sequence of operations drives: of each value it knows only of what kind it is.
//!
//! Invariant: whoever follows accepted operations never finds too few values on the stack, nor fills what cannot be filled, nor
//! recalls what was not remembered. It may still find that a class does not exist or that a key has no hash.
//! Invariant: every value on the stack or in memory was made by an operation of its own, so both are at most as long as the bytes.

use super::error::Fault;
use super::op::{Event, OpInfo};

/// Of what kind a value is, as far as operations care.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A value that is only passed on.
    Plain,
    /// A tuple.
    Tuple,
    /// A list.
    List,
    /// A dict.
    Dict,
    /// A set.
    Set,
    /// What a call gave: it may get a state, and may be filled as lists and dicts are.
    Object,
}

impl Kind {
    /// As messages and listings call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "value",
            Self::Tuple => "tuple",
            Self::List => "list",
            Self::Dict => "dict",
            Self::Set => "set",
            Self::Object => "object",
        }
    }
}

/// What an operation must find in a place of the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// Anything.
    Any,
    /// A tuple.
    Tuple,
    /// A dict.
    Dict,
    /// A set.
    Set,
    /// A list, or an object that may turn out to be one.
    ListLike,
    /// A dict, or an object that may turn out to be one.
    DictLike,
    /// An object.
    Object,
}

impl Need {
    /// As messages and listings call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "value",
            Self::Tuple => "tuple",
            Self::Dict => "dict",
            Self::Set => "set",
            Self::ListLike => "list or object",
            Self::DictLike => "dict or object",
            Self::Object => "object",
        }
    }

    const fn accepts(self, kind: Kind) -> bool {
        match self {
            Self::Any => true,
            Self::Tuple => matches!(kind, Kind::Tuple),
            Self::Dict => matches!(kind, Kind::Dict),
            Self::Set => matches!(kind, Kind::Set),
            Self::ListLike => matches!(kind, Kind::List | Kind::Object),
            Self::DictLike => matches!(kind, Kind::Dict | Kind::Object),
            Self::Object => matches!(kind, Kind::Object),
        }
    }
}

/// What an operation leaves on the stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gives {
    /// Nothing.
    Nothing,
    /// A new value.
    New(Kind),
    /// The first of what it took.
    First,
    /// What was remembered.
    Remembered,
}

/// What a reader puts up with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How many values may be on the stack.
    pub height: usize,
    /// How many values may be remembered.
    pub remembered: usize,
    /// How many descriptors travel beside the bytes: none, unless it is said.
    pub handles: usize,
}

impl Default for Limits {
    /// A machine that follows needs a word for each value, so these bound it to 2 GB, and a sender must first have sent 256 MB.
    fn default() -> Self {
        Self { height: 1 << 28, remembered: 1 << 28, handles: 0 }
    }
}

/// The stack, and what is remembered.
#[derive(Debug, Default)]
pub(super) struct Machine {
    stack: Vec<Kind>,
    memo: Vec<Kind>,
}

impl Machine {
    /// How many values are on the stack.
    pub(super) fn height(&self) -> usize {
        self.stack.len()
    }

    /// How many values are remembered.
    pub(super) fn remembered(&self) -> usize {
        self.memo.len()
    }

    /// The kinds on the stack, the topmost last.
    pub(super) fn stack(&self) -> &[Kind] {
        &self.stack
    }

    /// Does what the operation does to the stack; if it may not, nothing.
    #[inline]
    pub(super) fn apply(&mut self, event: &Event<'_>, limits: &Limits) -> Result<(), Fault> {
        let info = event.op().info();
        match info.gives {
            // Most operations only push.
            Gives::New(kind) if info.takes.is_empty() && info.each == 0 && !matches!(event, Event::Handle(_)) => {
                push(&mut self.stack, kind, limits.height, "values on the stack")
            }
            _ => self.apply_any(info, event, limits),
        }
    }

    fn apply_any(&mut self, info: &OpInfo, event: &Event<'_>, limits: &Limits) -> Result<(), Fault> {
        let op = info.op;
        let height = self.stack.len();
        let wanted = event.count().saturating_mul(info.each as u64).saturating_add(info.takes.len() as u64);
        let base = usize::try_from(wanted).ok().and_then(|wanted| height.checked_sub(wanted));
        let Some(base) = base else { return Err(Fault::Underflow { op, wanted, height }) };
        for (&need, &found) in info.takes.iter().zip(&self.stack[base..]) {
            if !need.accepts(found) {
                return Err(Fault::WrongKind { op, need, found });
            }
        }
        match *event {
            Event::Handle(index) if index >= limits.handles as u64 => {
                return Err(Fault::NoSuchHandle { index, handles: limits.handles });
            }
            Event::Stop if base > 0 => return Err(Fault::LeftOver { height: base }),
            Event::Remember => push(&mut self.memo, self.stack[base], limits.remembered, "remembered values")?,
            _ => {}
        }
        let given = match (info.gives, *event) {
            (Gives::Nothing, _) => None,
            (Gives::New(kind), _) => Some(kind),
            (Gives::First, _) => Some(self.stack[base]),
            (Gives::Remembered, Event::Recall(number)) => Some(self.recall(number)?),
            (Gives::Remembered, _) => unreachable!("only `recall` gives what was remembered"),
        };
        self.stack.truncate(base);
        given.map_or(Ok(()), |kind| push(&mut self.stack, kind, limits.height, "values on the stack"))
    }

    fn recall(&self, number: u64) -> Result<Kind, Fault> {
        let found = usize::try_from(number).ok().and_then(|index| self.memo.get(index));
        found.copied().ok_or(Fault::NeverRemembered { number, remembered: self.memo.len() })
    }
}

fn push(kinds: &mut Vec<Kind>, kind: Kind, limit: usize, what: &'static str) -> Result<(), Fault> {
    if kinds.len() >= limit {
        return Err(Fault::Limit { what, limit });
    }
    kinds.try_reserve(1).map_err(|_| Fault::Memory)?;
    kinds.push(kind);
    Ok(())
}
