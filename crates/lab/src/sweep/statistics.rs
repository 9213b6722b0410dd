//! What is said of the values of several runs: their median and their ends.

use serde::Serialize;

/// Median and range of some values.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Spread {
    /// The value in the middle; of an even count the mean of the two in the middle.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// Of all values that are numbers; `None` without any.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = if values.len().is_multiple_of(2) {
            f64::midpoint(values[middle - 1], values[middle])
        } else {
            values[middle]
        };
        Some(Self { median, min, max })
    }

    /// Whether both have values in common, so that runs do not tell them apart.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.min <= other.max && other.min <= self.max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(values: &[f64]) -> Option<(f64, f64, f64)> {
        Spread::of(values.iter().copied()).map(|spread| (spread.median, spread.min, spread.max))
    }

    #[test]
    fn medians_and_ranges_are_exact() {
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[7.0]), Some((7.0, 7.0, 7.0)));
        assert_eq!(spread(&[3.0, 1.0, 2.0]), Some((2.0, 1.0, 3.0)));
        assert_eq!(spread(&[4.0, 1.0, 3.0, 2.0]), Some((2.5, 1.0, 4.0)));
        assert_eq!(spread(&[1.0, 1.0, 100.0, 2.0, 1.0]), Some((1.0, 1.0, 100.0)));
        assert_eq!(spread(&[-1.0, 1.0]), Some((0.0, -1.0, 1.0)));
        assert_eq!(spread(&[f64::MAX, f64::MAX]), Some((f64::MAX, f64::MAX, f64::MAX)));
    }

    #[test]
    fn what_is_no_number_does_not_count() {
        assert_eq!(spread(&[f64::NAN, 2.0, f64::INFINITY]), Some((2.0, 2.0, 2.0)));
        assert_eq!(spread(&[f64::NAN]), None);
    }

    #[test]
    fn ranges_that_touch_overlap() {
        let spread = |min, max| Spread { median: min, min, max };
        assert!(spread(1.0, 2.0).overlaps(&spread(2.0, 3.0)));
        assert!(spread(2.0, 3.0).overlaps(&spread(1.0, 2.0)));
        assert!(spread(1.0, 9.0).overlaps(&spread(2.0, 3.0)));
        assert!(!spread(1.0, 2.0).overlaps(&spread(2.5, 3.0)));
    }
}
