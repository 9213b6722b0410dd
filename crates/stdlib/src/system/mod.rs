//! `_system`: the part of `os` that few scripts ask for. It is made when the first of it is wanted.

mod children;
mod configuration;
mod files;
mod locks;
mod terminals;
mod timers;
mod users;

use toy_vm::{Outcome, Vm, natives};

use crate::module::NewModule;

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    let mut module = NewModule::new(vm, "_system", "What few scripts ask os for.", FUNCTIONS)?;
    for (name, number) in CONSTANTS {
        module.set_int(name, *number)?;
    }
    let (system, file) = (configuration::system_names(module.vm())?, configuration::file_names(module.vm())?);
    module.set("sysconf_names", system)?;
    module.set("pathconf_names", file)?;
    let waitid_result = children::waitid_class(module.vm())?;
    module.set("waitid_result", waitid_result)?;
    module.finish()
}

/// Linux's numbers.
const CONSTANTS: &[(&str, i64)] = &[
    ("CLD_CONTINUED", 6),
    ("CLD_DUMPED", 3),
    ("CLD_EXITED", 1),
    ("CLD_KILLED", 2),
    ("CLD_STOPPED", 5),
    ("CLD_TRAPPED", 4),
    ("EFD_CLOEXEC", 0o2_000_000),
    ("EFD_NONBLOCK", 0o4000),
    ("EFD_SEMAPHORE", 1),
    ("F_ULOCK", 0),
    ("F_LOCK", 1),
    ("F_TLOCK", 2),
    ("F_TEST", 3),
    ("GRND_NONBLOCK", 1),
    ("GRND_RANDOM", 2),
    ("MFD_ALLOW_SEALING", 2),
    ("MFD_CLOEXEC", 1),
    ("MFD_HUGETLB", 4),
    ("NGROUPS_MAX", 65536),
    ("O_DIRECT", 0o40000),
    ("O_FSYNC", 0o4_010_000),
    ("O_LARGEFILE", 0),
    ("POSIX_FADV_NORMAL", 0),
    ("POSIX_FADV_RANDOM", 1),
    ("POSIX_FADV_SEQUENTIAL", 2),
    ("POSIX_FADV_WILLNEED", 3),
    ("POSIX_FADV_DONTNEED", 4),
    ("POSIX_FADV_NOREUSE", 5),
    ("POSIX_SPAWN_OPEN", 0),
    ("POSIX_SPAWN_CLOSE", 1),
    ("POSIX_SPAWN_DUP2", 2),
    ("POSIX_SPAWN_CLOSEFROM", 3),
    ("PRIO_PROCESS", 0),
    ("PRIO_PGRP", 1),
    ("PRIO_USER", 2),
    ("P_ALL", 0),
    ("P_PID", 1),
    ("P_PGID", 2),
    ("P_PIDFD", 3),
    ("SCHED_OTHER", 0),
    ("SCHED_FIFO", 1),
    ("SCHED_RR", 2),
    ("SCHED_BATCH", 3),
    ("SCHED_IDLE", 5),
    ("SCHED_RESET_ON_FORK", 0x4000_0000),
    ("SEEK_DATA", 3),
    ("SEEK_HOLE", 4),
    ("SPLICE_F_MOVE", 1),
    ("SPLICE_F_NONBLOCK", 2),
    ("SPLICE_F_MORE", 4),
    ("ST_RDONLY", 1),
    ("ST_NOSUID", 2),
    ("ST_NODEV", 4),
    ("ST_NOEXEC", 8),
    ("ST_SYNCHRONOUS", 16),
    ("ST_MANDLOCK", 64),
    ("ST_WRITE", 128),
    ("ST_APPEND", 256),
    ("ST_NOATIME", 1024),
    ("ST_NODIRATIME", 2048),
    ("ST_RELATIME", 4096),
    ("TFD_CLOEXEC", 0o2_000_000),
    ("TFD_NONBLOCK", 0o4000),
    ("TFD_TIMER_ABSTIME", 1),
    ("TFD_TIMER_CANCEL_ON_SET", 2),
    ("TMP_MAX", 238_328),
    ("WEXITED", 4),
    ("WSTOPPED", 2),
    ("WNOWAIT", 0x0100_0000),
    ("XATTR_CREATE", 1),
    ("XATTR_REPLACE", 2),
    ("XATTR_SIZE_MAX", 65536),
];

natives! {
    /// The functions of `_system`.
    FUNCTIONS:
    function "statvfs" ("path") "How full the file system of a file is." => files::statvfs;
    function "fstatvfs" ("fd, /") "As statvfs, of an open descriptor." => files::fstatvfs;
    function "getxattr" ("path, attribute, *, follow_symlinks=True") "An attribute that somebody has attached to a file, as bytes." => files::getxattr;
    function "setxattr" ("path, attribute, value, flags=0, *, follow_symlinks=True") "Attach an attribute to a file." => files::setxattr;
    function "removexattr" ("path, attribute, *, follow_symlinks=True") "Take an attribute from a file." => files::removexattr;
    function "listxattr" ("path=None, *, follow_symlinks=True") "The names of the attributes that are attached to a file." => files::listxattr;
    function releasing "sendfile" ("out_fd, in_fd, offset, count") "Send bytes of a file through another descriptor; how many." => files::sendfile;
    function releasing "copy_file_range" ("src, dst, count, offset_src=None, offset_dst=None")
        "Copy bytes from one file to another; how many." => files::copy_file_range;
    function "fchown" ("fd, uid, gid") "Change whose an open file is." => files::fchown;
    function "memfd_create" ("name, flags=1") "A file in memory that has no path; its descriptor." => files::memfd_create;
    function "posix_fallocate" ("fd, offset, length, /") "Make room for a file on its disk." => files::posix_fallocate;
    function "mknod" ("path, mode=0o600, device=0, *, dir_fd=None") "Make a file of any kind." => files::mknod;
    function releasing "splice" ("src, dst, count, offset_src=None, offset_dst=None, flags=0")
        "Move bytes from one descriptor to another, of which one is a pipe; how many." => files::splice;
    function "posix_fadvise" ("fd, offset, length, advice, /") "Say how a part of a file will be read." => files::posix_fadvise;
    function releasing "lockf" ("fd, command, length, /") "Lock a part of a file, from the place where it is read and written, against other processes." =>
        locks::lockf;
    function "chroot" ("path") "Make a directory the root of all paths of this process." => files::chroot;
    function "posix_openpt" ("oflag, /") "Open the end of a new pseudo-terminal that a program holds." => terminals::posix_openpt;
    function "grantpt" ("fd, /") "Let this process use the terminal of such an end." => terminals::grantpt;
    function "unlockpt" ("fd, /") "Let the terminal of such an end be opened." => terminals::unlockpt;
    function "ptsname" ("fd, /") "The path of the terminal of such an end." => terminals::ptsname;
    function "tcgetpgrp" ("fd, /") "The group of processes that the terminal listens to." => terminals::tcgetpgrp;
    function "tcsetpgrp" ("fd, pgid, /") "Have a terminal listen to a group of processes." => terminals::tcsetpgrp;
    function "_control" ("fd, /") "Make a terminal that of the session which this process leads." => terminals::control;
    function "setuid" ("uid, /") "Become another user." => users::setuid;
    function "seteuid" ("euid, /") "Have the rights of another user." => users::seteuid;
    function "setgid" ("gid, /") "Belong to another group." => users::setgid;
    function "setegid" ("egid, /") "Have the rights of another group." => users::setegid;
    function "setresuid" ("ruid, euid, suid, /") "Set the real, the effective and the saved user; -1: leave it." => users::setresuid;
    function "setresgid" ("rgid, egid, sgid, /") "Set the real, the effective and the saved group; -1: leave it." => users::setresgid;
    function "getresuid" ("") "The real, the effective and the saved user." => users::getresuid;
    function "getresgid" ("") "The real, the effective and the saved group." => users::getresgid;
    function "setgroups" ("groups, /") "Set the further groups that this process belongs to." => users::setgroups;
    function "initgroups" ("username, gid, /") "Belong to all groups of a user, and one more." => users::initgroups;
    function "getgrouplist" ("user, group, /") "The groups of a user, and one more." => users::getgrouplist;
    function "sysconf" ("name, /") "A limit or an option of the system, by name or number; -1: there is no limit." => configuration::sysconf;
    function "pathconf" ("path, name") "A limit or an option of a file." => configuration::pathconf;
    function "fpathconf" ("fd, name, /") "A limit or an option of an open file." => configuration::fpathconf;
    function "ctermid" ("") "The name of the terminal that this process belongs to." => configuration::ctermid;
    function "eventfd" ("initval, flags=524288") "A counter with a descriptor, which can be read when the count is not 0." => timers::make_counter;
    function releasing "eventfd_read" ("fd") "Wait until the count is not 0; the count, which is 0 then." => timers::read_counter;
    function releasing "eventfd_write" ("fd, value") "Add to the count." => timers::add_to_counter;
    function "timerfd_create" ("clockid, /, *, flags=524288") "A timer with a descriptor, which can be read when the time has come." => timers::make_timer;
    function "timerfd_settime" ("fd, /, *, flags=0, initial=0.0, interval=0.0")
        "Set a timer; what it was set to, in seconds: when it goes off, and what comes between later times." => timers::set_seconds;
    function "timerfd_settime_ns" ("fd, /, *, flags=0, initial=0, interval=0") "As timerfd_settime, in nanoseconds." => timers::set_nanoseconds;
    function "timerfd_gettime" ("fd, /") "What a timer is set to, in seconds." => timers::get_seconds;
    function "timerfd_gettime_ns" ("fd, /") "What a timer is set to, in nanoseconds." => timers::get_nanoseconds;
    function releasing "wait3" ("options") "Wait for any child; its number, its status, and what it has used." => children::wait3;
    function releasing "wait4" ("pid, options") "As wait3, for children that are chosen as in waitpid." => children::wait4;
    function releasing "waitid" ("idtype, id, options, /") "Wait for a child to end, stop or go on; None: none has with WNOHANG." => children::waitid;
    function "getpriority" ("which, who") "How unimportant a process, a group or a user's processes are." => children::getpriority;
    function "setpriority" ("which, who, priority") "Have them be more or less important." => children::setpriority;
    function "pidfd_open" ("pid, flags=0") "A descriptor for a process, which can be read when that has ended." => children::pidfd_open;
}
