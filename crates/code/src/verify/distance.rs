//! How far safepoints are apart.
//!
//! Jumps that go on are safepoints when they go back, so the longest path to each word comes from words before it.

use super::structure::Layout;
use super::{Fault, Verified};
use crate::disassemble::jump_target;
use crate::{CodeObject, Op, SAFEPOINT_DISTANCE};

pub(super) fn check(code: &CodeObject, layout: &Layout, reached: &[bool]) -> Verified {
    // The longest way from a safepoint to each word.
    let mut incoming = vec![0usize; code.words.len() + 1];
    for (word, entry) in layout.instructions.iter().enumerate() {
        let Some((op, instruction)) = *entry else { continue };
        if !reached[word] {
            continue;
        }
        let next = word + 1 + usize::from(op.info().extra_words);
        let distance = if op == Op::Safepoint { 0 } else { incoming[word] + next - word };
        if distance > SAFEPOINT_DISTANCE {
            return Err((word, Fault::TooFarFromSafepoint));
        }
        let mut go = |target: usize, distance: usize| incoming[target] = incoming[target].max(distance);
        if let Some(target) = jump_target(word, op, instruction).filter(|&target| target > word) {
            go(target, distance);
        }
        // `catch` itself cannot raise.
        if let Some(index) = layout.innermost[word].filter(|_| op != Op::Catch) {
            go(code.exception_ranges[index as usize].handler as usize, distance);
        }
        if !op.is_terminal() {
            go(next, if op.is_call() { 0 } else { distance });
        }
    }
    Ok(())
}
