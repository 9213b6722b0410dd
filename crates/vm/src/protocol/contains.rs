//! `item in container`.

use toy_object::{Kind, Name, NativeFind, Ref, Str};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// `item in container`.
    #[inline]
    pub fn contains(&mut self, container: Ref<'_>, item: Ref<'_>) -> Outcome<bool> {
        match self.kind_of(container) {
            Kind::Instance | Kind::Native | Kind::Class => self.contains_by_method(container, item),
            _ => self.builtin_contains(container, item),
        }
    }

    fn contains_by_method(&mut self, container: Ref<'_>, item: Ref<'_>) -> Outcome<bool> {
        match self.lookup_special(container, Name::Contains) {
            Some(method) if method.get().is_none() => {
                let message = format!("'{}' object is not a container", self.type_name(container));
                Err(self.raise(ClassName::TypeError, message))
            }
            Some(method) => {
                let result = self.call_found(method.get(), container, &[item])?;
                self.truth(result.get())
            }
            None => self.contains_by_iteration(container, item),
        }
    }

    /// `item in container` of a builtin container, or of the one inside an instance of a subclass; iterates over others.
    pub fn builtin_contains(&mut self, container: Ref<'_>, item: Ref<'_>) -> Outcome<bool> {
        match self.kind_of(container) {
            Kind::Dict => {
                let hash = self.hash(item)?;
                match container.as_dict() {
                    Some(dict) => Ok(self.dict_find(dict, item, hash)?.is_some()),
                    None => Ok(false),
                }
            }
            Kind::Set | Kind::FrozenSet => self.set_contains(container, item),
            Kind::Str => match (container.as_str(), item.as_str()) {
                (Some(text), Some(part)) => Ok(contains_text(text, part)),
                _ => {
                    let message =
                        format!("'in <string>' requires string as left operand, not {}", self.type_name(item));
                    Err(self.raise(ClassName::TypeError, message))
                }
            },
            Kind::List => {
                let mut index = 0;
                loop {
                    // What script code has no say in is looked through at once.
                    index = match container.as_list().map(|list| list.find_natively(item, index..usize::MAX)) {
                        Some(NativeFind::Found(_)) => return Ok(true),
                        Some(NativeFind::Ask(index)) => index,
                        Some(NativeFind::Absent) | None => return Ok(false),
                    };
                    let Some(other) = container.as_list().and_then(|list| list.get(index)) else { return Ok(false) };
                    if self.equal(other.get(), item)? {
                        return Ok(true);
                    }
                    index += 1;
                }
            }
            Kind::Tuple => {
                let Some(tuple) = container.as_tuple() else { return Ok(false) };
                for other in tuple.iter() {
                    if self.equal(other, item)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Kind::Bytes | Kind::ByteArray => self.bytes_contain(container, item),
            Kind::Range => match (container.as_range(), item.as_exact_int().or_else(|| exact_bool(item))) {
                (Some(range), Some(number)) => Ok(range.index_of(self.heap(), number)?.is_some()),
                _ => self.contains_by_iteration(container, item),
            },
            Kind::Instance => match toy_object::wrapped(container) {
                Some(inner) => self.builtin_contains(inner, item),
                None => self.contains_by_iteration(container, item),
            },
            _ => self.contains_by_iteration(container, item),
        }
    }

    fn bytes_contain(&mut self, container: Ref<'_>, item: Ref<'_>) -> Outcome<bool> {
        if item.is(container) {
            return Ok(true);
        }
        let found = item.with_bytes(|part| {
            container.with_bytes(|bytes| part.is_empty() || bytes.windows(part.len()).any(|window| window == part))
        });
        if let Some(found) = found.flatten() {
            return Ok(found);
        }
        if !self.is_index(item) {
            let message = format!("a bytes-like object is required, not '{}'", self.type_name(item));
            return Err(self.raise(ClassName::TypeError, message));
        }
        let byte = match self.byte(item) {
            Err(raised) => {
                if self.raised_is(ClassName::ValueError) {
                    return Err(raised);
                }
                drop(self.take_raised());
                let message = format!("a bytes-like object is required, not '{}'", self.type_name(item));
                return Err(self.raise(ClassName::TypeError, message));
            }
            Ok(byte) => byte,
        };
        Ok(container.with_bytes(|bytes| bytes.contains(&byte)).unwrap_or(false))
    }

    fn contains_by_iteration(&mut self, container: Ref<'_>, item: Ref<'_>) -> Outcome<bool> {
        if !self.is_iterable(container) {
            return Err(self.not_a_container(container));
        }
        let iterator = match self.get_iterator(container) {
            Err(raised) => {
                // Whatever is wrong with the type of the iterator, CPython says that there is none.
                if !self.raised_is(ClassName::TypeError) {
                    return Err(raised);
                }
                drop(self.take_raised());
                return Err(self.not_a_container(container));
            }
            Ok(iterator) => iterator,
        };
        while let Some(other) = self.next(iterator.get())? {
            if self.equal(other.get(), item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    #[cold]
    fn not_a_container(&mut self, container: Ref<'_>) -> Raised {
        let message = format!("argument of type '{}' is not iterable", self.type_name(container));
        self.raise(ClassName::TypeError, message)
    }
}

#[inline]
fn contains_text(text: Str<'_>, part: Str<'_>) -> bool {
    part.is_empty() || text.contains(part)
}

/// A bool as the integer that it is.
fn exact_bool(item: Ref<'_>) -> Option<toy_object::Int<'_>> {
    item.value().as_bool().map(|truth| toy_object::Int::Small(truth.into()))
}
