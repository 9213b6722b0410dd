//! `SemLock`: a lock or semaphore that several processes share.
//!
//! Whoever waits for a lock whose owner has ended is told so, and does not wait for ever.

use std::time::Duration;

use rustix::io::Errno;
use toy_object::{Owned, Payload, Ref};
use toy_process::{ReleaseError, Semaphore, SemaphoreKind};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::{block_of_handle, handle_of_block, waiting};
use crate::argument::{flag_or, integer, runtime_error, value_error};
use crate::class;

/// Full name of the class.
pub(super) const SEM_LOCK: &str = "_multiprocessing.SemLock";

struct SemLock(Semaphore);

impl Payload for SemLock {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

/// The largest value that a semaphore may have, as the C library's.
const LARGEST: u32 = i32::MAX as u32;

natives! {
    /// The methods of `SemLock`.
    pub(super) METHODS:
    static "__new__" ("kind, value, maxvalue") "A new one of the kind 0: recursive lock, 1: lock, 2: semaphore." => |vm, args| {
        let kind = kind(vm, args.at(1))?;
        let (value, maximum) = (number(vm, args.at(2))?, number(vm, args.at(3))?);
        if value > maximum {
            return Err(value_error(vm, "invalid value"));
        }
        let semaphore = Semaphore::new(kind, value, maximum).map_err(|error| vm.raise_os_error(&error, None))?;
        class::construct(vm, SEM_LOCK, args.at(0), SemLock(semaphore))
    };
    class "_rebuild" ("kind, maxvalue, descriptor, offset, length") "The one that another process has made." => |vm, args| {
        let (kind, maximum) = (kind(vm, args.at(1))?, number(vm, args.at(2))?);
        let block = block_of_handle(vm, args, 3)?;
        let Some(semaphore) = Semaphore::from_block(block, kind, maximum) else {
            return Err(value_error(vm, "there is no semaphore"));
        };
        class::construct(vm, SEM_LOCK, args.at(0), SemLock(semaphore))
    };
    method "_handle" ("") "Where it is found: a descriptor's number, and a place and a length there." => |vm, args| {
        let semaphore = this(vm, args)?;
        handle_of_block(vm, semaphore.block())
    };
    method releasing "acquire" ("block=True, timeout=None") "Wait until it can be taken, and take it; whether it was taken." => acquire;
    method "release" ("") "Give it back." => release;
    method releasing "__enter__" ("") "Wait until it can be taken, and take it." => |vm, args| {
        let semaphore = this(vm, args)?;
        wait(vm, semaphore, None).map(Owned::bool)
    };
    method "__exit__" ("exc_type=None, exc_value=None, traceback=None, /") "Give it back." => release;
    method "_count" ("") "How often this process has taken the lock." => |vm, args| {
        let depth = this(vm, args)?.depth();
        Ok(vm.new_int(i64::from(depth))?)
    };
    method "_is_mine" ("") "Whether this thread holds the lock." => |vm, args| {
        let (semaphore, thread) = (this(vm, args)?, thread(vm));
        Ok(Owned::bool(semaphore.is_mine(thread)))
    };
    method "_get_value" ("") "How often it can be taken." => |vm, args| {
        let value = this(vm, args)?.value();
        Ok(vm.new_int(i64::from(value))?)
    };
    method "_is_zero" ("") "Whether it cannot be taken now." => |vm, args| Ok(Owned::bool(this(vm, args)?.is_zero()));
    getter "maxvalue" ("") "The largest value." => |vm, args| {
        let maximum = this(vm, args)?.maximum();
        Ok(vm.new_int(i64::from(maximum))?)
    };
    getter "kind" ("") "0: recursive lock, 1: lock, 2: semaphore." => |vm, args| {
        let kind = this(vm, args)?.kind();
        let place = KINDS.iter().position(|other| *other == kind).unwrap_or_default();
        Ok(vm.new_int_from_usize(place)?)
    };
}

const KINDS: [SemaphoreKind; 3] = [SemaphoreKind::Recursive, SemaphoreKind::Lock, SemaphoreKind::Counting];

fn kind(vm: &mut Vm, argument: Ref<'_>) -> Outcome<SemaphoreKind> {
    let number = integer(vm, argument)?;
    let kind = usize::try_from(number).ok().and_then(|number| KINDS.get(number));
    kind.copied().ok_or_else(|| value_error(vm, "unrecognized kind"))
}

fn number(vm: &mut Vm, argument: Ref<'_>) -> Outcome<u32> {
    let number = integer(vm, argument)?;
    let number = u32::try_from(number).ok().filter(|&number| number <= LARGEST);
    number.ok_or_else(|| vm.raise_os_error(&Errno::INVAL.into(), None))
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Semaphore> {
    class::this::<SemLock>(vm, args.at(0), SEM_LOCK).map(|lock| &lock.0)
}

/// The system's number of this thread: no two threads of all processes have the same.
fn thread(vm: &Vm) -> u32 {
    vm.record().native_id().unsigned_abs()
}

fn acquire(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let semaphore = this(vm, args)?;
    let timeout =
        if flag_or(vm, args.get(1), true)? { waiting::timeout(vm, args.get(2))? } else { Some(Duration::ZERO) };
    wait(vm, semaphore, timeout).map(Owned::bool)
}

fn wait(vm: &mut Vm, semaphore: &Semaphore, timeout: Option<Duration>) -> Outcome<bool> {
    let thread = thread(vm);
    if semaphore.try_acquire(thread) {
        return Ok(true);
    }
    if timeout == Some(Duration::ZERO) {
        return Ok(false);
    }
    let deadline = waiting::deadline(vm, timeout);
    let sleeper = semaphore.wait();
    loop {
        if semaphore.try_acquire(thread) {
            return Ok(true);
        }
        let left = waiting::left(vm, deadline);
        if left == Some(Duration::ZERO) {
            return Ok(false);
        }
        if let Some(owner) = semaphore.dead_owner() {
            return Err(runtime_error(vm, format!("the lock is held by process {owner}, which has ended")));
        }
        waiting::glance(vm, left, |time| sleeper.sleep(time))?;
    }
}

fn release(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (semaphore, thread) = (this(vm, args)?, thread(vm));
    match semaphore.release(thread) {
        Ok(()) => Ok(Owned::none()),
        Err(ReleaseError::TooOften) => Err(value_error(vm, "semaphore or lock released too many times")),
        Err(ReleaseError::NotOwner) => {
            Err(vm.raise(ClassName::AssertionError, "attempt to release recursive lock not owned by thread"))
        }
    }
}
