//! Calls, and what ends them.

use toy_code::{Instruction, Op};
use toy_object::Owned;

use crate::classes::ClassName;
use crate::frame::{FrameKind, taken};
use crate::native::Outcome;
use crate::run::call::Called;
use crate::run::window::Window;
use crate::thread::Vm;

impl Vm {
    #[inline(never)]
    pub(super) fn perform_calling(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let (a, b, c) = (instruction.a(), instruction.b(), instruction.c());
        match op {
            Op::Call => self.perform_call(b, c as usize, None, a)?,
            Op::CallKeywords => {
                let names = self.constant(self.data_word() as usize);
                self.skip(1);
                self.perform_call(b, c as usize, Some(names), a)?;
            }
            Op::CallStar => self.perform_call_star(instruction)?,
            Op::CallMethod | Op::CallMethodKeywords => {
                let names = if op == Op::CallMethodKeywords {
                    let names = self.constant(self.data_word() as usize);
                    self.skip(1);
                    Some(names)
                } else {
                    None
                };
                if self.top().register(b as isize + 1).is_unbound() {
                    let callee = self.take_register(b);
                    self.finish(b + 1, callee);
                    self.perform_call(b + 1, c as usize, names, a)?;
                } else {
                    self.perform_call(b, c as usize + 1, names, a)?;
                }
            }
            _ => unreachable!("no call"),
        }
        Ok(())
    }

    /// Calls the window at register `callee`.
    pub(in crate::run) fn perform_call(
        &mut self,
        callee: u16,
        count: usize,
        names: Option<Owned>,
        a: u16,
    ) -> Outcome<()> {
        let first = self.top().base.wrapping_add(callee as usize);
        self.reserve_registers(first, count + 3)?;
        match self.call_window(Window::new(first, count), names, a, FrameKind::Call)? {
            Called::Frame => {}
            Called::Result(result) => self.finish(a, result),
        }
        Ok(())
    }

    /// A frame of kind `Call`, `Init` or `Generator`, or one that a frame object keeps an eye on, has returned. `Some`: it
    /// was the entry frame, and this is the result of the loop.
    pub(in crate::run) fn finish_return(&mut self, value: Owned) -> Outcome<Option<Owned>> {
        let frame = *self.top();
        self.leave_frame();
        let link = taken(frame.link);
        match frame.kind {
            FrameKind::Entry => {
                if link.get().is_unbound() {
                    return Ok(Some(value));
                }
                self.end_generator(link.get());
                Ok(Some(value))
            }
            FrameKind::Call => {
                self.finish(frame.destination, value);
                Ok(None)
            }
            FrameKind::Attribute => {
                self.skip(2);
                self.finish(frame.destination, value);
                Ok(None)
            }
            FrameKind::Init => {
                if !value.get().is_none() {
                    let message = format!("__init__() should return None, not '{}'", self.type_name(value.get()));
                    return Err(self.raise(ClassName::TypeError, message));
                }
                self.finish(frame.destination, link);
                Ok(None)
            }
            FrameKind::Generator => {
                self.end_generator(link.get());
                self.deliver_generator_end(value);
                Ok(None)
            }
        }
    }
}
