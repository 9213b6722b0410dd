//! What is known of the names of one scope.

use std::collections::HashMap;

use toy_source::Span;

use super::walk::ScopeKind;
use crate::ast::Symbol;

/// How a name occurs in a scope.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Occurrence {
    pub(super) is_parameter: bool,
    pub(super) is_type_parameter: bool,
    pub(super) is_used: bool,
    pub(super) is_bound: bool,
    pub(super) is_annotated: bool,
    pub(super) is_iteration_variable: bool,
    /// Bound by `:=` in a comprehension within.
    pub(super) is_rebound_inside: bool,
    pub(super) global: Option<Span>,
    pub(super) nonlocal: Option<Span>,
}

/// A scope of names.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) kind: ScopeKind,
    /// The scope around it.
    pub(super) parent: Option<usize>,
    names: HashMap<Symbol, Occurrence>,
    /// The names in the order of their first occurrence.
    order: Vec<Symbol>,
    /// Whether the target of a comprehension is being read.
    pub(super) in_target: bool,
    /// How many iterables of comprehensions are being read.
    pub(super) iterables: u32,
}

impl Scope {
    pub(super) fn new(kind: ScopeKind, parent: Option<usize>) -> Self {
        Self { kind, parent, names: HashMap::new(), order: Vec::new(), in_target: false, iterables: 0 }
    }

    pub(super) fn get(&self, name: Symbol) -> Occurrence {
        self.names.get(&name).copied().unwrap_or_default()
    }

    pub(super) fn entry(&mut self, name: Symbol) -> &mut Occurrence {
        let order = &mut self.order;
        self.names.entry(name).or_insert_with(|| {
            order.push(name);
            Occurrence::default()
        })
    }

    pub(super) fn in_order(&self) -> impl Iterator<Item = (Symbol, Occurrence)> + '_ {
        self.order.iter().map(|&name| (name, self.get(name)))
    }

    /// Whether names bound here are seen by the functions within.
    pub(super) fn is_function_like(&self) -> bool {
        !matches!(self.kind, ScopeKind::Module | ScopeKind::Class(_))
    }
}
