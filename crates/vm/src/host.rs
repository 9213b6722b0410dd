//! Input, output and chance: where a run depends on the world outside.

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use toy_gil::{Outlook, ReleaseCause};

use crate::native::Outcome;
use crate::thread::Vm;

/// How long a thread waits for a device before it lets others look at theirs, when all that could run wait for devices.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };

const NO_TIME: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// A transfer through a descriptor, one system call each.
pub trait Transfer: Send + Sync {
    /// What it answers, such as a number of bytes.
    type Output: Send;

    /// What it waits for.
    const EVENT: PollFlags;

    /// Tries without blocking: `AGAIN` if it would have to wait, `OPNOTSUPP` if this cannot be tried.
    ///
    /// # Errors
    /// What the system says.
    fn attempt(&mut self) -> Result<Self::Output, Errno>;

    /// Does it, waiting if need be.
    ///
    /// # Errors
    /// What the system says.
    fn perform(&mut self) -> Result<Self::Output, Errno>;

    /// Makes a call with its descriptor.
    fn with_descriptor<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R;
}

impl Vm {
    /// Makes a transfer that may block. What becomes of the lock is a condition of the run:
    ///
    /// | condition | the lock |
    /// |---|---|
    /// | as usual | is let go for the call |
    /// | lazy | is kept if the call need not wait, and let go otherwise |
    /// | ordered | is kept for the call, which does not wait, and let go behind it; if it would have to wait, it is let go for that |
    /// | virtual time | is kept; if the call would have to wait, others run first, and it is tried again |
    ///
    /// `INTR` is answered when a signal came: look at [`Vm::check_signals`] and call again.
    pub fn transfer<T: Transfer>(&mut self, transfer: &mut T) -> Result<T::Output, Errno> {
        if self.is_virtual() {
            return self.transfer_in_turn(transfer);
        }
        let conditions = self.conditions();
        if conditions.ordered_io {
            return self.transfer_in_order(transfer, conditions.lazy_io);
        }
        if conditions.lazy_io {
            match transfer.attempt() {
                Err(Errno::AGAIN | Errno::OPNOTSUPP) => {}
                result => return result,
            }
        }
        self.released(ReleaseCause::Io, || transfer.perform())
    }

    /// Makes a transfer that never waits; `AGAIN` if it would have to. The lock is let go for it, or not, as for one that waits.
    ///
    /// # Errors
    /// What the system says.
    pub fn transfer_now<T: Transfer>(&mut self, transfer: &mut T) -> Result<T::Output, Errno> {
        let conditions = self.conditions();
        if self.is_virtual() || conditions.lazy_io {
            return transfer.attempt();
        }
        if conditions.ordered_io {
            let result = transfer.attempt();
            self.released(ReleaseCause::Io, || ());
            return result;
        }
        self.released(ReleaseCause::Io, || transfer.attempt())
    }

    /// As [`transfer`](Self::transfer), until a moment of [`now`](Self::now): `None` is answered then. The descriptor does not block.
    ///
    /// # Errors
    /// What the system says; `INTR` as there.
    pub fn transfer_until<T: Transfer>(
        &mut self,
        transfer: &mut T,
        deadline: Duration,
    ) -> Result<Option<T::Output>, Errno> {
        let conditions = self.conditions();
        let tries_first = self.is_virtual() || conditions.ordered_io || conditions.lazy_io;
        loop {
            if tries_first {
                match transfer.attempt() {
                    Err(Errno::AGAIN) => {}
                    result => {
                        if conditions.ordered_io && !conditions.lazy_io {
                            self.released(ReleaseCause::Io, || ());
                        }
                        return result.map(Some);
                    }
                }
            }
            let left = deadline.saturating_sub(self.now());
            if left.is_zero() {
                return Ok(None);
            }
            let time = Timespec {
                tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: left.subsec_nanos().into(),
            };
            if self.is_virtual() {
                self.wait_outside("a pipe or a device", |glance| is_ready(transfer, Some(glance)))?;
            } else if tries_first {
                self.released(ReleaseCause::Io, || is_ready(transfer, Some(&time)))?;
            } else {
                let attempt = || if is_ready(transfer, Some(&time))? { transfer.attempt().map(Some) } else { Ok(None) };
                match self.released(ReleaseCause::Io, attempt) {
                    Err(Errno::AGAIN) => {}
                    result => return result,
                }
            }
        }
    }

    fn transfer_in_order<T: Transfer>(&mut self, transfer: &mut T, is_lazy: bool) -> Result<T::Output, Errno> {
        loop {
            let result = match transfer.attempt() {
                Err(Errno::AGAIN | Errno::OPNOTSUPP) if is_ready(transfer, Some(&NO_TIME))? => transfer.perform(),
                Err(Errno::AGAIN | Errno::OPNOTSUPP) => {
                    self.released(ReleaseCause::Io, || is_ready(transfer, None))?;
                    continue;
                }
                result => result,
            };
            if !is_lazy {
                self.released(ReleaseCause::Io, || ());
            }
            return result;
        }
    }

    fn transfer_in_turn<T: Transfer>(&mut self, transfer: &mut T) -> Result<T::Output, Errno> {
        self.run_finalisers();
        loop {
            match transfer.attempt() {
                // Files that need a disk, and terminals, cannot be tried although they need not wait for anybody.
                Err(Errno::AGAIN | Errno::OPNOTSUPP) if is_ready(transfer, Some(&NO_TIME))? => {
                    return transfer.perform();
                }
                Err(Errno::AGAIN | Errno::OPNOTSUPP) => {}
                result => return result,
            }
            self.wait_outside("a pipe or a device", |timeout| is_ready(transfer, Some(timeout)))?;
        }
    }

    /// In virtual time: lets others run, and if nobody can, waits for a moment with `glance`, which answers whether that
    /// was not in vain.
    pub fn wait_outside(
        &mut self,
        what: &str,
        glance: impl FnOnce(&Timespec) -> Result<bool, Errno>,
    ) -> Result<(), Errno> {
        let progress = self.progress();
        let outlook = self.gil().try_later(progress);
        self.come_back(|_| ());
        if self.record.is_main() && !self.signal_notes().has_no_news() {
            return Err(Errno::INTR);
        }
        if outlook == Outlook::AllWait {
            self.note_beyond_control(what);
        }
        if outlook != Outlook::OthersRun && !glance(&GLANCE)? {
            self.gil().lock().pass_time(GLANCE.tv_nsec as u64);
        }
        Ok(())
    }

    /// Says, once a run, that something in it does not follow from the seed.
    pub fn note_beyond_control(&mut self, what: &str) {
        if self.is_virtual() && !self.machine().is_beyond_control_told.replace(true) {
            let text = format!("toy: this run depends on more than its seed: {what}\n");
            self.write_err(text.as_bytes());
        }
    }

    /// Fills the buffer with random bytes, which the seed decides if the run has one.
    pub fn fill_random(&mut self, bytes: &mut [u8]) -> Outcome<()> {
        if let Some(random) = &mut *self.machine().entropy.borrow_mut() {
            bytes.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&random.draw().to_le_bytes()[..chunk.len()]));
            return Ok(());
        }
        let mut filled = 0;
        while filled < bytes.len() {
            match rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty()) {
                Ok(more) => filled += more,
                Err(Errno::INTR) => self.check_signals()?,
                Err(error) => return Err(self.raise_os_error(&error.into(), None)),
            }
        }
        Ok(())
    }
}

/// Whether the transfer need not wait any more, after that time at most; `None`: once it need not.
fn is_ready<T: Transfer>(transfer: &T, timeout: Option<&Timespec>) -> Result<bool, Errno> {
    transfer.with_descriptor(|descriptor| {
        let mut descriptors = [PollFd::from_borrowed_fd(descriptor, T::EVENT)];
        poll(&mut descriptors, timeout).map(|count| count > 0)
    })
}
