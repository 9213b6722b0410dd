//! Handles of threads: done or not, and who waits for that.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use toy_gil::{Origin, ReleaseCause};
use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Obstacle, Outcome, ThreadRecord, Vm, Wake, natives};

use crate::argument::{new_text, overflow_error, present, runtime_error, signed_seconds, text};
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
    /// What the thread is to be called when it starts.
    name: RefCell<Option<String>>,
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
            name: RefCell::default(),
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

    /// What the thread is to be called when it starts.
    pub(super) fn name(&self) -> Option<String> {
        self.name.borrow().clone()
    }

    /// Names the thread, now or when it starts.
    fn set_name(&self, vm: &Vm, name: String) {
        if let Some(record) = &*self.record.borrow() {
            vm.machine().threads().rename(record, &name);
        }
        *self.name.borrow_mut() = Some(name);
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

    /// Waits until the thread is done, or the time is over; `obstacle` is the thread as what is waited for.
    pub(super) fn join(
        &self,
        vm: &mut Vm,
        timeout: Option<Duration>,
        obstacle: fn(Arc<ThreadRecord>) -> Obstacle,
    ) -> Outcome<()> {
        let deadline = timeout.and_then(|timeout| vm.now().checked_add(timeout));
        let record = Arc::clone(vm.record());
        while self.state.get() != State::Done {
            let queue_up = || self.joiners.borrow_mut().push(Arc::clone(&record));
            let awaited = self.record.borrow().clone();
            let wake = match (deadline, awaited) {
                (None, Some(awaited)) => vm.block(ReleaseCause::Join, obstacle(awaited), queue_up),
                (deadline, _) => {
                    let left = deadline.map(|deadline| deadline.saturating_sub(vm.now()));
                    vm.park_queued(ReleaseCause::Join, left, queue_up)
                }
            };
            self.joiners.borrow_mut().retain(|joiner| !Arc::ptr_eq(joiner, &record));
            match wake {
                Wake::Woken => {}
                Wake::Interrupted => vm.check_signals()?,
                Wake::TimedOut => return Ok(()),
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
    method "_set_name" ("name, /") "Name the thread, for reports and statistics." => set_name;
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
    handle.join(vm, timeout, Obstacle::Thread)?;
    Ok(Owned::none())
}

fn set_name(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = text(vm, args.at(1), "name")?;
    this(vm, args)?.set_name(vm, name.into_owned());
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
