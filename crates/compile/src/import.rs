//! `import`.

use toy_code::{Constant, Op};
use toy_source::Diagnostic;
use toy_syntax::ast::{DottedName, Identifier, ImportAlias, StatementId};

use crate::compiler::{Compiled, Compiler, Destination, UNUSED};
use crate::unit::Register;

impl<'a> Compiler<'a> {
    pub(crate) fn import(&mut self, id: StatementId, aliases: &'a [ImportAlias]) -> Compiled {
        for alias in aliases {
            self.at_statement(id);
            let module = self.dotted(&alias.module);
            let value = self.import_name(id, &module, Constant::None, 0)?;
            let name = match alias.alias {
                None => alias.module.parts[0],
                Some(name) => {
                    // `import a.b.c as d` walks from a to c.
                    for &part in &alias.module.parts[1..] {
                        let part = self.unit.names.intern(self.ast.symbols.name(part));
                        let inner = self.unit.push();
                        self.emit_keeping(Op::ImportFrom, 0, inner, value, part);
                        self.unit.release(inner);
                        self.emit(Op::Clear, value, UNUSED, UNUSED);
                        self.emit(Op::Move, value, inner, UNUSED);
                    }
                    name.symbol
                }
            };
            self.unit.release(value);
            self.store_name(name, value);
        }
        Ok(())
    }

    pub(crate) fn import_from(
        &mut self,
        id: StatementId,
        level: u32,
        module: Option<&'a DottedName>,
        names: &'a [(Identifier, Option<Identifier>)],
    ) -> Compiled {
        self.at_statement(id);
        let list = names.iter().map(|(name, _)| Constant::Text(self.ast.symbols.name(name.symbol).into()));
        let list = Constant::Tuple(list.collect());
        let module = module.map_or_else(String::new, |module| self.dotted(module));
        let value = self.import_name(id, &module, list, level)?;
        for (name, alias) in names {
            let index = self.unit.names.intern(self.ast.symbols.name(name.symbol));
            let symbol = alias.unwrap_or(*name).symbol;
            let target = self.target(self.destination_of(symbol));
            self.emit_keeping(Op::ImportFrom, 0, target, value, index);
            self.unit.release(target);
            self.store_name(symbol, target);
        }
        self.discard(value);
        Ok(())
    }

    pub(crate) fn import_all(&mut self, id: StatementId, level: u32, module: Option<&'a DottedName>) -> Compiled {
        self.at_statement(id);
        let module = module.map_or_else(String::new, |module| self.dotted(module));
        let list = Constant::Tuple([Constant::Text("*".into())].into());
        let value = self.import_name(id, &module, list, level)?;
        self.unit.release(value);
        self.emit(Op::ImportStar, value, UNUSED, UNUSED);
        Ok(())
    }

    fn dotted(&self, name: &DottedName) -> String {
        let parts: Vec<&str> = name.parts.iter().map(|&part| self.ast.symbols.name(part)).collect();
        parts.join(".")
    }

    fn import_name(&mut self, id: StatementId, module: &str, names: Constant, level: u32) -> Compiled<Register> {
        let Some(names) = self.short_constant(names) else {
            return Err(Diagnostic::syntax(self.ast[id].span, "too many constants in one module"));
        };
        let index = self.unit.names.intern(module);
        let value = self.target(Destination::Push);
        self.emit_data(Op::ImportName, value, names, index, level.into());
        Ok(value)
    }
}
