//! Locals, cells, globals and names of class bodies.

use toy_code::{CodeKind, Instruction, Op};
use toy_object::{Owned, Ref};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;
use crate::traceback::{code_kind, code_of};

impl Vm {
    #[inline(never)]
    pub(super) fn perform_name(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let (a, b, c) = (instruction.a(), instruction.b(), instruction.c());
        match op {
            // These three come here for objects whose counts are watched.
            Op::LoadConst => {
                let value = self.constant(instruction.wide() as usize);
                self.finish(a, value);
            }
            Op::Move => {
                let value = self.operand(instruction, 1);
                self.finish(a, value);
            }
            Op::CheckBound => return Err(self.unbound_local(a)),
            Op::DeleteLocal => {
                if self.top().register(a as isize).is_unbound() {
                    return Err(self.unbound_local(a));
                }
                drop(self.take_register(a));
            }
            Op::MakeCell => {
                let content = self.take_register(a);
                let cell = self.new_cell(content)?;
                self.finish(a, cell);
            }
            Op::LoadCell => {
                let cell = self.register(b);
                match cell.get().as_cell().and_then(|cell| cell.get()) {
                    Some(value) => self.finish(a, value),
                    None => return Err(self.unbound_local(b)),
                }
            }
            Op::StoreCell => {
                let value = self.operand(instruction, 1);
                let cell = self.register(a);
                let old = cell.get().as_cell().map(|cell| cell.set(value));
                drop(old);
            }
            Op::DeleteCell => {
                let cell = self.register(a);
                let old = cell.get().as_cell().map(|cell| cell.set(Owned::unbound()));
                if old.is_none_or(|old| old.value().is_unbound()) {
                    return Err(self.unbound_local(a));
                }
            }
            Op::LoadFree => {
                let index = instruction.wide() as usize;
                let cell = self.closure_cell(index);
                match cell.get().as_cell().and_then(|cell| cell.get()) {
                    Some(value) => self.finish(a, value),
                    None => {
                        let name = self.free_name(index);
                        return Err(self.unbound_free(&name));
                    }
                }
            }
            Op::StoreFree => {
                let value = self.operand(instruction, 0);
                let cell = self.closure_cell(instruction.wide() as usize);
                let old = cell.get().as_cell().map(|cell| cell.set(value));
                drop(old);
            }
            Op::DeleteFree => {
                let index = instruction.wide() as usize;
                let cell = self.closure_cell(index);
                let old = cell.get().as_cell().map(|cell| cell.set(Owned::unbound()));
                if old.is_none_or(|old| old.value().is_unbound()) {
                    let name = self.free_name(index);
                    return Err(self.unbound_free(&name));
                }
            }
            Op::LoadClosure => {
                let cell = self.closure_cell(instruction.wide() as usize);
                self.finish(a, cell);
            }
            Op::LoadGlobal => self.perform_load_global(instruction)?,
            Op::StoreGlobal => self.perform_store_global(instruction)?,
            Op::DeleteGlobal => self.perform_delete_global(instruction)?,
            Op::LoadName => {
                let name = self.code_name(instruction.wide() as usize);
                let value = match self.perform_load_name(name)? {
                    Some(value) => value,
                    None => self.load_global_by(name, false)?,
                };
                self.finish(a, value);
            }
            Op::LoadNameOrCell => {
                let name = self.code_name(b as usize);
                let value = match self.perform_load_name(name)? {
                    Some(value) => value,
                    None => {
                        let cell = self.closure_cell(c as usize);
                        let content = cell.get().as_cell().and_then(|cell| cell.get());
                        match content {
                            Some(value) => value,
                            None => {
                                let name = self.free_name(c as usize);
                                return Err(self.unbound_free(&name));
                            }
                        }
                    }
                };
                self.finish(a, value);
            }
            Op::StoreName => {
                let value = self.operand(instruction, 0);
                let name = self.code_name(instruction.wide() as usize);
                let namespace = self.namespace();
                self.set_item(namespace.get(), name, value.get())?;
            }
            Op::DeleteName => {
                let name = self.code_name(instruction.wide() as usize);
                let namespace = self.namespace();
                if self.delete_item(namespace.get(), name).is_err() {
                    if !self.raised_is(ClassName::KeyError) {
                        return Err(Raised(()));
                    }
                    drop(self.take_raised());
                    return Err(self.undefined_name(name));
                }
            }
            _ => unreachable!("no instruction about names"),
        }
        Ok(())
    }

    fn local_name(&self, register: u16) -> String {
        let function = self.top().function();
        let code = function.get().as_function().map(|function| function.code());
        let code = code.as_ref().and_then(|code| code.get().as_code());
        let name = code.and_then(|code| code_of(code).local_names.get(register as usize).map(|name| name.to_string()));
        name.unwrap_or_default()
    }

    fn free_name(&self, index: usize) -> String {
        let function = self.top().function();
        let code = function.get().as_function().map(|function| function.code());
        let code = code.as_ref().and_then(|code| code.get().as_code());
        let name = code.and_then(|code| code_of(code).free_names.get(index).map(|name| name.to_string()));
        name.unwrap_or_default()
    }

    fn closure_cell(&self, index: usize) -> Owned {
        let function = self.top().function();
        let closure = function.get().as_function().and_then(|function| function.closure().map(Ref::to_owned));
        let cell = closure.as_ref().and_then(|closure| closure.get().as_tuple()?.get(index).map(Ref::to_owned));
        cell.unwrap_or_else(Owned::none)
    }

    #[cold]
    fn unbound_local(&mut self, register: u16) -> Raised {
        let name = self.local_name(register);
        let Ok(object) = self.intern(&name) else { return Raised(()) };
        if code_kind(self.top().code()) != CodeKind::Function {
            return self.undefined_name(object.get());
        }
        let message = format!("cannot access local variable '{name}' where it is not associated with a value");
        self.raise_name_error(ClassName::UnboundLocalError, object.get(), &message)
    }

    #[cold]
    fn unbound_free(&mut self, name: &str) -> Raised {
        let Ok(object) = self.intern(name) else { return Raised(()) };
        let message =
            format!("cannot access free variable '{name}' where it is not associated with a value in enclosing scope");
        self.raise_name_error(ClassName::NameError, object.get(), &message)
    }
}
