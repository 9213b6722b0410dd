//! What the `__new__` of builtin types have in common.

use toy_object::{Owned, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm};

/// Whether a value is of exactly this builtin class, so that no subclass overrode anything. For classes of a kind with a
/// fixed shape.
#[inline]
pub(crate) fn is_exactly(vm: &Vm, value: Ref<'_>, class: ClassName) -> bool {
    value.shape() == vm.class_shape(class)
}

/// Whether a value is this builtin class.
#[inline]
pub(crate) fn is_class(vm: &Vm, value: Ref<'_>, class: ClassName) -> bool {
    value.is(vm.class(class).get())
}

/// Argument 0 of `__new__`, checked: the builtin class or a subclass of it.
#[inline]
pub(crate) fn class_argument<'a>(vm: &mut Vm, args: Args<'a>, class: ClassName) -> Outcome<Ref<'a>> {
    let asked = args.at(0);
    if is_class(vm, asked, class) { Ok(asked) } else { check_subclass(vm, asked, class) }
}

#[cold]
fn check_subclass<'a>(vm: &mut Vm, asked: Ref<'a>, class: ClassName) -> Outcome<Ref<'a>> {
    let home = vm.class(class);
    vm.check_made_by(asked, home.get())?;
    Ok(asked)
}

/// An object of a builtin class as an instance of `class`, which is that class or a subclass of it.
#[inline]
pub(crate) fn instance_of(vm: &mut Vm, class: Ref<'_>, builtin: ClassName, object: Owned) -> Outcome {
    if is_class(vm, class, builtin) { Ok(object) } else { vm.wrap_builtin(class, object) }
}
