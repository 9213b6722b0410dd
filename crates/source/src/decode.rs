//! Bytes of a file to text, as Python reads source files.

use std::fmt;

use crate::Source;

/// Why a file's bytes are no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// The name of the source.
    pub name: String,
    /// What CPython says.
    pub message: String,
}

impl fmt::Display for Undecodable {
    /// The lines that CPython prints.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "  File \"{}\"\nSyntaxError: {}", self.name, self.message)
    }
}

impl std::error::Error for Undecodable {}

impl Source {
    /// The source called `name` made of a file's bytes: UTF-8, perhaps behind a byte order mark, or what a coding
    /// comment on one of the first two lines says (`utf-8`, `ascii`, `latin-1`).
    ///
    /// # Errors
    /// CPython's message for bytes that are no text: no encoding, a wrong sequence, or a null byte.
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Undecodable> {
        let name = name.into();
        let fault = |message: String| Undecodable { name: name.clone(), message };
        let marked = bytes.strip_prefix(b"\xEF\xBB\xBF");
        let content = marked.unwrap_or(bytes);
        let encoding = declared_encoding(content).unwrap_or_else(|| "utf-8".to_owned());
        let text = match normal_name(&encoding).as_str() {
            "utf-8" => utf8(content).map_err(&fault)?,
            _ if marked.is_some() => return Err(fault(format!("encoding problem: {encoding} with BOM"))),
            "iso-8859-1" => content.iter().map(|&byte| char::from(byte)).collect(),
            "ascii" => match content.iter().position(|byte| !byte.is_ascii()) {
                None => utf8(content).map_err(&fault)?,
                Some(at) => {
                    let byte = content[at];
                    let message = format!("'ascii' codec can't decode byte 0x{byte:02x} in position {at}");
                    return Err(fault(format!("(unicode error) {message}: ordinal not in range(128)")));
                }
            },
            _ => return Err(fault(format!("unknown encoding: {encoding}"))),
        };
        if text.contains('\0') {
            return Err(fault("source code cannot contain null bytes".to_owned()));
        }
        Ok(Self::new(name, text))
    }
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
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
            Err(format!("(unicode error) 'utf-8' codec can't decode {place}: {reason}"))
        }
    }
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

    fn message(bytes: &[u8]) -> String {
        let rendered = Source::from_bytes("x.toy", bytes).expect_err("no text").to_string();
        rendered.lines().last().unwrap_or_default().to_owned()
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_as_cpython_does() {
        let codec = "SyntaxError: (unicode error) 'utf-8' codec can't decode";
        assert_eq!(message(b"\xff"), format!("{codec} byte 0xff in position 0: invalid start byte"));
        assert_eq!(message(b"ab\xc3("), format!("{codec} byte 0xc3 in position 2: invalid continuation byte"));
        assert_eq!(message(b"\xe2\x82"), format!("{codec} bytes in position 0-1: unexpected end of data"));
        assert_eq!(message(b"a\0b"), "SyntaxError: source code cannot contain null bytes");
        assert_eq!(message(b"# coding: klingon"), "SyntaxError: unknown encoding: klingon");
    }

    #[test]
    fn a_byte_order_mark_and_a_coding_comment_are_obeyed() {
        let text = |bytes: &[u8]| Source::from_bytes("x.toy", bytes).expect("text").text().to_owned();
        assert_eq!(text(b"\xEF\xBB\xBFx = 1"), "x = 1");
        assert_eq!(
            text(b"#!/usr/bin/env toy\n# -*- coding: latin-1 -*-\n'\xe9'"),
            "#!/usr/bin/env toy\n# -*- coding: latin-1 -*-\n'é'"
        );
    }
}
