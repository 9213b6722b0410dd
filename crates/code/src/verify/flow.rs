//! Which temporaries are alive where.
//!
//! Paths must agree where they meet, so each instruction is visited once: with the first state that reaches it, against which
//! later ones are compared.

use super::structure::Layout;
use super::{Fault, Verified};
use crate::disassemble::jump_target;
use crate::{CodeObject, Instruction, Op, OperandKind, RegisterRange, flag};

/// The temporaries that are alive, and one that was cleared on purpose just before.
#[derive(Clone, PartialEq, Eq)]
struct State {
    alive: Vec<u64>,
    /// Registers that hold `unbound` for certain, in this stretch of straight-line code.
    cleared: Option<u32>,
}

impl State {
    fn is_alive(&self, temporary: u32) -> bool {
        self.alive[temporary as usize / 64] >> (temporary % 64) & 1 == 1
    }

    fn set(&mut self, temporary: u32, is_alive: bool) {
        let bit = 1 << (temporary % 64);
        let word = &mut self.alive[temporary as usize / 64];
        if is_alive { *word |= bit } else { *word &= !bit }
    }

    /// Its words without the temporaries from `first_dead` on: what a handler finds.
    fn below(&self, first_dead: u32) -> impl Iterator<Item = u64> + '_ {
        self.alive.iter().enumerate().map(move |(index, word)| {
            let kept = first_dead.saturating_sub(index as u32 * 64).min(64);
            if kept == 64 { *word } else { word & ((1 << kept) - 1) }
        })
    }
}

struct Flow<'a> {
    code: &'a CodeObject,
    layout: &'a Layout,
    /// The words that jumps and exceptions lead to.
    is_target: Vec<bool>,
    /// The state in which each of them is reached.
    states: Vec<Option<State>>,
    /// Where stretches start that are still to be followed.
    pending: Vec<usize>,
    reached: Vec<bool>,
}

/// Checks the flow and returns which words are reached.
pub(super) fn check(code: &CodeObject, layout: &Layout) -> Verified<Vec<bool>> {
    let temporaries = usize::from(code.register_count) - code.local_names.len();
    let empty = State { alive: vec![0; temporaries.div_ceil(64)], cleared: None };
    let count = code.words.len();
    let mut flow = Flow {
        code,
        layout,
        is_target: targets(code, layout),
        states: vec![None; count],
        pending: Vec::new(),
        reached: vec![false; count],
    };
    flow.reach(0, 0, &empty)?;
    while let Some(word) = flow.pending.pop() {
        flow.stretch(word)?;
    }
    let is_missed = |word: &usize| layout.instructions[*word].is_some() && !flow.reached[*word];
    match (0..count).find(is_missed) {
        Some(word) => Err((word, Fault::Unreachable)),
        None => Ok(flow.reached),
    }
}

fn targets(code: &CodeObject, layout: &Layout) -> Vec<bool> {
    let mut is_target = vec![false; code.words.len()];
    is_target[0] = true;
    for (word, entry) in layout.instructions.iter().enumerate() {
        if let Some(target) = entry.and_then(|(op, instruction)| jump_target(word, op, instruction)) {
            is_target[target] = true;
        }
    }
    for range in &code.exception_ranges {
        is_target[range.handler as usize] = true;
    }
    is_target
}

impl Flow<'_> {
    /// Control comes to `word` from `from` in this state.
    fn reach(&mut self, from: usize, word: usize, state: &State) -> Verified {
        match &self.states[word] {
            Some(known) if known.alive == state.alive => Ok(()),
            Some(_) => Err((from, Fault::Disagreement)),
            None => {
                self.states[word] = Some(State { alive: state.alive.clone(), cleared: None });
                self.pending.push(word);
                Ok(())
            }
        }
    }

    /// Follows straight-line code from a place that something leads to.
    fn stretch(&mut self, mut word: usize) -> Verified {
        let Some(mut state) = self.states[word].clone() else { return Ok(()) };
        loop {
            if self.reached[word] {
                return Ok(());
            }
            self.reached[word] = true;
            let Some((op, instruction)) = self.layout.instructions[word] else { return Err((word, Fault::BadTarget)) };
            self.reach_handler(word, op, instruction, &state)?;
            self.step(word, op, instruction, &mut state)?;
            if op.is_terminal() {
                return Ok(());
            }
            word += 1 + usize::from(op.info().extra_words);
            if word >= self.code.words.len() {
                return Err((word - 1, Fault::FallsOff));
            }
            self.fall_through(word, &mut state)?;
        }
    }

    /// Straight-line code comes to `word`: it must agree with the jumps that go there.
    fn fall_through(&mut self, word: usize, state: &mut State) -> Verified {
        if !self.is_target[word] {
            return Ok(());
        }
        state.cleared = None;
        match &self.states[word] {
            Some(known) if known.alive != state.alive => Err((word, Fault::Disagreement)),
            Some(_) => Ok(()),
            None => {
                self.states[word] = Some(state.clone());
                Ok(())
            }
        }
    }

    fn temporary(&self, register: u32) -> Option<u32> {
        register.checked_sub(self.code.local_names.len() as u32)
    }

    /// An exception here finds the handler with what is alive below its first dead register.
    fn reach_handler(&mut self, word: usize, op: Op, instruction: Instruction, state: &State) -> Verified {
        let Some(index) = self.layout.innermost[word] else { return Ok(()) };
        let range = self.code.exception_ranges[index as usize];
        let Some(first_dead) = self.temporary(range.first_dead.into()) else { return Err((word, Fault::BadRange)) };
        let handler = range.handler as usize;
        match &self.states[handler] {
            Some(known) if !known.alive.iter().copied().eq(state.below(first_dead)) => {
                return Err((word, Fault::Disagreement));
            }
            Some(_) => {}
            None => {
                self.states[handler] = Some(State { alive: state.below(first_dead).collect(), cleared: None });
                self.pending.push(handler);
            }
        }
        // What it consumes is gone when it raises.
        let mut is_kept = true;
        self.consumed(op, instruction, |temporary| is_kept &= temporary >= first_dead);
        if is_kept { Ok(()) } else { Err((word, Fault::ConsumesForHandler)) }
    }

    fn read(&self, word: usize, state: &State, register: u32) -> Verified {
        match self.temporary(register) {
            Some(temporary) if !state.is_alive(temporary) => Err((word, Fault::DeadRead)),
            _ => Ok(()),
        }
    }

    /// Visits the temporaries that an instruction consumes.
    fn consumed(&self, op: Op, instruction: Instruction, mut visit: impl FnMut(u32)) {
        let flags = [flag::CONSUME_A, flag::CONSUME_B, flag::CONSUME_C];
        for ((kind, value), consumed) in instruction.operands(op).into_iter().zip(flags) {
            if kind == OperandKind::Read && instruction.flags() & consumed != 0 {
                self.temporary(value).into_iter().for_each(&mut visit);
            }
        }
        let range = instruction.consumed_range(op).into_iter().flat_map(RegisterRange::registers);
        range.filter_map(|register| self.temporary(register)).for_each(visit);
    }

    /// Checks what is read and takes away what is consumed.
    fn consume(&self, word: usize, op: Op, instruction: Instruction, state: &mut State) -> Verified {
        let has_spec = instruction.flags() & flag::HAS_SPEC != 0;
        for (place, (kind, value)) in instruction.operands(op).into_iter().enumerate() {
            let is_left_out = op == Op::FormatValue && place == 2 && !has_spec;
            if matches!(kind, OperandKind::Read | OperandKind::Update) && !is_left_out {
                self.read(word, state, value)?;
            }
        }
        for register in instruction.consumed_range(op).into_iter().flat_map(RegisterRange::registers) {
            let is_cleared = op == Op::CallStar && state.cleared == Some(register);
            if !is_cleared {
                self.read(word, state, register)?;
            }
        }
        self.consumed(op, instruction, |temporary| state.set(temporary, false));
        Ok(())
    }

    fn step(&mut self, word: usize, op: Op, instruction: Instruction, state: &mut State) -> Verified {
        self.consume(word, op, instruction, state)?;
        state.cleared = None;
        let target = jump_target(word, op, instruction);
        let a = self.temporary(instruction.a().into());
        let b = self.temporary(instruction.b().into());
        let kill = |state: &mut State, temporary: Option<u32>| {
            if let Some(temporary) = temporary {
                state.set(temporary, false);
            }
        };
        match op {
            Op::Clear | Op::DeleteLocal => {
                kill(state, a);
                state.cleared = Some(instruction.a().into());
                return Ok(());
            }
            Op::EndCatch => {
                self.read(word, state, u32::from(instruction.a()) + 1)?;
                kill(state, a);
                kill(state, a.map(|a| a + 1));
                return Ok(());
            }
            Op::Return | Op::ReturnConst if state.alive.iter().any(|&word| word != 0) => {
                return Err((word, Fault::AliveAtReturn));
            }
            // On the way to the end the iterator is dropped, and nothing or the result is written.
            Op::ForIterator | Op::Send => {
                let mut ended = state.clone();
                kill(&mut ended, b);
                if let Some(target) = target {
                    self.reach(word, target, &ended)?;
                }
            }
            // The other way round: what is written is written on the way to the target.
            Op::ForNext => {
                let mut next = state.clone();
                if let Some(a) = a {
                    self.write(word, &mut next, a)?;
                }
                if let Some(target) = target {
                    self.reach(word, target, &next)?;
                }
                kill(state, b);
                return Ok(());
            }
            Op::JumpOrClear => {
                if let Some(target) = target {
                    self.reach(word, target, state)?;
                }
                kill(state, a);
                return Ok(());
            }
            _ => {
                if let Some(target) = target {
                    self.reach(word, target, state)?;
                }
            }
        }
        if op.info().a == OperandKind::Write
            && let Some(a) = a
        {
            self.write(word, state, a)?;
        }
        let data = self.code.words.get(word + 1).copied().unwrap_or(0);
        if let Some(range) = instruction.written_range(op, data) {
            for register in range.registers() {
                if let Some(temporary) = self.temporary(register) {
                    self.write(word, state, temporary)?;
                }
            }
        }
        Ok(())
    }

    /// A temporary gets a value; it must not hold one already.
    fn write(&self, word: usize, state: &mut State, temporary: u32) -> Verified {
        if state.is_alive(temporary) {
            return Err((word, Fault::Overwrites));
        }
        state.set(temporary, true);
        Ok(())
    }
}
