//! Times on a logarithmic scale: eight buckets an octave, so that a percentile is exact within an eighth of its value.

/// Buckets of one octave, as a power of two.
const OCTAVE: u32 = 3;

/// Buckets: eight exact ones for 0 to 7, then eight for each further power of two.
const BUCKETS: usize = (64 - OCTAVE as usize + 1) << OCTAVE;

/// How often times of which length were seen, in nanoseconds.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// By bucket; empty before the first time, so that whoever adds none, as most forked children, has no pages of zeros.
    counts: Vec<u64>,
    count: u64,
    longest: u64,
}

impl Histogram {
    /// Adds a time.
    #[inline]
    pub(crate) fn add(&mut self, nanoseconds: u64) {
        if self.counts.is_empty() {
            self.counts = vec![0; BUCKETS];
        }
        self.counts[bucket_of(nanoseconds)] += 1;
        self.count += 1;
        self.longest = self.longest.max(nanoseconds);
    }

    /// How many times were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The longest time, exactly; 0 without any.
    #[must_use]
    pub fn longest(&self) -> u64 {
        self.longest
    }

    /// The time that this part of all times, from 0 to 1, does not exceed: the end of its bucket, at most the longest.
    #[must_use]
    pub fn percentile(&self, part: f64) -> u64 {
        let rank = (part * self.count as f64).ceil().max(1.0) as u64;
        let mut below = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            below += count;
            if below >= rank {
                return (start_of(bucket + 1) - 1).min(self.longest);
            }
        }
        self.longest
    }

    /// The buckets that are not empty, the shortest first: `(from, to, count)`, all times in it being below `to`.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        let filled = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(bucket, count)| (start_of(bucket), start_of(bucket + 1), *count))
    }
}

impl std::fmt::Debug for Histogram {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(self.buckets()).finish()
    }
}

/// The bucket of a time: its octave and the three bits below its first one.
fn bucket_of(nanoseconds: u64) -> usize {
    if nanoseconds < 1 << OCTAVE {
        return nanoseconds as usize;
    }
    let octave = nanoseconds.ilog2() - OCTAVE;
    (((octave + 1) as usize) << OCTAVE) + (nanoseconds >> octave) as usize - (1 << OCTAVE)
}

/// The shortest time of a bucket; of the one behind the last, the longest time that can be said.
fn start_of(bucket: usize) -> u64 {
    if bucket < 1 << OCTAVE {
        return bucket as u64;
    }
    let octave = (bucket >> OCTAVE) as u32 - 1;
    let first = (1 << OCTAVE) + (bucket as u64 & ((1 << OCTAVE) - 1));
    first.checked_shl(octave).filter(|start| start >> octave == first).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_lies_in_its_bucket() {
        let around_powers = (0..64).flat_map(|power| [(1_u64 << power) - 1, 1 << power, (1 << power) + 1]);
        for time in around_powers.chain([0, 9, 1_000_000, u64::MAX - 1]) {
            let bucket = bucket_of(time);
            assert!(start_of(bucket) <= time && time < start_of(bucket + 1), "{time} in {bucket}");
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_the_ends_of_buckets_and_never_beyond_the_longest() {
        let mut histogram = Histogram::default();
        assert_eq!((histogram.percentile(0.5), histogram.count()), (0, 0));
        (1..=100).for_each(|time| histogram.add(time));
        assert_eq!(histogram.percentile(0.5), 51);
        assert_eq!(histogram.percentile(1.0), 100);
        assert_eq!(histogram.percentile(0.0), 1);
        assert_eq!(histogram.buckets().map(|(_, _, count)| count).sum::<u64>(), 100);
    }
}
