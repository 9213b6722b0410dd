//! One thread's context. Having a `&mut Vm` means holding the global interpreter lock.

mod budget;
mod kept;
mod waiting;

pub use kept::Purpose;
pub use waiting::{Moment, WaitHook};

use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;

use toy_code::SAFEPOINT_DISTANCE;
use toy_gil::{Flag, SwitchAt, ThreadId};
use toy_object::{Gil, Header, Heap, Owned, Value};

use crate::async_generator::AsyncHooks;
use crate::classes::ClassName;
use crate::frame::Stack;
use crate::frames::Frames;
use crate::machine::Machine;
use crate::native::{Outcome, Raised};
use crate::thread_state::ThreadRecord;

/// Instructions that run at most before signals and the collector are looked at.
const CHECK_INTERVAL: i64 = 1 << 15;

/// A budget, of which some more than will ever run are as good as for ever.
fn instructions(budget: u64) -> i64 {
    const FOR_EVER: i64 = 1 << 62;
    i64::try_from(budget).unwrap_or(FOR_EVER).min(FOR_EVER)
}

/// Registers of a thread's stack: memory is used only as far as frames reach.
pub(crate) const STACK_REGISTERS: usize = 1 << 23;

/// One thread's side of the virtual machine: its frames, its value stack, its place in the program.
pub struct Vm {
    heap: &'static Heap,
    machine: &'static Machine,
    pub(crate) stack: Stack,
    pub(crate) frames: Frames,
    /// The exception of a [`Raised`] that is under way.
    pub(crate) raised: Option<Owned>,
    /// Exceptions being handled, the innermost last.
    pub(crate) handled: Vec<Owned>,
    /// Instructions that this thread may still run before it asks the lock's policy.
    pub(crate) budget: i64,
    /// Whether somebody has waited so long that the lock is to be asked before the budget is used up.
    pressed: Arc<Flag>,
    /// Whether the main thread is to go first, because a signal has come.
    urgent: Arc<Flag>,
    /// The budget when the lock was last told of this thread's progress.
    told: i64,
    /// What `budget` will be when the running loop reaches the end of its segment.
    pub(crate) budget_at_limit: i64,
    /// The budget at which signals and the collector are looked at next.
    check_at: i64,
    /// By how many instructions the budget may be overrun: with `--switch-at python` it is looked at in safepoints only.
    pub(crate) slack: i64,
    /// Addresses of the OS stack below this one are reserved for leaving.
    stack_floor: usize,
    pub(crate) record: Arc<ThreadRecord>,
    /// Containers whose repr is being made, by identity.
    pub(crate) repr_guard: Vec<u64>,
    /// What is told about asynchronous generators.
    pub(crate) async_hooks: AsyncHooks,
    /// How often signals have been held back, and not let go again; and how many frames there were when what the innermost dead left
    /// behind began to run.
    pub(crate) signals_held: u32,
    pub(crate) finaliser_bottom: Option<usize>,
    /// What the library keeps for this thread.
    pub(crate) kept: kept::Kept,
    /// Where the innermost loop stands on the OS stack.
    #[cfg_attr(not(threaded), expect(dead_code, reason = "the other loop does not grow"))]
    pub(crate) loop_address: usize,
    /// What the entry frame has returned.
    pub(crate) result: Option<Owned>,
    /// Of two objects that one instruction has given up, the first: see `Step::SettleTwo`.
    pub(crate) released_first: Option<NonNull<Header>>,
    /// Registers below this one are in use by a native that runs.
    pub(crate) native_top: *mut Value,
    /// The builtins, a dict that the machine keeps: for the cache of globals.
    pub(crate) builtins_value: Value,
    /// The last field, since fields are dropped in this order: what the others own goes while the lock is held.
    gil: Gil,
}

impl Deref for Vm {
    type Target = Heap;

    #[inline(always)]
    fn deref(&self) -> &Heap {
        self.heap
    }
}

impl Vm {
    /// The context of this OS thread, which has entered the heap as `record` says. `stack_bytes` is the size of the
    /// thread's OS stack.
    pub(crate) fn new(
        gil: Gil,
        machine: &'static Machine,
        record: Arc<ThreadRecord>,
        stack: Stack,
        stack_bytes: usize,
    ) -> Self {
        let heap = gil.heap();
        let budget = instructions(gil.budget());
        let (pressed, urgent) = (gil.lock().pressed(), gil.lock().urgent());
        let switches_at_safepoints = gil.lock().conditions().switch_at == SwitchAt::Python;
        // Natives need room to leave through; a quarter of the stack, at most 256 KiB.
        let reserve = (stack_bytes / 4).min(256 << 10);
        Self {
            gil,
            heap,
            machine,
            stack,
            frames: Frames::new(machine.recursion_limit()),
            raised: None,
            handled: Vec::new(),
            budget,
            pressed,
            urgent,
            told: budget,
            budget_at_limit: 0,
            check_at: budget - CHECK_INTERVAL,
            slack: if switches_at_safepoints { SAFEPOINT_DISTANCE as i64 } else { 0 },
            stack_floor: stack_address().saturating_sub(stack_bytes - reserve),
            record,
            repr_guard: Vec::new(),
            async_hooks: AsyncHooks::default(),
            signals_held: 0,
            finaliser_bottom: None,
            kept: kept::Kept::default(),
            loop_address: 0,
            result: None,
            released_first: None,
            native_top: std::ptr::null_mut(),
            builtins_value: machine.builtins().value(),
        }
    }

    /// The heap for longer than a borrow of the context.
    #[inline(always)]
    pub fn heap(&self) -> &'static Heap {
        self.heap
    }

    /// What all threads share.
    #[inline(always)]
    pub fn machine(&self) -> &'static Machine {
        self.machine
    }

    /// The lock's number of this thread.
    pub fn thread_id(&self) -> ThreadId {
        self.gil.thread()
    }

    /// The proof of holding the lock.
    pub fn gil(&mut self) -> &mut Gil {
        &mut self.gil
    }

    /// What the registry knows of this thread.
    pub fn record(&self) -> &Arc<ThreadRecord> {
        &self.record
    }

    /// `RecursionError` when the OS stack or the limit of frames is nearly used up. Called by everything that recurses in
    /// Rust.
    #[inline]
    pub fn check_stack(&mut self) -> Outcome<()> {
        if stack_address() < self.stack_floor { Err(self.raise_recursion()) } else { Ok(()) }
    }

    #[cold]
    pub(crate) fn raise_recursion(&mut self) -> Raised {
        self.raise(ClassName::RecursionError, "maximum recursion depth exceeded")
    }

    /// Most frames that this thread may have.
    #[inline(always)]
    pub(crate) fn recursion_limit(&self) -> usize {
        self.machine.recursion_limit.get()
    }

    /// How many frames this thread has.
    pub fn depth(&self) -> usize {
        self.frames.len()
    }

    /// Changes how many frames a thread may have. The others hear it when they get the lock.
    pub fn set_recursion_limit(&mut self, limit: usize) {
        self.machine.recursion_limit.set(limit);
        self.frames.set_limit(limit);
    }

    /// Notes that the repr of this container is being made; `false` if it already is.
    pub fn enter_repr(&mut self, object: toy_object::Ref<'_>) -> bool {
        let bits = object.value().bits();
        if self.repr_guard.contains(&bits) {
            return false;
        }
        self.repr_guard.push(bits);
        true
    }

    /// The repr of the container last entered is done.
    pub fn leave_repr(&mut self, _object: toy_object::Ref<'_>) {
        self.repr_guard.pop();
    }
}

/// An address in the current function's frame: how deep the OS stack is.
#[cfg_attr(debug_assertions, inline(never))]
#[cfg_attr(not(debug_assertions), inline)]
pub(crate) fn stack_address() -> usize {
    let here = 0u8;
    std::ptr::from_ref(std::hint::black_box(&here)) as usize
}
