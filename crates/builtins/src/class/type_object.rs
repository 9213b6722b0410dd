//! The methods of type: classes are called, checked against, listed.

use std::collections::BTreeSet;

use toy_object::{Owned, Ref};
use toy_vm::{Args, BinaryOp, ClassName, Outcome, Vm, natives};

use super::object::{class_names, name_list};
use crate::support::{is_class, none, this_class, truth, type_error};

natives! {
    /// The methods of type.
    pub(crate) TYPE_METHODS:
    static "__new__" ("*args, **kwargs") "Create and return a new object." => new;
    method "__init__" ("*args, **kwargs") "Initialize self." => init;
    method "__call__" ("*args, **kwargs") "What a call does." => call;
    method "__repr__" ("") "The text that repr shows." => |vm, args| vm.builtin_repr(args.at(0));
    method "__or__" ("value, /") "self | value" => |vm, args| vm.builtin_binary(BinaryOp::Or, args.at(0), args.at(1));
    method "__ror__" ("value, /") "value | self" => |vm, args| vm.builtin_binary(BinaryOp::Or, args.at(1), args.at(0));
    method "__getattribute__" ("name, /") "What self.name gives."
        => |vm, args| vm.generic_get_attribute(args.at(0), args.at(1));
    method "__setattr__" ("name, value, /") "What self.name = value does."
        => |vm, args| { vm.generic_set_attribute(args.at(0), args.at(1), args.at(2))?; none() };
    method "__delattr__" ("name, /") "What del self.name does."
        => |vm, args| { vm.generic_delete_attribute(args.at(0), args.at(1))?; none() };
    method "__dir__" ("") "The names of its attributes." => dir;
    method "mro" ("") "The order in which classes are asked for attributes." => mro;
    method "__subclasses__" ("") "The classes that name this one as a base." => subclasses;
    method "__instancecheck__" ("instance, /") "Whether isinstance finds it an instance."
        => |vm, args| { let is_one = vm.is_plain_instance(args.at(1), args.at(0))?; truth(is_one) };
    method "__subclasscheck__" ("subclass, /") "Whether issubclass finds it a subclass."
        => |vm, args| { let is_one = vm.is_plain_subclass(args.at(1), args.at(0))?; truth(is_one) };
    class "__prepare__" ("*args, **kwargs") "Create the namespace for the class statement" => |vm, _| Ok(vm.new_dict()?);
}

natives! {
    /// What calls of type without keywords run.
    pub(crate) TYPE_MAKER:
    static "__new__" ("*args") "The class of an object, or a new class." => make;
}

fn make(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.at(1).as_tuple() {
        Some(arguments) if arguments.len() != 1 => {
            let arguments: Vec<Ref<'_>> = arguments.iter().collect();
            vm.construct_instance(args.at(0), &arguments, &[])
        }
        arguments => {
            let object = arguments.and_then(|arguments| arguments.get(0)).unwrap_or(Ref::NONE);
            Ok(vm.class_of(object).to_owned())
        }
    }
}

/// `type(object)`, or `type(name, bases, namespace)`.
fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let metaclass = args.at(0);
    let home = vm.class(ClassName::Type);
    vm.check_made_by(metaclass, home.get())?;
    let arguments: Vec<Ref<'_>> = args.at(1).as_tuple().into_iter().flat_map(|arguments| arguments.iter()).collect();
    let keywords = keyword_pairs(args.get(2));
    let keywords: Vec<(Ref<'_>, Ref<'_>)> = keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();
    match arguments[..] {
        [object] if is_class(vm, metaclass, ClassName::Type) && keywords.is_empty() => {
            Ok(vm.class_of(object).to_owned())
        }
        [name, bases, namespace] => vm.new_type(metaclass, name, bases, namespace, &keywords),
        _ if is_class(vm, metaclass, ClassName::Type) => Err(type_error(vm, "type() takes 1 or 3 arguments")),
        _ => {
            let got = arguments.len();
            Err(type_error(vm, format!("type.__new__() takes exactly 3 arguments ({got} given)")))
        }
    }
}

/// The entries of `**kwargs`.
pub(crate) fn keyword_pairs(keywords: Option<Ref<'_>>) -> Vec<(Owned, Owned)> {
    let mut pairs = Vec::new();
    let Some(keywords) = keywords.and_then(Ref::as_dict) else { return pairs };
    let mut position = 0;
    while let Some((index, name, value)) = keywords.entry_from(position) {
        position = index + 1;
        pairs.push((name, value));
    }
    pairs
}

/// Everything is done in `__new__`; only the number of arguments is looked at.
fn init(vm: &mut Vm, args: Args<'_>) -> Outcome {
    match args.at(1).as_tuple().map(|arguments| arguments.len()) {
        Some(1 | 3) => none(),
        _ => Err(type_error(vm, "type.__init__() takes 1 or 3 arguments")),
    }
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let arguments: Vec<Ref<'_>> = args.at(1).as_tuple().into_iter().flat_map(|arguments| arguments.iter()).collect();
    let keywords = keyword_pairs(args.get(2));
    let keywords: Vec<(Ref<'_>, Ref<'_>)> = keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();
    vm.construct_instance(args.at(0), &arguments, &keywords)
}

fn dir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = this_class(vm, args)?;
    let mut names = BTreeSet::new();
    class_names(vm, class, &mut names);
    name_list(vm, names)
}

fn mro(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = this_class(vm, args)?;
    let order = vm.order_of_bases(class)?;
    Ok(vm.new_list(order)?)
}

fn subclasses(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let subclasses = this_class(vm, args)?.subclasses(vm.heap());
    Ok(vm.new_list(subclasses)?)
}
