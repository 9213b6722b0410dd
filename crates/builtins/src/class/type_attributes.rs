//! The attributes of classes.

use toy_object::{Class, Name, Owned, Ref};
use toy_vm::{Args, Descriptor, Outcome, Raised, Vm, natives};

use crate::support::{attribute_error, none, this_class, type_error, value_error};

natives! {
    /// The attributes of classes.
    pub(crate) TYPE_ATTRIBUTES:
    getter "__name__" ("") "The class's name." => |vm, args| Ok(this_class(vm, args)?.name());
    setter "__name__" ("value, /") "The class's name." => set_name;
    getter "__qualname__" ("") "The class's name with what it is defined in." => |vm, args| Ok(this_class(vm, args)?.qualified_name());
    setter "__qualname__" ("value, /") "The class's name with what it is defined in." => set_qualified_name;
    getter "__bases__" ("") "The classes it was defined with." => |vm, args| Ok(this_class(vm, args)?.bases());
    setter "__bases__" ("value, /") "The classes it was defined with." => set_bases;
    member "__base__" ("") "The base whose layout it has." => base;
    getter "__mro__" ("") "The order in which classes are asked for attributes." => mro;
    getter "__dict__" ("") "The namespace, to be read." => dict;
    getter "__module__" ("") "The module it is defined in." => module;
    setter "__module__" ("value, /") "The module it is defined in." => |vm, args| store(vm, args, Name::Module);
    getter "__doc__" ("") "What documentation says." => doc;
    setter "__doc__" ("value, /") "What documentation says." => |vm, args| store(vm, args, Name::Doc);
    getter "__annotations__" ("") "Annotations of the class body." => annotations;
    setter "__annotations__" ("value, /") "Annotations of the class body." => |vm, args| store(vm, args, Name::Annotations);
    getter "__type_params__" ("") "Type parameters." => type_parameters;
    setter "__type_params__" ("value, /") "Type parameters." => |vm, args| store(vm, args, Name::TypeParameters);
    getter "__abstractmethods__" ("") "Names of the methods without which it cannot be instantiated." => abstract_methods;
    setter "__abstractmethods__" ("value, /") "Names of the methods without which it cannot be instantiated." => set_abstract_methods;
}

/// Refuses to change builtin classes.
fn changeable<'a>(vm: &mut Vm, args: Args<'a>, attribute: &str) -> Outcome<Class<'a>> {
    let class = this_class(vm, args)?;
    if class.flags().is_builtin {
        let name = class.name_text();
        return Err(type_error(vm, format!("cannot set '{attribute}' attribute of immutable type '{name}'")));
    }
    Ok(class)
}

/// The new value of an attribute that must be text.
fn text_value<'a>(vm: &mut Vm, args: Args<'a>, class: Class<'_>, attribute: &str) -> Outcome<Ref<'a>> {
    let name = class.name_text();
    match args.get(1) {
        Some(value) if value.as_str().is_some() => Ok(value),
        Some(value) => {
            let got = vm.type_name(value);
            Err(type_error(vm, format!("can only assign string to {name}.{attribute}, not '{got}'")))
        }
        None => Err(type_error(vm, format!("cannot delete '{attribute}' attribute of immutable type '{name}'"))),
    }
}

fn set_name(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = changeable(vm, args, "__name__")?;
    let name = text_value(vm, args, class, "__name__")?;
    if name.as_str().is_some_and(|name| name.code_points().any(|point| point == 0)) {
        return Err(value_error(vm, "type name must not contain null characters"));
    }
    drop(class.set_name(name.to_owned()));
    none()
}

fn set_qualified_name(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = changeable(vm, args, "__qualname__")?;
    let name = text_value(vm, args, class, "__qualname__")?;
    drop(class.set_qualified_name(name.to_owned()));
    none()
}

fn set_bases(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = changeable(vm, args, "__bases__")?;
    match args.get(1) {
        Some(bases) => vm.set_bases(class, bases)?,
        None => {
            let name = class.name_text();
            return Err(type_error(vm, format!("cannot delete '__bases__' attribute of immutable type '{name}'")));
        }
    }
    none()
}

fn base(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = this_class(vm, args)?;
    Ok(vm.layout_base(class).unwrap_or_else(Owned::none))
}

fn mro(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = this_class(vm, args)?;
    let order: Vec<Owned> = (0..class.mro_len()).filter_map(|index| class.mro_get(index)).collect();
    Ok(vm.new_tuple(order)?)
}

fn dict(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let dict = this_class(vm, args)?.dict();
    vm.mapping_proxy(dict.as_ref())
}

/// An entry of the class's own namespace. A builtin class may have the getter of its instances there.
fn own(vm: &mut Vm, args: Args<'_>, name: Name) -> Outcome<Option<Owned>> {
    let class = this_class(vm, args)?;
    let entry = class.dict().get_str(vm.heap().name(name));
    let is_builtin = class.flags().is_builtin;
    let is_attribute =
        |entry: &Owned| matches!(entry.get().payload::<Descriptor>(vm.heap()), Some(Descriptor::GetSet(_)));
    Ok(entry.filter(|entry| !is_builtin || !is_attribute(entry)))
}

fn store(vm: &mut Vm, args: Args<'_>, name: Name) -> Outcome {
    let heap = vm.heap();
    let name = heap.name(name);
    let text = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
    let class = changeable(vm, args, &text)?;
    match args.get(1) {
        Some(value) => drop(class.set(heap, name, value.to_owned())?),
        None if matches!(text.as_str(), "__module__" | "__doc__" | "__type_params__") => {
            let class = class.name_text();
            return Err(type_error(vm, format!("cannot delete '{text}' attribute of immutable type '{class}'")));
        }
        None if class.delete(heap, name).is_some() => {}
        None => return Err(attribute_error(vm, text)),
    }
    none()
}

#[cold]
fn missing(vm: &mut Vm, args: Args<'_>, name: Ref<'_>) -> Raised {
    vm.raise_attribute_error(args.at(0), name)
}

fn module(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match own(vm, args, Name::Module)? {
        Some(module) => Ok(module),
        None => Ok(vm.new_str("builtins")?),
    }
}

fn doc(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match own(vm, args, Name::Doc)? {
        Some(doc) => {
            let class = args.at(0).to_owned();
            vm.bind_to_class(doc.get(), class.get())
        }
        None => match crate::install::documentation(vm, args.at(0)) {
            Some(doc) => Ok(vm.new_str(doc)?),
            None => none(),
        },
    }
}

fn annotations(vm: &mut Vm, args: Args<'_>) -> Outcome {
    if let Some(annotations) = own(vm, args, Name::Annotations)? {
        return Ok(annotations);
    }
    let class = this_class(vm, args)?;
    if class.flags().is_builtin {
        return Err(missing(vm, args, vm.heap().name(Name::Annotations)));
    }
    let annotations = vm.new_dict()?;
    drop(class.set(vm.heap(), vm.heap().name(Name::Annotations), annotations.clone())?);
    Ok(annotations)
}

fn type_parameters(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match own(vm, args, Name::TypeParameters)? {
        Some(parameters) => Ok(parameters),
        None => Ok(vm.new_tuple([])?),
    }
}

fn abstract_methods(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match own(vm, args, Name::AbstractMethods)? {
        Some(methods) => Ok(methods),
        None => Err(attribute_error(vm, "__abstractmethods__")),
    }
}

fn set_abstract_methods(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let is_abstract = args.get(1).map_or(Ok(false), |methods| vm.truth(methods))?;
    store(vm, args, Name::AbstractMethods)?;
    let class = this_class(vm, args)?;
    class.set_flags(vm.heap(), toy_object::ClassFlags { is_abstract, ..class.flags() });
    class.changed(vm.heap());
    none()
}
