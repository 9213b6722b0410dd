//! Generators: frames that wait.

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::{GeneratorObject, GilCell};
use crate::native::Payload;
use crate::reference::{Owned, Ref};
use crate::shape::ShapeId;
use crate::value::Value;

/// Where a generator is in its life.
///
/// | state | window | next |
/// |---|---|---|
/// | `Created` | the arguments | `Running` |
/// | `Unawaited` | the arguments; dropping it is worth a warning | `Running` |
/// | `Running` | empty: on the thread's stack | `Suspended`, `SuspendedInTry`, `Finished` |
/// | `Suspended` | the frame | `Running` |
/// | `SuspendedInTry` | the frame; a handler covers the place, so it must be closed before it is dropped | `Running` |
/// | `Finished` | empty | – |
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GeneratorState {
    /// Not started.
    Created,
    /// A coroutine that was not started.
    Unawaited,
    /// On some thread's stack.
    Running,
    /// Waits where no handler covers.
    Suspended,
    /// Waits where a handler covers.
    SuspendedInTry,
    /// Returned, raised, or closed.
    Finished,
}

impl GeneratorState {
    pub(crate) fn must_be_closed(self) -> bool {
        matches!(self, Self::SuspendedInTry | Self::Unawaited)
    }

    /// Whether nothing of it has run.
    pub fn is_unstarted(self) -> bool {
        matches!(self, Self::Created | Self::Unawaited)
    }

    /// Whether it waits at a `yield` or `await`.
    pub fn is_suspended(self) -> bool {
        matches!(self, Self::Suspended | Self::SuspendedInTry)
    }
}

/// A generator.
#[derive(Clone, Copy)]
pub struct Generator<'a> {
    object: &'a GeneratorObject,
}

impl Heap {
    /// A generator of a shape (generator, coroutine, …) over a window of registers, the function in front.
    ///
    /// # Safety
    /// Each pointer in the window is a count that moves to the generator.
    pub unsafe fn new_generator(
        &self,
        shape: ShapeId,
        window: Vec<Value>,
        detail: Box<dyn Payload>,
    ) -> Result<Owned, OutOfMemory> {
        self.allocate(GeneratorObject {
            header: Header::new(shape),
            window: GilCell::new(window),
            resume_at: 0.into(),
            state: GeneratorState::Created.into(),
            detail,
        })
    }
}

impl<'a> Generator<'a> {
    /// Where it is in its life.
    pub fn state(self) -> GeneratorState {
        self.object.state.get()
    }

    /// Moves it on; the window follows by [`swap_window`](Self::swap_window).
    pub fn set_state(self, state: GeneratorState) {
        self.object.state.set(state);
    }

    /// Word index of the next instruction.
    pub fn resume_at(self) -> u32 {
        self.object.resume_at.get()
    }

    /// Sets the word index of the next instruction.
    pub fn set_resume_at(self, word: u32) {
        self.object.resume_at.set(word);
    }

    /// What the virtual machine keeps with it.
    pub fn detail(self) -> &'a dyn Payload {
        &*self.object.detail
    }

    /// Exchanges the window; the counts in it move with it.
    ///
    /// # Safety
    /// Each pointer in the new window is a count that moves to the generator, and the caller takes over those in the
    /// old one.
    pub unsafe fn swap_window(self, window: Vec<Value>) -> Vec<Value> {
        // SAFETY: the borrow ends with the statement, which calls nothing.
        std::mem::replace(unsafe { self.object.window.get_mut() }, window)
    }

    /// The function that the waiting frame runs; `None` while there is no window.
    pub fn function(self) -> Option<Owned> {
        // SAFETY: the borrow ends with the statement, which calls nothing that could change the window.
        let function = unsafe { self.object.window.get() }.first().copied()?;
        // SAFETY: the window owns a count at this moment.
        Some(unsafe { Ref::from_value(function) }.to_owned())
    }
}

impl<'a> Ref<'a> {
    /// The generator, coroutine or asynchronous generator.
    #[inline]
    pub fn as_generator(self) -> Option<Generator<'a>> {
        match self.layout() {
            Some(object) => Some(Generator { object }),
            None if self.is_builtin_kind() => None,
            None => Some(Generator { object: self.layout_of_kind(crate::heap::current())? }),
        }
    }
}
