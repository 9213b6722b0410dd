//! Exceptions and frames, as `sys` shows them.

use toy_object::{ExceptionSlot, Name, Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

use crate::argument::{integer, integer_or, new_text, type_error, value_error};
use crate::module::{call_method, find};

pub(super) fn exit(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.get(0) {
        None => Err(vm.raise_without_arguments(ClassName::SystemExit)),
        // A tuple is the exception's arguments.
        Some(status) => match status.as_tuple() {
            Some(arguments) => {
                let arguments: Vec<Ref<'_>> = arguments.iter().collect();
                Err(vm.raise_with(ClassName::SystemExit, &arguments))
            }
            None => Err(vm.raise_with(ClassName::SystemExit, &[status])),
        },
    }
}

pub(super) fn exception(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    Ok(vm.handled_exception().unwrap_or_else(Owned::none))
}

pub(super) fn exc_info(vm: &mut Vm, _args: Args<'_>) -> Outcome {
    let parts = match vm.handled_exception() {
        None => [Owned::none(), Owned::none(), Owned::none()],
        Some(exception) => {
            let class = vm.class_of(exception.get()).to_owned();
            let traceback = vm.exception_slot(exception.get(), ExceptionSlot::Traceback).unwrap_or_else(Owned::none);
            [class, exception, traceback]
        }
    };
    Ok(vm.new_tuple(parts)?)
}

pub(super) fn excepthook(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = args.at(1);
    if !vm.is_exception_instance(exception) {
        let got = vm.type_name(exception);
        return Err(type_error(vm, format!("print_exception(): Exception expected for value, {got} found")));
    }
    let text = vm.format_exception(exception);
    write_error(vm, &text)?;
    Ok(Owned::none())
}

/// Writes to whatever `sys.stderr` is now.
pub(crate) fn write_error(vm: &mut Vm, text: &str) -> Outcome<()> {
    let sys = crate::module::imported(vm, "sys")?;
    let stderr = match &sys {
        Some(sys) => find(vm, sys.get(), "stderr")?,
        None => None,
    };
    match stderr {
        Some(stderr) if !stderr.get().is_none() => {
            let text = vm.new_str(text)?;
            call_method(vm, stderr.get(), "write", &[text.get()])?;
        }
        Some(_) => {}
        None => vm.write_err(text.as_bytes()),
    }
    Ok(())
}

pub(super) fn displayhook(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if args.at(0).is_none() {
        return Ok(Owned::none());
    }
    let text = vm.repr_text(args.at(0))?;
    vm.write_out(text.as_bytes())?;
    vm.write_out(b"\n")?;
    let name = vm.name(Name::Underscore).to_owned();
    let builtins = vm.machine().builtins().to_owned();
    vm.dict_set(builtins.get(), name.get(), args.at(0))?;
    Ok(Owned::none())
}

pub(super) fn get_frame(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let depth = integer_or(vm, args.get(0), 0)?;
    let depth = usize::try_from(depth).unwrap_or(0);
    match vm.frame_at(depth)? {
        Some(frame) => Ok(frame),
        None => Err(value_error(vm, "call stack is not deep enough")),
    }
}

pub(super) fn frame_module_name(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let depth = integer_or(vm, args.get(0), 0)?;
    let Some(frame) = vm.frame_at(usize::try_from(depth).unwrap_or(0))? else { return Ok(Owned::none()) };
    let frame = frame.get().payload::<toy_vm::FrameObject>(vm.heap()).expect("a frame");
    let function = frame.function.clone();
    let globals = function.get().as_function().map(|function| function.globals().to_owned());
    let Some(globals) = globals else { return Ok(Owned::none()) };
    let name = vm.name(Name::Name).to_owned();
    Ok(vm.dict_get(globals.get(), name.get())?.unwrap_or_else(Owned::none))
}

pub(super) fn source_line(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let file = crate::argument::text(vm, args.at(0), "file")?;
    let line = integer(vm, args.at(1))?;
    let loader = vm.machine().loader();
    let text = u32::try_from(line).ok().and_then(|line| {
        crate::frozen_line(&file, line).or_else(|| loader.and_then(|loader| loader.line(&file, line)))
    });
    match text {
        Some(text) => new_text(vm, text),
        None => Ok(Owned::none()),
    }
}

/// The text of an exception with its traceback, as an object.
pub(super) fn formatted(vm: &mut Vm, exception: Ref<'_>) -> Outcome {
    let text = vm.format_exception(exception);
    new_text(vm, text)
}
