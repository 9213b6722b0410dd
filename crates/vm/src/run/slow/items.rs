//! Items and attributes of objects.

use toy_code::{Instruction, Op};
use toy_object::{Kind, Name, Owned, ShapeId};

use crate::frame::FrameKind;
use crate::native::Outcome;
use crate::run::call::Called;
use crate::run::window::Window;
use crate::thread::Vm;

impl Vm {
    #[inline(never)]
    pub(super) fn perform_access(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let (a, c) = (instruction.a(), instruction.c());
        match op {
            Op::GetItem => {
                let (object, index) = (self.operand(instruction, 1), self.operand(instruction, 2));
                self.perform_get_item(a, object, index)?;
            }
            Op::GetItemConst => {
                let (object, index) = (self.operand(instruction, 1), self.constant(c as usize));
                self.perform_get_item(a, object, index)?;
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
    /// A `__getitem__` written in toy runs in a frame of this loop.
    fn perform_get_item(&mut self, destination: u16, object: Owned, index: Owned) -> Outcome<()> {
        if self.kind_of(object.get()) == Kind::Instance
            && let Some(method) = self.lookup_special(object.get(), Name::GetItem)
            && method.get().shape() == ShapeId::FUNCTION
        {
            let window = Window::new(self.stack_top(), 2);
            self.reserve_registers(self.stack_top(), 5)?;
            window.fill(method, [object, index].into_iter());
            if let Called::Result(result) = self.call_window(window, None, destination, FrameKind::Call)? {
                self.finish(destination, result);
            }
            return Ok(());
        }
        let value = self.get_item(object.get(), index.get())?;
        drop((object, index));
        self.finish(destination, value);
        Ok(())
    }
}
