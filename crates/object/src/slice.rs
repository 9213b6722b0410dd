//! Slices, and the index arithmetic that they stand for.

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::SliceObject;
use crate::reference::{Owned, Ref};
use crate::shape::ShapeId;
use crate::value::Value;

/// A slice: `start`, `stop` and `step` as the script gave them.
#[derive(Clone, Copy)]
pub struct Slice<'a> {
    object: &'a SliceObject,
}

/// A slice applied to a length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SliceIndices {
    /// The first index.
    pub start: isize,
    /// Where it ends: -1 for one that goes backwards over the first element.
    pub stop: isize,
    /// The distance, not 0.
    pub step: isize,
    /// How many elements it picks.
    pub length: usize,
}

/// Why a slice has no indices of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SliceError {
    /// The step is 0.
    ZeroStep,
    /// Part of the slice is neither None nor an integer: script code (`__index__`) must be asked.
    NotIntegers,
}

impl Heap {
    /// A slice.
    pub fn new_slice(&self, start: Owned, stop: Owned, step: Owned) -> Result<Owned, OutOfMemory> {
        self.allocate(SliceObject {
            header: Header::new(ShapeId::SLICE),
            start: start.into_value(),
            stop: stop.into_value(),
            step: step.into_value(),
        })
    }
}

impl<'a> Ref<'a> {
    /// The slice.
    #[inline]
    pub fn as_slice(self) -> Option<Slice<'a>> {
        Some(Slice { object: self.layout()? })
    }
}

impl<'a> Slice<'a> {
    fn part(self, value: Value) -> Ref<'a> {
        // SAFETY: a slice never changes, so its parts live as long as it does.
        unsafe { Ref::from_value(value) }
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

    /// The indices that the slice picks of `length` elements.
    pub fn indices(self, length: usize) -> Result<SliceIndices, SliceError> {
        SliceIndices::new(self.start(), self.stop(), self.step(), length)
    }
}

impl SliceIndices {
    /// The indices that `start:stop:step`, each None or an integer, picks of `length` elements.
    pub fn new(start: Ref<'_>, stop: Ref<'_>, step: Ref<'_>, length: usize) -> Result<Self, SliceError> {
        let (start, stop, step) = (bound(start)?, bound(stop)?, bound(step)?.unwrap_or(1));
        if step == 0 {
            return Err(SliceError::ZeroStep);
        }
        let length = length as isize;
        // What a bound may be at least and at most, depending on the direction.
        let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
        let clamp = |bound: isize| {
            let bound = if bound < 0 { bound.saturating_add(length) } else { bound };
            bound.clamp(lowest, highest)
        };
        let start = start.map_or(if step < 0 { highest } else { lowest }, clamp);
        let stop = stop.map_or(if step < 0 { lowest } else { highest }, clamp);
        Ok(Self { start, stop, step, length: count(start, stop, step) })
    }
}

/// None, or an integer; too large ones count as the largest.
fn bound(part: Ref<'_>) -> Result<Option<isize>, SliceError> {
    if part.is_none() {
        return Ok(None);
    }
    part.as_int().map(|int| Some(int.saturating_to_isize())).ok_or(SliceError::NotIntegers)
}

/// How many indices there are from `start` on, before `stop`.
fn count(start: isize, stop: isize, step: isize) -> usize {
    let distance = if step > 0 { stop.saturating_sub(start) } else { start.saturating_sub(stop) };
    if distance <= 0 { 0 } else { (distance as usize - 1) / step.unsigned_abs() + 1 }
}

/// The indices from `start` on, before `stop`.
pub(crate) fn stepped(start: isize, stop: isize, step: isize) -> Stepped {
    Stepped { next: start, step, remaining: count(start, stop, step) }
}

/// Iterator over indices at equal distances.
#[derive(Clone)]
pub(crate) struct Stepped {
    next: isize,
    step: isize,
    remaining: usize,
}

impl Iterator for Stepped {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        self.remaining = self.remaining.checked_sub(1)?;
        let index = self.next as usize;
        self.next = self.next.wrapping_add(self.step);
        Some(index)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.remaining, Some(self.remaining))
    }
}

impl ExactSizeIterator for Stepped {}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(number: i64) -> Ref<'static> {
        Ref::from_immediate(Value::int_unchecked(number)).expect("an immediate")
    }

    #[test]
    fn the_indices_are_those_of_pythons_slice_indices() {
        let none = Ref::NONE;
        let table = [
            // length, start, stop, step, what `range(*slice(start, stop, step).indices(length))` is
            (5, none, none, none, vec![0, 1, 2, 3, 4]),
            (5, int(1), int(4), int(2), vec![1, 3]),
            (5, none, none, int(-1), vec![4, 3, 2, 1, 0]),
            (5, int(-2), none, none, vec![3, 4]),
            (5, int(10), int(-10), int(-2), vec![4, 2, 0]),
            (5, int(3), int(1), none, vec![]),
            (0, none, none, int(-1), vec![]),
            (3, int(-100), int(100), int(100), vec![0]),
        ];
        for (length, start, stop, step, expected) in table {
            let indices = SliceIndices::new(start, stop, step, length).expect("integers");
            let picked: Vec<usize> = stepped(indices.start, indices.stop, indices.step).collect();
            assert_eq!(picked, expected, "{start:?}:{stop:?}:{step:?} of {length}");
            assert_eq!(indices.length, expected.len());
        }
    }

    #[test]
    fn a_step_of_zero_and_what_is_no_integer_are_told() {
        assert_eq!(SliceIndices::new(Ref::NONE, Ref::NONE, int(0), 3), Err(SliceError::ZeroStep));
        let float = Ref::from_immediate(Value::immediate_float(1.5).expect("small")).expect("an immediate");
        assert_eq!(SliceIndices::new(float, Ref::NONE, Ref::NONE, 3), Err(SliceError::NotIntegers));
    }
}
