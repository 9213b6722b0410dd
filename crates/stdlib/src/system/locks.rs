//! Locks on parts of files, between processes.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use toy_gil::ReleaseCause;
use toy_object::Owned;
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{int32, integer};
use crate::io::descriptor;

/// The numbers of `os.F_ULOCK` and the others.
const UNLOCK: i32 = 0;
const LOCK: i32 = 1;
const TRY: i32 = 2;
const TEST: i32 = 3;

pub(super) fn lockf(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (number, command) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?);
    let length = integer(vm, args.at(2))?;
    let file = descriptor::find(vm, number)?;
    let kind = if command == UNLOCK { libc::F_UNLCK } else { libc::F_WRLCK };
    let part = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_CUR as libc::c_short,
        l_start: 0,
        l_len: length,
        l_pid: 0,
    };
    loop {
        let call = || file.with(|file| lock(file, command, part).map_err(rustix_error));
        match vm.released(ReleaseCause::Io, call) {
            Ok(()) => return Ok(Owned::none()),
            Err(rustix::io::Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
        }
    }
}

fn lock(file: std::os::fd::BorrowedFd<'_>, command: i32, mut part: libc::flock) -> nix::Result<()> {
    match command {
        UNLOCK | TRY => fcntl(file, FcntlArg::F_SETLK(&part)).map(drop),
        LOCK => fcntl(file, FcntlArg::F_SETLKW(&part)).map(drop),
        TEST => {
            fcntl(file, FcntlArg::F_GETLK(&mut part))?;
            let is_free = i32::from(part.l_type) == libc::F_UNLCK || part.l_pid == nix::unistd::getpid().as_raw();
            if is_free { Ok(()) } else { Err(Errno::EACCES) }
        }
        _ => Err(Errno::EINVAL),
    }
}

fn rustix_error(error: Errno) -> rustix::io::Errno {
    rustix::io::Errno::from_raw_os_error(error as i32)
}
