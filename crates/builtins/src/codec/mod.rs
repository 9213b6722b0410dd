//! Text encodings and what happens to characters and bytes that have no counterpart.

mod decode;
mod encode;
mod escape;

pub use decode::decode;
pub use encode::encode;

use toy_format::Charset;
use toy_vm::{ClassName, Outcome, Raised, Vm};

/// The encodings that exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    Utf8,
    /// UTF-8 with a byte order mark in front.
    Utf8Signed,
    Ascii,
    Latin1,
    /// Native order with a byte order mark in front.
    Utf16,
    Utf16Little,
    Utf16Big,
    /// Native order with a byte order mark in front.
    Utf32,
    Utf32Little,
    Utf32Big,
    /// One byte a character, by a table.
    Charset(&'static Charset),
    /// Text as it stands in literals.
    UnicodeEscape,
    /// Text as it stands in raw literals; what Latin-1 lacks is escaped.
    RawUnicodeEscape,
}

impl Encoding {
    /// The encoding of a name; spelling is as free as in Python.
    fn find(vm: &mut Vm, name: &str) -> Outcome<Self> {
        let plain: String = name
            .chars()
            .map(|character| if matches!(character, '_' | ' ') { '-' } else { character.to_ascii_lowercase() })
            .collect();
        Ok(match plain.as_str() {
            "utf-8" | "utf8" | "u8" | "utf" | "utf8-ucs2" | "utf8-ucs4" | "cp65001" => Self::Utf8,
            "utf-8-sig" | "utf8-sig" => Self::Utf8Signed,
            "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" | "iso-646.irv-1991" | "iso646-us" | "us" | "cp367" => {
                Self::Ascii
            }
            "latin-1" | "latin1" | "latin" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" | "l1" | "iso8859" => {
                Self::Latin1
            }
            "utf-16" | "utf16" | "u16" => Self::Utf16,
            "utf-16-le" | "utf-16le" | "utf16-le" | "unicodelittleunmarked" => Self::Utf16Little,
            "utf-16-be" | "utf-16be" | "utf16-be" | "unicodebigunmarked" => Self::Utf16Big,
            "utf-32" | "utf32" | "u32" => Self::Utf32,
            "utf-32-le" | "utf-32le" | "utf32-le" => Self::Utf32Little,
            "utf-32-be" | "utf-32be" | "utf32-be" => Self::Utf32Big,
            "unicode-escape" | "unicodeescape" => Self::UnicodeEscape,
            "raw-unicode-escape" | "rawunicodeescape" => Self::RawUnicodeEscape,
            other => match Charset::find(other) {
                Some(charset) => Self::Charset(charset),
                None => return Err(vm.raise(ClassName::LookupError, format!("unknown encoding: {name}"))),
            },
        })
    }

    /// The name that error messages show.
    fn name(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Signed => "utf-8",
            Self::Ascii => "ascii",
            Self::Latin1 => "latin-1",
            Self::Utf16 => "utf-16",
            Self::Utf16Little => "utf-16-le",
            Self::Utf16Big => "utf-16-be",
            Self::Utf32 => "utf-32",
            Self::Utf32Little => "utf-32-le",
            Self::Utf32Big => "utf-32-be",
            Self::Charset(_) => "charmap",
            Self::UnicodeEscape => "unicodeescape",
            Self::RawUnicodeEscape => "rawunicodeescape",
        }
    }
}

/// What to do with what cannot be encoded or decoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ErrorHandler {
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharacterReference,
    NameReplace,
    SurrogateEscape,
    SurrogatePass,
}

impl ErrorHandler {
    /// The handler of a name. Only asked once there is an error, so that a wrong name goes unnoticed without one.
    fn find(vm: &mut Vm, name: &str) -> Outcome<Self> {
        Ok(match name {
            "strict" => Self::Strict,
            "ignore" => Self::Ignore,
            "replace" => Self::Replace,
            "backslashreplace" => Self::BackslashReplace,
            "xmlcharrefreplace" => Self::XmlCharacterReference,
            "namereplace" => Self::NameReplace,
            "surrogateescape" => Self::SurrogateEscape,
            "surrogatepass" => Self::SurrogatePass,
            _ => return Err(vm.raise(ClassName::LookupError, format!("unknown error handler name '{name}'"))),
        })
    }
}

/// Raises `UnicodeEncodeError` or `UnicodeDecodeError`.
#[cold]
fn codec_error(
    vm: &mut Vm,
    class: ClassName,
    encoding: Encoding,
    object: toy_object::Ref<'_>,
    range: std::ops::Range<usize>,
    reason: &str,
) -> Raised {
    let arguments = (|| {
        Ok([
            vm.new_str(encoding.name())?,
            object.to_owned(),
            vm.new_int(range.start as i64)?,
            vm.new_int(range.end as i64)?,
            vm.new_str(reason)?,
        ])
    })();
    let arguments: [toy_object::Owned; 5] = match arguments {
        Ok(arguments) => arguments,
        Err(error) => return toy_object::OutOfMemory::into(error),
    };
    let class = vm.class(class);
    vm.raise_class_with(class.get(), &arguments.each_ref().map(|argument| argument.get()))
}
