//! `super`: attributes from behind a class in the resolution order.

use toy_object::{Owned, Payload, Ref};

use super::Held;
use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// The payload of a `super` object.
pub struct Super {
    /// `__thisclass__`: the search starts behind it.
    pub class: Held,
    /// `__self__`: what methods are bound to; nothing if unbound.
    pub object: Held,
    /// `__self_class__`: whose resolution order is searched.
    pub object_class: Held,
}

/// A method from behind the class that a function is defined in.
pub(crate) struct SuperMethod {
    pub(crate) function: Owned,
    /// The first argument of the function that asks.
    pub(crate) receiver: Owned,
    /// The class behind which it was found.
    pub(crate) class: Owned,
}

impl Payload for Super {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        [&self.class, &self.object, &self.object_class].into_iter().for_each(|held| held.visit(visit));
    }

    fn clear(&self) {
        [&self.class, &self.object, &self.object_class].into_iter().for_each(Held::clear);
    }
}

impl Super {
    /// Takes over what another one was made of.
    pub fn become_like(&self, other: &Self) {
        let fields =
            [(&self.class, &other.class), (&self.object, &other.object), (&self.object_class, &other.object_class)];
        for (field, source) in fields {
            drop(field.set(source.get().unwrap_or_else(Owned::unbound)));
        }
    }
}

impl Vm {
    /// One that its `__init__` has to fill.
    pub fn new_empty_super(&mut self) -> Outcome {
        let empty = || Held::optional(None);
        let shape = self.class_shape(ClassName::Super);
        Ok(self.new_native(shape, Super { class: empty(), object: empty(), object_class: empty() })?)
    }

    /// `super(class, object)`; without an object it is unbound.
    pub fn new_super(&mut self, class: Ref<'_>, object: Option<Ref<'_>>) -> Outcome {
        let heap = self.heap();
        let Some(view) = class.as_class(heap) else {
            let message = format!("super() argument 1 must be a type, not {}", self.type_name(class));
            return Err(self.raise(ClassName::TypeError, message));
        };
        let object_class = match object {
            None => None,
            Some(object) => Some(self.super_search_class(class, object)?.ok_or_else(|| {
                let kind = if object.as_class(heap).is_some() { "type" } else { "instance of" };
                let got = match object.as_class(heap) {
                    Some(class) => class.name_text(),
                    None => self.type_name(object),
                };
                let message = format!(
                    "super(type, obj): obj ({kind} {got}) is not an instance or subtype of type ({}).",
                    view.name_text()
                );
                self.raise(ClassName::TypeError, message)
            })?),
        };
        let payload = Super {
            class: Held::new(class.to_owned()),
            object: Held::optional(object.map(Ref::to_owned)),
            object_class: Held::optional(object_class),
        };
        let shape = self.class_shape(ClassName::Super);
        Ok(self.new_native(shape, payload)?)
    }

    /// Whose resolution order `super(class, object)` searches.
    fn super_search_class(&mut self, class: Ref<'_>, object: Ref<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        if let Some(view) = object.as_class(heap)
            && view.is_subclass_of(class)
        {
            return Ok(Some(object.to_owned()));
        }
        let view = self.class_view(object);
        if view.is_subclass_of(class) {
            return Ok(Some(view.as_ref().to_owned()));
        }
        // Proxies say what they stand for in `__class__`.
        let name = heap.name(toy_object::Name::Class);
        let claimed = self.find_attribute(object, name)?;
        Ok(claimed.filter(|claimed| claimed.get().as_class(heap).is_some_and(|claimed| claimed.is_subclass_of(class))))
    }

    /// The function that a `super` object, and none of a subclass, finds behind its class and binds to its object, and that object.
    pub(crate) fn super_method(&self, object: Ref<'_>, name: Ref<'_>) -> Option<(Owned, Owned)> {
        let heap = self.heap();
        if object.shape() != self.class_shape(ClassName::Super) {
            return None;
        }
        let view = object.payload::<Super>(heap)?;
        let (receiver, search) = (view.object.get()?, view.object_class.get()?);
        if receiver.get().is(search.get()) {
            return None;
        }
        let found = search.get().as_class(heap)?.lookup_behind(heap, view.class.get()?.get(), name)?;
        self.is_method(found.get()).then_some((found, receiver))
    }

    /// What `super().name` finds and binds in the running function, and to what, if that is a method of an instance. Whoever says
    /// `super()` has made sure that it means the class `super`.
    pub(crate) fn method_of_caller_super(&self, name: Ref<'_>) -> Option<SuperMethod> {
        let heap = self.heap();
        let class = self.caller_class_cell()??;
        let receiver = self.caller_first_argument()??;
        let search = self.class_view(receiver.get());
        let is_special = receiver.get().as_class(heap).is_some() || name.is(heap.name(toy_object::Name::Class));
        if is_special || !search.is_subclass_of(class.get()) {
            return None;
        }
        let function = search.lookup_behind(heap, class.get(), name).filter(|found| self.is_method(found.get()))?;
        Some(SuperMethod { function, receiver, class })
    }

    /// An attribute that a `super` object finds behind its class; `None` if there is none.
    pub(crate) fn super_attribute(&mut self, view: &Super, name: Ref<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        let (Some(object), Some(search)) = (view.object.get(), view.object_class.get()) else { return Ok(None) };
        // `super().__class__` is `super` itself.
        if name.is(heap.name(toy_object::Name::Class)) {
            return Ok(None);
        }
        let start = view.class.get_or_none();
        let found = search.get().as_class(heap).and_then(|search| search.lookup_behind(heap, start.get(), name));
        let Some(found) = found else { return Ok(None) };
        if object.get().is(search.get()) {
            return self.bind_to_class(found.get(), search.get()).map(Some);
        }
        self.bind(found.get(), object.get(), search.get()).map(Some)
    }
}
