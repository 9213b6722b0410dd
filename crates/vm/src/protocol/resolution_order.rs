//! The method resolution order: C3 linearisation, unless a metaclass has a `mro` of its own.

use toy_object::{Class, Owned, Ref};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::run::native_row;
use crate::thread::Vm;

impl Vm {
    /// What `type.mro` gives: a class and those behind it, as its bases now say.
    pub fn order_of_bases(&mut self, class: Class<'_>) -> Outcome<Vec<Owned>> {
        let bases = class.bases();
        let bases: Vec<Owned> =
            bases.get().as_tuple().into_iter().flat_map(|bases| bases.iter()).map(Ref::to_owned).collect();
        let mut order = vec![class.as_ref().to_owned()];
        order.extend(self.linearise(&bases)?);
        Ok(order)
    }

    /// What the metaclass's `mro` says, if it has one of its own.
    ///
    /// # Errors
    /// What it raises; `TypeError` if it names something that is no class, or a class with another layout.
    pub(super) fn order_of_metaclass(&mut self, class: Class<'_>) -> Outcome<Option<Vec<Owned>>> {
        let heap = self.heap();
        let metaclass = heap.class_of(class.as_ref());
        let name = self.intern("mro")?;
        let Some(method) = metaclass.as_class(heap).and_then(|metaclass| metaclass.lookup(heap, name.get())) else {
            return Ok(None);
        };
        if native_row(method.get()).is_some() {
            return Ok(None);
        }
        let order = self.call_found(method.get(), class.as_ref(), &[])?;
        let order = self.collect(order.get())?;
        let solid = self.solid_base(class);
        for other in &order {
            let Some(view) = other.get().as_class(heap) else {
                let message = format!("mro() returned a non-class ('{}')", self.type_name(other.get()));
                return Err(self.raise(ClassName::TypeError, message));
            };
            let fits =
                solid.get().as_class(heap).is_some_and(|solid| solid.is_subclass_of(self.solid_base(view).get()));
            if !fits {
                let message = format!("mro() returned base with unsuitable layout ('{}')", view.name_text());
                return Err(self.raise(ClassName::TypeError, message));
            }
        }
        Ok(Some(order))
    }

    /// The classes behind a new class with these bases, in resolution order.
    pub(crate) fn linearise(&mut self, bases: &[Owned]) -> Outcome<Vec<Owned>> {
        if let [base] = bases {
            return Ok(self.order_of(base.get()));
        }
        for (index, base) in bases.iter().enumerate() {
            if bases[..index].iter().any(|other| other.get().is(base.get())) {
                let name = base.get().as_class(self.heap()).map_or_else(String::new, Class::name_text);
                return Err(self.raise(ClassName::TypeError, format!("duplicate base class {name}")));
            }
        }
        let mut lists: Vec<Vec<Owned>> = bases.iter().map(|base| self.order_of(base.get())).collect();
        lists.push(bases.to_vec());
        for list in &mut lists {
            // Taken from the end.
            list.reverse();
        }
        let mut order = Vec::new();
        loop {
            lists.retain(|list| !list.is_empty());
            if lists.is_empty() {
                return Ok(order);
            }
            let heads = lists.iter().filter_map(|list| list.last());
            let next =
                heads.into_iter().find(|head| !lists.iter().any(|list| is_behind_head(list, head.get()))).cloned();
            let Some(next) = next else { return Err(self.inconsistent_order(&lists)) };
            for list in &mut lists {
                if list.last().is_some_and(|head| head.get().is(next.get())) {
                    list.pop();
                }
            }
            order.push(next);
        }
    }

    fn order_of(&self, class: Ref<'_>) -> Vec<Owned> {
        let Some(class) = class.as_class(self.heap()) else { return Vec::new() };
        (0..class.mro_len()).filter_map(|index| class.mro_get(index)).collect()
    }

    #[cold]
    fn inconsistent_order(&mut self, lists: &[Vec<Owned>]) -> Raised {
        let mut names: Vec<String> = Vec::new();
        for head in lists.iter().filter_map(|list| list.last()) {
            let name = head.get().as_class(self.heap()).map_or_else(String::new, Class::name_text);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let names = names.join(", ");
        let message = format!("Cannot create a consistent method resolution order (MRO) for bases {names}");
        self.raise(ClassName::TypeError, message)
    }
}

/// Whether a class stands in a reversed list, but not at its head.
fn is_behind_head(list: &[Owned], class: Ref<'_>) -> bool {
    list.iter().rev().skip(1).any(|other| other.get().is(class))
}
