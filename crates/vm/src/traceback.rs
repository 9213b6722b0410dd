//! Traceback and frame objects, and the way out of frames when something is raised.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use toy_code::{CodeKind, CodeObject, ExceptionRange, Position};
use toy_object::{Code, ExceptionSlot, Owned, Payload, Ref, Value};

use crate::classes::ClassName;
use crate::frame::{self, Frame, FrameKind};
use crate::link::CodeDetail;
use crate::native::{Outcome, Raised};
use crate::places::is_of_library;
use crate::thread::Vm;

/// A frame as scripts see it. While the frame runs its locals are on the stack; what a traceback keeps gets them when the
/// frame is left.
pub struct FrameObject {
    /// What runs.
    pub function: Owned,
    /// The frame that called; absent for the first.
    pub back: RefCell<Option<Owned>>,
    /// What the registers of the locals held when the frame was left, unbound if nothing; absent while it runs, and once
    /// they were let go of.
    pub(crate) locals: RefCell<Option<Vec<Owned>>>,
    /// A dict of what scripts put beside its variables; absent if nothing.
    pub extra: RefCell<Option<Owned>>,
    /// Index of the word behind the last instruction that ran.
    pub last: Cell<u32>,
    /// Whether it is a generator's that waits.
    pub(crate) waits: Cell<bool>,
}

impl Payload for FrameObject {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.function.get());
        for held in [&self.back, &self.extra] {
            if let Some(held) = &*held.borrow() {
                visit(held.get());
            }
        }
        let locals = self.locals.borrow();
        for value in locals.iter().flatten().map(Owned::get).filter(|value| value.value().is_pointer()) {
            visit(value);
        }
    }

    fn clear(&self) {
        drop((self.back.take(), self.locals.take(), self.extra.take()));
    }
}

/// One step of a traceback.
pub struct Traceback {
    /// The frame.
    pub frame: Owned,
    /// The next step inwards; absent for the place where it was raised.
    pub next: RefCell<Option<Owned>>,
    /// Index of the word behind the instruction.
    pub last: u32,
    /// Its line.
    pub line: u32,
}

impl Payload for Traceback {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.frame.get());
        if let Some(next) = &*self.next.borrow() {
            visit(next.get());
        }
    }

    fn clear(&self) {
        drop(self.next.take());
    }
}

/// What linked code keeps of its plain form.
pub(crate) fn code_detail(code: Code<'_>) -> &CodeDetail {
    let detail: &dyn std::any::Any = code.detail();
    detail.downcast_ref().expect("code is linked by this crate")
}

/// The plain code object behind linked code.
pub(crate) fn code_of(code: Code<'_>) -> &CodeObject {
    &code_detail(code).code
}

/// The plain code object that a frame runs.
pub(crate) fn frame_code(frame: &Frame) -> &Arc<CodeObject> {
    let detail: &dyn std::any::Any = frame.code().detail();
    &detail.downcast_ref::<CodeDetail>().expect("code is linked by this crate").code
}

impl Vm {
    /// The frame object of a frame on this thread's stack, made if it has none yet.
    pub(crate) fn frame_object(&mut self, index: usize) -> Outcome {
        let frame = self.frames[index];
        if !frame.object.is_unbound() {
            let object = frame::owned(frame.object);
            if let Some(payload) = object.get().payload::<FrameObject>(self.heap()) {
                payload.last.set(frame.word_index() as u32);
            }
            return Ok(object);
        }
        let object = self.new_frame_object(frame.function(), frame.word_index() as u32)?;
        self.frames[index].object = object.clone().into_value();
        Ok(object)
    }

    /// A frame object without locals.
    pub(crate) fn new_frame_object(&self, function: Owned, last: u32) -> Outcome {
        let payload = FrameObject {
            function,
            back: RefCell::new(None),
            locals: RefCell::default(),
            extra: RefCell::default(),
            last: Cell::new(last),
            waits: Cell::new(false),
        };
        Ok(self.new_native(self.class_shape(ClassName::Frame), payload)?)
    }

    /// The frame object of the frame `depth` calls above the running one; `None` if there is none.
    pub fn frame_at(&mut self, depth: usize) -> Outcome<Option<Owned>> {
        let index = self.frames.len().checked_sub(depth.saturating_add(1));
        index.map(|index| self.frame_object(index)).transpose()
    }

    /// The place on this thread's stack of a frame as scripts see it; `None` if it does not run here.
    fn index_of_frame(&self, object: Ref<'_>) -> Option<usize> {
        self.frames.iter().rposition(|frame| frame.object == object.value())
    }

    /// The frame that called a frame as scripts see it.
    pub fn caller_of_frame(&mut self, object: Ref<'_>) -> Outcome<Option<Owned>> {
        match self.index_of_frame(object) {
            Some(index) => index.checked_sub(1).map(|index| self.frame_object(index)).transpose(),
            None => Ok(object.payload::<FrameObject>(self.heap()).and_then(|frame| frame.back.borrow().clone())),
        }
    }

    /// Lets go of what a frame that was left keeps. A frame that runs or waits refuses.
    pub fn clear_frame(&mut self, object: Ref<'_>) -> Outcome<()> {
        if self.index_of_frame(object).is_some() {
            return Err(self.raise(ClassName::RuntimeError, "cannot clear an executing frame"));
        }
        let Some(frame) = object.payload::<FrameObject>(self.heap()) else { return Ok(()) };
        if frame.waits.get() {
            return Err(self.raise(ClassName::RuntimeError, "cannot clear a suspended frame"));
        }
        drop(frame.locals.take());
        Ok(())
    }

    /// A step of a traceback, made by a script.
    pub fn new_traceback(&self, next: Option<Owned>, frame: Owned, last: u32, line: u32) -> Outcome {
        let payload = Traceback { frame, next: RefCell::new(next), last, line };
        Ok(self.new_native(self.class_shape(ClassName::Traceback), payload)?)
    }

    /// The local variables of a frame that runs, by its place on the stack: names with values, cells looked into.
    pub(crate) fn frame_locals(&self, index: usize) -> Vec<(Owned, Owned)> {
        let frame = self.frames[index];
        let function = frame.function();
        self.locals_in(function.get(), |register| {
            frame::borrowed_if_bound(frame.register(register as isize)).map(Ref::to_owned)
        })
    }

    /// The local variables of a function whose frame holds what `register` says.
    pub(crate) fn locals_in(
        &self,
        function: Ref<'_>,
        register: impl Fn(usize) -> Option<Owned>,
    ) -> Vec<(Owned, Owned)> {
        let Some(function) = function.as_function() else { return Vec::new() };
        let code = function.code();
        let Some(code) = code.get().as_code() else { return Vec::new() };
        let plain = code_of(code);
        let mut locals: Vec<(Owned, Owned)> = Vec::new();
        let mut add = |name: &str, value: Option<Owned>| {
            if let Some(value) = value.filter(|_| !name.starts_with('.'))
                && let Ok(name) = self.intern(name)
            {
                locals.retain(|(other, _)| !other.get().is(name.get()));
                locals.push((name, value));
            }
        };
        // Variables in cells come behind the others, unless they are parameters.
        let stars = u16::from(plain.flags.star) + u16::from(plain.flags.double_star);
        let parameters = usize::from(plain.positional_count + plain.keyword_only_count + stars);
        let is_cell = |index: usize| plain.cell_locals.contains(&(index as u16));
        let is_late = |index: usize| index >= parameters && is_cell(index);
        let names = || plain.local_names.iter().enumerate();
        let late = names().filter(|(index, _)| is_late(*index));
        for (index, name) in names().filter(|(index, _)| !is_late(*index)).chain(late) {
            let value = register(index);
            let is_cell = is_cell(index);
            match value.as_ref().filter(|_| is_cell).and_then(|value| value.get().as_cell()) {
                Some(cell) => add(name, cell.get()),
                None => add(name, value),
            }
        }
        if let Some(cells) = function.closure().and_then(Ref::as_tuple) {
            for (index, name) in plain.free_names.iter().enumerate() {
                add(name, cells.get(index).and_then(Ref::as_cell).and_then(|cell| cell.get()));
            }
        }
        locals
    }

    /// The local variables of a frame as scripts see it: what they hold now if it runs in this thread, else what they held
    /// when it was left.
    pub fn locals_of_frame(&self, object: Ref<'_>) -> Vec<(Owned, Owned)> {
        if let Some(index) = self.index_of_frame(object) {
            return self.frame_locals(index);
        }
        let Some(frame) = object.payload::<FrameObject>(self.heap()) else { return Vec::new() };
        let locals = frame.locals.borrow();
        let Some(locals) = &*locals else { return Vec::new() };
        self.locals_in(frame.function.get(), |register| {
            locals.get(register).and_then(|value| frame::borrowed_if_bound(value.value())).map(Ref::to_owned)
        })
    }

    /// Gives a variable of a frame as scripts see it a value; whether it has such a variable. In a generator that waits
    /// nothing but what the frame shows changes.
    pub fn assign_local_of_frame(&self, object: Ref<'_>, name: &str, value: Ref<'_>) -> bool {
        let Some(frame) = object.payload::<FrameObject>(self.heap()) else { return false };
        let function = frame.function.clone();
        let Some(function) = function.get().as_function() else { return false };
        let code = function.code();
        let Some(plain) = code.get().as_code().map(code_of) else { return false };
        if let Some(place) = plain.free_names.iter().position(|free| **free == *name) {
            let cell = function.closure().and_then(Ref::as_tuple).and_then(|cells| cells.get(place)?.as_cell());
            if let Some(cell) = cell {
                drop(cell.set(value.to_owned()));
            }
            return cell.is_some();
        }
        let running = self.index_of_frame(object).map(|index| self.frames[index]);
        let held = |register: usize| match running {
            Some(running) => frame::borrowed_if_bound(running.register(register as isize)).map(Ref::to_owned),
            None => {
                frame.locals.borrow().as_ref()?.get(register).filter(|value| !value.get().value().is_unbound()).cloned()
            }
        };
        // A comprehension may have a variable of the same name: then the one that has a value is meant.
        let places = || (0..plain.local_names.len()).filter(|&place| *plain.local_names[place] == *name);
        let Some(register) = places().rfind(|&place| held(place).is_some()).or_else(|| places().next()) else {
            return false;
        };
        let before = held(register);
        let is_cell = plain.cell_locals.contains(&(register as u16));
        if let Some(cell) = before.as_ref().filter(|_| is_cell).and_then(|before| before.get().as_cell()) {
            drop(cell.set(value.to_owned()));
            return true;
        }
        match running {
            Some(running) => drop(frame::taken(running.replace(register as isize, value.to_owned().into_value()))),
            None => {
                let mut locals = frame.locals.borrow_mut();
                let Some(place) = locals.as_mut().and_then(|locals| locals.get_mut(register)) else { return false };
                let old = std::mem::replace(place, value.to_owned());
                drop(locals);
                drop(old);
            }
        }
        true
    }

    /// The namespace that a frame as scripts see it works in: a module's, or that of a class body that runs; `None`: its
    /// variables have none.
    pub fn namespace_of_frame(&self, object: Ref<'_>) -> Option<Owned> {
        let function = object.payload::<FrameObject>(self.heap())?.function.clone();
        let code = function.get().as_function()?.code();
        match code_of(code.get().as_code()?).kind {
            CodeKind::Module => function.get().as_function().map(|function| function.globals().to_owned()),
            CodeKind::Class => self.index_of_frame(object).map(|index| frame::owned(self.frames[index].register(0))),
            CodeKind::Function => None,
        }
    }

    /// Adds the frame at `index` to the traceback of the exception under way.
    pub(crate) fn add_traceback(&mut self, index: usize) -> Outcome<()> {
        let exception = self.take_raised();
        let object = self.frame_object(index)?;
        let frame = self.frames[index];
        let last = frame.word_index() as u32;
        let line = self.position_of(frame.function().get(), last).map_or(0, |position| position.line);
        let next = self.set_exception_slot(exception.get(), ExceptionSlot::Traceback, Owned::unbound());
        let next = Some(next).filter(|next| !next.get().is_unbound() && !next.get().is_none());
        let traceback = self.new_traceback(next, object, last, line)?;
        drop(self.set_exception_slot(exception.get(), ExceptionSlot::Traceback, traceback));
        self.raised = Some(exception);
        Ok(())
    }

    /// Where the instruction before word `last` of a function's code comes from.
    pub fn position_of(&self, function: Ref<'_>, last: u32) -> Option<Position> {
        let code = function.as_function()?.code();
        let code = code_of(code.get().as_code()?);
        match (last as usize).checked_sub(1) {
            Some(word) => code.position(word),
            // Nothing has run yet.
            None => Some(Position { line: code.first_line, end_line: code.first_line, ..Position::default() }),
        }
    }

    /// Index of the word behind the instruction of a frame that ran last.
    pub fn last_of_frame(&self, object: Ref<'_>) -> u32 {
        match self.index_of_frame(object) {
            Some(index) => self.frames[index].word_index() as u32,
            None => object.payload::<FrameObject>(self.heap()).map_or(0, |frame| frame.last.get()),
        }
    }

    /// The exception under way looks for a handler, from the top frame down to the one at `bottom`, which is of kind
    /// `Entry`. `Ok`: a frame at or above it goes on at its handler. `Err`: that frame, too, has been left.
    pub(crate) fn unwind(&mut self, bottom: usize) -> Result<(), Raised> {
        // Without exception under way it is a memory error: make it one now, before frames are looked at.
        let exception = self.take_raised();
        self.raised = Some(exception);
        loop {
            let index = self.frames.len() - 1;
            if self.is_new_in_frame(index) {
                let _out_of_memory = self.add_traceback(index);
            }
            let frame = self.frames[index];
            let place = frame.word_index().saturating_sub(1) as u32;
            if let Some(range) = handler_of(frame.code(), place) {
                self.sweep(index, range.first_dead as usize);
                self.run_finalisers();
                let words = frame.code().words();
                self.frames[index].pc = &raw const words[range.handler as usize];
                return Ok(());
            }
            let kind = frame.kind;
            self.leave_frame();
            self.after_raise(kind, frame.link);
            // What died on the way out is finalised as it goes, while the exception is under way.
            self.run_finalisers();
            if index == bottom {
                return Err(Raised(()));
            }
        }
    }

    /// Whether the traceback gets a step for the instruction that raised: one that raises an exception on keeps it as it is.
    fn is_new_in_frame(&self, index: usize) -> bool {
        let frame = self.frames[index];
        let word = frame.word_index().saturating_sub(1);
        let instruction = frame.code().words().get(word).map(|word| toy_code::Instruction(word.get()));
        let is_same = |other: Option<&Owned>| match (&self.raised, other) {
            (Some(raised), Some(other)) => raised.get().is(other.get()),
            _ => false,
        };
        match instruction.and_then(toy_code::Instruction::op) {
            Some(toy_code::Op::Reraise) => false,
            // It may have found nothing to raise, which is an error of its own.
            Some(toy_code::Op::RaiseAgain) => !is_same(self.handled.last()),
            Some(toy_code::Op::EndAsyncFor) => false,
            _ => true,
        }
    }

    /// Drops what stands in the registers of a frame from `first` on. Marks of handled exceptions among them take effect.
    pub(crate) fn sweep(&mut self, index: usize, first: usize) {
        let frame = self.frames[index];
        for register in first..frame.code().layout().register_count as usize {
            if frame.register(register as isize).is_unbound() {
                continue;
            }
            let old = frame.replace(register as isize, Value::UNBOUND);
            if let Some(depth) = handled_mark(old) {
                self.handled.truncate(frame.handled_depth as usize + depth);
            } else {
                drop(frame::taken(old));
            }
        }
    }

    /// Pops the top frame: its registers are dropped, or move into the frame object if somebody keeps that.
    pub(crate) fn leave_frame(&mut self) {
        let (index, frame) = (self.frames.len() - 1, *self.top());
        if !frame.object.is_unbound() {
            self.keep_locals(index, true);
        }
        self.sweep(index, 0);
        self.handled.truncate(frame.handled_depth as usize);
        self.frames.pop();
        drop(frame::taken(frame.replace(-1, Value::UNBOUND)));
        drop(frame::taken(frame.object));
    }

    /// If somebody keeps the object of a frame that is left, what the locals hold goes there: `moves` them, if the registers
    /// do not go elsewhere.
    pub(crate) fn keep_locals(&mut self, index: usize, moves: bool) {
        let frame = self.frames[index];
        let object = frame::owned(frame.object);
        // Counted here twice: by the frame and by `object`. A third owner is somebody who keeps it.
        if self.count(object.get()) > Some(2)
            && let Some(payload) = object.get().payload::<FrameObject>(self.heap())
        {
            payload.last.set(frame.word_index() as u32);
            let registers = 0..frame.code().layout().local_count as isize;
            let locals = if moves {
                registers.map(|register| frame::taken(frame.replace(register, Value::UNBOUND))).collect()
            } else {
                registers.map(|register| frame::owned(frame.register(register))).collect()
            };
            drop(payload.locals.replace(Some(locals)));
            // Without memory it has no caller; one that waits has none until it goes on.
            let caller = if moves { self.lasting_caller(index) } else { None };
            let back = caller.and_then(|caller| self.frame_object(caller).ok());
            drop(payload.back.replace(back));
        }
    }

    /// The place of the frame that is remembered as the caller of one that is left. Where the library has resumed a generator or
    /// coroutine, it is the frame that called the library: a task would be kept alive by the exception that it keeps.
    fn lasting_caller(&self, index: usize) -> Option<usize> {
        let flags = frame_code(&self.frames[index]).flags;
        let mut callers = (0..index).rev();
        callers.find(|caller| !(flags.generator || flags.coroutine) || !is_of_library(&self.frames[*caller]))
    }

    /// What a frame that raised leaves behind for its caller.
    fn after_raise(&mut self, kind: FrameKind, link: Value) {
        let link = frame::taken(link);
        match kind {
            // An entry frame has a link if it is a generator's that Rust code resumed.
            FrameKind::Generator | FrameKind::Entry => self.generator_raised(link),
            FrameKind::Call | FrameKind::Attribute | FrameKind::Init => drop(link),
        }
    }
}

/// Number of locals of a function's frames.
pub(crate) fn local_count(function: Ref<'_>) -> usize {
    let code = function.as_function().map(|function| function.code());
    code.and_then(|code| Some(code.get().as_code()?.object().layout().local_count as usize)).unwrap_or(0)
}

/// The innermost handler of a word.
fn handler_of(code: &toy_object::CodeObject, word: u32) -> Option<ExceptionRange> {
    let detail: &dyn std::any::Any = code.detail();
    let plain = &detail.downcast_ref::<CodeDetail>()?.code;
    plain.exception_ranges.iter().find(|range| range.start <= word && word < range.end).copied()
}

/// `catch` leaves a mark in the register behind the exception: how many exceptions of this frame were being handled
/// before. Its tag, 110, belongs to no value, so a mark is never taken for one.
pub(crate) fn mark_handled(depth: usize) -> Value {
    Value::from_bits((depth as u64) << 3 | 0b110)
}

/// The depth in a mark.
pub(crate) fn handled_mark(value: Value) -> Option<usize> {
    (value.bits() & 0b111 == 0b110).then(|| (value.bits() >> 3) as usize)
}

/// What a piece of linked code is the body of.
pub(crate) fn code_kind(code: &toy_object::CodeObject) -> CodeKind {
    let detail: &dyn std::any::Any = code.detail();
    detail.downcast_ref::<CodeDetail>().map_or(CodeKind::Function, |detail| detail.code.kind)
}

/// Whether a handler covers a word.
pub(crate) fn has_handler(code: &toy_object::CodeObject, word: u32) -> bool {
    handler_of(code, word).is_some()
}
