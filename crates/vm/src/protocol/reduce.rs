//! Taking objects apart, so that others can be made that equal them: what `object.__reduce_ex__` and `object.__getstate__` do.
//!
//! The parts are a tuple: what to call, its arguments, a state, items of a list, items of a dict. How new objects are made from
//! them is written in toy, in `copyreg` and `copy`, and natively in the library's `pickle`.

use toy_object::{Kind, Name, Owned, Ref, wrapped};

use crate::classes::ClassName;
use crate::native::{Outcome, Raised};
use crate::thread::Vm;

/// Arguments for `__new__`, by position and by name.
struct NewArguments {
    positional: Owned,
    keywords: Option<Owned>,
}

impl Vm {
    /// What `object.__reduce_ex__(protocol)` does: it asks a `__reduce__` that is not `object`'s.
    pub fn object_reduce_ex(&mut self, object: Ref<'_>, protocol: i64) -> Outcome {
        if self.has_override(object, Name::Reduce) {
            return self.call_method(object, self.heap().name(Name::Reduce), &[]);
        }
        self.object_reduce(object, protocol)
    }

    /// The parts of an object whose class says nothing of them.
    pub fn object_reduce(&mut self, object: Ref<'_>, protocol: i64) -> Outcome {
        if protocol < 2 {
            let (function, protocol) = (self.copyreg("_reduce_ex")?, self.new_int(protocol)?);
            return self.call(function.get(), &[object, protocol.get()]);
        }
        let class = self.class_of(object).to_owned();
        let arguments = self.new_arguments(object)?;
        let (is_list, is_dict) = (object.as_list().is_some(), object.as_dict().is_some());
        let is_required = arguments.is_none() && !is_list && !is_dict;
        let (maker, arguments) = match arguments {
            Some(NewArguments { positional, keywords: Some(keywords) }) => {
                (self.copyreg("__newobj_ex__")?, self.new_tuple([class, positional, keywords])?)
            }
            arguments => {
                let mut all = vec![class];
                let positional = arguments.as_ref().and_then(|arguments| arguments.positional.get().as_tuple());
                all.extend(positional.into_iter().flat_map(|tuple| tuple.iter()).map(Ref::to_owned));
                (self.copyreg("__newobj__")?, self.new_tuple(all)?)
            }
        };
        let state = self.state_of(object, is_required)?;
        let list_items = if is_list { self.get_iterator(object)? } else { Owned::none() };
        let dict_items = if is_dict {
            let items = self.call_method(object, self.heap().name(Name::Items), &[])?;
            self.get_iterator(items.get())?
        } else {
            Owned::none()
        };
        Ok(self.new_tuple([maker, arguments, state, list_items, dict_items])?)
    }

    /// What `object.__getstate__()` gives: the `__dict__`, or it and a dict of what stands in `__slots__`. If the state is required to
    /// be all that the object consists of, objects that a native class made are refused.
    pub fn object_state(&mut self, object: Ref<'_>, is_required: bool) -> Outcome {
        if is_required && !self.consists_of_attributes(object) {
            return Err(self.cannot_pickle(object));
        }
        let state = if self.has_attributes(object) { self.attribute_dict(object)? } else { None };
        let state = state.unwrap_or_else(Owned::none);
        match self.slot_state(object)? {
            Some(slots) => Ok(self.new_tuple([state, slots])?),
            None => Ok(state),
        }
    }

    /// Whether an object is of a class that inherits from `object` whatever takes objects apart, has no `__slots__`, and so is its
    /// class and its attributes.
    pub fn is_reduced_plainly(&self, object: Ref<'_>) -> bool {
        const OF_CLASS: [Name; 3] = [Name::Reduce, Name::GetNewArgs, Name::GetNewArgsEx];
        let heap = self.heap();
        let class = self.class_view(object);
        self.kind_of(object) == Kind::Instance
            && self.consists_of_attributes(object)
            && !OF_CLASS.into_iter().any(|name| self.has_override(object, name))
            && self.is_objects_method(object, Name::ReduceEx)
            && self.is_objects_method(object, Name::GetState)
            && !(0..class.mro_len()).filter_map(|index| class.mro_get(index)).any(|ancestor| {
                let ancestor = ancestor.get().as_class(heap);
                ancestor.is_some_and(|ancestor| ancestor.dict().get_str(heap.name(Name::Slots)).is_some())
            })
    }

    /// The parts of an object that a call of a builtin function makes, and perhaps a state.
    pub fn reduced_to_builtin<const N: usize>(
        &mut self,
        function: &str,
        arguments: [Owned; N],
        state: Option<Owned>,
    ) -> Outcome {
        let name = self.intern(function)?;
        let builtins = self.machine().builtins().to_owned();
        let Some(function) = self.dict_get(builtins.get(), name.get())? else {
            return Err(self.raise(ClassName::AttributeError, function));
        };
        let arguments = self.new_tuple(arguments)?;
        match state {
            Some(state) => Ok(self.new_tuple([function, arguments, state])?),
            None => Ok(self.new_pair(function, arguments)?),
        }
    }

    /// "cannot pickle 'generator' object".
    #[cold]
    pub fn cannot_pickle(&mut self, object: Ref<'_>) -> Raised {
        if self.kind_of(object) == Kind::Code {
            return self.raise(ClassName::TypeError, "cannot pickle code objects");
        }
        let name = self.type_name(object);
        self.raise(ClassName::TypeError, format!("cannot pickle '{name}' object"))
    }

    /// Whether asking the object for this attribute gives `object`'s own method.
    fn is_objects_method(&self, object: Ref<'_>, name: Name) -> bool {
        let heap = self.heap();
        !self.class_view(object).flags().has_get_attribute
            && !self.has_override(object, name)
            && object.as_instance(heap).is_none_or(|instance| instance.attribute(heap, heap.name(name)).is_none())
    }

    fn copyreg(&mut self, name: &str) -> Outcome {
        let (module, name) = (self.import_module("copyreg")?, self.intern(name)?);
        self.get_attribute(module.get(), name.get())
    }

    fn consists_of_attributes(&self, object: Ref<'_>) -> bool {
        match self.kind_of(object) {
            Kind::None | Kind::Ellipsis | Kind::NotImplemented => true,
            Kind::Instance => wrapped(object).is_none() && !self.heap().shape(object.shape()).flags().exception,
            _ => false,
        }
    }

    /// Whether `__dict__` holds anything; the object keeps its attributes where they are.
    fn has_attributes(&self, object: Ref<'_>) -> bool {
        let heap = self.heap();
        match object.as_instance(heap) {
            Some(instance) => match instance.dict_in_use() {
                Some(dict) => dict.get().as_dict().is_some_and(|dict| !dict.is_empty()),
                None => !instance.slot_names(heap).is_empty(),
            },
            None => true,
        }
    }

    fn state_of(&mut self, object: Ref<'_>, is_required: bool) -> Outcome {
        if self.is_objects_method(object, Name::GetState) {
            return self.object_state(object, is_required);
        }
        self.call_method(object, self.heap().name(Name::GetState), &[])
    }

    fn slot_state(&mut self, object: Ref<'_>) -> Outcome<Option<Owned>> {
        let names = self.slot_names(object)?;
        if names.is_empty() {
            return Ok(None);
        }
        let slots = self.new_dict()?;
        for name in names {
            if let Some(value) = self.find_attribute(object, name.get())? {
                self.dict_set(slots.get(), name.get(), value.get())?;
            }
        }
        let is_empty = slots.get().as_dict().is_none_or(|slots| slots.is_empty());
        Ok(if is_empty { None } else { Some(slots) })
    }

    /// The names in the `__slots__` of the class and its ancestors, as attributes are called.
    fn slot_names(&mut self, object: Ref<'_>) -> Outcome<Vec<Owned>> {
        let heap = self.heap();
        let class = self.class_view(object);
        let mut names = Vec::new();
        for index in 0..class.mro_len() {
            let Some(ancestor) = class.mro_get(index) else { continue };
            let Some(ancestor) = ancestor.get().as_class(heap) else { continue };
            let Some(slots) = ancestor.dict().get_str(heap.name(Name::Slots)) else { continue };
            let class_name = ancestor.name_text();
            let slots = if slots.get().as_str().is_some() { vec![slots] } else { self.collect(slots.get())? };
            for slot in slots {
                let Some(text) = slot.get().as_str().map(|text| text.to_string_lossy()) else { continue };
                let stripped = class_name.trim_start_matches('_');
                match text.as_str() {
                    "__dict__" | "__weakref__" => {}
                    text if text.starts_with("__") && !text.ends_with("__") && !stripped.is_empty() => {
                        names.push(self.intern(&format!("_{stripped}{text}"))?);
                    }
                    text => names.push(self.intern(text)?),
                }
            }
        }
        Ok(names)
    }

    /// What `__getnewargs_ex__` or `__getnewargs__` says, if the class has one of them.
    fn new_arguments(&mut self, object: Ref<'_>) -> Outcome<Option<NewArguments>> {
        if let Some(answer) = self.call_special(object, Name::GetNewArgsEx, &[]) {
            let answer = answer?;
            return self.new_arguments_with_keywords(answer.get()).map(Some);
        }
        let Some(answer) = self.call_special(object, Name::GetNewArgs, &[]) else { return Ok(None) };
        let answer = answer?;
        if answer.get().as_tuple().is_none() {
            let got = self.type_name(answer.get());
            let message = format!("__getnewargs__ should return a tuple, not '{got}'");
            return Err(self.raise(ClassName::TypeError, message));
        }
        Ok(Some(NewArguments { positional: answer, keywords: None }))
    }

    fn new_arguments_with_keywords(&mut self, answer: Ref<'_>) -> Outcome<NewArguments> {
        let Some(pair) = answer.as_tuple() else {
            let message = format!("__getnewargs_ex__ should return a tuple, not '{}'", self.type_name(answer));
            return Err(self.raise(ClassName::TypeError, message));
        };
        let (2, Some(positional), Some(keywords)) = (pair.len(), pair.get(0), pair.get(1)) else {
            let message = format!("__getnewargs_ex__ should return a tuple of length 2, not {}", pair.len());
            return Err(self.raise(ClassName::ValueError, message));
        };
        let expected = match (positional.as_tuple(), keywords.as_dict()) {
            (Some(_), Some(by_name)) => {
                let keywords = if by_name.is_empty() { None } else { Some(keywords.to_owned()) };
                return Ok(NewArguments { positional: positional.to_owned(), keywords });
            }
            (None, _) => ("first", "tuple", positional),
            (_, None) => ("second", "dict", keywords),
        };
        let (place, wanted, got) = (expected.0, expected.1, self.type_name(expected.2));
        let message =
            format!("{place} item of the tuple returned by __getnewargs_ex__ must be a {wanted}, not '{got}'");
        Err(self.raise(ClassName::TypeError, message))
    }
}
