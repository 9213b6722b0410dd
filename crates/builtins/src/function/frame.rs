//! Frames and tracebacks.

use toy_object::{Owned, Ref};
use toy_vm::{Args, FrameObject, Outcome, Traceback, Vm, natives};

use crate::support::{none, type_error, wrong_receiver};

natives! {
    /// The attributes of frames.
    pub(crate) FRAME_ATTRIBUTES:
    getter "f_back" ("") "The frame that called." => |vm, args| Ok(this_frame(vm, args)?.back.borrow().clone().unwrap_or_else(Owned::none));
    getter "f_code" ("") "What runs." => |vm, args| {
        let function = this_frame(vm, args)?.function.clone();
        Ok(function.get().as_function().map_or_else(Owned::none, |function| function.code()))
    };
    getter "f_globals" ("") "The namespace of the module." => |vm, args| {
        let function = this_frame(vm, args)?.function.clone();
        Ok(function.get().as_function().map_or_else(Owned::none, |function| function.globals().to_owned()))
    };
    getter "f_builtins" ("") "The builtins." => |vm, args| { this_frame(vm, args)?; Ok(vm.machine().builtins().to_owned()) };
    getter "f_locals" ("") "The local variables." => locals;
    getter "f_lineno" ("") "The line that runs." => line;
    getter "f_lasti" ("") "The word of the instruction that runs." => |vm, args| { this_frame(vm, args)?; let last = vm.last_of_frame(args.at(0)); Ok(vm.new_int(last.into())?) };
}

natives! {
    /// The attributes of tracebacks.
    pub(crate) TRACEBACK_ATTRIBUTES:
    getter "tb_frame" ("") "The frame." => |vm, args| Ok(this_traceback(vm, args)?.frame.clone());
    getter "tb_next" ("") "The next step inwards." => |vm, args| Ok(this_traceback(vm, args)?.next.borrow().clone().unwrap_or_else(Owned::none));
    setter "tb_next" ("value, /") "The next step inwards." => set_next;
    getter "tb_lineno" ("") "The line." => |vm, args| { let line = this_traceback(vm, args)?.line; Ok(vm.new_int(line.into())?) };
    getter "tb_lasti" ("") "The word of the instruction." => |vm, args| { let last = this_traceback(vm, args)?.last; Ok(vm.new_int(last.into())?) };
}

fn this_frame<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a FrameObject> {
    match args.at(0).payload::<FrameObject>(vm.heap()) {
        Some(frame) => Ok(frame),
        None => Err(wrong_receiver(vm, "frame", args.at(0))),
    }
}

fn this_traceback<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Traceback> {
    match args.at(0).payload::<Traceback>(vm.heap()) {
        Some(traceback) => Ok(traceback),
        None => Err(wrong_receiver(vm, "traceback", args.at(0))),
    }
}

/// Of a module's frame its namespace, of others what their variables hold, or held when they were left.
fn locals(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let frame = this_frame(vm, args)?;
    if vm.is_module_frame(args.at(0)) {
        let function = frame.function.clone();
        return Ok(function.get().as_function().map_or_else(Owned::none, |function| function.globals().to_owned()));
    }
    let locals = vm.new_dict()?;
    for (name, value) in vm.locals_of_frame(args.at(0)) {
        vm.dict_set(locals.get(), name.get(), value.get())?;
    }
    Ok(locals)
}

fn line(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let frame = this_frame(vm, args)?;
    match vm.position_of(frame.function.get(), vm.last_of_frame(args.at(0))) {
        Some(position) => Ok(vm.new_int(position.line.into())?),
        None => none(),
    }
}

fn set_next(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let traceback = this_traceback(vm, args)?;
    let next: Option<Ref<'_>> = args.get(1).filter(|next| !next.is_none());
    if let Some(next) = next
        && next.payload::<Traceback>(vm.heap()).is_none()
    {
        let got = vm.type_name(next);
        return Err(type_error(vm, format!("expected traceback object or None, got '{got}'")));
    }
    drop(traceback.next.replace(next.map(Ref::to_owned)));
    none()
}
