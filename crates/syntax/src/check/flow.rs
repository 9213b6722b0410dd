//! What CPython's code generator refuses: statements and expressions where they mean nothing.

use std::collections::HashSet;

use toy_source::{Diagnostic, Span};

use super::{
    patterns,
    walk::{self, Event, Listener, Region, ScopeKind},
};
use crate::ast::*;

/// As many names as may stand before a starred one in an assignment.
const UNPACKING_LIMIT: usize = 1 << 8;

/// As many blocks as may stand in each other within one function.
const BLOCK_LIMIT: usize = 21;

pub(super) fn check(ast: &Ast) -> Vec<Diagnostic> {
    let mut flow = Flow { ast, scopes: Vec::new(), starred: HashSet::new(), texts: 0, faults: Vec::new() };
    walk::walk(ast, &mut flow);
    flow.faults
}

/// A function, class or the like around the current place.
struct Surroundings {
    kind: ScopeKind,
    /// Loops and `except*` blocks around the place within the scope.
    regions: Vec<Region>,
    /// Whether a `yield` has been seen.
    yields: bool,
    /// `return value` statements seen.
    returns: Vec<Span>,
}

struct Flow<'a> {
    ast: &'a Ast,
    scopes: Vec<Surroundings>,
    /// Starred expressions that stand where they may.
    starred: HashSet<ExpressionId>,
    /// How many annotations that are kept as text lie around the place: no code is made of what stands there.
    texts: usize,
    faults: Vec<Diagnostic>,
}

impl Listener for Flow<'_> {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Enter(kind) => {
                self.texts += usize::from(kind == ScopeKind::Annotation);
                self.scopes.push(Surroundings { kind, regions: Vec::new(), yields: false, returns: Vec::new() });
            }
            Event::Leave => self.leave(),
            Event::Begin(region) => {
                if let Some(scope) = self.scopes.last_mut() {
                    scope.regions.push(region);
                }
                self.limit_blocks(region);
            }
            Event::End(_) => {
                self.scopes.last_mut().and_then(|scope| scope.regions.pop());
            }
            _ if self.texts > 0 => {}
            Event::Statement(id) => self.statement(&self.ast[id]),
            Event::Expression(id) => self.expression(id, &self.ast[id]),
            Event::Target(id) => self.target(id, &self.ast[id]),
            Event::Use(_) | Event::Bind(..) | Event::Parameter(_) | Event::TypeParameter(..) => {}
        }
    }
}

impl Flow<'_> {
    fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.faults.push(Diagnostic::syntax(span, message));
    }

    fn leave(&mut self) {
        let Some(scope) = self.scopes.pop() else { return };
        self.texts -= usize::from(scope.kind == ScopeKind::Annotation);
        if scope.yields && scope.kind == (ScopeKind::Function { is_async: true }) {
            for span in scope.returns {
                self.fault(span, "'return' with value in async generator");
            }
        }
    }

    fn kind(&self) -> ScopeKind {
        self.scopes.last().map_or(ScopeKind::Module, |scope| scope.kind)
    }

    /// The innermost loop or `except*` around the place.
    fn region(&self) -> Option<Region> {
        let regions = self.scopes.last().map_or(&[][..], |scope| &scope.regions);
        regions.iter().rev().find(|region| matches!(region, Region::Loop | Region::ExceptStar)).copied()
    }

    fn has_region(&self, region: Region) -> bool {
        self.scopes.last().is_some_and(|scope| scope.regions.contains(&region))
    }

    fn in_function(&self) -> bool {
        matches!(self.kind(), ScopeKind::Function { .. } | ScopeKind::Lambda | ScopeKind::Comprehension(_))
    }

    fn in_async_function(&self) -> bool {
        self.kind() == (ScopeKind::Function { is_async: true })
    }

    fn limit_blocks(&mut self, region: Region) {
        let Region::Block(span) = region else { return };
        let regions = self.scopes.last().map_or(&[][..], |scope| &scope.regions);
        if regions.iter().filter(|region| matches!(region, Region::Block(_))).count() > BLOCK_LIMIT {
            self.fault(span, "too many statically nested blocks");
        }
    }

    fn statement(&mut self, statement: &Statement) {
        let span = statement.span;
        let outside_async = !self.in_async_function();
        match &statement.kind {
            StatementKind::Return(value) => self.return_statement(span, *value),
            StatementKind::Break | StatementKind::Continue => match self.region() {
                Some(Region::Loop) => {}
                Some(Region::ExceptStar) => self.refuse_in_except_star(span),
                _ if matches!(statement.kind, StatementKind::Break) => self.fault(span, "'break' outside loop"),
                _ => self.fault(span, "'continue' not properly in loop"),
            },
            StatementKind::For { is_async: true, .. } if outside_async => {
                self.fault(span, "'async for' outside async function");
            }
            StatementKind::With { is_async: true, .. } if outside_async => {
                self.fault(span, "'async with' outside async function");
            }
            StatementKind::Try { handlers, is_star: false, .. } => {
                let last = handlers.len().saturating_sub(1);
                if let Some(early) = handlers[..last].iter().find(|handler| handler.kind.is_none()) {
                    self.fault(early.span, "default 'except:' must be last");
                }
            }
            StatementKind::Match { cases, .. } => self.faults.extend(patterns::check(self.ast, cases)),
            _ => {}
        }
    }

    fn return_statement(&mut self, span: Span, value: Option<ExpressionId>) {
        if !matches!(self.kind(), ScopeKind::Function { .. }) {
            self.fault(span, "'return' outside function");
        } else if self.has_region(Region::ExceptStar) {
            self.refuse_in_except_star(value.map_or(span, |value| self.ast[value].span));
        } else if value.is_some()
            && let Some(scope) = self.scopes.last_mut()
        {
            scope.returns.push(span);
        }
    }

    fn refuse_in_except_star(&mut self, span: Span) {
        self.fault(span, "'break', 'continue' and 'return' cannot appear in an except* block");
    }

    fn expression(&mut self, id: ExpressionId, expression: &Expression) {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Tuple(items) | ExpressionKind::List(items) | ExpressionKind::Set(items) => {
                self.starred.extend(items);
            }
            ExpressionKind::Starred(_) if !self.starred.contains(&id) => {
                self.fault(span, "can't use starred expression here");
            }
            ExpressionKind::Yield(_) | ExpressionKind::YieldFrom(_) => {
                let is_from = matches!(expression.kind, ExpressionKind::YieldFrom(_));
                if !self.in_function() {
                    let what = if is_from { "'yield from' outside function" } else { "'yield' outside function" };
                    self.fault(span, what);
                } else if is_from && self.in_async_function() {
                    self.fault(span, "'yield from' inside async function");
                }
                if let Some(scope) = self.scopes.last_mut() {
                    scope.yields = true;
                }
            }
            ExpressionKind::Await(_) => self.await_expression(span),
            ExpressionKind::ListComprehension { element, clauses }
            | ExpressionKind::SetComprehension { element, clauses } => {
                self.comprehension(span, &[*element], clauses);
            }
            ExpressionKind::DictComprehension { key, value, clauses } => {
                self.comprehension(span, &[*key, *value], clauses);
            }
            _ => {}
        }
    }

    /// Whether a coroutine runs here: an async function, or comprehensions within one.
    fn in_coroutine(&self) -> bool {
        for scope in self.scopes.iter().rev() {
            match scope.kind {
                ScopeKind::Function { is_async } => return is_async,
                // A generator expression runs asynchronously of its own accord.
                ScopeKind::Comprehension(id) if matches!(self.ast[id].kind, ExpressionKind::Generator { .. }) => {
                    return true;
                }
                ScopeKind::Comprehension(_) => {}
                _ => return false,
            }
        }
        false
    }

    fn await_expression(&mut self, span: Span) {
        if !self.in_function() {
            self.fault(span, "'await' outside function");
        } else if !self.in_async_function() && !matches!(self.kind(), ScopeKind::Comprehension(_)) {
            self.fault(span, "'await' outside async function");
        }
    }

    /// A comprehension that awaits must itself be within a coroutine.
    fn comprehension(&mut self, span: Span, elements: &[ExpressionId], clauses: &[ComprehensionClause]) {
        if self.in_coroutine() {
            return;
        }
        let conditions = clauses.iter().flat_map(|clause| clause.conditions.iter().copied());
        let later = clauses.iter().skip(1).map(|clause| clause.iterable);
        let parts: Vec<ExpressionId> = elements.iter().copied().chain(conditions).chain(later).collect();
        if clauses.iter().any(|clause| clause.is_async) || self.awaits(&parts) {
            self.fault(span, "asynchronous comprehension outside of an asynchronous function");
        }
    }

    /// Whether one of some expressions awaits, other than in a function of its own.
    fn awaits(&self, parts: &[ExpressionId]) -> bool {
        let Some(first) = parts.iter().map(|&id| self.ast[id].span.start).min() else { return false };
        let last = parts.iter().map(|&id| self.ast[id].span.end).max().unwrap_or(first);
        let highest = parts.iter().map(|id| id.0 as usize).max().unwrap_or(0);
        // What is below a node stands directly before it in the arena and within its span.
        let below = self.ast.expressions[..=highest].iter().rev().take_while(|it| it.span.end > first);
        below.filter(|it| it.span.start >= first && it.span.end <= last).any(|it| match &it.kind {
            ExpressionKind::Await(_) => true,
            ExpressionKind::ListComprehension { clauses, .. }
            | ExpressionKind::SetComprehension { clauses, .. }
            | ExpressionKind::DictComprehension { clauses, .. } => clauses.iter().any(|clause| clause.is_async),
            _ => false,
        })
    }

    fn target(&mut self, id: ExpressionId, target: &Expression) {
        match &target.kind {
            ExpressionKind::Tuple(items) | ExpressionKind::List(items) => {
                let stars: Vec<usize> = (0..items.len())
                    .filter(|&index| matches!(self.ast[items[index]].kind, ExpressionKind::Starred(_)))
                    .collect();
                self.starred.extend(items);
                if stars.len() > 1 {
                    self.fault(target.span, "multiple starred expressions in assignment");
                } else if stars.first().is_some_and(|&star| star >= UNPACKING_LIMIT) {
                    self.fault(target.span, "too many expressions in star-unpacking assignment");
                }
            }
            ExpressionKind::Starred(_) if !self.starred.contains(&id) => {
                self.fault(target.span, "starred assignment target must be in a list or tuple");
            }
            _ => {}
        }
    }
}
