//! `class`.

use toy_code::{CodeKind, Constant, Op};
use toy_syntax::ast::{Block, ClassDefinition, StatementId, StatementKind};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::unit::Register;

impl<'a> Compiler<'a> {
    pub(crate) fn class_definition(&mut self, id: StatementId, definition: &'a ClassDefinition) -> Compiled {
        let span = self.definition_span(id, definition.header);
        self.decorated(&definition.decorators, definition.name.symbol, span, |compiler, destination| {
            if definition.type_parameters.is_empty() {
                compiler.class(id, definition, false, destination)
            } else {
                compiler.generic_class(id, definition, destination)
            }
        })
    }

    /// Calls the builtin that makes classes with the body, the name, bases and keywords.
    pub(crate) fn class(
        &mut self,
        id: StatementId,
        definition: &'a ClassDefinition,
        is_generic: bool,
        destination: Destination,
    ) -> Compiled<Register> {
        let ast = self.ast;
        let place = self.lines.position(self.definition_span(id, definition.header));
        let scope = self.analysis.of_statement[&id];
        let name = ast.symbols.name(definition.name.symbol);
        let first_line = self.first_line_of(&definition.decorators, definition.header);
        let mut header = self.header(scope, name, first_line, definition.header);
        header.kind = CodeKind::Class;
        header.positional_count = 1;
        header.flags.generator = false;
        let qualified_name = match self.is_declared_global(definition.name.symbol) {
            true => name.into(),
            false => header.qualified_name.clone(),
        };
        header.set_qualified_name(qualified_name);
        self.unit.position = place;
        let builder = self.unit.push();
        self.emit(Op::LoadBuildClass, builder, UNUSED, UNUSED);
        let parts = self.begin_parts();
        let code = self.nested(header, |compiler| compiler.class_body(definition))?;
        self.unit.position = place;
        self.make_function(scope, code, parts, Destination::Push)?;
        self.push_text(name);
        let base = is_generic.then_some(self.analysis.names.generic_base);
        self.call_with_last(place, builder, 2, &definition.arguments, base, destination)
    }

    fn class_body(&mut self, definition: &'a ClassDefinition) -> Compiled {
        let scope = self.analysis.scope(self.scope);
        let names = self.analysis.names;
        let module = self.unit.push();
        let name = self.unit.names.intern("__name__");
        self.emit(Op::LoadName, module, name, UNUSED);
        self.unit.release(module);
        self.store_in_namespace("__module__", module);
        let qualified_name = self.unit.header.qualified_name.clone();
        self.store_constant("__qualname__", Constant::Text((&*qualified_name).into()));
        let first_line = self.unit.header.first_line;
        self.store_constant("__firstlineno__", Constant::Integer(first_line.into()));
        if !definition.type_parameters.is_empty() {
            let parameters = self.load_name(names.type_parameters, Destination::Push);
            self.unit.release(parameters);
            self.store_in_namespace("__type_params__", parameters);
        }
        if scope.class_cells.contains(&names.class_namespace) {
            let cell = self.unit.registers.get(self.scope, names.class_namespace);
            self.emit(Op::StoreCell, cell, Register::local(0), UNUSED);
        }
        self.body_with_docstring(&definition.body)?;
        let attributes: Vec<Box<str>> = scope.static_attributes.iter().cloned().collect();
        let texts = attributes.iter().map(|name| Constant::Text((&**name).into())).collect();
        self.unit.static_attributes = attributes;
        self.store_constant("__static_attributes__", Constant::Tuple(texts));
        if scope.class_cells.contains(&names.class_namespace) {
            self.store_class_cell("__classdictcell__", names.class_namespace);
        }
        if !scope.class_cells.contains(&names.class_cell) {
            self.return_none();
            return Ok(());
        }
        self.store_class_cell("__classcell__", names.class_cell);
        self.push_cell(names.class_cell);
        let cell = Register::temporary(self.unit.depth() - 1);
        self.unit.release(cell);
        self.emit(Op::Return, cell, UNUSED, UNUSED);
        Ok(())
    }

    fn store_constant(&mut self, name: &str, constant: Constant) {
        let value = self.load_constant(constant, Destination::Push);
        self.unit.release(value);
        self.store_in_namespace(name, value);
    }

    fn store_class_cell(&mut self, name: &str, symbol: toy_syntax::ast::Symbol) {
        self.push_cell(symbol);
        let cell = Register::temporary(self.unit.depth() - 1);
        self.unit.release(cell);
        self.store_in_namespace(name, cell);
    }

    /// Whether some statement of a module's or class's body (not of inner ones) annotates a name.
    pub(crate) fn has_annotations(&self, body: &Block) -> bool {
        let mut pending: Vec<&Block> = vec![body];
        while let Some(block) = pending.pop() {
            for &statement in block {
                match &self.ast[statement].kind {
                    StatementKind::AnnotatedAssign { .. } => return true,
                    StatementKind::If { branches, otherwise } => {
                        pending.extend(branches.iter().map(|(_, body)| body).chain(otherwise));
                    }
                    StatementKind::While { body, otherwise, .. } | StatementKind::For { body, otherwise, .. } => {
                        pending.push(body);
                        pending.extend(otherwise);
                    }
                    StatementKind::Try { body, handlers, otherwise, finally, .. } => {
                        pending.push(body);
                        pending.extend(handlers.iter().map(|handler| &handler.body).chain(otherwise).chain(finally));
                    }
                    StatementKind::With { body, .. } => pending.push(body),
                    StatementKind::Match { cases, .. } => pending.extend(cases.iter().map(|case| &case.body)),
                    _ => {}
                }
            }
        }
        false
    }
}
