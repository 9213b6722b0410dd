//! Writing: what is collected, and when it goes to what is beneath.

use rustix::fs::SeekFrom;
use rustix::io::Errno;
use toy_vm::{ClassName, Outcome, Raised, Vm};

use super::descriptor;
use super::file::{BUFFER, File, FileKind, Sink};
use super::source::Source;
use crate::argument::new_text;
use crate::module::call_method;

impl File {
    /// Writes the bytes of a text file, sooner or later.
    pub(super) fn write(&self, vm: &mut Vm, bytes: &[u8]) -> Outcome<()> {
        match self.sink {
            Sink::Output => return vm.write_out(bytes),
            Sink::Error => {
                vm.write_err(bytes);
                return Ok(());
            }
            Sink::Source => {}
        }
        // What comes behind the piece that was read last is written over. Loops over the lines go on in that piece.
        if self.unread() > 0 && self.tells_input.get() && self.is_seekable(vm)? {
            self.drop_input();
        }
        let is_object = matches!(&*self.source.borrow(), Source::Object(_));
        if is_object {
            return super::layers::write_text_to(vm, self, bytes);
        }
        self.collect(vm, bytes)?;
        let is_full = self.output.borrow().len() > BUFFER;
        if is_full
            || self.writes_through.get()
            || self.is_line_buffered.get() && memchr::memchr2(b'\n', b'\r', bytes).is_some()
        {
            self.flush(vm)?;
        }
        Ok(())
    }

    /// Adds to what is to be written.
    pub(super) fn collect(&self, vm: &mut Vm, bytes: &[u8]) -> Outcome<()> {
        let mut output = self.output.borrow_mut();
        if output.capacity() - output.len() < bytes.len() && !vm.has_room_for(bytes.len()) {
            return Err(toy_object::OutOfMemory.into());
        }
        output.extend_from_slice(bytes);
        Ok(())
    }

    /// Writes bytes through the buffer of a binary file; gives their number. What does not fit goes past the buffer.
    ///
    /// # Errors
    /// `BlockingIOError` with the number of bytes that were taken, if not all can be.
    pub(super) fn write_buffered(&self, vm: &mut Vm, bytes: &[u8]) -> Outcome<usize> {
        if self.sink != Sink::Source {
            return self.write(vm, bytes).map(|()| bytes.len());
        }
        self.check_not_reentered(vm)?;
        if self.output.borrow().is_empty() {
            self.is_written_within.set(self.unread() > 0);
        }
        if self.unread() > 0 {
            self.forget_input(vm)?;
        }
        let size = self.size.get();
        if self.output.borrow().len() + bytes.len() <= size {
            self.collect(vm, bytes)?;
            return Ok(bytes.len());
        }
        if self.flush_now(vm)?.is_none() {
            let room = size.saturating_sub(self.output.borrow().len());
            self.collect(vm, &bytes[..room.min(bytes.len())])?;
            return if bytes.len() <= room { Ok(bytes.len()) } else { Err(would_block(vm, self, room)) };
        }
        let mut written = 0;
        while bytes.len() - written > size {
            match self.write_source(vm, &bytes[written..])? {
                Some(count) => written += count,
                None => {
                    self.collect(vm, &bytes[written..written + size])?;
                    return Err(would_block(vm, self, written + size));
                }
            }
            vm.check_signals()?;
        }
        self.collect(vm, &bytes[written..])?;
        Ok(bytes.len())
    }

    /// Writes out what was collected, into what is beneath. What an error leaves unwritten stays to be written.
    pub(super) fn flush(&self, vm: &mut Vm) -> Outcome<()> {
        if self.sink == Sink::Output {
            return vm.flush_out();
        }
        self.check_not_reentered(vm)?;
        match self.flush_now(vm)? {
            Some(()) => Ok(()),
            None => Err(would_block(vm, self, 0)),
        }
    }

    /// The same before something is read: that comes behind the place where it was written, also if the system put it at the end.
    pub(super) fn flush_to_read(&self, vm: &mut Vm) -> Outcome<()> {
        let is_appended = self.kind == FileKind::Random
            && self.is_written_within.get()
            && self.beneath().is_none()
            && self.mode.get_or_none().get().as_str().is_some_and(|mode| mode.to_string_lossy().contains('a'));
        let place = if is_appended { Some(self.tell(vm)?) } else { None };
        self.flush(vm)?;
        match place {
            Some(place) => self.seek_source(vm, SeekFrom::Start(place)).map(drop),
            None => Ok(()),
        }
    }

    /// As [`flush`](Self::flush); `None`: it would block.
    fn flush_now(&self, vm: &mut Vm) -> Outcome<Option<()>> {
        let bytes = self.output.take();
        let mut written = 0;
        while written < bytes.len() {
            let result = self.write_source(vm, &bytes[written..]);
            match result {
                Ok(Some(count)) => written += count,
                Ok(None) | Err(_) => {
                    // A text file has handed its bytes over even if the file beneath complains.
                    if self.beneath().is_none() || !self.is_text() {
                        self.output.borrow_mut().splice(..0, bytes[written..].iter().copied());
                    }
                    return result.map(|_| None);
                }
            }
        }
        Ok(Some(()))
    }

    /// Cuts the file off, or makes it longer.
    pub(super) fn truncate_descriptor(&self, vm: &mut Vm, length: u64) -> Outcome<()> {
        self.flush(vm)?;
        match self.open_source(vm)? {
            Source::Descriptor(descriptor) => {
                descriptor.call(vm, |descriptor| rustix::fs::ftruncate(descriptor, length))
            }
            _ => Ok(()),
        }
    }

    /// Whether the file has places to move to.
    pub(super) fn is_seekable(&self, vm: &mut Vm) -> Outcome<bool> {
        match self.open_source(vm)? {
            Source::Object(beneath) => {
                let answer = call_method(vm, beneath.get(), "seekable", &[])?;
                vm.truth(answer.get())
            }
            _ => match self.seek_source(vm, SeekFrom::Current(0)) {
                Ok(_) => Ok(true),
                Err(_) => {
                    drop(vm.take_raised());
                    Ok(false)
                }
            },
        }
    }

    /// Writes out what was collected and closes the descriptor, also if writing fails.
    pub(super) fn close_descriptor(&self, vm: &mut Vm) -> Outcome<()> {
        if self.was_closed() {
            return Ok(());
        }
        let flushed = self.flush(vm);
        self.end_descriptor(vm, flushed)
    }

    /// Closes the descriptor; what went wrong before that is told, too.
    pub(super) fn end_descriptor(&self, vm: &mut Vm, flushed: Outcome<()>) -> Outcome<()> {
        if self.sink == Sink::Output && self.is_text() {
            vm.set_out_indirect(true);
        }
        let earlier = flushed.is_err().then(|| vm.take_raised());
        let closed = match self.source.replace(Source::Closed) {
            Source::Descriptor(descriptor) if self.closes.get() => descriptor::close(vm, descriptor.number()),
            _ => Ok(()),
        };
        drop(self.output.take());
        super::layers::both(vm, earlier, closed)
    }
}

/// `BlockingIOError` with the number of bytes that were written before.
#[cold]
fn would_block(vm: &mut Vm, file: &File, written: usize) -> Raised {
    // The system's number, if the system said so.
    let is_script = file.beneath().is_some_and(|beneath| beneath.get().payload::<File>(vm.heap()).is_none());
    let number = if is_script { 0 } else { Errno::AGAIN.raw_os_error() };
    let made = (|| {
        let text = new_text(vm, "write could not complete without blocking")?;
        let (number, count) = (vm.new_int(number.into())?, vm.new_int_from_usize(written)?);
        let class = vm.class(ClassName::BlockingIoError);
        vm.call(class.get(), &[number.get(), text.get(), count.get()])
    })();
    match made {
        Ok(exception) => vm.raise_value(exception),
        Err(raised) => raised,
    }
}
