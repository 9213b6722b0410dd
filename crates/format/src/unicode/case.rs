//! Full case mappings of whole texts: one character may become several, and a final sigma has its own form.

use super::{is_lower, is_title, is_upper};

/// `str.upper`.
pub fn upper(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_uppercase() } else { text.to_uppercase() }
}

/// `str.lower`.
pub fn lower(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

/// `str.casefold`.
pub fn casefold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        push_folded(&mut out, character);
    }
    out
}

/// `str.capitalize`: the first character in title case, the others in lower case.
pub fn capitalize(text: &str) -> String {
    map_in_context(
        text,
        |out, index, character, lowered| {
            if index == 0 { push_title(out, character) } else { out.push_str(lowered) }
        },
    )
}

/// `str.title`: the first character of each run of cased ones in title case, the others in lower case.
pub fn title(text: &str) -> String {
    let mut previous_is_cased = false;
    map_in_context(text, |out, _, character, lowered| {
        if previous_is_cased {
            out.push_str(lowered)
        } else {
            push_title(out, character)
        }
        previous_is_cased = is_cased(character);
    })
}

/// `str.swapcase`.
pub fn swapcase(text: &str) -> String {
    map_in_context(text, |out, _, character, lowered| {
        if character.is_uppercase() {
            out.push_str(lowered);
        } else if character.is_lowercase() {
            out.extend(character.to_uppercase());
        } else {
            out.push(character);
        }
    })
}

/// Builds a text from each character, its index and its lower case; the form of a sigma depends on its neighbours, so
/// that the whole text is lowered at once and then divided up.
fn map_in_context(text: &str, mut map: impl FnMut(&mut String, usize, char, &str)) -> String {
    let lowered = lower(text);
    let mut rest = lowered.as_str();
    let mut out = String::with_capacity(lowered.len());
    for (index, character) in text.chars().enumerate() {
        let length = if character.is_ascii() { 1 } else { character.to_lowercase().map(char::len_utf8).sum() };
        let (own, following) = rest.split_at(length);
        map(&mut out, index, character, own);
        rest = following;
    }
    out
}

fn is_cased(character: char) -> bool {
    let code = u32::from(character);
    is_upper(code) || is_lower(code) || is_title(code)
}

/// The title case, where it is not the upper case. Checked over all characters against CPython.
fn push_title(out: &mut String, character: char) {
    match character {
        // Georgian has capitals for whole texts only.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => out.push(character),
        '\u{1c4}'..='\u{1c6}' => out.push('\u{1c5}'),
        '\u{1c7}'..='\u{1c9}' => out.push('\u{1c8}'),
        '\u{1ca}'..='\u{1cc}' => out.push('\u{1cb}'),
        '\u{1f1}'..='\u{1f3}' => out.push('\u{1f2}'),
        // Ligatures: only the first of their letters is a capital.
        'ß' | '\u{587}' | '\u{fb00}'..='\u{fb06}' | '\u{fb13}'..='\u{fb17}' => {
            let mut letters = character.to_uppercase();
            out.extend(letters.next());
            out.extend(letters.flat_map(char::to_lowercase));
        }
        // Greek with iota subscript: the iota stays below.
        '\u{1f80}'..='\u{1faf}' => out.extend(char::from_u32(u32::from(character) | 8)),
        '\u{1fb3}' | '\u{1fbc}' => out.push('\u{1fbc}'),
        '\u{1fc3}' | '\u{1fcc}' => out.push('\u{1fcc}'),
        '\u{1ff3}' | '\u{1ffc}' => out.push('\u{1ffc}'),
        '\u{1fb2}' | '\u{1fb4}' | '\u{1fb7}' | '\u{1fc2}' | '\u{1fc4}' | '\u{1fc7}' | '\u{1ff2}' | '\u{1ff4}'
        | '\u{1ff7}' => {
            out.extend(character.to_uppercase().map(|letter| if letter == '\u{399}' { '\u{345}' } else { letter }));
        }
        _ => out.extend(character.to_uppercase()),
    }
}

/// The case folding: the lower case of the upper case, but for Cherokee, whose capitals are the older letters, and for
/// the dotless i, which is no i.
fn push_folded(out: &mut String, character: char) {
    match character {
        'ı' | '\u{13a0}'..='\u{13f5}' => out.push(character),
        '\u{13f8}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => out.extend(character.to_uppercase()),
        'ẞ' => out.push_str("ss"),
        _ => out.extend(character.to_uppercase().flat_map(char::to_lowercase)),
    }
}
