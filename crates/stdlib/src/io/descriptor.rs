//! Descriptors that scripts may name by number, and the system calls on them, made without the lock.
//!
//! A number alone is not safe to use: another thread could close the file behind it during a read, and the number would
//! come to mean another file. So whoever uses a descriptor shares its ownership meanwhile, and it is closed by the last.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Weak};

use rustix::io::Errno;
use toy_object::{Payload, Ref};
use toy_vm::{Outcome, Transfer, Vm};

use super::patience::Patience;
use super::transfer::{Read, Write};
use crate::{class, library};

const TABLE: &str = "_io.descriptors";
const TABLE_CLASS: &str = "_io._descriptors";

/// An open file of the operating system.
#[derive(Clone)]
pub(crate) enum Descriptor {
    /// 0, as long as the script has not closed it.
    StandardInput,
    /// 1, likewise.
    StandardOutput,
    /// 2, likewise.
    StandardError,
    /// A socket that waits only as long as its patience allows.
    Socket(Arc<OwnedFd>, Arc<Patience>),
    /// Any other.
    Open(Arc<OwnedFd>),
}

impl Descriptor {
    /// Its number.
    pub(crate) fn number(&self) -> i32 {
        match self {
            Self::StandardInput => 0,
            Self::StandardOutput => 1,
            Self::StandardError => 2,
            Self::Socket(descriptor, _) | Self::Open(descriptor) => descriptor.as_raw_fd(),
        }
    }

    /// Makes one system call with it.
    pub(crate) fn with<R>(&self, call: impl FnOnce(BorrowedFd<'_>) -> R) -> R {
        match self {
            Self::StandardInput => call(rustix::stdio::stdin()),
            Self::StandardOutput => call(rustix::stdio::stdout()),
            Self::StandardError => call(rustix::stdio::stderr()),
            Self::Socket(descriptor, _) | Self::Open(descriptor) => call(descriptor.as_fd()),
        }
    }

    /// Makes one system call that does not block, with the lock held.
    pub(crate) fn call<R>(&self, vm: &mut Vm, call: impl Fn(BorrowedFd<'_>) -> Result<R, Errno>) -> Outcome<R> {
        loop {
            match self.with(&call) {
                Err(Errno::INTR) => vm.check_signals()?,
                result => return result.map_err(|error| vm.raise_os_error(&error.into(), None)),
            }
        }
    }

    /// Reads once, at most as much as `buffer` has room for; gives the number of bytes. Waits without the lock.
    pub(crate) fn read(&self, vm: &mut Vm, buffer: &mut [u8]) -> Outcome<usize> {
        if matches!(self, Self::StandardInput) {
            vm.note_beyond_control("standard input");
        }
        self.transfer(vm, &mut Read { descriptor: self, buffer })
    }

    /// Writes once; gives the number of bytes. Waits without the lock.
    pub(crate) fn write(&self, vm: &mut Vm, bytes: &[u8]) -> Outcome<usize> {
        self.transfer(vm, &mut Write { descriptor: self, bytes, done: 0 })
    }

    fn transfer(&self, vm: &mut Vm, transfer: &mut impl Transfer<Output = usize>) -> Outcome<usize> {
        if let Self::Socket(_, patience) = self {
            return patience.transfer(vm, transfer);
        }
        loop {
            match vm.transfer(transfer) {
                Ok(count) => return Ok(count),
                Err(Errno::INTR) => vm.check_signals()?,
                Err(error) => return Err(vm.raise_os_error(&error.into(), None)),
            }
        }
    }

    /// Whether it is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        self.with(|descriptor| rustix::termios::isatty(descriptor))
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::StandardInput => rustix::stdio::stdin(),
            Self::StandardOutput => rustix::stdio::stdout(),
            Self::StandardError => rustix::stdio::stderr(),
            Self::Socket(descriptor, _) | Self::Open(descriptor) => descriptor.as_fd(),
        }
    }
}

/// Who closes a descriptor.
enum Entry {
    /// The script, by its number.
    Named(Arc<OwnedFd>),
    /// The object that it belongs to.
    Lent(Weak<OwnedFd>),
}

impl Entry {
    fn descriptor(&self) -> Option<Arc<OwnedFd>> {
        match self {
            Self::Named(descriptor) => Some(Arc::clone(descriptor)),
            Self::Lent(descriptor) => descriptor.upgrade(),
        }
    }
}

/// The open descriptors by number.
#[derive(Default)]
struct Table {
    descriptors: RefCell<BTreeMap<i32, Entry>>,
}

impl Payload for Table {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

fn with_table<R>(vm: &mut Vm, f: impl FnOnce(&Table) -> R) -> Outcome<R> {
    let owner = match library::get(vm, TABLE) {
        Some(owner) => owner,
        None => {
            class::define(vm, TABLE_CLASS, &[])?;
            let table = class::new(vm, TABLE_CLASS, Table::default())?;
            library::set(vm, TABLE, table.clone());
            table
        }
    };
    let table = owner.get().payload(vm.heap()).expect("made here");
    Ok(f(table))
}

/// Lets scripts name a descriptor by its number from now on.
pub(crate) fn add(vm: &mut Vm, descriptor: OwnedFd) -> Outcome<Descriptor> {
    let descriptor = Arc::new(descriptor);
    let number = descriptor.as_raw_fd();
    // Something with this number that is still named has been closed by somebody else.
    let stale =
        with_table(vm, |table| table.descriptors.borrow_mut().insert(number, Entry::Named(Arc::clone(&descriptor))))?;
    drop(stale);
    Ok(Descriptor::Open(descriptor))
}

/// Lets scripts name a descriptor by its number for as long as the object lives that it belongs to.
pub(crate) fn lend(vm: &mut Vm, descriptor: &Arc<OwnedFd>) -> Outcome<i32> {
    let (number, lent) = (descriptor.as_raw_fd(), Entry::Lent(Arc::downgrade(descriptor)));
    let stale = with_table(vm, |table| table.descriptors.borrow_mut().insert(number, lent))?;
    drop(stale);
    Ok(number)
}

/// Takes a descriptor over from the script that has its number; `EBADF` if there is none.
pub(crate) fn claim(vm: &mut Vm, number: i32) -> Outcome<Arc<OwnedFd>> {
    if let Some(standard) = usize::try_from(number).ok().and_then(toy_process::take_standard) {
        return Ok(Arc::new(standard));
    }
    let entry = with_table(vm, |table| table.descriptors.borrow_mut().remove(&number))?;
    match entry.and_then(|entry| entry.descriptor()) {
        Some(descriptor) => Ok(descriptor),
        None => Err(vm.raise_os_error(&Errno::BADF.into(), None)),
    }
}

/// Lets the script close a descriptor by its number, which belonged to an object until now.
pub(crate) fn give(vm: &mut Vm, descriptor: Arc<OwnedFd>) -> Outcome<i32> {
    let number = descriptor.as_raw_fd();
    let stale = with_table(vm, |table| table.descriptors.borrow_mut().insert(number, Entry::Named(descriptor)))?;
    drop(stale);
    Ok(number)
}

/// The descriptor of this number; `EBADF` if there is none.
pub(crate) fn find(vm: &mut Vm, number: i32) -> Outcome<Descriptor> {
    if let Some(standard) = standard(number) {
        return Ok(standard);
    }
    let found = with_table(vm, |table| table.descriptors.borrow().get(&number).and_then(Entry::descriptor))?;
    match found {
        Some(descriptor) => Ok(Descriptor::Open(descriptor)),
        None => Err(vm.raise_os_error(&Errno::BADF.into(), None)),
    }
}

/// One of the three standard descriptors that nobody has closed.
fn standard(number: i32) -> Option<Descriptor> {
    let place = usize::try_from(number).ok().filter(|place| toy_process::has_standard(*place))?;
    [Descriptor::StandardInput, Descriptor::StandardOutput, Descriptor::StandardError].into_iter().nth(place)
}

/// Has a number mean what a descriptor means: its file is closed, unless others use that, too.
pub(crate) fn replace(vm: &mut Vm, from: &Descriptor, number: i32, is_inheritable: bool) -> Outcome<()> {
    let is_owned = standard(number).is_some()
        || with_table(vm, |table| table.descriptors.borrow().get(&number).and_then(Entry::descriptor).is_some())?;
    let replaced = if is_owned {
        toy_process::replace(from, number, is_inheritable)
    } else {
        match toy_process::copy_to(from, number, is_inheritable) {
            Ok(descriptor) => return add(vm, descriptor).map(drop),
            Err(error) => Err(error),
        }
    };
    replaced.map_err(|error| vm.raise_os_error(&error, None))
}

/// Forgets a number; the descriptor is closed when nobody uses it any more.
pub(crate) fn close(vm: &mut Vm, number: i32) -> Outcome<()> {
    if let Some(standard) = usize::try_from(number).ok().and_then(toy_process::take_standard) {
        drop(standard);
        return Ok(());
    }
    let closed = with_table(vm, |table| table.descriptors.borrow_mut().remove(&number))?;
    match closed {
        Some(descriptor) => {
            drop(descriptor);
            Ok(())
        }
        None => Err(vm.raise_os_error(&Errno::BADF.into(), None)),
    }
}
