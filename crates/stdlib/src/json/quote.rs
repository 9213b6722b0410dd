//! Texts as JSON writes them: in quotes, with escapes.

use toy_object::{Ref, Str, StrBuilder};
use toy_vm::{Outcome, Vm};

use super::source::{Source, Unit, with_source};

/// `encode_basestring` and, if all is to be ASCII, `encode_basestring_ascii`.
pub(super) fn quote(vm: &mut Vm, argument: Ref<'_>, is_ascii: bool) -> Outcome {
    let text = super::text(vm, argument)?;
    let mut out = StrBuilder::with_capacity(text.len() + 2);
    push_quoted(&mut out, text, is_ascii);
    Ok(out.finish(vm.heap())?)
}

/// Appends a text in quotes.
pub(super) fn push_quoted(out: &mut StrBuilder, text: Str<'_>, is_ascii: bool) {
    out.push('"');
    if is_ascii {
        with_source!(text, source => push_escaped(out, source, |point| is_special(point) || point > 0x7e));
    } else {
        with_source!(text, source => push_escaped(out, source, is_special));
    }
    out.push('"');
}

#[inline(always)]
fn is_special(point: u32) -> bool {
    point < 0x20 || point == u32::from('"') || point == u32::from('\\')
}

#[inline(always)]
fn push_escaped<U: Unit>(out: &mut StrBuilder, source: Source<'_, U>, is_escaped: impl Fn(u32) -> bool) {
    let length = source.units.len();
    let mut place = 0;
    loop {
        let end = source.find(place, &is_escaped);
        out.push_units(source.range(place, end));
        if end == length {
            return;
        }
        push_escape(out, source.at(end));
        place = end + 1;
    }
}

/// Appends what stands for a code point that must not stand for itself.
fn push_escape(out: &mut StrBuilder, point: u32) {
    let short = match char::from_u32(point) {
        Some('"') => "\\\"",
        Some('\\') => "\\\\",
        Some('\u{8}') => "\\b",
        Some('\u{c}') => "\\f",
        Some('\n') => "\\n",
        Some('\r') => "\\r",
        Some('\t') => "\\t",
        _ if point < 0x1_0000 => return push_hexadecimal(out, point),
        _ => {
            let beyond = point - 0x1_0000;
            push_hexadecimal(out, 0xD800 | beyond >> 10);
            return push_hexadecimal(out, 0xDC00 | beyond & 0x3FF);
        }
    };
    out.push_str(short);
}

fn push_hexadecimal(out: &mut StrBuilder, unit: u32) {
    out.push_str("\\u");
    for shift in [12, 8, 4, 0] {
        out.push(char::from_digit(unit >> shift & 0xF, 16).unwrap_or('0'));
    }
}
