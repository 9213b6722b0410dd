//! The protocols that connect objects with script code: what an operator, an attribute, a loop, a call of a class mean.
//!
//! Every protocol first looks at the kinds of its operands, which settles builtin types without looking at classes, and asks
//! the special methods of the classes then. Instances of subclasses of builtin types are asked through their classes: what
//! they inherit are the builtin types' native methods, which come back here with the plain object inside.
//!
//! Invariant: special methods are looked up on the class, never on the instance.
//! Invariant: no view of a container is used across a call without being looked at anew: script code may change it.

mod alias;
mod attribute;
mod build_class;
mod class;
mod compare;
mod concatenate;
mod construct;
mod contains;
mod convert;
mod descriptor;
mod dict_update;
mod element;
mod hash;
mod held;
mod implicit;
mod index;
mod instance_check;
mod item;
mod iterate;
mod iterator;
mod keyed;
mod layout;
mod mapping_proxy;
mod merge;
mod native_class;
mod number;
mod operator;
mod printf;
mod rebase;
mod reduce;
mod repr;
mod resolution_order;
mod set_item;
mod set_operator;
mod size;
mod slots;
mod sort;
mod super_object;
mod text;
mod truth;
mod type_name;

use toy_object::{Class, Kind, Name, Owned, Ref};

pub use alias::{ATTRIBUTES_OF_ALIASES, GenericAlias, UnionType};
pub use compare::CompareOp;
pub use descriptor::{Descriptor, GetSet, Member, Property};
pub(crate) use dict_update::Repeated;
pub use element::ElementGetter;
pub use held::Held;
pub use implicit::{Implicit, ImplicitAttribute};
pub use iterator::{CallIterator, GetItemIterator, ITERATOR_METHODS, Iterate, NativeIterator, STATE_ITERATOR_METHODS};
pub use mapping_proxy::MappingProxy;
pub use native_class::ClassSpec;
pub use operator::{BinaryOp, UnaryOp};
pub use super_object::Super;
pub(crate) use super_object::SuperMethod;

use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    /// The class of a value.
    #[inline]
    pub(crate) fn class_view(&self, value: Ref<'_>) -> Class<'static> {
        let heap = self.heap();
        heap.class_of(value).as_class(heap).expect("the class of a value is a class")
    }

    /// Calls what a lookup in the class of `receiver` found, as a method.
    pub(crate) fn call_found(&mut self, found: Ref<'_>, receiver: Ref<'_>, arguments: &[Ref<'_>]) -> Outcome {
        if let descriptor::Binding::Function = self.binding_of(found) {
            const MOST: usize = 4;
            debug_assert!(arguments.len() < MOST);
            let mut all = [receiver; MOST];
            all[1..=arguments.len()].copy_from_slice(arguments);
            return self.call_back(found, &all[..=arguments.len()]);
        }
        let class = self.class_of(receiver).to_owned();
        let bound = self.bind(found, receiver, class.get())?;
        self.call(bound.get(), arguments)
    }

    /// Whether a special method of an instance that stands for a builtin container is the one that the builtin class has
    /// under this name: it does its work on the container.
    pub(crate) fn is_of_wrapped(&self, method: Ref<'_>, name: Name, instance: Ref<'_>) -> bool {
        let Some(container) = toy_object::wrapped(instance) else { return false };
        let home = method.as_native_function().filter(|function| function.receiver().is_none());
        home.and_then(|function| function.home()).is_some_and(|home| home.is(self.heap().class_of(container)))
            && matches!(self.kind_of(container), Kind::List | Kind::Tuple | Kind::Dict | Kind::Str | Kind::ByteArray)
            && native_name_is(method, self.heap().name(name))
    }

    /// A special method, unless the class inherits it from `object`, which does nothing special.
    pub(crate) fn lookup_override(&self, value: Ref<'_>, name: Name) -> Option<Owned> {
        let found = self.lookup_special(value, name)?;
        // Another one of `object`'s methods may stand under the name: `__repr__ = object.__str__`.
        let is_default = self.is_objects_own(found.get()) && native_name_is(found.get(), self.heap().name(name));
        if is_default { None } else { Some(found) }
    }

    /// Whether the class has a special method that is not `object`'s.
    pub fn has_override(&self, value: Ref<'_>, name: Name) -> bool {
        self.lookup_override(value, name).is_some()
    }

    /// Whether a method is one of `object`'s native ones.
    pub(crate) fn is_objects_own(&self, method: Ref<'_>) -> bool {
        let home = method.as_native_function().and_then(|function| function.home());
        // `object` alone has no class behind it in its resolution order.
        home.and_then(|home| home.as_class(self.heap())).is_some_and(|home| home.mro_len() == 1)
    }

    /// `RecursionError` when the OS stack runs low; `doing` is what CPython says in addition.
    pub(crate) fn check_stack_while(&mut self, doing: &str) -> Outcome<()> {
        if self.check_stack().is_ok() {
            return Ok(());
        }
        drop(self.take_raised());
        let message = format!("maximum recursion depth exceeded {doing}");
        Err(self.raise(crate::classes::ClassName::RecursionError, message))
    }

    /// Whether a builtin class is in the resolution order of a value's class. No hooks are asked.
    pub fn is_instance_of(&self, value: Ref<'_>, class: crate::classes::ClassName) -> bool {
        self.class_view(value).is_subclass_of(self.class(class).get())
    }

    /// The class `object`.
    pub(crate) fn class_of_objects(&self) -> Owned {
        self.class(crate::classes::ClassName::Object)
    }
}

/// Whether a native function has a name.
fn native_name_is(function: Ref<'_>, name: Ref<'_>) -> bool {
    crate::native::row_of(function).is_some_and(|row| name.as_str().is_some_and(|name| name.is_text(row.name)))
}
