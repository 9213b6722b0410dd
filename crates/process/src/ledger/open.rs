//! An open ledger: what is looked up in it, and every step that changes the queue and its figures together.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::Ordering;

use rustix::io::{Errno, ioctl_fionread};

use super::{COPY, FIGURES, Figures, Ledger, News, OWNER, PROMISERS, ROW, ROWS, VALID, moment};
use crate::fork::own_process;
use crate::futex::has_ended;
use crate::packet::{Packet, Taken, take_packet};

/// A ledger that nobody else can change.
#[derive(Debug)]
pub struct Open<'a> {
    ledger: &'a Ledger,
}

impl<'a> Open<'a> {
    /// The ledger that this process has just become the owner of.
    pub(super) fn new(ledger: &'a Ledger) -> Self {
        Self { ledger }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.ledger.word(OWNER).store(0, Ordering::SeqCst);
        self.ledger.tell(News::Closed, 1);
    }
}

impl Open<'_> {
    /// Has these figures be valid, all at once.
    fn write(&self, figures: Figures) {
        let Figures { put, taken, done, bytes } = figures;
        let other = 1 - self.ledger.valid();
        for (field, value) in [put, taken, done, bytes].into_iter().enumerate() {
            self.ledger.set(FIGURES + COPY * other + 4 * field, value);
        }
        moment("written");
        self.ledger.set(VALID, other as u32);
        moment("valid");
    }

    /// Finds out whether the last owner, who ended, put a message in or took one out, and writes it down.
    pub(super) fn compare(&self, reader: BorrowedFd<'_>) -> Result<(), Errno> {
        let bytes = u32::try_from(ioctl_fionread(reader)?).unwrap_or(u32::MAX);
        let figures = self.ledger.figures();
        let put = figures.put.wrapping_add(u32::from(bytes > figures.bytes));
        let taken = figures.taken.wrapping_add(u32::from(bytes < figures.bytes));
        if bytes != figures.bytes {
            self.write(Figures { put, taken, bytes, ..figures });
            // He told nobody.
            self.ledger.tell(News::Room, 1);
        }
        Ok(())
    }

    /// The rows in use: where each is, its process, and what that has promised.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, u32, u32)> {
        let count = (self.ledger.get(ROWS) as usize).min(PROMISERS);
        let rows = (0..count).map(|number| ROW + 8 * number);
        rows.map(|row| (row, self.ledger.get(row), self.ledger.get(row + 4))).filter(|&(_, process, _)| process != 0)
    }

    fn promised(&self) -> u32 {
        self.rows().fold(0, |sum, (_, _, promised)| sum.wrapping_add(promised))
    }

    /// Strikes out what was promised by those who have ended.
    fn bury(&self) {
        self.rows().filter(|&(_, process, _)| has_ended(process)).for_each(|(row, ..)| self.ledger.set(row, 0));
    }

    fn is_full(&self) -> bool {
        let Figures { put, taken, .. } = self.ledger.figures();
        put.wrapping_sub(taken).saturating_add(self.promised()) >= self.ledger.maximum
    }

    /// How many messages are in the queue or promised.
    pub fn size(&self) -> u32 {
        self.bury();
        let Figures { put, taken, .. } = self.ledger.figures();
        put.wrapping_sub(taken).saturating_add(self.promised())
    }

    /// How many messages are promised, in the queue, or taken out and not done with.
    pub fn unfinished(&self) -> u32 {
        self.bury();
        let Figures { put, done, .. } = self.ledger.figures();
        put.wrapping_sub(done).saturating_add(self.promised())
    }

    /// Promises a message; whether there was room for one more.
    pub fn promise(&self) -> bool {
        let own = self.rows().find(|&(_, process, _)| process == own_process());
        if self.is_full() || own.is_none() {
            self.bury();
        }
        if self.is_full() {
            return false;
        }
        if let Some((row, _, promised)) = own {
            self.ledger.set(row + 4, promised + 1);
            return true;
        }
        let count = self.ledger.get(ROWS) as usize;
        let free = (0..count.min(PROMISERS)).find(|number| self.ledger.get(ROW + 8 * number) == 0);
        let Some(number) = free.or_else(|| (count < PROMISERS).then_some(count)) else { return false };
        let row = ROW + 8 * number;
        self.ledger.set(row, 0);
        self.ledger.set(ROWS, count.max(number + 1) as u32);
        self.ledger.set(row + 4, 1);
        moment("one promised");
        self.ledger.set(row, own_process());
        true
    }

    /// Takes promises of this process back.
    pub fn break_promises(&self, count: u32) {
        self.less_promised(count);
        self.ledger.tell(News::Room, count);
        self.tell_if_all_done();
    }

    fn less_promised(&self, count: u32) {
        if let Some((row, _, promised)) = self.rows().find(|&(_, process, _)| process == own_process()) {
            let left = promised.saturating_sub(count);
            self.ledger.set(row + 4, left);
            if left == 0 {
                self.ledger.set(row, 0);
            }
        }
    }

    /// Puts a message in that was promised.
    ///
    /// # Errors
    ///
    /// As of [`Packet::send`].
    pub fn put(&self, writer: impl AsFd, packet: &Packet<'_>) -> Result<(), Errno> {
        packet.send(writer)?;
        moment("sent");
        let figures = self.ledger.figures();
        let bytes = figures.bytes.wrapping_add(packet.length() as u32);
        self.write(Figures { put: figures.put.wrapping_add(1), bytes, ..figures });
        self.less_promised(1);
        moment("kept");
        Ok(())
    }

    /// Takes a message out.
    ///
    /// # Errors
    ///
    /// As of [`take_packet`].
    pub fn take(&self, reader: BorrowedFd<'_>, buffer: &mut Vec<u8>) -> Result<Taken, Errno> {
        let result = take_packet(reader, buffer);
        match &result {
            Ok(taken) => {
                moment("taken");
                let figures = self.ledger.figures();
                let bytes = figures.bytes.wrapping_sub(taken.length() as u32);
                self.write(Figures { taken: figures.taken.wrapping_add(1), bytes, ..figures });
                self.ledger.tell(News::Room, 1);
            }
            Err(Errno::BADMSG) => self.compare(reader)?,
            Err(_) => {}
        }
        result
    }

    /// One message that was taken out has been dealt with; `false`: all had been.
    pub fn done(&self) -> bool {
        if self.unfinished() == 0 {
            return false;
        }
        let figures = self.ledger.figures();
        self.write(Figures { done: figures.done.wrapping_add(1), ..figures });
        self.tell_if_all_done();
        true
    }

    fn tell_if_all_done(&self) {
        if self.unfinished() == 0 {
            self.ledger.tell(News::AllDone, u32::MAX >> 1);
        }
    }
}
