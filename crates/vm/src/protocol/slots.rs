//! `__slots__`.

use toy_object::{Class, Dict, EXCEPTION_SLOTS, Kind, Name, Owned, Ref};

use super::Held;
use super::descriptor::{Descriptor, Member};
use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

/// What a class declares.
pub(super) struct Slots {
    /// Names of slots, mangled and sorted.
    pub(super) names: Vec<Owned>,
    /// Instances have a dict besides.
    pub(super) has_dict: bool,
    /// Instances can be referred to weakly.
    pub(super) has_weak_references: bool,
}

impl Vm {
    /// Reads `__slots__` of a new class's namespace. `None`: there are none. The class may add a dict, and a place for weak
    /// references, unless it inherits them.
    pub(super) fn declared_slots(
        &mut self,
        class_name: &str,
        namespace: Dict<'_>,
        base: Class<'_>,
        (may_add_dict, may_add_weak_references): (bool, bool),
    ) -> Outcome<Option<Slots>> {
        let heap = self.heap();
        let Some(declared) = namespace.get_str(heap.name(Name::Slots)) else { return Ok(None) };
        let declared = if declared.get().as_str().is_some() { vec![declared] } else { self.collect(declared.get())? };
        if !declared.is_empty()
            && matches!(base.base_kind(), Kind::Int | Kind::Tuple | Kind::Bytes | Kind::Class | Kind::Module)
        {
            let message = format!("nonempty __slots__ not supported for subtype of '{}'", base.name_text());
            return Err(self.raise(ClassName::TypeError, message));
        }
        let mut slots = Slots { names: Vec::new(), has_dict: false, has_weak_references: false };
        for name in &declared {
            let Some(text) = name.get().as_str() else {
                let message = format!("__slots__ items must be strings, not '{}'", self.type_name(name.get()));
                return Err(self.raise(ClassName::TypeError, message));
            };
            let text = text.to_string_lossy();
            if !toy_format::unicode::is_identifier(&text) {
                return Err(self.raise(ClassName::TypeError, "__slots__ must be identifiers"));
            }
            match text.as_str() {
                "__dict__" => {
                    if !may_add_dict || slots.has_dict {
                        return Err(self.raise(ClassName::TypeError, "__dict__ slot disallowed: we already got one"));
                    }
                    slots.has_dict = true;
                }
                "__weakref__" => {
                    if !may_add_weak_references || slots.has_weak_references {
                        return Err(self.raise(ClassName::TypeError, "__weakref__ slot disallowed: we already got one"));
                    }
                    slots.has_weak_references = true;
                }
                _ => {
                    let name = self.intern(&mangled(class_name, &text))?;
                    let is_special = matches!(text.as_str(), "__qualname__" | "__classcell__" | "__classdictcell__");
                    if namespace.get_str(name.get()).is_some() && !is_special {
                        let message = format!("'{text}' in __slots__ conflicts with class variable");
                        return Err(self.raise(ClassName::ValueError, message));
                    }
                    if !slots.names.iter().any(|other| other.get().is(name.get())) {
                        slots.names.push(name);
                    }
                }
            }
        }
        slots.names.sort_by_key(|name| name.get().as_str().map(|name| name.to_string_lossy()));
        Ok(Some(slots))
    }

    /// Puts the descriptors of declared slots into the class, the first for the instances' slot `first`.
    pub(super) fn add_members(&mut self, class: Ref<'_>, names: &[Owned], first: usize) -> Outcome<()> {
        for (index, name) in names.iter().enumerate() {
            self.add_member(class, name, first + index, false)?;
        }
        Ok(())
    }

    /// Puts the descriptors of the fields of a builtin exception class into it, where nothing else stands for them.
    pub fn add_exception_fields(&mut self, name: ClassName) -> Outcome<()> {
        let class = self.class(name);
        for (index, field) in name.own_exception_fields().iter().enumerate() {
            let field = self.intern(field)?;
            let is_free =
                class.get().as_class(self.heap()).is_some_and(|class| class.dict().get_str(field.get()).is_none());
            if is_free {
                self.add_member(class.get(), &field, EXCEPTION_SLOTS + index, true)?;
            }
        }
        Ok(())
    }

    fn add_member(&mut self, class: Ref<'_>, name: &Owned, slot: usize, is_none_while_empty: bool) -> Outcome<()> {
        let heap = self.heap();
        let Some(view) = class.as_class(heap) else { return Ok(()) };
        let (class, held) = (Held::new(class.to_owned()), Held::new(name.clone()));
        let member = Member { class, name: held, slot, is_none_while_empty };
        let descriptor = self.new_descriptor(Descriptor::Member(member))?;
        drop(view.set(heap, name.get(), descriptor)?);
        Ok(())
    }
}

/// A private name as it is in the class: `__x` in `C` is `_C__x`.
fn mangled(class_name: &str, name: &str) -> String {
    let class_name = class_name.trim_start_matches('_');
    if !name.starts_with("__") || name.ends_with("__") || name.contains('.') || class_name.is_empty() {
        return name.to_owned();
    }
    format!("_{class_name}{name}")
}
