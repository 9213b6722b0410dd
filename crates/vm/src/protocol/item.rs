//! `container[key]`.

use toy_object::{Kind, Name, Ref, SliceIndices};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// `container[key]`.
    #[inline]
    pub fn get_item(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome {
        match self.kind_of(container) {
            Kind::List | Kind::Tuple | Kind::Dict | Kind::Str | Kind::Bytes | Kind::ByteArray | Kind::Range => {
                self.builtin_get_item(container, key)
            }
            Kind::Class => self.get_class_item(container, key),
            _ => match self.lookup_special(container, Name::GetItem) {
                Some(method) if self.is_of_wrapped(method.get(), Name::GetItem, container) => {
                    self.builtin_get_item(container, key)
                }
                Some(method) => self.call_special_found(method.get(), container, &[key]),
                None => Err(self.not_subscriptable(container)),
            },
        }
    }

    #[cold]
    fn not_subscriptable(&mut self, container: Ref<'_>) -> Raised {
        let message = format!("'{}' object is not subscriptable", self.type_name(container));
        self.raise(ClassName::TypeError, message)
    }

    /// `container[key]` of a builtin container, or of the one inside an instance of a subclass.
    pub fn builtin_get_item(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome {
        match self.kind_of(container) {
            Kind::Dict => match self.dict_get(container, key)? {
                Some(value) => Ok(value),
                None => Err(self.raise_key_error(key)),
            },
            Kind::List => self.get_list_item(container, key),
            Kind::Tuple => self.get_tuple_item(container, key),
            Kind::Str => self.get_str_item(container, key),
            Kind::Bytes | Kind::ByteArray => self.get_bytes_item(container, key),
            Kind::Range => self.get_range_item(container, key),
            Kind::Instance => match toy_object::wrapped(container) {
                Some(inner) if inner.as_dict().is_some() => self.get_subclassed_dict_item(container, inner, key),
                Some(inner) => self.builtin_get_item(inner, key),
                None => Err(self.not_subscriptable(container)),
            },
            _ => Err(self.not_subscriptable(container)),
        }
    }

    /// A subclass of dict may say what missing keys stand for.
    fn get_subclassed_dict_item(&mut self, container: Ref<'_>, dict: Ref<'_>, key: Ref<'_>) -> Outcome {
        if let Some(value) = self.dict_get(dict, key)? {
            return Ok(value);
        }
        match self.call_special(container, Name::Missing, &[key]) {
            Some(result) => result,
            None => Err(self.raise_key_error(key)),
        }
    }

    fn get_list_item(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome {
        let Some(list) = container.as_list() else { return Err(self.not_subscriptable(container)) };
        if self.is_slice(key) {
            let SliceIndices { start, stop, step, .. } = self.slice_indices(key, || list.len())?;
            return Ok(list.slice(self.heap(), start, stop, step)?);
        }
        self.check_index(key, "list indices must be integers or slices, not ")?;
        let place = self.element_place(key, || list.len())?;
        match place.and_then(|place| list.get(place)) {
            Some(item) => Ok(item),
            None => Err(self.raise(ClassName::IndexError, "list index out of range")),
        }
    }

    fn get_tuple_item(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome {
        let Some(tuple) = container.as_tuple() else { return Err(self.not_subscriptable(container)) };
        if self.is_slice(key) {
            let SliceIndices { start, stop, step, length } = self.slice_indices(key, || tuple.len())?;
            if step == 1 && length == tuple.len() {
                return Ok(tuple.as_ref().to_owned());
            }
            return Ok(tuple.slice(self.heap(), start, stop, step)?);
        }
        self.check_index(key, "tuple indices must be integers or slices, not ")?;
        let place = self.element_place(key, || tuple.len())?;
        match place.and_then(|place| tuple.get(place)) {
            Some(item) => Ok(item.to_owned()),
            None => Err(self.raise(ClassName::IndexError, "tuple index out of range")),
        }
    }

    fn get_str_item(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome {
        let Some(text) = container.as_str() else { return Err(self.not_subscriptable(container)) };
        if self.is_slice(key) {
            let SliceIndices { start, stop, step, length } = self.slice_indices(key, || text.len())?;
            if step == 1 && length == text.len() {
                return Ok(text.as_ref().to_owned());
            }
            return Ok(text.slice(self.heap(), start, stop, step)?);
        }
        if !self.is_index(key) {
            let message = format!("string indices must be integers, not '{}'", self.type_name(key));
            return Err(self.raise(ClassName::TypeError, message));
        }
        match self.element_place(key, || text.len())? {
            Some(place) => Ok(self.new_character(text.code_point(place))?),
            None => Err(self.raise(ClassName::IndexError, "string index out of range")),
        }
    }

    fn get_bytes_item(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome {
        let length = || match container.as_byte_array() {
            Some(array) => array.len(),
            None => container.as_bytes().map_or(0, |bytes| bytes.len()),
        };
        let is_array = container.as_byte_array().is_some();
        if self.is_slice(key) {
            let indices = self.slice_indices(key, length)?;
            if !is_array && indices.step == 1 && indices.length == length() {
                return Ok(container.to_owned());
            }
            self.check_room(indices.length)?;
            let picked: Vec<u8> = container
                .with_bytes(|bytes| {
                    let places = (0..indices.length as isize).map(|n| (indices.start + n * indices.step) as usize);
                    places.filter_map(|place| bytes.get(place).copied()).collect()
                })
                .unwrap_or_default();
            return Ok(if is_array { self.new_byte_array(picked)? } else { self.new_bytes(&picked)? });
        }
        let noun = if is_array { "bytearray" } else { "byte" };
        self.check_index(
            key,
            if is_array {
                "bytearray indices must be integers or slices, not "
            } else {
                "byte indices must be integers or slices, not "
            },
        )?;
        let place = self.element_place(key, length)?;
        match place.and_then(|place| container.with_bytes(|bytes| bytes.get(place).copied()).flatten()) {
            Some(byte) => Ok(self.new_int(i64::from(byte))?),
            None if noun == "byte" => Err(self.raise(ClassName::IndexError, "index out of range")),
            None => Err(self.raise(ClassName::IndexError, "bytearray index out of range")),
        }
    }

    fn get_range_item(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome {
        let heap = self.heap();
        let Some(range) = container.as_range() else { return Err(self.not_subscriptable(container)) };
        if self.is_slice(key) {
            return self.slice_range_object(container, key);
        }
        self.check_index(key, "range indices must be integers or slices, not ")?;
        let index = self.index(key)?;
        let (Some(index), Some(length)) = (index.get().as_int(), range.length().as_int()) else {
            return Err(self.not_subscriptable(container));
        };
        let from_end = if index.is_negative() { Some(index.add(heap, length)?) } else { None };
        let index = from_end.as_ref().and_then(|index| index.get().as_int()).unwrap_or(index);
        if index.is_negative() || index.compare(length).is_ge() {
            return Err(self.raise(ClassName::IndexError, "range object index out of range"));
        }
        Ok(range.element(heap, index)?)
    }

    /// A slice of a range is a range.
    fn slice_range_object(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome {
        let (Some(range), Some(slice)) = (container.as_range(), key.as_slice()) else {
            return Err(self.not_subscriptable(container));
        };
        let step = self.slice_part(slice.step())?;
        if step.get().as_int().is_some_and(toy_object::Int::is_zero) {
            return Err(self.zero_step());
        }
        let start = self.slice_part(slice.start())?;
        let stop = self.slice_part(slice.stop())?;
        let [start, stop, step] = [&start, &stop, &step].map(|part| part.get().as_int());
        match range.slice(self.heap(), start, stop, step)? {
            Some(slice) => Ok(slice),
            None => Err(self.zero_step()),
        }
    }

    /// `TypeError` unless `key` can be an index.
    #[inline]
    pub(crate) fn check_index(&mut self, key: Ref<'_>, complaint: &str) -> Outcome<()> {
        if key.value().is_small_int() || self.is_index(key) {
            return Ok(());
        }
        let message = format!("{complaint}{}", self.type_name(key));
        Err(self.raise(ClassName::TypeError, message))
    }

    /// `Class[key]`: what the metaclass or the class says, or a generic alias.
    fn get_class_item(&mut self, class: Ref<'_>, key: Ref<'_>) -> Outcome {
        let heap = self.heap();
        if let Some(result) = self.call_special(class, Name::GetItem, &[key]) {
            return result;
        }
        let name = heap.name(Name::ClassGetItem);
        if let Some(method) = self.find_attribute(class, name)?.filter(|method| !method.get().is_none()) {
            return self.call(method.get(), &[key]);
        }
        let is_type = class.is(self.class(ClassName::Type).get());
        if is_type {
            return self.generic_alias(class, key);
        }
        let name = class.as_class(heap).map_or_else(String::new, |class| class.name_text());
        Err(self.raise(ClassName::TypeError, format!("type '{name}' is not subscriptable")))
    }
}
