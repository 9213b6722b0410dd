//! Making classes: `type(name, bases, namespace)`.

use toy_object::{Class, ClassDefinition, ClassFlags, Kind, Name, Owned, Ref, ShapeId};

use super::Held;
use super::descriptor::Descriptor;
use super::implicit::ImplicitAttribute;
use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::run::native_row;
use crate::thread::Vm;

/// The names whose definition in a class is noted in its flags.
const FLAGGED: [Name; 5] = [Name::GetAttribute, Name::GetAttr, Name::SetAttr, Name::DelAttr, Name::Del];

impl Vm {
    /// The most derived of a metaclass and those of the bases.
    pub(crate) fn winning_metaclass(&mut self, metaclass: Ref<'_>, bases: Ref<'_>) -> Outcome {
        let heap = self.heap();
        let mut winner = metaclass.to_owned();
        for base in bases.as_tuple().into_iter().flat_map(|bases| bases.iter()) {
            let other = heap.class_of(base);
            let is_below =
                |class: Ref<'_>, other: Ref<'_>| class.as_class(heap).is_some_and(|c| c.is_subclass_of(other));
            if is_below(winner.get(), other) {
                continue;
            }
            if is_below(other, winner.get()) {
                winner = other.to_owned();
                continue;
            }
            let message = "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the \
                           metaclasses of all its bases";
            return Err(self.raise(ClassName::TypeError, message));
        }
        Ok(winner)
    }

    /// What `type.__new__` does.
    pub fn new_type(
        &mut self,
        metaclass: Ref<'_>,
        name: Ref<'_>,
        bases: Ref<'_>,
        namespace: Ref<'_>,
        keywords: &[(Ref<'_>, Ref<'_>)],
    ) -> Outcome {
        let heap = self.heap();
        let name_text = self.check_type_arguments(name, bases, namespace)?;
        self.refuse_entries(bases)?;
        let winner = self.winning_metaclass(metaclass, bases)?;
        if !winner.get().is(metaclass) {
            // The metaclass that wins may make classes in its own way.
            let maker = self.get_attribute(winner.get(), heap.name(Name::New))?;
            if native_row(maker.get()).is_none() {
                return self.call_keywords(maker.get(), &[winner.get(), name, bases, namespace], keywords);
            }
        }
        let bases = self.check_bases(bases)?;
        let base = self.best_base(&bases)?;
        let Some(base_view) = base.get().as_class(heap) else { return Err(self.bases_must_be_types()) };
        let ancestors = self.linearise(&bases)?;

        let dict = self.copy_namespace(namespace)?;
        let Some(entries) = dict.get().as_dict() else { return Err(self.bases_must_be_types()) };
        let qualified_name = self.take_qualified_name(entries, name)?;
        self.complete_namespace(entries)?;
        let class_cell = entries.remove_str(heap.name(Name::ClassCell));
        if let Some(cell) = &class_cell
            && cell.get().as_cell().is_none()
        {
            let class = self.class_of(cell.get()).to_owned();
            let got = self.repr_text(class.get())?;
            let message = format!("__classcell__ must be a nonlocal cell, not {got}");
            return Err(self.raise(ClassName::TypeError, message));
        }
        let inherits_dict = bases.iter().any(|base| base.get().as_class(heap).is_some_and(|base| self.has_dict(base)));
        let inherits = |test: fn(ClassFlags) -> bool| {
            ancestors.iter().any(|class| class.get().as_class(heap).is_some_and(|class| test(class.flags())))
        };
        // As in CPython, numbers, tuples and bytes have no place for the references, even as a subclass.
        let may_add_weak_references = !inherits(|flags| flags.has_weak_references)
            && !matches!(base_view.base_kind(), Kind::Int | Kind::Tuple | Kind::Bytes | Kind::Class | Kind::Module);
        let slots = self.declared_slots(&name_text, entries, base_view, (!inherits_dict, may_add_weak_references))?;
        let has_weak_references = inherits(|flags| flags.has_weak_references)
            || may_add_weak_references && slots.as_ref().is_none_or(|slots| slots.has_weak_references);
        let has_dict = inherits_dict || slots.as_ref().is_none_or(|slots| slots.has_dict);
        let declared = slots.map(|slots| slots.names).unwrap_or_default();

        // The nearest ancestor that match takes for one of both says for which.
        let flags_of = |class: &Owned| class.get().as_class(heap).map(Class::flags).unwrap_or_default();
        let matched = ancestors.iter().map(flags_of).find(|flags| flags.is_sequence || flags.is_mapping);
        let flags = ClassFlags {
            is_exception: inherits(|flags| flags.is_exception),
            is_sequence: matched.is_some_and(|flags| flags.is_sequence),
            is_mapping: matched.is_some_and(|flags| flags.is_mapping),
            no_dict: !has_dict,
            has_weak_references,
            ..ClassFlags::default()
        };
        let is_plain = winner.get().is(self.class(ClassName::Type).get());
        let own_shape = winner.get().as_class(heap).and_then(|metaclass| metaclass.root_shape());
        let shape = if is_plain { ShapeId::CLASS } else { own_shape.unwrap_or(ShapeId::CLASS) };
        let bases = self.new_tuple(bases)?;
        let definition = ClassDefinition {
            name: name.to_owned(),
            qualified_name,
            bases,
            ancestors,
            dict: dict.clone(),
            base_kind: base_view.base_kind(),
            flags,
        };
        let class = heap.new_class(shape, definition)?;
        let Some(view) = class.get().as_class(heap) else { return Err(self.bases_must_be_types()) };
        self.refresh_flags(view);
        let first = self.make_layout(view, base_view, &declared)?;
        self.add_members(class.get(), &declared, first)?;
        if has_dict && !inherits_dict {
            self.add_implicit(class.get(), ImplicitAttribute::Dict)?;
        }
        if has_weak_references && may_add_weak_references {
            self.add_implicit(class.get(), ImplicitAttribute::WeakReference)?;
        }
        self.complete_class(view)?;
        if let Some(cell) = class_cell {
            drop(cell.get().as_cell().map(|cell| cell.set(class.clone())));
        }
        if let Some(order) = self.order_of_metaclass(view)? {
            drop(view.set_order(heap, order));
            view.changed(heap);
            self.refresh_flags(view);
        }
        self.set_names(class.get(), &name_text)?;
        self.init_subclass(class.get(), keywords)?;
        Ok(class)
    }

    fn check_type_arguments(&mut self, name: Ref<'_>, bases: Ref<'_>, namespace: Ref<'_>) -> Outcome<String> {
        let checks = [
            (name.as_str().is_some(), "str", name),
            (bases.as_tuple().is_some(), "tuple", bases),
            (namespace.as_dict().is_some(), "dict", namespace),
        ];
        for (index, (is_right, wanted, argument)) in checks.into_iter().enumerate() {
            if !is_right {
                let got = if argument.is_none() { "None".to_owned() } else { self.type_name(argument) };
                let number = index + 1;
                let message = format!("type.__new__() argument {number} must be {wanted}, not {got}");
                return Err(self.raise(ClassName::TypeError, message));
            }
        }
        let text = name.as_str().map_or_else(String::new, |name| name.to_string_lossy());
        if text.contains('\0') {
            return Err(self.raise(ClassName::ValueError, "type name must not contain null characters"));
        }
        Ok(text)
    }

    #[cold]
    fn bases_must_be_types(&mut self) -> Raised {
        self.raise(ClassName::TypeError, "bases must be types")
    }

    /// `TypeError` if a base is none, but says what to put in its place: only the class statement asks for that.
    fn refuse_entries(&mut self, bases: Ref<'_>) -> Outcome<()> {
        let heap = self.heap();
        for base in bases.as_tuple().into_iter().flat_map(|bases| bases.iter()) {
            if base.as_class(heap).is_none() && self.find_attribute(base, heap.name(Name::MroEntries))?.is_some() {
                let message = "type() doesn't support MRO entry resolution; use types.new_class()";
                return Err(self.raise(ClassName::TypeError, message));
            }
        }
        Ok(())
    }

    /// The bases, `object` if there are none.
    fn check_bases(&mut self, bases: Ref<'_>) -> Outcome<Vec<Owned>> {
        let heap = self.heap();
        let bases: Vec<Owned> =
            bases.as_tuple().into_iter().flat_map(|bases| bases.iter()).map(Ref::to_owned).collect();
        if bases.is_empty() {
            return Ok(vec![self.class_of_objects()]);
        }
        for base in &bases {
            let Some(class) = base.get().as_class(heap) else { return Err(self.bases_must_be_types()) };
            if class.flags().is_final {
                let message = format!("type '{}' is not an acceptable base type", self.class_path(class.as_ref()));
                return Err(self.raise(ClassName::TypeError, message));
            }
        }
        Ok(bases)
    }

    /// A dict of its own for the class; names are interned.
    fn copy_namespace(&mut self, namespace: Ref<'_>) -> Outcome {
        let heap = self.heap();
        let copy = self.new_dict()?;
        let Some(entries) = namespace.as_dict() else { return Ok(copy) };
        if let Some(target) = copy.get().as_dict() {
            target.reserve(heap, entries.len() + 2)?;
        }
        let mut position = 0;
        while let Some((index, key, value)) = entries.entry_from(position) {
            position = index + 1;
            let key = if key.get().as_exact_str().is_some() { self.intern_str(key) } else { key };
            self.dict_set(copy.get(), key.get(), value.get())?;
        }
        Ok(copy)
    }

    fn take_qualified_name(&mut self, entries: toy_object::Dict<'_>, name: Ref<'_>) -> Outcome {
        match entries.remove_str(self.heap().name(Name::QualifiedName)) {
            None => Ok(name.to_owned()),
            Some(qualified) if qualified.get().as_str().is_some() => Ok(qualified),
            Some(other) => {
                let message = format!("type __qualname__ must be a str, not {}", self.type_name(other.get()));
                Err(self.raise(ClassName::TypeError, message))
            }
        }
    }

    /// What every class has in front: `__module__`, and the implicit static and class methods.
    fn complete_namespace(&mut self, entries: toy_object::Dict<'_>) -> Outcome<()> {
        let heap = self.heap();
        let module = heap.name(Name::Module);
        if entries.get_str(module).is_none()
            && let Some(name) = self.running_module_name()
        {
            drop(entries.set_str(heap, module, name)?);
        }
        let implicit = [(Name::New, true), (Name::InitSubclass, false), (Name::ClassGetItem, false)];
        for (name, is_static) in implicit {
            let name = heap.name(name);
            if let Some(function) = entries.get_str(name)
                && function.get().as_function().is_some()
            {
                let function = Held::new(function);
                let descriptor = if is_static { Descriptor::Static(function) } else { Descriptor::Class(function) };
                let descriptor = self.new_descriptor(descriptor)?;
                drop(entries.set_str(heap, name, descriptor)?);
            }
        }
        Ok(())
    }

    /// What every class has behind its slots: `__doc__`, and `__hash__` if it defines `__eq__`.
    fn complete_class(&mut self, class: Class<'_>) -> Outcome<()> {
        let heap = self.heap();
        let is_missing = |name: Name| class.dict().get_str(heap.name(name)).is_none();
        if is_missing(Name::Doc) {
            drop(class.set(heap, heap.name(Name::Doc), Owned::none())?);
        }
        if !is_missing(Name::Eq) && is_missing(Name::Hash) {
            drop(class.set(heap, heap.name(Name::Hash), Owned::none())?);
        }
        Ok(())
    }

    /// `__name__` of the module whose code runs.
    fn running_module_name(&self) -> Option<Owned> {
        let function = self.frames.last()?.function();
        let globals = function.get().as_function()?.globals().as_dict()?;
        globals.get_str(self.name(Name::Name))
    }

    /// Calls `__set_name__` of everything in the namespace that has it.
    fn set_names(&mut self, class: Ref<'_>, class_name: &str) -> Outcome<()> {
        let heap = self.heap();
        let Some(view) = class.as_class(heap) else { return Ok(()) };
        let mut entries = Vec::new();
        let mut position = 0;
        while let Some((index, key, value)) = view.dict().entry_from(position) {
            position = index + 1;
            let kind = self.kind_of(value.get());
            if matches!(kind, Kind::Instance | Kind::Native | Kind::Class)
                && self.has_special(value.get(), Name::SetName)
            {
                entries.push((key, value));
            } else if let Some(Descriptor::Property(property)) = value.get().payload::<Descriptor>(heap)
                && property.name.get().is_none()
            {
                drop(property.name.set(key));
            }
        }
        for (key, value) in entries {
            let Some(result) = self.call_special(value.get(), Name::SetName, &[class, key.get()]) else { continue };
            if let Err(raised) = result {
                let (kind, key) = (self.type_name(value.get()), self.str_text(key.get()).unwrap_or_default());
                let note = format!("Error calling __set_name__ on '{kind}' instance '{key}' in '{class_name}'");
                self.add_note(&note);
                return Err(raised);
            }
        }
        Ok(())
    }

    /// Adds a note to the exception under way.
    fn add_note(&mut self, note: &str) {
        let exception = self.take_raised();
        if let (Ok(name), Ok(note)) = (self.intern("add_note"), self.new_str(note)) {
            match self.call_method(exception.get(), name.get(), &[note.get()]) {
                Ok(done) => drop(done),
                Err(_) => drop(self.take_raised()),
            }
        }
        let _raised = self.raise_again(exception);
    }

    /// Calls `__init_subclass__` of the parent.
    fn init_subclass(&mut self, class: Ref<'_>, keywords: &[(Ref<'_>, Ref<'_>)]) -> Outcome<()> {
        let parent = self.new_super(class, Some(class))?;
        let name = self.name(Name::InitSubclass).to_owned();
        match self.find_attribute(parent.get(), name.get())? {
            Some(method) => {
                if keywords.is_empty() && native_row(method.get()).is_some() {
                    return Ok(());
                }
                self.call_keywords(method.get(), &[], keywords).map(drop)
            }
            None => Ok(()),
        }
    }

    /// An attribute of a class was set or deleted.
    pub(crate) fn class_changed(&mut self, class: Class<'_>, name: Ref<'_>) {
        let heap = self.heap();
        if FLAGGED.iter().any(|&flagged| heap.name(flagged).is(name)) {
            self.refresh_flags_below(class);
        }
    }

    pub(super) fn refresh_flags_below(&mut self, class: Class<'_>) {
        let heap = self.heap();
        self.refresh_flags(class);
        for subclass in class.subclasses(heap) {
            if let Some(subclass) = subclass.get().as_class(heap) {
                self.refresh_flags_below(subclass);
            }
        }
    }

    /// Notes which of the flagged methods a class or an ancestor has, other than those of `object` and `type`.
    pub(crate) fn refresh_flags(&mut self, class: Class<'_>) {
        let heap = self.heap();
        let defines = |name: Name, test: fn(ClassFlags) -> bool| {
            (0..class.mro_len()).filter_map(|index| class.mro_get(index)).any(|ancestor| {
                let Some(ancestor) = ancestor.get().as_class(heap) else { return false };
                let flags = ancestor.flags();
                if flags.is_builtin { test(flags) } else { ancestor.dict().get_str(heap.name(name)).is_some() }
            })
        };
        let flags = ClassFlags {
            has_get_attribute: defines(Name::GetAttribute, |flags| flags.has_get_attribute),
            has_get_attr: defines(Name::GetAttr, |flags| flags.has_get_attr),
            has_set_attr: defines(Name::SetAttr, |flags| flags.has_set_attr),
            has_del_attr: defines(Name::DelAttr, |flags| flags.has_del_attr),
            has_finaliser: defines(Name::Del, |flags| flags.has_finaliser),
            ..class.flags()
        };
        class.set_flags(heap, flags);
    }
}
