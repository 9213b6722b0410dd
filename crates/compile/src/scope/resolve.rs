//! Second pass: what each name refers to, and which variables need cells.

use toy_source::Diagnostic;
use toy_syntax::ast::Symbol;

use super::{Analysis, Resolution, ScopeId, ScopeKind};

impl Analysis {
    /// Resolves every name of every scope.
    pub(super) fn resolve(&mut self) -> Result<(), Diagnostic> {
        for index in 0..self.scopes.len() {
            let id = ScopeId(index as u32);
            for position in 0..self.scopes[index].order.len() {
                let symbol = self.scopes[index].order[position];
                let resolution = self.resolve_name(id, symbol)?;
                if let Some(entry) = self.scope_mut(id).entries.get_mut(&symbol) {
                    entry.resolution = Some(resolution);
                }
            }
        }
        Ok(())
    }

    fn resolve_name(&mut self, id: ScopeId, symbol: Symbol) -> Result<Resolution, Diagnostic> {
        let entry = &self.scope(id).entries[&symbol];
        if entry.global.is_some() {
            return Ok(Resolution::Global);
        }
        if let Some(span) = entry.nonlocal {
            let resolution = self.look_outside(id, symbol);
            if resolution == Resolution::Global {
                let name = self.symbols.name(symbol);
                return Err(Diagnostic::syntax(span, format!("no binding for nonlocal '{name}' found")));
            }
            return Ok(resolution);
        }
        if entry.is_bound {
            return Ok(Resolution::Own);
        }
        Ok(self.look_outside(id, symbol))
    }

    /// Looks for a variable in the scopes around `id`, and passes it on through the closures between.
    fn look_outside(&mut self, id: ScopeId, symbol: Symbol) -> Resolution {
        let unit = self.scope(id).unit;
        let mut around = self.scope(id).parent;
        while let Some(candidate) = around {
            let scope = self.scope(candidate);
            around = scope.parent;
            let is_implicit = scope.kind == ScopeKind::Class
                && (symbol == self.names.class_cell || symbol == self.names.class_namespace);
            if scope.kind == ScopeKind::Module {
                return Resolution::Global;
            }
            let found = match scope.entries.get(&symbol) {
                _ if is_implicit => true,
                _ if scope.kind == ScopeKind::Class => false,
                Some(entry) if entry.global.is_some() => return Resolution::Global,
                Some(entry) => entry.is_bound && entry.nonlocal.is_none(),
                None => false,
            };
            if !found {
                continue;
            }
            if scope.unit == unit && !is_implicit {
                return Resolution::SameUnit(candidate);
            }
            self.capture(candidate, symbol);
            self.pass_on(id, candidate, symbol);
            // In a comprehension of the class body itself, the class's own cell.
            return if self.scope(candidate).unit == unit { Resolution::SameUnit(candidate) } else { Resolution::Free };
        }
        Resolution::Global
    }

    fn capture(&mut self, scope: ScopeId, symbol: Symbol) {
        let scope = self.scope_mut(scope);
        if scope.kind == ScopeKind::Class {
            // Beside a name of the namespace that may be called the same.
            if !scope.class_cells.contains(&symbol) {
                scope.class_cells.push(symbol);
            }
        } else if let Some(entry) = scope.entries.get_mut(&symbol) {
            entry.is_captured = true;
        }
    }

    /// Puts `symbol` into the closures of the units from `inner` out to the one that owns it.
    fn pass_on(&mut self, inner: ScopeId, owner: ScopeId, symbol: Symbol) {
        let owner_unit = self.scope(owner).unit;
        let mut scope = Some(inner);
        while let Some(id) = scope {
            let unit = self.scope(id).unit;
            if unit == owner_unit {
                return;
            }
            let unit_scope = self.scope_mut(unit);
            if !unit_scope.free.contains(&symbol) {
                unit_scope.free.push(symbol);
            }
            scope = unit_scope.parent;
        }
    }
}
