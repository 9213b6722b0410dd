//! Files and directories by path, and descriptors by number.

use std::path::{Path, PathBuf};

use rustix::event::Timespec;
use rustix::fs::{AtFlags, CWD, Gid, Mode, OFlags, Stat, Timestamps, Uid};
use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Raised, Vm};

use crate::argument::{bytes, flag_or, int32, integer, integer_or, new_text, path, present, value_error};
use crate::io::descriptor;
use crate::module::set;
use crate::structure;

/// `OSError` about one path.
#[cold]
fn failed(vm: &mut Vm, error: Errno, path: Ref<'_>) -> Raised {
    vm.raise_os_error(&error.into(), Some(path))
}

/// `OSError` about two paths.
#[cold]
fn failed_with_two(vm: &mut Vm, error: Errno, from: Ref<'_>, to: Ref<'_>) -> Raised {
    let class = vm.class(toy_vm::ClassName::OsError);
    let text = std::io::Error::from(error).to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let (Ok(code), Ok(text)) = (vm.new_int(i64::from(error.raw_os_error())), vm.new_str(text)) else {
        return toy_object::OutOfMemory.into();
    };
    vm.raise_class_with(class.get(), &[code.get(), text.get(), from, Ref::NONE, to])
}

/// A function that does something to the file at a path.
fn on_path(vm: &mut Vm, args: Args<'_>, name: &str, call: impl FnOnce(&Path) -> Result<(), Errno>) -> Outcome {
    let file = path(vm, args.at(0), name)?;
    match call(&file) {
        Ok(()) => Ok(Owned::none()),
        Err(error) => Err(failed(vm, error, args.at(0))),
    }
}

/// A path as text.
pub(crate) fn path_text(vm: &mut Vm, path: &[u8]) -> Outcome {
    match std::str::from_utf8(path) {
        Ok(text) => new_text(vm, text),
        // Bytes that are no UTF-8 become lone surrogates, as everywhere in Python.
        Err(_) => {
            let bytes = vm.new_bytes(path)?;
            let (encoding, errors) = (vm.new_str("utf-8")?, vm.new_str("surrogateescape")?);
            crate::module::call_method(vm, bytes.get(), "decode", &[encoding.get(), errors.get()])
        }
    }
}

pub(super) fn getcwd(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    match rustix::process::getcwd(Vec::new()) {
        Ok(path) => path_text(vm, path.as_bytes()),
        Err(error) => Err(vm.raise_os_error(&error.into(), None)),
    }
}

pub(super) fn chdir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    on_path(vm, args, "chdir", |path| rustix::process::chdir(path))
}

pub(super) fn listdir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let folder = match present(args.get(0)) {
        None => PathBuf::from("."),
        Some(folder) => path(vm, folder, "listdir")?,
    };
    let names = list_names(&folder);
    match names {
        Ok(names) => {
            let mut list = Vec::with_capacity(names.len());
            let are_bytes = present(args.get(0)).is_some_and(|folder| folder.as_bytes().is_some());
            for name in names {
                list.push(if are_bytes { vm.new_bytes(&name)? } else { path_text(vm, &name)? });
            }
            Ok(vm.new_list(list)?)
        }
        Err(error) => {
            let dot = vm.new_str(".")?;
            let shown = present(args.get(0)).unwrap_or(dot.get());
            Err(failed(vm, error, shown))
        }
    }
}

fn list_names(folder: &Path) -> Result<Vec<Vec<u8>>, Errno> {
    let opened = rustix::fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut names = Vec::new();
    for entry in rustix::fs::Dir::new(opened)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(name.to_vec());
        }
    }
    Ok(names)
}

pub(super) fn mkdir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mode = integer_or(vm, args.get(1), 0o777)?;
    on_path(vm, args, "mkdir", |path| rustix::fs::mkdir(path, Mode::from_raw_mode(mode as u32)))
}

pub(super) fn rmdir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    on_path(vm, args, "rmdir", |path| rustix::fs::rmdir(path))
}

pub(super) fn remove(vm: &mut Vm, args: Args<'_>) -> Outcome {
    on_path(vm, args, "remove", |path| rustix::fs::unlink(path))
}

pub(super) fn chmod(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mode = integer(vm, args.at(1))?;
    on_path(vm, args, "chmod", |path| rustix::fs::chmod(path, Mode::from_raw_mode(mode as u32)))
}

pub(super) fn truncate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let length = integer(vm, args.at(1))?;
    let Ok(length) = u64::try_from(length) else { return Err(failed(vm, Errno::INVAL, args.at(0))) };
    if args.at(0).as_int().is_some() {
        return super::descriptors::ftruncate(vm, args);
    }
    on_path(vm, args, "truncate", |path| {
        let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
        rustix::fs::ftruncate(file, length)
    })
}

pub(super) fn mkfifo(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mode = integer_or(vm, args.get(1), 0o666)?;
    on_path(vm, args, "mkfifo", |path| rustix::fs::mkfifoat(CWD, path, Mode::from_raw_mode(mode as u32)))
}

/// Users and groups by number; -1 leaves one as it is.
fn owners(vm: &mut Vm, args: Args<'_>) -> Outcome<(Option<Uid>, Option<Gid>)> {
    let (user, group) = (integer(vm, args.at(1))?, integer(vm, args.at(2))?);
    let number = |number: i64| u32::try_from(number).ok().filter(|number| *number != u32::MAX);
    Ok((number(user).map(Uid::from_raw), number(group).map(Gid::from_raw)))
}

pub(super) fn chown(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (user, group) = owners(vm, args)?;
    on_path(vm, args, "chown", |path| rustix::fs::chownat(CWD, path, user, group, AtFlags::empty()))
}

pub(super) fn lchown(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (user, group) = owners(vm, args)?;
    on_path(vm, args, "lchown", |path| rustix::fs::chownat(CWD, path, user, group, AtFlags::SYMLINK_NOFOLLOW))
}

/// A moment in seconds, as floats or integers say it.
fn moment(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Timespec> {
    let Some(seconds) = argument.as_float() else {
        return Ok(Timespec { tv_sec: integer(vm, argument)?, tv_nsec: 0 });
    };
    let whole = seconds.floor();
    if !(-9.2e18..9.2e18).contains(&whole) {
        return Err(crate::argument::overflow_error(vm, "timestamp out of range for platform time_t"));
    }
    Ok(Timespec { tv_sec: whole as i64, tv_nsec: ((seconds - whole) * 1e9) as i64 })
}

/// `utime(path, times=None, *, ns=None, dir_fd=None, follow_symlinks=True)`
pub(super) fn utime(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (times, nanoseconds) = (present(args.get(1)), present(args.get(2)));
    let pair = |vm: &mut Vm, argument: Ref<'_>, complaint: &str| match argument.as_tuple() {
        Some(tuple) if tuple.len() == 2 => vm.collect(argument),
        _ => Err(crate::argument::type_error(vm, complaint)),
    };
    let [accessed, changed] = match (times, nanoseconds) {
        (Some(_), Some(_)) => {
            return Err(value_error(vm, "utime: you may specify either 'times' or 'ns' but not both"));
        }
        (Some(times), None) => {
            let parts = pair(vm, times, "utime: 'times' must be either a tuple of two ints or None")?;
            [moment(vm, parts[0].get())?, moment(vm, parts[1].get())?]
        }
        (None, Some(times)) => {
            let parts = pair(vm, times, "utime: 'ns' must be a tuple of two ints")?;
            let mut moments = [Timespec { tv_sec: 0, tv_nsec: 0 }; 2];
            for (moment, part) in moments.iter_mut().zip(&parts) {
                let number = integer(vm, part.get())?;
                *moment =
                    Timespec { tv_sec: number.div_euclid(1_000_000_000), tv_nsec: number.rem_euclid(1_000_000_000) };
            }
            moments
        }
        (None, None) => [Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW }; 2],
    };
    let times = Timestamps { last_access: accessed, last_modification: changed };
    if args.at(0).as_int().is_some() {
        super::descriptors::on(vm, args, |descriptor| rustix::fs::futimens(descriptor, &times))?;
        return Ok(Owned::none());
    }
    let flags = if flag_or(vm, args.get(4), true)? { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    on_path(vm, args, "utime", |path| rustix::fs::utimensat(CWD, path, &times, flags))
}

pub(super) fn umask(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mask = integer(vm, args.at(0))?;
    let old = rustix::process::umask(Mode::from_raw_mode(mask as u32));
    Ok(vm.new_int(i64::from(old.as_raw_mode()))?)
}

fn on_two(vm: &mut Vm, args: Args<'_>, name: &str, call: impl FnOnce(&Path, &Path) -> Result<(), Errno>) -> Outcome {
    let (from, to) = (path(vm, args.at(0), name)?, path(vm, args.at(1), name)?);
    match call(&from, &to) {
        Ok(()) => Ok(Owned::none()),
        Err(error) => Err(failed_with_two(vm, error, args.at(0), args.at(1))),
    }
}

pub(super) fn rename(vm: &mut Vm, args: Args<'_>) -> Outcome {
    on_two(vm, args, "rename", |from, to| rustix::fs::rename(from, to))
}

pub(super) fn symlink(vm: &mut Vm, args: Args<'_>) -> Outcome {
    on_two(vm, args, "symlink", |from, to| rustix::fs::symlink(from, to))
}

pub(super) fn link(vm: &mut Vm, args: Args<'_>) -> Outcome {
    on_two(vm, args, "link", |from, to| rustix::fs::link(from, to))
}

pub(super) fn readlink(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let link = path(vm, args.at(0), "readlink")?;
    match rustix::fs::readlink(&link, Vec::new()) {
        Ok(target) if args.at(0).as_bytes().is_some() => Ok(vm.new_bytes(target.as_bytes())?),
        Ok(target) => path_text(vm, target.as_bytes()),
        Err(error) => Err(failed(vm, error, args.at(0))),
    }
}

pub(super) fn stat_class(vm: &mut Vm) -> Outcome {
    let fields =
        ["st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size", "st_atime", "st_mtime", "st_ctime"];
    // The three times are integers among the elements, and floats as attributes.
    structure::define_open(vm, "os.stat_result", &fields, 7)
}

fn stat_object(vm: &mut Vm, stat: &Stat) -> Outcome {
    let class = stat_class(vm)?;
    let numbers = [
        i64::from(stat.st_mode),
        stat.st_ino as i64,
        stat.st_dev as i64,
        stat.st_nlink as i64,
        i64::from(stat.st_uid),
        i64::from(stat.st_gid),
        stat.st_size,
    ];
    let mut parts = Vec::with_capacity(10);
    for number in numbers {
        parts.push(vm.new_int(number)?);
    }
    let times =
        [(stat.st_atime, stat.st_atime_nsec), (stat.st_mtime, stat.st_mtime_nsec), (stat.st_ctime, stat.st_ctime_nsec)];
    for (seconds, _) in times {
        parts.push(vm.new_int(seconds)?);
    }
    let described = structure::new(vm, class.get(), parts)?;
    let names = [("st_atime", "st_atime_ns"), ("st_mtime", "st_mtime_ns"), ("st_ctime", "st_ctime_ns")];
    for ((seconds, nanoseconds), (name, exact_name)) in times.into_iter().zip(names) {
        let exact = i128::from(seconds) * 1_000_000_000 + nanoseconds as i128;
        let exact = vm.new_int(i64::try_from(exact).unwrap_or(i64::MAX))?;
        let shown = vm.new_float(seconds as f64 + nanoseconds as f64 * 1e-9)?;
        set(vm, described.get(), name, shown.get())?;
        set(vm, described.get(), exact_name, exact.get())?;
    }
    let more = [("st_blksize", stat.st_blksize), ("st_blocks", stat.st_blocks), ("st_rdev", stat.st_rdev as i64)];
    for (name, number) in more {
        let number = vm.new_int(number)?;
        set(vm, described.get(), name, number.get())?;
    }
    Ok(described)
}

fn stat_with(vm: &mut Vm, argument: Ref<'_>, name: &str, flags: AtFlags) -> Outcome {
    if argument.as_int().is_some() {
        return fstat_of(vm, argument);
    }
    let file = path(vm, argument, name)?;
    match rustix::fs::statat(CWD, &file, flags) {
        Ok(stat) => stat_object(vm, &stat),
        Err(error) => Err(failed(vm, error, argument)),
    }
}

pub(super) fn stat(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let follows = flag_or(vm, args.get(2), true)?;
    stat_with(vm, args.at(0), "stat", if follows { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW })
}

pub(super) fn lstat(vm: &mut Vm, args: Args<'_>) -> Outcome {
    stat_with(vm, args.at(0), "lstat", AtFlags::SYMLINK_NOFOLLOW)
}

fn fstat_of(vm: &mut Vm, number: Ref<'_>) -> Outcome {
    let number = int32(vm, number)?;
    let descriptor = descriptor::find(vm, number)?;
    let stat = descriptor.call(vm, |descriptor| rustix::fs::fstat(descriptor))?;
    stat_object(vm, &stat)
}

pub(super) fn fstat(vm: &mut Vm, args: Args<'_>) -> Outcome {
    fstat_of(vm, args.at(0))
}

pub(super) fn access(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = path(vm, args.at(0), "access")?;
    let mode = integer(vm, args.at(1))?;
    let mode = rustix::fs::Access::from_bits_truncate(mode as u32);
    Ok(Owned::bool(rustix::fs::access(&file, mode).is_ok()))
}

pub(super) fn open(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = path(vm, args.at(0), "open")?;
    let flags = OFlags::from_bits_retain(integer(vm, args.at(1))? as u32) | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(integer_or(vm, args.get(2), 0o777)? as u32);
    let opened = vm.released(ReleaseCause::Io, || rustix::fs::open(&file, flags, mode));
    match opened {
        Ok(opened) => {
            let number = descriptor::add(vm, opened)?.number();
            Ok(vm.new_int(i64::from(number))?)
        }
        Err(error) => Err(failed(vm, error, args.at(0))),
    }
}

pub(super) fn read(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let length = integer(vm, args.at(1))?;
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.raise_os_error(&Errno::INVAL.into(), None));
    };
    let descriptor = descriptor::find(vm, number)?;
    if !vm.has_room_for(length) {
        return Err(toy_object::OutOfMemory.into());
    }
    let mut buffer = vec![0; length];
    let count = descriptor.read(vm, &mut buffer)?;
    Ok(vm.new_bytes(&buffer[..count])?)
}

pub(super) fn write(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let data = bytes(vm, args.at(1))?;
    let descriptor = descriptor::find(vm, number)?;
    let count = descriptor.write(vm, &data)?;
    Ok(vm.new_int_from_usize(count)?)
}

pub(super) fn lseek(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let (position, whence) = (integer(vm, args.at(1))?, integer(vm, args.at(2))?);
    let target = match (whence, u64::try_from(position)) {
        (0, Ok(position)) => rustix::fs::SeekFrom::Start(position),
        (1, _) => rustix::fs::SeekFrom::Current(position),
        (2, _) => rustix::fs::SeekFrom::End(position),
        _ => return Err(vm.raise_os_error(&Errno::INVAL.into(), None)),
    };
    let place = descriptor::find(vm, number)?.call(vm, |descriptor| rustix::fs::seek(descriptor, target))?;
    Ok(vm.new_int(place as i64)?)
}

pub(super) fn numbers(vm: &mut Vm, numbers: impl IntoIterator<Item = i64>) -> Outcome {
    let mut parts = Vec::new();
    for number in numbers {
        parts.push(vm.new_int(number)?);
    }
    Ok(vm.new_tuple(parts)?)
}

pub(super) fn pipe(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    match toy_process::pipe() {
        Ok((reader, writer)) => {
            let (reader, writer) = (descriptor::add(vm, reader)?, descriptor::add(vm, writer)?);
            numbers(vm, [reader, writer].map(|end| i64::from(end.number())))
        }
        Err(error) => Err(vm.raise_os_error(&error, None)),
    }
}

pub(crate) fn dup(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let copy = descriptor::find(vm, number)?.call(vm, |descriptor| rustix::io::fcntl_dupfd_cloexec(descriptor, 3))?;
    let number = descriptor::add(vm, copy)?.number();
    Ok(vm.new_int(i64::from(number))?)
}

pub(super) fn terminal_size_class(vm: &mut Vm) -> Outcome {
    structure::define(vm, "os.terminal_size", &["columns", "lines"])
}

pub(super) fn get_terminal_size(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = args.get(0).map_or(Ok(1), |number| int32(vm, number))?;
    if number < 0 {
        return Err(value_error(vm, "negative file descriptor"));
    }
    let size = descriptor::find(vm, number)?.call(vm, |descriptor| rustix::termios::tcgetwinsize(descriptor))?;
    let class = terminal_size_class(vm)?;
    let parts = vec![vm.new_int(i64::from(size.ws_col))?, vm.new_int(i64::from(size.ws_row))?];
    structure::new(vm, class.get(), parts)
}
