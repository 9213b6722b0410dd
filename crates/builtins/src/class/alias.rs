//! `list[int]` and `int | str`.

use toy_object::{Name, Owned, Ref};
use toy_vm::{
    ATTRIBUTES_OF_ALIASES, Args, BinaryOp, ClassName, CompareOp, GenericAlias, Outcome, UnionType, Vm, natives,
};

use super::reduce::class_only;
use super::substitution;
use super::type_object::keyword_pairs;
use crate::set::new_set_of;
use crate::support::{class_argument, instance_of, is_class, truth, type_error, wrong_receiver};

natives! {
    /// The methods of parameterised classes.
    pub(crate) GENERIC_ALIAS_METHODS:
    static "__new__" ("origin, args, /") "Create and return a new object." => new;
    method "__repr__" ("") "The text that repr shows." => |vm, args| { let alias = this(vm, args)?; let text = vm.generic_alias_repr(alias)?; Ok(vm.new_str(&text)?) };
    method "__call__" ("*args, **kwargs") "What a call does." => call;
    method "__getitem__" ("key, /") "What self[key] gives." => get_item;
    method "__eq__" ("value, /") "Whether both are equal." => equal;
    method "__hash__" ("") "The number that hash gives." => hash;
    method "__or__" ("value, /") "self | value" => |vm, args| vm.union_of_types(args.at(0), args.at(1));
    method "__ror__" ("value, /") "value | self" => |vm, args| vm.union_of_types(args.at(1), args.at(0));
    method "__iter__" ("") "Gives the alias unpacked, for a star in brackets." => |vm, args| {
        let alias = this(vm, args)?;
        let unpacked = vm.unpacked_alias(alias.origin().get(), alias.arguments().get())?;
        let list = vm.new_list(vec![unpacked])?;
        vm.get_iterator(list.get())
    };
    member "__unpacked__" ("") "Whether it stands for its arguments one by one." => |vm, args| truth(this(vm, args)?.is_unpacked());
    method "__reduce__" ("") "Helper for pickle." => |vm, args| {
        let alias = this(vm, args)?;
        if alias.is_unpacked() {
            return Err(vm.cannot_pickle(args.at(0)));
        }
        class_only(vm, args.at(0), vec![alias.origin(), alias.arguments()])
    };
    method "__mro_entries__" ("bases, /") "The classes that stand for it among bases." => mro_entries;
    method "__instancecheck__" ("instance, /") "Refuses."
        => |vm, _| Err(type_error(vm, "isinstance() argument 2 cannot be a parameterized generic"));
    method "__subclasscheck__" ("subclass, /") "Refuses."
        => |vm, _| Err(type_error(vm, "issubclass() argument 2 cannot be a parameterized generic"));
    member "__origin__" ("") "The class." => |vm, args| Ok(this(vm, args)?.origin());
    member "__args__" ("") "The arguments." => |vm, args| Ok(this(vm, args)?.arguments());
    getter "__parameters__" ("") "Type variables among the arguments." => parameters;
    method "__dir__" ("") "The names of its attributes." => dir;
    getter "__typing_unpacked_tuple_args__" ("") "The types, if it stands for them one by one." => unpacked_types;
}

natives! {
    /// The methods of unions of types.
    pub(crate) UNION_METHODS:
    method "__repr__" ("") "The text that repr shows." => |vm, args| { let union = this_union(vm, args)?; let text = vm.union_repr(union)?; Ok(vm.new_str(&text)?) };
    method "__or__" ("value, /") "self | value" => |vm, args| vm.union_of_types(args.at(0), args.at(1));
    method "__ror__" ("value, /") "value | self" => |vm, args| vm.union_of_types(args.at(1), args.at(0));
    method "__eq__" ("value, /") "Whether both are equal." => equal_unions;
    method "__hash__" ("") "The number that hash gives." => hash_union;
    method "__instancecheck__" ("instance, /") "Whether one of the types has the instance."
        => |vm, args| truth(vm.is_instance(args.at(1), args.at(0))?);
    method "__subclasscheck__" ("subclass, /") "Whether one of the types has the subclass."
        => |vm, args| truth(vm.is_subclass(args.at(1), args.at(0))?);
    method "__getitem__" ("key, /") "What self[key] gives." => union_item;
    member "__args__" ("") "The types." => |vm, args| Ok(this_union(vm, args)?.arguments());
    getter "__parameters__" ("") "Type variables among the types." => union_parameters;
}

fn this<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a GenericAlias> {
    match args.at(0).payload::<GenericAlias>(vm.heap()) {
        Some(alias) => Ok(alias),
        None => Err(wrong_receiver(vm, "types.GenericAlias", args.at(0))),
    }
}

fn this_union<'a>(vm: &mut Vm, args: Args<'a>) -> Outcome<&'a UnionType> {
    match args.at(0).payload::<UnionType>(vm.heap()) {
        Some(union) => Ok(union),
        None => Err(wrong_receiver(vm, "types.UnionType", args.at(0))),
    }
}

fn new(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let class = class_argument(vm, args, ClassName::GenericAlias)?;
    let alias = vm.generic_alias(args.at(1), args.at(2))?;
    instance_of(vm, class, ClassName::GenericAlias, alias)
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let origin = this(vm, args)?.origin();
    let arguments: Vec<Ref<'_>> = args.at(1).as_tuple().into_iter().flat_map(|arguments| arguments.iter()).collect();
    let keywords = keyword_pairs(args.get(2));
    let keywords: Vec<(Ref<'_>, Ref<'_>)> = keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();
    let made = vm.call_keywords(origin.get(), &arguments, &keywords)?;
    let name = vm.intern("__orig_class__")?;
    if let Err(raised) = vm.set_attribute(made.get(), name.get(), args.at(0)) {
        // What has no room for it does without.
        if !(vm.raised_is(ClassName::AttributeError) || vm.raised_is(ClassName::TypeError)) {
            return Err(raised);
        }
        drop(vm.take_raised());
    }
    Ok(made)
}

/// What the origin has, and what the alias has itself.
fn dir(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let origin = this(vm, args)?.origin();
    let Some(names) = vm.call_special(origin.get(), Name::Dir, &[]) else {
        return Err(type_error(vm, "object does not provide __dir__"));
    };
    let mut names = vm.collect(names?.get())?;
    for own in ATTRIBUTES_OF_ALIASES {
        if !names.iter().any(|name| name.get().as_str().is_some_and(|name| name.is_text(own))) {
            names.push(vm.intern(own)?);
        }
    }
    Ok(vm.new_list(names)?)
}

fn parameters(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let arguments = this(vm, args)?.arguments();
    let variables = substitution::parameters(vm, &arguments)?;
    Ok(vm.new_tuple(variables)?)
}

fn get_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let alias = this(vm, args)?;
    let arguments = substitution::substituted(vm, args.at(0), &alias.arguments(), args.at(1))?;
    let (origin, arguments) = (alias.origin(), vm.new_tuple(arguments)?);
    if alias.is_unpacked() {
        vm.unpacked_alias(origin.get(), arguments.get())
    } else {
        vm.generic_alias(origin.get(), arguments.get())
    }
}

/// The types of an alias that stands for them one by one; None of any other.
fn unpacked_types(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let alias = this(vm, args)?;
    let is_tuple = is_class(vm, alias.origin().get(), ClassName::Tuple);
    Ok(if alias.is_unpacked() && is_tuple { alias.arguments() } else { Owned::none() })
}

fn union_parameters(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let arguments = this_union(vm, args)?.arguments();
    let variables = substitution::parameters(vm, &arguments)?;
    Ok(vm.new_tuple(variables)?)
}

/// Puts types in the place of the type variables, and unites what comes of it.
fn union_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let arguments = this_union(vm, args)?.arguments();
    let mut types = substitution::substituted(vm, args.at(0), &arguments, args.at(1))?.into_iter();
    let mut union = types.next().unwrap_or_else(Owned::none);
    for other in types {
        union = vm.binary(BinaryOp::Or, union.get(), other.get())?;
    }
    Ok(union)
}

fn equal(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let alias = this(vm, args)?;
    let Some(other) = args.at(1).payload::<GenericAlias>(vm.heap()) else { return Ok(Owned::not_implemented()) };
    let (origin, arguments) = (alias.origin(), alias.arguments());
    let is_equal = alias.is_unpacked() == other.is_unpacked()
        && vm.equal(origin.get(), other.origin().get())?
        && vm.equal(arguments.get(), other.arguments().get())?;
    truth(is_equal)
}

fn hash(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let alias = this(vm, args)?;
    let hash = vm.hash(alias.origin().get())? ^ vm.hash(alias.arguments().get())?;
    Ok(vm.new_int(hash)?)
}

fn mro_entries(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let origin = this(vm, args)?.origin();
    Ok(vm.new_tuple([origin])?)
}

/// The types of a union as a set: their order does not count.
fn type_set(vm: &mut Vm, union: &UnionType) -> Outcome {
    let arguments = union.arguments();
    new_set_of(vm, Some(arguments.get()))
}

fn equal_unions(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let union = this_union(vm, args)?;
    let Some(other) = args.at(1).payload::<UnionType>(vm.heap()) else { return Ok(Owned::not_implemented()) };
    let (own, others) = (type_set(vm, union)?, type_set(vm, other)?);
    vm.compare(CompareOp::Equal, own.get(), others.get())
}

fn hash_union(vm: &mut Vm, args: Args<'_>) -> Outcome {
    // As that of the same types in `typing.Union`.
    let arguments = this_union(vm, args)?.arguments();
    let class = vm.class(ClassName::FrozenSet);
    let types = vm.call(class.get(), &[arguments.get()])?;
    let hash = vm.hash(types.get())?;
    Ok(vm.new_int(hash)?)
}
