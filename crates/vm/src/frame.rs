//! Frames: windows of registers on one contiguous stack of values a thread.
//!
//! ```text
//!            caller's registers                       callee's registers
//! | r0 r1 … rb-1 | function | argument 0 | argument 1 | … other locals … | temporaries … |
//!                  base[-1]   base[0]
//! ```
//!
//! A call leaves the function and the arguments where the caller put them: they become the callee's `base[-1]` and first
//! registers. The caller's registers from there on are dead by the rule that a call consumes them.
//!
//! Invariant: a register above the top frame's registers never holds a pointer (it may hold a stale immediate), and every
//! register below `Stack::initialised` holds some value.
#![allow(unsafe_code, reason = "registers are raw memory; every access states why it is in range")]

use std::cell::Cell;
use std::ptr::NonNull;

use toy_object::{CodeObject, FunctionObject, Owned, Ref, Value};

/// What happens with the result of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FrameKind {
    /// It is the result of [`Vm::call`](crate::Vm::call): the loop ends.
    Entry,
    /// It goes to the caller's register `destination`.
    Call,
    /// The same, and the caller goes on behind the caches of its instruction, which looked an attribute up.
    Attribute,
    /// It must be None; the instance in `link` goes to `destination`.
    Init,
    /// It ends the generator in `link`: `StopIteration`, or for `for_iter` and `send` in this loop what they do at the end.
    Generator,
}

/// One frame's record. Its registers stand on the stack.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    /// Behind the instruction that runs or called; cache words may follow.
    pub(crate) pc: *const Cell<u64>,
    /// Register 0; register -1 is the function.
    pub(crate) base: *mut Value,
    pub(crate) code: NonNull<CodeObject>,
    /// The instance of `Init`, the generator of `Generator`; a count, or unbound.
    pub(crate) link: Value,
    /// The frame object that a traceback or a script asked for; a count, or unbound.
    pub(crate) object: Value,
    /// Number of exceptions being handled when the frame was entered.
    pub(crate) handled_depth: u32,
    pub(crate) destination: u16,
    pub(crate) kind: FrameKind,
}

impl Frame {
    /// The code.
    #[inline(always)]
    pub(crate) fn code<'a>(&self) -> &'a CodeObject {
        // SAFETY: the function in register -1 keeps the code alive while the frame lives (a replaced `__code__` is kept
        // until then, see `Function::set`'s callers).
        unsafe { self.code.as_ref() }
    }

    /// A name of the code. It lives as long as the code does, so nobody need count it for the time of an instruction.
    pub(crate) fn name<'a>(&self, index: usize) -> Ref<'a> {
        let name = self.code().name_values()[index];
        // SAFETY: the names of code never change, so they live as long as the code, which `code` vouches for.
        unsafe { Ref::from_value(name) }
    }

    /// The function that runs.
    pub(crate) fn function(&self) -> Owned {
        let value = self.register(-1);
        // SAFETY: the frame owns a count of its function.
        unsafe { Ref::from_value(value) }.to_owned()
    }

    /// A register's content. -1 is the function.
    #[inline(always)]
    pub(crate) fn register(&self, index: isize) -> Value {
        // SAFETY: callers name registers of this frame.
        unsafe { self.base.wrapping_offset(index).read() }
    }

    /// Writes a register and gives the old content, with its count, to the caller.
    #[inline(always)]
    pub(crate) fn replace(&self, index: isize, value: Value) -> Value {
        // SAFETY: callers name registers of this frame.
        unsafe { self.base.wrapping_offset(index).replace(value) }
    }

    /// Index of the word behind the instruction that runs.
    pub(crate) fn word_index(&self) -> usize {
        let start = self.code().words().as_ptr();
        (self.pc as usize - start as usize) / size_of::<u64>()
    }
}

/// The stack of values of a thread.
pub(crate) struct Stack {
    memory: Vec<Value>,
    /// One past the last register that holds a value.
    initialised: *mut Value,
    end: *mut Value,
}

/// Registers that are filled at a time when the stack grows into fresh memory.
const GROWTH: usize = 1 << 9;

/// Registers of a stack that is kept for the next thread: the memory behind them is not given back.
const KEPT: usize = 1 << 13;

/// A stack that holds nothing, between two threads: the one that is about to be started could not say that it gets none.
pub(crate) struct FreshStack(Stack);

// SAFETY: no register holds a value, so it is memory and nothing else.
unsafe impl Send for FreshStack {}

impl FreshStack {
    /// The stack, in its thread.
    pub(crate) fn unpack(self) -> Stack {
        self.0
    }

    /// Whether it takes so little memory that it is worth keeping.
    pub(crate) fn is_small(&self) -> bool {
        self.0.initialised <= self.0.start().wrapping_add(KEPT)
    }
}

impl Stack {
    /// One of the same size for another thread.
    pub(crate) fn for_another_thread(&self) -> Option<FreshStack> {
        Self::new(self.memory.capacity()).map(FreshStack)
    }

    /// Takes the memory away at the end of a thread, of which no frame is left.
    pub(crate) fn take(&mut self) -> FreshStack {
        let nothing = std::ptr::null_mut();
        FreshStack(std::mem::replace(self, Self { memory: Vec::new(), initialised: nothing, end: nothing }))
    }

    /// A stack of `capacity` values; the memory is touched only as far as it is used.
    pub(crate) fn new(capacity: usize) -> Option<Self> {
        let mut memory: Vec<Value> = Vec::new();
        memory.try_reserve_exact(capacity).ok()?;
        let start = memory.as_mut_ptr();
        Some(Self { initialised: start, end: start.wrapping_add(capacity), memory })
    }

    /// The first register.
    pub(crate) fn start(&self) -> *mut Value {
        self.memory.as_ptr().cast_mut()
    }

    /// One past the last register that can be used without [`grow`](Self::grow).
    #[inline(always)]
    pub(crate) fn initialised(&self) -> *mut Value {
        self.initialised
    }

    /// Fills fresh memory up to `top` and some more. `false`: the stack is at its end.
    #[cold]
    #[inline(never)]
    pub(crate) fn grow(&mut self, top: *mut Value) -> bool {
        if top > self.end {
            return false;
        }
        let wanted = self.end.min(top.wrapping_add(GROWTH));
        while self.initialised < wanted {
            // SAFETY: below `end`, inside the reserved memory.
            unsafe { self.initialised.write(Value::UNBOUND) };
            self.initialised = self.initialised.wrapping_add(1);
        }
        true
    }
}

/// A count of what stands in a register that its frame keeps.
pub(crate) fn owned(value: Value) -> Owned {
    // SAFETY: callers read it from a register (or link) of a living frame, which owns a count at this moment.
    unsafe { Ref::from_value(value) }.to_owned()
}

/// Takes over the count that a register gave up.
#[inline(always)]
pub(crate) fn taken(value: Value) -> Owned {
    // SAFETY: callers have just taken the value out of the register that owned the count.
    unsafe { Owned::from_value(value) }
}

/// Borrows what stands in a register of a living frame.
#[inline(always)]
pub(crate) fn borrowed<'a>(value: Value) -> Ref<'a> {
    // SAFETY: callers read it from a register that owns a count and is not written while the reference is used.
    unsafe { Ref::from_value(value) }
}

/// The function object in a value that is known to be one.
#[inline(always)]
pub(crate) fn function_of<'a>(value: Value) -> &'a FunctionObject {
    // SAFETY: callers have compared the shape, and a register keeps it alive.
    unsafe { FunctionObject::of(value) }
}

/// The linked code of a function.
#[inline(always)]
pub(crate) fn code_of<'a>(function: &FunctionObject) -> &'a CodeObject {
    // SAFETY: a function's code is a code object, which the function keeps alive.
    unsafe { CodeObject::of(function.code_value()) }
}

/// Borrows what stands in a register, unless it is unbound or a mark.
pub(crate) fn borrowed_if_bound<'a>(value: Value) -> Option<Ref<'a>> {
    if value.is_unbound() || crate::traceback::handled_mark(value).is_some() { None } else { Some(borrowed(value)) }
}

/// The code that a function keeps alive.
pub(crate) fn code_behind<'a>(code: NonNull<CodeObject>) -> &'a CodeObject {
    // SAFETY: callers hold the function (in a window or frame) that keeps the code alive.
    unsafe { code.as_ref() }
}

/// Exchanges a generator's window; the counts move with it in both directions.
pub(crate) fn exchange_window(generator: toy_object::Generator<'_>, window: Vec<Value>) -> Vec<Value> {
    // SAFETY: callers have moved the window out of registers, and put the old one back into registers or drop it.
    unsafe { generator.swap_window(window) }
}

/// What a register of a waiting generator holds, counted.
pub(crate) fn window_register(generator: toy_object::Generator<'_>, register: usize) -> Option<Owned> {
    let window = exchange_window(generator, Vec::new());
    let value = window.get(register + 1).copied().filter(|value| !value.is_unbound()).map(owned);
    let _empty = exchange_window(generator, window);
    value
}

/// A generator over a window whose counts move into it.
pub(crate) fn generator_over(
    heap: &toy_object::Heap,
    shape: toy_object::ShapeId,
    window: Vec<Value>,
    detail: Box<dyn toy_object::Payload>,
) -> Result<Owned, toy_object::OutOfMemory> {
    // SAFETY: the caller has moved the window out of registers.
    unsafe { heap.new_generator(shape, window, detail) }
}
