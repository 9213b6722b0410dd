//! Character classes and case mappings as the methods of `str` use them.
//!
//! Classes of digits are CPython 3.13's (Unicode 15.1); the other properties come from `std` and from
//! `unicode-general-category`, whose Unicode is newer. A character that 15.1 leaves unassigned may therefore be a
//! letter here; the tests hold every character that it assigns to CPython's answers.

mod case;
mod numeric_table;

use unicode_general_category::{GeneralCategory, get_general_category};

pub use case::{capitalize, casefold, lower, swapcase, title, upper};
use numeric_table::{DECIMAL_ZEROS, DIGIT_RANGES, NUMERIC_RANGES};

/// The value of a decimal digit of any script: the characters of `str.isdecimal`.
pub fn decimal_value(code: u32) -> Option<u32> {
    if code < 0x80 {
        return char::from_u32(code).and_then(|character| character.to_digit(10));
    }
    let following = DECIMAL_ZEROS.partition_point(|&zero| zero <= code);
    let zero = DECIMAL_ZEROS[following.checked_sub(1)?];
    Some(code - zero).filter(|&value| value < 10)
}

/// Whether the code point is a decimal digit (`str.isdecimal`).
pub fn is_decimal(code: u32) -> bool {
    decimal_value(code).is_some()
}

/// Whether the code point is a digit, superscripts and the like included (`str.isdigit`).
pub fn is_digit(code: u32) -> bool {
    is_decimal(code) || (code >= 0x80 && contains(DIGIT_RANGES, code))
}

/// Whether the code point has a numeric value, fractions and number ideographs included (`str.isnumeric`).
pub fn is_numeric(code: u32) -> bool {
    is_digit(code) || (code >= 0x80 && contains(NUMERIC_RANGES, code))
}

/// Whether the code point is a letter (`str.isalpha`).
pub fn is_alpha(code: u32) -> bool {
    use GeneralCategory::{LowercaseLetter, ModifierLetter, OtherLetter, TitlecaseLetter, UppercaseLetter};
    if code < 0x80 {
        return (code as u8).is_ascii_alphabetic();
    }
    char::from_u32(code).is_some_and(|character| {
        matches!(
            get_general_category(character),
            LowercaseLetter | ModifierLetter | OtherLetter | TitlecaseLetter | UppercaseLetter
        )
    })
}

/// Whether the code point is a letter or numeric (`str.isalnum`).
pub fn is_alnum(code: u32) -> bool {
    if code < 0x80 { (code as u8).is_ascii_alphanumeric() } else { is_alpha(code) || is_numeric(code) }
}

/// Whether the code point is white space (`str.isspace`, `str.split`, `str.strip`).
pub fn is_space(code: u32) -> bool {
    matches!(code, 0x09..=0x0d | 0x1c..=0x20)
        || matches!(code, 0x85 | 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000)
}

/// Whether the code point is white space for `bytes` methods: space, `\t`, `\n`, `\r`, `\f` and `\v`.
pub fn is_ascii_space(code: u32) -> bool {
    matches!(code, 0x09..=0x0d | 0x20)
}

/// Whether the code point ends a line (`str.splitlines`); `\r\n` ends one line.
pub fn is_line_break(code: u32) -> bool {
    matches!(code, 0x0a..=0x0d | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029)
}

/// Whether the code point is an upper-case character.
pub fn is_upper(code: u32) -> bool {
    char::from_u32(code).is_some_and(char::is_uppercase)
}

/// Whether the code point is a lower-case character.
pub fn is_lower(code: u32) -> bool {
    // Unicode 16 made U+0295 a letter without case.
    char::from_u32(code).is_some_and(char::is_lowercase) || code == 0x295
}

/// Whether the code point is a title-case letter, such as `ǅ`.
pub fn is_title(code: u32) -> bool {
    // All of them stand in these blocks, so that other text does not pay for the look-up.
    matches!(code, 0x1c0..=0x1ff | 0x1f80..=0x1fff)
        && char::from_u32(code)
            .is_some_and(|character| get_general_category(character) == GeneralCategory::TitlecaseLetter)
}

/// Whether `repr` shows the code point itself (`str.isprintable`).
pub fn is_printable(code: u32) -> bool {
    use GeneralCategory::{
        Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, SpaceSeparator, Surrogate, Unassigned,
    };
    if code < 0x80 {
        return matches!(code, 0x20..=0x7e);
    }
    char::from_u32(code).is_some_and(|character| {
        !matches!(
            get_general_category(character),
            Control
                | Format
                | LineSeparator
                | ParagraphSeparator
                | PrivateUse
                | SpaceSeparator
                | Surrogate
                | Unassigned
        )
    })
}

/// `str.isupper`: at least one cased character, and none that is not upper case.
pub fn text_is_upper(code_points: impl IntoIterator<Item = u32>) -> bool {
    only_cased_as(code_points, is_upper, |code| is_lower(code) || is_title(code))
}

/// `str.islower`: at least one cased character, and none that is not lower case.
pub fn text_is_lower(code_points: impl IntoIterator<Item = u32>) -> bool {
    only_cased_as(code_points, is_lower, |code| is_upper(code) || is_title(code))
}

/// `str.istitle`: capitals only behind uncased characters, small letters only behind cased ones, and at least one.
pub fn text_is_title(code_points: impl IntoIterator<Item = u32>) -> bool {
    let mut found = false;
    let mut previous_is_cased = false;
    for code in code_points {
        let (capital, small) = (is_upper(code) || is_title(code), is_lower(code));
        if (capital && previous_is_cased) || (small && !previous_is_cased) {
            return false;
        }
        previous_is_cased = capital || small;
        found |= previous_is_cased;
    }
    found
}

/// `str.isidentifier`: a name by Unicode's rules, keywords included.
pub fn is_identifier(text: &str) -> bool {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return false };
    (first == '_' || unicode_ident::is_xid_start(first)) && characters.all(unicode_ident::is_xid_continue)
}

fn only_cased_as(
    code_points: impl IntoIterator<Item = u32>,
    wanted: impl Fn(u32) -> bool,
    refused: impl Fn(u32) -> bool,
) -> bool {
    let mut found = false;
    for code in code_points {
        if refused(code) {
            return false;
        }
        found |= wanted(code);
    }
    found
}

fn contains(ranges: &[(u32, u32)], code: u32) -> bool {
    let following = ranges.partition_point(|&(first, _)| first <= code);
    following.checked_sub(1).is_some_and(|index| code <= ranges[index].1)
}
