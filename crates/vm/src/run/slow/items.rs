//! Items and attributes of objects.

use toy_code::{Instruction, Op};

use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    #[inline(never)]
    pub(super) fn perform_access(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let (a, c) = (instruction.a(), instruction.c());
        match op {
            Op::GetItem => {
                let (object, index) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let value = self.get_item(object.get(), index.get())?;
                drop((object, index));
                self.finish(a, value);
            }
            Op::GetItemConst => {
                let (object, index) = (self.operand(instruction, 1), self.constant(c as usize));
                let value = self.get_item(object.get(), index.get())?;
                drop(object);
                self.finish(a, value);
            }
            Op::SetItem => {
                let object = self.operand(instruction, 0);
                let (index, value) = (self.operand(instruction, 1), self.operand(instruction, 2));
                self.set_item(object.get(), index.get(), value.get())?;
            }
            Op::SetItemConst => {
                let object = self.operand(instruction, 0);
                let (index, value) = (self.operand(instruction, 1), self.constant(c as usize));
                self.set_item(object.get(), index.get(), value.get())?;
            }
            Op::DeleteItem => {
                let (object, index) = (self.operand(instruction, 0), self.operand(instruction, 1));
                self.delete_item(object.get(), index.get())?;
            }
            Op::GetAttribute => self.perform_get_attribute(instruction)?,
            Op::SetAttribute => self.perform_set_attribute(instruction)?,
            Op::DeleteAttribute => self.perform_delete_attribute(instruction)?,
            Op::GetAttributeBy => {
                let (object, name) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let name = self.intern_str(name);
                let value = self.get_attribute(object.get(), name.get())?;
                self.finish(a, value);
            }
            Op::SetAttributeBy => {
                let object = self.operand(instruction, 0);
                let (value, name) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let name = self.intern_str(name);
                self.set_attribute(object.get(), name.get(), value.get())?;
            }
            Op::DeleteAttributeBy => {
                let (object, name) = (self.operand(instruction, 0), self.operand(instruction, 1));
                let name = self.intern_str(name);
                self.delete_attribute(object.get(), name.get())?;
            }
            Op::GetMethod => self.perform_get_method(instruction)?,
            Op::GetSuperMethod => self.perform_get_super_method(instruction)?,
            _ => unreachable!("no item and no attribute"),
        }
        Ok(())
    }
}
