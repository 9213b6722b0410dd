//! `property`.

use std::cell::Cell;

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, Descriptor, Held, Outcome, Property, Vm, natives};

use super::descriptor::NOTHING_TO_GET;
use crate::support::{instance_of, is_class, none, present, type_error, wrong_receiver};

natives! {
    /// The methods of property.
    pub(crate) PROPERTY_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new;
    method "__init__" ("fget=None, fset=None, fdel=None, doc=None") "Initialize self." => init;
    method "__get__" ("instance, owner=None, /") "What it gives as an attribute of instance." => get;
    method "__set__" ("instance, value, /") "Assigns it as an attribute of instance." => set;
    method "__delete__" ("instance, /") "Deletes it as an attribute of instance." => delete;
    method "__set_name__" ("*args") "Hears the name that it is assigned to in a class." => set_name;
    method "getter" ("fget, /") "The property with another function to read it." => |vm, args| changed(vm, args, 0);
    method "setter" ("fset, /") "The property with another function to assign it." => |vm, args| changed(vm, args, 1);
    method "deleter" ("fdel, /") "The property with another function to delete it." => |vm, args| changed(vm, args, 2);
    member "fget" ("") "The getter." => |vm, args| Ok(this(vm, args)?.getter.get_or_none());
    member "fset" ("") "The setter." => |vm, args| Ok(this(vm, args)?.setter.get_or_none());
    member "fdel" ("") "The deleter." => |vm, args| Ok(this(vm, args)?.deleter.get_or_none());
    getter "__doc__" ("") "What documentation says." => |vm, args| Ok(this(vm, args)?.doc.get_or_none());
    setter "__doc__" ("value, /") "What documentation says." => set_doc;
    getter "__name__" ("") "The attribute's name." => name;
    setter "__name__" ("value, /") "The attribute's name." => rename;
    getter "__isabstractmethod__" ("") "Whether one of the functions is abstract." => is_abstract;
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a Property> {
    match args.at(0).payload::<Descriptor>(vm.heap()) {
        Some(Descriptor::Property(property)) => Ok(property),
        _ => Err(wrong_receiver(vm, "property", args.at(0))),
    }
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let empty = || Held::new(Owned::unbound());
    let property = Property {
        getter: empty(),
        setter: empty(),
        deleter: empty(),
        doc: empty(),
        has_getters_doc: Cell::new(false),
        name: empty(),
    };
    let property = vm.new_descriptor(Descriptor::Property(property))?;
    instance_of(vm, args.at(0), ClassName::Property, property)
}

fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let property = this(vm, args)?;
    let mut replaced = Vec::new();
    for (field, index) in [(&property.getter, 1), (&property.setter, 2), (&property.deleter, 3)] {
        replaced.push(field.set(present(args.get(index)).map_or_else(Owned::unbound, Ref::to_owned)));
    }
    if replaced.iter().any(|function| !function.get().is_unbound()) {
        // It had been one before, and instructions may have remembered its getter.
        vm.forget_lookups();
    }
    drop(replaced);
    let given = present(args.get(4)).map(Ref::to_owned);
    property.has_getters_doc.set(false);
    let doc = match (given, property.getter.get()) {
        (None, Some(getter)) => {
            let inherited = vm.find_attribute(getter.get(), vm.heap().name(Name::Doc))?;
            let inherited = inherited.filter(|doc| !doc.get().is_none());
            property.has_getters_doc.set(inherited.is_some());
            inherited
        }
        (given, _) => given,
    };
    drop(property.doc.set(doc.clone().unwrap_or_else(Owned::unbound)));
    let class = vm.class_of(args.at(0)).to_owned();
    if is_class(vm, class.get(), ClassName::Property) {
        return none();
    }
    // The `__doc__` of a subclass would cover that of the property: an instance has one of its own.
    let doc = doc.unwrap_or_else(Owned::none);
    match vm.set_attribute(args.at(0), vm.heap().name(Name::Doc), doc.get()) {
        // Without a place for it the documentation is lost, unless it was the getter's.
        Err(_) if !property.has_getters_doc.get() && vm.raised_is(ClassName::AttributeError) => {
            drop(vm.take_raised());
            none()
        }
        done => done.map(|()| Owned::none()),
    }
}

fn get(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match (args.at(0).payload::<Descriptor>(vm.heap()), present(args.get(1))) {
        (Some(descriptor @ Descriptor::Property(_)), Some(instance)) => {
            let class = vm.class_of(instance).to_owned();
            vm.get_through(descriptor, instance, class.get())
        }
        (Some(Descriptor::Property(_)), None) if present(args.get(2)).is_none() => Err(type_error(vm, NOTHING_TO_GET)),
        (Some(Descriptor::Property(_)), None) => Ok(args.at(0).to_owned()),
        _ => Err(wrong_receiver(vm, "property", args.at(0))),
    }
}

fn set(vm: &mut Vm, args: Args<'_>) -> Outcome {
    change(vm, args, args.get(2))
}

fn delete(vm: &mut Vm, args: Args<'_>) -> Outcome {
    change(vm, args, None)
}

fn change(vm: &mut Vm, args: Args<'_>, value: Option<Ref<'_>>) -> Outcome {
    match args.at(0).payload::<Descriptor>(vm.heap()) {
        Some(descriptor @ Descriptor::Property(_)) => vm.change_through(descriptor, args.at(1), value)?,
        _ => return Err(wrong_receiver(vm, "property", args.at(0))),
    }
    none()
}

fn set_name(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let property = this(vm, args)?;
    let arguments = args.at(1).as_tuple().map(|arguments| arguments.iter().collect::<Vec<_>>()).unwrap_or_default();
    let [_, name] = arguments[..] else {
        let got = arguments.len();
        let message = format!("__set_name__() takes 2 positional arguments but {got} were given");
        return Err(type_error(vm, message));
    };
    drop(property.name.set(name.to_owned()));
    none()
}

/// A copy with another function.
fn changed(vm: &mut Vm, args: Args<'_>, which: usize) -> Outcome {
    let property = this(vm, args)?;
    let functions = [&property.getter, &property.setter, &property.deleter];
    let mut functions = functions.map(Held::get_or_none);
    functions[which] = args.at(1).to_owned();
    let class = vm.class_of(args.at(0)).to_owned();
    // The documentation follows the getter unless it was given.
    let [getter, setter, deleter] = &functions;
    let follows = property.has_getters_doc.get() && !getter.get().is_none();
    let doc = if follows { Owned::none() } else { property.doc.get_or_none() };
    let copy = vm.call(class.get(), &[getter.get(), setter.get(), deleter.get(), doc.get()])?;
    if let (Some(Descriptor::Property(copy)), Some(name)) = (copy.get().payload(vm.heap()), property.name.get()) {
        drop(copy.name.set(name));
    }
    Ok(copy)
}

fn set_doc(vm: &mut Vm, args: Args<'_>) -> Outcome {
    drop(this(vm, args)?.doc.set(args.get(1).map_or_else(Owned::unbound, Ref::to_owned)));
    none()
}

fn name(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let property = this(vm, args)?;
    match vm.property_name(property)? {
        Some(name) => Ok(name),
        None => Err(vm.raise_attribute_error(args.at(0), vm.heap().name(Name::Name))),
    }
}

fn rename(vm: &mut Vm, args: Args<'_>) -> Outcome {
    drop(this(vm, args)?.name.set(args.get(1).map_or_else(Owned::unbound, Ref::to_owned)));
    none()
}

fn is_abstract(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let property = this(vm, args)?;
    for function in [&property.getter, &property.setter, &property.deleter] {
        let function = function.get_or_none();
        if is_abstract_method(vm, function.get())? {
            return Ok(Owned::bool(true));
        }
    }
    Ok(Owned::bool(false))
}

/// Whether a function says of itself that it is abstract.
pub(super) fn is_abstract_method(vm: &mut Vm, function: Ref<'_>) -> Outcome<bool> {
    match vm.find_attribute(function, vm.heap().name(Name::IsAbstractMethod))? {
        Some(answer) => vm.truth(answer.get()),
        None => Ok(false),
    }
}
