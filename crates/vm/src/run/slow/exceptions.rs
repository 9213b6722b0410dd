//! Raising and catching exceptions; `with`.

use toy_code::{Instruction, Op};
use toy_object::{ExceptionSlot, Name, Owned, Ref, Value};

use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;
use crate::traceback::{handled_mark, mark_handled};

impl Vm {
    #[inline(never)]
    pub(super) fn perform_exception(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let a = instruction.a();
        match op {
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
            _ => unreachable!("no exception"),
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
}
