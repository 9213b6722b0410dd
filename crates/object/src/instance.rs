//! Instances of classes: slots in line, or a dict.
//!
//! | mode | attributes live in | entered |
//! |---|---|---|
//! | slots | the slots that the shape names | at birth |
//! | dictionary | the dict; named slots of `__slots__` and hidden slots stay | no room, more than 64 attributes, an attribute deleted, `__dict__` taken |
//!
//! Nothing leads back from dictionary mode.

use std::cell::Cell;
use std::ptr::NonNull;

use crate::header::Header;
use crate::heap::{Heap, OutOfMemory};
use crate::layout::InstanceObject;
use crate::reference::{Owned, Ref};
use crate::shape::{Kind, Shape, ShapeFlags, ShapeId};
use crate::value::Value;

/// More attributes than this are kept in a dict.
const MOST_SLOTS: usize = 64;

/// The hidden first slots of exceptions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum ExceptionSlot {
    /// The tuple `args`.
    Args,
    /// `__traceback__`.
    Traceback,
    /// `__context__`.
    Context,
    /// `__cause__`.
    Cause,
    /// `__suppress_context__`, a bool.
    SuppressContext,
    /// What a builtin exception class keeps besides: `StopIteration.value`, `KeyError`'s key, `SystemExit.code`, …
    Detail,
}

/// Number of hidden slots of exceptions.
pub const EXCEPTION_SLOTS: usize = 6;

/// An instance.
#[derive(Clone, Copy)]
pub struct Instance<'a> {
    object: &'a InstanceObject,
}

impl InstanceObject {
    /// The slots of an instance.
    ///
    /// # Safety
    /// `object` is an instance, and `slot` is below its shape's capacity.
    #[inline(always)]
    pub unsafe fn slot<'a>(object: NonNull<Header>, slot: usize) -> &'a Cell<Value> {
        // SAFETY: the slots stand behind the struct in the same block.
        let slots = unsafe { object.cast::<InstanceObject>().add(1) }.cast::<Cell<Value>>();
        // SAFETY: the block has room for as many slots as the capacity says.
        let pointer = unsafe { slots.add(slot) };
        // SAFETY: as above; slots are initialised when the instance is made.
        unsafe { pointer.as_ref() }
    }
}

impl Heap {
    /// A new instance of a shape (a class's root shape) with all slots unbound.
    #[inline]
    pub fn new_instance(&self, id: ShapeId) -> Result<Owned, OutOfMemory> {
        let shape = self.shape(id);
        assert!(shape.kind() == Kind::Instance, "the shape says how the object is laid out");
        let capacity = shape.capacity();
        let block = self.allocate_block(size_of::<InstanceObject>() + capacity * size_of::<Value>())?;
        let object = InstanceObject { header: Header::new(id), dict: Value::UNBOUND.into() };
        // SAFETY: the block is fresh and large enough.
        unsafe { block.cast::<InstanceObject>().write(object) };
        // SAFETY: the slots stand behind the struct.
        let slots = unsafe { block.cast::<InstanceObject>().add(1).cast::<Value>() };
        for slot in 0..capacity {
            // SAFETY: the block has room for `capacity` slots.
            let place = unsafe { slots.add(slot) };
            // SAFETY: as above.
            unsafe { place.write(Value::UNBOUND) };
        }
        if shape.flags().finaliser {
            self.note_birth(block);
        }
        // SAFETY: the new object's count of one becomes the returned owner's.
        Ok(unsafe { Owned::from_value(Value::pointer(block)) })
    }

    /// The shape behind `from` with one more named slot; `None` if there is no room for it.
    fn transition(&self, from: ShapeId, name: Ref<'_>) -> Option<ShapeId> {
        let shape = self.shape(from);
        if let Some(&(_, to)) = shape.transitions.borrow().iter().find(|(known, _)| *known == name.value()) {
            return Some(to);
        }
        if shape.slot_count() >= shape.capacity().min(MOST_SLOTS) || shape.flags().no_dict || shape.flags().dictionary {
            return None;
        }
        let mut names = shape.names.to_vec();
        names.push(name.to_owned().into_value());
        let mut next = Shape::new(Kind::Instance, names.into(), shape.capacity, shape.flags());
        next.born = shape.born;
        next.owns_last_name = true;
        next.class.set(shape.class.get());
        let to = self.add_shape(next);
        shape.transitions.borrow_mut().push((name.value(), to));
        Some(to)
    }

    /// The dictionary-mode shape for objects of the shape `from`.
    pub(crate) fn dictionary_shape(&self, from: ShapeId) -> ShapeId {
        let shape = self.shape(from);
        if shape.flags().dictionary {
            return from;
        }
        if let Some(known) = shape.dictionary.get() {
            return known;
        }
        // The slots that are there from birth stay slots: those that no transition added.
        let born = shape.born_slots();
        let flags = ShapeFlags { dictionary: true, ..shape.flags() };
        let next = Shape::new(shape.kind(), shape.names[..born].into(), shape.capacity, flags);
        next.class.set(shape.class.get());
        let to = self.add_shape(next);
        shape.dictionary.set(Some(to));
        to
    }
}

impl<'a> Ref<'a> {
    /// The instance, if it is one (of a class written in toy, or an exception).
    #[inline]
    pub fn as_instance(self, heap: &Heap) -> Option<Instance<'a>> {
        Some(Instance { object: self.layout_of_kind(heap)? })
    }
}

/// The builtin object that an instance of a subclass of a builtin type stands for.
#[cold]
#[inline(never)]
pub fn wrapped<'a>(object: Ref<'a>) -> Option<Ref<'a>> {
    let heap = crate::heap::current();
    let instance = object.as_instance(heap)?;
    if !heap.shape(object.shape()).flags().wraps {
        return None;
    }
    let value = instance.slot(0).get();
    // SAFETY: the hidden first slot of such an instance is filled at birth and never changes, so it lives as long.
    if value.is_unbound() { None } else { Some(unsafe { Ref::from_value(value) }) }
}

impl<'a> Instance<'a> {
    /// The instance as a value.
    pub fn as_ref(self) -> Ref<'a> {
        Ref::from_header(&self.object.header)
    }

    fn slot(self, slot: usize) -> &'a Cell<Value> {
        // SAFETY: callers pass slots below the shape's slot count, hence below its capacity.
        unsafe { InstanceObject::slot(self.object.header.block(), slot) }
    }

    /// What a slot holds; `None` if it is unbound.
    pub fn slot_value(self, heap: &Heap, slot: usize) -> Option<Owned> {
        assert!(slot < heap.shape(self.object.header.shape()).slot_count());
        let value = self.slot(slot).get();
        // SAFETY: the slot owns a count at this moment.
        if value.is_unbound() { None } else { Some(unsafe { Ref::from_value(value) }.to_owned()) }
    }

    /// Fills a slot (unbound: empties it); gives the old content back to be dropped.
    pub fn set_slot(self, heap: &Heap, slot: usize, value: Owned) -> Owned {
        assert!(slot < heap.shape(self.object.header.shape()).slot_count());
        let old = self.slot(slot).replace(value.into_value());
        // SAFETY: the slot owned a count of what it held.
        unsafe { Owned::from_value(old) }
    }

    /// An attribute of the instance itself. `name` is interned.
    pub fn attribute(self, heap: &Heap, name: Ref<'_>) -> Option<Owned> {
        let shape = heap.shape(self.object.header.shape());
        if let Some(slot) = shape.slot(name.value()) {
            return self.slot_value(heap, slot);
        }
        self.dict_in_use()?.get().as_dict()?.get_str(name)
    }

    /// The dict in which the instance keeps its attributes, if it has one.
    pub fn dict_in_use(self) -> Option<Owned> {
        let dict = self.object.dict.get();
        // SAFETY: the instance owns a count at this moment.
        if dict.is_unbound() { None } else { Some(unsafe { Ref::from_value(dict) }.to_owned()) }
    }

    /// Sets an attribute of the instance itself; gives the old value back to be dropped. `name` is interned.
    /// The outer `None`: the class has `__slots__`, none of this name, and no dict.
    pub fn set_attribute(self, heap: &Heap, name: Ref<'_>, value: Owned) -> Result<Option<Option<Owned>>, OutOfMemory> {
        let id = self.object.header.shape();
        let shape = heap.shape(id);
        if let Some(slot) = shape.slot(name.value()) {
            let old = self.set_slot(heap, slot, value);
            return Ok(Some(if old.value().is_unbound() { None } else { Some(old) }));
        }
        if shape.flags().no_dict {
            return Ok(None);
        }
        if let Some(next) = heap.transition(id, name) {
            self.object.header.shape.set(next);
            let old = self.set_slot(heap, heap.shape(next).slot_count() - 1, value);
            debug_assert!(old.value().is_unbound());
            return Ok(Some(None));
        }
        let dict = self.dict(heap)?;
        let dict = dict.get().as_dict().expect("an instance's dict is a dict");
        Ok(Some(dict.set_str(heap, name, value)?))
    }

    /// Deletes an attribute of the instance itself and gives it back; `None` if there is none. `name` is interned.
    pub fn delete_attribute(self, heap: &Heap, name: Ref<'_>) -> Result<Option<Owned>, OutOfMemory> {
        let shape = heap.shape(self.object.header.shape());
        if let Some(slot) = shape.slot(name.value()) {
            if slot < shape.born_slots() {
                let old = self.set_slot(heap, slot, Owned::unbound());
                return Ok(if old.value().is_unbound() { None } else { Some(old) });
            }
        } else if shape.flags().no_dict {
            return Ok(None);
        }
        let dict = self.dict(heap)?;
        Ok(dict.get().as_dict().expect("an instance's dict is a dict").remove_str(name))
    }

    /// `__dict__`: from now on the instance keeps its attributes there. Not for classes without.
    pub fn dict(self, heap: &Heap) -> Result<Owned, OutOfMemory> {
        if let Some(dict) = self.dict_in_use() {
            return Ok(dict);
        }
        let id = self.object.header.shape();
        let shape = heap.shape(id);
        let owned = heap.new_dict()?;
        let dict = owned.get().as_dict().expect("just made");
        let slots = shape.born_slots()..shape.slot_count();
        dict.reserve(heap, slots.len())?;
        for slot in slots {
            // SAFETY: the shape keeps its names alive.
            let name = unsafe { Ref::from_value(shape.names[slot]) };
            let value = self.slot(slot).replace(Value::UNBOUND);
            // SAFETY: the slot owned a count, which moves to the dict.
            let value = unsafe { Owned::from_value(value) };
            if !value.value().is_unbound() {
                dict.set_str(heap, name, value)?;
            }
        }
        self.object.header.shape.set(heap.dictionary_shape(id));
        let old = self.object.dict.replace(owned.clone().into_value());
        debug_assert!(old.is_unbound());
        Ok(owned)
    }

    /// Makes this dict the instance's `__dict__`; gives the old one back to be dropped.
    pub fn set_dict(self, heap: &Heap, dict: Owned) -> Result<Owned, OutOfMemory> {
        let _now_in_dictionary_mode = self.dict(heap)?;
        let old = self.object.dict.replace(dict.into_value());
        // SAFETY: the instance owned a count of its dict.
        Ok(unsafe { Owned::from_value(old) })
    }

    /// Changes the class (`__class__ = …`): the attributes move to a dict, and `root` says what the instance is from now
    /// on. `false`: the layouts differ.
    pub fn set_shape(self, heap: &Heap, root: ShapeId) -> Result<bool, OutOfMemory> {
        let _now_in_dictionary_mode = self.dict(heap)?;
        let (old, new) = (heap.shape(self.object.header.shape()), heap.shape(root));
        let names = |shape: &Shape| shape.names[..shape.born_slots()].to_vec();
        let same = names(old) == names(new) && old.flags().wraps == new.flags().wraps;
        if !same || old.flags().exception != new.flags().exception {
            return Ok(false);
        }
        // A shape of the new class with the old object's room: its block does not grow.
        let mut resized = Shape::new(Kind::Instance, new.names.clone(), old.capacity, new.flags());
        resized.flags.set(ShapeFlags { dictionary: true, ..new.flags() });
        resized.class = new.class.clone();
        let id = heap.add_shape(resized);
        if old.flags().weakly_referenced {
            heap.note_weakly_referenced(id);
        }
        self.object.header.shape.set(id);
        Ok(true)
    }

    /// The attributes that are kept by name, those of `__slots__` not among them: names and values. `None`: they stand in a dict
    /// (see [`dict_in_use`](Self::dict_in_use)).
    pub fn attributes(self, heap: &Heap) -> Option<Vec<(Owned, Owned)>> {
        if self.dict_in_use().is_some() {
            return None;
        }
        let names = self.slot_names(heap);
        Some(names.into_iter().filter_map(|name| self.attribute(heap, name.get()).map(|value| (name, value))).collect())
    }

    /// Names of the attributes in slots, in the order they were added, without the hidden ones.
    pub fn slot_names(self, heap: &Heap) -> Vec<Owned> {
        let shape = heap.shape(self.object.header.shape());
        let filled = (shape.born_slots()..shape.slot_count()).filter(|&slot| !self.slot(slot).get().is_unbound());
        // SAFETY: the shape keeps its names alive.
        filled.map(|slot| unsafe { Ref::from_value(shape.names[slot]) }.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_sound, class, enter, int, new_class, new_instance, set_attribute, show, text};

    fn view<'a>(heap: &Heap, owned: &'a Owned) -> Instance<'a> {
        owned.get().as_instance(heap).expect("an instance")
    }

    fn get(heap: &Heap, owned: &Owned, name: &str) -> Option<String> {
        let name = heap.intern(name).expect("memory");
        view(heap, owned).attribute(heap, name.get()).map(|value| show(value.get()))
    }

    #[test]
    fn instances_that_got_the_same_attributes_in_the_same_order_share_a_shape() {
        let gil = enter();
        let heap = gil.heap();
        let point = new_class(heap, "Point", &[], false);
        let (one, two, other) = (new_instance(heap, &point), new_instance(heap, &point), new_instance(heap, &point));
        for (instance, names) in [(&one, ["x", "y"]), (&two, ["x", "y"]), (&other, ["y", "x"])] {
            names.into_iter().for_each(|name| set_attribute(heap, instance, name, text(heap, name)));
        }
        assert_eq!(one.get().shape(), two.get().shape());
        assert_ne!(one.get().shape(), other.get().shape());
        assert_eq!(get(heap, &other, "x").as_deref(), Some("\"x\""));
        let names = view(heap, &other).slot_names(heap);
        assert_eq!(names.iter().map(|name| show(name.get())).collect::<Vec<_>>(), ["\"y\"", "\"x\""]);
        assert_eq!(get(heap, &other, "z"), None);
        drop(names);
        assert_sound(heap, &[&point, &one, &two, &other]);
    }

    #[test]
    fn too_many_attributes_a_deletion_or_a_look_at_the_dict_lead_to_dictionary_mode() {
        let gil = enter();
        let heap = gil.heap();
        let class = new_class(heap, "Thing", &[], false);
        let [many, deleted, shown] = [(); 3].map(|()| new_instance(heap, &class));
        for number in 0..10 {
            set_attribute(heap, &many, &format!("name{number}"), int(heap, number));
        }
        set_attribute(heap, &deleted, "a", int(heap, 1));
        set_attribute(heap, &deleted, "b", int(heap, 2));
        set_attribute(heap, &shown, "a", int(heap, 1));
        let name = heap.intern("a").expect("memory");
        let removed = view(heap, &deleted).delete_attribute(heap, name.get()).expect("memory");
        assert_eq!(removed.map(|value| show(value.get())).as_deref(), Some("1"));
        let dict = view(heap, &shown).dict(heap).expect("memory");
        drop(dict.get().as_dict().expect("a dict").set_str(heap, name.get(), int(heap, 5)).expect("memory"));
        assert_eq!(get(heap, &many, "name9").as_deref(), Some("9"));
        assert_eq!((get(heap, &deleted, "a"), get(heap, &deleted, "b").as_deref()), (None, Some("2")));
        assert_eq!(get(heap, &shown, "a").as_deref(), Some("5"), "the dict is the only truth");
        for instance in [&many, &deleted, &shown] {
            assert!(heap.shape(instance.get().shape()).flags().dictionary);
        }
        drop((dict, name));
        assert_sound(heap, &[&class, &many, &deleted, &shown]);
    }

    #[test]
    fn a_class_with_slots_and_no_dict_refuses_other_names() {
        let gil = enter();
        let heap = gil.heap();
        let owned = new_class(heap, "Slotted", &[], false);
        let x = heap.intern("x").expect("memory");
        let flags = ShapeFlags { no_dict: true, ..ShapeFlags::default() };
        let other = new_class(heap, "Other", &[], false);
        // The layout of a class is made once; this one's is made here.
        let root = heap.set_instance_layout(class(heap, &other), std::slice::from_ref(&x), 1, flags);
        let instance = heap.new_instance(root).expect("memory");
        assert_eq!(get(heap, &instance, "x"), None, "declared, and unbound");
        set_attribute(heap, &instance, "x", int(heap, 1));
        let y = heap.intern("y").expect("memory");
        let refused = view(heap, &instance).set_attribute(heap, y.get(), Owned::none()).expect("memory");
        assert!(refused.is_none());
        let deleted = view(heap, &instance).delete_attribute(heap, x.get()).expect("memory");
        assert!(deleted.is_some() && get(heap, &instance, "x").is_none());
        drop(y);
        assert_sound(heap, &[&owned, &other, &instance, &x]);
    }

    #[test]
    fn an_instance_of_a_subclass_of_a_builtin_type_stands_for_the_object_inside() {
        let gil = enter();
        let heap = gil.heap();
        let owned = new_class(heap, "Text", &[], false);
        let flags = ShapeFlags { wraps: true, ..ShapeFlags::default() };
        let root = heap.set_instance_layout(class(heap, &owned), &[Owned::unbound()], 5, flags);
        let instance = heap.new_instance(root).expect("memory");
        drop(view(heap, &instance).set_slot(heap, 0, text(heap, "inside")));
        set_attribute(heap, &instance, "extra", int(heap, 1));
        assert!(instance.get().as_str().is_some_and(|text| text.is_text("inside")));
        assert!(instance.get().as_exact_str().is_none() && instance.get().as_list().is_none());
        let list = heap.new_instance(root).expect("memory");
        drop(view(heap, &list).set_slot(heap, 0, heap.new_list(vec![int(heap, 7)]).expect("memory")));
        assert_eq!(list.get().as_list().map(|list| list.len()), Some(1));
        assert_eq!((list.get().as_dict().is_none(), list.get().as_int().is_none()), (true, true));
        assert_sound(heap, &[&owned, &instance, &list]);
    }
}
