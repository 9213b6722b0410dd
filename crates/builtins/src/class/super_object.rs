//! `super`.

use toy_object::Owned;
use toy_vm::{Args, ClassName, Outcome, Super, Vm, natives};

use crate::support::{class_argument, instance_of, is_class, none, present, runtime_error, wrong_receiver};

natives! {
    /// The methods of super.
    pub(crate) SUPER_METHODS:
    static "__new__" ("type=None, object=None, /") "Create and return a new object." => new;
    method "__init__" ("type=None, object=None, /") "Initialize self." => init;
    method "__get__" ("instance, owner=None, /") "What it gives as an attribute of instance." => get;
    method "__repr__" ("") "The text that repr shows." => repr;
    member "__thisclass__" ("") "The class whose successors are asked." => |vm, args| Ok(this(vm, args)?.class.get_or_none());
    member "__self__" ("") "What it is bound to." => |vm, args| Ok(this(vm, args)?.object.get_or_none());
    member "__self_class__" ("") "The class of what it is bound to."
        => |vm, args| Ok(this(vm, args)?.object_class.get_or_none());
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Super> {
    match args.at(0).payload::<Super>(vm.heap()) {
        Some(view) => Ok(view),
        None => Err(wrong_receiver(vm, "super", args.at(0))),
    }
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::Super)?;
    if is_class(vm, class, ClassName::Super) {
        return found(vm, args);
    }
    let empty = vm.new_empty_super()?;
    instance_of(vm, class, ClassName::Super, empty)
}

/// `super` itself is complete when it is made; subclasses choose what they pass on to here.
fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = vm.class_of(args.at(0)).to_owned();
    if !is_class(vm, class.get(), ClassName::Super) {
        let complete = found(vm, args)?;
        if let Some(complete) = complete.get().payload::<Super>(vm.heap()) {
            this(vm, args)?.become_like(complete);
        }
    }
    none()
}

/// What the arguments behind the first mean.
fn found(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.get(1) {
        None => {
            let (class, object) = from_caller(vm)?;
            vm.new_super(class.get(), Some(object.get()))
        }
        Some(class) => vm.new_super(class, present(args.get(2))),
    }
}

/// What `super()` means in the function that calls it: the class that defines it, and its first argument.
fn from_caller(vm: &mut Vm) -> Outcome<(Owned, Owned)> {
    let object = match vm.caller_first_argument() {
        Some(Some(object)) => object,
        Some(None) => return Err(runtime_error(vm, "super(): arg[0] deleted")),
        None => return Err(runtime_error(vm, "super(): no arguments")),
    };
    match vm.caller_class_cell() {
        Some(Some(class)) => Ok((class, object)),
        Some(None) => Err(runtime_error(vm, "super(): empty __class__ cell")),
        None => Err(runtime_error(vm, "super(): __class__ cell not found")),
    }
}

fn get(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let view = this(vm, args)?;
    let Some(instance) = present(args.get(1)).filter(|_| view.object.get().is_none()) else {
        return Ok(args.at(0).to_owned());
    };
    let class = view.class.get_or_none();
    let own = vm.class_of(args.at(0)).to_owned();
    if is_class(vm, own.get(), ClassName::Super) {
        return vm.new_super(class.get(), Some(instance));
    }
    vm.call(own.get(), &[class.get(), instance])
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let view = this(vm, args)?;
    let name_of = |class: &Owned| class.get().as_class(vm.heap()).map_or_else(String::new, |class| class.name_text());
    let class = name_of(&view.class.get_or_none());
    let text = match view.object_class.get() {
        Some(object_class) => format!("<super: <class '{class}'>, <{} object>>", name_of(&object_class)),
        None => format!("<super: <class '{class}'>, NULL>"),
    };
    Ok(vm.new_str(&text)?)
}
