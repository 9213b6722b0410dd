//! How much memory the heap holds, and its limit.

use std::cell::Cell;

/// The heap's limit is reached, or the system refused. Becomes `MemoryError`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory;

impl std::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("out of memory")
    }
}

impl std::error::Error for OutOfMemory {}

impl From<std::collections::TryReserveError> for OutOfMemory {
    fn from(_: std::collections::TryReserveError) -> Self {
        OutOfMemory
    }
}

/// Requests below this size are not worth asking the system beforehand.
const WORTH_A_PROBE: usize = 1 << 20;

/// Whether the system would give so much memory at once. Nothing is touched, so a request of any size costs the same.
#[cold]
fn has_system_room_for(bytes: usize) -> bool {
    let mut probe = Vec::<u8>::new();
    let is_granted = probe.try_reserve_exact(bytes).is_ok();
    // Without a look at it the request would be optimised away.
    std::hint::black_box(&probe);
    is_granted
}

/// Bytes in pages, large blocks and payloads.
pub(super) struct Memory {
    used: Cell<usize>,
    limit: Cell<usize>,
    peak: Cell<usize>,
    /// So many requests are granted yet.
    #[cfg(test)]
    patience: Cell<usize>,
}

impl Memory {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            used: Cell::new(0),
            limit: Cell::new(limit),
            peak: Cell::new(0),
            #[cfg(test)]
            patience: Cell::new(usize::MAX),
        }
    }

    pub(super) fn set_limit(&self, limit: usize) {
        self.limit.set(limit);
    }

    /// In tests, every request can be made to fail: see [`Heap::set_patience`](super::Heap::set_patience).
    #[inline(always)]
    pub(super) fn ask(&self) -> Result<(), OutOfMemory> {
        #[cfg(test)]
        self.patience.set(self.patience.get().checked_sub(1).ok_or(OutOfMemory)?);
        Ok(())
    }

    pub(super) fn charge(&self, bytes: usize) -> Result<(), OutOfMemory> {
        self.ask()?;
        let used = self.used.get().checked_add(bytes).filter(|&used| used <= self.limit.get()).ok_or(OutOfMemory)?;
        self.used.set(used);
        self.peak.set(self.peak.get().max(used));
        Ok(())
    }

    pub(super) fn force_charge(&self, bytes: usize) {
        let used = self.used.get().saturating_add(bytes);
        self.used.set(used);
        self.peak.set(self.peak.get().max(used));
    }

    pub(super) fn refund(&self, bytes: usize) {
        debug_assert!(bytes <= self.used.get(), "more is given back than was taken");
        self.used.set(self.used.get().saturating_sub(bytes));
    }
}

impl super::Heap {
    /// Lets so many requests for blocks or payload succeed, and all after them fail.
    #[cfg(test)]
    pub(crate) fn set_patience(&self, requests: usize) {
        self.memory.patience.set(requests);
    }

    /// Allows `bytes` more than the limit, and than what is in use, from now on: for what must be said once the script is over.
    pub fn grant(&self, bytes: usize) {
        let limit = self.memory.limit.get().max(self.memory.used.get());
        self.memory.set_limit(limit.saturating_add(bytes));
    }

    /// Counts `bytes` of payload that is about to be allocated outside of the pages.
    pub fn charge(&self, bytes: usize) -> Result<(), OutOfMemory> {
        self.memory.charge(bytes)
    }

    /// Counts `bytes` of payload that was given back.
    pub fn refund(&self, bytes: usize) {
        self.memory.refund(bytes);
    }

    /// Counts `bytes` that are already there, even beyond the limit: small change beside what they came from.
    pub(crate) fn force_charge(&self, bytes: usize) {
        self.memory.force_charge(bytes);
    }

    /// Whether `bytes` more would fit: asked before an operation whose result may be huge. The system is asked too, so
    /// that what follows may allocate as much at once without a check of its own.
    pub fn has_room_for(&self, bytes: usize) -> bool {
        self.is_within_limit(bytes) && (bytes < WORTH_A_PROBE || has_system_room_for(bytes))
    }

    /// Whether the limit allows `bytes` more.
    fn is_within_limit(&self, bytes: usize) -> bool {
        self.memory.used.get().checked_add(bytes).is_some_and(|used| used <= self.memory.limit.get())
    }

    /// Appends to a vector of a result in the making, which is not counted yet but must fit the limit.
    #[inline]
    pub fn push_within_room<T>(&self, vector: &mut Vec<T>, item: T) -> Result<(), OutOfMemory> {
        if !self.extend_room(vector, 1) {
            return Err(OutOfMemory);
        }
        vector.push(item);
        Ok(())
    }

    /// Makes room in a vector of a result in the making, which is not counted yet but must fit the limit. `false`: there
    /// is none.
    #[inline]
    pub(crate) fn extend_room<T>(&self, vector: &mut Vec<T>, additional: usize) -> bool {
        vector.capacity() - vector.len() >= additional || self.make_room(vector, additional)
    }

    #[cold]
    fn make_room<T>(&self, vector: &mut Vec<T>, additional: usize) -> bool {
        let Some(needed) = vector.len().checked_add(additional) else { return false };
        let wanted = needed.max(vector.capacity().saturating_mul(2)).max(16);
        let fits = |length: usize| length.checked_mul(size_of::<T>()).is_some_and(|bytes| self.is_within_limit(bytes));
        [wanted, needed]
            .into_iter()
            .any(|length| fits(length) && vector.try_reserve_exact(length - vector.len()).is_ok())
    }

    /// Bytes in use.
    pub fn memory_in_use(&self) -> usize {
        self.memory.used.get()
    }

    /// The most bytes that were in use at a time.
    pub fn peak_memory(&self) -> usize {
        self.memory.peak.get()
    }

    /// Makes room in a vector for `additional` elements more, counted; the system is asked fallibly.
    pub(crate) fn reserve<T>(&self, vector: &mut Vec<T>, additional: usize) -> Result<(), OutOfMemory> {
        if vector.capacity() - vector.len() >= additional {
            return Ok(());
        }
        self.grow(vector, additional)
    }

    #[cold]
    #[inline(never)]
    fn grow<T>(&self, vector: &mut Vec<T>, additional: usize) -> Result<(), OutOfMemory> {
        let needed = vector.len().checked_add(additional).ok_or(OutOfMemory)?;
        // By half, so that appending again and again takes linear time.
        let wanted = needed.max(vector.capacity().saturating_add(vector.capacity() / 2)).max(4);
        let before = vector.capacity() * size_of::<T>();
        let after = wanted.checked_mul(size_of::<T>()).ok_or(OutOfMemory)?;
        self.charge(after - before)?;
        if let Err(error) = vector.try_reserve_exact(wanted - vector.len()) {
            self.refund(after - before);
            return Err(error.into());
        }
        // The allocator may have given more than asked for.
        self.force_charge(vector.capacity() * size_of::<T>() - after);
        Ok(())
    }

    /// Gives back what a vector was charged for.
    pub(crate) fn refund_vector<T>(&self, vector: &Vec<T>) {
        self.refund(vector.capacity() * size_of::<T>());
    }
}
