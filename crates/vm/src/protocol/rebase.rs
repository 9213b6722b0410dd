//! Assignment to `__bases__`: a class gets other bases, and it and every subclass another resolution order.

use toy_object::{Class, Kind, Owned, Ref};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

/// A class with the order that it had: to go back.
struct Former {
    class: Owned,
    order: Vec<Owned>,
}

impl Vm {
    /// `class.__bases__ = bases`. If that is refused, nothing has changed.
    ///
    /// # Errors
    /// `TypeError` if the bases are no tuple of classes, make a cycle, have another layout or no consistent order.
    pub fn set_bases(&mut self, class: Class<'_>, bases: Ref<'_>) -> Outcome<()> {
        let heap = self.heap();
        let new_bases = self.checked_bases(class, bases)?;
        let base = self.best_base(&new_bases)?;
        let old_base = self.layout_base(class).unwrap_or_else(|| self.class_of_objects());
        if !self.is_same_layout(old_base.get(), base.get()) {
            let name = |class: &Owned| class.get().as_class(heap).map_or_else(String::new, Class::name_text);
            let is_native = |class: &Owned| class.get().as_class(heap).is_some_and(|class| class.flags().is_builtin);
            let difference = if is_native(&base) == is_native(&old_base) { "object layout" } else { "deallocator" };
            let message =
                format!("__bases__ assignment: '{}' {difference} differs from '{}'", name(&base), name(&old_base));
            return Err(self.raise(ClassName::TypeError, message));
        }
        let bases = self.new_tuple(new_bases)?;
        let old_bases = class.set_bases(bases);
        let mut formers = Vec::new();
        let result = self.order_anew(class, &mut formers);
        if result.is_err() {
            for former in formers.into_iter().rev() {
                if let Some(class) = former.class.get().as_class(heap) {
                    drop(class.set_order(heap, former.order));
                }
            }
            drop(class.set_bases(old_bases));
            return result;
        }
        class.changed(heap);
        self.refresh_flags_below(class);
        Ok(())
    }

    fn checked_bases(&mut self, class: Class<'_>, bases: Ref<'_>) -> Outcome<Vec<Owned>> {
        let heap = self.heap();
        let name = class.name_text();
        let Some(tuple) = bases.as_tuple() else {
            let got = self.type_name(bases);
            return Err(self.refuse_bases(format!("can only assign tuple to {name}.__bases__, not {got}")));
        };
        if tuple.is_empty() {
            return Err(self.refuse_bases(format!("can only assign non-empty tuple to {name}.__bases__, not ()")));
        }
        for base in tuple.iter() {
            let Some(base) = base.as_class(heap) else {
                let got = self.type_name(base);
                return Err(self.refuse_bases(format!("{name}.__bases__ must be tuple of classes, not '{got}'")));
            };
            if self.descends(base, class) {
                return Err(self.refuse_bases("a __bases__ item causes an inheritance cycle".to_owned()));
            }
            if base.flags().is_final {
                let message = format!("type '{}' is not an acceptable base type", self.class_path(base.as_ref()));
                return Err(self.refuse_bases(message));
            }
        }
        Ok(tuple.iter().map(Ref::to_owned).collect())
    }

    /// Whether the bases of a class lead to an ancestor. Its resolution order may not say so yet: while an `mro` of a metaclass runs,
    /// the class that it is called for has its new bases and still its old order.
    fn descends(&self, class: Class<'_>, ancestor: Class<'_>) -> bool {
        let heap = self.heap();
        let mut waiting = vec![class.as_ref().to_owned()];
        while let Some(class) = waiting.pop() {
            if class.get().is(ancestor.as_ref()) {
                return true;
            }
            let bases = class.get().as_class(heap).map(|class| class.bases());
            let bases = bases.as_ref().and_then(|bases| bases.get().as_tuple());
            waiting.extend(bases.into_iter().flat_map(|bases| bases.iter()).map(Ref::to_owned));
        }
        false
    }

    #[cold]
    fn refuse_bases(&mut self, message: String) -> Raised {
        self.raise(ClassName::TypeError, message)
    }

    /// Whether instances of a class with one base may become instances of a class with the other.
    fn is_same_layout(&self, old: Ref<'_>, new: Ref<'_>) -> bool {
        let heap = self.heap();
        let (Some(old), Some(new)) = (old.as_class(heap), new.as_class(heap)) else { return false };
        if old.as_ref().is(new.as_ref()) {
            return true;
        }
        let are_plain = old.base_kind() == Kind::Instance && new.base_kind() == Kind::Instance;
        let is_native = |class: Class<'_>| class.flags().is_builtin;
        let (old_flags, new_flags) = (old.flags(), new.flags());
        are_plain
            && is_native(old) == is_native(new)
            && old_flags.is_exception == new_flags.is_exception
            && old_flags.has_weak_references == new_flags.has_weak_references
            && self.has_dict(old) == self.has_dict(new)
            && self.has_same_slots(old, new)
    }

    /// Makes the resolution order of a class, and of its subclasses behind it, from the bases that they have now.
    fn order_anew(&mut self, class: Class<'_>, formers: &mut Vec<Former>) -> Outcome<()> {
        self.check_stack()?;
        let heap = self.heap();
        let order = match self.order_of_metaclass(class)? {
            Some(order) => order,
            None => self.order_of_bases(class)?,
        };
        formers.push(Former { class: class.as_ref().to_owned(), order: class.set_order(heap, order) });
        for subclass in class.subclasses(heap) {
            if let Some(subclass) = subclass.get().as_class(heap) {
                self.order_anew(subclass, formers)?;
            }
        }
        Ok(())
    }
}
