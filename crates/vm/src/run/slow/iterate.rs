//! Iterators are made, and generators asked, the general way.

use toy_code::{Instruction, Op};
use toy_object::Owned;

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

    /// `for` over a generator that is not plain.
    pub(in crate::run) fn perform_for(&mut self, instruction: Instruction) -> Outcome<Performed> {
        let generator = self.register(instruction.b());
        if !self.send_in_loop(generator.get(), Owned::none(), instruction.a(), Bound::None)? {
            drop(generator);
            drop(self.take_register(instruction.b()));
            if instruction.op() == Some(Op::ForIterator) {
                self.jump(instruction.jump16() as isize);
            }
        }
        Ok(Performed::Done)
    }
}
