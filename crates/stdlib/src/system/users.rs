//! Becoming another user: every kind of number that a process has for its user and its groups.

use std::ffi::CString;

use nix::unistd::{self, Gid, Uid};
use toy_object::{Owned, Ref};
use toy_vm::{Args, Outcome, Vm};

use crate::argument::{integer, overflow_error, type_error};

/// The number of a user or a group; -1, which leaves it as it is where several are set, is the largest one.
fn identity(vm: &mut Vm, argument: Ref<'_>, what: &str) -> Outcome<u32> {
    if argument.as_int().is_none() && !vm.has_special(argument, toy_object::Name::Index) {
        let got = vm.type_name(argument);
        return Err(type_error(vm, format!("{what} should be integer, not {got}")));
    }
    match integer(vm, argument)? {
        -1 => Ok(u32::MAX),
        number if number < 0 => Err(overflow_error(vm, format!("{what} is less than minimum"))),
        number => u32::try_from(number).map_err(|_| overflow_error(vm, format!("{what} is greater than maximum"))),
    }
}

fn user(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Uid> {
    identity(vm, argument, "uid").map(Uid::from_raw)
}

fn group(vm: &mut Vm, argument: Ref<'_>) -> Outcome<Gid> {
    identity(vm, argument, "gid").map(Gid::from_raw)
}

fn done(vm: &mut Vm, answer: nix::Result<()>) -> Outcome {
    answer.map(|()| Owned::none()).map_err(|error| vm.raise_os_error(&error.into(), None))
}

fn three(vm: &mut Vm, answer: nix::Result<[u32; 3]>) -> Outcome {
    let numbers = answer.map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let parts = numbers.map(|number| vm.new_int(i64::from(number)));
    let [real, effective, saved] = parts;
    Ok(vm.new_tuple([real?, effective?, saved?])?)
}

pub(super) fn setuid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let user = user(vm, args.at(0))?;
    done(vm, unistd::setuid(user))
}

pub(super) fn seteuid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let user = user(vm, args.at(0))?;
    done(vm, unistd::seteuid(user))
}

pub(super) fn setgid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let group = group(vm, args.at(0))?;
    done(vm, unistd::setgid(group))
}

pub(super) fn setegid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let group = group(vm, args.at(0))?;
    done(vm, unistd::setegid(group))
}

pub(super) fn setresuid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (real, effective, saved) = (user(vm, args.at(0))?, user(vm, args.at(1))?, user(vm, args.at(2))?);
    done(vm, unistd::setresuid(real, effective, saved))
}

pub(super) fn setresgid(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (real, effective, saved) = (group(vm, args.at(0))?, group(vm, args.at(1))?, group(vm, args.at(2))?);
    done(vm, unistd::setresgid(real, effective, saved))
}

pub(super) fn getresuid(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let users = unistd::getresuid();
    three(vm, users.map(|users| [users.real.as_raw(), users.effective.as_raw(), users.saved.as_raw()]))
}

pub(super) fn getresgid(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let groups = unistd::getresgid();
    three(vm, groups.map(|groups| [groups.real.as_raw(), groups.effective.as_raw(), groups.saved.as_raw()]))
}

pub(super) fn setgroups(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let mut groups = Vec::new();
    for number in vm.collect(args.at(0))? {
        groups.push(group(vm, number.get())?);
    }
    done(vm, unistd::setgroups(&groups))
}

/// A user's name, as the system takes it.
fn name(vm: &mut Vm, argument: Ref<'_>) -> Outcome<CString> {
    let name = crate::argument::text(vm, argument, "username")?;
    CString::new(name.as_bytes()).map_err(|_| crate::argument::value_error(vm, "embedded null byte"))
}

pub(super) fn initgroups(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (name, group) = (name(vm, args.at(0))?, group(vm, args.at(1))?);
    done(vm, unistd::initgroups(&name, group))
}

pub(super) fn getgrouplist(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (name, group) = (name(vm, args.at(0))?, group(vm, args.at(1))?);
    let groups = unistd::getgrouplist(&name, group).map_err(|error| vm.raise_os_error(&error.into(), None))?;
    let numbers = groups.into_iter().map(|group| Ok(vm.new_int(i64::from(group.as_raw()))?));
    let numbers = numbers.collect::<Outcome<Vec<_>>>()?;
    Ok(vm.new_list(numbers)?)
}
