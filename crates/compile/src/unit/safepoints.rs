//! Puts safepoints where a path would otherwise run too long without one.
//!
//! Forward edges only go to later instructions and a back-edge is a safepoint itself, so one pass in order of the code sees
//! the longest way to each instruction.

use toy_code::{Op, SAFEPOINT_DISTANCE};

use super::Unit;
use super::draft::{Draft, Operand};

/// For each draft, whether a safepoint goes before it.
pub(super) fn safepoints(unit: &Unit) -> Vec<bool> {
    let handlers = innermost_handlers(unit);
    let count = unit.drafts.len();
    let mut before = vec![false; count];
    // The longest way from a safepoint to each draft over jumps and exceptions.
    let mut incoming = vec![0usize; count + 1];
    let mut distance = 0;
    for (index, draft) in unit.drafts.iter().enumerate() {
        distance = distance.max(incoming[index]);
        // A delegation is three instructions in a row that nothing may part.
        let room = if draft.op == Op::Send { 8 } else { longest(draft) };
        // A handler starts with its `catch`: one word is always left for it.
        if draft.op != Op::Catch && distance + room >= SAFEPOINT_DISTANCE {
            before[index] = true;
            distance = 0;
        }
        distance += longest(draft);
        if let Some(target) = draft.target().and_then(|label| unit.labels[label.0 as usize].draft) {
            let target = target as usize;
            if target > index {
                incoming[target] = incoming[target].max(distance);
            }
        }
        if let Some(handler) = handlers[index].filter(|_| draft.op != Op::Catch) {
            incoming[handler as usize] = incoming[handler as usize].max(distance);
        }
        if draft.op.is_call() || draft.op.is_terminal() {
            distance = 0;
        }
    }
    before
}

/// The number of words that a draft takes at most, once its jump was stretched.
fn longest(draft: &Draft) -> usize {
    let info = draft.op.info();
    let stretched = match draft.operands[2] {
        Operand::Label(_) => 2,
        _ => 0,
    };
    1 + usize::from(info.extra_words) + stretched
}

/// For each draft the draft of the handler that an exception there goes to.
fn innermost_handlers(unit: &Unit) -> Vec<Option<u32>> {
    let mut handlers = vec![None; unit.drafts.len()];
    // Inner ranges stand first, so they overwrite the outer ones.
    for range in unit.protected.iter().rev() {
        let handler = unit.labels[range.handler.0 as usize].draft;
        handlers[range.start as usize..range.end as usize].fill(handler);
    }
    handlers
}
