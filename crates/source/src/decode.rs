//! Bytes of a file to text, as Python reads source files.

use std::fmt;

use toy_format::Charset;

use crate::Source;

/// Why bytes are no text, as CPython words it. `to_string` gives the lines that CPython prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// The whole message of the `SyntaxError`.
    pub message: String,
    /// Which file and perhaps which line, where the message does not say so itself.
    pub place: Option<(String, Option<u32>)>,
}

impl fmt::Display for Undecodable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some((file, Some(line))) => writeln!(f, "  File \"{file}\", line {line}")?,
            Some((file, None)) => writeln!(f, "  File \"{file}\"")?,
            None => {}
        }
        writeln!(f, "SyntaxError: {}", self.message)
    }
}

impl std::error::Error for Undecodable {}

impl Source {
    /// The source called `name` made of a file's bytes: UTF-8, perhaps behind a byte order mark, or what a coding
    /// comment on one of the first two lines says (`utf-8`, `ascii`, `latin-1`, the encodings of one byte a character).
    ///
    /// # Errors
    /// If the bytes are no text: an unknown encoding, a sequence that is wrong in it, or a null byte.
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Undecodable> {
        let name = name.into();
        let fault = |line, message: String| Undecodable { message, place: Some((name.clone(), line)) };
        let marked = bytes.strip_prefix(b"\xEF\xBB\xBF");
        let content = marked.unwrap_or(bytes);
        let declared = declared_encoding(content);
        let encoding = declared.as_deref().unwrap_or("utf-8");
        let codec_fault = |at: usize, message| fault(Some(line_of(content, at)), format!("(unicode error) {message}"));
        let text = match (normal_name(encoding).as_str(), std::str::from_utf8(content)) {
            ("utf-8", Ok(text)) => text.to_owned(),
            ("utf-8", Err(error)) if marked.is_none() && declared.is_none() => {
                return Err(Undecodable { message: undeclared(&name, content, error.valid_up_to()), place: None });
            }
            ("utf-8", Err(error)) => return Err(codec_fault(error.valid_up_to(), wrong_utf8(content, error))),
            _ if marked.is_some() => return Err(fault(None, format!("encoding problem: {encoding} with BOM"))),
            ("iso-8859-1", _) => content.iter().map(|&byte| char::from(byte)).collect(),
            ("ascii", _) => match content.iter().position(|byte| !byte.is_ascii()) {
                None => content.iter().map(|&byte| char::from(byte)).collect(),
                Some(at) => {
                    let message = format!("'ascii' codec can't decode byte 0x{:02x} in position {at}", content[at]);
                    return Err(codec_fault(at, format!("{message}: ordinal not in range(128)")));
                }
            },
            (name, _) => {
                let Some(charset) = Charset::find(name) else {
                    return Err(fault(None, format!("encoding problem: {encoding}")));
                };
                let mut text = String::with_capacity(content.len());
                for (at, &byte) in content.iter().enumerate() {
                    let Some(character) = charset.decode(byte) else {
                        let message = format!("'charmap' codec can't decode byte 0x{byte:02x} in position {at}");
                        return Err(codec_fault(at, format!("{message}: character maps to <undefined>")));
                    };
                    text.push(character);
                }
                text
            }
        };
        if let Some(at) = content.iter().position(|&byte| byte == 0) {
            return Err(fault(Some(line_of(content, at)), "source code cannot contain null bytes".to_owned()));
        }
        Ok(Self::new(name, text))
    }
}

/// The line that holds a byte, counted from one.
fn line_of(bytes: &[u8], at: usize) -> u32 {
    let breaks = bytes[..at].iter().filter(|&&byte| byte == b'\n').count();
    u32::try_from(breaks).map_or(u32::MAX, |breaks| breaks.saturating_add(1))
}

fn undeclared(name: &str, bytes: &[u8], at: usize) -> String {
    format!(
        "Non-UTF-8 code starting with '\\x{:02x}' in file {name} on line {}, but no encoding declared; \
         see https://peps.python.org/pep-0263/ for details",
        bytes[at],
        line_of(bytes, at)
    )
}

fn wrong_utf8(bytes: &[u8], error: std::str::Utf8Error) -> String {
    let at = error.valid_up_to();
    let byte = bytes[at];
    let reason = match error.error_len() {
        None => "unexpected end of data",
        Some(_) if !(0xC2..=0xF4).contains(&byte) => "invalid start byte",
        Some(_) => "invalid continuation byte",
    };
    let last = error.error_len().map_or(bytes.len(), |length| at + length) - 1;
    let place = if last > at {
        format!("bytes in position {at}-{last}")
    } else {
        format!("byte 0x{byte:02x} in position {at}")
    };
    format!("'utf-8' codec can't decode {place}: {reason}")
}

/// What `coding: NAME` says in a comment on the first line, or on the second if the first has no code.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|&byte| byte == b'\n').take(2) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            if let Some(name) = named_encoding(comment) {
                return Some(name);
            }
        } else if !line.is_empty() {
            return None;
        }
    }
    None
}

fn named_encoding(comment: &str) -> Option<String> {
    let (_, rest) = comment.split_once("coding")?;
    let rest = rest.strip_prefix([':', '='])?.trim_start_matches([' ', '\t']);
    let end = rest.find(|char: char| !(char.is_ascii_alphanumeric() || "-_.".contains(char))).unwrap_or(rest.len());
    Some(rest[..end].to_owned()).filter(|name| !name.is_empty())
}

fn normal_name(encoding: &str) -> String {
    let name = encoding.to_ascii_lowercase().replace('_', "-");
    match name.as_str() {
        "utf8" | "utf-8" | "u8" | "utf-8-sig" => "utf-8",
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => "iso-8859-1",
        "us-ascii" | "ascii" => "ascii",
        other if other.starts_with("utf-8-") => "utf-8",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::Source;

    fn printed(bytes: &[u8]) -> String {
        Source::from_bytes("x.toy", bytes).expect_err("no text").to_string()
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_as_cpython_does() {
        let undeclared = |byte: &str, line: u32| {
            format!(
                "SyntaxError: Non-UTF-8 code starting with '\\x{byte}' in file x.toy on line {line}, \
                 but no encoding declared; see https://peps.python.org/pep-0263/ for details\n"
            )
        };
        assert_eq!(printed(b"\xff"), undeclared("ff", 1));
        assert_eq!(printed(b"a\nb\xc3("), undeclared("c3", 2));
        assert_eq!(printed(b"\n\n\n\xe2\x82"), undeclared("e2", 4));
        let null = "SyntaxError: source code cannot contain null bytes\n";
        assert_eq!(printed(b"a\nb\0"), format!("  File \"x.toy\", line 2\n{null}"));
        assert_eq!(printed(b"# coding: klingon"), "  File \"x.toy\"\nSyntaxError: encoding problem: klingon\n");
    }

    #[test]
    fn wrong_bytes_of_a_declared_encoding_are_named_by_line_and_position() {
        let codec = "  File \"x.toy\", line 2\nSyntaxError: (unicode error) 'utf-8' codec can't decode";
        let invalid = format!("{codec} byte 0xff in position 16: invalid start byte\n");
        assert_eq!(printed(b"# coding: utf-8\n\xff"), invalid);
        let cut_off = format!("{codec} bytes in position 16-17: unexpected end of data\n");
        assert_eq!(printed(b"# coding: utf-8\n\xe2\x82"), cut_off);
        let ascii = printed(b"# coding: ascii\n'\xe9'");
        assert!(
            ascii.ends_with("'ascii' codec can't decode byte 0xe9 in position 17: ordinal not in range(128)\n"),
            "{ascii}"
        );
    }

    #[test]
    fn a_byte_order_mark_and_a_coding_comment_are_obeyed() {
        let text = |bytes: &[u8]| Source::from_bytes("x.toy", bytes).expect("text").text().to_owned();
        assert_eq!(text(b"\xEF\xBB\xBFx = 1"), "x = 1");
        assert_eq!(text(b"# coding: cp1252\n'\x80'"), "# coding: cp1252\n'€'");
        assert_eq!(text(b"# coding: ISO_8859-15\n'\xa4'"), "# coding: ISO_8859-15\n'€'");
        assert_eq!(
            text(b"#!/usr/bin/env toy\n# -*- coding: latin-1 -*-\n'\xe9'"),
            "#!/usr/bin/env toy\n# -*- coding: latin-1 -*-\n'é'"
        );
    }
}
