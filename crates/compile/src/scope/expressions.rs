//! Names in expressions and targets.

use toy_source::Diagnostic;
use toy_syntax::ast::{ComprehensionClause, DictItem, ExpressionId, ExpressionKind, FStringPart, Identifier, Symbol};

use super::collect::{Collected, Collector};
use super::{ScopeId, ScopeKind};

impl<'a> Collector<'a> {
    pub(super) fn optional_expression(&mut self, id: Option<ExpressionId>) -> Collected {
        id.map_or(Ok(()), |id| self.expression(id))
    }

    fn all(&mut self, ids: &[ExpressionId]) -> Collected {
        ids.iter().try_for_each(|&id| self.expression(id))
    }

    /// Walks through an expression; left spines by loop.
    pub(super) fn expression(&mut self, id: ExpressionId) -> Collected {
        let ast = self.ast;
        let mut spine = Vec::new();
        let mut leaf = id;
        while let ExpressionKind::Binary { left: inner, .. }
        | ExpressionKind::Attribute { value: inner, .. }
        | ExpressionKind::Subscript { value: inner, .. }
        | ExpressionKind::Call { function: inner, .. } = &ast[leaf].kind
        {
            spine.push(leaf);
            leaf = *inner;
        }
        self.leaf(leaf)?;
        for &id in spine.iter().rev() {
            match &ast[id].kind {
                ExpressionKind::Binary { right, .. } => self.expression(*right)?,
                ExpressionKind::Subscript { index, .. } => self.expression(*index)?,
                ExpressionKind::Attribute { name, .. } => {
                    self.analysis.mangle(self.scope, name.symbol);
                }
                ExpressionKind::Call { arguments, .. } => {
                    for argument in arguments {
                        self.expression(argument.value)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn leaf(&mut self, id: ExpressionId) -> Collected {
        let ast = self.ast;
        match &ast[id].kind {
            ExpressionKind::Name(symbol) => {
                self.use_name(*symbol);
                Ok(())
            }
            ExpressionKind::FString(parts) => self.format_parts(parts),
            ExpressionKind::Unary { operand, .. } => self.expression(*operand),
            ExpressionKind::Boolean { values, .. } => self.all(values),
            ExpressionKind::Compare { left, rest } => {
                self.expression(*left)?;
                rest.iter().try_for_each(|(_, value)| self.expression(*value))
            }
            ExpressionKind::Conditional { test, then, otherwise } => self.all(&[*test, *then, *otherwise]),
            ExpressionKind::Lambda { parameters, body } => {
                self.defaults(parameters)?;
                let around = self.enter(ScopeKind::Function);
                self.analysis.of_expression.insert(id, self.scope);
                self.parameters(parameters);
                self.expression(*body)?;
                self.leave(around);
                Ok(())
            }
            ExpressionKind::Named { target, value } => {
                self.named(*target, id)?;
                self.expression(*value)
            }
            ExpressionKind::Slice { lower, upper, step } => {
                [lower, upper, step].into_iter().try_for_each(|part| self.optional_expression(*part))
            }
            ExpressionKind::Starred(value) => self.expression(*value),
            ExpressionKind::Tuple(items) | ExpressionKind::List(items) | ExpressionKind::Set(items) => self.all(items),
            ExpressionKind::Dict(items) => items.iter().try_for_each(|item| match item {
                DictItem::Pair(key, value) => self.all(&[*key, *value]),
                DictItem::Unpack(value) => self.expression(*value),
            }),
            ExpressionKind::ListComprehension { element, clauses }
            | ExpressionKind::SetComprehension { element, clauses } => {
                self.comprehension(id, ScopeKind::Comprehension, clauses, &[*element])
            }
            ExpressionKind::DictComprehension { key, value, clauses } => {
                self.comprehension(id, ScopeKind::Comprehension, clauses, &[*key, *value])
            }
            ExpressionKind::Generator { element, clauses } => {
                self.comprehension(id, ScopeKind::Generator, clauses, &[*element])
            }
            ExpressionKind::Await(value) => {
                self.current().has_await = true;
                self.expression(*value)
            }
            ExpressionKind::Yield(value) => {
                self.current().has_yield = true;
                self.optional_expression(*value)
            }
            ExpressionKind::YieldFrom(value) => {
                self.current().has_yield = true;
                self.expression(*value)
            }
            ExpressionKind::None
            | ExpressionKind::True
            | ExpressionKind::False
            | ExpressionKind::Ellipsis
            | ExpressionKind::Integer(_)
            | ExpressionKind::BigInteger(_)
            | ExpressionKind::Float(_)
            | ExpressionKind::Imaginary(_)
            | ExpressionKind::String(_)
            | ExpressionKind::Bytes(_) => Ok(()),
            ExpressionKind::Binary { .. }
            | ExpressionKind::Attribute { .. }
            | ExpressionKind::Subscript { .. }
            | ExpressionKind::Call { .. } => Ok(()),
        }
    }

    fn format_parts(&mut self, parts: &'a [FStringPart]) -> Collected {
        parts.iter().try_for_each(|part| match part {
            FStringPart::Literal(_) => Ok(()),
            FStringPart::Replacement { value, spec, .. } => {
                self.expression(*value)?;
                spec.as_ref().map_or(Ok(()), |spec| self.format_parts(spec))
            }
        })
    }

    fn comprehension(
        &mut self,
        id: ExpressionId,
        kind: ScopeKind,
        clauses: &'a [ComprehensionClause],
        elements: &[ExpressionId],
    ) -> Collected {
        self.iterable(clauses[0].iterable)?;
        let around = self.enter(kind);
        self.analysis.of_expression.insert(id, self.scope);
        if kind == ScopeKind::Generator {
            self.bind(self.analysis.names.first_iterator).is_parameter = true;
            self.current().has_yield = true;
        }
        for (index, clause) in clauses.iter().enumerate() {
            self.current().has_await |= clause.is_async;
            self.iteration_target(clause.target)?;
            if index > 0 {
                self.iterable(clause.iterable)?;
            }
            self.all(&clause.conditions)?;
        }
        self.all(elements)?;
        let is_async = self.current().has_await && kind == ScopeKind::Comprehension;
        self.leave(around);
        self.current().has_await |= is_async;
        Ok(())
    }

    fn iterable(&mut self, id: ExpressionId) -> Collected {
        self.current().iterable_depth += 1;
        self.expression(id)?;
        self.current().iterable_depth -= 1;
        Ok(())
    }

    fn iteration_target(&mut self, target: ExpressionId) -> Collected {
        self.target(target)?;
        let scope = self.scope;
        let names: Vec<Symbol> = target_names(self.ast, target);
        for name in names {
            self.entry(scope, name).is_iteration_variable = true;
        }
        Ok(())
    }

    /// `target := …`: binds in the scope around all comprehensions.
    fn named(&mut self, target: Identifier, whole: ExpressionId) -> Collected {
        let span = self.ast[whole].span;
        let name = self.ast.symbols.name(target.symbol).to_owned();
        let error = |message: String| Err(Diagnostic::syntax(span, message));
        if self.current().iterable_depth > 0 {
            return error("assignment expression cannot be used in a comprehension iterable expression".into());
        }
        let mut inside = Vec::new();
        let mut scope = self.scope;
        while let (ScopeKind::Comprehension | ScopeKind::Generator, Some(parent)) =
            (self.analysis.scope(scope).kind, self.analysis.scope(scope).parent)
        {
            if self.entry(scope, target.symbol).is_iteration_variable {
                return error(format!("assignment expression cannot rebind comprehension iteration variable '{name}'"));
            }
            inside.push(scope);
            scope = parent;
        }
        let kind = self.analysis.scope(scope).kind;
        if kind == ScopeKind::Class && !inside.is_empty() {
            return error("assignment expression within a comprehension cannot be used in a class body".into());
        }
        if kind == ScopeKind::TypeParameters {
            return error("assignment expression cannot be used within the definition of a generic".into());
        }
        let outer = self.entry(scope, target.symbol);
        outer.is_bound = true;
        let is_global = outer.global.is_some() || kind == ScopeKind::Module;
        for scope in inside {
            let entry = self.entry(scope, target.symbol);
            let declared = if is_global { &mut entry.global } else { &mut entry.nonlocal };
            *declared = Some(target.span);
        }
        Ok(())
    }

    /// Binds the names of an assignment's target; visits what it reads.
    pub(super) fn target(&mut self, id: ExpressionId) -> Collected {
        let ast = self.ast;
        match &ast[id].kind {
            ExpressionKind::Name(symbol) => self.bind_target(*symbol, id),
            ExpressionKind::Tuple(items) | ExpressionKind::List(items) => {
                items.iter().try_for_each(|&item| self.target(item))
            }
            ExpressionKind::Starred(inner) => self.target(*inner),
            ExpressionKind::Attribute { value, name } => {
                self.note_static_attribute(*value, name.symbol);
                self.analysis.mangle(self.scope, name.symbol);
                self.expression(*value)
            }
            _ => self.expression(id),
        }
    }

    fn bind_target(&mut self, symbol: Symbol, id: ExpressionId) -> Collected {
        let span = self.ast[id].span;
        let is_inner_variable = {
            let entry = self.bind(symbol);
            entry.nonlocal.is_some()
        };
        if is_inner_variable && matches!(self.current().kind, ScopeKind::Comprehension | ScopeKind::Generator) {
            let name = self.ast.symbols.name(symbol);
            let message = format!("comprehension inner loop cannot rebind assignment expression target '{name}'");
            return Err(Diagnostic::syntax(span, message));
        }
        Ok(())
    }

    /// The target of an annotation. A name in parentheses is only bound by a value.
    pub(super) fn annotated_target(&mut self, id: ExpressionId, has_value: bool) -> Collected {
        let ast = self.ast;
        let ExpressionKind::Name(symbol) = ast[id].kind else { return self.target(id) };
        if ast[id].parenthesised {
            return if has_value { self.target(id) } else { Ok(()) };
        }
        let name = ast.symbols.name(symbol);
        let entry = self.bind(symbol);
        let declared = [(entry.global, "global"), (entry.nonlocal, "nonlocal")];
        entry.is_annotated = true;
        match declared.into_iter().find(|(span, _)| span.is_some()) {
            Some((_, keyword)) if !(keyword == "global" && self.current().kind == ScopeKind::Module) => {
                Err(Diagnostic::syntax(ast[id].span, format!("annotated name '{name}' can't be {keyword}")))
            }
            _ => Ok(()),
        }
    }

    /// `del target`.
    pub(super) fn deleted(&mut self, id: ExpressionId) -> Collected {
        self.target(id)?;
        for name in target_names(self.ast, id) {
            self.entry(self.scope, name).is_deleted = true;
        }
        Ok(())
    }

    /// `self.name = …` somewhere in a class.
    fn note_static_attribute(&mut self, object: ExpressionId, name: Symbol) {
        if !matches!(self.ast[object].kind, ExpressionKind::Name(symbol) if symbol == self.analysis.names.self_name) {
            return;
        }
        let mut scope: Option<ScopeId> = self.analysis.scope(self.scope).parent;
        while let Some(id) = scope {
            if self.analysis.scope(id).kind == ScopeKind::Class {
                let name = self.analysis.symbols.name(name).into();
                self.analysis.scope_mut(id).static_attributes.insert(name);
                return;
            }
            scope = self.analysis.scope(id).parent;
        }
    }
}

/// The names that assigning to a target binds.
fn target_names(ast: &toy_syntax::ast::Ast, target: ExpressionId) -> Vec<Symbol> {
    let mut names = Vec::new();
    let mut pending = vec![target];
    while let Some(id) = pending.pop() {
        match &ast[id].kind {
            ExpressionKind::Name(symbol) => names.push(*symbol),
            ExpressionKind::Tuple(items) | ExpressionKind::List(items) => pending.extend(items),
            ExpressionKind::Starred(inner) => pending.push(*inner),
            _ => {}
        }
    }
    names
}
