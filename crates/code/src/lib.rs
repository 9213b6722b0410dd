//! What the compiler writes and the virtual machine runs: the instruction table, code objects, their disassembly,
//! verification and storage.
//!
//! Invariant: the instruction set is written once, in [`for_each_op!`]; enum, disassembler, verifier, documentation and
//! the dispatch loop are made from it.
//! Invariant: a code object is plain data. It holds no values and no pointers: `vm` links its constants to objects.
//! Invariant: *a dead register never holds an object pointer.* Whoever reads a temporary for the last time consumes it.
//! Invariant: [`verify`] and [`disassemble`] take any code object, however wrong, in linear time and without a panic.
#![forbid(unsafe_code)]

mod disassemble;
mod instruction;
mod object;
mod op;
mod operands;
mod storage;
mod verify;

pub use disassemble::{ListedInstruction, Listing, disassemble, jump_target};
pub use instruction::{Instruction, flag};
pub use object::{
    CodeFlags, CodeKind, CodeObject, Constant, ExceptionRange, Position, PositionEntry, SAFEPOINT_DISTANCE,
};
pub use op::{Op, OpInfo, OperandKind};
pub use operands::{FUNCTION_PARTS, RegisterRange};
pub use storage::{DecodeError, StoredCode};
pub use verify::{Fault, VerifyError, verify};
