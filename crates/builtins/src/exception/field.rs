//! Access to what exceptions hold.

use toy_object::{ExceptionSlot, Owned, Ref, Tuple};
use toy_vm::{Args, Outcome, Vm};

use crate::support::{type_error, wrong_receiver};

/// Argument 0, checked to be an exception.
pub(super) fn this_exception<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<Ref<'a>> {
    let exception = args.at(0);
    if vm.is_exception_instance(exception) {
        Ok(exception)
    } else {
        Err(wrong_receiver(vm, "BaseException", exception))
    }
}

/// The tuple `args`.
pub(super) fn arguments(vm: &mut Vm, exception: Ref<'_>) -> Outcome {
    match vm.exception_slot(exception, ExceptionSlot::Args) {
        Some(arguments) => Ok(arguments),
        None => Ok(vm.new_tuple([])?),
    }
}

/// The items of a tuple that a variable holds.
pub(super) fn items(tuple: &Owned) -> Vec<Ref<'_>> {
    tuple.get().as_tuple().into_iter().flat_map(Tuple::iter).collect()
}

/// Sets a field.
pub(super) fn set_field(vm: &mut Vm, exception: Ref<'_>, name: &str, value: Ref<'_>) -> Outcome<()> {
    let name = vm.intern(name)?;
    let heap = vm.heap();
    if let Some(instance) = exception.as_instance(heap) {
        drop(instance.set_attribute(heap, name.get(), value.to_owned())?);
    }
    Ok(())
}

/// A field; `None` if it is None or was never set.
pub(super) fn field(vm: &mut Vm, exception: Ref<'_>, name: &str) -> Outcome<Option<Owned>> {
    let name = vm.intern(name)?;
    let heap = vm.heap();
    let value = exception.as_instance(heap).and_then(|instance| instance.attribute(heap, name.get()));
    Ok(value.filter(|value| !value.get().is_none()))
}

/// A field as text; empty if it is None.
pub(super) fn field_text(vm: &mut Vm, exception: Ref<'_>, name: &str) -> Outcome<String> {
    match field(vm, exception, name)? {
        Some(value) => vm.str_text(value.get()),
        None => Ok(String::new()),
    }
}

/// A field as a number; 0 if it is none.
pub(super) fn field_number(vm: &mut Vm, exception: Ref<'_>, name: &str) -> Outcome<i64> {
    let value = field(vm, exception, name)?;
    Ok(value.and_then(|value| value.get().as_int().and_then(toy_object::Int::to_i64)).unwrap_or(0))
}

/// The keyword arguments `**kwargs`: those in `names` become fields, others are refused.
pub(super) fn set_keyword_fields(
    vm: &mut Vm,
    exception: Ref<'_>,
    keywords: Option<Ref<'_>>,
    class: &str,
    names: &[&str],
) -> Outcome<()> {
    let Some(keywords) = keywords.and_then(Ref::as_dict).filter(|keywords| !keywords.is_empty()) else { return Ok(()) };
    let mut position = 0;
    while let Some((index, key, value)) = keywords.entry_from(position) {
        position = index + 1;
        let key = vm.str_text(key.get())?;
        if !names.contains(&&*key) {
            let text = if names.is_empty() {
                format!("{class}() takes no keyword arguments")
            } else {
                format!("{class}() got an unexpected keyword argument '{key}'")
            };
            return Err(type_error(vm, text));
        }
        set_field(vm, exception, &key, value.get())?;
    }
    Ok(())
}
