//! Truth and length.

use toy_object::{Kind, Name, Ref, Value};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// `bool(value)`.
    #[inline]
    pub fn truth(&mut self, value: Ref<'_>) -> Outcome<bool> {
        match value.value() {
            Value::TRUE => Ok(true),
            Value::FALSE | Value::NONE => Ok(false),
            bits if bits.is_small_int() => Ok(bits != Value::ZERO),
            _ => self.truth_of_object(value),
        }
    }

    fn truth_of_object(&mut self, value: Ref<'_>) -> Outcome<bool> {
        match self.kind_of(value) {
            Kind::Float => Ok(value.as_float().is_some_and(|number| number != 0.0)),
            Kind::Int => Ok(true),
            Kind::Range => Ok(value.as_range().is_some_and(|range| !range.is_empty())),
            Kind::Instance | Kind::Class | Kind::Module | Kind::Native => self.truth_by_methods(value),
            _ => {
                if value.value() == Value::NOT_IMPLEMENTED {
                    self.warn_deprecated("NotImplemented should not be used in a boolean context");
                }
                Ok(self.builtin_len(value).is_none_or(|length| length != 0))
            }
        }
    }

    fn truth_by_methods(&mut self, value: Ref<'_>) -> Outcome<bool> {
        if let Some(result) = self.call_special(value, Name::Bool, &[]) {
            let result = result?;
            return match result.value().as_bool() {
                Some(truth) => Ok(truth),
                None => {
                    let message = format!("__bool__ should return bool, returned {}", self.type_name(result.get()));
                    Err(self.raise(ClassName::TypeError, message))
                }
            };
        }
        Ok(self.len_by_method(value)?.is_none_or(|length| length != 0))
    }

    /// `len(value)`.
    pub fn len(&mut self, value: Ref<'_>) -> Outcome<usize> {
        match self.builtin_len(value) {
            Some(length) if self.kind_of(value) != Kind::Instance => Ok(length),
            _ => match self.len_by_method(value)? {
                Some(length) => Ok(length),
                None => Err(self.raise_no_len(value)),
            },
        }
    }

    #[cold]
    fn raise_no_len(&mut self, value: Ref<'_>) -> Raised {
        let message = format!("object of type '{}' has no len()", self.type_name(value));
        self.raise(ClassName::TypeError, message)
    }

    /// What `__len__` says; `None` if there is none.
    fn len_by_method(&mut self, value: Ref<'_>) -> Outcome<Option<usize>> {
        let Some(result) = self.call_special(value, Name::Len, &[]) else { return Ok(None) };
        let result = result?;
        let length = self.index(result.get())?;
        let Some(number) = length.get().as_int() else { return Ok(None) };
        if number.is_negative() {
            return Err(self.raise(ClassName::ValueError, "__len__() should return >= 0"));
        }
        match number.to_usize().filter(|&length| length <= isize::MAX as usize) {
            Some(length) => Ok(Some(length)),
            None => Err(self.raise(ClassName::OverflowError, "cannot fit 'int' into an index-sized integer")),
        }
    }

    /// The length of a builtin container, or of the one inside an instance of a subclass. `None`: it has no length, or one
    /// that no `usize` holds.
    #[inline]
    pub fn builtin_len(&self, value: Ref<'_>) -> Option<usize> {
        match self.kind_of(value) {
            Kind::Str => value.as_str().map(|text| text.len()),
            Kind::List => value.as_list().map(|list| list.len()),
            Kind::Tuple => value.as_tuple().map(|tuple| tuple.len()),
            Kind::Dict => value.as_dict().map(|dict| dict.len()),
            Kind::Set | Kind::FrozenSet => value.as_set().map(|set| set.len()),
            Kind::Bytes => value.as_bytes().map(|bytes| bytes.len()),
            Kind::ByteArray => value.as_byte_array().map(|bytes| bytes.len()),
            Kind::Range => value.as_range()?.len(),
            Kind::Instance => self.builtin_len(toy_object::wrapped(value)?),
            _ => None,
        }
    }

    /// How many values an iterable will probably give: what lists reserve. 0 if unknown; nothing is raised.
    pub fn length_hint(&mut self, value: Ref<'_>) -> usize {
        if let Some(length) = self.builtin_len(value) {
            return length;
        }
        let heap = self.heap();
        heap.length_hint_of(value).unwrap_or(0)
    }
}
