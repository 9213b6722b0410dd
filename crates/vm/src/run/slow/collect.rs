//! What comprehensions and long displays put into the collection that they make, one thing after the other.

use toy_code::{Instruction, Op};
use toy_object::Ref;

use crate::frame::borrowed;
use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    /// Does `list_append`, `set_add` or `dict_set`.
    #[inline(never)]
    pub(in crate::run) fn perform_collect(&mut self, instruction: Instruction) -> Outcome<()> {
        let collection = self.collection(instruction.a());
        let item = self.operand(instruction, 1);
        match instruction.op() {
            Some(Op::SetAdd) => {
                self.set_add(collection, item.get())?;
            }
            Some(Op::DictSet) => {
                let value = self.operand(instruction, 2);
                self.dict_set(collection, item.get(), value.get())?;
            }
            _ => {
                if let Some(list) = collection.as_list() {
                    list.push(self.heap(), item)?;
                }
            }
        }
        Ok(())
    }

    /// The list, set or dict in the making that a register of the running frame holds. Nothing overwrites that register
    /// before the instruction is done, whatever script code runs meanwhile.
    fn collection<'a>(&self, register: u16) -> Ref<'a> {
        borrowed(self.top().register(register as isize))
    }
}
