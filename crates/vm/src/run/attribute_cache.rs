//! What the caches of attributes and methods remember, and when they may.
//!
//! | lower half of the first word | upper half | second word | of |
//! |---|---|---|---|
//! | shape of the object | slot | the shape after it was set | `GetAttribute`, `SetAttribute` |
//! | shape of the object | 1 | function | `GetMethod` |
//! | shape of the first argument | place of `__class__` in the closure, + 1 | function; then the class in that cell, and `super` | `GetSuperMethod` |
//! | 0 | version of a module's dict | place in it | `GetAttribute`, `GetMethod` |
//! | 0 | shape of the object | slot | `GetMethod` |
//! | [`OF_CLASS`] | root shape of the class that is the object | value | `GetAttribute`, `GetMethod` |
//! | [`OF_INSTANCE`] | shape of the object | value | `GetAttribute`, `GetMethod` |
//! | [`OF_PROPERTY`] | shape of the object | getter | `GetAttribute` |
//! | [`OF_ELEMENT`] | shape of the object, which wraps a tuple | index | `GetAttribute` |
//!
//! Invariant: functions and values are not counted. A class that they depend on sets the first word to 0 when it changes.

use toy_object::{Class, Kind, Name, Owned, Ref, ShapeId};

use super::registers::cache;
use crate::classes::ClassName;
use crate::protocol::{Descriptor, ElementGetter, SuperMethod};
use crate::thread::Vm;

/// In place of a shape: the second word holds what an attribute of a class is. No shape has such a number.
pub(super) const OF_CLASS: u32 = u32::MAX;

/// In place of a shape: the second word holds what instances find in their class. No shape has such a number.
pub(super) const OF_INSTANCE: u32 = u32::MAX - 1;

/// In place of a shape: the second word holds the function that gets the attribute. No shape has such a number.
pub(super) const OF_PROPERTY: u32 = u32::MAX - 2;

/// In place of a shape: the second word holds which element of the tuple inside the attribute is. No shape has such a number.
pub(super) const OF_ELEMENT: u32 = u32::MAX - 3;

/// The parts of a first word.
fn first_word(lower: u32, upper: u32) -> u64 {
    u64::from(lower) | u64::from(upper) << 32
}

impl Vm {
    /// Has every class and every instruction forget what lookups found: something changed that is no attribute of a class.
    pub fn forget_lookups(&mut self) {
        let root = self.class(ClassName::Object);
        if let Some(root) = root.get().as_class(self.heap()) {
            root.changed(self.heap());
        }
    }

    pub(super) fn fill_attribute_cache(&self, object: Ref<'_>, name: Ref<'_>) {
        if object.shape() == ShapeId::MODULE {
            self.fill_module_cache(object, name);
        } else if let Some((slot, class)) = self.plain_slot(object, name) {
            let word = cache(self.top().pc);
            word.set(first_word(object.shape().0, slot as u32));
            class.add_dependent(self.heap(), word);
        } else if self.fill_property_cache(object, name).or_else(|| self.fill_element_cache(object, name)).is_none() {
            self.fill_constant_cache(object, name);
        }
    }

    /// Remembers which element of a tuple the attribute of a named tuple is.
    fn fill_element_cache(&self, object: Ref<'_>, name: Ref<'_>) -> Option<()> {
        let heap = self.heap();
        let shape = heap.shape(object.shape());
        let class = heap.class_of(object).as_class(heap)?;
        if shape.kind() != Kind::Instance || shape.flags().dictionary || class.flags().has_get_attribute {
            return None;
        }
        let found = class.lookup(heap, name)?;
        let element = found.get().payload::<ElementGetter>(heap)?;
        // A subclass of the descriptor's class may read in another way.
        let is_plain = self.kind_of(found.get()) == Kind::Native;
        toy_object::wrapped(object).filter(|inner| is_plain && inner.shape() == ShapeId::TUPLE)?;
        let word = cache(self.top().pc);
        word.set(first_word(OF_ELEMENT, object.shape().0));
        cache(self.top().pc.wrapping_add(1)).set(element.index as u64);
        class.add_dependent(heap, word);
        Some(())
    }

    /// Remembers the getter of a property of the class, unless what the getter raises may have to be caught.
    fn fill_property_cache(&self, object: Ref<'_>, name: Ref<'_>) -> Option<()> {
        let heap = self.heap();
        let shape = heap.shape(object.shape());
        let class = heap.class_of(object).as_class(heap)?;
        let flags = class.flags();
        if shape.kind() != Kind::Instance || flags.has_get_attribute || flags.has_get_attr {
            return None;
        }
        let found = class.lookup(heap, name).filter(|found| self.kind_of(found.get()) == Kind::Native)?;
        let Descriptor::Property(property) = found.get().payload::<Descriptor>(heap)? else { return None };
        let getter = property.getter.get().filter(|getter| getter.get().shape() == ShapeId::FUNCTION)?;
        let word = cache(self.top().pc);
        word.set(first_word(OF_PROPERTY, object.shape().0));
        cache(self.top().pc.wrapping_add(1)).set(getter.value().bits());
        class.add_dependent(heap, word);
        Some(())
    }

    /// Does what [`fill_attribute_cache`](Self::fill_attribute_cache) does for what is called and no method.
    pub(super) fn fill_callable_cache(&self, object: Ref<'_>, name: Ref<'_>) {
        if object.shape() == ShapeId::MODULE {
            self.fill_module_cache(object, name);
        } else if let Some((slot, class)) = self.plain_slot(object, name) {
            let word = cache(self.top().pc);
            word.set(first_word(0, object.shape().0));
            cache(self.top().pc.wrapping_add(1)).set(slot as u64);
            class.add_dependent(self.heap(), word);
        } else {
            self.fill_constant_cache(object, name);
        }
    }

    /// Remembers what a class has under a name, if that is the attribute of the class itself, or of an instance that has no such
    /// attribute of its own, whatever the object is otherwise.
    fn fill_constant_cache(&self, object: Ref<'_>, name: Ref<'_>) -> Option<()> {
        let heap = self.heap();
        let shape = heap.shape(object.shape());
        let class = heap.class_of(object).as_class(heap)?;
        if class.flags().has_get_attribute {
            return None;
        }
        let word = cache(self.top().pc);
        let (found, depends_on) = match shape.kind() {
            Kind::Instance if !shape.flags().dictionary && shape.slot(name.value()).is_none() => {
                let found = class.lookup(heap, name)?;
                let found = match self.is_class_getter(found.get(), name) {
                    true => class.as_ref().to_owned(),
                    false => self.constant_in(found, false)?,
                };
                word.set(first_word(OF_INSTANCE, object.shape().0));
                (found, class)
            }
            Kind::Class => {
                let this = object.as_class(heap)?;
                // Builtin classes may have a root shape in common, or none.
                let root = this.root_shape().filter(|_| !this.flags().is_builtin)?;
                if class.lookup(heap, name).is_some() {
                    return None;
                }
                let found = self.constant_in(this.lookup(heap, name)?, true)?;
                word.set(first_word(OF_CLASS, root.0));
                class.add_dependent(heap, word);
                (found, this)
            }
            _ => return None,
        };
        depends_on.add_dependent(heap, word);
        if let Some(class) = heap.class_of(found.get()).as_class(heap).filter(|class| !class.flags().is_builtin) {
            // It might become a descriptor.
            class.add_dependent(heap, word);
        }
        cache(self.top().pc.wrapping_add(1)).set(found.value().bits());
        Some(())
    }

    /// Whether this is what tells the class of any object, which its shape does, too.
    fn is_class_getter(&self, found: Ref<'_>, name: Ref<'_>) -> bool {
        let heap = self.heap();
        let root = self.class(ClassName::Object);
        let getter = || root.get().as_class(heap).and_then(|root| root.lookup(heap, name));
        name.is(heap.name(Name::Class)) && getter().is_some_and(|getter| getter.get().is(found))
    }

    /// What an attribute of this value in a class's namespace gives, if that is always the same, and owned by the namespace.
    fn constant_in(&self, found: Owned, of_class: bool) -> Option<Owned> {
        let heap = self.heap();
        match self.kind_of(found.get()) {
            Kind::Function if of_class => Some(found),
            Kind::Function | Kind::NativeFunction | Kind::BoundMethod => None,
            Kind::Native => match found.get().payload::<Descriptor>(heap)? {
                Descriptor::Static(function) => function.get(),
                _ => None,
            },
            Kind::Instance | Kind::Class => {
                let class = heap.class_of(found.get()).as_class(heap)?;
                class.lookup(heap, heap.name(Name::Get)).is_none().then_some(found)
            }
            _ => Some(found),
        }
    }

    /// If the attribute is a slot of the instance that no descriptor of the class covers: the slot, and that class.
    fn plain_slot<'a>(&'a self, object: Ref<'a>, name: Ref<'_>) -> Option<(usize, Class<'a>)> {
        let heap = self.heap();
        let shape = heap.shape(object.shape());
        if shape.kind() != Kind::Instance {
            return None;
        }
        let slot = shape.slot(name.value())?;
        let class = heap.class_of(object).as_class(heap)?;
        let is_plain = !class.flags().has_get_attribute && !self.is_covered(class, name, shape.is_born_slot(slot));
        is_plain.then_some((slot, class))
    }

    /// Remembers where the attribute of a plain module stands, unless the class of modules has one of this name.
    fn fill_module_cache(&self, module: Ref<'_>, name: Ref<'_>) {
        let heap = self.heap();
        let attributes = module.as_module(heap).and_then(|module| module.dict().as_dict());
        let Some((attributes, class)) = attributes.zip(heap.class_of(module).as_class(heap)) else { return };
        let (Some(place), None) = (attributes.index_of_str(name), class.lookup(heap, name)) else { return };
        // Version 0 says that there are no more; then the word is that of an empty cache.
        cache(self.top().pc).set(u64::from(attributes.version(heap)) << 32);
        cache(self.top().pc.wrapping_add(1)).set(place as u64);
    }

    /// Whether a class attribute of this name may take precedence over the instance's.
    fn is_covered(&self, class: Class<'_>, name: Ref<'_>, is_declared: bool) -> bool {
        let Some(found) = class.lookup(self.heap(), name) else { return false };
        match self.kind_of(found.get()) {
            // The descriptor of a slot from `__slots__` leads to that slot.
            Kind::Native => !is_declared,
            Kind::Instance | Kind::Class => true,
            _ => false,
        }
    }

    pub(super) fn fill_store_cache(&self, object: Ref<'_>, name: Ref<'_>, before: ShapeId) {
        let heap = self.heap();
        let after = object.shape();
        let shape = heap.shape(after);
        if shape.kind() != Kind::Instance || heap.shape(before).flags().dictionary {
            return;
        }
        let Some(slot) = shape.slot(name.value()) else { return };
        let Some(class) = heap.class_of(object).as_class(heap) else { return };
        if class.flags().has_set_attr || self.is_covered(class, name, shape.is_born_slot(slot)) {
            return;
        }
        // The attribute was there before, or adding it is one step from shape to shape.
        let known = before == after || slot + 1 == shape.slot_count() && heap.shape(before).slot_count() == slot;
        if known {
            let word = cache(self.top().pc);
            word.set(u64::from(before.0) | (slot as u64) << 32);
            cache(self.top().pc.wrapping_add(1)).set(u64::from(after.0));
            class.add_dependent(heap, word);
        }
    }

    /// The upper half only has to make the first word other than zero for every shape.
    pub(super) fn fill_method_cache(&self, object: Ref<'_>, function: Ref<'_>, upper: u32) {
        let heap = self.heap();
        let shape = heap.shape(object.shape());
        // Objects of these kinds share a shape across classes.
        let is_class_in_content =
            matches!(shape.kind(), Kind::SequenceIterator | Kind::DictIterator | Kind::NativeFunction);
        if object.value().as_pointer().is_none() || shape.flags().dictionary || is_class_in_content {
            return;
        }
        if let Some(class) = heap.class_of(object).as_class(heap) {
            let word = cache(self.top().pc);
            word.set(first_word(object.shape().0, upper));
            cache(self.top().pc.wrapping_add(1)).set(function.value().bits());
            class.add_dependent(heap, word);
        }
    }

    /// Remembers the method that `super`, this class, gives. That it changes, or that of the function, is seen by comparing them.
    pub(super) fn fill_super_cache(&self, found: &SuperMethod, super_class: Ref<'_>) {
        let Some(place) = self.caller_class_place().and_then(|place| u32::try_from(place).ok()) else { return };
        self.fill_method_cache(found.receiver.get(), found.function.get(), place + 1);
        cache(self.top().pc.wrapping_add(2)).set(found.class.get().value().bits());
        cache(self.top().pc.wrapping_add(3)).set(super_class.value().bits());
    }
}
