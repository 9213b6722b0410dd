//! `BaseExceptionGroup` and `ExceptionGroup`. The hidden detail of a group is a pair: message and tuple of exceptions.

use toy_object::{ExceptionSlot, Name, Owned, Ref};
use toy_vm::{Args, ClassLayout, ClassName, ClassSpec, Outcome, Parts, Vm, natives};

use super::base::{init_arguments, new_instance};
use super::field::{items, this_exception};
use crate::support::{argument_type_name, is_class, none, type_error, value_error};

natives! {
    /// The methods of exception groups.
    pub(super) GROUP_METHODS:
    static "__new__" ("*args") "Create and return a new object." => new;
    method "__init__" ("*args") "Initialize self." => init;
    method "__str__" ("") "The text that str gives." => str;
    class "__class_getitem__" ("item, /") "The class with parameters in brackets." => crate::support::protocol::class_get_item;
    method "derive" ("excs, /") "A group of other exceptions with the same message." => derive;
    method "split" ("matcher_value, /") "The part whose exceptions match, and the rest." => split;
    method "subgroup" ("matcher_value, /") "The part whose exceptions match." => subgroup;
    member "message" ("") "What the group is about." => |vm, args| part(vm, args, 0);
    member "exceptions" ("") "The exceptions in the group." => |vm, args| part(vm, args, 1);
}

/// The name under which the machine keeps the class.
const EXCEPTION_GROUP: &str = "ExceptionGroup";

/// Defines `ExceptionGroup`, which has two bases.
pub(super) fn define(vm: &mut Vm, builtins: Ref<'_>) -> Outcome<()> {
    let (group, exception) = (vm.class(ClassName::BaseExceptionGroup), vm.class(ClassName::Exception));
    let bases = [group.get(), exception.get()];
    let class = vm.define_class(ClassSpec {
        name: EXCEPTION_GROUP,
        module: "builtins",
        bases: &bases,
        rows: &[],
        layout: ClassLayout::Exception,
    })?;
    let name = vm.intern(EXCEPTION_GROUP)?;
    vm.dict_set(builtins, name.get(), class.get())?;
    vm.machine().set_extra(EXCEPTION_GROUP, class);
    Ok(())
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let home = vm.class(ClassName::BaseExceptionGroup);
    vm.check_made_by(args.at(0), home.get())?;
    let arguments = args.at(1).to_owned();
    let [message, sequence] = items(&arguments)[..] else {
        let got = items(&arguments).len();
        return Err(type_error(vm, format!("BaseExceptionGroup.__new__() takes exactly 2 arguments ({got} given)")));
    };
    if message.as_str().is_none() {
        let got = argument_type_name(vm, message);
        return Err(type_error(vm, format!("BaseExceptionGroup.__new__() argument 1 must be str, not {got}")));
    }
    if sequence.as_set().is_some()
        || sequence.as_dict().is_some()
        || vm.lookup_special(sequence, Name::GetItem).is_none()
    {
        return Err(type_error(vm, "second argument (exceptions) must be a sequence"));
    }
    let exceptions = vm.collect(sequence)?;
    if exceptions.is_empty() {
        return Err(value_error(vm, "second argument (exceptions) must be a non-empty sequence"));
    }
    for (index, exception) in exceptions.iter().enumerate() {
        if !vm.is_exception_instance(exception.get()) {
            return Err(value_error(vm, format!("Item {index} of second argument (exceptions) is not an exception")));
        }
    }
    let class = group_class(vm, args.at(0), &exceptions)?;
    let group = new_instance(vm, class.get(), args.at(1))?;
    let exceptions = vm.new_tuple(exceptions)?;
    let detail = vm.new_tuple([message.to_owned(), exceptions])?;
    drop(vm.set_exception_slot(group.get(), ExceptionSlot::Detail, detail));
    Ok(group)
}

/// `args` is what the constructor was called with, whatever a subclass gave to `__new__`.
fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    init_arguments(vm, args)?;
    none()
}

fn class_name(vm: &Vm, class: Ref<'_>) -> String {
    class.as_class(vm.heap()).map_or_else(String::new, |class| class.name_text())
}

/// The class of a new group: a `BaseExceptionGroup` that holds nothing but exceptions of `Exception` is an
/// `ExceptionGroup`, which must not hold others.
fn group_class(vm: &mut Vm, class: Ref<'_>, exceptions: &[Owned]) -> Outcome {
    let ordinary = exceptions.iter().all(|exception| vm.is_instance_of(exception.get(), ClassName::Exception));
    let group = vm.machine().extra(EXCEPTION_GROUP).unwrap_or_else(Owned::none);
    if ordinary {
        let is_base = is_class(vm, class, ClassName::BaseExceptionGroup);
        return Ok(if is_base { group } else { class.to_owned() });
    }
    if class.is(group.get()) {
        return Err(type_error(vm, "Cannot nest BaseExceptions in an ExceptionGroup"));
    }
    let exception = vm.class(ClassName::Exception);
    if class.as_class(vm.heap()).is_some_and(|class| class.is_subclass_of(exception.get())) {
        let name = class_name(vm, class);
        return Err(type_error(vm, format!("Cannot nest BaseExceptions in '{name}'")));
    }
    Ok(class.to_owned())
}

/// Message (0) or exceptions (1) of a group.
fn detail(vm: &Vm, group: Ref<'_>, index: usize) -> Option<Owned> {
    vm.exception_slot(group, ExceptionSlot::Detail)?.get().as_tuple()?.get(index).map(Ref::to_owned)
}

fn part(vm: &mut Vm, args: Args<'_>, index: usize) -> Outcome {
    let group = this_exception(vm, args)?;
    Ok(detail(vm, group, index).unwrap_or_else(Owned::none))
}

fn str(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (message, exceptions) = (part(vm, args, 0)?, part(vm, args, 1)?);
    let (message, count) = (vm.str_text(message.get())?, items(&exceptions).len());
    let plural = if count == 1 { "" } else { "s" };
    Ok(vm.new_str(&format!("{message} ({count} sub-exception{plural})"))?)
}

fn derive(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let message = part(vm, args, 0)?;
    let class = vm.class(ClassName::BaseExceptionGroup);
    vm.call(class.get(), &[message.get(), args.at(1)])
}

/// What decides whether an exception matches.
enum Condition<'a> {
    /// A class or a tuple of classes.
    Classes(Ref<'a>),
    /// A function.
    Function(Ref<'a>),
}

impl<'a> Condition<'a> {
    fn new(vm: &mut Vm, value: Ref<'a>) -> Outcome<Self> {
        let is_class = |value: Ref<'_>| value.as_class(vm.heap()).is_some_and(|class| class.flags().is_exception);
        if is_class(value) || value.as_tuple().is_some_and(|classes| classes.iter().all(is_class)) {
            return Ok(Self::Classes(value));
        }
        if value.as_class(vm.heap()).is_none() && vm.is_callable(value) {
            return Ok(Self::Function(value));
        }
        Err(type_error(
            vm,
            "expected an exception type, a tuple of exception types, or a callable (other than a class)",
        ))
    }

    fn matches(&self, vm: &mut Vm, exception: Ref<'_>) -> Outcome<bool> {
        match *self {
            Self::Classes(classes) => vm.is_instance(exception, classes),
            Self::Function(function) => {
                let answer = vm.call(function, &[exception])?;
                vm.truth(answer.get())
            }
        }
    }
}

/// The part of an exception that matches, and the rest.
fn parted(vm: &mut Vm, exception: Ref<'_>, value: Ref<'_>) -> Outcome<Parts> {
    let condition = Condition::new(vm, value)?;
    vm.split_exception(exception, &|vm, exception| condition.matches(vm, exception))
}

fn split(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (matching, rest) = parted(vm, args.at(0), args.at(1))?;
    Ok(vm.new_tuple([matching.unwrap_or_else(Owned::none), rest.unwrap_or_else(Owned::none)])?)
}

fn subgroup(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (matching, _) = parted(vm, args.at(0), args.at(1))?;
    Ok(matching.unwrap_or_else(Owned::none))
}
