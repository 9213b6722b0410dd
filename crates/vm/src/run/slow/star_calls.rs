//! Calls with `*` and `**`, and what they say about wrong arguments.

use smallvec::SmallVec;
use toy_code::{Instruction, Op};
use toy_object::{Dict, ExceptionSlot, Name, Owned, Ref, ShapeId, Tuple};

use crate::classes::ClassName;
use crate::frame::FrameKind;
use crate::native::{Outcome, Raised};
use crate::protocol::Repeated;
use crate::run::call::Called;
use crate::run::registers::shape;
use crate::run::window::Window;
use crate::thread::Vm;

impl Vm {
    pub(in crate::run) fn merge_keywords(&mut self, instruction: Instruction) -> Outcome<()> {
        let dict = self.register(instruction.a());
        let (mapping, callee) = (self.operand(instruction, 1), self.register(instruction.c()));
        // Keys that are the first ones cannot be there already.
        if mapping.get().shape() == ShapeId::DICT
            && let (Some(merged), Some(given)) = (dict.get().as_dict(), mapping.get().as_dict())
        {
            let next = Instruction(self.data_word());
            let is_all = next.op() == Some(Op::CallStar) && next.b() + 2 == instruction.a();
            let positional = self.top().register(instruction.a() as isize - 1);
            if is_all && merged.is_empty() && shape(positional) == ShapeId::TUPLE {
                // The call only reads it, and nothing runs before that.
                self.finish(instruction.a(), mapping);
                return Ok(());
            }
            if merged.fill_from(self.heap(), given)? {
                return Ok(());
            }
        }
        if !self.is_plain_dict(mapping.get()) {
            return match self.dict_update_by_keys(dict.get(), mapping.get(), Repeated::Refused) {
                Ok(()) => Ok(()),
                Err(raised) => Err(self.keywords_error(raised, callee.get(), mapping.get())),
            };
        }
        for (key, value) in self.mapping_items(mapping.get())?.unwrap_or_default() {
            if self.dict_get(dict.get(), key.get())?.is_some() {
                return Err(self.repeated_keyword(callee.get(), key.get()));
            }
            self.dict_set(dict.get(), key.get(), value.get())?;
        }
        Ok(())
    }

    /// What a call says if its `**mapping` cannot be read. As in CPython, whoever raised the `AttributeError` or `KeyError`: that stands
    /// for what is no mapping, or for a key that was there.
    #[cold]
    fn keywords_error(&mut self, raised: Raised, callee: Ref<'_>, mapping: Ref<'_>) -> Raised {
        if self.raised_is(ClassName::AttributeError) {
            drop(self.take_raised());
            let callee = match self.callee_text(callee) {
                Ok(callee) => callee,
                Err(raised) => return raised,
            };
            let message = format!("{callee} argument after ** must be a mapping, not {}", self.type_name(mapping));
            return self.raise(ClassName::TypeError, message);
        }
        if !self.raised_is(ClassName::KeyError) {
            return raised;
        }
        let exception = self.take_raised();
        let arguments = self.exception_slot(exception.get(), ExceptionSlot::Args);
        match arguments.as_ref().and_then(|arguments| arguments.get().as_tuple()) {
            Some(arguments) if arguments.len() == 1 => {
                self.repeated_keyword(callee, arguments.get(0).unwrap_or(Ref::NONE))
            }
            _ => self.raise_again(exception),
        }
    }

    #[cold]
    fn repeated_keyword(&mut self, callee: Ref<'_>, key: Ref<'_>) -> Raised {
        let texts = self.callee_text(callee).and_then(|callee| Ok((callee, self.str_text(key)?)));
        match texts {
            Ok((callee, name)) => {
                let message = format!("{callee} got multiple values for keyword argument '{name}'");
                self.raise(ClassName::TypeError, message)
            }
            Err(raised) => raised,
        }
    }

    /// `TypeError` about something that is no callee. A module may hold what was meant under its own name.
    #[cold]
    pub(in crate::run) fn not_callable(&mut self, callee: Ref<'_>) -> Raised {
        let mut message = format!("'{}' object is not callable", self.type_name(callee));
        if let Some(module) = callee.as_module(self.heap()) {
            let heap = self.heap();
            let own_name = module.dict().as_dict().and_then(|dict| dict.get_str(heap.name(Name::Name)));
            if let Some(own_name) = own_name.filter(|name| name.get().as_str().is_some()) {
                let namesake = match self.find_attribute(callee, own_name.get()) {
                    Ok(namesake) => namesake,
                    Err(raised) => return raised,
                };
                if namesake.is_some_and(|namesake| self.is_callable(namesake.get()))
                    && let Some(name) = own_name.get().as_str()
                {
                    let name = name.to_string_lossy();
                    message.push_str(&format!(". Did you mean: '{name}.{name}(...)'?"));
                }
            }
        }
        self.raise(ClassName::TypeError, message)
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

    pub(in crate::run) fn perform_call_star(&mut self, instruction: Instruction) -> Outcome<()> {
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
        let arguments = match arguments.get().shape() {
            ShapeId::TUPLE => arguments,
            _ => {
                let items = self.collect(arguments.get())?;
                self.new_tuple(items)?
            }
        };
        let arguments = arguments.get().as_tuple();
        let by_position = arguments.map_or(0, |arguments| arguments.len());
        let keywords = if keywords.get().is_unbound() { None } else { keywords.get().as_dict() };
        let names = match keywords {
            Some(keywords) => self.keyword_names(keywords)?,
            None => None,
        };
        // The window stands above the frame: there may be more arguments than the frame has registers.
        let count = by_position + keywords.map_or(0, |keywords| keywords.len());
        let first = self.stack_top();
        self.reserve_registers(first, count + 3)?;
        let window = Window::new(first, count);
        window.fill(callee, arguments.into_iter().flat_map(Tuple::iter).map(Ref::to_owned));
        if let Some(keywords) = keywords {
            let mut position = 0;
            for place in by_position..count {
                let Some((index, _, value)) = keywords.entry_from(position) else { break };
                window.set(place, value.into_value());
                position = index + 1;
            }
        }
        match self.call_window(window, names, instruction.a(), FrameKind::Call)? {
            Called::Frame => {}
            Called::Result(result) => self.finish(instruction.a(), result),
        }
        Ok(())
    }
    /// The keys of a dict as names of arguments; `None` if there are none.
    fn keyword_names(&mut self, keywords: Dict<'_>) -> Outcome<Option<Owned>> {
        let mut names = SmallVec::<[Owned; 8]>::new();
        let mut position = 0;
        while let Some((index, key, _)) = keywords.entry_from(position) {
            if key.get().as_str().is_none() {
                return Err(self.raise(ClassName::TypeError, "keywords must be strings"));
            }
            names.push(key);
            position = index + 1;
        }
        if names.is_empty() { Ok(None) } else { Ok(Some(self.new_tuple(names)?)) }
    }
}
