//! Iterators, and what `await` and `async` are made of.

use toy_code::{Instruction, Op};

use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    #[inline(never)]
    pub(super) fn perform_waiting(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let (a, c) = (instruction.a(), instruction.c());
        match op {
            Op::GetYieldFromIterator => {
                let object = self.operand(instruction, 1);
                let iterator = self.yield_from_iterator(object.get())?;
                drop(object);
                self.finish(a, iterator);
            }
            Op::GetAwaitable => {
                let object = self.operand(instruction, 1);
                let iterator = self.get_awaitable(object.get(), c)?;
                drop(object);
                self.finish(a, iterator);
            }
            Op::GetAsyncIterator => {
                let object = self.operand(instruction, 1);
                let iterator = self.get_async_iterator(object.get())?;
                drop(object);
                self.finish(a, iterator);
            }
            Op::GetAsyncNext => {
                let iterator = self.operand(instruction, 1);
                let next = self.get_async_next(iterator.get())?;
                self.finish(a, next);
            }
            Op::EndAsyncFor => {
                let exception = self.take_register(a);
                if !self.is_instance_of(exception.get(), ClassName::StopAsyncIteration) {
                    return Err(self.raise_again(exception));
                }
            }
            _ => unreachable!("nothing is iterated or awaited"),
        }
        Ok(())
    }
}
