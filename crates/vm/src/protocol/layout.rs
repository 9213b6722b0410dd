//! What instances of a class written in toy are made of: which base says it, and how many slots they have.
//!
//! | hidden slots in front | of instances of |
//! |---|---|
//! | the builtin object | subclasses of builtin types |
//! | those of [`ExceptionSlot`](toy_object::ExceptionSlot) | exception classes |
//!
//! Then come the fields of builtin exceptions, and the slots that `__slots__` of the class and its bases declare, then room
//! for attributes.

use toy_object::{Class, EXCEPTION_SLOTS, Kind, Name, Owned, Ref, ShapeFlags};

use super::descriptor::Descriptor;
use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// A shape counts slots in 16 bits, and there is room for attributes behind the declared ones.
const MOST_DECLARED_SLOTS: usize = 60_000;

/// Room for attributes if nothing is known about them.
const UNKNOWN_ATTRIBUTES: usize = 4;

impl Vm {
    /// The base whose layout a class with these bases has.
    pub(crate) fn best_base(&mut self, bases: &[Owned]) -> Outcome {
        let heap = self.heap();
        let mut best: Option<(Owned, Owned)> = None;
        for base in bases {
            let Some(class) = base.get().as_class(heap) else { continue };
            let solid = self.solid_base(class);
            best = Some(match best {
                None => (base.clone(), solid),
                Some((winner, winner_solid)) => {
                    let is_below = |class: &Owned, other: &Owned| {
                        class.get().as_class(heap).is_some_and(|class| class.is_subclass_of(other.get()))
                    };
                    if is_below(&winner_solid, &solid) {
                        (winner, winner_solid)
                    } else if is_below(&solid, &winner_solid) {
                        (base.clone(), solid)
                    } else {
                        let message = "multiple bases have instance lay-out conflict";
                        return Err(self.raise(ClassName::TypeError, message));
                    }
                }
            });
        }
        Ok(best.map_or_else(|| self.class_of_objects(), |(winner, _)| winner))
    }

    /// The ancestor that last added something to the layout.
    pub(super) fn solid_base(&self, class: Class<'_>) -> Owned {
        let heap = self.heap();
        let flags = class.flags();
        if flags.is_builtin && !flags.is_exception {
            let is_plain = class.base_kind() == Kind::Instance;
            return if is_plain { self.class(ClassName::Object) } else { class.as_ref().to_owned() };
        }
        if class.as_ref().is(self.class(ClassName::BaseException).get()) {
            return class.as_ref().to_owned();
        }
        let Some(base) = self.layout_base(class) else { return self.class_of_objects() };
        let Some(base) = base.get().as_class(heap) else { return self.class_of_objects() };
        if self.born_slots(class) > self.inherited_slots(base) {
            return class.as_ref().to_owned();
        }
        self.solid_base(base)
    }

    /// `__base__`: which of its bases a class has the layout of.
    pub fn layout_base(&self, class: Class<'_>) -> Option<Owned> {
        let heap = self.heap();
        let bases = class.bases();
        let bases = bases.get().as_tuple()?;
        let mut best: Option<(Owned, Owned)> = None;
        for base in bases.iter() {
            let solid = self.solid_base(base.as_class(heap)?);
            let is_better = best.as_ref().is_none_or(|(_, best)| {
                !best.get().is(solid.get())
                    && solid.get().as_class(heap).is_some_and(|solid| solid.is_subclass_of(best.get()))
            });
            if is_better {
                best = Some((base.to_owned(), solid));
            }
        }
        best.map(|(base, _)| base)
    }

    /// Number of slots that instances have from birth.
    fn born_slots(&self, class: Class<'_>) -> usize {
        class.root_shape().map_or(0, |root| self.shape(root).slot_count())
    }

    /// Number of slots that a class inherits from this base.
    fn inherited_slots(&self, base: Class<'_>) -> usize {
        match base.base_kind() {
            Kind::Class | Kind::Module => 0,
            // The one that holds the builtin object.
            kind if kind != Kind::Instance && base.flags().is_builtin => 1,
            _ => self.born_slots(base),
        }
    }

    /// Whether instances of a class have attributes besides declared slots.
    pub(crate) fn has_dict(&self, class: Class<'_>) -> bool {
        if matches!(class.base_kind(), Kind::Class | Kind::Module) || class.flags().is_exception {
            return true;
        }
        !class.flags().is_builtin && !class.flags().no_dict
    }

    /// The slots that instances of a class with the layout of `base` begin with: unbound for hidden ones, else names.
    pub(super) fn inherited_slot_names(&self, base: Class<'_>) -> Vec<Owned> {
        let heap = self.heap();
        let mut names = vec![Owned::unbound(); self.inherited_slots(base)];
        for class in (0..base.mro_len()).filter_map(|index| base.mro_get(index)) {
            let Some(class) = class.get().as_class(heap) else { continue };
            let has_fields = class.flags().is_builtin && class.flags().is_exception;
            if !has_fields && class.dict().get_str(heap.name(Name::Slots)).is_none() {
                continue;
            }
            let mut position = 0;
            while let Some((index, _, value)) = class.dict().entry_from(position) {
                position = index + 1;
                if let Some(Descriptor::Member(member)) = value.get().payload::<Descriptor>(heap)
                    && let Some(place) = names.get_mut(member.slot)
                    && let Some(name) = member.name.get()
                {
                    *place = name;
                }
            }
        }
        names
    }

    /// Whether the slots that instances of two classes have from birth are the same.
    pub(super) fn has_same_slots(&self, one: Class<'_>, other: Class<'_>) -> bool {
        let (one, other) = (self.inherited_slot_names(one), self.inherited_slot_names(other));
        one.iter().map(Owned::value).eq(other.iter().map(Owned::value))
    }

    /// Makes the instance layout of a new class: that of `base`, and these declared slots behind it. Gives the index of
    /// the first of them.
    pub(crate) fn make_layout(&mut self, class: Class<'_>, base: Class<'_>, declared: &[Owned]) -> Outcome<usize> {
        let heap = self.heap();
        if base.base_kind() == Kind::Class {
            let shape = heap.new_class_shape(class.as_ref());
            class.set_root_shape(shape);
            return Ok(0);
        }
        if base.base_kind() == Kind::Module {
            class.set_root_shape(heap.new_shape_of_kind(Kind::Module, class.as_ref(), ShapeFlags::default()));
            return Ok(0);
        }
        let mut names = self.inherited_slot_names(base);
        let first = names.len();
        if first + declared.len() > MOST_DECLARED_SLOTS {
            let message = format!("a class cannot declare more than {MOST_DECLARED_SLOTS} slots");
            return Err(self.raise(ClassName::OverflowError, message));
        }
        names.extend(declared.iter().cloned());
        let flags = class.flags();
        let room = if flags.no_dict { 0 } else { self.expected_attributes(class) };
        let wraps = base.base_kind() != Kind::Instance;
        debug_assert!(!flags.is_exception || first >= EXCEPTION_SLOTS);
        let shape_flags = ShapeFlags {
            finaliser: flags.has_finaliser,
            wraps,
            exception: flags.is_exception,
            no_dict: flags.no_dict,
            weak_references: flags.has_weak_references,
            ..ShapeFlags::default()
        };
        // An even number of slots fills a block.
        let capacity = (names.len() + room).next_multiple_of(2);
        heap.set_instance_layout(class, &names, capacity, shape_flags);
        Ok(first)
    }

    /// How many attributes instances will probably have: those that methods assign to through `self`.
    fn expected_attributes(&self, class: Class<'_>) -> usize {
        let heap = self.heap();
        let mut names: Vec<Owned> = Vec::new();
        let mut note = |name: Ref<'_>| {
            if !names.iter().any(|other| other.value() == name.value()) {
                names.push(name.to_owned());
            }
        };
        for class in (0..class.mro_len()).filter_map(|index| class.mro_get(index)) {
            let Some(class) = class.get().as_class(heap).filter(|class| !class.flags().is_builtin) else { continue };
            let assigned = class.dict().get_str(heap.name(Name::StaticAttributes));
            if let Some(assigned) = assigned.as_ref().and_then(|assigned| assigned.get().as_tuple()) {
                assigned.iter().for_each(&mut note);
            }
            // Fields of data classes are assigned by generated code.
            let annotations = class.dict().get_str(heap.name(Name::Annotations));
            if let Some(annotations) = annotations.as_ref().and_then(|annotations| annotations.get().as_dict()) {
                let mut position = 0;
                while let Some((index, name, _)) = annotations.entry_from(position) {
                    position = index + 1;
                    note(name.get());
                }
            }
        }
        let extra = if class.flags().is_exception { 2 } else { 0 };
        if names.is_empty() { UNKNOWN_ATTRIBUTES } else { names.len() + extra }
    }
}
