//! Descriptors other than property: staticmethod, classmethod, and the attributes of builtin classes and of `__slots__`.

use toy_object::{Name, Owned, Ref};
use toy_vm::{Args, ClassName, Descriptor, Held, Outcome, Vm, natives};

use super::property::is_abstract_method;
use crate::support::{class_argument, instance_of, none, present, type_error, wrong_receiver};

natives! {
    /// The methods of staticmethod.
    pub(crate) STATIC_METHOD_METHODS:
    static "__new__" ("function, /") "Create and return a new object." => new_static;
    method "__get__" ("instance, owner=None, /") "What it gives as an attribute of instance." => get;
    method "__call__" ("*args, **kwargs") "What a call does." => call;
    method "__repr__" ("") "The text that repr shows." => |vm, args| repr(vm, args, "staticmethod");
    member "__func__" ("") "The function." => function;
    member "__wrapped__" ("") "The function." => function;
    getter "__name__" ("") "The function's name." => |vm, args| of_function(vm, args, Name::Name);
    getter "__qualname__" ("") "The function's qualified name." => |vm, args| of_function(vm, args, Name::QualifiedName);
    getter "__doc__" ("") "The function's documentation." => |vm, args| of_function(vm, args, Name::Doc);
    getter "__module__" ("") "The function's module." => |vm, args| of_function(vm, args, Name::Module);
    getter "__annotations__" ("") "The function's annotations." => |vm, args| of_function(vm, args, Name::Annotations);
    getter "__dict__" ("") "What it has from the function." => attributes;
    getter "__isabstractmethod__" ("") "Whether the function is abstract." => is_abstract;
}

natives! {
    /// The methods of classmethod.
    pub(crate) CLASS_METHOD_METHODS:
    static "__new__" ("function, /") "Create and return a new object." => new_class;
    method "__get__" ("instance, owner=None, /") "What it gives as an attribute of instance." => get;
    method "__repr__" ("") "The text that repr shows." => |vm, args| repr(vm, args, "classmethod");
    member "__func__" ("") "The function." => function;
    member "__wrapped__" ("") "The function." => function;
    getter "__name__" ("") "The function's name." => |vm, args| of_function(vm, args, Name::Name);
    getter "__qualname__" ("") "The function's qualified name." => |vm, args| of_function(vm, args, Name::QualifiedName);
    getter "__doc__" ("") "The function's documentation." => |vm, args| of_function(vm, args, Name::Doc);
    getter "__module__" ("") "The function's module." => |vm, args| of_function(vm, args, Name::Module);
    getter "__annotations__" ("") "The function's annotations." => |vm, args| of_function(vm, args, Name::Annotations);
    getter "__dict__" ("") "What it has from the function." => attributes;
    getter "__isabstractmethod__" ("") "Whether the function is abstract." => is_abstract;
}

natives! {
    /// The methods of attributes of builtin classes.
    pub(crate) GET_SET_METHODS:
    method "__get__" ("instance, owner=None, /") "What it gives as an attribute of instance." => get;
    method "__set__" ("instance, value, /") "Assigns it as an attribute of instance." => set;
    method "__delete__" ("instance, /") "Deletes it as an attribute of instance." => delete;
    method "__repr__" ("") "The text that repr shows." => attribute_repr;
    member "__name__" ("") "The attribute's name." => attribute_name;
    member "__objclass__" ("") "The class that it belongs to." => attribute_class;
    getter "__doc__" ("") "What documentation says." => attribute_doc;
}

fn new_static(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::StaticMethod)?;
    let method = vm.new_descriptor(Descriptor::Static(Held::new(args.at(1).to_owned())))?;
    instance_of(vm, class, ClassName::StaticMethod, method)
}

fn new_class(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::ClassMethod)?;
    let method = vm.new_descriptor(Descriptor::Class(Held::new(args.at(1).to_owned())))?;
    instance_of(vm, class, ClassName::ClassMethod, method)
}

/// What `__get__` says if it gets neither an instance nor a class.
pub(crate) const NOTHING_TO_GET: &str = "__get__(None, None) is invalid";

/// `descriptor.__get__(instance, owner)`.
fn get(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let found = args.at(0);
    let Some(descriptor) = found.payload::<Descriptor>(vm.heap()) else {
        return Err(wrong_receiver(vm, "descriptor", found));
    };
    match (present(args.get(1)), present(args.get(2))) {
        (None, Some(owner)) => vm.get_through_class(descriptor, found, owner),
        (None, None) => Err(type_error(vm, NOTHING_TO_GET)),
        (Some(instance), owner) => {
            let class = owner.map_or_else(|| vm.class_of(instance).to_owned(), Ref::to_owned);
            vm.get_through(descriptor, instance, class.get())
        }
    }
}

/// The function of a static or class method.
fn wrapped(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.at(0).payload::<Descriptor>(vm.heap()) {
        Some(Descriptor::Static(function) | Descriptor::Class(function)) => Ok(function.get_or_none()),
        _ => Err(wrong_receiver(vm, "staticmethod", args.at(0))),
    }
}

fn function(vm: &mut Vm, args: Args<'_>) -> Outcome {
    wrapped(vm, args)
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let function = wrapped(vm, args)?;
    let arguments: Vec<Ref<'_>> = args.at(1).as_tuple().into_iter().flat_map(|arguments| arguments.iter()).collect();
    let keywords = super::type_object::keyword_pairs(args.get(2));
    let keywords: Vec<(Ref<'_>, Ref<'_>)> = keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();
    vm.call_keywords(function.get(), &arguments, &keywords)
}

fn repr(vm: &mut Vm, args: Args<'_>, class: &str) -> Outcome {
    let function = wrapped(vm, args)?;
    let text = format!("<{class}({})>", vm.repr_text(function.get())?);
    Ok(vm.new_str(&text)?)
}

fn of_function(vm: &mut Vm, args: Args<'_>, attribute: Name) -> Outcome {
    let function = wrapped(vm, args)?;
    vm.get_attribute(function.get(), vm.heap().name(attribute))
}

/// What a static or class method takes over from its function: a new dict.
fn attributes(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let function = wrapped(vm, args)?;
    let attributes = vm.new_dict()?;
    for name in [Name::Module, Name::Name, Name::QualifiedName, Name::Doc, Name::Annotations] {
        let name = vm.heap().name(name);
        if let Some(value) = vm.find_attribute(function.get(), name)? {
            vm.dict_set(attributes.get(), name, value.get())?;
        }
    }
    Ok(attributes)
}

fn is_abstract(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let function = wrapped(vm, args)?;
    Ok(Owned::bool(is_abstract_method(vm, function.get())?))
}

/// Name and class of an attribute's descriptor.
fn attribute(vm: &mut Vm, args: Args<'_>) -> Outcome<(Owned, Owned)> {
    match args.at(0).payload::<Descriptor>(vm.heap()) {
        Some(Descriptor::GetSet(attribute)) => Ok((vm.intern(attribute.name)?, attribute.class.get_or_none())),
        Some(Descriptor::Member(member)) => Ok((member.name.get_or_none(), member.class.get_or_none())),
        Some(Descriptor::Implicit(implicit)) => {
            Ok((vm.intern(implicit.attribute.name())?, implicit.class.get_or_none()))
        }
        _ => Err(wrong_receiver(vm, "getset_descriptor", args.at(0))),
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
        Some(descriptor) => vm.change_through(descriptor, args.at(1), value)?,
        None => return Err(wrong_receiver(vm, "getset_descriptor", args.at(0))),
    }
    none()
}

fn attribute_repr(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let (name, class) = attribute(vm, args)?;
    let noun = if vm.is_instance_of(args.at(0), ClassName::Member) { "member" } else { "attribute" };
    let name = vm.str_text(name.get())?;
    let class = class.get().as_class(vm.heap()).map_or_else(String::new, |class| class.name_text());
    Ok(vm.new_str(&format!("<{noun} '{name}' of '{class}' objects>"))?)
}

fn attribute_name(vm: &mut Vm, args: Args<'_>) -> Outcome {
    attribute(vm, args).map(|(name, _)| name)
}

fn attribute_class(vm: &mut Vm, args: Args<'_>) -> Outcome {
    attribute(vm, args).map(|(_, class)| class)
}

fn attribute_doc(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.at(0).payload::<Descriptor>(vm.heap()) {
        Some(Descriptor::GetSet(attribute)) => Ok(vm.new_str(attribute.doc)?),
        Some(Descriptor::Implicit(implicit)) => Ok(vm.new_str(implicit.attribute.doc())?),
        _ => none(),
    }
}
