//! `str.format` templates: literals and replacement fields, whose names are taken apart only when they are used.
//!
//! Everything is lazy, because CPython formats the fields before it finds an error behind them.

use std::str::CharIndices;

use crate::error::Failure;
use crate::spec::too_many_digits;
use crate::unicode::decimal_value;

/// How deep templates may stand in specs: `{:{}}` is allowed, `{:{:{}}}` is not.
pub const MAXIMUM_NESTING: usize = 2;

/// The error for templates nested deeper than [`MAXIMUM_NESTING`].
pub fn nesting_too_deep() -> Failure {
    Failure::value("Max string recursion exceeded")
}

/// The error for an automatic or numbered field where there are no positional arguments (`str.format_map`).
pub fn positional_fields_not_allowed() -> Failure {
    Failure::value("Format string contains positional fields")
}

/// A part of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplatePiece<'a> {
    /// Text that stands for itself; never empty.
    Literal(&'a str),
    /// A replacement field.
    Field(Field<'a>),
}

/// A replacement field `{name!conversion:spec}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// What [`FieldName::parse`] takes apart.
    pub name: &'a str,
    /// What [`Conversion::new`] understands.
    pub conversion: Option<char>,
    /// The format spec, possibly empty.
    pub spec: &'a str,
    /// Whether the spec is itself a template.
    pub spec_is_template: bool,
}

/// Iterates over the pieces of a template; it ends after an error.
///
/// The errors are all `ValueError`s about unbalanced braces and misplaced conversions.
#[derive(Clone, Debug)]
pub struct TemplatePieces<'a> {
    rest: &'a str,
    field_follows: bool,
}

impl<'a> TemplatePieces<'a> {
    /// Starts at the beginning of `template`.
    pub fn new(template: &'a str) -> Self {
        TemplatePieces { rest: template, field_follows: false }
    }

    fn fail(&mut self, message: &'static str) -> Option<Result<TemplatePiece<'a>, Failure>> {
        (self.rest, self.field_follows) = ("", false);
        Some(Err(Failure::value(message)))
    }

    fn field(&mut self) -> Option<Result<TemplatePiece<'a>, Failure>> {
        self.field_follows = false;
        let mut scanner = FieldScanner { text: self.rest, characters: self.rest.char_indices() };
        match scanner.field() {
            Ok(field) => {
                self.rest = scanner.characters.as_str();
                Some(Ok(TemplatePiece::Field(field)))
            }
            Err(message) => self.fail(message),
        }
    }
}

impl<'a> Iterator for TemplatePieces<'a> {
    type Item = Result<TemplatePiece<'a>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.field_follows {
            return self.field();
        }
        if self.rest.is_empty() {
            return None;
        }
        let (text, bytes) = (self.rest, self.rest.as_bytes());
        let Some(brace) = bytes.iter().position(|byte| matches!(byte, b'{' | b'}')) else {
            self.rest = "";
            return Some(Ok(TemplatePiece::Literal(text)));
        };
        let following = bytes.get(brace + 1);
        if following == Some(&bytes[brace]) {
            // A doubled brace stands for one: the literal ends with the first of the two.
            self.rest = &text[brace + 2..];
            return Some(Ok(TemplatePiece::Literal(&text[..=brace])));
        }
        if bytes[brace] == b'}' {
            return self.fail("Single '}' encountered in format string");
        }
        if following.is_none() {
            return self.fail("Single '{' encountered in format string");
        }
        self.rest = &text[brace + 1..];
        if brace == 0 {
            return self.field();
        }
        self.field_follows = true;
        Some(Ok(TemplatePiece::Literal(&text[..brace])))
    }
}

/// Reads one field, behind its opening brace.
struct FieldScanner<'a> {
    text: &'a str,
    characters: CharIndices<'a>,
}

impl<'a> FieldScanner<'a> {
    fn field(&mut self) -> Result<Field<'a>, &'static str> {
        let (name, end) = self.name()?;
        match end {
            '}' => Ok(Field { name, conversion: None, spec: "", spec_is_template: false }),
            ':' => self.spec(name, None),
            _ => self.conversion(name),
        }
    }

    /// The name, and the `}`, `:` or `!` that ends it. Within brackets, everything belongs to the name.
    fn name(&mut self) -> Result<(&'a str, char), &'static str> {
        let mut in_brackets = false;
        for (index, character) in self.characters.by_ref() {
            match character {
                ']' => in_brackets = false,
                _ if in_brackets => {}
                '[' => in_brackets = true,
                '{' => return Err("unexpected '{' in field name"),
                '}' | ':' | '!' => return Ok((&self.text[..index], character)),
                _ => {}
            }
        }
        Err("expected '}' before end of string")
    }

    fn conversion(&mut self, name: &'a str) -> Result<Field<'a>, &'static str> {
        let Some((_, conversion)) = self.characters.next() else {
            return Err("end of string while looking for conversion specifier");
        };
        match self.characters.next() {
            Some((_, '}')) => Ok(Field { name, conversion: Some(conversion), spec: "", spec_is_template: false }),
            Some((_, ':')) => self.spec(name, Some(conversion)),
            Some(_) => Err("expected ':' after conversion specifier"),
            None => Err("unmatched '{' in format spec"),
        }
    }

    fn spec(&mut self, name: &'a str, conversion: Option<char>) -> Result<Field<'a>, &'static str> {
        let start = self.characters.offset();
        let mut depth = 1;
        let mut spec_is_template = false;
        for (index, character) in self.characters.by_ref() {
            match character {
                '{' => {
                    spec_is_template = true;
                    depth += 1;
                }
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(Field { name, conversion, spec: &self.text[start..index], spec_is_template });
            }
        }
        Err("unmatched '{' in format spec")
    }
}

/// What is done to the value of a field before it is formatted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// `!s`
    Str,
    /// `!r`
    Repr,
    /// `!a`
    Ascii,
}

impl Conversion {
    /// The conversion that `letter` means.
    ///
    /// # Errors
    /// `ValueError`, which CPython raises only after the value was looked up.
    pub fn new(letter: char) -> Result<Conversion, Failure> {
        match letter {
            's' => Ok(Conversion::Str),
            'r' => Ok(Conversion::Repr),
            'a' => Ok(Conversion::Ascii),
            '!'..='~' => Err(Failure::value(format!("Unknown conversion specifier {letter}"))),
            _ => Err(Failure::value(format!("Unknown conversion specifier \\x{:x}", u32::from(letter)))),
        }
    }
}

/// Whether a template numbers its fields by itself; lives as long as one call of `str.format`, nested specs included.
#[derive(Clone, Copy, Debug, Default)]
pub struct FieldNumbering {
    state: NumberingState,
    next: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum NumberingState {
    #[default]
    Undecided,
    Automatic,
    Manual,
}

impl FieldNumbering {
    fn automatic(&mut self) -> Result<usize, Failure> {
        if self.state == NumberingState::Manual {
            return Err(Failure::value("cannot switch from manual field specification to automatic field numbering"));
        }
        self.state = NumberingState::Automatic;
        self.next += 1;
        Ok(self.next - 1)
    }

    fn manual(&mut self) -> Result<(), Failure> {
        if self.state == NumberingState::Automatic {
            return Err(Failure::value("cannot switch from automatic field numbering to manual field specification"));
        }
        self.state = NumberingState::Manual;
        Ok(())
    }
}

/// The argument that a field starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldFirst<'a> {
    /// A positional argument, numbered in the template or automatically.
    Index(usize),
    /// A keyword argument.
    Name(&'a str),
}

/// The name of a field, taken apart.
#[derive(Clone, Debug)]
pub struct FieldName<'a> {
    /// Where to start.
    pub first: FieldFirst<'a>,
    /// What to look up from there, step by step.
    pub accessors: Accessors<'a>,
}

impl<'a> FieldName<'a> {
    /// Takes the name of a field apart and numbers it if it has no first part.
    ///
    /// # Errors
    /// `ValueError` for mixed numbering or a number that is too long.
    pub fn parse(name: &'a str, numbering: &mut FieldNumbering) -> Result<FieldName<'a>, Failure> {
        let (first, rest) = name.split_at(name.find(['.', '[']).unwrap_or(name.len()));
        let first = if first.is_empty() {
            FieldFirst::Index(numbering.automatic()?)
        } else if let Some(index) = parse_index(first)? {
            numbering.manual()?;
            FieldFirst::Index(index)
        } else {
            FieldFirst::Name(first)
        };
        Ok(FieldName { first, accessors: Accessors { rest } })
    }
}

/// One step from a value to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accessor<'a> {
    /// `.name`
    Attribute(&'a str),
    /// `[3]`: an item by integer.
    Index(usize),
    /// `[text]`: an item by string.
    Key(&'a str),
}

/// Iterates over the accessors of a field name; its errors are `ValueError`s.
#[derive(Clone, Debug)]
pub struct Accessors<'a> {
    rest: &'a str,
}

impl<'a> Accessors<'a> {
    fn step(&mut self) -> Result<Accessor<'a>, Failure> {
        let empty = || Failure::value("Empty attribute in format string");
        if let Some(after_point) = self.rest.strip_prefix('.') {
            let (name, rest) = after_point.split_at(after_point.find(['.', '[']).unwrap_or(after_point.len()));
            self.rest = rest;
            return if name.is_empty() { Err(empty()) } else { Ok(Accessor::Attribute(name)) };
        }
        let Some(after_bracket) = self.rest.strip_prefix('[') else {
            return Err(Failure::value("Only '.' or '[' may follow ']' in format field specifier"));
        };
        let Some((key, rest)) = after_bracket.split_once(']') else {
            return Err(Failure::value("Missing ']' in format string"));
        };
        self.rest = rest;
        match parse_index(key)? {
            _ if key.is_empty() => Err(empty()),
            Some(index) => Ok(Accessor::Index(index)),
            None => Ok(Accessor::Key(key)),
        }
    }
}

impl<'a> Iterator for Accessors<'a> {
    type Item = Result<Accessor<'a>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let step = self.step();
        if step.is_err() {
            self.rest = "";
        }
        Some(step)
    }
}

/// The text as a number, if it consists of decimal digits.
fn parse_index(text: &str) -> Result<Option<usize>, Failure> {
    let mut index: Option<usize> = None;
    for character in text.chars() {
        let Some(digit) = decimal_value(u32::from(character)) else { return Ok(None) };
        let tens = index.unwrap_or(0).checked_mul(10);
        let next = tens.and_then(|tens| tens.checked_add(digit as usize)).filter(|&next| isize::try_from(next).is_ok());
        index = Some(next.ok_or_else(too_many_digits)?);
    }
    Ok(index)
}
