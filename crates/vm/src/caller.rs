//! What natives may know of the frame that called them: `globals()`, `locals()`, `super()` without arguments.

use toy_code::CodeKind;
use toy_object::{Name, Owned, Ref};

use crate::native::Outcome;
use crate::thread::Vm;
use crate::traceback::{code_kind, code_of};

impl Vm {
    /// The globals, a dict, of the innermost frame; `None` while no script code runs.
    pub fn caller_globals(&self) -> Option<Owned> {
        let frame = self.frames.last()?;
        let function = frame.function();
        function.get().as_function().map(|function| function.globals().to_owned())
    }

    /// The local variables of the innermost frame: of a module or class body the namespace itself, else a new dict.
    pub fn caller_locals(&mut self) -> Outcome {
        let Some(frame) = self.frames.last() else { return Ok(self.new_dict()?) };
        match code_kind(frame.code()) {
            CodeKind::Module => Ok(self.caller_globals().unwrap_or_else(Owned::none)),
            CodeKind::Class => Ok(crate::frame::owned(frame.register(0))),
            CodeKind::Function => {
                let locals = self.frame_locals(self.frames.len() - 1);
                let dict = self.new_dict()?;
                for (name, value) in &locals {
                    self.dict_set(dict.get(), name.get(), value.get())?;
                }
                let object = crate::frame::borrowed_if_bound(self.frames[self.frames.len() - 1].object);
                let extra = object.and_then(|object| {
                    object.payload::<crate::traceback::FrameObject>(self.heap())?.extra.borrow().clone()
                });
                if let Some(extra) = extra {
                    self.dict_update(dict.get(), extra.get())?;
                }
                Ok(dict)
            }
        }
    }

    /// The first argument of the innermost frame, as `super()` needs it; `None` if there is none or it was deleted.
    pub fn caller_first_argument(&self) -> Option<Option<Owned>> {
        let frame = self.frames.last()?;
        let function = frame.function();
        let code = function.get().as_function()?.code();
        let plain = code_of(code.get().as_code()?);
        if plain.positional_count == 0 {
            return None;
        }
        let Some(value) = crate::frame::borrowed_if_bound(frame.register(0)) else { return Some(None) };
        Some(match value.as_cell() {
            Some(cell) if plain.cell_locals.contains(&0) => cell.get(),
            _ => Some(value.to_owned()),
        })
    }

    /// What the cell `__class__` of the innermost frame holds: the class whose body defines the running function. The outer
    /// `None`: there is no such cell.
    pub fn caller_class_cell(&self) -> Option<Option<Owned>> {
        let place = self.caller_class_place()?;
        let function = self.frames.last()?.function();
        let cell = function.get().as_function()?.closure().and_then(Ref::as_tuple)?.get(place)?;
        Some(cell.as_cell()?.get())
    }

    /// The place of the cell `__class__` in the closure of the innermost frame.
    pub(crate) fn caller_class_place(&self) -> Option<usize> {
        let function = self.frames.last()?.function();
        let code = function.get().as_function()?.code();
        code_of(code.get().as_code()?).free_names.iter().position(|name| &**name == "__class__")
    }
}

impl Vm {
    /// Whether calling it can mean anything.
    pub fn is_callable(&self, object: Ref<'_>) -> bool {
        object.as_class(self.heap()).is_some()
            || object.as_function().is_some()
            || object.as_native_function().is_some()
            || object.as_bound_method().is_some()
            || self.lookup_special(object, Name::Call).is_some()
    }

    /// The exception being handled, innermost: `sys.exception()`.
    pub fn handled_exception(&self) -> Option<Owned> {
        self.handled.last().filter(|exception| !exception.get().is_none()).cloned()
    }

    /// No exception is being handled from now on, until the frame on top has ended: what runs in it is a thread of its own to the script.
    pub fn hide_handled_exception(&mut self) {
        self.handled.push(Owned::none());
    }
}
