//! Calls of functions from Rust: a frame at once where no argument has to be arranged.

use std::ptr::NonNull;

use toy_object::{Owned, Ref, ShapeId, Value};

use crate::frame::{Frame, FrameKind, code_of, function_of};
use crate::native::Outcome;
use crate::run::registers::Registers;
use crate::run::window::Window;
use crate::thread::Vm;

impl Vm {
    /// What [`call`](Self::call) does, the short way for functions that take just these arguments: for what is called again
    /// and again (keys of a sort, special methods).
    pub fn call_back(&mut self, callee: Ref<'_>, arguments: &[Ref<'_>]) -> Outcome {
        match callee.shape() {
            ShapeId::FUNCTION => {}
            ShapeId::NATIVE_FUNCTION => {
                let window = Window::new(self.stack_top(), arguments.len());
                self.reserve_registers(window.first, arguments.len() + 3)?;
                let arguments = arguments.iter().copied().map(Ref::to_owned);
                window.fill(callee.to_owned(), arguments);
                return self.perform_native(window);
            }
            _ => return self.call(callee, arguments),
        }
        let code = code_of(function_of(callee.value()));
        let layout = code.layout();
        if layout.plain_count as usize != arguments.len() || self.frames.len() >= self.recursion_limit() {
            return self.call(callee, arguments);
        }
        let first = self.stack_top();
        self.reserve_registers(first, layout.register_count as usize + 2)?;
        let registers = Registers(first);
        registers.set(0, callee.to_owned().into_value());
        for (place, argument) in (1..).zip(arguments) {
            registers.set(place, Ref::to_owned(*argument).into_value());
        }
        // What other frames left above the stack is no pointer, but locals must not look bound.
        for local in arguments.len()..layout.local_count as usize {
            registers.set(local + 1, Value::UNBOUND);
        }
        self.frames.push(Frame {
            pc: code.words().as_ptr(),
            base: first.wrapping_add(1),
            code: NonNull::from(code),
            link: Value::UNBOUND,
            object: Value::UNBOUND,
            handled_depth: self.handled.len() as u32,
            destination: 0,
            kind: FrameKind::Entry,
        });
        self.execute()
    }

    /// [`call_back`](Self::call_back) with one argument.
    pub fn call_with(&mut self, callee: Ref<'_>, argument: &Owned) -> Outcome {
        self.call_back(callee, &[argument.get()])
    }
}
