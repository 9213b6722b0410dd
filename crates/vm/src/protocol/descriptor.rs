//! Descriptors: what stands in a class and decides what an attribute of an instance is.
//!
//! | found in the class | reading `instance.name` gives | before the instance's own attributes? |
//! |---|---|---|
//! | function, native method | a bound method | no |
//! | static method | the function | no |
//! | class method | a method bound to the class | no |
//! | property, getter and setter, slot | what its getter gives | yes |
//! | object whose class defines `__get__` | what `__get__` gives | if its class defines `__set__` or `__delete__` |
//! | object whose class defines only these two | itself | no |
//! | anything else | itself | no |

use std::cell::Cell;

use toy_object::{Kind, Name, Owned, Payload, Ref, ShapeId};

use super::Held;
use super::implicit::Implicit;
use crate::classes::ClassName;
use crate::native::{NativeKind, Outcome, Raised};
use crate::run::native_row;
use crate::thread::Vm;

/// The builtin descriptors, as the payload of native objects.
pub enum Descriptor {
    /// `property`.
    Property(Property),
    /// `staticmethod`.
    Static(Held),
    /// `classmethod`.
    Class(Held),
    /// An attribute of a builtin class, written in Rust.
    GetSet(GetSet),
    /// A slot that `__slots__` declares, or a field of a builtin exception.
    Member(Member),
    /// `__dict__` or `__weakref__` of instances.
    Implicit(Implicit),
}

/// A property's functions.
pub struct Property {
    /// `fget`.
    pub getter: Held,
    /// `fset`.
    pub setter: Held,
    /// `fdel`.
    pub deleter: Held,
    /// `__doc__`.
    pub doc: Held,
    /// The documentation is the getter's, so that another getter brings another.
    pub has_getters_doc: Cell<bool>,
    /// `__name__`, as `__set_name__` told it.
    pub name: Held,
}

/// An attribute of a builtin class, written in Rust.
pub struct GetSet {
    /// The attribute's name.
    pub name: &'static str,
    /// What documentation says of it.
    pub doc: &'static str,
    /// Whether it is shown as a field of the object, as `__slots__` make them, and refused as one.
    pub is_member: bool,
    /// The class that it belongs to.
    pub class: Held,
    /// A native function of the receiver.
    pub getter: Held,
    /// A native function of the receiver and the value (unbound: delete).
    pub setter: Held,
}

/// A slot that `__slots__` declares.
pub struct Member {
    /// The class that declares it.
    pub class: Held,
    /// The attribute's name.
    pub name: Held,
    /// Which slot of the instances it is.
    pub slot: usize,
    /// Whether the attribute is None while the slot is empty, and not missing.
    pub is_none_while_empty: bool,
}

impl Payload for Descriptor {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.fields().into_iter().for_each(|field| field.visit(visit));
    }

    fn clear(&self) {
        self.fields().into_iter().for_each(Held::clear);
    }
}

impl Descriptor {
    fn fields(&self) -> Vec<&Held> {
        match self {
            Self::Property(property) => {
                vec![&property.getter, &property.setter, &property.deleter, &property.doc, &property.name]
            }
            Self::Static(function) | Self::Class(function) => vec![function],
            Self::GetSet(attribute) => vec![&attribute.class, &attribute.getter, &attribute.setter],
            Self::Member(member) => vec![&member.class, &member.name],
            Self::Implicit(implicit) => vec![&implicit.class],
        }
    }
}

/// What a value found in a class does to the access of an attribute.
#[derive(Clone, Copy)]
pub(crate) enum Binding<'a> {
    /// Nothing.
    Plain,
    /// It is a function that takes the instance as its first argument.
    Function,
    /// A builtin descriptor.
    Builtin(&'a Descriptor),
    /// Its class, written in toy or by a library, defines `__get__`, `__set__` or `__delete__`.
    Script {
        /// Defines `__get__`, and also `__set__` or `__delete__`.
        is_data: bool,
    },
}

impl Binding<'_> {
    /// Whether it comes before the instance's own attributes.
    pub(crate) fn is_data(self) -> bool {
        match self {
            Self::Plain | Self::Function => false,
            Self::Builtin(Descriptor::Static(_) | Descriptor::Class(_)) => false,
            Self::Builtin(_) => true,
            Self::Script { is_data } => is_data,
        }
    }
}

impl Vm {
    /// What a value found in a class does to the access of an attribute.
    pub(crate) fn binding_of<'a>(&self, found: Ref<'a>) -> Binding<'a> {
        let heap = self.heap();
        match found.shape() {
            ShapeId::FUNCTION => Binding::Function,
            ShapeId::NATIVE_FUNCTION => {
                let is_method = native_row(found).is_some_and(|row| row.kind == NativeKind::Method);
                let is_free = found.as_native_function().is_some_and(|function| function.receiver().is_none());
                if is_method && is_free { Binding::Function } else { Binding::Plain }
            }
            ShapeId::CLASS => Binding::Plain,
            shape => match heap.shape(shape).kind() {
                Kind::Native => match found.payload::<Descriptor>(heap) {
                    Some(descriptor) => Binding::Builtin(descriptor),
                    None => self.script_binding(found),
                },
                Kind::Instance | Kind::Class => self.script_binding(found),
                _ => Binding::Plain,
            },
        }
    }

    fn script_binding(&self, found: Ref<'_>) -> Binding<'static> {
        let takes_changes = self.has_special(found, Name::Set) || self.has_special(found, Name::Delete);
        let is_read = self.has_special(found, Name::Get);
        if takes_changes || is_read { Binding::Script { is_data: takes_changes && is_read } } else { Binding::Plain }
    }

    /// What a value found in the class of `object` gives as an attribute of `object`.
    pub fn bind(&mut self, found: Ref<'_>, object: Ref<'_>, class: Ref<'_>) -> Outcome {
        match self.binding_of(found) {
            Binding::Plain => Ok(found.to_owned()),
            Binding::Function => self.bind_function(found, object),
            Binding::Builtin(descriptor) => self.get_through(descriptor, object, class),
            Binding::Script { .. } => match self.call_special(found, Name::Get, &[object, class]) {
                Some(result) => result,
                None => Ok(found.to_owned()),
            },
        }
    }

    /// What a value found in a class gives as an attribute of `class` itself.
    pub fn bind_to_class(&mut self, found: Ref<'_>, class: Ref<'_>) -> Outcome {
        match self.binding_of(found) {
            Binding::Plain | Binding::Function => Ok(found.to_owned()),
            Binding::Builtin(descriptor) => self.get_through_class(descriptor, found, class),
            Binding::Script { .. } => match self.call_special(found, Name::Get, &[Ref::NONE, class]) {
                Some(result) => result,
                None => Ok(found.to_owned()),
            },
        }
    }

    /// A function with its first argument: `builtin_function_or_method` for natives, else `method`.
    pub(crate) fn bind_function(&mut self, function: Ref<'_>, receiver: Ref<'_>) -> Outcome {
        if let Some(row) = native_row(function) {
            let home = function.as_native_function().and_then(|function| function.home()).map(Ref::to_owned);
            return Ok(self.new_function_of_row(row, Some(receiver.to_owned()), home)?);
        }
        Ok(self.new_bound_method(function.to_owned(), receiver.to_owned())?)
    }

    fn bind_class_method(&mut self, function: &Held, class: Ref<'_>) -> Outcome {
        let function = function.get_or_none();
        match function.get().shape() {
            ShapeId::FUNCTION => self.bind_function(function.get(), class),
            // A native class method takes the class as its receiver.
            ShapeId::NATIVE_FUNCTION if native_row(function.get()).is_some_and(|row| row.kind == NativeKind::Class) => {
                self.bind_function(function.get(), class)
            }
            _ => Ok(self.new_bound_method(function, class.to_owned())?),
        }
    }

    /// What a builtin descriptor that stands in `found` gives as an attribute of `class` itself: `__get__(None, class)`.
    pub fn get_through_class(&mut self, descriptor: &Descriptor, found: Ref<'_>, class: Ref<'_>) -> Outcome {
        match descriptor {
            Descriptor::Static(function) => Ok(function.get_or_none()),
            Descriptor::Class(function) => self.bind_class_method(function, class),
            _ => Ok(found.to_owned()),
        }
    }

    /// What a builtin descriptor gives as an attribute of `object`: what its `__get__` does, whatever a subclass's does.
    pub fn get_through(&mut self, descriptor: &Descriptor, object: Ref<'_>, class: Ref<'_>) -> Outcome {
        match descriptor {
            Descriptor::Static(function) => Ok(function.get_or_none()),
            Descriptor::Class(function) => self.bind_class_method(function, class),
            Descriptor::Property(property) => match property.getter.get().filter(|getter| !getter.get().is_none()) {
                Some(getter) => self.call_back(getter.get(), &[object]),
                None => Err(self.lacks_function(property, object, "getter")),
            },
            Descriptor::GetSet(attribute) => {
                self.check_receiver(&attribute.class, attribute.name, object)?;
                let getter = attribute.getter.get_or_none();
                self.call_back(getter.get(), &[object])
            }
            Descriptor::Implicit(implicit) => {
                self.check_receiver(&implicit.class, implicit.attribute.name(), object)?;
                self.implicit_attribute(implicit.attribute, object)
            }
            Descriptor::Member(member) => {
                let value = self.member_slot(member, object)?;
                match value {
                    Some(value) => Ok(value),
                    None if member.is_none_while_empty => Ok(Owned::none()),
                    None => Err(self.unset_member(member, object)),
                }
            }
        }
    }

    #[cold]
    fn unset_member(&mut self, member: &Member, object: Ref<'_>) -> Raised {
        let name = member.name.get_or_none();
        let attribute = name.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let class = self.qualified_type_name(object);
        let raised = self.raise(ClassName::AttributeError, format!("'{class}' object has no attribute '{attribute}'"));
        self.annotate_raised(&[("name", name.get()), ("obj", object)]);
        raised
    }

    /// The class's qualified name behind its module's, unless that is `builtins` or `__main__`.
    pub fn qualified_type_name(&self, object: Ref<'_>) -> String {
        let class = self.class_view(object);
        let text = |name: &Owned| name.get().as_str().map(|name| name.to_string_lossy());
        let name = text(&class.qualified_name()).unwrap_or_default();
        match class.dict().get_str(self.heap().name(Name::Module)).as_ref().and_then(text) {
            Some(module) if module != "builtins" && module != "__main__" => format!("{module}.{name}"),
            _ => name,
        }
    }

    fn member_slot(&mut self, member: &Member, object: Ref<'_>) -> Outcome<Option<Owned>> {
        self.check_member(member, object)?;
        let heap = self.heap();
        Ok(object.as_instance(heap).and_then(|instance| instance.slot_value(heap, member.slot)))
    }

    fn check_member(&mut self, member: &Member, object: Ref<'_>) -> Outcome<()> {
        let heap = self.heap();
        let class = member.class.get_or_none();
        if self.class_view(object).is_subclass_of(class.get()) && object.as_instance(heap).is_some() {
            return Ok(());
        }
        let name = member.name.get_or_none();
        let name = self.str_text(name.get())?;
        Err(self.wrong_receiver(&name, class.get(), object))
    }

    fn check_receiver(&mut self, class: &Held, name: &str, object: Ref<'_>) -> Outcome<()> {
        let Some(class) = class.get() else { return Ok(()) };
        if self.class_view(object).is_subclass_of(class.get()) {
            return Ok(());
        }
        Err(self.wrong_receiver(name, class.get(), object))
    }

    #[cold]
    fn wrong_receiver(&mut self, name: &str, class: Ref<'_>, object: Ref<'_>) -> Raised {
        let class = class.as_class(self.heap()).map_or_else(String::new, |class| self.name_in_messages(class));
        let got = self.type_name(object);
        let message = format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{got}' object");
        self.raise(ClassName::TypeError, message)
    }

    #[cold]
    fn lacks_function(&mut self, property: &Property, object: Ref<'_>, what: &str) -> Raised {
        let class = self.class_view(object).qualified_name();
        let class = class.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let name = match self.property_name(property) {
            Ok(name) => name,
            Err(raised) => return raised,
        };
        let message = match name.map(|name| self.repr_text(name.get())) {
            Some(Ok(name)) => format!("property {name} of '{class}' object has no {what}"),
            Some(Err(raised)) => return raised,
            None => format!("property of '{class}' object has no {what}"),
        };
        self.raise(ClassName::AttributeError, message)
    }

    /// The name of a property: what it was told, else that of its getter.
    pub fn property_name(&mut self, property: &Property) -> Outcome<Option<Owned>> {
        if let Some(name) = property.name.get() {
            return Ok(Some(name));
        }
        let getter = property.getter.get_or_none();
        self.find_attribute(getter.get(), self.heap().name(Name::Name))
    }

    /// `descriptor.__set__(object, value)`, or `__delete__` if there is no value.
    pub(crate) fn set_through(
        &mut self,
        found: Ref<'_>,
        binding: Binding<'_>,
        object: Ref<'_>,
        value: Option<Ref<'_>>,
    ) -> Outcome<()> {
        if let Binding::Builtin(descriptor) = binding {
            return self.change_through(descriptor, object, value);
        }
        let (name, text) = match value {
            Some(_) => (Name::Set, "__set__"),
            None => (Name::Delete, "__delete__"),
        };
        let arguments = [object, value.unwrap_or(Ref::NONE)];
        let count = 1 + usize::from(value.is_some());
        match self.call_special(found, name, &arguments[..count]) {
            Some(result) => result.map(drop),
            None => Err(self.raise(ClassName::AttributeError, text)),
        }
    }

    /// What a builtin descriptor's own `__set__` does, or its `__delete__` if there is no value.
    pub fn change_through(&mut self, descriptor: &Descriptor, object: Ref<'_>, value: Option<Ref<'_>>) -> Outcome<()> {
        match descriptor {
            Descriptor::Property(property) => {
                let (function, what) = match value {
                    Some(_) => (&property.setter, "setter"),
                    None => (&property.deleter, "deleter"),
                };
                let Some(function) = function.get().filter(|function| !function.get().is_none()) else {
                    return Err(self.lacks_function(property, object, what));
                };
                match value {
                    Some(value) => drop(self.call(function.get(), &[object, value])?),
                    None => drop(self.call(function.get(), &[object])?),
                }
                Ok(())
            }
            Descriptor::GetSet(attribute) => {
                self.check_receiver(&attribute.class, attribute.name, object)?;
                let Some(setter) = attribute.setter.get() else {
                    if attribute.is_member {
                        return Err(self.raise(ClassName::AttributeError, "readonly attribute"));
                    }
                    let class = attribute.class.get_or_none();
                    let class = class
                        .get()
                        .as_class(self.heap())
                        .map_or_else(String::new, |class| self.name_in_messages(class));
                    let message = format!("attribute '{}' of '{class}' objects is not writable", attribute.name);
                    return Err(self.raise(ClassName::AttributeError, message));
                };
                let deleted = Owned::unbound();
                self.call(setter.get(), &[object, value.unwrap_or(deleted.get())]).map(drop)
            }
            Descriptor::Implicit(implicit) => {
                self.check_receiver(&implicit.class, implicit.attribute.name(), object)?;
                self.set_implicit_attribute(implicit, object, value)
            }
            Descriptor::Member(member) => {
                self.check_member(member, object)?;
                let heap = self.heap();
                let Some(instance) = object.as_instance(heap) else { return Ok(()) };
                let new = value.map_or_else(Owned::unbound, Ref::to_owned);
                let old = instance.set_slot(heap, member.slot, new);
                if value.is_none() && old.value().is_unbound() && !member.is_none_while_empty {
                    let name = member.name.get_or_none();
                    let name = self.str_text(name.get())?;
                    return Err(self.raise(ClassName::AttributeError, name));
                }
                Ok(())
            }
            Descriptor::Static(_) | Descriptor::Class(_) => {
                let name = if value.is_some() { "__set__" } else { "__delete__" };
                Err(self.raise(ClassName::AttributeError, name))
            }
        }
    }

    /// A new native object around a builtin descriptor.
    pub fn new_descriptor(&mut self, descriptor: Descriptor) -> Outcome {
        let class = match descriptor {
            Descriptor::Property(_) => ClassName::Property,
            Descriptor::Static(_) => ClassName::StaticMethod,
            Descriptor::Class(_) => ClassName::ClassMethod,
            Descriptor::Member(_) => ClassName::Member,
            Descriptor::GetSet(ref attribute) if attribute.is_member => ClassName::Member,
            Descriptor::GetSet(_) | Descriptor::Implicit(_) => ClassName::GetSet,
        };
        let shape = self.class_shape(class);
        Ok(self.new_native(shape, descriptor)?)
    }
}
