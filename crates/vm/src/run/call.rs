//! Calls: binding arguments, pushing frames, running natives.
//!
//! A call works on a *window*: consecutive registers that hold the callee, the arguments by position, and the values of
//! keyword arguments. The window is consumed: afterwards its counts are the frame's, or gone.

use std::ptr::NonNull;

use smallvec::SmallVec;
use toy_object::{CodeObject, Construction, FunctionObject, Kind, Name, Owned, Ref, ShapeId, Value};

use super::registers::Registers;
use crate::classes::ClassName;
use crate::frame::{self, Frame, FrameKind, taken};
use crate::native::{Args, NativeKind, NativeRow, Outcome};
use crate::thread::Vm;
use crate::traceback::code_of;

/// What became of a call.
pub(crate) enum Called {
    /// A frame was pushed; its result will go where the frame says.
    Frame,
    /// It is done.
    Result(Owned),
}

/// A window of registers that a call consumes.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    first: *mut Value,
    /// Number of arguments, keyword values included.
    count: usize,
}

impl Window {
    /// The registers from `first` on: the callee and `count` arguments.
    pub(crate) fn new(first: *mut Value, count: usize) -> Self {
        Self { first, count }
    }

    fn registers(self) -> Registers {
        Registers(self.first)
    }

    /// The register of argument `index` (from 0) as register 0: there may be more arguments than numbers of registers.
    fn argument(self, index: usize) -> Registers {
        Registers(self.first.wrapping_add(index + 1))
    }

    fn callee<'a>(self) -> Ref<'a> {
        frame::borrowed(self.registers().get(0))
    }

    /// Takes argument `index` (from 0) out.
    fn take(self, index: usize) -> Value {
        self.argument(index).take(0)
    }

    fn get(self, index: usize) -> Value {
        self.argument(index).get(0)
    }

    fn set(self, index: usize, value: Value) {
        self.argument(index).set(0, value);
    }

    /// Puts a callee and arguments into the window.
    pub(super) fn fill(self, callee: Owned, values: Vec<Owned>) {
        self.registers().set(0, callee.into_value());
        for (index, value) in values.into_iter().enumerate() {
            self.set(index, value.into_value());
        }
    }

    /// Drops everything in the window.
    fn clear(self) {
        for index in 0..=self.count {
            drop(taken(Registers(self.first.wrapping_add(index)).take(0)));
        }
    }

    /// Makes room for one more argument in front; the callee is replaced.
    fn insert(self, callee: Owned, first: Owned) -> Window {
        for index in (0..self.count).rev() {
            let value = self.take(index);
            self.set(index + 1, value);
        }
        let old = self.registers().replace(0, callee.into_value());
        self.set(0, first.into_value());
        drop(taken(old));
        Window { count: self.count + 1, ..self }
    }
}

impl Vm {
    /// The first register above everything in use.
    pub(crate) fn stack_top(&self) -> *mut Value {
        let frame_end = self
            .frames
            .last()
            .map_or(self.stack.start(), |frame| frame.base.wrapping_add(frame.code().layout().register_count as usize));
        frame_end.max(self.native_top)
    }

    /// Makes sure that `count` registers from `from` on can be used.
    pub(crate) fn reserve_registers(&mut self, from: *mut Value, count: usize) -> Outcome<()> {
        let top = from.wrapping_add(count);
        if top >= self.stack.initialised() && !self.stack.grow(top) {
            return Err(self.raise_recursion());
        }
        Ok(())
    }

    /// Calls something with arguments by position.
    pub fn call(&mut self, callee: Ref<'_>, arguments: &[Ref<'_>]) -> Outcome {
        self.call_values(callee, arguments.iter().copied(), arguments.len(), None)
    }

    /// Calls something with arguments by position and by keyword. Names are strings.
    pub fn call_keywords(
        &mut self,
        callee: Ref<'_>,
        arguments: &[Ref<'_>],
        keywords: &[(Ref<'_>, Ref<'_>)],
    ) -> Outcome {
        if keywords.is_empty() {
            return self.call(callee, arguments);
        }
        let names = self.new_tuple(keywords.iter().map(|&(name, _)| name.to_owned()))?;
        let values = arguments.iter().copied().chain(keywords.iter().map(|(_, value)| *value));
        self.call_values(callee, values, arguments.len() + keywords.len(), Some(names))
    }

    fn call_values<'r>(
        &mut self,
        callee: Ref<'_>,
        values: impl Iterator<Item = Ref<'r>>,
        count: usize,
        names: Option<Owned>,
    ) -> Outcome {
        let first = self.stack_top();
        // Room for one more in front (a receiver).
        self.reserve_registers(first, count + 2)?;
        let window = Window { first, count };
        window.registers().set(0, callee.to_owned().into_value());
        for (index, value) in values.enumerate() {
            window.set(index, value.to_owned().into_value());
        }
        self.call_entry(window, names)
    }

    /// Calls with a window at the top of the stack and waits for the result.
    fn call_entry(&mut self, window: Window, names: Option<Owned>) -> Outcome {
        match self.call_window(window, names, 0, FrameKind::Entry)? {
            Called::Result(result) => Ok(result),
            Called::Frame => self.execute(),
        }
    }

    /// Calls the attribute `name` of an object.
    pub fn call_method(&mut self, object: Ref<'_>, name: Ref<'_>, arguments: &[Ref<'_>]) -> Outcome {
        let method = self.get_attribute(object, name)?;
        self.call(method.get(), arguments)
    }

    /// Calls a special method, which is looked up on the class only; `None` if it has none.
    pub fn call_special(&mut self, object: Ref<'_>, name: Name, arguments: &[Ref<'_>]) -> Option<Outcome> {
        let method = self.lookup_special(object, name)?;
        let is_function = matches!(method.get().shape(), ShapeId::FUNCTION | ShapeId::NATIVE_FUNCTION);
        if is_function && !self.is_static_native(method.get()) {
            let values = std::iter::once(object).chain(arguments.iter().copied());
            return Some(self.call_values(method.get(), values, arguments.len() + 1, None));
        }
        let class = self.class_of(object).to_owned();
        Some(self.bind(method.get(), object, class.get()).and_then(|bound| self.call(bound.get(), arguments)))
    }

    fn is_static_native(&self, function: Ref<'_>) -> bool {
        native_row(function).is_some_and(|row| row.kind != NativeKind::Method)
    }

    /// Calls what stands in a window. `names` are those of the last arguments.
    pub(crate) fn call_window(
        &mut self,
        window: Window,
        names: Option<Owned>,
        destination: u16,
        kind: FrameKind,
    ) -> Outcome<Called> {
        let mut window = window;
        loop {
            let callee = window.callee();
            match callee.shape() {
                ShapeId::FUNCTION => {
                    let bound = self.bind_arguments(window, names.as_ref());
                    if let Err(raised) = bound {
                        window.clear();
                        return Err(raised);
                    }
                    return self.enter_function(window, destination, kind, Value::UNBOUND);
                }
                ShapeId::NATIVE_FUNCTION => {
                    let result = self.call_native(window, names.as_ref());
                    window.clear();
                    return result.map(Called::Result);
                }
                ShapeId::BOUND_METHOD => {
                    let Some(method) = callee.as_bound_method() else { continue };
                    let (function, receiver) = (method.function().to_owned(), method.receiver().to_owned());
                    window = window.insert(function, receiver);
                }
                ShapeId::CLASS if names.is_none() => {
                    let construction = callee.as_class(self.heap()).map(|class| self.construction_of(class));
                    let result = match construction {
                        Some(Construction::Native { new, init }) => self.construct_natively(window, new, init),
                        _ => self.call_class(window, None),
                    };
                    window.clear();
                    return result.map(Called::Result);
                }
                _ if callee.as_class(self.heap()).is_some() => {
                    let result = self.call_class(window, names.as_ref());
                    window.clear();
                    return result.map(Called::Result);
                }
                _ => {
                    let Some(method) = self.lookup_special(callee, Name::Call) else {
                        let message = format!("'{}' object is not callable", self.type_name(callee));
                        window.clear();
                        return Err(self.raise(ClassName::TypeError, message));
                    };
                    let receiver = callee.to_owned();
                    if matches!(method.get().shape(), ShapeId::FUNCTION | ShapeId::NATIVE_FUNCTION) {
                        window = window.insert(method, receiver);
                        continue;
                    }
                    let class = self.class_of(callee).to_owned();
                    match self.bind(method.get(), receiver.get(), class.get()) {
                        Ok(bound) => drop(taken(window.registers().replace(0, bound.into_value()))),
                        Err(raised) => {
                            window.clear();
                            return Err(raised);
                        }
                    }
                }
            }
        }
    }

    fn call_class(&mut self, window: Window, names: Option<&Owned>) -> Outcome {
        let (arguments, keywords) = split(window, names);
        let arguments: Vec<Ref<'_>> = arguments.iter().map(Owned::get).collect();
        let keywords: Vec<(Ref<'_>, Ref<'_>)> =
            keywords.iter().map(|(name, value)| (name.get(), value.get())).collect();
        let saved = self.raise_native_top(window);
        let result = self.construct(window.callee(), &arguments, &keywords);
        self.native_top = saved;
        result
    }

    /// Calls a class whose `__new__` and `__init__` are natives: with the class, then the instance, in the callee's place the
    /// window is what they are called with.
    fn construct_natively(&mut self, window: Window, new: Value, init: Value) -> Outcome {
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
    fn raise_native_top(&mut self, window: Window) -> *mut Value {
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
    fn call_native(&mut self, window: Window, names: Option<&Owned>) -> Outcome {
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
            self.call_native_with_signature(row, callee, window, names)
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

    /// Binds arguments to a signature with names, defaults, `*args` or `**kwargs`, and runs the native.
    fn call_native_with_signature(
        &mut self,
        row: &'static NativeRow,
        callee: Ref<'_>,
        window: Window,
        names: Option<&Owned>,
    ) -> Outcome {
        if names.is_none() {
            return self.call_native_by_position(row, callee, window);
        }
        let receiver = callee.as_native_function().and_then(|function| function.receiver());
        let (mut arguments, keywords) = split(window, names);
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

    /// As [`call_native_with_signature`](Self::call_native_with_signature) without keywords: nothing is copied but the
    /// values that the native sees.
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
            format!("{}() got an unexpected keyword argument '{keyword}'", self.shown_name(row, callee))
        };
        self.raise(ClassName::TypeError, message)
    }

    /// Pushes the frame of a function whose parameters stand bound in the window, or makes its generator.
    fn enter_function(&mut self, window: Window, destination: u16, kind: FrameKind, link: Value) -> Outcome<Called> {
        let callee = frame::function_of(window.registers().get(0));
        // SAFETY: a function's code is a code object, which the function keeps alive.
        let code = unsafe { CodeObject::of(callee.code_value()) };
        let layout = code.layout();
        let base = window.first.wrapping_add(1);
        let registers = Registers(base);
        // The parameters are all there, bound or not; the other locals hold leftovers that are no pointers.
        let parameters = parameter_count(window.callee());
        for local in parameters..layout.local_count as usize {
            registers.set(local as u16, Value::UNBOUND);
        }
        if self.frames.len() >= self.recursion_limit() {
            Window { count: parameters, ..window }.clear();
            return Err(self.raise_recursion());
        }
        if makes_generator(window.callee()) {
            let mut values = Vec::with_capacity(1 + layout.register_count as usize);
            values.push(window.registers().take(0));
            values.extend((0..layout.local_count as u16).map(|local| registers.take(local)));
            values.resize(1 + layout.register_count as usize, Value::UNBOUND);
            return self.make_generator(values).map(Called::Result);
        }
        self.frames.push(Frame {
            pc: code.words().as_ptr(),
            base,
            code: NonNull::from(code),
            link,
            object: Value::UNBOUND,
            handled_depth: self.handled.len() as u32,
            destination,
            kind,
        });
        Ok(Called::Frame)
    }

    /// Puts the arguments of a window into the order of the function's parameters, in place. The registers of the whole
    /// frame are reserved. On an error the window is as good as consumed: the caller clears it.
    fn bind_arguments(&mut self, window: Window, names: Option<&Owned>) -> Outcome<()> {
        let callee = window.callee();
        // SAFETY: the caller compared the shape.
        let function = unsafe { FunctionObject::of(callee.value()) };
        // SAFETY: a function's code is a code object, which the function keeps alive.
        let layout = unsafe { CodeObject::of(function.code_value()) }.layout();
        self.reserve_registers(window.first, layout.register_count as usize + window.count + 2)?;
        if layout.is_plain && names.is_none() && layout.positional_count as usize == window.count {
            return Ok(());
        }
        crate::run::bind::bind(self, window.first, window.count, names)
    }

    /// The kind of plain objects behind a value, for `match` on builtin types.
    pub fn kind_of(&self, value: Ref<'_>) -> Kind {
        self.shape(value.shape()).kind()
    }
}

/// The row behind a native function.
pub(crate) fn native_row(function: Ref<'_>) -> Option<&'static NativeRow> {
    // SAFETY: native functions are made with rows of this type only, see `Vm::new_native`.
    function.as_native_function().map(|function| unsafe { function.definition::<NativeRow>() })
}

/// Number of registers that parameters take.
pub(crate) fn parameter_count(function: Ref<'_>) -> usize {
    let Some(code) = function.as_function().map(|function| function.code()) else { return 0 };
    let Some(code) = code.get().as_code() else { return 0 };
    let plain = code_of(code);
    plain.positional_count as usize
        + plain.keyword_only_count as usize
        + usize::from(plain.flags.star)
        + usize::from(plain.flags.double_star)
}

fn makes_generator(function: Ref<'_>) -> bool {
    let Some(code) = function.as_function().map(|function| function.code()) else { return false };
    let Some(code) = code.get().as_code() else { return false };
    let flags = code_of(code).flags;
    flags.generator || flags.coroutine
}

/// The arguments of a window by position and by name, each counted; they stay in the window, too.
fn split(window: Window, names: Option<&Owned>) -> (Vec<Owned>, Vec<(Owned, Owned)>) {
    let names: Vec<Owned> = names
        .and_then(|names| names.get().as_tuple().map(|names| names.iter().map(Ref::to_owned).collect()))
        .unwrap_or_default();
    let by_position = window.count - names.len();
    let arguments = (0..by_position).map(|index| frame::owned(window.get(index))).collect();
    let keywords = names.into_iter().enumerate();
    let keywords = keywords.map(|(index, name)| (name, frame::owned(window.get(by_position + index)))).collect();
    (arguments, keywords)
}

/// Whether a native is what a call of its class runs.
fn is_constructor(row: &NativeRow) -> bool {
    matches!(row.name, "__new__" | "__init__")
}
