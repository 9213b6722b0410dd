//! `_thread.lock` and `_thread.RLock`.

use std::sync::Arc;
use std::time::Duration;

use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Outcome, ThreadRecord, Vm, natives};

use super::waiters::Waiters;
use crate::argument::{flag_or, new_text, overflow_error, runtime_error, signed_seconds, value_error};
use crate::class;

/// Full names of the classes.
pub(super) const LOCK: &str = "_thread.lock";
pub(super) const RLOCK: &str = "_thread.RLock";

/// A lock that any thread may release.
#[derive(Default)]
pub(crate) struct Lock {
    waiters: Waiters,
}

/// A lock that its owner may take again, and that only its owner may release.
#[derive(Default)]
pub(crate) struct RLock {
    waiters: Waiters,
}

impl Lock {
    /// A lock that is held, but by nobody.
    pub(super) fn closed() -> Self {
        Self { waiters: Waiters::closed() }
    }
}

impl Payload for Lock {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.waiters.visit(visit);
    }
}

impl Payload for RLock {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.waiters.visit(visit);
    }
}

natives! {
    /// The methods of `lock`.
    pub(super) LOCK_METHODS:
    static "__new__" ("") "A new lock, not held." => |vm, args| class::construct(vm, LOCK, args.at(0), Lock::default());
    method releasing "acquire" ("blocking=True, timeout=-1") "Wait for the lock and take it; whether it was taken." => lock_acquire;
    method "release" ("") "Let go of the lock." => lock_release;
    method "locked" ("") "Whether somebody holds the lock." => lock_locked;
    method releasing "__enter__" ("") "Wait for the lock and take it." => lock_enter;
    method "__exit__" ("exc_type=None, exc_value=None, traceback=None, /") "Let go of the lock." => lock_release;
    method releasing "acquire_lock" ("blocking=True, timeout=-1") "An old name of acquire." => lock_acquire;
    method "release_lock" ("") "An old name of release." => lock_release;
    method "locked_lock" ("") "An old name of locked." => lock_locked;
    method "_at_fork_reinit" ("") "Make it a fresh lock, in the child of a fork." => lock_reset;
    method "__repr__" ("") "The text that repr shows." => lock_repr;
}

natives! {
    /// The methods of `RLock`.
    pub(super) RLOCK_METHODS:
    static "__new__" ("*args, **kwargs") "A new re-entrant lock, not held. What it is given is of no interest." => |vm, args| class::construct(vm, RLOCK, args.at(0), RLock::default());
    method releasing "acquire" ("blocking=True, timeout=-1") "Wait for the lock and take it, or once more; whether it was taken." =>
        rlock_acquire;
    method "release" ("") "Let go of the lock once." => rlock_release;
    method releasing "__enter__" ("") "Wait for the lock and take it, or once more." => rlock_enter;
    method "__exit__" ("exc_type=None, exc_value=None, traceback=None, /") "Let go of the lock once." => rlock_release;
    method "_is_owned" ("") "Whether the calling thread holds the lock." => rlock_is_owned;
    method "_recursion_count" ("") "How often the calling thread holds the lock." => rlock_recursion_count;
    method "_release_save" ("") "Let go of the lock entirely; for conditions." => rlock_release_save;
    method releasing "_acquire_restore" ("state, /") "Take the lock back as _release_save found it." => rlock_acquire_restore;
    method "_at_fork_reinit" ("") "Make it a fresh lock, in the child of a fork." => rlock_reset;
    method "__repr__" ("") "The text that repr shows." => rlock_repr;
}

/// How long to wait.
enum Patience {
    /// Not at all.
    None,
    /// This long; `None`: for ever.
    Until(Option<Duration>),
}

/// CPython's largest timeout, in seconds: 64-bit nanoseconds.
pub(super) const TIMEOUT_MAX: f64 = 9_223_372_036.0;

fn patience(vm: &mut Vm, args: Args<'_>) -> Outcome<Patience> {
    let blocking = flag_or(vm, args.get(1), true)?;
    let timeout = args.get(2).map_or(Ok(-1.0), |timeout| signed_seconds(vm, timeout))?;
    if !blocking {
        if timeout != -1.0 {
            return Err(value_error(vm, "can't specify a timeout for a non-blocking call"));
        }
        return Ok(Patience::None);
    }
    if timeout == -1.0 {
        return Ok(Patience::Until(None));
    }
    if timeout < 0.0 {
        return Err(value_error(vm, "timeout value must be a non-negative number"));
    }
    if timeout > TIMEOUT_MAX {
        // CPython refuses it when it makes nanoseconds of it, which it does in two ways.
        let is_whole = args.get(2).is_some_and(|timeout| timeout.as_int().is_some());
        return Err(overflow_error(
            vm,
            match is_whole {
                true => "timestamp too large to convert to C PyTime_t",
                false => "timestamp out of range for platform time_t",
            },
        ));
    }
    Ok(Patience::Until(Some(Duration::from_secs_f64(timeout))))
}

fn acquire(vm: &mut Vm, args: Args<'_>, waiters: &Waiters, patience: Patience) -> Outcome<bool> {
    if waiters.try_acquire(vm) {
        return Ok(true);
    }
    match patience {
        Patience::None | Patience::Until(Some(Duration::ZERO)) => Ok(false),
        Patience::Until(timeout) => waiters.wait(vm, args.at(0), timeout),
    }
}

/// As [`waiters_of`], of an object that is a lock itself and not an instance of a subclass.
pub(crate) fn own_waiters_of<'a>(vm: &Vm, object: Ref<'a>) -> Option<&'a Waiters> {
    let plain = object.own_payload::<Lock>(vm.heap()).map(|lock| &lock.waiters);
    plain.or_else(|| object.own_payload::<RLock>(vm.heap()).map(|lock| &lock.waiters))
}

/// The owner of a lock and those who wait for it, whichever kind of lock the object is.
pub(crate) fn waiters_of<'a>(vm: &Vm, object: Ref<'a>) -> Option<&'a Waiters> {
    let plain = object.payload::<Lock>(vm.heap()).map(|lock| &lock.waiters);
    plain.or_else(|| object.payload::<RLock>(vm.heap()).map(|lock| &lock.waiters))
}

fn lock<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Lock> {
    class::this(vm, args.at(0), LOCK)
}

fn rlock<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a RLock> {
    class::this(vm, args.at(0), RLOCK)
}

fn lock_acquire(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let lock = lock(vm, args)?;
    let patience = patience(vm, args)?;
    let is_taken = acquire(vm, args, &lock.waiters, patience)?;
    if is_taken {
        lock.waiters.set_scoped(false);
    }
    Ok(Owned::bool(is_taken))
}

fn lock_enter(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let lock = lock(vm, args)?;
    let is_taken = acquire(vm, args, &lock.waiters, Patience::Until(None))?;
    lock.waiters.set_scoped(true);
    Ok(Owned::bool(is_taken))
}

fn lock_release(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let lock = lock(vm, args)?;
    if !lock.waiters.is_held() {
        return Err(runtime_error(vm, "release unlocked lock"));
    }
    lock.waiters.release(vm);
    Ok(Owned::none())
}

fn lock_locked(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let lock = lock(vm, args)?;
    Ok(Owned::bool(lock.waiters.is_held()))
}

fn lock_reset(vm: &mut Vm, args: Args<'_>) -> Outcome {
    lock(vm, args)?.waiters.reset();
    Ok(Owned::none())
}

fn shown_state(waiters: &Waiters) -> &'static str {
    if waiters.is_held() { "locked" } else { "unlocked" }
}

fn lock_repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let lock = lock(vm, args)?;
    let text = format!("<{} _thread.lock object at {:#x}>", shown_state(&lock.waiters), vm.identity(args.at(0)));
    new_text(vm, text)
}

fn rlock_acquire(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let lock = rlock(vm, args)?;
    let patience = patience(vm, args)?;
    acquire_again(vm, args, &lock.waiters, patience)
}

fn rlock_enter(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let lock = rlock(vm, args)?;
    acquire_again(vm, args, &lock.waiters, Patience::Until(None))
}

fn acquire_again(vm: &mut Vm, args: Args<'_>, waiters: &Waiters, patience: Patience) -> Outcome {
    if waiters.is_held_by(vm.record()) {
        waiters.set_depth(waiters.depth() + 1);
        return Ok(Owned::bool(true));
    }
    acquire(vm, args, waiters, patience).map(Owned::bool)
}

fn check_owner(vm: &mut Vm, waiters: &Waiters, complaint: &str) -> Outcome<()> {
    if waiters.is_held_by(vm.record()) { Ok(()) } else { Err(runtime_error(vm, complaint)) }
}

fn rlock_release(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let waiters = &rlock(vm, args)?.waiters;
    check_owner(vm, waiters, "cannot release un-acquired lock")?;
    match waiters.depth() {
        1 => waiters.release(vm),
        depth => waiters.set_depth(depth - 1),
    }
    Ok(Owned::none())
}

fn rlock_is_owned(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let waiters = &rlock(vm, args)?.waiters;
    Ok(Owned::bool(waiters.is_held_by(vm.record())))
}

fn rlock_recursion_count(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let waiters = &rlock(vm, args)?.waiters;
    let count = if waiters.is_held_by(vm.record()) { waiters.depth() } else { 0 };
    Ok(vm.new_int_from_usize(count)?)
}

fn rlock_release_save(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let waiters = &rlock(vm, args)?.waiters;
    check_owner(vm, waiters, "cannot release un-acquired lock")?;
    let depth = vm.new_int_from_usize(waiters.depth())?;
    let owner = vm.new_int(vm.record().identity() as i64)?;
    let state = vm.new_tuple([depth, owner])?;
    waiters.release(vm);
    Ok(state)
}

fn rlock_acquire_restore(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let waiters = &rlock(vm, args)?.waiters;
    let depth = args.at(1).as_tuple().and_then(|state| state.get(0)?.as_int()?.to_usize());
    let Some(depth) = depth else {
        return Err(value_error(vm, "_acquire_restore() takes what _release_save() gave"));
    };
    // Whoever waited on a condition must have the lock again, whatever happens: Ctrl-C is raised behind it.
    let mut interrupted = Ok(());
    while !waiters.try_acquire(vm) {
        match waiters.wait(vm, args.at(0), None) {
            Ok(true) => break,
            Ok(false) => {}
            Err(raised) => interrupted = Err(raised),
        }
    }
    waiters.set_depth(depth);
    interrupted.map(|()| Owned::none())
}

fn rlock_reset(vm: &mut Vm, args: Args<'_>) -> Outcome {
    rlock(vm, args)?.waiters.reset();
    Ok(Owned::none())
}

fn rlock_repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let waiters = &rlock(vm, args)?.waiters;
    let owner = waiters.owner().map_or(0, |owner: Arc<ThreadRecord>| owner.identity());
    let class = vm.class_of(args.at(0)).to_owned();
    let name = class.get().as_class(vm.heap()).map_or_else(String::new, |class| class.name_text());
    let text = format!(
        "<{} _thread.{name} object owner={owner} count={} at {:#x}>",
        shown_state(waiters),
        waiters.depth(),
        vm.identity(args.at(0))
    );
    new_text(vm, text)
}
