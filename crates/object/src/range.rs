//! Ranges: start, stop and step of any size.

use num_bigint::BigInt;

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::int::{Int, IntError};
use crate::layout::RangeObject;
use crate::reference::{Owned, Ref};
use crate::shape::ShapeId;
use crate::value::Value;

/// A range.
#[derive(Clone, Copy)]
pub struct Range<'a> {
    object: &'a RangeObject,
}

impl Heap {
    /// The range from `start` on, before `stop`, by `step`; all are exact integers. `None`: the step is 0.
    pub fn new_range(&self, start: Owned, stop: Owned, step: Owned) -> Result<Option<Owned>, OutOfMemory> {
        let length = match (start.get().as_int(), stop.get().as_int(), step.get().as_int()) {
            (_, _, Some(Int::Small(0)) | None) | (None, _, _) | (_, None, _) => return Ok(None),
            (Some(Int::Small(start)), Some(Int::Small(stop)), Some(Int::Small(step))) => {
                self.new_int(small_length(start, stop, step))?
            }
            (Some(start), Some(stop), Some(step)) => self.new_bigint(length(start, stop, step))?,
        };
        let range = self.allocate(RangeObject {
            header: Header::new(ShapeId::RANGE),
            start: start.into_value(),
            stop: stop.into_value(),
            step: step.into_value(),
            length: length.into_value(),
        })?;
        Ok(Some(range))
    }
}

/// Small integers have 62 bits, so their differences fit.
fn small_length(start: i64, stop: i64, step: i64) -> i64 {
    let distance = if step > 0 { stop - start } else { start - stop };
    if distance <= 0 { 0 } else { (distance - 1) / step.saturating_abs() + 1 }
}

fn length(start: Int<'_>, stop: Int<'_>, step: Int<'_>) -> BigInt {
    let (start, stop, step) = (start.to_bigint(), stop.to_bigint(), step.to_bigint());
    let is_upward = step.sign() == num_bigint::Sign::Plus;
    let distance = if is_upward { stop - start } else { start - stop };
    if distance.sign() != num_bigint::Sign::Plus {
        return BigInt::ZERO;
    }
    let magnitude = if is_upward { step } else { -step };
    (distance - 1) / magnitude + 1
}

impl<'a> Ref<'a> {
    /// The range.
    #[inline]
    pub fn as_range(self) -> Option<Range<'a>> {
        Some(Range { object: self.layout()? })
    }
}

impl<'a> Range<'a> {
    fn part(self, value: Value) -> Ref<'a> {
        // SAFETY: a range never changes, so its parts live as long as it does.
        unsafe { Ref::from_value(value) }
    }

    fn int(self, value: Value) -> Int<'a> {
        self.part(value).as_int().expect("the parts of a range are integers")
    }

    /// `start`.
    pub fn start(self) -> Ref<'a> {
        self.part(self.object.start)
    }

    /// `stop`.
    pub fn stop(self) -> Ref<'a> {
        self.part(self.object.stop)
    }

    /// `step`.
    pub fn step(self) -> Ref<'a> {
        self.part(self.object.step)
    }

    /// Number of elements.
    pub fn length(self) -> Ref<'a> {
        self.part(self.object.length)
    }

    /// Number of elements, if it fits.
    pub fn len(self) -> Option<usize> {
        self.int(self.object.length).to_usize()
    }

    /// Whether there are no elements.
    pub fn is_empty(self) -> bool {
        self.object.length == Value::ZERO
    }

    /// First element, distance and number of elements, if all fit: what an iterator needs.
    pub fn small_parts(self) -> Option<(i64, i64, u64)> {
        let start = self.object.start.as_small_int()?;
        let step = self.object.step.as_small_int()?;
        let length = self.object.length.as_small_int()?;
        // Start and step may fit while elements do not.
        let last = step.checked_mul(length).and_then(|distance| start.checked_add(distance));
        last.filter(|&last| Value::small_int(last).is_some()).map(|_| (start, step, length as u64))
    }

    /// The element at `index`, which is not checked against the length.
    pub fn element(self, heap: &Heap, index: Int<'_>) -> Result<Owned, OutOfMemory> {
        let offset = index.mul(heap, self.int(self.object.step))?;
        let offset = offset.get().as_int().expect("a product of integers is one");
        self.int(self.object.start).add(heap, offset)
    }

    /// The range of what a slice picks; its parts are absent where they are None. `None`: the step is 0.
    pub fn slice(
        self,
        heap: &Heap,
        start: Option<Int<'_>>,
        stop: Option<Int<'_>>,
        step: Option<Int<'_>>,
    ) -> Result<Option<Owned>, OutOfMemory> {
        let own = |value: Value| self.int(value).to_bigint();
        let (own_start, own_step, length) = (own(self.object.start), own(self.object.step), own(self.object.length));
        let step = step.map_or_else(|| BigInt::from(1), Int::to_bigint);
        // What a bound may be at least and at most, depending on the direction.
        let is_backward = step.sign() == num_bigint::Sign::Minus;
        let (lowest, highest) = if is_backward { (-1, &length - 1) } else { (0, length.clone()) };
        let lowest = BigInt::from(lowest);
        let clamp = |bound: Int<'_>| {
            let distance = if bound.is_negative() { &length } else { &BigInt::ZERO };
            (bound.to_bigint() + distance).clamp(lowest.clone(), highest.clone())
        };
        let (first, last) = if is_backward { (&highest, &lowest) } else { (&lowest, &highest) };
        let start = start.map_or_else(|| first.clone(), clamp);
        let stop = stop.map_or_else(|| last.clone(), clamp);
        let element = |index: BigInt| heap.new_bigint(&own_start + index * &own_step);
        heap.new_range(element(start)?, element(stop)?, heap.new_bigint(step * &own_step)?)
    }

    /// The position of a number; `None` if it is not an element.
    pub fn index_of(self, heap: &Heap, number: Int<'_>) -> Result<Option<Owned>, OutOfMemory> {
        let offset = number.sub(heap, self.int(self.object.start))?;
        let offset = offset.get().as_int().expect("a difference of integers is one");
        let (quotient, rest) = match offset.div_mod(heap, self.int(self.object.step)) {
            Ok(pair) => pair,
            Err(IntError::OutOfMemory) => return Err(OutOfMemory),
            Err(_) => return Ok(None),
        };
        let position = quotient.get().as_int().expect("a quotient of integers is one");
        let is_element = rest.value() == Value::ZERO
            && !position.is_negative()
            && position.compare(self.int(self.object.length)).is_lt();
        Ok(is_element.then_some(quotient))
    }

    /// Whether both have the same elements.
    pub fn equal(self, other: Range<'_>) -> bool {
        let same = |left: Value, right: Value| self.int(left).equal(other.int(right));
        if !same(self.object.length, other.object.length) {
            return false;
        }
        let has_step = !matches!(self.int(self.object.length), Int::Small(0 | 1));
        self.is_empty()
            || same(self.object.start, other.object.start) && (!has_step || same(self.object.step, other.object.step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{int, on_heap, show};
    use crate::value::SMALL_INT_MAX;

    #[test]
    fn lengths_elements_and_positions_are_those_of_cpython() {
        on_heap(|heap| {
            let make = |start: Int<'_>, stop: Int<'_>, step: Int<'_>| {
                let part = |int: Int<'_>| int.to_owned(heap).expect("memory");
                heap.new_range(part(start), part(stop), part(step)).expect("memory").expect("a step")
            };
            let power = |exponent: u32| BigInt::from(10).pow(exponent);
            let (small, large) = (power(20), power(21));
            // length, element 2, position of 4
            let table = [
                (make(Int::Small(0), Int::Small(10), Int::Small(3)), "4", "6", None),
                (make(Int::Small(10), Int::Small(0), Int::Small(-3)), "4", "4", Some("2")),
                (make(Int::Small(5), Int::Small(5), Int::Small(1)), "0", "7", None),
                (make(Int::Big(&small), Int::Big(&large), Int::Big(&small)), "9", "300000000000000000000", None),
                (make(Int::Small(4), Int::Big(&large), Int::Small(1)), "999999999999999999996", "6", Some("0")),
            ];
            for (owned, length, element, position) in table {
                let range = owned.get().as_range().expect("a range");
                assert_eq!(show(range.length()), length);
                assert_eq!(show(range.element(heap, Int::Small(2)).expect("memory").get()), element);
                let found = range.index_of(heap, Int::Small(4)).expect("memory");
                assert_eq!(found.map(|found| show(found.get())).as_deref(), position);
            }
            assert!(heap.new_range(int(heap, 1), int(heap, 2), int(heap, 0)).expect("memory").is_none());
        });
    }

    #[test]
    fn a_range_whose_elements_do_not_fit_has_no_small_parts() {
        on_heap(|heap| {
            let range = |start, stop, step| {
                let range = heap.new_range(int(heap, start), int(heap, stop), int(heap, step));
                range.expect("memory").expect("a step")
            };
            let parts = |owned: &Owned| owned.get().as_range().expect("a range").small_parts();
            assert_eq!(parts(&range(3, 10, 2)), Some((3, 2, 4)));
            let wide = heap.new_bigint(BigInt::from(1) << 80).expect("memory");
            let far = heap.new_range(int(heap, 0), wide, int(heap, 1 << 60)).expect("memory").expect("a step");
            assert_eq!(parts(&far), None);
            assert_eq!(parts(&range(SMALL_INT_MAX - 1, SMALL_INT_MAX, 3)), None);
            let equal = |left: &Owned, right: &Owned| {
                left.get().as_range().expect("a range").equal(right.get().as_range().expect("a range"))
            };
            assert!(equal(&range(0, 0, 1), &range(5, 5, 2)) && equal(&range(0, 1, 5), &range(0, 1, 9)));
            assert!(!equal(&range(0, 3, 1), &range(0, 3, 2)));
        });
    }
}
