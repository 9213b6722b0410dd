//! `__dict__` and `__weakref__`: the attributes that instances have without asking, and their descriptors in the class that
//! first gives its instances a dict, or a place for weak references.

use toy_object::{Class, FunctionField, Kind, Owned, Ref};

use super::Held;
use super::descriptor::Descriptor;
use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// The descriptor of such an attribute.
pub struct Implicit {
    /// The class that it stands in.
    pub class: Held,
    /// Which of them it is.
    pub attribute: ImplicitAttribute,
}

/// What instances have without asking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ImplicitAttribute {
    /// `__dict__`.
    Dict,
    /// `__weakref__`.
    WeakReference,
}

impl ImplicitAttribute {
    /// The attribute's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dict => "__dict__",
            Self::WeakReference => "__weakref__",
        }
    }

    /// What documentation says of it.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Dict => "dictionary for instance variables",
            Self::WeakReference => "list of weak references to the object",
        }
    }
}

impl Vm {
    /// Puts the descriptor of such an attribute into a class, unless its namespace has something of that name.
    pub fn add_implicit(&mut self, class: Ref<'_>, attribute: ImplicitAttribute) -> Outcome<()> {
        let heap = self.heap();
        let Some(view) = class.as_class(heap) else { return Ok(()) };
        let name = self.intern(attribute.name())?;
        if view.dict().get_str(name.get()).is_none() {
            let implicit = Implicit { class: Held::new(class.to_owned()), attribute };
            let descriptor = self.new_descriptor(Descriptor::Implicit(implicit))?;
            drop(view.set(heap, name.get(), descriptor)?);
        }
        Ok(())
    }

    /// What such an attribute is for an object.
    pub(super) fn implicit_attribute(&mut self, attribute: ImplicitAttribute, object: Ref<'_>) -> Outcome {
        let value = match attribute {
            ImplicitAttribute::Dict => self.attribute_dict(object)?,
            ImplicitAttribute::WeakReference => {
                Some(self.heap().first_weak_reference(object).unwrap_or_else(Owned::none))
            }
        };
        match value {
            Some(value) => Ok(value),
            None => {
                let name = self.intern(attribute.name())?;
                Err(self.raise_attribute_error(object, name.get()))
            }
        }
    }

    /// Assigns to such an attribute; no value: deletes it.
    pub(super) fn set_implicit_attribute(
        &mut self,
        implicit: &Implicit,
        object: Ref<'_>,
        value: Option<Ref<'_>>,
    ) -> Outcome<()> {
        let heap = self.heap();
        let class = implicit.class.get_or_none();
        let is_builtin = class.get().as_class(heap).is_some_and(|class| class.flags().is_builtin);
        match (implicit.attribute, value) {
            (ImplicitAttribute::Dict, _) if object.as_module(heap).is_some() => {
                Err(self.raise(ClassName::AttributeError, "readonly attribute"))
            }
            (ImplicitAttribute::Dict, Some(value)) => self.set_attribute_dict(object, value),
            (ImplicitAttribute::Dict, None) if is_builtin => {
                Err(self.raise(ClassName::TypeError, "cannot delete __dict__"))
            }
            (ImplicitAttribute::Dict, None) => {
                // Deleted, it is empty when it is next looked at.
                let empty = self.new_dict()?;
                self.set_attribute_dict(object, empty.get())
            }
            (ImplicitAttribute::WeakReference, _) => {
                let class = class.get().as_class(heap).map_or_else(String::new, Class::name_text);
                let message = format!("attribute '{}' of '{class}' objects is not writable", implicit.attribute.name());
                Err(self.raise(ClassName::AttributeError, message))
            }
        }
    }

    /// The `__dict__` of an instance, function, module or native object; `None` if it has none.
    pub fn attribute_dict(&mut self, object: Ref<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        match self.kind_of(object) {
            Kind::Instance => {
                let has_none = heap.shape(object.shape()).flags().no_dict;
                let Some(instance) = object.as_instance(heap).filter(|_| !has_none) else { return Ok(None) };
                Ok(Some(instance.dict(heap)?))
            }
            Kind::Function => {
                let Some(function) = object.as_function() else { return Ok(None) };
                if let Some(attributes) = function.get(FunctionField::Attributes) {
                    return Ok(Some(attributes));
                }
                let attributes = self.new_dict()?;
                drop(function.set(FunctionField::Attributes, attributes.clone()));
                Ok(Some(attributes))
            }
            Kind::Module => Ok(object.as_module(heap).map(|module| module.dict().to_owned())),
            Kind::Native => Ok(object.native_dict_or_new(heap)?),
            _ => Ok(None),
        }
    }

    /// `object.__dict__ = dict` of an instance or a function.
    ///
    /// # Errors
    /// `TypeError` if it is no dict, `AttributeError` if the object has none of its own.
    fn set_attribute_dict(&mut self, object: Ref<'_>, dict: Ref<'_>) -> Outcome<()> {
        let heap = self.heap();
        if dict.as_dict().is_none() {
            let message = format!("__dict__ must be set to a dictionary, not a '{}'", self.type_name(dict));
            return Err(self.raise(ClassName::TypeError, message));
        }
        let has_none = heap.shape(object.shape()).flags().no_dict;
        if let Some(instance) = object.as_instance(heap).filter(|_| !has_none) {
            drop(instance.set_dict(heap, dict.to_owned())?);
            return Ok(());
        }
        if let Some(function) = object.as_function() {
            drop(function.set(FunctionField::Attributes, dict.to_owned()));
            return Ok(());
        }
        if object.set_native_dict(heap, dict.to_owned())?.is_some() {
            return Ok(());
        }
        let class = self.type_name(object);
        Err(self.raise(ClassName::AttributeError, format!("attribute '__dict__' of '{class}' objects is not writable")))
    }
}
