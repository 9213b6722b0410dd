//! One instruction word: `op:u8 flags:u8 a:u16 b:u16 c:u16`, op in the low byte.
//!
//! ```text
//!  63      48 47      32 31      16 15   8 7    0
//! +----------+----------+----------+------+------+
//! |    c     |    b     |    a     | flags|  op  |
//! +----------+----------+----------+------+------+
//! |      wide (b, c)    |
//! ```

use crate::Op;

/// Bits of an instruction's `flags`.
pub mod flag {
    /// Operand `a` is a temporary that this instruction consumes: it takes the count over and leaves no pointer behind.
    pub const CONSUME_A: u8 = 1 << 0;
    /// Operand `b` is consumed.
    pub const CONSUME_B: u8 = 1 << 1;
    /// Operand `c` is consumed.
    pub const CONSUME_C: u8 = 1 << 2;

    /// Conditional jumps: jump if the condition holds; without it, jump if it does not.
    pub const JUMP_IF_TRUE: u8 = 1 << 3;

    /// Arithmetic: the augmented form (`x += y`): objects are asked for `__iadd__` first.
    pub const IN_PLACE: u8 = 1 << 3;
    /// Arithmetic with a constant: the constant is the left operand. Only where both orders give the same number.
    pub const SWAPPED: u8 = 1 << 4;

    /// `call`: it leaves a `with`. The verifier lets no other instruction have it.
    pub const LEAVES_CONTEXT: u8 = 1 << 3;

    /// `make_function`: a tuple of positional defaults stands in the next register from `b`.
    pub const DEFAULTS: u8 = 1 << 3;
    /// `make_function`: a dict of keyword-only defaults stands in the next register from `b`.
    pub const KEYWORD_DEFAULTS: u8 = 1 << 4;
    /// `make_function`: a dict of annotations stands in the next register from `b`.
    pub const ANNOTATIONS: u8 = 1 << 5;
    /// `make_function`: a tuple of cells stands in the next register from `b`.
    pub const CLOSURE: u8 = 1 << 6;
    /// `make_function`: a tuple of type parameters stands in the next register from `b`.
    pub const TYPE_PARAMETERS: u8 = 1 << 7;

    /// `format_value`: mask of the conversion: 0 none, 1 `!s`, 2 `!r`, 3 `!a`, shifted by [`CONVERSION_SHIFT`].
    pub const CONVERSION_MASK: u8 = 3 << CONVERSION_SHIFT;
    /// See [`CONVERSION_MASK`].
    pub const CONVERSION_SHIFT: u8 = 3;
    /// `format_value`: `c` holds the format spec.
    pub const HAS_SPEC: u8 = 1 << 5;
}

/// An instruction word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instruction(pub u64);

impl Instruction {
    /// An instruction with three operands of 16 bits.
    pub fn new(op: Op, flags: u8, a: u16, b: u16, c: u16) -> Self {
        Self(op as u64 | u64::from(flags) << 8 | u64::from(a) << 16 | u64::from(b) << 32 | u64::from(c) << 48)
    }

    /// An instruction with one operand of 16 and one of 32 bits.
    pub fn new_wide(op: Op, flags: u8, a: u16, wide: u32) -> Self {
        Self(op as u64 | u64::from(flags) << 8 | u64::from(a) << 16 | u64::from(wide) << 32)
    }

    /// The operation, or `None` for a word that is no instruction.
    pub fn op(self) -> Option<Op> {
        Op::from_byte(self.0 as u8)
    }

    /// The flags, see [`flag`].
    #[inline(always)]
    pub fn flags(self) -> u8 {
        (self.0 >> 8) as u8
    }

    /// Operand `a`.
    #[inline(always)]
    pub fn a(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// Operand `b`.
    #[inline(always)]
    pub fn b(self) -> u16 {
        (self.0 >> 32) as u16
    }

    /// Operand `c`.
    #[inline(always)]
    pub fn c(self) -> u16 {
        (self.0 >> 48) as u16
    }

    /// `c` as a jump distance in words.
    #[inline(always)]
    pub fn jump16(self) -> i16 {
        (self.0 >> 48) as i16
    }

    /// `b` and `c` as one index.
    #[inline(always)]
    pub fn wide(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// `b` and `c` as a jump distance in words.
    #[inline(always)]
    pub fn jump32(self) -> i32 {
        (self.0 >> 32) as i32
    }
}
