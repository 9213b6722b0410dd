//! Handles of threads: done or not, and who waits for that.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use toy_gil::{Origin, ReleaseCause};
use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Outcome, Parked, ThreadRecord, Vm, natives};

use crate::argument::{new_text, overflow_error, present, runtime_error, signed_seconds};
use crate::class;

/// Full name of the class.
pub(super) const HANDLE: &str = "_thread._ThreadHandle";

/// Where a handle's thread is in its life.
///
/// | state | next |
/// |---|---|
/// | `NotStarted` | `Running` |
/// | `Running` | `Done` |
/// | `Done` | – |
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    NotStarted,
    Running,
    Done,
}

/// A handle.
pub(crate) struct Handle {
    state: Cell<State>,
    /// The thread, once it has been started.
    record: RefCell<Option<Arc<ThreadRecord>>>,
    /// Threads that park until this one is done.
    joiners: RefCell<Vec<Arc<ThreadRecord>>>,
    is_daemon: Cell<bool>,
}

impl Payload for Handle {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

impl Handle {
    /// A handle of a thread that is to be started.
    pub(super) fn new() -> Self {
        Self {
            state: Cell::new(State::NotStarted),
            record: RefCell::default(),
            joiners: RefCell::default(),
            is_daemon: Cell::new(false),
        }
    }

    /// A handle of a thread that runs.
    pub(super) fn of(record: Arc<ThreadRecord>) -> Self {
        let handle = Self::new();
        handle.begin(record, true);
        handle
    }

    /// The thread runs from now on.
    pub(super) fn begin(&self, record: Arc<ThreadRecord>, is_daemon: bool) {
        self.state.set(State::Running);
        self.is_daemon.set(is_daemon);
        *self.record.borrow_mut() = Some(record);
    }

    pub(super) fn state(&self) -> State {
        self.state.get()
    }

    /// Whether the program waits for the thread before it ends.
    pub(super) fn is_awaited(&self) -> bool {
        self.state.get() == State::Running && !self.is_daemon.get()
    }

    pub(super) fn is_of(&self, record: &Arc<ThreadRecord>) -> bool {
        self.record.borrow().as_ref().is_some_and(|own| Arc::ptr_eq(own, record))
    }

    /// The thread is done: wakes those who wait for it.
    pub(super) fn finish(&self, vm: &Vm) {
        self.state.set(State::Done);
        for joiner in self.joiners.take() {
            joiner.wake(vm, Origin::Join);
        }
    }

    /// Waits until the thread is done, or the time is over.
    pub(super) fn join(&self, vm: &mut Vm, timeout: Option<Duration>) -> Outcome<()> {
        let deadline = timeout.and_then(|timeout| vm.now().checked_add(timeout));
        let record = Arc::clone(vm.record());
        while self.state.get() != State::Done {
            if !self.joiners.borrow().iter().any(|joiner| Arc::ptr_eq(joiner, &record)) {
                self.joiners.borrow_mut().push(Arc::clone(&record));
            }
            let left = deadline.map(|deadline| deadline.saturating_sub(vm.now()));
            let parked = vm.park(ReleaseCause::Join, left);
            if !matches!(parked, Ok(Parked::Woken)) {
                self.joiners.borrow_mut().retain(|joiner| !Arc::ptr_eq(joiner, &record));
                return parked.map(drop);
            }
        }
        Ok(())
    }
}

natives! {
    /// The methods of `_ThreadHandle`.
    pub(super) HANDLE_METHODS:
    static "__new__" ("") "A handle of a thread that is to be started." =>
        |vm, args| class::construct(vm, HANDLE, args.at(0), Handle::new());
    getter "ident" ("") "The identity of the thread; 0 before it has been started." => ident;
    method "is_done" ("") "Whether the thread has ended." => is_done;
    method releasing "join" ("timeout=None, /") "Wait until the thread has ended." => join;
    method "_set_done" ("") "Say that the thread has ended." => set_done;
    method "__repr__" ("") "The text that repr shows." => repr;
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Handle> {
    class::this(vm, args.at(0), HANDLE)
}

fn identity(handle: &Handle) -> i64 {
    handle.record.borrow().as_ref().map_or(0, |record| record.identity() as i64)
}

fn ident(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let identity = identity(this(vm, args)?);
    Ok(vm.new_int(identity)?)
}

fn is_done(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(Owned::bool(this(vm, args)?.state() == State::Done))
}

fn join(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let handle = this(vm, args)?;
    let timeout = match present(args.get(1)) {
        None => None,
        Some(timeout) => {
            let seconds = signed_seconds(vm, timeout)?;
            if seconds > super::lock::TIMEOUT_MAX {
                return Err(overflow_error(vm, "timestamp too large to convert to C PyTime_t"));
            }
            // A negative timeout means none, here.
            (seconds >= 0.0).then(|| Duration::from_secs_f64(seconds))
        }
    };
    match handle.state() {
        State::NotStarted => return Err(runtime_error(vm, "thread not started")),
        State::Running if handle.is_of(vm.record()) => return Err(runtime_error(vm, "Cannot join current thread")),
        State::Running | State::Done => {}
    }
    handle.join(vm, timeout)?;
    Ok(Owned::none())
}

fn set_done(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this(vm, args)?.finish(vm);
    Ok(Owned::none())
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let identity = identity(this(vm, args)?);
    let text = format!("<_ThreadHandle object: ident={identity}>");
    new_text(vm, text)
}
