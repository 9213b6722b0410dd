//! The walk over a value that writes its operations.

use hashbrown::HashMap;
use toy_object::{Kind, Owned, Ref, ShapeId, Value};
use toy_process::wire::{Event, WriteError, Writer};
use toy_vm::{ClassName, Outcome, Vm};

use super::error::pickling_error;
use super::step::Step;
use super::{MARK, find, handle, path};
use crate::argument::type_error;

/// After so many steps somebody asks for signals.
const STEPS_BETWEEN_SIGNALS: u32 = 1 << 16;

/// What a pickler has of its own.
#[derive(Default)]
pub(super) struct Hooks {
    /// Says under which name a value is known elsewhere; None: it travels itself.
    pub(super) persistent_id: Option<Owned>,
    /// Takes objects apart before anybody else is asked.
    pub(super) reducer_override: Option<Owned>,
    /// Functions that take objects apart, by class; by default that of `copyreg`.
    pub(super) dispatch_table: Option<Owned>,
    /// The list of descriptors that travel beside the bytes.
    pub(super) handles: Option<Owned>,
}

/// The bytes of a value.
pub(super) fn encode(vm: &mut Vm, value: Ref<'_>, protocol: i64, hooks: Hooks) -> Outcome {
    let mut encoder = Encoder {
        writer: Writer::new(),
        memo: HashMap::new(),
        kept: Vec::new(),
        steps: Vec::new(),
        pending_calls: 0,
        incomplete: 0,
        protocol,
        hooks,
    };
    if let Err(raised) = encoder.run(vm, value) {
        let path = path::path(vm, &encoder.steps);
        drop(encoder);
        return Err(match path {
            Some(path) => add_note(vm, raised, &path),
            None => raised,
        });
    }
    let Encoder { writer, .. } = encoder;
    match writer.into_bytes() {
        Ok(value) => {
            let length = (value.len() as u64).to_le_bytes();
            Ok(vm.new_bytes_concat(&[&MARK, &length, &value])?)
        }
        Err(WriteError::Memory) => Err(toy_object::OutOfMemory.into()),
        Err(error @ WriteError::TooLong { .. }) => Err(pickling_error(vm, error.to_string())),
    }
}

/// Tells the way to what could not be written.
#[cold]
fn add_note(vm: &mut Vm, raised: toy_vm::Raised, path: &str) -> toy_vm::Raised {
    if !vm.raised_is(ClassName::Exception) {
        // Ctrl-C has nothing to do with what is pickled.
        return raised;
    }
    drop(raised);
    let exception = vm.take_raised();
    let added = vm
        .new_str(&format!("while pickling {path}"))
        .map_err(Into::into)
        .and_then(|note| crate::module::call_method(vm, exception.get(), "add_note", &[note.get()]));
    match added {
        Ok(_) => {}
        Err(_) => drop(vm.take_raised()),
    }
    vm.raise_again(exception)
}

/// A walk.
pub(super) struct Encoder {
    pub(super) writer: Writer,
    /// Under which number a value is remembered.
    pub(super) memo: HashMap<Value, u64>,
    /// Keeps what was remembered alive.
    kept: Vec<Owned>,
    pub(super) steps: Vec<Step>,
    /// How many objects are being made: each waits for its arguments.
    pub(super) pending_calls: usize,
    /// How many objects wait for a state or for items that their classes have told.
    pub(super) incomplete: usize,
    pub(super) protocol: i64,
    pub(super) hooks: Hooks,
}

impl Encoder {
    fn run(&mut self, vm: &mut Vm, value: Ref<'_>) -> Outcome<()> {
        self.save(vm, value.to_owned())?;
        let mut countdown = STEPS_BETWEEN_SIGNALS;
        while let Some(step) = self.steps.pop() {
            countdown -= 1;
            if countdown == 0 {
                countdown = STEPS_BETWEEN_SIGNALS;
                vm.check_signals()?;
            }
            self.step(vm, step)?;
        }
        Ok(())
    }

    /// Writes what needs nothing else: numbers, texts, what is remembered. `false`: it is something else.
    #[inline]
    pub(super) fn save_simply(&mut self, vm: &Vm, value: &Owned) -> Outcome<bool> {
        if self.hooks.persistent_id.is_some() { Ok(false) } else { self.save_simple(vm, value) }
    }

    #[inline]
    fn save_simple(&mut self, vm: &Vm, value: &Owned) -> Outcome<bool> {
        let bits = value.value();
        if let Some(number) = bits.as_small_int() {
            self.writer.int(number);
            return Ok(true);
        }
        if let Some(number) = bits.as_immediate_float() {
            self.writer.float(number);
            return Ok(true);
        }
        match bits {
            Value::NONE => self.writer.none(),
            Value::TRUE | Value::FALSE => self.writer.bool(bits == Value::TRUE),
            _ if !bits.is_pointer() => return Ok(false),
            _ => return self.save_simple_object(vm, value),
        }
        Ok(true)
    }

    fn save_simple_object(&mut self, vm: &Vm, value: &Owned) -> Outcome<bool> {
        let object = value.get();
        match object.shape() {
            ShapeId::INT => match object.as_int() {
                Some(number) => match number.to_i64() {
                    Some(number) => self.writer.int(number),
                    None => self.writer.big_int(&number.to_signed_bytes_le(vm.heap())?),
                },
                None => return Ok(false),
            },
            ShapeId::FLOAT => self.writer.float(object.as_float().unwrap_or_default()),
            ShapeId::STR | ShapeId::BYTES => {
                // One count is ours, another the container's: nobody else can show it to this walk again.
                let is_shared = vm.heap().count(object).is_none_or(|count| count > 2);
                if is_shared && self.recall(object) {
                    return Ok(true);
                }
                match (object.as_str(), object.as_bytes()) {
                    (Some(text), _) => match text.as_utf8() {
                        Some(text) => self.writer.str(text),
                        None => self.writer.code_points(text.code_points()),
                    },
                    (_, Some(bytes)) => self.writer.bytes(bytes.as_slice()),
                    _ => return Ok(false),
                }
                if is_shared {
                    self.remember(value.clone());
                }
            }
            _ => return Ok(self.recall(object)),
        }
        Ok(true)
    }

    /// Writes the name of an attribute.
    pub(super) fn save_text(&mut self, name: &Owned) {
        if self.recall(name.get()) {
            return;
        }
        if let Some(text) = name.get().as_str() {
            self.writer.code_points(text.code_points());
        }
        self.remember(name.clone());
    }

    /// Writes a value, or begins to.
    pub(super) fn save(&mut self, vm: &mut Vm, value: Owned) -> Outcome<()> {
        if let Some(hook) = self.hooks.persistent_id.clone() {
            let name = vm.call(hook.get(), &[value.get()])?;
            if !name.get().is_none() {
                return self.save_persistent(vm, name);
            }
        }
        if self.save_simple(vm, &value)? {
            return Ok(());
        }
        let object = value.get();
        match object.shape() {
            ShapeId::LIST => {
                self.writer.empty_list();
                self.remember(value.clone());
                self.steps.push(Step::List { list: value, next: 0, pending: 0 });
            }
            ShapeId::TUPLE => self.steps.push(Step::Tuple { tuple: value, next: 0 }),
            ShapeId::DICT => {
                self.writer.empty_dict();
                self.remember(value.clone());
                self.push_dict(value);
            }
            ShapeId::SET => {
                self.writer.empty_set();
                self.remember(value.clone());
                let rest = vm.collect(value.get())?.into_iter();
                self.steps.push(Step::Set { rest, taken: 0, pending: 0 });
            }
            ShapeId::FROZEN_SET => {
                let items = vm.collect(object)?;
                let length = items.len();
                self.steps.push(Step::FrozenSet { set: value, rest: items.into_iter(), length, taken: 0 });
            }
            ShapeId::BYTE_ARRAY => {
                object.with_bytes(|bytes| self.writer.byte_array(bytes));
                self.remember(value);
            }
            _ => return self.save_object(vm, value),
        }
        Ok(())
    }

    pub(super) fn push_dict(&mut self, dict: Owned) {
        let length = dict.get().as_dict().map_or(0, |dict| dict.len());
        self.steps.push(Step::Dict { dict, position: 0, length, pending: 0, key: Owned::none() });
    }

    fn save_persistent(&mut self, vm: &mut Vm, name: Owned) -> Outcome<()> {
        self.writer.global("", super::decode::PERSISTENT_LOAD);
        self.steps.push(Step::Emit(Event::Reduce));
        self.steps.push(Step::Emit(Event::Tuple(1)));
        // What names it travels itself, whatever the hook would say of it.
        let hook = self.hooks.persistent_id.take();
        let saved = self.save(vm, name);
        self.hooks.persistent_id = hook;
        saved
    }

    /// Writes an object that is neither a value of a builtin class nor known yet.
    fn save_object(&mut self, vm: &mut Vm, value: Owned) -> Outcome<()> {
        if let Some(descriptor) = handle::descriptor_of(vm, value.get()) {
            return self.save_handle(vm, value, descriptor);
        }
        if let Some(hook) = self.hooks.reducer_override.clone() {
            let parts = vm.call(hook.get(), &[value.get()])?;
            if parts.value() != Value::NOT_IMPLEMENTED {
                return self.save_parts(vm, value, parts);
            }
        }
        match vm.kind_of(value.get()) {
            Kind::Class => self.save_class(vm, value),
            Kind::Function => self.save_global(vm, value, None),
            _ => self.take_apart(vm, value),
        }
    }

    /// Writes the name of a function or class.
    pub(super) fn save_global(&mut self, vm: &mut Vm, object: Owned, name: Option<Ref<'_>>) -> Outcome<()> {
        let place = find::place_of(vm, object.get(), name)?;
        self.writer.global(&place.module, &place.name);
        self.remember(object);
        Ok(())
    }

    fn save_handle(&mut self, vm: &mut Vm, handle: Owned, descriptor: Owned) -> Outcome<()> {
        let handles = self.hooks.handles.clone();
        let Some(list) = handles.as_ref().and_then(|handles| handles.get().as_list()) else {
            return Err(type_error(vm, "a descriptor cannot travel here: there is nothing beside the bytes"));
        };
        let index = list.len() as u64;
        list.push(vm.heap(), descriptor)?;
        self.writer.handle(index);
        self.remember(handle);
        Ok(())
    }

    /// Writes the number of a value that is remembered; `false` if it is not.
    pub(super) fn recall(&mut self, object: Ref<'_>) -> bool {
        let number = self.memo.get(&object.value()).copied();
        if let Some(number) = number {
            self.writer.recall(number);
        }
        number.is_some()
    }

    /// Remembers the value that was written last.
    pub(super) fn remember(&mut self, value: Owned) {
        let number = self.writer.remember();
        self.memo.insert(value.value(), number);
        self.kept.push(value);
    }
}
