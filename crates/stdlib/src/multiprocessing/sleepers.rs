//! `Sleepers`: those who wait until another process notifies them, as conditions need it.

use std::time::Duration;

use toy_object::{Owned, Payload, Ref};
use toy_process::{SLEEPERS, Sleepers as Table};
use toy_vm::{Args, Outcome, Vm, natives};

use super::{block_of_handle, handle_of_block, length, waiting};
use crate::argument::{runtime_error, value_error};
use crate::class;

/// Full name of the class.
pub(super) const CLASS: &str = "_multiprocessing.Sleepers";

struct Sleepers(Table);

impl Payload for Sleepers {
    fn visit(&self, _visit: &mut dyn FnMut(Ref<'_>)) {}
}

natives! {
    /// The methods of `Sleepers`.
    pub(super) METHODS:
    static "__new__" ("") "A table with nobody in it." => |vm, args| {
        let table = Table::new().map_err(|error| vm.raise_os_error(&error, None))?;
        class::construct(vm, CLASS, args.at(0), Sleepers(table))
    };
    class "_rebuild" ("descriptor, offset, length") "The one that another process has made." => |vm, args| {
        let block = block_of_handle(vm, args, 1)?;
        let Some(table) = Table::from_block(block) else { return Err(value_error(vm, "there is no table of sleepers")) };
        class::construct(vm, CLASS, args.at(0), Sleepers(table))
    };
    method "_handle" ("") "Where it is found: a descriptor's number, and a place and a length there." => |vm, args| {
        let table = this(vm, args)?;
        handle_of_block(vm, table.block())
    };
    method "enter" ("") "Take a place; its number." => |vm, args| match this(vm, args)?.enter() {
        Some(place) => Ok(vm.new_int_from_usize(place)?),
        None => Err(runtime_error(vm, format!("no more than {SLEEPERS} can wait at once"))),
    };
    method "leave" ("place, /") "Give a place up; whether its sleeper was notified." => |vm, args| {
        let (table, place) = (this(vm, args)?, place(vm, args)?);
        Ok(Owned::bool(table.leave(place)))
    };
    method releasing "sleep" ("place, timeout=None, /") "Sleep at a place until notified; whether that was so." => sleep;
    method "notify" ("count, /") "Wake so many at most, the first that came first." => |vm, args| {
        let (table, count) = (this(vm, args)?, length(vm, args.at(1))?);
        table.notify(count);
        Ok(Owned::none())
    };
    method "count" ("") "How many sleep." => |vm, args| {
        let count = this(vm, args)?.count();
        Ok(vm.new_int_from_usize(count)?)
    };
    method "bury" ("") "Free the places of processes that have ended; how many that were." => |vm, args| {
        let count = this(vm, args)?.bury();
        Ok(vm.new_int_from_usize(count)?)
    };
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Table> {
    class::this::<Sleepers>(vm, args.at(0), CLASS).map(|sleepers| &sleepers.0)
}

fn place(vm: &mut Vm, args: Args<'_>) -> Outcome<usize> {
    let place = length(vm, args.at(1))?;
    if place < SLEEPERS { Ok(place) } else { Err(value_error(vm, "there is no such place")) }
}

fn sleep(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (table, place) = (this(vm, args)?, place(vm, args)?);
    let timeout = waiting::timeout(vm, args.get(2))?;
    let deadline = waiting::deadline(vm, timeout);
    while !table.is_notified(place) {
        let left = waiting::left(vm, deadline);
        if left == Some(Duration::ZERO) {
            return Ok(Owned::bool(false));
        }
        waiting::glance(vm, left, |time| table.sleep(place, time))?;
    }
    Ok(Owned::bool(true))
}
