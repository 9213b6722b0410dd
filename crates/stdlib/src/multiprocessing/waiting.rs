//! Waiting for descriptors: connections with something to read, processes that end.

use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_process::GLANCE;
use toy_vm::{Args, Outcome, Vm};

use super::{connection::Connection, process::ProcessEnd};
use crate::argument::int32;
use crate::io::descriptor::{self, Descriptor};
pub(super) use crate::waiting::{deadline, left, timeout};

/// Sleeps in shared memory for what is left and no longer than a glance: other threads run meanwhile. Look again afterwards.
pub(super) fn glance(
    vm: &mut Vm,
    left: Option<Duration>,
    sleep: impl FnOnce(Duration) -> Result<(), Errno> + Send,
) -> Outcome<()> {
    let longest = left.unwrap_or(GLANCE);
    let slept = if vm.is_virtual() {
        vm.wait_outside("another process", |time| {
            sleep(Duration::from_nanos(time.tv_nsec as u64).min(longest)).map(|()| false)
        })
    } else {
        vm.released(ReleaseCause::Lock, || sleep(longest))
    };
    if slept.is_err() {
        vm.check_signals()?;
    }
    Ok(())
}

/// Waits until some of the descriptors can be read, or the other end is gone; says of each whether it can. None can: the time is over.
pub(super) fn wait_for(vm: &mut Vm, descriptors: &[Descriptor], timeout: Option<Duration>) -> Outcome<Vec<bool>> {
    let ready = crate::waiting::wait(vm, "another process", timeout, |time| {
        let mut watched: Vec<_> =
            descriptors.iter().map(|descriptor| PollFd::from_borrowed_fd(descriptor.as_fd(), PollFlags::IN)).collect();
        let count = poll(&mut watched, time)?;
        Ok((count > 0).then(|| watched.iter().map(|watched| !watched.revents().is_empty()).collect()))
    })?;
    Ok(ready.unwrap_or_else(|| vec![false; descriptors.len()]))
}

/// The native `wait`.
pub(super) fn wait(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let objects = vm.collect(args.at(0))?;
    let mut timeout = timeout(vm, args.get(1))?;
    let (mut descriptors, mut at_once) = (Vec::with_capacity(objects.len()), vec![false; objects.len()]);
    for (place, object) in objects.iter().enumerate() {
        let object = object.get();
        if let Some(connection) = object.payload::<Connection>(vm.heap()) {
            at_once[place] = connection.has_arrived();
            descriptors.push(Descriptor::Open(connection.open(vm)?));
        } else if let Some(end) = object.payload::<ProcessEnd>(vm.heap()) {
            descriptors.push(Descriptor::Open(end.open(vm)?));
        } else {
            let number = int32(vm, object)?;
            descriptors.push(descriptor::find(vm, number)?);
        }
    }
    if at_once.contains(&true) {
        timeout = Some(Duration::ZERO);
    }
    let ready = wait_for(vm, &descriptors, timeout)?;
    let mut places = Vec::new();
    for (place, (ready, at_once)) in ready.into_iter().zip(at_once).enumerate() {
        if ready || at_once {
            places.push(vm.new_int_from_usize(place)?);
        }
    }
    Ok(vm.new_list(places)?)
}
