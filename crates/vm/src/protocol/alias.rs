//! `list[int]` and `int | str`.

use toy_object::{Kind, Name, Owned, Payload, Ref};

use super::Held;
use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// The payload of a generic alias, `origin[arguments]`.
pub struct GenericAlias {
    origin: Held,
    /// A tuple.
    arguments: Held,
    is_unpacked: bool,
}

/// Attributes that an alias has itself, or not at all; all others are those of its origin.
pub const ATTRIBUTES_OF_ALIASES: &[&str] = &[
    "__args__",
    "__bases__",
    "__class__",
    "__copy__",
    "__deepcopy__",
    "__mro_entries__",
    "__origin__",
    "__parameters__",
    "__reduce__",
    "__reduce_ex__",
    "__typing_unpacked_tuple_args__",
    "__unpacked__",
];

impl GenericAlias {
    /// `__origin__`.
    pub fn origin(&self) -> Owned {
        self.origin.get_or_none()
    }

    /// `__args__`, a tuple.
    pub fn arguments(&self) -> Owned {
        self.arguments.get_or_none()
    }

    /// `__unpacked__`: it stands for its arguments one by one, as `*tuple[int, str]` in brackets does.
    pub fn is_unpacked(&self) -> bool {
        self.is_unpacked
    }

    /// Whether an attribute is that of the origin.
    pub(crate) fn forwards(&self, name: Ref<'_>) -> bool {
        name.as_str().is_none_or(|name| !ATTRIBUTES_OF_ALIASES.iter().any(|own| name.is_text(own)))
    }
}

impl Payload for GenericAlias {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.origin.visit(visit);
        self.arguments.visit(visit);
    }

    fn clear(&self) {
        self.origin.clear();
        self.arguments.clear();
    }
}

/// The payload of a union of types.
pub struct UnionType {
    members: Held,
}

impl UnionType {
    /// `__args__`, a tuple.
    pub fn arguments(&self) -> Owned {
        self.members.get_or_none()
    }

    /// The types, `None` among them as itself.
    pub fn members(&self) -> Vec<Owned> {
        let members = self.members.get_or_none();
        members.get().as_tuple().map_or_else(Vec::new, |members| members.iter().map(Ref::to_owned).collect())
    }
}

impl Payload for UnionType {
    fn visit(&self, visit: &mut dyn FnMut(Ref<'_>)) {
        self.members.visit(visit);
    }

    fn clear(&self) {
        self.members.clear();
    }
}

impl Vm {
    /// `origin[arguments]`; a single argument stands for a tuple of it.
    pub fn generic_alias(&mut self, origin: Ref<'_>, arguments: Ref<'_>) -> Outcome {
        self.alias_of(origin, arguments, false)
    }

    /// What `*origin[arguments]` gives.
    pub fn unpacked_alias(&mut self, origin: Ref<'_>, arguments: Ref<'_>) -> Outcome {
        self.alias_of(origin, arguments, true)
    }

    fn alias_of(&mut self, origin: Ref<'_>, arguments: Ref<'_>, is_unpacked: bool) -> Outcome {
        let arguments = match self.kind_of(arguments) {
            Kind::Tuple => arguments.to_owned(),
            _ => self.new_tuple([arguments.to_owned()])?,
        };
        let shape = self.class_shape(ClassName::GenericAlias);
        let (origin, arguments) = (Held::new(origin.to_owned()), Held::new(arguments));
        let payload = GenericAlias { origin, arguments, is_unpacked };
        Ok(self.new_native(shape, payload)?)
    }

    /// `left | right` of types; `NotImplemented` if one of them is none.
    pub fn union_of_types(&mut self, left: Ref<'_>, right: Ref<'_>) -> Outcome {
        if !(self.can_be_in_union(left) && self.can_be_in_union(right)) || (left.is_none() && right.is_none()) {
            return Ok(Owned::not_implemented());
        }
        let heap = self.heap();
        let mut members: Vec<Owned> = Vec::new();
        for side in [left, right] {
            let parts = match side.payload::<UnionType>(heap) {
                Some(union) => union.members(),
                None => vec![side.to_owned()],
            };
            for part in parts {
                let part = if part.get().is_none() { self.class(ClassName::NoneType) } else { part };
                let mut is_known = false;
                for other in &members {
                    is_known |= self.equal(other.get(), part.get())?;
                }
                if !is_known {
                    members.push(part);
                }
            }
        }
        if let [member] = members.as_slice() {
            return Ok(member.clone());
        }
        let members = self.new_tuple(members)?;
        let shape = self.class_shape(ClassName::UnionType);
        Ok(self.new_native(shape, UnionType { members: Held::new(members) })?)
    }

    fn can_be_in_union(&self, value: Ref<'_>) -> bool {
        let heap = self.heap();
        value.is_none()
            || value.as_class(heap).is_some()
            || value.payload::<UnionType>(heap).is_some()
            || value.payload::<GenericAlias>(heap).is_some()
            || heap.class_of(value).is(self.class(ClassName::TypeAlias).get())
    }

    /// `list[int]` as it is written.
    pub fn generic_alias_repr(&mut self, alias: &GenericAlias) -> Outcome<String> {
        let origin = self.type_repr(alias.origin().get())?;
        let arguments = alias.arguments();
        let mut parts = Vec::new();
        for argument in arguments.get().as_tuple().into_iter().flat_map(|arguments| arguments.iter()) {
            parts.push(self.type_repr(argument)?);
        }
        let parts = if parts.is_empty() { "()".to_owned() } else { parts.join(", ") };
        let star = if alias.is_unpacked() { "*" } else { "" };
        Ok(format!("{star}{origin}[{parts}]"))
    }

    /// `int | str` as it is written.
    pub fn union_repr(&mut self, union: &UnionType) -> Outcome<String> {
        let mut parts = Vec::new();
        for member in union.members() {
            parts.push(if member.get().is(self.class(ClassName::NoneType).get()) {
                "None".to_owned()
            } else {
                self.type_repr(member.get())?
            });
        }
        Ok(parts.join(" | "))
    }

    /// A type as it is written in an annotation.
    fn type_repr(&mut self, value: Ref<'_>) -> Outcome<String> {
        let heap = self.heap();
        if value.value() == toy_object::Value::ELLIPSIS {
            return Ok("...".to_owned());
        }
        if value.as_class(heap).is_some() {
            return Ok(self.class_path(value));
        }
        if let Some(list) = value.as_list() {
            let mut parts = Vec::new();
            for item in (0..list.len()).filter_map(|index| list.get(index)) {
                parts.push(self.type_repr(item.get())?);
            }
            return Ok(format!("[{}]", parts.join(", ")));
        }
        // Whatever else has a name and a module is shown by them, as functions are; but not a class in brackets.
        let [origin, arguments] = ["__origin__", "__args__"].map(|name| self.intern(name));
        let is_alias = self.find_attribute(value, origin?.get())?.is_some()
            && self.find_attribute(value, arguments?.get())?.is_some();
        if !is_alias {
            let names = [Name::QualifiedName, Name::Module].map(|name| self.name(name).to_owned());
            let [name, module] = names;
            if let Some(name) = self.find_attribute(value, name.get())?.filter(|name| name.get().as_str().is_some())
                && let Some(module) = self.find_attribute(value, module.get())?.filter(|module| !module.get().is_none())
            {
                let (name, module) = (self.str_text(name.get())?, self.str_text(module.get())?);
                return Ok(if module == "builtins" { name } else { format!("{module}.{name}") });
            }
        }
        self.repr_text(value)
    }
}
