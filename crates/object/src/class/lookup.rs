//! Looking attributes up along the resolution order, and what is remembered of it.
//!
//! A class remembers what lookups found (`memo`) and did not find (`absent`), and knows the cache words in code that depend on
//! it (`dependents`). All are emptied, here and in every subclass, when the namespace changes.

use std::cell::Cell;
use std::ptr::NonNull;

use super::{Class, Construction, NEVER};
use crate::heap::{Heap, OutOfMemory};
use crate::reference::{Owned, Ref};
use crate::value::Value;

impl Class<'_> {
    /// The first attribute of this name along the resolution order. `name` is interned.
    #[inline]
    pub fn lookup(self, heap: &Heap, name: Ref<'_>) -> Option<Owned> {
        // To count the look would be to write, and a forked process shares what it only reads.
        // SAFETY: the reference ends in this statement, which changes no memo.
        let found = unsafe { self.data().memo.try_borrow_unguarded() }
            .ok()
            .and_then(|memo| memo.get(&name.value().bits()).copied());
        match found {
            Some(found) if found.is_unbound() => None,
            // SAFETY: what the memo names is owned by a namespace; a change of any namespace in question empties the memo.
            Some(found) => Some(unsafe { Ref::from_value(found) }.to_owned()),
            None => self.lookup_along_mro(heap, name),
        }
    }

    #[cold]
    #[inline(never)]
    fn lookup_along_mro(self, heap: &Heap, name: Ref<'_>) -> Option<Owned> {
        if self.is_known_to_lack(heap, name) {
            return None;
        }
        let found = self.lookup_with_owner(heap, name);
        // An interned name that dies gives its address to another, so only those are remembered that a namespace holds,
        // this very string and not an equal one, or that live for ever.
        let is_kept = match &found {
            Some((_, index)) => self.mro_get(*index).is_some_and(|class| {
                let dict = class.get().as_class(heap).map(Class::dict);
                dict.and_then(|dict| dict.key_at(dict.index_of_str(name)?)).is_some_and(|key| key.get().is(name))
            }),
            None => false,
        };
        let found = found.map(|(found, _)| found);
        if is_kept || heap.is_well_known(name) {
            let value = found.as_ref().map_or(Value::UNBOUND, Owned::value);
            self.data().memo.borrow_mut().insert(name.value().bits(), value);
        } else if found.is_none() && name.as_str().is_some_and(|name| name.is_interned()) {
            self.note_absence(heap, name);
        }
        found
    }

    /// Whether an earlier lookup did not find this name, which has lived ever since.
    fn is_known_to_lack(self, heap: &Heap, name: Ref<'_>) -> bool {
        // SAFETY: the reference ends in this function, which changes nothing.
        let absent = unsafe { self.data().absent.try_borrow_unguarded() };
        self.data().absent_since.get() == heap.dead_names()
            && absent.is_ok_and(|names| names.contains(&name.value().bits()))
    }

    fn note_absence(self, heap: &Heap, name: Ref<'_>) {
        /// More names than a class is asked for, unless somebody makes them up.
        const MOST: usize = 1 << 8;
        let (mut names, deaths) = (self.data().absent.borrow_mut(), heap.dead_names());
        if self.data().absent_since.replace(deaths) != deaths || names.len() >= MOST {
            names.clear();
        }
        names.insert(name.value().bits());
    }

    /// As [`lookup`](Self::lookup), with the index in the resolution order of the class that has it.
    fn lookup_with_owner(self, heap: &Heap, name: Ref<'_>) -> Option<(Owned, usize)> {
        // SAFETY: namespaces are only read meanwhile, which changes no resolution order.
        let mro = unsafe { self.data().mro.try_borrow_unguarded() }.ok()?;
        mro.iter().enumerate().find_map(|(index, class)| {
            let found = class.get().as_class(heap)?.dict().get_str(name)?;
            Some((found, index))
        })
    }

    /// The first attribute of this name behind a class of the resolution order. `name` is interned.
    pub fn lookup_behind(self, heap: &Heap, start: Ref<'_>, name: Ref<'_>) -> Option<Owned> {
        // SAFETY: namespaces are only read meanwhile, which changes no resolution order.
        let mro = unsafe { self.data().mro.try_borrow_unguarded() }.ok()?;
        let mut behind = mro.iter().skip_while(|class| !class.get().is(start)).skip(1);
        behind.find_map(|class| class.get().as_class(heap)?.dict().get_str(name))
    }

    /// Sets an attribute in the namespace; gives the old value back to be dropped. `name` is interned.
    pub fn set(self, heap: &Heap, name: Ref<'_>, value: Owned) -> Result<Option<Owned>, OutOfMemory> {
        let old = self.dict().set_str(heap, name, value)?;
        self.changed(heap);
        Ok(old)
    }

    /// Deletes an attribute from the namespace and gives it back; `None` if there is none.
    pub fn delete(self, heap: &Heap, name: Ref<'_>) -> Option<Owned> {
        let old = self.dict().remove_str(name);
        if old.is_some() {
            self.changed(heap);
        }
        old
    }

    /// Forgets what was remembered about this class and its subclasses.
    pub fn changed(self, heap: &Heap) {
        self.forget(heap);
        for &subclass in self.data().subclasses.borrow().iter() {
            // SAFETY: a dying subclass takes itself out of the list.
            let subclass = unsafe { Ref::from_value(Value::pointer(subclass)) };
            if let Some(subclass) = subclass.as_class(heap) {
                subclass.forget(heap);
            }
        }
    }

    fn forget(self, heap: &Heap) {
        let data = self.data();
        data.memo.borrow_mut().clear();
        data.absent_since.set(NEVER);
        data.construction.set(Construction::Unknown);
        let mut dependents = data.dependents.borrow_mut();
        if dependents.is_empty() {
            return;
        }
        heap.depended_upon.borrow_mut().remove(&self.object.header.block());
        for word in dependents.drain() {
            // SAFETY: words of dying code are taken out of the list, so these belong to living code.
            unsafe { word.as_ref() }.set(0);
        }
    }

    /// Notes that a cache word was filled from a lookup in this class: it is set to 0 when the class changes.
    pub fn add_dependent(self, heap: &Heap, word: &Cell<u64>) {
        let word = NonNull::from(word);
        let mut dependents = self.data().dependents.borrow_mut();
        if dependents.is_empty() {
            heap.depended_upon.borrow_mut().insert(self.object.header.block());
        }
        // The same word comes again and again where objects of several classes alternate.
        dependents.insert(word);
    }

    /// Takes the words of dying code out, and says whether others are left.
    fn forget_dependents(self, words: &[Cell<u64>]) -> bool {
        let range = words.as_ptr_range();
        let mut dependents = self.data().dependents.borrow_mut();
        dependents.retain(|word| !range.contains(&word.as_ptr().cast_const()));
        !dependents.is_empty()
    }
}

impl Heap {
    /// Takes the cache words of dying code out of every class that would clear them.
    pub(crate) fn forget_code(&self, words: &[Cell<u64>]) {
        self.depended_upon.borrow_mut().retain(|&class| {
            // SAFETY: a class takes itself out before it dies, in `ClassData::clear`.
            let class = unsafe { Ref::from_value(Value::pointer(class)) };
            class.as_class(self).is_some_and(|class| class.forget_dependents(words))
        });
    }
}
