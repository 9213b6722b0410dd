//! Type parameters and aliases: `def f[T](…)`, `class C[*Ts]`, `type X = …`. They are accepted and can be looked at; nothing
//! checks types.

use std::cell::RefCell;

use toy_object::{Owned, Payload, Ref};

use crate::classes::ClassName;
use crate::native::{Args, Outcome};
use crate::natives;
use crate::thread::Vm;

/// The three kinds of type parameter, by the number that the instruction has for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ParameterKind {
    TypeVar,
    TypeVarTuple,
    ParamSpec,
}

/// A type parameter. Bound and default are worked out when they are first asked for.
struct TypeParameter {
    kind: ParameterKind,
    name: Owned,
    bound: Lazy,
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
    getter "__bound__" ("") "The bound, or None." => |vm, args| parameter(vm, args, |vm, p| p.bound.get(vm));
    getter "__default__" ("") "The default, or None." => |vm, args| parameter(vm, args, |vm, p| p.default.get(vm));
    getter "__constraints__" ("") "The constraints." => |vm, args| parameter(vm, args, |vm, p| {
        debug_assert!(matches!(p.kind, ParameterKind::TypeVar | ParameterKind::TypeVarTuple | ParameterKind::ParamSpec));
        Ok(vm.new_tuple(Vec::new())?)
    });
}

natives! {
    /// What type aliases show.
    pub TYPE_ALIAS_METHODS:
    method "__repr__" ("") "The text that repr shows." => |vm, args| alias(vm, args, |_, a| Ok(a.name.clone()));
    getter "__name__" ("") "The name." => |vm, args| alias(vm, args, |_, a| Ok(a.name.clone()));
    getter "__value__" ("") "What it stands for." => |vm, args| alias(vm, args, |vm, a| a.value.get(vm));
    getter "__type_params__" ("") "The type parameters." => |vm, args| alias(vm, args, |_, a| Ok(a.parameters.clone()));
    getter "__parameters__" ("") "The type parameters." => |vm, args| alias(vm, args, |_, a| Ok(a.parameters.clone()));
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
    /// A type parameter: `kind` 0 is a `TypeVar`, 1 a `TypeVarTuple`, 2 a `ParamSpec`. Bound and default are functions that
    /// give them, or None.
    pub(crate) fn make_type_parameter(&mut self, kind: u64, name: Owned, bound: Owned, default: Owned) -> Outcome {
        let kind = match kind {
            0 => ParameterKind::TypeVar,
            1 => ParameterKind::TypeVarTuple,
            _ => ParameterKind::ParamSpec,
        };
        let parameter = TypeParameter { kind, name, bound: Lazy::new(bound), default: Lazy::new(default) };
        Ok(self.new_native(self.class_shape(ClassName::TypeVar), parameter)?)
    }

    /// A type alias; `value` is a function that gives what it stands for.
    pub(crate) fn make_type_alias(&mut self, name: Owned, parameters: Owned, value: Owned) -> Outcome {
        let parameters = if parameters.get().is_none() { self.new_tuple(Vec::new())? } else { parameters };
        let alias = TypeAlias { name, parameters, value: Lazy::new(value) };
        Ok(self.new_native(self.class_shape(ClassName::TypeAlias), alias)?)
    }
}
