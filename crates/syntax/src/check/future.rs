//! `from __future__ import …`.

use toy_source::{Diagnostic, Span};

use crate::ast::*;

/// Every feature that a Python has ever had.
const FEATURES: [&str; 9] = [
    "nested_scopes",
    "generators",
    "division",
    "absolute_import",
    "with_statement",
    "print_function",
    "unicode_literals",
    "generator_stop",
    "annotations",
];

pub(super) fn check(ast: &Ast) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    let mut at_start = true;
    for (index, &id) in ast.body.iter().enumerate() {
        let statement = &ast[id];
        if let Some(names) = features(ast, statement) {
            if at_start {
                faults.extend(names.iter().filter_map(|&name| unknown(name, statement.span)));
            }
            continue;
        }
        at_start &= index == 0 && is_docstring(ast, statement);
    }
    if let Some(late) = late_import(ast) {
        faults.push(Diagnostic::syntax(late, "from __future__ imports must occur at the beginning of the file"));
    }
    faults
}

/// The names that a statement imports from `__future__`.
fn features<'a>(ast: &'a Ast, statement: &'a Statement) -> Option<Vec<&'a str>> {
    match &statement.kind {
        StatementKind::ImportFrom { level: 0, module: Some(module), names } => {
            let [only] = module.parts[..] else { return None };
            if ast.symbols.name(only) != "__future__" {
                return None;
            }
            Some(match names {
                ImportNames::All(_) => vec!["*"],
                ImportNames::Names(names) => names.iter().map(|(name, _)| ast.symbols.name(name.symbol)).collect(),
            })
        }
        _ => None,
    }
}

/// The caret stands below the first character of the statement.
fn unknown(name: &str, span: Span) -> Option<Diagnostic> {
    let span = Span { end: span.start + 1, ..span };
    match name {
        "braces" => Some(Diagnostic::syntax(span, "not a chance")),
        // A feature of 2009 that was never meant to stay.
        "barry_as_FLUFL" => None,
        _ if FEATURES.contains(&name) => None,
        _ => Some(Diagnostic::syntax(span, format!("future feature {name} is not defined"))),
    }
}

fn is_docstring(ast: &Ast, statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Expression(value) if matches!(ast[value].kind, ExpressionKind::String(_)))
}

/// An import from `__future__` behind other statements, in the order of the text.
fn late_import(ast: &Ast) -> Option<Span> {
    let leading =
        ast.body.iter().enumerate().take_while(|&(index, &id)| {
            features(ast, &ast[id]).is_some() || (index == 0 && is_docstring(ast, &ast[id]))
        });
    let allowed: Vec<StatementId> = leading.map(|(_, &id)| id).collect();
    let all = ast.statements.iter().enumerate().map(|(index, statement)| (StatementId(index as u32), statement));
    let late = all.filter(|(id, statement)| !allowed.contains(id) && features(ast, statement).is_some());
    late.map(|(_, statement)| statement.span).min()
}
