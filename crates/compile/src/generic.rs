//! Type parameters and type aliases.
//!
//! A generic definition is made inside a hidden function that holds its type parameters; bounds, defaults and aliases are
//! functions, called when they are asked for.

use toy_code::{Constant, Op, flag};
use toy_source::Span;
use toy_syntax::ast::{
    ClassDefinition, ExpressionId, ExpressionKind, FunctionDefinition, Identifier, StatementId, StatementKind,
    TypeParameter, TypeParameterKind,
};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::scope::has_defaults;
use crate::unit::Register;

/// A generic definition whose hidden function is made.
#[derive(Clone, Copy)]
struct Hidden {
    id: StatementId,
    /// Without decorators.
    span: Span,
    first_line: u32,
}

impl<'a> Compiler<'a> {
    pub(crate) fn generic_function(
        &mut self,
        id: StatementId,
        definition: &'a FunctionDefinition,
        destination: Destination,
    ) -> Compiled<Register> {
        let span = self.definition_span(id, definition.header);
        let place = Hidden { id, span, first_line: self.first_line_of(&definition.decorators, definition.header) };
        let (positional, keyword) = has_defaults(&definition.parameters);
        let function = self.hidden(place, definition.name, &definition.type_parameters, |compiler| {
            let mut parts = compiler.begin_parts();
            parts.type_parameters = &definition.type_parameters;
            let names = compiler.analysis.names;
            if positional {
                compiler.load_name(names.defaults, Destination::Push);
                parts.flags |= flag::DEFAULTS;
            }
            if keyword {
                compiler.load_name(names.keyword_defaults, Destination::Push);
                parts.flags |= flag::KEYWORD_DEFAULTS;
            }
            compiler.annotations(&definition.parameters, definition.returns, &mut parts)?;
            compiler.function_body(id, definition, parts, Destination::Push)
        })?;
        let mut parts = self.begin_parts();
        self.defaults(&definition.parameters, &mut parts)?;
        Ok(self.call_hidden(place, function, destination))
    }

    pub(crate) fn generic_class(
        &mut self,
        id: StatementId,
        definition: &'a ClassDefinition,
        destination: Destination,
    ) -> Compiled<Register> {
        let span = self.definition_span(id, definition.header);
        let place = Hidden { id, span, first_line: self.first_line_of(&definition.decorators, definition.header) };
        let parameters = &definition.type_parameters[..];
        let function = self.hidden(place, definition.name, parameters, |compiler| {
            let names = compiler.analysis.names;
            compiler.at_span(span);
            let tuple = compiler.push_type_parameters(parameters)?;
            compiler.unit.release(tuple);
            compiler.store_name(names.type_parameters, tuple);
            let base = compiler.push_generic_base(parameters);
            compiler.unit.release(base);
            compiler.store_name(names.generic_base, base);
            compiler.class(id, definition, true, Destination::Push)
        })?;
        Ok(self.call_hidden(place, function, destination))
    }

    pub(crate) fn type_alias(&mut self, id: StatementId, name: Identifier) -> Compiled {
        let ast = self.ast;
        let StatementKind::TypeAlias { type_parameters, value, .. } = &ast[id].kind else {
            unreachable!("the caller saw a type alias")
        };
        self.at_statement(id);
        let alias = if type_parameters.is_empty() {
            self.make_alias(id, name, &[], *value)?
        } else {
            let span = ast[id].span;
            let place = Hidden { id, span, first_line: self.line_of(span) };
            let make = |compiler: &mut Self| compiler.make_alias(id, name, type_parameters, *value);
            let function = self.hidden(place, name, type_parameters, make)?;
            self.call_hidden(place, function, Destination::Push)
        };
        self.unit.release(alias);
        self.store_name(name.symbol, alias);
        Ok(())
    }

    fn make_alias(
        &mut self,
        id: StatementId,
        name: Identifier,
        parameters: &'a [TypeParameter],
        value: ExpressionId,
    ) -> Compiled<Register> {
        self.at_statement(id);
        let first = match parameters.is_empty() {
            true => self.push_none(),
            false => self.push_type_parameters(parameters)?,
        };
        let text = self.ast.symbols.name(name.symbol);
        self.push_lazy(text, value)?;
        self.at_statement(id);
        self.unit.set_depth(first.index());
        let index = self.unit.names.intern(text);
        let alias = self.unit.push();
        self.emit(Op::MakeTypeAlias, alias, first, index);
        Ok(alias)
    }

    /// Pushes the hidden function of a generic definition, and its first argument if it sees the names of a class: the
    /// namespace.
    fn hidden(
        &mut self,
        Hidden { id, span, first_line }: Hidden,
        name: Identifier,
        parameters: &'a [TypeParameter],
        build: impl FnOnce(&mut Self) -> Compiled<Register>,
    ) -> Compiled<Register> {
        let scope_id = self.analysis.of_type_parameters[&id];
        let scope = self.analysis.scope(scope_id);
        let arguments = scope.entries.values().filter(|entry| entry.is_parameter).count();
        let title = format!("<generic parameters of {}>", self.ast.symbols.name(name.symbol));
        let mut header = self.header(scope_id, &title, first_line, name.span);
        header.positional_count = arguments as u16 + u16::from(scope.sees_class);
        header.child_prefix = self.unit.header.child_prefix.clone();
        let code = self.nested(header, |compiler| {
            for parameter in parameters {
                compiler.make_type_parameter(parameter)?;
            }
            let result = build(compiler)?;
            compiler.emit(Op::Return, result, UNUSED, UNUSED);
            compiler.unit.release(result);
            Ok(())
        })?;
        self.at_span(span);
        let parts = self.begin_parts();
        let function = self.make_function(scope_id, code, parts, Destination::Push)?;
        if scope.sees_class {
            let namespace = self.unit.push();
            self.emit(Op::Move, namespace, Register::local(0), UNUSED);
        }
        Ok(function)
    }

    /// Calls a hidden function with what stands above it.
    fn call_hidden(&mut self, place: Hidden, function: Register, destination: Destination) -> Register {
        let count = self.unit.depth() - function.index() - 1;
        self.unit.set_depth(function.index());
        let target = self.target(destination);
        self.at_span(place.span);
        self.emit(Op::Call, target, function, count);
        target
    }

    fn make_type_parameter(&mut self, parameter: &'a TypeParameter) -> Compiled {
        let name = self.ast.symbols.name(parameter.name.symbol);
        let first = Register::temporary(self.unit.depth());
        for lazy in [parameter.bound, parameter.default] {
            match lazy {
                Some(value) => {
                    self.push_lazy(name, value)?;
                }
                None => {
                    self.at_span(parameter.name.span);
                    self.push_none();
                }
            }
        }
        self.at_span(parameter.name.span);
        self.unit.set_depth(first.index());
        let kind = match parameter.kind {
            TypeParameterKind::TypeVar => {
                let is_constrained = |bound: ExpressionId| matches!(self.ast[bound].kind, ExpressionKind::Tuple(_));
                if parameter.bound.is_some_and(is_constrained) { 3 } else { 0 }
            }
            TypeParameterKind::TypeVarTuple => 1,
            TypeParameterKind::ParamSpec => 2,
        };
        let index = self.unit.names.intern(name);
        let made = self.unit.push();
        self.emit_data(Op::MakeTypeParameter, made, first, index, kind);
        self.unit.release(made);
        self.store_name(parameter.name.symbol, made);
        Ok(())
    }

    /// Pushes a function that computes `value`.
    fn push_lazy(&mut self, name: &str, value: ExpressionId) -> Compiled<Register> {
        let scope = self.analysis.of_lazy[&value];
        let span: Span = self.ast[value].span;
        let header = self.header(scope, name, self.line_of(span), span);
        let parts = self.begin_parts();
        let code = self.nested(header, |compiler| {
            let position = compiler.lines.position(span);
            compiler.return_statement(Some(value), position)
        })?;
        self.at_span(span);
        self.make_function(scope, code, parts, Destination::Push)
    }

    /// Pushes the tuple of type parameters.
    pub(crate) fn push_type_parameters(&mut self, parameters: &[TypeParameter]) -> Compiled<Register> {
        if parameters.len() > crate::display::MAXIMUM_RANGE {
            return Err(toy_source::Diagnostic::syntax(parameters[0].name.span, "too many type parameters"));
        }
        let first = Register::temporary(self.unit.depth());
        for parameter in parameters {
            self.load_name(parameter.name.symbol, Destination::Push);
        }
        self.unit.set_depth(first.index());
        let tuple = self.unit.push();
        self.emit(Op::BuildTuple, tuple, first, parameters.len() as u32);
        Ok(tuple)
    }

    /// Pushes `typing.Generic[T, *Ts]`.
    fn push_generic_base(&mut self, parameters: &[TypeParameter]) -> Register {
        let module = self.unit.push();
        let list = Constant::Tuple([Constant::Text("Generic".into())].into());
        let list = self.constant_index(list);
        let (typing, generic) = (self.unit.names.intern("typing"), self.unit.names.intern("Generic"));
        self.emit_data(Op::ImportName, module, list, typing, 0);
        let class = self.unit.push();
        self.emit_keeping(Op::ImportFrom, 0, class, module, generic);
        self.unit.release(class);
        self.emit(Op::Clear, module, UNUSED, UNUSED);
        self.emit(Op::Move, module, class, UNUSED);
        let first = Register::temporary(self.unit.depth());
        for parameter in parameters {
            let value = self.load_name(parameter.name.symbol, Destination::Push);
            if parameter.kind == TypeParameterKind::TypeVarTuple {
                self.emit(Op::Unpack, value, value, 1);
            }
        }
        self.unit.set_depth(first.index());
        self.emit(Op::BuildTuple, first, first, parameters.len() as u32);
        self.emit(Op::GetItem, module, module, first);
        module
    }
}
