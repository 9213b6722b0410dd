//! Type parameters and type aliases; annotations.

use toy_code::Position;
use toy_syntax::ast::{Argument, ClassDefinition, ExpressionId, FunctionDefinition, Identifier, StatementId};

use crate::compiler::{Compiled, Compiler, Destination};
use crate::unit::Register;

impl<'a> Compiler<'a> {
    /// Pushes the value of an annotation (or default).
    pub(crate) fn push_annotation(&mut self, id: ExpressionId) -> Compiled<Register> {
        self.push_value(id)
    }

    /// Evaluates an annotation and drops the value.
    pub(crate) fn effect_of_annotation(&mut self, id: ExpressionId) -> Compiled {
        self.effect(id)
    }

    pub(crate) fn generic_function(&mut self, id: StatementId, _definition: &'a FunctionDefinition, _destination: Destination) -> Compiled<Register> {
        self.unsupported(self.ast[id].span, "type parameters are")
    }

    pub(crate) fn generic_class(&mut self, id: StatementId, _definition: &'a ClassDefinition, _destination: Destination) -> Compiled<Register> {
        self.unsupported(self.ast[id].span, "type parameters are")
    }

    pub(crate) fn call_with_generic_base(&mut self, place: Position, builder: Register, arguments: &'a [Argument], destination: Destination) -> Compiled<Register> {
        self.call(place, builder, 2, arguments, destination)
    }

    pub(crate) fn type_alias(&mut self, id: StatementId, _name: Identifier) -> Compiled {
        self.unsupported(self.ast[id].span, "type aliases are")
    }
}
