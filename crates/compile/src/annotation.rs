//! Annotations: evaluated where they stand, or kept as text.

use toy_syntax::ast::ExpressionId;

use crate::compiler::{Compiled, Compiler};
use crate::unit::Register;

impl<'a> Compiler<'a> {
    /// Pushes the value of an annotation.
    pub(crate) fn push_annotation(&mut self, id: ExpressionId) -> Compiled<Register> {
        if self.keeps_annotations_as_text {
            let text = crate::unparse::unparse(self.ast, self.text, id);
            self.at(id);
            return Ok(self.push_text(&text));
        }
        self.push_value(id)
    }

    /// Evaluates an annotation and drops the value.
    pub(crate) fn effect_of_annotation(&mut self, id: ExpressionId) -> Compiled {
        if self.keeps_annotations_as_text { Ok(()) } else { self.effect(id) }
    }
}
