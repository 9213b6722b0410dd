//! The state of the loop, and what a handler answers.
//!
//! | field | meaning |
//! |---|---|
//! | `pc` | the instruction that runs; between two, the last word of the one that has run |
//! | `limit` | where `pc` would stand on straight-line code when only [`SAFEPOINT_DISTANCE`] instructions are left of the budget |
//!
//! `limit - pc` therefore tells how many instructions are left, and comparing the two whether the fast loop may go on: a taken
//! jump adds its distance to both, words that are not counted (caches) are added to `limit` as they are skipped, a call
//! carries the difference over.

use std::cell::Cell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

use toy_code::{Instruction, SAFEPOINT_DISTANCE, flag};
use toy_object::{CodeObject, Header, Owned, Value};

use super::Exit;
use super::registers::{Registers, element, flags, operand, release, settle, wide, word};
use super::slow::Performed;
use super::window::Window;
use crate::frame::taken;
use crate::thread::Vm;

/// Bytes of a word of code.
const WORD: usize = size_of::<u64>();

/// Bytes of code between `limit` and the end of the budget.
const FAST_DISTANCE: usize = SAFEPOINT_DISTANCE * WORD;

/// Whether instructions are counted. Otherwise safepoints look at a flag, as in an interpreter that knows time slices only, and
/// `limit` is its address; nobody raises it, so no thread is ever made to let the lock go: the feature is there to measure
/// what counting costs, and for nothing else.
const COUNTS: bool = cfg!(not(feature = "uncounted"));

static NEVER_RAISED: AtomicBool = AtomicBool::new(false);

/// What the running frame needs at every instruction. It lives in registers of the machine: handlers are inlined, and nobody
/// takes its address.
#[derive(Clone, Copy)]
pub(super) struct Running {
    pub(super) pc: *const Cell<u64>,
    pub(super) registers: Registers,
    pub(super) constants: *const Value,
    pub(super) limit: usize,
}

/// What a handler answers. Whatever calls something is done behind the handler.
#[must_use]
pub(super) enum Step {
    /// The instruction is done.
    Next,
    /// The instruction is done; this object has lost an owner, which is to be [settled](settle).
    Settle(NonNull<Header>),
    /// The same, after the one in [`Vm::released_first`].
    SettleTwo(NonNull<Header>),
    /// The instruction has not begun: do it the general way.
    Slow,
    /// Call the native in this register with that many arguments behind it.
    Native(usize, usize),
    /// Call what stands in this register, whatever it is, with that many arguments behind it.
    Call(usize, usize),
    /// Call the class in operand b whose instances are made plainly.
    Construct,
    /// Put something into the collection in operand a that a comprehension makes.
    Collect,
    /// Ask the iterator in operand b, which is none that the loop knows.
    Advance,
    /// The instruction is done, and it is a place to look at the budget.
    Safepoint,
    /// The running frame returns this, and leaving it lets objects die.
    Leave(Value),
    /// The instruction is done, and finalisers may wait.
    Finalise,
    /// The running frame returns this to a frame that is not simply waiting for it, or to Rust.
    Return(Value),
    /// The entry frame is gone, and everything [saved](Running::save); this is the loop's result.
    End(Value),
    /// The instruction has raised something, and everything is [saved](Running::save).
    Raised,
}

impl Running {
    /// The state of the top frame, with what is left of the budget.
    #[inline(always)]
    pub(super) fn load(vm: &mut Vm) -> Self {
        let segment = vm.segment();
        vm.budget_at_limit = vm.budget - segment;
        // SAFETY: a frame runs.
        let frame = unsafe { vm.frames.top() };
        let pc = frame.pc.wrapping_sub(1);
        Self {
            pc,
            registers: Registers(frame.base),
            constants: frame.code().constant_values().as_ptr(),
            limit: if COUNTS {
                (pc as usize).wrapping_add(segment as usize * WORD).wrapping_sub(FAST_DISTANCE)
            } else {
                (&raw const NEVER_RAISED).expose_provenance()
            },
        }
    }

    /// Writes the budget and the place behind the running instruction where the rest of the machine looks for them.
    #[inline(always)]
    pub(super) fn save(&self, vm: &mut Vm) {
        if COUNTS {
            vm.budget = vm.budget_at_limit + (self.bytes_left() / WORD as isize) as i64;
        }
        // SAFETY: a frame runs.
        unsafe { vm.frames.top() }.pc = self.pc.wrapping_add(1);
    }

    /// Bytes of straight-line code until the budget ends.
    #[inline(always)]
    fn bytes_left(&self) -> isize {
        self.limit.wrapping_add(FAST_DISTANCE).wrapping_sub(self.pc as usize) as isize
    }

    /// Whether the budget is used up.
    #[inline(always)]
    pub(super) fn is_at_end(&self) -> bool {
        COUNTS && self.bytes_left() <= 0
    }

    /// Whether so few instructions are left that they are to be counted one by one.
    #[inline(always)]
    pub(super) fn is_near_limit(&self) -> bool {
        if COUNTS {
            return self.pc as usize > self.limit;
        }
        // SAFETY: without counting it is the flag's address.
        let flag = unsafe { &*std::ptr::with_exposed_provenance::<AtomicBool>(self.limit) };
        flag.load(Ordering::Relaxed)
    }

    /// Moves the limit with `pc`, which moved by so many words without counting.
    #[inline(always)]
    fn move_limit(&mut self, distance: isize) {
        if COUNTS {
            self.limit = self.limit.wrapping_add_signed(distance * WORD as isize);
        }
    }

    /// Leaves the loop between two instructions.
    #[inline(always)]
    pub(super) fn stop(&self, vm: &mut Vm) -> Exit {
        self.save(vm);
        Exit::Safepoint
    }

    /// Leaves the loop for good.
    #[inline(always)]
    pub(super) fn end(vm: &mut Vm, result: Owned) -> Exit {
        vm.result = Some(result);
        Exit::Returned
    }

    /// Operand a. Operands are read from the code where they are needed: taken out of one loaded word, each would cost two
    /// shifts.
    #[inline(always)]
    pub(super) fn a(&self) -> usize {
        operand::<1>(self.pc)
    }

    /// Operand b.
    #[inline(always)]
    pub(super) fn b(&self) -> usize {
        operand::<2>(self.pc)
    }

    /// Operand c.
    #[inline(always)]
    pub(super) fn c(&self) -> usize {
        operand::<3>(self.pc)
    }

    /// Operands b and c as one.
    #[inline(always)]
    pub(super) fn wide(&self) -> u32 {
        wide(self.pc)
    }

    /// Whether a flag of the instruction is set.
    #[inline(always)]
    pub(super) fn has(&self, flag: u8) -> bool {
        flags(self.pc) & flag != 0
    }

    /// The word so many words behind the instruction.
    #[inline(always)]
    pub(super) fn behind(&self, words: usize) -> *const Cell<u64> {
        self.pc.wrapping_add(words)
    }

    /// A constant of the running code.
    #[inline(always)]
    pub(super) fn constant(&self, index: usize) -> Value {
        element(self.constants, index)
    }

    /// Gives up what a register held; the instruction is done.
    #[inline(always)]
    pub(super) fn give_up(&self, old: Value) -> Step {
        match release(old) {
            None => Step::Next,
            Some(object) => Step::Settle(object),
        }
    }

    /// Writes the result, with its count, to register a; the instruction is done.
    #[inline(always)]
    pub(super) fn write(&self, value: Value) -> Step {
        self.give_up(self.registers.replace(self.a(), value))
    }

    /// As [`write`](Self::write), for what may be absent: then the general way.
    #[inline(always)]
    pub(super) fn write_or_slow(&self, value: Option<Value>) -> Step {
        match value {
            Some(value) => self.write(value),
            None => Step::Slow,
        }
    }

    /// Steps over words that are not counted.
    #[inline(always)]
    pub(super) fn skip(&mut self, words: usize) {
        self.move_by(words as isize);
    }

    /// Moves by a distance in words, which is not counted.
    #[inline(always)]
    pub(super) fn move_by(&mut self, distance: isize) {
        self.pc = self.pc.wrapping_offset(distance);
        self.move_limit(distance);
    }

    /// What follows an instruction that is a place to look at the budget.
    #[inline(always)]
    pub(super) fn look_at_budget(&self) -> Step {
        if self.is_near_limit() { Step::Safepoint } else { Step::Next }
    }

    /// Passes a word that is not counted, and looks at the budget.
    #[inline(always)]
    pub(super) fn pass_safepoint(&mut self) -> Step {
        self.move_limit(1);
        self.look_at_budget()
    }

    /// A taken jump. Backwards it must be a safepoint; forwards it may be one, which is cheaper than to look.
    #[inline(always)]
    pub(super) fn jump(&mut self, distance: isize) -> Step {
        self.move_by(distance);
        self.look_at_budget()
    }

    /// What follows an instruction that is a place to look at the budget, and has given up what a register held.
    #[inline(always)]
    pub(super) fn give_up_at_safepoint(&self, old: Value) -> Step {
        match release(old) {
            None => self.look_at_budget(),
            Some(object) => Step::Settle(object),
        }
    }

    /// Goes over to another frame, whose next instruction is the one behind `pc`; what is left of the budget is the same.
    #[inline(always)]
    pub(super) fn switch_to(&mut self, pc: *const Cell<u64>, base: *mut Value, code: &CodeObject) {
        if COUNTS {
            self.limit = (pc as usize).wrapping_add(self.limit.wrapping_sub(self.pc as usize));
        }
        self.pc = pc;
        self.registers = Registers(base);
        self.constants = code.constant_values().as_ptr();
    }

    /// A jump of the instruction's operand c.
    #[inline(always)]
    pub(super) fn short_distance(&self) -> isize {
        self.c() as i16 as isize
    }

    /// A jump that is taken if the truth is the one that the instruction waits for.
    #[inline(always)]
    pub(super) fn jump_if(&mut self, truth: bool, distance: isize) -> Step {
        if truth == self.has(flag::JUMP_IF_TRUE) { self.jump(distance) } else { Step::Next }
    }

    /// The top frame, perhaps another one, goes on after something that ran outside the loop.
    #[inline(always)]
    fn go_on(&mut self, vm: &mut Vm) -> Option<Exit> {
        if vm.heap().has_finalisers() {
            vm.run_finalisers();
        }
        *self = Self::load(vm);
        None
    }

    /// Does the instruction the general way.
    #[inline(always)]
    pub(super) fn perform_slowly(&mut self, vm: &mut Vm) -> Option<Exit> {
        self.save(vm);
        match vm.perform(Instruction(word(self.pc))) {
            Ok(Performed::Done) => self.go_on(vm),
            Ok(Performed::Returned(value)) => Some(Self::end(vm, value)),
            Err(_) => Some(Exit::Raised),
        }
    }

    /// Answers [`Step::Collect`].
    #[inline(always)]
    pub(super) fn collect(&mut self, vm: &mut Vm) -> Option<Exit> {
        self.save(vm);
        match vm.perform_collect(Instruction(word(self.pc))) {
            Ok(()) => self.go_on(vm),
            Err(_) => Some(Exit::Raised),
        }
    }

    /// Answers [`Step::Settle`].
    #[inline(always)]
    pub(super) fn settle(&mut self, vm: &mut Vm, object: NonNull<Header>) -> Option<Exit> {
        settle(vm.heap(), object);
        self.finalise(vm)
    }

    /// Answers [`Step::Finalise`].
    #[inline(always)]
    pub(super) fn finalise(&mut self, vm: &mut Vm) -> Option<Exit> {
        if vm.heap().has_finalisers() {
            self.save(vm);
            return self.go_on(vm);
        }
        None
    }

    /// Answers [`Step::SettleTwo`].
    #[inline(always)]
    pub(super) fn settle_two(&mut self, vm: &mut Vm, object: NonNull<Header>) -> Option<Exit> {
        if let Some(first) = vm.released_first.take() {
            settle(vm.heap(), first);
        }
        self.settle(vm, object)
    }

    /// Answers [`Step::Native`].
    #[inline(always)]
    pub(super) fn call_native(&mut self, vm: &mut Vm, callee: usize, count: usize) -> Option<Exit> {
        self.save(vm);
        let window = Window::new(self.registers.0.wrapping_add(callee), count);
        match vm.perform_native(window) {
            Ok(result) => {
                if let Some(object) = release(self.registers.replace(self.a(), result.into_value())) {
                    settle(vm.heap(), object);
                }
                self.go_on(vm)
            }
            Err(_) => Some(Exit::Raised),
        }
    }

    /// Answers [`Step::Call`].
    #[inline(always)]
    pub(super) fn call_generally(&mut self, vm: &mut Vm, callee: usize, count: usize) -> Option<Exit> {
        self.save(vm);
        match vm.perform_call(callee as u16, count, None, self.a() as u16) {
            Ok(()) => self.go_on(vm),
            Err(_) => Some(Exit::Raised),
        }
    }

    /// Answers [`Step::Return`].
    #[inline(always)]
    pub(super) fn return_value(&mut self, vm: &mut Vm, value: Value) -> Option<Exit> {
        self.save(vm);
        match vm.finish_return(taken(value)) {
            Ok(Some(value)) => Some(Self::end(vm, value)),
            Ok(None) => self.go_on(vm),
            Err(_) => Some(Exit::Raised),
        }
    }
}
