//! Calls: what a callee is, binding arguments, pushing frames.

use std::ptr::NonNull;

use smallvec::SmallVec;
use toy_object::{CodeLayout, Construction, FunctionObject, Kind, Name, Owned, Ref, ShapeId, Tuple, Value};

use super::bind::bind;
use super::native_call::native_row;
use super::registers::Registers;
use super::window::Window;
use crate::frame::{self, Frame, FrameKind, borrowed_if_bound, taken};
use crate::native::{NativeKind, Outcome};
use crate::thread::Vm;

/// What became of a call.
pub(crate) enum Called {
    /// A frame was pushed; its result will go where the frame says.
    Frame,
    /// It is done.
    Result(Owned),
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
        // What is called may be a native that calls another, and so on.
        self.check_stack()?;
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
        Some(self.call_special_found(method.get(), object, arguments))
    }

    /// Calls a special method that was found in the class of an object.
    pub(crate) fn call_special_found(&mut self, method: Ref<'_>, object: Ref<'_>, arguments: &[Ref<'_>]) -> Outcome {
        let is_method = match method.shape() {
            ShapeId::FUNCTION => true,
            ShapeId::NATIVE_FUNCTION => !self.is_static_native(method),
            _ => false,
        };
        if is_method {
            return match *arguments {
                [] => self.call_back(method, &[object]),
                [one] => self.call_back(method, &[object, one]),
                [one, two] => self.call_back(method, &[object, one, two]),
                _ => {
                    let values = std::iter::once(object).chain(arguments.iter().copied());
                    self.call_values(method, values, arguments.len() + 1, None)
                }
            };
        }
        let class = self.class_of(object).to_owned();
        self.bind(method, object, class.get()).and_then(|bound| self.call(bound.get(), arguments))
    }

    /// Whether a class is `type` itself, which tells the class of its argument.
    fn is_class_of_classes(&self, class: Ref<'_>) -> bool {
        class.is(self.heap().class_of(class))
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
        // How many objects were asked for what calling them means; such a chain may be a ring.
        let mut links = 0;
        loop {
            let callee = window.callee();
            match callee.shape() {
                ShapeId::FUNCTION => {
                    return self.call_function(window, names.as_ref(), destination, kind, Owned::unbound());
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
                ShapeId::CLASS if names.is_none() && window.count == 1 && self.is_class_of_classes(callee) => {
                    let class = self.heap().class_of(frame::borrowed(window.get(0))).to_owned();
                    window.clear();
                    return Ok(Called::Result(class));
                }
                ShapeId::CLASS => return self.call_plain_class(window, names.as_ref(), destination, kind),
                _ if callee.as_class(self.heap()).is_some() => {
                    let method = self.lookup_special(callee, Name::Call);
                    match method {
                        Some(method) if method.get().shape() == ShapeId::FUNCTION => {
                            let receiver = callee.to_owned();
                            window = window.insert(method, receiver);
                        }
                        Some(method) if native_row(method.get()).is_none() => {
                            let result = self.call_class(window, names.as_ref());
                            window.clear();
                            return result.map(Called::Result);
                        }
                        _ => return self.call_plain_class(window, names.as_ref(), destination, kind),
                    }
                }
                _ => {
                    links += 1;
                    if links > self.recursion_limit() {
                        window.clear();
                        return Err(self.raise_recursion());
                    }
                    let Some(method) = self.lookup_special(callee, Name::Call) else {
                        let raised = self.not_callable(callee);
                        window.clear();
                        return Err(raised);
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

    /// Calls a class whose metaclass does what `type` does.
    fn call_plain_class(
        &mut self,
        window: Window,
        names: Option<&Owned>,
        destination: u16,
        kind: FrameKind,
    ) -> Outcome<Called> {
        let construction = window.callee().as_class(self.heap()).map(|class| self.construction_of(class));
        let result = match construction {
            Some(Construction::PlainInit(init)) if kind == FrameKind::Call && !makes_generator(init) => {
                return self.call_init(window, names, destination, init);
            }
            Some(Construction::Native { new, init }) if names.is_none() => self.construct_natively(window, new, init),
            Some(Construction::Native { .. }) if self.is_dict_of_names(window, names) => {
                self.dict_of_names(window, names)
            }
            _ => self.call_class(window, names),
        };
        window.clear();
        result.map(Called::Result)
    }

    fn call_class(&mut self, window: Window, names: Option<&Owned>) -> Outcome {
        // The window keeps the counts until the instance is made.
        let arguments = |range: std::ops::Range<usize>| range.map(|index| frame::borrowed(window.get(index)));
        let names = names.and_then(|names| names.get().as_tuple());
        let by_position = window.count - names.map_or(0, |names| names.len());
        let named = names.into_iter().flat_map(Tuple::iter).zip(arguments(by_position..window.count));
        // Filled where they stay: what is moved waits for what was just written to it.
        let mut keywords = SmallVec::<[(Ref<'_>, Ref<'_>); 4]>::new();
        named.for_each(|keyword| keywords.push(keyword));
        let mut positional = SmallVec::<[Ref<'_>; 4]>::new();
        arguments(0..by_position).for_each(|argument| positional.push(argument));
        let saved = self.raise_native_top(window);
        let result = self.construct(window.callee(), &positional, &keywords);
        self.native_top = saved;
        result
    }

    /// Makes an instance of the class in a window, and calls its `__init__`, a function, in a frame of this loop.
    fn call_init(&mut self, window: Window, names: Option<&Owned>, destination: u16, init: Value) -> Outcome<Called> {
        let class = window.callee().to_owned();
        let made = match class.get().as_class(self.heap()) {
            Some(class) => self.new_plain_instance(class),
            None => Ok(Owned::none()),
        };
        match made {
            Ok(instance) => {
                let window = window.insert(frame::owned(init), instance.clone());
                drop(class);
                self.call_function(window, names, destination, FrameKind::Init, instance)
            }
            Err(raised) => {
                window.clear();
                Err(raised)
            }
        }
    }

    /// Calls the function in a window: arranges the arguments as its parameters, in place, and pushes its frame or makes its
    /// generator.
    fn call_function(
        &mut self,
        window: Window,
        names: Option<&Owned>,
        destination: u16,
        kind: FrameKind,
        link: Owned,
    ) -> Outcome<Called> {
        let function = frame::function_of(window.registers().get(0));
        let code = frame::code_of(function);
        let layout = code.layout();
        let is_plain = names.is_none() && layout.plain_count as usize == window.count;
        let bound = match self.reserve_registers(window.first, layout.register_count as usize + window.count + 2) {
            Ok(()) if is_plain || names.is_none() && fill_defaults(window, function, layout) => Ok(()),
            Ok(()) => bind(self, window.first, window.count, names),
            raised => raised,
        };
        if let Err(raised) = bound {
            window.clear();
            return Err(raised);
        }
        let (base, parameters) = (window.first.wrapping_add(1), layout.parameter_count as usize);
        let registers = Registers(base);
        // The parameters are all there, bound or not; the other locals hold leftovers that are no pointers.
        for local in parameters..layout.local_count as usize {
            registers.set(local, Value::UNBOUND);
        }
        if self.frames.len() >= self.recursion_limit() {
            Window { count: parameters, ..window }.clear();
            return Err(self.raise_recursion());
        }
        if layout.makes_generator {
            let mut values = Vec::with_capacity(1 + layout.register_count as usize);
            values.push(window.registers().take(0));
            values.extend((0..layout.local_count as usize).map(|local| registers.take(local)));
            values.resize(1 + layout.register_count as usize, Value::UNBOUND);
            return self.make_generator(values).map(Called::Result);
        }
        self.frames.push(Frame {
            pc: code.words().as_ptr(),
            base,
            code: NonNull::from(code),
            link: link.into_value(),
            object: Value::UNBOUND,
            handled_depth: self.handled.len() as u32,
            destination,
            kind,
        });
        Ok(Called::Frame)
    }

    /// The kind of plain objects behind a value, for `match` on builtin types.
    #[inline]
    pub fn kind_of(&self, value: Ref<'_>) -> Kind {
        self.shape(value.shape()).kind()
    }
}

/// Fills the parameters behind the arguments of a window, which are all by position, from the function's defaults. `false`,
/// and nothing has changed: that is not all there is to do.
#[inline(always)]
fn fill_defaults(window: Window, function: &FunctionObject, layout: CodeLayout) -> bool {
    let positional = layout.positional_count as usize;
    let Some(defaults) = borrowed_if_bound(function.defaults_value()).and_then(Ref::as_tuple) else { return false };
    let Some(skipped) = (window.count + defaults.len()).checked_sub(positional) else { return false };
    if layout.parameter_count as usize != positional || window.count > positional {
        return false;
    }
    for (place, default) in (window.count..positional).zip(defaults.iter().skip(skipped)) {
        window.set(place, default.to_owned().into_value());
    }
    true
}

/// Whether a call of this function makes a generator.
fn makes_generator(function: Value) -> bool {
    frame::code_of(frame::function_of(function)).layout().makes_generator
}
