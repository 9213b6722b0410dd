//! The `class` statement: bases, metaclass, namespace, body.

use toy_object::{Class, Name, Owned, Ref};

use crate::classes::ClassName;
use crate::native::Outcome;
use crate::thread::Vm;

impl Vm {
    /// `__build_class__`: a class of what a class body (a function of the namespace) leaves behind. `keywords` is a dict.
    pub fn build_class(
        &mut self,
        body: Ref<'_>,
        name: Ref<'_>,
        original_bases: &[Ref<'_>],
        keywords: Ref<'_>,
    ) -> Outcome {
        let bases = self.resolve_bases(original_bases)?;
        let is_changed = bases.len() != original_bases.len()
            || bases.iter().zip(original_bases).any(|(base, original)| !base.get().is(*original));
        let bases_tuple = self.new_tuple(bases)?;
        let (metaclass, keywords) = self.split_metaclass(keywords, bases_tuple.get())?;
        let keywords: Vec<(Ref<'_>, Ref<'_>)> =
            keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();

        let prepare = self.name(Name::Prepare).to_owned();
        let is_plain = metaclass.get().is(self.class(ClassName::Type).get());
        let namespace = match if is_plain { None } else { self.find_attribute(metaclass.get(), prepare.get())? } {
            Some(prepare) => self.call_keywords(prepare.get(), &[name, bases_tuple.get()], &keywords)?,
            None => self.new_dict()?,
        };
        let is_mapping = namespace.get().as_dict().is_some() || self.has_special(namespace.get(), Name::GetItem);
        if !is_mapping {
            let class =
                metaclass.get().as_class(self.heap()).map_or_else(|| "<metaclass>".to_owned(), Class::name_text);
            let got = self.type_name(namespace.get());
            let message = format!("{class}.__prepare__() must return a mapping, not {got}");
            return Err(self.raise(ClassName::TypeError, message));
        }

        let cell = self.call(body, &[namespace.get()])?;
        if is_changed {
            let original = self.new_tuple(original_bases.iter().map(|&base| base.to_owned()).collect::<Vec<_>>())?;
            let key = self.intern("__orig_bases__")?;
            self.set_item(namespace.get(), key.get(), original.get())?;
        }
        let class = if is_plain {
            self.new_type(metaclass.get(), name, bases_tuple.get(), namespace.get(), &keywords)?
        } else {
            self.call_keywords(metaclass.get(), &[name, bases_tuple.get(), namespace.get()], &keywords)?
        };
        self.check_class_cell(cell.get(), class.get(), name)?;
        Ok(class)
    }

    fn check_class_cell(&mut self, cell: Ref<'_>, class: Ref<'_>, name: Ref<'_>) -> Outcome<()> {
        let Some(cell) = cell.as_cell().filter(|_| class.as_class(self.heap()).is_some()) else { return Ok(()) };
        let content = cell.get();
        if content.as_ref().is_some_and(|content| content.get().is(class)) {
            return Ok(());
        }
        let (name, shown) = (self.repr_text(name)?, self.repr_text(class)?);
        match content {
            Some(content) => {
                let content = self.repr_text(content.get())?;
                let message = format!("__class__ set to {content} defining {name} as {shown}");
                Err(self.raise(ClassName::TypeError, message))
            }
            None => {
                let message = format!(
                    "__class__ not set defining {name} as {shown}. Was __classcell__ propagated to type.__new__?"
                );
                Err(self.raise(ClassName::RuntimeError, message))
            }
        }
    }

    /// Replaces bases that are no classes by what their `__mro_entries__` says.
    fn resolve_bases(&mut self, bases: &[Ref<'_>]) -> Outcome<Vec<Owned>> {
        let heap = self.heap();
        let mut resolved = Vec::with_capacity(bases.len());
        let mut original = None;
        for &base in bases {
            if base.as_class(heap).is_none()
                && let Some(entries) = self.find_attribute(base, heap.name(Name::MroEntries))?
            {
                let original = match &original {
                    Some(tuple) => tuple,
                    None => {
                        original.insert(self.new_tuple(bases.iter().map(|&base| base.to_owned()).collect::<Vec<_>>())?)
                    }
                };
                let replaced = self.call(entries.get(), &[original.get()])?;
                let Some(replaced) = replaced.get().as_tuple() else {
                    return Err(self.raise(ClassName::TypeError, "__mro_entries__ must return a tuple"));
                };
                resolved.extend(replaced.iter().map(Ref::to_owned));
            } else {
                resolved.push(base.to_owned());
            }
        }
        Ok(resolved)
    }

    /// The metaclass of a class statement, and the other keywords.
    fn split_metaclass(&mut self, keywords: Ref<'_>, bases: Ref<'_>) -> Outcome<(Owned, Vec<(Owned, Owned)>)> {
        let heap = self.heap();
        let mut metaclass = None;
        let mut others = Vec::new();
        if let Some(keywords) = keywords.as_dict() {
            let mut position = 0;
            while let Some((index, name, value)) = keywords.entry_from(position) {
                position = index + 1;
                let is_metaclass = name.get().as_str().is_some_and(|name| name.is_text("metaclass"));
                if is_metaclass { metaclass = Some(value) } else { others.push((name, value)) }
            }
        }
        let metaclass = match metaclass {
            Some(metaclass) if metaclass.get().as_class(heap).is_none() => return Ok((metaclass, others)),
            Some(metaclass) => metaclass,
            None => match bases.as_tuple().and_then(|bases| bases.get(0)) {
                Some(base) => heap.class_of(base).to_owned(),
                None => self.class(ClassName::Type),
            },
        };
        Ok((self.winning_metaclass(metaclass.get(), bases)?, others))
    }
}
