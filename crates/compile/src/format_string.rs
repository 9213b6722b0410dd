//! f-strings.

use toy_code::{Constant, Op, flag};
use toy_source::Span;
use toy_syntax::ast::{Conversion, ExpressionId, FStringPart};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::display::MAXIMUM_RANGE;
use crate::unit::Register;

impl<'a> Compiler<'a> {
    pub(crate) fn format_string(
        &mut self,
        id: ExpressionId,
        parts: &'a [FStringPart],
        destination: Destination,
    ) -> Compiled<Register> {
        // A single replacement field is a string already.
        if let [part @ FStringPart::Replacement { debug: None, .. }] = parts {
            return self.replacement(id, part, destination);
        }
        let first = Register::temporary(self.unit.depth());
        let mut count = 0;
        for part in parts {
            if let FStringPart::Replacement { debug: Some(text), .. } = part {
                self.at(id);
                self.load_constant(Constant::Text(text.clone()), Destination::Push);
                count += 1;
                self.join_full_range(id, first, &mut count);
            }
            match part {
                FStringPart::Literal(text) => {
                    self.at(id);
                    self.load_constant(Constant::Text(text.clone()), Destination::Push)
                }
                FStringPart::Replacement { .. } => self.replacement(id, part, Destination::Push)?,
            };
            count += 1;
            self.join_full_range(id, first, &mut count);
        }
        self.at(id);
        match (count, parts) {
            (0, _) => Ok(self.load_constant(Constant::Text("".into()), destination)),
            (1, [FStringPart::Literal(_)]) => Ok(self.settle(first, destination)),
            _ => {
                self.unit.set_depth(first.index());
                let target = self.target(destination);
                self.emit(Op::BuildString, target, first, count as u32);
                Ok(target)
            }
        }
    }

    /// Joins the pieces so far when there are as many as one instruction takes.
    fn join_full_range(&mut self, id: ExpressionId, first: Register, count: &mut usize) {
        if *count == MAXIMUM_RANGE {
            self.at(id);
            self.unit.set_depth(first.index());
            let joined = self.unit.push();
            self.emit(Op::BuildString, joined, first, *count as u32);
            *count = 1;
        }
    }

    fn replacement(&mut self, id: ExpressionId, part: &'a FStringPart, destination: Destination) -> Compiled<Register> {
        let FStringPart::Replacement { value, debug, conversion, spec } = part else {
            unreachable!("literals are handled by the caller")
        };
        let implied = (debug.is_some() && spec.is_none()).then_some(Conversion::Repr);
        let conversion = match conversion.or(implied) {
            None => 0,
            Some(Conversion::Str) => 1,
            Some(Conversion::Repr) => 2,
            Some(Conversion::Ascii) => 3,
        } << flag::CONVERSION_SHIFT;
        let value_register = self.operand(*value, spec.is_some())?;
        let Some(spec) = spec.as_ref().filter(|spec| !spec.is_empty()) else {
            self.unit.release(value_register);
            let target = self.target(destination);
            self.at_replacement(id, *value);
            self.emit_flags(Op::FormatValue, conversion, target, value_register, UNUSED);
            return Ok(target);
        };
        let spec = self.format_string(id, spec, Destination::Push)?;
        self.unit.release(spec);
        self.unit.release(value_register);
        let target = self.target(destination);
        self.at_replacement(id, *value);
        self.emit_flags(Op::FormatValue, conversion | flag::HAS_SPEC, target, value_register, spec);
        Ok(target)
    }

    /// An error of formatting points at the replacement field with its braces.
    fn at_replacement(&mut self, id: ExpressionId, value: ExpressionId) {
        let (whole, inner) = (self.ast[id].span, self.ast[value].span);
        let text = self.text.as_bytes();
        let before = text.get(whole.start as usize..inner.start as usize).unwrap_or_default();
        let start = before.iter().rposition(|&byte| byte == b'{').unwrap_or(0);
        let behind = text.get(inner.end as usize..whole.end as usize).unwrap_or_default();
        let mut open = 1;
        let closes = |&byte: &u8| {
            open += i32::from(byte == b'{') - i32::from(byte == b'}');
            open == 0
        };
        let end = behind.iter().position(closes).map_or(behind.len(), |end| end + 1);
        self.at_span(Span { start: whole.start + start as u32, end: inner.end + end as u32 });
    }
}
