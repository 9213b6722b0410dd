//! `select`: waiting until descriptors can be read from or written to.
//!
//! | | what is watched | what a wait costs |
//! |---|---|---|
//! | `select` | is said anew each time, three lists | a look at every descriptor |
//! | `poll` | an object remembers it | a look at every descriptor |
//! | `epoll` | the kernel remembers it | a look at those that are ready |
//!
//! Invariant: who waits here waits without the interpreter's lock, Ctrl-C ends it, and in virtual time other threads run meanwhile.

mod epoll;
mod poll;
mod three_lists;

use toy_object::Ref;
use toy_vm::{ClassName, Outcome, Vm, natives};

use crate::argument::{integer, type_error, value_error};
use crate::class;
use crate::module::{self, NewModule};

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let error = vm.class(ClassName::OsError);
    class::define(vm, poll::POLL, poll::METHODS)?;
    let epoll = class::define(vm, epoll::EPOLL, epoll::METHODS)?;
    let mut module =
        NewModule::new(vm, "select", "Waiting until descriptors can be read from or written to.", FUNCTIONS)?;
    module.set("error", error)?;
    module.set("epoll", epoll)?;
    for (name, number) in CONSTANTS {
        module.set_int(name, *number)?;
    }
    module.finish()
}

/// Linux's numbers.
const CONSTANTS: &[(&str, i64)] = &[
    ("POLLIN", 1),
    ("POLLPRI", 2),
    ("POLLOUT", 4),
    ("POLLERR", 8),
    ("POLLHUP", 16),
    ("POLLNVAL", 32),
    ("POLLRDNORM", 64),
    ("POLLRDBAND", 128),
    ("POLLWRNORM", 256),
    ("POLLWRBAND", 512),
    ("POLLMSG", 1024),
    ("POLLRDHUP", 8192),
    ("EPOLLIN", 1),
    ("EPOLLPRI", 2),
    ("EPOLLOUT", 4),
    ("EPOLLERR", 8),
    ("EPOLLHUP", 16),
    ("EPOLLRDNORM", 64),
    ("EPOLLRDBAND", 128),
    ("EPOLLWRNORM", 256),
    ("EPOLLWRBAND", 512),
    ("EPOLLMSG", 1024),
    ("EPOLLRDHUP", 8192),
    ("EPOLLEXCLUSIVE", 1 << 28),
    ("EPOLLWAKEUP", 1 << 29),
    ("EPOLLONESHOT", 1 << 30),
    ("EPOLLET", 1 << 31),
    ("EPOLL_CLOEXEC", 0o2_000_000),
    ("PIPE_BUF", 4096),
];

natives! {
    /// The functions of `select`.
    FUNCTIONS:
    function releasing "select" ("rlist, wlist, xlist, timeout=None, /")
        "Wait until something in the first list can be read, in the second be written to, or in the third has urgent data; three lists of those." =>
        three_lists::select;
    function "poll" ("") "An object that remembers what it watches." => |vm, _| poll::new(vm);
}

/// The number of a descriptor: an integer, or an object with `fileno()`.
fn number(vm: &mut Vm, object: Ref<'_>) -> Outcome<i32> {
    let number = if object.as_int().is_some() {
        integer(vm, object)?
    } else {
        let Some(method) = module::find(vm, object, "fileno")? else {
            return Err(type_error(vm, "argument must be an int, or have a fileno() method."));
        };
        let answer = vm.call(method.get(), &[])?;
        if answer.get().as_int().is_none() {
            return Err(type_error(vm, "fileno() returned a non-integer"));
        }
        integer(vm, answer.get())?
    };
    if number < 0 {
        return Err(value_error(vm, format!("file descriptor cannot be a negative integer ({number})")));
    }
    match i32::try_from(number) {
        Ok(number) => Ok(number),
        Err(_) => Err(crate::argument::overflow_error(vm, "Python int too large to convert to C int")),
    }
}
