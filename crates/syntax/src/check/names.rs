//! Names and scopes: what CPython's symbol table refuses.

use std::collections::HashMap;

use toy_source::{Diagnostic, Span};

use super::{
    scope::{Occurrence, Scope},
    walk::{self, Event, Listener, Region, ScopeKind},
};
use crate::ast::*;

pub(super) fn check(ast: &Ast) -> Vec<Diagnostic> {
    let mut names = Names { ast, scopes: Vec::new(), open: Vec::new(), faults: Vec::new() };
    walk::walk(ast, &mut names);
    names.nonlocals();
    names.faults
}

struct Names<'a> {
    ast: &'a Ast,
    /// All scopes, outer ones before inner ones.
    scopes: Vec<Scope>,
    /// The scopes around the current place.
    open: Vec<usize>,
    faults: Vec<Diagnostic>,
}

impl Listener for Names<'_> {
    fn hear(&mut self, event: Event) {
        match event {
            Event::Enter(kind) => {
                let mut scope = Scope::new(kind, self.open.last().copied());
                scope.iterables = self.open.last().map_or(0, |&outer| self.scopes[outer].iterables);
                self.scopes.push(scope);
                self.open.push(self.scopes.len() - 1);
            }
            Event::Leave => drop(self.open.pop()),
            Event::Begin(region) => self.region(region, true),
            Event::End(region) => self.region(region, false),
            Event::Statement(id) => self.statement(&self.ast[id]),
            Event::Expression(id) => self.expression(&self.ast[id]),
            Event::Target(id) => self.target(&self.ast[id]),
            Event::Use(name) => self.current().entry(name).is_used = true,
            Event::Bind(name, span) => self.bind(name, span),
            Event::Parameter(name) => {
                self.refuse_debug(name.symbol, name.span);
                if std::mem::replace(&mut self.current().entry(name.symbol).is_parameter, true) {
                    self.name_fault(name.span, name.symbol, "duplicate argument '", "' in function definition");
                }
            }
            Event::TypeParameter(name, span) => {
                if std::mem::replace(&mut self.current().entry(name).is_type_parameter, true) {
                    self.name_fault(span, name, "duplicate type parameter '", "'");
                }
            }
        }
    }
}

impl Names<'_> {
    fn current_index(&self) -> usize {
        self.open.last().copied().unwrap_or(0)
    }

    fn current(&mut self) -> &mut Scope {
        let index = self.current_index();
        &mut self.scopes[index]
    }

    fn kind(&self) -> ScopeKind {
        self.scopes[self.current_index()].kind
    }

    fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.faults.push(Diagnostic::syntax(span, message));
    }

    fn name_fault(&mut self, span: Span, name: Symbol, before: &str, after: &str) {
        let message = format!("{before}{}{after}", self.ast.symbols.name(name));
        self.fault(span, message);
    }

    fn region(&mut self, region: Region, begins: bool) {
        let scope = self.current();
        match region {
            Region::ComprehensionTarget => scope.in_target = begins,
            Region::ComprehensionIterable if begins => scope.iterables += 1,
            Region::ComprehensionIterable => scope.iterables -= 1,
            Region::Loop | Region::ExceptStar | Region::Block(_) => {}
        }
    }

    fn refuse_debug(&mut self, name: Symbol, span: Span) {
        if self.ast.symbols.name(name) == "__debug__" {
            self.fault(span, "cannot assign to __debug__");
        }
    }

    fn bind(&mut self, name: Symbol, span: Span) {
        self.refuse_debug(name, span);
        let scope = self.current();
        let in_target = scope.in_target;
        let entry = scope.entry(name);
        entry.is_bound = true;
        if in_target {
            entry.is_iteration_variable = true;
            if entry.is_rebound_inside {
                self.name_fault(
                    span,
                    name,
                    "comprehension inner loop cannot rebind assignment expression target '",
                    "'",
                );
            }
        }
    }

    fn statement(&mut self, statement: &Statement) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Global(names) => names.iter().for_each(|name| self.declare(name.symbol, span, true)),
            StatementKind::Nonlocal(names) => names.iter().for_each(|name| self.declare(name.symbol, span, false)),
            StatementKind::AnnotatedAssign { target, .. } => self.annotate(*target, span),
            StatementKind::ImportFrom { names: ImportNames::All(star), .. } if self.kind() != ScopeKind::Module => {
                self.fault(*star, "import * only allowed at module level");
            }
            StatementKind::Delete(targets) => {
                for &target in targets {
                    if let Expression { kind: ExpressionKind::Name(name), span, .. } = self.ast[target]
                        && self.ast.symbols.name(name) == "__debug__"
                    {
                        self.fault(span, "cannot delete __debug__");
                    }
                }
            }
            StatementKind::FunctionDefinition(function) => self.type_parameters(&function.type_parameters),
            StatementKind::ClassDefinition(class) => {
                self.keywords(&class.arguments);
                self.type_parameters(&class.type_parameters);
            }
            StatementKind::TypeAlias { type_parameters, .. } => self.type_parameters(type_parameters),
            _ => {}
        }
    }

    fn type_parameters(&mut self, parameters: &[TypeParameter]) {
        let mut defaulted = false;
        for parameter in parameters {
            if defaulted && parameter.default.is_none() {
                let end = parameter.bound.map_or(parameter.name.span, |bound| self.ast[bound].span);
                let span = parameter.name.span.to(end);
                self.name_fault(
                    span,
                    parameter.name.symbol,
                    "non-default type parameter '",
                    "' follows default type parameter",
                );
                return;
            }
            defaulted |= parameter.default.is_some();
        }
    }

    /// `global name` or `nonlocal name`.
    fn declare(&mut self, name: Symbol, span: Span, is_global: bool) {
        let what = if is_global { "global" } else { "nonlocal" };
        let seen = self.current().get(name);
        let end = match seen {
            Occurrence { is_parameter: true, .. } => Some(("name '", format!("' is parameter and {what}"))),
            Occurrence { is_used: true, .. } => Some(("name '", format!("' is used prior to {what} declaration"))),
            Occurrence { is_annotated: true, .. } => Some(("annotated name '", format!("' can't be {what}"))),
            Occurrence { is_bound: true, .. } => {
                Some(("name '", format!("' is assigned to before {what} declaration")))
            }
            _ => None,
        };
        if let Some((before, after)) = end {
            self.name_fault(span, name, before, &after);
        }
        let entry = self.current().entry(name);
        let declared = if is_global { &mut entry.global } else { &mut entry.nonlocal };
        declared.get_or_insert(span);
    }

    fn annotate(&mut self, target: ExpressionId, span: Span) {
        let ExpressionKind::Name(name) = self.ast[target].kind else { return };
        if self.ast[target].parenthesised {
            return;
        }
        let in_module = self.kind() == ScopeKind::Module;
        let entry = self.current().entry(name);
        entry.is_annotated = true;
        if in_module || (entry.global.is_none() && entry.nonlocal.is_none()) {
            return;
        }
        let what = if entry.global.is_some() { "' can't be global" } else { "' can't be nonlocal" };
        self.name_fault(span, name, "annotated name '", what);
    }

    fn target(&mut self, target: &Expression) {
        if let ExpressionKind::Attribute { name, .. } = target.kind {
            self.refuse_debug(name.symbol, target.span);
        }
    }

    fn expression(&mut self, expression: &Expression) {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Named { target, .. } => {
                self.refuse_in_annotation("named expression", span);
                if self.current().iterables > 0 {
                    let message = "assignment expression cannot be used in a comprehension iterable expression";
                    self.fault(span, message);
                    return;
                }
                self.named(*target);
            }
            ExpressionKind::Yield(_) | ExpressionKind::YieldFrom(_) => {
                self.refuse_in_annotation("yield expression", span);
                if let ScopeKind::Comprehension(id) = self.kind() {
                    let what = match self.ast[id].kind {
                        ExpressionKind::ListComprehension { .. } => "list comprehension",
                        ExpressionKind::SetComprehension { .. } => "set comprehension",
                        ExpressionKind::DictComprehension { .. } => "dict comprehension",
                        _ => "generator expression",
                    };
                    self.fault(span, format!("'yield' inside {what}"));
                }
            }
            ExpressionKind::Await(_) => self.refuse_in_annotation("await expression", span),
            ExpressionKind::Call { arguments, .. } => self.keywords(arguments),
            _ => {}
        }
    }

    fn keywords(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            if let ArgumentKind::Keyword(name) = argument.kind {
                self.refuse_debug(name.symbol, argument.span);
            }
        }
        // The code generator finds these, but nothing in between can hide them.
        // Of several the one is told of that comes first, at its second place.
        let mut first_places = HashMap::new();
        let mut repeated: Option<(usize, usize)> = None;
        for (place, argument) in arguments.iter().enumerate() {
            let ArgumentKind::Keyword(name) = argument.kind else { continue };
            let first = *first_places.entry(name.symbol).or_insert(place);
            if first < place && repeated.is_none_or(|(earliest, _)| first < earliest) {
                repeated = Some((first, place));
            }
        }
        if let Some((_, second)) = repeated
            && let ArgumentKind::Keyword(name) = arguments[second].kind
        {
            self.name_fault(arguments[second].span, name.symbol, "keyword argument repeated: ", "");
        }
    }

    fn refuse_in_annotation(&mut self, what: &str, span: Span) {
        let place = match self.kind() {
            ScopeKind::TypeVariable(place) => place,
            ScopeKind::TypeAlias => "a type alias",
            ScopeKind::TypeParameters => "the definition of a generic",
            ScopeKind::Annotation => "an annotation",
            _ => return,
        };
        self.fault(span, format!("{what} cannot be used within {place}"));
    }

    /// `target := …`: within comprehensions it binds in the scope around them.
    fn named(&mut self, target: Identifier) {
        for &index in self.open.iter().rev() {
            let place = match self.scopes[index].kind {
                ScopeKind::Comprehension(_) => {
                    let entry = self.scopes[index].entry(target.symbol);
                    if entry.is_iteration_variable {
                        let before = "assignment expression cannot rebind comprehension iteration variable '";
                        self.name_fault(target.span, target.symbol, before, "'");
                        return;
                    }
                    entry.is_rebound_inside = true;
                    continue;
                }
                ScopeKind::Module | ScopeKind::Function { .. } | ScopeKind::Lambda => {
                    self.scopes[index].entry(target.symbol).is_bound = true;
                    return;
                }
                _ if index == self.current_index() => return,
                ScopeKind::Annotation => continue,
                ScopeKind::Class(_) => "in a class body",
                ScopeKind::TypeParameters => "within the definition of a generic",
                ScopeKind::TypeVariable(_) => "in a TypeVar bound",
                ScopeKind::TypeAlias => "in a type alias",
            };
            let message = format!("assignment expression within a comprehension cannot be used {place}");
            self.fault(target.span, message);
            return;
        }
    }

    /// Once all scopes are known: whether every `nonlocal` finds what it names.
    fn nonlocals(&mut self) {
        for index in 0..self.scopes.len() {
            let declared: Vec<(Symbol, Occurrence)> =
                self.scopes[index].in_order().filter(|(_, occurrence)| occurrence.nonlocal.is_some()).collect();
            for (name, occurrence) in declared {
                let span = occurrence.nonlocal.unwrap_or_default();
                if let Some(global) = occurrence.global {
                    let span = span.min(global);
                    self.name_fault(span, name, "name '", "' is nonlocal and global");
                } else if self.scopes[index].kind == ScopeKind::Module {
                    self.fault(span, "nonlocal declaration not allowed at module level");
                } else {
                    self.nonlocal(index, name, span);
                }
            }
        }
    }

    fn nonlocal(&mut self, index: usize, name: Symbol, span: Span) {
        let mut outer = self.scopes[index].parent;
        while let Some(scope) = outer.map(|index| &self.scopes[index]) {
            outer = scope.parent;
            let seen = scope.get(name);
            // A class offers its methods this one name.
            if matches!(scope.kind, ScopeKind::Class(_)) && self.ast.symbols.name(name) == "__class__" {
                return;
            }
            if !scope.is_function_like() || seen.nonlocal.is_some() {
                continue;
            }
            if seen.is_type_parameter {
                self.name_fault(span, name, "nonlocal binding not allowed for type parameter '", "'");
                return;
            }
            if seen.global.is_some() {
                break;
            }
            if seen.is_bound || seen.is_parameter || seen.is_annotated {
                return;
            }
        }
        let mangled = self.mangled(index, name);
        self.fault(span, format!("no binding for nonlocal '{mangled}' found"));
    }

    /// The name as it is inside a class: `__x` becomes `_Class__x`.
    fn mangled(&self, index: usize, name: Symbol) -> String {
        let text = self.ast.symbols.name(name);
        let mut outer = Some(index);
        while let Some(scope) = outer.map(|index| &self.scopes[index]) {
            if let ScopeKind::Class(class) = scope.kind {
                let stripped = self.ast.symbols.name(class).trim_start_matches('_');
                if text.starts_with("__") && !text.ends_with("__") && !stripped.is_empty() {
                    return format!("_{stripped}{text}");
                }
                break;
            }
            outer = scope.parent;
        }
        text.to_owned()
    }
}
