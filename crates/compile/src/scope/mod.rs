//! What each name means where: scopes, their symbols, and the resolution of names across scopes.
//!
//! Invariant: names are mangled here and nowhere else; every later stage asks [`Analysis::mangled`].

mod collect;
mod expressions;
mod parameters;
mod resolve;

pub(crate) use parameters::{has_defaults, in_annotation_order};

use std::collections::HashMap;

use toy_source::{Diagnostic, Span};
use toy_syntax::ast::{Ast, ExpressionId, StatementId, Symbol, Symbols};

use crate::unit::Register;

/// A scope in [`Analysis::scopes`]; parents come before children.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub(crate) struct ScopeId(pub(crate) u32);

/// What makes a scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ScopeKind {
    Module,
    Class,
    /// `def` or `lambda`.
    Function,
    /// A generator expression: a function of its own.
    Generator,
    /// A list, set or dict comprehension: part of the code around it.
    Comprehension,
    /// The hidden function around a generic definition, or the one that computes a bound, default or alias.
    TypeParameters,
}

/// What a name in a scope refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Resolution {
    /// A variable of this scope; in a class or module, a name of its namespace.
    Own,
    /// A variable of another scope of the same unit: from a comprehension, the code around it.
    SameUnit(ScopeId),
    /// A cell of the closure.
    Free,
    /// A global, or a builtin.
    Global,
}

/// A name in a scope.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// Read somewhere.
    pub(crate) is_used: bool,
    /// Assigned, imported, defined, deleted.
    pub(crate) is_bound: bool,
    pub(crate) is_parameter: bool,
    pub(crate) is_annotated: bool,
    /// Some statement deletes it.
    pub(crate) is_deleted: bool,
    /// A comprehension assigns it from what it iterates over.
    pub(crate) is_iteration_variable: bool,
    /// The place of a `global` statement (or a name that must be global).
    pub(crate) global: Option<Span>,
    /// The place of a `nonlocal` statement (or a name that must be found outside).
    pub(crate) nonlocal: Option<Span>,
    /// A scope of another unit reaches it, so it lives in a cell.
    pub(crate) is_captured: bool,
    pub(crate) resolution: Option<Resolution>,
}

/// A scope.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) kind: ScopeKind,
    pub(crate) parent: Option<ScopeId>,
    /// The scope that becomes the code object: itself, or for a comprehension the one around it.
    pub(crate) unit: ScopeId,
    /// The class whose name mangles private names here.
    pub(crate) private_class: Option<Symbol>,
    pub(crate) entries: HashMap<Symbol, Entry>,
    /// The names in order of appearance, parameters first.
    pub(crate) order: Vec<Symbol>,
    /// Names of the closure's cells, for a scope that is a unit.
    pub(crate) free: Vec<Symbol>,
    /// Contains `yield` or `yield from`.
    pub(crate) has_yield: bool,
    /// Contains `await`, `async for` or `async with` of its own.
    pub(crate) has_await: bool,
    /// A comprehension's, how many of its (or its parents') iterables are being walked through.
    iterable_depth: u32,
    /// Sees the names of the class around it: its register 0 holds the class's namespace.
    pub(crate) sees_class: bool,
    /// Computes a bound, default or alias when it is asked for; the namespace comes from [`Names::class_namespace`].
    pub(crate) is_lazy: bool,
    /// For a class: the cells it makes, `__class__` and `__classdict__`, where something inside needs them.
    pub(crate) class_cells: Vec<Symbol>,
    /// For a class: names assigned through `self` in its methods.
    pub(crate) static_attributes: std::collections::BTreeSet<Box<str>>,
}

/// Names that the language itself uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    /// `.0`, the parameter of a generator expression.
    pub(crate) first_iterator: Symbol,
    /// `__class__`.
    pub(crate) class_cell: Symbol,
    /// `__classdict__`: the cell through which annotation scopes see the namespace of their class.
    pub(crate) class_namespace: Symbol,
    /// `super`.
    pub(crate) super_name: Symbol,
    /// `self`.
    pub(crate) self_name: Symbol,
    /// `.type_params`.
    pub(crate) type_parameters: Symbol,
    /// `.generic_base`.
    pub(crate) generic_base: Symbol,
    /// `.defaults`.
    pub(crate) defaults: Symbol,
    /// `.kwdefaults`.
    pub(crate) keyword_defaults: Symbol,
}

impl Names {
    fn new(symbols: &mut Symbols) -> Self {
        Self {
            first_iterator: symbols.intern(".0"),
            class_cell: symbols.intern("__class__"),
            class_namespace: symbols.intern("__classdict__"),
            super_name: symbols.intern("super"),
            self_name: symbols.intern("self"),
            type_parameters: symbols.intern(".type_params"),
            generic_base: symbols.intern(".generic_base"),
            defaults: symbols.intern(".defaults"),
            keyword_defaults: symbols.intern(".kwdefaults"),
        }
    }
}

/// The scopes of a program.
#[derive(Debug)]
pub(crate) struct Analysis {
    pub(crate) scopes: Vec<Scope>,
    /// The program's symbols and the mangled ones.
    pub(crate) symbols: Symbols,
    pub(crate) names: Names,
    /// Scopes of functions and classes.
    pub(crate) of_statement: HashMap<StatementId, ScopeId>,
    /// Hidden scopes of generic functions, classes and aliases.
    pub(crate) of_type_parameters: HashMap<StatementId, ScopeId>,
    /// Scopes of lambdas and comprehensions.
    pub(crate) of_expression: HashMap<ExpressionId, ScopeId>,
    /// Hidden scopes that compute an expression when it is asked for: a bound, default or alias.
    pub(crate) of_lazy: HashMap<ExpressionId, ScopeId>,
    mangled: HashMap<(Symbol, Symbol), Symbol>,
}

/// Finds the scopes of a program and resolves all names.
pub(crate) fn analyse(ast: &Ast) -> Result<Analysis, Diagnostic> {
    let mut analysis = collect::collect(ast)?;
    analysis.resolve()?;
    Ok(analysis)
}

impl Analysis {
    pub(crate) fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    fn scope_mut(&mut self, id: ScopeId) -> &mut Scope {
        &mut self.scopes[id.0 as usize]
    }

    /// The entry of a name that the scope mentions.
    pub(crate) fn entry(&self, scope: ScopeId, symbol: Symbol) -> Option<&Entry> {
        self.scope(scope).entries.get(&symbol)
    }

    /// The name as it counts in a scope: `__x` in a class `C` is `_C__x`.
    pub(crate) fn mangled(&self, scope: ScopeId, symbol: Symbol) -> Symbol {
        let class = self.scope(scope).private_class;
        class.and_then(|class| self.mangled.get(&(class, symbol))).copied().unwrap_or(symbol)
    }

    /// As [`Analysis::mangled`], while new names may still appear.
    fn mangle(&mut self, scope: ScopeId, symbol: Symbol) -> Symbol {
        let Some(class) = self.scope(scope).private_class else { return symbol };
        if let Some(&mangled) = self.mangled.get(&(class, symbol)) {
            return mangled;
        }
        let name = self.symbols.name(symbol);
        let class_name = self.symbols.name(class).trim_start_matches('_');
        if !name.starts_with("__") || name.ends_with("__") || class_name.is_empty() {
            return symbol;
        }
        let mangled = format!("_{class_name}{name}");
        let mangled = self.symbols.intern(&mangled);
        self.mangled.insert((class, symbol), mangled);
        mangled
    }
}

/// The registers of a unit's variables, its comprehensions' included.
#[derive(Debug, Default)]
pub(crate) struct ScopeRegisters(HashMap<(ScopeId, Symbol), Register>);

impl ScopeRegisters {
    pub(crate) fn insert(&mut self, scope: ScopeId, symbol: Symbol, register: Register) {
        self.0.insert((scope, symbol), register);
    }

    pub(crate) fn get(&self, scope: ScopeId, symbol: Symbol) -> Register {
        self.0[&(scope, symbol)]
    }
}
