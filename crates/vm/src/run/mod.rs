//! Running code: the driver around the dispatch loop.
//!
//! Loops are made of the same [`handlers`]. The *fast* one looks at the budget of instructions only at safepoints (calls and
//! back-edges) and leaves when fewer than [`SAFEPOINT_DISTANCE`] are left. The *exact* loop looks before every instruction, so
//! that a switch falls after precisely as many instructions as the policy said; it is also the loop that a probe hears.
#![allow(unsafe_code, reason = "the loop works on raw registers and code words")]

mod attribute;
mod attribute_cache;
mod bind;
mod bind_in_place;
mod call;
mod handlers;
mod looped;
mod native_call;
mod native_complaint;
mod native_named;
mod number;
mod own_complaint;
mod registers;
mod running;
mod slow;
#[cfg(threaded)]
mod threaded;
mod window;
mod written_in_c;

use toy_code::SAFEPOINT_DISTANCE;
use toy_gil::SwitchAt;
use toy_object::Owned;

use crate::native::{Outcome, Raised};
use crate::probe::NoProbe;
use crate::thread::Vm;

pub(crate) use native_call::native_row;
pub(crate) use slow::Performed;

/// Runs until a safepoint comes with fewer than [`SAFEPOINT_DISTANCE`] instructions left, or the entry frame is left.
#[cfg(threaded)]
use threaded::run as run_fast;

#[cfg(not(threaded))]
fn run_fast(vm: &mut Vm) -> Exit {
    looped::run::<NoProbe, false>(vm, &mut NoProbe)
}

/// Why the dispatch loop stopped: one word, so that a handler can hand on what the next one answers.
#[derive(Clone, Copy)]
pub(crate) enum Exit {
    /// The entry frame has returned what is in [`Vm::result`].
    Returned,
    /// Something was raised in the top frame.
    Raised,
    /// The segment of the budget is used up, or too short for the fast loop.
    Safepoint,
}

/// How it goes on behind a safepoint.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    /// As ever.
    Run,
    /// By one instruction, since something waits to be done behind it.
    Step,
}

impl Vm {
    /// Runs the top frame, which is of kind `Entry`, until it is left.
    pub(crate) fn execute(&mut self) -> Outcome {
        if let Err(raised) = self.check_stack() {
            self.leave_frame();
            return Err(raised);
        }
        // What died when the frame was made ready goes before its first instruction.
        self.run_finalisers();
        let bottom = self.frames.len() - 1;
        self.execute_from(bottom)
    }

    /// Runs the top frame until the entry frame at `bottom` is left.
    pub(crate) fn execute_from(&mut self, bottom: usize) -> Outcome {
        let switches_anywhere = self.conditions().switch_at == SwitchAt::Instruction;
        let mut takes_a_step = false;
        loop {
            let is_exact = takes_a_step || (switches_anywhere && self.budget < SAFEPOINT_DISTANCE as i64);
            takes_a_step = false;
            let exit = if is_exact { looped::run::<NoProbe, true>(self, &mut NoProbe) } else { run_fast(self) };
            match exit {
                Exit::Returned => return Ok(self.result.take().unwrap_or_else(Owned::none)),
                Exit::Raised => self.unwind(bottom)?,
                Exit::Safepoint => match self.at_safepoint() {
                    Ok(then) => takes_a_step = then == Then::Step,
                    Err(Raised(())) => self.unwind(bottom)?,
                },
            }
        }
    }

    /// Between two instructions, with the budget possibly used up: gives others a turn, looks at signals.
    #[cold]
    #[inline(never)]
    fn at_safepoint(&mut self) -> Outcome<Then> {
        if self.budget <= 0 || self.is_pressed() {
            self.budget_expired();
            self.stop_if_ending();
        }
        let is_deferred = self.is_urgent() && (self.holds_signals() || self.is_at_edge_of_context());
        if self.is_urgent() && !is_deferred {
            self.heed_between_instructions()?;
        }
        self.run_finalisers();
        self.collect_if_grown();
        if is_deferred {
            self.check_after_one();
            return Ok(Then::Step);
        }
        self.note_check();
        Ok(Then::Run)
    }
}
