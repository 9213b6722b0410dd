//! `_thread`: starting threads, locks, and what a thread has for itself. `threading` is built on it.

mod handle;
mod local;
mod lock;
mod start;
mod waiters;

use toy_object::Owned;
use toy_vm::{ClassName, Outcome, Vm, natives};

use crate::module::NewModule;
use crate::{class, library};

use handle::{HANDLE, HANDLE_METHODS, Handle};
use lock::{LOCK, LOCK_METHODS, RLOCK, RLOCK_METHODS};
pub(crate) use lock::{own_waiters_of, waiters_of};
pub(crate) use waiters::Waiters;

/// What `threading` does in a forked child before anybody else does anything.
const AFTER_FORK: &str = "_thread.after_fork";

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let lock = class::define(vm, LOCK, LOCK_METHODS)?;
    let view = lock.get().as_class(vm.heap()).expect("just defined");
    view.set_flags(vm.heap(), toy_object::ClassFlags { is_final: true, ..view.flags() });
    let rlock = class::define(vm, RLOCK, RLOCK_METHODS)?;
    let handle = class::define(vm, HANDLE, HANDLE_METHODS)?;
    let fields = ["exc_type", "exc_value", "exc_traceback", "thread"];
    let arguments = crate::structure::define(vm, "_thread._ExceptHookArgs", &fields)?;
    let error = vm.class(ClassName::RuntimeError);
    let longest = vm.new_float(lock::TIMEOUT_MAX)?;
    let mut module = NewModule::new(vm, "_thread", "Threads and locks, as threading is built on them.", FUNCTIONS)?;
    module.set("lock", lock.clone())?;
    module.set("LockType", lock)?;
    module.set("RLock", rlock)?;
    module.set("_ThreadHandle", handle)?;
    module.set("_ExceptHookArgs", arguments)?;
    module.set("error", error)?;
    module.set("TIMEOUT_MAX", longest)?;
    module.finish()
}

/// Has threads let go of what is kept for them when they end. Called once.
pub(crate) fn install(vm: &mut Vm) {
    local::install(vm);
}

natives! {
    /// The functions of `_thread`.
    FUNCTIONS:
    function "allocate_lock" ("") "A new lock, not held." => |vm, _| class::new(vm, LOCK, lock::Lock::default());
    function "_closed_lock" ("") "A lock that is held, but by nobody: who takes it waits until somebody releases it." =>
        |vm, _| class::new(vm, LOCK, lock::Lock::closed());
    function releasing "start_new_thread" ("function, args, kwargs={}, /")
        "Start a thread that calls the function; returns its identity. Nobody waits for it." => start::start_new_thread;
    function releasing "start_joinable_thread" ("function, handle=None, daemon=True")
        "Start a thread that calls the function; returns its handle." => start::start_joinable_thread;
    function "allocate" ("") "A new lock, not held." => |vm, _| class::new(vm, LOCK, lock::Lock::default());
    function releasing "start_new" ("function, args, kwargs={}, /") "As start_new_thread." => start::start_new_thread;
    function "exit" ("") "Raise SystemExit, which ends the thread." => |vm, _| Err(vm.raise_without_arguments(ClassName::SystemExit));
    function "exit_thread" ("") "Raise SystemExit, which ends the thread." =>
        |vm, _| Err(vm.raise_without_arguments(ClassName::SystemExit));
    function "stack_size" ("size=0, /") "The size of the stacks of new threads as it was asked for; 0: toy's own." => start::stack_size;
    function "daemon_threads_allowed" ("") "Whether threads may be daemons: always." => |_, _| Ok(Owned::bool(true));
    function "_is_main_interpreter" ("") "Whether this is the interpreter that the program began with: always." =>
        |_, _| Ok(Owned::bool(true));
    function "get_ident" ("") "The identity of the calling thread: a number that no other living thread has." =>
        |vm, _| { let identity = vm.record().identity() as i64; Ok(vm.new_int(identity)?) };
    function "get_native_id" ("") "The operating system's number of the calling thread." =>
        |vm, _| { let number = i64::from(vm.record().native_id()); Ok(vm.new_int(number)?) };
    function "interrupt_main" ("signum=2, /") "As if a signal came, by default Ctrl-C: its handler runs in the main thread." =>
        crate::signal::interrupt_main;
    function "_hold_signals" ("") "Have this thread heed no signals until _let_signals_go() was called as often." => |vm, _| {
        vm.hold_signals();
        Ok(Owned::none())
    };
    function "_let_signals_go" ("") "End what _hold_signals() has begun." => |vm, _| {
        vm.let_signals_go();
        Ok(Owned::none())
    };
    function "_count" ("") "Number of threads that run, the main thread not counted." => |vm, _| {
        let count = vm.machine().threads().living().len().saturating_sub(1);
        Ok(vm.new_int_from_usize(count)?)
    };
    function "_get_main_thread_ident" ("") "The identity of the main thread." => |vm, _| {
        let main = vm.machine().threads().living().into_iter().find(|record| record.is_main());
        let identity = main.map_or(0, |record| record.identity() as i64);
        Ok(vm.new_int(identity)?)
    };
    function "_make_thread_handle" ("ident, /") "A handle of a thread that runs." => start::make_thread_handle;
    function "_set_after_fork" ("function, /") "Call a function in every forked child, before anything else runs there." => |vm, args| {
        library::set(vm, AFTER_FORK, args.at(0).to_owned());
        Ok(Owned::none())
    };
    function releasing "_shutdown" ("") "Wait for all threads that are not daemons." => start::shutdown;
    function "_local_dicts" ("") "The dict in which the calling thread keeps the attributes of its threading.local objects." =>
        local::local_dicts;
    function "_all_local_dicts" ("") "Such dicts of all threads." => local::all_local_dicts;
}

/// In a forked child: the thread that is left becomes the main one.
pub(crate) fn after_fork(vm: &mut Vm) -> Outcome<()> {
    match library::get(vm, AFTER_FORK) {
        Some(function) if !function.get().is_none() => vm.call(function.get(), &[]).map(drop),
        _ => Ok(()),
    }
}

/// At the end of the program: nothing of `threading` is kept alive for forks that will not be.
pub(crate) fn forget_after_fork(vm: &mut Vm) {
    library::set(vm, AFTER_FORK, Owned::none());
}

/// A handle object for the running thread.
pub(crate) fn handle_of(vm: &mut Vm, record: std::sync::Arc<toy_vm::ThreadRecord>) -> Outcome {
    class::new(vm, HANDLE, Handle::of(record))
}
