//! A walk over a tree in the order in which CPython's symbol table sees it.
//!
//! The walk keeps a stack of tasks of its own, so no tree is too deep for it. What it meets it tells a listener as
//! events: names used and bound, scopes and other regions entered and left.

use toy_source::Span;

use crate::ast::*;

/// What opens a scope of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Module,
    /// With its name.
    Class(Symbol),
    Function {
        is_async: bool,
    },
    Lambda,
    Comprehension(ExpressionId),
    /// Around a generic function, class or alias.
    TypeParameters,
    /// A bound, constraint or default of a type parameter: CPython's words for it.
    TypeVariable(&'static str),
    TypeAlias,
}

/// A part of the text within which other rules hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    /// The body of a loop.
    Loop,
    /// The body of an `except*`.
    ExceptStar,
    /// The target of a comprehension's `for`.
    ComprehensionTarget,
    /// What a comprehension's `for` iterates over.
    ComprehensionIterable,
}

/// What a walk comes upon.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Enter(ScopeKind),
    Leave,
    Begin(Region),
    End(Region),
    /// A statement, before its parts.
    Statement(StatementId),
    /// An expression whose value is used, before its parts.
    Expression(ExpressionId),
    /// An expression that is assigned to or deleted, before its parts.
    Target(ExpressionId),
    Use(Symbol),
    Bind(Symbol, Span),
    Parameter(Identifier),
    TypeParameter(Symbol, Span),
}

/// Who is told.
pub(super) trait Listener {
    fn hear(&mut self, event: Event);
}

enum Task {
    Event(Event),
    Statement(StatementId),
    Expression(ExpressionId),
    Target(ExpressionId),
    Names(PatternId),
}

/// Walks a whole program.
pub(super) fn walk(ast: &Ast, listener: &mut impl Listener) {
    let mut walk = Walk { ast, open: Vec::new(), next: Vec::new() };
    walk.scope(ScopeKind::Module, |walk| walk.block(&ast.body));
    loop {
        // What the last task asked for comes before what was open.
        walk.open.extend(walk.next.drain(..).rev());
        let Some(task) = walk.open.pop() else { return };
        match task {
            Task::Event(event) => listener.hear(event),
            Task::Statement(id) => {
                listener.hear(Event::Statement(id));
                walk.statement(&ast[id]);
            }
            Task::Expression(id) => {
                listener.hear(Event::Expression(id));
                walk.expression(id, &ast[id]);
            }
            Task::Target(id) => {
                listener.hear(Event::Target(id));
                walk.target(id, &ast[id]);
            }
            Task::Names(id) => walk.pattern(&ast[id]),
        }
    }
}

struct Walk<'a> {
    ast: &'a Ast,
    /// Tasks still to do, the next one last.
    open: Vec<Task>,
    /// Tasks that the current one has asked for, in order.
    next: Vec<Task>,
}

impl Walk<'_> {
    fn event(&mut self, event: Event) {
        self.next.push(Task::Event(event));
    }

    fn see(&mut self, id: ExpressionId) {
        self.next.push(Task::Expression(id));
    }

    fn see_all(&mut self, ids: impl IntoIterator<Item = ExpressionId>) {
        ids.into_iter().for_each(|id| self.see(id));
    }

    fn assign(&mut self, id: ExpressionId) {
        self.next.push(Task::Target(id));
    }

    fn bind(&mut self, name: Identifier) {
        self.event(Event::Bind(name.symbol, name.span));
    }

    fn block(&mut self, block: &Block) {
        self.next.extend(block.iter().map(|&id| Task::Statement(id)));
    }

    fn scope(&mut self, kind: ScopeKind, inside: impl FnOnce(&mut Self)) {
        self.event(Event::Enter(kind));
        inside(self);
        self.event(Event::Leave);
    }

    fn region(&mut self, region: Region, inside: impl FnOnce(&mut Self)) {
        self.event(Event::Begin(region));
        inside(self);
        self.event(Event::End(region));
    }

    fn statement(&mut self, statement: &Statement) {
        use StatementKind::*;
        match &statement.kind {
            Pass | Break | Continue | Global(_) | Nonlocal(_) => {}
            Expression(value) => self.see(*value),
            Assign { targets, value } => {
                targets.iter().for_each(|&target| self.assign(target));
                self.see(*value);
            }
            AugmentedAssign { target, value, .. } => {
                self.assign(*target);
                self.see(*value);
            }
            AnnotatedAssign { target, annotation, value } => {
                self.assign(*target);
                self.see(*annotation);
                self.see_all(*value);
            }
            TypeAlias { name, type_parameters, value } => {
                self.bind(*name);
                let value = *value;
                self.generic(type_parameters, |walk| walk.scope(ScopeKind::TypeAlias, |walk| walk.see(value)));
            }
            Delete(targets) => targets.iter().for_each(|&target| self.assign(target)),
            Return(value) => self.see_all(*value),
            Raise { exception, cause } => self.see_all(exception.iter().chain(cause).copied()),
            Assert { test, message } => self.see_all([*test].into_iter().chain(*message)),
            Import(aliases) => {
                for alias in aliases {
                    let first = Identifier { symbol: alias.module.parts[0], span: alias.module.span };
                    self.bind(alias.alias.unwrap_or(first));
                }
            }
            ImportFrom { names: ImportNames::Names(names), .. } => {
                names.iter().for_each(|&(name, alias)| self.bind(alias.unwrap_or(name)));
            }
            ImportFrom { names: ImportNames::All(_), .. } => {}
            If { branches, otherwise } => {
                for (test, body) in branches {
                    self.see(*test);
                    self.block(body);
                }
                otherwise.iter().for_each(|block| self.block(block));
            }
            While { test, body, otherwise } => {
                self.see(*test);
                self.region(Region::Loop, |walk| walk.block(body));
                otherwise.iter().for_each(|block| self.block(block));
            }
            For { target, iterable, body, otherwise, .. } => {
                self.assign(*target);
                self.see(*iterable);
                self.region(Region::Loop, |walk| walk.block(body));
                otherwise.iter().for_each(|block| self.block(block));
            }
            Try { body, handlers, is_star, otherwise, finally } => {
                // In the order in which they are compiled: it decides which of two mistakes is found.
                self.block(body);
                otherwise.iter().for_each(|block| self.block(block));
                handlers.iter().for_each(|handler| self.handler(handler, *is_star));
                finally.iter().for_each(|block| self.block(block));
            }
            With { items, body, .. } => {
                for item in items {
                    self.see(item.context);
                    item.target.into_iter().for_each(|target| self.assign(target));
                }
                self.block(body);
            }
            FunctionDefinition(function) => self.function(function),
            ClassDefinition(class) => self.class(class),
            Match { subject, cases } => {
                self.see(*subject);
                for case in cases {
                    self.next.push(Task::Names(case.pattern));
                    self.see_all(case.guard);
                    self.block(&case.body);
                }
            }
        }
    }

    fn handler(&mut self, handler: &ExceptHandler, is_star: bool) {
        self.see_all(handler.kind);
        handler.name.into_iter().for_each(|name| self.bind(name));
        if is_star {
            self.region(Region::ExceptStar, |walk| walk.block(&handler.body));
        } else {
            self.block(&handler.body);
        }
    }

    /// Inside of the scope that type parameters make, if there are any.
    fn generic(&mut self, type_parameters: &[TypeParameter], inside: impl FnOnce(&mut Self)) {
        if type_parameters.is_empty() {
            return inside(self);
        }
        self.scope(ScopeKind::TypeParameters, |walk| {
            type_parameters.iter().for_each(|parameter| walk.type_parameter(parameter));
            inside(walk);
        });
    }

    fn type_parameter(&mut self, parameter: &TypeParameter) {
        let stars = match parameter.kind {
            TypeParameterKind::TypeVar => 0,
            TypeParameterKind::TypeVarTuple => 1,
            TypeParameterKind::ParamSpec => 2,
        };
        let Identifier { symbol, span } = parameter.name;
        self.event(Event::TypeParameter(symbol, Span { start: span.start.saturating_sub(stars), ..span }));
        let is_tuple = |id: ExpressionId| matches!(self.ast[id].kind, ExpressionKind::Tuple(_));
        let bound =
            parameter.bound.map(|id| (id, if is_tuple(id) { "a TypeVar constraint" } else { "a TypeVar bound" }));
        let place = match parameter.kind {
            TypeParameterKind::TypeVar => "a TypeVar default",
            TypeParameterKind::TypeVarTuple => "a TypeVarTuple default",
            TypeParameterKind::ParamSpec => "a ParamSpec default",
        };
        let default = parameter.default.map(|id| (self.starless(id), place));
        for (value, place) in bound.into_iter().chain(default) {
            self.scope(ScopeKind::TypeVariable(place), |walk| walk.see(value));
        }
    }

    /// The value behind a star that may stand here.
    fn starless(&self, id: ExpressionId) -> ExpressionId {
        match self.ast[id].kind {
            ExpressionKind::Starred(value) => value,
            _ => id,
        }
    }

    fn function(&mut self, function: &FunctionDefinition) {
        self.bind(function.name);
        self.defaults(&function.parameters);
        self.see_all(function.decorators.iter().copied());
        self.generic(&function.type_parameters, |walk| {
            for parameter in all_parameters(&function.parameters) {
                let annotation = parameter.annotation.map(|id| walk.starless(id));
                walk.see_all(annotation);
            }
            walk.see_all(function.returns);
            walk.scope(ScopeKind::Function { is_async: function.is_async }, |walk| {
                all_parameters(&function.parameters).for_each(|parameter| walk.event(Event::Parameter(parameter.name)));
                walk.block(&function.body);
            });
        });
    }

    fn defaults(&mut self, parameters: &Parameters) {
        let plain = parameters.positional_only.iter().chain(&parameters.positional).chain(&parameters.keyword_only);
        self.see_all(plain.filter_map(|parameter| parameter.default));
    }

    fn class(&mut self, class: &ClassDefinition) {
        self.bind(class.name);
        self.see_all(class.decorators.iter().copied());
        self.generic(&class.type_parameters, |walk| {
            walk.see_all(class.arguments.iter().map(|argument| argument.value));
            walk.scope(ScopeKind::Class(class.name.symbol), |walk| walk.block(&class.body));
        });
    }

    fn expression(&mut self, id: ExpressionId, expression: &Expression) {
        use ExpressionKind::*;
        match &expression.kind {
            None | True | False | Ellipsis | Integer(_) | BigInteger(_) | Float(_) | Imaginary(_) | String(_)
            | Bytes(_) | Yield(Option::None) => {}
            FString(parts) => self.fstring(parts),
            Name(symbol) => self.event(Event::Use(*symbol)),
            Unary { operand, .. } => self.see(*operand),
            Binary { left, right, .. } => self.see_all([*left, *right]),
            Boolean { values, .. } => self.see_all(values.iter().copied()),
            Compare { left, rest } => self.see_all([*left].into_iter().chain(rest.iter().map(|&(_, right)| right))),
            Conditional { test, then, otherwise } => self.see_all([*test, *then, *otherwise]),
            Lambda { parameters, body } => {
                self.defaults(parameters);
                let body = *body;
                self.scope(ScopeKind::Lambda, |walk| {
                    all_parameters(parameters).for_each(|parameter| walk.event(Event::Parameter(parameter.name)));
                    walk.see(body);
                });
            }
            Named { target, value } => {
                self.see(*value);
                self.bind(*target);
            }
            Call { function, arguments } => {
                self.see(*function);
                self.see_all(arguments.iter().map(|argument| argument.value));
            }
            Attribute { value, .. } | Starred(value) | Await(value) | YieldFrom(value) | Yield(Some(value)) => {
                self.see(*value);
            }
            Subscript { value, index } => self.see_all([*value, *index]),
            Slice { lower, upper, step } => self.see_all([lower, upper, step].into_iter().flatten().copied()),
            Tuple(items) | List(items) | Set(items) => self.see_all(items.iter().copied()),
            Dict(items) => {
                for item in items {
                    match *item {
                        DictItem::Pair(key, value) => self.see_all([key, value]),
                        DictItem::Unpack(value) => self.see(value),
                    }
                }
            }
            ListComprehension { element, clauses }
            | SetComprehension { element, clauses }
            | Generator { element, clauses } => self.comprehension(id, &[*element], clauses),
            DictComprehension { key, value, clauses } => self.comprehension(id, &[*value, *key], clauses),
        }
    }

    fn fstring(&mut self, parts: &[FStringPart]) {
        for part in parts {
            if let FStringPart::Replacement { value, spec, .. } = part {
                self.see(*value);
                spec.iter().for_each(|spec| self.fstring(spec));
            }
        }
    }

    fn comprehension(&mut self, id: ExpressionId, elements: &[ExpressionId], clauses: &[ComprehensionClause]) {
        let Some((first, rest)) = clauses.split_first() else { return };
        self.region(Region::ComprehensionIterable, |walk| walk.see(first.iterable));
        self.scope(ScopeKind::Comprehension(id), |walk| {
            walk.region(Region::ComprehensionTarget, |walk| walk.assign(first.target));
            walk.see_all(first.conditions.iter().copied());
            for clause in rest {
                walk.region(Region::ComprehensionTarget, |walk| walk.assign(clause.target));
                walk.region(Region::ComprehensionIterable, |walk| walk.see(clause.iterable));
                walk.see_all(clause.conditions.iter().copied());
            }
            walk.see_all(elements.iter().copied());
        });
    }

    /// The parts of what is assigned to: names are bound, all else is used.
    fn target(&mut self, id: ExpressionId, target: &Expression) {
        match &target.kind {
            ExpressionKind::Name(symbol) => self.event(Event::Bind(*symbol, target.span)),
            ExpressionKind::Tuple(items) | ExpressionKind::List(items) => {
                items.iter().for_each(|&item| self.assign(item));
            }
            ExpressionKind::Starred(value) => self.assign(*value),
            _ => self.expression(id, target),
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Value(value) | PatternKind::Singleton(value) => self.see(*value),
            PatternKind::Capture(name) | PatternKind::Star(name) => {
                name.iter().for_each(|&name| self.event(Event::Bind(name, pattern.span)));
            }
            PatternKind::Sequence(items) | PatternKind::Or(items) => {
                self.next.extend(items.iter().map(|&item| Task::Names(item)));
            }
            PatternKind::Mapping { items, rest } => {
                self.see_all(items.iter().map(|&(key, _)| key));
                self.next.extend(items.iter().map(|&(_, item)| Task::Names(item)));
                rest.iter().for_each(|&rest| self.bind(rest));
            }
            PatternKind::Class { class, positional, keywords } => {
                self.see(*class);
                let keywords = keywords.iter().map(|(_, pattern)| pattern);
                self.next.extend(positional.iter().chain(keywords).map(|&item| Task::Names(item)));
            }
            PatternKind::As { pattern, name } => {
                self.next.push(Task::Names(*pattern));
                self.bind(*name);
            }
        }
    }
}

/// All parameters as CPython's symbol table orders them.
fn all_parameters(parameters: &Parameters) -> impl Iterator<Item = &Parameter> {
    let plain = parameters.positional_only.iter().chain(&parameters.positional).chain(&parameters.keyword_only);
    plain.chain(&parameters.star).chain(&parameters.double_star)
}
