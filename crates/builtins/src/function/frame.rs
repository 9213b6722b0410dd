//! Frames and tracebacks.

use toy_object::{Owned, Ref};
use toy_vm::{Args, CodeDetail, FrameObject, Outcome, Place, Traceback, Vm, natives};

use crate::support::{none, type_error, value_error, wrong_receiver};

natives! {
    /// The attributes of frames.
    pub(crate) FRAME_ATTRIBUTES:
    method "__repr__" ("") "Return repr(self)." => repr;
    method "clear" ("") "clear(): clear most references held by the frame" => |vm, args| {
        this_frame(vm, args)?;
        vm.clear_frame(args.at(0))?;
        none()
    };
    getter "f_back" ("") "The frame that called." => |vm, args| {
        this_frame(vm, args)?;
        Ok(vm.caller_of_frame(args.at(0))?.unwrap_or_else(Owned::none))
    };
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
    static "__new__" ("tb_next, tb_frame, tb_lasti, tb_lineno") "Create a new traceback object." => new_traceback;
    member "tb_frame" ("") "The frame." => |vm, args| Ok(this_traceback(vm, args)?.frame.clone());
    getter "tb_next" ("") "The next step inwards." => |vm, args| Ok(this_traceback(vm, args)?.next.borrow().clone().unwrap_or_else(Owned::none));
    setter "tb_next" ("value, /") "The next step inwards." => set_next;
    getter "tb_lineno" ("") "The line." => |vm, args| { let line = this_traceback(vm, args)?.line; Ok(vm.new_int(line.into())?) };
    member "tb_lasti" ("") "The word of the instruction." => |vm, args| { let last = this_traceback(vm, args)?.last; Ok(vm.new_int(last.into())?) };
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

/// Of a module or class body its namespace, of others a mapping that reads and writes their variables.
fn locals(vm: &mut Vm, args: Args<'_>) -> Outcome {
    this_frame(vm, args)?;
    if let Some(namespace) = vm.namespace_of_frame(args.at(0)) {
        return Ok(namespace);
    }
    let (module, name) = (vm.import_module("_frame_locals")?, vm.intern("FrameLocalsProxy")?);
    let class = vm.get_attribute(module.get(), name.get())?;
    vm.call(class.get(), &[args.at(0)])
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let function = this_frame(vm, args)?.function.clone();
    let place = vm.describe_place(&Place { function: function.clone(), last: vm.last_of_frame(args.at(0)) });
    let name = function.get().as_function().map(|function| function.code());
    let name = name.and_then(|code| {
        let detail: &dyn std::any::Any = code.get().as_code()?.detail();
        Some(detail.downcast_ref::<CodeDetail>()?.code.name.to_string())
    });
    let file = vm.new_str(&place.file)?;
    let (file, name) = (vm.repr_text(file.get())?, name.unwrap_or_default());
    let identity = vm.identity(args.at(0));
    Ok(vm.new_str(&format!("<frame at {identity:#x}, file {file}, line {}, code {name}>", place.line))?)
}

fn new_traceback(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (next, frame) = (args.at(1), args.at(2));
    if !next.is_none() && next.payload::<Traceback>(vm.heap()).is_none() {
        let got = vm.type_name(next);
        return Err(type_error(vm, format!("expected traceback object or None, got '{got}'")));
    }
    if frame.payload::<FrameObject>(vm.heap()).is_none() {
        let got = vm.type_name(frame);
        return Err(type_error(vm, format!("traceback() argument 'tb_frame' must be frame, not {got}")));
    }
    let number = |vm: &mut Vm, place: usize| -> Outcome<u32> {
        let number = vm.index_i64(args.at(place))?;
        Ok(u32::try_from(number).unwrap_or(0))
    };
    let (last, line) = (number(vm, 3)?, number(vm, 4)?);
    vm.new_traceback(Some(next).filter(|next| !next.is_none()).map(Ref::to_owned), frame.to_owned(), last, line)
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
    let Some(next) = args.get(1) else { return Err(type_error(vm, "can't delete tb_next attribute")) };
    let next = Some(next).filter(|next| !next.is_none());
    if let Some(next) = next
        && next.payload::<Traceback>(vm.heap()).is_none()
    {
        let got = vm.type_name(next);
        return Err(type_error(vm, format!("expected traceback object, got '{got}'")));
    }
    let mut step = next.map(Ref::to_owned);
    while let Some(current) = step {
        if current.get().is(args.at(0)) {
            return Err(value_error(vm, "traceback loop detected"));
        }
        step = current.get().payload::<Traceback>(vm.heap()).and_then(|current| current.next.borrow().clone());
    }
    drop(traceback.next.replace(next.map(Ref::to_owned)));
    none()
}
