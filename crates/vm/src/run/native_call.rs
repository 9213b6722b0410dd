//! Calls of natives: arguments are borrowed from the window, copied into the order of the signature where that needs it.

use toy_object::{Name, Owned, Ref, Value};

use super::window::{Window, split};
use crate::classes::ClassName;
use crate::frame::{self, borrowed, taken};
use crate::native::{Args, NativeKind, NativeRow, Outcome};
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
            let receiver = (receivers > 0).then(|| borrowed(window.get(0)).to_owned());
            return Err(self.wrong_count(row, callee, receiver.as_ref(), given));
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
            let receiver = receiver.or_else(|| (first > 0).then(|| borrowed(window.get(0)))).map(Ref::to_owned);
            return Err(self.wrong_count(row, callee, receiver.as_ref(), given));
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
            Some(_) => Some(self.tuple_of_window(window, first + own, window.count)?),
            None => None,
        };
        let collects = signature.double_star.is_some();
        let others = if collects && !row.is_sparing { Some(self.new_dict()?) } else { None };
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
        let mut end = count - usize::from(collects && others.is_none());
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

    /// A tuple of the arguments of a window in a range; they stay in it, too.
    pub(super) fn tuple_of_window(&mut self, window: Window, from: usize, end: usize) -> Outcome {
        let start = window.first.wrapping_add(from + 1);
        // SAFETY: the window keeps its counts, and nothing is put into it meanwhile.
        let values = unsafe { std::slice::from_raw_parts(start, end - from) };
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
        if let Some(result) = self.run_native_named(row, callee, window, names) {
            return result;
        }
        // Names of a subclass of str may be hashed and compared by script code.
        let saved = self.raise_native_top(window);
        let result = self.run_native_by_keyword_generally(row, window, names);
        self.native_top = saved;
        result
    }

    fn run_native_by_keyword_generally(&mut self, row: &'static NativeRow, window: Window, names: &Owned) -> Outcome {
        let callee = window.callee();
        let receiver = callee.as_native_function().and_then(|function| function.receiver());
        let (mut arguments, mut keywords) = split(window, Some(names));
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
        if !signature.takes_keywords() {
            if !self.ignores_keywords(row, callee, values.first()) {
                return Err(self.no_keywords(row, callee));
            }
            keywords.clear();
            if given < signature.required() {
                return Err(self.wrong_count(row, callee, values.first(), given));
            }
        }
        let most = signature.positional.len();
        if let Some(complaint) = self.own_complaint(row, callee, &values, &arguments, &keywords) {
            return Err(self.raise(ClassName::TypeError, complaint));
        }
        if let Some(complaint) = signature.keyword_count_error(&self.shown_name(row, callee), given, keywords.len()) {
            return Err(self.raise(ClassName::TypeError, complaint));
        }
        let surplus = if given > most { arguments.split_off(most) } else { Vec::new() };
        let first = values.len();
        values.append(&mut arguments);
        values.resize_with(first + most + signature.keyword_only.len(), Owned::unbound);
        let mut others = Vec::new();
        // Complaints about one keyword come behind those about missing arguments.
        let mut complaint = None;
        for (name, value) in keywords {
            let text = name.get().as_str().map_or_else(String::new, |name| name.to_string_lossy());
            let named = signature.positional.iter().chain(&signature.keyword_only).enumerate();
            let place = named.skip(signature.positional_only).find(|(_, parameter)| parameter.name == text);
            match place {
                Some((place, _)) if values[first + place].value().is_unbound() => values[first + place] = value,
                Some((place, _)) => {
                    let short = self.shown_name(row, callee);
                    complaint =
                        Some(format!("argument for {short}() given by name ('{text}') and position ({})", place + 1));
                }
                None if signature.double_star.is_some() => others.push((name, value)),
                None if complaint.is_none() => complaint = Some(self.unexpected_keyword(row, callee, &text)),
                None => {}
            }
        }
        let parameters = signature.positional.iter().chain(&signature.keyword_only).enumerate();
        let mut required = parameters.filter(|(_, parameter)| parameter.is_required);
        if let Some((place, parameter)) = required.find(|(place, _)| values[first + place].value().is_unbound()) {
            if place < signature.positional_only {
                return Err(self.wrong_count(row, callee, values.first(), given));
            }
            let name = self.shown_name(row, callee);
            complaint = Some(format!("{name}() missing required argument '{}' (pos {})", parameter.name, place + 1));
        }
        if let Some(complaint) = complaint {
            return Err(self.raise(ClassName::TypeError, complaint));
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
        self.run_native_with(row, window, &values)
    }

    /// Runs a native with arguments in the order of its signature.
    fn run_native_with(&mut self, row: &'static NativeRow, window: Window, values: &[Owned]) -> Outcome {
        let raw: Vec<Value> = values.iter().map(Owned::value).collect();
        let saved = self.raise_native_top(window);
        // SAFETY: `values` keeps the counts until the native returns.
        let result = (row.function)(self, unsafe { Args::new(&raw) });
        self.native_top = saved;
        result
    }

    /// Whether a constructor leaves keywords to its other half: `__new__` where the class has an `__init__` of its own, and
    /// `__init__` where it has a `__new__`. That of set never does.
    fn ignores_keywords(&self, row: &NativeRow, callee: Ref<'_>, receiver: Option<&Owned>) -> bool {
        let heap = self.heap();
        let other = match row.name {
            "__new__" => Name::Init,
            "__init__" => Name::New,
            _ => return false,
        };
        let home = callee.as_native_function().and_then(|function| function.home());
        let Some(home) = home.and_then(|home| home.as_class(heap)) else { return false };
        let Some(receiver) = receiver else { return false };
        let class = match receiver.get().as_class(heap) {
            Some(class) => class,
            None => self.class_view(receiver.get()),
        };
        let (own, inherited) = (class.lookup(heap, heap.name(other)), home.lookup(heap, heap.name(other)));
        let differs = match (own, inherited) {
            (Some(own), Some(inherited)) => !own.get().is(inherited.get()),
            (own, inherited) => own.is_some() != inherited.is_some(),
        };
        differs && home.name_text() != ClassName::Set.text()
    }
}

/// The row behind a native function.
pub(crate) fn native_row(function: Ref<'_>) -> Option<&'static NativeRow> {
    // SAFETY: native functions are made with rows of this type only, see `Vm::new_native`.
    function.as_native_function().map(|function| unsafe { function.definition::<NativeRow>() })
}
