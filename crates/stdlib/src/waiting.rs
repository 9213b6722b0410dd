//! Waiting for descriptors, until a deadline or for ever.

use std::time::Duration;

use rustix::event::Timespec;
use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::Ref;
use toy_vm::{Outcome, Vm};

use crate::argument::{present, signed_seconds};

/// How long to wait: `None` for ever, and not at all for what is not above 0.
pub(crate) fn timeout(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<Option<Duration>> {
    let Some(argument) = present(argument) else { return Ok(None) };
    let seconds = signed_seconds(vm, argument)?;
    Ok(duration(seconds))
}

/// So many seconds as a timeout.
pub(crate) fn duration(seconds: f64) -> Option<Duration> {
    // What no clock can express is for ever.
    Duration::try_from_secs_f64(seconds.max(0.0)).ok().filter(|time| time.as_secs() < FOR_EVER)
}

/// Seconds that are as good as for ever: the system's milliseconds and nanoseconds hold no more.
const FOR_EVER: u64 = 1 << 31;

/// The moment at which a wait is over.
pub(crate) fn deadline(vm: &mut Vm, timeout: Option<Duration>) -> Option<Duration> {
    timeout.and_then(|timeout| vm.now().checked_add(timeout))
}

/// What is left until then.
pub(crate) fn left(vm: &mut Vm, deadline: Option<Duration>) -> Option<Duration> {
    let deadline = deadline?;
    Some(deadline.saturating_sub(vm.now()))
}

/// Waits until `look` finds something, which it tries for the time that it is given, or the time is over. In virtual time, `what`
/// says what the run depends on besides its seed.
pub(crate) fn wait<T: Send>(
    vm: &mut Vm,
    what: &str,
    timeout: Option<Duration>,
    look: impl Fn(Option<&Timespec>) -> Result<Option<T>, Errno> + Send + Sync,
) -> Outcome<Option<T>> {
    const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut left = timeout;
    let deadline = if timeout == Some(Duration::ZERO) { None } else { deadline(vm, timeout) };
    loop {
        let is_over = left == Some(Duration::ZERO);
        let looked = if is_over {
            look(Some(&NOW))
        } else if vm.is_virtual() {
            look_in_turn(vm, what, &look)
        } else {
            let time =
                left.map(|left| Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) });
            vm.released(ReleaseCause::Io, || look(time.as_ref()))
        };
        match looked {
            Ok(None) if !is_over => {}
            Ok(found) => return Ok(found),
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
        // Rounded times may end a little early, and signals at any time.
        if let Some(deadline) = deadline {
            left = Some(deadline.saturating_sub(vm.now()));
        }
    }
}

/// Looks without waiting; if there is nothing, others run first.
fn look_in_turn<T: Send>(
    vm: &mut Vm,
    what: &str,
    look: impl Fn(Option<&Timespec>) -> Result<Option<T>, Errno>,
) -> Result<Option<T>, Errno> {
    const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };
    let mut found = look(Some(&NOW))?;
    if found.is_none() {
        vm.wait_outside(what, |time| {
            found = look(Some(time))?;
            Ok(found.is_some())
        })?;
    }
    Ok(found)
}
