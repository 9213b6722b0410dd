//! `isinstance` and `issubclass`.

use toy_object::{Class, Name, Owned, Ref, ShapeId};

use super::alias::{GenericAlias, UnionType};
use crate::classes::ClassName;
use crate::native::Outcome;
use crate::run::native_row;
use crate::thread::Vm;

const INSTANCE_COMPLAINT: &str = "isinstance() arg 2 must be a type, a tuple of types, or a union";
const SUBCLASS_COMPLAINT: &str = "issubclass() arg 2 must be a class, a tuple of classes, or a union";

impl Vm {
    /// `isinstance(value, class_or_tuple)`.
    pub fn is_instance(&mut self, value: Ref<'_>, class_or_tuple: Ref<'_>) -> Outcome<bool> {
        let heap = self.heap();
        if heap.class_of(value).is(class_or_tuple) {
            return Ok(true);
        }
        if class_or_tuple.shape() == ShapeId::CLASS {
            return self.is_plain_instance(value, class_or_tuple);
        }
        if let Some(classes) = class_or_tuple.as_tuple() {
            self.check_stack_while("in __instancecheck__")?;
            for class in classes.iter() {
                if self.is_instance(value, class)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(union) = class_or_tuple.payload::<UnionType>(heap) {
            for class in union.members() {
                let class = if class.get().is_none() { self.class(ClassName::NoneType) } else { class };
                if class.get().payload::<GenericAlias>(heap).is_some() {
                    let message = "isinstance() argument 2 cannot be a parameterized generic";
                    return Err(self.raise(ClassName::TypeError, message));
                }
                if self.is_instance(value, class.get())? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if class_or_tuple.payload::<GenericAlias>(heap).is_some() {
            return Err(self.raise(ClassName::TypeError, "isinstance() argument 2 cannot be a parameterized generic"));
        }
        match self.check_hook(class_or_tuple, Name::InstanceCheck, value)? {
            Some(answer) => Ok(answer),
            None => self.is_plain_instance(value, class_or_tuple),
        }
    }

    /// What the class of a class, or of what stands for one, says in a method of its own.
    fn check_hook(&mut self, class: Ref<'_>, hook: Name, argument: Ref<'_>) -> Outcome<Option<bool>> {
        let Some(method) = self.lookup_special(class, hook) else { return Ok(None) };
        let is_types_own = class.as_class(self.heap()).is_some() && native_row(method.get()).is_some();
        if is_types_own && !self.is_extension(method.get()) {
            return Ok(None);
        }
        let answer = self.call_found(method.get(), class, &[argument])?;
        self.truth(answer.get()).map(Some)
    }

    /// Whether a native method belongs to another class than `type`.
    fn is_extension(&self, method: Ref<'_>) -> bool {
        let home = method.as_native_function().and_then(|function| function.home());
        home.is_some_and(|home| !home.is(self.class(ClassName::Type).get()))
    }

    /// What `type.__instancecheck__` does: the class, or what `__class__` claims, is in the resolution order.
    pub fn is_plain_instance(&mut self, value: Ref<'_>, class: Ref<'_>) -> Outcome<bool> {
        let heap = self.heap();
        if class.as_class(heap).is_none() {
            self.check_class_like(class, INSTANCE_COMPLAINT)?;
            let claimed = self.find_attribute(value, heap.name(Name::Class))?;
            return claimed.map_or(Ok(false), |claimed| self.descends_from(claimed, class));
        }
        let own = self.class_view(value);
        if own.is_subclass_of(class) {
            return Ok(true);
        }
        // Proxies say what they stand for in `__class__`.
        if own.flags().is_builtin && !own.flags().has_get_attribute {
            return Ok(false);
        }
        let is_overridden = own.flags().has_get_attribute
            || own
                .lookup(heap, heap.name(Name::Class))
                .is_some_and(|found| !self.is_builtin_class_attribute(found.get()));
        if !is_overridden {
            return Ok(false);
        }
        let claimed = self.find_attribute(value, heap.name(Name::Class))?;
        Ok(claimed
            .is_some_and(|claimed| claimed.get().as_class(heap).is_some_and(|claimed| claimed.is_subclass_of(class))))
    }

    /// Whether this is `object`'s own `__class__`.
    fn is_builtin_class_attribute(&self, found: Ref<'_>) -> bool {
        use super::descriptor::Descriptor;
        matches!(found.payload::<Descriptor>(self.heap()), Some(Descriptor::GetSet(_)))
    }

    /// `issubclass(class, class_or_tuple)`.
    pub fn is_subclass(&mut self, class: Ref<'_>, class_or_tuple: Ref<'_>) -> Outcome<bool> {
        let heap = self.heap();
        if class_or_tuple.shape() == ShapeId::CLASS {
            return self.is_plain_subclass(class, class_or_tuple);
        }
        if let Some(classes) = class_or_tuple.as_tuple() {
            self.check_stack_while("in __subclasscheck__")?;
            for other in classes.iter() {
                if self.is_subclass(class, other)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(union) = class_or_tuple.payload::<UnionType>(heap) {
            for other in union.members() {
                let other = if other.get().is_none() { self.class(ClassName::NoneType) } else { other };
                if self.is_subclass(class, other.get())? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if class_or_tuple.payload::<GenericAlias>(heap).is_some() {
            return Err(self.raise(ClassName::TypeError, "issubclass() argument 2 cannot be a parameterized generic"));
        }
        match self.check_hook(class_or_tuple, Name::SubclassCheck, class)? {
            Some(answer) => Ok(answer),
            None => self.is_plain_subclass(class, class_or_tuple),
        }
    }

    /// What `type.__subclasscheck__` does.
    pub fn is_plain_subclass(&mut self, class: Ref<'_>, other: Ref<'_>) -> Outcome<bool> {
        let heap = self.heap();
        if let (Some(view), Some(_)) = (class.as_class(heap), other.as_class(heap)) {
            return Ok(view.is_subclass_of(other));
        }
        self.check_class_like(class, "issubclass() arg 1 must be a class")?;
        self.check_class_like(other, SUBCLASS_COMPLAINT)?;
        self.descends_from(class.to_owned(), other)
    }

    /// `TypeError` unless an object is a class, or has a tuple `__bases__` as a class has.
    fn check_class_like(&mut self, class: Ref<'_>, complaint: &str) -> Outcome<()> {
        match self.bases_of(class)? {
            Some(_) => Ok(()),
            None => Err(self.raise(ClassName::TypeError, complaint)),
        }
    }

    /// `__bases__`, if it is a tuple.
    fn bases_of(&mut self, class: Ref<'_>) -> Outcome<Option<Owned>> {
        let bases = self.find_attribute(class, self.heap().name(Name::Bases))?;
        Ok(bases.filter(|bases| bases.get().as_tuple().is_some()))
    }

    /// Whether `__bases__`, followed from `class` on, lead to `other`.
    fn descends_from(&mut self, class: Owned, other: Ref<'_>) -> Outcome<bool> {
        self.check_stack()?;
        let mut class = class;
        loop {
            if class.get().is(other) {
                return Ok(true);
            }
            let Some(bases) = self.bases_of(class.get())? else { return Ok(false) };
            let bases: Vec<Owned> =
                bases.get().as_tuple().into_iter().flat_map(|bases| bases.iter()).map(Ref::to_owned).collect();
            match &bases[..] {
                [] => return Ok(false),
                [base] => class = base.clone(),
                _ => {
                    for base in bases {
                        if self.descends_from(base, other)? {
                            return Ok(true);
                        }
                    }
                    return Ok(false);
                }
            }
        }
    }

    /// The classes of a resolution order.
    pub fn resolution_order(&self, class: Class<'_>) -> Vec<Owned> {
        (0..class.mro_len()).filter_map(|index| class.mro_get(index)).collect()
    }
}
