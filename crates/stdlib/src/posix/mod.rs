//! `posix`: what `os` needs of the operating system.

mod descriptors;
mod execute;
mod files;
mod identity;
mod process;

use std::os::unix::ffi::OsStrExt;

use toy_object::Owned;
use toy_vm::{ClassName, Outcome, Vm, natives};

use crate::argument::{int32, integer, new_text, system_text, value_error};
use crate::io::descriptor;
use crate::module::NewModule;

pub(crate) use files::{dup, path_text};
pub(crate) use process::pause;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let error = vm.class(ClassName::OsError);
    let stat_result = files::stat_class(vm)?;
    let terminal_size = files::terminal_size_class(vm)?;
    let (times, uname) = (identity::times_class(vm)?, process::uname_class(vm)?);
    let mut module = NewModule::new(vm, "posix", "What os needs of the operating system.", FUNCTIONS)?;
    let environ = module.vm().new_dict()?;
    for (name, value) in std::env::vars_os() {
        let name = path_text(module.vm(), name.as_bytes())?;
        let value = path_text(module.vm(), value.as_bytes())?;
        module.vm().dict_set(environ.get(), name.get(), value.get())?;
    }
    module.set("environ", environ)?;
    module.set("error", error)?;
    module.set("stat_result", stat_result)?;
    module.set("terminal_size", terminal_size)?;
    module.set("times_result", times)?;
    module.set("uname_result", uname)?;
    for (name, number) in CONSTANTS {
        module.set_int(name, *number)?;
    }
    module.finish()
}

/// Linux's numbers.
const CONSTANTS: &[(&str, i64)] = &[
    ("F_OK", 0),
    ("X_OK", 1),
    ("W_OK", 2),
    ("R_OK", 4),
    ("O_RDONLY", 0),
    ("O_WRONLY", 1),
    ("O_RDWR", 2),
    ("O_CREAT", 0o100),
    ("O_EXCL", 0o200),
    ("O_TRUNC", 0o1000),
    ("O_APPEND", 0o2000),
    ("O_NONBLOCK", 0o4000),
    ("O_CLOEXEC", 0o2_000_000),
    ("O_NOCTTY", 0o400),
    ("O_NDELAY", 0o4000),
    ("O_DSYNC", 0o10000),
    ("O_ASYNC", 0o20000),
    ("O_DIRECTORY", 0o200_000),
    ("O_NOFOLLOW", 0o400_000),
    ("O_NOATIME", 0o1_000_000),
    ("O_SYNC", 0o4_010_000),
    ("O_RSYNC", 0o4_010_000),
    ("O_PATH", 0o10_000_000),
    ("O_TMPFILE", 0o20_200_000),
    ("O_ACCMODE", 3),
    ("EX_USAGE", 64),
    ("EX_DATAERR", 65),
    ("EX_NOINPUT", 66),
    ("EX_NOUSER", 67),
    ("EX_NOHOST", 68),
    ("EX_UNAVAILABLE", 69),
    ("EX_SOFTWARE", 70),
    ("EX_OSERR", 71),
    ("EX_OSFILE", 72),
    ("EX_CANTCREAT", 73),
    ("EX_IOERR", 74),
    ("EX_TEMPFAIL", 75),
    ("EX_PROTOCOL", 76),
    ("EX_NOPERM", 77),
    ("EX_CONFIG", 78),
    ("WNOHANG", 1),
    ("WUNTRACED", 2),
    ("WCONTINUED", 8),
    ("EX_OK", 0),
    ("SEEK_SET", 0),
    ("SEEK_CUR", 1),
    ("SEEK_END", 2),
];

/// Random bytes of the operating system.
pub(crate) fn random_bytes(vm: &mut Vm, count: usize) -> Outcome<Vec<u8>> {
    if !vm.has_room_for(count) {
        return Err(toy_object::OutOfMemory.into());
    }
    let mut bytes = vec![0; count];
    vm.fill_random(&mut bytes)?;
    Ok(bytes)
}

natives! {
    /// The functions of `posix`.
    pub(crate) FUNCTIONS:
    function "getcwd" ("") "The working directory." => files::getcwd;
    function "chdir" ("path") "Change the working directory." => files::chdir;
    function "listdir" ("path=None") "The names in a directory, in any order." => files::listdir;
    function "mkdir" ("path, mode=0o777, *, dir_fd=None") "Make a directory." => files::mkdir;
    function "rmdir" ("path, *, dir_fd=None") "Remove an empty directory." => files::rmdir;
    function "remove" ("path, *, dir_fd=None") "Remove a file." => files::remove;
    function "unlink" ("path, *, dir_fd=None") "Remove a file." => files::remove;
    function "rename" ("src, dst, *, src_dir_fd=None, dst_dir_fd=None") "Rename a file or directory." => files::rename;
    function "replace" ("src, dst, *, src_dir_fd=None, dst_dir_fd=None") "Rename a file or directory over another." => files::replace;
    function "symlink" ("src, dst, target_is_directory=False, *, dir_fd=None") "Make a symbolic link." => files::symlink;
    function "link" ("src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True") "Make a hard link." => files::link;
    function "readlink" ("path, *, dir_fd=None") "What a symbolic link points to." => files::readlink;
    function "stat" ("path, *, dir_fd=None, follow_symlinks=True") "What the file system knows of a file." => files::stat;
    function "lstat" ("path, *, dir_fd=None") "As stat, of a symbolic link itself." => files::lstat;
    function "fstat" ("fd") "As stat, of an open descriptor." => files::fstat;
    function "access" ("path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True") "Whether a file may be used so." => files::access;
    function "chmod" ("path, mode, *, dir_fd=None, follow_symlinks=True") "Change a file's permissions." => files::chmod;
    function "umask" ("mask, /") "Change which permissions new files do not get; returns the old mask." => files::umask;
    function releasing "open" ("path, flags, mode=0o777, *, dir_fd=None") "Open a file; returns the descriptor's number." => files::open;
    function releasing "close" ("fd") "Close a descriptor." => |vm, args| {
        let number = int32(vm, args.at(0))?;
        descriptor::close(vm, number)?;
        Ok(Owned::none())
    };
    function releasing "read" ("fd, length, /") "Read at most so many bytes." => files::read;
    function releasing "write" ("fd, data, /") "Write bytes; returns how many went." => files::write;
    function "lseek" ("fd, position, whence, /") "Move to another place." => files::lseek;
    function "isatty" ("fd, /") "Whether a descriptor is a terminal." => |vm, args| {
        let number = int32(vm, args.at(0))?;
        let descriptor = descriptor::find(vm, number);
        if descriptor.is_err() {
            drop(vm.take_raised());
        }
        Ok(Owned::bool(descriptor.is_ok_and(|descriptor| descriptor.is_terminal())))
    };
    function "pipe" ("") "A pipe: the numbers of its reading and its writing end." => files::pipe;
    function "dup" ("fd, /") "Another descriptor for the same file." => files::dup;
    function "get_blocking" ("fd, /") "Whether reading and writing wait." => descriptors::get_blocking;
    function "set_blocking" ("fd, blocking, /") "Have reading and writing wait, or not." => descriptors::set_blocking;
    function "get_inheritable" ("fd, /") "Whether another program that this process becomes keeps it open." => descriptors::get_inheritable;
    function "set_inheritable" ("fd, inheritable, /") "Have another program that this process becomes keep it open, or not." =>
        descriptors::set_inheritable;
    function "get_terminal_size" ("fd=1, /") "Columns and lines of the terminal." => files::get_terminal_size;
    function "strerror" ("code, /") "What an error number means." => |vm, args| {
        let code = int32(vm, args.at(0))?;
        new_text(vm, system_text(&std::io::Error::from_raw_os_error(code)))
    };
    function "urandom" ("size, /") "Random bytes." => |vm, args| {
        let size = integer(vm, args.at(0))?;
        let Ok(size) = usize::try_from(size) else { return Err(value_error(vm, "negative argument not allowed")) };
        let bytes = random_bytes(vm, size)?;
        Ok(vm.new_bytes(&bytes)?)
    };
    function "cpu_count" ("") "The number of processors." => |vm, _| {
        let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(vm.new_int_from_usize(count)?)
    };
    function "dup2" ("fd, fd2, inheritable=True") "Have the second number mean what the first one means." => descriptors::dup2;
    function "pipe2" ("flags, /") "As pipe, with these flags." => descriptors::pipe2;
    function "closerange" ("fd_low, fd_high, /") "Close all descriptors from one number up to before another." => descriptors::closerange;
    function releasing "pread" ("fd, length, offset, /") "Read at a place." => descriptors::pread;
    function releasing "pwrite" ("fd, buffer, offset, /") "Write at a place." => descriptors::pwrite;
    function releasing "fsync" ("fd") "Have a file written to its disk." => |vm, args| descriptors::slowly_on(vm, args, |fd| rustix::fs::fsync(fd));
    function releasing "fdatasync" ("fd") "Have the content of a file written to its disk." =>
        |vm, args| descriptors::slowly_on(vm, args, |fd| rustix::fs::fdatasync(fd));
    function releasing "ftruncate" ("fd, length, /") "Cut a file off, or make it longer." => descriptors::ftruncate;
    function releasing "truncate" ("path, length") "Cut a file off, or make it longer." => files::truncate;
    function "fchdir" ("fd") "Make an open directory the working one." => |vm, args| {
        descriptors::on(vm, args, |fd| rustix::process::fchdir(fd)).map(|()| Owned::none())
    };
    function "fchmod" ("fd, mode") "Change an open file's permissions." => |vm, args| {
        let mode = rustix::fs::Mode::from_raw_mode(int32(vm, args.at(1))? as u32);
        descriptors::on(vm, args, |fd| rustix::fs::fchmod(fd, mode)).map(|()| Owned::none())
    };
    function "ttyname" ("fd, /") "The name of a terminal." => descriptors::ttyname;
    function "mkfifo" ("path, mode=0o666, *, dir_fd=None") "Make a pipe that has a path." => files::mkfifo;
    function "chown" ("path, uid, gid, *, dir_fd=None, follow_symlinks=True") "Change whose a file is." => files::chown;
    function "lchown" ("path, uid, gid") "As chown, of a symbolic link itself." => files::lchown;
    function "utime" ("path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True") "Change when a file was read and written last." => files::utime;
    function "sync" ("") "Have everything written to the disks." => |_, _| { rustix::fs::sync(); Ok(Owned::none()) };
    function "execve" ("path, argv, env") "Become another program." => execute::execve;
    function "getpgid" ("pid") "The group of a process." => identity::getpgid;
    function "getpgrp" ("") "The group of this process." => identity::getpgrp;
    function "setpgid" ("pid, pgrp, /") "Put a process into a group." => identity::setpgid;
    function "getsid" ("pid, /") "The session of a process." => identity::getsid;
    function "setsid" ("") "Begin a session." => identity::setsid;
    function "getgroups" ("") "The groups that the user belongs to." => identity::getgroups;
    function "geteuid" ("") "The number of the user whose rights count." => |vm, _| Ok(vm.new_int(i64::from(rustix::process::geteuid().as_raw()))?);
    function "getegid" ("") "The number of the group whose rights count." => |vm, _| Ok(vm.new_int(i64::from(rustix::process::getegid().as_raw()))?);
    function "killpg" ("pgid, signal, /") "Send a signal to a group of processes." => identity::killpg;
    function "nice" ("increment, /") "Become less important; returns how unimportant this process is." => identity::nice;
    function "getloadavg" ("") "How many processes wanted to run in the last 1, 5 and 15 minutes." => identity::getloadavg;
    function "times" ("") "What this process and its children have computed." => identity::times;
    function "sched_getaffinity" ("pid, /") "The processors that a process may use." => identity::sched_getaffinity;
    function "sched_setaffinity" ("pid, mask, /") "Choose the processors that a process may use." => identity::sched_setaffinity;
    function "WIFSTOPPED" ("status") "Whether the process was stopped." => |vm, args| Ok(Owned::bool(int32(vm, args.at(0))? & 0xff == 0x7f));
    function "WSTOPSIG" ("status") "The signal that stopped the process." => process::exit_status;
    function "WIFCONTINUED" ("status") "Whether the process goes on." => |vm, args| Ok(Owned::bool(int32(vm, args.at(0))? == 0xffff));
    function "WCOREDUMP" ("status, /") "Whether the process left a core behind." => |vm, args| Ok(Owned::bool(int32(vm, args.at(0))? & 0x80 != 0));
    function "uname" ("") "Names of the system." => process::uname;
    function "getpid" ("") "The number of this process." => process::getpid;
    function "getppid" ("") "The number of the parent process." => process::getppid;
    function "getuid" ("") "The number of the user." => process::getuid;
    function "getgid" ("") "The number of the group." => process::getgid;
    function releasing "fork" ("") "Make a copy of this process; 0 in the copy, its number in this one." => process::fork;
    function "register_at_fork" ("*, before=None, after_in_child=None, after_in_parent=None")
        "Have functions called around each fork." => process::register_at_fork;
    function releasing "waitpid" ("pid, options, /") "Wait for a child process to end; returns its number and its status." => process::waitpid;
    function releasing "wait" ("") "Wait for any child process to end." => process::wait;
    function "kill" ("pid, signal, /") "Send a signal to a process." => process::kill;
    function "_exit" ("status") "End the process at once, without any of what else happens at the end." => process::exit_now;
    function "waitstatus_to_exitcode" ("status") "The exit code in a status; negative: the signal." => process::exit_code;
    function "WIFEXITED" ("status") "Whether the process ended by itself." => process::has_exited;
    function "WEXITSTATUS" ("status") "The exit code of a process that ended by itself." => process::exit_status;
    function "WIFSIGNALED" ("status") "Whether a signal ended the process." => process::was_signaled;
    function "WTERMSIG" ("status") "The signal that ended the process." => process::signal;
    function "sched_yield" ("") "Let another process run." => |_, _| {
        rustix::thread::sched_yield();
        Ok(Owned::none())
    };
}
