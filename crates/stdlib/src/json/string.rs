//! Texts in quotes.

use toy_object::{Owned, StrBuilder};
use toy_vm::{Outcome, Vm};

use super::source::{END, Source, Unit};
use super::{raise, raise_at};

const QUOTE: u32 = '"' as u32;
const BACKSLASH: u32 = '\\' as u32;

/// The place of the first code point that does not simply belong to the text: a quote, a backslash, a control character where
/// those are refused; the end if there is none.
#[inline(always)]
pub(super) fn plain_end<U: Unit>(source: Source<'_, U>, place: usize, is_strict: bool) -> usize {
    if is_strict {
        source.find(place, |point| point < 0x20 || point == QUOTE || point == BACKSLASH)
    } else {
        source.find(place, |point| point == QUOTE || point == BACKSLASH)
    }
}

/// The text that begins at `start`, behind the opening quote, and the place behind its closing quote.
#[inline]
pub(super) fn scan<U: Unit>(
    vm: &mut Vm,
    source: Source<'_, U>,
    start: usize,
    is_strict: bool,
) -> Outcome<(Owned, usize)> {
    let end = plain_end(source, start, is_strict);
    if source.at(end) == QUOTE {
        return Ok((source.text.substring(vm.heap(), start, end)?, end + 1));
    }
    scan_escaped(vm, source, start, end, is_strict)
}

/// The same for a text whose first code point that is not plain is no closing quote.
fn scan_escaped<U: Unit>(
    vm: &mut Vm,
    source: Source<'_, U>,
    start: usize,
    mut end: usize,
    is_strict: bool,
) -> Outcome<(Owned, usize)> {
    // There may be no opening quote: scripts may begin at the start of a text.
    let opening = start as i64 - 1;
    let mut text = StrBuilder::new();
    let mut place = start;
    loop {
        text.push_units(source.range(place, end));
        match source.at(end) {
            QUOTE => return Ok((text.finish(vm.heap())?, end + 1)),
            BACKSLASH => {}
            END => return Err(raise_at(vm, "Unterminated string starting at", source.text, opening)),
            _ => return Err(raise(vm, "Invalid control character at", source.text, end)),
        }
        let escape = source.at(end + 1);
        if escape == END {
            return Err(raise_at(vm, "Unterminated string starting at", source.text, opening));
        }
        place = end + 2;
        match char::from_u32(escape) {
            Some('u') => {
                let (point, behind) = hexadecimal_escape(vm, source, place)?;
                text.push_code_point(point);
                place = behind;
            }
            Some(character) if let Some(meaning) = meaning_of(character) => text.push(meaning),
            _ => return Err(raise(vm, "Invalid \\escape", source.text, end)),
        }
        end = plain_end(source, place, is_strict);
    }
}

/// What a character behind a backslash stands for.
fn meaning_of(character: char) -> Option<char> {
    Some(match character {
        '"' | '\\' | '/' => character,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => return None,
    })
}

/// The code point of a `\uXXXX` whose digits begin at a place, or of two that are halves of one, and the place behind it. The
/// text may not end with an escape, for it ends with a quote.
fn hexadecimal_escape<U: Unit>(vm: &mut Vm, source: Source<'_, U>, place: usize) -> Outcome<(u32, usize)> {
    let length = source.units.len();
    let high = digits(source, place).filter(|_| place + 4 < length);
    let Some(high) = high else { return Err(raise(vm, "Invalid \\uXXXX escape", source.text, place - 1)) };
    let behind = place + 4;
    let is_half = (0xD800..0xDC00).contains(&high);
    if !(is_half && behind + 6 < length && source.is_at(behind, '\\') && source.is_at(behind + 1, 'u')) {
        return Ok((high, behind));
    }
    match digits(source, behind + 2) {
        Some(low @ 0xDC00..0xE000) => Ok((0x10000 + ((high - 0xD800) << 10 | (low - 0xDC00)), behind + 6)),
        Some(_) => Ok((high, behind)),
        None => Err(raise(vm, "Invalid \\uXXXX escape", source.text, behind + 1)),
    }
}

/// The number of four hexadecimal digits.
fn digits<U: Unit>(source: Source<'_, U>, place: usize) -> Option<u32> {
    (place..place + 4).try_fold(0, |number, place| {
        let digit = char::from_u32(source.at(place))?.to_digit(16)?;
        Some(number << 4 | digit)
    })
}
