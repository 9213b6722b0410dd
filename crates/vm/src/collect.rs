//! The cycle collector's two steps, with script code between them.

use std::cell::Cell;

use toy_object::Owned;

use crate::native::Outcome;
use crate::thread::Vm;

/// Bytes that the heap may grow before the collector runs by itself, at least.
const ROOM: usize = 384 << 10;

/// When the collector runs by itself: when what a script has made has become three times as much since its last run. A walk
/// over all pages is then paid for by twice as many bytes of allocation.
pub(crate) struct CollectorState {
    is_enabled: Cell<bool>,
    /// Bytes in use when the script began.
    base: Cell<usize>,
    threshold: Cell<usize>,
    /// `gc.get_threshold()`: CPython's numbers, of which only "the first one is 0" means anything here.
    thresholds: Cell<[i64; 3]>,
    /// How often it has run, and how many objects have died.
    runs: Cell<usize>,
    died: Cell<usize>,
}

/// The name under which the machine keeps the list of what a script wants to be called around collections.
pub const COLLECTION_CALLBACKS: &str = "gc.callbacks";

impl CollectorState {
    pub(crate) fn new() -> Self {
        Self {
            is_enabled: Cell::new(true),
            base: Cell::new(0),
            threshold: Cell::new(usize::MAX),
            thresholds: Cell::new([2000, 10, 10]),
            runs: Cell::new(0),
            died: Cell::new(0),
        }
    }

    /// A script begins: what there is now does not count.
    pub(crate) fn begin(&self, in_use: usize) {
        self.base.set(in_use);
        self.note_run(in_use);
    }

    /// The collector has run, and this is left.
    fn note_run(&self, in_use: usize) {
        let made = in_use.saturating_sub(self.base.get());
        self.threshold.set(in_use.saturating_add(made.saturating_mul(2).max(ROOM)));
    }
}

impl Vm {
    /// Finds objects that refer to each other and to which nothing else refers, runs their finalisers, and drops what is
    /// still unreachable then. Returns how many objects died.
    pub fn collect_garbage(&mut self) -> usize {
        self.tell_collection("start", 0);
        self.run_finalisers();
        let unreachable = self.begin_collection();
        self.run_finalisers();
        let count = self.finish_collection(unreachable);
        self.run_finalisers();
        let collector = &self.machine().collector;
        collector.runs.set(collector.runs.get() + 1);
        collector.died.set(collector.died.get() + count);
        self.tell_collection("stop", count);
        count
    }

    /// Calls what a script has put into `gc.callbacks`.
    fn tell_collection(&mut self, phase: &str, count: usize) {
        let Some(callbacks) = self.machine().extra(COLLECTION_CALLBACKS) else { return };
        let Ok(callbacks) = self.collect(callbacks.get()) else {
            return self.unraisable(None, None);
        };
        for callback in callbacks {
            let told = self
                .collection_details(phase, count)
                .and_then(|(phase, details)| self.call(callback.get(), &[phase.get(), details.get()]));
            if told.is_err() {
                self.unraisable(None, Some(callback.get()));
            }
        }
    }

    fn collection_details(&mut self, phase: &str, count: usize) -> Outcome<(Owned, Owned)> {
        let details = self.new_dict()?;
        for (name, number) in [("generation", 2), ("collected", count), ("uncollectable", 0)] {
            let (name, number) = (self.intern(name)?, self.new_int_from_usize(number)?);
            self.dict_set(details.get(), name.get(), number.get())?;
        }
        Ok((self.new_str(phase)?, details))
    }

    /// How often the collector has run, and how many objects have died.
    pub fn collections(&self) -> (usize, usize) {
        let collector = &self.machine().collector;
        (collector.runs.get(), collector.died.get())
    }

    /// `gc.get_threshold()`.
    pub fn collector_thresholds(&self) -> [i64; 3] {
        self.machine().collector.thresholds.get()
    }

    /// `gc.set_threshold()`: a first number of 0 keeps the collector from running by itself, the others are only kept.
    pub fn set_collector_thresholds(&self, thresholds: [i64; 3]) {
        self.machine().collector.thresholds.set(thresholds);
    }

    /// Collects if the heap has grown enough. Called between instructions, now and then.
    pub(crate) fn collect_if_grown(&mut self) {
        let collector = &self.machine().collector;
        let may_run = collector.is_enabled.get() && collector.thresholds.get()[0] != 0;
        if may_run && self.memory_in_use() > collector.threshold.get() {
            self.collect_garbage();
            self.machine().collector.note_run(self.memory_in_use());
        }
    }

    /// Whether the collector may run by itself: `gc.isenabled()`.
    pub fn is_collector_enabled(&self) -> bool {
        self.machine().collector.is_enabled.get()
    }

    /// `gc.enable()` and `gc.disable()`.
    pub fn set_collector_enabled(&self, is_enabled: bool) {
        self.machine().collector.is_enabled.set(is_enabled);
    }
}
