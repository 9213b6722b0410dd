//! What the system is made for: limits and options, by name or by the system's number.

use nix::errno::Errno;
use nix::unistd::{self, PathconfVar as P, SysconfVar as V};
use toy_object::Ref;
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{int32, path, type_error, value_error};
use crate::io::descriptor;

/// Limits and options of the whole system.
const SYSTEM: &[(&str, V)] = &[
    ("SC_2_CHAR_TERM", V::_POSIX2_CHAR_TERM),
    ("SC_2_C_BIND", V::_POSIX2_C_BIND),
    ("SC_2_C_DEV", V::_POSIX2_C_DEV),
    ("SC_2_FORT_DEV", V::_POSIX2_FORT_DEV),
    ("SC_2_FORT_RUN", V::_POSIX2_FORT_RUN),
    ("SC_2_LOCALEDEF", V::_POSIX2_LOCALEDEF),
    ("SC_2_SW_DEV", V::_POSIX2_SW_DEV),
    ("SC_2_UPE", V::_POSIX2_UPE),
    ("SC_2_VERSION", V::_POSIX2_VERSION),
    ("SC_AIO_LISTIO_MAX", V::AIO_LISTIO_MAX),
    ("SC_AIO_MAX", V::AIO_MAX),
    ("SC_AIO_PRIO_DELTA_MAX", V::AIO_PRIO_DELTA_MAX),
    ("SC_ARG_MAX", V::ARG_MAX),
    ("SC_ASYNCHRONOUS_IO", V::_POSIX_ASYNCHRONOUS_IO),
    ("SC_ATEXIT_MAX", V::ATEXIT_MAX),
    ("SC_AVPHYS_PAGES", V::_AVPHYS_PAGES),
    ("SC_BC_BASE_MAX", V::BC_BASE_MAX),
    ("SC_BC_DIM_MAX", V::BC_DIM_MAX),
    ("SC_BC_SCALE_MAX", V::BC_SCALE_MAX),
    ("SC_BC_STRING_MAX", V::BC_STRING_MAX),
    ("SC_CHILD_MAX", V::CHILD_MAX),
    ("SC_CLK_TCK", V::CLK_TCK),
    ("SC_COLL_WEIGHTS_MAX", V::COLL_WEIGHTS_MAX),
    ("SC_DELAYTIMER_MAX", V::DELAYTIMER_MAX),
    ("SC_EXPR_NEST_MAX", V::EXPR_NEST_MAX),
    ("SC_FSYNC", V::_POSIX_FSYNC),
    ("SC_GETGR_R_SIZE_MAX", V::GETGR_R_SIZE_MAX),
    ("SC_GETPW_R_SIZE_MAX", V::GETPW_R_SIZE_MAX),
    ("SC_IOV_MAX", V::IOV_MAX),
    ("SC_JOB_CONTROL", V::_POSIX_JOB_CONTROL),
    ("SC_LINE_MAX", V::LINE_MAX),
    ("SC_LOGIN_NAME_MAX", V::LOGIN_NAME_MAX),
    ("SC_MAPPED_FILES", V::_POSIX_MAPPED_FILES),
    ("SC_MEMLOCK", V::_POSIX_MEMLOCK),
    ("SC_MEMLOCK_RANGE", V::_POSIX_MEMLOCK_RANGE),
    ("SC_MEMORY_PROTECTION", V::_POSIX_MEMORY_PROTECTION),
    ("SC_MESSAGE_PASSING", V::_POSIX_MESSAGE_PASSING),
    ("SC_MQ_OPEN_MAX", V::MQ_OPEN_MAX),
    ("SC_MQ_PRIO_MAX", V::MQ_PRIO_MAX),
    ("SC_NGROUPS_MAX", V::NGROUPS_MAX),
    ("SC_NPROCESSORS_CONF", V::_NPROCESSORS_CONF),
    ("SC_NPROCESSORS_ONLN", V::_NPROCESSORS_ONLN),
    ("SC_OPEN_MAX", V::OPEN_MAX),
    ("SC_PAGESIZE", V::PAGE_SIZE),
    ("SC_PAGE_SIZE", V::PAGE_SIZE),
    ("SC_PHYS_PAGES", V::_PHYS_PAGES),
    ("SC_PRIORITIZED_IO", V::_POSIX_PRIORITIZED_IO),
    ("SC_PRIORITY_SCHEDULING", V::_POSIX_PRIORITY_SCHEDULING),
    ("SC_REALTIME_SIGNALS", V::_POSIX_REALTIME_SIGNALS),
    ("SC_RE_DUP_MAX", V::RE_DUP_MAX),
    ("SC_RTSIG_MAX", V::RTSIG_MAX),
    ("SC_SAVED_IDS", V::_POSIX_SAVED_IDS),
    ("SC_SEMAPHORES", V::_POSIX_SEMAPHORES),
    ("SC_SEM_NSEMS_MAX", V::SEM_NSEMS_MAX),
    ("SC_SEM_VALUE_MAX", V::SEM_VALUE_MAX),
    ("SC_SHARED_MEMORY_OBJECTS", V::_POSIX_SHARED_MEMORY_OBJECTS),
    ("SC_SIGQUEUE_MAX", V::SIGQUEUE_MAX),
    ("SC_STREAM_MAX", V::STREAM_MAX),
    ("SC_SYNCHRONIZED_IO", V::_POSIX_SYNCHRONIZED_IO),
    ("SC_THREADS", V::_POSIX_THREADS),
    ("SC_THREAD_ATTR_STACKADDR", V::_POSIX_THREAD_ATTR_STACKADDR),
    ("SC_THREAD_ATTR_STACKSIZE", V::_POSIX_THREAD_ATTR_STACKSIZE),
    ("SC_THREAD_DESTRUCTOR_ITERATIONS", V::PTHREAD_DESTRUCTOR_ITERATIONS),
    ("SC_THREAD_KEYS_MAX", V::PTHREAD_KEYS_MAX),
    ("SC_THREAD_PRIORITY_SCHEDULING", V::_POSIX_THREAD_PRIORITY_SCHEDULING),
    ("SC_THREAD_PRIO_INHERIT", V::_POSIX_THREAD_PRIO_INHERIT),
    ("SC_THREAD_PRIO_PROTECT", V::_POSIX_THREAD_PRIO_PROTECT),
    ("SC_THREAD_PROCESS_SHARED", V::_POSIX_THREAD_PROCESS_SHARED),
    ("SC_THREAD_SAFE_FUNCTIONS", V::_POSIX_THREAD_SAFE_FUNCTIONS),
    ("SC_THREAD_STACK_MIN", V::PTHREAD_STACK_MIN),
    ("SC_THREAD_THREADS_MAX", V::PTHREAD_THREADS_MAX),
    ("SC_TIMERS", V::_POSIX_TIMERS),
    ("SC_TIMER_MAX", V::TIMER_MAX),
    ("SC_TTY_NAME_MAX", V::TTY_NAME_MAX),
    ("SC_TZNAME_MAX", V::TZNAME_MAX),
    ("SC_VERSION", V::_POSIX_VERSION),
    ("SC_XOPEN_CRYPT", V::_XOPEN_CRYPT),
    ("SC_XOPEN_ENH_I18N", V::_XOPEN_ENH_I18N),
    ("SC_XOPEN_LEGACY", V::_XOPEN_LEGACY),
    ("SC_XOPEN_REALTIME", V::_XOPEN_REALTIME),
    ("SC_XOPEN_REALTIME_THREADS", V::_XOPEN_REALTIME_THREADS),
    ("SC_XOPEN_SHM", V::_XOPEN_SHM),
    ("SC_XOPEN_UNIX", V::_XOPEN_UNIX),
    ("SC_XOPEN_VERSION", V::_XOPEN_VERSION),
];

/// Those of a file.
const FILE: &[(&str, P)] = &[
    ("PC_ALLOC_SIZE_MIN", P::POSIX_ALLOC_SIZE_MIN),
    ("PC_ASYNC_IO", P::_POSIX_ASYNC_IO),
    ("PC_CHOWN_RESTRICTED", P::_POSIX_CHOWN_RESTRICTED),
    ("PC_FILESIZEBITS", P::FILESIZEBITS),
    ("PC_LINK_MAX", P::LINK_MAX),
    ("PC_MAX_CANON", P::MAX_CANON),
    ("PC_MAX_INPUT", P::MAX_INPUT),
    ("PC_NAME_MAX", P::NAME_MAX),
    ("PC_NO_TRUNC", P::_POSIX_NO_TRUNC),
    ("PC_PATH_MAX", P::PATH_MAX),
    ("PC_PIPE_BUF", P::PIPE_BUF),
    ("PC_PRIO_IO", P::_POSIX_PRIO_IO),
    ("PC_REC_INCR_XFER_SIZE", P::POSIX_REC_INCR_XFER_SIZE),
    ("PC_REC_MAX_XFER_SIZE", P::POSIX_REC_MAX_XFER_SIZE),
    ("PC_REC_MIN_XFER_SIZE", P::POSIX_REC_MIN_XFER_SIZE),
    ("PC_REC_XFER_ALIGN", P::POSIX_REC_XFER_ALIGN),
    ("PC_SYMLINK_MAX", P::SYMLINK_MAX),
    ("PC_SYNC_IO", P::_POSIX_SYNC_IO),
    ("PC_VDISABLE", P::_POSIX_VDISABLE),
];

/// The names with the system's numbers, as a dict.
fn names(vm: &mut Vm, rows: impl Iterator<Item = (&'static str, i32)>) -> Outcome {
    let names = vm.new_dict()?;
    for (name, number) in rows {
        let (name, number) = (vm.new_str(name)?, vm.new_int(i64::from(number))?);
        vm.dict_set(names.get(), name.get(), number.get())?;
    }
    Ok(names)
}

pub(super) fn system_names(vm: &mut Vm) -> Outcome {
    names(vm, SYSTEM.iter().map(|&(name, number)| (name, number as i32)))
}

pub(super) fn file_names(vm: &mut Vm) -> Outcome {
    names(vm, FILE.iter().map(|&(name, number)| (name, number as i32)))
}

/// The row that a name or a number means.
fn wanted<R: Copy>(vm: &mut Vm, rows: &[(&str, R)], argument: Ref<'_>, number: impl Fn(R) -> i32) -> Outcome<R> {
    if let Some(text) = argument.as_str() {
        let text = text.to_string_lossy();
        let row = rows.iter().find(|(name, _)| *name == text);
        return row.map(|(_, row)| *row).ok_or_else(|| value_error(vm, "unrecognized configuration name"));
    }
    if argument.as_int().is_none() {
        return Err(type_error(vm, "configuration names must be strings or integers"));
    }
    let asked = int32(vm, argument)?;
    let row = rows.iter().find(|(_, row)| number(*row) == asked);
    row.map(|(_, row)| *row).ok_or_else(|| vm.raise_os_error(&Errno::EINVAL.into(), None))
}

/// A limit; -1 if there is none.
fn answer(vm: &mut Vm, answer: nix::Result<Option<i64>>) -> Outcome {
    match answer {
        Ok(limit) => Ok(vm.new_int(limit.unwrap_or(-1))?),
        Err(error) => Err(vm.raise_os_error(&error.into(), None)),
    }
}

pub(super) fn sysconf(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let row = wanted(vm, SYSTEM, args.at(0), |row| row as i32)?;
    answer(vm, unistd::sysconf(row))
}

pub(super) fn pathconf(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let row = wanted(vm, FILE, args.at(1), |row| row as i32)?;
    if args.at(0).as_int().is_some() {
        return fpathconf(vm, args);
    }
    let file = path(vm, args.at(0), "pathconf")?;
    match unistd::pathconf(&file, row) {
        Err(error) => Err(vm.raise_os_error(&error.into(), Some(args.at(0)))),
        limit => answer(vm, limit),
    }
}

pub(super) fn fpathconf(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let row = wanted(vm, FILE, args.at(1), |row| row as i32)?;
    let descriptor = descriptor::find(vm, number)?;
    answer(vm, descriptor.with(|descriptor| unistd::fpathconf(descriptor, row)))
}

/// The name of the terminal that this process belongs to.
pub(super) fn ctermid(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    crate::argument::new_text(vm, "/dev/tty")
}
