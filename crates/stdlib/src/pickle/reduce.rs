//! Writing what objects consist of: the parts that `__reduce_ex__`, a table or a pickler's own method answer.

use toy_object::{Kind, Name, Owned, Ref, ShapeId, Tuple};
use toy_process::wire::Event;
use toy_vm::{ClassName, Outcome, Raised, Vm};

use super::attribute;
use super::encode::Encoder;
use super::error::pickling_error;
use super::step::Step;
use crate::argument::is_callable;

/// So many objects may wait for arguments that hold further ones, before it counts as endless.
const MOST_PENDING_CALLS: usize = 20_000;

/// So many objects may wait for a state or for items with further such objects, before it counts as endless.
const MOST_INCOMPLETE: usize = 200_000;

/// What an object is made of.
struct Parts<'a> {
    maker: Ref<'a>,
    arguments: Tuple<'a>,
    state: Ref<'a>,
    list_items: Ref<'a>,
    dict_items: Ref<'a>,
    setter: Ref<'a>,
}

impl Encoder {
    /// Asks whoever knows what an object consists of.
    pub(super) fn take_apart(&mut self, vm: &mut Vm, object: Owned) -> Outcome<()> {
        let class = vm.class_of(object.get()).to_owned();
        if let Some(function) = self.dispatched(vm, class.get())? {
            let parts = vm.call(function.get(), &[object.get()])?;
            return self.save_parts(vm, object, parts);
        }
        if vm.kind_of(object.get()) == Kind::Class {
            return self.save_global(vm, object, None);
        }
        if self.protocol >= 2 && vm.is_reduced_plainly(object.get()) {
            return self.save_plainly(vm, &object, class);
        }
        let protocol = vm.new_int(self.protocol)?;
        let name = vm.heap().name(Name::ReduceEx);
        let parts = vm.call_method(object.get(), name, &[protocol.get()])?;
        self.save_parts(vm, object, parts)
    }

    /// Writes a class. The classes of the singletons have no name to be found by.
    pub(super) fn save_class(&mut self, vm: &mut Vm, class: Owned) -> Outcome<()> {
        if class.get().shape() != ShapeId::CLASS {
            return self.take_apart(vm, class);
        }
        let singletons = [Owned::none(), Owned::not_implemented(), Owned::ellipsis()];
        for singleton in singletons {
            if vm.class_of(singleton.get()).is(class.get()) {
                let maker = vm.class(ClassName::Type);
                let arguments = vm.new_tuple([singleton])?;
                let parts = vm.new_pair(maker, arguments)?;
                return self.save_parts(vm, class, parts);
            }
        }
        self.save_global(vm, class, None)
    }

    /// What takes objects of a class apart, if a table says so.
    fn dispatched(&mut self, vm: &mut Vm, class: Ref<'_>) -> Outcome<Option<Owned>> {
        let table = match &self.hooks.dispatch_table {
            Some(table) => table.clone(),
            None => {
                let copyreg = vm.import_module("copyreg")?;
                let table = attribute(vm, copyreg.get(), "dispatch_table")?.unwrap_or_else(Owned::none);
                self.hooks.dispatch_table = Some(table.clone());
                table
            }
        };
        if table.get().shape() == ShapeId::DICT {
            return vm.dict_get(table.get(), class);
        }
        match vm.get_item(table.get(), class) {
            Ok(function) => Ok(Some(function)),
            Err(raised) if !vm.raised_is(ClassName::KeyError) => Err(raised),
            Err(_) => {
                drop(vm.take_raised());
                Ok(None)
            }
        }
    }

    /// Writes an object that is its class and its attributes, without making its `__dict__`.
    fn save_plainly(&mut self, vm: &mut Vm, object: &Owned, class: Owned) -> Outcome<()> {
        let heap = vm.heap();
        if let Some(instance) = object.get().as_instance(heap) {
            match (instance.attributes(heap), instance.dict_in_use()) {
                (Some(attributes), _) if !attributes.is_empty() => {
                    let count = attributes.len() as u64;
                    self.steps.push(Step::Emit(Event::Build));
                    self.steps.push(Step::Attributes { rest: attributes.into_iter(), count, name: Owned::none() });
                    self.steps.push(Step::Emit(Event::EmptyDict));
                }
                (None, Some(dict)) if dict.get().as_dict().is_some_and(|dict| !dict.is_empty()) => {
                    self.steps.push(Step::Emit(Event::Build));
                    self.steps.push(Step::Value(dict));
                }
                _ => {}
            }
        }
        self.begin_making(vm, object)?;
        self.steps.push(Step::Emit(Event::NewObject));
        self.steps.push(Step::Emit(Event::Tuple(0)));
        self.steps.push(Step::Value(class));
        Ok(())
    }

    fn begin_making(&mut self, vm: &mut Vm, object: &Owned) -> Outcome<()> {
        self.pending_calls += 1;
        if self.pending_calls > MOST_PENDING_CALLS {
            return Err(endless(vm));
        }
        self.steps.push(Step::Made(object.clone()));
        Ok(())
    }

    /// Writes an object by its parts; a string is the name that it is found by.
    pub(super) fn save_parts(&mut self, vm: &mut Vm, object: Owned, parts: Owned) -> Outcome<()> {
        if parts.get().as_str().is_some() {
            return self.save_global(vm, object, Some(parts.get()));
        }
        let Some(tuple) = parts.get().as_tuple() else {
            return Err(pickling_error(vm, "__reduce__ must return a string or tuple"));
        };
        let parts = checked_parts(vm, tuple)?;
        if [parts.state, parts.list_items, parts.dict_items].iter().any(|part| !part.is_none()) {
            self.incomplete += 1;
            if self.incomplete > MOST_INCOMPLETE {
                return Err(endless(vm));
            }
            self.steps.push(Step::Complete);
        }
        if !parts.state.is_none() {
            let (state, setter) = (parts.state.to_owned(), parts.setter.to_owned());
            self.steps.push(Step::State { object: object.clone(), state, setter });
        }
        if !parts.dict_items.is_none() {
            let iterator = parts.dict_items.to_owned();
            self.steps.push(Step::DictItems { iterator, pending: 0, key: Owned::none() });
        }
        if !parts.list_items.is_none() {
            let iterator = parts.list_items.to_owned();
            self.steps.push(Step::ListItems { iterator, given: 0, pending: 0 });
        }
        self.begin_making(vm, &object)?;
        let maker = attribute(vm, parts.maker, "__name__")?;
        let maker = maker.as_ref().and_then(|name| name.get().as_str()).map(|name| name.to_string_lossy());
        match maker.as_deref() {
            Some("__newobj__") if self.protocol >= 2 => self.save_new_object(vm, &object, parts.arguments),
            Some("__newobj_ex__") if self.protocol >= 2 => {
                self.save_new_object_with_keywords(vm, &object, parts.arguments)
            }
            _ => {
                self.steps.push(Step::Emit(Event::Reduce));
                let tuple = parts.arguments.as_ref().to_owned();
                self.steps.push(Step::Arguments { tuple, next: 0, first: 0 });
                self.steps.push(Step::Value(parts.maker.to_owned()));
                Ok(())
            }
        }
    }

    fn save_new_object(&mut self, vm: &mut Vm, object: &Owned, arguments: Tuple<'_>) -> Outcome<()> {
        let Some(class) = arguments.get(0) else { return Err(pickling_error(vm, "__newobj__ arglist is empty")) };
        check_class(vm, object, class, "__newobj__")?;
        self.steps.push(Step::Emit(Event::NewObject));
        self.steps.push(Step::Arguments { tuple: arguments.as_ref().to_owned(), next: 1, first: 1 });
        self.steps.push(Step::Value(class.to_owned()));
        Ok(())
    }

    fn save_new_object_with_keywords(&mut self, vm: &mut Vm, object: &Owned, arguments: Tuple<'_>) -> Outcome<()> {
        let (3, Some(class), Some(positional), Some(keywords)) =
            (arguments.len(), arguments.get(0), arguments.get(1), arguments.get(2))
        else {
            let text = format!("length of the NEWOBJ_EX argument tuple must be exactly 3, not {}", arguments.len());
            return Err(pickling_error(vm, text));
        };
        let kinds = [
            ("first", "class", class, vm.kind_of(class) == Kind::Class),
            ("second", "tuple", positional, positional.as_tuple().is_some()),
            ("third", "dict", keywords, keywords.as_dict().is_some()),
        ];
        for (place, wanted, argument, fits) in kinds {
            if !fits {
                let got = vm.type_name(argument);
                let text = format!("{place} item from NEWOBJ_EX argument tuple must be a {wanted}, not {got}");
                return Err(pickling_error(vm, text));
            }
        }
        check_class(vm, object, class, "__newobj_ex__")?;
        self.steps.push(Step::Emit(Event::NewObjectWithKeywords));
        let by_name = vm.new_dict()?;
        vm.dict_update(by_name.get(), keywords)?;
        self.push_dict(by_name);
        self.steps.push(Step::Emit(Event::EmptyDict));
        self.steps.push(Step::Arguments { tuple: positional.to_owned(), next: 0, first: 0 });
        self.steps.push(Step::Value(class.to_owned()));
        Ok(())
    }

    /// Gives an object its state: by itself, or by a function, whose answer is dropped.
    pub(super) fn state(&mut self, vm: &mut Vm, object: Owned, state: Owned, setter: Owned) -> Outcome<()> {
        if setter.get().is_none() {
            self.steps.push(Step::Emit(Event::Build));
            return self.save(vm, state);
        }
        self.steps.push(Step::Emit(Event::Pop(1)));
        self.steps.push(Step::Emit(Event::Reduce));
        self.steps.push(Step::Emit(Event::Tuple(2)));
        self.steps.push(Step::Value(state));
        self.steps.push(Step::Value(object));
        self.save(vm, setter)
    }
}

#[cold]
fn endless(vm: &mut Vm) -> Raised {
    vm.raise(ClassName::RecursionError, "maximum recursion depth exceeded while pickling an object")
}

fn check_class(vm: &mut Vm, object: &Owned, class: Ref<'_>, maker: &str) -> Outcome<()> {
    if attribute(vm, class, "__new__")?.is_none() {
        return Err(pickling_error(vm, format!("args[0] from {maker} args has no __new__")));
    }
    let own = vm.get_attribute(object.get(), vm.heap().name(Name::Class))?;
    if own.get().is(class) {
        return Ok(());
    }
    Err(pickling_error(vm, format!("args[0] from {maker} args has the wrong class")))
}

fn checked_parts<'a>(vm: &mut Vm, tuple: Tuple<'a>) -> Outcome<Parts<'a>> {
    let part = |index| tuple.get(index).unwrap_or(Ref::NONE);
    let (Some(maker), Some(arguments), 2..=6) = (tuple.get(0), tuple.get(1), tuple.len()) else {
        return Err(pickling_error(vm, "tuple returned by __reduce__ must contain 2 through 6 elements"));
    };
    if !is_callable(vm, maker) {
        return Err(pickling_error(vm, "first item of the tuple returned by __reduce__ must be callable"));
    }
    let Some(arguments) = arguments.as_tuple() else {
        return Err(pickling_error(vm, "second item of the tuple returned by __reduce__ must be a tuple"));
    };
    for (index, place) in [(3, "fourth"), (4, "fifth")] {
        let items = part(index);
        if !items.is_none() && !vm.is_iterator(items) {
            let got = vm.type_name(items);
            let text = format!("{place} element of the tuple returned by __reduce__ must be an iterator, not {got}");
            return Err(pickling_error(vm, text));
        }
    }
    let setter = part(5);
    if !setter.is_none() && !is_callable(vm, setter) {
        let got = vm.type_name(setter);
        let text = format!("sixth element of the tuple returned by __reduce__ must be a function, not {got}");
        return Err(pickling_error(vm, text));
    }
    Ok(Parts { maker, arguments, state: part(2), list_items: part(3), dict_items: part(4), setter })
}
