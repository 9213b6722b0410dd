//! Waiting for descriptors: connections with something to read, processes that end.

use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::Ref;
use toy_process::GLANCE;
use toy_vm::{Args, Outcome, Vm};

use super::{connection::Connection, process::ProcessEnd};
use crate::argument::{int32, present, signed_seconds};
use crate::io::descriptor::{self, Descriptor};

/// How long to wait: `None` for ever, and not at all for what is not above 0.
pub(super) fn timeout(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<Option<Duration>> {
    let Some(argument) = present(argument) else { return Ok(None) };
    let seconds = signed_seconds(vm, argument)?.max(0.0);
    // What no clock can express is for ever.
    Ok(Duration::try_from_secs_f64(seconds).ok().filter(|time| time.as_secs() < FOR_EVER))
}

/// Seconds that are as good as for ever: the system's milliseconds and nanoseconds hold no more.
const FOR_EVER: u64 = 1 << 31;

/// The moment at which a wait is over.
pub(super) fn deadline(vm: &mut Vm, timeout: Option<Duration>) -> Option<Duration> {
    timeout.and_then(|timeout| vm.now().checked_add(timeout))
}

/// What is left until then.
pub(super) fn left(vm: &mut Vm, deadline: Option<Duration>) -> Option<Duration> {
    let deadline = deadline?;
    Some(deadline.saturating_sub(vm.now()))
}

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
    let deadline = deadline(vm, timeout);
    loop {
        let left = left(vm, deadline);
        let look = |time: Option<&Timespec>| -> Result<Vec<bool>, Errno> {
            let mut watched: Vec<_> = descriptors
                .iter()
                .map(|descriptor| PollFd::from_borrowed_fd(descriptor.as_fd(), PollFlags::IN))
                .collect();
            poll(&mut watched, time)?;
            Ok(watched.iter().map(|watched| !watched.revents().is_empty()).collect())
        };
        let is_over = left == Some(Duration::ZERO);
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let looked = if is_over || vm.is_virtual() {
            match look(Some(&now)) {
                Ok(ready) if !is_over && !ready.contains(&true) => {
                    let glance = |time: &Timespec| look(Some(time)).map(|ready| ready.contains(&true));
                    match vm.wait_outside("another process", glance) {
                        Ok(()) => continue,
                        Err(error) => Err(error),
                    }
                }
                looked => looked,
            }
        } else {
            let time =
                left.map(|left| Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) });
            vm.released(ReleaseCause::Io, || look(time.as_ref()))
        };
        match looked {
            Ok(ready) if is_over || ready.contains(&true) => return Ok(ready),
            // Rounded times may end a little early.
            Ok(_) => {}
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
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
