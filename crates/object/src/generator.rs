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
            keeps_more: false.into(),
            detail,
        })
    }
}

impl<'a> Generator<'a> {
    /// The generator behind a value.
    ///
    /// # Safety
    /// The value points to a generator of the builtin shape that stays alive during `'a`.
    #[inline(always)]
    pub unsafe fn of(value: Value) -> Self {
        // SAFETY: the caller's promise.
        Self { object: unsafe { &*(value.bits() as *const GeneratorObject) } }
    }

    /// A register of the waiting frame, the function being number 0; the bits are no count.
    ///
    /// # Safety
    /// `place` is below [`window_length`](Self::window_length).
    #[inline(always)]
    pub unsafe fn window_value_unchecked(self, place: usize) -> Value {
        // SAFETY: the borrow ends with the function, which calls nothing.
        let window = unsafe { self.object.window.get() };
        // SAFETY: the caller's promise.
        *unsafe { window.get_unchecked(place) }
    }

    /// Where it is in its life.
    #[inline(always)]
    pub fn state(self) -> GeneratorState {
        self.object.state.get()
    }

    /// Moves it on; the window follows by [`swap_window`](Self::swap_window).
    #[inline(always)]
    pub fn set_state(self, state: GeneratorState) {
        self.object.state.set(state);
    }

    /// Word index of the next instruction.
    #[inline(always)]
    pub fn resume_at(self) -> u32 {
        self.object.resume_at.get()
    }

    /// Sets the word index of the next instruction.
    #[inline(always)]
    pub fn set_resume_at(self, word: u32) {
        self.object.resume_at.set(word);
    }

    /// What the virtual machine keeps with it.
    pub fn detail(self) -> &'a dyn Payload {
        &*self.object.detail
    }

    /// Whether the detail holds something that belongs to the waiting frame, beside its window.
    #[inline(always)]
    pub fn keeps_more(self) -> bool {
        self.object.keeps_more.get()
    }

    /// Notes whether the detail holds something that belongs to the waiting frame.
    #[inline(always)]
    pub fn set_keeps_more(self, keeps_more: bool) {
        self.object.keeps_more.set(keeps_more);
    }

    /// Number of values in the window: none while it runs, else one more than the frame has registers.
    #[inline(always)]
    pub fn window_length(self) -> usize {
        // SAFETY: the borrow ends with the statement.
        unsafe { self.object.window.get() }.len()
    }

    /// Moves the window to registers, the function to `first`. Its memory stays for the next time.
    ///
    /// # Safety
    /// From `first` on there is room for [`window_length`](Self::window_length) values, and none of those that stand there
    /// is a count.
    #[inline(always)]
    pub unsafe fn move_window_to(self, first: *mut Value) {
        // SAFETY: the borrow ends with the function, which calls nothing.
        let window = unsafe { self.object.window.get_mut() };
        let (mut place, mut register) = (window.as_ptr(), first);
        let end = place.wrapping_add(window.len());
        while place < end {
            // SAFETY: the place lies inside the window.
            let value = unsafe { place.read() };
            // Volatile, because frames are small: nobody shall make a call of it.
            // SAFETY: the caller's promise.
            unsafe { register.write_volatile(value) };
            (place, register) = (place.wrapping_add(1), register.wrapping_add(1));
        }
        // The counts are the registers' now.
        // SAFETY: nothing is left, which needs no values.
        unsafe { window.set_len(0) };
    }

    /// Whether a window of so many values needs no memory.
    #[inline(always)]
    pub fn has_room_for_window(self, count: usize) -> bool {
        // SAFETY: the borrow ends with the statement.
        unsafe { self.object.window.get() }.capacity() >= count
    }

    /// Moves `count` registers into the window, which is empty and [has room](Self::has_room_for_window); they are left
    /// unbound.
    ///
    /// # Safety
    /// There is room, and from `first` on there are so many registers, whose counts the caller gives away.
    #[inline(always)]
    pub unsafe fn take_window_from(self, first: *mut Value, count: usize) {
        // SAFETY: the borrow ends with the function, which calls nothing.
        let window = unsafe { self.object.window.get_mut() };
        debug_assert!(window.is_empty(), "a frame that ran has no second window");
        let (mut place, mut register) = (window.as_mut_ptr(), first);
        let end = register.wrapping_add(count);
        while register < end {
            // SAFETY: the caller's promise.
            let value = unsafe { register.replace(Value::UNBOUND) };
            // Volatile, as in `move_window_to`.
            // SAFETY: there is room.
            unsafe { place.write_volatile(value) };
            (place, register) = (place.wrapping_add(1), register.wrapping_add(1));
        }
        // SAFETY: so many values have just been written.
        unsafe { window.set_len(count) };
    }

    /// Makes room for a window of so many values.
    #[cold]
    pub fn make_room_for_window(self, count: usize) {
        // SAFETY: the borrow ends with the statement, which calls nothing of ours.
        unsafe { self.object.window.get_mut() }.reserve(count);
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

    /// The bits of the function that the waiting frame runs, no count; `None` while there is no window.
    #[inline]
    pub fn function_value(self) -> Option<Value> {
        // SAFETY: the borrow ends with the statement, which calls nothing that could change the window.
        unsafe { self.object.window.get() }.first().copied()
    }

    /// The function that the waiting frame runs; `None` while there is no window.
    pub fn function(self) -> Option<Owned> {
        let function = self.function_value()?;
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
