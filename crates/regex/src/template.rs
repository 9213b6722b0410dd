//! The text that matches are replaced by: `\1`, `\g<name>` and escapes.

use crate::error::{PatternText, Problem};
use crate::parse::MAXIMUM_GROUPS;
use crate::parse::escape::{character, is_octal, octal, too_large};
use crate::parse::source::{Source, Token, text_of};
use crate::program::Program;

/// A piece of a replacement.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// This text.
    Literal(Vec<u32>),
    /// What a group matched.
    Group(usize),
}

/// Parses a replacement for matches of a pattern. Two literals never stand side by side.
///
/// # Errors
///
/// What CPython says about it.
pub fn parse_template(template: &PatternText, program: &Program) -> Result<Vec<Piece>, Problem> {
    let mut source = Source::new(template)?;
    let mut pieces = Vec::new();
    let mut literal = Vec::new();
    while let Some(token) = source.get()? {
        let piece = match token {
            Token::Plain(code) => Piece::Literal(vec![code]),
            Token::Escaped(code) => escaped(&mut source, code, program)?,
        };
        match piece {
            Piece::Literal(code_points) => literal.extend(code_points),
            Piece::Group(group) => {
                if !literal.is_empty() {
                    pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Group(group));
            }
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Ok(pieces)
}

fn escaped(source: &mut Source<'_>, code: u32, program: &Program) -> Result<Piece, Problem> {
    let mut escape = Token::Escaped(code).text();
    match char::from_u32(code) {
        Some('g') => named(source, program),
        Some('0') => {
            escape.push_str(&source.take_while(2, is_octal)?);
            Ok(Piece::Literal(vec![octal(&escape[1..]) & 0xff]))
        }
        Some(digit) if digit.is_ascii_digit() => {
            if let Some(second) = source.take_if(|character| character.is_ascii_digit())? {
                escape.push(second);
                if is_octal(digit)
                    && is_octal(second)
                    && let Some(third) = source.take_if(is_octal)?
                {
                    escape.push(third);
                    let code = octal(&escape[1..]);
                    return if code > 0o377 { Err(too_large(source, &escape)) } else { Ok(Piece::Literal(vec![code])) };
                }
            }
            let group = escape[1..].parse().unwrap_or(usize::MAX);
            numbered(source, group, &escape[1..], escape.len() - 1, program)
        }
        Some(letter) if character(code).is_none() && letter.is_ascii_alphabetic() => {
            Err(source.error(format!("bad escape {escape}"), escape.len()))
        }
        _ => Ok(Piece::Literal(match character(code) {
            Some(character) => vec![character],
            None => vec![u32::from('\\'), code],
        })),
    }
}

/// `\g<name>` and `\g<number>`
fn named(source: &mut Source<'_>, program: &Program) -> Result<Piece, Problem> {
    if !source.take('<')? {
        return Err(source.error("missing <", 0));
    }
    let name = source.take_until('>', "group name")?;
    let text = text_of(&name);
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let group = text.parse().unwrap_or(usize::MAX);
        return numbered(source, group, text.trim_start_matches('0'), name.len() + 1, program);
    }
    let text = source.check_group_name(&name, 1)?;
    match program.group_of_name(&text) {
        Some(group) => Ok(Piece::Group(group)),
        None => Err(Problem::Index(format!("unknown group name {}", toy_format::repr_str(&text)))),
    }
}

fn numbered(
    source: &Source<'_>,
    group: usize,
    shown: &str,
    offset: usize,
    program: &Program,
) -> Result<Piece, Problem> {
    if group > program.groups() || group >= MAXIMUM_GROUPS {
        return Err(source.error(format!("invalid group reference {shown}"), offset));
    }
    Ok(Piece::Group(group))
}
