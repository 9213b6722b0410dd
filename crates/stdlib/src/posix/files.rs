//! Files and directories by path, and descriptors by number.

use std::os::fd::{BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::event::Timespec;
use rustix::fs::{AtFlags, CWD, FileType, Gid, Mode, OFlags, Stat, Timestamps, Uid};
use rustix::io::Errno;
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Raised, Vm};

use crate::argument::{
    bytes, flag_or, int32, integer, integer_or, new_text, path, path_called, present, type_error, value_error,
};
use crate::io::descriptor::{self, Descriptor};
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

/// The folder that a relative path begins in.
enum Folder {
    Working,
    Open(Descriptor),
}

impl Folder {
    /// What a `dir_fd` says.
    fn of(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<Self> {
        match present(argument) {
            None => Ok(Self::Working),
            Some(argument) if argument.as_int().is_none() => {
                let got = vm.type_name(argument);
                Err(type_error(vm, format!("argument should be integer or None, not {got}")))
            }
            Some(argument) => {
                let number = int32(vm, argument)?;
                descriptor::find(vm, number).map(Self::Open)
            }
        }
    }

    /// Makes a system call that takes a folder and a path in it.
    fn with<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        match self {
            Self::Working => call(CWD),
            Self::Open(descriptor) => descriptor.with(call),
        }
    }
}

/// A function that does something to the file at a path, in the folder that one of the arguments says.
fn on_path(
    vm: &mut Vm,
    args: Args<'_>,
    folder: usize,
    name: &str,
    call: impl FnOnce(BorrowedFd<'_>, &Path) -> Result<(), Errno>,
) -> Outcome {
    let file = path(vm, args.at(0), name)?;
    let folder = Folder::of(vm, args.get(folder))?;
    match folder.with(|folder| call(folder, &file)) {
        Ok(()) => Ok(Owned::none()),
        Err(error) => Err(failed(vm, error, args.at(0))),
    }
}

/// Whether the first argument is an open descriptor and not a path.
fn is_open(args: Args<'_>) -> bool {
    args.at(0).as_int().is_some()
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
    if is_open(args) {
        return super::descriptors::on(vm, args, |fd| rustix::process::fchdir(fd)).map(|()| Owned::none());
    }
    let folder = path(vm, args.at(0), "chdir")?;
    rustix::process::chdir(&folder).map(|()| Owned::none()).map_err(|error| failed(vm, error, args.at(0)))
}

pub(super) fn listdir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let names = match present(args.get(0)) {
        None => list_names(&PathBuf::from(".")),
        Some(folder) if folder.as_int().is_some() => {
            let number = int32(vm, folder)?;
            descriptor::find(vm, number)?
                .with(|folder| names_in(rustix::fs::openat(folder, ".", FOLDER, Mode::empty())?))
        }
        Some(folder) => list_names(&path(vm, folder, "listdir")?),
    };
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

/// How folders are opened to be listed.
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

fn list_names(folder: &Path) -> Result<Vec<Vec<u8>>, Errno> {
    names_in(rustix::fs::open(folder, FOLDER, Mode::empty())?)
}

fn names_in(opened: OwnedFd) -> Result<Vec<Vec<u8>>, Errno> {
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
    on_path(vm, args, 2, "mkdir", |folder, path| rustix::fs::mkdirat(folder, path, Mode::from_raw_mode(mode as u32)))
}

pub(super) fn rmdir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    on_path(vm, args, 1, "rmdir", |folder, path| rustix::fs::unlinkat(folder, path, AtFlags::REMOVEDIR))
}

pub(super) fn remove(vm: &mut Vm, args: Args<'_>) -> Outcome {
    on_path(vm, args, 1, "remove", |folder, path| rustix::fs::unlinkat(folder, path, AtFlags::empty()))
}

pub(super) fn chmod(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mode = integer(vm, args.at(1))?;
    let mode = Mode::from_raw_mode(mode as u32);
    if is_open(args) {
        return super::descriptors::on(vm, args, |fd| rustix::fs::fchmod(fd, mode)).map(|()| Owned::none());
    }
    let follows = flag_or(vm, args.get(3), true)?;
    on_path(vm, args, 2, "chmod", |folder, path| {
        // Links have no permissions of their own.
        if !follows && is_link(folder, path)? {
            return Err(Errno::OPNOTSUPP);
        }
        rustix::fs::chmodat(folder, path, mode, AtFlags::empty())
    })
}

fn is_link(folder: BorrowedFd<'_>, path: &Path) -> Result<bool, Errno> {
    let file = rustix::fs::statat(folder, path, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(FileType::from_raw_mode(file.st_mode) == FileType::Symlink)
}

pub(super) fn truncate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let length = integer(vm, args.at(1))?;
    let Ok(length) = u64::try_from(length) else { return Err(failed(vm, Errno::INVAL, args.at(0))) };
    if is_open(args) {
        return super::descriptors::ftruncate(vm, args);
    }
    let file = path(vm, args.at(0), "truncate")?;
    let cut = rustix::fs::open(&file, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())
        .and_then(|file| rustix::fs::ftruncate(file, length));
    cut.map(|()| Owned::none()).map_err(|error| failed(vm, error, args.at(0)))
}

pub(super) fn mkfifo(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mode = integer_or(vm, args.get(1), 0o666)?;
    on_path(vm, args, 2, "mkfifo", |folder, path| rustix::fs::mkfifoat(folder, path, Mode::from_raw_mode(mode as u32)))
}

/// Users and groups by number; -1 leaves one as it is.
fn owners(vm: &mut Vm, args: Args<'_>) -> Outcome<(Option<Uid>, Option<Gid>)> {
    let (user, group) = (integer(vm, args.at(1))?, integer(vm, args.at(2))?);
    let number = |number: i64| u32::try_from(number).ok().filter(|number| *number != u32::MAX);
    Ok((number(user).map(Uid::from_raw), number(group).map(Gid::from_raw)))
}

pub(super) fn chown(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (user, group) = owners(vm, args)?;
    if is_open(args) {
        return super::descriptors::on(vm, args, |fd| rustix::fs::fchown(fd, user, group)).map(|()| Owned::none());
    }
    let flags = link_flags(vm, args, 4)?;
    on_path(vm, args, 3, "chown", |folder, path| rustix::fs::chownat(folder, path, user, group, flags))
}

pub(super) fn lchown(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (user, group) = owners(vm, args)?;
    let file = path(vm, args.at(0), "lchown")?;
    let changed = rustix::fs::chownat(CWD, &file, user, group, AtFlags::SYMLINK_NOFOLLOW);
    changed.map(|()| Owned::none()).map_err(|error| failed(vm, error, args.at(0)))
}

/// What `follow_symlinks` says.
fn link_flags(vm: &mut Vm, args: Args<'_>, place: usize) -> Outcome<AtFlags> {
    let follows = flag_or(vm, args.get(place), true)?;
    Ok(if follows { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW })
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
        _ => Err(type_error(vm, complaint)),
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
    if is_open(args) {
        super::descriptors::on(vm, args, |descriptor| rustix::fs::futimens(descriptor, &times))?;
        return Ok(Owned::none());
    }
    let flags = link_flags(vm, args, 4)?;
    on_path(vm, args, 3, "utime", |folder, path| rustix::fs::utimensat(folder, path, &times, flags))
}

pub(super) fn umask(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mask = integer(vm, args.at(0))?;
    let old = rustix::process::umask(Mode::from_raw_mode(mask as u32));
    Ok(vm.new_int(i64::from(old.as_raw_mode()))?)
}

/// A function that does something to the files at two paths.
fn on_two(
    vm: &mut Vm,
    args: Args<'_>,
    folders: [Option<usize>; 2],
    name: &str,
    call: impl FnOnce([(BorrowedFd<'_>, &Path); 2]) -> Result<(), Errno>,
) -> Outcome {
    let (from, to) = (path_called(vm, args.at(0), name, "src")?, path_called(vm, args.at(1), name, "dst")?);
    let [first, second] = folders.map(|place| place.and_then(|place| args.get(place)));
    let (first, second) = (Folder::of(vm, first)?, Folder::of(vm, second)?);
    match first.with(|first| second.with(|second| call([(first, &from), (second, &to)]))) {
        Ok(()) => Ok(Owned::none()),
        Err(error) => Err(failed_with_two(vm, error, args.at(0), args.at(1))),
    }
}

pub(super) fn rename(vm: &mut Vm, args: Args<'_>) -> Outcome {
    rename_called(vm, args, "rename")
}

pub(super) fn replace(vm: &mut Vm, args: Args<'_>) -> Outcome {
    rename_called(vm, args, "replace")
}

fn rename_called(vm: &mut Vm, args: Args<'_>, name: &str) -> Outcome {
    on_two(vm, args, [Some(2), Some(3)], name, |[(first, from), (second, to)]| {
        rustix::fs::renameat(first, from, second, to)
    })
}

pub(super) fn symlink(vm: &mut Vm, args: Args<'_>) -> Outcome {
    on_two(vm, args, [None, Some(3)], "symlink", |[(_, from), (folder, to)]| rustix::fs::symlinkat(from, folder, to))
}

pub(super) fn link(vm: &mut Vm, args: Args<'_>) -> Outcome {
    // CPython follows the link only where the system does by itself.
    let flags = AtFlags::empty();
    on_two(vm, args, [Some(2), Some(3)], "link", |[(first, from), (second, to)]| {
        rustix::fs::linkat(first, from, second, to, flags)
    })
}

pub(super) fn readlink(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let link = path(vm, args.at(0), "readlink")?;
    let folder = Folder::of(vm, args.get(1))?;
    match folder.with(|folder| rustix::fs::readlinkat(folder, &link, Vec::new())) {
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

fn stat_with(vm: &mut Vm, args: Args<'_>, name: &str, flags: AtFlags) -> Outcome {
    if is_open(args) && name == "stat" {
        return fstat_of(vm, args.at(0));
    }
    let file = path(vm, args.at(0), name)?;
    let folder = Folder::of(vm, args.get(1))?;
    match folder.with(|folder| rustix::fs::statat(folder, &file, flags)) {
        Ok(stat) => stat_object(vm, &stat),
        Err(error) => Err(failed(vm, error, args.at(0))),
    }
}

pub(super) fn stat(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let flags = link_flags(vm, args, 2)?;
    stat_with(vm, args, "stat", flags)
}

pub(super) fn lstat(vm: &mut Vm, args: Args<'_>) -> Outcome {
    stat_with(vm, args, "lstat", AtFlags::SYMLINK_NOFOLLOW)
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
    let folder = Folder::of(vm, args.get(2))?;
    let mut flags = link_flags(vm, args, 4)?;
    flags.set(AtFlags::EACCESS, flag_or(vm, args.get(3), false)?);
    let answer = folder.with(|folder| rustix::fs::accessat(folder, &file, mode, flags));
    Ok(Owned::bool(answer.is_ok()))
}

pub(super) fn open(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = path(vm, args.at(0), "open")?;
    let flags = OFlags::from_bits_retain(integer(vm, args.at(1))? as u32) | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(integer_or(vm, args.get(2), 0o777)? as u32);
    let folder = Folder::of(vm, args.get(3))?;
    let opened = vm.released(ReleaseCause::Io, || folder.with(|folder| rustix::fs::openat(folder, &file, flags, mode)));
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
