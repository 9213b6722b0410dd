//! Reading, writing and deleting names.

use toy_code::{Constant, Op};
use toy_syntax::ast::{ExpressionId, ExpressionKind, Symbol};

use crate::compiler::{Compiler, Destination, UNUSED};
use crate::scope::{Resolution, ScopeId, ScopeKind};
use crate::unit::{Operand, Register};

/// How the code gets at a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Access {
    /// A register.
    Local(Register),
    /// A cell in a register.
    Cell(Register),
    /// A cell of the closure.
    Free(u32),
    /// A global or builtin.
    Global,
    /// The namespace of a class body, then globals and builtins.
    Namespace,
    /// The namespace of a class body, then a cell of the closure.
    NamespaceOrFree(u32),
}

impl<'a> Compiler<'a> {
    /// How to get at `symbol` (not mangled yet) from the present scope, and its name.
    pub(crate) fn access(&self, symbol: Symbol) -> (Access, &'a str) {
        let symbol = self.analysis.mangled(self.scope, symbol);
        (self.access_mangled(symbol), self.name(symbol))
    }

    fn access_mangled(&self, symbol: Symbol) -> Access {
        let scope = self.analysis.scope(self.scope);
        let entry = &scope.entries[&symbol];
        let sees_namespace = scope.kind == ScopeKind::Class || scope.sees_class;
        match entry.resolution {
            Some(Resolution::Own) => self.variable(self.scope, symbol),
            Some(Resolution::SameUnit(owner)) if self.analysis.scope(owner).kind == ScopeKind::Class => {
                Access::Cell(self.unit.registers.get(owner, symbol))
            }
            Some(Resolution::SameUnit(owner)) => self.variable(owner, symbol),
            Some(Resolution::Free) => {
                let index = self.free_index(symbol);
                let is_hidden = self.name(symbol).starts_with('.') || symbol == self.analysis.names.class_namespace;
                if sees_namespace && entry.nonlocal.is_none() && !is_hidden {
                    Access::NamespaceOrFree(index)
                } else {
                    Access::Free(index)
                }
            }
            Some(Resolution::Global) | None => {
                if sees_namespace && entry.global.is_none() {
                    Access::Namespace
                } else {
                    Access::Global
                }
            }
        }
    }

    fn variable(&self, owner: ScopeId, symbol: Symbol) -> Access {
        let scope = self.analysis.scope(owner);
        match scope.kind {
            ScopeKind::Module => Access::Global,
            ScopeKind::Class => Access::Namespace,
            _ => {
                let register = self.unit.registers.get(owner, symbol);
                if scope.entries[&symbol].is_captured { Access::Cell(register) } else { Access::Local(register) }
            }
        }
    }

    fn free_index(&self, symbol: Symbol) -> u32 {
        let free = &self.analysis.scope(self.unit.header.scope).free;
        free.iter().position(|&name| name == symbol).map_or(0, |index| index as u32)
    }

    /// Reads a local in place: it may have to be checked first.
    pub(crate) fn check_bound(&mut self, register: Register) {
        if !self.unit.bound.contains(register.index()) {
            self.emit(Op::CheckBound, register, UNUSED, UNUSED);
            self.unit.bound.insert(register.index());
        }
    }

    /// The local that an expression is, if it is one.
    pub(crate) fn as_local(&self, id: ExpressionId) -> Option<Register> {
        let ExpressionKind::Name(symbol) = self.ast[id].kind else { return None };
        if self.constants.contains(self.ast, id) {
            return None;
        }
        match self.access(symbol).0 {
            Access::Local(register) => Some(register),
            _ => None,
        }
    }

    /// Evaluates a name.
    pub(crate) fn load_name(&mut self, symbol: Symbol, destination: Destination) -> Register {
        let (access, name) = self.access(symbol);
        if let Access::Local(register) = access {
            self.check_bound(register);
            let target = self.target(destination);
            self.emit(Op::Move, target, register, UNUSED);
            return target;
        }
        let target = self.target(destination);
        match access {
            Access::Local(register) => self.emit(Op::Move, target, register, UNUSED),
            Access::Cell(cell) => self.emit(Op::LoadCell, target, cell, UNUSED),
            Access::Free(index) => self.emit(Op::LoadFree, target, index, UNUSED),
            Access::Global => {
                let name = self.unit.names.intern(name);
                self.emit(Op::LoadGlobal, target, name, UNUSED);
            }
            Access::Namespace => {
                let name = self.unit.names.intern(name);
                self.emit(Op::LoadName, target, name, UNUSED);
            }
            Access::NamespaceOrFree(index) => {
                let name = self.unit.names.intern(name);
                self.emit(Op::LoadNameOrCell, target, name, index);
            }
        }
        target
    }

    /// Assigns `value` to a name; a temporary is consumed (and was released before).
    pub(crate) fn store_name(&mut self, symbol: Symbol, value: Register) {
        self.store(symbol, value, true);
    }

    /// Assigns `value` to a name and keeps it.
    pub(crate) fn store_name_keeping(&mut self, symbol: Symbol, value: Register) {
        self.store(symbol, value, false);
    }

    fn store(&mut self, symbol: Symbol, value: Register, is_consumed: bool) {
        let (access, name) = self.access(symbol);
        let mut name_index = || self.unit.names.intern(name);
        let (op, operands): (Op, [Operand; 3]) = match access {
            Access::Local(register) if register == value => return,
            Access::Local(register) => (Op::Move, [register.into(), value.into(), UNUSED]),
            Access::Cell(cell) => (Op::StoreCell, [cell.into(), value.into(), UNUSED]),
            Access::Free(index) | Access::NamespaceOrFree(index) => {
                (Op::StoreFree, [value.into(), index.into(), UNUSED])
            }
            Access::Global => (Op::StoreGlobal, [value.into(), name_index().into(), UNUSED]),
            Access::Namespace => (Op::StoreName, [value.into(), name_index().into(), UNUSED]),
        };
        if is_consumed {
            self.unit.emit(op, operands);
        } else {
            self.unit.emit_keeping(op, 0, operands, 0);
        }
    }

    /// Puts `value` under `name` into the namespace of a class body.
    pub(crate) fn store_in_namespace(&mut self, name: &str, value: Register) {
        let name = self.unit.names.intern(name);
        self.emit(Op::StoreName, value, name, UNUSED);
    }

    /// Where the value of an assignment to a name is best computed: in its register, if it has one.
    pub(crate) fn destination_of(&self, symbol: Symbol) -> Destination {
        match self.access(symbol).0 {
            Access::Local(register) => Destination::Local(register),
            _ => Destination::Push,
        }
    }

    /// `del name`.
    pub(crate) fn delete_name(&mut self, symbol: Symbol) {
        let (access, name) = self.access(symbol);
        match access {
            Access::Local(register) => self.emit(Op::DeleteLocal, register, UNUSED, UNUSED),
            Access::Cell(cell) => self.emit(Op::DeleteCell, cell, UNUSED, UNUSED),
            Access::Free(index) | Access::NamespaceOrFree(index) => self.emit(Op::DeleteFree, UNUSED, index, UNUSED),
            Access::Global => {
                let name = self.unit.names.intern(name);
                self.emit(Op::DeleteGlobal, UNUSED, name, UNUSED);
            }
            Access::Namespace => {
                let name = self.unit.names.intern(name);
                self.emit(Op::DeleteName, UNUSED, name, UNUSED);
            }
        }
    }

    /// Unbinds the name of an `except … as name` at the end of its body, whether or not the body did so itself.
    pub(crate) fn unbind_name(&mut self, symbol: Symbol) {
        if let (Access::Local(register), _) = self.access(symbol) {
            self.emit(Op::Clear, register, UNUSED, UNUSED);
            return;
        }
        let none = self.load_constant(Constant::None, Destination::Push);
        self.unit.release(none);
        self.store_name(symbol, none);
        self.delete_name(symbol);
    }

    /// Pushes the cell itself of a variable that an inner unit closes over.
    pub(crate) fn push_cell(&mut self, symbol: Symbol) {
        // A cell of a comprehension around hides one of the same name further out.
        let mut scope = self.scope;
        loop {
            let current = self.analysis.scope(scope);
            let is_class_cell = current.kind == ScopeKind::Class && current.class_cells.contains(&symbol);
            let is_own = current.kind != ScopeKind::Class
                && current
                    .entries
                    .get(&symbol)
                    .is_some_and(|entry| entry.is_captured && entry.resolution == Some(Resolution::Own));
            if is_class_cell || is_own {
                let cell = self.unit.registers.get(scope, symbol);
                let target = self.unit.push();
                self.emit(Op::Move, target, cell, UNUSED);
                return;
            }
            match current.parent {
                Some(parent) if scope != current.unit => scope = parent,
                _ => break,
            }
        }
        let index = self.free_index(symbol);
        let target = self.unit.push();
        self.emit(Op::LoadClosure, target, index, UNUSED);
    }

    /// An annotation scope keeps the namespace of its class in register 0, where `load_name` looks for it.
    pub(crate) fn load_class_namespace(&mut self) {
        let index = self.free_index(self.analysis.names.class_namespace);
        self.emit(Op::LoadFree, Register::local(0), index, UNUSED);
    }
}
