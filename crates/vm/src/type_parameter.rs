//! Type parameters and aliases: `def f[T](…)`, `class C[*Ts]`, `type X = …`. They are accepted and can be looked at; nothing
//! checks types.

use std::cell::RefCell;

use toy_object::{Owned, Payload, Ref};

use crate::classes::ClassName;
use crate::native::{Args, Outcome};
use crate::natives;
use crate::thread::Vm;

/// A type parameter. Bound and default are worked out when they are first asked for.
struct TypeParameter {
    name: Owned,
    bound: Lazy,
    /// The bound is a tuple of types, one of which it is.
    is_constrained: bool,
    default: Lazy,
}

/// A type alias.
struct TypeAlias {
    name: Owned,
    parameters: Owned,
    value: Lazy,
}

/// A function of no arguments, or what it gave.
struct Lazy {
    function: RefCell<Owned>,
    value: RefCell<Option<Owned>>,
}

impl Lazy {
    fn new(function: Owned) -> Self {
        Self { function: RefCell::new(function), value: RefCell::new(None) }
    }

    fn is_given(&self) -> bool {
        !self.function.borrow().get().is_none()
    }

    fn get(&self, vm: &mut Vm) -> Outcome {
        if let Some(value) = self.value.borrow().clone() {
            return Ok(value);
        }
        let function = self.function.borrow().clone();
        let value = if function.get().is_none() { Owned::none() } else { vm.call(function.get(), &[])? };
        let old = self.value.replace(Some(value.clone()));
        drop(old);
        Ok(value)
    }

    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.function.borrow().get());
        if let Some(value) = &*self.value.borrow() {
            visit(value.get());
        }
    }

    fn clear(&self) {
        drop((self.function.replace(Owned::none()), self.value.take()));
    }
}

impl Payload for TypeParameter {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.name.get());
        self.bound.visit(visit);
        self.default.visit(visit);
    }

    fn clear(&self) {
        self.bound.clear();
        self.default.clear();
    }
}

impl Payload for TypeAlias {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        visit(self.name.get());
        visit(self.parameters.get());
        self.value.visit(visit);
    }

    fn clear(&self) {
        self.value.clear();
    }
}

natives! {
    /// What type parameters show.
    pub TYPE_PARAMETER_METHODS:
    method "__repr__" ("") "The text that repr shows." => |vm, args| parameter(vm, args, |_, p| Ok(p.name.clone()));
    getter "__name__" ("") "The name." => |vm, args| parameter(vm, args, |_, p| Ok(p.name.clone()));
    getter "__default__" ("") "The default, or typing.NoDefault." => |vm, args| parameter(vm, args, |vm, p| {
        if p.default.is_given() { p.default.get(vm) } else { typing(vm, "NoDefault") }
    });
    method "__typing_subst__" ("arg, /") "What an alias puts in its place." => |vm, args| substitution(vm, "_substitute", args);
    method "__typing_prepare_subst__" ("alias, args, /") "What an alias is given, with what this parameter takes of it put together."
        => |vm, args| substitution(vm, "_prepare", args);
    method "__mro_entries__" ("bases, /") "Refuses: it is no class." => |vm, args| {
        let kind = vm.type_name(args.at(0));
        Err(vm.raise(ClassName::TypeError, format!("Cannot subclass an instance of {kind}")))
    };
    method "has_default" ("") "Whether there is a default." =>
        |vm, args| parameter(vm, args, |_, p| Ok(Owned::bool(p.default.is_given())));
}

natives! {
    /// What only type variables show.
    pub TYPE_VAR_METHODS:
    getter "__bound__" ("") "The bound, or None." => |vm, args| parameter(vm, args, |vm, p| {
        if p.is_constrained { Ok(Owned::none()) } else { p.bound.get(vm) }
    });
    getter "__constraints__" ("") "The types that it is one of, if they are listed." => |vm, args| parameter(vm, args, |vm, p| {
        if p.is_constrained { p.bound.get(vm) } else { Ok(vm.new_tuple(Vec::new())?) }
    });
    method "__or__" ("value, /") "typing.Union[self, value]" => |vm, args| union(vm, args.at(0), args.at(1));
    method "__ror__" ("value, /") "typing.Union[value, self]" => |vm, args| union(vm, args.at(1), args.at(0));
    getter "__covariant__" ("") "False: the variance is inferred." => |_, _| Ok(Owned::bool(false));
    getter "__contravariant__" ("") "False: the variance is inferred." => |_, _| Ok(Owned::bool(false));
    getter "__infer_variance__" ("") "True: the variance is inferred." => |_, _| Ok(Owned::bool(true));
}

natives! {
    /// What only `*Ts` shows.
    pub TYPE_VAR_TUPLE_METHODS:
    method "__iter__" ("") "Gives typing.Unpack[self], for *Ts." => |vm, args| {
        let unpacked = unpacked(vm, args.at(0))?;
        let list = vm.new_list(vec![unpacked])?;
        vm.get_iterator(list.get())
    };
}

natives! {
    /// What only `**P` shows.
    pub PARAM_SPEC_METHODS:
    getter "__bound__" ("") "The bound, or None." => |vm, args| parameter(vm, args, |vm, p| p.bound.get(vm));
    method "__or__" ("value, /") "typing.Union[self, value]" => |vm, args| union(vm, args.at(0), args.at(1));
    method "__ror__" ("value, /") "typing.Union[value, self]" => |vm, args| union(vm, args.at(1), args.at(0));
    getter "__covariant__" ("") "False: the variance is inferred." => |_, _| Ok(Owned::bool(false));
    getter "__contravariant__" ("") "False: the variance is inferred." => |_, _| Ok(Owned::bool(false));
    getter "__infer_variance__" ("") "True: the variance is inferred." => |_, _| Ok(Owned::bool(true));
    getter "args" ("") "Stands for the positional ones." => |vm, args| part(vm, args, "ParamSpecArgs");
    getter "kwargs" ("") "Stands for the keyword ones." => |vm, args| part(vm, args, "ParamSpecKwargs");
}

natives! {
    /// What type aliases show.
    pub TYPE_ALIAS_METHODS:
    static "__new__" ("name, value, *, type_params=()") "An alias by a call instead of a statement." => new_alias;
    method "__repr__" ("") "The text that repr shows." => |vm, args| alias(vm, args, |_, a| Ok(a.name.clone()));
    getter "__name__" ("") "The name." => |vm, args| alias(vm, args, |_, a| Ok(a.name.clone()));
    getter "__value__" ("") "What it stands for." => |vm, args| alias(vm, args, |vm, a| a.value.get(vm));
    getter "__type_params__" ("") "The type parameters." => |vm, args| alias(vm, args, |_, a| Ok(a.parameters.clone()));
    getter "__parameters__" ("") "The type parameters, those that stand for several unpacked." =>
        |vm, args| alias(vm, args, unpacked_parameters);
    method "__getitem__" ("key, /") "The alias with types for its parameters." => |vm, args| alias(vm, args, |vm, a| {
        if a.parameters.get().as_tuple().is_some_and(|parameters| parameters.is_empty()) {
            return Err(vm.raise(ClassName::TypeError, "Only generic type aliases are subscriptable"));
        }
        vm.generic_alias(args.at(0), args.at(1))
    });
    method "__or__" ("value, /") "self | value" => |vm, args| vm.union_of_types(args.at(0), args.at(1));
    method "__ror__" ("value, /") "value | self" => |vm, args| vm.union_of_types(args.at(1), args.at(0));
}

/// `TypeAliasType(name, value, *, type_params=())`
fn new_alias(vm: &mut Vm, args: Args<'_>) -> Outcome {
    // Keyword-only arguments stand behind the others.
    let (name, value) = (args.at(1), args.at(2));
    if name.as_str().is_none() {
        let got = vm.type_name(name);
        return Err(vm.raise(ClassName::TypeError, format!("typealias() argument 'name' must be str, not {got}")));
    }
    let parameters = match args.get(3) {
        None => vm.new_tuple(Vec::new())?,
        Some(parameters) if parameters.as_tuple().is_some() => parameters.to_owned(),
        Some(_) => return Err(vm.raise(ClassName::TypeError, "type_params must be a tuple")),
    };
    let made = Lazy::new(Owned::none());
    drop(made.value.replace(Some(value.to_owned())));
    let alias = TypeAlias { name: name.to_owned(), parameters, value: made };
    Ok(vm.new_native(vm.class_shape(ClassName::TypeAlias), alias)?)
}

/// Something that `typing` has.
fn typing(vm: &mut Vm, name: &str) -> Outcome {
    let module = vm.import_module("typing")?;
    let name = vm.intern(name)?;
    vm.get_attribute(module.get(), name.get())
}

/// What a function of `typing` says about parameters in brackets.
fn substitution(vm: &mut Vm, name: &str, args: Args<'_>) -> Outcome {
    let function = typing(vm, name)?;
    let arguments: Vec<Ref<'_>> = args.rest(0).collect();
    vm.call(function.get(), &arguments)
}

/// `typing.Union[left, right]`.
fn union(vm: &mut Vm, left: Ref<'_>, right: Ref<'_>) -> Outcome {
    let union = typing(vm, "Union")?;
    let members = vm.new_tuple([left.to_owned(), right.to_owned()])?;
    vm.get_item(union.get(), members.get())
}

/// `typing.Unpack[parameter]`.
fn unpacked(vm: &mut Vm, parameter: Ref<'_>) -> Outcome {
    let unpack = typing(vm, "Unpack")?;
    vm.get_item(unpack.get(), parameter)
}

/// An object of a class of `typing` that stands for a part of the parameters.
fn part(vm: &mut Vm, args: Args<'_>, class: &str) -> Outcome {
    let class = typing(vm, class)?;
    vm.call(class.get(), &[args.at(0)])
}

fn unpacked_parameters(vm: &mut Vm, alias: &TypeAlias) -> Outcome {
    let mut parameters = Vec::new();
    for parameter in alias.parameters.get().as_tuple().into_iter().flat_map(|parameters| parameters.iter()) {
        let is_tuple = vm.is_instance_of(parameter, ClassName::TypeVarTuple);
        parameters.push(if is_tuple { unpacked(vm, parameter)? } else { parameter.to_owned() });
    }
    Ok(vm.new_tuple(parameters)?)
}

fn parameter(vm: &mut Vm, args: Args<'_>, f: impl FnOnce(&mut Vm, &TypeParameter) -> Outcome) -> Outcome {
    match args.at(0).payload::<TypeParameter>(vm.heap()) {
        Some(parameter) => f(vm, parameter),
        None => Err(vm.raise(ClassName::TypeError, "not a type parameter")),
    }
}

fn alias(vm: &mut Vm, args: Args<'_>, f: impl FnOnce(&mut Vm, &TypeAlias) -> Outcome) -> Outcome {
    match args.at(0).payload::<TypeAlias>(vm.heap()) {
        Some(alias) => f(vm, alias),
        None => Err(vm.raise(ClassName::TypeError, "not a type alias")),
    }
}

impl Vm {
    /// A type parameter: `kind` 0 is a `TypeVar`, 1 a `TypeVarTuple`, 2 a `ParamSpec`, 3 a `TypeVar` whose bound is a tuple of
    /// constraints. Bound and default are functions that give them, or None.
    pub(crate) fn make_type_parameter(&mut self, kind: u64, name: Owned, bound: Owned, default: Owned) -> Outcome {
        let class = match kind {
            1 => ClassName::TypeVarTuple,
            2 => ClassName::ParamSpec,
            _ => ClassName::TypeVar,
        };
        let parameter =
            TypeParameter { name, bound: Lazy::new(bound), is_constrained: kind == 3, default: Lazy::new(default) };
        Ok(self.new_native(self.class_shape(class), parameter)?)
    }

    /// A type alias; `value` is a function that gives what it stands for.
    pub(crate) fn make_type_alias(&mut self, name: Owned, parameters: Owned, value: Owned) -> Outcome {
        let parameters = if parameters.get().is_none() { self.new_tuple(Vec::new())? } else { parameters };
        let alias = TypeAlias { name, parameters, value: Lazy::new(value) };
        Ok(self.new_native(self.class_shape(ClassName::TypeAlias), alias)?)
    }
}
