//! Modules.

use std::collections::BTreeSet;

use toy_object::{Name, Ref};
use toy_vm::{Args, ClassName, Outcome, Vm, natives};

use crate::class::{dict_names, name_list};
use crate::support::{
    attribute_error, class_argument, is_class, none, protocol, this_module, type_error, wrong_receiver,
};

natives! {
    /// The methods of modules.
    pub(crate) MODULE_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new;
    method "__init__" ("name, doc=None") "Initialize self." => init;
    method "__repr__" ("") "The text that repr shows." => protocol::repr;
    getter "__annotations__" ("") "The annotations of its variables." => annotations;
    setter "__annotations__" ("value, /") "The annotations of its variables." => set_annotations;
    method "__dir__" ("") "The names of its attributes." => dir;
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::Module)?;
    let dict = vm.new_dict()?;
    if is_class(vm, class, ClassName::Module) {
        return Ok(vm.new_module(dict)?);
    }
    let shape = class.as_class(vm.heap()).and_then(|class| class.root_shape());
    let Some(shape) = shape else { return Err(wrong_receiver(vm, "module", class)) };
    Ok(vm.heap().new_module_of_shape(shape, dict)?)
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let Some(dict) = this_module(vm, args)?.dict().as_dict() else { return none() };
    if args.at(1).as_str().is_none() {
        let got = match args.at(1).is_none() {
            true => "None".to_owned(),
            false => vm.type_name(args.at(1)),
        };
        return Err(type_error(vm, format!("module() argument 'name' must be str, not {got}")));
    }
    let heap = vm.heap();
    let entries = [
        (Name::Name, args.at(1)),
        (Name::Doc, args.get(2).unwrap_or(Ref::NONE)),
        (Name::Package, Ref::NONE),
        (Name::Loader, Ref::NONE),
        (Name::Spec, Ref::NONE),
    ];
    for (name, value) in entries {
        drop(dict.set_str(heap, heap.name(name), value.to_owned())?);
    }
    none()
}

/// Modules without annotations get an empty dict when they are asked.
fn annotations(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_module(vm, args)?.dict().to_owned();
    let name = vm.heap().name(Name::Annotations).to_owned();
    if let Some(annotations) = vm.dict_get(dict.get(), name.get())? {
        return Ok(annotations);
    }
    let annotations = vm.new_dict()?;
    vm.dict_set(dict.get(), name.get(), annotations.get())?;
    Ok(annotations)
}

fn set_annotations(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_module(vm, args)?.dict().to_owned();
    let name = vm.heap().name(Name::Annotations).to_owned();
    match args.get(1) {
        Some(annotations) => vm.dict_set(dict.get(), name.get(), annotations)?,
        None if vm.dict_remove(dict.get(), name.get())?.is_some() => {}
        None => return Err(attribute_error(vm, "__annotations__")),
    }
    none()
}

fn dir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let module = this_module(vm, args)?;
    let own = module.dict().as_dict().and_then(|dict| dict.get_str(vm.heap().name(Name::Dir)));
    if let Some(own) = own {
        return vm.call(own.get(), &[]);
    }
    let mut names = BTreeSet::new();
    dict_names(module.dict(), &mut names);
    name_list(vm, names)
}
