//! The cycle collector's two steps, with script code between them.

use std::cell::Cell;

use crate::thread::Vm;

/// Bytes in use below which the collector never runs by itself.
const SMALLEST_THRESHOLD: usize = 1 << 20;

/// When the collector runs by itself: when the heap has grown to twice what was in use after its last run. A walk over all
/// pages is then paid for by as many bytes of allocation.
pub(crate) struct CollectorState {
    is_enabled: Cell<bool>,
    threshold: Cell<usize>,
}

impl CollectorState {
    pub(crate) fn new() -> Self {
        Self { is_enabled: Cell::new(true), threshold: Cell::new(SMALLEST_THRESHOLD) }
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
            let in_use = self.memory_in_use();
            self.machine().collector.threshold.set(SMALLEST_THRESHOLD.max(in_use.saturating_mul(2)));
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
