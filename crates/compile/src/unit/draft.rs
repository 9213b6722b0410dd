//! Instructions before their places are known: registers by role, jumps by label.

use toy_code::{Op, Position};

/// A register of the unit being compiled. Temporaries are numbered from 0 and moved behind the locals at the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(crate) struct Register(u32);

impl Register {
    const TEMPORARY: u32 = 1 << 31;

    pub(crate) fn local(index: u32) -> Self {
        Self(index)
    }

    pub(crate) fn temporary(index: u32) -> Self {
        Self(index | Self::TEMPORARY)
    }

    pub(crate) fn is_temporary(self) -> bool {
        self.0 & Self::TEMPORARY != 0
    }

    /// The number among the locals or among the temporaries.
    pub(crate) fn index(self) -> u32 {
        self.0 & !Self::TEMPORARY
    }

    /// The register `distance` places further.
    pub(crate) fn offset(self, distance: u32) -> Self {
        Self(self.0 + distance)
    }
}

/// A place in the code that jumps go to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Label(pub(crate) u32);

/// An operand before assembly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Operand {
    /// Not used.
    Unused,
    /// A register.
    Register(Register),
    /// An index into a pool, or a count.
    Index(u32),
    /// Where to jump.
    Label(Label),
}

impl From<Register> for Operand {
    fn from(register: Register) -> Self {
        Self::Register(register)
    }
}

impl From<u32> for Operand {
    fn from(index: u32) -> Self {
        Self::Index(index)
    }
}

impl From<Label> for Operand {
    fn from(label: Label) -> Self {
        Self::Label(label)
    }
}

/// An instruction before assembly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draft {
    pub(crate) op: Op,
    pub(crate) flags: u8,
    /// Operands `a`, `b`, `c`; for a wide instruction the second is the wide one.
    pub(crate) operands: [Operand; 3],
    /// The data word behind the instruction, where it has one; cache words start as 0.
    pub(crate) data: u64,
    pub(crate) position: Position,
}

impl Draft {
    /// The label this instruction may jump to.
    pub(crate) fn target(&self) -> Option<Label> {
        self.operands.iter().find_map(|operand| match operand {
            Operand::Label(label) => Some(*label),
            _ => None,
        })
    }
}
