//! The state of a compilation and the emission helpers that every construct uses.

use toy_code::{CodeFlags, CodeKind, CodeObject, Constant, Op};
use toy_source::{Diagnostic, Source, Span};
use toy_syntax::ast::{Ast, ExpressionId, StatementId, Symbol};

use crate::fold::Constants;
use crate::lines::LineTable;
use crate::rebind::Rebinding;
use crate::scope::{Analysis, Resolution, ScopeId, ScopeKind};
use crate::unit::{AssemblyError, Operand, Register, Unit, UnitHeader};

/// What compiling a part gives.
pub(crate) type Compiled<T = ()> = Result<T, Diagnostic>;

/// An operand that an instruction does not use.
pub(crate) const UNUSED: Operand = Operand::Unused;

/// Functions, lambdas and classes inside each other.
const MAXIMUM_NESTING: u32 = 200;

/// Where the value of an expression goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Destination {
    /// A new temporary on the stack.
    Push,
    /// A local, written by the last instruction of the evaluation.
    Local(Register),
}

impl Destination {
    /// The local that it names.
    pub(crate) fn local(self) -> Option<Register> {
        match self {
            Self::Local(local) => Some(local),
            Self::Push => None,
        }
    }
}

/// A compilation; `unit` is the code object under construction, `scope` the innermost scope (a comprehension's, possibly).
pub(crate) struct Compiler<'a> {
    pub(crate) ast: &'a Ast,
    pub(crate) analysis: &'a Analysis,
    pub(crate) constants: Constants,
    pub(crate) rebinding: Rebinding,
    pub(crate) lines: LineTable,
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
    /// `from __future__ import annotations`: annotations are kept as text.
    pub(crate) keeps_annotations_as_text: bool,
    pub(crate) unit: Unit,
    pub(crate) scope: ScopeId,
    /// Number of units around the present one.
    nesting: u32,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(ast: &'a Ast, analysis: &'a Analysis, source: &'a Source) -> Self {
        let header = UnitHeader {
            scope: ScopeId(0),
            kind: CodeKind::Module,
            name: "<module>".into(),
            qualified_name: "<module>".into(),
            child_prefix: String::new(),
            first_line: 1,
            flags: CodeFlags::default(),
            positional_only_count: 0,
            positional_count: 0,
            keyword_only_count: 0,
            span: Span::default(),
        };
        Self {
            ast,
            analysis,
            constants: crate::fold::fold(ast),
            rebinding: Rebinding::new(ast),
            lines: LineTable::new(source.text()),
            file: source.name(),
            text: source.text(),
            keeps_annotations_as_text: ast.keeps_annotations_as_text(),
            unit: Unit::new(header),
            scope: ScopeId(0),
            nesting: 0,
        }
    }

    /// Compiles the whole program.
    pub(crate) fn module(mut self) -> Compiled<CodeObject> {
        let ast = self.ast;
        self.unit.position = toy_code::Position { line: 1, end_line: 1, column: 0, end_column: 0 };
        self.body_with_docstring(&ast.body)?;
        let none = self.constant_index(Constant::None);
        self.emit(Op::ReturnConst, UNUSED, none, UNUSED);
        finish(self.unit, self.file)
    }

    /// Compiles a body of its own: `build` emits it. The code object is put into the present unit; its index is returned.
    pub(crate) fn nested(&mut self, header: UnitHeader, build: impl FnOnce(&mut Self) -> Compiled) -> Compiled<u32> {
        if self.nesting == MAXIMUM_NESTING {
            return Err(Diagnostic::syntax(header.span, "too many nested functions and classes"));
        }
        self.nesting += 1;
        let scope = header.scope;
        let outer_unit = std::mem::replace(&mut self.unit, Unit::new(header));
        let outer_scope = std::mem::replace(&mut self.scope, scope);
        self.prologue();
        let built = build(self);
        let unit = std::mem::replace(&mut self.unit, outer_unit);
        self.scope = outer_scope;
        self.nesting -= 1;
        built?;
        let code = finish(unit, self.file)?;
        self.unit.codes.push(code);
        Ok(self.unit.codes.len() as u32 - 1)
    }

    /// Gives the unit's variables their registers and makes the cells.
    fn prologue(&mut self) {
        let scope = self.analysis.scope(self.scope);
        self.unit.position = toy_code::Position {
            line: self.unit.header.first_line,
            end_line: self.unit.header.first_line,
            column: 0,
            end_column: 0,
        };
        for &symbol in &scope.free {
            self.unit.free_names.push(self.name(symbol).into());
        }
        if scope.kind == ScopeKind::Class || scope.sees_class {
            let namespace = self.unit.add_local(".namespace", false);
            self.unit.bound.insert(namespace.index());
        }
        let mut cells = Vec::new();
        if scope.kind == ScopeKind::Class {
            for &symbol in &scope.class_cells {
                cells.push(self.add_variable(symbol, true, false));
            }
        } else {
            for &symbol in &scope.order {
                let entry = &scope.entries[&symbol];
                if entry.resolution == Some(Resolution::Own) {
                    let register = self.add_variable(symbol, entry.is_captured, entry.is_parameter);
                    if entry.is_deleted {
                        self.unit.deletable.insert(register.index());
                    }
                    if entry.is_captured {
                        cells.push(register);
                    }
                }
            }
        }
        for cell in cells {
            self.emit(Op::MakeCell, cell, UNUSED, UNUSED);
        }
        if scope.sees_class && scope.is_lazy {
            self.load_class_namespace();
        }
        self.unit.header.flags.uses_class_cell = scope.free.contains(&self.analysis.names.class_cell);
    }

    fn add_variable(&mut self, symbol: Symbol, is_cell: bool, is_parameter: bool) -> Register {
        let register = self.unit.add_local(self.analysis.symbols.name(symbol), is_cell);
        self.unit.registers.insert(self.scope, symbol, register);
        if is_parameter {
            self.unit.bound.insert(register.index());
        }
        register
    }

    /// The text of a name as the analysis knows it.
    pub(crate) fn name(&self, symbol: Symbol) -> &'a str {
        self.analysis.symbols.name(symbol)
    }

    /// The name as it counts here, mangled in a class.
    pub(crate) fn mangled_name(&self, symbol: Symbol) -> &'a str {
        self.name(self.analysis.mangled(self.scope, symbol))
    }

    /// From here on instructions come from this expression.
    pub(crate) fn at(&mut self, id: ExpressionId) {
        self.at_span(self.ast[id].span);
    }

    /// From here on instructions come from this statement.
    pub(crate) fn at_statement(&mut self, id: StatementId) {
        self.at_span(self.ast[id].span);
    }

    /// From here on instructions come from this place.
    pub(crate) fn at_span(&mut self, span: Span) {
        self.unit.position = self.lines.position(span);
    }

    /// The line that a place is in.
    pub(crate) fn line_of(&self, span: Span) -> u32 {
        self.lines.position(span).line
    }

    /// Emits an instruction; temporaries that it reads are consumed.
    pub(crate) fn emit(&mut self, op: Op, a: impl Into<Operand>, b: impl Into<Operand>, c: impl Into<Operand>) {
        self.unit.emit(op, [a.into(), b.into(), c.into()]);
    }

    /// Emits an instruction with flags; temporaries that it reads are consumed.
    pub(crate) fn emit_flags(
        &mut self,
        op: Op,
        flags: u8,
        a: impl Into<Operand>,
        b: impl Into<Operand>,
        c: impl Into<Operand>,
    ) {
        self.unit.emit_consuming(op, flags, [a.into(), b.into(), c.into()], 0);
    }

    /// Emits an instruction that leaves its operands alone, but for those that `flags` says it consumes.
    pub(crate) fn emit_keeping(
        &mut self,
        op: Op,
        flags: u8,
        a: impl Into<Operand>,
        b: impl Into<Operand>,
        c: impl Into<Operand>,
    ) {
        self.unit.emit_keeping(op, flags, [a.into(), b.into(), c.into()], 0);
    }

    /// Emits an instruction with a data word; temporaries that it reads are consumed.
    pub(crate) fn emit_data(
        &mut self,
        op: Op,
        a: impl Into<Operand>,
        b: impl Into<Operand>,
        c: impl Into<Operand>,
        data: u64,
    ) {
        self.unit.emit_consuming(op, 0, [a.into(), b.into(), c.into()], data);
    }

    /// The register that a destination means, pushed if need be. Operands were released before.
    pub(crate) fn target(&mut self, destination: Destination) -> Register {
        match destination {
            Destination::Push => self.unit.push(),
            Destination::Local(register) => register,
        }
    }

    /// Moves the temporary on top to a destination.
    pub(crate) fn settle(&mut self, value: Register, destination: Destination) -> Register {
        match destination {
            Destination::Push => value,
            Destination::Local(local) => {
                self.unit.release(value);
                self.emit(Op::Move, local, value, UNUSED);
                local
            }
        }
    }

    /// Drops the value in `register` if it is a temporary; it must be the top.
    pub(crate) fn discard(&mut self, register: Register) {
        self.unit.release(register);
        if register.is_temporary() {
            self.emit(Op::Clear, register, UNUSED, UNUSED);
        }
    }

    /// The index of a constant.
    pub(crate) fn constant_index(&mut self, constant: Constant) -> u32 {
        self.unit.constants.intern(constant)
    }

    /// The index of a constant for an operand of 16 bits; `None` if it does not fit.
    pub(crate) fn short_constant(&mut self, constant: Constant) -> Option<u32> {
        Some(self.constant_index(constant)).filter(|&index| index <= u32::from(u16::MAX))
    }

    /// Loads a constant.
    pub(crate) fn load_constant(&mut self, constant: Constant, destination: Destination) -> Register {
        let index = self.constant_index(constant);
        let target = self.target(destination);
        self.emit(Op::LoadConst, target, index, UNUSED);
        target
    }

    /// Pushes `None`.
    pub(crate) fn push_none(&mut self) -> Register {
        self.load_constant(Constant::None, Destination::Push)
    }

    /// Pushes a string.
    pub(crate) fn push_text(&mut self, text: &str) -> Register {
        self.load_constant(Constant::Text(text.into()), Destination::Push)
    }
}

fn finish(unit: Unit, file: &str) -> Compiled<CodeObject> {
    let span = unit.header.span;
    unit.assemble(file).map_err(|error| {
        let message = match error {
            AssemblyError::Registers => "too many variables and intermediate values in one function",
            AssemblyError::Names => "too many different names in one function",
        };
        Diagnostic::syntax(span, message)
    })
}
