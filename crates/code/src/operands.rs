//! What an instruction does to registers, beyond what its row in the table says: the lengths of its ranges.

use crate::{Instruction, Op, OperandKind, flag};

/// Consecutive registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RegisterRange {
    /// The first one.
    pub first: u16,
    /// How many.
    pub count: u32,
}

impl RegisterRange {
    /// The numbers of the registers.
    pub fn registers(self) -> std::ops::Range<u32> {
        u32::from(self.first)..u32::from(self.first).saturating_add(self.count)
    }
}

/// `make_function`: the flags that name something in a register, in the order of the registers.
pub const FUNCTION_PARTS: [(u8, &str); 5] = [
    (flag::DEFAULTS, "defaults"),
    (flag::KEYWORD_DEFAULTS, "keyword_defaults"),
    (flag::ANNOTATIONS, "annotations"),
    (flag::CLOSURE, "closure"),
    (flag::TYPE_PARAMETERS, "type_parameters"),
];

impl Instruction {
    /// The three operands with their kinds; of a wide instruction the second is the wide one.
    pub fn operands(self, op: Op) -> [(OperandKind, u32); 3] {
        let info = op.info();
        let (b, c) = if info.is_wide { (self.wide(), 0) } else { (u32::from(self.b()), u32::from(self.c())) };
        [(info.a, u32::from(self.a())), (info.b, b), (info.c, c)]
    }

    /// The registers of its [`OperandKind::ConsumedRange`]. `None` if it has no such operand.
    pub fn consumed_range(self, op: Op) -> Option<RegisterRange> {
        let (b, c) = (self.b(), self.c());
        let count = u32::from(c);
        let (first, count) = match op {
            Op::Call | Op::CallKeywords => (b, count + 1),
            Op::CallMethod | Op::CallMethodKeywords => (b, count + 2),
            Op::CallStar => (b, 3),
            Op::MakeFunction => (b, FUNCTION_PARTS.iter().filter(|(flag, _)| self.flags() & flag != 0).count() as u32),
            Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildSlice | Op::BuildString | Op::ListAppendMany => {
                (b, count)
            }
            Op::BuildDict => (b, 2 * count),
            Op::MatchClass => (c, 2),
            Op::MakeTypeParameter | Op::MakeTypeAlias => (b, 2),
            _ => return None,
        };
        Some(RegisterRange { first, count })
    }

    /// The registers of its [`OperandKind::WrittenRange`]; `data` is the word behind it. `None` if it has no such operand.
    pub fn written_range(self, op: Op, data: u64) -> Option<RegisterRange> {
        let count = match op {
            Op::GetMethod | Op::GetSuperMethod | Op::Catch | Op::MatchGroup | Op::WithEnter | Op::AsyncWithEnter => 2,
            Op::Unpack => u32::from(self.c()),
            Op::UnpackStar => {
                let (before, after) = (data as u32, (data >> 32) as u32);
                before.saturating_add(after).saturating_add(1)
            }
            _ => return None,
        };
        Some(RegisterRange { first: self.a(), count })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Instruction, Op, OperandKind};

    #[test]
    fn every_range_in_the_table_has_a_length() {
        for &op in Op::ALL {
            let info = op.info();
            let has = |kind: OperandKind| [info.a, info.b, info.c].contains(&kind);
            let instruction = Instruction::new(op, 0, 0, 0, 0);
            assert_eq!(instruction.consumed_range(op).is_some(), has(OperandKind::ConsumedRange), "{}", info.name);
            assert_eq!(instruction.written_range(op, 0).is_some(), has(OperandKind::WrittenRange), "{}", info.name);
        }
    }
}
