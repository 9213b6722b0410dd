//! A compiled pattern.

use crate::flags::Flags;
use crate::operation::{Condition, One, Operation};

/// A compiled pattern.
#[derive(Debug)]
pub struct Program {
    pub(crate) operations: Vec<Operation>,
    pub(crate) flags: Flags,
    pub(crate) names: Vec<(String, usize)>,
    pub(crate) groups: usize,
    pub(crate) slots: usize,
}

impl Program {
    /// All flags that hold for the whole pattern.
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// Number of groups, without the whole.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// The names of groups and their numbers, in this order.
    pub fn names(&self) -> &[(String, usize)] {
        &self.names
    }

    /// The program as text, an operation a line.
    pub fn listing(&self) -> String {
        self.operations.iter().enumerate().map(|(address, operation)| format!("{address:4} {operation:?}\n")).collect()
    }

    /// The number of a group by its name.
    pub fn group_of_name(&self, name: &str) -> Option<usize> {
        self.names.iter().find(|(other, _)| other == name).map(|(_, number)| *number)
    }

    /// Whether it can only match where the text begins.
    pub(crate) fn is_anchored(&self) -> bool {
        let mut operations = self.operations.iter().filter(|operation| !matches!(operation, Operation::Mark(_)));
        matches!(operations.next(), Some(Operation::At(Condition::TextBeginning)))
    }

    /// What the first character must be, if that is one simple thing.
    pub(crate) fn first(&self) -> Option<&One> {
        let mut operations = self.operations.iter().filter(|operation| !matches!(operation, Operation::Mark(_)));
        match operations.next()? {
            Operation::One(one) => Some(one),
            Operation::Greedy { one, least, .. }
            | Operation::Lazy { one, least, .. }
            | Operation::Possessive { one, least, .. }
                if *least > 0 =>
            {
                Some(one)
            }
            _ => None,
        }
    }
}
