//! `BaseException`, and the small classes.

use toy_object::{ExceptionSlot, Name, Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use super::field::{arguments, items, set_keyword_fields, this_exception};
use crate::support::{none, type_error};

natives! {
    /// The methods of BaseException.
    pub(super) BASE_EXCEPTION_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new;
    method "__init__" ("*args, **kwargs") "Initialize self." => init;
    method "__repr__" ("") "The text that repr shows." => repr;
    method "__str__" ("") "The text that str gives." => str;
    method "with_traceback" ("tb, /") "Set self.__traceback__ to tb and return self." => with_traceback;
    method "add_note" ("note, /") "Add a note to the exception" => add_note;
    method "__reduce__" ("") "What copy and pickle make a new one of." => super::reduce::exception;
    method "__setstate__" ("state, /") "Set attributes from a dict." => set_state;
}

natives! {
    /// What calls of BaseException run, and of classes that inherit both of its constructors.
    pub(super) BASE_EXCEPTION_MAKER:
    static "__new__" ("*args") "Create and return a new object." => new;
}

natives! {
    /// The attributes of BaseException.
    pub(super) BASE_EXCEPTION_ATTRIBUTES:
    getter "args" ("") "The arguments that it was made with." => |vm, args| arguments(vm, args.at(0));
    setter "args" ("value, /") "The arguments that it was made with." => set_args;
    getter "__traceback__" ("") "Where it came by." => |vm, args| slot(vm, args, ExceptionSlot::Traceback);
    setter "__traceback__" ("value, /") "Where it came by." => set_traceback;
    getter "__context__" ("") "What was being handled when it was raised." => |vm, args| slot(vm, args, ExceptionSlot::Context);
    setter "__context__" ("value, /") "What was being handled when it was raised."
        => |vm, args| set_linked(vm, args, ExceptionSlot::Context, "exception context must be None or derive from BaseException");
    getter "__cause__" ("") "What it was raised from." => |vm, args| slot(vm, args, ExceptionSlot::Cause);
    setter "__cause__" ("value, /") "What it was raised from." => set_cause;
    member "__suppress_context__" ("") "Whether the context is shown." => suppress_context;
    setter "__suppress_context__" ("value, /") "Whether the context is shown." => set_suppress_context;
}

natives! {
    /// KeyError shows its key as it is written.
    pub(super) KEY_ERROR_METHODS:
    method "__str__" ("") "The text that str gives." => key_error_str;
}

natives! {
    /// StopIteration carries what a generator returned.
    pub(super) STOP_ITERATION_METHODS:
    method "__init__" ("*args, **kwargs") "Initialize self." => |vm, args| init_with_detail(vm, args, false);
    member "value" ("") "What a generator returned." => |vm, args| slot(vm, args, ExceptionSlot::Detail);
    setter "value" ("value, /") "What a generator returned." => set_detail;
}

natives! {
    /// SystemExit carries the exit code.
    pub(super) SYSTEM_EXIT_METHODS:
    method "__init__" ("*args, **kwargs") "Initialize self." => |vm, args| init_with_detail(vm, args, true);
    member "code" ("") "The status to exit with." => |vm, args| slot(vm, args, ExceptionSlot::Detail);
    setter "code" ("value, /") "The status to exit with." => set_detail;
}

/// A new instance of an exception class with its `args`.
pub(super) fn new_instance(vm: &mut Vm, class: Ref<'_>, arguments: Ref<'_>) -> Outcome {
    let view = class.as_class(vm.heap()).filter(|class| class.flags().is_exception);
    let Some(shape) = view.and_then(|class| class.root_shape()) else {
        return Err(type_error(vm, "exceptions must derive from BaseException"));
    };
    let exception = vm.new_instance(shape)?;
    drop(vm.set_exception_slot(exception.get(), ExceptionSlot::Args, arguments.to_owned()));
    Ok(exception)
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let home = vm.class(ClassName::BaseException);
    vm.check_made_by(args.at(0), home.get())?;
    new_instance(vm, args.at(0), args.at(1))
}

/// Sets `args`; what all `__init__` begin with.
pub(super) fn init_arguments(vm: &mut Vm, args: Args<'_>) -> Outcome<()> {
    let exception = this_exception(vm, args)?;
    drop(vm.set_exception_slot(exception, ExceptionSlot::Args, args.at(1).to_owned()));
    Ok(())
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    init_arguments(vm, args)?;
    let class = vm.class_name_of(args.at(0));
    set_keyword_fields(vm, args.at(0), args.get(2), &class, &[])?;
    none()
}

/// The first argument (`all_of_many`: or all of several) is what the exception carries.
fn init_with_detail(vm: &mut Vm, args: Args<'_>, all_of_many: bool) -> Outcome {
    init(vm, args)?;
    let detail = match args.at(1).as_tuple() {
        Some(arguments) if arguments.len() > 1 && all_of_many => args.at(1).to_owned(),
        Some(arguments) => arguments.get(0).map_or_else(Owned::none, Ref::to_owned),
        None => Owned::none(),
    };
    drop(vm.set_exception_slot(args.at(0), ExceptionSlot::Detail, detail));
    none()
}

fn repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = this_exception(vm, args)?;
    let class = vm.class_name_of(exception);
    let arguments = arguments(vm, args.at(0))?;
    let text = match items(&arguments)[..] {
        [argument] => format!("{class}({})", vm.repr_text(argument)?),
        _ => format!("{class}{}", vm.repr_text(arguments.get())?),
    };
    Ok(vm.new_str(&text)?)
}

/// The only argument, or all of them as a tuple.
pub(super) fn str(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = this_exception(vm, args)?;
    let arguments = arguments(vm, exception)?;
    match items(&arguments)[..] {
        [] => Ok(vm.empty_str()),
        [argument] => vm.str(argument),
        _ => vm.str(arguments.get()),
    }
}

fn key_error_str(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = this_exception(vm, args)?;
    let arguments = arguments(vm, exception)?;
    match items(&arguments)[..] {
        [key] => vm.repr(key),
        _ => str(vm, args),
    }
}

fn slot(vm: &mut Vm, args: Args<'_>, slot: ExceptionSlot) -> Outcome {
    Ok(vm.exception_slot(args.at(0), slot).unwrap_or_else(Owned::none))
}

/// The value of a setter; deleting is refused.
fn assigned<'a>(vm: &mut Vm, args: Args<'a>, name: &str) -> Outcome<Ref<'a>> {
    match args.get(1) {
        Some(value) => Ok(value),
        None => Err(type_error(vm, format!("{name} may not be deleted"))),
    }
}

fn set_args(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let value = assigned(vm, args, "args")?;
    let items = vm.collect(value)?;
    let tuple = vm.new_tuple(items)?;
    drop(vm.set_exception_slot(args.at(0), ExceptionSlot::Args, tuple));
    none()
}

fn checked_traceback(vm: &mut Vm, exception: Ref<'_>, traceback: Ref<'_>) -> Outcome<()> {
    if !traceback.is_none() && !vm.is_instance_of(traceback, toy_vm::ClassName::Traceback) {
        return Err(type_error(vm, "__traceback__ must be a traceback or None"));
    }
    drop(vm.set_exception_slot(exception, ExceptionSlot::Traceback, traceback.to_owned()));
    Ok(())
}

fn set_traceback(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let traceback = assigned(vm, args, "__traceback__")?;
    checked_traceback(vm, args.at(0), traceback)?;
    none()
}

fn with_traceback(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = this_exception(vm, args)?;
    checked_traceback(vm, exception, args.at(1))?;
    Ok(exception.to_owned())
}

fn set_linked(vm: &mut Vm, args: Args<'_>, slot: ExceptionSlot, complaint: &str) -> Outcome {
    let name = if slot == ExceptionSlot::Cause { "__cause__" } else { "__context__" };
    let value = assigned(vm, args, name)?;
    if !value.is_none() && !vm.is_exception_instance(value) {
        return Err(type_error(vm, complaint));
    }
    drop(vm.set_exception_slot(args.at(0), slot, value.to_owned()));
    none()
}

fn set_cause(vm: &mut Vm, args: Args<'_>) -> Outcome {
    set_linked(vm, args, ExceptionSlot::Cause, "exception cause must be None or derive from BaseException")?;
    drop(vm.set_exception_slot(args.at(0), ExceptionSlot::SuppressContext, Owned::bool(true)));
    none()
}

fn suppress_context(vm: &mut Vm, args: Args<'_>) -> Outcome {
    Ok(vm.exception_slot(args.at(0), ExceptionSlot::SuppressContext).unwrap_or_else(|| Owned::bool(false)))
}

fn set_suppress_context(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.get(1).and_then(|value| value.value().as_bool()) {
        Some(truth) => drop(vm.set_exception_slot(args.at(0), ExceptionSlot::SuppressContext, Owned::bool(truth))),
        None if args.get(1).is_none() => return Err(type_error(vm, "can't delete numeric/char attribute")),
        None => return Err(type_error(vm, "attribute value type must be bool")),
    }
    none()
}

fn set_detail(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let value = args.get(1).map_or_else(Owned::none, Ref::to_owned);
    drop(vm.set_exception_slot(args.at(0), ExceptionSlot::Detail, value));
    none()
}

fn add_note(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = this_exception(vm, args)?;
    if args.at(1).as_str().is_none() {
        let got = vm.type_name(args.at(1));
        return Err(type_error(vm, format!("note must be a str, not '{got}'")));
    }
    let name = vm.heap().name(Name::Notes);
    let notes = match vm.find_attribute(exception, name)? {
        Some(notes) => notes,
        None => {
            let notes = vm.new_list(Vec::new())?;
            vm.set_attribute(exception, name, notes.get())?;
            notes
        }
    };
    match notes.get().as_list() {
        Some(list) => list.push(vm.heap(), args.at(1).to_owned())?,
        None => return Err(type_error(vm, "Cannot add note: __notes__ is not a list")),
    }
    none()
}

fn set_state(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let exception = this_exception(vm, args)?;
    let Some(state) = args.at(1).as_dict() else {
        return if args.at(1).is_none() { none() } else { Err(type_error(vm, "state is not a dictionary")) };
    };
    let mut position = 0;
    while let Some((index, key, value)) = state.entry_from(position) {
        position = index + 1;
        vm.set_attribute(exception, key.get(), value.get())?;
    }
    none()
}
