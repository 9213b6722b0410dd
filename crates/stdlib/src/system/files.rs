//! Files and file systems: how full they are, and what is attached to files beside their content.

use std::num::NonZeroU64;
use std::path::PathBuf;

use rustix::fs::{self, Advice, StatVfs, XattrFlags};
use rustix::io::Errno;
use rustix::pipe::{self, SpliceFlags};
use toy_gil::ReleaseCause;
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{bytes, flag_or, int32, integer, integer_or, path, present};
use crate::io::descriptor::{self, Descriptor};
use crate::posix::path_text;
use crate::structure;

fn raise(vm: &mut Vm, error: Errno, file: Option<Ref<'_>>) -> toy_vm::Raised {
    vm.raise_os_error(&error.into(), file)
}

/// What a function about a file is called with: a path, or the number of an open descriptor.
enum File {
    Path(PathBuf),
    Open(Descriptor),
}

fn file(vm: &mut Vm, argument: Ref<'_>, function: &str) -> Outcome<File> {
    if argument.as_int().is_some() {
        let number = int32(vm, argument)?;
        return descriptor::find(vm, number).map(File::Open);
    }
    path(vm, argument, function).map(File::Path)
}

/// `os.statvfs_result`: ten elements, and one more attribute.
fn figures(vm: &mut Vm, system: &StatVfs) -> Outcome {
    let fields = [
        "f_bsize",
        "f_frsize",
        "f_blocks",
        "f_bfree",
        "f_bavail",
        "f_files",
        "f_ffree",
        "f_favail",
        "f_flag",
        "f_namemax",
    ];
    let class = structure::define_open(vm, "os.statvfs_result", &fields, fields.len())?;
    let numbers = [
        system.f_bsize,
        system.f_frsize,
        system.f_blocks,
        system.f_bfree,
        system.f_bavail,
        system.f_files,
        system.f_ffree,
        system.f_favail,
        system.f_flag.bits(),
        system.f_namemax,
    ];
    let parts = numbers.into_iter().map(|part| number(vm, part)).collect::<Outcome<Vec<_>>>()?;
    let figures = structure::new(vm, class.get(), parts)?;
    let identity = number(vm, system.f_fsid)?;
    crate::module::set(vm, figures.get(), "f_fsid", identity.get())?;
    Ok(figures)
}

fn number(vm: &mut Vm, number: u64) -> Outcome {
    Ok(vm.new_int_from_usize(usize::try_from(number).unwrap_or(usize::MAX))?)
}

pub(super) fn statvfs(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let asked = match file(vm, args.at(0), "statvfs")? {
        File::Open(descriptor) => descriptor.call(vm, |descriptor| fs::fstatvfs(descriptor))?,
        File::Path(path) => fs::statvfs(&path).map_err(|error| raise(vm, error, Some(args.at(0))))?,
    };
    figures(vm, &asked)
}

pub(super) fn fstatvfs(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let asked = descriptor::find(vm, number)?.call(vm, |descriptor| fs::fstatvfs(descriptor))?;
    figures(vm, &asked)
}

// Attributes that users attach to files.

/// The largest that there can be: that of Linux.
const MOST: usize = 1 << 16;

pub(super) fn getxattr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = path(vm, args.at(1), "getxattr")?;
    let follows = flag_or(vm, args.get(2), true)?;
    let mut value = vec![0; MOST];
    let count = match file(vm, args.at(0), "getxattr")? {
        File::Open(descriptor) => descriptor.with(|descriptor| fs::fgetxattr(descriptor, &name, &mut value[..])),
        File::Path(path) if follows => fs::getxattr(&path, &name, &mut value[..]),
        File::Path(path) => fs::lgetxattr(&path, &name, &mut value[..]),
    };
    let count = count.map_err(|error| raise(vm, error, Some(args.at(0))))?;
    Ok(vm.new_bytes(&value[..count])?)
}

pub(super) fn setxattr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = path(vm, args.at(1), "setxattr")?;
    let value = bytes(vm, args.at(2))?.into_owned();
    let flags = XattrFlags::from_bits_retain(integer_or(vm, args.get(3), 0)? as u32);
    let follows = flag_or(vm, args.get(4), true)?;
    let set = match file(vm, args.at(0), "setxattr")? {
        File::Open(descriptor) => descriptor.with(|descriptor| fs::fsetxattr(descriptor, &name, &value, flags)),
        File::Path(path) if follows => fs::setxattr(&path, &name, &value, flags),
        File::Path(path) => fs::lsetxattr(&path, &name, &value, flags),
    };
    set.map(|()| Owned::none()).map_err(|error| raise(vm, error, Some(args.at(0))))
}

pub(super) fn removexattr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = path(vm, args.at(1), "removexattr")?;
    let follows = flag_or(vm, args.get(2), true)?;
    let removed = match file(vm, args.at(0), "removexattr")? {
        File::Open(descriptor) => descriptor.with(|descriptor| fs::fremovexattr(descriptor, &name)),
        File::Path(path) if follows => fs::removexattr(&path, &name),
        File::Path(path) => fs::lremovexattr(&path, &name),
    };
    removed.map(|()| Owned::none()).map_err(|error| raise(vm, error, Some(args.at(0))))
}

pub(super) fn listxattr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let follows = flag_or(vm, args.get(1), true)?;
    let mut names = vec![0_u8; MOST];
    let asked = match present(args.get(0)) {
        None => File::Path(PathBuf::from(".")),
        Some(argument) => file(vm, argument, "listxattr")?,
    };
    let count = match asked {
        File::Open(descriptor) => descriptor.with(|descriptor| fs::flistxattr(descriptor, &mut names[..])),
        File::Path(path) if follows => fs::listxattr(&path, &mut names[..]),
        File::Path(path) => fs::llistxattr(&path, &mut names[..]),
    };
    let count = count.map_err(|error| raise(vm, error, present(args.get(0))))?;
    let mut list = Vec::new();
    for name in names[..count].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        list.push(path_text(vm, name)?);
    }
    Ok(vm.new_list(list)?)
}

// Bytes from one file to another, without a way through this process.

fn place(vm: &mut Vm, argument: Option<Ref<'_>>) -> Outcome<Option<u64>> {
    match present(argument) {
        None => Ok(None),
        Some(argument) => {
            let place = integer(vm, argument)?;
            u64::try_from(place).map(Some).map_err(|_| raise(vm, Errno::INVAL, None))
        }
    }
}

fn count(vm: &mut Vm, argument: Ref<'_>) -> Outcome<usize> {
    let count = integer(vm, argument)?;
    usize::try_from(count).map_err(|_| crate::argument::value_error(vm, "negative value for 'count' not allowed"))
}

/// Makes a call without the lock, again if a signal came.
fn patiently(vm: &mut Vm, mut call: impl FnMut() -> Result<usize, Errno> + Send) -> Outcome {
    loop {
        match vm.released(ReleaseCause::Io, &mut call) {
            Ok(count) => return Ok(vm.new_int_from_usize(count)?),
            Err(Errno::INTR) => vm.check_signals()?,
            Err(error) => return Err(raise(vm, error, None)),
        }
    }
}

pub(super) fn sendfile(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (to, from) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?);
    let (to, from) = (descriptor::find(vm, to)?, descriptor::find(vm, from)?);
    let (start, most) = (place(vm, args.get(2))?, count(vm, args.at(3))?);
    patiently(vm, || {
        let mut start = start;
        to.with(|to| from.with(|from| fs::sendfile(to, from, start.as_mut(), most)))
    })
}

pub(super) fn copy_file_range(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (from, to) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?);
    let (from, to) = (descriptor::find(vm, from)?, descriptor::find(vm, to)?);
    let most = count(vm, args.at(2))?;
    let (read_at, write_at) = (place(vm, args.get(3))?, place(vm, args.get(4))?);
    patiently(vm, || {
        let (mut read_at, mut write_at) = (read_at, write_at);
        from.with(|from| to.with(|to| fs::copy_file_range(from, read_at.as_mut(), to, write_at.as_mut(), most)))
    })
}

pub(super) fn splice(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (from, to) = (int32(vm, args.at(0))?, int32(vm, args.at(1))?);
    let (from, to) = (descriptor::find(vm, from)?, descriptor::find(vm, to)?);
    let most = count(vm, args.at(2))?;
    let (read_at, write_at) = (place(vm, args.get(3))?, place(vm, args.get(4))?);
    let flags = SpliceFlags::from_bits_retain(integer_or(vm, args.get(5), 0)? as u32);
    patiently(vm, || {
        let (mut read_at, mut write_at) = (read_at, write_at);
        from.with(|from| to.with(|to| pipe::splice(from, read_at.as_mut(), to, write_at.as_mut(), most, flags)))
    })
}

pub(super) fn posix_fadvise(vm: &mut Vm, args: Args<'_>) -> Outcome {
    const ADVICES: [Advice; 6] =
        [Advice::Normal, Advice::Random, Advice::Sequential, Advice::WillNeed, Advice::DontNeed, Advice::NoReuse];
    let number = int32(vm, args.at(0))?;
    let (start, length) = (place(vm, args.get(1))?, place(vm, args.get(2))?);
    let advice = usize::try_from(int32(vm, args.at(3))?).ok().and_then(|advice| ADVICES.get(advice).copied());
    let Some(advice) = advice else { return Err(raise(vm, Errno::INVAL, None)) };
    let length = length.and_then(NonZeroU64::new);
    descriptor::find(vm, number)?.call(vm, |descriptor| fs::fadvise(descriptor, start.unwrap_or(0), length, advice))?;
    Ok(Owned::none())
}

pub(super) fn chroot(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let folder = path(vm, args.at(0), "chroot")?;
    let done = rustix::process::chroot(&folder);
    done.map(|()| Owned::none()).map_err(|error| raise(vm, error, Some(args.at(0))))
}

pub(super) fn fchown(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let (user, group) = (int32(vm, args.at(1))?, int32(vm, args.at(2))?);
    let user = (user >= 0).then(|| fs::Uid::from_raw(user as u32));
    let group = (group >= 0).then(|| fs::Gid::from_raw(group as u32));
    descriptor::find(vm, number)?.call(vm, |descriptor| fs::fchown(descriptor, user, group))?;
    Ok(Owned::none())
}

pub(super) fn memfd_create(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let name = crate::argument::program_text(vm, args.at(0))?;
    let flags = fs::MemfdFlags::from_bits_retain(integer_or(vm, args.get(1), 1)? as u32);
    let made = fs::memfd_create(&name, flags).map_err(|error| raise(vm, error, None))?;
    let number = descriptor::add(vm, made)?.number();
    Ok(vm.new_int(i64::from(number))?)
}

pub(super) fn posix_fallocate(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = int32(vm, args.at(0))?;
    let (start, length) = (place(vm, args.get(1))?, place(vm, args.get(2))?);
    let flags = fs::FallocateFlags::empty();
    let (start, length) = (start.unwrap_or(0), length.unwrap_or(0));
    descriptor::find(vm, number)?.call(vm, |descriptor| fs::fallocate(descriptor, flags, start, length))?;
    Ok(Owned::none())
}

pub(super) fn mknod(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = path(vm, args.at(0), "mknod")?;
    let mode = integer_or(vm, args.get(1), 0o600)? as u32;
    let device = integer_or(vm, args.get(2), 0)? as u64;
    // Without a kind it is an ordinary file.
    let kind = match fs::FileType::from_raw_mode(mode) {
        fs::FileType::Unknown => fs::FileType::RegularFile,
        kind => kind,
    };
    let made = fs::mknodat(fs::CWD, &file, kind, fs::Mode::from_raw_mode(mode & 0o7777), device);
    made.map(|()| Owned::none()).map_err(|error| raise(vm, error, Some(args.at(0))))
}
