//! The compact hash table behind dicts: entries in insertion order, and an index of their places.
//!
//! | table | lookup |
//! |---|---|
//! | at most [`SMALL`] entries | no index: the entries are searched from front to back |
//! | more | open addressing over the index, in CPython's probe order |
//!
//! An entry whose key is unbound is a hole that a deleted entry left. The index goes on pointing at it, so that probing
//! steps over it; rebuilding drops both. There are no holes behind the last entry: where the index pointed at one stands
//! [`GONE`]. How many of those there are is the last number of the index, which is no slot of it.

use std::cell::Cell;

use crate::heap::{Heap, OutOfMemory};
use crate::reference::{Owned, Ref};
use crate::value::Value;

/// Tables with at most so many entries have no index.
const SMALL: usize = 8;
/// A slot of the index that points nowhere.
const EMPTY: u32 = u32::MAX;
/// A slot of the index that pointed at an entry which was the last one.
const GONE: u32 = EMPTY - 1;
/// How far the hash is shifted between probes.
const PERTURB_SHIFT: u32 = 5;

/// A key with its hash and value.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) hash: i64,
    /// Unbound: a hole.
    pub(crate) key: Owned,
    pub(crate) value: Owned,
}

impl Entry {
    #[inline(always)]
    fn is_hole(&self) -> bool {
        self.key.value().is_unbound()
    }
}

/// See the [module documentation](self).
pub(crate) struct DictTable {
    entries: Vec<Entry>,
    /// Places in `entries`, a power of two of them, and the number of slots that are [`GONE`]; nothing while the table is small.
    index: Box<[u32]>,
    /// Entries that are no holes.
    live: u32,
    /// All entries before this one are holes.
    first: u32,
    /// What caches of positions compare; 0 while nobody caches. Changes of keys or positions set it to 0.
    version: Cell<u32>,
    /// Counts changes of keys and positions, so that a lookup that script code interrupted knows that it must restart.
    changes: u32,
}

/// How two keys of the same hash compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Match {
    Equal,
    Different,
    /// Only script code knows.
    Unknown,
}

impl From<bool> for Match {
    fn from(is_equal: bool) -> Self {
        if is_equal { Match::Equal } else { Match::Different }
    }
}

/// What a lookup answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// The key is at this position.
    Found(usize),
    /// The key is not there.
    Absent,
    /// The key may be this one: ask script code and pass on what it says.
    Compare(Candidate),
}

/// Where a lookup waits for script code to compare keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    pub(crate) position: usize,
    pub(crate) probe: Probe,
    pub(crate) changes: u32,
}

/// A place in the sequence of slots in which a key may be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Probe {
    pub(crate) slot: usize,
    pub(crate) perturb: u64,
}

impl Probe {
    #[inline(always)]
    fn new(hash: i64, mask: usize) -> Self {
        Self { slot: hash as usize & mask, perturb: hash as u64 }
    }

    #[inline(always)]
    fn advance(&mut self, mask: usize) {
        self.perturb >>= PERTURB_SHIFT;
        self.slot = (self.slot.wrapping_mul(5).wrapping_add(self.perturb as usize).wrapping_add(1)) & mask;
    }
}

impl DictTable {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), index: Box::default(), live: 0, first: 0, version: Cell::new(0), changes: 0 }
    }

    /// Number of keys.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.live as usize
    }

    /// One behind the last position.
    #[inline(always)]
    pub(crate) fn end(&self) -> usize {
        self.entries.len()
    }

    /// What the table was charged for.
    pub(crate) fn charged_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>() + size_of_val(&*self.index)
    }

    /// Calls `visit` with each key and its value, in order.
    pub(crate) fn visit(&self, mut visit: impl FnMut(Ref<'_>)) {
        for entry in self.entries() {
            visit(entry.key.get());
            visit(entry.value.get());
        }
    }

    /// All entries in order.
    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries[self.first as usize..].iter().filter(|entry| !entry.is_hole())
    }

    /// The entry at a position, unless it is a hole.
    #[inline(always)]
    pub(crate) fn get(&self, position: usize) -> Option<&Entry> {
        self.entries.get(position).filter(|entry| !entry.is_hole())
    }

    /// The bits of an entry's value.
    ///
    /// # Safety
    /// An entry stands at that position.
    #[inline(always)]
    pub(crate) unsafe fn value_unchecked(&self, position: usize) -> Value {
        // SAFETY: the caller's promise.
        unsafe { self.entries.get_unchecked(position) }.value.value()
    }

    /// The next entry at or behind `position`.
    #[inline]
    pub(crate) fn next(&self, position: usize) -> Option<(usize, &Entry)> {
        let start = position.max(self.first as usize);
        let entries = self.entries.get(start..)?;
        let distance = entries.iter().position(|entry| !entry.is_hole())?;
        Some((start + distance, &entries[distance]))
    }

    /// The last entry before `position`.
    pub(crate) fn previous(&self, position: usize) -> Option<(usize, &Entry)> {
        let entries = &self.entries[..position.min(self.entries.len())];
        let place = entries.iter().rposition(|entry| !entry.is_hole())?;
        Some((place, &entries[place]))
    }

    /// The version that caches compare; made on demand.
    pub(crate) fn version(&self, heap: &Heap) -> u32 {
        if self.version.get() == 0 {
            self.version.set(heap.fresh_version());
        }
        self.version.get()
    }

    /// The version, 0 if nobody caches.
    #[inline(always)]
    pub(crate) fn current_version(&self) -> u32 {
        self.version.get()
    }

    fn changed(&mut self) {
        self.version.set(0);
        self.changes = self.changes.wrapping_add(1);
    }

    /// How often keys or positions changed.
    pub(crate) fn changes(&self) -> u32 {
        self.changes
    }

    /// Whether keys or positions changed since a candidate was given.
    pub(crate) fn has_changed_since(&self, candidate: &Candidate) -> bool {
        self.changes != candidate.changes
    }

    /// Looks for a key. `compare` is asked about entries of the same hash.
    #[inline]
    pub(crate) fn find(&self, hash: i64, compare: impl FnMut(Ref<'_>) -> Match) -> Lookup {
        if self.index.is_empty() {
            return self.scan(hash, 0, compare);
        }
        self.probe(hash, Probe::new(hash, self.mask()), compare)
    }

    /// Goes on behind a candidate that turned out to be another key, in a table that has not changed.
    pub(crate) fn find_behind(
        &self,
        hash: i64,
        candidate: &Candidate,
        compare: impl FnMut(Ref<'_>) -> Match,
    ) -> Lookup {
        if self.index.is_empty() {
            return self.scan(hash, candidate.position + 1, compare);
        }
        let mut probe = candidate.probe;
        probe.advance(self.mask());
        self.probe(hash, probe, compare)
    }

    #[inline]
    fn scan(&self, hash: i64, start: usize, mut compare: impl FnMut(Ref<'_>) -> Match) -> Lookup {
        for (position, entry) in self.entries.iter().enumerate().skip(start) {
            if entry.hash == hash && !entry.is_hole() {
                match compare(entry.key.get()) {
                    Match::Equal => return Lookup::Found(position),
                    Match::Different => {}
                    Match::Unknown => return self.ask(position, Probe::new(hash, 0)),
                }
            }
        }
        Lookup::Absent
    }

    #[inline]
    fn probe(&self, hash: i64, mut probe: Probe, mut compare: impl FnMut(Ref<'_>) -> Match) -> Lookup {
        let mask = self.mask();
        loop {
            let position = self.index[probe.slot];
            let Some(entry) = self.entries.get(position as usize) else {
                if position == EMPTY {
                    return Lookup::Absent;
                }
                probe.advance(mask);
                continue;
            };
            if entry.hash == hash && !entry.is_hole() {
                match compare(entry.key.get()) {
                    Match::Equal => return Lookup::Found(position as usize),
                    Match::Different => {}
                    Match::Unknown => return self.ask(position as usize, probe),
                }
            }
            probe.advance(mask);
        }
    }

    fn ask(&self, position: usize, probe: Probe) -> Lookup {
        Lookup::Compare(Candidate { position, probe, changes: self.changes })
    }

    /// Makes room for `additional` keys more without a rebuild in between.
    pub(crate) fn reserve(&mut self, heap: &Heap, additional: usize) -> Result<(), OutOfMemory> {
        let wanted = self.entries.len().checked_add(additional).ok_or(OutOfMemory)?;
        if wanted > self.limit() {
            self.rebuild(heap, self.len() + additional)?;
        }
        heap.reserve(&mut self.entries, additional)
    }

    /// Makes room for one key more.
    #[inline]
    pub(crate) fn make_room(&mut self, heap: &Heap) -> Result<(), OutOfMemory> {
        if self.entries.len() >= self.limit() {
            // Twice as many as there are, so that rebuilding costs a constant a key.
            self.rebuild(heap, (self.len() * 2).max(SMALL))?;
        }
        heap.reserve(&mut self.entries, 1)
    }

    /// Adds a key that is absent, after [`make_room`](Self::make_room). Returns its position.
    #[inline]
    pub(crate) fn insert(&mut self, hash: i64, key: Owned, value: Owned) -> usize {
        let position = self.entries.len();
        self.entries.push(Entry { hash, key, value });
        self.live += 1;
        self.enter(position, hash);
        self.changed();
        position
    }

    /// Takes an entry out.
    pub(crate) fn remove(&mut self, position: usize) -> Option<(Owned, Owned)> {
        let place = self.entries.get_mut(position).filter(|entry| !entry.is_hole())?;
        let key = std::mem::replace(&mut place.key, Owned::unbound());
        let value = std::mem::replace(&mut place.value, Owned::unbound());
        self.live -= 1;
        if position + 1 == self.entries.len() {
            self.trim();
        } else if position == self.first as usize {
            let holes = self.entries[position..].iter().take_while(|entry| entry.is_hole()).count();
            self.first += holes as u32;
        }
        self.changed();
        Some((key, value))
    }

    /// Drops the holes at the end.
    fn trim(&mut self) {
        while let Some(hole) = self.entries.pop_if(|entry| entry.is_hole()) {
            self.leave(self.entries.len(), hole.hash);
        }
        self.first = self.first.min(self.entries.len() as u32);
    }

    /// Moves an entry behind all others.
    pub(crate) fn move_to_end(&mut self, heap: &Heap, mut position: usize) -> Result<(), OutOfMemory> {
        if self.entries.len() >= self.limit() {
            // The holes before it are about to go.
            position = self.entries[..position].iter().filter(|entry| !entry.is_hole()).count();
        }
        self.make_room(heap)?;
        let hash = self.get(position).map_or(0, |entry| entry.hash);
        if let Some((key, value)) = self.remove(position) {
            self.insert(hash, key, value);
        }
        Ok(())
    }

    /// Moves an entry in front of all others, which takes time in proportion to those that stood there.
    pub(crate) fn move_to_front(&mut self, position: usize) {
        let first = self.first as usize;
        let Some(passed) = self.entries.get_mut(first..=position) else { return };
        passed.rotate_right(1);
        if let Some((gone, slots)) = self.index.split_last_mut() {
            slots.fill(EMPTY);
            *gone = 0;
        }
        self.enter_all();
        self.trim();
        self.changed();
    }

    /// The value at a position, to be replaced.
    #[inline]
    pub(crate) fn value_mut(&mut self, position: usize) -> Option<&mut Owned> {
        let entry = self.entries.get_mut(position).filter(|entry| !entry.is_hole())?;
        Some(&mut entry.value)
    }

    /// Takes everything out, and the charge with it.
    pub(crate) fn take_all(&mut self) -> DictTable {
        self.changed();
        let changes = self.changes;
        std::mem::replace(self, DictTable { changes, ..DictTable::new() })
    }

    /// Makes this table, which is empty, equal to `other`.
    pub(crate) fn fill_from(&mut self, heap: &Heap, other: &DictTable) -> Result<(), OutOfMemory> {
        self.reserve(heap, other.len())?;
        for entry in other.entries() {
            self.insert(entry.hash, entry.key.clone(), entry.value.clone());
        }
        Ok(())
    }

    /// How many entries, holes among them, the index can point at.
    #[inline(always)]
    fn limit(&self) -> usize {
        match self.index.split_last() {
            None => SMALL,
            Some((&gone, slots)) => slots.len() / 3 * 2 - gone as usize,
        }
    }

    /// What a number of a slot is at most, of a table with an index.
    #[inline(always)]
    fn mask(&self) -> usize {
        self.index.len() - 2
    }

    /// Points the first free slot of the probe sequence at a position.
    #[inline]
    fn enter(&mut self, position: usize, hash: i64) {
        if self.index.is_empty() {
            return;
        }
        let mask = self.mask();
        let mut probe = Probe::new(hash, mask);
        while self.index[probe.slot] < GONE {
            probe.advance(mask);
        }
        if self.index[probe.slot] == GONE {
            self.index[mask + 1] -= 1;
        }
        self.index[probe.slot] = position as u32;
    }

    /// Points the index, which points at nothing yet, at all entries.
    fn enter_all(&mut self) {
        for position in 0..self.entries.len() {
            self.enter(position, self.entries[position].hash);
        }
    }

    /// The slot that pointed at a position points at nothing from now on.
    fn leave(&mut self, position: usize, hash: i64) {
        if self.index.is_empty() {
            return;
        }
        let mask = self.mask();
        let mut probe = Probe::new(hash, mask);
        while self.index[probe.slot] != position as u32 {
            probe.advance(mask);
        }
        self.index[probe.slot] = GONE;
        self.index[mask + 1] += 1;
    }

    /// Drops the holes and makes an index for `keys` keys; the table is as it was if memory runs out.
    #[cold]
    #[inline(never)]
    fn rebuild(&mut self, heap: &Heap, keys: usize) -> Result<(), OutOfMemory> {
        let index = if keys <= SMALL { Box::default() } else { new_index(heap, keys)? };
        heap.refund(size_of_val(&*self.index));
        self.index = index;
        self.entries.retain(|entry| !entry.is_hole());
        self.first = 0;
        self.enter_all();
        self.changed();
        Ok(())
    }
}

/// An empty index, charged, that can point at `keys` entries.
fn new_index(heap: &Heap, keys: usize) -> Result<Box<[u32]>, OutOfMemory> {
    // Two thirds may be used, and one slot must stay empty so that probing ends.
    let slots = keys.checked_mul(3).ok_or(OutOfMemory)? / 2 + 3;
    let slots = slots.checked_next_power_of_two().filter(|&slots| slots <= EMPTY as usize).ok_or(OutOfMemory)?;
    heap.charge((slots + 1) * size_of::<u32>())?;
    let mut index = Vec::new();
    if let Err(error) = index.try_reserve_exact(slots + 1) {
        heap.refund((slots + 1) * size_of::<u32>());
        return Err(error.into());
    }
    index.resize(slots, EMPTY);
    index.push(0);
    Ok(index.into_boxed_slice())
}
