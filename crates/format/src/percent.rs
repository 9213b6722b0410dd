//! The `%` templates of `str` and `bytes`, taken apart into literals and conversions.

use std::ops::Range;

use crate::error::Failure;

/// A template's text: `str` or `[u8]`.
pub trait TemplateText: private::Sealed {
    /// The text as bytes; what has a meaning in a template is ASCII.
    fn bytes(&self) -> &[u8];
    /// A part whose ends touch ASCII bytes.
    fn part(&self, range: Range<usize>) -> &Self;
    /// The error for a conversion whose type is unknown, at a byte offset.
    fn unsupported_character(&self, offset: usize) -> Failure;
    /// Whether `%b` exists.
    const IS_BYTES: bool;
}

mod private {
    pub trait Sealed {}
    impl Sealed for str {}
    impl Sealed for [u8] {}
}

impl TemplateText for str {
    const IS_BYTES: bool = false;

    fn bytes(&self) -> &[u8] {
        self.as_bytes()
    }

    fn part(&self, range: Range<usize>) -> &str {
        &self[range]
    }

    fn unsupported_character(&self, offset: usize) -> Failure {
        let character = self[offset..].chars().next().unwrap_or('\0');
        let shown = if matches!(character, '\x1f'..='~') { character } else { '?' };
        let index = self[..offset].chars().count();
        unsupported(shown, u32::from(character), index)
    }
}

impl TemplateText for [u8] {
    const IS_BYTES: bool = true;

    fn bytes(&self) -> &[u8] {
        self
    }

    fn part(&self, range: Range<usize>) -> &[u8] {
        &self[range]
    }

    fn unsupported_character(&self, offset: usize) -> Failure {
        let byte = self[offset];
        if !byte.is_ascii() {
            return Failure::overflow("character argument not in range(0x110000)");
        }
        unsupported(char::from(byte), u32::from(byte), offset)
    }
}

fn unsupported(shown: char, code: u32, index: usize) -> Failure {
    Failure::value(format!("unsupported format character '{shown}' (0x{code:x}) at index {index}"))
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PercentPiece<'a, T: ?Sized> {
    /// Text that stands for itself; `%%` gives a literal `%`.
    Literal(&'a T),
    /// A conversion that consumes an argument.
    Conversion(PercentConversion<'a, T>),
}

/// A conversion `%(key)flags width.precision type`. The length modifiers `h`, `l` and `L` are skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PercentConversion<'a, T: ?Sized> {
    /// The key in a mapping, if the argument is looked up there.
    pub key: Option<&'a T>,
    /// The flags.
    pub flags: PercentFlags,
    /// The least width, in characters.
    pub width: Option<Amount>,
    /// The precision.
    pub precision: Option<Amount>,
    /// The type. Its error is due only once the argument has been fetched.
    pub kind: Result<PercentKind, Failure>,
}

/// The flags of a conversion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PercentFlags {
    /// `-`: padded on the right.
    pub left: bool,
    /// `+`: positive numbers have a plus.
    pub plus: bool,
    /// A space: positive numbers have one.
    pub space: bool,
    /// `#`: prefixes for integers, a point for floats in any case.
    pub alternate: bool,
    /// `0`: numbers are padded with zeros.
    pub zero: bool,
}

/// A width or a precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// Given in the template.
    Number(usize),
    /// `*`: the next argument, an integer.
    Argument,
}

/// What a conversion makes of its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PercentKind {
    /// `d`, `i`, `u`: a decimal integer, floats being truncated. Holds the letter.
    Decimal(char),
    /// `o`, `x`, `X`: an integer in another base. Holds the letter.
    Based(char),
    /// `e`, `E`, `f`, `F`, `g`, `G`: a float. Holds the letter.
    Float(char),
    /// `c`: a character, or the code of one.
    Character,
    /// `s` in a `str`: `str(argument)`.
    Str,
    /// `r` in a `str`: `repr(argument)`.
    Repr,
    /// `a`, and `r` in bytes: `ascii(argument)`.
    Ascii,
    /// `b` and `s` in bytes: the argument's bytes.
    Bytes,
}

/// Iterates over the pieces of a template; it ends after an error.
///
/// Its errors are the `ValueError`s about incomplete conversions.
#[derive(Clone, Debug)]
pub struct PercentPieces<'a, T: ?Sized> {
    template: &'a T,
    offset: usize,
}

impl<'a, T: TemplateText + ?Sized> PercentPieces<'a, T> {
    /// Starts at the beginning of `template`.
    pub fn new(template: &'a T) -> Self {
        PercentPieces { template, offset: 0 }
    }

    fn peek(&self) -> Result<u8, Failure> {
        self.template.bytes().get(self.offset).copied().ok_or_else(incomplete_format)
    }

    /// Reads a conversion, behind its `%`.
    fn conversion(&mut self) -> Result<PercentConversion<'a, T>, Failure> {
        let key = self.key()?;
        let flags = self.flags()?;
        let width = self.amount(isize::MAX as usize, "width too big")?;
        let mut precision = None;
        if self.peek()? == b'.' {
            self.offset += 1;
            let too_precise = if T::IS_BYTES { "prec too big" } else { "precision too big" };
            precision = Some(self.amount(i32::MAX as usize, too_precise)?.unwrap_or(Amount::Number(0)));
        }
        if matches!(self.peek()?, b'h' | b'l' | b'L') {
            self.offset += 1;
        }
        let kind = PercentKind::new(self.peek()?, T::IS_BYTES);
        let kind = kind.ok_or_else(|| self.template.unsupported_character(self.offset));
        // An unknown type may be a longer character; the iteration goes on behind it all the same.
        self.offset += 1;
        while self.template.bytes().get(self.offset).is_some_and(|byte| !T::IS_BYTES && byte & 0xc0 == 0x80) {
            self.offset += 1;
        }
        Ok(PercentConversion { key, flags, width, precision, kind })
    }

    fn key(&mut self) -> Result<Option<&'a T>, Failure> {
        if self.peek()? != b'(' {
            return Ok(None);
        }
        let start = self.offset + 1;
        let mut depth = 0;
        for (index, byte) in self.template.bytes().iter().enumerate().skip(self.offset) {
            match byte {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.offset = index + 1;
                return Ok(Some(self.template.part(start..index)));
            }
        }
        Err(Failure::value("incomplete format key"))
    }

    fn flags(&mut self) -> Result<PercentFlags, Failure> {
        let mut flags = PercentFlags::default();
        loop {
            match self.peek()? {
                b'-' => flags.left = true,
                b'+' => flags.plus = true,
                b' ' => flags.space = true,
                b'#' => flags.alternate = true,
                b'0' => flags.zero = true,
                _ => return Ok(flags),
            }
            self.offset += 1;
        }
    }

    fn amount(&mut self, greatest: usize, too_big: &'static str) -> Result<Option<Amount>, Failure> {
        if self.peek()? == b'*' {
            self.offset += 1;
            return Ok(Some(Amount::Argument));
        }
        let mut number: Option<usize> = None;
        while let digit @ b'0'..=b'9' = self.peek()? {
            let tens = number.unwrap_or(0).checked_mul(10);
            let next = tens.and_then(|tens| tens.checked_add(usize::from(digit - b'0')));
            number = Some(next.filter(|&next| next <= greatest).ok_or_else(|| Failure::value(too_big))?);
            self.offset += 1;
        }
        Ok(number.map(Amount::Number))
    }
}

impl<'a, T: TemplateText + ?Sized> Iterator for PercentPieces<'a, T> {
    type Item = Result<PercentPiece<'a, T>, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.template.bytes();
        let start = self.offset;
        if start >= bytes.len() {
            return None;
        }
        if bytes[start] != b'%' {
            let length = bytes[start..].iter().position(|&byte| byte == b'%').unwrap_or(bytes.len() - start);
            self.offset = start + length;
            return Some(Ok(PercentPiece::Literal(self.template.part(start..self.offset))));
        }
        self.offset += 1;
        if bytes.get(self.offset) == Some(&b'%') {
            self.offset += 1;
            return Some(Ok(PercentPiece::Literal(self.template.part(start..start + 1))));
        }
        let conversion = self.conversion();
        if conversion.is_err() {
            self.offset = bytes.len();
        }
        Some(conversion.map(PercentPiece::Conversion))
    }
}

impl PercentKind {
    fn new(letter: u8, in_bytes: bool) -> Option<PercentKind> {
        Some(match letter {
            b'd' | b'i' | b'u' => PercentKind::Decimal(char::from(letter)),
            b'o' | b'x' | b'X' => PercentKind::Based(char::from(letter)),
            b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => PercentKind::Float(char::from(letter)),
            b'c' => PercentKind::Character,
            b's' | b'b' if in_bytes => PercentKind::Bytes,
            b'r' if in_bytes => PercentKind::Ascii,
            b's' => PercentKind::Str,
            b'r' => PercentKind::Repr,
            b'a' => PercentKind::Ascii,
            _ => return None,
        })
    }
}

fn incomplete_format() -> Failure {
    Failure::value("incomplete format")
}
