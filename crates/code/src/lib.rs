//! What the compiler writes and the virtual machine runs: the instruction table, code objects, their disassembly,
//! verification and storage.
//!
//! Invariant: the instruction set is written once, in [`for_each_op!`]; enum, disassembler, verifier, documentation and
//! the dispatch loop are made from it.
//! Invariant: a code object is plain data. It holds no values and no pointers: `vm` links its constants to objects.
//! Invariant: *a dead register never holds an object pointer.* Whoever reads a temporary for the last time consumes it.
#![forbid(unsafe_code)]

mod instruction;
mod object;
mod op;

pub use instruction::{Instruction, flag};
pub use object::{CodeFlags, CodeKind, CodeObject, Constant, ExceptionRange, Position, PositionEntry, SAFEPOINT_DISTANCE};
pub use op::{Op, OpInfo, OperandKind};
