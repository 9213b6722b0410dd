//! Escape sequences in string literals.
//!
//! Invariant: line ends inside a literal read as `\n`, however the file ends its lines.

/// Whether backslashes mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// As in `r"…"`: they stand for themselves.
    Raw,
    /// As in `"…"`.
    Resolved,
}

/// What a literal is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// Characters.
    Text,
    /// Bytes.
    Bytes,
}

/// CPython's complaint about the first escape sequence of a literal's content that means nothing, or more than a byte.
pub(crate) fn doubtful(content: &str, alphabet: Alphabet) -> Option<String> {
    let mut rest = content;
    while let Some(backslash) = rest.find('\\') {
        rest = &rest[backslash + 1..];
        // Text that ends with a backslash is that of an f-string before a field.
        let char = rest.chars().next().unwrap_or('{');
        let octal = rest.bytes().take(3).take_while(|digit| matches!(digit, b'0'..=b'7')).count();
        let is_known = match char {
            'x' | '\n' | '\r' => true,
            'u' | 'U' | 'N' => alphabet == Alphabet::Text,
            '4'..='7' if octal == 3 => return Some(format!("invalid octal escape sequence '\\{}'", &rest[..octal])),
            _ => octal > 0 || simple(char).is_some() || !char.is_ascii(),
        };
        if !is_known {
            return Some(format!("invalid escape sequence '\\{char}'"));
        }
        rest = rest.get(char.len_utf8()..)?;
    }
    None
}

/// The code points of a string literal's content, or CPython's complaint.
pub(crate) fn text(content: &str, escapes: Escapes) -> Result<Vec<u32>, String> {
    decode(content, escapes, false)
}

/// The code points of an f-string's text, whose braces are doubled.
pub(crate) fn fstring_text(content: &str, escapes: Escapes) -> Result<Vec<u32>, String> {
    decode(content, escapes, true)
}

/// The bytes of a byte string literal's content, or CPython's complaint.
pub(crate) fn bytes(content: &str, escapes: Escapes) -> Result<Vec<u8>, String> {
    if !content.is_ascii() {
        return Err("bytes can only contain ASCII literal characters".to_owned());
    }
    let mut reader = Reader::new(content);
    let mut out = Vec::with_capacity(content.len());
    while let Some(char) = reader.next() {
        if char != '\\' || escapes == Escapes::Raw {
            out.push(char as u8);
            continue;
        }
        let start = reader.position - 1;
        match reader.next() {
            Some('\n') => {}
            Some('x') => match (reader.hexadecimal(2), start) {
                (Ok(value), _) => out.push(value as u8),
                (Err(_), start) => return Err(format!("(value error) invalid \\x escape at position {start}")),
            },
            Some(char) => match simple(char).or_else(|| reader.octal(char)) {
                Some(value) => out.push(value as u8),
                None => out.extend([b'\\', char as u8]),
            },
            None => out.push(b'\\'),
        }
    }
    Ok(out)
}

fn decode(content: &str, escapes: Escapes, doubled_braces: bool) -> Result<Vec<u32>, String> {
    let mut reader = Reader::new(content);
    let mut out = Vec::with_capacity(content.len());
    while let Some(char) = reader.next() {
        if doubled_braces && matches!(char, '{' | '}') {
            reader.take(char);
        }
        if char != '\\' || escapes == Escapes::Raw {
            out.push(u32::from(char));
            continue;
        }
        let start = reader.position - 1;
        // The brace of an f-string is never escaped: the next round sees it.
        if doubled_braces && matches!(reader.peek(), Some('{' | '}')) {
            out.push(u32::from('\\'));
            continue;
        }
        let Some(char) = reader.next() else {
            out.push(u32::from('\\'));
            break;
        };
        let coded = match char {
            '\n' => continue,
            'x' => reader.hexadecimal(2).map_err(|()| "truncated \\xXX escape"),
            'u' => reader.hexadecimal(4).map_err(|()| "truncated \\uXXXX escape"),
            'U' => match reader.hexadecimal(8) {
                Ok(0x11_0000..) => Err("illegal Unicode character"),
                result => result.map_err(|()| "truncated \\UXXXXXXXX escape"),
            },
            'N' => reader.named(),
            _ => match simple(char).or_else(|| reader.octal(char)) {
                Some(value) => Ok(value),
                None => {
                    out.push(u32::from('\\'));
                    Ok(u32::from(char))
                }
            },
        };
        match coded {
            Ok(point) => out.push(point),
            Err(reason) => return Err(unicode_error(start, reader.position, reason)),
        }
    }
    Ok(out)
}

/// CPython's words for a bad escape sequence.
fn unicode_error(start: usize, end: usize, reason: &str) -> String {
    let place = if end - start == 1 {
        format!("byte 0x5c in position {start}")
    } else {
        format!("bytes in position {start}-{}", end - 1)
    };
    format!("(unicode error) 'unicodeescape' codec can't decode {place}: {reason}")
}

/// Escapes of one letter.
fn simple(char: char) -> Option<u32> {
    Some(match char {
        '\\' | '\'' | '"' => u32::from(char),
        'a' => 7,
        'b' => 8,
        't' => 9,
        'n' => 10,
        'v' => 11,
        'f' => 12,
        'r' => 13,
        _ => return None,
    })
}

/// Reads characters; counts positions as CPython does, which spells characters beyond ASCII as `\UXXXXXXXX` before it
/// resolves escapes.
struct Reader<'s> {
    rest: std::str::Chars<'s>,
    position: usize,
}

impl<'s> Reader<'s> {
    fn new(content: &'s str) -> Self {
        Self { rest: content.chars(), position: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn next(&mut self) -> Option<char> {
        let char = self.rest.next()?;
        self.position += if char.is_ascii() { 1 } else { 10 };
        if char == '\r' {
            self.rest = self.rest.as_str().strip_prefix('\n').unwrap_or(self.rest.as_str()).chars();
            return Some('\n');
        }
        Some(char)
    }

    /// Skips `expected` if it comes next.
    fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        if found {
            self.next();
        }
        found
    }

    fn hexadecimal(&mut self, count: usize) -> Result<u32, ()> {
        let mut value = 0;
        for _ in 0..count {
            let digit = self.peek().and_then(|char| char.to_digit(16)).ok_or(())?;
            value = value << 4 | digit;
            self.next();
        }
        Ok(value)
    }

    /// Up to three octal digits, the first of which is `first`.
    fn octal(&mut self, first: char) -> Option<u32> {
        let mut value = first.to_digit(8)?;
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|char| char.to_digit(8)) else { break };
            value = value << 3 | digit;
            self.next();
        }
        Some(value)
    }

    /// Behind `\N`.
    fn named(&mut self) -> Result<u32, &'static str> {
        let malformed = "malformed \\N character escape";
        if !self.take('{') {
            return Err(malformed);
        }
        let rest = self.rest.as_str();
        let Some(end) = rest.find('}') else {
            while self.next().is_some() {}
            return Err(malformed);
        };
        let name = &rest[..end];
        for _ in name.chars() {
            self.next();
        }
        if name.is_empty() {
            return Err(malformed);
        }
        self.next();
        unicode_names2::character(name).map(u32::from).ok_or("unknown Unicode character name")
    }
}
