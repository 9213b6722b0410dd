//! Functions: `def`, `lambda`, and what makes a function of a code object.

use toy_code::{CodeFlags, CodeKind, Constant, Op, flag};
use toy_source::Span;
use toy_syntax::ast::{ExpressionId, FunctionDefinition, Parameters, StatementId, Symbol, TypeParameter};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::display::MAXIMUM_RANGE;
use crate::scope::{ScopeId, ScopeKind, in_annotation_order};
use crate::unit::{Register, UnitHeader};

/// What stands in registers for `make_function`, in their order.
#[derive(Clone, Copy)]
pub(crate) struct FunctionParts<'a> {
    /// Where the first of them stands.
    pub(crate) first: Register,
    /// Which there are.
    pub(crate) flags: u8,
    /// The type parameters, which are put behind the closure.
    pub(crate) type_parameters: &'a [TypeParameter],
}

impl<'a> Compiler<'a> {
    pub(crate) fn function_definition(&mut self, id: StatementId, definition: &'a FunctionDefinition) -> Compiled {
        let span = self.definition_span(id, definition.header);
        self.decorated(&definition.decorators, definition.name.symbol, span, |compiler, destination| {
            if definition.type_parameters.is_empty() {
                compiler.function(id, definition, destination)
            } else {
                compiler.generic_function(id, definition, destination)
            }
        })
    }

    /// Evaluates decorators, makes the thing, applies them, and assigns the result to `name`.
    pub(crate) fn decorated(
        &mut self,
        decorators: &[ExpressionId],
        name: Symbol,
        span: Span,
        make: impl FnOnce(&mut Self, Destination) -> Compiled<Register>,
    ) -> Compiled {
        for &decorator in decorators {
            self.push_value(decorator)?;
        }
        let destination = if decorators.is_empty() { self.destination_of(name) } else { Destination::Push };
        let mut value = make(self, destination)?;
        for &decorator in decorators.iter().rev() {
            self.at(decorator);
            self.unit.release(value);
            let function = Register::temporary(self.unit.depth() - 1);
            self.unit.release(function);
            value = self.unit.push();
            self.emit(Op::Call, value, function, 1);
        }
        self.at_span(span);
        self.unit.release(value);
        self.store_name(name, value);
        Ok(())
    }

    fn function(
        &mut self,
        id: StatementId,
        definition: &'a FunctionDefinition,
        destination: Destination,
    ) -> Compiled<Register> {
        self.at_span(self.definition_span(id, definition.header));
        let mut parts = self.begin_parts();
        self.defaults(&definition.parameters, &mut parts)?;
        self.annotations(&definition.parameters, definition.returns, &mut parts)?;
        self.function_body(id, definition, parts, destination)
    }

    /// Compiles the body and makes the function of it and of `parts`.
    pub(crate) fn function_body(
        &mut self,
        id: StatementId,
        definition: &'a FunctionDefinition,
        parts: FunctionParts<'a>,
        destination: Destination,
    ) -> Compiled<Register> {
        let scope = self.analysis.of_statement[&id];
        let name = definition.name.symbol;
        let first_line = self.first_line_of(&definition.decorators, definition.header);
        let mut header = self.header(scope, self.ast.symbols.name(name), first_line, definition.header);
        if self.is_declared_global(name) {
            header.set_qualified_name(self.ast.symbols.name(name).into());
        }
        self.parameters(&mut header, &definition.parameters);
        header.flags.coroutine = definition.is_async;
        let code = self.nested(header, |compiler| {
            compiler.body_with_docstring(&definition.body)?;
            compiler.return_none();
            Ok(())
        })?;
        self.at_span(self.definition_span(id, definition.header));
        self.make_function(scope, code, parts, destination)
    }

    pub(crate) fn lambda(
        &mut self,
        id: ExpressionId,
        parameters: &'a Parameters,
        body: ExpressionId,
        destination: Destination,
    ) -> Compiled<Register> {
        let mut parts = self.begin_parts();
        self.defaults(parameters, &mut parts)?;
        let scope = self.analysis.of_expression[&id];
        let span = self.ast[id].span;
        let mut header = self.header(scope, "<lambda>", self.line_of(span), span);
        self.parameters(&mut header, parameters);
        let code = self.nested(header, |compiler| {
            let position = compiler.lines.position(compiler.ast[body].span);
            compiler.return_statement(Some(body), position)
        })?;
        self.at(id);
        self.make_function(scope, code, parts, destination)
    }

    /// A definition without its decorators.
    pub(crate) fn definition_span(&self, id: StatementId, header: Span) -> Span {
        Span { start: header.start, end: self.ast[id].span.end }
    }

    /// The line that a definition counts as its first: that of its first decorator.
    pub(crate) fn first_line_of(&self, decorators: &[ExpressionId], header: Span) -> u32 {
        self.line_of(decorators.first().map_or(header, |&decorator| self.ast[decorator].span))
    }

    /// The last instruction of a body.
    pub(crate) fn return_none(&mut self) {
        let none = self.constant_index(Constant::None);
        self.emit(Op::ReturnConst, UNUSED, none, UNUSED);
    }

    /// The header of a function-like unit inside the present one.
    pub(crate) fn header(&self, scope: ScopeId, name: &str, first_line: u32, span: Span) -> UnitHeader {
        let around = &self.unit.header;
        let qualified_name = format!("{}{name}", around.child_prefix);
        UnitHeader {
            scope,
            kind: CodeKind::Function,
            name: name.into(),
            child_prefix: format!("{qualified_name}.<locals>."),
            qualified_name: qualified_name.into(),
            first_line,
            flags: CodeFlags {
                generator: self.analysis.scope(scope).has_yield,
                nested: around.kind == CodeKind::Function || around.flags.nested,
                ..CodeFlags::default()
            },
            positional_only_count: 0,
            positional_count: 0,
            keyword_only_count: 0,
            span,
        }
    }

    /// Whether the present scope declares a name `global`: then what is defined under it is named as if in the module.
    pub(crate) fn is_declared_global(&self, name: Symbol) -> bool {
        let name = self.analysis.mangled(self.scope, name);
        let is_module = self.analysis.scope(self.scope).kind == ScopeKind::Module;
        !is_module && self.analysis.entry(self.scope, name).is_some_and(|entry| entry.global.is_some())
    }

    fn parameters(&self, header: &mut UnitHeader, parameters: &Parameters) {
        header.positional_only_count = parameters.positional_only.len() as u16;
        header.positional_count = (parameters.positional_only.len() + parameters.positional.len()) as u16;
        header.keyword_only_count = parameters.keyword_only.len() as u16;
        header.flags.star = parameters.star.is_some();
        header.flags.double_star = parameters.double_star.is_some();
    }

    /// Nothing stands in registers yet.
    pub(crate) fn begin_parts(&mut self) -> FunctionParts<'a> {
        FunctionParts { first: Register::temporary(self.unit.depth()), flags: 0, type_parameters: &[] }
    }

    /// Pushes the tuple of positional defaults and the dict of keyword-only ones.
    pub(crate) fn defaults(&mut self, parameters: &'a Parameters, parts: &mut FunctionParts<'a>) -> Compiled {
        let positional = parameters.positional_only.iter().chain(&parameters.positional);
        let defaults: Vec<ExpressionId> = positional.filter_map(|parameter| parameter.default).collect();
        if !defaults.is_empty() {
            let constants = defaults.iter().map(|&default| self.constant(default)).collect::<Option<Box<[_]>>>();
            match constants {
                Some(constants) => {
                    self.load_constant(Constant::Tuple(constants), Destination::Push);
                }
                None => {
                    let place = self.unit.position;
                    self.tuple_of(place, &defaults)?;
                }
            }
            parts.flags |= flag::DEFAULTS;
        }
        let keywords =
            parameters.keyword_only.iter().filter_map(|parameter| Some((parameter.name, parameter.default?)));
        let keywords: Vec<_> = keywords.map(|(name, default)| (self.mangled_name(name.symbol), default)).collect();
        if !keywords.is_empty() {
            self.named_dict(&keywords, Self::push_value)?;
            parts.flags |= flag::KEYWORD_DEFAULTS;
        }
        Ok(())
    }

    /// Pushes the dict of annotations.
    pub(crate) fn annotations(
        &mut self,
        parameters: &'a Parameters,
        returns: Option<ExpressionId>,
        parts: &mut FunctionParts<'a>,
    ) -> Compiled {
        let annotated =
            in_annotation_order(parameters).filter_map(|parameter| Some((parameter.name, parameter.annotation?)));
        let mut annotations: Vec<_> = annotated.map(|(name, value)| (self.mangled_name(name.symbol), value)).collect();
        annotations.extend(returns.map(|returns| ("return", returns)));
        if !annotations.is_empty() {
            self.named_dict(&annotations, Self::push_annotation)?;
            parts.flags |= flag::ANNOTATIONS;
        }
        Ok(())
    }

    /// Pushes a dict of these names and what `push` makes of the expressions.
    fn named_dict(
        &mut self,
        items: &[(&'a str, ExpressionId)],
        push: impl Fn(&mut Self, ExpressionId) -> Compiled<Register>,
    ) -> Compiled {
        let place = self.unit.position;
        let mut dict = None;
        for chunk in items.chunks(MAXIMUM_RANGE / 2) {
            let first = Register::temporary(self.unit.depth());
            for (name, value) in chunk {
                self.push_text(name);
                push(self, *value)?;
            }
            self.unit.position = place;
            self.unit.set_depth(first.index());
            let built = self.unit.push();
            self.emit(Op::BuildDict, built, first, chunk.len() as u32);
            if let Some(dict) = dict {
                self.unit.release(built);
                self.emit(Op::DictUpdate, dict, built, UNUSED);
            } else {
                dict = Some(built);
            }
        }
        Ok(())
    }

    /// Makes a function of a code object, closing over what its scope needs.
    pub(crate) fn make_function(
        &mut self,
        scope: ScopeId,
        code: u32,
        mut parts: FunctionParts<'a>,
        destination: Destination,
    ) -> Compiled<Register> {
        let free = &self.analysis.scope(scope).free;
        if !free.is_empty() {
            self.push_closure(free);
            parts.flags |= flag::CLOSURE;
        }
        if !parts.type_parameters.is_empty() {
            self.push_type_parameters(parts.type_parameters)?;
            parts.flags |= flag::TYPE_PARAMETERS;
        }
        let count = self.unit.depth() - parts.first.index();
        self.unit.set_depth(parts.first.index());
        let target = self.target(destination);
        let first = if count == 0 { UNUSED } else { parts.first.into() };
        let operands = [target.into(), first, UNUSED];
        self.unit.emit_consuming(Op::MakeFunction, parts.flags, operands, code.into());
        Ok(target)
    }

    fn push_closure(&mut self, free: &[Symbol]) {
        let first = Register::temporary(self.unit.depth());
        let mut list = None;
        for chunk in free.chunks(MAXIMUM_RANGE) {
            let start = Register::temporary(self.unit.depth());
            for &symbol in chunk {
                self.push_cell(symbol);
            }
            self.unit.set_depth(start.index());
            let count = chunk.len() as u32;
            match list {
                None if free.len() <= MAXIMUM_RANGE => {
                    let tuple = self.unit.push();
                    self.emit(Op::BuildTuple, tuple, first, count);
                    return;
                }
                None => {
                    let built = self.unit.push();
                    self.emit(Op::BuildList, built, start, count);
                    list = Some(built);
                }
                Some(list) => self.emit(Op::ListAppendMany, list, start, count),
            }
        }
        self.emit(Op::ListToTuple, first, first, UNUSED);
    }
}
