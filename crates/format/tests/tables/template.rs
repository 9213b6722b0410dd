//! `str.format` templates.

use toy_format::{
    Accessor, Conversion, Failure, Field, FieldFirst, FieldName, FieldNumbering, FormatSpec, MAXIMUM_NESTING,
    TemplatePiece, TemplatePieces, format_int, format_str, nesting_too_deep, repr_str,
};

use crate::{LIMIT, Outcome, check};

#[test]
fn templates_agree() {
    check("template", |operation, arguments| match operation {
        "template_pieces" => pieces(&arguments[0]),
        "field_name" => field_name(&arguments[0]),
        _ => render(&arguments[0], MAXIMUM_NESTING, &mut FieldNumbering::default()),
    });
}

/// As `_string.formatter_parser` groups them: each literal with the field that follows it.
fn pieces(template: &str) -> Outcome {
    let mut shown: Vec<String> = Vec::new();
    let mut literal = None;
    let mut end = 0;
    for piece in TemplatePieces::new(template) {
        match piece? {
            TemplatePiece::Literal(text) => {
                shown.extend(literal.take().map(alone));
                end = text.as_ptr() as usize - template.as_ptr() as usize + text.len();
                literal = Some(text);
            }
            TemplatePiece::Field(field) => {
                // A literal that ends in a doubled brace stands alone.
                let start = field.name.as_ptr() as usize - template.as_ptr() as usize;
                if start != end + 1 {
                    shown.extend(literal.take().map(alone));
                }
                let conversion = field.conversion.map_or("None".to_owned(), String::from);
                shown.push(format!("{}^{}^{}^{conversion}", literal.take().unwrap_or(""), field.name, field.spec));
            }
        }
    }
    shown.extend(literal.map(alone));
    Ok(shown.join("|"))
}

fn alone(literal: &str) -> String {
    format!("{literal}^None^None^None")
}

fn field_name(name: &str) -> Outcome {
    let parsed = FieldName::parse(name, &mut FieldNumbering::default())?;
    let first = match parsed.first {
        // Only `str.format` numbers the fields without a name.
        FieldFirst::Index(_) if name.is_empty() || name.starts_with(['.', '[']) => repr_str(""),
        FieldFirst::Index(index) => index.to_string(),
        FieldFirst::Name(name) => repr_str(name),
    };
    let mut shown = vec![first];
    for accessor in parsed.accessors {
        shown.push(match accessor? {
            Accessor::Attribute(name) => format!("True {}", repr_str(name)),
            Accessor::Index(index) => format!("False {index}"),
            Accessor::Key(key) => format!("False {}", repr_str(key)),
        });
    }
    Ok(shown.join("|"))
}

/// `template.format(3, 5, 7, 9, a=4, b=6)`, in which looking up anything else fails with "lookup".
fn render(template: &str, levels: usize, numbering: &mut FieldNumbering) -> Outcome {
    if levels == 0 {
        return Err(nesting_too_deep());
    }
    let mut out = String::new();
    for piece in TemplatePieces::new(template) {
        match piece? {
            TemplatePiece::Literal(text) => out.push_str(text),
            TemplatePiece::Field(field) => render_field(&mut out, field, levels, numbering)?,
        }
    }
    Ok(out)
}

fn render_field(
    out: &mut String,
    field: Field<'_>,
    levels: usize,
    numbering: &mut FieldNumbering,
) -> Result<(), Failure> {
    let lookup = || Failure::value("lookup");
    let mut parsed = FieldName::parse(field.name, numbering)?;
    let value: i64 = match parsed.first {
        FieldFirst::Index(index) => *[3, 5, 7, 9].get(index).ok_or_else(lookup)?,
        FieldFirst::Name("a") => 4,
        FieldFirst::Name("b") => 6,
        FieldFirst::Name(_) => return Err(lookup()),
    };
    if let Some(accessor) = parsed.accessors.next() {
        return accessor.and(Err(lookup()));
    }
    let conversion = field.conversion.map(Conversion::new).transpose()?;
    let expanded;
    let spec = if field.spec_is_template {
        expanded = render(field.spec, levels - 1, numbering)?;
        &expanded
    } else {
        field.spec
    };
    match conversion {
        Some(_) => {
            let spec = FormatSpec::parse(spec).map_err(|error| error.into_failure("str"))?;
            format_str(out, &value.to_string(), &spec).map_err(|error| error.into_failure("str"))
        }
        None => {
            let spec = FormatSpec::parse(spec).map_err(|error| error.into_failure("int"))?;
            format_int(out, value, &spec, LIMIT).map_err(|error| error.into_failure("int"))
        }
    }
}
