//! Every word decodes, every operand is in range, every jump lands on an instruction.

use super::{Fault, Verified};
use crate::disassemble::jump_target;
use crate::{CodeKind, CodeObject, Instruction, Op, OperandKind, flag};

/// What the other passes need to know.
pub(super) struct Layout {
    /// The instruction that starts at a word; `None` for data words.
    pub(super) instructions: Vec<Option<(Op, Instruction)>>,
    /// The innermost range around a word: an index into `exception_ranges`.
    pub(super) innermost: Vec<Option<u32>>,
}

/// More nested ranges than any compiler makes; bounds the work of painting them.
const MAXIMUM_NESTING: usize = 1000;

pub(super) fn check(code: &CodeObject) -> Verified<Layout> {
    header(code)?;
    let mut instructions = vec![None; code.words.len()];
    let mut word = 0;
    while word < code.words.len() {
        let instruction = Instruction(code.words[word]);
        let op = instruction.op().ok_or((word, Fault::UnknownWord))?;
        let next = word + 1 + usize::from(op.info().extra_words);
        if next > code.words.len() {
            return Err((word, Fault::UnknownWord));
        }
        flags(code, op, instruction).map_err(|fault| (word, fault))?;
        operands(code, word, op, instruction).map_err(|fault| (word, fault))?;
        instructions[word] = Some((op, instruction));
        word = next;
    }
    let is_start = |word: usize| instructions.get(word).is_some_and(Option::is_some);
    for (word, entry) in instructions.iter().enumerate() {
        let Some((op, instruction)) = *entry else { continue };
        let jumps = [op.info().b, op.info().c].contains(&OperandKind::Jump);
        if jumps && !jump_target(word, op, instruction).is_some_and(is_start) {
            return Err((word, Fault::BadTarget));
        }
    }
    let innermost = ranges(code, &instructions)?;
    Ok(Layout { instructions, innermost })
}

fn header(code: &CodeObject) -> Verified {
    let parameters = usize::from(code.positional_count)
        + usize::from(code.keyword_only_count)
        + usize::from(code.flags.star)
        + usize::from(code.flags.double_star);
    let locals = code.local_names.len();
    let is_good = code.positional_only_count <= code.positional_count
        && parameters <= locals
        && locals <= usize::from(code.register_count)
        && (code.kind != CodeKind::Class || code.positional_count == 1)
        && code.cell_locals.iter().all(|&cell| usize::from(cell) < locals)
        && !code.words.is_empty();
    if is_good { Ok(()) } else { Err((0, Fault::BadHeader)) }
}

/// The flags beside those that consume operands.
fn known_flags(op: Op) -> u8 {
    let info = op.info();
    let is_arithmetic = (Op::Add as u8..=Op::XorConst as u8).contains(&(op as u8));
    match op {
        Op::MakeFunction => {
            flag::DEFAULTS | flag::KEYWORD_DEFAULTS | flag::ANNOTATIONS | flag::CLOSURE | flag::TYPE_PARAMETERS
        }
        Op::Call => flag::LEAVES_CONTEXT,
        Op::FormatValue => flag::CONVERSION_MASK | flag::HAS_SPEC,
        Op::JumpUnlessMatch | Op::ForIterator | Op::ForNext | Op::Send | Op::Jump => 0,
        _ if [info.b, info.c].contains(&OperandKind::Jump) => flag::JUMP_IF_TRUE,
        _ if is_arithmetic && info.c == OperandKind::Constant => flag::IN_PLACE | flag::SWAPPED,
        _ if is_arithmetic => flag::IN_PLACE,
        _ => 0,
    }
}

fn flags(code: &CodeObject, op: Op, instruction: Instruction) -> Result<(), Fault> {
    let mut allowed = known_flags(op);
    let consume = [flag::CONSUME_A, flag::CONSUME_B, flag::CONSUME_C];
    for ((kind, value), consume) in instruction.operands(op).into_iter().zip(consume) {
        let is_temporary = value as usize >= code.local_names.len();
        let is_read = matches!(kind, OperandKind::Read);
        if is_read && is_temporary && !never_consumed(op, consume) {
            allowed |= consume;
        }
    }
    if instruction.flags() & !allowed == 0 { Ok(()) } else { Err(Fault::BadFlags) }
}

/// Operands of which the table says that they are only read.
fn never_consumed(op: Op, consume: u8) -> bool {
    match op {
        Op::GetAsyncNext | Op::ImportFrom | Op::MatchSequence | Op::MatchMapping | Op::MatchLength => {
            consume == flag::CONSUME_B
        }
        Op::DictMerge => consume == flag::CONSUME_C,
        Op::MatchKeys => true,
        _ => false,
    }
}

fn operands(code: &CodeObject, word: usize, op: Op, instruction: Instruction) -> Result<(), Fault> {
    let data = code.words.get(word + 1).copied().unwrap_or(0);
    let registers = usize::from(code.register_count);
    for (kind, value) in instruction.operands(op) {
        let value = value as usize;
        let is_in_range = match kind {
            OperandKind::Unused if value != 0 => return Err(Fault::UnusedOperand),
            OperandKind::Unused | OperandKind::Count | OperandKind::Jump => true,
            OperandKind::Write | OperandKind::Read | OperandKind::Update => value < registers,
            OperandKind::Cell => code.cell_locals.iter().any(|&cell| usize::from(cell) == value),
            OperandKind::ConsumedRange => instruction.consumed_range(op).is_some_and(|range| {
                let locals = code.local_names.len();
                range.count == 0 || (value >= locals && value + range.count as usize <= registers)
            }),
            OperandKind::WrittenRange => instruction
                .written_range(op, data)
                .is_some_and(|range| range.count == 0 || value + range.count as usize <= registers),
            OperandKind::Constant => value < code.constants.len(),
            OperandKind::Name => value < code.names.len(),
            OperandKind::Free => value < code.free_names.len(),
        };
        // Without a spec, `format_value` does not read `c`.
        let is_left_out = op == Op::FormatValue && instruction.flags() & flag::HAS_SPEC == 0 && value == 0;
        if !is_in_range && !is_left_out {
            return Err(Fault::OperandOutOfRange);
        }
    }
    let indexed = match op {
        Op::CallKeywords | Op::CallMethodKeywords => code.constants.len(),
        Op::MakeFunction => code.codes.len(),
        _ => return Ok(()),
    };
    if data < indexed as u64 { Ok(()) } else { Err(Fault::OperandOutOfRange) }
}

/// Checks the ranges and finds the innermost one around each word.
fn ranges(code: &CodeObject, instructions: &[Option<(Op, Instruction)>]) -> Verified<Vec<Option<u32>>> {
    let count = code.words.len();
    let mut innermost = vec![None; count];
    let mut budget = count.saturating_mul(MAXIMUM_NESTING);
    for (index, range) in code.exception_ranges.iter().enumerate().rev() {
        let [start, end, handler] = [range.start, range.end, range.handler].map(|word| word as usize);
        let fault = |fault| Err((start.min(count), fault));
        if start >= end || end > handler || handler >= count {
            return fault(Fault::BadRange);
        }
        if instructions[start].is_none() || instructions[end].is_none() {
            return fault(Fault::BadTarget);
        }
        match instructions[handler] {
            Some((Op::Catch, instruction)) if instruction.a() == range.first_dead => {}
            _ => return fault(Fault::BadRange),
        }
        if usize::from(range.first_dead) < code.local_names.len() || budget < end - start {
            return fault(Fault::BadRange);
        }
        budget -= end - start;
        innermost[start..end].fill(Some(index as u32));
    }
    Ok(innermost)
}
