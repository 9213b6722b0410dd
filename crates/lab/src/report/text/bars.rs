//! A histogram as bars.

use super::time;
use crate::record::Histogram;

/// How long the longest bar is, in characters.
const LONGEST: u64 = 40;

/// What an eighth, two eighths, … of a character look like.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// One line for each power of four from the shortest to the longest time; empty without any.
pub(super) fn bars(histogram: &Histogram) -> String {
    let mut counts = [0_u64; 32];
    for bucket in &histogram.buckets {
        counts[row_of(bucket.from)] += bucket.count;
    }
    let (Some(first), Some(last)) = (counts.iter().position(|c| *c > 0), counts.iter().rposition(|c| *c > 0)) else {
        return String::new();
    };
    let most = counts.iter().copied().max().unwrap_or(1);
    let digits = most.to_string().len();
    let mut text = String::new();
    for (row, count) in counts.iter().enumerate().take(last + 1).skip(first) {
        let start = if row == 0 { 0 } else { 1 << (2 * row) };
        text += format!("  from {:>8}  {count:>digits$}  {}", time(start), bar(*count, most)).trim_end();
        text.push('\n');
    }
    text
}

/// Rows begin at the powers of four, and so no bucket lies in two of them.
fn row_of(from: u64) -> usize {
    (from.max(1).ilog2() / 2) as usize
}

/// A bar for `count`, which is never empty unless there are none.
fn bar(count: u64, most: u64) -> String {
    if count == 0 {
        return String::new();
    }
    let eighths = (u128::from(count) * u128::from(LONGEST) * 8 / u128::from(most)).max(1) as usize;
    let whole = "█".repeat(eighths / 8);
    match eighths % 8 {
        0 => whole,
        rest => format!("{whole}{}", EIGHTHS[rest - 1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Bucket;

    #[test]
    fn a_bar_shows_a_part_of_the_longest_and_is_seen_if_there_is_anything() {
        assert_eq!(bar(0, 100), "");
        assert_eq!(bar(1, 1_000_000), "▏");
        assert_eq!(bar(100, 100), "█".repeat(40));
        assert_eq!(bar(1, 64), "▋");
        assert_eq!(bar(u64::MAX, u64::MAX), "█".repeat(40));
    }

    #[test]
    fn buckets_are_summed_by_powers_of_four() {
        let bucket = |from, to, count| Bucket { from, to, count };
        let buckets = vec![bucket(1024, 1152, 3), bucket(3584, 4096, 1), bucket(65536, 73728, 2)];
        let histogram = Histogram { count: 6, p50: 1151, p99: 73727, longest: 70000, buckets };
        let expected = "  from   1.0 µs  4  ████████████████████████████████████████
  from   4.1 µs  0
  from  16.4 µs  0
  from  65.5 µs  2  ████████████████████\n";
        assert_eq!(bars(&histogram), expected);
        assert_eq!(bars(&Histogram::default()), "");
        assert_eq!(row_of(u64::MAX), 31);
    }
}
