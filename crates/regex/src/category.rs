//! Classes of characters that patterns have letters for.

use toy_format::unicode;

/// A class.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Category {
    Digit,
    Space,
    Word,
}

impl Category {
    /// The class of `\d`, `\D` and so on, and whether the letter stands for all others.
    pub(crate) fn of_letter(letter: u32) -> Option<(Self, bool)> {
        Some(match char::from_u32(letter)? {
            'd' => (Self::Digit, false),
            'D' => (Self::Digit, true),
            's' => (Self::Space, false),
            'S' => (Self::Space, true),
            'w' => (Self::Word, false),
            'W' => (Self::Word, true),
            _ => return None,
        })
    }

    /// Whether a character belongs to it.
    pub(crate) fn contains(self, code: u32, is_unicode: bool) -> bool {
        if !is_unicode && code >= 0x80 {
            return false;
        }
        match self {
            Self::Digit => unicode::is_decimal(code),
            Self::Space if is_unicode => unicode::is_space(code),
            Self::Space => unicode::is_ascii_space(code),
            Self::Word => code == u32::from('_') || unicode::is_alnum(code),
        }
    }
}
