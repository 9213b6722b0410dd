//! Displays, text building, unpacking, functions, calls with stars, patterns.

use smallvec::SmallVec;
use toy_code::{Instruction, Op, flag};
use toy_object::{FunctionDefinition, Heap, Name, OutOfMemory, Owned, Ref, ShapeId, Value};

use super::registers::Registers;
use crate::classes::ClassName;
use crate::frame::{borrowed, taken};
use crate::native::Outcome;
use crate::thread::Vm;
use crate::traceback::code_of;

impl Vm {
    pub(super) fn perform_build(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let (a, b, c) = (instruction.a(), instruction.b(), instruction.c() as usize);
        let result = match op {
            Op::BuildTuple => self.build_of_registers(b, c, |heap, items| {
                // SAFETY: the counts in the registers are given away.
                unsafe { heap.new_tuple_from_values(items) }
            })?,
            Op::BuildList => self.build_of_registers(b, c, |heap, items| {
                // SAFETY: as above.
                unsafe { heap.new_list_from_values(items) }
            })?,
            Op::BuildSet => {
                let items = self.take_range(b, c);
                let set = self.new_set()?;
                for item in items {
                    self.set_add(set.get(), item.get())?;
                }
                set
            }
            Op::BuildDict => {
                let items = self.take_range(b, 2 * c);
                let dict = self.new_dict()?;
                for pair in items.chunks_exact(2) {
                    self.dict_set(dict.get(), pair[0].get(), pair[1].get())?;
                }
                dict
            }
            Op::BuildSlice => {
                let mut items = self.take_range(b, c).into_iter();
                let mut next = || items.next().unwrap_or_else(Owned::none);
                let (start, stop, step) = (next(), next(), next());
                self.new_slice(start, stop, step)?
            }
            Op::BuildString => self.build_string(b, c)?,
            Op::FormatValue => self.format_operand(instruction)?,
            Op::ListToTuple => {
                let list = self.operand(instruction, 1);
                let items = self.collect(list.get())?;
                self.new_tuple(items)?
            }
            Op::ListAppendMany => {
                let (list, items) = (self.register(a), self.take_range(b, c));
                if let Some(list) = list.get().as_list() {
                    list.extend(self.heap(), items)?;
                }
                return Ok(());
            }
            Op::ListExtend => {
                let (list, iterable) = (self.register(a), self.operand(instruction, 1));
                let is_iterable = self.lookup_special(iterable.get(), Name::Iter).is_some()
                    || self.lookup_special(iterable.get(), Name::GetItem).is_some();
                if !is_iterable {
                    let message = format!("Value after * must be an iterable, not {}", self.type_name(iterable.get()));
                    return Err(self.raise(ClassName::TypeError, message));
                }
                let items = self.collect(iterable.get())?;
                if let Some(list) = list.get().as_list() {
                    list.extend(self.heap(), items)?;
                }
                return Ok(());
            }
            Op::SetUpdate => {
                let (set, iterable) = (self.register(a), self.operand(instruction, 1));
                for item in self.collect(iterable.get())? {
                    self.set_add(set.get(), item.get())?;
                }
                return Ok(());
            }
            Op::DictUpdate => {
                let (dict, mapping) = (self.register(a), self.operand(instruction, 1));
                if self.mapping_items(mapping.get())?.is_none() {
                    let message = format!("'{}' object is not a mapping", self.type_name(mapping.get()));
                    return Err(self.raise(ClassName::TypeError, message));
                }
                for (key, value) in self.mapping_items(mapping.get())?.unwrap_or_default() {
                    self.dict_set(dict.get(), key.get(), value.get())?;
                }
                return Ok(());
            }
            Op::DictMerge => return self.merge_keywords(instruction),
            _ => unreachable!("not a building instruction"),
        };
        self.finish(a, result);
        Ok(())
    }

    /// Makes an object of the contents of consecutive registers, which it takes over.
    fn build_of_registers(
        &mut self,
        first: u16,
        count: usize,
        make: impl FnOnce(&Heap, &[Value]) -> Result<Owned, OutOfMemory>,
    ) -> Outcome {
        let start = self.top().base.wrapping_add(first as usize);
        // SAFETY: the instruction names registers of the running frame.
        let registers = unsafe { std::slice::from_raw_parts_mut(start, count) };
        let made = make(self.heap(), registers);
        registers.fill(Value::UNBOUND);
        Ok(made?)
    }

    /// The texts in consecutive registers, one behind the other.
    fn build_string(&mut self, first: u16, count: usize) -> Outcome {
        let start = self.top().base.wrapping_add(first as usize);
        // SAFETY: the instruction names registers of the running frame.
        let registers = unsafe { std::slice::from_raw_parts_mut(start, count) };
        let heap = self.heap();
        let empty = heap.empty_str();
        let joined = match empty.get().as_str() {
            Some(nothing) => nothing.join_refs(heap, registers.iter().map(|&part| borrowed(part))),
            None => unreachable!("the empty string is one"),
        };
        for part in registers {
            drop(taken(std::mem::replace(part, Value::UNBOUND)));
        }
        match joined? {
            Ok(text) => Ok(text),
            Err(_) => Err(self.raise(ClassName::SystemError, "an f-string is made of strings")),
        }
    }

    fn format_operand(&mut self, instruction: Instruction) -> Outcome {
        let value = self.operand(instruction, 1);
        let conversion = (instruction.flags() & flag::CONVERSION_MASK) >> flag::CONVERSION_SHIFT;
        let converted = match conversion {
            1 => self.str(value.get())?,
            2 => self.repr(value.get())?,
            3 => self.ascii(value.get())?,
            _ => value,
        };
        if instruction.flags() & flag::HAS_SPEC != 0 {
            let spec = self.operand(instruction, 2);
            return self.format(converted.get(), spec.get());
        }
        if converted.get().as_exact_str().is_some() {
            return Ok(converted);
        }
        if let Some(number) = converted.value().as_small_int() {
            return Ok(self.new_decimal(number)?);
        }
        let empty = self.empty_str();
        self.format(converted.get(), empty.get())
    }

    /// The pairs of a mapping; `None` if it has no `keys`.
    fn mapping_items(&mut self, mapping: Ref<'_>) -> Outcome<Option<Vec<(Owned, Owned)>>> {
        if mapping.shape() == ShapeId::DICT
            && let Some(dict) = mapping.as_dict()
        {
            let mut pairs = Vec::with_capacity(dict.len());
            let mut position = 0;
            while let Some((index, key, value)) = dict.entry_from(position) {
                pairs.push((key, value));
                position = index + 1;
            }
            return Ok(Some(pairs));
        }
        let keys_name = self.name(Name::Keys).to_owned();
        let Some(keys) = self.find_attribute(mapping, keys_name.get())? else { return Ok(None) };
        let keys = self.call(keys.get(), &[])?;
        let mut pairs = Vec::new();
        for key in self.collect(keys.get())? {
            let value = self.get_item(mapping, key.get())?;
            pairs.push((key, value));
        }
        Ok(Some(pairs))
    }

    fn merge_keywords(&mut self, instruction: Instruction) -> Outcome<()> {
        let dict = self.register(instruction.a());
        let (mapping, callee) = (self.operand(instruction, 1), self.register(instruction.c()));
        let Some(pairs) = self.mapping_items(mapping.get())? else {
            let (callee, got) = (self.callee_text(callee.get())?, self.type_name(mapping.get()));
            let message = format!("{callee} argument after ** must be a mapping, not {got}");
            return Err(self.raise(ClassName::TypeError, message));
        };
        for (key, value) in pairs {
            let Some(name) = key.get().as_str() else {
                return Err(self.raise(ClassName::TypeError, "keywords must be strings"));
            };
            if self.dict_get(dict.get(), key.get())?.is_some() {
                let (callee, name) = (self.callee_text(callee.get())?, name.to_string_lossy());
                let message = format!("{callee} got multiple values for keyword argument '{name}'");
                return Err(self.raise(ClassName::TypeError, message));
            }
            self.dict_set(dict.get(), key.get(), value.get())?;
        }
        Ok(())
    }

    /// `module.f()` for messages about a callee.
    fn callee_text(&mut self, callee: Ref<'_>) -> Outcome<String> {
        let name = self.name(Name::QualifiedName).to_owned();
        let Some(name) = self.find_attribute(callee, name.get())? else {
            return self.str_text(callee);
        };
        let module = self.name(Name::Module).to_owned();
        let module = self.find_attribute(callee, module.get())?;
        let module = module.and_then(|module| module.get().as_str().map(|module| module.to_string_lossy()));
        let name = self.str_text(name.get())?;
        Ok(match module {
            Some(module) if module != "builtins" => format!("{module}.{name}()"),
            _ => format!("{name}()"),
        })
    }

    pub(super) fn perform_call_star(&mut self, instruction: Instruction) -> Outcome<()> {
        let b = instruction.b();
        let (callee, arguments, keywords) =
            (self.take_register(b), self.take_register(b + 1), self.take_register(b + 2));
        if arguments.get().as_tuple().is_none() {
            let is_iterable = self.lookup_special(arguments.get(), Name::Iter).is_some()
                || self.lookup_special(arguments.get(), Name::GetItem).is_some();
            if !is_iterable {
                let (callee, got) = (self.callee_text(callee.get())?, self.type_name(arguments.get()));
                let message = format!("{callee} argument after * must be an iterable, not {got}");
                return Err(self.raise(ClassName::TypeError, message));
            }
        }
        let arguments = self.collect(arguments.get())?;
        let mut names = Vec::new();
        let mut values = arguments;
        if let Some(keywords) = (!keywords.get().is_unbound()).then(|| keywords.get().as_dict()).flatten() {
            let mut position = 0;
            while let Some((index, key, value)) = keywords.entry_from(position) {
                names.push(key);
                values.push(value);
                position = index + 1;
            }
        }
        let names = if names.is_empty() { None } else { Some(self.new_tuple(names)?) };
        // The window stands above the frame: there may be more arguments than the frame has registers.
        let count = values.len();
        let first = self.stack_top();
        self.reserve_registers(first, count + 3)?;
        let window = super::window::Window::new(first, count);
        window.fill(callee, values);
        match self.call_window(window, names, instruction.a(), crate::frame::FrameKind::Call)? {
            super::call::Called::Frame => {}
            super::call::Called::Result(result) => self.finish(instruction.a(), result),
        }
        Ok(())
    }

    pub(super) fn perform_make_function(&mut self, instruction: Instruction) -> Outcome<()> {
        let flags = instruction.flags();
        let mut next = instruction.b();
        let mut part = |vm: &mut Vm, bit: u8| {
            (flags & bit != 0).then(|| {
                let value = vm.take_register(next);
                next += 1;
                value
            })
        };
        let defaults = part(self, flag::DEFAULTS);
        let keyword_defaults = part(self, flag::KEYWORD_DEFAULTS);
        let annotations = part(self, flag::ANNOTATIONS);
        let closure = part(self, flag::CLOSURE);
        let type_parameters = part(self, flag::TYPE_PARAMETERS);
        let code = crate::frame::owned(self.top().code().code_values()[self.data_word() as usize]);
        self.skip(1);
        let enclosing = self.top().function();
        let Some(enclosing) = enclosing.get().as_function() else { return Ok(()) };
        let globals = enclosing.globals().to_owned();
        let (name, qualified_name, doc) = match code.get().as_code().map(code_of) {
            Some(plain) => {
                let doc = match &plain.docstring {
                    Some(text) => self.new_str_from_code_points(&text.code_points().collect::<Vec<_>>())?,
                    None => Owned::none(),
                };
                (self.intern(&plain.name)?, self.intern(&plain.qualified_name)?, doc)
            }
            None => (Owned::none(), Owned::none(), Owned::none()),
        };
        let module_name = self.name(Name::Name);
        let module = globals.get().as_dict().and_then(|globals| globals.get_str(module_name));
        let function = self.new_function(FunctionDefinition {
            code,
            globals,
            closure,
            defaults,
            keyword_defaults,
            annotations,
            type_parameters,
            name,
            qualified_name,
            doc,
            module: module.unwrap_or_else(Owned::none),
        })?;
        self.finish(instruction.a(), function);
        Ok(())
    }

    /// The elements of an iterable for unpacking, at most `most` and one more.
    fn unpack_items(&mut self, iterable: Ref<'_>, most: usize) -> Outcome<SmallVec<[Owned; 8]>> {
        if let Some(list) = iterable.as_list().filter(|_| iterable.shape() == ShapeId::LIST) {
            return Ok((0..list.len().min(most + 1)).filter_map(|index| list.get(index)).collect());
        }
        if let Some(tuple) = iterable.as_tuple().filter(|_| iterable.shape() == ShapeId::TUPLE) {
            return Ok(tuple.iter().take(most + 1).map(Ref::to_owned).collect());
        }
        let is_iterable = self.lookup_special(iterable, Name::Iter).is_some()
            || self.lookup_special(iterable, Name::GetItem).is_some();
        if !is_iterable {
            let message = format!("cannot unpack non-iterable {} object", self.type_name(iterable));
            return Err(self.raise(ClassName::TypeError, message));
        }
        let iterator = self.get_iterator(iterable)?;
        let mut items = SmallVec::new();
        while items.len() <= most {
            match self.next(iterator.get())? {
                Some(item) => items.push(item),
                None => break,
            }
        }
        Ok(items)
    }

    /// Writes consecutive registers; what they held is dropped, in order.
    fn finish_range(&mut self, first: u16, values: impl IntoIterator<Item = Owned>) {
        let registers = Registers(self.top().base);
        for (register, value) in (first as usize..).zip(values) {
            drop(taken(registers.replace(register, value.into_value())));
        }
    }

    pub(super) fn perform_unpack(&mut self, instruction: Instruction) -> Outcome<()> {
        let (first, wanted) = (instruction.a(), instruction.c() as usize);
        let iterable = self.operand(instruction, 1);
        // Nothing that is dropped on the way runs script code, so a list keeps its items meanwhile.
        match iterable.get().shape() {
            ShapeId::TUPLE => {
                if let Some(tuple) = iterable.get().as_tuple().filter(|tuple| tuple.len() == wanted) {
                    self.finish_range(first, tuple.iter().map(Ref::to_owned));
                    return Ok(());
                }
            }
            ShapeId::LIST => {
                if let Some(list) = iterable.get().as_list().filter(|list| list.len() == wanted) {
                    self.finish_range(first, (0..wanted).filter_map(|index| list.get(index)));
                    return Ok(());
                }
            }
            _ => {}
        }
        let items = self.unpack_items(iterable.get(), wanted)?;
        if items.len() != wanted {
            let got = items.len();
            let message = if got < wanted {
                format!("not enough values to unpack (expected {wanted}, got {got})")
            } else {
                format!("too many values to unpack (expected {wanted})")
            };
            return Err(self.raise(ClassName::ValueError, message));
        }
        drop(iterable);
        self.finish_range(first, items);
        Ok(())
    }

    pub(super) fn perform_unpack_star(&mut self, instruction: Instruction) -> Outcome<()> {
        let counts = self.data_word();
        let (before, after) = (counts as u32 as usize, (counts >> 32) as usize);
        let iterable = self.operand(instruction, 1);
        let mut items = self.unpack_items(iterable.get(), usize::MAX - 1)?.into_vec();
        if items.len() < before + after {
            let message =
                format!("not enough values to unpack (expected at least {}, got {})", before + after, items.len());
            return Err(self.raise(ClassName::ValueError, message));
        }
        let last = items.split_off(items.len() - after);
        let middle = items.split_off(before);
        let middle = self.new_list(middle)?;
        self.skip(1);
        drop(iterable);
        self.finish_range(instruction.a(), items.into_iter().chain(std::iter::once(middle)).chain(last));
        Ok(())
    }

    pub(super) fn perform_match(&mut self, op: Op, instruction: Instruction) -> Outcome<()> {
        let subject = self.register(instruction.b());
        let result = match op {
            Op::MatchSequence => Owned::bool(self.pattern_flags(subject.get()).0),
            Op::MatchMapping => Owned::bool(self.pattern_flags(subject.get()).1),
            Op::MatchLength => {
                let length = self.len(subject.get())?;
                self.new_int(length as i64)?
            }
            Op::MatchKeys => {
                let keys = self.register(instruction.c());
                self.match_keys(subject.get(), keys.get())?
            }
            Op::MatchClass => {
                let c = instruction.c();
                let positional = self.data_word() as usize;
                let (class, names) = (self.take_register(c), self.take_register(c + 1));
                let result = self.match_class(subject.get(), class.get(), names.get(), positional)?;
                self.skip(1);
                result
            }
            Op::CopyWithoutKeys => {
                let keys = self.register(instruction.c());
                let rest = self.new_dict()?;
                for (key, value) in self.mapping_items(subject.get())?.unwrap_or_default() {
                    self.dict_set(rest.get(), key.get(), value.get())?;
                }
                for key in self.collect(keys.get())? {
                    drop(self.dict_remove(rest.get(), key.get())?);
                }
                rest
            }
            _ => unreachable!("not a pattern instruction"),
        };
        if Self::consumes(instruction, 1) {
            drop(self.take_register(instruction.b()));
        }
        drop(subject);
        self.finish(instruction.a(), result);
        Ok(())
    }

    /// Whether a subject is a sequence, and whether it is a mapping, as patterns understand it.
    fn pattern_flags(&self, subject: Ref<'_>) -> (bool, bool) {
        let class = self.class_of(subject);
        class
            .as_class(self.heap())
            .map_or((false, false), |class| (class.flags().is_sequence, class.flags().is_mapping))
    }

    fn match_keys(&mut self, subject: Ref<'_>, keys: Ref<'_>) -> Outcome {
        let mut values = Vec::new();
        let keys = self.collect(keys)?;
        for (index, key) in keys.iter().enumerate() {
            for earlier in &keys[..index] {
                if self.equal(earlier.get(), key.get())? {
                    let text = self.repr_text(key.get())?;
                    return Err(
                        self.raise(ClassName::ValueError, format!("mapping pattern checks duplicate key ({text})"))
                    );
                }
            }
            let value = if subject.as_dict().is_some() {
                self.dict_get(subject, key.get())?
            } else {
                let get = self.intern("get")?;
                let absent = self.new_list(Vec::new())?;
                let found = self.call_method(subject, get.get(), &[key.get(), absent.get()])?;
                (!found.get().is(absent.get())).then_some(found)
            };
            match value {
                Some(value) => values.push(value),
                None => return Ok(Owned::none()),
            }
        }
        Ok(self.new_tuple(values)?)
    }

    fn match_class(&mut self, subject: Ref<'_>, class: Ref<'_>, names: Ref<'_>, positional: usize) -> Outcome {
        if class.as_class(self.heap()).is_none() {
            return Err(self.raise(ClassName::TypeError, "called match pattern must be a class"));
        }
        if !self.is_instance(subject, class)? {
            return Ok(Owned::none());
        }
        let mut values = Vec::new();
        let mut seen: Vec<Owned> = Vec::new();
        if positional > 0 {
            let match_args = self.name(Name::MatchArgs).to_owned();
            let class_name = class.as_class(self.heap()).map_or_else(String::new, |class| class.name_text());
            match self.find_attribute(class, match_args.get())? {
                Some(arguments) => {
                    let Some(arguments) = arguments.get().as_tuple() else {
                        let got = self.type_name(arguments.get());
                        let message = format!("{class_name}.__match_args__ must be a tuple (got {got})");
                        return Err(self.raise(ClassName::TypeError, message));
                    };
                    if arguments.len() < positional {
                        return Err(self.too_many_patterns(&class_name, arguments.len(), positional));
                    }
                    for name in arguments.iter().take(positional) {
                        if name.as_str().is_none() {
                            let got = self.type_name(name);
                            let message = format!("__match_args__ elements must be strings (got {got})");
                            return Err(self.raise(ClassName::TypeError, message));
                        }
                        let name = self.intern_str(name.to_owned());
                        match self.find_attribute(subject, name.get())? {
                            Some(value) => values.push(value),
                            None => return Ok(Owned::none()),
                        }
                        seen.push(name);
                    }
                }
                None if self.matches_itself(class) => {
                    if positional > 1 {
                        return Err(self.too_many_patterns(&class_name, 1, positional));
                    }
                    values.push(subject.to_owned());
                }
                None => return Err(self.too_many_patterns(&class_name, 0, positional)),
            }
        }
        for name in self.collect(names)? {
            let name = self.intern_str(name);
            if seen.iter().any(|other| other.get().is(name.get())) {
                let class_name = class.as_class(self.heap()).map_or_else(String::new, |class| class.name_text());
                let name = self.str_text(name.get())?;
                let message = format!("{class_name}() got multiple sub-patterns for attribute '{name}'");
                return Err(self.raise(ClassName::TypeError, message));
            }
            match self.find_attribute(subject, name.get())? {
                Some(value) => values.push(value),
                None => return Ok(Owned::none()),
            }
        }
        Ok(self.new_tuple(values)?)
    }

    #[cold]
    fn too_many_patterns(&mut self, class: &str, accepted: usize, given: usize) -> crate::native::Raised {
        let plural = if accepted == 1 { "" } else { "s" };
        let message = format!("{class}() accepts {accepted} positional sub-pattern{plural} ({given} given)");
        self.raise(ClassName::TypeError, message)
    }

    /// Classes whose one positional pattern is matched against the subject itself.
    fn matches_itself(&self, class: Ref<'_>) -> bool {
        use ClassName::{Bool, ByteArray, Bytes, Dict, Float, FrozenSet, Int, List, Set, Str, Tuple};
        let classes = [Bool, ByteArray, Bytes, Dict, Float, FrozenSet, Int, List, Set, Str, Tuple];
        classes.into_iter().any(|name| {
            let builtin = self.class(name);
            class.as_class(self.heap()).is_some_and(|class| class.is_subclass_of(builtin.get()))
        })
    }
}
