//! `_dis`: the instructions of code objects as values. `dis` is built on it; the text is that of `toy dis`.

use std::any::Any;

use toy_code::{CodeObject, Listing, Op};
use toy_object::{Owned, Ref};
use toy_vm::{Args, CodeDetail, Outcome, Vm, natives};

use crate::argument::type_error;
use crate::module::NewModule;

natives! {
    /// The functions of `_dis`.
    FUNCTIONS:
    function "instructions" ("code, /") "Tuples of place, length, number, name, operands, label, jump target and position." => instructions;
    function "ranges" ("code, /") "Tuples of the labels of a protected range, its ends and its handler, and what is dropped." => ranges;
    function "registers" ("code, /") "How many registers a call needs." => |vm, args| {
        let registers = plain(vm, args.at(0))?.register_count;
        Ok(vm.new_int(registers.into())?)
    };
    function "table" ("") "The names of all instructions, what they do, and what their three operands are." => table;
}

/// Makes the module.
pub(crate) fn make(vm: &mut Vm) -> Outcome {
    NewModule::new(vm, "_dis", "The instructions of code objects.", FUNCTIONS)?.finish()
}

/// The plain form of a code object, instructions included. Of inner ones only the names are there.
fn plain(vm: &mut Vm, code: Ref<'_>) -> Outcome<CodeObject> {
    let Some(view) = code.as_code() else {
        let got = vm.type_name(code);
        return Err(type_error(vm, format!("don't know how to disassemble {got} objects")));
    };
    let detail: &dyn Any = view.detail();
    let detail: &CodeDetail = detail.downcast_ref().expect("linked by the machine");
    let mut plain = CodeObject::clone(&detail.code);
    plain.words = view.object().words().iter().map(std::cell::Cell::get).collect();
    for index in 0.. {
        let Some(inner) = view.code(index).and_then(Ref::as_code) else { break };
        let detail: &dyn Any = inner.detail();
        plain.codes.extend(detail.downcast_ref::<CodeDetail>().map(|detail| CodeObject::clone(&detail.code)));
    }
    Ok(plain)
}

fn number_or_none(vm: &mut Vm, number: Option<usize>) -> Outcome {
    match number {
        Some(number) => Ok(vm.new_int_from_usize(number)?),
        None => Ok(Owned::none()),
    }
}

fn instructions(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let code = plain(vm, args.at(0))?;
    let mut rows = Vec::new();
    for instruction in Listing::new(&code).instructions() {
        let position = match instruction.position {
            None => Owned::none(),
            Some(position) => {
                let numbers = [position.line, position.end_line, position.column, position.end_column];
                let numbers = numbers.map(|number| vm.new_int(number.into()));
                let numbers: Result<Vec<Owned>, _> = numbers.into_iter().collect();
                vm.new_tuple(numbers?)?
            }
        };
        let row = [
            vm.new_int_from_usize(instruction.word)?,
            vm.new_int_from_usize(instruction.length)?,
            vm.new_int(i64::from(instruction.op as u8))?,
            vm.new_str(&instruction.mnemonic)?,
            vm.new_str(&instruction.operands)?,
            number_or_none(vm, instruction.label)?,
            number_or_none(vm, instruction.jump_target)?,
            position,
        ];
        rows.push(vm.new_tuple(row)?);
    }
    Ok(vm.new_list(rows)?)
}

fn ranges(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let code = plain(vm, args.at(0))?;
    let listing = Listing::new(&code);
    let mut rows = Vec::new();
    for range in &code.exception_ranges {
        let mut row = Vec::with_capacity(4);
        for word in [range.start, range.end, range.handler] {
            row.push(vm.new_str(&listing.label(word as usize))?);
        }
        row.push(vm.new_str(&listing.register(range.first_dead.into()))?);
        rows.push(vm.new_tuple(row)?);
    }
    Ok(vm.new_list(rows)?)
}

fn table(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let mut rows = Vec::new();
    for number in 0..=u8::MAX {
        let Some(op) = Op::from_byte(number) else { break };
        let info = op.info();
        let mut operands = Vec::new();
        for kind in [info.a, info.b, info.c] {
            operands.push(vm.new_str(&format!("{kind:?}"))?);
        }
        let row = [vm.new_str(info.name)?, vm.new_str(info.doc)?, vm.new_tuple(operands)?];
        rows.push(vm.new_tuple(row)?);
    }
    Ok(vm.new_list(rows)?)
}
