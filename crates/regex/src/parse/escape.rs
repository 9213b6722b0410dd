//! What stands behind a backslash.

use super::Parser;
use super::source::{Source, Token, text_of};
use crate::category::Category;
use crate::error::Problem;
use crate::tree::{At, Item, Node};

/// Characters that have a letter, in patterns and in replacements.
const CHARACTERS: &[(char, u32)] =
    &[('a', 0x07), ('b', 0x08), ('f', 0x0c), ('n', 0x0a), ('r', 0x0d), ('t', 0x09), ('v', 0x0b), ('\\', 0x5c)];

/// Conditions that have a letter.
const PLACES: &[(char, At)] =
    &[('A', At::TextBeginning), ('b', At::Boundary), ('B', At::NoBoundary), ('Z', At::TextEnd)];

/// Code points written as numbers: the letter, the digits behind it, and whether only text has them.
const HEXADECIMAL: &[(char, usize, bool)] = &[('x', 2, false), ('u', 4, true), ('U', 8, true)];

/// The character that a letter stands for.
pub(crate) fn character(letter: u32) -> Option<u32> {
    CHARACTERS.iter().find(|(other, _)| u32::from(*other) == letter).map(|(_, code)| *code)
}

/// Whether a character is an octal digit.
pub(crate) fn is_octal(character: char) -> bool {
    matches!(character, '0'..='7')
}

/// The value of octal digits.
pub(crate) fn octal(digits: &str) -> u32 {
    digits.chars().filter_map(|digit| digit.to_digit(8)).fold(0, |value, digit| value * 8 + digit)
}

/// The complaint about an octal escape beyond a byte.
pub(crate) fn too_large(source: &Source<'_>, escape: &str) -> Problem {
    source.error(format!("octal escape value {escape} outside of range 0-0o377"), escape.chars().count())
}

fn bad_escape(source: &Source<'_>, escape: &str) -> Problem {
    source.error(format!("bad escape {escape}"), escape.chars().count())
}

impl Parser<'_> {
    /// An escape in a set.
    pub(super) fn set_escape(&mut self, escaped: u32) -> Result<Item, Problem> {
        if let Some(code) = character(escaped) {
            return Ok(Item::Literal(code));
        }
        if let Some((category, is_negated)) = Category::of_letter(escaped) {
            return Ok(Item::Category { category, is_negated });
        }
        if let Some(code) = self.numbered(escaped)? {
            return Ok(Item::Literal(code));
        }
        let mut escape = Token::Escaped(escaped).text();
        match char::from_u32(escaped) {
            Some(digit) if is_octal(digit) => {
                escape.push_str(&self.source.take_while(2, is_octal)?);
                let code = octal(&escape[1..]);
                if code > 0o377 { Err(too_large(&self.source, &escape)) } else { Ok(Item::Literal(code)) }
            }
            Some(character) if character.is_ascii_alphanumeric() => Err(bad_escape(&self.source, &escape)),
            _ => Ok(Item::Literal(escaped)),
        }
    }

    /// An escape outside sets.
    pub(super) fn escape(&mut self, escaped: u32) -> Result<Node, Problem> {
        if let Some((_, at)) = PLACES.iter().find(|(letter, _)| u32::from(*letter) == escaped) {
            return Ok(Node::At(*at));
        }
        if let Some((category, is_negated)) = Category::of_letter(escaped) {
            return Ok(Node::Set { items: vec![Item::Category { category, is_negated }], is_negated: false });
        }
        if let Some(code) = character(escaped) {
            return Ok(Node::Literal(code));
        }
        if let Some(code) = self.numbered(escaped)? {
            return Ok(Node::Literal(code));
        }
        let mut escape = Token::Escaped(escaped).text();
        match char::from_u32(escaped) {
            Some('0') => {
                escape.push_str(&self.source.take_while(2, is_octal)?);
                Ok(Node::Literal(octal(&escape[1..])))
            }
            Some(digit) if digit.is_ascii_digit() => self.octal_or_reference(escape),
            Some(character) if character.is_ascii_alphabetic() => Err(bad_escape(&self.source, &escape)),
            _ => Ok(Node::Literal(escaped)),
        }
    }

    /// Three octal digits are a character, one or two digits the number of a group.
    fn octal_or_reference(&mut self, mut escape: String) -> Result<Node, Problem> {
        if let Some(digit) = self.source.take_if(|character| character.is_ascii_digit())? {
            escape.push(digit);
            if escape[1..].chars().all(is_octal)
                && let Some(digit) = self.source.take_if(is_octal)?
            {
                escape.push(digit);
                let code = octal(&escape[1..]);
                return if code > 0o377 { Err(too_large(&self.source, &escape)) } else { Ok(Node::Literal(code)) };
            }
        }
        let group = escape[1..].parse().unwrap_or(usize::MAX);
        if group >= self.groups.len() {
            return Err(self.source.error(format!("invalid group reference {group}"), escape.len() - 1));
        }
        if self.groups[group].is_none() {
            return Err(self.source.error("cannot refer to an open group", escape.len()));
        }
        self.check_look_behind(group)?;
        Ok(Node::Reference(group))
    }

    /// A code point by its number or name.
    fn numbered(&mut self, escaped: u32) -> Result<Option<u32>, Problem> {
        let letter = char::from_u32(escaped).unwrap_or_default();
        if letter == 'N' && self.source.is_text() {
            return self.character_of_name().map(Some);
        }
        let row = HEXADECIMAL
            .iter()
            .find(|&&(other, _, is_of_text)| other == letter && (self.source.is_text() || !is_of_text));
        let Some(&(_, length, _)) = row else { return Ok(None) };
        let digits = self.source.take_while(length, |character| character.is_ascii_hexdigit())?;
        let escape = format!("\\{letter}{digits}");
        if digits.len() < length {
            return Err(self.source.error(format!("incomplete escape {escape}"), escape.len()));
        }
        match u32::from_str_radix(&digits, 16) {
            Ok(code) if code <= 0x10_ffff => Ok(Some(code)),
            _ => Err(bad_escape(&self.source, &escape)),
        }
    }

    /// `\N{EM DASH}`
    fn character_of_name(&mut self) -> Result<u32, Problem> {
        if !self.source.take('{')? {
            return Err(self.source.error("missing {", 0));
        }
        let name = self.source.take_until('}', "character name")?;
        let text = text_of(&name);
        unicode_names2::character(&text).map(u32::from).ok_or_else(|| {
            let shown = toy_format::repr_str(&text);
            self.source.error(format!("undefined character name {shown}"), name.len() + r"\N{}".len())
        })
    }
}
