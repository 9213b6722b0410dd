//! The hash table behind sets: it probes, grows and shrinks exactly as CPython 3.13's `setobject.c`, so that iteration
//! meets the elements in the same order wherever their hashes are the same.
//!
//! | key of a slot | meaning |
//! |---|---|
//! | unbound | never used; probing ends here |
//! | [`DUMMY`] | its element was removed; probing goes on |
//! | anything else | an element |

use crate::dict::{Candidate, Lookup, Match, Probe};
use crate::heap::{Heap, OutOfMemory};
use crate::value::Value;

/// A key that no value has: bits that never occur.
const DUMMY: Value = Value::from_bits(0b110);
/// Slots of the smallest table; it is allocated with the first element.
const SMALLEST: usize = 8;
/// So many slots behind the one that a probe meets are looked at before it jumps.
const LINEAR_PROBES: usize = 9;
/// How far the hash is shifted between jumps.
const PERTURB_SHIFT: u32 = 5;
/// Up to so many elements a table grows fourfold, then twofold.
const FAST_GROWTH: usize = 50_000;

/// An element and its hash.
#[derive(Clone, Copy)]
pub(crate) struct SetEntry {
    pub(crate) hash: i64,
    pub(crate) key: Value,
}

impl SetEntry {
    const UNUSED: Self = Self { hash: 0, key: Value::UNBOUND };
    const REMOVED: Self = Self { hash: -1, key: DUMMY };

    fn is_element(&self) -> bool {
        !self.key.is_unbound() && self.key != DUMMY
    }
}

/// See the [module documentation](self). Elements are counts.
pub(crate) struct SetTable {
    /// A power of two of slots; none before the first element.
    slots: Box<[SetEntry]>,
    /// Slots that are not unused.
    fill: usize,
    /// Slots with elements.
    used: usize,
    /// Where `pop` goes on looking.
    finger: usize,
    /// Counts changes, so that a lookup that script code interrupted knows that it must restart.
    changes: u32,
}

impl SetTable {
    pub(crate) fn new() -> Self {
        Self { slots: Box::default(), fill: 0, used: 0, finger: 0, changes: 0 }
    }

    /// Number of elements.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Slots as CPython counts them: a table that is not allocated yet is one of the smallest size.
    fn slot_count(&self) -> usize {
        self.slots.len().max(SMALLEST)
    }

    fn mask(&self) -> usize {
        self.slot_count() - 1
    }

    /// What the table was charged for.
    pub(crate) fn charged_bytes(&self) -> usize {
        size_of_val(&*self.slots)
    }

    /// Calls `visit` with each element, in order.
    pub(crate) fn visit(&self, visit: impl FnMut(Value)) {
        self.slots.iter().filter(|entry| entry.is_element()).map(|entry| entry.key).for_each(visit);
    }

    /// The hashes of all elements.
    pub(crate) fn hashes(&self) -> impl Iterator<Item = i64> {
        self.slots.iter().filter(|entry| entry.is_element()).map(|entry| entry.hash)
    }

    /// The element in a slot.
    pub(crate) fn get(&self, position: usize) -> Option<&SetEntry> {
        self.slots.get(position).filter(|entry| entry.is_element())
    }

    /// The next element at or behind a slot.
    #[inline]
    pub(crate) fn next(&self, position: usize) -> Option<(usize, SetEntry)> {
        let slots = self.slots.get(position..)?;
        let distance = slots.iter().position(SetEntry::is_element)?;
        Some((position + distance, slots[distance]))
    }

    fn changed(&mut self) {
        self.changes = self.changes.wrapping_add(1);
    }

    /// Whether elements changed since a candidate was given.
    pub(crate) fn has_changed_since(&self, candidate: &Candidate) -> bool {
        self.changes != candidate.changes
    }

    /// Looks for a key. `compare` is asked about elements of the same hash.
    #[inline]
    pub(crate) fn find(&self, hash: i64, compare: impl FnMut(Value) -> Match) -> Lookup {
        if self.used == 0 {
            return Lookup::Absent;
        }
        let slot = hash as usize & self.mask();
        self.probe(hash, Probe { slot, perturb: hash as u64 }, slot, compare)
    }

    /// Goes on behind a candidate that turned out to be another key, in a table that has not changed.
    pub(crate) fn find_behind(&self, hash: i64, candidate: &Candidate, compare: impl FnMut(Value) -> Match) -> Lookup {
        let mut probe = candidate.probe;
        let next = candidate.position + 1;
        if next < self.run_end(probe.slot) {
            return self.probe(hash, probe, next, compare);
        }
        self.jump(&mut probe);
        self.probe(hash, probe, probe.slot, compare)
    }

    /// One behind the last slot that is looked at before jumping away from `slot`.
    #[inline(always)]
    fn run_end(&self, slot: usize) -> usize {
        if slot + LINEAR_PROBES <= self.mask() { slot + LINEAR_PROBES + 1 } else { slot + 1 }
    }

    #[inline(always)]
    fn jump(&self, probe: &mut Probe) {
        probe.perturb >>= PERTURB_SHIFT;
        let next = probe.slot.wrapping_mul(5).wrapping_add(1).wrapping_add(probe.perturb as usize);
        probe.slot = next & self.mask();
    }

    #[inline]
    fn probe(
        &self,
        hash: i64,
        mut probe: Probe,
        mut start: usize,
        mut compare: impl FnMut(Value) -> Match,
    ) -> Lookup {
        loop {
            let end = self.run_end(probe.slot);
            for (distance, entry) in self.slots[start..end].iter().enumerate() {
                if entry.key.is_unbound() {
                    return Lookup::Absent;
                }
                if entry.hash == hash && entry.key != DUMMY {
                    let position = start + distance;
                    match compare(entry.key) {
                        Match::Equal => return Lookup::Found(position),
                        Match::Different => {}
                        Match::Unknown => {
                            return Lookup::Compare(Candidate { position, probe, changes: self.changes });
                        }
                    }
                }
            }
            self.jump(&mut probe);
            start = probe.slot;
        }
    }

    /// Adds an element that is absent; the table takes over its count if this succeeds.
    pub(crate) fn insert(&mut self, heap: &Heap, hash: i64, key: Value) -> Result<(), OutOfMemory> {
        if self.slots.is_empty() {
            self.slots = new_slots(heap, 0)?;
        }
        let position = self.free_slot(hash);
        let is_unused = self.slots[position].key.is_unbound();
        // Room comes first, so that a failure leaves everything as it was; the order is that of growing afterwards.
        let grows = is_unused && (self.fill + 1) * 5 >= self.mask() * 3;
        let larger = if grows { Some(new_slots(heap, growth(self.used + 1))?) } else { None };
        self.slots[position] = SetEntry { hash, key };
        self.fill += usize::from(is_unused);
        self.used += 1;
        self.changed();
        if let Some(slots) = larger {
            self.move_to(heap, slots);
        }
        Ok(())
    }

    /// Where an element that is absent goes: the last dummy that a lookup meets, or else the unused slot that ends it.
    fn free_slot(&self, hash: i64) -> usize {
        let mut probe = Probe { slot: hash as usize & self.mask(), perturb: hash as u64 };
        let mut dummy = None;
        loop {
            let end = self.run_end(probe.slot);
            for (distance, entry) in self.slots[probe.slot..end].iter().enumerate() {
                if entry.key.is_unbound() {
                    return dummy.unwrap_or(probe.slot + distance);
                }
                if entry.key == DUMMY {
                    dummy = Some(probe.slot + distance);
                }
            }
            self.jump(&mut probe);
        }
    }

    /// Puts an element, known to be absent, into a table without dummies.
    fn insert_clean(&mut self, hash: i64, key: Value) {
        let mut probe = Probe { slot: hash as usize & self.mask(), perturb: hash as u64 };
        loop {
            let run = probe.slot..self.run_end(probe.slot);
            if let Some(entry) = self.slots[run].iter_mut().find(|entry| entry.key.is_unbound()) {
                *entry = SetEntry { hash, key };
                self.fill += 1;
                self.used += 1;
                return;
            }
            self.jump(&mut probe);
        }
    }

    /// Moves all elements to other slots, in order.
    fn move_to(&mut self, heap: &Heap, slots: Box<[SetEntry]>) {
        heap.refund(self.charged_bytes());
        let old = std::mem::replace(&mut self.slots, slots);
        self.fill = 0;
        self.used = 0;
        for entry in old.iter().filter(|entry| entry.is_element()) {
            self.insert_clean(entry.hash, entry.key);
        }
        self.changed();
    }

    /// Takes the element in a slot out.
    pub(crate) fn remove(&mut self, position: usize) -> Option<Value> {
        let entry = self.slots.get_mut(position).filter(|entry| entry.is_element())?;
        let key = entry.key;
        *entry = SetEntry::REMOVED;
        self.used -= 1;
        self.changed();
        Some(key)
    }

    /// Takes an element out, going round from where the last one was.
    pub(crate) fn pop(&mut self) -> Option<Value> {
        if self.used == 0 {
            return None;
        }
        let start = self.finger & self.mask();
        let (behind, from) = self.slots.split_at(start);
        let ahead = from.iter().position(SetEntry::is_element).map(|distance| start + distance);
        let position = ahead.or_else(|| behind.iter().position(SetEntry::is_element))?;
        self.finger = position + 1;
        self.remove(position)
    }

    /// Takes everything out, counts and charge.
    pub(crate) fn take_all(&mut self) -> SetTable {
        self.changed();
        let Self { finger, changes, .. } = *self;
        std::mem::replace(self, SetTable { finger, changes, ..SetTable::new() })
    }

    /// Exchanges the elements of two sets.
    pub(crate) fn exchange(&mut self, other: &mut SetTable) {
        std::mem::swap(&mut self.slots, &mut other.slots);
        std::mem::swap(&mut self.fill, &mut other.fill);
        std::mem::swap(&mut self.used, &mut other.used);
        self.changed();
        other.changed();
    }

    /// After many removals: drops the dummies if they are more than a quarter of the slots.
    pub(crate) fn tidy(&mut self, heap: &Heap) -> Result<(), OutOfMemory> {
        if self.fill - self.used <= self.mask() / 4 {
            return Ok(());
        }
        self.resize(heap, growth(self.used))
    }

    /// Moves the elements to a table of more than `minimum` slots.
    fn resize(&mut self, heap: &Heap, minimum: usize) -> Result<(), OutOfMemory> {
        if slots_above(minimum) == Some(SMALLEST) && self.slots.len() <= SMALLEST && self.fill == self.used {
            // It is as small as can be, and there are no dummies.
            return Ok(());
        }
        let slots = new_slots(heap, minimum)?;
        self.move_to(heap, slots);
        Ok(())
    }

    /// Before elements of another set are added: makes room for all of them at once.
    pub(crate) fn prepare_merge(&mut self, heap: &Heap, additional: usize) -> Result<(), OutOfMemory> {
        if (self.fill + additional) * 5 >= self.mask() * 3 {
            self.resize(heap, (self.used + additional) * 2)?;
        }
        Ok(())
    }

    /// Makes a table without any slot in use equal to `other`; `false`: it has some, and nothing was done. `retain` is
    /// called with each element, whose count the caller is to take.
    pub(crate) fn fill_from(
        &mut self,
        heap: &Heap,
        other: &SetTable,
        mut retain: impl FnMut(Value),
    ) -> Result<bool, OutOfMemory> {
        if self.fill != 0 {
            return Ok(false);
        }
        if self.slots.is_empty() && other.used > 0 {
            self.slots = new_slots(heap, 0)?;
        }
        other.visit(&mut retain);
        if self.slots.len() == other.slots.len() && other.fill == other.used {
            self.slots.copy_from_slice(&other.slots);
            self.fill = other.fill;
            self.used = other.used;
        } else {
            for entry in other.slots.iter().filter(|entry| entry.is_element()) {
                self.insert_clean(entry.hash, entry.key);
            }
        }
        self.changed();
        Ok(true)
    }
}

/// What a table with so many elements asks for when it grows.
fn growth(used: usize) -> usize {
    if used > FAST_GROWTH { used * 2 } else { used * 4 }
}

/// The smallest number of slots that is larger than `minimum`.
fn slots_above(minimum: usize) -> Option<usize> {
    Some(minimum.checked_add(1)?.checked_next_power_of_two()?.max(SMALLEST))
}

/// More than `minimum` unused slots, charged.
fn new_slots(heap: &Heap, minimum: usize) -> Result<Box<[SetEntry]>, OutOfMemory> {
    let count = slots_above(minimum).ok_or(OutOfMemory)?;
    let bytes = count.checked_mul(size_of::<SetEntry>()).ok_or(OutOfMemory)?;
    heap.charge(bytes)?;
    let mut slots = Vec::new();
    if let Err(error) = slots.try_reserve_exact(count) {
        heap.refund(bytes);
        return Err(error.into());
    }
    slots.resize(count, SetEntry::UNUSED);
    Ok(slots.into_boxed_slice())
}
