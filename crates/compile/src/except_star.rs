//! `except*`.

use toy_syntax::ast::{Block as Statements, ExceptHandler};

use crate::compiler::{Compiled, Compiler};

impl<'a> Compiler<'a> {
    pub(crate) fn try_star(
        &mut self,
        _body: &'a Statements,
        handlers: &'a [ExceptHandler],
        _otherwise: Option<&'a Statements>,
    ) -> Compiled {
        self.unsupported(handlers[0].span, "except* is")
    }
}
