//! Following the operations of a value.
//!
//! Invariant: the reader checked the stack before it hands an operation out; where this module asks again, it is for the compiler.

use toy_object::{Owned, Ref, ShapeId};
use toy_process::wire::{Event, Fault, Limits, Reader, WireError};
use toy_vm::{ClassName, Outcome, Raised, Vm};

use super::error::unpickling_error;
use super::{HEADER, MARK, build, find};
use crate::argument::bytes;

/// The name, in no module, of the method that finds what is known elsewhere.
pub(super) const PERSISTENT_LOAD: &str = "persistent_load";
/// After so many operations somebody asks for signals.
const OPERATIONS_BETWEEN_SIGNALS: u32 = 1 << 16;

/// What an unpickler has of its own.
#[derive(Default)]
pub(super) struct Hooks {
    /// Finds what a module calls by a name.
    pub(super) find_class: Option<Owned>,
    /// Finds what is known elsewhere.
    pub(super) persistent_load: Option<Owned>,
    /// The descriptors that came beside the bytes.
    pub(super) handles: Option<Owned>,
}

/// The value of bytes.
pub(super) fn decode(vm: &mut Vm, data: Ref<'_>, hooks: Hooks) -> Outcome {
    let data = bytes(vm, data)?;
    let value = payload(vm, &data)?;
    let handles = hooks.handles.as_ref().and_then(|handles| handles.get().as_list()).map_or(0, |list| list.len());
    let limits = Limits { handles, ..Limits::default() };
    let mut reader = Reader::new(value, limits).map_err(|error| damaged(vm, &error))?;
    let mut decoder = Decoder { stack: Vec::new(), memo: Vec::new(), hooks };
    let mut countdown = OPERATIONS_BETWEEN_SIGNALS;
    loop {
        let event = match reader.next() {
            Some(Ok(event)) => event,
            Some(Err(error)) => return Err(damaged(vm, &error)),
            None => return Err(unpickling_error(vm, "pickle data was truncated")),
        };
        if event == Event::Stop {
            return decoder.pop(vm);
        }
        decoder.follow(vm, event)?;
        countdown -= 1;
        if countdown == 0 {
            countdown = OPERATIONS_BETWEEN_SIGNALS;
            vm.check_signals()?;
        }
    }
}

#[cold]
fn damaged(vm: &mut Vm, error: &WireError) -> Raised {
    match error.fault {
        Fault::Memory => toy_object::OutOfMemory.into(),
        _ => unpickling_error(vm, error.to_string()),
    }
}

/// How many bytes a header says follow it.
pub(super) fn payload_size(vm: &mut Vm, data: &[u8]) -> Outcome<usize> {
    if data.is_empty() {
        return Err(vm.raise(ClassName::EofError, "Ran out of input"));
    }
    if !data.starts_with(&MARK[..data.len().min(MARK.len())]) {
        // The reader knows what foreign bytes look like.
        let fault = match Reader::new(data, Limits::default()) {
            Err(WireError { fault: fault @ Fault::Foreign { protocol: Some(_) }, .. }) => fault,
            _ => Fault::Foreign { protocol: None },
        };
        let text = match fault {
            Fault::Foreign { protocol: Some(_) } => fault.to_string(),
            _ => format!("these bytes are no pickle of toy's, which begins with {:02x} {:02x}", MARK[0], MARK[1]),
        };
        return Err(unpickling_error(vm, text));
    }
    let length = data.get(MARK.len()..HEADER).and_then(|length| length.first_chunk()).copied().map(u64::from_le_bytes);
    match length.and_then(|length| usize::try_from(length).ok()) {
        Some(length) => Ok(length),
        None => Err(unpickling_error(vm, "pickle data was truncated")),
    }
}

/// The operations behind a header; what follows them is not looked at.
pub(super) fn payload<'a>(vm: &mut Vm, data: &'a [u8]) -> Outcome<&'a [u8]> {
    let length = payload_size(vm, data)?;
    match data.get(HEADER..).and_then(|rest| rest.get(..length)) {
        Some(value) => Ok(value),
        None => Err(unpickling_error(vm, "pickle data was truncated")),
    }
}

/// The stack machine with values on its stack.
struct Decoder {
    stack: Vec<Owned>,
    memo: Vec<Owned>,
    hooks: Hooks,
}

impl Decoder {
    fn push(&mut self, value: Owned) {
        self.stack.push(value);
    }

    fn pop(&mut self, vm: &mut Vm) -> Outcome {
        match self.stack.pop() {
            Some(value) => Ok(value),
            None => Err(unpickling_error(vm, "unpickling stack underflow")),
        }
    }

    /// The topmost values, taken off.
    fn take(&mut self, count: u64) -> Vec<Owned> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.stack.split_off(self.stack.len().saturating_sub(count))
    }

    /// The topmost value, which stays.
    fn top(&self, vm: &mut Vm) -> Outcome {
        match self.stack.last() {
            Some(value) => Ok(value.clone()),
            None => Err(unpickling_error(vm, "unpickling stack underflow")),
        }
    }

    fn follow(&mut self, vm: &mut Vm, event: Event<'_>) -> Outcome<()> {
        let value = match event {
            Event::None => Owned::none(),
            Event::Bool(truth) => Owned::bool(truth),
            Event::Int(number) => vm.new_int(number)?,
            Event::BigInt(digits) => vm.new_int_from_bytes_le(digits, true)?,
            Event::Float(number) => vm.new_float(number)?,
            Event::Str(text) => vm.new_str(text)?,
            Event::SurrogateStr(text) => vm.new_str_from_code_points(&text.code_points().collect::<Vec<_>>())?,
            Event::Bytes(bytes) => vm.new_bytes(bytes)?,
            Event::ByteArray(bytes) => {
                let bytes = vm.copy_bytes(bytes)?;
                vm.new_byte_array(bytes)?
            }
            Event::Global(module, name) => self.global(vm, module, name)?,
            Event::Handle(index) => self.handle(vm, index)?,
            Event::EmptyList => vm.new_list(Vec::new())?,
            Event::EmptyDict => vm.new_dict()?,
            Event::EmptySet => vm.new_set()?,
            Event::Append(count) => {
                let items = self.take(count);
                let list = self.top(vm)?;
                return build::append(vm, list.get(), items);
            }
            Event::SetItems(count) => return self.set_items(vm, count),
            Event::AddItems(count) => {
                let items = self.take(count);
                let set = self.top(vm)?;
                for item in items {
                    vm.set_add(set.get(), item.get())?;
                }
                return Ok(());
            }
            Event::Tuple(count) => {
                let items = self.take(count);
                vm.new_tuple(items)?
            }
            Event::FrozenSet(count) => {
                let items = vm.new_list(self.take(count))?;
                let class = vm.class(ClassName::FrozenSet);
                vm.call(class.get(), &[items.get()])?
            }
            Event::Reduce => {
                let (arguments, maker) = (self.pop(vm)?, self.pop(vm)?);
                let arguments: Vec<Ref<'_>> =
                    arguments.get().as_tuple().into_iter().flat_map(|tuple| tuple.iter()).collect();
                vm.call(maker.get(), &arguments)?
            }
            Event::NewObject => {
                let (arguments, class) = (self.pop(vm)?, self.pop(vm)?);
                build::new_object(vm, class.get(), arguments.get(), None)?
            }
            Event::NewObjectWithKeywords => {
                let (keywords, arguments, class) = (self.pop(vm)?, self.pop(vm)?, self.pop(vm)?);
                build::new_object(vm, class.get(), arguments.get(), Some(keywords.get()))?
            }
            Event::Build => {
                let state = self.pop(vm)?;
                let object = self.top(vm)?;
                return build::build(vm, object.get(), state.get());
            }
            Event::Remember => {
                let value = self.top(vm)?;
                self.memo.push(value);
                return Ok(());
            }
            Event::Recall(number) => {
                let found = usize::try_from(number).ok().and_then(|number| self.memo.get(number).cloned());
                match found {
                    Some(value) => value,
                    None => return Err(unpickling_error(vm, format!("Memo value not found at index {number}"))),
                }
            }
            Event::Pop(count) => {
                drop(self.take(count));
                return Ok(());
            }
            Event::Stop => return Ok(()),
        };
        self.push(value);
        Ok(())
    }

    fn set_items(&mut self, vm: &mut Vm, count: u64) -> Outcome<()> {
        let items = self.take(count.saturating_mul(2));
        let dict = self.top(vm)?;
        if dict.get().shape() == ShapeId::DICT
            && let Some(dict) = dict.get().as_dict()
        {
            dict.reserve(vm.heap(), items.len() / 2)?;
        }
        for pair in items.chunks_exact(2) {
            build::set_item(vm, dict.get(), pair[0].get(), pair[1].get())?;
        }
        Ok(())
    }

    fn global(&mut self, vm: &mut Vm, module: &str, name: &str) -> Outcome {
        if module.is_empty() && name == PERSISTENT_LOAD {
            return match &self.hooks.persistent_load {
                Some(method) => Ok(method.clone()),
                None => Err(unpickling_error(
                    vm,
                    "A load persistent id instruction was encountered, but no persistent_load function was specified.",
                )),
            };
        }
        match self.hooks.find_class.clone() {
            Some(method) => {
                let (module, name) = (vm.new_str(module)?, vm.new_str(name)?);
                vm.call(method.get(), &[module.get(), name.get()])
            }
            None => find::find(vm, module, name),
        }
    }

    fn handle(&mut self, vm: &mut Vm, index: u64) -> Outcome {
        let handles = self.hooks.handles.as_ref().and_then(|handles| handles.get().as_list());
        match handles.and_then(|handles| handles.get(usize::try_from(index).ok()?)) {
            Some(handle) => Ok(handle),
            None => Err(unpickling_error(vm, format!("descriptor {index} did not come along"))),
        }
    }
}
