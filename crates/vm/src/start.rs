//! From nothing to a machine that can run code, and to its end.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use toy_gil::{GlobalLock, SplitMix};
use toy_object::{
    ClassDefinition, ClassFlags, EXCEPTION_SLOTS, Gil, Heap, Kind, Name, OutOfMemory, Owned, ShapeFlags, ShapeId,
    SharedHeap,
};

use crate::async_generator::AsyncHooks;
use crate::blocking::Blocking;
use crate::classes::{CONTENT_CLASSES, ClassLayout, ClassName};
use crate::collect::CollectorState;
use crate::frame::Stack;
use crate::import::Loader;
use crate::importing::Importing;
use crate::machine::{Machine, Options};
use crate::output::Output;
use crate::places::Places;
use crate::signals::Signals;
use crate::thread::{STACK_REGISTERS, Vm};
use crate::thread_state::ThreadRegistry;

/// Bytes of the OS stack that the main thread may use: its limit, or Linux's default if there is none.
fn main_stack() -> usize {
    const DEFAULT: u64 = 8 << 20;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Stack).current;
    usize::try_from(limit.unwrap_or(DEFAULT)).unwrap_or(DEFAULT as usize)
}

/// What the main thread is called until the script calls it otherwise.
const MAIN_THREAD: &str = "MainThread";

/// Room for attributes that exceptions are given besides their hidden slots.
const EXCEPTION_SPARE: usize = 4;

impl Vm {
    /// A new virtual machine behind a new lock, on the calling thread, which becomes its main thread. `None`: not even the builtin classes fit
    /// into the memory limit.
    pub fn start(lock: GlobalLock, options: Options, loader: Rc<dyn Loader>) -> Option<Vm> {
        let lock = Arc::new(lock);
        let id = lock.register(MAIN_THREAD);
        let seed = lock.conditions().seed;
        let shared = SharedHeap::new(lock, options.max_memory);
        let gil: Gil = shared.enter(id);
        let machine = Machine {
            classes: RefCell::new(Vec::new()),
            class_shapes: [const { Cell::new(ShapeId::FREE) }; ClassName::ALL.len()],
            makers: RefCell::default(),
            builtins: OnceCell::new(),
            modules: OnceCell::new(),
            importing: Importing::default(),
            loader: RefCell::new(Some(loader)),
            output: Output::new(),
            threads: ThreadRegistry::new(),
            blocking: Blocking::default(),
            signals: Signals::default(),
            wait_hook: RefCell::default(),
            starts: RefCell::default(),
            spare_stacks: RefCell::default(),
            thread_exit_hooks: RefCell::default(),
            collector: CollectorState::new(),
            recursion_limit: Cell::new(1000),
            warned: RefCell::default(),
            places: Places::new(options.place_texts.clone()),
            options,
            entropy: seed.map(SplitMix::new).into(),
            is_beyond_control_told: Cell::new(false),
            extras: RefCell::default(),
            retired_code: RefCell::default(),
        };
        let record = machine.threads.add(true, gil.lock(), id, MAIN_THREAD);
        record.note_native_id();
        let machine = gil.heap().set_root(machine);
        make_classes(&gil, machine).ok()?;
        let _ = machine.builtins.set(gil.new_dict().ok()?);
        let _ = machine.modules.set(gil.new_dict().ok()?);
        Some(Vm::new(gil, machine, record, Stack::new(STACK_REGISTERS)?, main_stack()))
    }

    /// A builtin class.
    pub fn class(&self, name: ClassName) -> Owned {
        self.machine().classes.borrow()[name as usize].clone()
    }

    /// The shape of a builtin class's plain objects.
    pub fn class_shape(&self, name: ClassName) -> ShapeId {
        match name.layout() {
            ClassLayout::Kind(kind) if kind != Kind::Instance => ShapeId(kind as u32),
            _ => match self.machine().class_shapes[name as usize].get() {
                ShapeId::FREE => self.find_class_shape(name),
                shape => shape,
            },
        }
    }

    #[cold]
    fn find_class_shape(&self, name: ClassName) -> ShapeId {
        let class = self.class(name);
        let root = class.get().as_class(self.heap()).and_then(|class| class.root_shape());
        let shape = root.unwrap_or(ShapeId::FREE);
        self.machine().class_shapes[name as usize].set(shape);
        shape
    }

    /// The script begins: what there is now is not its own.
    pub(crate) fn begin_collecting(&mut self) {
        self.machine().collector.begin(self.memory_in_use());
    }

    /// The end of the main thread: modules are let go of; if that leaves anything whose end would be noticed, everything else
    /// that only modules keep dies now, too. Finalisers run, output is flushed.
    pub fn finish_run(&mut self) {
        drop(self.set_async_hooks(AsyncHooks::default()));
        self.keep_nothing();
        self.run_finalisers();
        if let Some(modules) = self.machine().modules().as_dict() {
            drop(modules.clear());
        }
        self.run_finalisers();
        // The thread's local values may refer to the functions of a module, and so to all that is in it.
        self.leave_library();
        if self.has_last_words() {
            self.empty_modules();
        }
        self.flush_out_at_last();
    }

    /// Drops what nothing but cycles keeps, then empties the modules that something still refers to, and runs the finalisers of
    /// all that dies of it.
    pub fn empty_modules(&mut self) {
        // What dies here still sees its module as it was.
        self.collect_garbage();
        self.run_finalisers();
        let mut left = Vec::new();
        let heap = self.heap();
        self.walk(|object| {
            let namespace = object.as_module(heap).map(|module| module.dict().to_owned());
            // What everything needs to the end goes with the machine.
            left.extend(namespace.filter(|namespace| !namespace.get().is(self.machine().builtins())));
        });
        for namespace in &left {
            if let Some(namespace) = namespace.get().as_dict() {
                drop(namespace.clear());
            }
            self.run_finalisers();
        }
    }
}

/// Makes the classes of the table: `object` and `type` first, which need each other.
fn make_classes(heap: &Heap, machine: &Machine) -> Result<(), OutOfMemory> {
    for &name in ClassName::ALL {
        let base = name.base();
        let is_root = name == ClassName::Object;
        let base_class = (!is_root).then(|| machine.classes.borrow()[base as usize].clone());
        let bases = heap.new_tuple(base_class.iter().cloned().collect::<Vec<_>>())?;
        let mut ancestors = Vec::new();
        if let Some(class) = base_class.as_ref().and_then(|base| base.get().as_class(heap)) {
            ancestors.extend((0..class.mro_len()).filter_map(|index| class.mro_get(index)));
        }
        let text = heap.intern(name.text())?;
        let base_kind = match name.layout() {
            ClassLayout::Kind(kind) | ClassLayout::Variant(kind) => kind,
            ClassLayout::Native | ClassLayout::NativeWithAttributes => Kind::Native,
            ClassLayout::Exception => Kind::Instance,
        };
        let is_exception = name.layout() == ClassLayout::Exception;
        let class = heap.new_class(
            ShapeId::CLASS,
            ClassDefinition {
                name: text.clone(),
                qualified_name: text,
                bases,
                ancestors,
                dict: heap.new_dict()?,
                base_kind,
                flags: ClassFlags {
                    is_builtin: true,
                    is_exception,
                    is_final: is_final(name),
                    is_sequence: matches!(name, ClassName::List | ClassName::Tuple | ClassName::Range),
                    is_mapping: matches!(name, ClassName::Dict | ClassName::MappingProxy),
                    ..ClassFlags::default()
                },
            },
        )?;
        if let Some(data) = class.get().as_class(heap) {
            match name.layout() {
                ClassLayout::Kind(Kind::Instance) => {
                    heap.set_instance_layout(data, &[], 0, ShapeFlags { no_dict: true, ..ShapeFlags::default() });
                    heap.set_class_of_kind(Kind::Instance, class.get());
                }
                ClassLayout::Kind(kind) => heap.set_class_of_kind(kind, class.get()),
                ClassLayout::Variant(kind) => {
                    data.set_root_shape(heap.new_shape_of_kind(kind, class.get(), ShapeFlags::default()));
                }
                ClassLayout::Native | ClassLayout::NativeWithAttributes => {
                    let attributes = name.layout() == ClassLayout::NativeWithAttributes;
                    let flags = ShapeFlags { attributes, ..ShapeFlags::default() };
                    let shape = heap.new_native_shape(class.get(), flags);
                    data.set_root_shape(shape);
                }
                ClassLayout::Exception => {
                    let mut slots = vec![Owned::unbound(); EXCEPTION_SLOTS];
                    for field in name.exception_fields() {
                        slots.push(heap.intern(field)?);
                    }
                    let flags = ShapeFlags { exception: true, ..ShapeFlags::default() };
                    let capacity = (slots.len() + EXCEPTION_SPARE).next_multiple_of(2);
                    heap.set_instance_layout(data, &slots, capacity, flags);
                }
            }
        }
        machine.classes.borrow_mut().push(class);
    }
    for &(name, which) in CONTENT_CLASSES {
        heap.set_content_class(which, machine.classes.borrow()[name as usize].get());
    }
    // Those of `builtins` have no entry that says so: their instances have no `__module__`.
    let modules = [
        ("types", &[ClassName::GenericAlias, ClassName::UnionType][..]),
        ("typing", &[ClassName::TypeVar, ClassName::TypeVarTuple, ClassName::ParamSpec, ClassName::TypeAlias]),
        ("weakref", &[ClassName::WeakReference]),
    ];
    for (module, names) in modules {
        for &name in names {
            let class = machine.classes.borrow()[name as usize].clone();
            if let Some(class) = class.get().as_class(heap) {
                drop(class.set(heap, heap.name(Name::Module), heap.intern(module)?)?);
            }
        }
    }
    Ok(())
}

/// Classes that cannot be a base.
fn is_final(name: ClassName) -> bool {
    use ClassName::{
        AnextAwaitable, AsciiStrIterator, AsyncGenerator, AsyncSend, AsyncThrow, Bool, BoundMethod, ByteArrayIterator,
        BytesIterator, CallIterator, Cell, Code, Coroutine, CoroutineWrapper, DictItemIterator, DictItems,
        DictKeyIterator, DictKeys, DictReverseItemIterator, DictReverseKeyIterator, DictReverseValueIterator,
        DictValueIterator, DictValues, Ellipsis, Frame, Function, Generator, GetItemIterator, GetSet, ListIterator,
        LongRangeIterator, MappingProxy, Member, MethodDescriptor, MethodWrapper, NativeFunction, NoneType,
        NotImplemented, ParamSpec, Range, RangeIterator, SetIterator, Slice, SlotWrapper, StrIterator, Traceback,
        TupleIterator, TypeAlias, TypeVar, TypeVarTuple, UnionType,
    };
    matches!(
        name,
        AnextAwaitable
            | AsciiStrIterator
            | AsyncGenerator
            | AsyncSend
            | AsyncThrow
            | Bool
            | BoundMethod
            | ByteArrayIterator
            | BytesIterator
            | CallIterator
            | Cell
            | Code
            | Coroutine
            | CoroutineWrapper
            | DictItemIterator
            | DictItems
            | DictKeyIterator
            | DictKeys
            | DictReverseItemIterator
            | DictReverseKeyIterator
            | DictReverseValueIterator
            | DictValueIterator
            | DictValues
            | Ellipsis
            | Frame
            | Function
            | Generator
            | GetItemIterator
            | GetSet
            | ListIterator
            | LongRangeIterator
            | MappingProxy
            | Member
            | MethodDescriptor
            | MethodWrapper
            | NativeFunction
            | NoneType
            | NotImplemented
            | ParamSpec
            | Range
            | RangeIterator
            | SetIterator
            | Slice
            | SlotWrapper
            | StrIterator
            | Traceback
            | TupleIterator
            | TypeAlias
            | TypeVar
            | TypeVarTuple
            | UnionType
    )
}
