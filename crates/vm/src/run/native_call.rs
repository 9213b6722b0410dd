//! Calls of natives: arguments are borrowed from the window, copied into the order of the signature where that needs it.

use toy_object::{Owned, Ref, Value};

use super::window::{Window, split};
use crate::classes::ClassName;
use crate::frame::{self, borrowed, taken};
use crate::native::{Args, NativeKind, NativeRow, Outcome, Raised};
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
        let instance = self.run_native(new.get(), arguments)?;
        if init.value().is_unbound() {
            return Ok(instance);
        }
        let class = window.registers().replace(0, instance.clone().into_value());
        let result = self.run_native(init.get(), arguments);
        drop(taken(window.registers().replace(0, class)));
        self.check_init_result(result?.get())?;
        Ok(instance)
    }

    /// Protects a window from frames that are pushed while a native works with it.
    pub(super) fn raise_native_top(&mut self, window: Window) -> *mut Value {
        let top = window.first.wrapping_add(window.count + 2).max(self.native_top);
        std::mem::replace(&mut self.native_top, top)
    }

    /// Calls the native in a window with arguments by position.
    #[inline(never)]
    pub(super) fn perform_native(&mut self, window: Window) -> Outcome {
        let result = self.run_native(window.callee(), window);
        window.clear_in(self.heap());
        result
    }

    /// Runs a native with the arguments of a window; they stay in it.
    pub(super) fn call_native(&mut self, window: Window, names: Option<&Owned>) -> Outcome {
        match names {
            Some(names) => self.run_native_by_keyword(window, names),
            None => self.run_native(window.callee(), window),
        }
    }

    /// Runs a native with the arguments of a window by position, whatever stands in the callee's place. Where they stand as
    /// the signature wants them, the native gets them there; absent ones behind them are filled with nothing.
    #[inline(always)]
    fn run_native(&mut self, callee: Ref<'_>, window: Window) -> Outcome {
        let Some(function) = callee.as_native_function() else { return Err(self.no_native()) };
        // SAFETY: native functions are made with rows of this type only, see `Vm::new_native`.
        let row = unsafe { function.definition::<NativeRow>() };
        let signature = row.signature();
        let receivers = usize::from(row.kind != NativeKind::Function);
        if signature.is_collected() || function.receiver().is_some() {
            return self.run_native_arranged(row, callee, window);
        }
        let Some(given) = window.count.checked_sub(receivers) else {
            return Err(self.missing_receiver(row, callee));
        };
        if row.kind == NativeKind::Method
            && let Some(home) = function.home()
            && !self.heap().class_of(borrowed(window.get(0))).is(home)
        {
            self.check_native_receiver(row, home, borrowed(window.get(0)))?;
        }
        if given < signature.required() || given > signature.positional.len() {
            return Err(self.wrong_count(row, callee, given));
        }
        let count = window.count.max(receivers + signature.filled());
        self.reserve_registers(window.first, count + 3)?;
        for absent in window.count..count {
            window.set(absent, Value::UNBOUND);
        }
        let saved = self.raise_native_top(Window { count, ..window });
        // SAFETY: the window keeps its counts until the native returns, and nothing is put into it meanwhile.
        let values = unsafe { std::slice::from_raw_parts(window.first.wrapping_add(1), count) };
        // SAFETY: as above.
        let result = (row.function)(self, unsafe { Args::new(values) });
        self.native_top = saved;
        result
    }

    /// The same for natives that are bound, or that collect arguments: they see a copy of the window, in the order of the
    /// signature.
    #[inline(never)]
    fn run_native_arranged(&mut self, row: &'static NativeRow, callee: Ref<'_>, window: Window) -> Outcome {
        /// Values of nearly every call.
        const MOST: usize = 8;
        let signature = row.signature();
        let receiver = callee.as_native_function().and_then(|function| function.receiver());
        let receivers = usize::from(row.kind != NativeKind::Function);
        let first = if receiver.is_some() { 0 } else { receivers };
        let Some(given) = window.count.checked_sub(first) else {
            return Err(self.missing_receiver(row, callee));
        };
        if row.kind == NativeKind::Method
            && receiver.is_none()
            && let Some(home) = callee.as_native_function().and_then(|function| function.home())
        {
            self.check_native_receiver(row, home, borrowed(window.get(0)))?;
        }
        let most = signature.positional.len();
        if (given > most && signature.star.is_none()) || given < signature.required() {
            return Err(self.wrong_count(row, callee, given));
        }
        if signature.requires_keyword()
            && let Some(missing) = signature.keyword_only.iter().find(|parameter| parameter.is_required)
        {
            let message = format!("{}() missing required keyword-only argument '{}'", row.name, missing.name);
            return Err(self.raise(ClassName::TypeError, message));
        }
        self.reserve_registers(window.first, window.count + 3)?;
        let own = given.min(most);
        let surplus = match signature.star {
            Some(_) => Some(self.tuple_of_window(window, first + own)?),
            None => None,
        };
        let others = if signature.double_star.is_some() { Some(self.new_dict()?) } else { None };
        let count = receivers + own.max(signature.filled());
        let mut few = [Value::UNBOUND; MOST];
        let mut many = Vec::new();
        let places = if count <= MOST {
            &mut few[..count]
        } else {
            many.resize(count, Value::UNBOUND);
            &mut many[..]
        };
        if receivers > 0 {
            places[0] = receiver.map_or_else(|| window.get(0), Ref::value);
        }
        for (place, argument) in (first..first + own).enumerate() {
            places[receivers + place] = window.get(argument);
        }
        let mut end = count;
        for value in [&others, &surplus].into_iter().flatten() {
            end -= 1;
            places[end] = value.value();
        }
        let saved = self.raise_native_top(window);
        // SAFETY: the window, the native function, `surplus` and `others` keep the counts until the native returns.
        let result = (row.function)(self, unsafe { Args::new(places) });
        self.native_top = saved;
        result
    }

    /// A tuple of the arguments of a window from one on; they stay in it, too.
    fn tuple_of_window(&mut self, window: Window, from: usize) -> Outcome {
        let start = window.first.wrapping_add(from + 1);
        // SAFETY: the window keeps its counts, and nothing is put into it meanwhile.
        let values = unsafe { std::slice::from_raw_parts(start, window.count - from) };
        for &value in values {
            std::mem::forget(frame::owned(value));
        }
        // SAFETY: each value has just got a count more.
        Ok(unsafe { self.heap().new_tuple_from_values(values) }?)
    }

    /// Binds arguments, some of them given by keyword, to a signature, and runs the native.
    fn run_native_by_keyword(&mut self, window: Window, names: &Owned) -> Outcome {
        let callee = window.callee();
        if names.get().as_tuple().is_none_or(|names| names.is_empty()) {
            return self.run_native(callee, window);
        }
        let Some(row) = native_row(callee) else { return Err(self.no_native()) };
        let receiver = callee.as_native_function().and_then(|function| function.receiver());
        let (mut arguments, keywords) = split(window, Some(names));
        let mut values: Vec<Owned> = Vec::new();
        if !matches!(row.kind, NativeKind::Function) {
            match receiver {
                Some(receiver) => values.push(receiver.to_owned()),
                None if arguments.is_empty() => return Err(self.missing_receiver(row, callee)),
                None => values.push(arguments.remove(0)),
            }
        }
        if row.kind == NativeKind::Method
            && receiver.is_none()
            && let Some(home) = callee.as_native_function().and_then(|function| function.home())
        {
            self.check_native_receiver(row, home, values[0].get())?;
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
        let saved = self.raise_native_top(window);
        // SAFETY: `values` keeps the counts until the native returns.
        let result = (row.function)(self, unsafe { Args::new(&raw) });
        self.native_top = saved;
        drop(values);
        result
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

    #[cold]
    fn no_native(&mut self) -> Raised {
        self.raise(ClassName::SystemError, "no native row")
    }

    /// Complains about the number of arguments by position.
    #[cold]
    fn wrong_count(&mut self, row: &NativeRow, callee: Ref<'_>, given: usize) -> Raised {
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
    fn missing_receiver(&mut self, row: &NativeRow, callee: Ref<'_>) -> Raised {
        let name = self.native_name(row, callee);
        self.raise(ClassName::TypeError, format!("unbound method {name}() needs an argument"))
    }

    #[cold]
    fn unexpected_keyword(&mut self, row: &NativeRow, callee: Ref<'_>, keyword: &str) -> Raised {
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
