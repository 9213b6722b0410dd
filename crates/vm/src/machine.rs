//! What all threads of a virtual machine share: classes, modules, builtins, options. It is the heap's root, so reaching it
//! takes the lock.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;

use toy_gil::SplitMix;
use toy_object::{Owned, Ref, ShapeId, Value};

use crate::blocking::Blocking;
use crate::classes::ClassName;
use crate::collect::CollectorState;
use crate::frame::FreshStack;
use crate::import::Loader;
use crate::importing::Importing;
use crate::output::Output;
use crate::places::{PlaceTexts, Places};
use crate::signals::Signals;
use crate::spawn::Start;
use crate::thread::Vm;
use crate::thread::WaitHook;
use crate::thread_state::ThreadRegistry;

/// Options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Bytes that the heap may hold.
    pub max_memory: usize,
    /// `sys.argv`.
    pub arguments: Vec<String>,
    /// What the numbers of places mean that observers of the lock hear: share it with them.
    pub place_texts: PlaceTexts,
    /// Where `import` looks, in order.
    pub module_path: Vec<std::path::PathBuf>,
}

/// What all threads of one virtual machine share.
pub struct Machine {
    /// By number of `ClassName`.
    pub(crate) classes: RefCell<Vec<Owned>>,
    /// The shapes of their plain objects, `FREE` where nobody has asked yet.
    pub(crate) class_shapes: [Cell<ShapeId>; ClassName::ALL.len()],
    /// Builtin classes with the natives that calls by position of just these classes run, instead of `__new__` and
    /// `__init__`.
    pub(crate) makers: RefCell<Vec<(Owned, Owned)>>,
    pub(crate) builtins: OnceCell<Owned>,
    pub(crate) modules: OnceCell<Owned>,
    pub(crate) importing: Importing,
    pub(crate) loader: RefCell<Option<Rc<dyn Loader>>>,
    pub(crate) output: Output,
    pub(crate) threads: ThreadRegistry,
    pub(crate) blocking: Blocking,
    pub(crate) signals: Signals,
    /// Who is told of waits.
    pub(crate) wait_hook: RefCell<Option<WaitHook>>,
    /// What threads that have not begun yet will run.
    pub(crate) starts: RefCell<Vec<Start>>,
    /// Stacks of threads that have ended, for those that will begin.
    pub(crate) spare_stacks: RefCell<Vec<FreshStack>>,
    /// Called by each thread when it ends: libraries let go of what they keep for it.
    pub(crate) thread_exit_hooks: RefCell<Vec<fn(&mut Vm)>>,
    pub(crate) collector: CollectorState,
    pub(crate) recursion_limit: Cell<usize>,
    /// Warnings that were given: each is given once a place.
    pub(crate) warned: RefCell<HashSet<String>>,
    pub(crate) options: Options,
    pub(crate) places: Places,
    /// Where random bytes come from in a run with a seed.
    pub(crate) entropy: RefCell<Option<SplitMix>>,
    /// Whether the user has been told that something is beyond the control of the seed.
    pub(crate) is_beyond_control_told: Cell<bool>,
    /// Things that libraries keep for the whole machine, by name.
    pub(crate) extras: RefCell<Vec<(&'static str, Owned)>>,
    /// Code that was replaced in a function, which frames of the function may still run.
    pub(crate) retired_code: RefCell<Vec<Owned>>,
}

impl Machine {
    /// Keeps code that was replaced in a function: its frames do not own it.
    pub fn retire_code(&self, code: Owned) {
        let mut retired = self.retired_code.borrow_mut();
        if !retired.iter().any(|other| other.get().is(code.get())) {
            retired.push(code);
        }
    }

    /// The dict of the builtins.
    pub fn builtins(&self) -> Ref<'_> {
        self.builtins.get().expect("set at start").get()
    }

    /// `sys.modules`.
    pub fn modules(&self) -> Ref<'_> {
        self.modules.get().expect("set at start").get()
    }

    /// Options of the run.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Standard output and error.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// The threads.
    pub fn threads(&self) -> &ThreadRegistry {
        &self.threads
    }

    /// The native that makes instances of this very class, not counted.
    pub(crate) fn maker_of(&self, class: Ref<'_>) -> Option<Value> {
        self.makers.borrow().iter().find(|(other, _)| other.get().is(class)).map(|(_, maker)| maker.value())
    }

    /// Something that a library keeps for the whole machine.
    pub fn extra(&self, name: &str) -> Option<Owned> {
        self.extras.borrow().iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
    }

    /// Keeps something for the whole machine; what had the name before is dropped.
    pub fn set_extra(&self, name: &'static str, value: Owned) {
        let old = {
            let mut extras = self.extras.borrow_mut();
            let old = extras.iter().position(|(other, _)| *other == name).map(|place| extras.swap_remove(place));
            extras.push((name, value));
            old
        };
        drop(old);
    }

    /// Has `hook` called by each thread when it ends.
    pub fn on_thread_exit(&self, hook: fn(&mut Vm)) {
        self.thread_exit_hooks.borrow_mut().push(hook);
    }

    /// Most frames that a thread may have.
    pub fn recursion_limit(&self) -> usize {
        self.recursion_limit.get()
    }

    /// Where code comes from.
    pub fn loader(&self) -> Option<Rc<dyn Loader>> {
        self.loader.borrow().clone()
    }
}
