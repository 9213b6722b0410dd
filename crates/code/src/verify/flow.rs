//! Which temporaries are alive where.
//!
//! Paths must agree where they meet, so each instruction is visited once: with the first state that reaches it, against which
//! later ones are compared.

use super::structure::Layout;
use super::{Fault, Verified};
use crate::disassemble::jump_target;
use crate::{CodeObject, Instruction, Op, OperandKind, flag};

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

    /// The same without the temporaries from `first_dead` on: what a handler finds.
    fn below(&self, first_dead: u32) -> State {
        let mut alive = self.alive.clone();
        for (index, word) in alive.iter_mut().enumerate() {
            let start = index as u32 * 64;
            if first_dead <= start {
                *word = 0;
            } else if first_dead < start + 64 {
                *word &= (1 << (first_dead - start)) - 1;
            }
        }
        State { alive, cleared: None }
    }
}

struct Flow<'a> {
    code: &'a CodeObject,
    layout: &'a Layout,
    /// The state in which each instruction that starts a stretch is reached.
    states: Vec<Option<State>>,
    /// What each handler was found to expect.
    pending: Vec<usize>,
    reached: Vec<bool>,
}

/// Checks the flow and returns which words are reached.
pub(super) fn check(code: &CodeObject, layout: &Layout) -> Verified<Vec<bool>> {
    let temporaries = usize::from(code.register_count) - code.local_names.len();
    let empty = State { alive: vec![0; temporaries.div_ceil(64)], cleared: None };
    let count = code.words.len();
    let mut flow = Flow { code, layout, states: vec![None; count], pending: Vec::new(), reached: vec![false; count] };
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

impl Flow<'_> {
    /// Control comes to `word` from `from` in this state.
    fn reach(&mut self, from: usize, word: usize, state: &State) -> Verified {
        match &self.states[word] {
            Some(known) if known.alive == state.alive => Ok(()),
            Some(_) => Err((from, Fault::Disagreement)),
            None => {
                self.states[word] = Some(State { alive: state.alive.clone(), cleared: None });
                if !self.reached[word] {
                    self.pending.push(word);
                    return Ok(());
                }
                // Reached before by falling through: run the comparison there.
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
            self.to_handler(word, op, instruction, &state)?;
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
        match &self.states[word] {
            Some(known) if known.alive != state.alive => Err((word, Fault::Disagreement)),
            Some(_) => {
                state.cleared = None;
                Ok(())
            }
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
    fn to_handler(&mut self, word: usize, op: Op, instruction: Instruction, state: &State) -> Verified {
        let Some(index) = self.layout.innermost[word] else { return Ok(()) };
        let range = self.code.exception_ranges[index as usize];
        let Some(first_dead) = self.temporary(range.first_dead.into()) else { return Err((word, Fault::BadRange)) };
        let handler = range.handler as usize;
        let found = state.below(first_dead);
        self.reach(word, handler, &found)?;
        // What it consumes is gone when it raises.
        let mut after = state.clone();
        self.consume(word, op, instruction, &mut after)?;
        if after.below(first_dead).alive == found.alive { Ok(()) } else { Err((word, Fault::ConsumesForHandler)) }
    }

    fn read(&self, word: usize, state: &State, register: u32) -> Verified {
        match self.temporary(register) {
            Some(temporary) if !state.is_alive(temporary) => Err((word, Fault::DeadRead)),
            _ => Ok(()),
        }
    }

    /// Checks what is read and takes away what is consumed.
    fn consume(&self, word: usize, op: Op, instruction: Instruction, state: &mut State) -> Verified {
        let flags = [flag::CONSUME_A, flag::CONSUME_B, flag::CONSUME_C];
        let has_spec = instruction.flags() & flag::HAS_SPEC != 0;
        for ((kind, value), consumed) in instruction.operands(op).into_iter().zip(flags) {
            match kind {
                OperandKind::Read if op == Op::FormatValue && consumed == flag::CONSUME_C && !has_spec => {}
                OperandKind::Read | OperandKind::Update => {
                    self.read(word, state, value)?;
                    if instruction.flags() & consumed != 0
                        && let Some(temporary) = self.temporary(value)
                    {
                        state.set(temporary, false);
                    }
                }
                _ => {}
            }
        }
        if let Some(range) = instruction.consumed_range(op) {
            for register in range.registers() {
                let is_cleared = op == Op::CallStar && state.cleared == Some(register);
                if !is_cleared {
                    self.read(word, state, register)?;
                }
                if let Some(temporary) = self.temporary(register) {
                    state.set(temporary, false);
                }
            }
        }
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
