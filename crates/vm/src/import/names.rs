//! What `from` takes out of a module.

use toy_object::{Name, Owned, Ref};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

impl Vm {
    /// `from module import name`.
    pub(crate) fn import_from(&mut self, module: Ref<'_>, name: Ref<'_>) -> Outcome {
        if let Some(value) = self.find_attribute(module, name)? {
            return Ok(value);
        }
        let module_name = self.name(Name::Name).to_owned();
        let text = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        let full = self.find_attribute(module, module_name.get())?;
        let full = full.and_then(|full| full.get().as_str().map(|full| full.to_string_lossy()));
        if let Some(full) = &full {
            let key = self.new_str(&format!("{full}.{text}"))?;
            let modules = self.machine().modules().to_owned();
            if let Some(module) = self.dict_get(modules.get(), key.get())? {
                return Ok(module);
            }
        }
        let shown = full.clone().unwrap_or_else(|| "<unknown module name>".to_owned());
        let file_name = self.name(Name::File).to_owned();
        let file = self.find_attribute(module, file_name.get())?;
        let file = file.filter(|file| file.get().as_str().is_some());
        let place = match &file {
            Some(file) => self.str_text(file.get())?,
            None => "unknown location".to_owned(),
        };
        let message = if self.is_being_made(module) {
            format!(
                "cannot import name '{text}' from partially initialized module '{shown}' \
                 (most likely due to a circular import) ({place})"
            )
        } else {
            format!("cannot import name '{text}' from '{shown}' ({place})")
        };
        let raised = self.raise(ClassName::ImportError, message);
        let (full, none) = (self.new_str(&shown)?, Owned::none());
        let path = file.as_ref().unwrap_or(&none);
        self.annotate_raised(&[("name", full.get()), ("path", path.get()), ("name_from", name)]);
        Err(raised)
    }

    /// `from module import *` into a namespace.
    pub(crate) fn import_star(&mut self, module: Ref<'_>, target: Ref<'_>) -> Outcome<()> {
        let all = self.name(Name::All).to_owned();
        let names = match self.find_attribute(module, all.get())? {
            Some(all) => self.items_by_number(all.get())?,
            None => {
                let dict = self.name(Name::Dict).to_owned();
                let Some(dict) = self.find_attribute(module, dict.get())? else {
                    let message = "from-import-* object has no __dict__ and no __all__";
                    return Err(self.raise(ClassName::ImportError, message));
                };
                let keys = self.collect(dict.get())?;
                let is_public =
                    |key: &Owned| key.get().as_str().is_some_and(|key| !key.to_string_lossy().starts_with('_'));
                keys.into_iter().filter(is_public).collect()
            }
        };
        for name in names {
            if name.get().as_str().is_none() {
                let called = self.name(Name::Name).to_owned();
                let called = self.find_attribute(module, called.get())?;
                let called = called.map_or_else(|| Ok(String::new()), |called| self.str_text(called.get()))?;
                return Err(self.raise_no_name_in_all(&called, name.get()));
            }
            let name = self.intern_str(name);
            let value = self.get_attribute(module, name.get())?;
            self.set_item(target, name.get(), value.get())?;
        }
        Ok(())
    }

    /// The items of a sequence: what has no items by their number is none, though it may be iterated.
    fn items_by_number(&mut self, sequence: Ref<'_>) -> Outcome<Vec<Owned>> {
        if sequence.as_list().is_some() || sequence.as_tuple().is_some() {
            return self.collect(sequence);
        }
        if !self.has_special(sequence, Name::GetItem) {
            let got = self.type_name(sequence);
            return Err(self.raise(ClassName::TypeError, format!("'{got}' object does not support indexing")));
        }
        let mut items = Vec::new();
        loop {
            let index = self.new_int_from_usize(items.len())?;
            match self.get_item(sequence, index.get()) {
                Ok(item) => items.push(item),
                Err(raised) if !self.raised_is(ClassName::IndexError) => return Err(raised),
                Err(Raised(())) => {
                    drop(self.take_raised());
                    return Ok(items);
                }
            }
        }
    }
}
