//! Iterators are made and asked the general way.

use toy_code::{Instruction, Op};
use toy_object::{Owned, ShapeId};

use super::Performed;
use crate::generator::Bound;
use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    pub(in crate::run) fn perform_get_iterator(&mut self, instruction: Instruction) -> Outcome<()> {
        let object = self.operand(instruction, 1);
        let iterator = self.get_iterator(object.get())?;
        drop(object);
        self.finish(instruction.a(), iterator);
        Ok(())
    }

    /// `for` over what the loop has no short way for: generators that are not plain, instances with `__next__`.
    pub(in crate::run) fn perform_for(&mut self, instruction: Instruction) -> Outcome<Performed> {
        let iterator = self.register(instruction.b());
        if iterator.get().shape() == ShapeId::GENERATOR {
            if !self.send_in_loop(iterator.get(), Owned::none(), instruction.a(), Bound::None)? {
                self.end_iteration(instruction, iterator);
            }
            return Ok(Performed::Done);
        }
        match self.next_slowly(iterator.get())? {
            Some(value) => self.continue_iteration(instruction, value),
            None => self.end_iteration(instruction, iterator),
        }
        Ok(Performed::Done)
    }

    fn end_iteration(&mut self, instruction: Instruction, iterator: Owned) {
        drop(iterator);
        drop(self.take_register(instruction.b()));
        if instruction.op() == Some(Op::ForIterator) {
            self.jump(instruction.jump16() as isize);
        }
    }

    fn continue_iteration(&mut self, instruction: Instruction, value: Owned) {
        self.finish(instruction.a(), value);
        if instruction.op() == Some(Op::ForNext) {
            self.jump(instruction.jump16() as isize);
        }
    }
}
