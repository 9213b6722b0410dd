//! `format()` and the `%` operator.

use toy_format::{
    FormatSpec, Int, PercentKind, PercentLayout, PercentPiece, PercentPieces, TemplateText, ascii_repr, format_float,
    format_int, format_str, percent_bytes, percent_char, percent_char_code, percent_float, percent_int, percent_str,
    repr_bytes, repr_str,
};

use crate::{LIMIT, Outcome, check, float, int, latin1};

#[test]
fn formatted_values_agree() {
    check("spec", |operation, arguments| {
        let type_name = operation.trim_start_matches("format_");
        let mut out = String::from("before");
        let formatted = FormatSpec::parse(&arguments[1]).and_then(|spec| match type_name {
            "int" => {
                // Small and big operands take different paths.
                let value = Int::from(int(&arguments[0]));
                format_int(&mut out, &value, &spec, LIMIT)
            }
            "float" => format_float(&mut out, float(&arguments[0]), &spec),
            _ => format_str(&mut out, &arguments[0], &spec),
        });
        formatted.map(|()| out["before".len()..].to_owned()).map_err(|error| error.into_failure(type_name))
    });
}

#[test]
fn percent_conversions_agree() {
    check("percent", |operation, arguments| match operation {
        "percent_bytes" => bytes_template(arguments[0].as_bytes(), Argument::Bytes(&latin1(&arguments[1]))),
        "percent_byte_template" => bytes_template(&latin1(&arguments[0]), Argument::Int("65")),
        "percent_int" => render(arguments[0].as_str(), Argument::Int(&arguments[1])),
        "percent_float" => render(arguments[0].as_str(), Argument::Float(&arguments[1])),
        "percent_mapping" => render(arguments[0].as_str(), Argument::Mapping(&arguments[1])),
        _ => render(arguments[0].as_str(), Argument::Str(&arguments[1])),
    });
}

enum Argument<'a> {
    Int(&'a str),
    Float(&'a str),
    Str(&'a str),
    Bytes(&'a [u8]),
    /// A mapping from this key to 7.
    Mapping(&'a str),
}

fn bytes_template(template: &[u8], argument: Argument<'_>) -> Outcome {
    render(template, argument)
}

fn render<T: TemplateText + ?Sized + PartialEq>(template: &T, argument: Argument<'_>) -> Outcome {
    let mut out = Vec::new();
    for piece in PercentPieces::new(template) {
        match piece? {
            PercentPiece::Literal(text) => out.extend_from_slice(text.bytes()),
            PercentPiece::Conversion(conversion) => {
                if let Argument::Mapping(key) = argument {
                    assert_eq!(conversion.key.map(|key| key.bytes()), Some(key.as_bytes()));
                }
                let kind = conversion.kind.clone()?;
                convert(&mut out, kind, &conversion.layout(0, 0)?, &argument, T::IS_BYTES)?;
            }
        }
    }
    Ok(String::from_utf8(out).unwrap_or_else(|error| error.into_bytes().into_iter().map(char::from).collect()))
}

fn convert(
    out: &mut Vec<u8>,
    kind: PercentKind,
    layout: &PercentLayout,
    argument: &Argument<'_>,
    in_bytes: bool,
) -> Result<(), toy_format::Failure> {
    let mut text = String::new();
    match (kind, argument) {
        (PercentKind::Decimal(letter) | PercentKind::Based(letter), Argument::Int(value)) => {
            percent_int(&mut text, &int(value), letter, layout, LIMIT)?;
        }
        (PercentKind::Decimal(letter), Argument::Mapping(_)) => percent_int(&mut text, 7, letter, layout, LIMIT)?,
        (PercentKind::Float(letter), Argument::Float(value)) => {
            percent_float(&mut text, float(value), letter, layout)?;
        }
        (PercentKind::Character, Argument::Int(value)) => {
            let code = percent_char_code(&int(value), in_bytes)?;
            percent_char(&mut text, char::from_u32(code).expect("no surrogate"), layout);
        }
        (PercentKind::Str, Argument::Str(value)) => percent_str(&mut text, value, layout),
        (PercentKind::Repr, Argument::Str(value)) => percent_str(&mut text, &repr_str(value), layout),
        (PercentKind::Ascii, Argument::Str(value)) => percent_str(&mut text, &ascii_repr(value), layout),
        (PercentKind::Ascii, Argument::Int(value)) => percent_bytes(out, value.as_bytes(), layout),
        (PercentKind::Bytes, Argument::Bytes(value)) => percent_bytes(out, value, layout),
        (PercentKind::Ascii, Argument::Bytes(value)) => percent_str(&mut text, &repr_bytes(value), layout),
        (kind, _) => panic!("the tables have no {kind:?} with this argument"),
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}
