//! Checks that the loop may rely on.
//!
//! Three passes, each linear in the size of the code object: [`structure`] (every word decodes, operands are in range,
//! jumps land on instructions), [`flow`] (a dead register never holds a pointer: what is read is there, what is consumed is
//! gone, and paths agree where they meet), [`distance`] (safepoints are close enough).

mod distance;
mod flow;
mod structure;

use std::fmt;

use crate::CodeObject;

/// What is wrong with a code object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyError {
    /// Qualified name of the code object.
    pub code: Box<str>,
    /// The word of the instruction at fault.
    pub word: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// The ways in which an instruction can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The word is no instruction, or its data words are missing.
    UnknownWord,
    /// A register, constant, name, code or closure index is out of range.
    OperandOutOfRange,
    /// An operand that the instruction does not use is not 0.
    UnusedOperand,
    /// A flag that the instruction does not know, or a local that is consumed.
    BadFlags,
    /// A jump, handler or range does not land on an instruction.
    BadTarget,
    /// Ranges of handlers are empty, overlap wrongly, or do not end before their handler; or that is no `catch`.
    BadRange,
    /// The header's counts do not fit the registers.
    BadHeader,
    /// Control can run past the last instruction.
    FallsOff,
    /// No path leads here.
    Unreachable,
    /// Reads a temporary that holds nothing.
    DeadRead,
    /// Writes a temporary that still holds something.
    Overwrites,
    /// A temporary is still alive where the code object is left.
    AliveAtReturn,
    /// Paths that meet here disagree on which temporaries are alive.
    Disagreement,
    /// Consumes a temporary that its handler expects.
    ConsumesForHandler,
    /// A path comes here that ran too many words without a safepoint.
    TooFarFromSafepoint,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at word {}: {:?}", self.code, self.word, self.fault)
    }
}

impl std::error::Error for VerifyError {}

/// Where and what.
type Verified<T = ()> = Result<T, (usize, Fault)>;

/// Checks a code object and all inside it.
///
/// # Errors
///
/// The first fault found.
pub fn verify(code: &CodeObject) -> Result<(), VerifyError> {
    let mut pending = vec![code];
    while let Some(code) = pending.pop() {
        verify_one(code).map_err(|(word, fault)| VerifyError { code: code.qualified_name.clone(), word, fault })?;
        pending.extend(&code.codes);
    }
    Ok(())
}

fn verify_one(code: &CodeObject) -> Verified {
    let layout = structure::check(code)?;
    let reached = flow::check(code, &layout)?;
    distance::check(code, &layout, &reached)
}
