//! Values that stand for integers: indices, counts, parts of slices.

use toy_object::{Kind, Name, Owned, Ref, SliceError, SliceIndices};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// `operator.index(value)`: an integer object.
    pub fn index(&mut self, value: Ref<'_>) -> Outcome {
        if value.as_exact_int().is_some() {
            return Ok(value.to_owned());
        }
        if let Some(int) = value.as_int() {
            return Ok(int.to_owned(self.heap())?);
        }
        match self.int_by_method(value, Name::Index)? {
            Some(int) => Ok(int),
            None => {
                let message = format!("'{}' object cannot be interpreted as an integer", self.type_name(value));
                Err(self.raise(ClassName::TypeError, message))
            }
        }
    }

    /// Whether a value can be an index: an integer, or an object with `__index__`.
    pub fn is_index(&self, value: Ref<'_>) -> bool {
        value.as_int().is_some() || self.has_special(value, Name::Index)
    }

    /// An integer that a machine word holds; else `OverflowError`.
    pub fn index_i64(&mut self, value: Ref<'_>) -> Outcome<i64> {
        if let Some(number) = value.value().as_small_int() {
            return Ok(number);
        }
        let index = self.index(value)?;
        match index.get().as_int().and_then(|int| int.to_i64()) {
            Some(number) => Ok(number),
            None => Err(self.raise(ClassName::OverflowError, "Python int too large to convert to C ssize_t")),
        }
    }

    /// An integer, or the nearest one that a machine word holds.
    pub fn index_clamped(&mut self, value: Ref<'_>) -> Outcome<i64> {
        if let Some(number) = value.value().as_small_int() {
            return Ok(number);
        }
        let index = self.index(value)?;
        Ok(index.get().as_int().map_or(0, |int| int.saturating_to_isize() as i64))
    }

    /// The place of element `key` among `length`, counted from the end if negative. `None`: there is none.
    /// `IndexError` if no machine word holds the index. The length is asked behind `__index__`, which may change it.
    pub(crate) fn element_place(&mut self, key: Ref<'_>, length: impl FnOnce() -> usize) -> Outcome<Option<usize>> {
        let number = match key.value().as_small_int() {
            Some(number) => number,
            None => {
                let index = self.index(key)?;
                match index.get().as_int().and_then(|int| int.to_i64()) {
                    Some(number) => number,
                    None => {
                        let message = format!("cannot fit '{}' into an index-sized integer", self.type_name(key));
                        return Err(self.raise(ClassName::IndexError, message));
                    }
                }
            }
        };
        let length = length();
        let place = if number < 0 { number + length as i64 } else { number };
        Ok(usize::try_from(place).ok().filter(|&place| place < length))
    }

    /// The indices that a slice picks of `length` elements. The length is asked behind `__index__` of the slice's parts,
    /// which may change it.
    pub fn slice_indices(&mut self, slice: Ref<'_>, length: impl Fn() -> usize) -> Outcome<SliceIndices> {
        let Some(view) = slice.as_slice() else {
            return Err(self.raise(ClassName::TypeError, "a slice is required"));
        };
        match view.indices(length()) {
            Ok(indices) => Ok(indices),
            Err(SliceError::ZeroStep) => Err(self.zero_step()),
            Err(SliceError::NotIntegers) => {
                let step = self.slice_part(view.step())?;
                if step.get().as_int().is_some_and(toy_object::Int::is_zero) {
                    return Err(self.zero_step());
                }
                let start = self.slice_part(view.start())?;
                let stop = self.slice_part(view.stop())?;
                SliceIndices::new(start.get(), stop.get(), step.get(), length()).map_err(|_| self.zero_step())
            }
        }
    }

    /// Start, stop, step and number of elements of what a slice picks of `length` elements.
    pub fn slice_range(&mut self, slice: Ref<'_>, length: usize) -> Outcome<(isize, isize, isize, usize)> {
        let SliceIndices { start, stop, step, length } = self.slice_indices(slice, || length)?;
        Ok((start, stop, step, length))
    }

    #[cold]
    pub(super) fn zero_step(&mut self) -> Raised {
        self.raise(ClassName::ValueError, "slice step cannot be zero")
    }

    pub(super) fn slice_part(&mut self, part: Ref<'_>) -> Outcome {
        if part.is_none() {
            return Ok(Owned::none());
        }
        if self.is_index(part) {
            return self.index(part);
        }
        Err(self.raise(ClassName::TypeError, "slice indices must be integers or None or have an __index__ method"))
    }

    /// Whether a value is of a kind that has elements by index: for messages.
    pub(crate) fn is_slice(&self, value: Ref<'_>) -> bool {
        self.kind_of(value) == Kind::Slice
    }
}
