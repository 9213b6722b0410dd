//! Instructions done the general way: everything that calls, allocates more than a little, or fails.
//!
//! The frame's `pc` stands behind the instruction word; whoever finishes an instruction with cache or data words skips them.
//! Results are written last, and what they replace is dropped after that.

mod callback;
mod collect;
mod iterate;
mod resume;

use toy_code::{Instruction, Op, flag};
use toy_object::{ExceptionSlot, Name, Owned, Ref, ShapeId, Value};

use super::call::Called;
use super::registers::word;
use super::window::Window;
use crate::classes::ClassName;
use crate::frame::{self, Frame, FrameKind, taken};
use crate::native::{Outcome, Raised};
use crate::protocol::{BinaryOp, CompareOp, UnaryOp};
use crate::thread::Vm;
use crate::traceback::{code_of, handled_mark, mark_handled};

/// What became of an instruction.
pub(crate) enum Performed {
    /// It is done; the top frame goes on, which may be another one.
    Done,
    /// The entry frame has returned this, or a generator that Rust code resumes has yielded it; the frame is gone.
    Returned(Owned),
}

impl Vm {
    /// The running frame.
    #[inline(always)]
    pub(crate) fn top(&self) -> &Frame {
        &self.frames[self.frames.len() - 1]
    }

    /// The content of a `Read` operand (0 is `a`): moved out if it is consumed, else counted.
    pub(super) fn operand(&mut self, instruction: Instruction, operand: u8) -> Owned {
        let register = match operand {
            0 => instruction.a(),
            1 => instruction.b(),
            _ => instruction.c(),
        };
        let frame = self.top();
        if Self::consumes(instruction, operand) {
            taken(frame.replace(register as isize, Value::UNBOUND))
        } else {
            frame::owned(frame.register(register as isize))
        }
    }

    /// [`finish`](Self::finish) for the generator module.
    pub(crate) fn finish_register(&mut self, register: u16, value: Owned) {
        self.finish(register, value);
    }

    /// A register's content, counted.
    pub(crate) fn register_of(&self, index: u16) -> Owned {
        self.register(index)
    }

    pub(super) fn register(&self, index: u16) -> Owned {
        frame::owned(self.top().register(index as isize))
    }

    /// Takes a register's content out.
    pub(super) fn take_register(&self, index: u16) -> Owned {
        taken(self.top().replace(index as isize, Value::UNBOUND))
    }

    /// Takes the contents of consecutive registers out.
    pub(super) fn take_range(&self, first: u16, count: usize) -> Vec<Owned> {
        (first as usize..first as usize + count).map(|index| self.take_register(index as u16)).collect()
    }

    /// Writes the result; what the register held is dropped.
    pub(super) fn finish(&mut self, register: u16, value: Owned) {
        let old = self.top().replace(register as isize, value.into_value());
        drop(taken(old));
    }

    /// Steps over cache or data words.
    pub(super) fn skip(&mut self, words: usize) {
        let top = self.frames.len() - 1;
        self.frames[top].pc = self.frames[top].pc.wrapping_add(words);
    }

    /// Jumps by a distance from behind the instruction.
    pub(crate) fn jump_by(&mut self, distance: isize) {
        self.jump(distance);
    }

    pub(super) fn jump(&mut self, distance: isize) {
        let top = self.frames.len() - 1;
        self.frames[top].pc = self.frames[top].pc.wrapping_offset(distance);
    }

    /// The data word behind the instruction.
    pub(super) fn data_word(&self) -> u64 {
        word(self.top().pc)
    }

    fn constant(&self, index: usize) -> Owned {
        frame::owned(self.top().code().constant_values()[index])
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
        if crate::traceback::code_kind(self.top().code()) != toy_code::CodeKind::Function {
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

    /// Does one instruction of the top frame. What loops consist of has a short way past the large function.
    #[inline(never)]
    pub(super) fn perform(&mut self, instruction: Instruction) -> Outcome<Performed> {
        match instruction.op() {
            Some(Op::ForIterator | Op::ForNext) => self.perform_for(instruction),
            Some(Op::Yield) => self.perform_yield(instruction, false),
            Some(Op::Unpack) => self.perform_unpack(instruction).map(|()| Performed::Done),
            Some(Op::GetIterator) => self.perform_get_iterator(instruction).map(|()| Performed::Done),
            Some(op @ (Op::FormatValue | Op::BuildTuple | Op::BuildString)) => {
                self.perform_build(op, instruction).map(|()| Performed::Done)
            }
            _ => self.perform_other(instruction),
        }
    }

    #[inline(never)]
    fn perform_other(&mut self, instruction: Instruction) -> Outcome<Performed> {
        let (a, b, c) = (instruction.a(), instruction.b(), instruction.c());
        let Some(op) = instruction.op() else { return Err(self.raise(ClassName::SystemError, "unknown instruction")) };
        match op {
            Op::Clear | Op::Jump | Op::Safepoint | Op::Return => unreachable!("the loop does these by itself"),
            // These three come here for objects whose counts are watched.
            Op::LoadConst => {
                let value = self.constant(instruction.wide() as usize);
                self.finish(a, value);
            }
            Op::Move => {
                let value = self.operand(instruction, 1);
                self.finish(a, value);
            }
            Op::ReturnConst => {
                let value = self.constant(instruction.wide() as usize);
                if let Some(value) = self.finish_return(value)? {
                    return Ok(Performed::Returned(value));
                }
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
                let value = match self.perform_load_name(name.get())? {
                    Some(value) => value,
                    None => self.load_global_by(name.get(), false)?,
                };
                self.finish(a, value);
            }
            Op::LoadNameOrCell => {
                let name = self.code_name(b as usize);
                let value = match self.perform_load_name(name.get())? {
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
                self.set_item(namespace.get(), name.get(), value.get())?;
            }
            Op::DeleteName => {
                let name = self.code_name(instruction.wide() as usize);
                let namespace = self.namespace();
                if self.delete_item(namespace.get(), name.get()).is_err() {
                    if !self.raised_is(ClassName::KeyError) {
                        return Err(Raised(()));
                    }
                    drop(self.take_raised());
                    return Err(self.undefined_name(name.get()));
                }
            }

            Op::Add => self.perform_binary(instruction, BinaryOp::Add)?,
            Op::Subtract => self.perform_binary(instruction, BinaryOp::Subtract)?,
            Op::Multiply => self.perform_binary(instruction, BinaryOp::Multiply)?,
            Op::MatrixMultiply => self.perform_binary(instruction, BinaryOp::MatrixMultiply)?,
            Op::TrueDivide => self.perform_binary(instruction, BinaryOp::TrueDivide)?,
            Op::FloorDivide => self.perform_binary(instruction, BinaryOp::FloorDivide)?,
            Op::Modulo => self.perform_binary(instruction, BinaryOp::Modulo)?,
            Op::Power => self.perform_binary(instruction, BinaryOp::Power)?,
            Op::LeftShift => self.perform_binary(instruction, BinaryOp::LeftShift)?,
            Op::RightShift => self.perform_binary(instruction, BinaryOp::RightShift)?,
            Op::And => self.perform_binary(instruction, BinaryOp::And)?,
            Op::Or => self.perform_binary(instruction, BinaryOp::Or)?,
            Op::Xor => self.perform_binary(instruction, BinaryOp::Xor)?,
            Op::AddConst => self.perform_binary_const(instruction, BinaryOp::Add)?,
            Op::SubtractConst => self.perform_binary_const(instruction, BinaryOp::Subtract)?,
            Op::MultiplyConst => self.perform_binary_const(instruction, BinaryOp::Multiply)?,
            Op::MatrixMultiplyConst => self.perform_binary_const(instruction, BinaryOp::MatrixMultiply)?,
            Op::TrueDivideConst => self.perform_binary_const(instruction, BinaryOp::TrueDivide)?,
            Op::FloorDivideConst => self.perform_binary_const(instruction, BinaryOp::FloorDivide)?,
            Op::ModuloConst => self.perform_binary_const(instruction, BinaryOp::Modulo)?,
            Op::PowerConst => self.perform_binary_const(instruction, BinaryOp::Power)?,
            Op::LeftShiftConst => self.perform_binary_const(instruction, BinaryOp::LeftShift)?,
            Op::RightShiftConst => self.perform_binary_const(instruction, BinaryOp::RightShift)?,
            Op::AndConst => self.perform_binary_const(instruction, BinaryOp::And)?,
            Op::OrConst => self.perform_binary_const(instruction, BinaryOp::Or)?,
            Op::XorConst => self.perform_binary_const(instruction, BinaryOp::Xor)?,
            Op::Negative => self.perform_unary(instruction, UnaryOp::Negative)?,
            Op::Positive => self.perform_unary(instruction, UnaryOp::Positive)?,
            Op::Invert => self.perform_unary(instruction, UnaryOp::Invert)?,
            Op::Not => {
                let operand = self.operand(instruction, 1);
                let truth = self.truth(operand.get())?;
                self.finish(a, Owned::bool(!truth));
            }
            Op::Equal => self.perform_compare(instruction, CompareOp::Equal)?,
            Op::NotEqual => self.perform_compare(instruction, CompareOp::NotEqual)?,
            Op::Less => self.perform_compare(instruction, CompareOp::Less)?,
            Op::LessEqual => self.perform_compare(instruction, CompareOp::LessEqual)?,
            Op::Greater => self.perform_compare(instruction, CompareOp::Greater)?,
            Op::GreaterEqual => self.perform_compare(instruction, CompareOp::GreaterEqual)?,
            Op::Is | Op::IsNot => {
                let (left, right) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let same = left.get().is(right.get());
                self.finish(a, Owned::bool(same == (op == Op::Is)));
            }
            Op::In | Op::NotIn => {
                let (item, container) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let found = self.contains(container.get(), item.get())?;
                self.finish(a, Owned::bool(found == (op == Op::In)));
            }

            Op::JumpIf => {
                let operand = self.operand(instruction, 0);
                let truth = self.truth(operand.get())?;
                drop(operand);
                self.jump_if(instruction, truth, instruction.jump32() as isize);
            }
            Op::JumpOrClear => {
                let operand = self.register(a);
                let truth = self.truth(operand.get())?;
                drop(operand);
                if truth != (instruction.flags() & flag::JUMP_IF_TRUE != 0) {
                    drop(self.take_register(a));
                }
                self.jump_if(instruction, truth, instruction.jump32() as isize);
            }
            Op::JumpIfNone => {
                let operand = self.operand(instruction, 0);
                let is_none = operand.get().is_none();
                drop(operand);
                self.jump_if(instruction, is_none, instruction.jump32() as isize);
            }
            Op::JumpEqual => self.perform_jump(instruction, CompareOp::Equal)?,
            Op::JumpNotEqual => self.perform_jump(instruction, CompareOp::NotEqual)?,
            Op::JumpLess => self.perform_jump(instruction, CompareOp::Less)?,
            Op::JumpLessEqual => self.perform_jump(instruction, CompareOp::LessEqual)?,
            Op::JumpGreater => self.perform_jump(instruction, CompareOp::Greater)?,
            Op::JumpGreaterEqual => self.perform_jump(instruction, CompareOp::GreaterEqual)?,
            Op::JumpEqualConst => self.perform_jump_const(instruction, CompareOp::Equal)?,
            Op::JumpNotEqualConst => self.perform_jump_const(instruction, CompareOp::NotEqual)?,
            Op::JumpLessConst => self.perform_jump_const(instruction, CompareOp::Less)?,
            Op::JumpLessEqualConst => self.perform_jump_const(instruction, CompareOp::LessEqual)?,
            Op::JumpGreaterConst => self.perform_jump_const(instruction, CompareOp::Greater)?,
            Op::JumpGreaterEqualConst => self.perform_jump_const(instruction, CompareOp::GreaterEqual)?,
            Op::JumpIs => {
                let (left, right) = (self.operand(instruction, 0), self.operand(instruction, 1));
                let same = left.get().is(right.get());
                drop((left, right));
                self.jump_if(instruction, same, instruction.jump16() as isize);
            }
            Op::JumpIn => {
                let (item, container) = (self.operand(instruction, 0), self.operand(instruction, 1));
                let found = self.contains(container.get(), item.get())?;
                drop((item, container));
                self.jump_if(instruction, found, instruction.jump16() as isize);
            }

            Op::Call => self.perform_call(b, c as usize, None, a)?,
            Op::CallKeywords => {
                let names = self.constant(self.data_word() as usize);
                self.skip(1);
                self.perform_call(b, c as usize, Some(names), a)?;
            }
            Op::CallStar => self.perform_call_star(instruction)?,
            Op::GetMethod => self.perform_get_method(instruction)?,
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

            Op::MakeFunction => self.perform_make_function(instruction)?,
            Op::LoadBuildClass => {
                let builder = self.machine().extra("__build_class__").unwrap_or_else(Owned::none);
                self.finish(a, builder);
            }
            Op::LoadAssertionError => {
                let class = self.class(ClassName::AssertionError);
                self.finish(a, class);
            }
            Op::SetupAnnotations => self.perform_setup_annotations()?,
            Op::ForIterator
            | Op::ForNext
            | Op::Yield
            | Op::Unpack
            | Op::SetAdd
            | Op::DictSet
            | Op::ListAppend
            | Op::GetIterator
            | Op::FormatValue
            | Op::BuildTuple
            | Op::BuildString => unreachable!("done before"),
            Op::BuildList
            | Op::BuildSet
            | Op::BuildDict
            | Op::BuildSlice
            | Op::ListAppendMany
            | Op::ListExtend
            | Op::ListToTuple
            | Op::SetUpdate
            | Op::DictUpdate
            | Op::DictMerge => self.perform_build(op, instruction)?,

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

            Op::UnpackStar => self.perform_unpack_star(instruction)?,

            Op::AsyncYield => return self.perform_yield(instruction, true),
            Op::GetYieldFromIterator => {
                let object = self.operand(instruction, 1);
                let iterator = self.yield_from_iterator(object.get())?;
                drop(object);
                self.finish(a, iterator);
            }
            Op::Send => return self.perform_send(instruction),
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

            Op::Catch => {
                let exception = self.take_raised();
                let depth = self.handled.len() - self.top().handled_depth as usize;
                self.handled.push(exception.clone());
                self.finish(a, exception);
                let old = self.top().replace(a as isize + 1, mark_handled(depth));
                debug_assert!(!old.is_pointer());
            }
            Op::EndCatch => {
                let mark = self.top().replace(a as isize + 1, Value::UNBOUND);
                let base = self.top().handled_depth as usize;
                if let Some(depth) = handled_mark(mark) {
                    self.handled.truncate(base + depth);
                }
                drop(self.take_register(a));
            }
            Op::Raise => {
                let value = self.operand(instruction, 0);
                let exception = self.exception_to_raise(value.get())?;
                return Err(self.raise_value(exception));
            }
            Op::RaiseFrom => {
                let (value, cause) = (self.operand(instruction, 0), self.operand(instruction, 1));
                return Err(self.raise_from(value.get(), cause.get()));
            }
            Op::RaiseAgain => {
                return Err(match self.handled.last().cloned().filter(|exception| !exception.get().is_none()) {
                    Some(exception) => self.raise_again(exception),
                    None => self.raise(ClassName::RuntimeError, "No active exception to reraise"),
                });
            }
            Op::Reraise => {
                let exception = self.take_register(a);
                return Err(self.raise_again(exception));
            }
            Op::JumpUnlessMatch => {
                let (exception, class) = (self.operand(instruction, 0), self.operand(instruction, 1));
                let matches = self.exception_matches(exception.get(), class.get())?;
                if !matches {
                    self.jump(instruction.jump16() as isize);
                }
            }
            Op::MatchGroup => {
                let (exception, class) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let (matching, rest) = self.match_group(exception.get(), class.get())?;
                drop((exception, class));
                self.finish(a, matching);
                self.finish(a + 1, rest);
            }
            Op::CombineGroups => {
                let (parts, original) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let combined = self.combine_groups(parts.get(), original.get())?;
                drop((parts, original));
                self.finish(a, combined);
            }

            Op::WithEnter => {
                let manager = self.operand(instruction, 1);
                let (exit, entered) = self.enter_context(manager.get())?;
                self.finish(a, exit);
                self.finish(a + 1, entered);
            }
            Op::AsyncWithEnter => {
                let manager = self.operand(instruction, 1);
                let (exit, entered) = self.enter_async_context(manager.get())?;
                self.finish(a, exit);
                self.finish(a + 1, entered);
            }
            Op::WithExcept => {
                let (exit, exception) = (self.operand(instruction, 1), self.operand(instruction, 2));
                let class = self.class_of(exception.get()).to_owned();
                let traceback = self.exception_slot(exception.get(), ExceptionSlot::Traceback);
                let traceback = traceback.unwrap_or_else(Owned::none);
                let result = self.call(exit.get(), &[class.get(), exception.get(), traceback.get()])?;
                self.finish(a, result);
            }

            Op::ImportName => {
                let level = self.data_word() as usize;
                let (from_list, name) = (self.constant(b as usize), self.code_name(c as usize));
                let function = self.top().function();
                let globals = function.get().as_function().map(|function| function.globals().to_owned());
                let globals = globals.unwrap_or_else(Owned::none);
                self.skip(1);
                let module = self.import_name(name.get(), globals.get(), from_list.get(), level)?;
                self.finish(a, module);
            }
            Op::ImportFrom => {
                let (module, name) = (self.register(b), self.code_name(c as usize));
                let value = self.import_from(module.get(), name.get())?;
                self.finish(a, value);
            }
            Op::ImportStar => {
                let module = self.operand(instruction, 0);
                let is_class = crate::traceback::code_kind(self.top().code()) == toy_code::CodeKind::Class;
                let function = self.top().function();
                let globals = function.get().as_function().map(|function| function.globals().to_owned());
                let target = if is_class { self.namespace() } else { globals.unwrap_or_else(Owned::none) };
                self.import_star(module.get(), target.get())?;
            }

            Op::MatchSequence
            | Op::MatchMapping
            | Op::MatchLength
            | Op::MatchKeys
            | Op::MatchClass
            | Op::CopyWithoutKeys => self.perform_match(op, instruction)?,

            Op::MakeTypeParameter => {
                let kind = self.data_word();
                let name = self.code_name(c as usize);
                let (bound, default) = (self.take_register(b), self.take_register(b + 1));
                self.skip(1);
                let parameter = self.make_type_parameter(kind, name, bound, default)?;
                self.finish(a, parameter);
            }
            Op::MakeTypeAlias => {
                let name = self.code_name(c as usize);
                let (parameters, value) = (self.take_register(b), self.take_register(b + 1));
                let alias = self.make_type_alias(name, parameters, value)?;
                self.finish(a, alias);
            }
        }
        Ok(Performed::Done)
    }

    fn jump_if(&mut self, instruction: Instruction, condition: bool, distance: isize) {
        if condition == (instruction.flags() & flag::JUMP_IF_TRUE != 0) {
            self.jump(distance);
        }
    }

    fn perform_binary(&mut self, instruction: Instruction, op: BinaryOp) -> Outcome<()> {
        let (left, right) = (self.operand(instruction, 1), self.operand(instruction, 2));
        self.finish_binary(instruction, op, left, right)
    }

    fn perform_binary_const(&mut self, instruction: Instruction, op: BinaryOp) -> Outcome<()> {
        let (register, constant) = (self.operand(instruction, 1), self.constant(instruction.c() as usize));
        if instruction.flags() & flag::SWAPPED != 0 {
            self.finish_binary(instruction, op, constant, register)
        } else {
            self.finish_binary(instruction, op, register, constant)
        }
    }

    fn finish_binary(&mut self, instruction: Instruction, op: BinaryOp, left: Owned, right: Owned) -> Outcome<()> {
        let is_in_place = instruction.flags() & flag::IN_PLACE != 0;
        if op == BinaryOp::Add && left.get().shape() == ShapeId::STR && right.get().shape() == ShapeId::STR {
            return self.concatenate(instruction, left, right);
        }
        let result = if is_in_place {
            self.binary_in_place(op, left.get(), right.get())?
        } else {
            self.binary(op, left.get(), right.get())?
        };
        drop((left, right));
        self.finish(instruction.a(), result);
        Ok(())
    }

    /// `left + right` of strings. `s = s + t` and `s += t` give the register's own count up first, so that a string which
    /// nobody else holds can grow in place.
    fn concatenate(&mut self, instruction: Instruction, left: Owned, right: Owned) -> Outcome<()> {
        let a = instruction.a();
        if !Self::consumes(instruction, 1) && self.top().register(a as isize) == left.value() && a == instruction.b() {
            drop(self.take_register(a));
        }
        let Some(right) = right.get().as_str() else { return Ok(()) };
        let result = self.append_str(left, right)?;
        self.finish(a, result);
        Ok(())
    }

    fn perform_unary(&mut self, instruction: Instruction, op: UnaryOp) -> Outcome<()> {
        let operand = self.operand(instruction, 1);
        let result = self.unary(op, operand.get())?;
        drop(operand);
        self.finish(instruction.a(), result);
        Ok(())
    }

    fn perform_compare(&mut self, instruction: Instruction, op: CompareOp) -> Outcome<()> {
        let (left, right) = (self.operand(instruction, 1), self.operand(instruction, 2));
        let result = self.compare(op, left.get(), right.get())?;
        drop((left, right));
        self.finish(instruction.a(), result);
        Ok(())
    }

    fn perform_jump(&mut self, instruction: Instruction, op: CompareOp) -> Outcome<()> {
        let (left, right) = (self.operand(instruction, 0), self.operand(instruction, 1));
        let truth = self.compare_bool(op, left.get(), right.get())?;
        drop((left, right));
        self.jump_if(instruction, truth, instruction.jump16() as isize);
        Ok(())
    }

    fn perform_jump_const(&mut self, instruction: Instruction, op: CompareOp) -> Outcome<()> {
        let (left, right) = (self.operand(instruction, 0), self.constant(instruction.b() as usize));
        let truth = self.compare_bool(op, left.get(), right.get())?;
        drop(left);
        self.jump_if(instruction, truth, instruction.jump16() as isize);
        Ok(())
    }

    /// Calls the window at register `callee`.
    pub(super) fn perform_call(&mut self, callee: u16, count: usize, names: Option<Owned>, a: u16) -> Outcome<()> {
        let first = self.top().base.wrapping_add(callee as usize);
        self.reserve_registers(first, count + 3)?;
        match self.call_window(Window::new(first, count), names, a, FrameKind::Call)? {
            Called::Frame => {}
            Called::Result(result) => self.finish(a, result),
        }
        Ok(())
    }

    /// Whether an exception is an instance of a class, or of one in a tuple.
    pub(crate) fn exception_matches(&mut self, exception: Ref<'_>, class: Ref<'_>) -> Outcome<bool> {
        self.check_caught_classes(class)?;
        let heap = self.heap();
        let matches = |class: Ref<'_>| self.class_of(exception).as_class(heap).is_some_and(|c| c.is_subclass_of(class));
        Ok(match class.as_tuple() {
            Some(classes) => classes.iter().any(matches),
            None => matches(class),
        })
    }

    /// Refuses what cannot be caught.
    pub(crate) fn check_caught_classes(&mut self, class: Ref<'_>) -> Outcome<()> {
        let heap = self.heap();
        let is_exception = |class: Ref<'_>| class.as_class(heap).is_some_and(|class| class.flags().is_exception);
        if is_exception(class) || class.as_tuple().is_some_and(|classes| classes.iter().all(is_exception)) {
            return Ok(());
        }
        let message = "catching classes that do not inherit from BaseException is not allowed";
        Err(self.raise(ClassName::TypeError, message))
    }

    /// Looks up `__enter__` and `__exit__` on the class, and enters.
    fn enter_context(&mut self, manager: Ref<'_>) -> Outcome<(Owned, Owned)> {
        let (enter, exit) = (self.lookup_special(manager, Name::Enter), self.lookup_special(manager, Name::Exit));
        let (Some(_), Some(exit)) = (&enter, exit) else {
            let missing = if enter.is_none() { "__enter__" } else { "__exit__" };
            let mut message =
                format!("'{}' object does not support the context manager protocol", self.type_name(manager));
            if missing == "__exit__" {
                message.push_str(" (missed __exit__ method)");
            }
            return Err(self.raise(ClassName::TypeError, message));
        };
        let class = self.class_of(manager).to_owned();
        let exit = self.bind(exit.get(), manager, class.get())?;
        match self.call_special(manager, Name::Enter, &[]) {
            Some(entered) => Ok((exit, entered?)),
            None => Ok((exit, Owned::none())),
        }
    }

    /// A frame of kind `Call`, `Init` or `Generator`, or one that a frame object keeps an eye on, has returned. `Some`: it
    /// was the entry frame, and this is the result of the loop.
    pub(super) fn finish_return(&mut self, value: Owned) -> Outcome<Option<Owned>> {
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
