//! Lines for expressions.

use super::parts::Described;
use crate::ast::*;

pub(super) fn describe(ast: &Ast, kind: &ExpressionKind) -> Described {
    use ExpressionKind::*;
    let name = |symbol: Symbol| ast.symbols.name(symbol);
    match kind {
        None => Described::new("None"),
        True => Described::new("True"),
        False => Described::new("False"),
        Ellipsis => Described::new("Ellipsis"),
        Integer(value) => Described::new("Integer").words(value.to_string()),
        BigInteger(digits) => Described::new("BigInteger").words(&**digits),
        Float(value) => Described::new("Float").words(format!("{value:?}")),
        Imaginary(value) => Described::new("Imaginary").words(format!("{value:?}")),
        String(text) => Described::new("String").words(text_literal(text)),
        Bytes(bytes) => Described::new("Bytes").words(format!("b\"{}\"", bytes.escape_ascii())),
        FString(parts) => fstring(Described::new("FString"), parts),
        Name(symbol) => Described::new("Name").words(name(*symbol)),
        Unary { operator, operand } => Described::new("Unary").words(format!("{operator:?}")).one("", *operand),
        Binary { operator, left, right } => {
            Described::new("Binary").words(format!("{operator:?}")).one("left", *left).one("right", *right)
        }
        Boolean { operator, values } => Described::new("Boolean").words(format!("{operator:?}")).all("", values),
        Compare { left, rest } => {
            let operators: Vec<_> = rest.iter().map(|(operator, _)| format!("{operator:?}")).collect();
            let described = Described::new("Compare").words(operators.join(" ")).one("", *left);
            rest.iter().fold(described, |described, &(_, right)| described.one("", right))
        }
        Conditional { test, then, otherwise } => {
            Described::new("Conditional").one("test", *test).one("then", *then).one("else", *otherwise)
        }
        Lambda { parameters, body } => {
            Described::new("Lambda").group("parameters", self::parameters(ast, parameters)).one("body", *body)
        }
        Named { target, value } => Described::new("Named").words(name(target.symbol)).one("", *value),
        Call { function, arguments } => {
            self::arguments(ast, Described::new("Call").one("function", *function), arguments)
        }
        Attribute { value, name: attribute } => {
            Described::new("Attribute").words(name(attribute.symbol)).one("", *value)
        }
        Subscript { value, index } => Described::new("Subscript").one("value", *value).one("index", *index),
        Slice { lower, upper, step } => {
            Described::new("Slice").maybe("lower", *lower).maybe("upper", *upper).maybe("step", *step)
        }
        Starred(value) => Described::new("Starred").one("", *value),
        Tuple(items) => Described::new("Tuple").all("", items),
        List(items) => Described::new("List").all("", items),
        Set(items) => Described::new("Set").all("", items),
        Dict(items) => items.iter().fold(Described::new("Dict"), |described, item| match *item {
            DictItem::Pair(key, value) => described.one("key", key).one("value", value),
            DictItem::Unpack(value) => described.one("**", value),
        }),
        ListComprehension { element, clauses } => {
            comprehension(Described::new("ListComprehension").one("element", *element), clauses)
        }
        SetComprehension { element, clauses } => {
            comprehension(Described::new("SetComprehension").one("element", *element), clauses)
        }
        DictComprehension { key, value, clauses } => {
            comprehension(Described::new("DictComprehension").one("key", *key).one("value", *value), clauses)
        }
        Generator { element, clauses } => comprehension(Described::new("Generator").one("element", *element), clauses),
        Await(value) => Described::new("Await").one("", *value),
        Yield(value) => Described::new("Yield").maybe("", *value),
        YieldFrom(value) => Described::new("YieldFrom").one("", *value),
    }
}

/// Text as a literal, lone surrogates and all.
fn text_literal(text: &toy_source::Text) -> String {
    match text.as_str() {
        Some(text) => format!("{text:?}"),
        None => {
            let points = text.code_points().map(|point| match char::from_u32(point) {
                Some(char) => char.escape_debug().to_string(),
                None => format!("\\u{{{point:x}}}"),
            });
            format!("\"{}\"", points.collect::<String>())
        }
    }
}

fn fstring(described: Described, parts: &[FStringPart]) -> Described {
    parts.iter().fold(described, |described, part| match part {
        FStringPart::Literal(text) => described.group("", Described::new("Literal").words(text_literal(text))),
        FStringPart::Replacement { value, debug, conversion, spec } => {
            let conversion = conversion.map(|conversion| format!("{conversion:?}"));
            let debug = debug.as_ref().map(|text| format!("debug {}", text_literal(text)));
            let words: Vec<String> = conversion.into_iter().chain(debug).collect();
            let group = Described::new("Replacement").words(words.join(" ")).one("", *value);
            described.group(
                "",
                match spec {
                    Some(spec) => group.group("spec", fstring(Described::new("Specification"), spec)),
                    None => group,
                },
            )
        }
    })
}

fn comprehension(described: Described, clauses: &[ComprehensionClause]) -> Described {
    clauses.iter().fold(described, |described, clause| {
        let group = Described::new(if clause.is_async { "AsyncFor" } else { "For" });
        let group = group.one("target", clause.target).one("in", clause.iterable).all("if", &clause.conditions);
        described.group("", group)
    })
}

pub(super) fn arguments(ast: &Ast, described: Described, arguments: &[Argument]) -> Described {
    arguments.iter().fold(described, |described, argument| match argument.kind {
        ArgumentKind::Positional => described.one("", argument.value),
        ArgumentKind::Star => described.one("*", argument.value),
        ArgumentKind::DoubleStar => described.one("**", argument.value),
        ArgumentKind::Keyword(name) => {
            let group = Described::new("Keyword").words(ast.symbols.name(name.symbol)).one("", argument.value);
            described.group("", group)
        }
    })
}

pub(super) fn parameters(ast: &Ast, parameters: &Parameters) -> Described {
    let one = |described: Described, role: &'static str, parameter: &Parameter| {
        let group = Described::new("Parameter").words(ast.symbols.name(parameter.name.symbol));
        let group = group.maybe("annotation", parameter.annotation).maybe("default", parameter.default);
        described.group(role, group)
    };
    let mut described = Described::new("Parameters");
    for parameter in &parameters.positional_only {
        described = one(described, "positional only", parameter);
    }
    for parameter in &parameters.positional {
        described = one(described, "", parameter);
    }
    if let Some(parameter) = &parameters.star {
        described = one(described, "*", parameter);
    }
    for parameter in &parameters.keyword_only {
        described = one(described, "keyword only", parameter);
    }
    if let Some(parameter) = &parameters.double_star {
        described = one(described, "**", parameter);
    }
    described
}
