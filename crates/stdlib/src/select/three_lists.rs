//! `select.select`: three lists in, three lists out.

use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use toy_gil::{ReleaseCause, Wake};
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm};

use super::number;
use crate::argument::{present, signed_seconds, type_error, value_error};
use crate::io::descriptor::{self, Descriptor};
use crate::waiting;

/// What of a descriptor is asked for in each list, and what answers it.
const QUESTIONS: [(PollFlags, PollFlags); 3] = [
    (PollFlags::IN, PollFlags::IN.union(PollFlags::HUP).union(PollFlags::ERR)),
    (PollFlags::OUT, PollFlags::OUT.union(PollFlags::ERR)),
    (PollFlags::PRI, PollFlags::PRI),
];

/// Descriptors have to have numbers below this one, although nothing here needs that.
const SET_SIZE: i32 = 1024;

struct Watched {
    object: Owned,
    list: usize,
}

pub(super) fn select(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (mut watched, mut descriptors) = (Vec::new(), Vec::new());
    for list in 0..QUESTIONS.len() {
        if !vm.is_iterable(args.at(list)) {
            return Err(type_error(vm, "arguments 1-3 must be sequences"));
        }
        for object in vm.collect(args.at(list))? {
            let number = number(vm, object.get())?;
            if number >= SET_SIZE {
                return Err(value_error(vm, "filedescriptor out of range in select()"));
            }
            descriptors.push(descriptor::find(vm, number)?);
            watched.push(Watched { object, list });
        }
    }
    let timeout = timeout(vm, args)?;
    if descriptors.is_empty() {
        sleep(vm, timeout)?;
    }
    let lists: Vec<usize> = watched.iter().map(|watched| watched.list).collect();
    let ready = waiting::wait(vm, "a pipe or a device", timeout, |time| look(&descriptors, &lists, time))?;
    let ready = ready.unwrap_or_default();
    let mut found = [const { Vec::new() }; QUESTIONS.len()];
    for (watched, _) in watched.into_iter().zip(ready).filter(|(_, is_ready)| *is_ready) {
        found[watched.list].push(watched.object);
    }
    let mut lists = Vec::with_capacity(found.len());
    for found in found {
        lists.push(vm.new_list(found)?);
    }
    Ok(vm.new_tuple(lists)?)
}

fn timeout(vm: &mut Vm, args: Args<'_>) -> Outcome<Option<Duration>> {
    let Some(timeout) = present(args.get(3)) else { return Ok(None) };
    if timeout.as_float().is_none() && timeout.as_int().is_none() {
        return Err(type_error(vm, "timeout must be a float or None"));
    }
    let seconds = signed_seconds(vm, timeout)?;
    if seconds < 0.0 {
        return Err(value_error(vm, "timeout must be non-negative"));
    }
    Ok(waiting::duration(seconds))
}

/// Nothing is watched: this is how scripts slept before there were clocks.
fn sleep(vm: &mut Vm, timeout: Option<Duration>) -> Outcome<()> {
    let deadline = waiting::deadline(vm, timeout);
    let mut left = timeout;
    while left != Some(Duration::ZERO) {
        match vm.park(ReleaseCause::Sleep, left) {
            Wake::TimedOut => break,
            Wake::Interrupted => vm.check_signals()?,
            Wake::Woken => {}
        }
        left = waiting::left(vm, deadline);
    }
    Ok(())
}

type Ready = Option<Vec<bool>>;

fn look(
    descriptors: &[Descriptor],
    lists: &[usize],
    time: Option<&rustix::event::Timespec>,
) -> Result<Ready, rustix::io::Errno> {
    let watched = descriptors.iter().zip(lists);
    let mut watched: Vec<_> =
        watched.map(|(descriptor, list)| PollFd::from_borrowed_fd(descriptor.as_fd(), QUESTIONS[*list].0)).collect();
    poll(&mut watched, time)?;
    let ready: Vec<bool> =
        watched.iter().zip(lists).map(|(watched, list)| watched.revents().intersects(QUESTIONS[*list].1)).collect();
    Ok(ready.contains(&true).then_some(ready))
}
