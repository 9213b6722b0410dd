//! Calls of natives: arguments are borrowed from the window, put into the order of the signature where that needs it.

use smallvec::SmallVec;
use toy_object::{Owned, Ref, Value};

use super::window::{Window, split};
use crate::classes::ClassName;
use crate::frame::{self, taken};
use crate::native::{Args, NativeKind, NativeRow, Outcome};
use crate::report::did_you_mean;
use crate::thread::Vm;

impl Vm {
    /// Calls a class whose `__new__` and `__init__` are natives: with the class, then the instance, in the callee's place the
    /// window is what they are called with.
    pub(super) fn construct_natively(&mut self, window: Window, new: Value, init: Value) -> Outcome {
        // SAFETY: a class remembers natives that it has or inherits, and forgets them when that changes.
        let new = unsafe { Ref::from_value(new) }.to_owned();
        // SAFETY: as above; unbound needs no owner.
        let init = unsafe { Ref::from_value(init) }.to_owned();
        let arguments = Window { first: window.first.wrapping_sub(1), count: window.count + 1 };
        let instance = self.run_native(new.get(), arguments, None)?;
        if init.value().is_unbound() {
            return Ok(instance);
        }
        let class = window.registers().replace(0, instance.clone().into_value());
        let result = self.run_native(init.get(), arguments, None);
        drop(taken(window.registers().replace(0, class)));
        self.check_init_result(result?.get())?;
        Ok(instance)
    }

    /// Protects a window from frames that are pushed while a native works with it.
    pub(super) fn raise_native_top(&mut self, window: Window) -> *mut Value {
        let top = window.first.wrapping_add(window.count + 2).max(self.native_top);
        std::mem::replace(&mut self.native_top, top)
    }

    /// Calls the native in a register of the running frame: the short way for arguments by position, which most natives
    /// take.
    #[inline(never)]
    pub(super) fn perform_native(&mut self, callee: u16, count: usize, destination: u16) -> Outcome<()> {
        let first = self.top().base.wrapping_add(callee as usize);
        self.reserve_registers(first, count + 3)?;
        let window = Window { first, count };
        let result = self.call_native(window, None);
        window.clear();
        self.finish(destination, result?);
        Ok(())
    }

    /// Runs a native with the arguments of a window; they stay in it.
    pub(super) fn call_native(&mut self, window: Window, names: Option<&Owned>) -> Outcome {
        self.run_native(window.callee(), window, names)
    }

    /// Runs a native with the arguments of a window, whatever stands in the callee's place.
    fn run_native(&mut self, callee: Ref<'_>, window: Window, names: Option<&Owned>) -> Outcome {
        let Some(row) = native_row(callee) else { return Err(self.raise(ClassName::SystemError, "no native row")) };
        let function = callee.as_native_function();
        let receiver = function.and_then(|function| function.receiver());
        let has_receiver = receiver.is_some();
        let takes_receiver = !matches!(row.kind, NativeKind::Function);
        let given = window.count - usize::from(takes_receiver && !has_receiver).min(window.count);
        if takes_receiver && !has_receiver && window.count == 0 {
            return Err(self.missing_receiver(row, callee));
        }
        if row.kind == NativeKind::Method
            && !has_receiver
            && let Some(home) = function.and_then(|function| function.home())
            && !self.heap().class_of(frame::borrowed(window.get(0))).is(home)
        {
            self.check_native_receiver(row, home, frame::borrowed(window.get(0)))?;
        }
        let signature = row.signature();
        let saved = self.raise_native_top(window);
        let keyword_count = names.map_or(0, |names| names.get().as_tuple().map_or(0, |names| names.len()));
        let result = if signature.is_positional_only() && keyword_count == 0 {
            if given < signature.required() || given > signature.positional.len() {
                Err(self.wrong_count(row, callee, given))
            } else if let Some(receiver) = receiver {
                self.call_bound_native(row, window, receiver)
            } else {
                // SAFETY: the window keeps its counts until the native returns.
                let values = unsafe { std::slice::from_raw_parts(window.first.wrapping_add(1), window.count) };
                // SAFETY: as above.
                (row.function)(self, unsafe { Args::new(values) })
            }
        } else {
            match names {
                Some(names) => self.call_native_by_keyword(row, callee, window, names),
                None => self.call_native_by_position(row, callee, window),
            }
        };
        self.native_top = saved;
        result
    }

    fn call_bound_native(&mut self, row: &'static NativeRow, window: Window, receiver: Ref<'_>) -> Outcome {
        let mut values: [Value; 6] = [Value::UNBOUND; 6];
        let count = window.count + 1;
        if count <= values.len() {
            values[0] = receiver.value();
            for index in 0..window.count {
                values[index + 1] = window.get(index);
            }
            // SAFETY: the native function in the window keeps its receiver, the window its arguments.
            return (row.function)(self, unsafe { Args::new(&values[..count]) });
        }
        let mut many = vec![receiver.value()];
        many.extend((0..window.count).map(|index| window.get(index)));
        // SAFETY: as above.
        (row.function)(self, unsafe { Args::new(&many) })
    }

    /// Binds arguments, some of them given by keyword, to a signature, and runs the native.
    fn call_native_by_keyword(
        &mut self,
        row: &'static NativeRow,
        callee: Ref<'_>,
        window: Window,
        names: &Owned,
    ) -> Outcome {
        let receiver = callee.as_native_function().and_then(|function| function.receiver());
        let (mut arguments, keywords) = split(window, Some(names));
        let mut values: Vec<Owned> = Vec::new();
        if !matches!(row.kind, NativeKind::Function) {
            match receiver {
                Some(receiver) => values.push(receiver.to_owned()),
                None => values.push(arguments.remove(0)),
            }
        }
        let signature = row.signature();
        let given = arguments.len();
        let most = signature.positional.len();
        if given > most && signature.star.is_none() {
            return Err(self.wrong_count(row, callee, given));
        }
        let surplus = if given > most { arguments.split_off(most) } else { Vec::new() };
        let first = values.len();
        values.append(&mut arguments);
        values.resize_with(first + most, Owned::unbound);
        values.resize_with(first + most + signature.keyword_only.len(), Owned::unbound);
        let mut others = Vec::new();
        for (name, value) in keywords {
            let text = name.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
            let named = signature.positional.iter().chain(&signature.keyword_only).enumerate();
            let place = named.skip(signature.positional_only).find(|(_, parameter)| parameter.name == text);
            match place {
                Some((place, _)) if values[first + place].value().is_unbound() => values[first + place] = value,
                Some((place, _)) => {
                    let short = self.shown_name(row, callee);
                    let message =
                        format!("argument for {short}() given by name ('{text}') and position ({})", place + 1);
                    return Err(self.raise(ClassName::TypeError, message));
                }
                None if signature.double_star.is_some() => others.push((name, value)),
                None => return Err(self.unexpected_keyword(row, callee, &text)),
            }
        }
        let parameters = signature.positional.iter().chain(&signature.keyword_only);
        for (place, parameter) in parameters.enumerate() {
            if parameter.is_required && values[first + place].value().is_unbound() {
                if signature.is_positional_only() || place < signature.positional_only {
                    return Err(self.wrong_count(row, callee, given));
                }
                let name = self.shown_name(row, callee);
                let message = format!("{name}() missing required argument '{}' (pos {})", parameter.name, place + 1);
                return Err(self.raise(ClassName::TypeError, message));
            }
        }
        if signature.star.is_some() {
            values.push(self.new_tuple(surplus)?);
        }
        if signature.double_star.is_some() {
            let dict = self.new_dict()?;
            for (name, value) in &others {
                self.dict_set(dict.get(), name.get(), value.get())?;
            }
            values.push(dict);
        }
        let raw: Vec<Value> = values.iter().map(Owned::value).collect();
        // SAFETY: `values` keeps the counts until the native returns.
        let result = (row.function)(self, unsafe { Args::new(&raw) });
        drop(values);
        result
    }

    /// Fills the places of a signature with defaults, `*args` or `**kwargs` by position: nothing is copied but the values
    /// that the native sees.
    fn call_native_by_position(&mut self, row: &'static NativeRow, callee: Ref<'_>, window: Window) -> Outcome {
        /// Values of nearly every call.
        const MOST: usize = 12;
        let signature = row.signature();
        let receiver = callee.as_native_function().and_then(|function| function.receiver());
        let takes_receiver = !matches!(row.kind, NativeKind::Function);
        let first = usize::from(takes_receiver && receiver.is_none());
        let given = window.count - first;
        let most = signature.positional.len();
        if (given > most && signature.star.is_none()) || given < signature.required() {
            return Err(self.wrong_count(row, callee, given));
        }
        if let Some(missing) = signature.keyword_only.iter().find(|parameter| parameter.is_required) {
            let message = format!("{}() missing required keyword-only argument '{}'", row.name, missing.name);
            return Err(self.raise(ClassName::TypeError, message));
        }
        let mut values = SmallVec::<[Value; MOST]>::new();
        if takes_receiver {
            values.push(receiver.map_or_else(|| window.get(0), Ref::value));
        }
        values.extend((first..window.count.min(first + most)).map(|index| window.get(index)));
        values.resize(usize::from(takes_receiver) + most + signature.keyword_only.len(), Value::UNBOUND);
        let surplus = match signature.star {
            Some(_) => Some(self.new_tuple((first + most..window.count).map(|index| frame::owned(window.get(index))))?),
            None => None,
        };
        values.extend(surplus.as_ref().map(Owned::value));
        let others = if signature.double_star.is_some() { Some(self.new_dict()?) } else { None };
        values.extend(others.as_ref().map(Owned::value));
        // SAFETY: the window, the native function, `surplus` and `others` keep the counts until the native returns.
        (row.function)(self, unsafe { Args::new(&values) })
    }

    /// `list.append` for methods, `len` for functions.
    fn native_name(&mut self, row: &NativeRow, callee: Ref<'_>) -> String {
        let home = callee.as_native_function().and_then(|function| function.home());
        match home.and_then(|home| home.as_class(self.heap())) {
            Some(class) if row.kind != NativeKind::Function => format!("{}.{}", class.name_text(), row.name),
            _ => row.name.to_owned(),
        }
    }

    /// The class for constructors, else the bare name.
    fn shown_name(&self, row: &NativeRow, callee: Ref<'_>) -> String {
        let home = callee.as_native_function().and_then(|function| function.home());
        match home.and_then(|home| home.as_class(self.heap())) {
            Some(class) if is_constructor(row) => class.name_text(),
            _ => row.name.to_owned(),
        }
    }

    /// Complains about the number of arguments by position.
    #[cold]
    fn wrong_count(&mut self, row: &NativeRow, callee: Ref<'_>, given: usize) -> crate::native::Raised {
        let message = if is_constructor(row) {
            row.signature().constructor_count_error(&self.shown_name(row, callee), given)
        } else if row.is_slot() {
            row.signature().slot_count_error(given)
        } else {
            row.signature().count_error(&self.native_name(row, callee), given)
        };
        self.raise(ClassName::TypeError, message)
    }

    /// Refuses a method a receiver that is no instance of its class.
    #[inline(never)]
    fn check_native_receiver(&mut self, row: &NativeRow, home: Ref<'_>, receiver: Ref<'_>) -> Outcome<()> {
        let Some(home) = home.as_class(self.heap()) else { return Ok(()) };
        if self.class_view(receiver).is_subclass_of(home.as_ref()) {
            return Ok(());
        }
        let (name, class, got) = (row.name, home.name_text(), self.type_name(receiver));
        let message = if row.is_slot() {
            format!("descriptor '{name}' requires a '{class}' object but received a '{got}'")
        } else {
            format!("descriptor '{name}' for '{class}' objects doesn't apply to a '{got}' object")
        };
        Err(self.raise(ClassName::TypeError, message))
    }

    #[cold]
    fn missing_receiver(&mut self, row: &NativeRow, callee: Ref<'_>) -> crate::native::Raised {
        let name = self.native_name(row, callee);
        self.raise(ClassName::TypeError, format!("unbound method {name}() needs an argument"))
    }

    #[cold]
    fn unexpected_keyword(&mut self, row: &NativeRow, callee: Ref<'_>, keyword: &str) -> crate::native::Raised {
        let signature = row.signature();
        let message = if signature.is_positional_only() {
            let name = if is_constructor(row) { self.shown_name(row, callee) } else { self.native_name(row, callee) };
            format!("{name}() takes no keyword arguments")
        } else {
            let named = signature.positional[signature.positional_only..].iter().chain(&signature.keyword_only);
            let hint = did_you_mean(named.map(|parameter| parameter.name), keyword);
            format!("{}() got an unexpected keyword argument '{keyword}'{hint}", self.shown_name(row, callee))
        };
        self.raise(ClassName::TypeError, message)
    }
}

/// The row behind a native function.
pub(crate) fn native_row(function: Ref<'_>) -> Option<&'static NativeRow> {
    // SAFETY: native functions are made with rows of this type only, see `Vm::new_native`.
    function.as_native_function().map(|function| unsafe { function.definition::<NativeRow>() })
}

/// Whether a native is what a call of its class runs.
fn is_constructor(row: &NativeRow) -> bool {
    matches!(row.name, "__new__" | "__init__")
}
