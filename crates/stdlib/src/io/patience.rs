//! How long the calls of a socket wait, and making them. Files made of the socket share it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::io::Errno;
use toy_vm::{ClassName, Outcome, Transfer, Vm};

/// For ever.
const FOR_EVER: u64 = u64::MAX;

/// A timeout that can be changed, in nanoseconds.
pub(crate) struct Patience(AtomicU64);

impl Patience {
    /// `None`: for ever; zero: not at all.
    pub(crate) fn new(timeout: Option<Duration>) -> Self {
        let patience = Self(AtomicU64::new(FOR_EVER));
        patience.set(timeout);
        patience
    }

    /// The timeout.
    pub(crate) fn get(&self) -> Option<Duration> {
        match self.0.load(Ordering::Relaxed) {
            FOR_EVER => None,
            nanoseconds => Some(Duration::from_nanos(nanoseconds)),
        }
    }

    /// Changes the timeout.
    pub(crate) fn set(&self, timeout: Option<Duration>) {
        let nanoseconds = timeout.map_or(FOR_EVER, |timeout| u64::try_from(timeout.as_nanos()).unwrap_or(FOR_EVER));
        self.0.store(nanoseconds, Ordering::Relaxed);
    }

    /// When a call that begins now is over.
    pub(crate) fn deadline(&self, vm: &mut Vm) -> Option<Duration> {
        let timeout = self.get().filter(|timeout| !timeout.is_zero())?;
        Some(vm.now().saturating_add(timeout))
    }

    /// Makes a transfer, waiting as long as that. `TimeoutError`: the time is over.
    pub(crate) fn transfer<T: Transfer>(&self, vm: &mut Vm, transfer: &mut T) -> Outcome<T::Output> {
        let deadline = self.deadline(vm);
        self.transfer_until(vm, transfer, deadline)
    }

    /// As [`transfer`](Self::transfer), for one of several transfers that have a deadline together.
    pub(crate) fn transfer_until<T: Transfer>(
        &self,
        vm: &mut Vm,
        transfer: &mut T,
        deadline: Option<Duration>,
    ) -> Outcome<T::Output> {
        loop {
            let result = match (self.get(), deadline) {
                (Some(Duration::ZERO), _) => vm.transfer_now(transfer).map(Some),
                (_, Some(deadline)) => vm.transfer_until(transfer, deadline),
                (_, None) => vm.transfer(transfer).map(Some),
            };
            match result {
                Ok(Some(output)) => return Ok(output),
                Ok(None) => return Err(vm.raise(ClassName::TimeoutError, "timed out")),
                Err(Errno::INTR) => vm.check_signals()?,
                Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
            }
        }
    }
}
