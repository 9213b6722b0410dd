//! `list[int]` and `int | str`.

use toy_object::{Owned, Ref};
use toy_vm::{Args, BinaryOp, ClassName, CompareOp, GenericAlias, Outcome, UnionType, Vm, natives};

use super::reduce::class_only;
use super::substitution::{substituted, variables};
use super::type_object::keyword_pairs;
use crate::set::new_set_of;
use crate::support::{class_argument, truth, type_error, wrong_receiver};

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
        let unpacked = vm.unpacked_alias(alias)?;
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
    class_argument(vm, args, ClassName::GenericAlias)?;
    vm.generic_alias(args.at(1), args.at(2))
}

fn call(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let origin = this(vm, args)?.origin();
    let arguments: Vec<Ref<'_>> = args.at(1).as_tuple().into_iter().flat_map(|arguments| arguments.iter()).collect();
    let keywords = keyword_pairs(args.get(2));
    let keywords: Vec<(Ref<'_>, Ref<'_>)> = keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();
    vm.call_keywords(origin.get(), &arguments, &keywords)
}

fn parameters(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let types = this(vm, args)?.arguments();
    let variables = variables(vm, types.get())?;
    Ok(vm.new_tuple(variables)?)
}

fn get_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let alias = this(vm, args)?;
    let (shown, origin, types) = (vm.generic_alias_repr(alias)?, alias.origin(), alias.arguments());
    let types = substituted(vm, &shown, types.get(), args.at(1))?;
    let types = vm.new_tuple(types)?;
    vm.generic_alias(origin.get(), types.get())
}

fn union_parameters(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let types = this_union(vm, args)?.arguments();
    let variables = variables(vm, types.get())?;
    Ok(vm.new_tuple(variables)?)
}

fn union_item(vm: &mut Vm, args: Args<'_>) -> Outcome {
    let union = this_union(vm, args)?;
    let (shown, types) = (vm.union_repr(union)?, union.arguments());
    let mut types = substituted(vm, &shown, types.get(), args.at(1))?.into_iter();
    let mut result = types.next().unwrap_or_else(Owned::none);
    for part in types {
        result = vm.binary(BinaryOp::Or, result.get(), part.get())?;
    }
    Ok(result)
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
    let union = this_union(vm, args)?;
    let mut hash = 0;
    for member in union.members() {
        hash ^= vm.hash(member.get())?;
    }
    Ok(vm.new_int(hash)?)
}
