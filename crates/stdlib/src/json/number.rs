//! Numbers in a text.

use toy_object::Owned;
use toy_vm::{ClassName, Outcome, Vm};

use super::scanner::Scanner;
use super::source::{Source, Unit};

/// So many digits fit a machine word.
const SAFE_DIGITS: usize = 18;

fn is_digit<U: Unit>(source: Source<'_, U>, place: usize) -> bool {
    matches!(source.at(place), 0x30..0x3a)
}

/// The first place from this one on where there is no digit.
fn digits_end<U: Unit>(source: Source<'_, U>, mut place: usize) -> usize {
    while is_digit(source, place) {
        place += 1;
    }
    place
}

/// The number at a place, and the place behind it; `None`: there is none.
pub(super) fn scan<U: Unit>(
    vm: &mut Vm,
    source: Source<'_, U>,
    start: usize,
    scanner: &Scanner,
) -> Outcome<Option<(Owned, usize)>> {
    let is_negative = source.is_at(start, '-');
    let first = start + usize::from(is_negative);
    if !is_digit(source, first) {
        return Ok(None);
    }
    // Nothing follows a leading zero.
    let whole_end = if source.is_at(first, '0') { first + 1 } else { digits_end(source, first) };
    let mut end = whole_end;
    if source.is_at(end, '.') && is_digit(source, end + 1) {
        end = digits_end(source, end + 1);
    }
    if source.is_at(end, 'e') || source.is_at(end, 'E') {
        let has_sign = source.is_at(end + 1, '+') || source.is_at(end + 1, '-');
        let exponent = end + 1 + usize::from(has_sign);
        if is_digit(source, exponent) {
            end = digits_end(source, exponent);
        }
    }
    let is_float = end > whole_end;
    let parser = if is_float { &scanner.parse_float } else { &scanner.parse_int };
    if let Some(parser) = parser.get() {
        let text = source.text.substring(vm.heap(), start, end)?;
        return Ok(Some((vm.call(parser.get(), &[text.get()])?, end)));
    }
    let number = if is_float {
        let number: f64 = U::ascii(&source.units[start..end]).parse().expect("the digits make a float");
        vm.new_float(number)?
    } else if end - first <= SAFE_DIGITS {
        let digits = source.units[first..end].iter();
        let number = digits.fold(0, |number, digit| number * 10 + i64::from(digit.point()) - i64::from(b'0'));
        vm.new_int(if is_negative { -number } else { number })?
    } else {
        let (class, text) = (vm.class(ClassName::Int), source.text.substring(vm.heap(), start, end)?);
        vm.call(class.get(), &[text.get()])?
    };
    Ok(Some((number, end)))
}
