//! What the `__new__` of builtin types have in common.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

use super::type_error;

/// A builtin class.
#[inline]
pub(crate) fn builtin_class(vm: &Vm, class: ClassName) -> Ref<'static> {
    vm.machine().class(vm.heap(), class)
}

/// Whether a value is of exactly this builtin class, so that no subclass overrode anything.
#[inline]
pub(crate) fn is_exactly(vm: &Vm, value: Ref<'_>, class: ClassName) -> bool {
    vm.class_of(value).is(builtin_class(vm, class))
}

/// Argument 0 of `__new__`, checked: the builtin class or a subclass of it.
#[inline]
pub(crate) fn class_argument<'a>(vm: &mut Vm, args: Args<'a>, class: ClassName) -> Outcome<Ref<'a>> {
    let asked = args.at(0);
    if asked.is(builtin_class(vm, class)) { Ok(asked) } else { check_subclass(vm, asked, class) }
}

#[cold]
fn check_subclass<'a>(vm: &mut Vm, asked: Ref<'a>, class: ClassName) -> Outcome<Ref<'a>> {
    let name = class.text();
    let Some(view) = asked.as_class(vm.heap()) else {
        let got = vm.type_name(asked);
        return Err(type_error(vm, format!("{name}.__new__(X): X is not a type object ({got})")));
    };
    if view.is_subclass_of(builtin_class(vm, class)) {
        return Ok(asked);
    }
    let got = view.name_text();
    Err(type_error(vm, format!("{name}.__new__({got}): {got} is not a subtype of {name}")))
}

/// An object of a builtin class as an instance of `class`, which is that class or a subclass of it.
#[inline]
pub(crate) fn instance_of(vm: &mut Vm, class: Ref<'_>, builtin: ClassName, object: Owned) -> Outcome {
    if class.is(builtin_class(vm, builtin)) { Ok(object) } else { vm.wrap_builtin(class, object) }
}
