//! Type parameters and type aliases.
//!
//! A generic definition is made inside a hidden function that holds its type parameters; bounds, defaults and aliases are
//! functions, called when they are asked for.

use toy_code::{Constant, Op};
use toy_source::Span;
use toy_syntax::ast::{
    ClassDefinition, ExpressionId, FunctionDefinition, Identifier, StatementId, StatementKind, TypeParameter,
    TypeParameterKind,
};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::scope::has_defaults;
use crate::unit::Register;

impl<'a> Compiler<'a> {
    pub(crate) fn generic_function(
        &mut self,
        id: StatementId,
        definition: &'a FunctionDefinition,
        destination: Destination,
    ) -> Compiled<Register> {
        self.at_statement(id);
        let function = self.unit.push();
        self.emit(Op::Clear, function, UNUSED, UNUSED);
        let mut arguments = self.begin_parts();
        self.push_namespace(id);
        self.defaults(&definition.parameters, &mut arguments)?;
        let (positional, keyword) = has_defaults(&definition.parameters);
        self.hidden(id, function, definition.name, &definition.type_parameters, destination, |compiler| {
            let mut parts = compiler.begin_parts();
            let names = compiler.analysis.names;
            for (is_there, name) in [(positional, names.defaults), (keyword, names.keyword_defaults)] {
                if is_there {
                    compiler.load_name(name, Destination::Push);
                }
            }
            parts.flags = arguments.flags;
            parts.type_parameters = &definition.type_parameters;
            compiler.annotations(&definition.parameters, definition.returns, &mut parts)?;
            compiler.function_body(id, definition, parts, Destination::Push)
        })
    }

    pub(crate) fn generic_class(
        &mut self,
        id: StatementId,
        definition: &'a ClassDefinition,
        destination: Destination,
    ) -> Compiled<Register> {
        self.at_statement(id);
        let function = self.unit.push();
        self.emit(Op::Clear, function, UNUSED, UNUSED);
        self.push_namespace(id);
        let parameters = &definition.type_parameters[..];
        self.hidden(id, function, definition.name, parameters, destination, |compiler| {
            let names = compiler.analysis.names;
            compiler.at_statement(id);
            let tuple = compiler.push_type_parameters(parameters)?;
            compiler.unit.release(tuple);
            compiler.store_name(names.type_parameters, tuple);
            let base = compiler.push_generic_base(parameters);
            compiler.unit.release(base);
            compiler.store_name(names.generic_base, base);
            compiler.class(id, definition, true, Destination::Push)
        })
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
            let function = self.unit.push();
            self.emit(Op::Clear, function, UNUSED, UNUSED);
            self.push_namespace(id);
            self.hidden(id, function, name, type_parameters, Destination::Push, |compiler| {
                compiler.make_alias(id, name, type_parameters, *value)
            })?
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

    /// The first argument of a hidden function that sees the names of a class: the namespace.
    fn push_namespace(&mut self, id: StatementId) {
        let scope = self.analysis.of_type_parameters[&id];
        if self.analysis.scope(scope).sees_class {
            let namespace = self.unit.push();
            self.emit(Op::Move, namespace, Register::local(0), UNUSED);
        }
    }

    /// Makes the hidden function of a generic definition and calls it with the arguments above `function`.
    fn hidden(
        &mut self,
        id: StatementId,
        function: Register,
        name: Identifier,
        parameters: &'a [TypeParameter],
        destination: Destination,
        build: impl FnOnce(&mut Self) -> Compiled<Register>,
    ) -> Compiled<Register> {
        let scope = self.analysis.of_type_parameters[&id];
        let count = self.unit.depth() - function.index() - 1;
        let title = format!("<generic parameters of {}>", self.ast.symbols.name(name.symbol));
        let mut header = self.header(scope, &title, self.line_of(name.span), name.span);
        header.positional_count = count as u16;
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
        self.at_statement(id);
        let parts = self.begin_parts();
        let made = self.make_function(scope, code, parts, Destination::Push)?;
        self.unit.release(made);
        self.emit(Op::Move, function, made, UNUSED);
        self.unit.set_depth(function.index());
        let target = self.target(destination);
        self.emit(Op::Call, target, function, count);
        Ok(target)
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
            TypeParameterKind::TypeVar => 0,
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
        let scope = self.analysis.of_expression[&value];
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
