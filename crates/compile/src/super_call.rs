//! `super().name(…)` in a method: one instruction finds the method, and no object stands in between.

use toy_syntax::ast::{Argument, ExpressionId, ExpressionKind};

use crate::access::Access;
use crate::chain::Head;
use crate::compiler::Compiler;

impl Compiler<'_> {
    /// If a chain goes on from `head`, the name `super`, with a call without arguments, an attribute and a method call, in that order
    /// the last of `links`: the latter two.
    pub(crate) fn method_of_super(
        &self,
        head: Head,
        arguments: &[Argument],
        links: &[ExpressionId],
    ) -> Option<(ExpressionId, ExpressionId)> {
        let names = &self.analysis.names;
        let Head::Leaf(leaf) = head else { return None };
        let &[.., call, attribute] = links else { return None };
        let is_super = matches!(self.ast[leaf].kind, ExpressionKind::Name(name) if name == names.super_name)
            && self.access(names.super_name).0 == Access::Global;
        let is_in_method = self.analysis.scope(self.unit.header.scope).free.contains(&names.class_cell);
        let is_attribute = matches!(self.ast[attribute].kind, ExpressionKind::Attribute { .. });
        let is_it = is_super && arguments.is_empty() && is_in_method && is_attribute && self.is_method_call(call);
        is_it.then_some((attribute, call))
    }
}
