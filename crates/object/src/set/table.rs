//! The hash table behind sets: it probes, grows and shrinks exactly as CPython 3.13's `setobject.c`, so that iteration
//! meets the elements in the same order wherever their hashes are the same.
//!
//! | key of a slot | hash | meaning |
//! |---|---|---|
//! | unbound | 0 | never used; probing ends here |
//! | unbound | -1, which nothing has | its element was removed: a dummy; probing goes on |
//! | anything else | its hash | an element |

use crate::dict::{Candidate, Lookup, Match, Probe};
use crate::heap::{Heap, OutOfMemory};
use crate::reference::{Owned, Ref};

/// Slots of the smallest table; it is allocated with the first element.
const SMALLEST: usize = 8;
/// So many slots behind the one that a probe meets are looked at before it jumps.
const LINEAR_PROBES: usize = 9;
/// How far the hash is shifted between jumps.
const PERTURB_SHIFT: u32 = 5;
/// Up to so many elements a table grows fourfold, then twofold.
const FAST_GROWTH: usize = 50_000;

/// The hash of a slot whose element was removed.
const REMOVED: i64 = -1;

/// A slot: an element and its hash.
#[derive(Clone)]
pub(crate) struct SetEntry {
    pub(crate) hash: i64,
    pub(crate) key: Owned,
}

impl SetEntry {
    const fn unused() -> Self {
        Self { hash: 0, key: Owned::unbound() }
    }

    #[inline(always)]
    fn is_element(&self) -> bool {
        !self.key.value().is_unbound()
    }

    #[inline(always)]
    fn is_unused(&self) -> bool {
        self.key.value().is_unbound() && self.hash == 0
    }
}

/// A power of two of slots, or none.
type Slots = Box<[SetEntry]>;

/// See the [module documentation](self).
pub(crate) struct SetTable {
    /// None before the first element.
    slots: Slots,
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
    pub(crate) fn visit(&self, visit: impl FnMut(Ref<'_>)) {
        self.elements().map(|entry| entry.key.get()).for_each(visit);
    }

    /// All elements, in order.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &SetEntry> {
        self.slots.iter().filter(|entry| entry.is_element())
    }

    /// The element in a slot.
    pub(crate) fn get(&self, position: usize) -> Option<&SetEntry> {
        self.slots.get(position).filter(|entry| entry.is_element())
    }

    /// The next element at or behind a slot.
    #[inline]
    pub(crate) fn next(&self, position: usize) -> Option<(usize, &SetEntry)> {
        let slots = self.slots.get(position..)?;
        let distance = slots.iter().position(SetEntry::is_element)?;
        Some((position + distance, &slots[distance]))
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
    pub(crate) fn find(&self, hash: i64, compare: impl FnMut(Ref<'_>) -> Match) -> Lookup {
        if self.used == 0 {
            return Lookup::Absent;
        }
        let slot = hash as usize & self.mask();
        self.probe(hash, Probe { slot, perturb: hash as u64 }, slot, compare)
    }

    /// Goes on behind a candidate that turned out to be another key, in a table that has not changed.
    pub(crate) fn find_behind(
        &self,
        hash: i64,
        candidate: &Candidate,
        compare: impl FnMut(Ref<'_>) -> Match,
    ) -> Lookup {
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
        mut compare: impl FnMut(Ref<'_>) -> Match,
    ) -> Lookup {
        loop {
            let end = self.run_end(probe.slot);
            for (distance, entry) in self.slots[start..end].iter().enumerate() {
                if entry.is_unused() {
                    return Lookup::Absent;
                }
                if entry.hash == hash && entry.is_element() {
                    let position = start + distance;
                    match compare(entry.key.get()) {
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

    /// Adds an element that is absent. The error gives it back.
    pub(crate) fn insert(&mut self, heap: &Heap, hash: i64, key: Owned) -> Result<(), (OutOfMemory, Owned)> {
        // Room comes first, so that a failure leaves everything as it was; the order is that of growing afterwards.
        let (position, larger) = match self.make_room(heap, hash) {
            Ok(room) => room,
            Err(error) => return Err((error, key)),
        };
        self.fill += usize::from(self.slots[position].is_unused());
        self.slots[position] = SetEntry { hash, key };
        self.used += 1;
        self.changed();
        if let Some(slots) = larger {
            self.move_to(heap, slots);
        }
        Ok(())
    }

    /// Where an element that is absent goes, and the slots to move to once it is there.
    #[inline]
    fn make_room(&mut self, heap: &Heap, hash: i64) -> Result<(usize, Option<Slots>), OutOfMemory> {
        if self.slots.is_empty() {
            self.slots = new_slots(heap, 0)?;
        }
        let position = self.free_slot(hash);
        let grows = self.slots[position].is_unused() && (self.fill + 1) * 5 >= self.mask() * 3;
        Ok((position, if grows { Some(new_slots(heap, growth(self.used + 1))?) } else { None }))
    }

    /// Where an element that is absent goes: the last dummy that a lookup meets, or else the unused slot that ends it.
    fn free_slot(&self, hash: i64) -> usize {
        let mut probe = Probe { slot: hash as usize & self.mask(), perturb: hash as u64 };
        let mut dummy = None;
        loop {
            let end = self.run_end(probe.slot);
            for (distance, entry) in self.slots[probe.slot..end].iter().enumerate() {
                if entry.is_unused() {
                    return dummy.unwrap_or(probe.slot + distance);
                }
                if !entry.is_element() {
                    dummy = Some(probe.slot + distance);
                }
            }
            self.jump(&mut probe);
        }
    }

    /// Puts an element, known to be absent, into a table without dummies.
    fn insert_clean(&mut self, entry: SetEntry) {
        let mut probe = Probe { slot: entry.hash as usize & self.mask(), perturb: entry.hash as u64 };
        loop {
            let run = probe.slot..self.run_end(probe.slot);
            if let Some(place) = self.slots[run].iter_mut().find(|place| !place.is_element()) {
                *place = entry;
                self.fill += 1;
                self.used += 1;
                return;
            }
            self.jump(&mut probe);
        }
    }

    /// Moves all elements to other slots, in order.
    fn move_to(&mut self, heap: &Heap, slots: Slots) {
        heap.refund(self.charged_bytes());
        let old = std::mem::replace(&mut self.slots, slots);
        self.fill = 0;
        self.used = 0;
        for entry in old.into_iter() {
            if entry.is_element() {
                self.insert_clean(entry);
            }
        }
        self.changed();
    }

    /// Takes the element in a slot out.
    pub(crate) fn remove(&mut self, position: usize) -> Option<Owned> {
        let entry = self.slots.get_mut(position).filter(|entry| entry.is_element())?;
        let key = std::mem::replace(&mut entry.key, Owned::unbound());
        entry.hash = REMOVED;
        self.used -= 1;
        self.changed();
        Some(key)
    }

    /// Takes an element out, going round from where the last one was.
    pub(crate) fn pop(&mut self) -> Option<Owned> {
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

    /// Takes everything out, and the charge with it.
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

    /// Makes a table without any slot in use equal to `other`; `false`: it has some, and nothing was done.
    pub(crate) fn fill_from(&mut self, heap: &Heap, other: &SetTable) -> Result<bool, OutOfMemory> {
        if self.fill != 0 {
            return Ok(false);
        }
        if self.slots.is_empty() && other.used > 0 {
            self.slots = new_slots(heap, 0)?;
        }
        if self.slots.len() == other.slots.len() && other.fill == other.used {
            self.slots.clone_from_slice(&other.slots);
            self.fill = other.fill;
            self.used = other.used;
        } else {
            other.elements().for_each(|entry| self.insert_clean(entry.clone()));
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
fn new_slots(heap: &Heap, minimum: usize) -> Result<Slots, OutOfMemory> {
    let count = slots_above(minimum).ok_or(OutOfMemory)?;
    let bytes = count.checked_mul(size_of::<SetEntry>()).ok_or(OutOfMemory)?;
    heap.charge(bytes)?;
    let mut slots = Vec::new();
    if let Err(error) = slots.try_reserve_exact(count) {
        heap.refund(bytes);
        return Err(error.into());
    }
    slots.resize_with(count, SetEntry::unused);
    Ok(slots.into_boxed_slice())
}
