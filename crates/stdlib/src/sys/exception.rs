//! Exceptions and frames, as `sys` shows them.

use toy_code::Position;
use toy_object::{ExceptionSlot, Name, Owned, Ref};
use toy_vm::{Args, ClassName, FrameObject, Outcome, StepPlace, Vm};

use crate::argument::{integer, integer_or, new_text, type_error, value_error};

pub(super) fn exit(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.get(0).filter(|status| !status.is_none()) {
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
    let (exception, traceback) = (args.at(1), args.at(2));
    if !vm.is_exception_instance(exception) {
        let got = vm.type_name(exception);
        return Err(type_error(vm, format!("print_exception(): Exception expected for value, {got} found")));
    }
    if vm.is_instance_of(traceback, ClassName::Traceback)
        && vm.exception_slot(exception, ExceptionSlot::Traceback).is_none()
    {
        drop(vm.set_exception_slot(exception, ExceptionSlot::Traceback, traceback.to_owned()));
    }
    let text = vm.format_exception(exception);
    vm.write_stderr(&text);
    Ok(Owned::none())
}

/// What happens with an exception that nobody can catch, unless a script replaces it.
pub(super) fn unraisablehook(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(fields) = args.at(0).as_tuple().filter(|fields| fields.len() == UNRAISABLE_FIELDS.len()) else {
        return Err(type_error(vm, "sys.unraisablehook argument type must be UnraisableHookArgs"));
    };
    let fields: Vec<Ref<'_>> = fields.iter().collect();
    let [_, exception, _, message, object] = fields[..] else { return Ok(Owned::none()) };
    let message = if message.is_none() { None } else { Some(vm.str_text(message)?) };
    let text = vm.unraisable_text(exception, message.as_deref(), Some(object).filter(|object| !object.is_none()));
    vm.write_stderr(&text);
    Ok(Owned::none())
}

/// What `sys.unraisablehook` is called with.
pub(super) const UNRAISABLE_FIELDS: [&str; 5] = ["exc_type", "exc_value", "exc_traceback", "err_msg", "object"];

pub(super) fn displayhook(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if args.at(0).is_none() {
        return Ok(Owned::none());
    }
    let Some(stdout) = vm.sys_attribute("stdout").filter(|stdout| !stdout.get().is_none()) else {
        return Err(vm.raise(ClassName::RuntimeError, "lost sys.stdout"));
    };
    let text = vm.repr(args.at(0))?;
    let (write, end) = (vm.name(Name::Write).to_owned(), vm.new_str("\n")?);
    for text in [text, end] {
        vm.call_method(stdout.get(), write.get(), &[text.get()])?;
    }
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

/// What a frame's variables hold, and what was put beside them, as a new dict.
pub(super) fn frame_variables(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let variables = vm.new_dict()?;
    for (name, value) in vm.locals_of_frame(args.at(0)) {
        vm.dict_set(variables.get(), name.get(), value.get())?;
    }
    if let Some(extra) = frame(vm, args)?.extra.borrow().clone() {
        vm.dict_update(variables.get(), extra.get())?;
    }
    Ok(variables)
}

/// Gives a variable of a frame a value; what is no variable's name is put beside them.
pub(super) fn assign_variable(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let frame = frame(vm, args)?;
    let name = args.at(1).as_str().map(|name| name.to_string_lossy());
    if name.is_some_and(|name| vm.assign_local_of_frame(args.at(0), &name, args.at(2))) {
        return Ok(Owned::none());
    }
    let known = frame.extra.borrow().clone();
    let extra = match known {
        Some(extra) => extra,
        None => {
            let extra = vm.new_dict()?;
            drop(frame.extra.replace(Some(extra.clone())));
            extra
        }
    };
    vm.dict_set(extra.get(), args.at(1), args.at(2))?;
    Ok(Owned::none())
}

fn frame<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a FrameObject> {
    match args.at(0).payload::<FrameObject>(vm.heap()) {
        Some(frame) => Ok(frame),
        None => Err(type_error(vm, "a frame is required")),
    }
}

/// Line, last line, column and last column (in bytes) of what ran at a step of a traceback; None if only the line is known.
pub(super) fn traceback_position(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(position) = vm.traceback_position(args.at(0)) else { return Ok(Owned::none()) };
    let parts = [position.line, position.end_line, position.column, position.end_column];
    let mut numbers = Vec::new();
    for part in parts {
        numbers.push(vm.new_int(part.into())?);
    }
    Ok(vm.new_tuple(numbers)?)
}

/// The lines that are shown for one step: file, line, function, the other three numbers of its position or None, its text or
/// None.
pub(super) fn formatted_step(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let number = |vm: &mut Vm, place: usize| -> Outcome<Option<u32>> {
        match args.get(place).filter(|value| !value.is_none()) {
            Some(value) => Ok(u32::try_from(integer(vm, value)?).ok()),
            None => Ok(None),
        }
    };
    let line = number(vm, 1)?.unwrap_or(0);
    let parts = (number(vm, 3)?, number(vm, 4)?, number(vm, 5)?);
    let position = match parts {
        (Some(end_line), Some(column), Some(end_column)) => Some(Position { line, end_line, column, end_column }),
        _ => None,
    };
    let text = match args.get(6).filter(|text| !text.is_none()) {
        Some(text) => Some(crate::argument::text(vm, text, "line")?.into_owned()),
        None => None,
    };
    let (file, function) = (vm.str_text(args.at(0))?, vm.str_text(args.at(2))?);
    let step = vm.format_step(&StepPlace { file, function, line, position, text });
    new_text(vm, step)
}
