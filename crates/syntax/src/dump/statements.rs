//! Lines for statements.

use super::{expressions, parts::Described};
use crate::ast::*;

pub(super) fn describe(ast: &Ast, kind: &StatementKind) -> Described {
    use StatementKind::*;
    let name = |symbol: Symbol| ast.symbols.name(symbol);
    match kind {
        Expression(value) => Described::new("Expression").one("", *value),
        Assign { targets, value } => Described::new("Assign").all("target", targets).one("value", *value),
        AugmentedAssign { target, operator, value } => {
            let words = format!("{operator:?}");
            Described::new("AugmentedAssign").words(words).one("target", *target).one("value", *value)
        }
        AnnotatedAssign { target, annotation, value } => {
            let described = Described::new("AnnotatedAssign").one("target", *target).one("annotation", *annotation);
            described.maybe("value", *value)
        }
        TypeAlias { name: alias, type_parameters, value } => {
            let described = Described::new("TypeAlias").words(name(alias.symbol));
            self::type_parameters(ast, described, type_parameters).one("value", *value)
        }
        Delete(targets) => Described::new("Delete").all("", targets),
        Pass => Described::new("Pass"),
        Break => Described::new("Break"),
        Continue => Described::new("Continue"),
        Return(value) => Described::new("Return").maybe("", *value),
        Raise { exception, cause } => Described::new("Raise").maybe("", *exception).maybe("from", *cause),
        Assert { test, message } => Described::new("Assert").one("test", *test).maybe("message", *message),
        Global(names) => Described::new("Global").words(self::names(ast, names)),
        Nonlocal(names) => Described::new("Nonlocal").words(self::names(ast, names)),
        Import(aliases) => {
            let words: Vec<_> =
                aliases.iter().map(|alias| renamed(ast, dotted(ast, &alias.module), alias.alias)).collect();
            Described::new("Import").words(words.join(", "))
        }
        ImportFrom { level, module, names } => {
            let module = module.as_ref().map(|module| dotted(ast, module)).unwrap_or_default();
            let names = match names {
                ImportNames::All(_) => "*".to_owned(),
                ImportNames::Names(names) => {
                    let one = |&(imported, alias): &(Identifier, Option<Identifier>)| {
                        renamed(ast, name(imported.symbol).to_owned(), alias)
                    };
                    names.iter().map(one).collect::<Vec<_>>().join(", ")
                }
            };
            Described::new("ImportFrom").words(format!("{}{module} import {names}", ".".repeat(*level as usize)))
        }
        If { branches, otherwise } => {
            let described = branches
                .iter()
                .fold(Described::new("If"), |described, (test, body)| described.one("test", *test).block("body", body));
            described.maybe_block("else", otherwise)
        }
        While { test, body, otherwise } => {
            Described::new("While").one("test", *test).block("body", body).maybe_block("else", otherwise)
        }
        For { is_async, target, iterable, body, otherwise } => {
            let described = Described::new(if *is_async { "AsyncFor" } else { "For" });
            let described = described.one("target", *target).one("in", *iterable);
            described.block("body", body).maybe_block("else", otherwise)
        }
        Try { body, handlers, is_star, otherwise, finally } => {
            let mut described = Described::new("Try").block("body", body);
            for handler in handlers {
                let mut group = Described::new(if *is_star { "ExceptStar" } else { "Except" });
                group.span = Some(handler.span);
                let bound = handler.name.map_or("", |bound| name(bound.symbol));
                described =
                    described.group("", group.words(bound).maybe("kind", handler.kind).block("body", &handler.body));
            }
            described.maybe_block("else", otherwise).maybe_block("finally", finally)
        }
        With { is_async, items, body } => {
            let described = Described::new(if *is_async { "AsyncWith" } else { "With" });
            let described = items
                .iter()
                .fold(described, |described, item| described.one("context", item.context).maybe("as", item.target));
            described.block("body", body)
        }
        FunctionDefinition(function) => {
            let described = Described::new(if function.is_async { "AsyncFunction" } else { "Function" });
            let described = described.words(name(function.name.symbol)).all("decorator", &function.decorators);
            let described = type_parameters(ast, described, &function.type_parameters);
            let described = described.group("", expressions::parameters(ast, &function.parameters));
            described.maybe("returns", function.returns).block("body", &function.body)
        }
        ClassDefinition(class) => {
            let described = Described::new("Class").words(name(class.name.symbol)).all("decorator", &class.decorators);
            let described = type_parameters(ast, described, &class.type_parameters);
            expressions::arguments(ast, described, &class.arguments).block("body", &class.body)
        }
        Match { subject, cases } => {
            cases.iter().fold(Described::new("Match").one("subject", *subject), |described, case| {
                let group = Described::new("Case").pattern("pattern", case.pattern);
                described.group("", group.maybe("if", case.guard).block("body", &case.body))
            })
        }
    }
}

fn names(ast: &Ast, names: &[Identifier]) -> String {
    names.iter().map(|name| ast.symbols.name(name.symbol)).collect::<Vec<_>>().join(", ")
}

fn dotted(ast: &Ast, module: &DottedName) -> String {
    module.parts.iter().map(|&part| ast.symbols.name(part)).collect::<Vec<_>>().join(".")
}

fn renamed(ast: &Ast, name: String, alias: Option<Identifier>) -> String {
    match alias {
        Some(alias) => format!("{name} as {}", ast.symbols.name(alias.symbol)),
        None => name,
    }
}

fn type_parameters(ast: &Ast, described: Described, parameters: &[TypeParameter]) -> Described {
    parameters.iter().fold(described, |described, parameter| {
        let group = Described::new(format!("{:?}", parameter.kind)).words(ast.symbols.name(parameter.name.symbol));
        described.group("", group.maybe("bound", parameter.bound).maybe("default", parameter.default))
    })
}
