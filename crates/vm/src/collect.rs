//! The cycle collector's two steps, with script code between them.

use std::cell::Cell;

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
}

impl CollectorState {
    pub(crate) fn new() -> Self {
        Self { is_enabled: Cell::new(true), base: Cell::new(0), threshold: Cell::new(usize::MAX) }
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
        self.run_finalisers();
        let unreachable = self.begin_collection();
        self.run_finalisers();
        let count = self.finish_collection(unreachable);
        self.run_finalisers();
        count
    }

    /// Collects if the heap has grown enough. Called between instructions, now and then.
    pub(crate) fn collect_if_grown(&mut self) {
        let collector = &self.machine().collector;
        if collector.is_enabled.get() && self.memory_in_use() > collector.threshold.get() {
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
