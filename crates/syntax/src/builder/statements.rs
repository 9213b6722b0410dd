//! Statements.

use std::ops::Range;

use toy_source::{Diagnostic, Span};

use super::Builder;
use crate::{ast::*, target, token::Token};

impl Builder<'_> {
    /// Adds a statement.
    pub(crate) fn statement(&mut self, range: Range<u32>, kind: StatementKind) -> StatementId {
        let span = self.span(range);
        let depth = self.statement_depth(&kind);
        self.limit_depth(depth, span);
        let id = StatementId(self.ast.statements.len() as u32);
        self.ast.statements.push(Statement { span, depth, kind });
        id
    }

    /// Adds a compound statement, which ends with its last block.
    pub(crate) fn compound(&mut self, start: u32, kind: StatementKind) -> StatementId {
        let end = match &kind {
            StatementKind::If { branches, otherwise } => {
                let last = branches.last().map(|(_, body)| body);
                self.end(otherwise.as_ref().or(last))
            }
            StatementKind::While { body, otherwise, .. } | StatementKind::For { body, otherwise, .. } => {
                self.end(otherwise.as_ref().or(Some(body)))
            }
            StatementKind::Try { body, handlers, otherwise, finally, .. } => {
                let handled = handlers.last().map(|handler| &handler.body);
                self.end(finally.as_ref().or(otherwise.as_ref()).or(handled).or(Some(body)))
            }
            StatementKind::With { body, .. } => self.end(Some(body)),
            StatementKind::Match { cases, .. } => self.end(cases.last().map(|case| &case.body)),
            _ => start,
        };
        self.statement(start..end.max(start), kind)
    }

    fn end(&self, block: Option<&Block>) -> u32 {
        block.and_then(|block| block.last()).map_or(0, |&last| self.ast[last].span.end)
    }

    /// An expression alone, or `a = b = value`.
    pub(crate) fn expression_or_assignment(&mut self, first: ExpressionId, rest: Vec<ExpressionId>) -> StatementKind {
        let mut targets = vec![first];
        targets.extend(rest);
        match targets.pop() {
            Some(value) if !targets.is_empty() => {
                self.check_assignment(&targets, value);
                StatementKind::Assign { targets, value }
            }
            _ => StatementKind::Expression(first),
        }
    }

    /// `target op= value`.
    pub(crate) fn augmented_assignment(
        &mut self,
        target: ExpressionId,
        operator: BinaryOperator,
        value: ExpressionId,
    ) -> StatementKind {
        let kind = self.kind(target);
        if !target::is_single(kind) {
            let message = format!("'{}' is an illegal expression for augmented assignment", target::name(kind));
            self.fault(self.ast[target].span, message);
        }
        StatementKind::AugmentedAssign { target, operator, value }
    }

    /// `target: annotation = value`.
    pub(crate) fn annotated_assignment(
        &mut self,
        target: ExpressionId,
        annotation: ExpressionId,
        value: Option<ExpressionId>,
    ) -> StatementKind {
        let Expression { span, parenthesised, ref kind, .. } = self.ast[target];
        match kind {
            kind if target::is_single(kind) => {}
            ExpressionKind::Tuple(items) if !parenthesised => {
                let first = self.ast[items[0]].span;
                self.fault(first, "only single target (not tuple) can be annotated");
            }
            ExpressionKind::List(_) | ExpressionKind::Tuple(_) => {
                let message = format!("only single target (not {}) can be annotated", target::name(kind));
                self.fault(span, message);
            }
            _ => self.fault(span, "illegal target for annotation"),
        }
        StatementKind::AnnotatedAssign { target, annotation, value }
    }

    /// `del targets`.
    pub(crate) fn delete(&mut self, targets: ExpressionId) -> StatementKind {
        self.check_target(targets, target::Use::Delete);
        match &self.ast[targets] {
            Expression { kind: ExpressionKind::Tuple(items), parenthesised: false, .. } => {
                StatementKind::Delete(items.clone())
            }
            _ => StatementKind::Delete(vec![targets]),
        }
    }

    /// `from … import names,` without parentheses; the next token starts at `next`.
    pub(crate) fn trailing_comma(&mut self, names: Vec<(Identifier, Option<Identifier>)>, next: u32) -> ImportNames {
        let place = self.place_from(next);
        // What cannot be parsed ends with a line end that the text does not have.
        let rest = &self.text[place.start as usize..];
        let message = if rest.is_empty() || rest.starts_with(['\n', '\r', '#']) {
            "trailing comma not allowed without surrounding parentheses"
        } else {
            "invalid syntax"
        };
        self.fault(place, message);
        ImportNames::Names(names)
    }

    /// Names with dots between.
    pub(crate) fn dotted_name(&mut self, range: Range<u32>, names: Vec<Identifier>) -> DottedName {
        DottedName { span: self.span(range), parts: names.iter().map(|name| name.symbol).collect() }
    }

    /// `if` with everything that follows it.
    pub(crate) fn conditional(
        &mut self,
        test: ExpressionId,
        block: Block,
        rest: Vec<(ExpressionId, Block)>,
        otherwise: Option<Block>,
    ) -> StatementKind {
        let mut branches = vec![(test, block)];
        branches.extend(rest);
        StatementKind::If { branches, otherwise }
    }

    /// `for target in iterable`.
    pub(crate) fn for_loop(
        &mut self,
        is_async: bool,
        target: ExpressionId,
        iterable: ExpressionId,
        body: Block,
        otherwise: Option<Block>,
    ) -> StatementKind {
        self.check_target(target, target::Use::For);
        StatementKind::For { is_async, target, iterable, body, otherwise }
    }

    /// `context as target`.
    pub(crate) fn with_item(&mut self, context: ExpressionId, target: ExpressionId) -> WithItem {
        self.check_target(target, target::Use::Assign);
        WithItem { context, target: Some(target) }
    }

    /// `try` with everything that follows it; the next token starts at `next`.
    pub(crate) fn try_statement(
        &mut self,
        body: Block,
        handlers: Vec<(bool, ExceptHandler)>,
        otherwise: Option<Block>,
        finally: Option<Block>,
        next: u32,
    ) -> StatementKind {
        if handlers.is_empty() && (finally.is_none() || otherwise.is_some()) {
            let after_body = self.place_from(self.end(Some(&body))).end;
            let (place, is_at_end) = match otherwise {
                Some(_) => (self.keyword_from(after_body, Token::Else), false),
                None => (self.place_from(next), self.is_at_end(next)),
            };
            let fault = Diagnostic::syntax(place, "expected 'except' or 'finally' block");
            self.faults.push(fault.at_end(is_at_end));
        }
        let is_star = handlers.first().is_some_and(|(is_star, _)| *is_star);
        if let Some((mixed, handler)) = handlers.iter().find(|(star, _)| *star != is_star) {
            let start = handler.span.start;
            let end = if *mixed { self.keyword_from(start, Token::Star).end } else { start + 6 };
            let span = self.span(start..end);
            self.fault(span, "cannot have both 'except' and 'except*' on the same 'try'");
        }
        let handlers = handlers.into_iter().map(|(_, handler)| handler).collect();
        StatementKind::Try { body, handlers, is_star, otherwise, finally }
    }

    /// The first such token at `offset` or behind it.
    fn keyword_from(&self, offset: u32, token: Token) -> Span {
        let index = self.tokens.partition_point(|(_, span)| span.start < offset);
        let found = self.tokens[index..].iter().find(|(found, _)| *found == token);
        found.map_or_else(|| self.place_from(offset), |&(_, span)| span)
    }

    /// An `except` clause.
    pub(crate) fn handler(
        &mut self,
        start: u32,
        is_star: bool,
        kind: Option<ExpressionId>,
        name: Option<Identifier>,
        body: Block,
    ) -> (bool, ExceptHandler) {
        let span = self.span(start..self.end(Some(&body)));
        (is_star, ExceptHandler { span, kind, name, body })
    }

    /// What an `except` clause catches.
    pub(crate) fn handler_kind(&mut self, range: Range<u32>, kinds: Vec<ExpressionId>, comma: bool) -> ExpressionId {
        if kinds.len() > 1 || comma {
            let span = self.span(range.clone());
            if kinds.len() > 1 {
                // CPython marks everything up to the colon or the name.
                let end = self.place_from(range.end);
                let colon = match self.token_at(end.start) {
                    Some(Token::As) => self.keyword_from(end.end, Token::Colon),
                    _ => end,
                };
                self.fault(
                    Span { start: span.start, end: colon.start },
                    "multiple exception types must be parenthesized",
                );
            } else {
                let place = self.place_from(range.end);
                self.fault(place, "invalid syntax");
            }
        }
        self.tuple_or_single(range, kinds, comma)
    }

    /// A function; the range is its header.
    #[expect(clippy::too_many_arguments, reason = "one argument a part of the header")]
    pub(crate) fn function(
        &mut self,
        header: Range<u32>,
        is_async: bool,
        name: Identifier,
        type_parameters: Vec<TypeParameter>,
        parameters: Parameters,
        returns: Option<ExpressionId>,
        body: Block,
    ) -> StatementId {
        let range = header.start..self.end(Some(&body));
        let function = FunctionDefinition {
            header: self.span(header),
            is_async,
            decorators: Vec::new(),
            name,
            type_parameters,
            parameters,
            returns,
            body,
        };
        self.statement(range, StatementKind::FunctionDefinition(Box::new(function)))
    }

    /// A class; the range is its header.
    pub(crate) fn class(
        &mut self,
        header: Range<u32>,
        name: Identifier,
        type_parameters: Vec<TypeParameter>,
        arguments: Vec<Argument>,
        body: Block,
    ) -> StatementId {
        let bare = arguments.iter().find(|argument| self.is_bare_generator(argument)).map(|argument| argument.value);
        if let Some(ExpressionKind::Generator { element, .. }) = bare.map(|id| self.kind(id)) {
            let place = self.place_from(self.ast[*element].span.end);
            self.fault(place, "invalid syntax");
        }
        let range = header.start..self.end(Some(&body));
        let class = ClassDefinition {
            header: self.span(header),
            decorators: Vec::new(),
            name,
            type_parameters,
            arguments,
            body,
        };
        self.statement(range, StatementKind::ClassDefinition(Box::new(class)))
    }

    /// A definition under its decorators.
    pub(crate) fn decorate(
        &mut self,
        start: u32,
        decorators: Vec<ExpressionId>,
        definition: StatementId,
    ) -> StatementId {
        let deepest = decorators.iter().map(|&id| self.ast[id].depth).max().unwrap_or(0);
        let statement = &mut self.ast.statements[definition.0 as usize];
        statement.span.start = start;
        statement.depth = statement.depth.max(deepest + 1);
        match &mut statement.kind {
            StatementKind::FunctionDefinition(function) => function.decorators = decorators,
            StatementKind::ClassDefinition(class) => class.decorators = decorators,
            _ => {}
        }
        definition
    }
}
