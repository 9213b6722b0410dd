//! First pass: the scopes and which names each of them binds and uses.

use std::collections::HashMap;

use toy_source::{Diagnostic, Span};
use toy_syntax::ast::{
    Ast, Block, ClassDefinition, FunctionDefinition, Identifier, ImportNames, PatternId, PatternKind, StatementId,
    StatementKind, Symbol,
};

use super::{Analysis, Entry, Names, Scope, ScopeId, ScopeKind};

pub(super) type Collected = Result<(), Diagnostic>;

/// Walks through a program; `scope` is where it is.
pub(super) struct Collector<'a> {
    pub(super) ast: &'a Ast,
    pub(super) analysis: Analysis,
    pub(super) scope: ScopeId,
}

/// Finds all scopes and what they mention.
pub(super) fn collect(ast: &Ast) -> Result<Analysis, Diagnostic> {
    let mut symbols = ast.symbols.clone();
    let names = Names::new(&mut symbols);
    let analysis = Analysis {
        scopes: Vec::new(),
        symbols,
        names,
        of_statement: HashMap::new(),
        of_type_parameters: HashMap::new(),
        of_expression: HashMap::new(),
        of_lazy: HashMap::new(),
        mangled: HashMap::new(),
    };
    let mut collector = Collector { ast, analysis, scope: ScopeId(0) };
    collector.new_scope(ScopeKind::Module, None);
    collector.block(&ast.body)?;
    Ok(collector.analysis)
}

impl<'a> Collector<'a> {
    fn new_scope(&mut self, kind: ScopeKind, parent: Option<ScopeId>) -> ScopeId {
        let id = ScopeId(self.analysis.scopes.len() as u32);
        let unit = match (kind, parent) {
            (ScopeKind::Comprehension, Some(parent)) => self.analysis.scope(parent).unit,
            _ => id,
        };
        self.analysis.scopes.push(Scope {
            kind,
            parent,
            unit,
            private_class: parent.and_then(|parent| self.analysis.scope(parent).private_class),
            entries: HashMap::new(),
            order: Vec::new(),
            free: Vec::new(),
            has_yield: false,
            has_await: false,
            iterable_depth: 0,
            sees_class: false,
            is_lazy: false,
            class_cells: Vec::new(),
            static_attributes: std::collections::BTreeSet::new(),
        });
        id
    }

    /// Begins a scope inside the present one; returns the present one for [`Collector::leave`].
    pub(super) fn enter(&mut self, kind: ScopeKind) -> ScopeId {
        let parent = self.scope;
        self.scope = self.new_scope(kind, Some(parent));
        parent
    }

    /// Back to the scope that [`Collector::enter`] returned.
    pub(super) fn leave(&mut self, parent: ScopeId) {
        self.scope = parent;
    }

    pub(super) fn current(&mut self) -> &mut Scope {
        let scope = self.scope;
        self.analysis.scope_mut(scope)
    }

    /// The entry of a name (not mangled yet) in a scope, made if it is new.
    pub(super) fn entry(&mut self, scope: ScopeId, symbol: Symbol) -> &mut Entry {
        let symbol = self.analysis.mangle(scope, symbol);
        let scope = self.analysis.scope_mut(scope);
        scope.entries.entry(symbol).or_insert_with(|| {
            scope.order.push(symbol);
            Entry::default()
        })
    }

    pub(super) fn bind(&mut self, symbol: Symbol) -> &mut Entry {
        let entry = self.entry(self.scope, symbol);
        entry.is_bound = true;
        entry
    }

    pub(super) fn use_name(&mut self, symbol: Symbol) {
        let names = self.analysis.names;
        self.entry(self.scope, symbol).is_used = true;
        let is_function = !matches!(self.current().kind, ScopeKind::Module | ScopeKind::Class);
        if symbol == names.super_name && is_function {
            self.entry(self.scope, names.class_cell).is_used = true;
        }
    }

    pub(super) fn block(&mut self, block: &'a Block) -> Collected {
        block.iter().try_for_each(|&statement| self.statement(statement))
    }

    fn optional_block(&mut self, block: &'a Option<Block>) -> Collected {
        block.as_ref().map_or(Ok(()), |block| self.block(block))
    }

    fn statement(&mut self, id: StatementId) -> Collected {
        let ast = self.ast;
        let statement = &ast[id];
        match &statement.kind {
            StatementKind::Expression(value) => self.expression(*value),
            StatementKind::Assign { targets, value } => {
                self.expression(*value)?;
                targets.iter().try_for_each(|&target| self.target(target))
            }
            StatementKind::AugmentedAssign { target, value, .. } => {
                self.target(*target)?;
                self.expression(*value)
            }
            StatementKind::AnnotatedAssign { target, annotation, value } => {
                self.annotated_target(*target, value.is_some())?;
                self.expression(*annotation)?;
                self.optional_expression(*value)
            }
            StatementKind::TypeAlias { .. } => self.type_alias(id),
            StatementKind::Delete(targets) => targets.iter().try_for_each(|&target| self.deleted(target)),
            StatementKind::Pass | StatementKind::Break | StatementKind::Continue => Ok(()),
            StatementKind::Return(value) => self.optional_expression(*value),
            StatementKind::Raise { exception, cause } => {
                self.optional_expression(*exception)?;
                self.optional_expression(*cause)
            }
            StatementKind::Assert { test, message } => {
                self.expression(*test)?;
                self.optional_expression(*message)
            }
            StatementKind::Global(names) => {
                names.iter().try_for_each(|name| self.declare(name.symbol, statement.span, "global"))
            }
            StatementKind::Nonlocal(names) => {
                names.iter().try_for_each(|name| self.declare(name.symbol, statement.span, "nonlocal"))
            }
            StatementKind::Import(aliases) => {
                for alias in aliases {
                    let first = alias.module.parts[0];
                    self.bind(alias.alias.map_or(first, |alias| alias.symbol));
                }
                Ok(())
            }
            StatementKind::ImportFrom { names: ImportNames::Names(names), .. } => {
                for (name, alias) in names {
                    self.bind(alias.unwrap_or(*name).symbol);
                }
                Ok(())
            }
            StatementKind::ImportFrom { names: ImportNames::All(_), .. } => self.import_all(statement.span),
            StatementKind::If { branches, otherwise } => {
                for (test, body) in branches {
                    self.expression(*test)?;
                    self.block(body)?;
                }
                self.optional_block(otherwise)
            }
            StatementKind::While { test, body, otherwise } => {
                self.expression(*test)?;
                self.block(body)?;
                self.optional_block(otherwise)
            }
            StatementKind::For { is_async, target, iterable, body, otherwise } => {
                self.current().has_await |= is_async;
                self.target(*target)?;
                self.expression(*iterable)?;
                self.block(body)?;
                self.optional_block(otherwise)
            }
            StatementKind::Try { body, handlers, otherwise, finally, .. } => {
                self.block(body)?;
                for handler in handlers {
                    self.optional_expression(handler.kind)?;
                    if let Some(name) = handler.name {
                        self.bind(name.symbol).is_deleted = true;
                    }
                    self.block(&handler.body)?;
                }
                self.optional_block(otherwise)?;
                self.optional_block(finally)
            }
            StatementKind::With { is_async, items, body } => {
                self.current().has_await |= is_async;
                for item in items {
                    self.expression(item.context)?;
                    item.target.map_or(Ok(()), |target| self.target(target))?;
                }
                self.block(body)
            }
            StatementKind::FunctionDefinition(definition) => self.function_definition(id, definition),
            StatementKind::ClassDefinition(definition) => self.class_definition(id, definition),
            StatementKind::Match { subject, cases } => {
                self.expression(*subject)?;
                for case in cases {
                    self.pattern(case.pattern)?;
                    self.optional_expression(case.guard)?;
                    self.block(&case.body)?;
                }
                Ok(())
            }
        }
    }

    fn import_all(&mut self, span: Span) -> Collected {
        match self.current().kind {
            ScopeKind::Module => Ok(()),
            _ => Err(Diagnostic::syntax(span, "import * only allowed at module level")),
        }
    }

    /// A `global` or `nonlocal` statement.
    fn declare(&mut self, symbol: Symbol, span: Span, keyword: &str) -> Collected {
        let name = self.ast.symbols.name(symbol).to_owned();
        if keyword == "nonlocal" && self.current().kind == ScopeKind::Module {
            return Err(Diagnostic::syntax(span, "nonlocal declaration not allowed at module level"));
        }
        let entry = self.entry(self.scope, symbol);
        let message = if entry.is_parameter {
            format!("name '{name}' is parameter and {keyword}")
        } else if entry.is_used {
            format!("name '{name}' is used prior to {keyword} declaration")
        } else if entry.is_annotated {
            format!("annotated name '{name}' can't be {keyword}")
        } else if entry.is_bound {
            format!("name '{name}' is assigned to before {keyword} declaration")
        } else {
            let declared = if keyword == "global" { &mut entry.global } else { &mut entry.nonlocal };
            *declared = Some(span);
            if entry.global.is_none() || entry.nonlocal.is_none() {
                return Ok(());
            }
            format!("name '{name}' is nonlocal and global")
        };
        Err(Diagnostic::syntax(span, message))
    }

    fn function_definition(&mut self, id: StatementId, definition: &'a FunctionDefinition) -> Collected {
        self.bind(definition.name.symbol);
        definition.decorators.iter().try_for_each(|&decorator| self.expression(decorator))?;
        self.defaults(&definition.parameters)?;
        let outside = self.scope;
        if !definition.type_parameters.is_empty() {
            // The defaults are computed outside and come in as arguments.
            let names = self.analysis.names;
            let (positional, keyword) = super::has_defaults(&definition.parameters);
            let arguments = [(positional, names.defaults), (keyword, names.keyword_defaults)];
            let arguments: Vec<Symbol> =
                arguments.into_iter().filter_map(|(is_there, name)| is_there.then_some(name)).collect();
            self.enter_type_parameters(id, &definition.type_parameters, &arguments, None)?;
        }
        self.annotations(&definition.parameters, definition.returns)?;
        let around = self.enter(ScopeKind::Function);
        self.analysis.of_statement.insert(id, self.scope);
        self.parameters(&definition.parameters);
        self.block(&definition.body)?;
        self.leave(around);
        self.leave(outside);
        Ok(())
    }

    fn class_definition(&mut self, id: StatementId, definition: &'a ClassDefinition) -> Collected {
        self.bind(definition.name.symbol);
        definition.decorators.iter().try_for_each(|&decorator| self.expression(decorator))?;
        let outside = self.scope;
        if !definition.type_parameters.is_empty() {
            // Private names of the parameters are mangled as in the class.
            let private_class = Some(definition.name.symbol);
            self.enter_type_parameters(id, &definition.type_parameters, &[], private_class)?;
            let names = self.analysis.names;
            for name in [names.type_parameters, names.generic_base] {
                let entry = self.bind(name);
                entry.is_used = true;
            }
        }
        definition.arguments.iter().try_for_each(|argument| self.expression(argument.value))?;
        let around = self.enter(ScopeKind::Class);
        self.analysis.of_statement.insert(id, self.scope);
        self.current().private_class = Some(definition.name.symbol);
        if !definition.type_parameters.is_empty() {
            self.use_name(self.analysis.names.type_parameters);
        }
        self.block(&definition.body)?;
        self.leave(around);
        self.leave(outside);
        Ok(())
    }

    fn pattern(&mut self, id: PatternId) -> Collected {
        let ast = self.ast;
        match &ast[id].kind {
            PatternKind::Value(value) | PatternKind::Singleton(value) => self.expression(*value),
            PatternKind::Capture(name) | PatternKind::Star(name) => {
                if let Some(name) = name {
                    self.bind(*name);
                }
                Ok(())
            }
            PatternKind::Sequence(patterns) | PatternKind::Or(patterns) => {
                patterns.iter().try_for_each(|&pattern| self.pattern(pattern))
            }
            PatternKind::Mapping { items, rest } => {
                for (key, pattern) in items {
                    self.expression(*key)?;
                    self.pattern(*pattern)?;
                }
                rest.iter().for_each(|Identifier { symbol, .. }| {
                    self.bind(*symbol);
                });
                Ok(())
            }
            PatternKind::Class { class, positional, keywords } => {
                self.expression(*class)?;
                positional.iter().try_for_each(|&pattern| self.pattern(pattern))?;
                keywords.iter().try_for_each(|(_, pattern)| self.pattern(*pattern))
            }
            PatternKind::As { pattern, name } => {
                self.pattern(*pattern)?;
                self.bind(name.symbol);
                Ok(())
            }
        }
    }
}
