//! `unicode-escape` and `raw-unicode-escape`: text as it stands in literals.

use toy_vm::{Outcome, Vm};

use super::decode::Decoder;

/// A code point as an escape sequence.
pub(super) fn escaped(code_point: u32) -> String {
    match code_point {
        0..0x100 => format!("\\x{code_point:02x}"),
        0x100..0x1_0000 => format!("\\u{code_point:04x}"),
        _ => format!("\\U{code_point:08x}"),
    }
}

/// What `unicode-escape` makes of a code point.
pub(super) fn in_literal(code_point: u32) -> String {
    match char::from_u32(code_point) {
        Some('\\') => "\\\\".to_owned(),
        Some('\t') => "\\t".to_owned(),
        Some('\n') => "\\n".to_owned(),
        Some('\r') => "\\r".to_owned(),
        Some(character @ ' '..='~') => character.to_string(),
        _ => escaped(code_point),
    }
}

impl Decoder<'_> {
    /// A byte, or an escape sequence; of `raw-unicode-escape` only `\u` and `\U`.
    pub(super) fn escape(&mut self, vm: &mut Vm, is_raw: bool) -> Outcome<()> {
        let rest = self.rest();
        let kind = rest.get(1).copied();
        match (rest[0], kind) {
            (b'\\', None) if !is_raw => self.handle(vm, 1, "\\ at end of string"),
            (b'\\', Some(b'u')) => self.digits(vm, 4, "truncated \\uXXXX escape"),
            (b'\\', Some(b'U')) => self.digits(vm, 8, "truncated \\UXXXXXXXX escape"),
            (b'\\', Some(_)) if is_raw => self.pass(2),
            (b'\\', Some(b'x')) => self.digits(vm, 2, "truncated \\xXX escape"),
            (b'\\', Some(b'N')) => self.named(vm),
            (b'\\', Some(b'0'..=b'7')) => {
                let digits = rest[1..].iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7'));
                let (code_point, count) =
                    digits.fold((0, 0), |(number, count), digit| (number * 8 + u32::from(digit - b'0'), count + 1));
                self.push(code_point, 1 + count)
            }
            (b'\\', Some(b'\n')) => {
                self.position += 2;
                Ok(())
            }
            (b'\\', Some(letter)) => match plain_escape(letter) {
                Some(meant) => self.push(meant.into(), 2),
                None => self.pass(2),
            },
            _ => self.pass(1),
        }
    }

    /// So many bytes that mean themselves.
    fn pass(&mut self, count: usize) -> Outcome<()> {
        self.rest()[..count].iter().for_each(|&byte| self.text.push_code_point(byte.into()));
        self.position += count;
        Ok(())
    }

    fn push(&mut self, code_point: u32, length: usize) -> Outcome<()> {
        self.text.push_code_point(code_point);
        self.position += length;
        Ok(())
    }

    /// An escape of so many hexadecimal digits.
    fn digits(&mut self, vm: &mut Vm, count: usize, complaint: &str) -> Outcome<()> {
        let found = self.rest()[2..].iter().take(count).take_while(|digit| digit.is_ascii_hexdigit()).count();
        if found < count {
            return self.handle(vm, 2 + found, complaint);
        }
        let digits = &self.rest()[2..2 + count];
        let code_point =
            digits.iter().fold(0, |number, &digit| number << 4 | char::from(digit).to_digit(16).unwrap_or_default());
        if code_point > 0x10_ffff {
            return self.handle(vm, 2 + count, "illegal Unicode character");
        }
        self.push(code_point, 2 + count)
    }

    /// `\N{name}`.
    fn named(&mut self, vm: &mut Vm) -> Outcome<()> {
        let rest = self.rest();
        let end = rest.iter().position(|&byte| byte == b'}');
        let (Some(b'{'), Some(end)) = (rest.get(2), end.filter(|&end| end > 3)) else {
            let length = match rest.get(2) {
                Some(b'{') => end.map_or(rest.len(), |end| end + 1),
                _ => 2,
            };
            return self.handle(vm, length, "malformed \\N character escape");
        };
        let name = std::str::from_utf8(&rest[3..end]).ok();
        match name.and_then(unicode_names2::character) {
            Some(character) => self.push(character.into(), end + 1),
            None => self.handle(vm, end + 1, "unknown Unicode character name"),
        }
    }
}

/// What a letter behind a backslash means.
fn plain_escape(letter: u8) -> Option<char> {
    Some(match letter {
        b'\\' | b'\'' | b'"' => letter.into(),
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'v' => '\u{b}',
        _ => return None,
    })
}
