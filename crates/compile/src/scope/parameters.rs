//! Parameters, their defaults and annotations; type parameters.

use toy_source::Diagnostic;
use toy_syntax::ast::{
    ExpressionId, ExpressionKind, Parameter, Parameters, StatementId, StatementKind, Symbol, TypeParameter,
};

use super::ScopeKind;
use super::collect::{Collected, Collector};

/// The parameters in the order of CPython's annotations and `co_varnames`' first part: `*args` before keyword-only ones.
pub(crate) fn in_annotation_order(parameters: &Parameters) -> impl Iterator<Item = &Parameter> {
    let Parameters { positional_only, positional, star, keyword_only, double_star } = parameters;
    positional_only.iter().chain(positional).chain(star).chain(keyword_only).chain(double_star)
}

/// The parameters in the order of their registers.
fn in_register_order(parameters: &Parameters) -> impl Iterator<Item = &Parameter> {
    let Parameters { positional_only, positional, star, keyword_only, double_star } = parameters;
    positional_only.iter().chain(positional).chain(keyword_only).chain(star).chain(double_star)
}

/// Whether there are defaults of positional and of keyword-only parameters.
pub(crate) fn has_defaults(parameters: &Parameters) -> (bool, bool) {
    let has_default = |parameter: &Parameter| parameter.default.is_some();
    let positional = parameters.positional_only.iter().chain(&parameters.positional).any(has_default);
    (positional, parameters.keyword_only.iter().any(has_default))
}

impl<'a> Collector<'a> {
    /// Defaults belong to the scope around the function.
    pub(super) fn defaults(&mut self, parameters: &'a Parameters) -> Collected {
        in_annotation_order(parameters).try_for_each(|parameter| self.optional_expression(parameter.default))
    }

    /// So do annotations.
    pub(super) fn annotations(&mut self, parameters: &'a Parameters, returns: Option<ExpressionId>) -> Collected {
        for parameter in in_annotation_order(parameters) {
            self.analysis.mangle(self.scope, parameter.name.symbol);
            self.optional_expression(parameter.annotation)?;
        }
        self.optional_expression(returns)
    }

    pub(super) fn parameters(&mut self, parameters: &'a Parameters) {
        for parameter in in_register_order(parameters) {
            self.bind(parameter.name.symbol).is_parameter = true;
        }
    }

    /// Begins the hidden scope of a generic definition, binds its own `arguments` and then the type parameters there.
    pub(super) fn enter_type_parameters(
        &mut self,
        id: StatementId,
        parameters: &'a [TypeParameter],
        arguments: &[Symbol],
        private_class: Option<Symbol>,
    ) -> Collected {
        self.enter_annotation_scope();
        self.analysis.of_type_parameters.insert(id, self.scope);
        if private_class.is_some() {
            self.current().private_class = private_class;
        }
        for &argument in arguments {
            let entry = self.bind(argument);
            (entry.is_parameter, entry.is_used) = (true, true);
        }
        for parameter in parameters {
            if self.entry(self.scope, parameter.name.symbol).is_bound {
                let name = self.ast.symbols.name(parameter.name.symbol);
                let message = format!("duplicate type parameter '{name}'");
                return Err(Diagnostic::syntax(parameter.name.span, message));
            }
            self.bind(parameter.name.symbol);
        }
        for parameter in parameters {
            for lazy in [parameter.bound, parameter.default].into_iter().flatten() {
                self.lazy(lazy)?;
            }
        }
        Ok(())
    }

    pub(super) fn type_alias(&mut self, id: StatementId) -> Collected {
        let ast = self.ast;
        let StatementKind::TypeAlias { name, type_parameters, value } = &ast[id].kind else { return Ok(()) };
        self.bind(name.symbol);
        let outside = self.scope;
        if !type_parameters.is_empty() {
            self.enter_type_parameters(id, type_parameters, &[], None)?;
        }
        self.lazy(*value)?;
        self.leave(outside);
        Ok(())
    }

    /// An expression that a hidden function computes when it is asked for.
    fn lazy(&mut self, id: ExpressionId) -> Collected {
        let names = self.analysis.names;
        let around = self.enter_annotation_scope();
        self.current().is_lazy = true;
        if self.current().sees_class {
            self.entry(self.scope, names.class_namespace).is_used = true;
        }
        self.analysis.of_lazy.insert(id, self.scope);
        let inner = match self.ast[id].kind {
            ExpressionKind::Starred(inner) => inner,
            _ => id,
        };
        self.expression(inner)?;
        self.leave(around);
        Ok(())
    }

    /// A hidden scope; directly in a class, or in another one that does, it sees the names of the class.
    fn enter_annotation_scope(&mut self) -> super::ScopeId {
        let parent = self.enter(ScopeKind::TypeParameters);
        let around = self.analysis.scope(parent);
        if around.kind == ScopeKind::Class || around.sees_class {
            self.current().sees_class = true;
        }
        parent
    }
}
