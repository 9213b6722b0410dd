//! Attributes: reading, setting and deleting by name.
//!
//! Invariant: names are interned before they are looked up; the public functions intern what is not.

use toy_object::{Class, ExceptionSlot, FunctionField, Kind, Name, Owned, Ref};

use super::alias::GenericAlias;
use super::descriptor::{Binding, Descriptor};
use super::super_object::Super;
use crate::classes::ClassName;
use crate::native::{NativeKind, Outcome, Raised, row_of};
use crate::places::is_function_of_library;
use crate::thread::Vm;

impl Vm {
    /// An attribute name as an interned string.
    pub fn intern_name(&mut self, name: Ref<'_>) -> Outcome {
        if name.as_exact_str().is_some() {
            return Ok(self.intern_str(name.to_owned()));
        }
        match name.as_str() {
            Some(text) => Ok(self.intern_str(text.as_ref().to_owned())),
            None => {
                let message = format!("attribute name must be string, not '{}'", self.type_name(name));
                Err(self.raise(ClassName::TypeError, message))
            }
        }
    }

    /// `object.name`.
    pub fn get_attribute(&mut self, object: Ref<'_>, name: Ref<'_>) -> Outcome {
        if !is_interned(name) {
            let name = self.intern_name(name)?;
            return self.get_attribute(object, name.get());
        }
        match self.lookup_attribute(object, name) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(self.raise_attribute_error(object, name)),
            Err(raised) => {
                self.tell_what_was_read(object, name);
                Err(raised)
            }
        }
    }

    /// `object.name`, or `None` where that would raise `AttributeError`.
    pub fn find_attribute(&mut self, object: Ref<'_>, name: Ref<'_>) -> Outcome<Option<Owned>> {
        if !is_interned(name) {
            let name = self.intern_name(name)?;
            return self.find_attribute(object, name.get());
        }
        match self.lookup_attribute(object, name) {
            Err(_) if self.raised_is(ClassName::AttributeError) => {
                drop(self.take_raised());
                Ok(None)
            }
            outcome => outcome,
        }
    }

    /// What `object.__getattribute__(name)` of `object`, `type` and `module` does: no overrides are asked.
    pub fn generic_get_attribute(&mut self, object: Ref<'_>, name: Ref<'_>) -> Outcome {
        if !is_interned(name) {
            let name = self.intern_name(name)?;
            return self.generic_get_attribute(object, name.get());
        }
        let class = self.class_view(object);
        match self.plain_attribute(object, name, class)? {
            Some(value) => Ok(value),
            None => Err(self.raise_attribute_error(object, name)),
        }
    }

    /// With overrides. `None`: there is none, and nothing was raised.
    fn lookup_attribute(&mut self, object: Ref<'_>, name: Ref<'_>) -> Outcome<Option<Owned>> {
        let class = self.class_view(object);
        let flags = class.flags();
        if !(flags.has_get_attribute || flags.has_get_attr) {
            return self.plain_attribute(object, name, class);
        }
        let found = if flags.has_get_attribute {
            self.call_special(object, Name::GetAttribute, &[name]).transpose()
        } else {
            self.plain_attribute(object, name, class)
        };
        match found {
            Ok(None) => {}
            Err(_) if flags.has_get_attr && self.raised_is(ClassName::AttributeError) => drop(self.take_raised()),
            found => return found,
        }
        self.call_special(object, Name::GetAttr, &[name]).transpose()
    }

    /// Without overrides. `None`: there is none, and nothing was raised.
    fn plain_attribute(&mut self, object: Ref<'_>, name: Ref<'_>, class: Class<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        match self.kind_of(object) {
            Kind::Class => self.class_attribute(object, name, class),
            Kind::Module => match self.instance_attribute(object, name, class)? {
                Some(value) => Ok(Some(value)),
                None => self.module_get_attr(object, name),
            },
            // A method shows the attributes of its function as its own, and complains in its name.
            Kind::BoundMethod => match self.instance_attribute(object, name, class)? {
                Some(value) => Ok(Some(value)),
                None => match object.as_bound_method() {
                    Some(method) => self.get_attribute(method.function(), name).map(Some),
                    None => Ok(None),
                },
            },
            Kind::Native => {
                if let Some(view) = object.payload::<Super>(heap) {
                    if let Some(value) = self.super_attribute(view, name)? {
                        return Ok(Some(value));
                    }
                } else if let Some(alias) = object.payload::<GenericAlias>(heap)
                    && alias.forwards(name)
                {
                    let origin = alias.origin();
                    return self.get_attribute(origin.get(), name).map(Some);
                }
                self.instance_attribute(object, name, class)
            }
            Kind::Instance if class.base_kind() == Kind::Native => {
                if let Some(view) = object.payload::<Super>(heap)
                    && let Some(value) = self.super_attribute(view, name)?
                {
                    return Ok(Some(value));
                }
                self.instance_attribute(object, name, class)
            }
            _ => self.instance_attribute(object, name, class),
        }
    }

    /// Whether attributes of this native are those of another object.
    pub(crate) fn has_attributes_elsewhere(&self, object: Ref<'_>) -> bool {
        object.payload::<Super>(self.heap()).is_some() || object.payload::<GenericAlias>(self.heap()).is_some()
    }

    fn instance_attribute(&mut self, object: Ref<'_>, name: Ref<'_>, class: Class<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        let found = class.lookup(heap, name);
        if let Some(found) = &found
            && self.binding_of(found.get()).is_data()
        {
            return self.bind(found.get(), object, class.as_ref()).map(Some);
        }
        if let Some(value) = self.own_attribute(object, name) {
            return Ok(Some(value));
        }
        match found {
            Some(found) => self.bind(found.get(), object, class.as_ref()).map(Some),
            None => Ok(None),
        }
    }

    /// An attribute that the object itself has, whatever its class says.
    pub(crate) fn own_attribute(&self, object: Ref<'_>, name: Ref<'_>) -> Option<Owned> {
        let heap = self.heap();
        match self.kind_of(object) {
            Kind::Instance => object.as_instance(heap)?.attribute(heap, name),
            Kind::Function => object.as_function()?.get(FunctionField::Attributes)?.get().as_dict()?.get_str(name),
            Kind::Module => object.as_module(heap)?.dict().as_dict()?.get_str(name),
            Kind::Native => object.native_dict(heap)?.get().as_dict()?.get_str(name),
            _ => None,
        }
    }

    /// The module function `__getattr__`.
    fn module_get_attr(&mut self, module: Ref<'_>, name: Ref<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        let Some(function) = self.own_attribute(module, heap.name(Name::GetAttr)) else { return Ok(None) };
        let found = self.call_back(function.get(), &[name]);
        if found.is_err() && self.raised_is(ClassName::AttributeError) && is_function_of_library(function.get()) {
            // That a module of the library loads parts of itself when they are asked for is its own affair.
            let exception = self.take_raised();
            drop(self.set_exception_slot(exception.get(), ExceptionSlot::Traceback, Owned::none()));
            return Err(self.raise_again(exception));
        }
        found.map(Some)
    }

    fn class_attribute(&mut self, object: Ref<'_>, name: Ref<'_>, metaclass: Class<'_>) -> Outcome<Option<Owned>> {
        let heap = self.heap();
        let Some(class) = object.as_class(heap) else { return Ok(None) };
        let in_metaclass = metaclass.lookup(heap, name);
        if let Some(found) = &in_metaclass
            && self.binding_of(found.get()).is_data()
        {
            return self.bind(found.get(), object, metaclass.as_ref()).map(Some);
        }
        if let Some(found) = class.lookup(heap, name) {
            return self.bind_to_class(found.get(), object).map(Some);
        }
        match in_metaclass {
            Some(found) => self.bind(found.get(), object, metaclass.as_ref()).map(Some),
            None => Ok(None),
        }
    }

    /// The native method that reading an attribute would bind to the object, if it is that simple: no script has a say in it.
    pub fn native_method(&self, object: Ref<'_>, name: Name) -> Option<Owned> {
        let heap = self.heap();
        let (class, name) = (self.class_view(object), heap.name(name));
        let flags = class.flags();
        let is_plain = matches!(self.kind_of(object), Kind::Instance | Kind::Native) && !flags.has_get_attribute;
        let method = class.lookup(heap, name).filter(|_| is_plain)?;
        let is_native = row_of(method.get()).is_some_and(|row| row.kind == NativeKind::Method);
        (is_native && self.own_attribute(object, name).is_none()).then_some(method)
    }

    /// A special method as it stands in the class.
    #[inline]
    pub fn lookup_special(&self, object: Ref<'_>, name: Name) -> Option<Owned> {
        let heap = self.heap();
        self.class_view(object).lookup(heap, heap.name(name))
    }

    /// Whether the class has a special method.
    #[inline]
    pub fn has_special(&self, object: Ref<'_>, name: Name) -> bool {
        self.lookup_special(object, name).is_some()
    }

    /// `object.name = value`.
    pub fn set_attribute(&mut self, object: Ref<'_>, name: Ref<'_>, value: Ref<'_>) -> Outcome<()> {
        if !is_interned(name) {
            let name = self.intern_name(name)?;
            return self.set_attribute(object, name.get(), value);
        }
        if self.class_view(object).flags().has_set_attr
            && let Some(result) = self.call_special(object, Name::SetAttr, &[name, value])
        {
            return result.map(drop);
        }
        self.generic_set_attribute(object, name, value)
    }

    /// `del object.name`.
    pub fn delete_attribute(&mut self, object: Ref<'_>, name: Ref<'_>) -> Outcome<()> {
        if !is_interned(name) {
            let name = self.intern_name(name)?;
            return self.delete_attribute(object, name.get());
        }
        if self.class_view(object).flags().has_del_attr
            && let Some(result) = self.call_special(object, Name::DelAttr, &[name])
        {
            return result.map(drop);
        }
        self.generic_delete_attribute(object, name)
    }

    /// What `object.__setattr__(name, value)` of `object` and `type` does: no overrides are asked.
    pub fn generic_set_attribute(&mut self, object: Ref<'_>, name: Ref<'_>, value: Ref<'_>) -> Outcome<()> {
        self.change_attribute(object, name, Some(value))
    }

    /// What `object.__delattr__(name)` of `object` and `type` does: no overrides are asked.
    pub fn generic_delete_attribute(&mut self, object: Ref<'_>, name: Ref<'_>) -> Outcome<()> {
        self.change_attribute(object, name, None)
    }

    fn change_attribute(&mut self, object: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> Outcome<()> {
        if !is_interned(name) {
            let name = self.intern_name(name)?;
            return self.change_attribute(object, name.get(), value);
        }
        let heap = self.heap();
        if let Some(class) = object.as_class(heap)
            && class.flags().is_builtin
        {
            let (name, class) = (self.str_text(name)?, self.name_in_messages(class));
            let message = format!("cannot set '{name}' attribute of immutable type '{class}'");
            return Err(self.raise(ClassName::TypeError, message));
        }
        let found = self.class_view(object).lookup(heap, name);
        if let Some(found) = &found {
            let binding = self.binding_of(found.get());
            let applies = match binding {
                Binding::Builtin(Descriptor::Static(_) | Descriptor::Class(_)) => false,
                Binding::Builtin(_) => true,
                // One that can only do the other says so.
                Binding::Script { .. } => {
                    self.has_special(found.get(), Name::Set) || self.has_special(found.get(), Name::Delete)
                }
                Binding::Plain | Binding::Function => false,
            };
            if applies {
                return self.set_through(found.get(), binding, object, value);
            }
        }
        match self.change_own_attribute(object, name, value)? {
            Changed::Done => Ok(()),
            Changed::Missing if object.as_module(self.heap()).is_some() => {
                let attribute = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
                let message = format!("'{}' object has no attribute '{attribute}'", self.type_name(object));
                Err(self.raise(ClassName::AttributeError, message))
            }
            Changed::Missing => Err(self.raise_attribute_error(object, name)),
            Changed::NoDict => Err(self.no_place_error(object, name, found.is_some())),
        }
    }

    fn change_own_attribute(&mut self, object: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> Outcome<Changed> {
        let heap = self.heap();
        let is_gone = |old: Option<Owned>| if old.is_some() { Changed::Done } else { Changed::Missing };
        match self.kind_of(object) {
            Kind::Instance => {
                let Some(instance) = object.as_instance(heap) else { return Ok(Changed::NoDict) };
                match value {
                    Some(value) => {
                        let old = instance.set_attribute(heap, name, value.to_owned())?;
                        Ok(if old.is_some() { Changed::Done } else { Changed::NoDict })
                    }
                    None => {
                        let old = instance.delete_attribute(heap, name)?;
                        let no_dict = heap.shape(object.shape()).flags().no_dict;
                        Ok(if old.is_none() && no_dict { Changed::NoDict } else { is_gone(old) })
                    }
                }
            }
            Kind::Class => {
                let Some(class) = object.as_class(heap) else { return Ok(Changed::NoDict) };
                let changed = match value {
                    Some(value) => {
                        drop(class.set(heap, name, value.to_owned())?);
                        Changed::Done
                    }
                    None => is_gone(class.delete(heap, name)),
                };
                self.class_changed(class, name);
                Ok(changed)
            }
            Kind::Function => {
                let Some(function) = object.as_function() else { return Ok(Changed::NoDict) };
                let attributes = match function.get(FunctionField::Attributes) {
                    Some(attributes) => attributes,
                    None => {
                        let attributes = self.new_dict()?;
                        drop(function.set(FunctionField::Attributes, attributes.clone()));
                        attributes
                    }
                };
                change_dict(self, attributes.get(), name, value)
            }
            Kind::Module => match object.as_module(heap) {
                Some(module) => change_dict(self, module.dict(), name, value),
                None => Ok(Changed::NoDict),
            },
            Kind::Native => {
                // Nothing is made only to find that there is nothing to delete.
                let attributes = match value {
                    Some(_) => object.native_dict_or_new(heap)?,
                    None => object.native_dict(heap),
                };
                match attributes {
                    Some(attributes) => change_dict(self, attributes.get(), name, value),
                    None if heap.shape(object.shape()).flags().attributes => Ok(Changed::Missing),
                    None => Ok(Changed::NoDict),
                }
            }
            _ => Ok(Changed::NoDict),
        }
    }

    #[cold]
    fn no_place_error(&mut self, object: Ref<'_>, name: Ref<'_>, is_in_class: bool) -> Raised {
        let class = self.type_name(object);
        let attribute = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let message = if is_in_class {
            format!("'{class}' object attribute '{attribute}' is read-only")
        } else {
            format!("'{class}' object has no attribute '{attribute}' and no __dict__ for setting new attributes")
        };
        let raised = self.raise(ClassName::AttributeError, message);
        self.annotate_raised(&[("name", name), ("obj", object)]);
        raised
    }
}

/// What became of a change.
enum Changed {
    Done,
    /// Nothing to delete.
    Missing,
    /// The object cannot have attributes of its own, or not this one.
    NoDict,
}

fn change_dict(vm: &mut Vm, dict: Ref<'_>, name: Ref<'_>, value: Option<Ref<'_>>) -> Outcome<Changed> {
    let heap = vm.heap();
    let Some(dict) = dict.as_dict() else { return Ok(Changed::NoDict) };
    match value {
        Some(value) => drop(dict.set_str(heap, name, value.to_owned())?),
        None => match dict.remove_str(name) {
            Some(old) => drop(old),
            None => return Ok(Changed::Missing),
        },
    }
    Ok(Changed::Done)
}

/// Whether a name can be looked up as it stands.
#[inline]
fn is_interned(name: Ref<'_>) -> bool {
    name.as_exact_str().is_some_and(|text| text.is_interned())
}
