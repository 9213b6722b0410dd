//! `_multiprocessing`: what several processes share and talk through. `multiprocessing` is built on it.
//!
//! Invariant: whoever waits here waits without the interpreter's lock, Ctrl-C ends it, and in virtual time other threads run meanwhile.
//! Invariant: an object's descriptors are closed with it; scripts may name them by number only as long as it lives.

mod channel;
mod connection;
mod frame;
mod listening;
mod memory;
mod packets;
mod parcel;
mod process;
mod semaphore;
mod sleepers;
mod waiting;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use crate::argument::{bytes, int32, integer};
use crate::class;
use crate::io::descriptor::{self, Descriptor};
use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let classes = [
        ("Connection", class::define(vm, connection::CONNECTION, connection::METHODS)?),
        ("SemLock", class::define(vm, semaphore::SEM_LOCK, semaphore::METHODS)?),
        ("Sleepers", class::define(vm, sleepers::CLASS, sleepers::METHODS)?),
        ("Channel", class::define(vm, channel::CHANNEL, channel::METHODS)?),
        ("Memory", class::define(vm, memory::MEMORY, memory::METHODS)?),
        ("Listening", class::define(vm, listening::LISTENING, listening::METHODS)?),
        ("ProcessEnd", class::define(vm, process::PROCESS_END, process::METHODS)?),
    ];
    // Else each child would parse those that it calls for itself.
    let exit = crate::posix::FUNCTIONS.iter().filter(|row| row.name == "_exit");
    for row in FUNCTIONS.iter().chain(crate::exit::FUNCTIONS).chain(exit) {
        row.signature();
    }
    let doc = "What several processes share and talk through, as multiprocessing is built on it.";
    let mut module = NewModule::new(vm, "_multiprocessing", doc, FUNCTIONS)?;
    for (name, class) in classes {
        module.set(name, class)?;
    }
    module.finish()
}

natives! {
    /// The functions of `_multiprocessing`.
    FUNCTIONS:
    function "pipe" ("") "A way in one direction: the numbers of its reading and its writing end." => |vm, _| {
        let ends = toy_process::one_way();
        numbers_of_pair(vm, ends)
    };
    function "socketpair" ("") "A way in both directions: the numbers of its ends." => |vm, _| {
        let ends = toy_process::both_ways();
        numbers_of_pair(vm, ends)
    };
    function releasing "wait" ("objects, timeout=None, /") "Wait until some of the objects are ready; returns their places in the list." =>
        waiting::wait;
    function releasing "connect" ("address, /") "Connect to a path, or to a pair of host and port; returns the descriptor's number." =>
        listening::connect;
    function "interrupts_heard" ("") "How often Ctrl-C has raised KeyboardInterrupt in this process." => |vm, _| {
        let count = vm.heeded_interrupts();
        Ok(vm.new_int(i64::try_from(count).unwrap_or(i64::MAX))?)
    };
    function "digest" ("key, message, /") "What only who knows the key can make of a message: HMAC of SHA-256." => |vm, args| {
        let (key, message) = (bytes(vm, args.at(0))?, bytes(vm, args.at(1))?);
        Ok(vm.new_bytes(&authenticate(&key, &message))?)
    };
    function "end_with" ("fd, /") "Have this process terminated when the last writing end of a pipe is closed." => |vm, args| {
        let number = int32(vm, args.at(0))?;
        let found = descriptor::find(vm, number)?;
        match toy_process::end_with(&found) {
            Ok(()) => Ok(Owned::none()),
            Err(error) => Err(vm.raise_os_error(&error, None)),
        }
    };
    function "open_lifeline" ("") "A pipe whose writing end no fork inherits: the number of its reading end, and what names the other." =>
        process::open_lifeline;
    function "close_lifeline" ("lifeline, /") "Close the writing end of a lifeline, if this process opened it." => |vm, args| {
        let lifeline = integer(vm, args.at(0))?;
        toy_process::close_lifeline(toy_process::Lifeline(lifeline.cast_unsigned()));
        Ok(Owned::none())
    };
    function "leave_input" ("") "Close sys.stdin and put a stream in its place in which there is nothing." =>
        |vm, _| crate::io::leave_input(vm).map(|()| Owned::none());
    function releasing "flush_streams" ("") "Write out what sys.stdout and sys.stderr hold back." =>
        |vm, _| crate::io::flush_streams(vm).map(|()| Owned::none());
    function "start" ("program, arguments, environment, input, /") "Start a program whose standard input is a descriptor; returns its number." =>
        process::start;
    function releasing "run_file" ("path, name, /") "Run a file as a module of this name." => |vm, args| {
        let file = crate::argument::path(vm, args.at(0), "run_file")?;
        let name = crate::argument::text(vm, args.at(1), "name")?.into_owned();
        vm.import_file(&file, &name)
    };
}

type Pair = Result<(std::os::fd::OwnedFd, std::os::fd::OwnedFd), rustix::io::Errno>;

/// Lets scripts name both.
fn numbers_of_pair(vm: &mut Vm, pair: Pair) -> Outcome {
    let (one, other) = pair.map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let numbers = [descriptor::add(vm, one)?, descriptor::add(vm, other)?];
    new_numbers(vm, &numbers)
}

/// A tuple of the numbers of descriptors.
fn new_numbers(vm: &mut Vm, descriptors: &[Descriptor]) -> Outcome {
    let mut numbers = Vec::with_capacity(descriptors.len());
    for descriptor in descriptors {
        numbers.push(vm.new_int(i64::from(descriptor.number()))?);
    }
    Ok(vm.new_tuple(numbers)?)
}

/// Where a block of shared memory is found: the number of its file's descriptor, its place there, its length.
fn handle_of_block(vm: &mut Vm, block: &toy_process::Block) -> Outcome {
    let number = i64::from(descriptor::lend(vm, block.descriptor())?);
    let parts = [vm.new_int(number)?, vm.new_int_from_usize(block.offset())?, vm.new_int_from_usize(block.len())?];
    Ok(vm.new_tuple(parts)?)
}

/// The block that is found so; takes the descriptor over.
fn block_of_handle(vm: &mut Vm, args: Args<'_>, first: usize) -> Outcome<toy_process::Block> {
    let number = int32(vm, args.at(first))?;
    let (offset, length) = (length(vm, args.at(first + 1))?, length(vm, args.at(first + 2))?);
    let descriptor = descriptor::claim(vm, number)?;
    toy_process::Block::from_parts(descriptor, offset, length).map_err(|error| vm.raise_os_error(&error, None))
}

/// HMAC of SHA-256.
fn authenticate(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("keys may be of any length");
    mac.chain_update(message).finalize().into_bytes().into()
}

/// A number of bytes or items.
fn length(vm: &mut Vm, argument: Ref<'_>) -> Outcome<usize> {
    let length = integer(vm, argument)?;
    usize::try_from(length).map_err(|_| crate::argument::value_error(vm, "a length must not be negative"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn digests_are_those_of_rfc_4231() {
        let hex = |digest: [u8; 32]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let short = super::authenticate(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(hex(short), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        let long = super::authenticate(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(hex(long), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }
}
