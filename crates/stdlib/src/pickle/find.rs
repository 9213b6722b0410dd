//! Functions and classes travel by name: finding the name of one, and what a name stands for.

use toy_object::{Name, Owned, Ref};
use toy_vm::{ClassName, Outcome, Vm};

use super::attribute;
use super::error::pickling_error;
use crate::argument::attribute_error;
use crate::module::imported;

/// Where something is found: the module and the qualified name.
pub(super) struct Place {
    pub(super) module: String,
    pub(super) name: String,
}

/// The place that leads back to this very object; `name` if the object says another than its own.
///
/// # Errors
///
/// `PicklingError` if there is none, `AttributeError` if it is local to a function.
pub(super) fn place_of(vm: &mut Vm, object: Ref<'_>, name: Option<Ref<'_>>) -> Outcome<Place> {
    let name = match name {
        Some(name) => name.to_owned(),
        None => match vm.find_attribute(object, vm.heap().name(Name::QualifiedName))? {
            Some(name) => name,
            None => vm.get_attribute(object, vm.heap().name(Name::Name))?,
        },
    };
    let name = vm.str_text(name.get())?;
    if name.split('.').any(|part| part == "<locals>") {
        return Err(attribute_error(vm, format!("Can't get local object '{name}'")));
    }
    let module = module_of(vm, object, &name)?;
    let holder = match vm.import_module(&module) {
        Ok(holder) => holder,
        Err(raised) if !vm.raised_is(ClassName::ImportError) => return Err(raised),
        Err(_) => {
            drop(vm.take_raised());
            let shown = vm.repr_text(object)?;
            return Err(pickling_error(vm, format!("Can't pickle {shown}: import of module '{module}' failed")));
        }
    };
    match walk(vm, holder.get(), &name)? {
        Ok(found) if found.get().is(object) => Ok(Place { module, name }),
        Ok(_) => {
            let shown = vm.repr_text(object)?;
            let text = format!("Can't pickle {shown}: it's not the same object as {module}.{name}");
            Err(pickling_error(vm, text))
        }
        Err(_) => {
            let shown = vm.repr_text(object)?;
            let text = format!("Can't pickle {shown}: attribute lookup {name} on {module} failed");
            Err(pickling_error(vm, text))
        }
    }
}

/// What a module calls by a qualified name; it is imported if need be.
pub(super) fn find(vm: &mut Vm, module: &str, name: &str) -> Outcome {
    let module = vm.import_module(module)?;
    match walk(vm, module.get(), name)? {
        Ok(found) => Ok(found),
        Err(Missing { holder, .. }) if name.contains("<locals>") => {
            drop(holder);
            let shown = vm.repr_text(module.get())?;
            Err(attribute_error(vm, format!("Can't get local attribute '{name}' on {shown}")))
        }
        Err(Missing { holder, part }) => {
            let shown = vm.repr_text(holder.get())?;
            Err(attribute_error(vm, format!("Can't get attribute '{part}' on {shown}")))
        }
    }
}

/// Where a qualified name leads no further.
struct Missing {
    holder: Owned,
    part: String,
}

fn walk(vm: &mut Vm, module: Ref<'_>, name: &str) -> Outcome<Result<Owned, Missing>> {
    let mut found = module.to_owned();
    for part in name.split('.') {
        match attribute(vm, found.get(), part)? {
            Some(next) => found = next,
            None => return Ok(Err(Missing { holder: found, part: part.to_owned() })),
        }
    }
    Ok(Ok(found))
}

/// The module that an object says it is from; else one that knows it by this name; else `__main__`.
fn module_of(vm: &mut Vm, object: Ref<'_>, name: &str) -> Outcome<String> {
    if let Some(module) = vm.find_attribute(object, vm.heap().name(Name::Module))?
        && !module.get().is_none()
    {
        return vm.str_text(module.get());
    }
    let modules = vm.machine().modules().to_owned();
    for key in vm.collect(modules.get())? {
        let Some(text) = key.get().as_str().map(|text| text.to_string_lossy()) else { continue };
        if text == "__main__" || text == "__mp_main__" {
            continue;
        }
        let Some(module) = imported(vm, &text)?.filter(|module| !module.get().is_none()) else { continue };
        if let Ok(found) = walk(vm, module.get(), name)?
            && found.get().is(object)
        {
            return Ok(text);
        }
    }
    Ok("__main__".to_owned())
}
