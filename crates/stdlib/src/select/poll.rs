//! `select.poll`: an object that remembers what it watches.

use std::cell::{Cell, RefCell};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll as system_poll};
use rustix::io::Errno;
use toy_object::{Owned, Payload, Ref};
use toy_vm::{Args, Outcome, Vm, natives};

use super::number;
use crate::argument::{integer, overflow_error, present, real, runtime_error};
use crate::class;
use crate::io::descriptor::{self, Descriptor};
use crate::waiting;

pub(super) const POLL: &str = "select.poll";

/// Numbers and what of them is watched, in the order of registration.
#[derive(Default)]
struct Poll {
    watched: RefCell<Vec<(i32, u16)>>,
    is_running: Cell<bool>,
}

impl Payload for Poll {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

pub(super) fn new(vm: &mut Vm) -> Outcome {
    class::new(vm, POLL, Poll::default())
}

/// What is watched of a descriptor unless it is said.
const DEFAULT: u16 = PollFlags::IN.union(PollFlags::PRI).union(PollFlags::OUT).bits();

natives! {
    /// The methods of `poll`.
    pub(super) METHODS:
    method "register" ("fd, eventmask=7, /") "Watch a descriptor, or another side of it." => |vm, args| {
        let (number, mask) = watch(vm, args)?;
        let mut watched = this(vm, args)?.watched.borrow_mut();
        match watched.iter_mut().find(|(other, _)| *other == number) {
            Some(entry) => entry.1 = mask,
            None => watched.push((number, mask)),
        }
        Ok(Owned::none())
    };
    method "modify" ("fd, eventmask, /") "Watch another side of a descriptor." => |vm, args| {
        let (number, mask) = watch(vm, args)?;
        match this(vm, args)?.watched.borrow_mut().iter_mut().find(|(other, _)| *other == number) {
            Some(entry) => {
                entry.1 = mask;
                Ok(Owned::none())
            }
            None => Err(vm.raise_os_error(&Errno::NOENT.into(), None)),
        }
    };
    method "unregister" ("fd, /") "Watch a descriptor no longer." => |vm, args| {
        let number = number(vm, args.at(1))?;
        let mut watched = this(vm, args)?.watched.borrow_mut();
        match watched.iter().position(|(other, _)| *other == number) {
            Some(place) => {
                watched.remove(place);
                Ok(Owned::none())
            }
            None => {
                let number = vm.new_int(i64::from(number))?;
                Err(vm.raise_key_error(number.get()))
            }
        }
    };
    method releasing "poll" ("timeout=None, /") "Wait, so many milliseconds at most; pairs of descriptor and what is ready." => poll;
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Poll> {
    class::this(vm, args.at(0), POLL)
}

/// A descriptor's number and a mask of events.
fn watch(vm: &mut Vm, args: Args<'_>) -> Outcome<(i32, u16)> {
    let number = number(vm, args.at(1))?;
    let mask = match args.get(2) {
        None => DEFAULT,
        Some(mask) => {
            let mask = integer(vm, mask)?;
            u16::try_from(mask).map_err(|_| {
                let side = if mask < 0 {
                    "can't convert negative value to C unsigned short"
                } else {
                    "Python int too large for C unsigned short"
                };
                if mask < 0 { crate::argument::value_error(vm, side) } else { overflow_error(vm, side) }
            })?
        }
    };
    Ok((number, mask))
}

/// Milliseconds; negative ones are for ever.
fn timeout(vm: &mut Vm, args: Args<'_>) -> Outcome<Option<Duration>> {
    let Some(timeout) = present(args.get(1)) else { return Ok(None) };
    let milliseconds = real(vm, timeout)?;
    Ok(if milliseconds < 0.0 { None } else { waiting::duration(milliseconds.ceil() / 1000.0) })
}

fn poll(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let timeout = timeout(vm, args)?;
    let poll = this(vm, args)?;
    let watched = poll.watched.borrow().clone();
    let mut open: Vec<(i32, u16, Descriptor)> = Vec::with_capacity(watched.len());
    let mut ready = Vec::new();
    for (number, mask) in watched {
        match descriptor::find(vm, number) {
            Ok(descriptor) => open.push((number, mask, descriptor)),
            // A descriptor that is closed is an answer here, and no error.
            Err(_) => {
                drop(vm.take_raised());
                ready.push((number, PollFlags::NVAL.bits()));
            }
        }
    }
    if poll.is_running.replace(true) {
        return Err(runtime_error(vm, "concurrent poll() invocation"));
    }
    let timeout = if ready.is_empty() { timeout } else { Some(Duration::ZERO) };
    let found = waiting::wait(vm, "a pipe or a device", timeout, |time| {
        let mut watched: Vec<_> = open
            .iter()
            .map(|(_, mask, descriptor)| {
                PollFd::from_borrowed_fd(descriptor.as_fd(), PollFlags::from_bits_retain(*mask))
            })
            .collect();
        let count = system_poll(&mut watched, time)?;
        let found = watched.iter().zip(&open).map(|(watched, (number, _, _))| (*number, watched.revents().bits()));
        Ok((count > 0).then(|| found.filter(|(_, events)| *events != 0).collect::<Vec<_>>()))
    });
    poll.is_running.set(false);
    ready.extend(found?.unwrap_or_default());
    new_pairs(vm, ready.into_iter().map(|(number, events)| (number, u32::from(events))))
}

/// A list of pairs of descriptors and events.
pub(super) fn new_pairs(vm: &mut Vm, pairs: impl Iterator<Item = (i32, u32)>) -> Outcome {
    let mut list = Vec::new();
    for (number, events) in pairs {
        let pair = [vm.new_int(i64::from(number))?, vm.new_int(i64::from(events))?];
        list.push(vm.new_tuple(pair)?);
    }
    Ok(vm.new_list(list)?)
}
