//! Definite assignment: which locals hold a value for certain at a place.

/// A set of locals. Locals past the stored words are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BoundSet {
    words: Vec<u64>,
}

impl BoundSet {
    pub(crate) fn contains(&self, local: u32) -> bool {
        self.words.get(local as usize / 64).is_some_and(|word| word >> (local % 64) & 1 == 1)
    }

    pub(crate) fn insert(&mut self, local: u32) {
        let index = local as usize / 64;
        if self.words.len() <= index {
            self.words.resize(index + 1, 0);
        }
        self.words[index] |= 1 << (local % 64);
    }

    pub(crate) fn remove(&mut self, local: u32) {
        if let Some(word) = self.words.get_mut(local as usize / 64) {
            *word &= !(1 << (local % 64));
        }
    }

    /// Keeps what `other` holds too: what is bound where two paths join.
    pub(crate) fn intersect(&mut self, other: &BoundSet) {
        self.words.truncate(other.words.len());
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= other;
        }
    }

    /// Takes out what `other` holds: what may have been deleted meanwhile.
    pub(crate) fn subtract(&mut self, other: &BoundSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }
}
