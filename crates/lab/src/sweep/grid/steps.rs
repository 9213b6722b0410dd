//! The steps of a range: of amounts on a logarithmic scale, of seeds at equal distances.

/// The fewest significant digits that steps between the ends are rounded to.
const FEWEST_DIGITS: u32 = 3;

/// The most digits that a floating-point number tells apart.
const MOST_DIGITS: u32 = 17;

/// `first`, ten times that, and so on, and `last`. Needs `0 < first <= last`.
pub(super) fn decades(first: u64, last: u64) -> Vec<u64> {
    let tenfold = |value: &u64| value.checked_mul(10);
    let mut steps: Vec<u64> = std::iter::successors(Some(first), tenfold).take_while(|value| *value < last).collect();
    steps.push(last);
    steps
}

/// `count` steps of equal ratio from `first` to `last`, both included: whole numbers, as round as they can be and still differ.
/// Fewer where there are not so many whole numbers. Needs `0 < first <= last` and `count >= 2`.
pub(super) fn geometric(first: u64, last: u64, count: usize) -> Vec<u64> {
    let ratio = last as f64 / first as f64;
    let exact = |step: usize| first as f64 * ratio.powf(step as f64 / (count - 1) as f64);
    let rounded = |digits: u32| -> Vec<u64> {
        let between = (1..count - 1).map(|step| round(exact(step), digits).clamp(first, last));
        let mut steps: Vec<u64> = std::iter::once(first).chain(between).chain([last]).collect();
        steps.dedup();
        steps
    };
    let candidates = (FEWEST_DIGITS..MOST_DIGITS).map(rounded);
    candidates.into_iter().find(|steps| steps.len() == count).unwrap_or_else(|| rounded(MOST_DIGITS))
}

/// `count` whole numbers at equal distances from `first` to `last`, both included. Fewer where there are not so many. Needs
/// `first <= last` and `count >= 2`.
pub(super) fn even(first: u64, last: u64, count: usize) -> Vec<u64> {
    let distance = u128::from(last - first);
    let step = |step: usize| first + (distance * step as u128 / (count - 1) as u128) as u64;
    let mut steps: Vec<u64> = (0..count).map(step).collect();
    steps.dedup();
    steps
}

/// To so many significant digits, and to a whole number.
fn round(value: f64, digits: u32) -> u64 {
    let magnitude = value.log10().floor() as i32 + 1;
    let unit = 10f64.powi((magnitude - digits as i32).max(0));
    ((value / unit).round() * unit) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_include_both_ends() {
        assert_eq!(decades(1, 1000), [1, 10, 100, 1000]);
        assert_eq!(decades(5, 600), [5, 50, 500, 600]);
        assert_eq!(decades(7, 7), [7]);
        assert_eq!(decades(1, u64::MAX).len(), 21);
        assert_eq!(decades(1, u64::MAX).last(), Some(&u64::MAX));
    }

    #[test]
    fn steps_of_equal_ratio_are_round() {
        assert_eq!(geometric(1, 1_000_000, 3), [1, 1000, 1_000_000]);
        assert_eq!(geometric(1, 10_000, 9), [1, 3, 10, 32, 100, 316, 1000, 3160, 10_000]);
        assert_eq!(geometric(3, 9, 2), [3, 9]);
    }

    #[test]
    fn steps_close_to_each_other_keep_the_digits_that_tell_them_apart() {
        assert_eq!(geometric(10_000, 10_100, 5), [10_000, 10_020, 10_050, 10_070, 10_100]);
    }

    #[test]
    fn there_are_no_more_steps_than_whole_numbers() {
        assert_eq!(geometric(1, 5, 10), [1, 2, 3, 4, 5]);
        assert_eq!(geometric(4, 4, 3), [4]);
    }

    #[test]
    fn even_steps_are_as_far_apart_as_whole_numbers_can_be() {
        assert_eq!(even(0, 10, 3), [0, 5, 10]);
        assert_eq!(even(1, 3, 10), [1, 2, 3]);
        assert_eq!(even(7, 7, 2), [7]);
        assert_eq!(even(0, u64::MAX, 2), [0, u64::MAX]);
    }

    #[test]
    fn the_largest_numbers_stay_within_their_ends() {
        let steps = geometric(u64::MAX - 1, u64::MAX, 4);
        assert_eq!((steps.first(), steps.last()), (Some(&(u64::MAX - 1)), Some(&u64::MAX)));
        assert_eq!(geometric(1, u64::MAX, 5).len(), 5);
    }
}
