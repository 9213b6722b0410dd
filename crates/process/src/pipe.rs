//! Pipes.

use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::{PipeFlags, pipe_with};

/// A pipe: its reading end and its writing end.
///
/// # Errors
///
/// If there are too many open files.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(pipe_with(PipeFlags::CLOEXEC)?)
}

/// Whether a descriptor is the writing end of a pipe or socket that nobody reads any more.
pub fn has_no_reader(writer: impl AsFd) -> bool {
    let mut watched = [PollFd::new(&writer, PollFlags::OUT)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut watched, Some(&at_once)).is_ok() && watched[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_has_no_reader_once_its_reading_end_is_closed() {
        let (reader, writer) = pipe().expect("there are few open files");
        assert!(!has_no_reader(&writer));
        drop(reader);
        assert!(has_no_reader(&writer));
    }
}
