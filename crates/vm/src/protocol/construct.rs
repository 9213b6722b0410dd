//! Calling classes.

use smallvec::SmallVec;
use toy_object::{Class, Construction, Kind, Name, Owned, Ref, ShapeId, Value};

use super::descriptor::Descriptor;
use crate::classes::ClassName;
use crate::native::{NativeKind, Outcome, Raised};
use crate::run::native_row;
use crate::thread::Vm;

impl Vm {
    /// `class(*arguments, **keywords)`: the metaclass may say what that means.
    pub fn construct(&mut self, class: Ref<'_>, arguments: &[Ref<'_>], keywords: &[(Ref<'_>, Ref<'_>)]) -> Outcome {
        if class.shape() != ShapeId::CLASS
            && let Some(method) = self.lookup_special(class, Name::Call)
            && native_row(method.get()).is_none()
        {
            let metaclass = self.class_of(class).to_owned();
            let bound = self.bind(method.get(), class, metaclass.get())?;
            return self.call_keywords(bound.get(), arguments, keywords);
        }
        self.construct_instance(class, arguments, keywords)
    }

    /// What `type.__call__` does: `__new__`, then `__init__`.
    pub fn construct_instance(
        &mut self,
        class: Ref<'_>,
        arguments: &[Ref<'_>],
        keywords: &[(Ref<'_>, Ref<'_>)],
    ) -> Outcome {
        let heap = self.heap();
        let Some(view) = class.as_class(heap) else {
            let message = format!("'{}' object is not callable", self.type_name(class));
            return Err(self.raise(ClassName::TypeError, message));
        };
        if view.flags().is_builtin && class.is(self.class(ClassName::Type).get()) {
            match (arguments, keywords) {
                ([value], []) => return Ok(heap.class_of(*value).to_owned()),
                ([_, _, _], _) => {}
                ([_], _) => return Err(self.raise(ClassName::TypeError, "type() takes no keyword arguments")),
                _ => return Err(self.raise(ClassName::TypeError, "type() takes 1 or 3 arguments")),
            }
        }
        match self.construction_of(view) {
            Construction::PlainInit(_) => {
                let instance = self.new_plain_instance(view)?;
                self.run_init(view, instance.get(), arguments, keywords)?;
                Ok(instance)
            }
            Construction::NoInit if arguments.is_empty() && keywords.is_empty() => self.new_plain_instance(view),
            _ => self.construct_generally(view, arguments, keywords),
        }
    }

    fn construct_generally(
        &mut self,
        class: Class<'_>,
        arguments: &[Ref<'_>],
        keywords: &[(Ref<'_>, Ref<'_>)],
    ) -> Outcome {
        let heap = self.heap();
        let maker = match class.lookup(heap, heap.name(Name::New)) {
            Some(found) => self.bind_to_class(found.get(), class.as_ref())?,
            None => {
                let message = format!("cannot create '{}' instances", class.name_text());
                return Err(self.raise(ClassName::TypeError, message));
            }
        };
        let mut all = SmallVec::<[Ref<'_>; 8]>::new();
        all.push(class.as_ref());
        all.extend_from_slice(arguments);
        let instance = self.call_keywords(maker.get(), &all, keywords)?;
        let made = self.class_view(instance.get());
        if made.is_subclass_of(class.as_ref()) {
            self.run_init(made, instance.get(), arguments, keywords)?;
        }
        Ok(instance)
    }

    /// Runs `__init__` on a new instance.
    fn run_init(
        &mut self,
        class: Class<'_>,
        instance: Ref<'_>,
        arguments: &[Ref<'_>],
        keywords: &[(Ref<'_>, Ref<'_>)],
    ) -> Outcome<()> {
        let heap = self.heap();
        let Some(init) = class.lookup(heap, heap.name(Name::Init)) else { return Ok(()) };
        if self.is_objects_own(init.get()) {
            return self.object_init(instance, !arguments.is_empty() || !keywords.is_empty());
        }
        let result = if init.get().shape() == ShapeId::FUNCTION || native_row(init.get()).is_some() {
            let mut all = SmallVec::<[Ref<'_>; 8]>::new();
            all.push(instance);
            all.extend_from_slice(arguments);
            self.call_keywords(init.get(), &all, keywords)?
        } else {
            let bound = self.bind(init.get(), instance, class.as_ref())?;
            self.call_keywords(bound.get(), arguments, keywords)?
        };
        self.check_init_result(result.get())
    }

    /// `TypeError` unless `__init__` returned None.
    pub(crate) fn check_init_result(&mut self, result: Ref<'_>) -> Outcome<()> {
        if result.is_none() {
            return Ok(());
        }
        let message = format!("__init__() should return None, not '{}'", self.type_name(result));
        Err(self.raise(ClassName::TypeError, message))
    }

    pub(crate) fn new_plain_instance(&mut self, class: Class<'_>) -> Outcome {
        match class.root_shape() {
            Some(root) => Ok(self.new_instance(root)?),
            None => Ok(Owned::none()),
        }
    }

    /// What calls of a class do, which the class remembers until it or an ancestor changes.
    pub(crate) fn construction_of(&mut self, class: Class<'_>) -> Construction {
        let known = class.construction();
        if known != Construction::Unknown {
            return known;
        }
        let construction = self.find_construction(class);
        class.set_construction(construction);
        construction
    }

    fn find_construction(&self, class: Class<'_>) -> Construction {
        let heap = self.heap();
        let flags = class.flags();
        let has_plain_instances = !flags.is_builtin
            && !flags.is_exception
            && !flags.is_abstract
            && class.base_kind() == Kind::Instance
            && class.root_shape().is_some();
        if !has_plain_instances || !self.makes_plainly(class) {
            return self.native_construction(class).unwrap_or(Construction::General);
        }
        match class.lookup(heap, heap.name(Name::Init)) {
            None => Construction::NoInit,
            Some(init) if self.is_objects_own(init.get()) => Construction::NoInit,
            Some(init) => {
                // Whether the arguments fit is looked at in each call: the function's code can be replaced.
                if init.get().as_function().is_some() {
                    Construction::PlainInit(init.value())
                } else {
                    Construction::General
                }
            }
        }
    }

    /// The natives that make an instance, if nothing but natives does.
    fn native_construction(&self, class: Class<'_>) -> Option<Construction> {
        let heap = self.heap();
        if let Some(maker) = self.machine().maker_of(class.as_ref()) {
            return Some(Construction::Native { new: maker, init: Value::UNBOUND });
        }
        // `type(x)` means something else.
        if class.as_ref().is(self.class(ClassName::Type).get()) {
            return None;
        }
        let found = class.lookup(heap, heap.name(Name::New))?;
        let new = match found.get().payload::<Descriptor>(heap) {
            Some(Descriptor::Static(function)) => function.get_or_none(),
            _ => found,
        };
        if self.is_objects_own(new.get()) || native_row(new.get()).is_none_or(|row| row.kind != NativeKind::Static) {
            return None;
        }
        let init = match class.lookup(heap, heap.name(Name::Init)) {
            Some(init) if !self.is_objects_own(init.get()) => {
                native_row(init.get()).filter(|row| row.kind == NativeKind::Method)?;
                init.value()
            }
            _ => Value::UNBOUND,
        };
        if class.flags().is_exception
            && class.root_shape().is_some()
            && self.is_made_as_base_exception(new.get(), init)
            && let Some(maker) = self.machine().maker_of(self.class(ClassName::BaseException).get())
        {
            return Some(Construction::Native { new: maker, init: Value::UNBOUND });
        }
        Some(Construction::Native { new: new.value(), init })
    }

    /// Whether what makes an exception is what makes a `BaseException`.
    fn is_made_as_base_exception(&self, new: Ref<'_>, init: Value) -> bool {
        let heap = self.heap();
        let base = self.class(ClassName::BaseException);
        let Some(base) = base.get().as_class(heap) else { return false };
        let own_new = match base.dict().get_str(heap.name(Name::New)) {
            Some(found) => match found.get().payload::<Descriptor>(heap) {
                Some(Descriptor::Static(function)) => function.get_or_none(),
                _ => found,
            },
            None => return false,
        };
        let own_init = base.dict().get_str(heap.name(Name::Init));
        own_new.get().is(new) && own_init.is_some_and(|own| own.value() == init)
    }

    /// Whether a class inherits `object.__new__`.
    pub fn makes_plainly(&self, class: Class<'_>) -> bool {
        let heap = self.heap();
        let Some(found) = class.lookup(heap, heap.name(Name::New)) else { return true };
        match found.get().payload::<Descriptor>(heap) {
            Some(Descriptor::Static(function)) => {
                function.get().is_some_and(|function| self.is_objects_own(function.get()))
            }
            _ => self.is_objects_own(found.get()),
        }
    }

    /// Whether a class inherits `object.__init__`.
    fn inits_plainly(&self, class: Class<'_>) -> bool {
        let heap = self.heap();
        class.lookup(heap, heap.name(Name::Init)).is_none_or(|init| self.is_objects_own(init.get()))
    }

    /// What `object.__new__(class, …)` does.
    pub fn object_new(&mut self, class: Ref<'_>, has_arguments: bool) -> Outcome {
        let heap = self.heap();
        let Some(view) = class.as_class(heap) else {
            let message = format!("object.__new__(X): X is not a type object ({})", self.type_name(class));
            return Err(self.raise(ClassName::TypeError, message));
        };
        let flags = view.flags();
        let is_object = class.is(self.class_of_objects().get());
        if view.base_kind() != Kind::Instance || flags.is_exception {
            let name = view.name_text();
            let message = if flags.is_builtin && self.makes_plainly(view) {
                format!("cannot create '{}' instances", self.constructor_home(view))
            } else {
                format!("object.__new__({name}) is not safe, use {}.__new__()", self.native_ancestor(view))
            };
            return Err(self.raise(ClassName::TypeError, message));
        }
        if has_arguments {
            if !self.makes_plainly(view) {
                let message = "object.__new__() takes exactly one argument (the type to instantiate)";
                return Err(self.raise(ClassName::TypeError, message));
            }
            if self.inits_plainly(view) {
                let message = format!("{}() takes no arguments", view.name_text());
                return Err(self.raise(ClassName::TypeError, message));
            }
        }
        if flags.is_abstract && !is_object {
            return Err(self.abstract_class(view));
        }
        self.new_plain_instance(view)
    }

    /// `TypeError` unless the native `__new__` of the class `home` may make instances of `class`: that is `home` or one of
    /// its subclasses, and none of the builtin classes between them makes its instances in a way of its own.
    #[inline]
    pub fn check_made_by(&mut self, class: Ref<'_>, home: Ref<'_>) -> Outcome<()> {
        if class.is(home) { Ok(()) } else { self.check_subclass_made_by(class, home) }
    }

    fn check_subclass_made_by(&mut self, class: Ref<'_>, home: Ref<'_>) -> Outcome<()> {
        let heap = self.heap();
        let Some(home_view) = home.as_class(heap) else { return Ok(()) };
        let Some(view) = class.as_class(heap) else {
            let (name, got) = (self.constructor_home(home_view), self.type_name(class));
            let message = format!("{name}.__new__(X): X is not a type object ({got})");
            return Err(self.raise(ClassName::TypeError, message));
        };
        if !view.is_subclass_of(home) {
            let (name, got) = (self.constructor_home(home_view), self.constructor_home(view));
            let message = format!("{name}.__new__({got}): {got} is not a subtype of {name}");
            return Err(self.raise(ClassName::TypeError, message));
        }
        // What is found first is its own: so nothing stands before it.
        let new = heap.name(Name::New);
        if let (Some(found), Some(own)) = (view.lookup(heap, new), home_view.dict().get_str(new))
            && found.get().is(own.get())
        {
            return Ok(());
        }
        let ancestors = (0..view.mro_len()).filter_map(|index| view.mro_get(index));
        for ancestor in ancestors {
            let Some(ancestor) = ancestor.get().as_class(heap).filter(|ancestor| ancestor.flags().is_builtin) else {
                continue;
            };
            if ancestor.as_ref().is(home) {
                break;
            }
            if ancestor.dict().get_str(heap.name(Name::New)).is_some() {
                let (name, got) = (self.constructor_home(home_view), self.constructor_home(view));
                let maker = self.constructor_home(ancestor);
                let message = format!("{name}.__new__({got}) is not safe, use {maker}.__new__()");
                return Err(self.raise(ClassName::TypeError, message));
            }
        }
        Ok(())
    }

    /// How complaints about a native `__new__` name a class: in full, if it is a builtin one outside of `builtins`.
    fn constructor_home(&self, class: Class<'_>) -> String {
        let heap = self.heap();
        let module = class.dict().get_str(heap.name(Name::Module)).filter(|_| class.flags().is_builtin);
        let module = module.as_ref().and_then(|module| module.get().as_str()).map(|module| module.to_string_lossy());
        match module.filter(|module| module != "builtins") {
            Some(module) => format!("{module}.{}", class.name_text()),
            None => class.name_text(),
        }
    }

    /// The builtin ancestor that says how instances are made.
    fn native_ancestor(&self, class: Class<'_>) -> String {
        let heap = self.heap();
        let ancestors = (0..class.mro_len()).filter_map(|index| class.mro_get(index));
        let native = ancestors
            .into_iter()
            .find(|ancestor| ancestor.get().as_class(heap).is_some_and(|ancestor| ancestor.flags().is_builtin));
        native.and_then(|native| native.get().as_class(heap).map(Class::name_text)).unwrap_or_default()
    }

    #[cold]
    fn abstract_class(&mut self, class: Class<'_>) -> Raised {
        let heap = self.heap();
        let missing = class.dict().get_str(heap.name(Name::AbstractMethods));
        let mut names = Vec::new();
        if let Some(missing) = missing {
            match self.collect(missing.get()) {
                Ok(items) => {
                    names
                        .extend(items.iter().filter_map(|name| name.get().as_str()).map(|name| name.to_string_lossy()));
                }
                Err(raised) => return raised,
            }
        }
        names.sort();
        let plural = if names.len() == 1 { "" } else { "s" };
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        let message = format!(
            "Can't instantiate abstract class {} without an implementation for abstract method{plural} {}",
            class.name_text(),
            quoted.join(", ")
        );
        self.raise(ClassName::TypeError, message)
    }

    /// What `object.__init__(instance, …)` does.
    pub fn object_init(&mut self, instance: Ref<'_>, has_arguments: bool) -> Outcome<()> {
        if !has_arguments {
            return Ok(());
        }
        let class = self.class_view(instance);
        if !self.inits_plainly(class) {
            let message = "object.__init__() takes exactly one argument (the instance to initialize)";
            return Err(self.raise(ClassName::TypeError, message));
        }
        if self.makes_plainly(class) && class.base_kind() == Kind::Instance {
            let name = class.name_text();
            let message = format!("{name}.__init__() takes exactly one argument (the instance to initialize)");
            return Err(self.raise(ClassName::TypeError, message));
        }
        Ok(())
    }

    /// An instance of `class`, a subclass of a builtin type, that stands for `inner`; `inner` itself if `class` is its
    /// class.
    ///
    /// # Errors
    ///
    /// `TypeError` if `class` is something else: see [`check_made_by`](Self::check_made_by).
    pub fn wrap_builtin(&mut self, class: Ref<'_>, inner: Owned) -> Outcome {
        let heap = self.heap();
        if heap.class_of(inner.get()).is(class) {
            return Ok(inner);
        }
        let home = heap.class_of(inner.get()).to_owned();
        self.check_made_by(class, home.get())?;
        let Some(view) = class.as_class(heap) else { return Ok(inner) };
        let Some(root) = view.root_shape().filter(|&root| heap.shape(root).flags().wraps) else { return Ok(inner) };
        let instance = heap.new_instance(root)?;
        if let Some(slots) = instance.get().as_instance(heap) {
            let nothing = slots.set_slot(heap, 0, inner);
            debug_assert!(nothing.value().is_unbound());
        }
        Ok(instance)
    }
}
