//! Code objects and cells.

use toy_object::{Owned, Ref};
use toy_vm::{Args, CodeDetail, Outcome, Vm, natives};

use crate::support::{none, protocol, this_code, value_error, wrong_receiver};

natives! {
    /// The attributes of code objects.
    pub(crate) CODE_ATTRIBUTES:
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    member "co_name" ("") "The function's name." => |vm, args| { let name = detail(vm, args)?.code.name.clone(); Ok(vm.new_str(&name)?) };
    member "co_qualname" ("") "The function's name with what it is defined in."
        => |vm, args| { let name = detail(vm, args)?.code.qualified_name.clone(); Ok(vm.new_str(&name)?) };
    member "co_filename" ("") "The file it was compiled from." => |vm, args| { let file = detail(vm, args)?.code.file.clone(); Ok(vm.new_str(&file)?) };
    member "co_firstlineno" ("") "Its first line." => |vm, args| { let line = detail(vm, args)?.code.first_line; Ok(vm.new_int(line.into())?) };
    member "co_argcount" ("") "Number of parameters before `*`."
        => |vm, args| { let count = detail(vm, args)?.code.positional_count; Ok(vm.new_int(count.into())?) };
    member "co_posonlyargcount" ("") "Number of parameters before `/`."
        => |vm, args| { let count = detail(vm, args)?.code.positional_only_count; Ok(vm.new_int(count.into())?) };
    member "co_kwonlyargcount" ("") "Number of keyword-only parameters."
        => |vm, args| { let count = detail(vm, args)?.code.keyword_only_count; Ok(vm.new_int(count.into())?) };
    member "co_nlocals" ("") "Number of local variables."
        => |vm, args| { let count = detail(vm, args)?.code.local_names.len(); Ok(vm.new_int_from_usize(count)?) };
    member "co_flags" ("") "What kind of function it is, as bits." => flags;
    getter "co_varnames" ("") "Names of parameters and local variables." => variable_names;
    getter "co_freevars" ("") "Names of variables of outer functions." => |vm, args| { let detail = detail(vm, args)?; names(vm, &detail.code.free_names) };
    getter "co_cellvars" ("") "Names of variables that inner functions use." => cell_names;
    member "co_names" ("") "Names of globals and attributes." => |vm, args| { let detail = detail(vm, args)?; names(vm, &detail.code.names) };
    member "co_consts" ("") "Constants." => constants;
}

natives! {
    /// The methods of cells.
    pub(crate) CELL_METHODS:
    static "__new__" ("contents=None, /") "Create and return a new object." => new_cell;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    getter "cell_contents" ("") "What the cell holds." => cell_contents;
    setter "cell_contents" ("value, /") "What the cell holds." => set_cell_contents;
}

fn detail<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a CodeDetail> {
    let detail: &'a dyn std::any::Any = this_code(vm, args)?.detail();
    detail.downcast_ref().ok_or_else(|| wrong_receiver(vm, "code", args.at(0)))
}

fn names(vm: &mut Vm, names: &[Box<str>]) -> Outcome {
    let names = names.iter().map(|name| vm.intern(name)).collect::<Result<Vec<_>, _>>()?;
    Ok(vm.new_tuple(names)?)
}

/// Parameters and locals, without the names that the compiler made up.
fn variable_names(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let detail = detail(vm, args)?;
    let own: Vec<Box<str>> = detail.code.local_names.iter().filter(|name| !name.starts_with('.')).cloned().collect();
    names(vm, &own)
}

fn cell_names(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let detail = detail(vm, args)?;
    let cells = &detail.code.cell_locals;
    let own: Vec<Box<str>> =
        cells.iter().filter_map(|&cell| detail.code.local_names.get(usize::from(cell)).cloned()).collect();
    names(vm, &own)
}

fn flags(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let detail = detail(vm, args)?;
    let flags = detail.code.flags;
    let is_coroutine = flags.coroutine && !flags.generator;
    let bits = [
        (0x4, flags.star),
        (0x8, flags.double_star),
        (0x10, flags.nested),
        (0x20, flags.generator && !flags.coroutine),
        (0x80, is_coroutine),
        (0x100, detail.is_iterable_coroutine.get()),
        (0x200, flags.generator && flags.coroutine),
    ];
    // Optimised, and with a namespace of its own.
    let bits = bits.iter().filter(|(_, is_set)| *is_set).fold(0x3, |all, (bit, _)| all | bit);
    Ok(vm.new_int(bits)?)
}

fn constants(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let code = this_code(vm, args)?;
    let constants: Vec<Owned> = (0..).map_while(|index| code.constant(index)).map(Ref::to_owned).collect();
    let codes = (0..).map_while(|index| code.code(index)).map(Ref::to_owned);
    let all: Vec<Owned> = constants.into_iter().chain(codes).collect();
    Ok(vm.new_tuple(all)?)
}

fn new_cell(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(vm.new_cell(args.get(1).map_or_else(Owned::unbound, Ref::to_owned))?)
}

fn cell_contents(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(cell) = args.at(0).as_cell() else { return Err(wrong_receiver(vm, "cell", args.at(0))) };
    match cell.get() {
        Some(content) => Ok(content),
        None => Err(value_error(vm, "Cell is empty")),
    }
}

fn set_cell_contents(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(cell) = args.at(0).as_cell() else { return Err(wrong_receiver(vm, "cell", args.at(0))) };
    drop(cell.set(args.get(1).map_or_else(Owned::unbound, Ref::to_owned)));
    none()
}
