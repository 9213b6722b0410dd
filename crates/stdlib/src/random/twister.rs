//! The Mersenne Twister MT19937 of Matsumoto and Nishimura: the generator behind Python's `random`, so that equal seeds give
//! equal numbers.

/// Words of the state.
pub(super) const WORDS: usize = 624;
const MIDDLE: usize = 397;
const UPPER: u32 = 0x8000_0000;
const LOWER: u32 = 0x7fff_ffff;
const MATRIX: u32 = 0x9908_b0df;

/// The generator.
pub(super) struct Twister {
    pub(super) state: [u32; WORDS],
    /// The next word to give; `WORDS`: the state must be renewed first.
    pub(super) place: usize,
}

impl Twister {
    /// Seeded with one word.
    fn with_word(seed: u32) -> Self {
        let mut state = [seed; WORDS];
        for index in 1..WORDS {
            let before = state[index - 1];
            state[index] = 1_812_433_253u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(index as u32);
        }
        Self { state, place: WORDS }
    }

    /// Seeded with any number of words, at least one.
    pub(super) fn with_key(key: &[u32]) -> Self {
        let mut this = Self::with_word(19_650_218);
        let state = &mut this.state;
        let (mut index, mut key_index) = (1, 0);
        for _ in 0..WORDS.max(key.len()) {
            let before = state[index - 1];
            state[index] = (state[index] ^ (before ^ (before >> 30)).wrapping_mul(1_664_525))
                .wrapping_add(key[key_index])
                .wrapping_add(key_index as u32);
            index += 1;
            key_index = (key_index + 1) % key.len();
            if index == WORDS {
                state[0] = state[WORDS - 1];
                index = 1;
            }
        }
        for _ in 1..WORDS {
            let before = state[index - 1];
            state[index] =
                (state[index] ^ (before ^ (before >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(index as u32);
            index += 1;
            if index == WORDS {
                state[0] = state[WORDS - 1];
                index = 1;
            }
        }
        state[0] = UPPER;
        this
    }

    fn renew(&mut self) {
        for index in 0..WORDS {
            let mixed = (self.state[index] & UPPER) | (self.state[(index + 1) % WORDS] & LOWER);
            let twisted = (mixed >> 1) ^ if mixed & 1 == 0 { 0 } else { MATRIX };
            self.state[index] = self.state[(index + MIDDLE) % WORDS] ^ twisted;
        }
        self.place = 0;
    }

    /// 32 random bits.
    pub(super) fn word(&mut self) -> u32 {
        if self.place >= WORDS {
            self.renew();
        }
        let mut word = self.state[self.place];
        self.place += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    /// A float from 0 up to but not including 1, with 53 random bits.
    pub(super) fn float(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) * (1.0 / 9_007_199_254_740_992.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From CPython 3.13: `random.seed(12345)`, then `getrandbits(32)` three times and `random()`.
    #[test]
    fn numbers_are_cpythons() {
        let mut twister = Twister::with_key(&[12345]);
        assert_eq!([twister.word(), twister.word(), twister.word()], TRUTH);
        assert_eq!(twister.float(), FLOAT);
    }

    const TRUTH: [u32; 3] = [1789368711, 3146859322, 43676229];
    const FLOAT: f64 = 0.8201747225612886;
}
