//! `container[key] = value` and `del container[key]`.

use toy_object::{ByteArray, Kind, List, Name, Owned, Ref, SliceIndices};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// `container[key] = value`.
    #[inline]
    pub fn set_item(&mut self, container: Ref<'_>, key: Ref<'_>, value: Ref<'_>) -> Outcome<()> {
        match self.kind_of(container) {
            Kind::Dict => self.dict_set(container, key, value),
            Kind::List | Kind::ByteArray => self.builtin_set_item(container, key, value),
            _ => match self.lookup_special(container, Name::SetItem) {
                Some(method) if self.is_of_wrapped(method.get(), Name::SetItem, container) => {
                    self.builtin_set_item(container, key, value)
                }
                Some(method) => self.call_special_found(method.get(), container, &[key, value]).map(drop),
                None => Err(match self.half_known(container, Name::DelItem, Name::SetItem) {
                    Some(raised) => raised,
                    None => self.no_assignment(container, key),
                }),
            },
        }
    }

    /// What is raised for a class that knows only the other one of assignment and deletion: it is taken for one that knows both.
    #[cold]
    fn half_known(&mut self, container: Ref<'_>, known: Name, wanted: Name) -> Option<Raised> {
        let wanted = self.name(wanted).to_owned();
        self.has_special(container, known).then(|| self.raise_with(ClassName::AttributeError, &[wanted.get()]))
    }

    #[cold]
    fn no_assignment(&mut self, container: Ref<'_>, key: Ref<'_>) -> Raised {
        if self.has_sequence_slots(container)
            && self.is_index(key)
            && let Err(raised) = self.element_place(key, || 0)
        {
            return raised;
        }
        let message = format!("'{}' object does not support item assignment", self.type_name(container));
        self.raise(ClassName::TypeError, message)
    }

    /// Whether CPython takes an index for one into a sequence before it finds that nothing can be put there.
    fn has_sequence_slots(&self, container: Ref<'_>) -> bool {
        const VIEWS: [ClassName; 3] = [ClassName::DictKeys, ClassName::DictValues, ClassName::DictItems];
        match self.kind_of(container) {
            Kind::Str | Kind::Bytes | Kind::Tuple | Kind::Set | Kind::FrozenSet | Kind::Range => true,
            Kind::Instance => !self.heap().class_of(container).is(self.class_of_objects().get()),
            _ => VIEWS.iter().any(|&view| self.heap().class_of(container).is(self.class(view).get())),
        }
    }

    /// `container[key] = value` of a builtin container, or of the one inside an instance of a subclass.
    pub fn builtin_set_item(&mut self, container: Ref<'_>, key: Ref<'_>, value: Ref<'_>) -> Outcome<()> {
        if let Some(list) = container.as_list() {
            return self.set_list_item(list, key, value);
        }
        if container.as_dict().is_some() {
            return self.dict_set(container, key, value);
        }
        if let Some(array) = container.as_byte_array() {
            return self.set_byte_array_item(array, key, value);
        }
        Err(self.no_assignment(container, key))
    }

    fn set_list_item(&mut self, list: List<'_>, key: Ref<'_>, value: Ref<'_>) -> Outcome<()> {
        if self.is_slice(key) {
            return self.set_list_slice(list, key, value);
        }
        self.check_index(key, "list indices must be integers or slices, not ")?;
        let place = self.element_place(key, || list.len())?;
        match place.and_then(|place| list.set(place, value.to_owned())) {
            Some(old) => {
                drop(old);
                Ok(())
            }
            None => Err(self.raise(ClassName::IndexError, "list assignment index out of range")),
        }
    }

    fn set_list_slice(&mut self, list: List<'_>, key: Ref<'_>, value: Ref<'_>) -> Outcome<()> {
        let is_iterable = self.is_iterable(value);
        if !is_iterable {
            // A slice that is none comes first.
            self.slice_indices(key, || list.len())?;
            return Err(self.raise(ClassName::TypeError, "must assign iterable to extended slice"));
        }
        let items = self.collect(value)?;
        let heap = self.heap();
        // Asked behind the iteration, which may have changed the list.
        let SliceIndices { start, stop, step, length } = self.slice_indices(key, || list.len())?;
        let removed = if step == 1 {
            let start = start as usize;
            list.splice(heap, start..(stop as usize).max(start), items)?
        } else if items.len() != length {
            let message =
                format!("attempt to assign sequence of size {} to extended slice of size {length}", items.len());
            return Err(self.raise(ClassName::ValueError, message));
        } else {
            list.replace_stepped(heap, start, step, items)?
        };
        drop(removed);
        Ok(())
    }

    fn set_byte_array_item(&mut self, array: ByteArray<'_>, key: Ref<'_>, value: Ref<'_>) -> Outcome<()> {
        if self.is_slice(key) {
            let bytes = self.bytes_of_values(value)?;
            let SliceIndices { start, stop, step, length } = self.slice_indices(key, || array.len())?;
            if step == 1 {
                let start = start as usize;
                let range = start..(stop as usize).max(start);
                array.with_mut(self.heap(), bytes.len(), |content| drop(content.splice(range, bytes)))?;
                return Ok(());
            }
            if bytes.len() != length {
                let message =
                    format!("attempt to assign bytes of size {} to extended slice of size {length}", bytes.len());
                return Err(self.raise(ClassName::ValueError, message));
            }
            for (number, byte) in bytes.into_iter().enumerate() {
                array.set((start + number as isize * step) as usize, byte);
            }
            return Ok(());
        }
        self.check_index(key, "bytearray indices must be integers or slices, not ")?;
        let place = self.element_place(key, || array.len())?;
        let byte = self.byte(value)?;
        if place.is_some_and(|place| array.set(place, byte)) {
            return Ok(());
        }
        Err(self.raise(ClassName::IndexError, "bytearray index out of range"))
    }

    /// An integer from 0 to 255.
    pub fn byte(&mut self, value: Ref<'_>) -> Outcome<u8> {
        let number = self.index(value)?;
        match number.get().as_int().and_then(|int| u8::try_from(int.to_i64()?).ok()) {
            Some(byte) => Ok(byte),
            None => Err(self.raise(ClassName::ValueError, "byte must be in range(0, 256)")),
        }
    }

    /// The bytes of a bytes-like object, or of an iterable of integers.
    fn bytes_of_values(&mut self, value: Ref<'_>) -> Outcome<Vec<u8>> {
        if let Some(bytes) = value.copied_bytes(self.heap())? {
            return Ok(bytes);
        }
        if !self.is_iterable(value) || value.as_str().is_some() {
            let message = "can assign only bytes, buffers, or iterables of ints in range(0, 256)";
            return Err(self.raise(ClassName::TypeError, message));
        }
        let items = self.collect(value)?;
        items.iter().map(|item| self.byte(item.get())).collect()
    }

    /// `del container[key]`.
    pub fn delete_item(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome<()> {
        match self.kind_of(container) {
            Kind::Dict | Kind::List | Kind::ByteArray => self.builtin_delete_item(container, key),
            _ => match self.call_special(container, Name::DelItem, &[key]) {
                Some(result) => result.map(drop),
                None => Err(match self.half_known(container, Name::SetItem, Name::DelItem) {
                    Some(raised) => raised,
                    None => self.no_deletion(container, key),
                }),
            },
        }
    }

    #[cold]
    fn no_deletion(&mut self, container: Ref<'_>, key: Ref<'_>) -> Raised {
        // CPython has two functions that say this, in two ways.
        let mut verb = "does not";
        if self.has_sequence_slots(container) && self.is_index(key) {
            verb = "doesn't";
            if let Err(raised) = self.element_place(key, || 0) {
                return raised;
            }
        }
        let message = format!("'{}' object {verb} support item deletion", self.type_name(container));
        self.raise(ClassName::TypeError, message)
    }

    /// `del container[key]` of a builtin container, or of the one inside an instance of a subclass.
    pub fn builtin_delete_item(&mut self, container: Ref<'_>, key: Ref<'_>) -> Outcome<()> {
        if container.as_dict().is_some() {
            return match self.dict_remove(container, key)? {
                Some(value) => {
                    drop(value);
                    Ok(())
                }
                None => Err(self.raise_key_error(key)),
            };
        }
        if let Some(list) = container.as_list() {
            return self.delete_list_item(list, key);
        }
        if let Some(array) = container.as_byte_array() {
            return self.delete_byte_array_item(array, key);
        }
        Err(self.no_deletion(container, key))
    }

    fn delete_list_item(&mut self, list: List<'_>, key: Ref<'_>) -> Outcome<()> {
        if self.is_slice(key) {
            let SliceIndices { start, stop, step, .. } = self.slice_indices(key, || list.len())?;
            drop(list.delete_slice(self.heap(), start, stop, step)?);
            return Ok(());
        }
        self.check_index(key, "list indices must be integers or slices, not ")?;
        let place = self.element_place(key, || list.len())?;
        let removed: Option<Owned> = place.and_then(|place| list.pop(place));
        match removed {
            Some(item) => {
                drop(item);
                Ok(())
            }
            None => Err(self.raise(ClassName::IndexError, "list assignment index out of range")),
        }
    }

    fn delete_byte_array_item(&mut self, array: ByteArray<'_>, key: Ref<'_>) -> Outcome<()> {
        let heap = self.heap();
        if self.is_slice(key) {
            let SliceIndices { start, step, length, .. } = self.slice_indices(key, || array.len())?;
            let mut picked: Vec<usize> = (0..length as isize).map(|n| (start + n * step) as usize).collect();
            picked.sort_unstable();
            array.with_mut(heap, 0, |content| {
                let mut picked = picked.iter().peekable();
                let mut place = 0;
                content.retain(|_| {
                    let goes = picked.next_if_eq(&&place).is_some();
                    place += 1;
                    !goes
                });
            })?;
            return Ok(());
        }
        self.check_index(key, "bytearray indices must be integers or slices, not ")?;
        match self.element_place(key, || array.len())? {
            Some(place) => {
                array.with_mut(heap, 0, |content| content.remove(place))?;
                Ok(())
            }
            None => Err(self.raise(ClassName::IndexError, "bytearray index out of range")),
        }
    }
}
