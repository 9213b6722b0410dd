//! Calls and their arguments.

use toy_code::{Constant, Op, Position};
use toy_syntax::ast::{Argument, ArgumentKind, ExpressionId, ExpressionKind, Identifier, Symbol};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::display::{Item, MAXIMUM_RANGE};
use crate::unit::Register;

impl<'a> Compiler<'a> {
    /// Whether an expression is a call of an attribute whose arguments simply stand in registers.
    pub(crate) fn is_method_call(&self, id: ExpressionId) -> bool {
        match &self.ast[id].kind {
            ExpressionKind::Call { function, arguments } => {
                matches!(self.ast[*function].kind, ExpressionKind::Attribute { .. }) && is_plain(arguments, 1)
            }
            _ => false,
        }
    }

    /// Calls `function`, a temporary, with the `prefix` temporaries above it and then `arguments`.
    pub(crate) fn call(
        &mut self,
        place: Position,
        function: Register,
        prefix: u32,
        arguments: &'a [Argument],
        destination: Destination,
    ) -> Compiled<Register> {
        self.call_with_last(place, function, prefix, arguments, None, destination)
    }

    /// As [`Compiler::call`], with the variable `last` as one more positional argument.
    pub(crate) fn call_with_last(
        &mut self,
        place: Position,
        function: Register,
        prefix: u32,
        arguments: &'a [Argument],
        last: Option<Symbol>,
        destination: Destination,
    ) -> Compiled<Register> {
        if is_plain(arguments, prefix + 1) {
            let keywords = self.plain_arguments(arguments, last)?;
            let count = prefix + arguments.len() as u32 + u32::from(last.is_some());
            return Ok(self.emit_call((Op::Call, Op::CallKeywords), place, function, count, keywords, destination));
        }
        self.unit.position = place;
        self.star_arguments(place, function, prefix, arguments, last)?;
        self.unit.set_depth(function.index());
        let target = self.target(destination);
        self.unit.position = place;
        self.emit(Op::CallStar, target, function, UNUSED);
        Ok(target)
    }

    /// Calls what `get_method` left in `function` and the register behind it.
    pub(crate) fn call_method(
        &mut self,
        place: Position,
        function: Register,
        arguments: &'a [Argument],
        destination: Destination,
    ) -> Compiled<Register> {
        let keywords = self.plain_arguments(arguments, None)?;
        let ops = (Op::CallMethod, Op::CallMethodKeywords);
        Ok(self.emit_call(ops, place, function, arguments.len() as u32, keywords, destination))
    }

    pub(crate) fn emit_call(
        &mut self,
        (plain, with_keywords): (Op, Op),
        place: Position,
        function: Register,
        count: u32,
        keywords: Option<u32>,
        destination: Destination,
    ) -> Register {
        self.unit.set_depth(function.index());
        let target = self.target(destination);
        self.unit.position = place;
        match keywords {
            Some(names) => self.emit_data(with_keywords, target, function, count, names.into()),
            None => self.emit(plain, target, function, count),
        }
        target
    }

    /// Pushes arguments without stars: positional ones, then keywords, whose names are the returned constant.
    fn plain_arguments(&mut self, arguments: &'a [Argument], last: Option<Symbol>) -> Compiled<Option<u32>> {
        let (positional, keywords): (Vec<_>, Vec<_>) =
            arguments.iter().partition(|a| a.kind == ArgumentKind::Positional);
        for argument in &positional {
            self.push_value(argument.value)?;
        }
        if let Some(last) = last {
            self.load_name(last, Destination::Push);
        }
        for argument in &keywords {
            self.push_value(argument.value)?;
        }
        if keywords.is_empty() {
            return Ok(None);
        }
        let names = keywords.iter().filter_map(|argument| keyword(argument)).map(|name| self.keyword_name(name));
        let names = Constant::Tuple(names.collect());
        Ok(Some(self.constant_index(names)))
    }

    /// Keywords of calls are not mangled, other than the parameters that they name.
    fn keyword_name(&self, name: Identifier) -> Constant {
        Constant::Text(self.name(name.symbol).into())
    }

    /// Pushes the iterable of positional arguments and the dict of keywords (or clears its place).
    fn star_arguments(
        &mut self,
        place: Position,
        function: Register,
        prefix: u32,
        arguments: &'a [Argument],
        last: Option<Symbol>,
    ) -> Compiled {
        let items: Vec<Item> = arguments
            .iter()
            .filter_map(|argument| match argument.kind {
                ArgumentKind::Positional => Some(Item::One(argument.value)),
                ArgumentKind::Star => Some(Item::All(argument.value)),
                ArgumentKind::Keyword(_) | ArgumentKind::DoubleStar => None,
            })
            .collect();
        match items[..] {
            [] if prefix == 0 => {
                self.load_constant(Constant::Tuple([].into()), Destination::Push);
            }
            // The call itself unpacks it, so that its error names the function.
            [Item::All(iterable)] if prefix == 0 => {
                self.push_value(iterable)?;
            }
            _ => {
                let list = self.build_list(place, prefix, &items)?;
                self.unit.position = place;
                if let Some(last) = last {
                    let last = self.load_name(last, Destination::Push);
                    self.unit.release(last);
                    self.emit(Op::ListAppend, list, last, UNUSED);
                }
                self.unit.release(list);
                let tuple = self.unit.push();
                self.emit(Op::ListToTuple, tuple, list, UNUSED);
            }
        }
        let keywords: Vec<&Argument> = arguments
            .iter()
            .filter(|argument| matches!(argument.kind, ArgumentKind::Keyword(_) | ArgumentKind::DoubleStar))
            .collect();
        self.keyword_dict(place, function, &keywords)
    }

    fn keyword_dict(&mut self, place: Position, function: Register, keywords: &[&'a Argument]) -> Compiled {
        if keywords.is_empty() {
            let none = self.unit.push();
            self.emit(Op::Clear, none, UNUSED, UNUSED);
            return Ok(());
        }
        let mut dict = None;
        let mut rest = keywords;
        while !rest.is_empty() {
            let run = rest.iter().take(MAXIMUM_RANGE / 2).take_while(|argument| keyword(argument).is_some()).count();
            if run == 0 {
                let into = match dict {
                    Some(dict) => dict,
                    None => self.push_empty_dict(place),
                };
                let mapping = self.operand(rest[0].value, false)?;
                self.unit.position = place;
                self.unit.release(mapping);
                let consumed = if mapping.is_temporary() { toy_code::flag::CONSUME_B } else { 0 };
                self.emit_keeping(Op::DictMerge, consumed, into, mapping, function);
                dict = Some(into);
                rest = &rest[1..];
                continue;
            }
            let first = Register::temporary(self.unit.depth());
            for argument in &rest[..run] {
                if let Some(name) = keyword(argument) {
                    let name = self.keyword_name(name);
                    self.load_constant(name, Destination::Push);
                    self.push_value(argument.value)?;
                }
            }
            self.unit.position = place;
            self.unit.set_depth(first.index());
            let built = self.unit.push();
            self.emit(Op::BuildDict, built, first, run as u32);
            if let Some(into) = dict {
                self.unit.release(built);
                self.emit_keeping(Op::DictMerge, toy_code::flag::CONSUME_B, into, built, function);
            } else {
                dict = Some(built);
            }
            rest = &rest[run..];
        }
        Ok(())
    }

    fn push_empty_dict(&mut self, place: Position) -> Register {
        self.unit.position = place;
        let dict = self.unit.push();
        self.emit(Op::BuildDict, dict, 0, 0);
        dict
    }
}

/// Whether the arguments can stand in consecutive registers, with the callee and `prefix` others before them.
fn is_plain(arguments: &[Argument], prefix: u32) -> bool {
    let has_star = |argument: &Argument| matches!(argument.kind, ArgumentKind::Star | ArgumentKind::DoubleStar);
    arguments.len() + 1 + prefix as usize <= MAXIMUM_RANGE && !arguments.iter().any(has_star)
}

fn keyword(argument: &Argument) -> Option<Identifier> {
    match argument.kind {
        ArgumentKind::Keyword(name) => Some(name),
        _ => None,
    }
}
