//! `match`.

use toy_syntax::ast::{ExpressionId, MatchCase};

use crate::compiler::{Compiled, Compiler};

impl<'a> Compiler<'a> {
    pub(crate) fn match_statement(&mut self, subject: ExpressionId, _cases: &'a [MatchCase]) -> Compiled {
        self.unsupported(self.ast[subject].span, "match is")
    }
}
